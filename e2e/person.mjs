// What a person does on the page, as the tests say it. Everything goes by what can be seen and pressed.
import { expect } from "@playwright/test";
import { readFileSync } from "node:fs";

// A text that lies beside the tests, as it stands.
export const text = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

export const editor = (page) => page.locator(".code-text");
export const findings = (page) => page.locator(".finding");
export const narration = (page) => page.locator(".narration");
export const terminal = (page) => page.locator(".terminal-line input");

// The shapes of the stage that can be chosen, by how they are spoken.
export const shape = (page, name) => page.locator(".scene .opens").and(page.getByRole("button", { name }));

// Puts a text into the editor as a paste does, and leaves the editor.
export const paste = async (page, manifest) => {
  await editor(page).focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.execCommand("insertText", false, text);
  }, manifest);
  await expect(editor(page)).toHaveValue(manifest);
  await editor(page).blur();
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
