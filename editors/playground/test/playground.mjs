// Drives the built playground (dist/) in a headless Chromium, as a user would: `npm test`. CHROMIUM names the program, and
// SCREENSHOTS a folder for pictures of what was seen.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import puppeteer from "puppeteer-core";
import { serve } from "./serve.mjs";

const dist = path.join(import.meta.dirname, "../dist");
const chromium = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const patience = { timeout: 60_000 }; // of a busy machine

let server, browser, page, profile;
const strangers = []; // requests that leave the origin
const faults = []; // what the page complains about

before(async () => {
  server = await serve(dist);
  profile = await mkdtemp(path.join(tmpdir(), "playground-"));
  browser = await puppeteer.launch({
    executablePath: chromium,
    userDataDir: profile,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
  page = await open();
});

after(async () => {
  await browser?.close();
  server?.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** Opens the playground in a tab of its own and waits for the server's first word. */
async function open(fragment = "") {
  const made = await browser.newPage();
  made.setDefaultTimeout(patience.timeout);
  made.on("dialog", (dialog) => dialog.accept());
  made.on("pageerror", (error) => faults.push(String(error)));
  made.on("console", (message) => ["error", "warn"].includes(message.type()) && faults.push(message.text()));
  made.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && `${url.origin}/` !== server.address) {
      strangers.push(request.url());
    }
  });
  await made.setViewport({ width: 1280, height: 800 });
  await made.goto(server.address + fragment);
  await made.waitForFunction(() => !document.body.classList.contains("loading"));
  return made;
}

beforeEach(async () => {
  await page.bringToFront();
  await page.click("#reset");
  await show("escape.yml");
  await problems(0);
  await page.click("#tab-problems");
});

/** Waits until there are so many problems, one of which is like this. */
async function problems(count, like = "") {
  const there = (count, like) => {
    const rows = [...document.querySelectorAll("#problem-list button")].map((row) => row.textContent);
    return document.getElementById("problem-count").textContent === String(count) && (!like || rows.some((row) => new RegExp(like).test(row)));
  };
  try {
    await page.waitForFunction(there, {}, count, like);
  } catch (cause) {
    throw new Error(`not there: ${count} problems like ${like}, but ${await page.$eval("#problem-list", (list) => list.innerText)}`, { cause });
  }
}

/** Shows a file by its tab. */
async function show(name) {
  await (await page.waitForSelector(`#tabs ::-p-xpath(.//button[.="${name}"])`)).click();
  await page.waitForFunction((n) => document.querySelector("#tabs [aria-selected=true]").textContent === n, {}, name);
}

const shown = () => page.$eval("#tabs [aria-selected=true]", (tab) => tab.textContent);
const text = () => page.evaluate(() => monaco.editor.getEditors()[0].getValue());

/** Puts the cursor behind the first occurrence of a text, and the focus into the editor. Then something is inserted there. */
async function behind(part, insert = "") {
  await page.evaluate((part, insert) => {
    const editor = monaco.editor.getEditors()[0];
    const { range } = editor.getModel().findMatches(part, false, false, true, null, false)[0];
    const end = monaco.Range.fromPositions(range.getEndPosition());
    editor.setPosition(range.getEndPosition());
    editor.revealPositionInCenter(range.getEndPosition());
    editor.focus();
    if (insert) {
      editor.executeEdits("test", [{ range: end, text: insert, forceMoveMarkers: true }]);
    }
  }, part, insert);
}

/** Where on the page the middle of the first occurrence of a text is. */
function spot(part) {
  return page.evaluate((part) => {
    const editor = monaco.editor.getEditors()[0];
    const { range } = editor.getModel().findMatches(part, false, false, true, null, false)[0];
    editor.revealRange(range);
    editor.render(true);
    const at = editor.getScrolledVisiblePosition({ lineNumber: range.startLineNumber, column: (range.startColumn + range.endColumn) >> 1 });
    const box = editor.getDomNode().getBoundingClientRect();
    return { x: box.left + at.left, y: box.top + at.top + at.height / 2 };
  }, part);
}

/** Waits until a line of the list of completions that matches is the one to take. */
function suggested(like) {
  const there = (like) => [...document.querySelectorAll(".suggest-widget.visible .monaco-list-row.focused")].some((row) => new RegExp(`^${like}`).test(row.textContent));
  return page.waitForFunction(there, {}, like);
}

async function picture(name, of = page) {
  if (process.env.SCREENSHOTS) {
    mkdirSync(process.env.SCREENSHOTS, { recursive: true });
    await of.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600))); // until colours and popups have settled
    await of.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`) });
  }
}

test("starts, and says that the example has no problems", async (t) => {
  const marks = await page.evaluate(() =>
    Object.fromEntries(performance.getEntriesByType("mark").filter((m) => m.name.startsWith("escape-")).map((m) => [m.name, Math.round(m.startTime)])),
  );
  t.diagnostic(`milliseconds after the navigation: ${JSON.stringify(marks)}`);
  assert.equal(await page.$eval("#status", (status) => status.textContent), "");
  await picture("start");
});

test("shows a mistake as a squiggle and as a problem that leads to it", async () => {
  await behind("license: Apache-2.0", "\nlicence: MIT\n");
  await problems(1, "licence.*escape\\.yml:9:1 +ESC2\\d{3}");
  await page.waitForSelector("#editor .squiggly-warning");
  await picture("problem");
  await show("db/escape.yml");
  await page.click("#problem-list button");
  assert.equal(await shown(), "escape.yml");
  assert.equal(await page.evaluate(() => monaco.editor.getEditors()[0].getModel().getValueInRange(monaco.editor.getEditors()[0].getSelection())), "licence");
});

test("sees from one file what another one means", async () => {
  await show("db/escape.yml");
  await behind("- id: database", "_name");
  await page.waitForFunction(() => /[^/]escape\.yml:\d/.test(document.getElementById("problem-list").textContent));
});

test("checks the scripts that plans use", async () => {
  await show("db/deploy.sh");
  await behind('"$INPUT_container', "s");
  await problems(1, "INPUT_containers.*db/deploy\\.sh");
});

test("tells on hover what a name means", async () => {
  const at = await spot("db.deployment");
  await page.mouse.move(at.x, at.y);
  await page.mouse.move(at.x + 1, at.y);
  const hover = await page.waitForSelector(".monaco-hover:not(.hidden) .hover-contents");
  assert.match(await hover.evaluate((h) => h.textContent), /\w/);
  await picture("hover");
});

test("completes a half-typed expression", async () => {
  await behind("default: $api.outputs.url");
  for (let i = 0; i < "outputs.url".length; i++) {
    await page.keyboard.press("Backspace");
  }
  await page.keyboard.type("out");
  await page.waitForSelector(".suggest-widget.visible .monaco-list-row");
  await picture("completion");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => monaco.editor.getEditors()[0].getValue().includes("$api.outputs"));
});

test("leads to the definition, in another file", async () => {
  await behind("$api.outputs.ur");
  await page.keyboard.press("F12");
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === "api/escape.hcl");
  await page.waitForFunction(() => monaco.editor.getEditors()[0].getModel().getWordAtPosition(monaco.editor.getEditors()[0].getPosition())?.word === "url");
});

test("follows a link to a file", async () => {
  const at = await spot("smoke.sh");
  await page.waitForSelector("#editor .detected-link");
  await page.keyboard.down("Control");
  await page.mouse.move(at.x, at.y);
  await page.waitForSelector("#editor .detected-link-active");
  await page.mouse.click(at.x, at.y);
  await page.keyboard.up("Control");
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === "smoke.sh");
});

test("renames in all files", async () => {
  await show("db/escape.yml");
  await behind("- id: database");
  await page.keyboard.press("F2");
  await page.waitForFunction(() => document.activeElement.matches(".rename-input"));
  await page.keyboard.type("schema"); // in place of the name, which is selected
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => monaco.editor.getModels().filter((m) => /\bschema\b|_schema\b/.test(m.getValue())).length === 3);
  await problems(0);
});

test("formats", async () => {
  const before = await text();
  await page.evaluate(() => {
    const model = monaco.editor.getEditors()[0].getModel();
    model.setValue(model.getValue().replace("    database: shop\n    password", "        database: shop\n        password"));
  });
  assert.notEqual(await text(), before);
  await page.click("#format");
  await page.waitForFunction((text) => monaco.editor.getEditors()[0].getValue() === text, {}, before);
});

test("converts to the other notation and back", async () => {
  const before = await text();
  await page.click("#convert");
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === "escape.hcl");
  assert.match(await text(), /^name += "demo\/shop"/m);
  await problems(0);
  await picture("hcl");
  await page.click("#convert");
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === "escape.yml");
  assert.equal((await text()).replace(/\s+/g, " ").trim(), before.replace(/\s+/g, " ").trim());
  await problems(0);
});

test("fixes a mistake with the suggestion of the server", async () => {
  await behind("license: Apache-2.0", "\nlogoo: smoke.sh\n");
  await problems(1, "logoo");
  await page.keyboard.press("F8");
  await page.keyboard.down("Control");
  await page.keyboard.press(".");
  await page.keyboard.up("Control");
  await page.waitForSelector(".action-widget .monaco-list-row");
  await picture("fixes");
  await page.keyboard.press("Enter");
  await problems(0);
  assert.match(await text(), /^logo: smoke.sh$/m);
});

test("follows an edit of the server that replaces the file", async () => {
  await behind("license: Apache-2.0");
  await page.evaluate(() => monaco.editor.getEditors()[0].getAction("editor.action.refactor").run());
  const convert = await page.waitForSelector('.action-widget ::-p-text(Convert to HCL)');
  await convert.click();
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === "escape.hcl");
  assert.match(await text(), /^name += "demo\/shop"/m);
  await problems(0);
});

test("draws the graph, whose nodes lead to the text", async () => {
  await page.click("#tab-graph");
  await page.waitForSelector("#panel-graph .node");
  const labels = await page.$$eval("#panel-graph .node .label", (nodes) => nodes.map((node) => node.textContent));
  assert.ok(labels.some((label) => label.includes("db")) && labels.some((label) => label.includes("api")), labels.join(", "));
  assert.ok((await page.$$("#panel-graph .edge")).length > 0);
  await picture("graph");
  await page.$eval("#panel-graph .node[role=button]", (node) => node.focus());
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => monaco.editor.getEditors()[0].hasTextFocus()));
});

test("shows the release metadata", async () => {
  await page.click("#tab-metadata");
  const pre = await page.waitForSelector("#panel-metadata pre");
  assert.equal(JSON.parse(await pre.evaluate((p) => p.textContent)).name, "shop");
  await picture("metadata");
});

test("shares all files in a link", async () => {
  await behind("license: Apache-2.0", "\n# Grüße 😀");
  await page.click("#share");
  await page.waitForFunction(() => location.hash.length > 1);
  const other = await open(new URL(page.url()).hash);
  const got = await other.evaluate(() => monaco.editor.getEditors()[0].getValue());
  await other.close();
  assert.equal(got, await text());
});

test("starts from a server that unpacks files on the way", async () => {
  const other = await serve(dist, { unpacked: true });
  const made = await browser.newPage();
  await made.goto(other.address);
  await made.waitForFunction(() => !document.body.classList.contains("loading"), patience);
  await made.close();
  other.close();
});

test("says so if a link is broken", async () => {
  const other = await browser.newPage();
  await other.goto(`${server.address}#files=AAAA`);
  await other.waitForFunction(() => document.getElementById("status").textContent.includes("cannot be restored"), patience);
  await other.close();
});

