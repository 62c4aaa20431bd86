// What the TextMate grammars call the words of plans. Each case is a text and what some of its words must be: "word" or "line:word",
// counted from one, and a scope that the word has, or with a "!" one that it has not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { colour, languages, load, root } from './lib/textmate.mjs';

const yaml = await load('source.escape-plan');
const hcl = await load('source.escape-plan-hcl');
const script = await load('source.escape-script');
const plainYAML = await load('source.yaml');
const plainHCL = await load('source.hcl');
const markdown = await load('text.html.markdown');

function scopesOf(lines, where) {
  const [, at, word] = /^(?:(\d+):)?([^]*)$/.exec(where);
  for (const [i, { line, tokens }] of lines.entries()) {
    if (at && Number(at) !== i + 1) continue;
    const col = line.indexOf(word);
    if (col < 0) continue;
    return tokens.filter((t) => t.start < col + word.length && t.end > col).map((t) => t.scopes.join(' '));
  }
  throw new Error(`no "${where}"`);
}

function check(grammar, name, text, want) {
  test(name, () => {
    const lines = colour(grammar, text.replace(/^\n/, ''));
    for (const [where, scope] of Object.entries(want)) {
      for (const one of [].concat(scope)) {
        const not = one.startsWith('!');
        for (const have of scopesOf(lines, where)) {
          assert.equal(have.includes(not ? one.slice(1) : one), !not, `"${where}" is ${have}; want ${one}`);
        }
      }
    }
  });
}

const EXPR = 'meta.embedded.expression';

check(yaml, 'fields and keys', `
# A comment.
name: shop/storefront # behind
version: 1.4.@
"license": MIT
inputs:
- id: size
  type: integer
  default: 10
- zone
x-note: mine
metadata:
  team: shop
errands:
  rotate:
    description: Rotates.
    run: scripts/rotate.sh
`, {
  '1:# A comment.': 'comment.line', '2:name': 'keyword.other.field', '2:shop/storefront': 'string.unquoted.plain', '2:# behind': 'comment.line',
  '3:1.4.@': 'string.unquoted', '4:"license"': 'keyword.other.field', '5:inputs': 'keyword.other.field', '6:id': 'entity.name.tag.key',
  '6:-': 'punctuation.definition.item', '6:size': 'string.unquoted', '7:integer': 'support.type', '8:10': 'constant.numeric', '9:zone': 'string.unquoted',
  '10:x-note': 'variable.other.property', '12:team': 'variable.other.property', '14:rotate': 'variable.other.property', '15:description': 'entity.name.tag.key',
  '16:run': 'entity.name.tag.key',
});

check(yaml, 'aliases, stages, types', `
depends:
- shop/base-v1.2.@ as base
- release_id: shop/database-v3.4.5 as db
  scopes: [deploy]
  build_mapping: {mode: fast}
consumes:
- name: dns as names
  scopes: build
  skip_activate: true
inputs:
- id: a
  type: list[integer] # of numbers
`, {
  '2:shop/base-v1.2.@': 'string.unquoted', '2: as ': ['!string'], '2:as base': '!string', '3:as': '!invalid', '3:db': 'variable.other.alias', '4:deploy': 'constant.language.stage',
  '5:mode': 'variable.other.property', '5:fast': 'string.unquoted', '7:names': 'variable.other.alias', '8:build': 'constant.language.stage', '9:true': 'constant.language',
  '12:list[integer]': 'support.type', '12:# of': 'comment',
});

