// Between the types of the protocol and those of the editor, which counts lines and columns from 1.
import * as lsp from "vscode-languageserver-types";
import * as monaco from "./monaco";

export function toPosition(p: monaco.IPosition): lsp.Position {
  return { line: p.lineNumber - 1, character: p.column - 1 };
}

export function toRange(r: monaco.IRange): lsp.Range {
  return {
    start: { line: r.startLineNumber - 1, character: r.startColumn - 1 },
    end: { line: r.endLineNumber - 1, character: r.endColumn - 1 },
  };
}

export function fromRange(r: lsp.Range): monaco.IRange {
  return {
    startLineNumber: r.start.line + 1,
    startColumn: r.start.character + 1,
    endLineNumber: r.end.line + 1,
    endColumn: r.end.character + 1,
  };
}

export function fromEdit(e: lsp.TextEdit): monaco.languages.TextEdit {
  return { range: fromRange(e.range), text: e.newText };
}

export function fromLocations(answer: lsp.Location | lsp.Location[] | lsp.LocationLink[] | null): monaco.languages.Location[] {
  const all: (lsp.Location | lsp.LocationLink)[] = answer ? (Array.isArray(answer) ? answer : [answer]) : [];
  return all.map((at) =>
    "uri" in at
      ? { uri: monaco.Uri.parse(at.uri), range: fromRange(at.range) }
      : { uri: monaco.Uri.parse(at.targetUri), range: fromRange(at.targetSelectionRange) },
  );
}

const severities: Record<lsp.DiagnosticSeverity, monaco.MarkerSeverity> = {
  1: monaco.MarkerSeverity.Error,
  2: monaco.MarkerSeverity.Warning,
  3: monaco.MarkerSeverity.Info,
  4: monaco.MarkerSeverity.Hint,
};

export function fromDiagnostic(d: lsp.Diagnostic): monaco.editor.IMarkerData {
  const code = d.code === undefined ? undefined : String(d.code);
  return {
    ...fromRange(d.range),
    message: d.message as string,
    severity: severities[d.severity ?? 1],
    source: d.source,
    code: code && d.codeDescription ? { value: code, target: monaco.Uri.parse(d.codeDescription.href) } : code,
    tags: d.tags as monaco.MarkerTag[] | undefined,
    relatedInformation: d.relatedInformation?.map((r) => ({
      ...fromRange(r.location.range),
      resource: monaco.Uri.parse(r.location.uri),
      message: r.message,
    })),
  };
}

export function fromMarkup(text: lsp.MarkupContent | string | undefined): monaco.IMarkdownString | string | undefined {
  if (text === undefined || typeof text === "string") {
    return text;
  }
  return text.kind === "markdown" ? { value: text.value } : text.value;
}

export function fromHover(h: lsp.Hover | null): monaco.languages.Hover | null {
  if (!h) {
    return null;
  }
  const contents = (Array.isArray(h.contents) ? h.contents : [h.contents]).map((c) =>
    typeof c === "string"
      ? { value: c }
      : "kind" in c
        ? { value: c.kind === "markdown" ? c.value : escapeMarkdown(c.value) }
        : { value: "```" + c.language + "\n" + c.value + "\n```" },
  );
  return { contents, range: h.range && fromRange(h.range) };
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~]/g, "\\$&");
}

const kinds: Record<lsp.CompletionItemKind, monaco.languages.CompletionItemKind> = (() => {
  const k = monaco.languages.CompletionItemKind;
  return {
    1: k.Text, 2: k.Method, 3: k.Function, 4: k.Constructor, 5: k.Field, 6: k.Variable, 7: k.Class, 8: k.Interface,
    9: k.Module, 10: k.Property, 11: k.Unit, 12: k.Value, 13: k.Enum, 14: k.Keyword, 15: k.Snippet, 16: k.Color,
    17: k.File, 18: k.Reference, 19: k.Folder, 20: k.EnumMember, 21: k.Constant, 22: k.Struct, 23: k.Event,
    24: k.Operator, 25: k.TypeParameter,
  };
})();

