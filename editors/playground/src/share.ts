// A workspace in the fragment of an address, which no server gets to see.
import type { Files } from "./workspace";

export interface Shared {
  files: Files;
  /** The file that is shown. */
  open?: string;
}

const key = "#files=";
/** How much text a link may unpack to: somebody else may have made it. */
const limit = 1 << 20;

export async function pack(shared: Shared): Promise<string> {
  const packed = new Blob([JSON.stringify(shared)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return key + btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Reads a fragment: undefined if it holds no workspace. Throws if it holds one that cannot be read. */
export async function unpack(fragment: string): Promise<Shared | undefined> {
  if (!fragment.startsWith(key)) {
    return undefined;
  }
  const text = atob(fragment.slice(key.length).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts: BlobPart[] = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { value, done } = await reader.read();
    if (done) {
      break;
    }
    if ((size += value.length) > limit) {
      void reader.cancel();
      throw new Error("the link holds too much text");
    }
    parts.push(value);
  }
  return checked(JSON.parse(await new Blob(parts).text()));
}

/** Returns what is certainly a workspace. */
export function checked(data: unknown): Shared {
  const { files, open } = (data ?? {}) as { files?: unknown; open?: unknown };
  if (typeof files !== "object" || files === null || Array.isArray(files) || Object.keys(files).length === 0) {
    throw new Error("there are no files in it");
  }
  const good: Files = {};
  for (const [path, text] of Object.entries(files)) {
    if (typeof text !== "string" || path.startsWith("/") || path.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new Error(`${JSON.stringify(path)} is no file of a workspace`);
    }
    good[path] = text;
  }
  return { files: good, open: typeof open === "string" && open in good ? open : undefined };
}
