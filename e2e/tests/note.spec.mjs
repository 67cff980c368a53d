// The study note, done on the page: its Deployment with all its mistakes, and its commands for myweb1.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, findings, kubectl, narration, paste, shape, text, toTheEnd } from "../person.mjs";

// Every command line of the note, in its order, and what it prints.
const SESSION = [
  ["kubectl api-resources", /^pods +po +v1 +true +Pod$/m],
  ["kubectl apply -f myweb1-pod.yaml", /^pod\/myweb1 created$/m],
  ["kubectl apply -f myweb1-svc.yaml", /^service\/myweb1-svc created$/m],
  [
    "kubectl get po,svc -o wide | grep myweb",
    /^pod\/myweb1 +1\/1 +Running +0 +\S+ +10\.244\.\d+\.\d+ +node-\d [^]*^service\/myweb1-svc +ClusterIP +10\.96\.\S+ +<none> +8001\/TCP .*app=myweb1$/m,
  ],
  ["kubectl delete -f myweb1-pod.yaml", /^pod "myweb1" deleted from default namespace$/m],
  ["kubectl delete -f myweb1-svc.yaml", /^service "myweb1-svc" deleted from default namespace$/m],
  [
    "kubectl run myweb2 --image=nginx:1.15.3-alpine --port=80 --dry-run=client -o yaml > myweb2-pod.yaml",
    /> myweb2-pod\.yaml\s*$/,
  ],
  ["kubectl apply -f myweb2-pod.yaml", /^pod\/myweb2 created$/m],
  ["kubectl expose pod myweb2 --port=80 --name=myweb2-svc --port=8002 --target-port=80", /^service\/myweb2-svc exposed$/m],
  ["kubectl delete pod myweb2", /^pod "myweb2" deleted from default namespace$/m],
  ["kubectl delete svc myweb2-svc", /^service "myweb2-svc" deleted from default namespace$/m],
];

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

  for (const [line, printed] of SESSION) {
    const said = await kubectl(page, line);
    expect(said.printed, line).toMatch(printed);
    expect(said.exit, line).toBe(0);
    // A list shows what has come to life; until then the stage plays.
    if (/^kubectl (apply|delete|expose)/.test(line)) await toTheEnd(page);
  }
  // What a command has written is a file on the page.
  await expect(page.locator(".file", { hasText: "myweb2-pod.yaml" })).toBeVisible();
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
