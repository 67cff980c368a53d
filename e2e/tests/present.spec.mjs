// Presenting to a room: what is read from the back row, a clicker's keys, and what lies over the stage.
import { expect, open, test } from "../page.mjs";
import { narration, toTheEnd } from "../person.mjs";

test.use({ viewport: { width: 1600, height: 900 } });

// The sizes of all texts that are seen, in pixels of the screen, with what they say.
const sizes = (page, selector) =>
  page.evaluate((selector) => {
    const seen = [];
    for (const element of document.querySelectorAll(`${selector} *`)) {
      const said = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(" ").trim();
      if (said === "" || !element.checkVisibility({ opacityProperty: true }) || element.closest(".visually-hidden, style")) continue;
      const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
      const size = Math.round(parseFloat(getComputedStyle(element).fontSize) * scale * 10) / 10;
      seen.push([size, said.slice(0, 40), element.getAttribute("class") ?? ""]);
    }
    return seen.sort((a, b) => a[0] - b[0]);
  }, selector);

test("one key makes everything large enough for the back row, and it stays so", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("t");
  await expect(page.locator("html[data-presenter]")).toHaveCount(1);
  await expect(page.locator(".editor")).toBeHidden();
  await page.waitForTimeout(400);
  const named = [];
  for (const view of ["1", "2", "3", "4", "5", "6"]) {
    await page.keyboard.press(view);
    await expect(page.locator(`.tab:nth-child(${view})`)).toHaveAttribute("aria-current", "page");
    await page.waitForTimeout(300);
    await expect.poll(() => sizes(page, ".scene")).not.toEqual([]);
    for (const part of [".bar", ".transport"]) {
      const least = (await sizes(page, part))[0];
      expect(least[0], `${part} in view ${view}: ${JSON.stringify(least)}`).toBeGreaterThanOrEqual(20);
    }
    const least = (await sizes(page, ".scene"))[0];
    expect(least[0], `the stage in view ${view}: ${JSON.stringify(least)}`).toBeGreaterThanOrEqual(20);
    const names = (await sizes(page, ".scene")).filter(([, , type]) => /type-name/.test(type));
    if (names.length === 0) continue;
    named.push(view);
    expect(names[0][0], `a name in view ${view}: ${JSON.stringify(names[0])}`).toBeGreaterThanOrEqual(24);
  }
  // What the views of a run that stands have of names: objects, Pods, containers.
  expect(named).toEqual(expect.arrayContaining(["1", "2"]));
  await page.keyboard.press("1");
  const said = await narration(page).evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  expect(said).toBeGreaterThanOrEqual(32);
  await page.reload();
  await expect(page.locator("html[data-presenter]")).toHaveCount(1);
  await page.keyboard.press("t");
  await expect(page.locator("html[data-presenter]")).toHaveCount(0);
});

// The screens of two rooms.
const SCREENS = [{ width: 1600, height: 900 }, { width: 1280, height: 720 }];
const shrink = async (page, size) => {
  await page.setViewportSize(size);
  await page.waitForTimeout(400);
};

// The timeline of a run that is over, before a room.
const openTimeline = async (page) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("t");
  await page.locator("[data-act=timeline]").click();
  await expect(page.locator(".lane").first()).toBeVisible();
};

test("the timeline is as large, and nothing of it is cut or lies over another", async ({ page }) => {
  await openTimeline(page);
  for (const size of SCREENS) {
    await shrink(page, size);
    const by = size.height / 900;
    for (const part of [".bar", ".transport"]) {
      const least = (await sizes(page, part))[0];
      expect(least[0], `${part} at ${size.height}: ${JSON.stringify(least)}`).toBeGreaterThanOrEqual(20 * by - 0.5);
    }
    const names = await page.locator(".lane-of").evaluateAll((all) => all.map((name) => parseFloat(getComputedStyle(name).fontSize)));
    expect(Math.min(...names)).toBeGreaterThanOrEqual(24 * by - 0.1);
    const wrong = await page.evaluate(() => {
      const wrong = [];
      const box = (element) => element.getBoundingClientRect();
      const lanes = [...document.querySelectorAll(".lane")];
      for (const [place, lane] of lanes.entries()) {
        const name = lane.querySelector(".lane-name");
        // The waits' name may be shorter than its words in no language.
        if (name.scrollWidth > name.clientWidth + 1) wrong.push(`${name.textContent} is cut`);
        for (const text of lane.querySelectorAll("text")) {
          if (box(text).top < box(lane).top - 1 || box(text).bottom > box(lane).bottom + 1) wrong.push(`${text.textContent} leaves its lane`);
        }
        if (place > 0 && box(lane).top < box(lanes[place - 1]).bottom - 1) wrong.push(`lane ${place} lies over another`);
        const words = [...lane.querySelectorAll("text")].map(box).sort((a, b) => a.left - b.left);
        if (words.some((word, place) => place > 0 && word.left < words[place - 1].right - 1)) wrong.push(`words of lane ${place} lie over each other`);
      }
      if (document.querySelector(".lanes").scrollWidth > document.querySelector(".lanes").clientWidth + 1) wrong.push("it goes on to the right");
      return wrong;
    });
    expect(wrong).toEqual([]);
  }
});

test("with the timeline open the stage keeps half of the height", async ({ page }) => {
  await openTimeline(page);
  for (const size of SCREENS) {
    await shrink(page, size);
    const [stage, bar] = [await page.locator(".stage").boundingBox(), await page.locator(".transport").boundingBox()];
    expect(stage.height / size.height).toBeGreaterThanOrEqual(0.49);
    expect(bar.y + bar.height).toBeLessThanOrEqual(size.height + 1);
    // The lanes that it has no room for are come to.
    const last = page.locator(".lane").last();
    await last.evaluate((lane) => lane.scrollIntoView({ block: "nearest", behavior: "instant" }));
    await expect(last.locator(".lane-of")).toBeInViewport();
    for (const act of ["asks", "close-timeline"]) await expect(page.locator(`[data-act=${act}]`)).toBeInViewport();
  }
});

