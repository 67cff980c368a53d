// A phone: fingers turn the views, and the command line takes what is typed in its sheet.
import { NO_FINGERS, expect, open, test } from "../page.mjs";
import { codeMirror, editor, findings, paste, shape, terminal, toTheEnd } from "../person.mjs";

// A finger that is quicker than the page draws is another gesture.
test.use({ hasTouch: true, viewport: { width: 390, height: 844 }, everyFrame: true });
test.skip(({ browserName }) => browserName !== "chromium", NO_FINGERS);

// A finger goes over the stage, from one place to another.
const swipe = async (page, [fromX, fromY], [toX, toY]) => {
  const touch = await page.context().newCDPSession(page);
  const finger = (type, x, y) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  await finger("touchStart", fromX, fromY);
  for (let step = 1; step <= 4; step += 1) {
    await finger("touchMove", fromX + ((toX - fromX) * step) / 4, fromY + ((toY - fromY) * step) / 4);
  }
  await finger("touchEnd");
  await touch.detach();
};

test("a finger that goes sideways turns to the next view and back, and one that goes down moves the stage", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator(".welcome-close").click();
  const room = await page.locator(".stage-room").boundingBox();
  const y = room.y + room.height / 2;
  const shown = page.locator(".tab[aria-current=page]");
  const names = await page.locator(".tabs .tab").allTextContents();
  await expect(shown).toHaveText(names[0]);
  await swipe(page, [320, y], [120, y + 10]);
  await expect(shown).toHaveText(names[1]);
  await swipe(page, [320, y], [120, y + 10]);
  await expect(shown).toHaveText(names[2]);
  await swipe(page, [120, y], [320, y - 10]);
  await expect(shown).toHaveText(names[1]);
  // Downwards the stage is moved, and the view stays.
  const seen = () => page.locator(".scene").getAttribute("viewBox");
  const before = await seen();
  await swipe(page, [200, y + 120], [210, y - 120]);
  await expect.poll(seen).not.toBe(before);
  await expect(shown).toHaveText(names[1]);
});

test("the command line takes the focus in its sheet, by its key and by a tap", async ({ page }) => {
  await open(page);
  await expect(terminal(page)).toBeHidden();
  await page.keyboard.press("/");
  await page.keyboard.type("get pods -A");
  await expect(terminal(page)).toHaveValue("get pods -A");
  await expect(terminal(page)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator(".terminal-command").last()).toContainText("kubectl get pods -A");
  // What it prints does not make the page wider.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.locator(".editor > .sheet-grip").tap();
  await expect(terminal(page)).toBeHidden();
  await page.locator("[data-act=editor]").tap();
  await terminal(page).tap();
  await expect(terminal(page)).toBeFocused();
});

test("one sheet lies over the stage at a time: what is asked for is seen", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator(".welcome-close").click();
  const [inspector, editor] = [page.locator(".inspector"), page.locator(".editor")];
  const entry = page.locator(".lesson [data-lesson=kinds]");
  await shape(page, /^Deployment/).tap();
  await expect(inspector.locator(".name")).toBeInViewport();
  await page.locator("[data-act=lessons]").tap();
  await expect(inspector).toHaveCount(0);
  await entry.tap({ trial: true });
  // The editor lies over the lessons, which are there again when they are asked for.
  await page.locator("[data-act=editor]").tap();
  await expect(terminal(page)).toBeVisible();
  await page.locator("[data-act=lessons]").tap();
  await expect(editor).toBeHidden();
  await entry.tap({ trial: true });
  await page.locator("[data-act=lessons]").tap();
  await expect(entry).toHaveCount(0);
  await shape(page, /^Deployment/).tap();
  await expect(inspector).toBeVisible();
  await page.locator("[data-act=editor]").tap();
  await expect(inspector).toHaveCount(0);
});

