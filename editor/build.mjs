// Bundles the editor into the file that is named: `node build.mjs FILE`.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

await build({
  entryPoints: [fileURLToPath(new URL("src/main.js", import.meta.url))],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome120", "firefox120", "safari17"],
  logLevel: "warning",
});
