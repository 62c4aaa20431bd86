// What the server offers, as providers of the editor. Only what it says it can is registered.
import * as lsp from "vscode-languageserver-types";
import * as monaco from "./monaco";
import * as convert from "./convert";
import { Connection, isCancelled } from "./rpc";

/** What of the capabilities of a server is used here. */
export interface Capabilities {
  completionProvider?: { triggerCharacters?: string[]; resolveProvider?: boolean };
  hoverProvider?: unknown;
  signatureHelpProvider?: { triggerCharacters?: string[]; retriggerCharacters?: string[] };
  definitionProvider?: unknown;
  referencesProvider?: unknown;
  documentHighlightProvider?: unknown;
  documentSymbolProvider?: unknown;
  codeActionProvider?: boolean | { codeActionKinds?: string[] };
  codeLensProvider?: { resolveProvider?: boolean };
  documentFormattingProvider?: unknown;
  documentRangeFormattingProvider?: unknown;
  documentOnTypeFormattingProvider?: { firstTriggerCharacter: string; moreTriggerCharacter?: string[] };
  renameProvider?: boolean | { prepareProvider?: boolean };
  foldingRangeProvider?: unknown;
  selectionRangeProvider?: unknown;
  linkedEditingRangeProvider?: unknown;
  inlayHintProvider?: unknown;
  documentLinkProvider?: unknown;
  semanticTokensProvider?: {
    legend: { tokenTypes: string[]; tokenModifiers: string[] };
    full?: boolean | { delta?: boolean };
  };
  executeCommandProvider?: { commands: string[] };
}

/** What providers need to know besides the connection. */
export interface Host {
  /** The latest findings of a document. */
  diagnostics(uri: string): lsp.Diagnostic[];
  /** Applies an edit; throws if it cannot be. */
  apply(edit: lsp.WorkspaceEdit): void;
}

type PrepareRename = lsp.Range | { range: lsp.Range; placeholder: string } | { defaultBehavior: boolean };
type Model = monaco.editor.ITextModel;
type Token = monaco.CancellationToken;

export class Features {
  private readonly tokensChanged = new monaco.Emitter<void>();
  private readonly hintsChanged = new monaco.Emitter<void>();
  private readonly lensesChanged = new monaco.Emitter<any>();

  constructor(
    private readonly connection: Connection,
    private readonly host: Host,
    private readonly languages: string[],
  ) {
    connection.on("workspace/semanticTokens/refresh", () => this.tokensChanged.fire());
    connection.on("workspace/inlayHint/refresh", () => this.hintsChanged.fire());
    connection.on("workspace/codeLens/refresh", () => this.lensesChanged.fire(undefined));
  }

  /** Asks the server; an answer that nobody wants any more is none. */
  private async ask<T>(method: string, params: unknown, cancel?: Token): Promise<T | null> {
    try {
      return await this.connection.request<T | null>(method, params, cancel);
    } catch (error) {
      if (isCancelled(error)) {
        return null;
      }
      throw error;
    }
  }

