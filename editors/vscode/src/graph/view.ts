import * as vscode from "vscode";
import { activePlan } from "../plans";
import { isPlan } from "../selector";
import type { Session } from "../session";
import { children, graphOf, roots, type Child, type Graph } from "./graph";
import { openNode } from "./open";

/** Item is a node at one place of the tree; path holds the ids above it, so that a cycle ends. */
interface Item extends Child {
  path: string[];
}

const icons: Record<string, string> = {
  plan: "file-code",
  release: "package",
  dependency: "package",
  extension: "extensions",
  interface: "plug",
  provider: "plug",
  missing: "question",
  unknown: "question",
};

const nothing: Graph = { nodes: [], edges: [] };

/** DependencyView shows the graph of the plan that was last looked at as a tree. */
export class DependencyView implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #session: Session;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #registrations: vscode.Disposable;
  #plan: vscode.Uri | undefined;
  #graph: Promise<Graph> | undefined;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(session: Session) {
    this.#session = session;
    const view = vscode.window.createTreeView<Item>("escape.dependencies", { treeDataProvider: this });
    this.#registrations = vscode.Disposable.from(
      view,
      vscode.window.onDidChangeActiveTextEditor(() => this.#look()),
      vscode.workspace.onDidSaveTextDocument(({ languageId }) => (isPlan(languageId) ? this.refresh() : undefined)),
      session.changed(({ kind }) => (kind === "running" ? this.refresh() : undefined)),
      vscode.commands.registerCommand("escape.refreshDependencies", () => this.refresh()),
      vscode.commands.registerCommand("escape.openDependency", (item: Item) => openNode(item.node)),
    );
    this.#look();
  }

  refresh(): void {
    this.#graph = undefined;
    this.#changed.fire();
  }

  async getChildren(item?: Item): Promise<Item[]> {
    this.#graph ??= this.#load();
    const graph = await this.#graph;
    if (item === undefined) {
      return roots(graph).map((node) => ({ node, kind: "", path: [node.id] }));
    }
    return children(graph, item.node.id)
      .filter(({ node }) => !item.path.includes(node.id))
      .map((child) => ({ ...child, path: [...item.path, child.node.id] }));
  }

  async getTreeItem(item: Item): Promise<vscode.TreeItem> {
    const graph = (await this.#graph) ?? nothing;
    const { node, kind, path } = item;
    const { None, Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const leaf = children(graph, node.id).every((child) => path.includes(child.node.id));
    const shown = new vscode.TreeItem(node.label, leaf ? None : path.length < 3 ? Expanded : Collapsed);
    shown.id = path.join(" → ");
    shown.description = [kind, node.detail].filter(Boolean).join(" · ");
    shown.tooltip = [node.label, node.kind, node.detail].filter(Boolean).join(", ");
    shown.iconPath = new vscode.ThemeIcon(icons[node.kind] ?? "circle-outline");
    if (node.uri !== undefined) {
      shown.command = { command: "escape.openDependency", title: "Open", arguments: [item] };
    }
    return shown;
  }

  /** look follows the active editor, but keeps the tree while something other than a plan is looked at. */
  #look(): void {
    const plan = activePlan();
    if (plan !== undefined && plan.toString() !== this.#plan?.toString()) {
      this.#plan = plan;
      this.refresh();
    }
  }

  async #load(): Promise<Graph> {
    try {
      return this.#plan ? graphOf(await this.#session.execute("escape.graph", this.#plan.toString())) : nothing;
    } catch {
      // The status item says what is wrong with the server; an empty tree shows its welcome.
      return nothing;
    }
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#changed.dispose();
  }
}
