// The keyboard: every shape can be reached, each press of Space is a beat, no letter is lost.
import { expect, open, test } from "../page.mjs";
import { terminal, toTheEnd } from "../person.mjs";

const index = async (page) => Number((await page.locator(".count").textContent()).split("/")[0]);
const focused = (page) => page.evaluate(() => document.activeElement.closest(".scene [data-key]")?.dataset.key ?? null);

test("arrows reach every shape of the stage, in the order in which it is read", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  const all = await page.locator(".scene [data-key]").evaluateAll((shapes) => shapes.map((shape) => shape.dataset.key));
  expect(all.length).toBeGreaterThan(6);
  // Nothing has the focus: the first arrow goes to the stage.
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowRight");
  const reached = [];
  for (let press = 0; press < all.length + 2; press += 1) {
    const key = await focused(page);
    if (reached.at(-1) !== key) reached.push(key);
    await page.keyboard.press("ArrowRight");
  }
  expect([...reached].sort()).toEqual([...all].sort());
  const kinds = reached.map((key) => key.split("/")[0]);
  expect([...new Set(kinds)]).toEqual(["namespaces", "deployments", "replicasets", "pods", "endpointslices", "services"]);
  // And up again, row by row.
  const rows = [];
  for (let press = 0; press < 6; press += 1) {
    rows.push((await focused(page)).split("/")[0]);
    await page.keyboard.press("ArrowUp");
  }
  expect([...new Set(rows)]).toEqual(["services", "endpointslices", "pods", "replicasets", "deployments", "namespaces"]);
});

test("each press of Space goes a beat on, however quickly they follow", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("Home");
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("Space");
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "false");
  await expect.poll(() => index(page)).toBe(5);
});

test("after a click on a view's tab Space goes a beat on, and so it does after Home", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator(".tab").nth(2).click();
  await page.keyboard.press("Home");
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("Space");
  await expect.poll(() => index(page)).toBe(3);
});

test("what is typed right after / is in the command line", async ({ page }) => {
  await open(page);
  await page.keyboard.press("3");
  await expect(terminal(page)).toBeHidden();
  await page.keyboard.press("/");
  await page.keyboard.type("get pods -A");
  await expect(terminal(page)).toHaveValue("get pods -A");
});
