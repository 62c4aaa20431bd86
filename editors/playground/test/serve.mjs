// A plain server of static files: no compression, no rewriting, and types by the end of the name only.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf", ".gz": "application/gzip" };

/**
 * Serves a folder on a free port, or on the one that is asked for. Returns its address and what ends it. With unpacked, files that
 * end in .gz are sent as what they are when unpacked, as some servers do.
 */
export async function serve(folder, { port = 0, unpacked = false } = {}) {
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const file = path.join(folder, path.normalize(name.endsWith("/") ? `${name}index.html` : name));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const packed = unpacked && path.extname(file) === ".gz";
    response.writeHead(200, {
      "Content-Type": types[path.extname(file)] ?? "application/octet-stream",
      ...(packed && { "Content-Encoding": "gzip" }),
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

if (process.argv[1] === import.meta.filename) {
  const { address } = await serve(path.join(import.meta.dirname, "../dist"), { port: Number(process.argv[2] ?? 8080) });
  console.log(address);
}
