// Runs podium-bench in WebAssembly on Node: `node node.mjs FILE.wasm ARGUMENTS`. After what it prints itself comes one
// line of JSON with the processor's time and the memory. The first run is as one in a page that has just come: the
// engine's compiler works beside it, and goes on doing so for some runs more. The least of those counts: by then it is
// done.

import { readFile } from "node:fs/promises";
import { run } from "./wasi.mjs";

const RUNS = 6;
const MOST_MILLIS = 12_000;

const [file, ...args] = process.argv.slice(2);
const module = await WebAssembly.compile(await readFile(file));

async function measured() {
	const before = process.cpuUsage();
	const ran = await run(module, args);
	const { user, system } = process.cpuUsage(before);
	return { ...ran, cpuMillis: (user + system) / 1e3 };
}

const begun = performance.now();
const { cpuMillis: coldCpuMillis } = await measured();
let best = await measured();
for (let runs = 2; runs < RUNS && performance.now() - begun < MOST_MILLIS; runs++) {
	const again = await measured();
	if (again.cpuMillis < best.cpuMillis) best = again;
}
const { printed, code, peakBytes, cpuMillis } = best;
process.stdout.write(printed);
console.log(JSON.stringify({ cpuMillis, coldCpuMillis, peakBytes }));
process.exitCode = code;
