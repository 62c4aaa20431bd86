import * as vscode from "vscode";
import { planSelector } from "./selector";
import type { Condition, Session } from "./session";

/** showStatus keeps an entry beside the language of each plan that tells how the server is. */
export function showStatus(session: Session): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem("escape.server", planSelector);
  item.name = "Escape";
  const show = (condition: Condition) => Object.assign(item, look(condition));
  show(session.condition);
  return vscode.Disposable.from(item, session.changed(show));
}

type Look = Pick<vscode.LanguageStatusItem, "text" | "detail" | "busy" | "severity" | "command">;

function look(condition: Condition): Look {
  const { Information, Error } = vscode.LanguageStatusSeverity;
  const output = { command: "escape.showOutput", title: "Show Output" };
  const restart = { command: "escape.restartServer", title: "Restart" };
  const status = { command: "escape.showStatus", title: "Details" };
  switch (condition.kind) {
    case "stopped":
      return { text: "Escape", detail: "stopped", busy: false, severity: Information, command: restart };
    case "missing": {
      const command = { command: "escape.openPathSetting", title: "Set Path" };
      return { text: "Escape", detail: "program not found", busy: false, severity: Error, command };
    }
    case "starting":
      return { text: "Escape", detail: "starting", busy: true, severity: Information, command: output };
    case "running":
      return {
        text: `Escape ${condition.version}`.trim(),
        detail: condition.server.origin === "bundled" ? "bundled" : condition.server.command,
        busy: false,
        severity: Information,
        command: status,
      };
    case "unfit":
      return { text: "Escape", detail: "the program did not start", busy: false, severity: Error, command: output };
    case "failed":
      return { text: "Escape", detail: condition.reason, busy: false, severity: Error, command: restart };
  }
}
