// What keeps people out, as axe-core finds it, in every view and theme; a page at 200 %, and one whose colours the system chooses.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, open, test } from "../page.mjs";
import { toTheEnd } from "../person.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// What axe finds, each with where it is. The page's policy lets no script in but its own, so axe comes with the test.
const found = async (page, rules) => {
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const results = await page.evaluate((options) => globalThis.axe.run(document, options), options);
  // A shape is spoken as a sentence, not by the short texts on it, which are cut to their room.
  const isOfShape = (id, node) => id === "label-content-name-mismatch" && node.html.startsWith("<g ");
  return results.violations
    .map(({ id, nodes }) => [id, nodes.filter((node) => !isOfShape(id, node))])
    .filter(([, nodes]) => nodes.length > 0)
    .map(([id, nodes]) => `${id}: ${nodes.slice(0, 4).map((node) => node.html.slice(0, 300)).join("  ")}`);
};

test("nothing keeps anybody out of a view in any theme", async ({ page }) => {
  // Axe looks at everything, twenty-one times.
  test.setTimeout(120_000);
  await page.addInitScript(axe);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  await page.evaluate(() => document.querySelector("[data-example=ends-at-once]").click());
  await toTheEnd(page);
  const findNothing = async (where) => {
    for (const theme of ["light", "dark", "contrast"]) {
      await page.evaluate((theme) => {
        document.documentElement.dataset.theme = theme;
        // Colours that are on their way are not yet those of the theme. They are brought there and not waited for: what lies in a
        // closed menu is not drawn, and its colours come only when something else has the page drawn.
        const coming = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
        for (const transition of coming) transition.finish();
      }, theme);
      // Themes differ in their colours alone.
      const rules = theme === "light" ? null : ["color-contrast"];
      expect(await found(page, rules), `${where}, ${theme}`).toEqual([]);
    }
  };
  for (let view = 1; view <= 6; view += 1) {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press(`${view}`);
    await expect(page.locator(`.tab:nth-child(${view})`)).toHaveAttribute("aria-current", "page");
    await findNothing(`view ${view}`);
  }
  // All that opens beside the stage, at once.
  await page.keyboard.press("1");
  await page.locator("[data-act=legend]").click();
  await page.locator("[data-act=deep]").click();
  await page.locator(".scene .opens").last().click({ force: true });
  await page.locator("[data-act=timeline]").click();
  await page.locator(".narration .term").first().focus();
  await expect(page.locator(".term-card")).toBeVisible();
  await findNothing("with everything open");
});

test("a page at 200 % is no wider than the screen, and everything is reached", async ({ page }) => {
  // A screen of 1280 x 800 shows so much at 200 %.
  await page.setViewportSize({ width: 640, height: 400 });
  await open(page);
  await page.locator("[data-act=timeline]").click();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(640);
  for (const act of ["play", "step-forward", "deep", "timeline"]) {
    await expect(page.locator(`[data-act=${act}]`)).toBeInViewport();
  }
});

// The controls that cannot be pressed in their middle: they lie outside, or something lies over them.
const unreached = (page) =>
  page.evaluate(() => {
    const of = ".tab, .tools > button, .tools > .menu > summary, .controls button, .controls select, .controls input, .stage-tools > button, .legend-fold, .welcome button";
    const seen = [...document.querySelectorAll(of)].filter((element) => element.checkVisibility());
    const isReached = (element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const isWithin = left >= -1 && top >= -1 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
      return isWithin && element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    };
    return seen.filter((element) => !isReached(element)).map((element) => element.dataset.act ?? element.textContent);
  });

for (const [width, height, stage] of [[800, 450, 250], [640, 360, 140]]) {
  test(`on ${width} x ${height}, a screen at 200 %, nothing is cut and nothing covers a control`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await open(page);
    await toTheEnd(page);
    await expect(page.locator(".tab")).toHaveCount(6);
    await expect(page.locator(".welcome")).toBeVisible();
    await expect.poll(() => unreached(page)).toEqual([]);
    expect((await page.locator(".stage").boundingBox()).height).toBeGreaterThan(stage);
    await page.locator(".welcome-close").click();
    await expect.poll(() => unreached(page)).toEqual([]);
    // The help is not for the keyboard alone to come to.
    await expect(page.locator("[data-act=help]")).toBeVisible();
    await page.locator("[data-act=timeline]").click();
    await expect(page.locator(".lane").first()).toBeVisible();
    await page.waitForTimeout(300);
    const cut = await page.evaluate(() => [".bar", ".transport", ".controls"].filter((part) => {
      const { top, bottom } = document.querySelector(part).getBoundingClientRect();
      return top < -1 || bottom > innerHeight + 1;
    }));
    expect(cut).toEqual([]);
  });
}

