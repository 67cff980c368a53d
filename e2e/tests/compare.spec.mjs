// Two runs side by side, driven by mouse, by keyboard and by touch.
import { NO_FINGERS, expect, open, test } from "../page.mjs";
import { kubectl, toTheEnd } from "../person.mjs";

const figure = (page, run) => page.locator(`.scene [aria-label^="${run}:"] .type-figure`);
const begin = async (page, example) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).click();
  await page.locator(`[data-example=${example}]`).click();
};

test("by mouse: an example opens it, one run loses requests and the other none, over all seeds", { tag: "@long" }, async ({ page }) => {
  test.setTimeout(150_000);
  await begin(page, "rollout-loses");
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("비교");
  await expect(page.locator("[data-difference=preStop]")).toHaveAttribute("aria-checked", "true");
  await expect(figure(page, "B")).toHaveCount(1);
  await page.keyboard.press("End");
  await expect(figure(page, "A")).not.toHaveText("0");
  await expect(figure(page, "B")).toHaveText("0");
  const verdict = page.locator(".scene text", { hasText: /^한 번의 실행은/ });
  await expect(verdict).toHaveText(/A는 seed 100개 중 [1-9]\d*개에서, B는 100개 중 0개에서/, { timeout: 90_000 });
  await page.locator("[data-difference=strategy]").click();
  await expect(page.locator(".scene text", { hasText: /^strategy Recreate$/ })).toBeVisible();
});

test("by keyboard: its key opens it, and it plays in step with the bar", async ({ page }) => {
  await begin(page, "drains");
  await page.keyboard.press("6");
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("비교");
  await expect(page.locator(".scene text", { hasText: /^preStop 있음$/ })).toBeVisible();
  await page.keyboard.press("Home");
  await page.keyboard.press("End");
  await expect(figure(page, "A")).toHaveCount(1);
  await page.locator("[data-difference=seed]").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".scene text", { hasText: /^seed 2$/ })).toBeVisible();
});

test("a run is compared with another of its branches, and by a preStop only where a Pod ends", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("6");
  const choice = (name) => page.locator(`[data-difference=${name}]`);
  await expect(choice("seed")).toBeVisible();
  await expect(choice("preStop")).toHaveCount(0);
  await expect(choice("branch-0")).toHaveCount(0);
  // Something else is done before the end.
  await page.keyboard.press("Shift+Space");
  // The command line is the editor's, which makes room for two runs.
  await page.locator("[data-act=editor]").click();
  const scaled = "kubectl scale deployment/myapp-deployment --replicas=1 -n myapp-ns";
  expect((await kubectl(page, scaled)).exit).toBe(0);
  await expect(choice("preStop")).toHaveCount(1);
  await choice("branch-0").click();
  await expect(choice("branch-0")).toHaveAttribute("aria-checked", "true");
  const run = (letter) => page.locator(`.scene [aria-label^="${letter}: "]`);
  await expect(run("A")).toHaveAttribute("aria-label", "A: 갈래 1");
  await expect(run("B")).toHaveAttribute("aria-label", "B: 첫 실행");
  // What only one of them has stands beside its name and at its moment.
  await expect(run("A").locator("text", { hasText: "scale" })).not.toHaveCount(0);
  await expect(run("B").locator("text", { hasText: "scale" })).toHaveCount(0);
  // Where the one looked at is the first run, it is the other way round.
  await page.locator("[data-act=branches]").selectOption("0");
  await choice("branch-1").click();
  await expect(run("B")).toHaveAttribute("aria-label", "B: 갈래 1");
});

test.describe("by touch", () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });
  test.skip(({ browserName }) => browserName !== "chromium", NO_FINGERS);
  test("a phone shows one run below the other", { tag: "@long" }, async ({ page }) => {
    await begin(page, "rollout-keeps");
    await expect(figure(page, "B")).toHaveCount(1);
    const [a, b] = [await figure(page, "A").boundingBox(), await figure(page, "B").boundingBox()];
    expect(a.x).toBeCloseTo(b.x, 0);
    expect(a.y).toBeLessThan(b.y);
    await page.locator("[data-difference=readinessProbe]").tap();
    await expect(page.locator("[data-difference=readinessProbe]")).toHaveAttribute("aria-checked", "true");
  });
});
