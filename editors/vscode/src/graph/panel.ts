import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { planFor } from "../plans";
import { isPlan } from "../selector";
import { reasonOf, type Session } from "../session";
import { graphOf, type Graph } from "./graph";
import { openNode } from "./open";
import { page } from "./svg";

/** Panels keeps one graph for each plan, and draws it again when a plan is saved. */
export class Panels implements vscode.Disposable {
  readonly #session: Session;
  readonly #extension: vscode.Uri;
  readonly #panels = new Map<string, vscode.WebviewPanel>();
  /** One listener for each panel: it knows the nodes that were drawn last. */
  readonly #listeners = new WeakMap<vscode.WebviewPanel, vscode.Disposable>();
  readonly #registrations: vscode.Disposable;

  constructor(session: Session, extension: vscode.Uri) {
    this.#session = session;
    this.#extension = extension;
    this.#registrations = vscode.Disposable.from(
      vscode.commands.registerCommand("escape.showGraph", async (given?: unknown) => {
        const plan = await planFor(given);
        if (plan !== undefined) {
          await this.show(plan);
        }
      }),
      vscode.workspace.onDidSaveTextDocument(({ languageId }) => {
        if (isPlan(languageId)) {
          this.#panels.forEach((panel, plan) => void this.#draw(panel, plan));
        }
      }),
    );
  }

  async show(plan: vscode.Uri): Promise<void> {
    const key = plan.toString();
    const open = this.#panels.get(key);
    if (open !== undefined) {
      open.reveal();
      await this.#draw(open, key);
      return;
    }
    const panel = vscode.window.createWebviewPanel("escape.graph", "Graph", vscode.ViewColumn.Beside, {
      enableScripts: true,
      enableCommandUris: false,
      localResourceRoots: [vscode.Uri.joinPath(this.#extension, "media"), vscode.Uri.joinPath(this.#extension, "dist")],
    });
    this.#panels.set(key, panel);
    panel.onDidDispose(() => this.#panels.delete(key));
    if (!(await this.#draw(panel, key))) {
      panel.dispose();
    }
  }

  /** draw reports whether there is something to look at; if not, it has told the user. */
  async #draw(panel: vscode.WebviewPanel, plan: string): Promise<boolean> {
    let graph: Graph;
    try {
      graph = graphOf(await this.#session.execute("escape.graph", plan));
    } catch (error) {
      void vscode.window.showErrorMessage(`Escape: no graph: ${reasonOf(error)}`);
      return false;
    }
    const title = `Graph of ${vscode.workspace.asRelativePath(vscode.Uri.parse(plan))}`;
    panel.title = title;
    panel.webview.html = page(graph, {
      title,
      style: this.#address(panel, "media", "graph.css"),
      script: this.#address(panel, "dist", "graph.js"),
      source: panel.webview.cspSource,
      nonce: randomBytes(16).toString("hex"),
    });
    this.#listeners.get(panel)?.dispose();
    this.#listeners.set(
      panel,
      panel.webview.onDidReceiveMessage((message: { type?: string; id?: string }) => {
        const node = graph.nodes.find(({ id }) => id === message.id);
        return message.type === "open" && node ? openNode(node) : undefined;
      }),
    );
    return true;
  }

  #address(panel: vscode.WebviewPanel, ...file: string[]): string {
    return panel.webview.asWebviewUri(vscode.Uri.joinPath(this.#extension, ...file)).toString();
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#panels.forEach((panel) => panel.dispose());
  }
}
