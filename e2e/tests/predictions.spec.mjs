// Questions before steps that surprise: they do not come by themselves for one reader, they do before a room, and a placed one is
// kept.
import { expect, open, test } from "../page.mjs";

const card = (page) => page.getByRole("dialog", { name: "다음에 무슨 일이 일어날까요?" });
const begin = async (page) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).click();
  await page.locator("[data-example=ignores]").click();
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("삭제 과정");
  // Past the beginning, so that it is recorded; there it stands.
  await page.keyboard.press("p");
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "false");
};
// Steps on until a question is there, and says how many steps that took.
const toQuestion = async (page, key) => stepsTo(page, () => page.keyboard.press(key));
const stepsTo = async (page, next) => {
  for (let step = 1; step < 40; step += 1) {
    const before = await page.locator(".count").textContent();
    await next();
    // The card comes in the place of the step.
    const isAsked = () => card(page).isVisible();
    const isPast = async () => (await page.locator(".count").textContent()) !== before;
    await expect.poll(async () => (await isAsked()) || (await isPast()), { intervals: [20, 50, 100] }).toBe(true);
    if (await isAsked()) return step;
  }
  throw new Error("nothing was asked");
};

test("the stage asks when somebody wants it, by keyboard alone, and goes on", { tag: "@long" }, async ({ page }) => {
  await begin(page);
  const count = page.locator(".count");
  await page.keyboard.press("Home");
  // For one reader nothing comes in the way.
  for (let step = 0; step < 20; step += 1) await page.locator("[data-act=step-forward]").click();
  await expect(card(page)).toHaveCount(0);
  await page.keyboard.press("q");
  await page.keyboard.press("Home");
  await stepsTo(page, () => page.locator("[data-act=step-forward]").click());
  await expect(card(page)).toBeFocused();
  const stood = await count.textContent();
  const choices = card(page).locator(".asks-choice");
  expect(await choices.count()).toBeGreaterThanOrEqual(2);
  await page.keyboard.press("1");
  // Right or wrong: the right one is marked by a word, and explained.
  await expect(card(page).locator("[data-right]")).toContainText("실행 결과");
  await expect(card(page).getByRole("status")).toContainText(/맞았습니다|아닙니다/);
  await expect(count).toHaveText(stood);
  await page.keyboard.press("Enter");
  await expect(card(page)).toHaveCount(0);
  await expect(count).not.toHaveText(stood);
});

// How much of the timeline lies after the playhead, and how many marks of the track.
const toCome = (page) =>
  page.evaluate(() => {
    const after = (selector, x) =>
      [...document.querySelectorAll(selector)].filter((element) => element.getBoundingClientRect().right > x + 4).length;
    const place = (selector) => document.querySelector(selector).getBoundingClientRect();
    const knob = place(".track-knob");
    return after(".lanes .role-span, .lanes .lane-event", place(".lanes-now .role-playhead").left) + after(".track-tick", knob.right);
  });

test("nothing of an answer is drawn before it is asked for, on the stage or on the timeline", async ({ page }) => {
  await begin(page);
  await page.keyboard.press("Home");
  await page.keyboard.press("3");
  await page.locator("[data-act=timeline]").click();
  await page.locator("[data-act=step-forward]").click();
  // Without questions, all that is recorded is there.
  await expect.poll(() => toCome(page)).toBeGreaterThan(5);
  await page.locator("[data-act=asks]").check();
  await stepsTo(page, () => page.locator("[data-act=step-forward]").click());
  expect(await toCome(page)).toBe(0);
  // Nor is there anything pale in the life of the Pod.
  await expect(page.locator('.scene rect[opacity="0.3"]')).toHaveCount(0);
  await page.locator("[data-act=ask-skip]").click();
  await page.locator("[data-act=asks]").uncheck();
  await expect.poll(() => toCome(page)).toBeGreaterThan(0);
});

test("before a room a clicker shows the answer and goes on, and a placed question survives a reload", { tag: "@long" }, async ({ page }) => {
  await page.setViewportSize({ width: 1600, height: 900 });
  await begin(page);
  await page.keyboard.press("t");
  await page.keyboard.press("Home");
  await toQuestion(page, "PageDown");
  const least = await card(page).evaluate((card) =>
    Math.min(...[...card.querySelectorAll("*")].filter((element) => element.innerText).map((element) => parseFloat(getComputedStyle(element).fontSize))));
  expect(least).toBeGreaterThanOrEqual(20);
  await page.keyboard.press("PageDown");
  await expect(card(page).locator("[data-right]")).toHaveCount(1);
  await page.keyboard.press("PageDown");
  await expect(card(page)).toHaveCount(0);
  // From the beginning it is asked again. Escape goes past it.
  await page.keyboard.press("Home");
  await toQuestion(page, "PageDown");
  await page.keyboard.press("Escape");
  await expect(card(page)).toHaveCount(0);
  await page.keyboard.press("t");
  // One that somebody has placed is asked without being asked for.
  await page.keyboard.press("Home");
  await page.locator("[data-act=timeline]").click();
  const place = page.locator("[data-act=place]");
  // Until the run itself gives one: beside none and one's own.
  for (let step = 0; step < 40 && (await place.locator("option").count()) < 3; step += 1) await page.locator("[data-act=step-forward]").click();
  await place.selectOption({ index: 1 });
  await page.waitForTimeout(600);
  await page.reload();
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "false");
  await page.locator("[data-act=step-forward]").click();
  await expect(card(page)).toBeVisible();
});

test("a question of one's own is asked before its step, and a link carries it", { tag: "@long" }, async ({ page }) => {
  await begin(page);
  await page.keyboard.press("Home");
  await page.locator("[data-act=timeline]").click();
  const place = page.locator("[data-act=place]");
  for (let step = 0; step < 5 || (step < 40 && !(await place.isVisible())); step += 1) await page.locator("[data-act=step-forward]").click();
  await place.selectOption("own");
  // Escape closes what is written and nothing else.
  await page.locator("[data-act=own-ask]").press("Escape");
  await expect(page.locator(".own-form")).toHaveCount(0);
  await expect(page.locator(".timeline")).toBeVisible();
  await place.selectOption("own");
  await page.locator("[data-act=own-ask]").fill("누가 먼저 움직일까요?");
  await page.locator("[data-act=own-place]").click();
  await expect(page.locator(".own-form [role=alert]")).toContainText("보기 2개");
  await page.locator(".own-form [data-choice='1']").fill("kubelet");
  await page.locator(".own-form [data-choice='3']").fill("API 서버");
  await page.locator(".own-form [type=radio]").nth(2).check();
  await page.locator("[data-act=own-why]").fill("모두 API 서버에 묻습니다.");
  await page.locator("[data-act=own-place]").click();
  await expect(page.locator(".own-form")).toHaveCount(0);
  await expect(place).toHaveValue("own");
  await page.locator("[data-act=close-timeline]").click();
  await page.locator("[data-act=give]").click();
  const link = await page.locator(".give-link input").inputValue();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.locator(".notice")).toContainText("다른 세션을 열었습니다");
  await page.keyboard.press("Home");
  await stepsTo(page, () => page.locator("[data-act=step-forward]").click());
  await expect(card(page)).toContainText("누가 먼저 움직일까요?");
  await expect(card(page).locator(".asks-choice")).toHaveCount(2);
  await page.keyboard.press("2");
  await expect(card(page).getByRole("status")).toContainText("맞았습니다. 모두 API 서버에 묻습니다.");
});
