// What stands beside the editor: problems, the graph and the metadata of the plan that is shown.
import type * as lsp from "vscode-languageserver-types";
import * as monaco from "./monaco";
import type { Client } from "./client";
import { draw, type Graph } from "./graph";
import { pathOf, planLanguages, uriOf, type Workspace } from "./workspace";

export type Jump = (uri: string, range?: lsp.Range) => void;

const names = ["", "error", "warning", "note", "hint"];

/** The list of problems, in all files. */
export class Problems {
  constructor(
    private readonly list: HTMLElement,
    private readonly count: HTMLElement,
    private readonly workspace: Workspace,
    private readonly client: Client,
    private readonly jump: Jump,
  ) {
    client.onDidDiagnose(() => this.show());
  }

  private shown = "";

  private show(): void {
    const all = this.workspace.models().flatMap((model) => {
      const [uri, path] = [model.uri.toString(), pathOf(model.uri)!];
      return this.client.diagnostics(uri).map((d) => ({ uri, path, d }));
    });
    const now = JSON.stringify(all);
    if (now === this.shown) {
      return; // a click must not lose what it is on
    }
    this.shown = now;
    const focused = this.list.contains(document.activeElement) ? [...this.list.children].findIndex((c) => c.contains(document.activeElement)) : -1;
    const rows = all.map(({ uri, path, d }) => this.row(uri, path, d));
    this.count.textContent = String(rows.length);
    this.list.replaceChildren(...(rows.length ? rows : [make("li", { class: "empty" }, "No problems.")]));
    if (focused >= 0) {
      this.list.children[Math.min(focused, rows.length - 1)]?.querySelector("button")?.focus();
    }
  }

  private row(uri: string, path: string, d: lsp.Diagnostic): HTMLElement {
    const severity = names[d.severity ?? 1];
    const where = `${path}:${d.range.start.line + 1}:${d.range.start.character + 1}`;
    const button = make("button", { type: "button" });
    button.append(
      make("span", { class: `severity ${severity}` }, severity),
      make("span", { class: "message" }, d.message as string),
      make("span", { class: "where" }, [where, d.code].filter(Boolean).join("  ")),
    );
    button.addEventListener("click", () => this.jump(uri, d.range));
    const item = make("li", {});
    item.append(button);
    return item;
  }
}

/**
 * A panel that shows the answer to a command about the plan that is shown. It asks when it can be seen and something has
 * changed.
 */
export abstract class Answer<T> {
  private stale = true;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private plan: string | undefined;

  constructor(
    protected readonly panel: HTMLElement,
    private readonly client: Client,
    private readonly command: string,
  ) {
    client.onDidDiagnose(() => this.refresh());
  }

  protected abstract render(answer: T): Node;

  /** Says which plan is shown. */
  of(plan: string | undefined): void {
    if (plan !== this.plan) {
      this.plan = plan;
      this.refresh(0);
    }
  }

  /** Says that the answer may be another one. */
  refresh(delay = 250): void {
    this.stale = true;
    clearTimeout(this.timer);
    if (!this.panel.hidden) {
      this.timer = setTimeout(() => void this.ask(), delay);
    }
  }

  /** Is called when the panel comes into view. */
  shown(): void {
    if (this.stale) {
      void this.ask();
    }
  }

  private async ask(): Promise<void> {
    const question = ++this.asked;
    this.stale = false;
    let shown: Node;
    let ok = true;
    try {
      shown = this.plan
        ? this.render(await this.client.execute<T>(this.command, this.plan))
        : make("p", { class: "empty" }, "Open a plan: a file named escape.yml or escape.hcl.");
    } catch (error) {
      ok = false;
      shown = make("p", { class: "failed" }, error instanceof Error ? error.message : String(error));
    }
    if (question !== this.asked) {
      return;
    }
    // A plan that is being typed often has no answer for a moment: the last good one stays, with the reason above.
    const last = this.panel.querySelector(":scope > .answer");
    if (ok || !last) {
      const answer = make("div", { class: ok ? "answer" : "" });
      answer.append(shown);
      this.panel.replaceChildren(answer);
      this.panel.classList.remove("old");
    } else {
      this.panel.replaceChildren(shown, last);
      this.panel.classList.add("old");
    }
  }
}

/** The graph of the plan. */
export class GraphPanel extends Answer<Graph> {
  constructor(panel: HTMLElement, client: Client, private readonly jump: Jump) {
    super(panel, client, "escape.graph");
  }

  protected render(graph: Graph): Node {
    if (!graph?.nodes?.length) {
      return make("p", { class: "empty" }, "Nothing to draw.");
    }
    return draw(graph, (node) => this.jump(node.uri!, node.range));
  }
}

/** The release metadata that the plan makes. */
export class MetadataPanel extends Answer<unknown> {
  constructor(panel: HTMLElement, client: Client) {
    super(panel, client, "escape.preview");
  }

  protected render(metadata: unknown): Node {
    const pre = make("pre", { tabindex: "0", "aria-label": "Release metadata" });
    pre.append(...coloured(typeof metadata === "string" ? metadata : JSON.stringify(metadata, null, 2)));
    return pre;
  }
}

/** The parts of a JSON text, in their colours. */
function coloured(json: string): Node[] {
  return json.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*)/).map((part, i) => {
    if (i % 2 === 0) {
      return document.createTextNode(part);
    }
    const kind = part.endsWith(":") ? "key" : part.startsWith('"') ? "string" : /^[tfn]/.test(part) ? "keyword" : "number";
    return make("span", { class: `json-${kind}` }, part);
  });
}

export function make<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string>, text?: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value) {
      made.setAttribute(key, value);
    }
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

/** The plan that a file belongs to: itself, or the one of its folder or of one around it. */
export function planOf(path: string): monaco.editor.ITextModel | undefined {
  for (let folder = path; ; ) {
    const cut = folder.lastIndexOf("/");
    folder = folder.slice(0, Math.max(cut, 0));
    const plans = ["escape.yml", "escape.yaml", "escape.hcl"].map((name) => (folder ? `${folder}/${name}` : name));
    const own = plans.includes(path) ? [path] : plans;
    const model = own.map((p) => monaco.editor.getModel(uriOf(p))).find((m) => m && planLanguages.includes(m.getLanguageId()));
    if (model || !folder) {
      return model ?? undefined;
    }
  }
}
