// The extension in the real product, as a user meets it. The checks follow one another in one window, each starts with the
// command that brings it where it wants to be, and none depends on what another one changed.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { servers, start, textOfFile } from "./editor.mjs";
import { patience, until, Workbench } from "./workbench.mjs";

/** Checks of what the server does not do yet. One that passes must leave this list. */
const notYetServed = new Set([]);
const patienceWithMissing = 3_000;

const screenshots = process.env.ESCAPE_SCREENSHOTS || path.join(process.env.WORK, "screenshots");
const storefront = "storefront/escape.yml";
const cluster = "cluster/escape.hcl";

let editor;
let bench;
let count = 0;

before(async () => {
  mkdirSync(screenshots, { recursive: true });
  editor = await start();
  bench = new Workbench(editor.page);
  await bench.text(".explorer-folders-view .monaco-list-row", /storefront/);
});

after(() => editor?.stop());

/** check is a test that leaves a screenshot, and a window in which the next one can start. */
function check(name, body) {
  const wanted = !notYetServed.has(name);
  test(name, { timeout: 180_000 }, async (t) => {
    let failure;
    patience.now = wanted ? patience.usual : patienceWithMissing;
    try {
      await body();
    } catch (error) {
      failure = error;
    }
    patience.now = patience.usual;
    const file = `${String(++count).padStart(2, "0")}-${name.replace(/\W+/g, "-")}.png`;
    await editor.page.screenshot({ path: path.join(screenshots, file) });
    await bench.tidy();
    if (failure && wanted) {
      throw failure;
    }
    if (failure) {
      t.todo(`the server does not do this yet: ${failure.message}`);
      return;
    }
    assert.ok(wanted, "this works now: take it off the list notYetServed");
  });
}

check("a plan in YAML has its language and its colours", async () => {
  await bench.open(storefront);
  await bench.text(".statusbar-item", /Escape Plan/);
  await until("the colour of $this", async () => {
    const colours = await bench.colours(/default: \$this\.inputs\.region\.upper\(\)/);
    return new Set(colours.values()).size >= 3 && colours;
  });
});

check("a mistake in YAML is underlined", async () => {
  await bench.open(storefront);
  await bench.goTo(26, 1);
  await bench.squiggle("warning", /^inclueds$/);
});

check("a mistake in HCL is underlined", async () => {
  await bench.open(cluster);
  await bench.text(".statusbar-item", /Escape Plan \(HCL\)/);
  await bench.squiggle("error", /^machnes$/);
});

check("the Problems panel shows the code", async () => {
  await bench.open(storefront);
  await bench.command("Problems: Focus on Problems View");
  const problem = await bench.text(".markers-panel .monaco-list-row", /unknown field "inclueds"/);
  assert.match(problem, /ESC2001/);
});

check("a quick fix mends the mistake", async () => {
  await bench.open(storefront);
  await bench.goTo(26, 3);
  await bench.squiggle("warning", /^inclueds$/);
  await bench.fix(/replace with "includes"/i);
  await bench.line(/^includes:$/);
});

check("hover tells of a field and of a value", async () => {
  await bench.open(storefront);
  await bench.goTo(9, 3);
  await bench.hover(/inputs/i);
});

check("hover works in HCL", async () => {
  await bench.open(cluster);
  await bench.goTo(3, 3);
  await bench.hover(/description/i);
});

check("hover shows the value of an expression", async () => {
  await bench.open(storefront);
  await bench.goTo(19, 26);
  await bench.command("Escape: Show Value at Cursor");
  await bench.text(".monaco-hover:not(.hidden) .hover-row", /eu-west/i);
});

check("completion offers fields", async () => {
  await bench.open(storefront);
  await bench.atEnd();
  await bench.keyboard.type("dest");
  await bench.suggestion(/^destroystep/);
});

check("completion opens by itself inside an expression", async () => {
  await bench.open(storefront);
  await bench.goTo(14, 31);
  await bench.press("Control", "Backspace");
  await bench.press("Backspace");
  await bench.keyboard.type(".");
  await bench.suggestion(/^address/);
});

check("completion works in HCL", async () => {
  await bench.open(cluster);
  await bench.atEnd();
  await bench.keyboard.type('\noutput "more" {\ndefault = this.inputs.');
  await bench.suggestion(/^machines/);
});

check("snippets are offered", async () => {
  await bench.open(storefront);
  await bench.atEnd();
  await bench.keyboard.type("errand");
  await bench.press("Control", "Space");
  await bench.suggestion(/errands?/);
});

