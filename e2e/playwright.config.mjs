// How the browser tests run. `cargo xtask e2e` serves the finished page and says where it and the browser are.
import { defineConfig } from "@playwright/test";
import { chromium } from "./chromium.mjs";

// Firefox as it is released, over WebDriver BiDi. Debian's is older than what Playwright 1.65 asks it for (the emulation of
// media features), so that an older Playwright is pinned.
const firefox = {
  browserName: "firefox",
  channel: "moz-firefox",
  launchOptions: { executablePath: process.env.FIREFOX },
  // Its pictures are taken with a style of Playwright's own, which the page's policy refuses.
  screenshot: "off",
};

export default defineConfig({
  testDir: "tests",
  outputDir: "../target/e2e",
  // Two cores, and a test mostly waits for what its page plays.
  workers: 3,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  // A page on a machine that is busy draws late, and is right all the same.
  expect: { timeout: 15_000 },
  // On two quiet cores it is five minutes; this only ends what hangs.
  globalTimeout: (process.env.FIREFOX ? 30 : 10) * 60_000,
  // What only passes when it is tried again is told as flaky, and is to be mended.
  retries: 1,
  reporter: [["list"]],
  use: {
    baseURL: process.env.PODIUM_URL,
    viewport: { width: 1600, height: 900 },
    locale: "ko-KR",
    // Tests that answer requests in the page's stead would not see those that its worker makes; one test is about the worker.
    serviceWorkers: "block",
    screenshot: "only-on-failure",
    ...(process.env.FIREFOX ? firefox : { browserName: "chromium", ...chromium }),
  },
});
