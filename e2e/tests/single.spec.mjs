// The page as one file: it opens from a disk, without a server and without a network, and does what the page does.
import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "../page.mjs";
import { emptyDesk, kubectl, paste, shape, text, toTheEnd } from "../person.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test("the single file opens from a disk and does everything there", async ({ page, context }, info) => {
  const file = info.outputPath("podium.html");
  execFileSync(process.execPath, [at("xtask/single.mjs"), at("dist"), file]);
  const asked = [];
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url())) asked.push(request.url());
  });
  await context.setOffline(true);
  const address = pathToFileURL(file).href;
  await page.goto(address);
  await expect(shape(page, /^Deployment/)).toHaveCount(1);
  await emptyDesk(page);
  await paste(page, text("src/session/examples/web.yaml"));
  expect((await kubectl(page, "apply -f web.yaml")).exit).toBe(0);
  await toTheEnd(page);
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(3);
  // What comes from files beside the page otherwise.
  await page.keyboard.press("?");
  await page.locator(".fidelity summary").click();
  await expect(page.locator(".fidelity-table tr").nth(20)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("apply -f");
  await page.reload();
  await expect(shape(page, /^Pod .*Running/)).toHaveCount(3);
  // Firefox does not tell that it reads the file itself.
  expect(asked.filter((asked) => asked !== address)).toEqual([]);
});
