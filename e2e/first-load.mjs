// A first visit, on a wasm that marks what it comes to: which functions, and which parts of them, are in the first load.
//
// `cargo xtask first-load` runs it. What a visit comes to until its example has been played is listed, in the sizes that screens
// have (each lays the stage out otherwise), both themes and languages, on a machine that is free and on one that is busy, where
// frames are left out or come ten or four times a second; nothing is pressed, and at its end the page is left.
import { readFile, writeFile } from "node:fs/promises";
import { chromium as playwright } from "@playwright/test";
import { chromium } from "./chromium.mjs";

const visits = [
  { viewport: { width: 1600, height: 900 }, colorScheme: "light", locale: "ko-KR" },
  { viewport: { width: 390, height: 844 }, colorScheme: "dark", locale: "en-US", hasTouch: true },
  { viewport: { width: 1600, height: 900 }, colorScheme: "dark", locale: "ko-KR", slowness: 6 },
  { viewport: { width: 390, height: 844 }, colorScheme: "light", locale: "ko-KR", hasTouch: true, slowness: 12 },
  { viewport: { width: 1366, height: 657 }, colorScheme: "light", locale: "en-US", pace: 100 },
  { viewport: { width: 390, height: 844 }, colorScheme: "dark", locale: "ko-KR", hasTouch: true, pace: 100 },
  { viewport: { width: 1280, height: 720 }, colorScheme: "dark", locale: "en-US", pace: 250 },
  { viewport: { width: 1920, height: 1080 }, colorScheme: "light", locale: "ko-KR" },
  { viewport: { width: 1920, height: 940 }, colorScheme: "dark", locale: "en-US" },
  { viewport: { width: 1536, height: 730 }, colorScheme: "light", locale: "ko-KR" },
  { viewport: { width: 1440, height: 800 }, colorScheme: "light", locale: "en-GB" },
  { viewport: { width: 1366, height: 657 }, colorScheme: "dark", locale: "ko-KR" },
  { viewport: { width: 1280, height: 720 }, colorScheme: "light", locale: "ko" },
  { viewport: { width: 1024, height: 768 }, colorScheme: "light", locale: "fil-PH" },
  { viewport: { width: 820, height: 1180 }, colorScheme: "light", locale: "ko-KR", hasTouch: true },
  { viewport: { width: 2560, height: 1300 }, colorScheme: "light", locale: "ko-KR" },
  { viewport: { width: 844, height: 390 }, colorScheme: "light", locale: "ko-KR", hasTouch: true },
];
// So many at a time: where more play beside each other they leave frames out, and with them what only comes between two.
const AT_ONCE = 2;
const watched = await readFile(process.env.PODIUM_WATCHED);
// The cut gives the imports other names, so that the script is the one from before it.
const script = await readFile(process.env.PODIUM_WATCHED_SCRIPT);
const called = new Set();
const browser = await playwright.launch(chromium.launchOptions);
// `slowness` is the factor by which the processor is, `pace` the milliseconds between two frames.
const visitOne = async ({ slowness, pace, ...visit }) => {
  const context = await browser.newContext(visit);
  const page = await context.newPage();
  if (slowness) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  }
  await page.route(/podium-[0-9a-f]+_bg\.wasm$/, (route) =>
    route.fulfill({ body: watched, contentType: "application/wasm" }),
  );
  await page.route(/podium-[0-9a-f]+\.js$/, (route) =>
    route.fulfill({ body: script, contentType: "text/javascript" }),
  );
  await page.addInitScript(() => {
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
      const made = await instantiate(...given);
      globalThis.podiumCalled = made.instance.exports.called;
      return made;
    };
  });
  if (pace) {
    await page.addInitScript((pace) => {
      window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), pace);
      window.cancelAnimationFrame = clearTimeout;
    }, pace);
  }
  await page.goto(process.env.PODIUM_URL);
  await page.waitForSelector(".play[data-playing=true]", { timeout: 60_000 });
  await page.waitForSelector(".play[data-playing=false]", { timeout: 120_000 });
  await page.waitForTimeout(2_000);
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide")));
  const places = await page.evaluate(() => {
    const marks = new Uint8Array(globalThis.podiumCalled.buffer);
    return Array.from(marks.keys()).filter((place) => marks[place]);
  });
  for (const place of places) called.add(place);
  await context.close();
};
const waiting = [...visits];
const visitOn = async () => {
  for (let visit = waiting.shift(); visit; visit = waiting.shift()) await visitOne(visit);
};
await Promise.all(Array.from({ length: AT_ONCE }, visitOn));
await browser.close();
await writeFile(process.env.PODIUM_CALLED, [...called].sort((a, b) => a - b).join("\n"));
console.log(`${called.size} places are reached by a first visit.`);
