// What a person does on the page, as the steps in WebKit say it; person.mjs says the same to Playwright.
import { readFileSync } from "node:fs";
import { until } from "./webdriver.mjs";

export const text = (path) => readFileSync(new URL(path, new URL("../", import.meta.url)), "utf8");

// These run in the page. What is in the editor stands in its shadow, or is given a place there.

// The middle of the first element with this text that a hand would come to.
const middle = (selector, text) => {
  const roots = [document, document.querySelector("podium-editor")?.shadowRoot].filter(Boolean);
  for (const root of roots) {
    for (const element of root.querySelectorAll(selector)) {
      if (!element.textContent.includes(text)) continue;
      element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      const { x, y, width, height } = element.getBoundingClientRect();
      const at = [x + width / 2, y + height / 2];
      if (width > 0 && element.contains(root.elementFromPoint(...at))) return at;
    }
  }
  return null;
};
const textsOf = (selector) => {
  const roots = [document, document.querySelector("podium-editor")?.shadowRoot].filter(Boolean);
  return roots.flatMap((root) => Array.from(root.querySelectorAll(selector), (element) => element.textContent));
};
const attributesOf = (selector, name) => Array.from(document.querySelectorAll(selector), (element) => element.getAttribute(name));

export const click = async (page, selector, text = "") => {
  const at = await until(`${selector} ${text} can be pressed`, () => page.run(middle, selector, text), Boolean);
  await page.clickAt(...at);
};
export const texts = (page, selector) => page.run(textsOf, selector);
export const attributes = (page, selector, name) => page.run(attributesOf, selector, name);
export const narration = async (page) => (await texts(page, ".narration"))[0] ?? "";
export const count = async (page) => (await texts(page, ".count"))[0] ?? "";
// The shapes of the stage that can be chosen, by how they are spoken.
export const shapes = async (page, name) => (await attributes(page, ".scene .opens", "aria-label")).filter((label) => name.test(label));
export const isDrawn = (page) => until("the stage is drawn", () => texts(page, ".scene .opens"), (all) => all.length > 0);

// Opens the page; then somebody moves the mouse, which brings what a first visit does not need.
export const open = async (page, address) => {
  await page.goTo(address);
  await isDrawn(page);
  await page.move(300, 300);
  await page.move(301, 301);
  await until("the rest of the page is there", () => page.run(() => document.documentElement.dataset.rest), (rest) => rest === "there");
};

// Nothing went wrong in the page, and it has asked its own origin alone.
export const isQuiet = async (page) => {
  const heard = await page.run(() => globalThis.heard);
  if (heard.length > 0) throw new Error(`nothing was to go wrong in the page; there was ${heard.join("; ")}`);
  const elsewhere = await page.run(() => {
    const asked = performance.getEntriesByType("resource").map((entry) => entry.name);
    return asked.filter((name) => !name.startsWith(`${location.origin}/`) && !/^(data|blob):/.test(name));
  });
  if (elsewhere.length > 0) throw new Error(`nothing was to be asked of another origin; there was ${elsewhere.join(" ")}`);
};

// The text of the open file, in whichever editor is there: CodeMirror, once its script has come, or the plain text area.
const ofEditor = (page) => page.run(() => document.querySelector(".code-text, podium-editor")?.value);
export const hasText = (page, wanted) => until(`the editor has ${JSON.stringify(wanted)}`, () => ofEditor(page), (text) => text === wanted);

// Puts a text into the editor as a paste does.
export const paste = async (page, manifest) => {
  await click(page, ".cm-content, .code-text");
  await click(page, ".cm-content");
  await page.press("Control+a");
  if (manifest === "") await page.press("Delete");
  else {
    await page.run((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const content = document.querySelector("podium-editor").shadowRoot.querySelector(".cm-content");
      content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, manifest);
  }
  await hasText(page, manifest);
};
// Leaves what is typed into: a corner of the stage has nothing to press.
export const leave = async (page) => {
  const [x, y] = await page.run(() => {
    const { x, y } = document.querySelector(".stage").getBoundingClientRect();
    return [x + 5, y + 5];
  });
  await page.clickAt(x, y);
};

// Begins with an empty cluster and an empty file: nothing plays, and the first visit is over.
export const emptyDesk = async (page) => {
  await click(page, "[data-act=start-over]");
  await click(page, ".welcome .tool");
  await paste(page, "");
};

// Goes to the end of what is recorded, and waits until nothing is recorded any more.
export const toTheEnd = async (page) => {
  await leave(page);
  let [last, since] = ["", 0];
  const end = async () => {
    await page.press("End");
    const now = await count(page);
    if (now !== last) [last, since] = [now, performance.now()];
    return performance.now() - since;
  };
  await until("the run comes to its end", end, (still) => still > 1000, 60);
};

// Gives a command and waits for its end; gives what it printed.
export const kubectl = async (page, command) => {
  const before = (await texts(page, ".terminal-command")).length;
  await click(page, ".terminal-line textarea");
  await page.type(`${command}\n`);
  await until(`${command} is given`, () => texts(page, ".terminal-command"), (all) => all.length > before);
  await leave(page);
  const exit = async () => {
    await page.press("End");
    return (await attributes(page, ".terminal-command", "data-exit"))[before];
  };
  const code = await until(`${command} ends`, exit, (exit) => exit !== null && exit !== undefined);
  return { exit: Number(code), printed: (await texts(page, ".terminal-command"))[before] };
};

// Chooses an example and goes to its end.
export const example = async (page, id) => {
  await click(page, "details:has([data-example]) > summary");
  await click(page, `[data-example="${id}"]`);
  await toTheEnd(page);
};
