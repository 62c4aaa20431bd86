// The client of the language server: it starts the session, tells of every change of a file, and takes the findings.
import type * as lsp from "vscode-languageserver-types";
import * as monaco from "./monaco";
import * as convert from "./convert";
import { type Capabilities, Features, type Host } from "./features";
import { Connection, type FromWorker, type ToWorker } from "./rpc";
import { allLanguages, pathOf, planLanguages, root, rootUri, type Workspace } from "./workspace";

/** What the client lets the server ask it to do, from a code lens or a code action. */
const clientCommands = [convert.showReferences];

/** What the editor can show; the server need not send anything else. */
const capabilities = {
  general: { positionEncodings: ["utf-16"] },
  workspace: {
    applyEdit: true,
    configuration: true,
    workspaceFolders: true,
    workspaceEdit: { documentChanges: true, resourceOperations: ["create", "rename", "delete"] },
    semanticTokens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    codeLens: { refreshSupport: true },
  },
  window: { workDoneProgress: false, showMessage: {} },
  textDocument: {
    synchronization: {},
    publishDiagnostics: {
      relatedInformation: true,
      versionSupport: true,
      codeDescriptionSupport: true,
      dataSupport: true,
      tagSupport: { valueSet: [1, 2] },
    },
    completion: {
      completionItem: {
        snippetSupport: true,
        commitCharactersSupport: true,
        documentationFormat: ["markdown", "plaintext"],
        deprecatedSupport: true,
        preselectSupport: true,
        tagSupport: { valueSet: [1] },
        insertReplaceSupport: true,
        labelDetailsSupport: true,
        insertTextModeSupport: { valueSet: [1, 2] },
        resolveSupport: { properties: ["documentation", "detail"] },
      },
      completionList: { itemDefaults: ["editRange", "insertTextFormat", "insertTextMode", "commitCharacters"] },
      contextSupport: true,
    },
    hover: { contentFormat: ["markdown", "plaintext"] },
    signatureHelp: {
      contextSupport: false,
      signatureInformation: {
        documentationFormat: ["markdown", "plaintext"],
        parameterInformation: { labelOffsetSupport: true },
        activeParameterSupport: true,
      },
    },
    definition: { linkSupport: true },
    references: {},
    documentHighlight: {},
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    codeAction: {
      isPreferredSupport: true,
      disabledSupport: true,
      dataSupport: true,
      resolveSupport: { properties: ["edit"] },
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor", "source", "source.fixAll"] } },
    },
    codeLens: {},
    formatting: {},
    rangeFormatting: {},
    onTypeFormatting: {},
    rename: { prepareSupport: true },
    foldingRange: { lineFoldingOnly: true },
    selectionRange: {},
    linkedEditingRange: {},
    inlayHint: {},
    documentLink: { tooltipSupport: true },
    semanticTokens: {
      requests: { full: { delta: true } },
      formats: ["relative"],
      multilineTokenSupport: false,
      overlappingTokenSupport: false,
      tokenTypes: [
        "namespace", "type", "class", "enum", "interface", "struct", "typeParameter", "parameter", "variable", "property",
        "enumMember", "event", "function", "method", "macro", "keyword", "modifier", "comment", "string", "number", "regexp",
        "operator", "decorator", "label",
      ],
      tokenModifiers: [
        "declaration", "definition", "readonly", "static", "deprecated", "abstract", "async", "modification", "documentation",
        "defaultLibrary",
      ],
    },
  },
};

export class Client implements Host {
  readonly connection: Connection;
  private readonly found = new Map<string, lsp.Diagnostic[]>();
  private readonly diagnosed = new monaco.Emitter<string>();
  private readonly messages = new monaco.Emitter<string>();
  private readonly failures = new monaco.Emitter<string>();
  /** Fires with the address of a document whose findings are new. */
  readonly onDidDiagnose = this.diagnosed.event;
  readonly onMessage = this.messages.event;
  /** Fires with the reason when there is no server any more. */
  readonly onDidFail = this.failures.event;

  constructor(
    private readonly worker: { post(message: ToWorker): void; listen(listener: (message: FromWorker) => void): void },
    private readonly workspace: Workspace,
  ) {
    this.connection = new Connection((text) => this.worker.post({ kind: "message", text }));
    this.connection.on("textDocument/publishDiagnostics", (p) => this.takeDiagnostics(p));
    this.connection.on("window/showMessage", (p) => this.messages.fire(p.message));
    this.connection.on("window/logMessage", (p) => console.debug(p.message));
    this.connection.on("workspace/applyEdit", (p) => {
      this.apply(p.edit);
      return { applied: true };
    });
    this.connection.on("workspace/configuration", (p) => p.items.map(() => null));
    this.connection.on("workspace/workspaceFolders", () => [folder]);
    this.connection.on("client/registerCapability", () => null);
    this.connection.on("client/unregisterCapability", () => null);
  }

