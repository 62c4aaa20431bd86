import * as vscode from "vscode";
import { VirtualDocuments } from "../documents";
import { planFor } from "../plans";
import { reasonOf, type Session } from "../session";

const scheme = "escape-preview";

/** Preview shows the release metadata a plan compiles to, and follows the plan while it is edited. */
export class Preview implements vscode.Disposable {
  readonly #documents: VirtualDocuments;
  readonly #registrations: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: Session) {
    this.#documents = new VirtualDocuments(scheme, (uri) =>
      session.execute("escape.preview", uri.query).then(textOf, (error: unknown) => `// ${reasonOf(error)}\n`),
    );
    this.#registrations = vscode.Disposable.from(
      vscode.commands.registerCommand("escape.previewMetadata", async (given?: unknown) => {
        const plan = await planFor(given);
        if (plan !== undefined) {
          await this.show(plan);
        }
      }),
      session.changed(({ kind }) => (kind === "running" ? this.#documents.refresh(() => true) : undefined)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#follow(document.uri.toString())),
    );
  }

  async show(plan: vscode.Uri): Promise<void> {
    const name = plan.path.split("/").slice(-2).join("/");
    const uri = vscode.Uri.from({ scheme, path: `/${name} (release metadata).json`, query: plan.toString() });
    this.#documents.refresh((other) => other.toString() === uri.toString());
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, "jsonc");
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
  }

  /** follow reads the preview of a plan again, once nobody has typed for a while. */
  #follow(plan: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#documents.refresh((uri) => uri.query === plan), 300);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#registrations.dispose();
    this.#documents.dispose();
  }
}

/** textOf lays metadata out for reading. The server may send it as a text or as a value. */
function textOf(answer: unknown): string {
  const value = typeof answer === "string" ? (JSON.parse(answer) as unknown) : answer;
  return JSON.stringify(value, undefined, 2) + "\n";
}