/** An item of the list that the editor shows, with the one of the server that it is made from. */
export interface CompletionItem extends monaco.languages.CompletionItem {
  from: lsp.CompletionItem;
}

export function fromCompletion(
  item: lsp.CompletionItem,
  defaults: NonNullable<lsp.CompletionList["itemDefaults"]>,
  word: monaco.IRange,
): CompletionItem {
  const { InsertAsSnippet, KeepWhitespace, None } = monaco.languages.CompletionItemInsertTextRule;
  const format = item.insertTextFormat ?? defaults.insertTextFormat;
  const mode = item.insertTextMode ?? defaults.insertTextMode;
  const label = item.labelDetails
    ? { label: item.label, detail: item.labelDetails.detail, description: item.labelDetails.description }
    : item.label;
  const edit = item.textEdit ?? (defaults.editRange && withRange(defaults.editRange, item.textEditText ?? item.label));
  let range: monaco.languages.CompletionItem["range"] = word;
  if (edit && "insert" in edit) {
    range = { insert: fromRange(edit.insert), replace: fromRange(edit.replace) };
  } else if (edit) {
    range = fromRange(edit.range);
  }
  const tagged = item.deprecated || item.tags?.includes(1);
  const insertText = edit?.newText ?? item.insertText ?? item.label;
  return {
    from: item,
    label,
    kind: kinds[item.kind ?? 1],
    tags: tagged ? [monaco.languages.CompletionItemTag.Deprecated] : undefined,
    detail: item.detail,
    documentation: fromMarkup(item.documentation),
    sortText: item.sortText,
    filterText: item.filterText,
    preselect: item.preselect,
    insertText,
    insertTextRules: (format === 2 ? InsertAsSnippet : None) | (mode === 1 ? KeepWhitespace : None),
    range,
    commitCharacters: item.commitCharacters ?? defaults.commitCharacters,
    additionalTextEdits: item.additionalTextEdits?.map(fromEdit),
    command: fromCommand(item.command) ?? goingOn(item.kind, insertText),
  };
}

/** goingOn opens the list again behind a field, block or package if what follows is still to be chosen. */
function goingOn(kind: number | undefined, text: string): monaco.languages.Command | undefined {
  const [property, block, pkg] = [10, 7, 9]; // as the protocol numbers kinds
  const first = /\$(?:\{\d+:[^}]*\}|\d)/.exec(text);
  const open = first ? !first[0].includes("{") : text.endsWith(" ");
  return [property, block, pkg].includes(kind ?? 0) && open
    ? { id: "editor.action.triggerSuggest", title: "Suggest", arguments: [{ auto: true }] }
    : undefined;
}

function withRange(range: lsp.Range | { insert: lsp.Range; replace: lsp.Range }, newText: string) {
  return "insert" in range ? { newText, ...range } : { newText, range };
}

/** The ids of the commands of the editor that run a command of the server, and that do what an action of it says. */
export const runCommand = "escape.executeCommand";
export const actCommand = "escape.act";

/** The command of this client that shows a list of places; the editor has it under another name. */
export const showReferences = "escape.showReferences";

export function fromCommand(c: lsp.Command | undefined): monaco.languages.Command | undefined {
  if (c?.command === showReferences && c.arguments) {
    const [uri, position, locations] = c.arguments as [string, lsp.Position, lsp.Location[]];
    const at = { lineNumber: position.line + 1, column: position.character + 1 };
    return { id: "editor.action.showReferences", title: c.title, arguments: [monaco.Uri.parse(uri), at, fromLocations(locations)] };
  }
  return c && { id: runCommand, title: c.title, tooltip: c.tooltip, arguments: [c.command, c.arguments ?? []] };
}