  register(can: Capabilities): void {
    const to = monaco.languages;
    const on = this.languages;
    if (can.hoverProvider) {
      to.registerHoverProvider(on, {
        provideHover: async (model, at, cancel) => convert.fromHover(await this.ask("textDocument/hover", place(model, at), cancel)),
      });
    }
    if (can.completionProvider) {
      to.registerCompletionItemProvider(on, this.completion(can.completionProvider));
    }
    if (can.signatureHelpProvider) {
      const { triggerCharacters, retriggerCharacters } = can.signatureHelpProvider;
      to.registerSignatureHelpProvider(on, {
        signatureHelpTriggerCharacters: triggerCharacters,
        signatureHelpRetriggerCharacters: retriggerCharacters,
        provideSignatureHelp: async (model, at, cancel) => {
          const help = await this.ask<lsp.SignatureHelp>("textDocument/signatureHelp", place(model, at), cancel);
          return help && { value: convert.fromSignatures(help), dispose() {} };
        },
      });
    }
    if (can.definitionProvider) {
      to.registerDefinitionProvider(on, {
        provideDefinition: async (model, at, cancel) =>
          convert.fromLocations(await this.ask("textDocument/definition", place(model, at), cancel)),
      });
    }
    if (can.referencesProvider) {
      to.registerReferenceProvider(on, {
        provideReferences: async (model, at, context, cancel) =>
          convert.fromLocations(await this.ask("textDocument/references", { ...place(model, at), context }, cancel)),
      });
    }
    if (can.documentHighlightProvider) {
      to.registerDocumentHighlightProvider(on, {
        provideDocumentHighlights: async (model, at, cancel) => {
          const all = await this.ask<lsp.DocumentHighlight[]>("textDocument/documentHighlight", place(model, at), cancel);
          return all?.map((h) => ({ range: convert.fromRange(h.range), kind: (h.kind ?? 1) - 1 }));
        },
      });
    }
    if (can.documentSymbolProvider) {
      to.registerDocumentSymbolProvider(on, {
        provideDocumentSymbols: async (model, cancel) =>
          (await this.ask<lsp.DocumentSymbol[]>("textDocument/documentSymbol", whole(model), cancel))?.map(convert.fromSymbol),
      });
    }
    if (can.codeActionProvider) {
      to.registerCodeActionProvider(on, this.codeActions(), {
        providedCodeActionKinds: can.codeActionProvider === true ? undefined : can.codeActionProvider.codeActionKinds,
      });
    }
    if (can.codeLensProvider) {
      to.registerCodeLensProvider(on, this.codeLenses(can.codeLensProvider));
    }
    this.registerEdits(can);
    this.registerLooks(can);
  }

  /** What rewrites text. */
  private registerEdits(can: Capabilities): void {
    const to = monaco.languages;
    const on = this.languages;
    const edits = async (method: string, params: unknown, cancel: Token) =>
      (await this.ask<lsp.TextEdit[]>(method, params, cancel))?.map(convert.fromEdit);
    if (can.documentFormattingProvider) {
      to.registerDocumentFormattingEditProvider(on, {
        provideDocumentFormattingEdits: (model, options, cancel) =>
          edits("textDocument/formatting", { ...whole(model), options }, cancel),
      });
    }
    if (can.documentRangeFormattingProvider) {
      to.registerDocumentRangeFormattingEditProvider(on, {
        provideDocumentRangeFormattingEdits: (model, range, options, cancel) =>
          edits("textDocument/rangeFormatting", { ...whole(model), range: convert.toRange(range), options }, cancel),
      });
    }
    if (can.documentOnTypeFormattingProvider) {
      const { firstTriggerCharacter, moreTriggerCharacter = [] } = can.documentOnTypeFormattingProvider;
      to.registerOnTypeFormattingEditProvider(on, {
        autoFormatTriggerCharacters: [firstTriggerCharacter, ...moreTriggerCharacter],
        provideOnTypeFormattingEdits: (model, at, ch, options, cancel) =>
          edits("textDocument/onTypeFormatting", { ...place(model, at), ch, options }, cancel),
      });
    }
    if (can.renameProvider) {
      to.registerRenameProvider(on, this.rename(can.renameProvider !== true && !!can.renameProvider.prepareProvider));
    }
    if (can.linkedEditingRangeProvider) {
      to.registerLinkedEditingRangeProvider(on, {
        provideLinkedEditingRanges: async (model, at, cancel) => {
          const answer = await this.ask<{ ranges: lsp.Range[]; wordPattern?: string }>("textDocument/linkedEditingRange", place(model, at), cancel);
          return answer && {
            ranges: answer.ranges.map(convert.fromRange),
            wordPattern: answer.wordPattern ? new RegExp(answer.wordPattern, "u") : undefined,
          };
        },
      });
    }
  }

