// What a user does in the workbench, each waiting for what it leads to. Nothing sleeps for a fixed time.
import { setTimeout as pause } from "node:timers/promises";

/** patience says how long to wait for anything, in milliseconds. A loaded machine may need nearly all of it. */
export const patience = { usual: Number(process.env.ESCAPE_E2E_PATIENCE ?? 60_000), now: 60_000 };
const between = 50;

/** until calls probe again and again until it returns something other than false, null or undefined. */
export async function until(what, probe) {
  const end = Date.now() + patience.now;
  let last;
  for (;;) {
    try {
      const result = await probe();
      if (result !== false && result !== null && result !== undefined) {
        return result;
      }
    } catch (error) {
      // The page may replace an element at any time, also between finding and using it.
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`waited in vain for ${what}${last ? `: ${last.message}` : ""}`);
    }
    await pause(between);
  }
}

/** Workbench drives one page of VS Code. */
export class Workbench {
  constructor(page) {
    this.page = page;
    this.keyboard = page.keyboard;
  }

  /** texts returns the texts of all elements that a selector finds. Every blank is a space. */
  async texts(selector) {
    const texts = await this.page.$$eval(selector, (found) => found.map((element) => element.textContent ?? ""));
    return texts.map((text) => text.replace(/\s/g, " "));
  }

  /** text waits for an element whose text matches, and returns that text. */
  async text(selector, pattern) {
    let seen = [];
    return until(`${pattern} in ${selector}`, async () => {
      seen = await this.texts(selector);
      return seen.find((text) => pattern.test(text));
    }).catch((error) => {
      throw new Error(`${error.message}; seen: ${JSON.stringify(seen).slice(0, 1500)}`);
    });
  }

  async gone(selector) {
    await until(`the end of ${selector}`, async () => (await this.page.$(selector)) === null);
  }

  /** click clicks the first element whose text matches. */
  async click(selector, pattern = /(?:)/) {
    await until(`${pattern} in ${selector} to click`, async () => {
      for (const element of await this.page.$$(selector)) {
        const text = (await element.evaluate((e) => e.textContent)) ?? "";
        if (pattern.test(text.replace(/\s+/g, " ")) && (await element.isVisible())) {
          await element.click();
          return true;
        }
      }
      return false;
    });
  }

  /** fix takes a quick fix at the cursor. The menu closes when the editor hears of new findings: then it is opened again. */
  async fix(pattern) {
    const row = ".action-widget .monaco-list-row";
    let asked = 0;
    await until(`the quick fix ${pattern}`, async () => {
      const texts = await this.texts(row);
      const at = texts.findIndex((text) => pattern.test(text));
      if (at >= 0) {
        await (await this.page.$$(row))[at].click();
        return true;
      }
      if (texts.length === 0 && Date.now() - asked > 3_000) {
        await this.command("Quick Fix...");
        asked = Date.now();
      }
      return false;
    });
  }

  async press(...keys) {
    for (const key of keys.slice(0, -1)) {
      await this.keyboard.down(key);
    }
    await this.keyboard.press(keys.at(-1));
    for (const key of keys.slice(0, -1).reverse()) {
      await this.keyboard.up(key);
    }
  }