  /** Starts the session with the files that there are. What is typed in the meantime is told when the server answers. */
  async start(): Promise<void> {
    this.worker.listen((message) => {
      if (message.kind === "message") {
        this.connection.receive(message.text);
      } else if (message.kind === "failed") {
        this.connection.fail(message.text);
        this.failures.fire(message.text);
      }
    });
    this.workspace.models().forEach((model) => this.write(model));
    const answer = await this.connection.request<{ capabilities: Capabilities }>("initialize", {
      processId: null,
      clientInfo: { name: "escape-playground" },
      rootUri,
      rootPath: root,
      workspaceFolders: [folder],
      capabilities,
      initializationOptions: { clientCommands },
    });
    this.connection.notify("initialized", {});
    this.workspace.models().forEach((model) => this.open(model));
    this.workspace.onDidAdd((model) => (this.write(model), this.open(model)));
    this.workspace.onDidRemove((path) => this.close(path));
    new Features(this.connection, this, allLanguages).register(answer.capabilities);
    const reported = async (work: Promise<unknown>) => work.catch((e) => this.messages.fire(e instanceof Error ? e.message : String(e)));
    monaco.editor.registerCommand(convert.runCommand, (_, command: string, args: unknown[]) => reported(this.execute(command, ...args)));
    monaco.editor.registerCommand(convert.actCommand, (_, action: lsp.CodeAction) => reported(this.act(action)));
  }

  diagnostics(uri: string): lsp.Diagnostic[] {
    return this.found.get(uri) ?? [];
  }

  /** Asks the server to run one of its commands. */
  execute<T>(command: string, ...args: unknown[]): Promise<T> {
    return this.connection.request("workspace/executeCommand", { command, arguments: args });
  }

  /** Does what an action says, of which the server tells only now what that is. */
  private async act(action: lsp.CodeAction): Promise<void> {
    const { edit, command } = action.edit ? action : await this.connection.request<lsp.CodeAction>("codeAction/resolve", action);
    if (edit) {
      this.apply(edit);
    }
    if (command) {
      await this.execute(command.command, ...(command.arguments ?? []));
    }
  }

  private write(model: monaco.editor.ITextModel): void {
    this.worker.post({ kind: "write", path: model.uri.path, text: model.getValue() });
  }

  private open(model: monaco.editor.ITextModel): void {
    const uri = model.uri.toString();
    this.watched(uri, 1);
    this.connection.notify("textDocument/didOpen", {
      textDocument: { uri, languageId: model.getLanguageId(), version: model.getVersionId(), text: model.getValue() },
    });
    model.onDidChangeContent((event) => {
      this.connection.notify("textDocument/didChange", {
        textDocument: { uri, version: event.versionId },
        // The changes of one event are in such an order that each can be applied after the one before.
        contentChanges: event.changes.map((c) => ({ range: convert.toRange(c.range), text: c.text })),
      });
      if (!planLanguages.includes(model.getLanguageId())) {
        this.save(model);
      }
    });
  }

  private readonly saving = new Map<string, ReturnType<typeof setTimeout>>();

  /** Writes a file that is no plan, once nothing is typed: there is no other moment at which it would be saved. */
  private save(model: monaco.editor.ITextModel): void {
    const uri = model.uri.toString();
    clearTimeout(this.saving.get(uri));
    const write = () => {
      if (!model.isDisposed()) {
        this.write(model);
        this.watched(uri, 2);
      }
    };
    this.saving.set(uri, setTimeout(write, 500));
  }

  private close(path: string): void {
    const uri = monaco.Uri.file(`${root}/${path}`).toString();
    this.worker.post({ kind: "remove", path: `${root}/${path}` });
    this.connection.notify("textDocument/didClose", { textDocument: { uri } });
    this.watched(uri, 3);
    this.found.delete(uri);
    this.diagnosed.fire(uri);
  }

  private watched(uri: string, type: 1 | 2 | 3): void {
    this.connection.notify("workspace/didChangeWatchedFiles", { changes: [{ uri, type }] });
  }

  private takeDiagnostics(p: { uri: string; version?: number; diagnostics: lsp.Diagnostic[] }): void {
    const model = monaco.editor.getModel(monaco.Uri.parse(p.uri));
    if (!model || (p.version !== undefined && p.version < model.getVersionId())) {
      return; // those of what is on the screen are on their way
    }
    this.found.set(model.uri.toString(), p.diagnostics);
    monaco.editor.setModelMarkers(model, "escape", p.diagnostics.map(convert.fromDiagnostic));
    this.diagnosed.fire(model.uri.toString());
  }

  /** Applies an edit of the server; the texts of a file change in one step, which one undo takes back. */
  apply(edit: lsp.WorkspaceEdit): void {
    for (const change of convert.changesOf(edit)) {
      const path = this.ours(change.uri);
      const model = this.workspace.model(path);
      if (change.kind === "create") {
        model ?? this.workspace.add(path, "");
        continue;
      }
      if (!model) {
        throw new Error(`${path} is not there`);
      }
      if (change.kind === "text") {
        model.pushStackElement();
        model.pushEditOperations(null, change.edits.map(convert.fromEdit), () => null);
        model.pushStackElement();
        continue;
      }
      if (change.kind === "rename") {
        this.workspace.add(this.ours(change.to), model.getValue());
      }
      this.workspace.remove(path);
    }
  }

  private ours(uri: string): string {
    const path = pathOf(monaco.Uri.parse(uri));
    if (path === undefined) {
      throw new Error(`${uri} is not in the workspace`);
    }
    return path;
  }
}

const folder = { uri: rootUri, name: "playground" };
