// The same session gives the same records natively and in the browser, byte for byte.
import { expect, open, test } from "../page.mjs";
import { toTheEnd } from "../person.mjs";

const natively = process.env.PODIUM_DIGESTS.trim()
  .split("\n")
  .map((line) => line.split(" "));

test("every example has the run that it has natively", async ({ page }) => {
  test.setTimeout(90_000);
  await open(page);
  // What a first visit shows is stored, and not simulated.
  await page.keyboard.press("?");
  await expect(page.locator(".help-run")).toHaveAttribute("data-digest", natively[0][2]);
  await page.keyboard.press("Escape");
  expect(natively.length).toBeGreaterThan(6);
  for (const [example, , digest] of natively) {
    await page.locator("summary", { hasText: "예제" }).click();
    await page.locator(`[data-example=${example}]`).click();
    await toTheEnd(page);
    await page.keyboard.press("?");
    await expect(page.locator(".help-run"), example).toHaveAttribute("data-digest", digest);
    await page.keyboard.press("Escape");
  }
});
