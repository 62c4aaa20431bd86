import * as vscode from "vscode";
import type { Location as ProtocolLocation, Position as ProtocolPosition } from "vscode-languageclient/node";
import { planLanguages } from "../selector";
import { activePlan, planFor } from "../plans";
import { clientCommands, reasonOf, type Session } from "../session";

/** editingCommands work on the plan in the editor. */
export function editingCommands(session: Session, version: string): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("escape.showValue", showValue),
    vscode.commands.registerCommand("escape.associate", associate),
    vscode.commands.registerCommand("escape.convertPlan", withPlan((plan) => convert(session, plan))),
    vscode.commands.registerCommand("escape.fetchDependencies", withPlan((plan) => fetch(session, plan))),
    vscode.commands.registerCommand("escape.reportBug", () => reportBug(session, version)),
    vscode.commands.registerCommand(
      clientCommands.showReferences,
      (uri: string, position: ProtocolPosition, locations: ProtocolLocation[]) => {
        const convert = session.converter;
        if (convert !== undefined) {
          return vscode.commands.executeCommand(
            "editor.action.showReferences",
            convert.asUri(uri),
            convert.asPosition(position),
            locations.map((location) => convert.asLocation(location)),
          );
        }
        return undefined;
      },
    ),
  );
}

/** withPlan finds the plan for a command and shows what goes wrong in it. */
function withPlan(work: (plan: vscode.Uri) => Promise<void>): (given?: unknown) => Promise<void> {
  return async (given) => {
    const plan = await planFor(given);
    try {
      await (plan && work(plan));
    } catch (error) {
      void vscode.window.showErrorMessage(`Escape: ${reasonOf(error)}`);
    }
  };
}

/** showValue opens the hover at the cursor, which tells the value of the expression there or why it is not known. */
async function showValue(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return;
  }
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    editor.document.uri,
    editor.selection.active,
  );
  if (hovers.length === 0) {
    void vscode.window.showInformationMessage("There is no expression at the cursor.");
    return;
  }
  await vscode.commands.executeCommand("editor.action.showHover", { focus: "focusIfVisible" });
}

/** convert shows the plan in the other notation as a new file, which nothing is written to before it is saved. */
async function convert(session: Session, plan: vscode.Uri): Promise<void> {
  const { name, text } = await session.execute<{ name: string; text: string }>("escape.convert", plan.toString());
  const target = vscode.Uri.joinPath(plan, "..", name.split("/").pop()!).with({ scheme: "untitled" });
  const document = await vscode.workspace.openTextDocument(target);
  const edit = new vscode.WorkspaceEdit();
  const all = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
  edit.replace(target, all, text);
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
}

async function fetch(session: Session, plan: vscode.Uri): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: "Escape: fetching dependencies" };
  await vscode.window.withProgress(options, () => session.execute("escape.fetch", plan.toString()));
  vscode.window.setStatusBarMessage("Escape: dependencies are fetched", 5000);
}

/** reportBug opens a text to read and send: nothing is sent by itself. */
async function reportBug(session: Session, version: string): Promise<void> {
  const plan = activePlan()?.toString();
  const report = await session
    .execute<unknown>("escape.report", ...(plan === undefined ? [] : [plan]))
    .then((text) => (typeof text === "string" ? text : JSON.stringify(text, undefined, 2)))
    .catch((error: unknown) => `The server gave no report: ${reasonOf(error)}`);
  const content = [
    "# Report about Escape",
    "",
    "What happened, and what should have happened instead?",
    "",
    `- Editor: ${vscode.env.appName} ${vscode.version}`,
    `- Extension: ${version}`,
    `- System: ${process.platform} ${process.arch}`,
    `- Server: ${JSON.stringify(session.condition)}`,
    "",
    report,
  ].join("\n");
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document);
}

/** associate makes the file in the editor a plan, now and whenever a file of its name is opened. */
async function associate(given?: unknown): Promise<void> {
  const uri = given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined) {
    return;
  }
  const hcl = uri.path.endsWith(".hcl");
  const choices = [
    { label: "Plan in YAML", language: planLanguages[0] },
    { label: "Plan in HCL", language: planLanguages[1] },
  ];
  const choice = await vscode.window.showQuickPick(hcl ? choices.reverse() : choices, {
    placeHolder: `What ${uri.path.split("/").pop()} is`,
  });
  if (choice === undefined) {
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.languages.setTextDocumentLanguage(document, choice.language);
  const files = vscode.workspace.getConfiguration("files");
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const pattern = folder ? `**/${vscode.workspace.asRelativePath(uri, false)}` : uri.path.split("/").pop()!;
  const scope = folder ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const known = folder ? files.inspect<object>("associations")?.workspaceValue : files.inspect<object>("associations")?.globalValue;
  await files.update("associations", { ...known, [pattern]: choice.language }, scope);
}