/** An action becomes an edit if the editor can make it, or else a command: if the edit is not there yet, or is about files. */
export function fromAction(a: lsp.Command | lsp.CodeAction): monaco.languages.CodeAction {
  const action: lsp.CodeAction = typeof a.command === "string" ? { title: a.title, command: a as lsp.Command } : (a as lsp.CodeAction);
  const direct = action.edit ? !isAboutFiles(action.edit) : action.command !== undefined;
  return {
    title: action.title,
    kind: action.kind,
    diagnostics: action.diagnostics?.map(fromDiagnostic),
    isPreferred: action.isPreferred,
    disabled: action.disabled?.reason,
    edit: direct && action.edit ? fromWorkspaceEdit(action.edit) : undefined,
    command: direct ? fromCommand(action.command) : { id: actCommand, title: action.title, arguments: [action] },
  };
}

export function fromSymbol(s: lsp.DocumentSymbol): monaco.languages.DocumentSymbol {
  return {
    name: s.name,
    detail: s.detail ?? "",
    kind: (s.kind - 1) as monaco.languages.SymbolKind,
    tags: (s.tags ?? []) as monaco.languages.SymbolTag[],
    range: fromRange(s.range),
    selectionRange: fromRange(s.selectionRange),
    children: s.children?.map(fromSymbol),
  };
}

export function fromSignatures(h: lsp.SignatureHelp): monaco.languages.SignatureHelp {
  return {
    activeSignature: h.activeSignature ?? 0,
    activeParameter: h.activeParameter ?? 0,
    signatures: h.signatures.map((s) => ({
      label: s.label,
      documentation: fromMarkup(s.documentation),
      activeParameter: s.activeParameter ?? undefined,
      parameters: (s.parameters ?? []).map((p) => ({ label: p.label, documentation: fromMarkup(p.documentation) })),
    })),
  };
}

export function fromHint(h: lsp.InlayHint): monaco.languages.InlayHint {
  return {
    position: { lineNumber: h.position.line + 1, column: h.position.character + 1 },
    label: typeof h.label === "string" ? h.label : h.label.map((p) => ({ label: p.value, tooltip: fromMarkup(p.tooltip) })),
    tooltip: fromMarkup(h.tooltip),
    kind: h.kind as monaco.languages.InlayHintKind | undefined,
    paddingLeft: h.paddingLeft,
    paddingRight: h.paddingRight,
    textEdits: h.textEdits?.map(fromEdit),
  };
}

/** Part of a workspace edit: other texts of one document, or a file that is made, renamed or removed. */
export type Change =
  | { kind: "text"; uri: string; edits: lsp.TextEdit[] }
  | { kind: "create"; uri: string }
  | { kind: "rename"; uri: string; to: string }
  | { kind: "delete"; uri: string };

/** The parts of a workspace edit in their order. */
export function changesOf(edit: lsp.WorkspaceEdit): Change[] {
  if (!edit.documentChanges) {
    return Object.entries(edit.changes ?? {}).map(([uri, edits]) => ({ kind: "text", uri, edits }));
  }
  return edit.documentChanges.map((c): Change => {
    if ("edits" in c) {
      return { kind: "text", uri: c.textDocument.uri, edits: c.edits.filter((e): e is lsp.TextEdit => "newText" in e) };
    }
    return c.kind === "rename" ? { kind: "rename", uri: c.oldUri, to: c.newUri } : { kind: c.kind, uri: c.uri };
  });
}

/** Reports whether an edit makes, renames or removes files, which the editor leaves to the page. */
export function isAboutFiles(edit: lsp.WorkspaceEdit): boolean {
  return changesOf(edit).some((c) => c.kind !== "text");
}

export function fromWorkspaceEdit(edit: lsp.WorkspaceEdit): monaco.languages.WorkspaceEdit {
  const edits = changesOf(edit).flatMap((c) =>
    c.kind === "text" ? c.edits.map((e) => ({ resource: monaco.Uri.parse(c.uri), versionId: undefined, textEdit: fromEdit(e) })) : [],
  );
  return { edits };
}
