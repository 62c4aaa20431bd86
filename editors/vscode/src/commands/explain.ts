import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { VirtualDocuments } from "../documents";
import { explanation, parseCodes } from "../explain";
import { reasonOf, type Session } from "../session";
import { programOf } from "./server";

const scheme = "escape-explain";

/** explainCommands show what a rule is about, as the program tells it, so that no network is needed. */
export function explainCommands(session: Session): vscode.Disposable {
  const ask = async (...args: string[]) => {
    const command = session.server?.command;
    if (command === undefined) {
      throw new Error("the program escape was not found");
    }
    return (await promisify(execFile)(command, ["explain", ...args])).stdout;
  };
  return vscode.Disposable.from(
    new VirtualDocuments(scheme, async (uri) => explanation(await ask(uri.path.replace(/^\/|\.md$/g, "")))),
    vscode.commands.registerCommand("escape.explainRule", async (given?: unknown) => {
      if (programOf(session) === undefined) {
        return;
      }
      try {
        const code = typeof given === "string" ? given : (codeAtCursor() ?? (await pickCode(() => ask("--list"))));
        if (code !== undefined && /^ESC\d{4}$/.test(code)) {
          await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.from({ scheme, path: `/${code}.md` }));
        }
      } catch (error) {
        void vscode.window.showErrorMessage(`Escape: ${reasonOf(error)}`);
      }
    }),
  );
}

/** codeAtCursor is the code of the first finding under the cursor. */
function codeAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  return vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter((finding) => finding.range.contains(editor.selection.active))
    .map(codeOf)
    .find((code) => /^ESC\d{4}$/.test(code));
}

function codeOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : code);
}

async function pickCode(list: () => Promise<string>): Promise<string | undefined> {
  const items = list().then((text) =>
    parseCodes(text).map(({ code, name, level, summary }) => ({
      label: code,
      description: `${name} (${level})`,
      detail: summary,
    })),
  );
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: "Rule to explain",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.label;
}
