// `test` and `expect` for the browser tests. Every test fails if its page asks another origin for anything, breaks
// its own policy, or puts an error on the console.
import { expect, test as base } from "@playwright/test";

export { expect };

// Why a test is left out where the browser is not Chromium.
export const NO_FINGERS = "Playwright has no fingers in Firefox: what it taps hears nothing";

export const test = base.extend({
  // Whether every frame of the screen is drawn: only for what is about frames.
  everyFrame: [false, { option: true }],
  page: async ({ page, browserName, everyFrame }, use) => {
    // The context may be one that another test has used, and what it did to the network stays with it.
    await page.context().setOffline(false);
    if (!everyFrame) await page.addInitScript(drawTenTimesASecond);
    if (browserName === "firefox") await page.addInitScript(keepSaved);
    const wrong = [];
    const origin = new URL(process.env.PODIUM_URL).origin;
    page.on("request", (request) => {
      const url = new URL(request.url());
      // A data: or blob: address leaves nothing; the policy decides about it.
      if (url.origin !== origin && url.protocol.startsWith("http")) wrong.push(`a request to ${url}`);
    });
    page.on("websocket", (socket) => wrong.push(`a websocket to ${socket.url()}`));
    page.on("console", (message) => {
      // Chromium says so of a watch that is ended while it is being opened.
      const isEnded = /WebSocket is closed before the connection is established/.test(message.text());
      if (message.type() === "error" && !isEnded) wrong.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => wrong.push(`uncaught: ${error.message}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} stopped ${event.blockedURI} (${event.sample})`);
      });
    });
    await use(page);
    expect(wrong, "what the page did that it must not do").toEqual([]);
  },
});

// Lets the page draw ten times a second, as a slow machine does: three tests at a time draw on two cores, and sixty pictures a
// second of each would take most of their time.
const drawTenTimesASecond = () => {
  const [ask, takeBack] = [requestAnimationFrame.bind(globalThis), cancelAnimationFrame.bind(globalThis)];
  const asked = new Map();
  let [given, drawn, isComing] = [0, 0, false];
  const draw = (now) => {
    if (now - drawn < 90) return ask(draw);
    [drawn, isComing] = [now, false];
    const due = [...asked.values()];
    asked.clear();
    for (const what of due) what(now);
  };
  globalThis.requestAnimationFrame = (what) => {
    if (!isComing) ask(draw);
    isComing = true;
    asked.set((given += 1), what);
    return given;
  };
  globalThis.cancelAnimationFrame = (which) => (asked.delete(which) ? undefined : takeBack(which));
};

// Keeps what the page gives to the browser to save, in a browser whose downloads Playwright does not tell.
const keepSaved = () => {
  globalThis.savedFiles = [];
  const blobs = new Map();
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const address = createObjectURL.call(URL, blob);
    blobs.set(address, blob);
    return address;
  };
  const { click } = HTMLAnchorElement.prototype;
  HTMLAnchorElement.prototype.click = function () {
    if (this.download && blobs.has(this.href)) globalThis.savedFiles.push({ name: this.download, blob: blobs.get(this.href) });
    else click.call(this);
  };
};

// Opens the page and waits until it has drawn something.
export const arrive = async (page, address = "") => {
  await page.goto(address);
  await expect(page.locator("body > :not(noscript, script, [hidden])").first()).toBeVisible();
};

// Opens the page; then somebody moves the mouse, which brings what a first visit does not need.
export const open = async (page, address = "") => {
  await arrive(page, address);
  await page.mouse.move(1, 1);
  await page.waitForFunction(() => document.documentElement.dataset.rest === "there");
};
