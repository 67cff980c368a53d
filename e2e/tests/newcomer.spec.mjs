// What newcomers have stumbled over.
import { expect, open, test } from "../page.mjs";
import { codeMirror, copied, editor, expectText, homeless, OWN_CLIPBOARD, paste, shape, text, toTheEnd } from "../person.mjs";

const deployment = text("src/session/examples/web.yaml");

// Pastes as a person does, to whatever has the focus.
const pasteHere = (page, manifest) =>
  page.evaluate((text) => {
    const deepest = (root) => (root.activeElement?.shadowRoot ? deepest(root.activeElement.shadowRoot) : root.activeElement);
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const paste = new ClipboardEvent("paste", { clipboardData, dataType: "text/plain", data: text, bubbles: true, composed: true, cancelable: true });
    const target = deepest(document) ?? document.body;
    // A plain field takes it by itself only from a person.
    if (target.dispatchEvent(paste) && target.matches("textarea")) document.execCommand("insertText", false, text);
  }, manifest);

for (const wait of [0, 150]) {
  test(`what is pasted ${wait} ms after somebody has asked for a file of their own is in it`, async ({ page }) => {
    await open(page);
    await page.locator(".welcome-deeds .button").nth(1).click();
    if (wait > 0) await page.waitForTimeout(wait);
    await pasteHere(page, deployment);
    await expectText(page, deployment);
    // It stays, whatever comes of the page meanwhile.
    await page.evaluate(() => globalThis.podiumLoadEditor());
    await expect(page.locator("podium-editor .cm-content")).toBeVisible();
    await expectText(page, deployment);
    // What comes after it goes where it went.
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.type("# mine");
    await expectText(page, `${deployment}# mine`);
  });
}

test("what is pasted by its keys goes in once, before the editor is there and in it", async ({ page, browserName }) => {
  test.skip(browserName !== "chromium", OWN_CLIPBOARD);
  await open(page);
  await copied(page, deployment);
  await page.locator(".welcome-deeds .button").nth(1).click();
  await page.keyboard.press("Control+V");
  await expectText(page, deployment);
  await codeMirror(page);
  await expectText(page, deployment);
  await editor(page).evaluate((element) => element.focus());
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("Delete");
  await expectText(page, "");
  await page.keyboard.press("Control+V");
  await expectText(page, deployment);
  // Where nothing has the focus it goes nowhere as long as the file has a text.
  await editor(page).evaluate((element) => element.blur());
  await page.keyboard.press("Control+V");
  await page.waitForTimeout(200);
  await expectText(page, deployment);
});

test("a text of megabytes that is pasted is said to be there before it is read", async ({ page }) => {
  await open(page);
  await codeMirror(page);
  await page.locator(".welcome-deeds .button").nth(1).click();
  await expectText(page, "");
  // Where nothing takes it while the file is empty, then into the editor, in the place of what was there.
  for (const [into, bytes] of [["the page", 3_000_000], ["the editor", 4_000_000]]) {
    const { held, early, before, size } = await page.evaluate(async ([deployment, into, bytes]) => {
      const element = document.querySelector("podium-editor");
      const content = element.shadowRoot.querySelector(".cm-content");
      document.activeElement.blur();
      if (into === "the editor") {
        content.focus();
        element.view.dispatch({ selection: { anchor: 0, head: element.value.length } });
      }
      const before = element.value.length;
      const text = Array.from({ length: Math.ceil(bytes / deployment.length) }, () => deployment).join("---\n");
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const said = new Promise((done) => {
        const seen = () => document.querySelector(".stage-computing") && done(element.value.length);
        new MutationObserver(seen).observe(document.body, { childList: true, subtree: true });
      });
      const brings = { clipboardData, dataType: "text/plain", data: text };
      const begun = performance.now();
      (into === "the editor" ? content : document.body).dispatchEvent(
        new ClipboardEvent("paste", { ...brings, bubbles: true, composed: true, cancelable: true }),
      );
      const held = performance.now() - begun;
      return { held, early: await said, before, size: text.length };
    }, [deployment, into, bytes]);
    expect(held, `how long the page stands still for it in ${into}, in milliseconds`).toBeLessThan(60);
    expect(early, "what is in the editor when it is said").toBe(before);
    await expect.poll(() => editor(page).evaluate((element) => element.value.length), { timeout: 30_000 }).toBe(size);
    await expect(page.locator(".stage-computing")).toHaveCount(0, { timeout: 30_000 });
  }
});

