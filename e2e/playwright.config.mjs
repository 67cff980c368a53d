// How the browser tests run. `cargo xtask e2e` serves the finished page and says where it and the browser are.
import { defineConfig } from "@playwright/test";
import { chromium } from "./chromium.mjs";

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
  globalTimeout: 10 * 60_000,
  // What only passes when it is tried again is told as flaky, and is to be mended.
  retries: 1,
  reporter: [["list"]],
  use: {
    ...chromium,
    browserName: "chromium",
    baseURL: process.env.PODIUM_URL,
    viewport: { width: 1600, height: 900 },
    locale: "ko-KR",
    // Tests that answer requests in the page's stead would not see those that its worker makes; one test is about the worker.
    serviceWorkers: "block",
    screenshot: "only-on-failure",
  },
});
