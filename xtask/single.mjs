// Makes one HTML file of the finished page, which opens from a disk without a server: `node single.mjs DIST OUT`.
//
// The files lie in it as one packed text. What begins the page unpacks them and gives each an address of its own (a blob), under
// which the page's scripts, unchanged, find them. The policy stays strict: one script, known by its hash, and those addresses.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [dist, out] = process.argv.slice(2);
const TYPES = { js: "text/javascript", wasm: "application/wasm", css: "text/css", svg: "image/svg+xml", woff2: "font/woff2" };
const typeOf = (name) => TYPES[name.split(".").pop()] ?? "text/plain";
const dataUrl = (name) => `data:${typeOf(name)};base64,${readFileSync(join(dist, name)).toString("base64")}`;
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const page = readFileSync(join(dist, "index.html"), "utf8");
const address = (pattern) => page.match(pattern)?.[1].replace("./", "");
// Those that come later stand there from the beginning: a link to one would be no file of this origin.
const styles = [...page.matchAll(/<link rel="stylesheet" href="\.\/([^"]+)"/g)].map(([, name]) => name).concat("asks.css", "give.css", "lesson.css", "notes.css", "present.css", "recorded.css", "timeline.css", "writing.css");
const icon = address(/<link rel="icon" href="([^"]+)"/);
const start = address(/<script src="([^"]+)" type="module">/);
if (styles.length === 0 || !icon || !start) throw new Error(`${dist}/index.html is not the page that this knows`);

// What stands in the head already is not packed.
const apart = new Set([...styles, icon, "index.html", "podium.html", "offline.js", "manifest.webmanifest", "favicon.svg", "files.txt"]);
const names = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(join(dist, "/").length).replaceAll("\\", "/"))
  .filter((name) => !apart.has(name) && !name.startsWith("fonts/") && !name.startsWith("gallery/"))
  .sort();
const contents = names.map((name) => readFileSync(join(dist, name)));
const index = names.map((name, place) => [name, typeOf(name), contents[place].length]);
const packed = gzipSync(Buffer.concat(contents), { level: 9 }).toString("base64");

// Fonts go into the stylesheets: their addresses are relative to those.
const style = styles
  .map((name) => readFileSync(join(dist, name), "utf8").replace(/url\("?(fonts\/[^")]+)"?\)/g, (_, font) => `url(${dataUrl(font)})`))
  .join("\n");

const begin = `
const text = (id) => document.getElementById(id).textContent;
const packed = Uint8Array.from(atob(text("podium-files")), (character) => character.charCodeAt(0));
const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
const all = await new Response(unpacked).arrayBuffer();
const files = new Map();
let at = 0;
for (const [name, type, length] of JSON.parse(text("podium-index"))) {
  files.set(name, URL.createObjectURL(new Blob([all.slice(at, at + length)], { type })));
  at += length;
}
for (const id of ["podium-files", "podium-index"]) document.getElementById(id).remove();
for (const element of document.querySelectorAll("[data-file]")) {
  element[element.localName === "meta" ? "content" : "href"] = files.get(element.dataset.file);
}
const fetchElsewhere = globalThis.fetch.bind(globalThis);
globalThis.fetch = (asked, ...more) => {
  const name = new URL(asked.url ?? asked, document.baseURI).href.slice(new URL(".", document.baseURI).href.length);
  return fetchElsewhere(files.get(name) ?? asked, ...more);
};
// What comes later elsewhere stands here from the beginning: a link to a stylesheet leads nowhere.
const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (this.localName !== "link" || name !== "href") setAttribute.call(this, name, value);
};
await import(files.get(${JSON.stringify(start)}));
`;

const policy = [
  "default-src 'none'",
  `script-src ${hash(begin)} blob: 'wasm-unsafe-eval'`,
  `style-src ${hash(style)}`,
  "img-src data:",
  "font-src data:",
  "connect-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

let html = page
  .replace(/content="default-src[^"]*"/, `content="${policy}"`)
  .replace(/<link rel="manifest"[^>]*>\s*/, "")
  .replace(/<link rel="icon"[^>]*>/, `<link rel="icon" href="${dataUrl(icon)}">`)
  .replaceAll(/\s*<link rel="stylesheet"[^>]*>/g, "")
  .replace(/\s*<script src="[^"]+" type="module"><\/script>/, "")
  .replace(/<link id="page-js"[^>]*href="\.\/([^"]+)"[^>]*>/, '<link id="page-js" data-file="$1">')
  .replace(/<link id="page-wasm"[^>]*href="\.\/([^"]+)"[^>]*>/, '<link id="page-wasm" data-file="$1">')
  .replaceAll(/<meta name="(page-[a-z]+)" content="\.\/([^"]+)">/g, '<meta name="$1" data-file="$2">');
// As functions: a replacement text has signs of its own.
html = html.replace("</head>", () => `<style>${style}</style></head>`);
html = html.replace(
  "</body>",
  () =>
    `<script type="application/json" id="podium-index">${JSON.stringify(index)}</script>` +
    `<script type="text/plain" id="podium-files">${packed}</script>` +
    `<script type="module">${begin}</script></body>`,
);
writeFileSync(out, html);
console.log(`${out}: ${html.length} bytes`);
