import assert from "node:assert/strict";
import { test } from "node:test";
import hcl from "../../../grammars/snippets-escape-plan-hcl.json";
import yaml from "../../../grammars/snippets-escape-plan.json";
import { commandBehind, snippetsAt } from "../../src/completion";
import { CompletionItemKind } from "./vscode";

/** offered are the words of the snippets for the last line of a text. */
function offered(all: typeof yaml, text: string): string[] {
  const line = text.split("\n").at(-1)!;
  return snippetsAt(all, text, line, line.length).map(([, { prefix }]) => prefix);
}

test("a whole plan is offered only where nothing is yet", () => {
  assert.ok(offered(yaml, "pl").includes("plan"));
  assert.ok(!offered(yaml, "name: shop/storefront\npl").includes("plan"));
});

test("snippets are offered at the start of a line, if the plan has no such field", () => {
  assert.ok(offered(yaml, "name: shop/storefront\nin").includes("inputs"));
  assert.ok(!offered(yaml, "inputs:\n- id: a\nin").includes("inputs"));
  for (const line of ["version: ", "- ", "  ver", "  "]) {
    assert.deepEqual(offered(yaml, `name: shop/storefront\n${line}`), [], line);
  }
  assert.deepEqual(snippetsAt(yaml, "in: x", "in: x", 2), []);
});

test("blocks of HCL with a label are offered again", () => {
  const text = 'input "a" {\n}\nbuild {\n}\n';
  assert.ok(offered(hcl, text).includes("input"));
  assert.ok(!offered(hcl, text).includes("build"));
});

test("behind what is to be filled in, editing goes on", () => {
  const { Class, Function, Module, Property } = CompletionItemKind;
  for (const text of ["name: ", "inputs:\n- id: $0", "type = \"$1\"$0"]) {
    assert.equal(commandBehind(Property as never, text)?.command, "editor.action.triggerSuggest", text);
  }
  assert.equal(commandBehind(Class as never, 'depends "$1" {\n  $0\n}')?.command, "editor.action.triggerSuggest");
  assert.equal(commandBehind(Module as never, "shop/cluster-$0")?.command, "editor.action.triggerSuggest");
  assert.equal(commandBehind(Function as never, "concat($1)")?.command, "editor.action.triggerParameterHints");
  assert.equal(commandBehind(Property as never, "visible: ${1:true}"), undefined);
  assert.equal(commandBehind(Function as never, "uuid()"), undefined);
});
