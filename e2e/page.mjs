// `test` and `expect` for the browser tests. Every test fails if its page asks another origin for anything, breaks
// its own policy, or puts an error on the console.
import { expect, test as base } from "@playwright/test";

export { expect };

export const test = base.extend({
  page: async ({ page }, use) => {
    const wrong = [];
    const origin = new URL(process.env.PODIUM_URL).origin;
    page.on("request", (request) => {
      const url = new URL(request.url());
      // A data: or blob: address leaves nothing; the policy decides about it.
      if (url.origin !== origin && url.protocol.startsWith("http")) wrong.push(`a request to ${url}`);
    });
    page.on("websocket", (socket) => wrong.push(`a websocket to ${socket.url()}`));
    page.on("console", (message) => {
      if (message.type() === "error") wrong.push(`console: ${message.text()}`);
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

// Opens the page and waits until it has drawn something.
export const open = async (page, address = "") => {
  await page.goto(address);
  await expect(page.locator("body > :not(noscript, script, [hidden])").first()).toBeVisible();
};
