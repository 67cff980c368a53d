// The second screen of a teacher: it follows the first window and moves it, and both find each other after a reload.
import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, open, test } from "../page.mjs";
import { narration, press, toTheEnd } from "../person.mjs";

test.use({ locale: "en-US", viewport: { width: 1600, height: 900 } });

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const second = async (page, context, how) => {
  const coming = context.waitForEvent("page");
  await how();
  const notes = await coming;
  await expect(notes.locator(".notes-said")).toBeVisible();
  return notes;
};

test("notes, the next step and the clock follow the first window, and keys there move it", { tag: "@long" }, async ({ page, context }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("t");
  const notes = await second(page, context, () => page.locator("[data-act=notes]").click());
  await page.keyboard.press("PageUp");
  await page.keyboard.press("PageUp");
  const said = () => narration(page).textContent();
  await expect.poll(async () => (await notes.locator(".notes-said").textContent()) === (await said())).toBe(true);
  const next = await notes.locator(".notes-next li").first().textContent();
  await notes.keyboard.press("PageDown");
  await notes.keyboard.press("PageDown");
  await notes.keyboard.press("PageUp");
  await expect(narration(page)).toHaveText(next);
  await expect(notes.locator(".notes-said")).toHaveText(next);
  await expect(notes.locator(".notes-why li").first()).toBeVisible();
  // The clocks.
  await expect(notes.locator(".notes-time").first()).toHaveText(/^\d\d:\d\d$/);
  await expect(notes.locator("[data-passed]")).not.toHaveAttribute("data-passed", "0");
  await notes.locator("[data-act=reset]").click();
  await expect(notes.locator("[data-passed]")).toHaveAttribute("data-passed", /^[01]$/);
  await notes.keyboard.press("b");
  await expect(page.locator(".board-black")).toBeVisible();
  await notes.keyboard.press("b");
  await expect(page.locator(".board-black")).toHaveCount(0);
  // Its language is the first one's.
  await page.locator(".tools summary", { hasText: "English" }).click();
  await page.locator("[lang=ko][role=menuitemradio]").click();
  await expect(notes.locator("html")).toHaveAttribute("lang", "ko");
  // After a reload of either they know each other still.
  await notes.reload();
  await expect(notes.locator(".notes-said")).toHaveText(await said());
  await page.reload();
  await page.keyboard.press("PageUp");
  await expect.poll(async () => (await notes.locator(".notes-said").textContent()) === (await said())).toBe(true);
  await page.close();
  await expect(notes.locator(".notes-trouble")).toBeVisible();
});

test("the step of a lesson is in the notes, and a window that was blocked is told", { tag: "@long" }, async ({ page, context }) => {
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await page.locator("[data-lesson=kinds]").click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  const notes = await second(page, context, () => page.keyboard.press("n"));
  await expect(notes.locator(".notes-lesson h2")).toHaveText("Everything is an object");
  // Keys go to the window in front.
  await page.bringToFront();
  await press(page, page.locator("[data-act=lesson-next]"));
  await expect(notes.locator(".notes-lesson h2")).toHaveText("A manifest says what you want");
  await expect(notes.locator(".notes-question")).toContainText("Wrong:");
  // Also once the first window was loaded anew.
  await page.reload();
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("PageDown");
  // What it shows it can only have from there.
  await notes.reload();
  await expect(notes.locator(".notes-lesson h2")).toHaveText("A manifest says what you want");
  await notes.close();
  await page.evaluate(() => (globalThis.open = () => null));
  await page.keyboard.press("n");
  await expect(page.locator(".notice")).toContainText("Allow pop-ups");
});

test("the second screen works from the single file", { tag: "@long" }, async ({ page, context }, info) => {
  const file = info.outputPath("podium.html");
  execFileSync(process.execPath, [at("xtask/single.mjs"), at("dist"), file]);
  await page.goto(pathToFileURL(file).href);
  await toTheEnd(page);
  const notes = await second(page, context, () => page.keyboard.press("n"));
  await notes.keyboard.press("PageUp");
  await expect.poll(async () => (await notes.locator(".notes-said").textContent()) === (await narration(page).textContent())).toBe(true);
});