  /** What is shown on top of text. */
  private registerLooks(can: Capabilities): void {
    const to = monaco.languages;
    const on = this.languages;
    if (can.semanticTokensProvider?.full) {
      to.registerDocumentSemanticTokensProvider(on, this.tokens(can.semanticTokensProvider));
    }
    if (can.foldingRangeProvider) {
      to.registerFoldingRangeProvider(on, {
        provideFoldingRanges: async (model, _, cancel) =>
          (await this.ask<lsp.FoldingRange[]>("textDocument/foldingRange", whole(model), cancel))?.map((f) => ({
            start: f.startLine + 1,
            end: f.endLine + 1,
            kind: f.kind ? new to.FoldingRangeKind(f.kind) : undefined,
          })),
      });
    }
    if (can.selectionRangeProvider) {
      to.registerSelectionRangeProvider(on, {
        provideSelectionRanges: async (model, at, cancel) => {
          const params = { ...whole(model), positions: at.map(convert.toPosition) };
          return (await this.ask<lsp.SelectionRange[]>("textDocument/selectionRange", params, cancel))?.map(outwards);
        },
      });
    }
    if (can.inlayHintProvider) {
      to.registerInlayHintsProvider(on, {
        onDidChangeInlayHints: this.hintsChanged.event,
        provideInlayHints: async (model, range, cancel) => {
          const params = { ...whole(model), range: convert.toRange(range) };
          const hints = await this.ask<lsp.InlayHint[]>("textDocument/inlayHint", params, cancel);
          return { hints: hints?.map(convert.fromHint) ?? [], dispose() {} };
        },
      });
    }
    if (can.documentLinkProvider) {
      to.registerLinkProvider(on, {
        provideLinks: async (model, cancel) => {
          const links = await this.ask<lsp.DocumentLink[]>("textDocument/documentLink", whole(model), cancel);
          return { links: links?.map((l) => ({ range: convert.fromRange(l.range), url: l.target, tooltip: l.tooltip })) ?? [] };
        },
      });
    }
  }

  private completion(can: NonNullable<Capabilities["completionProvider"]>): monaco.languages.CompletionItemProvider {
    return {
      triggerCharacters: can.triggerCharacters,
      provideCompletionItems: async (model, at, context, cancel) => {
        const params = {
          ...place(model, at),
          context: { triggerKind: context.triggerKind + 1, triggerCharacter: context.triggerCharacter },
        };
        const answer = await this.ask<lsp.CompletionList | lsp.CompletionItem[]>("textDocument/completion", params, cancel);
        const list = Array.isArray(answer) ? { items: answer, isIncomplete: false } : answer;
        const { startColumn, endColumn } = model.getWordUntilPosition(at);
        const word = new monaco.Range(at.lineNumber, startColumn, at.lineNumber, endColumn);
        return list && {
          incomplete: list.isIncomplete,
          suggestions: list.items.map((item) => convert.fromCompletion(item, list.itemDefaults ?? {}, word)),
        };
      },
      resolveCompletionItem: async (item, cancel) => {
        const { from } = item as convert.CompletionItem;
        const more = can.resolveProvider ? await this.ask<lsp.CompletionItem>("completionItem/resolve", from, cancel) : null;
        return more ? { ...item, detail: more.detail, documentation: convert.fromMarkup(more.documentation) } : item;
      },
    };
  }

  private codeActions(): monaco.languages.CodeActionProvider {
    return {
      provideCodeActions: async (model, range, context, cancel) => {
        const wanted = convert.toRange(range);
        const diagnostics = this.host.diagnostics(model.uri.toString()).filter((d) => touch(d.range, wanted));
        const params = {
          ...whole(model),
          range: wanted,
          context: { diagnostics, only: context.only ? [context.only] : undefined, triggerKind: context.trigger },
        };
        const answer = await this.ask<(lsp.Command | lsp.CodeAction)[]>("textDocument/codeAction", params, cancel);
        return { actions: answer?.map(convert.fromAction) ?? [], dispose() {} };
      },
    };
  }

