// How long frames take while the page plays a run of 300 Pods and one of 10,000, at two places of each, with the timeline closed and
// open, beside an empty page in the same run. One line of JSON for each: milliseconds between two frames (the middle one, the 95th of 100), and how long the
// page's thread was busy for a frame.
import { chromium as playwright } from "@playwright/test";
import { chromium } from "./chromium.mjs";

const SECONDS = 6;
const SIZES = [
  { pods: 300, nodes: 3 },
  { pods: 10_000, nodes: 100 },
];

const app = (pods) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${pods}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx:1.25}]}
`;
// The log of a session with so many Pods.
const log = ({ pods, nodes }) => ({
  podium: 1,
  namespace: "default",
  setup: {
    seed: "1",
    start: 1_760_000_000_000_000,
    nodes: Array.from({ length: nodes }, (_, place) => ({
      name: `node-${place + 1}`,
      address: `172.30.${Math.floor(place / 200)}.${(place % 200) + 11}`,
      podCIDR: `10.244.${place + 1}.0/24`,
      cpu: 64,
      memory: "240Gi",
      pods: 110,
    })),
    namespaces: [],
    serviceCIDR: "10.96.0.0/12",
  },
  files: [{ name: "app.yaml", text: app(pods) }],
  open: 0,
  view: "hierarchy",
  branch: 0,
  at: 0,
  branches: [{ acts: [{ at: 0, file: { name: "app.yaml", text: app(pods) } }, { at: 0, command: "kubectl apply -f app.yaml" }], shown: 0 }],
});

// The milliseconds that the page's thread was busy until now.
async function busy(client) {
  const { metrics } = await client.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value * 1e3;
}

// The times of frames for a while, from one to the next, and how much of them the page's own thread was busy.
async function frames(page, client) {
  const before = await busy(client);
  const gaps = await page.evaluate(
    (millis) =>
      new Promise((done) => {
        const gaps = [];
        let last = performance.now();
        const end = last + millis;
        const look = (now) => {
          gaps.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(look);
          else done(gaps.slice(2));
        };
        requestAnimationFrame(look);
      }),
    SECONDS * 1e3,
  );
  const spent = (await busy(client)) - before;
  gaps.sort((a, b) => a - b);
  const at = (part) => Number(gaps[Math.floor((gaps.length - 1) * part)].toFixed(1));
  return { frames: gaps.length, p50: at(0.5), p95: at(0.95), busy: Number((spent / gaps.length).toFixed(1)) };
}

const browser = await playwright.launch(chromium.launchOptions);
const open = async (address) => {
  const page = await (await browser.newContext({ viewport: { width: 1600, height: 900 } })).newPage();
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(address);
  return { page, client };
};

const say = (what, measured) => console.log(JSON.stringify({ what, ...measured }));
const empty = await open("about:blank");
say("an empty page", await frames(empty.page, empty.client));
for (const size of SIZES) {
  const { page, client } = await open(process.env.PODIUM_URL);
  const transfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "bench.podium.json", { type: "application/json" }));
    return transfer;
  }, JSON.stringify(log(size)));
  await page.locator(".stage").waitFor();
  for (const kind of ["dragover", "drop"]) await page.dispatchEvent(".stage", kind, { dataTransfer: transfer });
  await page.locator(".stage").click({ position: { x: 5, y: 5 } });
  // All of it is recorded before anything is measured, so that nothing is simulated meanwhile: the run has come to rest, and so has
  // the page's thread.
  for (let last = ""; ; ) {
    await page.keyboard.press("End");
    for (let before = await busy(client), now = Infinity; now - before > 60; ) {
      before = await busy(client);
      await page.waitForTimeout(1_000);
      now = await busy(client);
    }
    const clock = await page.locator(".clock").textContent();
    if (clock === last) break;
    last = clock;
  }
  for (const isOpen of [false, true]) {
    if (isOpen) {
      await page.locator("[data-act=timeline]").click();
      await page.locator(".lanes .lane").first().waitFor();
    }
    // At a quarter most Pods are still to come, in the middle most are there.
    for (const part of [0.25, 0.5]) {
      await page.locator(".track-input").evaluate((track, part) => {
        track.value = String(Number(track.max) * part);
        track.dispatchEvent(new Event("input", { bubbles: true }));
      }, part);
      await page.waitForTimeout(1_000);
      await page.locator(".stage").click({ position: { x: 5, y: 5 } });
      const clock = () => page.locator(".clock").textContent();
      const from = await clock();
      await page.locator("[data-act=play]").click();
      const measured = await frames(page, client);
      const to = await clock();
      const shapes = await page.locator(".scene *").count();
      say(`${size.pods} Pods${isOpen ? ", the timeline open" : ""}`, { ...measured, shapes, from, to });
      await page.locator("[data-act=play]").click();
    }
  }
  if (process.env.PODIUM_SHOT) await page.screenshot({ path: `${process.env.PODIUM_SHOT}-${size.pods}.png` });
  await page.context().close();
}
await browser.close();
