// Colours text with the grammars of this repository as VS Code does.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
export const languages = JSON.parse(read('editors/grammars/languages.json'));

const folder = 'editors/grammars/';
const files = Object.fromEntries(
  fs.readdirSync(path.join(root, folder)).filter((f) => f.endsWith('.tmLanguage.json')).map((f) => [JSON.parse(read(folder + f)).scopeName, folder + f]),
);
const wasm = fs.readFileSync(path.join(root, 'editors/test/node_modules/vscode-oniguruma/release/onig.wasm'));
export const onig = oniguruma.loadWASM(wasm).then(() => ({
  createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
  createOnigString: (s) => new oniguruma.OnigString(s),
}));

// The grammars that VS Code brings along.
const theirs = {};
for (const name of ['yaml', 'hcl', 'shellscript', 'markdown']) {
  for (const g of (await import(`@shikijs/langs/${name}`)).default) theirs[g.scopeName] ??= g;
}

export async function load(scope) {
  const registry = new textmate.Registry({
    onigLib: onig,
    loadGrammar: async (name) => {
      if (files[name]) return textmate.parseRawGrammar(read(files[name]), files[name]);
      return theirs[name] ?? null;
    },
    getInjections: (name) => ({ 'source.yaml': ['injection.escape-script'], 'source.hcl': ['injection.escape-script'], 'text.html.markdown': ['markdown.escape-plan.codeblock'] })[name],
  });
  return registry.loadGrammar(scope);
}

// colour returns the lines of text with their tokens: text, start, scopes; and how deep rules nest where the line begins.
export function colour(grammar, text) {
  let stack = textmate.INITIAL;
  return text.split(/\r?\n/).map((line) => {
    const { tokens, ruleStack, stoppedEarly } = grammar.tokenizeLine(line, stack, 1000);
    if (stoppedEarly) throw new Error(`took too long: ${line}`);
    stack = ruleStack;
    return { line, tokens: tokens.map((t) => ({ start: t.startIndex, end: t.endIndex, text: line.slice(t.startIndex, t.endIndex), scopes: t.scopes })) };
  });
}
