// What a Pod's containers have together: a click edits the manifest, and the Pod is replaced.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, paste, shape, toTheEnd } from "../person.mjs";

test("the processes of a Pod's containers are shared by a click, which can be undone in the text", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator(".welcome-close").click();
  const pods = page.locator('.scene [data-key^="pods/"][data-key$="/group"]');
  const before = await pods.evaluateAll((all) => all.map((pod) => pod.dataset.key));
  await shape(page, /^Pod .*Running/).first().click();
  await page.locator(".joining:not([data-of]) > summary").click();
  const share = page.locator("[data-act=join-shareProcessNamespace]");
  await expect(share).toContainText("shareProcessNamespace: true");
  await share.click();
  await expectText(page, /\n {6}shareProcessNamespace: true\n {6}containers:/);
  await toTheEnd(page);
  const after = () => pods.evaluateAll((all) => all.map((pod) => pod.dataset.key));
  await expect.poll(async () => (await after()).filter((key) => before.includes(key)).length).toBe(0);
  // The other way round is offered now.
  await shape(page, /^Pod .*Running/).first().click();
  await page.locator(".joining:not([data-of]) > summary").click();
  await expect(page.locator("[data-act=join-shareProcessNamespace]")).toContainText("shareProcessNamespace: false");
});

const pair = `apiVersion: v1
kind: Pod
metadata: {name: pair}
spec:
  containers:
  - {name: web, image: nginx:1.25}
  - {name: helper, image: busybox:1.36, command: [sleep, infinity]}
`;

test("what one container writes into shared memory the other reads", { tag: "@long" }, async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, pair);
  await page.locator("[data-act=apply]").click();
  await toTheEnd(page);
  for (const mark of ["exchange-write", "exchange-read"]) {
    await shape(page, /^Pod pair.*Running/).first().click();
    const summary = page.locator(".joining[data-of=exchange] > summary");
    if (!(await page.locator(`[data-act=${mark}]`).first().isVisible())) await summary.click();
    await page.locator(`[data-act=${mark}]`).first().click();
    await toTheEnd(page);
  }
  await expect(page.locator(".terminal")).toContainText("from web");
});
