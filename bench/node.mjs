// Runs podium-bench in WebAssembly on Node: `node node.mjs FILE.wasm ARGUMENTS`. After what it prints itself comes one
// line of JSON with the processor's time, that of the compiler's threads included, and the memory.

import { readFile } from "node:fs/promises";
import { run } from "./wasi.mjs";

const [file, ...args] = process.argv.slice(2);
const module = await WebAssembly.compile(await readFile(file));
const before = process.cpuUsage();
const begun = performance.now();
const { printed, code, peakBytes } = await run(module, args);
const { user, system } = process.cpuUsage(before);
process.stdout.write(printed);
console.log(JSON.stringify({ millis: performance.now() - begun, cpuMillis: (user + system) / 1e3, peakBytes }));
process.exitCode = code;
