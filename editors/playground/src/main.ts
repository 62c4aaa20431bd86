// The page: tabs, buttons, panels and the editor, and what connects them.
import type * as lsp from "vscode-languageserver-types";
import files from "workspace:";
import type { Server } from "./boot";
import { Client } from "./client";
import * as convert from "./convert";
import { registerLanguages } from "./languages";
import * as monaco from "./monaco";
import { GraphPanel, make, MetadataPanel, planOf, Problems } from "./panels";
import { checked, pack, type Shared, unpack } from "./share";
import { registerThemes } from "./theme";
import { badPath, pathOf, planLanguages, Workspace } from "./workspace";

const example: Shared = { files, open: "escape.yml" };
/** Where the browser keeps the files of this tab, so that loading the page again loses nothing. */
const kept = "escape-playground";

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

export async function main(server: Server): Promise<void> {
  registerLanguages();
  registerThemes();
  Object.assign(self, { monaco }); // for the console, and for tests
  const workspace = new Workspace();
  const page = new Page(workspace, new Client(server, workspace));
  await page.load();
  await page.start();
}

class Page {
  private readonly editor: monaco.editor.IStandaloneCodeEditor;
  private readonly views = new Map<string, monaco.editor.ICodeEditorViewState | null>();
  private readonly graph: GraphPanel;
  private readonly metadata: MetadataPanel;

  constructor(
    private readonly workspace: Workspace,
    private readonly client: Client,
  ) {
    this.editor = monaco.editor.create(byId("editor"), {
      model: null,
      automaticLayout: true,
      "semanticHighlighting.enabled": true,
      minimap: { enabled: false },
      fixedOverflowWidgets: true,
      scrollBeyondLastLine: false,
      quickSuggestions: { other: true, strings: true, comments: false },
      wordBasedSuggestions: "off",
      acceptSuggestionOnEnter: "smart", // the end of a line takes nothing that changes nothing
      fontSize: 14,
      lineNumbersMinChars: 3,
      padding: { top: 8 },
      ariaLabel: "Text of the file",
    });
    const jump = (uri: string, range?: lsp.Range) => this.jump(monaco.Uri.parse(uri), range && convert.fromRange(range));
    new Problems(byId("problem-list"), byId("problem-count"), workspace, client, jump);
    this.graph = new GraphPanel(byId("panel-graph"), client, jump);
    this.metadata = new MetadataPanel(byId("panel-metadata"), client);
    monaco.editor.registerEditorOpener({
      openCodeEditor: (_, resource, at) => {
        if (!monaco.editor.getModel(resource)) {
          return false;
        }
        this.jump(resource, at && ("lineNumber" in at ? monaco.Range.fromPositions(at) : at));
        return true;
      },
    });
    this.listen();
  }