  /** ask opens the quick input, types, waits for the line that matches, and takes it. */
  async ask(typed, pattern) {
    await until(`the quick input for ${typed}`, async () => {
      if (!(await this.#quickInput())) {
        await this.press("F1");
      }
      return this.#quickInput();
    });
    await this.pick(pattern, typed);
  }

  /** pick takes the line of a list whose text matches, once the list is there; what is typed filters it. */
  async pick(pattern, typed) {
    await until(`a list for ${pattern}`, () => this.#quickInput());
    if (typed !== undefined) {
      const input = ".quick-input-widget .quick-input-filter input";
      await until(`${typed} in the quick input`, async () => {
        await this.page.focus(input);
        await this.press("Control", "a");
        await this.keyboard.sendCharacter(typed);
        return (await this.page.$eval(input, (element) => element.value)) === typed;
      });
    }
    await this.click(".quick-input-list .monaco-list-row", pattern);
  }

  async #quickInput() {
    return this.#visible(".quick-input-widget .quick-input-filter input");
  }

  /** command runs a command by its title. */
  async command(title) {
    await this.ask(`>${title}`, new RegExp(`^${escapePattern(title)}`));
  }

  /** open shows a file of the workspace, and returns when its text is there and takes keys. */
  async open(name) {
    const [folder, file] = name.split("/");
    if (!(await this.#shows(name))) {
      await this.ask(name, new RegExp(`^${escapePattern(file)}.*${escapePattern(folder)}`));
    }
    await until(`the text of ${name}`, () => this.#shows(name));
    await until(`keys to go to ${name}`, async () => {
      await this.press("Control", "1");
      return this.page.evaluate(() => document.activeElement?.closest(".editor-group-container.active .monaco-editor") !== null);
    });
  }

  /** shows reports whether the active editor has a file with text. */
  async #shows(name) {
    return this.page.$$eval(
      ".editor-group-container.active .monaco-editor[data-uri]",
      (found, end) => found.some((e) => decodeURIComponent(e.dataset.uri).endsWith(end) && e.querySelector(".view-line span span")),
      `/${name}`,
    );
  }

  /** goTo puts the cursor to a line and column, both from 1. */
  async goTo(line, column) {
    await this.ask(`:${line}:${column}`, new RegExp(`line ${line}\\b.* ${column}\\b`, "i"));
    await this.text(".statusbar-item", new RegExp(`Ln ${line}, Col ${column}\\b`));
  }

  /** line returns the text of a line of the active editor that is on the screen, by a part of it. */
  async line(pattern) {
    return this.text(".editor-group-container.active .view-line", pattern);
  }

  /** colours maps each piece of a line to its colour. */
  async colours(pattern) {
    const pieces = await this.page.$$eval(
      ".editor-group-container.active .view-line",
      (lines, source) => {
        const line = lines.find((found) => new RegExp(source).test(found.textContent.replace(/\s/g, " ")));
        return [...(line?.querySelectorAll("span > span") ?? [])].map((span) => [span.textContent, getComputedStyle(span).color]);
      },
      pattern.source,
    );
    return new Map(pieces);
  }

  /** squiggle waits for an underlined text of a level. The line below it says which text that is. */
  async squiggle(level, pattern) {
    await until(`the ${level} squiggle below ${pattern}`, () =>
      this.page.evaluate(
        (selector, source) => {
          const wanted = new RegExp(source);
          const words = [...document.querySelectorAll(".editor-group-container.active .view-line span span")].filter((span) =>
            wanted.test(span.textContent.trim()),
          );
          const lines = [...document.querySelectorAll(selector)].map((found) => found.getBoundingClientRect());
          return words.some((word) => {
            const at = word.getBoundingClientRect();
            return lines.some((line) => Math.abs(line.left - at.left) < 2 && line.bottom > at.top && line.top < at.bottom + 2);
          });
        },
        `.editor-group-container.active .squiggly-${level}`,
        pattern.source,
      ),
    );
  }

  /** hover shows the hover at the cursor and waits for a text in it. */
  async hover(pattern) {
    await this.command("Show or Focus Hover");
    return this.text(".monaco-hover:not(.hidden) .hover-row", pattern);
  }

  /** suggestion waits for a line of the list of completions. */
  async suggestion(pattern) {
    return this.text(".suggest-widget.visible .monaco-list-row", pattern);
  }

  /** take types, waits for the line of the list of completions that matches and is chosen, and takes it. */
  async take(typed, pattern) {
    await this.keyboard.type(typed);
    await this.text(".suggest-widget.visible .monaco-list-row.focused", pattern);
    await this.press("Enter");
  }

  /** atEnd puts the cursor to the end of the document. */
  async atEnd() {
    await this.press("Control", "End");
  }

  /** rename gives the name at the cursor another one. */
  async rename(name) {
    await this.press("F2");
    await until("the box for the new name", () => this.page.$eval(".rename-box input", (box) => box === document.activeElement));
    await this.press("Control", "a");
    await this.keyboard.sendCharacter(name);
    await this.press("Enter");
    await until("the end of the box", () => this.page.$eval(".rename-box", (box) => !box.checkVisibility()).catch(() => true));
  }

  /** tidy takes back what was typed and not saved, and closes what a check left open beside the plans. */
  async tidy() {
    for (let i = 0; i < 3; i++) {
      await this.press("Escape");
    }
    if (await this.#visible(".part.panel")) {
      await this.press("Control", "j");
      await until("the end of the panel", async () => !(await this.#visible(".part.panel")));
    }
    while ((await this.page.$(".tab.dirty")) !== null) {
      const before = (await this.page.$$(".tab.dirty")).length;
      await this.click(".tab.dirty");
      await this.command("View: Revert and Close Editor");
      await until("the end of changes", async () => (await this.page.$$(".tab.dirty")).length < before);
    }
    if ((await this.page.$$(".editor-group-container")).length > 1 || (await this.page.$(".tab.active .codicon-close")) === null) {
      await this.command("View: Close All Editors");
      await this.gone(".tab");
    }
  }

  async #visible(selector) {
    return (await (await this.page.$(selector))?.isVisible()) ?? false;
  }

  /**
   * webview waits for a visible frame inside the page in which a selector finds something. A frame that is being replaced may
   * never answer, so that none is waited for long.
   */
  async webview(selector) {
    const look = async (frame) =>
      (await frame.evaluate((wanted) => document.querySelector(wanted) !== null, selector)) &&
      (await frame.frameElement()).isVisible();
    const has = (frame) => Promise.race([look(frame).catch(() => false), pause(1_000).then(() => false)]);
    return until(`a frame with ${selector}`, async () => {
      for (const frame of this.page.frames()) {
        if (frame !== this.page.mainFrame() && (await has(frame))) {
          return frame;
        }
      }
      return false;
    });
  }
}

function escapePattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
