// Each view by mouse, by keyboard and by touch: something on its stage is chosen, the inspector says what, and the run goes
// a step back and on again.
import { NO_FINGERS, expect, open, test } from "../page.mjs";
import { shape, toTheEnd } from "../person.mjs";

// What is chosen in each view, in the order of the page: how it is spoken there, and what the inspector calls it. What a hand
// takes for a stage beside an editor, a finger finds on a phone without moving the stage.
const VIEWS = [
  { view: "Hierarchy", spoken: /^Pod web-b, Running/, chosen: "web-b" },
  { view: "Inside a Pod", spoken: /web: PID 1/, chosen: "web" },
  { view: "Life", spoken: /^Pod web-b$/, chosen: "web-b" },
  // The Pod that was deleted: it is gone by then, and is told of all the same.
  { view: "Deletion", spoken: /^Pod web-a$/, chosen: "web-a" },
  // Above why it came to its node.
  { view: "Cluster", spoken: /^Pod web-a$/, chosen: "web-a" },
  { view: "Compare", spoken: /^A web-b$/, chosen: "web-b" },
];

test.use({ locale: "en-US" });

const inspector = (page) => page.locator(".inspector");
const tab = (page, view) => page.locator(".tabs .tab", { hasText: view });
const expectView = (page, view) => expect(page.locator(".tabs [aria-current=page]")).toHaveText(view);
const expectChosen = async (page, { spoken, chosen }) => {
  await expect(inspector(page).locator(".name")).toHaveText(chosen);
  await expect(shape(page, spoken).first()).toHaveAttribute("aria-pressed", "true");
};
const close = async (page, by, press) => {
  await press(inspector(page).locator(by));
  await expect(inspector(page)).toHaveCount(0);
};
// The lettering of a shape, for between its letters and its frame there may be nothing to press.
const lettering = (page, spoken) => shape(page, spoken).first().locator("text").first();

// An example with a deletion, at its end. `press` is how a hand presses something.
const begin = async (page, press) => {
  // Nothing glides, so that nothing is waited for.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  await press(page.locator(".welcome-close"));
  await press(page.locator("summary", { hasText: "Examples" }));
  await press(page.locator("[data-example=drains]"));
  await expectView(page, "Deletion");
  await toTheEnd(page);
};

// Goes back until an earlier step is told, and on until it is the same one again: the first press back goes no further than to
// the beginning of a step.
const goBackAndOn = async (page, back, on) => {
  const step = async () => Number((await page.locator(".count").textContent()).split("/")[0]);
  const last = await step();
  const go = (press, isThere) =>
    expect
      .poll(async () => {
        if (isThere(await step())) return true;
        await press();
        return false;
      }, { intervals: [150, 200, 300] })
      .toBe(true);
  await go(back, (now) => now < last);
  await go(on, (now) => now === last);
};
const goByButtons = (page, press) =>
  goBackAndOn(page, () => press(page.locator("[data-act=step-back]")), () => press(page.locator("[data-act=step-forward]")));

// Tabs onto the stage, from what comes right after it, and goes along by arrows until something has the focus.
const arrowTo = async (page, spoken) => {
  await page.locator("[data-act=legend]").focus();
  await page.keyboard.press("Shift+Tab");
  const focused = () => page.evaluate(() => document.activeElement.closest(".scene .opens")?.dataset.key ?? null);
  const wanted = await shape(page, spoken).first().getAttribute("data-key");
  expect(await focused(), "Tab comes to the stage").not.toBeNull();
  for (const way of ["ArrowLeft", "ArrowRight"]) {
    for (let at, before; (at = await focused()) !== before; before = at) {
      if (at === wanted) return;
      await page.keyboard.press(way);
    }
  }
  throw new Error(`no arrow leads to ${spoken}`);
};

test("by mouse and by keyboard", { tag: "@long" }, async ({ page }) => {
  test.setTimeout(120_000);
  const click = (target) => target.click();
  await begin(page, click);
  for (const one of VIEWS) {
    await test.step(`by mouse: ${one.view}`, async () => {
      await tab(page, one.view).click();
      await expectView(page, one.view);
      await lettering(page, one.spoken).click();
      await expectChosen(page, one);
      await goByButtons(page, click);
      // Without it the stage is as wide as it was.
      await close(page, ".inspector-head > .tool", click);
    });
  }
  for (const [place, one] of VIEWS.entries()) {
    await test.step(`by keyboard: ${one.view}`, async () => {
      await page.keyboard.press(`${place + 1}`);
      await expectView(page, one.view);
      await expect(shape(page, one.spoken).first()).toBeVisible();
      await arrowTo(page, one.spoken);
      await page.keyboard.press("Enter");
      await expectChosen(page, one);
      await goBackAndOn(page, () => page.keyboard.press("Shift+Space"), () => page.keyboard.press("Space"));
      await page.keyboard.press("Escape");
      await expect(inspector(page)).toHaveCount(0);
    });
  }
});

test.describe("on a phone", () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });
  test.skip(({ browserName }) => browserName !== "chromium", NO_FINGERS);
  test("by touch", { tag: "@long" }, async ({ page }) => {
    test.setTimeout(120_000);
    const tap = (target) => target.tap();
    await begin(page, tap);
    for (const one of VIEWS) {
      await test.step(one.view, async () => {
        await tab(page, one.view).tap();
        await expectView(page, one.view);
        await lettering(page, one.spoken).tap();
        await expectChosen(page, one);
        // It lies over the buttons.
        await close(page, ".sheet-grip", tap);
        await goByButtons(page, tap);
      });
    }
  });
});
