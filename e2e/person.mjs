// What a person does on the page, as the tests say it. Everything goes by what can be seen and pressed.
import { expect } from "@playwright/test";
import { readFileSync } from "node:fs";

// A text that lies beside the tests, as it stands.
export const text = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

// A Pod that no node takes: none has the label.
export const homeless = `apiVersion: v1
kind: Pod
metadata:
  name: large
spec:
  nodeSelector:
    disk: ssd
  containers:
  - name: web
    image: nginx:1.25
`;

// The text of the open file, in whichever editor is there: CodeMirror, once its script has come, or the plain text area.
export const editor = (page) => page.locator(".code-text, podium-editor");
// Waits for CodeMirror, which comes at the first sign of a person.
export const codeMirror = async (page) => {
  await page.evaluate(() => globalThis.podiumLoadEditor());
  await expect(page.locator("podium-editor .cm-content")).toBeVisible();
  return page.locator("podium-editor");
};
export const expectText = (page, expected) =>
  expect
    .poll(() => editor(page).evaluate((element) => element.value))
    [expected instanceof RegExp ? "toMatch" : "toBe"](expected);
export const findings = (page) => page.locator(".finding");
export const narration = (page) => page.locator(".narration");
export const terminal = (page) => page.locator(".terminal-line textarea");

// The shapes of the stage that can be chosen, by how they are spoken.
export const shape = (page, name) => page.locator(".scene .opens").and(page.getByRole("button", { name }));

// Puts a text into the editor as a paste does, and leaves the editor.
export const paste = async (page, manifest) => {
  await codeMirror(page);
  await editor(page).evaluate((element) => element.focus());
  await page.keyboard.press("ControlOrMeta+A");
  if (manifest === "") await page.keyboard.press("Delete");
  else {
    await page.locator("podium-editor .cm-content").evaluate((content, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      // Firefox takes what was copied by its type.
      const copied = { clipboardData, dataType: "text/plain", data: text };
      content.dispatchEvent(new ClipboardEvent("paste", { ...copied, bubbles: true, cancelable: true }));
    }, manifest);
  }
  await expectText(page, manifest);
  await editor(page).evaluate((element) => element.blur());
};

// Why a test that pastes by the keys is left out where the browser is not Chromium.
export const OWN_CLIPBOARD = "Only Chromium lets a test write into its clipboard";

// Copies a text, as from another window.
export const copied = async (page, text) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
};

// Begins with an empty cluster and an empty file: nothing plays, and the first visit is over.
export const emptyDesk = async (page) => {
  await page.locator("[data-act=start-over]").click();
  await page.locator(".welcome .tool").click();
  await paste(page, "");
};

// Goes to the end of what is recorded, and waits until nothing is recorded any more.
export const toTheEnd = async (page) => {
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  let last;
  await expect
    .poll(async () => {
      await page.keyboard.press("End");
      const now = await page.locator(".count").textContent();
      const same = now === last;
      last = now;
      return same;
    }, { intervals: [200, 300, 300, 400] })
    .toBe(true);
};

// Gives a command and waits for its end; gives what it printed.
export const kubectl = async (page, command) => {
  const before = await page.locator(".terminal-command").count();
  await terminal(page).fill(command);
  await terminal(page).press("Enter");
  const given = page.locator(".terminal-command").nth(before);
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  await expect
    .poll(async () => {
      await page.keyboard.press("End");
      return given.getAttribute("data-exit");
    }, { intervals: [100, 150, 200] })
    .not.toBeNull();
  return { exit: Number(await given.getAttribute("data-exit")), printed: await given.innerText() };
};

// Goes on by Tab until something has the focus, and presses it.
export const press = async (page, target) => {
  await expect(target).toBeVisible();
  for (let tabs = 0; tabs < 160; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab does not come to it");
};

// Presses something that saves a file; gives the file's name and bytes.
export const saved = async (page, press) => {
  if (page.context().browser()?.browserType().name() === "firefox") {
    const before = await page.evaluate(() => globalThis.savedFiles.length);
    await press();
    await expect.poll(() => page.evaluate(() => globalThis.savedFiles.length)).toBeGreaterThan(before);
    const [name, bytes] = await page.evaluate(async (at) => {
      const { name, blob } = globalThis.savedFiles[at];
      return [name, [...new Uint8Array(await blob.arrayBuffer())]];
    }, before);
    return { name, bytes: Buffer.from(bytes) };
  }
  const coming = page.waitForEvent("download");
  await press();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
};

// Has chosen a language before.
export const speak = (page, language) =>
  page.addInitScript((language) => {
    try {
      localStorage.setItem("podium.page", JSON.stringify({ language }));
    } catch {
      // The empty page that Firefox begins with keeps nothing; the page's own choice is then seen by what the test expects.
    }
  }, language);

// A browser that gives a page no storage.
export const denyStorage = (page) =>
  page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(globalThis, name, {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    }
  });