// A Deployment, and below it what makes it longer than the editor.
const long = (replicas) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.27.0
`;
const line = (page, text) => page.locator("podium-editor .cm-line", { hasText: text });
const textOf = (page) => editor(page).evaluate((element) => element.value);

test("what is typed stands where a finger has tapped first, with what was found below the lines and without", async ({ page }) => {
  await open(page);
  await page.locator(".welcome-close").click();
  await page.locator("[data-act=editor]").tap();
  for (const [replicas, count] of [["three", 1], ["3", 0]]) {
    const text = long(replicas);
    await paste(page, text);
    await expect(findings(page)).toHaveCount(count);
    // The editor of a page that has just come knows of no cursor.
    await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain(`replicas: ${replicas}`);
    await page.reload();
    await page.mouse.move(1, 1);
    await page.locator("[data-act=editor]").tap();
    await codeMirror(page);
    await expect(findings(page)).toHaveCount(count);
    for (const tapped of ["name: web", "kind: Deployment"]) {
      await line(page, tapped).first().tap({ position: { x: 300, y: 10 } });
      await page.waitForTimeout(500);
      await page.keyboard.type("Z");
      await expect.poll(() => textOf(page)).toContain(`${tapped}Z\n`);
      await page.keyboard.press("Backspace");
    }
    await expect.poll(() => textOf(page)).toBe(text);
  }
});

test("the line that is typed in stays in sight when what is wrong takes room from the text", async ({ page }) => {
  await open(page);
  await page.locator(".welcome-close").click();
  await page.locator("[data-act=editor]").tap();
  await paste(page, long(3));
  const text = editor(page);
  const below = line(page, "- name: web");
  const bottom = async (place) => {
    const { y, height } = await place.boundingBox();
    return y + height;
  };
  // The line stands at the lower edge.
  await text.evaluate((element) => {
    const lines = [...element.shadowRoot.querySelectorAll(".cm-line")];
    const line = lines.find((one) => one.textContent.includes("- name: web"));
    const scroller = element.shadowRoot.querySelector(".cm-scroller");
    scroller.scrollTop += line.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
  });
  const high = (await text.boundingBox()).height;
  await below.tap({ position: { x: 300, y: 10 } });
  await page.waitForTimeout(500);
  await page.keyboard.type(": x: y");
  await expect(findings(page).first()).toBeVisible();
  await expect.poll(async () => (await text.boundingBox()).height).toBeLessThan(high);
  await expect.poll(async () => (await bottom(below)) <= (await bottom(text)) + 1).toBe(true);
});

test("what is often taught otherwise covers no control of a lesson, and an open lesson leaves room to both", async ({ page }) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).tap();
  await page.locator("[data-example=ignores]").tap();
  await toTheEnd(page);
  const chip = page.locator(".differs > summary");
  await expect.poll(async () => {
    await page.locator("[data-act=step-back]").tap();
    return chip.count();
  }, { intervals: [100] }).toBe(1);
  await page.locator("[data-act=lessons]").tap();
  // What could be pressed where it lies.
  const covered = () => chip.evaluate((chip) => {
    const { left, right, top, bottom } = chip.getBoundingClientRect();
    const places = [left + 1, (left + right) / 2, right - 1].flatMap((x) => [top + 1, (top + bottom) / 2, bottom - 1].map((y) => [x, y]));
    const below = places.flatMap(([x, y]) => document.elementsFromPoint(x, y)).filter((one) => one.matches("button, select, summary"));
    return [...new Set(below)].filter((one) => one !== chip).map((one) => one.textContent);
  });
  await expect(page.locator(".lesson-entry").first()).toBeVisible();
  expect(await covered()).toEqual([]);
  const [lesson, stage] = [await page.locator(".lesson").boundingBox(), await page.locator(".stage").boundingBox()];
  expect((await page.locator(".lesson > .panel-body").boundingBox()).height).toBeGreaterThan(230);
  expect(lesson.y - stage.y).toBeGreaterThan(190);
  // Each of what plays is pressed in its middle.
  for (const control of await page.locator(".controls :is(button, select):visible").all()) await control.tap({ trial: true });
  await page.locator(".lesson-fold").tap();
  expect(await covered()).toEqual([]);
  await page.locator(".lesson-fold").tap({ trial: true });
});

test("what is told on a phone is whole, is put away by the editor, and has its buttons beside it", async ({ page }) => {
  await open(page);
  await page.locator(".welcome-close").click();
  await page.locator("[data-act=editor]").tap();
  await paste(page, long(3).replace("kind: Deployment", "kind: Deloyment"));
  await page.locator(".finding-fix").first().tap();
  await page.locator(".editor > .sheet-grip").tap();
  const told = page.locator(".notice", { hasText: "고쳤습니다" });
  // It comes with a movement: both are measured at once.
  const apart = () => told.evaluate((notice) => {
    const [undo, close] = [".button", ".tool"].map((part) => notice.querySelector(part).getBoundingClientRect());
    return Math.abs(undo.y + undo.height / 2 - close.y - close.height / 2);
  });
  await expect.poll(apart, "one row").toBeLessThan(4);
  await page.locator("[data-act=editor]").tap();
  await paste(page, long(3).replace("app: web\n  template", "- app: web\n  template"));
  await page.locator("[data-act=apply]").tap();
  const failed = page.locator(".notice-failed");
  await expect(failed).toContainText("Error from server");
  const hidden = await failed.locator("span").evaluate((text) => text.scrollHeight - text.clientHeight);
  expect(hidden).toBeLessThanOrEqual(1);
  await page.locator("[data-act=editor]").tap();
  await expect(failed).toHaveCount(0);
});

test("a new run is seen from its top, however far the stage had gone in the one before", async ({ page }) => {
  await open(page);
  await page.locator(".welcome-close").click();
  await page.locator("[data-act=editor]").tap();
  await paste(page, [1, 2, 3, 4, 5].map((count) => long(3).replaceAll("web", `web-${count}`)).join("---\n"));
  await page.locator("[data-act=apply]").tap();
  await toTheEnd(page);
  const room = await page.locator(".stage-room").boundingBox();
  const top = async () => Number((await page.locator(".scene").getAttribute("viewBox")).split(" ")[1]);
  const y = room.y + room.height / 2;
  for (let turn = 0; turn < 4; turn += 1) await swipe(page, [200, y + 140], [200, y - 140]);
  await expect.poll(top).toBeGreaterThan(400);
  // A tap that comes while the stage still moves is taken for the end of that.
  await expect(async () => {
    await page.locator("[data-act=editor]").tap();
    await expect(page.locator(".editor")).toBeInViewport({ timeout: 1_000 });
  }).toPass();
  await paste(page, long(1));
  await page.locator("[data-act=start-over]").tap();
  await page.locator("[data-act=apply]").tap();
  await expect(shape(page, /^Pod/).first()).toBeInViewport({ ratio: 0.5 });
  expect(await top()).toBeLessThan(room.height / 2);
});

test("a link that was copied moves nothing below it", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page);
  await page.locator("[data-act=give]").tap();
  const below = page.locator("[data-act=copy-embed]");
  const before = await below.boundingBox();
  await page.locator("[data-act=copy-link]").tap();
  await expect(page.locator("[data-act=copy-link]")).toHaveText("복사했습니다");
  expect((await below.boundingBox()).y).toBe(before.y);
});

test("a sheet is drawn down by its grip, and comes back from a little way", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator(".welcome-close").click();
  const inspector = page.locator(".inspector");
  await shape(page, /^Deployment/).tap();
  const top = async () => Math.round((await inspector.boundingBox()).y);
  await expect.poll(async () => (await top()) < 200).toBe(true);
  await page.waitForTimeout(400);
  const [before, grip] = [await top(), await inspector.locator(".sheet-grip").boundingBox()];
  const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
  await swipe(page, [x, y], [x, y + 30]);
  await expect.poll(top).toBe(before);
  await swipe(page, [x, y], [x + 10, y + 200]);
  await expect(inspector).toHaveCount(0);
});

test("the names of a deletion's columns stay in sight where time has gone below them", async ({ page }) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).tap();
  await page.locator("[data-example=ignores]").tap();
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("삭제 과정");
  await toTheEnd(page);
  const top = async () => Number((await page.locator(".scene").getAttribute("viewBox")).split(" ")[1]);
  const room = await page.locator(".stage-room").boundingBox();
  const names = page.locator(".scene .pinned");
  await expect(names).toContainText("kubelet");
  expect((await names.boundingBox()).y, "below the title at first").toBeGreaterThan(room.y + 20);
  await swipe(page, [200, room.y + 300], [200, room.y + 60]);
  await expect.poll(top).toBeGreaterThan(100);
  await expect.poll(async () => Math.abs((await names.boundingBox()).y - room.y)).toBeLessThan(2);
});

// What a screen reader comes to on the stage, in its order.
const spoken = async (page) => {
  const reader = await page.context().newCDPSession(page);
  const { nodes } = await reader.send("Accessibility.getFullAXTree");
  await reader.detach();
  const of = new Map(nodes.map((node) => [node.nodeId, node]));
  const within = (node) => [node, ...(node.childIds ?? []).flatMap((id) => (of.has(id) ? within(of.get(id)) : []))];
  const stage = nodes.find((node) => node.role?.value === "SvgRoot" && within(node).length > 20);
  const isNamed = ({ ignored, role, name }) => !ignored && ["button", "image", "group"].includes(role?.value) && name?.value;
  return within(stage).filter(isNamed).map((node) => node.name.value);
};

test("a screen reader comes to the names of a deletion's columns after its title and before its chart", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).tap();
  await page.locator("[data-example=ignores]").tap();
  await toTheEnd(page);
  const names = await page.locator(".scene .pinned [aria-label]").evaluateAll((all) => all.map((name) => name.getAttribute("aria-label")));
  expect(names.length).toBeGreaterThan(3);
  const said = await spoken(page);
  expect(said[0]).toMatch(/^Pod /);
  expect(said.slice(1, names.length + 1)).toEqual(names);
  expect(said.length).toBeGreaterThan(names.length + 5);
});

test("in a messenger's window, which opens nothing, copies nothing and saves nothing, all is there", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 664 });
  await page.addInitScript(() => {
    const without = (owner, names) => {
      for (const name of names) Object.defineProperty(owner, name, { value: undefined, configurable: true });
    };
    without(Navigator.prototype, ["clipboard", "share", "serviceWorker"]);
    without(Element.prototype, ["requestFullscreen"]);
    without(Document.prototype, ["exitFullscreen", "fullscreenEnabled", "startViewTransition"]);
    Object.defineProperty(globalThis, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
    globalThis.open = () => null;
  });
  await open(page);
  await page.locator(".welcome-close").tap();
  await page.locator(".narration .term").first().tap();
  await expect(page.locator(".term-card")).toBeVisible();
  await page.locator(".narration").tap({ position: { x: 2, y: 2 } });
  await toTheEnd(page);
  await shape(page, /^Deployment/).tap();
  await expect(page.locator(".inspector .name")).toBeInViewport();
  await page.locator(".inspector > .sheet-grip").tap();
  // Where nothing may be copied, the link stands there to be chosen.
  await page.locator("[data-act=give]").tap();
  await page.locator("[data-act=copy-link]").tap();
  await expect(page.locator(".give-link + [role=status]")).toContainText("Ctrl+C");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

// Whether what was told last is seen in the room of the stage.
const isSeen = (page, name) =>
  page.evaluate((name) => {
    const room = document.querySelector(".stage-room").getBoundingClientRect();
    const shapes = [...document.querySelectorAll(".scene .opens")].filter((shape) => shape.getAttribute("aria-label")?.includes(name));
    return shapes.some((shape) => {
      const box = shape.getBoundingClientRect();
      return box.height > 0 && box.top >= room.top - 1 && box.bottom <= room.bottom + 1;
    });
  }, name);

test("a Pod of one's own is brought into sight when it is applied, and the invitation covers none", { tag: "@long" }, async ({ page }) => {
  await open(page);
  const [room, welcome] = [await page.locator(".stage-room").boundingBox(), await page.locator(".welcome").boundingBox()];
  expect(welcome.y, "the invitation lies below the scene").toBeGreaterThanOrEqual(room.y + room.height - 30);
  await toTheEnd(page);
  await page.locator(".welcome-close").click();
  await page.locator("[data-act=editor]").tap();
  await paste(page, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: mine\nspec:\n  containers:\n  - name: c\n    image: nginx:1.27.0\n");
  await page.locator("[data-act=apply]").tap();
  await expect.poll(() => isSeen(page, "mine"), { timeout: 20_000 }).toBe(true);
});
