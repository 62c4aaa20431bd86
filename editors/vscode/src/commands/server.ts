import * as vscode from "vscode";
import { VirtualDocuments } from "../documents";
import { activePlan } from "../plans";
import { reasonOf, type Condition, type Session } from "../session";

/** serverCommands are those about the server itself. */
export function serverCommands(session: Session, output: vscode.LogOutputChannel): vscode.Disposable {
  const status = new VirtualDocuments("escape-status", () => describe(session));
  return vscode.Disposable.from(
    status,
    session.changed((condition) => {
      status.refresh(() => true);
      complain(condition);
    }),
    vscode.commands.registerCommand("escape.restartServer", () => session.restart()),
    vscode.commands.registerCommand("escape.showOutput", () => output.show()),
    vscode.commands.registerCommand("escape.openPathSetting", openPathSetting),
    vscode.commands.registerCommand("escape.showStatus", async () => {
      status.refresh(() => true);
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse("escape-status:/status.json"));
      await vscode.window.showTextDocument(document, { preview: true });
    }),
  );
}

async function describe(session: Session): Promise<string> {
  const { condition } = session;
  if (condition.kind !== "running") {
    return JSON.stringify(condition, undefined, 2);
  }
  const { server, version } = condition;
  const plan = activePlan()?.toString();
  const knows = await session
    .execute("escape.status", ...(plan === undefined ? [] : [plan]))
    .catch((error: unknown) => reasonOf(error));
  return JSON.stringify({ server: { ...server, version }, status: knows }, undefined, 2);
}

function openPathSetting(): Thenable<unknown> {
  return vscode.commands.executeCommand("workbench.action.openSettings", "escape.path");
}

/** programOf returns the program that commands start. It tells the user if there is none. */
export function programOf(session: Session): string | undefined {
  const command = session.server?.command;
  if (command === undefined) {
    complain({ kind: "missing", asked: session.asked });
  }
  return command;
}

/** complain shows at once what keeps the extension from working; the rest is in the status item. */
function complain(condition: Condition): void {
  const set = { title: "Set Path", run: openPathSetting };
  const output = { title: "Show Output", run: () => vscode.commands.executeCommand("escape.showOutput") };
  const show = (text: string, ...answers: { title: string; run: () => Thenable<unknown> }[]) =>
    void vscode.window.showErrorMessage(text, ...answers).then((answer) => answer?.run());
  if (condition.kind === "missing") {
    show(`${missing(condition.asked)} Until then plans are only coloured.`, set);
  }
  if (condition.kind === "unfit") {
    show(
      `${condition.server.command} did not start as a language server. It may be too old, or another program of that name. Until then plans are only coloured.`,
      output,
      set,
    );
  }
}

/** missing says that the program is not where it was looked for, and what to do. */
function missing(asked: string): string {
  return asked === ""
    ? "The program escape was not found. Install it so that it is on PATH, or set escape.path."
    : `The program that escape.path names was not found: ${asked}. Change the setting, or clear it to look on PATH.`;
}
