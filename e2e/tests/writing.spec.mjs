// Lessons that somebody writes: kept as they are typed, tried while they are written, and given away as a link or a file.
import { expect, open, test } from "../page.mjs";
import { denyStorage, press, saved } from "../person.mjs";

// A link of the first version of this writing, made when there was no other. It is never made anew.
const FIRST =
  "#podiumLesson1=XY4xDsIwFEP3fwpLzAGJMRsHgIkD5FNMGzVNUPNL4faIIkBitZ-e7ZyTePa4xLGaa-ONWSxaosex4ztGYq0lwzo1zFqxYNBZHzLEPBmrx1ZukbNHiheKc05ktcIOBx1Yr9pQZK89UTLXIiGEpgyD5rP004mNJTQj1Yj84VG7cn2BC90WTWK82_vW14rwwgJihXUcuZZUSu_xsba0PyVcWRKZNZv_lZvv3hM";

const front = (more = "") => `---\nid: mine\ntitle: Mine\nminutes: 2\nview: life\n${more}---\n\n`;
const lesson = (more = "", want = "shop") =>
  `${front()}## A Namespace\n\nMake <b>one</b>. See [this](https://example.com/) <img src="x" onerror="alert(1)">\n\n` +
  `\`\`\`command\nkubectl create namespace shop\n\`\`\`\n\n` +
  `\`\`\`goal\ntext: The Namespace is there.\nlook: kubectl get namespace ${want} -o name\nwant: namespace/${want}\n\`\`\`\n${more}`;

const field = (page) => page.locator(".write-text");
const goals = (page) => page.locator(".write-seen .lesson-goal");
const lessons = async (page) => {
  await expect(page.locator("[data-act=lessons]")).toBeVisible();
  await page.keyboard.press("l");
};

// Puts a text in place of the one that is there, as a paste does.
const write = async (page, text) => {
  await field(page).focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
  await expect(field(page)).toHaveValue(text);
};

// So much is wrong, once everything was read and tried to its end.
const expectWrong = (page, count) =>
  expect(page.locator(`.write-wrong[data-played][data-count="${count}"]`)).toBeVisible({ timeout: 20_000 });

const drop = (page, name, text) =>
  page.evaluate(
    ([name, text]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, text],
  );

test.use({ locale: "en-US" });

test("a lesson is written by keyboard alone, is tried meanwhile, and is there after a reload", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await lessons(page);
  await press(page, page.locator("[data-act=write-lesson]"));
  // What it begins with is a lesson without a mistake.
  await expect(field(page)).toHaveValue(/^---\nid: my-lesson\n/);
  await expectWrong(page, 0);
  await expect(goals(page)).toHaveCount(2);
  await expect(goals(page).locator("[data-look=good]")).toHaveCount(4);

  // A mistake is told with its place, and a press goes there.
  await field(page).focus();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText("\n```comand\nls\n```\n");
  await expectWrong(page, 1);
  const mistake = page.locator(".write-mistake");
  await expect(mistake).toContainText("No block begins with “comand”");
  await expect(mistake).toContainText(/Line \d+, column 1/);
  await press(page, mistake);
  await expect(field(page)).toBeFocused();
  const selected = () =>
    field(page).evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  expect(await selected()).toBe("```comand");
  await page.keyboard.type("```command");
  await expectWrong(page, 0);

  // A goal is not reached, and then it is.
  await write(page, lesson("", "shop2"));
  await expect(goals(page)).toHaveCount(1);
  await expect(goals(page)).toContainText("Not reached in the end");
  await expectWrong(page, 1);
  await expect(mistake).toContainText("This goal is not reached");
  await write(page, lesson("", "default"));
  await expect(goals(page)).toContainText("Reached before anything is done");
  await write(page, lesson());
  await expectWrong(page, 0);
  await expect(goals(page)).toContainText("Reached by what is told and the solution");
  await expect(goals(page)).toHaveAttribute("data-reached", "");

  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("\nThe last words.");
  const typed = `${lesson()}\nThe last words.`;
  await page.reload();
  await lessons(page);
  await expect(field(page)).toHaveValue(typed);
});

