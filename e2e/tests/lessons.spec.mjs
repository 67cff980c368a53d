// The lessons: opened by a key, done by keyboard alone, and what was done is kept.
import { expect, open, test } from "../page.mjs";
import { press } from "../person.mjs";

const lesson = (page) => page.locator(".lesson");

// Goes to the end of what is recorded until every goal of the step is reached.
const reach = async (page) => {
  await expect
    .poll(
      async () => {
        await page.keyboard.press("End");
        return page.locator(".lesson-goal:not([data-reached])").count();
      },
      { timeout: 30_000 },
    )
    .toBe(0);
};

test.use({ locale: "en-US" });

test("the first lesson is done by keyboard alone, and the progress is kept", async ({ page }) => {
  await open(page);
  await expect(page.locator("[data-act=lessons]")).toBeVisible();
  await page.keyboard.press("l");
  await expect(lesson(page).locator("[data-lesson]").first()).toContainText("New");
  await press(page, lesson(page).locator("[data-lesson=kinds]"));
  await expect(page.locator(".lesson-title")).toHaveText("Everything is an object");
  // What was there before is kept.
  await expect(page.locator(".notice")).toContainText("What you had before is kept");
  await expect(page.locator(".lesson-mark")).toContainText("Not reached yet");
  for (const command of ["kubectl api-resources", "kubectl create namespace"]) {
    await press(page, lesson(page).locator(".lesson-play", { hasText: command }));
  }
  await reach(page);
  await expect(page.locator(".lesson-mark")).toContainText("Reached");
  await expect(page.locator(".lesson-met")).toHaveText("All goals of this step are reached.");

  await press(page, lesson(page).locator("[data-act=lesson-next]"));
  await press(page, lesson(page).locator(".lesson-choice").nth(1));
  await expect(lesson(page).locator(".lesson-question")).toContainText("Not quite");
  await expect(lesson(page).locator(".lesson-choice[data-right]")).toContainText("None");

  await press(page, lesson(page).locator("[data-act=lesson-next]"));
  await press(page, lesson(page).locator("[data-act=hint]"));
  await expect(lesson(page).locator(".lesson-hints li")).toHaveCount(1);
  await press(page, lesson(page).locator("[data-act=solution]"));
  await press(page, lesson(page).locator(".lesson-solution .lesson-play", { hasText: "Put it into the editor" }));
  await press(page, lesson(page).locator(".lesson-solution .lesson-play", { hasText: "kubectl apply" }));
  await reach(page);
  await expect(lesson(page)).toContainText("All goals of this lesson are reached.");

  // It is open again at its step.
  await open(page);
  await expect(page.locator(".lesson-title")).toHaveText("Mend it");
  await press(page, lesson(page).locator("[data-act=lesson-list]"));
  await expect(lesson(page).locator("[data-lesson=kinds]")).toContainText("Done");
});

test("a lesson is a sheet on a phone, and leaves the transport free", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await lesson(page).locator("[data-lesson=kinds]").click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  const [sheet, play] = [await lesson(page).boundingBox(), await page.locator(".play").boundingBox()];
  expect(sheet.y + sheet.height).toBeLessThanOrEqual(play.y);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.locator(".lesson-fold").click();
  await expect(page.locator(".lesson-title")).toHaveCount(0);
  expect((await lesson(page).boundingBox()).height).toBeLessThan(80);
});

test("on a phone all buttons of a lesson are within the screen, and what a command prints stands below it", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await lesson(page).locator("[data-lesson=owners]").click();
  for (let step = 1; step < 4; step += 1) await lesson(page).locator("[data-act=lesson-next]").click();
  for (const act of ["lesson-list", "lesson-again", "lesson-back", "next-lesson"]) {
    const box = await lesson(page).locator(`[data-act=${act}]`).boundingBox();
    expect(box.x + box.width, act).toBeLessThanOrEqual(390);
    await expect(lesson(page).locator(`[data-act=${act}]`)).toHaveAccessibleName(/\w/);
  }
  await lesson(page).locator("[data-act=lesson-list]").click();
  await lesson(page).locator("[data-lesson=kinds]").click();
  const deed = lesson(page).locator(".lesson-deed", { hasText: "kubectl api-resources" });
  await expect(deed.locator(".lesson-printed")).toHaveCount(0);
  await deed.locator(".lesson-play").click();
  await expect(deed.locator(".lesson-printed")).toContainText("deployments");
  // All of it can be read.
  const reads = await deed.locator(".lesson-printed").evaluate((printed) => [printed.scrollHeight > printed.clientHeight, printed.tabIndex]);
  expect(reads).toEqual([true, 0]);
});

test("an open lesson is open again after a reload, at its step, and a closed one is not", async ({ page }) => {
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await lesson(page).locator("[data-lesson=kinds]").click();
  await lesson(page).locator("[data-act=lesson-next]").click();
  const title = await page.locator(".lesson-title").textContent();
  expect(title).toBe("A manifest says what you want");
  await page.reload();
  await page.mouse.move(2, 2);
  await expect(page.locator(".lesson-title")).toHaveText(title);
  await page.locator(".lesson-head .tool").last().click();
  await expect(lesson(page)).toHaveCount(0);
  await page.reload();
  await page.mouse.move(3, 3);
  await page.waitForFunction(() => document.documentElement.dataset.rest === "there");
  await page.waitForTimeout(300);
  await expect(lesson(page)).toHaveCount(0);
});

test("the lesson on deletion has a hint, and its empty view says what to do first", async ({ page }) => {
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await lesson(page).locator("[data-lesson=deletion]").click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  await expect(page.locator(".scene")).toContainText("There is no Pod yet");
  await lesson(page).locator("[data-act=hint]").click();
  await expect(lesson(page).locator(".lesson-hints li")).toContainText("Both Pods have to be ready");
});
