// What is kept: storage full, storage denied, a reload in the middle. Each has an answer and loses nothing.
import { expect, open, test } from "../page.mjs";
import { denyStorage, editor, emptyDesk, expectText, kubectl, narration, paste, text, toTheEnd } from "../person.mjs";

const deployment = text("src/session/examples/web.yaml");
// A link of the first version of this writing.
const LINK = text("e2e/tests/give.spec.mjs").match(/"(#podium1=[\w-]+)"/)[1];

test.use({ locale: "en-US" });

test("with storage full the page says so, opens nothing over the work, and keeps it once there is room", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, "# kept\n");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("# kept");
  await page.evaluate(() => {
    let [part, place] = ["x".repeat(1 << 20), 0];
    while (part.length > 0) {
      try {
        localStorage.setItem(`filled-${place}`, part);
        place += 1;
      } catch {
        part = part.slice(0, part.length >> 1);
      }
    }
  });
  await paste(page, `${deployment}# not kept\n`);
  await expect(page.locator(".notice-standing")).toContainText("no room left");
  await page.evaluate((hash) => location.assign(hash), LINK);
  await expect(page.locator(".notice").last()).toContainText("nothing was opened");
  await expectText(page, `${deployment}# not kept\n`);
  await page.evaluate(() => Object.keys(localStorage).forEach((key) => key.startsWith("filled-") && localStorage.removeItem(key)));
  await paste(page, `${deployment}# kept again\n`);
  await expect(page.locator(".notice-standing")).toHaveCount(0);
  await page.reload();
  await expectText(page, `${deployment}# kept again\n`);
});

test("with storage denied the page works, says what that means, and a link puts the work aside for the visit", async ({ page }) => {
  await denyStorage(page);
  await open(page);
  await emptyDesk(page);
  await paste(page, `${deployment}# mine\n`);
  await expect(page.locator(".notice-standing")).toContainText("Save the session as a file");
  expect((await kubectl(page, "apply -f web.yaml")).exit).toBe(0);
  await page.evaluate((hash) => location.assign(hash), LINK);
  await page.locator(".notice").getByRole("button", { name: "Back to yours" }).click();
  await expectText(page, `${deployment}# mine\n`);
});

test("a reload in the middle of a run, and right after a letter, goes on where it was", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  await kubectl(page, "apply -f web.yaml");
  await toTheEnd(page);
  for (let step = 0; step < 6; step += 1) await page.locator("[data-act=step-back]").click();
  await page.locator("[data-act=play]").click();
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "true");
  await editor(page).evaluate((element) => element.focus());
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("# last");
  const before = await page.evaluate(() => document.querySelector(".clock").textContent);
  await page.reload();
  await expectText(page, `${deployment}# last`);
  await expect(narration(page)).toBeVisible();
  await expect.poll(() => page.locator(".clock").textContent().then((clock) => clock >= before)).toBe(true);
  await toTheEnd(page);
  await expect(page.locator(".terminal-command")).toHaveCount(1);
});
