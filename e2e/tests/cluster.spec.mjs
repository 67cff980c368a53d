// The view of the whole cluster, driven by mouse, by keyboard and by touch.
import { NO_FINGERS, expect, open, test } from "../page.mjs";

const drawn = (page, text) => page.locator(".scene text", { hasText: text });
const part = (page, name) => page.locator(`.scene [aria-label^="${name}"]`);
const begin = async (page) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).click();
  await page.locator("[data-example=drains]").click();
  await page.keyboard.press("p");
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "false");
};

test("by mouse: the tab opens it, and a Pod tells why it is on its node", async ({ page }) => {
  await begin(page);
  await page.locator(".tabs .tab").nth(4).click();
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("클러스터");
  await page.keyboard.press("End");
  await expect(part(page, "kube-scheduler")).toHaveCount(1);
  await expect(drawn(page, /^KUBE-APISERVER$/)).toBeVisible();
  await page.locator('.scene [data-key^="pods/default/web-b/"]').click();
  await expect(drawn(page, /^왜 이 노드인가\?$/)).toHaveCount(1);
  await expect(drawn(page, /^NodeResourcesFit$/).first()).toBeVisible();
});

test("by keyboard: its key opens it, arrows go from node to Pod, Enter chooses", async ({ page }) => {
  await begin(page);
  await page.keyboard.press("5");
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("클러스터");
  await page.keyboard.press("End");
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("ArrowRight");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-key"));
  const seen = new Set();
  for (let step = 0; step < 12; step += 1) {
    seen.add(await focused());
    await page.keyboard.press("ArrowRight");
  }
  expect([...seen].some((key) => key?.startsWith("nodes//node-"))).toBe(true);
  expect([...seen].some((key) => key?.startsWith("pods/default/web-"))).toBe(true);
  await page.keyboard.press("Enter");
  await expect(page.locator('.scene [aria-pressed="true"]').first()).toBeVisible();
});

test("messages are named for those who do not see them, and are gone when they have arrived", async ({ page }) => {
  await begin(page);
  await page.keyboard.press("5");
  await page.keyboard.press("Home");
  const messages = page.locator('.scene circle[aria-label*="kube-apiserver"][role=button]');
  let most = 0;
  for (let step = 0; step < 40 && most === 0; step += 1) {
    await page.keyboard.press(".");
    most = await messages.count();
  }
  expect(most).toBeGreaterThan(0);
  // Each can be asked what it is about.
  await messages.first().focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".inspector .why-reason")).toBeVisible();
  await expect(page.locator(".inspector .eyebrow")).toContainText("kube-apiserver");
});

test.describe("by touch", () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });
  test.skip(({ browserName }) => browserName !== "chromium", NO_FINGERS);
  test("a phone shows one thing below the other, and a tap chooses a node", async ({ page }) => {
    await begin(page);
    await page.locator(".tabs .tab").nth(4).tap();
    const [plane, node] = [drawn(page, /^클라이언트와 컨트롤 플레인$/), page.locator('.scene [data-key="nodes//node-1/group"]')];
    await expect(plane).toBeVisible();
    await expect(node).toBeAttached();
    const top = async (part) => (await part.boundingBox())?.y ?? NaN;
    await expect.poll(async () => (await top(node)) - (await top(plane))).toBeGreaterThan(0);
    // A finger moves the stage until the node is there.
    const room = await page.locator(".stage-room").boundingBox();
    const touch = await page.context().newCDPSession(page);
    const finger = (type, y) => {
      const touchPoints = type === "touchEnd" ? [] : [{ x: room.x + room.width / 2, y }];
      return touch.send("Input.dispatchTouchEvent", { type, touchPoints });
    };
    // Above the notice that lies over the lower edge.
    const [low, high] = [room.y + room.height - 130, room.y + 30];
    for (let swipe = 0; swipe < 6 && (await node.boundingBox()).y > room.y + 0.7 * room.height; swipe += 1) {
      await finger("touchStart", low);
      for (let step = 1; step <= 8; step += 1) await finger("touchMove", low + ((high - low) * step) / 16);
      await finger("touchEnd");
    }
    const { y } = await node.boundingBox();
    expect(y).toBeLessThan(room.y + 0.7 * room.height);
    // Right after a quick swipe Chromium takes a tap for the end of the swipe.
    await page.waitForTimeout(2_000);
    await node.getByText("node-1", { exact: true }).tap();
    await expect(page.locator(".inspector .name")).toHaveText("node-1");
  });
});
