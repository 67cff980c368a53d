// Runs podium-bench in WebAssembly on Node: `node node.mjs FILE.wasm ARGUMENTS`. After what it prints itself comes one
// line of JSON with the processor's time and the memory. It runs twice: the first time the compiler's threads work too,
// as in a page that has just come; the second time counts.

import { readFile } from "node:fs/promises";
import { run } from "./wasi.mjs";

const [file, ...args] = process.argv.slice(2);
const module = await WebAssembly.compile(await readFile(file));

async function measured() {
	const before = process.cpuUsage();
	const ran = await run(module, args);
	const { user, system } = process.cpuUsage(before);
	return { ...ran, cpuMillis: (user + system) / 1e3 };
}

const { cpuMillis: coldCpuMillis } = await measured();
const { printed, code, peakBytes, cpuMillis } = await measured();
process.stdout.write(printed);
console.log(JSON.stringify({ cpuMillis, coldCpuMillis, peakBytes }));
process.exitCode = code;
