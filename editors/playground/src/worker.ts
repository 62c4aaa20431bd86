// The worker: the language server, compiled to WebAssembly, and the files it sees. It has no access to the page.
import type { FromWorker, ToWorker } from "./rpc";

/** What the server (cmd/escape-playground) and this worker give each other. */
interface Bridge {
  /** Of the worker: takes a message of the server. */
  receive(text: string): void;
  /** Of the worker: the server has set the rest. */
  ready(): void;
  /** Of the server. */
  send?(text: string): void;
  write?(path: string, text: string): void;
  remove?(path: string): void;
}

declare class Go {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}
declare const self: DedicatedWorkerGlobalScopeLike & { escape: Bridge };
interface DedicatedWorkerGlobalScopeLike {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  location: Location;
}

const early: ToWorker[] = []; // what came before the server was ready
self.onmessage = ({ data }) => early.push(data);

self.escape = {
  receive: (text) => self.postMessage({ kind: "message", text }),
  ready() {
    performance.mark("escape-ready");
    early.forEach(take);
    self.onmessage = ({ data }) => take(data);
    self.postMessage({ kind: "ready" });
  },
};

function take(data: ToWorker): void {
  switch (data.kind) {
    case "message":
      return self.escape.send!(data.text);
    case "write":
      return self.escape.write!(data.path, data.text);
    case "remove":
      return self.escape.remove!(data.path);
  }
}

async function start(): Promise<void> {
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(program(), go.importObject);
  performance.mark("escape-compiled");
  await go.run(instance);
  throw new Error("the language server has ended");
}

/**
 * Fetches the program, which is compressed so that it is small on any server. One that undoes that on the way, because of
 * the name of the file, is fine too.
 */
async function program(): Promise<Response> {
  const response = await fetch(new URL("escape.wasm.gz", self.location.href));
  if (!response.ok || !response.body) {
    throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  }
  const [peek, body] = response.body.tee();
  const reader = peek.getReader();
  const { value: first } = await reader.read();
  void reader.cancel();
  const packed = first?.[0] === 0x1f && first[1] === 0x8b;
  const stream = packed ? body.pipeThrough(new DecompressionStream("gzip") as TransformStream<any, any>) : body;
  return new Response(stream, { headers: { "Content-Type": "application/wasm" } });
}

start().catch((error) => self.postMessage({ kind: "failed", text: error instanceof Error ? error.message : String(error) }));
