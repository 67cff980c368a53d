// The study note, done on the page: its Deployment with all its mistakes, and its commands for myweb1.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, findings, kubectl, narration, paste, shape, text, toTheEnd } from "../person.mjs";

const myapp = text("src/session/examples/myapp.yaml");

test("the note's Deployment is mended, applied and comes to life", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, myapp);
  await expect(findings(page)).toHaveCount(4);
  // Each mistake stands under its line.
  const lines = await page.locator(".cm-line:has(+ .note)").allTextContents();
  expect(lines.map((line) => line.trim())).toEqual(["kind: Deloyment", "namespace: myapp-ns", "app:myapp", "app: myapp"]);
  while (await findings(page).count()) {
    const left = await findings(page).count();
    await page.locator(".finding-fix").first().click();
    await expect.poll(() => findings(page).count()).toBeLessThan(left);
  }
  await expectText(page, /kind: Deployment/);

  await page.locator("[data-act=apply]").click();
  await expect(page.locator(".play")).toHaveAttribute("data-playing", "true");
  const before = await narration(page).textContent();
  await expect(narration(page)).not.toHaveText(before);
  await toTheEnd(page);
  await expect(shape(page, /^Deployment myapp-deployment, .*3.*3/)).toBeVisible();
  await expect(shape(page, /^ReplicaSet myapp-deployment-/)).toBeVisible();
  await expect(shape(page, /^Pod myapp-deployment-.*Running/)).toHaveCount(3);
  // Their owner is drawn above them, and its owner above it.
  const top = async (name) => (await shape(page, name).first().boundingBox()).y;
  expect(await top(/^Deployment/)).toBeLessThan(await top(/^ReplicaSet/));
  expect(await top(/^ReplicaSet/)).toBeLessThan(await top(/^Pod/));
});

test("applying the mistakes answers as the real kubectl does, one refusal at a time", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, myapp);
  await page.locator("[data-act=apply]").click();
  await expect(page.locator(".terminal-command").last()).toContainText('no matches for kind "Deloyment"');
});

test("the note's commands for myweb1 are done from the page", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, text("src/session/examples/myweb1-pod.yaml"));
  await page.locator(".files .file").click();
  await page.locator(".file-field").fill("myweb1-pod.yaml");
  await page.locator(".file-field").press("Enter");
  await page.locator(".files").getByRole("button").last().click();
  await paste(page, text("src/session/examples/myweb1-svc.yaml"));
  await page.locator(".file[aria-selected=true]").click();
  await page.locator(".file-field").fill("myweb1-svc.yaml");
  await page.locator(".file-field").press("Enter");

  expect((await kubectl(page, "kubectl apply -f myweb1-pod.yaml")).printed).toContain("pod/myweb1 created");
  expect((await kubectl(page, "apply -f myweb1-svc.yaml")).printed).toContain("service/myweb1-svc created");
  await toTheEnd(page);
  const listed = await kubectl(page, "kubectl get po,svc -o wide | grep myweb");
  expect(listed.printed).toMatch(/pod\/myweb1 +1\/1 +Running +0 +\S+ +10\.244\.\d+\.\d+ +node-\d/);
  expect(listed.printed).toMatch(/service\/myweb1-svc +ClusterIP +10\.96\.\S+ +<none> +8001\/TCP .*app=myweb1/);
  expect((await kubectl(page, "delete -f myweb1-pod.yaml")).printed).toContain('pod "myweb1" deleted');
  expect((await kubectl(page, "delete -f myweb1-svc.yaml")).printed).toContain('service "myweb1-svc" deleted');

  const run = "kubectl run myweb2 --image=nginx:1.15.3-alpine --port=80 --dry-run=client -o yaml > myweb2-pod.yaml";
  expect((await kubectl(page, run)).exit).toBe(0);
  // What a command has written is a file on the page.
  await expect(page.locator(".file", { hasText: "myweb2-pod.yaml" })).toBeVisible();
  expect((await kubectl(page, "apply -f myweb2-pod.yaml")).printed).toContain("pod/myweb2 created");
  expect((await kubectl(page, "delete pod myweb2")).exit).toBe(0);
  await toTheEnd(page);
  await expect(shape(page, /^Pod /)).toHaveCount(0);
});

test("where the note says otherwise, a card has both and the recording", async ({ page }) => {
  await open(page);
  await page.locator("[data-act=play]").click();
  const card = page.locator(".differs");
  for (let step = 0; step < 16 && (await card.count()) === 0; step += 1) {
    await page.locator("[data-act=step-forward]").click();
  }
  await card.locator("summary").click();
  await expect(card).toContainText("PID는 shareProcessNamespace가 true일 때만");
  await expect(card).toContainText("14-namespaces");
});
