// What `cargo xtask bench` measures in Chromium. One line of JSON: a text of 300 Pods from its paste to all Ready, in a
// page that has just come, in one that has simulated a small example, and in one where that has been done before, and 1,000
// Deployments read beside js-yaml.
import { readFile } from "node:fs/promises";
import { chromium as playwright } from "@playwright/test";
import { chromium } from "./chromium.mjs";

const [wasm, shim, yaml, text] = process.argv.slice(2);
const TIMES = 5;
const origin = "http://bench.invalid/";
const served = {
  "": ["text/html", "<!doctype html><title>bench</title>"],
  "bench.wasm": ["application/wasm", await readFile(wasm)],
  "wasi.mjs": ["text/javascript", await readFile(shim)],
  "js-yaml.mjs": ["text/javascript", await readFile(yaml)],
  "text.yaml": ["text/plain", await readFile(text)],
};

const browser = await playwright.launch(chromium.launchOptions);
const context = await browser.newContext();
await context.route("**/*", (route) => {
  const [contentType, body] = served[new URL(route.request().url()).pathname.slice(1)] ?? [];
  return body === undefined ? route.abort() : route.fulfill({ contentType, body });
});

// The processor's time of a page's own thread: what else the machine does is not in it.
async function open() {
  const page = await context.newPage();
  await page.goto(origin);
  const client = await context.newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await client.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1e3;
  };
  const measure = async (what, ...args) => {
    const before = await busy();
    const wall = await page.evaluate(what, args);
    return { wall, cpu: (await busy()) - before };
  };
  await page.evaluate(async () => {
    globalThis.bench = {
      wasi: await import("/wasi.mjs"),
      yaml: await import("/js-yaml.mjs"),
      module: await WebAssembly.compileStreaming(fetch("/bench.wasm")),
      text: await (await fetch("/text.yaml")).text(),
    };
  });
  return { page, measure };
}

const podium = async (args) => {
  const { code, printed } = await bench.wasi.run(bench.module, args);
  if (code !== 0) throw new Error(`podium-bench ended with ${code}`);
  return JSON.parse(printed).millis;
};
const jsYaml = () => {
  const begun = performance.now();
  if (bench.yaml.loadAll(bench.text).length !== 1_000) throw new Error("it has read something else");
  return performance.now() - begun;
};

const least = (name, measured) => [
  [`${name}Millis`, Math.min(...measured.map(({ wall }) => wall))],
  [`${name}CpuMillis`, Math.min(...measured.map(({ cpu }) => cpu))],
];
const [cold, begun, warm, read, parsed] = [[], [], [], [], []];
for (let n = 0; n < TIMES; n++) {
  const { page, measure } = await open();
  cold.push(await measure(podium, "page", "300", "3"));
  // All have been warmed up by the time that they are measured.
  for (let again = 0; again < 4; again++) {
    warm.push(await measure(podium, "page", "300", "3"));
    read.push(await measure(podium, "read", "1000", "1"));
    parsed.push(await measure(jsYaml));
  }
  await page.close();
  // As the page does with its first example, while it is looked at.
  const other = await open();
  await other.measure(podium, "page", "3", "3");
  begun.push(await other.measure(podium, "page", "300", "3"));
  await other.page.close();
}
await browser.close();
const numbers = [...least("cold", cold), ...least("begun", begun), ...least("warm", warm), ...least("read", read), ...least("jsYaml", parsed)];
console.log(JSON.stringify(Object.fromEntries(numbers)));
