// The command line: what Tab, Ctrl+C, the arrows and several lines do. And the example of a mistake.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, kubectl, paste, terminal, toTheEnd } from "../person.mjs";

const last = (page) => page.locator(".terminal-command").last();

test("Tab completes, shows what there is, and goes on where there is nothing", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await terminal(page).click();
  await page.keyboard.type("kubectl rol");
  await page.keyboard.press("Tab");
  await expect(terminal(page)).toHaveValue("kubectl rollout ");
  await terminal(page).fill("get pods -n myapp-ns --show-");
  await page.keyboard.press("Tab");
  await expect(page.locator(".terminal-offers")).toContainText("--show-labels");
  await terminal(page).fill("get pods -n myapp-ns myapp-");
  await page.keyboard.press("Tab");
  await expect(terminal(page)).toHaveValue(/^get pods -n myapp-ns myapp-deployment-[0-9a-z]+-$/);
  await terminal(page).fill("no-such-command x");
  await page.keyboard.press("Tab");
  await expect(terminal(page)).not.toBeFocused();
});

test("a command that watches prints beside the next one, and Ctrl+C ends it", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await terminal(page).fill("get deploy -n myapp-ns -w");
  await page.keyboard.press("Enter");
  const watch = page.locator(".terminal-command", { hasText: "-n myapp-ns -w" });
  await expect(watch).toContainText("3/3");
  await kubectl(page, "scale deploy myapp-deployment -n myapp-ns --replicas=4");
  await toTheEnd(page);
  await expect(watch).toContainText("4/4");
  await terminal(page).click();
  await page.keyboard.press("Control+c");
  await expect(watch).toHaveAttribute("data-exit", "130");
});

test("a command that writes answers at once while the stage plays", async ({ page }) => {
  await open(page);
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "true");
  await terminal(page).fill("kubectl scale deploy myapp-deployment -n myapp-ns --replicas=5");
  const begun = Date.now();
  await page.keyboard.press("Enter");
  await expect(last(page)).toContainText("deployment.apps/myapp-deployment scaled");
  // The stage takes seconds to show it.
  expect(Date.now() - begun).toBeLessThan(2500);
  await expect(last(page)).toHaveAttribute("data-exit", "0");
});

test("room is made for wide tables, and taken back", async ({ page }) => {
  await open(page);
  await kubectl(page, "kubectl get pods -o wide -n myapp-ns");
  const output = page.locator(".terminal-output");
  const narrow = (await output.boundingBox()).width;
  await page.locator("[data-act=wider]").click();
  await expect.poll(async () => (await output.boundingBox()).width).toBeGreaterThan(narrow + 200);
  await page.locator("[data-act=wider]").click();
  await expect.poll(async () => (await output.boundingBox()).width).toBe(narrow);
});

test("several lines are one command, and the arrows bring back what begins so", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await terminal(page).click();
  for (const line of ["cat <<EOF", "a: b", "EOF"]) {
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
  }
  await expect(last(page)).toContainText("a: b");
  await kubectl(page, "echo second");
  await terminal(page).click();
  await page.keyboard.type("ec");
  await page.keyboard.press("ArrowUp");
  await expect(terminal(page)).toHaveValue("echo second");
  await page.keyboard.press("ArrowDown");
  await expect(terminal(page)).toHaveValue("ec");
  await terminal(page).fill("secon");
  await page.keyboard.press("Control+r");
  await expect(terminal(page)).toHaveValue("echo second");
  await expect(page.locator(".terminal-offers")).toHaveText("(reverse-i-search)`secon'");
});

test("a mistake has an example before and after, which Escape closes", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx:latest\n");
  await page.locator(".finding[data-code=image-latest] .finding-fix").click();
  const example = page.locator("dialog.example");
  await expect(example.locator("pre.yaml")).toHaveCount(2);
  await expect(example.locator("pre.yaml").first().locator(".yaml-changed").first()).toContainText("nginx:latest");
  await expect(example.locator("pre.yaml").last()).not.toContainText("latest");
  await page.keyboard.press("Escape");
  await expect(example).toHaveCount(0);
});

test("ten thousand lines are all there, and typing beside them goes on as before", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  // How long a person waits for a letter, as a rule: the median of twenty.
  const typing = async () => {
    await terminal(page).click();
    const times = [];
    for (let key = 0; key < 20; key += 1) {
      const begun = Date.now();
      await page.keyboard.type("x");
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
      times.push(Date.now() - begun);
    }
    await terminal(page).fill("");
    return times.sort((a, b) => a - b)[10];
  };
  const before = await typing();
  await kubectl(page, "for i in $(seq 10000); do echo line $i of many; done");
  await expect(last(page)).toHaveAttribute("data-exit", "0", { timeout: 20_000 });
  const text = await last(page).evaluate((command) => command.textContent);
  for (const line of ["line 1 of many\n", "line 5000 of many\n", "line 10000 of many\n"]) expect(text).toContain(line);
  const output = page.locator(".terminal-output");
  const scroll = (to) => output.evaluate((element, top) => (element.scrollTop = top === "end" ? element.scrollHeight : top), to);
  const inSight = () =>
    output.evaluate((element) => {
      const { left, top, height } = element.getBoundingClientRect();
      const at = document.caretPositionFromPoint?.(left + 30, top + height / 2) ?? document.caretRangeFromPoint(left + 30, top + height / 2);
      return (at.offsetNode ?? at.startContainer).textContent.length > 0;
    });
  for (const to of [0, 50_000, "end"]) {
    await scroll(to);
    await expect.poll(inSight).toBe(true);
  }
  expect(await typing(), `before it took ${before} ms`).toBeLessThan(3 * before + 30);
});

test("a command is explained: what it asked in which order, and why it printed that", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await kubectl(page, "kubectl get pod nosuch -n myapp-ns");
  const explain = last(page).locator("[data-act=explain]");
  await explain.focus();
  await page.keyboard.press("Enter");
  await expect(explain).toHaveAttribute("aria-expanded", "true");
  const explained = last(page).locator(".terminal-explained");
  // Where a Pod is missing, kubectl looks whether its Namespace is there.
  await expect(explained.locator("ol > li")).toHaveCount(2);
  await expect(explained).toContainText("GET /api/v1/namespaces/myapp-ns/pods/nosuch → 404");
  await expect(explained).toContainText("Error from server");
  await page.keyboard.press("Enter");
  await expect(explained).toHaveCount(0);
});
