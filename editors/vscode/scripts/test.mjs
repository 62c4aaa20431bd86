// Bundles the unit tests, since Node 20 does not read TypeScript, and runs them. "vscode" is the stand-in of test/unit.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { build } from "esbuild";
import { root } from "./build.mjs";

const outdir = path.join(root, "build", "test");
rmSync(outdir, { recursive: true, force: true });
const tests = readdirSync(path.join(root, "test/unit")).filter((name) => name.endsWith(".test.ts"));
await build({
  absWorkingDir: root,
  entryPoints: tests.map((name) => path.join("test/unit", name)),
  outdir,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "inline",
  alias: { vscode: path.join(root, "test/unit/vscode.ts") },
  logLevel: "warning",
});
const files = tests.map((name) => path.join(outdir, name.replace(/\.ts$/, ".cjs")));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
