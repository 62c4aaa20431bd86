import * as fs from "node:fs";
import * as os from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ErrorHandler,
  type LanguageClientOptions,
  type Middleware,
} from "vscode-languageclient/node";
import { documentSelector } from "./selector";
import { findServer, type Server } from "./server";

/** The commands of this extension that the server may name in code lenses and actions. */
export const clientCommands = { run: "escape.run", showReferences: "escape.showReferences" } as const;

/** Condition is what a user wants to know of the server. */
export type Condition =
  | { kind: "stopped" }
  /** There is no program; asked is the value of the setting `escape.path`. */
  | { kind: "missing"; asked: string }
  /** The program did not get as far as to serve. */
  | { kind: "unfit"; server: Server; reason: string }
  | { kind: "starting"; server: Server }
  | { kind: "running"; server: Server; version: string }
  | { kind: "failed"; server: Server; reason: string };

/** How long a program may take to answer for the first time, in milliseconds. */
const startTimeout = 30_000;

/** Client leaves it to the session to tell the user that a program did not start. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown, show: boolean | "force" = true): void {
    super.error(message, data, this.state === State.Running && show);
  }
}

/** Session owns the language client. There is at most one server at a time. */
export class Session implements vscode.Disposable {
  readonly #output: vscode.LogOutputChannel;
  readonly #extension: vscode.ExtensionContext;
  readonly #middleware: Middleware;
  readonly #changed = new vscode.EventEmitter<Condition>();
  #client: LanguageClient | undefined;
  #condition: Condition = { kind: "stopped" };
  #queue: Promise<void> = Promise.resolve();

  /** changed fires whenever the condition of the server changes. */
  readonly changed = this.#changed.event;

  constructor(extension: vscode.ExtensionContext, output: vscode.LogOutputChannel, middleware: Middleware) {
    this.#extension = extension;
    this.#output = output;
    this.#middleware = middleware;
  }

  get condition(): Condition {
    return this.#condition;
  }

  /** asked is the value of the setting `escape.path`; empty if it is not set. */
  get asked(): string {
    return vscode.workspace.getConfiguration("escape").get<string>("path", "").trim();
  }

  /** server is the program as it would be started now. */
  get server(): Server | undefined {
    return findServer({
      setting: this.asked,
      extension: this.#extension.extensionPath,
      path: process.env["PATH"] ?? "",
      home: os.homedir(),
      windows: process.platform === "win32",
      isExecutable,
    });
  }

  /** restart ends the server, if one runs, and starts it again. Calls follow one another, so two never start at once. */
  restart(): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      await this.#stop();
      await this.#start();
    });
    return this.#queue;
  }

  /** execute asks the server to run one of its commands. It throws if there is no server or the command fails. */
  async execute<T>(command: string, ...args: unknown[]): Promise<T> {
    await this.#queue;
    if (this.#client === undefined || !this.#client.isRunning()) {
      throw new Error("the language server of Escape does not run");
    }
    return (await this.#client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args })) as T;
  }

  /** converter turns what commands of the server return into what VS Code takes. */
  get converter() {
    return this.#client?.protocol2CodeConverter;
  }

  async stop(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#stop());
    return this.#queue;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #start(): Promise<void> {
    const server = this.server;
    if (server === undefined) {
      this.#set({ kind: "missing", asked: this.asked });
      return;
    }
    this.#set({ kind: "starting", server });
    this.#output.info(`starting ${server.command} lsp (${server.origin})`);
    // What never served would not serve the next time. The client goes on waiting for its answer.
    let served = false;
    const ended = new AbortController();
    const errorHandler: ErrorHandler = {
      error: (...args) => (served ? usual.error(...args) : { action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (served) {
          return usual.closed();
        }
        ended.abort(new Error("the program has ended"));
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
    const options: LanguageClientOptions = { ...this.#options(), errorHandler, initializationFailedHandler: () => false };
    const client = new Client("escape", "Escape", { command: server.command, args: ["lsp"] }, options);
    const usual = client.createDefaultErrorHandler();
    this.#client = client;
    client.onDidChangeState(({ newState }) => {
      served ||= newState === State.Running;
      if (this.#client === client) {
        this.#follow(client, server, newState);
      }
    });
    try {
      await before(AbortSignal.any([ended.signal, AbortSignal.timeout(startTimeout)]), client.start());
    } catch (error) {
      this.#output.error(`the server did not start: ${reasonOf(error)}`);
      this.#set({ kind: "unfit", server, reason: reasonOf(error) });
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.#output.warn(`the server did not end in order: ${reasonOf(error)}`);
    }
    if (client !== undefined) {
      this.#set({ kind: "stopped" });
    }
  }

  #options(): LanguageClientOptions {
    return {
      documentSelector,
      outputChannel: this.#output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: {
        clientCommands: Object.values(clientCommands),
        settings: vscode.workspace.getConfiguration("escape"),
      },
      synchronize: { configurationSection: "escape" },
      middleware: this.#middleware,
    };
  }

  /** follow notes what the client tells of its server, which it may have started again after a crash. */
  #follow(client: LanguageClient, server: Server, state: State): void {
    switch (state) {
      case State.Starting:
        this.#set({ kind: "starting", server });
        break;
      case State.Running:
        this.#set({ kind: "running", server, version: client.initializeResult?.serverInfo?.version ?? "" });
        break;
      default:
        if (this.#condition.kind !== "unfit") {
          this.#set({ kind: "failed", server, reason: "the server has ended" });
        }
    }
  }

  #set(condition: Condition): void {
    this.#condition = condition;
    this.#changed.fire(condition);
  }
}

/** before is a promise that fails if a signal comes first. */
async function before<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true })),
  ]);
}

/** reasonOf returns the text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
