// What breaks, by a person's hand: each fault is a button with its command, and can be mended.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, homeless, narration, paste, shape, toTheEnd } from "../person.mjs";

test("a container that is killed is started again in the same Pod", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await shape(page, /^Pod .*Running/).first().click();
  const kill = page.locator(".inspector [data-act=fault]").first();
  await expect(kill).toContainText(/node-\d # kill -9 \d+/);
  await kill.click();
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "true");
  await toTheEnd(page);
  // To go to the end, the stage was clicked, which closes the inspector.
  await shape(page, /^Pod .*Running/).first().click();
  await expect(page.locator(".inspector .facts")).toContainText(/재시작 1번/);
});

test("a Service of one's own is sent requests", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await shape(page, /^Service /).first().click();
  const send = page.locator(".inspector [data-act=send]");
  await expect(send).toContainText(/node-1 # echo GET http:\/\/10\.96\.\d+\.\d+:8001\/ \| vegeta/);
  await send.click();
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "true");
  await expect(narration(page)).toContainText("요청");
});

test("the menu kills what runs in a Pod, and sends requests as often, as long and from where somebody wants", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  const menu = page.locator("summary", { hasText: "고장 내기" });
  await menu.click();
  const list = page.locator("details.menu", { has: menu }).locator(".menu-list");
  await list.locator("[data-of=from]").selectOption({ label: "node-2" });
  await list.locator("[data-of=rate]").selectOption("10");
  await list.locator("[data-of=length]").selectOption("60");
  const send = list.locator("[data-act=send]");
  await expect(send).toContainText("60초 동안 초당 10개의 요청");
  await expect(send).toContainText(/node-2 # echo GET .* -rate=10 -duration=60s/);
  await send.click();
  await expect(list).toBeHidden();
  await expect(narration(page)).toContainText("요청");
  await menu.click();
  const pods = list.locator("[data-of=pod]");
  // The list is filled when the menu has opened.
  await expect(pods).toBeVisible();
  const last = (await pods.locator("option").allTextContents()).at(-1);
  await pods.selectOption({ label: last });
  await list.locator("[data-act=fault]", { hasText: "pause 죽이기" }).click();
  await toTheEnd(page);
  await page.keyboard.press("Escape");
  await shape(page, new RegExp(`^Pod .*${last.split("-").at(-1)}.*Running`)).first().click();
  await expect(page.locator(".inspector .facts")).toContainText(/재시작 1번/);
});

for (const [width, height] of [[1600, 900], [1440, 900]]) {
  test(`all of the menu is seen at ${width} by ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await open(page);
    await toTheEnd(page);
    const menu = page.locator("summary", { hasText: "고장 내기" });
    await menu.click();
    const list = page.locator("details.menu", { has: menu }).locator(".menu-list");
    const send = list.locator("[data-act=send]");
    await expect(send).toBeVisible();
    const [room, button] = [await list.boundingBox(), await send.boundingBox()];
    expect(button.y + button.height).toBeLessThan(room.y + room.height);
  });
}

test("a kubelet stops, and the menu offers to start it again", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  const menu = page.locator("summary", { hasText: "고장 내기" });
  await menu.click();
  await page.locator("[data-act=fault]", { hasText: "systemctl stop kubelet" }).first().click();
  await expect(narration(page)).toContainText("응답하지 않습니다");
  await menu.click();
  await page.locator("[data-act=fault]", { hasText: "systemctl start kubelet" }).click();
  await expect(narration(page)).toContainText("돌아왔습니다");
});

test("the end after a power cut is its last beat, however often it is asked for", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator("summary", { hasText: "고장 내기" }).click();
  await page.locator("[data-act=fault]", { hasText: "전원" }).last().click();
  await toTheEnd(page);
  const clock = page.locator(".clock");
  const at = await clock.textContent();
  for (let times = 0; times < 6; times += 1) {
    await page.keyboard.press("End");
    await page.waitForTimeout(150);
  }
  await expect(clock).toHaveText(at);
  // Five minutes until the Pods are taken from the node, and a little more.
  expect(Number(at.split(":")[0])).toBeLessThan(12);
});

test("a Pod that no node takes is offered a Node on which it fits", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, homeless);
  await page.locator("[data-act=apply]").click();
  await toTheEnd(page);
  await shape(page, /^Pod large, Pending/).click();
  await page.locator("[data-act=fitting-node]").click();
  await expectText(page, /kind: Node[\s\S]*disk: ssd/);
  await page.locator("[data-act=apply]").click();
  await toTheEnd(page);
  await expect(shape(page, /^Pod large, Running/)).toBeVisible();
});