  private codeLenses(can: NonNullable<Capabilities["codeLensProvider"]>): monaco.languages.CodeLensProvider {
    interface Lens extends monaco.languages.CodeLens {
      from: lsp.CodeLens;
    }
    const lens = (from: lsp.CodeLens): Lens => ({
      from,
      range: convert.fromRange(from.range),
      command: convert.fromCommand(from.command),
    });
    return {
      onDidChange: this.lensesChanged.event,
      provideCodeLenses: async (model, cancel) => ({
        lenses: (await this.ask<lsp.CodeLens[]>("textDocument/codeLens", whole(model), cancel))?.map(lens) ?? [],
        dispose() {},
      }),
      resolveCodeLens: async (_, codeLens, cancel) => {
        const { from } = codeLens as Lens;
        const more = can.resolveProvider && !from.command ? await this.ask<lsp.CodeLens>("codeLens/resolve", from, cancel) : null;
        return more ? lens(more) : codeLens;
      },
    };
  }

  private rename(prepare: boolean): monaco.languages.RenameProvider {
    // The editor shows the reason of a refusal in a message of its own.
    const refused = (error: unknown) => ({ rejectReason: error instanceof Error ? error.message : String(error) });
    return {
      resolveRenameLocation: async (model, at, cancel) => {
        const word = model.getWordAtPosition(at);
        const fallback = {
          range: new monaco.Range(at.lineNumber, word?.startColumn ?? at.column, at.lineNumber, word?.endColumn ?? at.column),
          text: word?.word ?? "",
        };
        if (!prepare) {
          return fallback;
        }
        try {
          const answer = await this.ask<PrepareRename>("textDocument/prepareRename", place(model, at), cancel);
          if (!answer) {
            return { ...fallback, rejectReason: "There is nothing to rename here." };
          }
          if ("defaultBehavior" in answer) {
            return fallback;
          }
          const range = convert.fromRange("range" in answer ? answer.range : answer);
          return { range, text: "placeholder" in answer ? answer.placeholder : model.getValueInRange(range) };
        } catch (error) {
          return { ...fallback, ...refused(error) };
        }
      },
      provideRenameEdits: async (model, at, newName, cancel) => {
        try {
          const edit = await this.ask<lsp.WorkspaceEdit>("textDocument/rename", { ...place(model, at), newName }, cancel);
          if (edit && convert.isAboutFiles(edit)) {
            this.host.apply(edit);
            return { edits: [] };
          }
          return edit ? convert.fromWorkspaceEdit(edit) : { edits: [] };
        } catch (error) {
          return { edits: [], ...refused(error) };
        }
      },
    };
  }

  private tokens(can: NonNullable<Capabilities["semanticTokensProvider"]>): monaco.languages.DocumentSemanticTokensProvider {
    const delta = typeof can.full === "object" && !!can.full.delta;
    return {
      onDidChange: this.tokensChanged.event,
      getLegend: () => can.legend,
      provideDocumentSemanticTokens: async (model, previousResultId, cancel) => {
        const [method, params] =
          delta && previousResultId
            ? ["textDocument/semanticTokens/full/delta", { ...whole(model), previousResultId }]
            : ["textDocument/semanticTokens/full", whole(model)];
        const answer = await this.ask<lsp.SemanticTokens | lsp.SemanticTokensDelta>(method, params, cancel);
        if (!answer) {
          return null;
        }
        return "edits" in answer
          ? {
              resultId: answer.resultId,
              edits: answer.edits.map((e) => ({ ...e, data: e.data && new Uint32Array(e.data) })),
            }
          : { resultId: answer.resultId, data: new Uint32Array(answer.data) };
      },
      releaseDocumentSemanticTokens() {},
    };
  }
}

function whole(model: Model) {
  return { textDocument: { uri: model.uri.toString() } };
}

function place(model: Model, at: monaco.IPosition) {
  return { ...whole(model), position: convert.toPosition(at) };
}

function touch(a: lsp.Range, b: lsp.Range): boolean {
  const before = (p: lsp.Position, q: lsp.Position) => p.line < q.line || (p.line === q.line && p.character < q.character);
  return !before(a.end, b.start) && !before(b.end, a.start);
}

function outwards(selection: lsp.SelectionRange): monaco.languages.SelectionRange[] {
  const all: monaco.languages.SelectionRange[] = [];
  for (let s: lsp.SelectionRange | undefined = selection; s; s = s.parent) {
    all.push({ range: convert.fromRange(s.range) });
  }
  return all;
}
