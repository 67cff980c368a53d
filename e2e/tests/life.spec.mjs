// The life of a Pod: where it is among its phases, by mouse, by keyboard and by touch.
import { NO_FINGERS, expect, open, test } from "../page.mjs";
import { shape } from "../person.mjs";

// Goes as far as something is told of: one of these Pods never comes to rest, so there is no end.
const later = async (page, until) => {
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  await expect
    .poll(async () => {
      await page.keyboard.press("End");
      return until.count();
    }, { intervals: [300] })
    .toBeGreaterThan(0);
};

const phase = (page, name) => page.locator(".scene [role=img]").and(page.getByRole("img", { name }));

test.use({ locale: "en-US" });

test("every phase is reached, and Unknown is told as it is", async ({ page }) => {
  await open(page);
  await page.getByText("Examples").click();
  await page.getByText("The phases of a Pod").click();
  await expect(page.locator(".tab[aria-current=page]")).toHaveText("Life");
  await later(page, phase(page, /^Succeeded: since/));
  await expect(phase(page, /^Failed: not reached/)).toBeVisible();
  await expect(phase(page, /^Unknown: nothing sets it/)).toBeVisible();
  await shape(page, "Pod ends-badly").click();
  await expect(phase(page, /^Failed: since/)).toBeVisible();
  await shape(page, "Pod waits").focus();
  await page.keyboard.press("Enter");
  await expect(phase(page, /^Pending: since/)).toBeVisible();
  await expect(phase(page, /^Running: not yet/)).toBeVisible();
  await expect(page.locator(".scene")).toContainText("False · Unschedulable");
});

test("a lost node leaves its Pod Running, and kubectl shows Terminating", async ({ page }) => {
  await open(page);
  await page.getByText("Examples").click();
  await page.getByText("A node is lost").click();
  const now = page.locator(".clock", { hasText: /^05:/ });
  await later(page, now);
  // One of the Pods was on the node.
  let looked = 0;
  await expect
    .poll(async () => {
      const pods = shape(page, /^Pod web-/);
      await pods.nth(looked++ % (await pods.count())).click();
      return page.locator(".scene").textContent();
    })
    .toMatch(/STATUSTerminating/);
  await expect(phase(page, /^Running: since/)).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });
  test.skip(({ browserName }) => browserName !== "chromium", NO_FINGERS);
  test("a tap leads to it, and why a command failed is told", async ({ page }) => {
    await open(page);
    await page.locator(".tab", { hasText: "Life" }).tap();
    await expect(phase(page, /^Pending:/)).toBeVisible({ timeout: 15_000 });
    await page.locator("[data-act=editor]").tap();
    await page.locator(".terminal-line textarea").fill("kubectl delete pod nobody");
    await page.keyboard.press("Enter");
    await page.locator(".editor .sheet-grip").tap();
    await expect(page.locator(".notice-failed")).toContainText('pods "nobody" not found');
  });
});