check(yaml, 'expressions in all forms of scalars', `
inputs:
- id: plain
  default: $this.inputs.zone.upper() # comment
- id: lines
  default: $__concat("a",
    $db.outputs.url)
- id: literal
  default: |-
    $__concat(
      "x",

      $this.version
    )
- id: folded
  default: >- # why
    $__join($this.inputs.hosts, ",")
- id: double
  default: "$__concat(\\"\\u00e9\\", $this.name)" # behind
- id: lines
  default: "$__concat(\\"x\\",
    $this.id)"
- id: single
  default: '$__concat("it''s", $this.project)'
- {id: flow, default: $this.branch, items: ["$this.revision", '$dep.metadata.x']}
- $first.outputs.a
build:
  args: [-f, $this.outputs.url]
  inline: |
    echo "$HOME" $this
version:
  $dep.version
metadata:
  note: price in $ is no expression
  not: $$this.name
`, {
  '3:this': [EXPR, 'variable.language.this'], '3:zone': [EXPR, 'variable.other.member'], '3:upper': [EXPR, 'support.function.builtin'], '3:# comment': ['comment', `!${EXPR}`],
  '5:concat': [EXPR, 'support.function.builtin'], '5:"a"': [EXPR, 'string.quoted.double.escape-script'], '6:db': [EXPR, 'variable.other.alias'], '7:id': `!${EXPR}`,
  '9:concat': EXPR, '10:"x"': [EXPR, 'string.quoted'], '12:version': [EXPR, 'variable.other.member'], '13:)': EXPR, '14:id': 'entity.name.tag.key',
  '15:# why': 'comment', '16:join': [EXPR, 'support.function.builtin'], '18:concat': EXPR, '18:u00e9': 'string.quoted.double.escape-script', '18:name': [EXPR, 'variable.other.member'],
  '18:# behind': ['comment', `!${EXPR}`], '21:this': [EXPR, 'variable.language'], '22:id': 'entity.name.tag.key', "23:''": [EXPR, 'constant.character.escape'],
  '23:project': [EXPR, 'variable.other.member'], '24:this': [EXPR, 'variable.language'], '24:revision': [EXPR, 'variable.other.member'], '24:metadata': [EXPR, 'variable.other.member'],
  '24:items': 'entity.name.tag.key', '25:first': [EXPR, 'variable.other.alias'], '27:-f': 'string', '27:this': EXPR, '29:echo': 'meta.embedded.block.shell', '29:$this': `!${EXPR}`,
  '31:dep': [EXPR, 'variable.other.alias'], '33:price': 'string', '33:$': `!${EXPR}`, '34:this': `!${EXPR}`,
});

check(yaml, 'block scalars end with their indentation', `
description: |
  Serves: the shop.
  # no comment

  - no item
license: MIT
inputs:
- description: >
    text
  id: a
test:
  inline: | # shell
    echo "not closed
  cmd: ls
`, {
  '2:Serves: the': 'string.unquoted.block', '3:# no': ['string.unquoted.block', '!comment'], '5:- no': 'string.unquoted.block', '6:license': 'keyword.other.field',
  '9:text': 'string.unquoted.block', '10:id': 'entity.name.tag.key', '12:# shell': 'comment', '13:echo': 'support.function.builtin.shell', '14:cmd': ['entity.name.tag.key', '!shell'], '14:ls': ['string.unquoted', '!shell'],
});

check(yaml, 'what is not closed ends with its entry', `
name: "demo/app
version: 'a
inputs:
- id: "a
  default: [1, 2
  items: {a: "b
- 'c
- id: $__concat("a
  type: string
outputs: [
  a
]
includes:
- "x
test: scripts/test.sh
dep
provides:
- y
`, {
  '2:version': 'keyword.other.field', '3:inputs': 'keyword.other.field', '5:default': 'entity.name.tag.key', '6:items': 'entity.name.tag.key', '7:-': 'punctuation.definition.item',
  '8:id': 'entity.name.tag.key', '9:type': ['entity.name.tag.key', `!${EXPR}`], '9:string': 'support.type', '12:]': 'punctuation.definition.sequence.end', '13:includes': 'keyword.other.field',
  '15:test': 'keyword.other.field', '17:provides': 'keyword.other.field', '18:y': 'string.unquoted',
});

check(yaml, 'documents, tags, anchors, conflicts', `
%YAML 1.1
---
x-a: &a
  size: 10
metadata: !!map
  b: !!str 12
  c: *a
<<<<<<< ours
name: demo/app
=======
? id
: $this.name
...
`, {
  '1:%YAML': 'keyword.other.directive', '2:---': 'document.begin', '3:&a': 'anchor', '4:size': 'variable.other.property', '4:10': 'constant.numeric', '5:!!map': 'storage.type.tag',
  '6:12': 'constant.numeric', '7:*a': 'variable.other.anchor', '8:<<<<': 'invalid.illegal.conflict', '9:name': 'keyword.other.field', '10:====': 'invalid.illegal', '12:this': EXPR,
});