/** fresh makes an empty plan in a folder of its own and opens it; afterwards the folder is removed. */
async function fresh(name, body) {
  const folder = path.join(editor.workspace, "fresh");
  mkdirSync(folder);
  writeFileSync(path.join(folder, name), "");
  try {
    await bench.ask(`fresh/${name}`, new RegExp(`^${name}.*fresh`));
    await bench.text(".tab.active", new RegExp(name));
    await bench.text(".monaco-breadcrumbs", /fresh/);
    await bench.press("Control", "1");
    await body();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

check("a plan is written by taking what is offered", () =>
  fresh("escape.yml", async () => {
    await bench.take("ver", /^versiontext/);
    await bench.take("", /^0\.1\.@/);
    await bench.keyboard.type("\n");
    await bench.take("dep", /^dependslist/);
    await bench.take("", /^shop\/cluster/);
    await bench.take("", /^shop\/cluster-v0\.3\.@/);
    assert.match(await bench.line(/release_id/), /^- release_id: shop\/cluster-v0\.3\.@$/);
  }),
);

check("the key that ends a line takes nothing for a new name", () =>
  fresh("escape.yml", async () => {
    await bench.take("inputs", /^inputslist/);
    await bench.suggestion(/^project/);
    await bench.keyboard.type("p");
    await bench.suggestion(/^project/);
    await bench.keyboard.type("ort");
    await bench.gone(".suggest-widget.visible .monaco-list-row");
    await bench.keyboard.type("\ndefault: 80");
    await bench.line(/^- id: port\b/);
    await bench.line(/^ {2}default: 80$/);
  }),
);

check("a plan in HCL is written by taking what is offered", () =>
  fresh("escape.hcl", async () => {
    await bench.take("dep", /^dependsblock/);
    await bench.take("", /^shop\/cluster/);
    await bench.take("", /^shop\/cluster-v0\.3\.@/);
    await bench.line(/^depends "shop\/cluster-v0\.3\.@" \{$/);
  }),
);

check("no snippet is offered inside a value, nor for a field that is there", async () => {
  await bench.open(storefront);
  await bench.goTo(2, 10);
  await bench.press("Control", "Space");
  await bench.suggestion(/^1\.0\.0/);
  assert.deepEqual((await bench.texts(".suggest-widget.visible .monaco-list-row")).filter((row) => row.includes("Escape: ")), []);
  await bench.press("Escape");
  await bench.atEnd();
  await bench.keyboard.type("de");
  await bench.suggestion(/Escape: destroy/);
  assert.deepEqual((await bench.texts(".suggest-widget.visible .monaco-list-row")).filter((row) => /Escape: (depends|description)/.test(row)), []);
});

check("rename follows an input into expressions and scripts", async () => {
  await bench.open(storefront);
  await bench.goTo(10, 8);
  await bench.rename("where");
  await bench.line(/id: where\b/);
  await bench.line(/\$this\.inputs\.where\.upper\(\)/);
  await bench.command("File: Save All Files");
  const inFiles = (name) =>
    textOfFile(editor.workspace, "storefront/deploy.sh").includes(`INPUT_${name}`) &&
    textOfFile(editor.workspace, "storefront/shop.conf.tpl").includes(`{{${name}}}`);
  await until("the new name in the files", () => inFiles("where"));
  await bench.open(storefront);
  await bench.goTo(10, 8);
  await bench.rename("region");
  await bench.line(/id: region\b/);
  await bench.command("File: Save All Files");
  await until("the old name in the files", () => inFiles("region"));
});

check("go to definition opens the plan of a dependency", async () => {
  await bench.open(storefront);
  await bench.goTo(14, 28);
  await bench.press("F12");
  await bench.text(".tab.active", /escape\.yml.*database/);
});

check("a code lens lists references", async () => {
  await bench.open(storefront);
  await bench.goTo(10, 1);
  await bench.click(".codelens-decoration a", /^3 references$/);
  await bench.text(".peekview-widget .monaco-list-row", /region/);
});

check("the outline shows the plan", async () => {
  await bench.open(storefront);
  await bench.ask("@", /inputs/);
});

check("formatting keeps comments and lays out the plan", async () => {
  await bench.open(storefront);
  await bench.goTo(27, 1);
  await bench.keyboard.type("    ");
  await bench.press("End");
  await bench.keyboard.type(" # ours");
  await bench.line(/^ {4}- shop\.conf\.tpl # ours$/);
  await bench.command("Format Document");
  await bench.line(/^- shop\.conf\.tpl # ours$/);
});

check("the status item tells the version", async () => {
  await bench.open(storefront);
  await bench.click(".statusbar-item[id='status.languageStatus'] a");
  await bench.text(".hover-language-status", /Escape \d+\.\d+\.\d+/);
});

check("the status document tells what the server knows", async () => {
  await bench.open(storefront);
  await bench.command("Escape: Show Status");
  await bench.line(/"status": \{/);
});

/** graph opens the graph of the storefront and returns its frame and the names in it. */
async function graph() {
  await bench.open(storefront);
  await bench.command("Escape: Show Graph");
  const frame = await bench.webview("main > svg .node");
  return { frame, names: await frame.$$eval(".node", (nodes) => nodes.map((node) => node.querySelector("text").textContent)) };
}

check("the graph draws plans and a click opens one", async () => {
  const { frame, names } = await graph();
  assert.ok(names.includes("shop/storefront") && names.includes("shop/database"), String(names));
  await editor.page.screenshot({ path: path.join(screenshots, "graph.png") });
  await (await frame.$$(".node"))[names.indexOf("shop/database")].click();
  await bench.text(".monaco-breadcrumbs", /database/);
});

check("the graph reaches what dependencies depend on", async () => {
  const { names } = await graph();
  assert.ok(names.includes("shop/cluster"), String(names));
});

check("the dependency tree shows the plan and what it needs", async () => {
  await bench.open(storefront);
  await bench.command("Explorer: Focus on Plan Dependencies View");
  await bench.text(".tree-explorer-viewlet-tree-view .monaco-list-row", /shop\/database/);
});

check("the preview shows release metadata", async () => {
  await bench.open("database/escape.yml");
  await bench.command("Escape: Preview Release Metadata");
  await bench.text(".view-line", /"name": "database"/);
});

check("conversion shows the plan in HCL", async () => {
  await bench.open("database/escape.yml");
  await bench.command("Escape: Convert between YAML and HCL");
  await bench.text(".tab", /escape\.hcl/);
  await bench.text(".view-line", /name *= "shop\/database"/);
});

check("a rule is explained offline", async () => {
  await bench.command("Escape: Explain Rule");
  await bench.pick(/ESC2001/, "ESC2001");
  const frame = await bench.webview("body.vscode-body h1");
  assert.match(await frame.evaluate(() => document.querySelector("h1").textContent), /ESC2001 unknown-field/);
});

check("the linter fills the Problems panel with plans that are not open", async () => {
  await bench.command("View: Close All Editors");
  await bench.command("Escape: Lint Workspace");
  const problem = await bench.text(".markers-panel .monaco-list-row", /has no key "machnes"/);
  assert.match(problem, /ESC3002/);
});

check("a step runs in the terminal", async () => {
  await bench.open(storefront);
  await bench.command("Escape: Run Step…");
  await bench.pick(/^build/);
  await bench.text(".terminal-tabs-entry, .terminal-outer-container, .part.panel .title-label, .single-terminal-tab", /run build|escape/i);
});

check("the bug report tells of the editor and of the server", async () => {
  await bench.open(storefront);
  await bench.command("Escape: Write Bug Report");
  await bench.line(/^- Extension: \d+\.\d+\.\d+$/);
  const lines = await bench.texts(".editor-group-container.active .view-line");
  assert.ok(!lines.some((line) => line.includes("gave no report")), lines.join("\n"));
});

check("the walkthrough opens", async () => {
  await bench.ask(">Welcome: Open Walkthrough", /^Welcome: Open Walkthrough/);
  await bench.pick(/Get Started with Escape/, "Get Started with Escape");
  await bench.text(".gettingStartedContainer .step-title, .gettingStartedContainer .getting-started-step", /Write a plan/);
});

check("restart brings the server back", async () => {
  await bench.open(storefront);
  await bench.goTo(26, 1);
  await bench.command("Escape: Restart Server");
  await bench.squiggle("warning", /^inclueds$/);
});

check("a server that is killed comes back", async () => {
  await bench.open(storefront);
  await bench.goTo(26, 1);
  await bench.squiggle("warning", /^inclueds$/);
  const [old] = servers();
  process.kill(old, "SIGKILL");
  await until("another server", () => servers().some((pid) => pid !== old));
  await bench.goTo(9, 3);
  await bench.hover(/inputs/i);
});

check("a program that is no server is told, and the right one starts after it", async () => {
  const program = path.join(editor.workspace, "old");
  const settings = path.join(editor.workspace, ".vscode/settings.json");
  writeFileSync(program, "#!/bin/sh\necho no such command >&2\nexit 1\n", { mode: 0o755 });
  mkdirSync(path.dirname(settings), { recursive: true });
  try {
    for (const [command, words] of [
      [program, /old did not start as a language server/],
      [`${program}er`, /names was not found: .*older/],
    ]) {
      writeFileSync(settings, JSON.stringify({ "escape.path": command }));
      await bench.text(".notification-list-item", words);
    }
    const shown = await bench.texts(".notification-list-item");
    assert.equal(shown.length, 2, shown.join("\n"));
    await bench.command("Notifications: Clear All Notifications");
    await bench.command("Escape: Lint Workspace");
    await bench.text(".notification-list-item", /names was not found/);
    await bench.command("Notifications: Clear All Notifications");
  } finally {
    writeFileSync(settings, "{}");
  }
  await bench.open(storefront);
  await bench.goTo(26, 1);
  await bench.squiggle("warning", /^inclueds$/);
});
