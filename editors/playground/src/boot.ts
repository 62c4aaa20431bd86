// What runs first: it lets the server start while the editor is still on its way.
import "./style.css";
import type { FromWorker, ToWorker } from "./rpc";

/** The worker of the server, and what it said before anybody listened. */
export class Server {
  private readonly worker = new Worker(new URL("worker.js", document.baseURI), { name: "escape" });
  private early: FromWorker[] | undefined = [];
  private listener: (message: FromWorker) => void = (message) => this.early!.push(message);

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.listener(data);
    this.worker.onerror = (event) => this.listener({ kind: "failed", text: event.message || "the worker cannot be loaded" });
  }

  post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  listen(listener: (message: FromWorker) => void): void {
    this.early?.forEach(listener);
    this.early = undefined;
    this.listener = listener;
  }
}

const server = new Server();
import("./main").then(({ main }) => main(server)).catch((error) => {
  document.getElementById("status")!.textContent = `The playground cannot start: ${error}`;
  throw error;
});