check(yaml, 'JSON', `
{
  "name": "demo/app",
  "inputs": [{"id": "a", "default": "$this.name"}]
}
# end
`, { '2:"name"': 'entity.name.tag.key', '2:,': 'punctuation.separator', '2:"demo': 'string.quoted', '3:"inputs"': 'entity.name.tag.key', '3:this': EXPR, '3:"id"': 'entity.name.tag.key', '5:# end': ['comment', '!meta.flow'] });

check(hcl, 'blocks, attributes, expressions', `
name    = "demo/app" // why
version = "1.0.\${dep.version}"
depends "shop/db-v1" { as = "db" }
input region {
  type    = list(string)
  default = ["a", this.inputs.b-c[0]]
  items   = split(__upper(db.outputs.names), ",")
  sensitive = true
}
metadata { team = "shop" }
metadata = { "a.b" = 1, c: 2 }
output "o" { default = script("$func(x) { $x.upper() }(\\"a\\")") }
build {
  inline = <<-EOT
    echo "\${this.name} $\${HOME}
    EOT
  cmd = "ls"
}
description = <<EOT
  Text: name = "x"
EOT
/* a
 comment */ license = "MIT"
`, {
  '1:name': 'keyword.other.field', '1:demo/app': 'string.quoted.double', '1:// why': 'comment', '2:dep': [EXPR, 'variable.other.alias'], '2:${': 'punctuation.definition.template-expression.begin',
  '3:depends': 'keyword.other.block', '3:shop/db': 'label', '3:as': 'entity.name.tag.key', '4:input': 'keyword.other.block', '4:region': 'label', '5:list(': '!string', '5:string': 'support.type',
  '6:this': 'variable.language.this', '6:b-c': 'variable.other.member', '6:0': 'constant.numeric', '7:split': 'support.function.builtin', '7:__upper': 'support.function.builtin', '7:db': 'variable.other.alias',
  '8:true': 'constant.language', '10:metadata': 'keyword.other.block', '10:team': 'variable.other.property', '11:metadata': 'keyword.other.field', '11:"a.b"': 'variable.other.property', '11:c': 'variable.other.property',
  '12:script': 'keyword.other.script', '12:func': [EXPR, 'storage.type.function'], '12:upper': [EXPR, 'support.function.builtin'], '12:\\"a\\"': [EXPR, 'string.quoted.double.escape-script'],
  '14:inline': 'entity.name.tag.key', '14:EOT': 'keyword.control.heredoc', '15:echo': 'support.function.builtin.shell', '15:this': 'variable.language.this', '15:$${': 'constant.character.escape',
  '16:EOT': 'keyword.control.heredoc', '17:cmd': ['entity.name.tag.key', '!shell'], '20:Text': ['string.unquoted.heredoc'], '21:EOT': 'keyword.control.heredoc', '22:a': 'comment.block', '23:license': '!comment',
});

check(hcl, 'what is not closed ends with its line', `
name = "demo
version = "1.\${dep.version
input "a {
  default = script("$this.name
}
includes = [
output "b" { default = upper(
test { cmd = "x" }
`, {
  '2:version': 'keyword.other.field', '4:default': 'entity.name.tag.key', '6:includes': 'keyword.other.field', '7:output': 'keyword.other.block', '8:test': 'keyword.other.block',
});

check(script, 'an expression by itself', '$func(x) { $__concat($x, "a\\n", -1).split(",")[0:2].mine($dep.outputs.url) }', {
  func: 'storage.type.function', concat: 'support.function.builtin', '"a': 'string', '\\n': 'constant.character.escape', '-1': 'constant.numeric', split: 'support.function.builtin', mine: 'entity.name.function.method',
  dep: 'variable.other.alias', outputs: 'variable.other.member',
});

check(plainYAML, 'injected into YAML', `
a: $this.inputs.zone # c
b: "$__concat(\\"a\\", $x.y)" # d
c: '$x.y.join("''")'
d: $HOME/bin and "$5"
`, {
  '1:this': 'variable.language.this', '1:# c': ['comment', `!${EXPR}`], '2:concat': 'support.function.builtin', '2:"a\\': 'string.quoted.double.escape-script', '2:# d': `!${EXPR}`, '3:join': 'support.function.builtin',
  '4:HOME': `!${EXPR}`, '4:$5': `!${EXPR}`,
});

