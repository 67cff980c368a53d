// The timeline that the bar opens: lanes, search, waits that open, branches with names.
import { expect, open, test } from "../page.mjs";
import { terminal, toTheEnd } from "../person.mjs";

const clock = (page) => page.locator(".clock");
// The clock and a time that is listed are drawn one after the other.
const same = async (page, time) =>
  expect(async () => expect(await clock(page).textContent()).toBe(await time.textContent())).toPass({ timeout: 5000 });

test("a moment is found by words and gone to, by keyboard alone", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("g");
  const field = page.locator(".find-field");
  await expect(field).toBeFocused();
  await page.keyboard.type("처음 Ready");
  // Enter counts for what was typed, be it listed yet or not.
  await page.keyboard.press("Enter");
  await expect(page.locator(".found [role=option]")).toHaveCount(1);
  await expect(page.locator(".found")).toContainText("Ready");
  await same(page, page.locator(".found-time"));
  // English words find on a Korean page, and arrows choose.
  await field.fill("scheduled");
  await page.keyboard.press("ArrowDown");
  const second = page.locator(".found [role=option]").nth(1);
  await expect(second).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await same(page, second.locator(".found-time"));
  // Escape first clears, then closes, and the focus is back at what opened it.
  await page.keyboard.press("Escape");
  await expect(field).toHaveValue("");
  await page.keyboard.press("Escape");
  await expect(page.locator(".timeline")).toHaveCount(0);
});

test("lanes go to their moments by arrows and by a click, and a step can be a second", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator("[data-act=timeline]").click();
  await expect(page.locator(".lane[data-lane]")).toHaveCount(7);
  await page.locator(".lane-stop[tabindex='0']").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  const stop = page.locator(".lane-stop:focus");
  const at = (await stop.getAttribute("aria-label")).match(/\d\d:\d\d\.\d/)[0];
  await page.keyboard.press("Enter");
  await expect(clock(page)).toHaveText(at);
  await page.locator(".lane[data-lane=myapp-svc] .lane-stop").first().click();
  await expect(clock(page)).not.toHaveText(at);
  await page.locator("[data-act=grain]").selectOption("second");
  await page.locator("[data-act=step-forward]").click();
  await expect(clock(page)).toHaveText("00:01.0");
});

test("a wait opens, and a branch keeps the name that it was given", async ({ page }) => {
  await open(page);
  await page.evaluate(() => document.querySelector("[data-example=ignores]").click());
  await toTheEnd(page);
  await page.locator("[data-act=timeline]").click();
  const wait = page.locator(".lane-waits .lane-stop").first();
  const before = await wait.getAttribute("aria-label");
  await wait.click();
  await expect(wait).not.toHaveAttribute("aria-label", before);
  await wait.click();
  await expect(wait).toHaveAttribute("aria-label", before);
  await page.locator("[data-act=to-start]").click();
  await page.keyboard.press("/");
  await terminal(page).fill("kubectl get nodes");
  await terminal(page).press("Enter");
  const name = page.locator(".name-field");
  // Typed as a person does: Firefox tells no change of what a script has put into a field.
  await name.pressSequentially("그 밖의 길");
  await name.press("Enter");
  await expect(page.locator("[data-act=branches] option:checked")).toHaveText("그 밖의 길");
  await page.waitForTimeout(600);
  await page.reload();
  await expect(page.locator("[data-act=branches] option").nth(1)).toHaveText("그 밖의 길");
});
