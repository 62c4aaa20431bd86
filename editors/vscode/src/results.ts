import * as vscode from "vscode";
import type { ExecuteCommandSignature } from "vscode-languageclient/node";

/** The commands of this extension that show what commands of the server return. */
const shows: Record<string, string> = {
  "escape.preview": "escape.previewMetadata",
  "escape.graph": "escape.showGraph",
  "escape.convert": "escape.convertPlan",
  "escape.fetch": "escape.fetchDependencies",
  "escape.status": "escape.showStatus",
  "escape.report": "escape.reportBug",
};

/**
 * shownResults handles commands of the server that a user starts, by a code lens for example: those with a result go to the
 * command that shows it, since VS Code would drop the result.
 */
export async function shownResults(command: string, args: unknown[], next: ExecuteCommandSignature): Promise<unknown> {
  const show = shows[command];
  return show === undefined ? next(command, args) : vscode.commands.executeCommand(show, ...args);
}
