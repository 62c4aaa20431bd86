import assert from "node:assert/strict";
import { test } from "node:test";
import { shownResults } from "../../src/results";
import { isPlan } from "../../src/selector";
import type { Condition, Session } from "../../src/session";
import { showStatus } from "../../src/status";
import * as vscode from "./vscode";

test("results of the server's commands go to what shows them", async () => {
  let passed: unknown;
  const next = (command: string) => (passed = command);
  await shownResults("escape.graph", ["file:///escape.yml"], next as never);
  assert.deepEqual(vscode.executed, [{ command: "escape.showGraph", args: ["file:///escape.yml"] }]);
  assert.equal(passed, undefined);
  await shownResults("escape.other", [], next as never);
  assert.equal(passed, "escape.other");
});

test("the status item follows the server", () => {
  let tell = (_: Condition) => {};
  const session = {
    condition: { kind: "stopped" },
    changed: (listener: (condition: Condition) => void) => {
      tell = listener;
      return { dispose: () => undefined };
    },
  };
  showStatus(session as unknown as Session);
  const server = { command: "/usr/bin/escape", origin: "path" } as const;
  tell({ kind: "starting", server });
  assert.equal(vscode.item["busy"], true);
  tell({ kind: "running", server, version: "1.2.3" });
  assert.deepEqual(
    [vscode.item["text"], vscode.item["detail"], vscode.item["busy"]],
    ["Escape 1.2.3", "/usr/bin/escape", false],
  );
  tell({ kind: "missing", asked: "" });
  assert.equal(vscode.item["severity"], vscode.LanguageStatusSeverity.Error);
  tell({ kind: "unfit", server, reason: "no" });
  assert.equal(vscode.item["severity"], vscode.LanguageStatusSeverity.Error);
  tell({ kind: "failed", server, reason: "no" });
  assert.equal(vscode.item["detail"], "no");
});

test("only plans are plans", () => {
  assert.ok(isPlan("escape-plan") && isPlan("escape-plan-hcl"));
  assert.ok(!isPlan("yaml"));
});
