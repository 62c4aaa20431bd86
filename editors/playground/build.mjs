// Bundles the page into dist/. The program of the worker is built by build.sh.
import { readFileSync, readdirSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const own = import.meta.dirname;
const dist = path.join(own, "dist");

/** Workers of libraries are bundled on their own; importing one gives the address of its script. */
const workers = {
  name: "workers",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^worker:/ }, ({ path: name }) => ({ path: name.slice("worker:".length), namespace: "worker" }));
    onLoad({ filter: /.*/, namespace: "worker" }, async ({ path: name }) => {
      const file = `${path.basename(name, ".js")}.js`;
      await build({ ...common, stdin: { contents: `import "${name}"`, resolveDir: own }, outfile: path.join(dist, file), format: "iife" });
      return { contents: `export default new URL("${file}", document.baseURI).href` };
    });
  },
};

/** A folder of files as a module: the text of each by its path. */
const workspaces = {
  name: "workspaces",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^workspace:/ }, ({ path: name }) => ({ path: name, namespace: "workspace" }));
    onLoad({ filter: /.*/, namespace: "workspace" }, ({ path: name }) => {
      const root = path.join(own, "workspace", name.slice("workspace:".length));
      const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const texts = files.map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(root, file).replaceAll(path.sep, "/"), readFileSync(file, "utf8")];
      });
      return { contents: JSON.stringify(Object.fromEntries(texts)), loader: "json" };
    });
  },
};

const common = { bundle: true, minify: true, target: "es2022", legalComments: "linked", logLevel: "warning", loader: { ".ttf": "file" } };

await mkdir(dist, { recursive: true });
await build({
  ...common,
  entryPoints: [path.join(own, "src/boot.ts")],
  outdir: dist,
  format: "esm",
  splitting: true,
  plugins: [workers, workspaces],
});
await build({
  ...common,
  stdin: { contents: `import ${JSON.stringify(process.argv[2])}; import "./src/worker.ts"`, resolveDir: own },
  outfile: path.join(dist, "worker.js"),
  format: "iife",
});
await copyFile(path.join(own, "src/index.html"), path.join(dist, "index.html"));
for (const name of ["LICENSE", "ThirdPartyNotices.txt"]) {
  await copyFile(path.join(own, "node_modules/monaco-editor", name), path.join(dist, `monaco-editor.${name.replace(".txt", "")}.txt`));
}
