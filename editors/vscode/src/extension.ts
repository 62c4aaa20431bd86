import * as vscode from "vscode";
import { editingCommands } from "./commands/editing";
import { explainCommands } from "./commands/explain";
import { Preview } from "./commands/preview";
import { runCommands } from "./commands/run";
import { serverCommands } from "./commands/server";
import { goingOn, offerSnippets } from "./completion";
import { Panels } from "./graph/panel";
import { DependencyView } from "./graph/view";
import { shownResults } from "./results";
import { Session } from "./session";
import { showStatus } from "./status";
import { Tasks, taskType } from "./tasks";

let session: Session | undefined;

/** activate starts the server and registers what the manifest promises. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Escape", { log: true });
  session = new Session(context, output, { executeCommand: shownResults, provideCompletionItem: goingOn });
  const tasks = new Tasks(session);
  context.subscriptions.push(
    output,
    session,
    showStatus(session),
    offerSnippets(),
    serverCommands(session, output),
    runCommands(session, tasks),
    editingCommands(session, String(context.extension.packageJSON.version)),
    explainCommands(session),
    new Preview(session),
    new Panels(session, context.extensionUri),
    new DependencyView(session),
    vscode.tasks.registerTaskProvider(taskType, tasks),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("escape.path")) {
        void session?.restart();
      }
    }),
    session.changed(({ kind }) => void vscode.commands.executeCommand("setContext", "escape.running", kind === "running")),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void session?.restart()),
  );
  await vscode.commands.executeCommand("setContext", "escape.active", true);
  await session.restart();
}

/** deactivate ends the server in order. */
export async function deactivate(): Promise<void> {
  await session?.stop();
}
