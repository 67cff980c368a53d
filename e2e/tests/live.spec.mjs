// A cluster that is watched, beside a server that is as `kubectl proxy` is one.
import { test as base } from "@playwright/test";
import { startCluster } from "../cluster.mjs";
import { expect, open, test } from "../page.mjs";
import { narration, shape, speak } from "../person.mjs";

const offer = async (page) => {
  await page.locator("[data-act=give]").click();
  await page.locator("[data-act=live]").click();
};
const now = (page) => page.locator(".live-now");

base("a cluster is watched, looked back at, lost, found again and changed", async ({ page }) => {
  const cluster = await startCluster(process.env.PODIUM_URL);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => {
    // A watch of what is in the group `policy` that is ended while it is being opened breaks none.
    const isEnded = /WebSocket is closed before the connection is established/.test(message.text());
    if (/policy/i.test(message.text()) && !isEnded) wrong.push(message.text());
  });
  await speak(page, "en");
  await open(page, cluster.address);
  expect(cluster.asked, "nothing is asked before somebody asks for it").toEqual([]);
  cluster.failing = "/api/v1/namespaces";
  await offer(page);
  await expect(now(page)).toHaveAttribute("data-live", "live");
  // A kind that is refused is named, and so is one that cannot be listed now: that is tried again.
  const note = page.locator(".live-note");
  await expect(note.first()).toContainText("configmaps (403)");
  await expect(note.last()).toContainText("namespaces (500)");
  cluster.failing = "";
  await expect(note).toHaveCount(1);
  // What there is stands on the stage.
  await expect(page.locator(".scene")).toContainText("shop");
  await expect(page.locator(".recorded-what")).toContainText("6 objects");
  expect(cluster.asked.some((line) => line.includes("secrets"))).toBe(false);

  cluster.play(0);
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(2);
  await expect(narration(page)).toContainText(/web/);
  // It can be stopped and looked back at, while the cluster goes on; and now is one press away.
  await page.locator(".play").click();
  await expect(now(page)).toHaveAttribute("data-live", "past");
  await page.keyboard.press("Home");
  await expect(shape(page, /^Pod /)).toHaveCount(0);
  await page.locator("[data-act=live-now]").click();
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(2);

  cluster.lose();
  await expect(page.locator(".live-lost")).toBeVisible();
  cluster.comeBack();
  await expect(page.locator(".live-lost")).toHaveCount(0);

  // Nothing is written before it is allowed, and then each command asks first.
  const line = page.locator(".live-terminal input");
  const command = `kubectl delete pod ${cluster.pod} -n shop --wait=false`;
  const give = async () => {
    await line.fill(command);
    await line.press("Enter");
  };
  await give();
  await expect(page.locator(".live-terminal .terminal-error")).toContainText("only reads");
  expect(cluster.writes).toEqual([]);
  await page.locator("[data-act=live-allow]").check();
  await give();
  await expect(page.locator(".live-question")).toContainText(command);
  expect(cluster.writes).toEqual([]);
  await page.locator("[data-act=live-yes]").click();
  await expect(page.locator(".terminal-output")).toContainText(`pod "${cluster.pod}" deleted`);
  expect(cluster.writes).toEqual([`DELETE /api/v1/namespaces/shop/pods/${cluster.pod}`]);
  await expect(shape(page, new RegExp(`^Pod ${cluster.pod}`))).toHaveCount(0);
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(2);

  // What was seen stays as a recording.
  await page.locator("[data-act=live-stop]").click();
  await expect(page.locator("[data-act=save-recording]")).toBeVisible();
  await expect(now(page)).toHaveCount(0);
  expect(wrong).toEqual([]);
  cluster.end();
});

test("without a cluster beside the page the offer says what to run", { tag: "@long" }, async ({ page }) => {
  // The browser tells of an answer that is none.
  await page.route("**/api", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<!DOCTYPE html>" }));
  await speak(page, "en");
  await open(page);
  await offer(page);
  await expect(page.locator(".live-answer")).toContainText("no cluster beside this page");
  await expect(page.locator(".live-command")).toContainText("--www-prefix=/podium/");
});
