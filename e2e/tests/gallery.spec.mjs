// The gallery: each view in each state, drawn, whole and readable, in one of three sizes between which language and theme change,
// one picture after the other. They are left in target/gallery; `cargo xtask gallery` holds each to the same in every size, theme
// and language.
import { mkdirSync } from "node:fs";
import { expect, open, test } from "../page.mjs";
import { dress, faultsOf, goTo, openGallery } from "../rooms.mjs";

const PICTURES = new URL("../../target/gallery/", import.meta.url).pathname;
const LOOKS = [
  [1600, 900, "light", "ko"],
  [820, 1180, "dark", "en"],
  [390, 844, "light", "en"],
];

for (const views of [["hierarchy"], ["pod", "life"], ["deletion", "cluster"], ["compare", "timeline"]]) {
  test(`every picture of ${views.join(" and ")} is fit to be seen`, { tag: "@long" }, async ({ page, browserName }) => {
    test.setTimeout(120_000);
    mkdirSync(PICTURES, { recursive: true });
    await page.emulateMedia({ reducedMotion: "reduce" });
    await openGallery(page);
    const places = await page.locator(".gallery-picture").evaluateAll(
      (figures, views) => figures.filter(({ dataset }) => views.includes(dataset.view)).map(({ dataset }) => dataset.place),
      views,
    );
    expect(places.length).toBeGreaterThan(9);
    const faults = [];
    for (const [turn, [width, height, theme, language]] of LOOKS.entries()) {
      await page.setViewportSize({ width, height });
      await dress(page, theme, language);
      for (const place of places.filter((place) => place % LOOKS.length === turn)) {
        const figure = await goTo(page, place);
        const name = `${place.padStart(2, "0")}-${await figure.getAttribute("data-view")}-${width}x${height}-${theme}-${language}`;
        faults.push(...(await faultsOf(figure)).map((fault) => `${name}: ${fault}`));
        // In Firefox the page's policy stops the style that Playwright puts into it for a picture.
        if (browserName === "chromium") await figure.screenshot({ path: `${PICTURES}${name}.jpg`, type: "jpeg", quality: 85 });
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    expect(faults).toEqual([]);
  });
}

test("the help leads to the gallery, and nothing of it is kept as a session", { tag: "@long" }, async ({ page, context }) => {
  await open(page);
  await page.keyboard.press("?");
  const [gallery] = await Promise.all([context.waitForEvent("page"), page.locator(".help-gallery a").click()]);
  await expect(gallery.locator("h1")).toHaveText("갤러리");
  await goTo(gallery, 3);
  const kept = await gallery.evaluate(() => sessionStorage.getItem("podium.session"));
  expect(kept).toBeNull();
  // Another address is another page.
  await gallery.evaluate(() => (location.hash = ""));
  await expect(gallery.locator(".gallery")).toHaveCount(0);
  await expect(gallery.locator(".stage .scene")).toBeVisible();
});
