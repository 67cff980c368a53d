// Takes a picture of each line of the gallery in each size, theme and language, to look at.
//
//   cargo xtask gallery                        all of them
//     --size 390x844 --theme dark --lang en    only these; each may be given several times
//     --only 'view or caption'                 only lines whose view or English caption has these words
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium as playwright } from "@playwright/test";
import { chromium } from "./chromium.mjs";
import { dress, faultsOf, goTo, openGallery } from "./rooms.mjs";

const several = (value) => ({ type: "string", multiple: true, default: value });
const { values: asked } = parseArgs({
  options: {
    size: several(["1600x900", "820x1180", "390x844"]),
    theme: several(["light", "dark"]),
    lang: several(["ko", "en"]),
    only: { type: "string", default: "" },
  },
});

const out = process.env.PODIUM_GALLERY;
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const browser = await playwright.launch(chromium.launchOptions);
let wrong = 0;
for (const size of asked.size) {
  const [width, height] = size.split("x").map(Number);
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const count = await openGallery(page);
  // Captions are looked for in English, whatever the pictures' language is.
  const places = [];
  await dress(page, asked.theme[0], "en");
  for (let place = 0; place < count; place += 1) {
    const figure = page.locator(`.gallery-picture[data-place="${place}"]`);
    const about = `${await figure.getAttribute("data-view")} ${await figure.locator("h3").textContent()}`;
    if (about.toLowerCase().includes(asked.only.toLowerCase())) places.push(place);
  }
  for (const place of places) {
    for (const theme of asked.theme) {
      for (const lang of asked.lang) {
        await dress(page, theme, lang);
        const figure = await goTo(page, place, true);
        const about = `${await figure.getAttribute("data-view")} ${await figure.locator("h3").textContent()}`;
        for (const fault of await faultsOf(figure)) {
          wrong += 1;
          console.error(`${place} ${size} ${theme} ${lang} ${about}: ${fault}`);
        }
        const name = `${String(place).padStart(2, "0")}-${await figure.getAttribute("data-view")}-${size}-${theme}-${lang}.png`;
        await figure.screenshot({ path: join(out, name) });
      }
    }
  }
  await context.close();
}
await browser.close();
console.log(`The pictures are in ${out}.`);
process.exitCode = wrong > 0 ? 1 : 0;
