import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { planLanguages } from "../../src/selector";

const root = path.resolve(__dirname, "../..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const { contributes } = manifest;
const source = sources(path.join(root, "src")).join("\n");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? sources(file) : [readFileSync(file, "utf8")];
  });
}

const declared: string[] = contributes.commands.map(({ command }: { command: string }) => command);

test("each command of the manifest is registered", () => {
  for (const command of declared) {
    assert.ok(source.includes(`registerCommand("${command}"`), command);
  }
});

test("menus, views and walkthroughs name commands that exist", () => {
  const text = JSON.stringify([contributes.menus, contributes.viewsWelcome, contributes.walkthroughs]);
  for (const [, command] of text.matchAll(/(?:"command":"|command:|onCommand:)(escape\.\w+)/g)) {
    assert.ok(declared.includes(command!), command);
  }
});

test("no command has the name of one of the server, which the client registers itself", () => {
  for (const name of ["preview", "graph", "fetch", "convert", "status", "report"]) {
    assert.ok(!declared.includes(`escape.${name}`), name);
  }
});

test("the settings of the server are those of its reference", () => {
  const reference = readFileSync(path.join(root, "../../lsp/SETTINGS.md"), "utf8");
  const rows = [...reference.matchAll(/^\| `(escape\.[\w.]+)` \| (\w+) \| `([^`]+)` \| (.*) \|$/gm)];
  const properties = contributes.configuration.flatMap((group: { properties: object }) => Object.entries(group.properties));
  assert.deepEqual(
    properties
      .filter(([name]: [string]) => !["escape.path", "escape.trace.server"].includes(name))
      .map(([name, setting]: [string, Record<string, unknown>]) => [name, setting["type"], setting["default"], setting["markdownDescription"]])
      .sort(),
    rows.map(([, name, type, value, text]) => [name, type, JSON.parse(value!), text]).sort(),
  );
});

test("settings that the extension reads exist, and the path is not for workspaces to set unasked", () => {
  const settings = Object.assign({}, ...contributes.configuration.map((group: { properties: object }) => group.properties));
  assert.equal(settings["escape.path"].scope, "machine-overridable");
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ["escape.path"]);
  for (const [name, setting] of Object.entries<Record<string, unknown>>(settings)) {
    assert.ok(setting["markdownDescription"] && "default" in setting, name);
  }
});

test("the languages are those of the selector, each with grammar, snippets and defaults", () => {
  const ids = contributes.languages.map(({ id }: { id: string }) => id);
  assert.deepEqual(ids, [...planLanguages, "escape-script"]);
  for (const id of planLanguages) {
    assert.ok(contributes.grammars.some(({ language }: { language?: string }) => language === id));
    assert.ok(contributes.snippets.some(({ language }: { language: string }) => language === id));
    assert.equal(contributes.configurationDefaults[`[${id}]`]["editor.quickSuggestions"].strings, "on");
  }
});

test("the problem matcher reads lines of escape lint --format oneline", () => {
  const [{ pattern }] = contributes.problemMatchers;
  const line = 'a/escape.yml:26:1: warning: unknown field "x [y]"; did you mean "z"? [ESC2001 unknown-field]';
  const found = new RegExp(pattern.regexp).exec(line)!;
  const part = (name: string) => found[pattern[name]];
  assert.deepEqual(
    ["file", "line", "column", "severity", "message", "code"].map(part),
    ["a/escape.yml", "26", "1", "warning", 'unknown field "x [y]"; did you mean "z"?', "ESC2001"],
  );
});

test("rules of languages do what they are for", () => {
  const rules = (name: string) => JSON.parse(readFileSync(path.join(root, "language", name), "utf8"));
  const yaml = rules("plan.json");
  const [deeper, entry] = yaml.onEnterRules.map((rule: { beforeText: { pattern: string } }) => new RegExp(rule.beforeText.pattern));
  for (const line of ["inputs:", "  deploy:", "- inputs:", "  inline: |", "build: # none yet"]) {
    assert.match(line, deeper, line);
  }
  assert.doesNotMatch("name: shop", deeper);
  assert.match("- id: region", entry);
  for (const name of ["plan.json", "plan-hcl.json", "script.json"]) {
    const word = new RegExp(rules(name).wordPattern.pattern, "g");
    assert.deepEqual("$db.outputs.build-url".match(word), ["$db", "outputs", "build-url"], name);
  }
});

test("images and pages of the manifest exist", () => {
  for (const [file] of JSON.stringify(manifest).matchAll(/(?<=")(?:\.\/)?(?:media|language)\/[^"]+/g)) {
    assert.ok(existsSync(path.join(root, file)), file);
  }
});

test("the lock file names no registry", () => {
  assert.doesNotMatch(readFileSync(path.join(root, "package-lock.json"), "utf8"), /"resolved"/);
});
