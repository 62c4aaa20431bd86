// The files of the playground: models of the editor below one folder that exists nowhere else.
import * as monaco from "./monaco";

/** Where the files are, for the server. */
export const root = "/workspace";
export const rootUri = `file://${root}`;

/** The text of each file by its path below the root. */
export type Files = Record<string, string>;

/** Languages of the files that plans use, by the end of the name; see languageOf for plans. */
const languages: [RegExp, string][] = [
  [/(^|\/)escape\.ya?ml$/, "escape-plan"],
  [/(^|\/)escape\.hcl$/, "escape-plan-hcl"],
  [/\.(ba|da|k)?sh$/, "shellscript"],
  [/\.py$/, "python"],
  [/\.(tpl|mustache)$/, "mustache"],
  [/\.ya?ml$/, "yaml"],
];

/** The language of a file. A plan may have any name, but those with other names are only found with --plan. */
export function languageOf(path: string): string {
  return languages.find(([name]) => name.test(path))?.[1] ?? "plaintext";
}

export const planLanguages = ["escape-plan", "escape-plan-hcl"];
export const allLanguages = [...new Set([...languages.map(([, id]) => id), "plaintext"])];

export function uriOf(path: string): monaco.Uri {
  return monaco.Uri.file(`${root}/${path}`);
}

/** The path below the root; undefined for what is not a file of the workspace. */
export function pathOf(uri: monaco.Uri): string | undefined {
  const inside = uri.scheme === "file" && uri.path.startsWith(`${root}/`);
  return inside ? uri.path.slice(root.length + 1) : undefined;
}

/** What is wrong with the name of a new file; undefined if nothing is. */
export function badPath(path: string, taken: (path: string) => boolean): string | undefined {
  if (!/^[\w.][\w.-]*(\/[\w.][\w.-]*)*$/.test(path) || path.split("/").some((part) => part === "." || part === "..")) {
    return "A path has letters, digits, dots, dashes and slashes: api/deploy.sh";
  }
  return taken(path) ? "There is a file of that name." : undefined;
}

export class Workspace {
  private readonly added = new monaco.Emitter<monaco.editor.ITextModel>();
  private readonly removed = new monaco.Emitter<string>();
  private readonly changed = new monaco.Emitter<monaco.editor.ITextModel>();
  readonly onDidAdd = this.added.event;
  /** Fires with the path of a file that is gone. */
  readonly onDidRemove = this.removed.event;
  readonly onDidChange = this.changed.event;

  /** The models in the order of their paths. */
  models(): monaco.editor.ITextModel[] {
    const all = monaco.editor.getModels().filter((m) => pathOf(m.uri) !== undefined);
    return all.sort((a, b) => order(pathOf(a.uri)!, pathOf(b.uri)!));
  }

  model(path: string): monaco.editor.ITextModel | null {
    return monaco.editor.getModel(uriOf(path));
  }

  add(path: string, text: string): monaco.editor.ITextModel {
    const model = monaco.editor.createModel(text, languageOf(path), uriOf(path));
    model.updateOptions({ tabSize: model.getLanguageId() === "shellscript" ? 4 : 2, insertSpaces: model.getLanguageId() !== "shellscript" });
    model.onDidChangeContent(() => this.changed.fire(model));
    this.added.fire(model);
    return model;
  }

  remove(path: string): void {
    this.model(path)?.dispose();
    this.removed.fire(path);
  }

  /** Makes these the files that there are. */
  replace(files: Files): void {
    for (const model of this.models()) {
      if (!(pathOf(model.uri)! in files)) {
        this.remove(pathOf(model.uri)!);
      }
    }
    for (const [path, text] of Object.entries(files)) {
      const model = this.model(path);
      if (!model) {
        this.add(path, text);
      } else if (model.getValue() !== text) {
        model.setValue(text);
      }
    }
  }

  files(): Files {
    return Object.fromEntries(this.models().map((m) => [pathOf(m.uri)!, m.getValue()]));
  }
}

/** Folders in order, the plan first in each. */
function order(a: string, b: string): number {
  const key = (path: string) => {
    const cut = path.lastIndexOf("/") + 1;
    return [path.slice(0, cut), planLanguages.includes(languageOf(path)) ? "0" : "1", path.slice(cut)];
  };
  const [x, y] = [key(a), key(b)];
  const at = x.findIndex((part, i) => part !== y[i]);
  return at < 0 ? 0 : x[at] < y[at] ? -1 : 1;
}
