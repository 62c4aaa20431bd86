import * as path from "node:path";
import * as vscode from "vscode";
import { isPlan } from "./selector";

/** planNames are the files that hold plans, in the order in which they are looked for. */
export const planNames = ["escape.yml", "escape.yaml", "escape.hcl"];

/**
 * planFor returns the plan a command is about: what the command was given, else the plan in the active editor, else the plan
 * in the folder of the active file or the nearest one above it. It tells the user if there is none.
 */
export async function planFor(given?: unknown): Promise<vscode.Uri | undefined> {
  const plan = uriOf(given) ?? activePlan() ?? (await planAbove(vscode.window.activeTextEditor?.document.uri));
  if (plan === undefined) {
    void vscode.window.showInformationMessage("Open a plan of Escape first: escape.yml or escape.hcl.");
  }
  return plan;
}

/** activePlan is the plan in the active editor, if that shows one. */
export function activePlan(): vscode.Uri | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && isPlan(document.languageId) ? document.uri : undefined;
}

/** folderOf is the folder in which commands about a plan run. */
export function folderOf(plan: vscode.Uri): string {
  return path.dirname(plan.fsPath);
}

/** uriOf reads an argument of a command: an address from a menu, or its text from the server. */
export function uriOf(given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) {
    return given;
  }
  return typeof given === "string" && given !== "" ? vscode.Uri.parse(given, true) : undefined;
}

async function planAbove(file: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const root = file && vscode.workspace.getWorkspaceFolder(file)?.uri;
  if (file === undefined || root === undefined) {
    return undefined;
  }
  for (let folder = vscode.Uri.joinPath(file, ".."); ; folder = vscode.Uri.joinPath(folder, "..")) {
    for (const name of planNames) {
      const plan = vscode.Uri.joinPath(folder, name);
      if (await exists(plan)) {
        return plan;
      }
    }
    if (folder.path === root.path || folder.path === "/") {
      return undefined;
    }
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
