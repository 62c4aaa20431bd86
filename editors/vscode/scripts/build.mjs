// Bundles the extension to one file, and the script of the graph's page to another.
import { rmSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** bundle writes dist/ below a folder. */
export async function bundle(folder) {
  const outdir = path.join(folder, "dist");
  rmSync(outdir, { recursive: true, force: true });
  const common = { absWorkingDir: root, bundle: true, minify: true, outdir, legalComments: "none", logLevel: "warning" };
  await Promise.all([
    build({
      ...common,
      entryPoints: ["src/extension.ts"],
      platform: "node",
      format: "cjs",
      target: "node22",
      external: ["vscode"],
    }),
    build({ ...common, entryPoints: ["src/webview/graph.ts"], platform: "browser", format: "iife", target: "es2022" }),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle(path.join(root, "build", "stage"));
}