test("on 195 x 422, a phone at 200 %, what is pressed is reached, no button is a letter wide, and nothing moves sideways", { tag: "@long" }, async ({ page }) => {
  await page.setViewportSize({ width: 195, height: 422 });
  await open(page);
  await toTheEnd(page);
  const wide = () => page.evaluate(() => Math.max(...[document.documentElement, ...document.querySelectorAll(".app, .bar, .transport")].map((part) => part.scrollWidth)));
  // The views are a row that is moved.
  const names = await page.locator(".tab").allTextContents();
  const covered = async () => (await unreached(page)).filter((name) => !names.includes(name));
  // What is written a letter a line.
  const broken = () => page.evaluate(() => {
    const seen = [...document.querySelectorAll("button, summary")].filter((element) => element.checkVisibility({ visibilityProperty: true }));
    const isBroken = (element) => element.matches(".give-code, .terminal *, .scene *") === false && element.getBoundingClientRect().height > 110;
    return seen.filter(isBroken).map((element) => element.textContent);
  });
  const isFine = async () => {
    await expect.poll(wide).toBeLessThanOrEqual(195);
    await expect.poll(broken).toEqual([]);
  };
  const welcome = page.locator(".welcome");
  await expect(welcome.locator("p").first()).toBeInViewport();
  await welcome.locator(".welcome-deeds button").last().scrollIntoViewIfNeeded();
  await welcome.locator(".welcome-deeds button").last().click({ trial: true });
  await isFine();
  await welcome.locator(".welcome-close").click();
  await expect.poll(covered).toEqual([]);
  for (const name of names) {
    await page.locator(".tab", { hasText: name }).click();
    await expect(page.locator(".tab[aria-current=page]")).toHaveText(name);
    await isFine();
  }
  await page.locator("[data-act=timeline]").click();
  await expect(page.locator(".lane").first()).toBeVisible();
  await isFine();
  await page.locator("[data-act=timeline]").click();
  await page.locator("[data-act=editor]").click();
  for (const act of ["apply", "start-over"]) await page.locator(`[data-act=${act}]`).click({ trial: true });
  await isFine();
  await page.locator("[data-act=editor]").click();
  await page.locator("[data-act=lessons]").click();
  await page.locator(".lesson-entry").first().click();
  for (const place of [".lesson-foot > .button-bold", ".lesson-fold"]) await page.locator(place).click({ trial: true });
  expect((await page.locator(".lesson > .panel-body").boundingBox()).height).toBeGreaterThan(150);
  await isFine();
  await page.locator(".lesson-fold").click();
  await page.locator("[data-act=play]").click({ trial: true });
  await page.locator("[data-act=give]").click();
  await page.locator("[data-act=copy-link]").scrollIntoViewIfNeeded();
  await page.locator("[data-act=copy-link]").click({ trial: true });
  await isFine();
});

test("the legend has only what is on stage, and a term says what it is and where", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await open(page);
  await toTheEnd(page);
  await page.locator("[data-act=legend]").click();
  const legend = page.locator(".legend li");
  await expect(legend.filter({ hasText: "Running" })).toBeVisible();
  await expect(legend.filter({ hasText: "Terminating" })).toHaveCount(0);
  // What is written on the stage can be asked there.
  const asked = page.locator(".legend .term", { hasText: "ReplicaSet" });
  await asked.focus();
  await expect(page.locator(".legend .term-card")).toContainText("ReplicaSet");
  await page.keyboard.press("Escape");
  await expect(page.locator(".legend .term-card")).toHaveCount(0);
  const term = page.locator(".narration .term").first();
  await term.hover();
  await expect(page.locator(".term-card")).toContainText((await term.textContent()) ?? "");
  await page.mouse.move(5, 5);
  await expect(page.locator(".term-card")).toHaveCount(0);
  await term.focus();
  await expect(page.locator(".term-card small")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await expect(page.locator(".term-card")).toHaveCount(0);
  // The second depth is remembered.
  await page.locator("[data-act=deep]").click();
  await expect(page.locator(".in-depth code").first()).not.toBeEmpty();
  await page.reload();
  await expect(page.locator(".in-depth code").first()).not.toBeEmpty();
});
