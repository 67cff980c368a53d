// `test` and `expect` for the browser tests. Every test fails if its page asks another origin for anything, breaks
// its own policy, or puts an error on the console.
import { expect, test as base } from "@playwright/test";

export { expect };

// Why a test is left out where the browser is not Chromium.
export const NO_FINGERS = "Playwright has no fingers in Firefox: what it taps hears nothing";

export const test = base.extend({
  page: async ({ page, browserName }, use) => {
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
export const open = async (page, address = "") => {
  await page.goto(address);
  await expect(page.locator("body > :not(noscript, script, [hidden])").first()).toBeVisible();
};
