// Starts the page. The two links are written by Trunk, which alone knows the names of the files.
const address = (id) => document.getElementById(id).href;

// What a first visit does not call is a wasm module of its own (`cargo xtask split`). It comes with the first sign of a
// person, or in the moment in which something of it is called.
const rest = document.querySelector("meta[name=page-rest]")?.content;
let ahead;
const fetchAhead = async () => {
  ahead ??= await WebAssembly.compileStreaming(fetch(rest)).catch(() => undefined);
};
const atOnce = () => {
  const request = new XMLHttpRequest();
  request.open("GET", rest, false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  return new WebAssembly.Module(Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 255));
};
globalThis.podiumLoadRest = (first) => {
  new WebAssembly.Instance(ahead ?? atOnce(), { first });
};
if (rest) {
  for (const sign of ["pointerdown", "keydown", "focusin", "dragenter"]) {
    addEventListener(sign, fetchAhead, { once: true, capture: true });
  }
}

const { default: start } = await import(address("page-js"));
await start({ module_or_path: address("page-wasm") });
