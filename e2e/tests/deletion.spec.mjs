// A deletion, stepped through in both directions: its numbers, its order, its two branches.
import { expect, open, test } from "../page.mjs";
import { narration } from "../person.mjs";

const number = async (page) => {
  const shown = page.locator(".narration-number");
  return (await shown.count()) > 0 ? Number((await shown.textContent()).split("/")[0]) : null;
};
// Presses a button until the playhead stands still, which is so when two presses change nothing: the first one back goes to the
// beginning of the beat that it stands in. Gives what was told at each stop.
const walk = async (page, act) => {
  const told = [];
  for (let step = 0, still = 0; step < 80 && still < 2; step += 1) {
    const count = await page.locator(".count").textContent();
    still = told.at(-1)?.count === count ? still + 1 : 0;
    if (still === 0) told.push({ count, text: await narration(page).textContent(), number: await number(page) });
    await page.locator(`[data-act=${act}]`).click();
  }
  return told;
};
const begin = async (page, example) => {
  await open(page);
  await page.locator("summary", { hasText: "예제" }).click();
  await page.locator(`[data-example=${example}]`).click();
  await expect(page.locator(".tabs [aria-current=page]")).toHaveText("삭제 과정");
  await page.keyboard.press("p");
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "false");
};

test("a program that ignores SIGTERM: the note's seven steps, both branches, forwards and backwards", async ({ page }) => {
  await begin(page, "ignores");
  await page.keyboard.press("Home");
  await expect(page.locator(".count")).toHaveText(/^0 /);
  const forwards = await walk(page, "step-forward");
  const numbers = forwards.map((told) => told.number).filter((n) => n !== null);
  // Each branch goes in its own order; neither waits for the other.
  const first = [...new Set(numbers)];
  expect(first.slice(0, 2)).toEqual([1, 2]);
  expect(first.filter((n) => n === 3 || n === 4), "branch B: the endpoints").toEqual([3, 4]);
  expect(first.filter((n) => n >= 5), "branch A: the kubelet").toEqual([5, 6, 7]);
  // SIGKILL comes long after both kube-proxies have written their rules.
  expect(numbers.indexOf(7)).toBeGreaterThan(numbers.indexOf(4));

  const backwards = await walk(page, "step-back");
  expect(backwards.map((told) => told.text).reverse()).toEqual(forwards.map((told) => told.text));
});

test("the chart shows both branches at once, and a SIGKILL only where one comes", async ({ page }) => {
  const drawn = (text) => page.locator(".scene text", { hasText: text });
  await begin(page, "ignores");
  await page.keyboard.press("End");
  await expect(drawn(/^SIGTERM$/)).toHaveCount(1);
  await expect(drawn(/^SIGKILL$/)).toHaveCount(1);
  // Where its whole name has no room, it is a watch all the same.
  const told = /^watch(: EndpointSlice)?$/;
  await expect(drawn(told).first()).toBeVisible();
  // What is drawn anew just then has no box.
  const left = async (text) => (await drawn(text).first().boundingBox())?.x ?? Number.NaN;
  await expect.poll(async () => (await left(told)) < (await left(/^SIGKILL$/))).toBe(true);

  await page.locator("summary", { hasText: "예제" }).click();
  await page.locator("[data-example=drains]").click();
  await page.keyboard.press("End");
  await expect(drawn(/^SIGTERM$/)).toHaveCount(1);
  await expect(drawn(/^SIGKILL$/)).toHaveCount(0);
});