test("Escape closes the lessons, also before a room", async ({ page }) => {
  await open(page);
  const lessons = page.locator(".lesson");
  for (const presents of [false, true]) {
    if (presents) await page.keyboard.press("t");
    await page.locator("[data-act=lessons]").click();
    await expect(lessons.locator("h2")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(lessons).toHaveCount(0);
  }
  // Before a room from wherever the focus is.
  await page.locator("[data-act=lessons]").click();
  await expect(lessons).toHaveCount(1);
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("Escape");
  await expect(lessons).toHaveCount(0);
});

const seen = (page) => page.locator("svg.scene").evaluate((svg) => svg.getAttribute("viewBox").split(" ").map(Number));

test("a wheel moves what goes on below the stage, and enlarges with Ctrl", { tag: "@long" }, async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 560 });
  await open(page);
  await page.locator("summary", { hasText: "예제" }).click();
  await page.locator("[data-example=rollout-keeps]").click();
  await expect(page.locator('.scene [aria-label^="B:"] .type-figure')).toHaveCount(1);
  await expect(page.locator(".stage[data-more]")).toHaveCount(1);
  const before = await seen(page);
  const room = await page.locator(".stage-room").boundingBox();
  await page.mouse.move(room.x + room.width / 2, room.y + room.height / 2);
  await page.mouse.wheel(0, 120);
  await expect.poll(async () => (await seen(page))[1]).toBeGreaterThan(before[1] + 20);
  expect((await seen(page)).slice(2)).toEqual(before.slice(2));
  // And not past its end.
  for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, 400);
  await expect(page.locator(".stage[data-more]")).toHaveCount(0);
  for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, -400);
  await expect.poll(() => seen(page)).toEqual(before);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -40);
  await page.keyboard.up("Control");
  await expect.poll(async () => (await seen(page))[3]).toBeLessThan(before[3] - 1);
});

test("what is told covers no control of the stage", { tag: "@long" }, async ({ page }) => {
  for (const size of [{ width: 1600, height: 900 }, { width: 1280, height: 720 }]) {
    await page.setViewportSize(size);
    await open(page);
    await toTheEnd(page);
    await page.locator("[data-act=start-over]").click();
    await expect(page.locator(".notice").first()).toBeVisible();
    const covered = await page.evaluate(() => {
      const boxes = (selector) => [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return boxes(".notice").flatMap((notice) => boxes(".stage-tools button, .legend-fold").filter((control) => meet(notice, control))).length;
    });
    expect(covered).toBe(0);
  }
});

test("a manifest that takes the place of the example begins in an empty cluster, and a closed file opens again", async ({ page }) => {
  await open(page);
  await paste(page, homeless);
  await expect(page.locator(".gone")).toContainText("빈 클러스터");
  await page.locator("[data-act=apply]").click();
  await expect(shape(page, /^Pod large/)).toBeVisible();
  await expect(shape(page, /myapp/)).toHaveCount(0);
  // With the next change it is the same cluster.
  await paste(page, homeless.replace("large", "other"));
  await page.locator("[data-act=apply]").click();
  await expect(shape(page, /^Pod other/)).toBeVisible();
  await expect(shape(page, /^Pod large/)).toBeVisible();
  await page.getByRole("button", { name: "web.yaml 닫기" }).click();
  await expectText(page, "");
  await page.locator(".notice .button").click();
  await expectText(page, homeless.replace("large", "other"));
});

test("an example of a mistake stays open when the text loses the focus", async ({ page }) => {
  await open(page);
  await paste(page, homeless.replace("nginx:1.25", "nginx:latest"));
  await editor(page).evaluate((element) => element.focus());
  await page.locator(".finding[data-code=image-latest] .finding-fix").click();
  await expect(page.locator("dialog.example")).toBeVisible();
  await page.waitForTimeout(300);
  await expect(page.locator("dialog.example .yaml")).toHaveCount(2);
});
