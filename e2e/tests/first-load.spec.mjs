// The first load: what it fetches, under which policy, and from where.
import { arrive, expect, NO_FINGERS, test } from "../page.mjs";
import { shape } from "../person.mjs";

test("fetches the files that were weighed, and no others", async ({ page }) => {
  const weighed = process.env.PODIUM_FIRST_LOAD.split("\n").map((file) => (file === "index.html" ? "" : file));
  const fetched = [];
  page.on("request", (request) => fetched.push(request.url().slice(process.env.PODIUM_URL.length)));
  // A call to something that is not in the first load fetches the rest on the spot: where it came from is the way to it.
  await page.addInitScript(() => {
    const { open } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (...request) {
      console.warn(`${request[1]} is called for: ${new Error().stack}`);
      return open.apply(this, request);
    };
  });
  const called = [];
  page.on("console", (message) => message.type() === "warning" && called.push(message.text()));
  // Another size than that of the other tests: each lays the stage out otherwise.
  await page.setViewportSize({ width: 1366, height: 657 });
  await arrive(page);
  await page.waitForLoadState("networkidle");
  // The first example plays and draws, and still nothing more is needed. If this fails after new code, make the list of what a
  // first visit calls anew: `cargo xtask first-load`.
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(3, { timeout: 25_000 });
  for (const file of fetched) expect(weighed).toContain(file);
  // The rest comes with the first sign of a person: ahead, and once more (from the cache) where it is called before it is there.
  const rest = () => fetched.filter((file) => file.startsWith("podium-rest-")).length;
  expect(rest(), called.join("\n")).toBe(0);
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("Tab");
  await expect.poll(rest).toBeGreaterThan(0);
  await page.waitForTimeout(500);
  expect(rest()).toBeLessThan(3);
});

test("works below any path", async ({ page }) => {
  await arrive(page, process.env.PODIUM_URL_ELSEWHERE);
});

test("shows something within two seconds", async ({ page }) => {
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  // The best of three: other tests run beside it.
  const times = [];
  for (let visit = 0; visit < 3 && !(Math.min(...times) < 2000); visit += 1) {
    await arrive(page);
    await expect.poll(() => page.evaluate(painted)).toBeGreaterThan(0);
    times.push(await page.evaluate(painted));
  }
  expect(Math.min(...times)).toBeLessThan(2000);
});

test("forbids what it does not need", async ({ page }) => {
  await arrive(page);
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  const allowed = Object.fromEntries(policy.split("; ").map((part) => part.split(/ (.*)/)));
  expect(allowed).toEqual({
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
  });
  expect(await page.locator("[style], style, script:not([src])").count()).toBe(0);
});

test.describe("before the rest is there", () => {
  // What it asks for of the rest, which comes late.
  const restLate = async (page) => {
    const asked = [];
    page.on("request", (request) => request.url().includes("podium-rest-") && asked.push(request.resourceType()));
    await page.route(/podium-rest-/, async (route) => {
      await new Promise((done) => setTimeout(done, 1_500));
      await route.continue();
    });
    await arrive(page);
    return asked;
  };
  // Waits for it, says so, and answers when it is there; it was fetched once, and not on the spot (that is an `xhr`).
  const waited = async (page, answer, asked) => {
    await expect(page.locator("html")).toHaveAttribute("data-waits", "");
    await expect(answer).toHaveCount(0);
    await expect(answer).toHaveCount(1);
    await expect(page.locator("html")).not.toHaveAttribute("data-waits", "");
    expect(asked).toEqual(["fetch"]);
  };

  test("a press of the mouse waits for it, and the page goes on meanwhile", async ({ page }) => {
    const asked = await restLate(page);
    await page.locator("[data-act=legend]").click();
    // Pressed twice for lack of an answer is pressed once.
    await page.locator("[data-act=legend]").click();
    await waited(page, page.locator("[data-act=legend][aria-expanded=true]"), asked);
  });

  test("a command that is typed and given waits for it", async ({ page }) => {
    const asked = await restLate(page);
    await page.locator(".terminal textarea").click();
    await page.keyboard.type("kubectl get pods");
    await page.keyboard.press("Enter");
    await waited(page, page.locator(".terminal-command", { hasText: "kubectl get pods" }), asked);
  });

  test.describe("on a phone", () => {
    test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });
    test("a tap waits for it", async ({ page, browserName }) => {
      test.skip(browserName === "firefox", NO_FINGERS);
      const asked = await restLate(page);
      await page.locator("[data-act=editor]").tap();
      await waited(page, page.locator("[data-act=editor][aria-pressed=true]"), asked);
    });
  });
});

test("says so when the rest of the page cannot be had", async ({ page }) => {
  await page.route(/podium-rest-/, (route) => route.fulfill({ status: 404, body: "" }));
  page.removeAllListeners("console");
  page.removeAllListeners("pageerror");
  await arrive(page);
  await expect(page.locator(".page-broken")).toHaveCount(0);
  // Whatever is pressed first calls for it.
  await page.locator("[data-example=ignores]").dispatchEvent("click");
  await expect(page.locator(".page-broken").first()).toBeVisible();
});
