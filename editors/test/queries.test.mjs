// Runs the queries for Tree-sitter on plans, with the parsers of YAML and HCL. Predicates that an editor adds are played here.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { Language, Parser, Query } from 'web-tree-sitter';
import { read, root } from './lib/textmate.mjs';

await Parser.init();
const parsers = path.join(root, 'editors/test/node_modules/@tree-sitter-grammars');
const grammars = {
  yaml: await Language.load(path.join(parsers, 'tree-sitter-yaml/tree-sitter-yaml.wasm')),
  hcl: await Language.load(path.join(parsers, 'tree-sitter-hcl/tree-sitter-hcl.wasm')),
};

const plans = {
  yaml: `# c
name: shop/front
inputs:
- id: a
  default: $this.inputs.zone
  items: ["$db.outputs.x", 1]
  description: price in $
- id: b
  default: |-
    $__concat("a")
build:
  inline: |
    echo "hi"
`,
  hcl: `name = "shop/front"
input "a" {
  default = upper(this.name)
}
build {
  inline = <<-EOT
    echo hi
  EOT
}
`,
};

// captures returns "capture: text" of what a query finds in the plan of a notation.
function captures(notation, file) {
  const grammar = grammars[notation];
  const parser = new Parser();
  parser.setLanguage(grammar);
  const query = new Query(grammar, read(file));
  return query.captures(parser.parse(plans[notation]).rootNode).map((c) => `${c.name}: ${c.node.text.trim()}`);
}

function check(notation, file, want, not = []) {
  test(file, () => {
    const found = captures(notation, file);
    for (const w of want) assert.ok(found.includes(w), `${w} is not among\n${found.join('\n')}`);
    for (const n of not) assert.ok(!found.includes(n), `${n} is among\n${found.join('\n')}`);
  });
}

const expressions = ['keyword: name', 'keyword: inputs', 'keyword: build', 'function: $this.inputs.zone', 'function: "$db.outputs.x"', 'function: |-\n    $__concat("a")'];
const texts = ['keyword: id', 'function: price in $', 'function: |\n    echo "hi"'];
check('yaml', 'editors/helix/runtime/queries/escape-plan/highlights.scm', expressions, texts);
check('yaml', 'editors/zed/languages/escape-plan/highlights.scm', [...expressions, 'comment: # c', 'number: 1', 'property: id'], texts);
check('yaml', 'editors/zed/languages/escape-plan/outline.scm', ['name: build']);
check('yaml', 'editors/zed/languages/escape-plan/brackets.scm', ['open: ['] );
for (const file of ['neovim/queries/yaml/injections.scm', 'helix/runtime/queries/escape-plan/injections.scm', 'zed/languages/escape-plan/injections.scm']) {
  check('yaml', `editors/${file}`, ['injection.content: |\n    echo "hi"'], ['injection.content: |-\n    $__concat("a")']);
}
check('hcl', 'editors/helix/runtime/queries/escape-plan-hcl/highlights.scm', ['keyword: name', 'keyword: input', 'keyword: build'], ['keyword: default', 'keyword: inline']);
check('hcl', 'editors/zed/languages/escape-plan-hcl/highlights.scm', ['keyword: name', 'keyword: input', 'function: upper', 'variable: this', 'property: default']);
check('hcl', 'editors/zed/languages/escape-plan-hcl/outline.scm', ['context: build', 'name: name']);
for (const file of ['helix/runtime/queries/escape-plan-hcl/injections.scm', 'zed/languages/escape-plan-hcl/injections.scm']) {
  check('hcl', `editors/${file}`, ['injection.content: echo hi']);
}
