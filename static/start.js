// Starts the page. The two links are written by Trunk, which alone knows the names of the files.
const address = (id) => document.getElementById(id).href;
const { default: start } = await import(address("page-js"));
await start({ module_or_path: address("page-wasm") });