test("keeps the files when the page is loaded again", async () => {
  await behind("license: Apache-2.0", "\n# kept");
  await page.waitForFunction(() => sessionStorage.getItem("escape-playground")?.includes("# kept"));
  await page.reload();
  await page.waitForFunction(() => !document.body.classList.contains("loading"));
  assert.match(await text(), /# kept/);
});

test("makes and removes files", async () => {
  await page.click("#new");
  await page.waitForSelector("#new-dialog[open]");
  await page.type("#new-name", "more.sh");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === "more.sh");
  await page.click("#remove");
  await page.waitForFunction(() => !document.getElementById("tabs").textContent.includes("more.sh"));
  await show("smoke.sh");
  await page.click("#remove");
  await problems(1, "smoke\\.sh");
});

test("heeds the configuration of the linter", async () => {
  await behind("description: A shop with a database of its own.", "\nlicence: MIT");
  await problems(1, "licence");
  await page.click("#new");
  await page.waitForSelector("#new-dialog[open]");
  await page.type("#new-name", ".escapelint.yml");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#tabs [aria-selected=true]").textContent === ".escapelint.yml");
  await page.evaluate(() => monaco.editor.getEditors()[0].setValue("levels:\n  unknown-field: off\n"));
  await problems(0);
});

test("offers what follows a field", async () => {
  await behind("license: Apache-2.0", "\n");
  await page.keyboard.type("ext");
  await suggested("extends");
  await page.keyboard.press("Enter");
  await suggested("demo/");
  await page.keyboard.press("Enter");
  await suggested("demo/\\S+-v");
  await page.keyboard.press("Enter");
  assert.match(await text(), /^extends:\n- demo\/\S+-v\S+$/m);
});

test("can be used with the keyboard alone", async () => {
  const focused = () => page.evaluate(() => document.activeElement.closest("#tabs, #editor, #panels")?.id);
  await page.focus("#tabs [aria-selected=true]");
  await page.keyboard.press("ArrowRight");
  assert.equal(await shown(), "smoke.sh");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("F6");
  assert.equal(await focused(), "editor");
  await page.keyboard.press("F6");
  assert.equal(await focused(), "panels");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.$eval("#panel-tabs [aria-selected=true]", (tab) => tab.textContent), "Graph");
});

test("fits narrow screens, in the dark", async () => {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await picture("dark");
  await page.setViewport({ width: 380, height: 740 });
  await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
  await page.waitForFunction(() => monaco.editor.getEditors()[0].getLayoutInfo().width < 380);
  await picture("narrow");
  await page.setViewport({ width: 1280, height: 800 });
  await page.emulateMediaFeatures([]);
});

test("asks nobody else for anything, and complains about nothing", () => {
  assert.deepEqual(strangers, []);
  assert.deepEqual(faults, []);
});
