// The whole class, from the single file, without a network and by keyboard alone: all eight lessons of the course, until their
// goals are reached.
import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "../page.mjs";
import { text } from "../person.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// Goes on by Tab to something and presses Enter there. How many times is looked up first, so that each is a key and no question.
const enter = async (page, target) => {
  await expect(target).toBeVisible();
  for (let round = 0; round < 8; round += 1) {
    const tabs = await target.evaluate((wanted) => {
      const here = document.activeElement;
      if (here === wanted) return 0;
      // What had the focus is gone; the next Tab goes on from where it was.
      if (here === document.body) return 1;
      const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
        (element) => (element.tabIndex >= 0 || element === here) && !element.disabled && element.checkVisibility({ visibilityProperty: true }),
      );
      const [from, to] = [all.indexOf(here), all.indexOf(wanted)];
      return to - from;
    });
    if (tabs === 0) return page.keyboard.press("Enter");
    for (let tab = 0; tab < Math.abs(tabs); tab += 1) await page.keyboard.press(tabs > 0 ? "Tab" : "Shift+Tab");
  }
  throw new Error("Tab does not come to it");
};

const lesson = (page) => page.locator(".lesson");
const open = (page) => page.locator(".lesson-goal:not([data-reached])").count();

// Goes to the end of what is recorded until that is so.
const atTheEnd = (page, is, timeout = 20_000) =>
  expect
    .poll(
      async () => {
        await page.keyboard.press("End");
        return is();
      },
      { timeout, intervals: [100, 100, 150, 200] },
    )
    .toBe(true);

// Does what a deed says. What comes after requests is done while they flow.
const play = async (page, deed) => {
  const given = page.locator(".terminal-command");
  const [said, before] = [await deed.textContent(), await given.count()];
  await enter(page, deed.locator(".lesson-play"));
  if (/^\$ /.test(said)) {
    await expect(given).toHaveCount(before + 1);
    await atTheEnd(page, async () => (await given.nth(before).getAttribute("data-exit")) !== null);
  } else if (/requests|요청/.test(said)) {
    for (let second = 0; second < 2; second += 1) await page.keyboard.press("]");
  }
};

// A step from its first line to its last: what is asked before a command is answered before it.
const step = async (page) => {
  const panel = lesson(page);
  for (const part of await panel.locator(".panel-body > :is(.lesson-deed, .lesson-question)").all()) {
    const choices = part.locator(".lesson-choice");
    if (await choices.count()) {
      await enter(page, choices.first());
      await expect(part.locator(".lesson-choice[data-right]")).toHaveCount(1);
    } else if (!(await part.locator("details").count())) {
      // The files are in the editor already.
      await play(page, part);
    }
  }
  const solution = panel.locator("[data-act=solution]");
  if (await solution.count()) {
    await enter(page, solution);
    for (const deed of await panel.locator(".lesson-solution > .lesson-deed").all()) await play(page, deed);
  }
  await atTheEnd(page, async () => (await open(page)) === 0);
};

for (const [language, locale] of [["en", "en-US"], ["ko", "ko-KR"]]) {
  test.describe(() => {
    test.use({ locale });
    test(`the whole class is given from one file without a network, by keyboard alone (${language})`, { tag: "@long" }, async ({ page, context }, info) => {
      const file = info.outputPath("podium.html");
      execFileSync(process.execPath, [at("xtask/single.mjs"), at("dist"), file]);
      const asked = [];
      page.on("request", (request) => {
        if (!/^(blob|data):/.test(request.url())) asked.push(request.url());
      });
      await context.setOffline(true);
      await page.goto(pathToFileURL(file).href);
      await expect(page.locator("[data-act=lessons]")).toBeVisible();
      await page.keyboard.press("l");
      const course = text(`static/lessons/${language}/list.txt`).trim().split("\n").filter((line) => /^\d/.test(line));
      expect(course.length).toBe(8);
      await enter(page, lesson(page).locator("[data-lesson]").first());
      for (const [place, line] of course.entries()) {
        const [name] = line.split(" ");
        const steps = text(`static/lessons/${language}/${name}.md`).match(/^## .*$/gm).map((title) => title.slice(3));
        for (const [at, title] of steps.entries()) {
          await test.step(`${name}: ${title}`, async () => {
            await expect(page.locator(".lesson-title")).toHaveText(title);
            await step(page);
            if (at + 1 < steps.length) await enter(page, lesson(page).locator("[data-act=lesson-next]"));
          });
        }
        if (place + 1 < course.length) await enter(page, lesson(page).locator("[data-act=next-lesson]"));
      }
      await enter(page, lesson(page).locator("[data-act=lesson-list]"));
      const done = await lesson(page).locator("[data-lesson]").evaluateAll((all) => all.slice(0, 8).map((one) => one.textContent));
      for (const said of done) expect(said).toContain(language === "en" ? "Done" : "마침");
      // Firefox does not tell of the file itself.
      expect(asked.filter((url) => url !== pathToFileURL(file).href)).toEqual([]);
    });
  });
}