test("a clicker goes step by step, and the pen is wiped with the next one", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("t");
  const count = page.locator(".count");
  const last = await count.textContent();
  await page.keyboard.press("PageUp");
  await expect(count).not.toHaveText(last);
  await page.keyboard.press("d");
  await page.mouse.move(400, 300);
  await page.mouse.down();
  await page.mouse.move(500, 380, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator(".board-pen path")).toHaveCount(1);
  await page.keyboard.press("PageDown");
  await expect(count).toHaveText(last);
  await expect(page.locator(".board-pen path")).toHaveCount(0);
  await page.keyboard.press("o");
  await expect(page.locator(".board-light")).toHaveCount(1);
  await page.keyboard.press("b");
  await expect(page.locator(".board-black")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator(".board")).toHaveCount(0);
});

// A lesson at one of its steps, before a room.
const teach = async (page, id, step) => {
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await page.locator(`[data-lesson=${id}]`).click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  for (let at = 0; at < step; at += 1) await page.locator("[data-act=lesson-next]").click();
  await page.keyboard.press("t");
};

test("a clicker does a lesson: its command where nothing was done yet, then its steps", async ({ page }) => {
  await open(page);
  await page.locator("[data-act=lessons]").click();
  await page.locator("[data-lesson=kinds]").click();
  const title = page.locator(".lesson-title");
  await expect(title).toBeVisible();
  const first = await title.textContent();
  await title.focus();
  await page.keyboard.press("t");
  const commands = page.locator(".lesson .panel-body > .lesson-deed .lesson-play");
  await expect(commands.first()).not.toHaveAttribute("data-played");
  // A press that comes while the lesson is still being put on the stage is none.
  await expect
    .poll(async () => {
      await page.keyboard.press("PageDown");
      return commands.first().getAttribute("data-played");
    }, { timeout: 20_000, intervals: [400] })
    .not.toBeNull();
  // Through what comes of it, the other commands, and on to the next step.
  await expect
    .poll(async () => {
      await page.keyboard.press("PageDown");
      return title.textContent();
    }, { timeout: 30_000, intervals: [200] })
    .not.toBe(first);
});

test("a clicker waits at a question, and goes on with the next press", async ({ page }) => {
  await teach(page, "pause", 1);
  const question = page.locator(".lesson-question");
  const command = page.locator(".lesson .panel-body > .lesson-deed .lesson-play").first();
  await expect
    .poll(async () => {
      await page.keyboard.press("PageDown");
      return question.evaluate((question) => question === document.activeElement);
    }, { timeout: 20_000, intervals: [400] })
    .toBe(true);
  await expect(question).toBeInViewport();
  await expect(command).not.toHaveAttribute("data-played");
  await page.keyboard.press("PageDown");
  await expect(command).toHaveAttribute("data-played");
});

test("pause is brought into sight when it is told, and the map of the stage goes away", async ({ page }) => {
  await teach(page, "pause", 0);
  await expect
    .poll(async () => {
      await page.keyboard.press("PageDown");
      return narration(page).textContent();
    }, { timeout: 30_000, intervals: [500] })
    .toContain("pause");
  await expect
    .poll(() =>
      page.evaluate(() => {
        const [room, bar] = [".stage-room", ".scene .role-pause-bar"].map((part) => document.querySelector(part)?.getBoundingClientRect());
        return bar !== undefined && bar.top >= room.top && bar.bottom <= room.bottom + 1;
      }),
    )
    .toBe(true);
  await expect(page.locator(".overview")).toHaveCSS("opacity", "0");
});

test("begun anew, a clicker does a lesson from its first command again", { tag: "@long" }, async ({ page }) => {
  await teach(page, "kinds", 0);
  const title = page.locator(".lesson-title");
  const first = await title.textContent();
  const command = page.locator(".lesson .panel-body > .lesson-deed .lesson-play").first();
  const click = async () => {
    await page.keyboard.press("PageDown");
    return [await title.textContent(), (await command.getAttribute("data-played")) !== null];
  };
  const isPlayed = () => expect.poll(click, { timeout: 20_000, intervals: [400] }).toEqual([first, true]);
  await isPlayed();
  await page.locator("[data-act=lesson-again]").click();
  await expect(command).not.toHaveAttribute("data-played");
  await isPlayed();
});

test.describe("where a lesson can be folded", () => {
  test.use({ viewport: { width: 390, height: 844 } });
  test("a clicker goes step by step while it is", async ({ page }) => {
    await teach(page, "kinds", 0);
    const title = page.locator(".lesson-title");
    const count = page.locator(".count");
    // Until something has been done in the cluster.
    await expect
      .poll(async () => {
        await page.keyboard.press("PageDown");
        return count.textContent();
      }, { timeout: 30_000, intervals: [400] })
      .not.toMatch(/^0/);
    const before = await title.textContent();
    await page.locator(".lesson-fold").click();
    await expect(title).toHaveCount(0);
    await toTheEnd(page);
    const last = await count.textContent();
    await page.keyboard.press("Home");
    await expect(count).not.toHaveText(last);
    for (let press = 0; press < 4; press += 1) await page.keyboard.press("PageDown");
    await expect(count).toHaveText(last);
    await page.locator(".lesson-fold").click();
    await expect(title).toHaveText(before);
  });
});
