// Takes pictures of the page, to look at: each fragment in both sizes, themes and languages.
//
//   cargo xtask shots                          the page as it opens
//   cargo xtask shots '#a' '#b'                at these fragments
//     --size 390x844 --theme dark --lang en    only these; each may be given several times
//     --press 'Space Space'                    keys to press first, one after the other
//     --click 'CSS or text=...'                elements to click first, in order; before the keys
//     --wait 1500                              milliseconds to wait before the picture (800)
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium as playwright } from "@playwright/test";
import { chromium } from "./chromium.mjs";

const several = (value) => ({ type: "string", multiple: true, default: value });
const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: several(["1600x900", "390x844"]),
    theme: several(["light", "dark"]),
    lang: several(["ko", "en"]),
    click: several([]),
    press: { type: "string", default: "" },
    wait: { type: "string", default: "800" },
    help: { type: "boolean" },
  },
});
if (asked.help) {
  const { readFileSync } = await import("node:fs");
  const comment = readFileSync(import.meta.filename, "utf8").split("\nimport")[0];
  console.log(comment.replaceAll(/^\/\/ ?/gm, ""));
  process.exit();
}

const locales = { ko: "ko-KR", en: "en-US" };
const out = process.env.PODIUM_SHOTS;
await mkdir(out, { recursive: true });
const browser = await playwright.launch(chromium.launchOptions);
for (const fragment of positionals.length > 0 ? positionals : [""]) {
  const name = fragment.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "") || "open";
  for (const size of asked.size) {
    const [width, height] = size.split("x").map(Number);
    for (const colorScheme of asked.theme) {
      for (const lang of asked.lang) {
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme,
          locale: locales[lang] ?? lang,
          hasTouch: width < 600,
        });
        const page = await context.newPage();
        page.on("console", (message) => message.type() === "error" && console.error(`console: ${message.text()}`));
        page.on("pageerror", (error) => console.error(`uncaught: ${error.message}`));
        await page.goto(process.env.PODIUM_URL + fragment);
        await page.waitForSelector("body > :not(noscript, script, [hidden])");
        for (const selector of asked.click) await page.click(selector);
        for (const key of asked.press.split(" ").filter(Boolean)) await page.keyboard.press(key);
        await page.waitForTimeout(Number(asked.wait));
        const file = join(out, `${name}-${size}-${colorScheme}-${lang}.png`);
        await page.screenshot({ path: file });
        console.log(file);
        await context.close();
      }
    }
  }
}
await browser.close();