  private listen(): void {
    let latest: monaco.editor.ITextModel | undefined;
    this.workspace.onDidAdd((model) => {
      latest = model;
      this.showTabs();
    });
    this.workspace.onDidRemove((path) => {
      this.views.delete(path);
      this.tabs.delete(path);
      if (!this.editor.getModel()) {
        // What came in the place of what was shown, if anything did.
        this.show(latest?.isDisposed() === false ? latest : this.workspace.models()[0]);
      }
      this.showTabs();
      this.keep();
    });
    this.workspace.onDidChange(() => this.keep());
    this.client.onDidDiagnose(() => this.showTabs());
    this.client.onMessage((text) => this.say(text));
    this.client.onDidFail((text) => this.say(`The language server is gone: ${text}. Load the page again.`));

    const actions: [id: string, label: string, keys: number[], run: () => unknown][] = [
      ["format", "Format", [], () => this.editor.getAction("editor.action.formatDocument")?.run()],
      ["convert", "Convert to the Other Notation", [], () => this.convert()],
      ["share", "Share as a Link", [], () => this.share()],
      ["new", "New File", [], () => this.askForFile()],
      ["remove", "Remove This File", [], () => this.removeFile()],
      ["reset", "Back to the Example", [], () => this.reset()],
    ];
    for (const [id, label, keybindings, run] of actions) {
      byId(id).addEventListener("click", () => void run());
      this.editor.addAction({ id: `playground.${id}`, label: `Playground: ${label}`, keybindings, run: () => void run() });
    }
    for (const list of document.querySelectorAll<HTMLElement>("[role=tablist]")) {
      list.addEventListener("keydown", (event) => moveAmong(list, event));
      new ResizeObserver(() => scrollToSelected(list)).observe(list);
    }
    for (const tab of document.querySelectorAll<HTMLElement>("#panel-tabs [role=tab]")) {
      tab.addEventListener("click", () => this.showPanel(tab));
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "F6") {
        event.preventDefault();
        this.nextPart(event.shiftKey ? -1 : 1);
      }
    }, true);
    window.addEventListener("hashchange", () => void this.load());
    const dialog = byId<HTMLDialogElement>("new-dialog");
    const name = byId<HTMLInputElement>("new-name");
    name.addEventListener("input", () => name.setCustomValidity(badPath(name.value, (p) => !!this.workspace.model(p)) ?? ""));
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "make") {
        this.show(this.workspace.add(name.value, ""));
        this.editor.focus();
      }
    });
  }

  /** Fills the workspace from the address, from what the browser has kept, or with the example. */
  async load(): Promise<void> {
    let shared = example;
    try {
      shared = (await unpack(location.hash)) ?? restored() ?? example;
    } catch (error) {
      this.say(`The files cannot be restored: ${error instanceof Error ? error.message : error}`);
    }
    this.fill(shared);
  }

  private fill({ files, open }: Shared): void {
    this.workspace.replace(files);
    const models = this.workspace.models();
    this.show(models.find((m) => pathOf(m.uri) === open) ?? models[0]);
    this.showTabs();
  }

  async start(): Promise<void> {
    const started = this.client.onDidDiagnose(() => {
      performance.mark("escape-diagnostics");
      document.body.classList.remove("loading");
      this.say("");
      started.dispose();
    });
    try {
      await this.client.start();
      performance.mark("escape-initialized");
    } catch (error) {
      this.say(`The language server does not start: ${error instanceof Error ? error.message : error}`);
    }
  }

  private path(): string {
    return pathOf(this.editor.getModel()!.uri)!;
  }

  private show(model: monaco.editor.ITextModel): void {
    const before = this.editor.getModel();
    if (before === model) {
      return;
    }
    if (before && !before.isDisposed()) {
      this.views.set(pathOf(before.uri)!, this.editor.saveViewState());
    }
    this.editor.setModel(model);
    this.editor.restoreViewState(this.views.get(pathOf(model.uri)!) ?? null);
    this.showTabs();
    this.keep();
  }

  private jump(uri: monaco.Uri, range?: monaco.IRange): void {
    const model = monaco.editor.getModel(uri);
    if (!model) {
      return;
    }
    this.show(model);
    if (range) {
      this.editor.setSelection(range);
      this.editor.revealRangeInCenterIfOutsideViewport(range);
    }
    this.editor.focus();
  }

  private readonly tabs = new Map<string, HTMLButtonElement>();

  /** The tab of a file, which stays the same as long as there is the file: a click must not lose what it is on. */
  private tab(path: string): HTMLButtonElement {
    let tab = this.tabs.get(path);
    if (!tab) {
      tab = make("button", { type: "button", role: "tab", "aria-controls": "editor" }, path);
      tab.addEventListener("click", () => this.show(this.workspace.model(path)!));
      this.tabs.set(path, tab);
    }
    return tab;
  }

  /** Shows a tab for each file, and what fits the one that is open. */
  private showTabs(): void {
    const open = this.editor.getModel();
    const list = byId("tabs");
    const tabs = this.workspace.models().map((model) => {
      const path = pathOf(model.uri)!;
      const tab = this.tab(path);
      const worst = Math.min(...this.client.diagnostics(model.uri.toString()).map((d) => d.severity ?? 1));
      tab.className = worst === 1 ? "error" : worst === 2 ? "warning" : "";
      tab.title = tab.className && `${path} has ${tab.className}s`;
      tab.ariaSelected = String(model === open);
      tab.tabIndex = model === open ? 0 : -1;
      return tab;
    });
    if (tabs.length !== list.children.length || tabs.some((tab, i) => tab !== list.children[i])) {
      list.replaceChildren(...tabs);
    }
    scrollToSelected(list);
    if (!open || open.isDisposed()) {
      return;
    }
    const isPlan = planLanguages.includes(open.getLanguageId());
    byId<HTMLButtonElement>("format").disabled = !isPlan;
    byId<HTMLButtonElement>("convert").disabled = !isPlan;
    byId<HTMLButtonElement>("remove").disabled = tabs.length < 2;
    byId("convert").textContent = open.getLanguageId() === "escape-plan-hcl" ? "Convert to YAML" : "Convert to HCL";
    const plan = planOf(this.path())?.uri.toString();
    this.graph.of(plan);
    this.metadata.of(plan);
  }

  private showPanel(tab: HTMLElement): void {
    for (const other of document.querySelectorAll<HTMLElement>("#panel-tabs [role=tab]")) {
      other.ariaSelected = String(other === tab);
      other.tabIndex = other === tab ? 0 : -1;
      byId(other.getAttribute("aria-controls")!).hidden = other !== tab;
    }
    if (tab.id === "tab-graph") {
      this.graph.shown();
    } else if (tab.id === "tab-metadata") {
      this.metadata.shown();
    }
  }

  /** Moves the focus to the next part of the page, as desktop programs do on F6. */
  private nextPart(step: number): void {
    const selected = (list: string) => byId(list).querySelector<HTMLElement>("[aria-selected=true]");
    const parts = [
      { home: byId("tabs"), enter: () => selected("tabs")?.focus() },
      { home: byId("editor"), enter: () => this.editor.focus() },
      { home: byId("panels"), enter: () => selected("panel-tabs")?.focus() },
    ];
    const now = parts.findIndex(({ home }) => home.contains(document.activeElement));
    parts[(now + step + parts.length) % parts.length].enter();
  }

  /** Puts the plan in the other notation in its place: two plans in one folder would be a mistake. */
  private async convert(): Promise<void> {
    const model = this.editor.getModel()!;
    if (!planLanguages.includes(model.getLanguageId())) {
      return;
    }
    const path = this.path();
    try {
      const { name, text } = await this.client.execute<{ name: string; text: string }>("escape.convert", model.uri.toString());
      const target = path.slice(0, path.lastIndexOf("/") + 1) + name.slice(name.lastIndexOf("/") + 1);
      if (this.workspace.model(target)) {
        this.say(`${target} is there already.`);
        return;
      }
      this.show(this.workspace.add(target, text));
      this.workspace.remove(path);
      this.say(`${path} is now ${target}.`);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
  }

  private async share(): Promise<void> {
    const fragment = await pack(this.shared());
    history.replaceState(null, "", fragment);
    try {
      await navigator.clipboard.writeText(location.href);
      this.say(`The link is in the clipboard (${fragment.length} characters).`);
    } catch {
      this.say("The link is in the address bar.");
    }
  }

  private askForFile(): void {
    const name = byId<HTMLInputElement>("new-name");
    name.value = this.path().slice(0, this.path().lastIndexOf("/") + 1);
    name.setCustomValidity(badPath(name.value, () => false) ?? "");
    byId<HTMLDialogElement>("new-dialog").showModal();
  }

  private removeFile(): void {
    const [path, models] = [this.path(), this.workspace.models()];
    const at = models.findIndex((m) => pathOf(m.uri) === path);
    if (models.length > 1 && confirm(`Remove ${path}?`)) {
      this.show(models[at + 1] ?? models[at - 1]);
      this.workspace.remove(path);
    }
  }

  private reset(): void {
    if (confirm("Replace all files by the example?")) {
      history.replaceState(null, "", location.pathname + location.search);
      this.views.clear();
      this.fill(example);
      this.keep();
      this.say("");
    }
  }

  private shared(): Shared {
    return { files: this.workspace.files(), open: this.path() };
  }

  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Lets the browser keep the files until the tab is closed. A link in the address is out of date then. */
  private keep(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const shared = this.shared();
      try {
        sessionStorage.setItem(kept, JSON.stringify(shared));
      } catch {
        // The browser keeps nothing, or not so much: the files live as long as the page.
      }
      if (location.hash) {
        const linked = await unpack(location.hash).catch(() => undefined);
        if (linked && JSON.stringify(linked.files) !== JSON.stringify(shared.files)) {
          history.replaceState(null, "", location.pathname + location.search);
        }
      }
    }, 300);
  }

  private say(text: string): void {
    byId("status").textContent = text;
  }
}

/** What the browser has kept of this tab; undefined if there is nothing, or it must not keep anything. */
function restored(): Shared | undefined {
  let own: string | null = null;
  try {
    own = sessionStorage.getItem(kept);
  } catch {
    return undefined;
  }
  return own ? checked(JSON.parse(own)) : undefined;
}

/** Brings the selected tab of a list into view. */
function scrollToSelected(list: HTMLElement): void {
  const tab = list.querySelector<HTMLElement>("[aria-selected=true]");
  if (tab) {
    list.scrollLeft = Math.min(Math.max(list.scrollLeft, tab.offsetLeft + tab.offsetWidth - list.clientWidth), tab.offsetLeft);
  }
}

/** Moves among tabs with the arrow keys, as is the custom. */
function moveAmong(list: HTMLElement, event: KeyboardEvent): void {
  const tabs = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
  const now = tabs.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (now < 0 || to === undefined) {
    return;
  }
  event.preventDefault();
  const tab = tabs[(to + tabs.length) % tabs.length];
  tab.focus();
  tab.click();
}
