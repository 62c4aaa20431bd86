// Colours plans with the engine of Kate, the program kate-syntax-highlighter. A word that has a colour is an element of its own in
// what it writes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { languages, root } from './lib/textmate.mjs';

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'escape-kate-'));
const modes = path.join(home, 'org.kde.syntax-highlighting/syntax');
fs.mkdirSync(modes, { recursive: true });
for (const { id } of languages.languages) fs.copyFileSync(path.join(root, `editors/kate/${id}.xml`), path.join(modes, `${id}.xml`));
test.after(() => fs.rmSync(home, { recursive: true }));

function check(name, text, words, plain) {
  test(name, () => {
    const file = path.join(home, name);
    fs.writeFileSync(file, text);
    const env = { ...process.env, XDG_DATA_HOME: home, QT_QPA_PLATFORM: 'offscreen' };
    const html = execFileSync('kate-syntax-highlighter', [file], { env, encoding: 'utf8' }).replaceAll('&quot;', '"');
    for (const word of words) assert.ok(html.includes(`>${word}</span>`), `${word} has no colour of its own in\n${html}`);
    for (const word of plain) assert.ok(!html.includes(`>${word}</span>`), `${word} has a colour in\n${html}`);
  });
}

check('escape.yml', `# c
name: shop/front
inputs:
- id: a
  type: list[integer]
  default: $__concat("a", $this.name.upper())
  items: "$__split(\\"a\\", $db.outputs.b)"
  scopes: [build]
`, ['# c', 'name', 'inputs', 'id', 'list[integer]', '$__concat', '"a"', '$this', '.upper', '$__split', '\\"a\\"', '$db', '.outputs.b', 'build'], ['shop', 'a']);

check('escape.hcl', `// c
name = "shop/front"
input "a" {
  type    = integer
  default = upper("x\${this.name}")
  items   = script("$__split(\\"a\\", \\",\\")")
}
`, ['// c', 'name', 'input', 'integer', 'upper', 'this', '.name', '$__split', '\\"a\\"'], []);
