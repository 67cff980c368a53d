// Without a network the page is there all the same, once somebody has used it.
import { expect, open, test } from "../page.mjs";
import { shape } from "../person.mjs";

test.use({ serviceWorkers: "allow" });

test("a page that was used once opens without a network", async ({ page, context }) => {
  await open(page);
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.reload();
  await expect(shape(page, /^Deployment/)).toHaveCount(1);
  expect(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toMatch(/offline\.js$/);
  // What comes only when it is asked for is there too.
  await page.keyboard.press("?");
  await page.locator(".fidelity summary").click();
  await expect(page.locator(".fidelity-table tr").nth(20)).toBeVisible();
});
