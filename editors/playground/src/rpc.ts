// JSON-RPC between the page and the language server in its worker.

/** What the worker and the page say to each other. `text` of a message is one message of the protocol. */
export type ToWorker =
  | { kind: "message"; text: string }
  | { kind: "write"; path: string; text: string }
  | { kind: "remove"; path: string };
export type FromWorker = { kind: "ready" } | { kind: "message"; text: string } | { kind: "failed"; text: string };

/** The answer of a server that refuses a request. */
export class ResponseError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** Codes of answers that say: the request is out of date, ask again. */
const contentModified = -32801;
const serverCancelled = -32802;
const requestCancelled = -32800;
const methodNotFound = -32601;
const internalError = -32603;

/** Reports whether an error says no more than that nobody wants the answer any more. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ResponseError && [contentModified, serverCancelled, requestCancelled].includes(error.code);
}

/** Something that tells when an answer is no longer wanted, as the tokens of the editor do. */
export interface Cancellation {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

interface Message {
  jsonrpc: "2.0";
  id?: number | string;
  method?: string;
  params?: any;
  result?: any;
  error?: { code: number; message: string };
}

export class Connection {
  private last = 0;
  private readonly waiting = new Map<number | string, { resolve(result: any): void; reject(error: Error): void }>();
  private readonly handlers = new Map<string, (params: any) => any>();

  constructor(private readonly send: (text: string) => void) {}

  /** Sets what is done with a notification, or what answers a request, of the server. */
  on(method: string, handler: (params: any) => any): void {
    this.handlers.set(method, handler);
  }

  notify(method: string, params: unknown): void {
    this.write({ jsonrpc: "2.0", method, params });
  }

  /** Asks the server. The promise is rejected with a ResponseError if the server refuses. */
  request<T>(method: string, params: unknown, cancel?: Cancellation): Promise<T> {
    const id = ++this.last;
    return new Promise<T>((resolve, reject) => {
      if (cancel?.isCancellationRequested) {
        reject(new ResponseError(requestCancelled, "cancelled"));
        return;
      }
      const listening = cancel?.onCancellationRequested(() => this.notify("$/cancelRequest", { id }));
      const done = () => {
        this.waiting.delete(id);
        listening?.dispose();
      };
      this.waiting.set(id, {
        resolve: (result) => (done(), resolve(result)),
        reject: (error) => (done(), reject(error)),
      });
      this.write({ jsonrpc: "2.0", id, method, params });
    });
  }

  /** Takes a message of the server. */
  receive(text: string): void {
    const message: Message = JSON.parse(text);
    if (message.method !== undefined) {
      void this.handle(message);
      return;
    }
    const waiting = this.waiting.get(message.id!);
    if (message.error) {
      waiting?.reject(new ResponseError(message.error.code, message.error.message));
    } else {
      waiting?.resolve(message.result);
    }
  }

  /** Gives up: the server is gone. */
  fail(reason: string): void {
    for (const waiting of [...this.waiting.values()]) {
      waiting.reject(new ResponseError(internalError, reason));
    }
  }

  private async handle({ id, method, params }: Message): Promise<void> {
    const handler = this.handlers.get(method!);
    if (id === undefined) {
      handler?.(params);
      return;
    }
    if (!handler) {
      this.write({ jsonrpc: "2.0", id, error: { code: methodNotFound, message: `${method} is not known here` } });
      return;
    }
    try {
      this.write({ jsonrpc: "2.0", id, result: (await handler(params)) ?? null });
    } catch (error) {
      this.write({ jsonrpc: "2.0", id, error: { code: internalError, message: String(error) } });
    }
  }

  private write(message: Message): void {
    this.send(JSON.stringify(message));
  }
}
