// The first load: what it fetches, under which policy, and from where.
import { arrive, expect, NO_FINGERS, test } from "../page.mjs";
import { copied, expectText, OWN_CLIPBOARD, shape, text } from "../person.mjs";

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

  test("a letter waits for it, also where a button has the focus", async ({ page }) => {
    const asked = await restLate(page);
    await page.locator("[data-act=lessons]").focus();
    await page.keyboard.press("3");
    await waited(page, page.locator(".tab:nth-child(3)[aria-current=page]"), asked);
  });

  test("the key that applies waits for it, and the browser's own keys do not fetch it on the spot", async ({ page }) => {
    const asked = await restLate(page);
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Tab");
    await page.locator(".code-text").focus();
    await page.keyboard.press("Control+Enter");
    await waited(page, page.locator(".terminal-command", { hasText: "apply" }).nth(1), asked);
  });

  // Pastes to something; without a text the event brings none at all.
  const pasteTo = (page, selector, data) =>
    page.locator(selector).evaluate(async (target, data) => {
      // What goes wrong in a listener is not told of a script that a test runs.
      await new Promise((done) => setTimeout(done));
      const clipboardData = new DataTransfer();
      if (data) clipboardData.setData("text/plain", data);
      const brings = data ? { clipboardData, dataType: "text/plain", data } : {};
      target.dispatchEvent(new ClipboardEvent("paste", { ...brings, bubbles: true, composed: true, cancelable: true }));
    }, data);

  test("what is pasted where nothing takes it waits for it, and is put in once", async ({ page }) => {
    const pod = text("src/session/examples/myweb1-pod.yaml");
    const asked = await restLate(page);
    await page.locator(".welcome-deeds .button").nth(1).click();
    // The range of the bar is an input, and takes no text.
    await pasteTo(page, ".track-input", pod);
    await pasteTo(page, "body", pod);
    await expect(page.locator("html")).toHaveAttribute("data-waits", "");
    await expectText(page, pod);
    expect(asked).toEqual(["fetch"]);
  });

  test("a paste that brings nothing is none, before it and after", async ({ page }) => {
    await restLate(page);
    await pasteTo(page, "body");
    await expect(page.locator("html")).not.toHaveAttribute("data-waits", "");
    await page.mouse.move(1, 1);
    await page.waitForFunction(() => document.documentElement.dataset.rest === "there");
    await pasteTo(page, "body");
    // The page fails the test with what it has on its console.
    await page.waitForTimeout(100);
  });

  test("what is pasted by its keys waits for it, and is put in once", async ({ page, browserName }) => {
    test.skip(browserName !== "chromium", OWN_CLIPBOARD);
    const pod = text("src/session/examples/myweb1-pod.yaml");
    const asked = await restLate(page);
    await copied(page, pod);
    await page.locator(".welcome-deeds .button").nth(1).click();
    await page.keyboard.press("Control+V");
    // Pasted twice for lack of an answer is pasted once.
    await page.keyboard.press("Control+V");
    await expect(page.locator("html")).toHaveAttribute("data-waits", "");
    await expectText(page, pod);
    expect(asked).toEqual(["fetch"]);
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
