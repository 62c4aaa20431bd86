// Makes the .vsix without any network: a generic one, which looks for the program on PATH, or with "--target linux-x64" and
// the like one for a platform, with the program inside, which is built unless "--program FILE" gives it. "--out FILE" says where
// the package goes, "--stage" stops before packing.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { createVSIX } from "@vscode/vsce";
import { bundle, root } from "./build.mjs";

const repository = path.resolve(root, "../..");

/** Platforms by their names in VS Code, and what Go calls them. */
const platforms = {
  "linux-x64": ["linux", "amd64"],
  "linux-arm64": ["linux", "arm64"],
  "alpine-x64": ["linux", "amd64"],
  "alpine-arm64": ["linux", "arm64"],
  "darwin-x64": ["darwin", "amd64"],
  "darwin-arm64": ["darwin", "arm64"],
  "win32-x64": ["windows", "amd64"],
  "win32-arm64": ["windows", "arm64"],
};

const {
  target,
  out,
  program,
  stage: stageOnly,
} = parseArgs({
  options: {
    target: { type: "string" },
    out: { type: "string" },
    program: { type: "string" },
    stage: { type: "boolean" },
  },
}).values;
if (target !== undefined && !(target in platforms)) {
  throw new Error(`no such target; there are ${Object.keys(platforms).join(", ")}`);
}

const stage = path.join(root, "build", "stage");
rmSync(stage, { recursive: true, force: true });
mkdirSync(path.join(stage, "schemas"), { recursive: true });
for (const name of ["README.md", "CHANGELOG.md", "language", "media"]) {
  cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
}
copyFileSync(path.join(repository, "LICENSE"), path.join(stage, "LICENSE"));
copyFileSync(path.join(repository, "lang/plan/plan.schema.json"), path.join(stage, "schemas/plan.schema.json"));
copyFileSync(
  path.join(repository, "lang/lint/config/escapelint.schema.json"),
  path.join(stage, "schemas/escapelint.schema.json"),
);
cpSync(path.join(repository, "editors/grammars"), path.join(stage, "grammars"), {
  recursive: true,
  filter: (file) => !path.extname(file) || /\.tmLanguage\.json$/.test(file),
});
// Without prefixes they are for the command Insert Snippet only: the extension itself offers them, where they fit.
for (const name of ["snippets-escape-plan.json", "snippets-escape-plan-hcl.json"]) {
  const all = JSON.parse(readFileSync(path.join(repository, "editors/grammars", name), "utf8"));
  writeFileSync(path.join(stage, "grammars", name), JSON.stringify(all, (key, value) => (key === "prefix" ? undefined : value), 2));
}
await bundle(stage);

// What only development needs stays out of the manifest; the scripts would run when vsce packs.
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
delete manifest.scripts;
delete manifest.devDependencies;
delete manifest.private;
writeFileSync(path.join(stage, "package.json"), JSON.stringify(manifest, undefined, 2));
writeFileSync(path.join(stage, ".vscodeignore"), "");
for (const file of filesNamedIn(manifest)) {
  if (!existsSync(path.join(stage, file))) {
    throw new Error(`package.json names ${file}, which does not exist`);
  }
}

if (target !== undefined) {
  const [os, arch] = platforms[target];
  const packed = path.join(stage, "bin", os === "windows" ? "escape.exe" : "escape");
  if (program !== undefined) {
    mkdirSync(path.dirname(packed));
    copyFileSync(program, packed);
  } else {
    execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", packed, "./cmd/escape"], {
      cwd: repository,
      env: { ...process.env, GOOS: os, GOARCH: arch, CGO_ENABLED: "0" },
      stdio: "inherit",
    });
  }
}

if (!stageOnly) {
  const name = ["escape", manifest.version, ...(target ? [target] : [])].join("-");
  await createVSIX({
    cwd: stage,
    packagePath: path.resolve(out ?? path.join(root, "build", `${name}.vsix`)),
    dependencies: false,
    allowMissingRepository: true,
    ...(target && { target }),
  });
}

/** filesNamedIn finds the paths of a manifest, wherever they stand. */
function filesNamedIn(value) {
  if (typeof value === "string") {
    return /^(\.\/|media\/)/.test(value) ? [value] : [];
  }
  return value && typeof value === "object" ? Object.values(value).flatMap(filesNamedIn) : [];
}
