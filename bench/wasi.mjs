// Runs podium-bench in WebAssembly: `node wasi.mjs FILE.wasm ARGUMENTS`. After what it prints itself comes one line
// of JSON with the processor's time, that of the compiler's threads included, and the memory.

import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [file, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", args: ["podium-bench", ...args], returnOnExit: true });
const module = await WebAssembly.compile(await readFile(file));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
const before = process.cpuUsage();
const begun = performance.now();
const code = wasi.start(instance);
const { user, system } = process.cpuUsage(before);
console.log(
	JSON.stringify({
		millis: performance.now() - begun,
		cpuMillis: (user + system) / 1e3,
		peakBytes: instance.exports.memory.buffer.byteLength,
	}),
);
process.exit(code);
