// The session: what is kept, going back, branches.
import { expect, open, test } from "../page.mjs";
import { editor, emptyDesk, expectText, kubectl, paste, shape, terminal, text, toTheEnd } from "../person.mjs";

const deployment = text("src/session/examples/web.yaml");

test("what was typed survives a reload", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  expect((await kubectl(page, "apply -f web.yaml")).exit).toBe(0);
  await toTheEnd(page);
  await editor(page).evaluate((element) => element.focus());
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("# typed last");
  await terminal(page).fill("kubectl delete po");
  // The page keeps what was typed a moment after it was typed.
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("# typed last");
  await page.reload();
  await expectText(page, `${deployment}# typed last`);
  await expect(terminal(page)).toHaveValue("kubectl delete po");
});

test("two tabs do not take each other's work", async ({ page, context }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, "# the first tab\n");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("the first tab");
  const other = await context.newPage();
  await open(other);
  await expectText(other, "# the first tab\n");
  await paste(other, "# the second tab\n");
  await expect.poll(() => other.evaluate(() => localStorage.getItem("podium.session"))).toContain("the second tab");
  await page.reload();
  await expectText(page, "# the first tab\n");
  await other.reload();
  await expectText(other, "# the second tab\n");
});

test("going back and acting there begins a branch, and the first run stays", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  await kubectl(page, "apply -f web.yaml");
  await toTheEnd(page);
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(3);
  const names = () => page.locator(".scene .opens[data-key^='pods/']").evaluateAll((all) => all.map((one) => one.dataset.key).sort());
  const first = await names();

  // Back to before any Pod runs: the stage shows what was there then.
  for (let step = 0; step < 4; step += 1) await page.locator("[data-act=step-back]").click();
  await expect(shape(page, /^Pod .*Running/)).not.toHaveCount(3);
  await kubectl(page, "scale deploy myapp-deployment -n myapp-ns --replicas=1");
  await toTheEnd(page);
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(1);

  const branches = page.locator("[data-act=branches]");
  await expect(branches.locator("option")).toHaveCount(2);
  await branches.selectOption("0");
  await toTheEnd(page);
  await expect.poll(names).toEqual(first);
  await branches.selectOption("1");
  await expect(page.locator(".terminal-command").last()).toContainText("scale");
});

test("beginning anew can be undone", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  await kubectl(page, "apply -f web.yaml");
  await toTheEnd(page);
  await page.locator("[data-act=start-over]").click();
  await expect(shape(page, /^Pod/)).toHaveCount(0);
  await page.locator(".notice .button").click();
  await toTheEnd(page);
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(3);
});
