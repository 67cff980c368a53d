// The gallery: each view in each state, drawn, whole and readable, in both languages, both themes and three sizes. Its pictures
// are left in target/e2e/gallery; `cargo xtask gallery` takes those of every size with every theme and language.
import { mkdirSync } from "node:fs";
import { expect, open, test } from "../page.mjs";
import { dress, faultsOf, goTo, openGallery } from "../rooms.mjs";

const PICTURES = new URL("../../target/gallery/", import.meta.url).pathname;

for (const [width, height] of [[1600, 900], [820, 1180], [390, 844]]) {
  test(`every line of the gallery is fit to be seen at ${width} x ${height}`, async ({ page }) => {
    mkdirSync(PICTURES, { recursive: true });
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ reducedMotion: "reduce" });
    const count = await openGallery(page);
    expect(count).toBeGreaterThan(60);
    const faults = [];
    for (let place = 0; place < count; place += 1) {
      for (const [theme, language] of [["light", "ko"], ["dark", "en"]]) {
        await dress(page, theme, language);
        const figure = await goTo(page, place);
        const name = `${String(place).padStart(2, "0")}-${width}-${theme}-${language}`;
        faults.push(...(await faultsOf(figure)).map((fault) => `${name}: ${fault}`));
        await figure.screenshot({ path: `${PICTURES}${name}.png` });
      }
    }
    expect(faults).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}

test("the help leads to the gallery, and nothing of it is kept as a session", async ({ page, context }) => {
  await open(page);
  await page.keyboard.press("?");
  const [gallery] = await Promise.all([context.waitForEvent("page"), page.locator(".help-gallery a").click()]);
  await expect(gallery.locator("h1")).toHaveText("갤러리");
  await goTo(gallery, 3);
  const kept = await gallery.evaluate(() => sessionStorage.getItem("podium.session"));
  expect(kept).toBeNull();
  // Another address is another page.
  await gallery.evaluate(() => (location.hash = ""));
  await expect(gallery.locator(".stage .scene")).toBeVisible();
});
