import * as vscode from "vscode";

/** Reader makes the text of one virtual document. What it throws is shown to the user instead. */
export type Reader = (uri: vscode.Uri) => Promise<string>;

/** VirtualDocuments serves texts of one scheme that exist nowhere on disk. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  readonly #scheme: string;
  readonly #read: Reader;

  readonly onDidChange = this.#changed.event;

  constructor(scheme: string, read: Reader) {
    this.#scheme = scheme;
    this.#read = read;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return this.#read(uri);
  }

  /** refresh reads again those open documents that accept says yes to. */
  refresh(accept: (uri: vscode.Uri) => boolean): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === this.#scheme && accept(uri)) {
        this.#changed.fire(uri);
      }
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
