// Presenting to a room: what is read from the back row, a clicker's keys, and what lies over the stage.
import { expect, open, test } from "../page.mjs";
import { narration, toTheEnd } from "../person.mjs";

test.use({ viewport: { width: 1600, height: 900 } });

// The sizes of all texts that are seen, in pixels of the screen, with what they say.
const sizes = (page, selector) =>
  page.evaluate((selector) => {
    const seen = [];
    for (const element of document.querySelectorAll(`${selector} *`)) {
      const said = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(" ").trim();
      if (said === "" || !element.checkVisibility({ opacityProperty: true }) || element.closest(".visually-hidden, style")) continue;
      const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
      const size = Math.round(parseFloat(getComputedStyle(element).fontSize) * scale * 10) / 10;
      seen.push([size, said.slice(0, 40), element.getAttribute("class") ?? ""]);
    }
    return seen.sort((a, b) => a[0] - b[0]);
  }, selector);

test("one key makes everything large enough for the back row, and it stays so", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("t");
  await expect(page.locator("html[data-presenter]")).toHaveCount(1);
  await expect(page.locator(".editor")).toBeHidden();
  await page.waitForTimeout(400);
  const named = [];
  for (const view of ["1", "2", "3", "4", "5", "6"]) {
    await page.keyboard.press(view);
    await expect(page.locator(`.tab:nth-child(${view})`)).toHaveAttribute("aria-current", "page");
    await page.waitForTimeout(300);
    await expect.poll(() => sizes(page, ".scene")).not.toEqual([]);
    for (const part of [".bar", ".transport"]) {
      const least = (await sizes(page, part))[0];
      expect(least[0], `${part} in view ${view}: ${JSON.stringify(least)}`).toBeGreaterThanOrEqual(20);
    }
    const least = (await sizes(page, ".scene"))[0];
    expect(least[0], `the stage in view ${view}: ${JSON.stringify(least)}`).toBeGreaterThanOrEqual(20);
    const names = (await sizes(page, ".scene")).filter(([, , type]) => /type-name/.test(type));
    if (names.length === 0) continue;
    named.push(view);
    expect(names[0][0], `a name in view ${view}: ${JSON.stringify(names[0])}`).toBeGreaterThanOrEqual(24);
  }
  // What the views of a run that stands have of names: objects, Pods, containers.
  expect(named).toEqual(expect.arrayContaining(["1", "2"]));
  await page.keyboard.press("1");
  const said = await narration(page).evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  expect(said).toBeGreaterThanOrEqual(32);
  await page.reload();
  await expect(page.locator("html[data-presenter]")).toHaveCount(1);
  await page.keyboard.press("t");
  await expect(page.locator("html[data-presenter]")).toHaveCount(0);
});

test("a clicker goes step by step, and the pen is wiped with the next one", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("t");
  const count = page.locator(".count");
  const last = await count.textContent();
  await page.keyboard.press("PageUp");
  await expect(count).not.toHaveText(last);
  await page.keyboard.press("d");
  await page.mouse.move(400, 300);
  await page.mouse.down();
  await page.mouse.move(500, 380, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator(".board-pen path")).toHaveCount(1);
  await page.keyboard.press("PageDown");
  await expect(count).toHaveText(last);
  await expect(page.locator(".board-pen path")).toHaveCount(0);
  await page.keyboard.press("o");
  await expect(page.locator(".board-light")).toHaveCount(1);
  await page.keyboard.press("b");
  await expect(page.locator(".board-black")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator(".board")).toHaveCount(0);
});