check(plainHCL, 'injected into HCL', `
a = script("$this.inputs.zone.join(\\",\\")")
b = "$HOME"
`, { '1:this': 'variable.language.this', '1:join': 'support.function.builtin', '1:\\",': 'string.quoted.double.escape-script', '2:HOME': `!${EXPR}` });

check(markdown, 'fences of Markdown', `
\`\`\`escape-plan
name: "demo
\`\`\`
# Title
\`\`\`escape-plan-hcl
name = "demo"
\`\`\`
`, { '2:name': 'keyword.other.field.escape-plan', '4:# Title': ['markup.heading', '!meta.embedded'], '6:name': 'keyword.other.field.escape-plan-hcl' });

// plans returns all plans below a folder, also those inside of txtar archives.
function* plans(folder) {
  for (const entry of fs.readdirSync(path.join(root, folder), { recursive: true })) {
    const file = path.join(root, folder, entry);
    if (/escape\.(ya?ml|hcl)$/.test(file)) yield [entry, file, fs.readFileSync(file, 'utf8')];
    if (!file.endsWith('.txtar')) continue;
    const parts = fs.readFileSync(file, 'utf8').split(/^-- (.*) --$/m);
    for (let i = 1; i < parts.length; i += 2) if (/(?:^|\/)(?:in|bad|good|fixed|escape)[^/]*\.(?:ya?ml|hcl)$|^in\//.test(parts[i])) yield [`${entry} ${parts[i]}`, parts[i], parts[i + 1].slice(1)];
  }
}

// In every plan of the corpus: fields stand where they do for the parser, and what begins like an expression is one.
for (const folder of ['testdata/plans/ok', 'testdata/examples', 'lang/testdata']) {
  test(`the corpus: ${folder}`, () => {
    let seen = 0;
    for (const [name, file, text] of plans(folder)) {
      seen++;
      const isHCL = file.endsWith('.hcl');
      const lines = colour(isHCL ? hcl : yaml, text);
      fieldsStand(name, isHCL, lines);
      for (const [i, { line, tokens }] of lines.entries()) {
        const where = `${name}:${i + 1}: ${line}`;
        const at = (col) => tokens.find((t) => t.start <= col && t.end > col).scopes.join(' ');
        assert.doesNotMatch(tokens.map((t) => t.scopes.join(' ')).join(' '), /invalid/, where);
        if (isHCL) {
          const block = /^([a-z_]+)\s+("[^"]*"\s+)?\{/.exec(line);
          if (block) assert.match(at(0), /keyword\.other\.block/, where);
          continue;
        }
        const expr = /^\s*(?:- +)*[\w-]+: (["']?)\$(?:__)?[a-z]/.exec(line);
        if (expr && !at(expr[0].length - 1).includes('meta.embedded.block')) assert.ok(at(expr[0].length - 1).includes(EXPR), where);
      }
    }
    assert.ok(seen > 0, 'no plans');
  });
}

// In every broken plan too: nothing that is not closed takes in a field below.
for (const folder of ['testdata/plans', 'lang/diag/catalog', 'cmd/escape/testdata/script']) {
  test(`broken plans: ${folder}`, () => {
    let seen = 0;
    for (const [name, file, text] of plans(folder)) {
      seen++;
      fieldsStand(name, file.endsWith('.hcl'), colour(file.endsWith('.hcl') ? hcl : yaml, text));
    }
    assert.ok(seen > 100, `only ${seen} plans`);
  });
}

// fieldsStand: what is a field at the beginning of a line is called one.
function fieldsStand(name, isHCL, lines) {
  for (const [i, { line, tokens }] of lines.entries()) {
    const field = (isHCL ? /^([a-z_]+)\s*=(?!=)/ : /^"?([a-z_]+)"?\s*:(?=\s|$)/).exec(line);
    if (field && languages.fields.includes(field[1])) assert.match(tokens[0].scopes.join(' '), /keyword\.other\.field/, `${name}:${i + 1}: ${line}`);
  }
}
