// A solved puzzle is given away as a line and a link, which shows what came of it and not how.
import { deflateRawSync } from "node:zlib";
import { expect, open, test } from "../page.mjs";
import { expectText, paste } from "../person.mjs";

test.use({ locale: "en-US" });

// An empty session, and what `kubectl get -o json` prints of a Pod.
const LOG =
  '{"podium":1,"files":[{"name":"new.yaml","text":""}],"open":0,"setup":{"seed":"1","start":1795521600000000,"nodes":[],"namespaces":[],"serviceCIDR":"10.96.0.0/12"},"namespace":"default","branches":[{"shown":0,"acts":[]}],"branch":0,"at":0,"view":"hierarchy"}';
const POD =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n","creationTimestamp":"2026-01-02T03:04:05Z"}}';

const reach = (page) =>
  expect
    .poll(
      async () => {
        await page.keyboard.press("End");
        return page.locator(".lesson-goal:not([data-reached])").count();
      },
      { timeout: 30_000 },
    )
    .toBe(0);

test("the result of a puzzle is a line with a link, whose opening spoils and loses nothing", { tag: "@long" }, async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page);
  await page.locator("[data-act=lessons]").click();
  const puzzle = page.locator("[data-lesson=silent-service]");
  await puzzle.click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  for (;;) {
    for (const deed of await page.locator(".panel-body > .lesson-deed").filter({ hasNot: page.locator("details") }).all()) {
      await deed.locator(".lesson-play").click();
      await page.locator(".lesson-title").focus();
      await page.keyboard.press("End");
      await page.waitForTimeout(300);
    }
    const solution = page.locator("[data-act=solution]");
    if (await solution.count()) {
      await solution.click();
      for (const deed of await page.locator(".lesson-solution > .lesson-deed").all()) {
        await deed.locator(".lesson-play").click();
        await page.locator(".lesson-title").focus();
        await page.keyboard.press("End");
        await page.waitForTimeout(300);
      }
    }
    await reach(page);
    const next = page.locator("[data-act=lesson-next]");
    if (!(await next.count())) break;
    await next.click();
  }
  await page.locator("[data-act=give-result]").click();
  const said = page.locator(".result-said");
  await expect(said).toContainText("The silent Service");
  await expect(said).toContainText(/lines? changed/);
  await expect(page.locator(".give-code path")).toHaveAttribute("d", /^M/);
  await page.locator("[data-act=copy-result]").click();
  await expect(page.locator("[data-act=copy-result]")).toHaveText("Copied");
  const [line, link] = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(line).toBe(await said.textContent());
  expect(link).toContain("#podiumResult1=");

  // Somebody else, with work of their own, opens it.
  const other = await context.browser().newContext({ locale: "en-US", viewport: { width: 390, height: 844 } });
  const theirs = await other.newPage();
  await open(theirs);
  await theirs.goto(link);
  const result = line.split(": ").at(-1);
  await expect(theirs.locator(".result-said")).toHaveText(result);
  const solution = /selector/;
  await expect(theirs.locator(".give")).not.toContainText(solution);
  await theirs.locator("[data-act=result-try]").click();
  await expect(theirs.locator(".lesson-title")).toBeVisible();
  await expect(theirs.locator(".lesson-goal[data-reached]")).toHaveCount(0);
  await other.close();

  const mine = await context.newPage();
  await open(mine);
  await mine.evaluate(() => document.querySelector(".welcome .tool")?.click());
  await paste(mine, "# my own work\n");
  await mine.evaluate((hash) => location.assign(hash), link.slice(link.indexOf("#")));
  await expect(mine.locator(".result-said")).toHaveText(result);
  await expectText(mine, "# my own work\n");
  await mine.locator("[data-act=result-show]").click();
  await expectText(mine, /kind: Service/);
  await mine.locator(".notice").getByRole("button", { name: "Back to yours" }).click();
  await expectText(mine, "# my own work\n");
  await mine.evaluate((hash) => location.assign(hash), "#podiumResult1=AAAA");
  await expect(mine.locator(".notice").last()).toContainText("cannot be read");
});

test("results of another version, one over another, and one over a recording say what is so", { tag: "@long" }, async ({ page }) => {
  const given = (lesson, more = {}) => {
    const text = JSON.stringify({ podiumResult: 1, lesson, log: LOG, ...more });
    return `#podiumResult1=${deflateRawSync(text).toString("base64url")}`;
  };
  const assign = (hash) => page.evaluate((hash) => location.assign(hash), hash);
  await open(page);
  const dialog = page.locator("dialog.give");
  // The page asks for a lesson that is not there: the browser tells of that.
  await page.route("**/p9-none.md", (route) => route.fulfill({ status: 200, body: "not there" }));
  await assign(given("p9-none"));
  await expect(dialog).toContainText("does not have the puzzle");
  await assign(given("p2-silent", { version: "00000000" }));
  await expect(dialog).toContainText("goals of “The silent Service” do not hold");
  await expect(dialog).toContainText("another version of the puzzle");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);

  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "get.json"));
    return transfer;
  }, POD);
  for (const kind of ["dragover", "drop"]) await page.dispatchEvent(".stage", kind, { dataTransfer: dropped });
  await expect(page.locator(".recorded")).toBeVisible();
  await assign(given("p2-silent"));
  await dialog.locator("[data-act=result-try]").click();
  await expect(page.locator(".lesson-title")).toBeVisible();
  await expect(page.locator(".recorded")).toHaveCount(0);
});
