// What a person does on the page, done in WebKitGTK: `cargo xtask webkit`. Debian has this relative of Safari, but Playwright does
// not drive it. What is given on the command line chooses the steps whose names it is in.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { withEars } from "./ears.mjs";
import { webkit } from "./webdriver.mjs";
import { steps } from "./webkit-steps.mjs";

const pictures = process.env.PODIUM_PICTURES;
mkdirSync(pictures, { recursive: true });
const single = () => {
  const file = join(pictures, "podium.html");
  const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
  execFileSync(process.execPath, [at("xtask/single.mjs"), at("dist"), file]);
  return pathToFileURL(file).href;
};

const asked = process.argv.slice(2);
const chosen = steps.filter(({ name }) => asked.length === 0 || asked.some((part) => name.includes(part)));
if (chosen.length === 0) throw new Error(`no step has ${asked.join(" or ")} in its name`);
const house = await withEars(process.env.PODIUM_URL);
let failures = 0;
let version;
for (const { name, run, known, settings } of chosen) {
  house.language = "ko-KR";
  const browser = await webkit({ xvfb: process.env.XVFB, driver: process.env.WEBKIT, settings });
  let page;
  // Nobody has used the browser before: what one step leaves behind, no other finds.
  const begin = async () => {
    await page?.close();
    page = await browser.open();
    if (!version) console.log(`${(version = page.version)}\n`);
    await page.sizeOfPage(1600, 900);
    return page;
  };
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    await run({ house, begin, single });
    console.log(`passed  ${name} (${seconds()})`);
  } catch (error) {
    // What is not the page's fault is told, and fails nothing; whatever else goes wrong in that step does.
    const isKnown = known?.at.test(error.message);
    console.log(`${isKnown ? "known " : "FAILED"}  ${name} (${seconds()})\n        ${error.message}`);
    if (isKnown) console.log(`        ${known.why}`);
    else failures += 1;
    const file = join(pictures, `${name.replaceAll(/[^\p{L}\p{N}]+/gu, "-")}.png`);
    const picture = await page?.picture().catch(() => undefined);
    if (picture) {
      writeFileSync(file, picture);
      console.log(`        ${file}`);
    }
  }
  await page?.close().catch(() => {});
  await browser.close();
}
house.close();
console.log(failures === 0 ? `\nNothing failed in ${chosen.length} steps.` : `\n${failures} of ${chosen.length} steps failed.`);
process.exit(failures === 0 ? 0 : 1);
