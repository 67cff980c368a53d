// The little of WASI that podium-bench needs, the same in Node and in Chromium: arguments, a clock and a place to print
// to. What it does not know it answers with EBADF, as for a file that is not there.

const BAD_FILE = 8;

class Exit {
	constructor(code) {
		this.code = code;
	}
}

// Runs a compiled module from its beginning and gives what it has printed. Instances of one module share its machine
// code: the first run is as cold as a page that has just come, a later one as warm as one that is in use.
export async function run(module, args) {
	let instance;
	let printed = "";
	const memory = () => new DataView(instance.exports.memory.buffer);
	const words = ["podium-bench", ...args].map((word) => new TextEncoder().encode(`${word}\0`));
	const known = {
		args_sizes_get(count, size) {
			memory().setUint32(count, words.length, true);
			memory().setUint32(
				size,
				words.reduce((sum, word) => sum + word.length, 0),
				true,
			);
			return 0;
		},
		args_get(places, bytes) {
			for (const [n, word] of words.entries()) {
				memory().setUint32(places + 4 * n, bytes, true);
				new Uint8Array(instance.exports.memory.buffer).set(word, bytes);
				bytes += word.length;
			}
			return 0;
		},
		environ_sizes_get(count, size) {
			memory().setUint32(count, 0, true);
			memory().setUint32(size, 0, true);
			return 0;
		},
		environ_get: () => 0,
		clock_time_get(_clock, _precision, at) {
			memory().setBigUint64(at, BigInt(Math.round(performance.now() * 1e6)), true);
			return 0;
		},
		fd_write(_file, parts, count, written) {
			let sum = 0;
			for (let n = 0; n < count; n++) {
				const [at, length] = [0, 4].map((of) => memory().getUint32(parts + 8 * n + of, true));
				printed += new TextDecoder().decode(new Uint8Array(instance.exports.memory.buffer, at, length));
				sum += length;
			}
			memory().setUint32(written, sum, true);
			return 0;
		},
		proc_exit(code) {
			throw new Exit(code);
		},
	};
	const imports = {};
	for (const { module: from, name } of WebAssembly.Module.imports(module)) {
		imports[from] ??= {};
		imports[from][name] = known[name] ?? (() => BAD_FILE);
	}
	instance = await WebAssembly.instantiate(module, imports);
	let code = 0;
	try {
		instance.exports._start();
	} catch (error) {
		if (!(error instanceof Exit)) throw error;
		code = error.code;
	}
	return { printed, code, peakBytes: instance.exports.memory.buffer.byteLength };
}
