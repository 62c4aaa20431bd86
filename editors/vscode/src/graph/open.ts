import * as vscode from "vscode";
import type { Node } from "./graph";

/** openNode shows the place a node stands for, in the column of editors that is not the graph's if there is one. */
export async function openNode({ uri, range }: Node): Promise<void> {
  if (uri === undefined) {
    return;
  }
  const place = vscode.Uri.parse(uri, true);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === place.toString());
  await vscode.window.showTextDocument(place, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    ...(range && {
      selection: new vscode.Range(range.start.line, range.start.character, range.start.line, range.start.character),
    }),
  });
}