test("a lesson is given away as a link, which opens it for a learner as text and nothing else", { tag: "@long" }, async ({ page, browser }) => {
  await open(page);
  await lessons(page);
  await page.locator("[data-act=write-lesson]").click();
  await write(page, lesson());
  await expectWrong(page, 0);
  await press(page, page.locator("[data-act=give-lesson]"));
  const link = page.locator(".write-give input");
  await expect(link).toHaveValue(/#podiumLesson1=/);
  const { name, bytes } = await saved(page, () => press(page, page.locator("[data-act=save-lesson]")));
  expect(name).toBe("mine.md");
  expect(bytes.toString()).toBe(lesson());

  const elsewhere = await browser.newContext({ locale: "en-US", viewport: { width: 390, height: 844 } });
  const other = await elsewhere.newPage();
  const asked = [];
  other.on("request", (request) => asked.push(request.url()));
  other.on("dialog", (dialog) => asked.push(dialog.message()));
  await other.goto(await link.inputValue());
  await expect(other.locator(".lesson-title")).toHaveText("A Namespace");
  await expect(other.locator(".lesson-given")).toContainText("does not know who wrote it");
  // Markup is text, and an address leads nowhere.
  const body = other.locator(".lesson .panel-body");
  await expect(body).toContainText('Make <b>one</b>. See [this](https://example.com/) <img src="x" onerror="alert(1)">');
  await expect(body.locator("img, a, b")).toHaveCount(0);
  await other.locator(".lesson-play").click();
  await expect
    .poll(async () => {
      await other.keyboard.press("End");
      return other.locator(".lesson-goal[data-reached]").count();
    }, { timeout: 30_000 })
    .toBe(1);
  // It is the page's own address again, and the lesson goes on after a reload.
  await expect.poll(() => other.evaluate(() => location.hash)).toBe("");
  await other.reload();
  await other.mouse.move(2, 2);
  await expect(other.locator(".lesson-title")).toHaveText("A Namespace");
  await expect(other.locator(".lesson-mark")).toContainText("Reached");
  const { origin } = new URL(other.url());
  expect(asked.filter((url) => !url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:"))).toEqual([]);
  await elsewhere.close();
});

test("an old link opens for ever, a broken one and a newer one open nothing and say so", async ({ page }) => {
  await open(page, FIRST);
  await expect(page.locator(".lesson-title")).toHaveText("A Namespace");
  await expect(page.locator(".lesson")).toContainText("The first lesson that was given away");
  // What was there before is kept.
  await expect(page.locator(".notice")).toContainText("What you had before is kept");
  await page.evaluate(() => location.assign("#podiumLesson1=AAAA"));
  await expect(page.locator(".notice")).toContainText("The link cannot be read");
  await page.evaluate(() => location.assign("#podiumLesson2=AAAA"));
  await expect(page.locator(".notice")).toContainText("of a newer Podium");
  await expect(page.locator(".lesson-title")).toHaveText("A Namespace");
});

test("a file that is dropped opens: a whole lesson for a learner, one with mistakes for writing", async ({ page }) => {
  await open(page);
  await drop(page, "mine.md", lesson());
  await expect(page.locator(".lesson-title")).toHaveText("A Namespace");
  await drop(page, "other.md", lesson("\n```comand\nls\n```\n"));
  await expect(page.locator(".write-mistake")).toContainText("No block begins with “comand”");
  await expect(field(page)).toHaveValue(lesson("\n```comand\nls\n```\n"));
  await page.keyboard.press("Escape");
  await expect(page.locator(".notice")).toContainText("came with one mistake");
  // What is no lesson goes into the editor as it always did.
  await drop(page, "notes.md", "# Notes\n");
  await expect(page.locator(".file", { hasText: "notes.md" })).toBeVisible();
  // The list has both, and a file can be chosen there.
  await page.locator("[data-act=lesson-list]").click();
  await expect(page.locator("[data-act=open-draft]")).toHaveCount(1);
  await page.locator("[data-act=open-lesson]").setInputFiles({
    name: "third.md",
    mimeType: "text/markdown",
    buffer: Buffer.from(lesson("\nThird.\n")),
  });
  await expect(page.locator(".lesson .panel-body")).toContainText("Third.");
});

test("two tabs with the same draft lose nothing of either", { tag: "@long" }, async ({ page, context }) => {
  await open(page);
  await lessons(page);
  await page.locator("[data-act=write-lesson]").click();
  await write(page, front("# one"));
  const other = await context.newPage();
  await open(other);
  await other.locator("[data-act=lessons]").click();
  await other.locator("[data-act=open-draft]").click();
  await expect(field(other)).toHaveValue(front("# one"));

  await write(page, front("# first"));
  await expect(other.locator(".write-kept")).toContainText("Another tab has changed this draft");
  await write(other, front("# second"));
  await expect(other.locator(".write-kept")).toContainText("Both are kept");
  await expect(field(page)).toHaveValue(front("# first"));
  await expect(page.locator(".write-kept")).toContainText("kept in this browser");
  const kept = await page.evaluate(() =>
    Object.keys(localStorage).filter((key) => key.startsWith("podium.draft-")).map((key) => localStorage[key]),
  );
  expect(kept.sort()).toEqual([front("# first"), front("# second")].sort());
  // What the other tab has can be taken over where nothing else was typed.
  await write(page, front("# third"));
  await other.reload();
  await other.locator("[data-act=lessons]").click();
  await expect(field(other)).toHaveValue(front("# second"));
  await other.close();
});

test("where the browser keeps nothing, the draft stays for the visit and says so", { tag: "@long" }, async ({ page }) => {
  await page.addInitScript(() => {
    // No room is left for lessons.
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      if (key.startsWith("podium.draft-") || key.startsWith("podium.given-")) throw new DOMException("full", "QuotaExceededError");
      return setItem.call(this, key, value);
    };
  });
  await open(page);
  await lessons(page);
  await page.locator("[data-act=write-lesson]").click();
  await write(page, lesson());
  await expect(page.locator(".write-kept")).toContainText("no room left");
  await page.keyboard.press("Escape");
  await page.locator("[data-act=open-draft]").click();
  await expect(field(page)).toHaveValue(lesson());
  // To leave would lose it, so the browser asks.
  const asked = new Promise((resolve) => {
    page.once("dialog", async (dialog) => {
      resolve(dialog.type());
      await dialog.accept();
    });
  });
  await page.keyboard.press("End");
  await page.reload();
  expect(await asked).toBe("beforeunload");
});

test("where storage is denied, lessons are written and done all the same, and what was there can be had back", { tag: "@long" }, async ({ page }) => {
  await denyStorage(page);
  await open(page);
  await expect(page.locator(".file").first()).toBeVisible();
  const file = await page.locator(".file").first().textContent();
  await lessons(page);
  await page.locator("[data-act=write-lesson]").click();
  await write(page, lesson());
  await expect(page.locator(".write-kept")).toContainText("keeps nothing here");
  await page.locator("[data-act=try-lesson]").click();
  await expect(page.locator(".lesson-title")).toHaveText("A Namespace");
  await expect(page.locator(".lesson-given").last()).toContainText("ends with this visit");
  await page.locator(".notice").getByRole("button", { name: "Back to yours" }).click();
  await expect(page.locator(".file").first()).toHaveText(file);
  await page.locator("[data-act=lesson-list]").click();
  await page.locator("[data-act=open-draft]").click();
  await expect(field(page)).toHaveValue(lesson());
});

test("a lesson of the page is changed as a copy, and is tried as a learner", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await lessons(page);
  await page.locator("[data-act=copy-lesson]").first().click();
  await expect(field(page)).toHaveValue(/^---\nid: kinds-copy\n/);
  await expectWrong(page, 0);
  await page.locator("[data-act=try-lesson]").click();
  await expect(page.locator(".lesson-title")).toHaveText("Everything is an object");
  await expect(page.locator(".lesson-given")).toContainText("your draft");
  // Its progress is its own.
  await page.locator("[data-act=lesson-list]").click();
  await expect(page.locator("[data-lesson=kinds]")).toContainText("New");
  await page.locator("[data-act=remove-lesson]").click();
  await page.locator("[data-act=remove-lesson]").click();
  await expect(page.locator("[data-act=open-draft]")).toHaveCount(0);
});

test("the progress is saved as a file, and forgotten when asked twice", async ({ page }) => {
  await open(page);
  await lessons(page);
  await page.locator("[data-lesson=kinds]").click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  await page.locator("[data-act=lesson-list]").click();
  await expect(page.locator("[data-lesson=kinds]")).toContainText("Begun");
  const { bytes } = await saved(page, () => page.locator("[data-act=export-progress]").click());
  expect(JSON.parse(bytes.toString()).lessons).toHaveProperty("kinds");
  await page.locator("[data-act=forget-progress]").click();
  await expect(page.locator("[data-act=forget-progress]")).toContainText("Press again");
  await page.locator("[data-act=forget-progress]").click();
  await expect(page.locator("[data-lesson=kinds]")).toContainText("New");
  expect(await page.evaluate(() => JSON.parse(localStorage.getItem("podium.lessons")).lessons)).toEqual({});
});
