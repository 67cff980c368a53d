// The panels: their edges are moved by mouse, by keyboard and by touch, and how large they are and which are open is kept.
import { NO_FINGERS, expect, open, test } from "../page.mjs";
import { kubectl, shape, toTheEnd } from "../person.mjs";

test.use({ viewport: { width: 1280, height: 720 } });

const edge = (page, name) => page.locator(`[data-edge=${name}]`);
const size = (page, selector) => page.locator(selector).evaluate((element) => [element.getBoundingClientRect().width, element.getBoundingClientRect().height]);
// Takes hold in the middle of an edge and moves it, as far as the window goes: Firefox takes no mouse out of it.
const drag = async (page, name, by) => {
  const box = await edge(page, name).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const { width, height } = page.viewportSize();
  const to = (part) => [Math.min(Math.max(x + by[0] * part, 1), width - 2), Math.min(Math.max(y + by[1] * part, 1), height - 2)];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(...to(0.5), { steps: 3 });
  await page.mouse.move(...to(1), { steps: 3 });
  await page.mouse.up();
};

test("a first visit has its usual panels", async ({ page }) => {
  await open(page);
  await expect(page.locator(".inspector, .timeline")).toHaveCount(0);
  expect(Math.round((await size(page, ".editor"))[0])).toBe(430);
});

test("by mouse: each panel becomes as large as its edge is moved, and stays so", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await kubectl(page, "get pods -A -o yaml");
  const terminal = (await size(page, ".terminal-output"))[1];
  await drag(page, "terminalHeight", [0, 60]);
  expect((await size(page, ".terminal-output"))[1]).toBeCloseTo(terminal - 60, -1);
  await shape(page, /^Deployment/).first().click();
  const inspector = (await size(page, ".inspector"))[0];
  await drag(page, "inspectorWidth", [60, 0]);
  expect((await size(page, ".inspector"))[0]).toBeCloseTo(inspector - 60, -1);
  await page.locator("[data-act=timeline]").click();
  await expect(page.locator(".lane").first()).toBeVisible();
  const lanes = (await size(page, ".lanes"))[1];
  await drag(page, "timelineHeight", [0, 90]);
  const lower = (await size(page, ".lanes"))[1];
  expect(lower).toBeLessThan(lanes - 40);
  // However far a hand goes, the stage stays, and so does the panel.
  await drag(page, "inspectorWidth", [-1000, 0]);
  expect((await size(page, ".stage"))[0]).toBeGreaterThanOrEqual(270);
  await drag(page, "inspectorWidth", [1000, 0]);
  expect((await size(page, ".inspector"))[0]).toBeCloseTo(280, 0);
  await drag(page, "timelineHeight", [0, -700]);
  expect((await size(page, ".stage"))[1]).toBeGreaterThanOrEqual(170);
  await drag(page, "timelineHeight", [0, 700]);
  const [, least] = await size(page, ".lanes");
  expect(least).toBeGreaterThanOrEqual(50);
  // The page keeps what was done a moment after it was done.
  await page.waitForTimeout(600);
  await page.reload();
  await expect(page.locator(".timeline .lane").first()).toBeVisible();
  await expect(page.locator(".inspector")).toBeVisible();
  expect((await size(page, ".inspector"))[0]).toBeCloseTo(280, 0);
  expect((await size(page, ".lanes"))[1]).toBeCloseTo(least, 0);
  // It has come by itself: what is typed is still the page's.
  await expect(page.locator(".find-field")).not.toBeFocused();
  await page.locator("[data-act=close-timeline]").click();
  await page.locator(".inspector-head .tool").first().click();
  await page.reload();
  await expect(page.locator(".play")).toBeVisible();
  await page.waitForTimeout(600);
  await expect(page.locator(".inspector, .timeline")).toHaveCount(0);
});

test("by keyboard: each edge says how large its panel is, and arrows move it", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await kubectl(page, "get pods -A");
  await shape(page, /^Deployment/).first().click();
  await page.locator("[data-act=timeline]").click();
  for (const [name, larger, smaller] of [
    ["editorWidth", "ArrowRight", "ArrowLeft"],
    ["inspectorWidth", "ArrowLeft", "ArrowRight"],
    ["timelineHeight", "ArrowUp", "ArrowDown"],
    ["terminalHeight", "ArrowUp", "ArrowDown"],
  ]) {
    // Beside an open timeline the command line is as low as it may be.
    if (name === "terminalHeight") await page.locator("[data-act=close-timeline]").click();
    const separator = edge(page, name);
    await expect(separator).toHaveAttribute("role", "separator");
    await expect(separator).toHaveAttribute("aria-label", /.+/);
    const now = async () => Number(await separator.getAttribute("aria-valuenow"));
    await separator.focus();
    // The first press begins with how large it is, which the stylesheet may have said.
    await page.keyboard.press(smaller);
    const before = await now();
    await page.keyboard.press(smaller);
    const less = await now();
    expect(less, name).toBeLessThan(before);
    await page.keyboard.press(larger);
    expect(await now(), name).toBeGreaterThan(less);
    await expect(separator).toBeFocused();
  }
});

test.describe("by touch", () => {
  test.use({ hasTouch: true });
  test.skip(({ browserName }) => browserName !== "chromium", NO_FINGERS);
  test("a finger moves an edge, and a phone has none", { tag: "@long" }, async ({ page }) => {
    await open(page);
    await toTheEnd(page);
    await shape(page, /^Deployment/).first().click();
    const before = (await size(page, ".inspector"))[0];
    const box = await edge(page, "inspectorWidth").boundingBox();
    const cdp = await page.context().newCDPSession(page);
    const touch = (type, x) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y: box.y + 100 }] });
    const x = box.x + box.width / 2;
    await touch("touchStart", x);
    for (const by of [10, 30, 50]) await touch("touchMove", x + by);
    await touch("touchEnd");
    expect((await size(page, ".inspector"))[0]).toBeCloseTo(before - 50, -1);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of ["editorWidth", "inspectorWidth"]) await expect(edge(page, name)).toBeHidden();
  });
});

test("the button of the header says whether the editor is seen, also where the page has become narrower", async ({ page }) => {
  await open(page);
  const button = page.locator("[data-act=editor]");
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.locator(".editor")).toBeHidden();
  await expect(button).toHaveAttribute("aria-pressed", "false");
  await page.setViewportSize({ width: 1280, height: 720 });
  await expect(page.locator(".editor")).toBeVisible();
  await expect(button).toHaveAttribute("aria-pressed", "true");
});
