// What the page answers: to a text of a person's own, to a text that cannot be applied, to what the API server refuses.
import { expect, open, test } from "../page.mjs";
import { codeMirror, emptyDesk, findings, kubectl, narration, paste, text, toTheEnd } from "../person.mjs";

const myapp = text("src/session/examples/myapp.yaml");

test("the note's text has its four mistakes though the example that runs makes up for one", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await paste(page, `${myapp}\n`);
  await expect(findings(page)).toHaveCount(4);
  await expect(page.locator(".finding[data-code=namespace-lent]")).toBeVisible();
  // What is no longer in the text is told once, however many objects it is.
  await expect(page.locator(".gone")).toContainText("Namespace myapp-ns");
});

test("a text that kubectl cannot read is answered at once, while the stage plays", async ({ page }) => {
  await open(page);
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "true");
  await paste(page, myapp);
  await page.locator("[data-act=apply]").click();
  const answer = page.locator(".terminal-command").last();
  await expect(answer).toHaveAttribute("data-exit", "1", { timeout: 700 });
  await expect(answer).toContainText('no matches for kind "Deloyment"');
});

test("what asks only is answered without playing on", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.keyboard.press("/");
  await page.keyboard.type("get deploy -A");
  await page.keyboard.press("Enter");
  await expect(page.locator(".terminal-command").last()).toContainText("myapp-deployment", { timeout: 700 });
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "false");
});

test("a refusal is told with its reason", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  expect((await kubectl(page, "create namespace shop")).exit).toBe(0);
  expect((await kubectl(page, "create namespace shop")).exit).toBe(1);
  await expect(narration(page)).toContainText('namespaces "shop" already exists');
});

test("a large text is read after the page has said so, and the page stays alive", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  const one = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: b\n---\n";
  await (await codeMirror(page)).evaluate((element, text) => {
    // It may be said and gone between two looks of a test.
    const look = () => {
      globalThis.hasSaid ||= document.querySelector(".findings-more[role=status]") !== null;
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    element.focus();
    element.view.dispatch({ changes: { from: 0, insert: text }, userEvent: "input.paste" });
  }, one.repeat(6000));
  await expect.poll(() => page.evaluate(() => globalThis.hasSaid), { timeout: 30_000 }).toBe(true);
  await expect(page.locator(".findings-more[role=status]")).toBeHidden({ timeout: 30_000 });
});
