// Starts code-server with the extension and Chromium with one page of it, and ends both.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const here = path.dirname(fileURLToPath(import.meta.url));
const { CODE_SERVER, CHROMIUM, VSIX, WORK } = process.env;
const startTimeout = 60_000;
const attempts = 3;

/** Settings of the user: nothing moves by itself, and nothing but the editor is on the screen. */
const settings = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
  "editor.cursorBlinking": "solid",
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "files.hotExit": "off",
  "files.simpleDialog.enable": true,
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
};

/** start opens a copy of the workspace and returns the page, the folder of the copy, and what ends it all. */
export async function start() {
  const workspace = path.join(WORK, "workspace");
  const user = path.join(WORK, "user");
  cpSync(path.join(here, "workspace"), workspace, { recursive: true });
  mkdirSync(path.join(user, "User"), { recursive: true });
  writeFileSync(path.join(user, "User", "settings.json"), JSON.stringify(settings));
  installExtension(user);
  const server = await startServer(user);
  try {
    const browser = await startBrowser();
    const page = await browser.newPage();
    await page.goto(`${server.address}/?folder=${encodeURIComponent(workspace)}`, { waitUntil: "domcontentloaded" });
    const stop = () => Promise.all([browser.close(), server.stop()]);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.once(signal, () => stop().finally(() => process.exit(1)));
    }
    return { page, workspace, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const folders = (user) => ["--user-data-dir", user, "--extensions-dir", path.join(WORK, "extensions")];
const node = path.join(CODE_SERVER, "node/bin/node");
const entry = path.join(CODE_SERVER, "node_modules/code-server/out/node/entry.js");

/** A home of its own keeps the settings of whoever runs the test out, and is left nothing in. */
const environment = {
  ...process.env,
  HOME: WORK,
  XDG_CONFIG_HOME: path.join(WORK, "config"),
  XDG_DATA_HOME: path.join(WORK, "data"),
  XDG_CACHE_HOME: path.join(WORK, "cache"),
};

function installExtension(user) {
  const { status, stdout, stderr } = spawnSync(node, [entry, ...folders(user), "--install-extension", VSIX], {
    env: environment,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(`the extension was not installed: ${stdout}${stderr}`);
  }
}

/** startServer lets the system choose the port, and reads it from the log. */
function startServer(user) {
  const args = ["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry", "--disable-update-check"];
  const child = spawn(node, [entry, ...folders(user), ...args], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const stop = async () => {
    child.kill();
    await ended;
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`code-server did not start: ${text}`)), startTimeout);
    const read = (data) => {
      text += data;
      const address = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
      if (address !== undefined) {
        clearTimeout(timer);
        resolve({ address, stop });
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => reject(new Error(`code-server ended with ${code}: ${text}`)));
  });
}

async function startBrowser() {
  for (let attempt = 1; ; attempt++) {
    try {
      return await puppeteer.launch({
        executablePath: CHROMIUM,
        timeout: startTimeout,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
        defaultViewport: { width: 1400, height: 900 },
        env: environment,
        userDataDir: path.join(WORK, `browser-${attempt}`),
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--disable-dev-shm-usage",
        ],
      });
    } catch (error) {
      if (attempt === attempts) {
        throw error;
      }
    }
  }
}

/** servers are the ids of the language servers that run the packed program. */
export function servers() {
  return readdirSync("/proc")
    .filter((pid) => {
      try {
        const [program, command] = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") : [];
        return command === "lsp" && program.startsWith(`${WORK}${path.sep}`);
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}

/** textOfFile reads a file of the copied workspace. */
export function textOfFile(workspace, name) {
  return readFileSync(path.join(workspace, name), "utf8");
}
