// A session given away: the link holds the whole of it, opens at the same moment, and costs nobody what they had.
import { readFileSync } from "node:fs";
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, kubectl, narration, paste, text, toTheEnd } from "../person.mjs";

const deployment = text("src/session/examples/web.yaml");
const secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\nstringData:\n  password: swordfish\n";

const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("podium.session")));
const give = async (page) => {
  await page.locator("[data-act=give]").click();
  const field = page.locator(".give-link input");
  await expect(field).toHaveValue(/#podium1=/);
  return field.inputValue();
};

test("a link opens the whole session at the same moment, on a phone as well", async ({ page, browser }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  await kubectl(page, "apply -f web.yaml");
  await toTheEnd(page);
  await kubectl(page, "scale deploy myapp-deployment -n myapp-ns --replicas=1");
  await toTheEnd(page);
  for (let step = 0; step < 3; step += 1) await page.locator("[data-act=step-back]").click();
  await page.keyboard.press("5");
  const [count, said] = [await page.locator(".count").textContent(), await narration(page).textContent()];
  const link = await give(page);
  await expect(page.locator(".give-code path")).toHaveAttribute("d", /^M/);
  await expect.poll(async () => (await kept(page)).view).toBe("cluster");
  const sent = await kept(page);

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en-US" });
  const other = await phone.newPage();
  await other.goto(link);
  await expect(other.locator(".notice")).toContainText("This session came with the link");
  await expect.poll(() => kept(other)).toEqual(sent);
  await expect(other.locator(".count")).toHaveText(count);
  await expect(narration(other)).toHaveText(said);
  // The address is the page's own again, so to load it anew goes on with what was changed since.
  await expect.poll(() => other.evaluate(() => location.hash)).toBe("");
  await phone.close();
});

test("opening a link costs nobody what they had, and a broken one opens nothing", async ({ page, context }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  const link = await give(page);
  await page.keyboard.press("Escape");
  await paste(page, "# my own work\n");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("my own work");

  await page.evaluate((hash) => location.assign(hash), link.slice(link.indexOf("#")));
  await expectText(page, deployment);
  await page.locator(".notice").getByRole("button", { name: "Back to yours" }).click();
  await expectText(page, "# my own work\n");
  // What the link opened is among what was before, and can be opened again.
  await page.keyboard.press("Escape");
  await page.locator("[data-act=give]").click();
  await page.locator(".give-earlier button").first().click();
  await expectText(page, deployment);

  await page.evaluate((hash) => location.assign(hash), "#podium1=AAAA");
  await expect(page.locator(".notice")).toContainText("The link cannot be read");
  await expectText(page, deployment);
  await context.close();
});

test("data of Secrets are masked in what is given away, and files come out whole", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, secret);
  await kubectl(page, "create secret generic other --from-literal=pin=swordfish");
  await page.locator("[data-act=give]").click();
  await expect(page.locator(".give")).toContainText("Data of Secrets is masked");
  const saved = async (name) => {
    const coming = page.waitForEvent("download");
    await page.locator(`[data-act=${name}]`).click();
    const download = await coming;
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
  };
  const session = await saved("save-session");
  expect(session.name).toBe("podium.json");
  expect(session.text).not.toContain("swordfish");
  expect(JSON.parse(session.text).files[0].text).toContain('password: "***"');
  expect((await saved("save-picture")).text).toMatch(/^<svg [^]*<\/svg>\s*$/);
  expect((await saved("save-script")).text).toContain("kubectl create secret generic other --from-literal=pin=***\n");
  expect((await saved("save-transcript")).text).toContain("$ kubectl create secret generic other");
  expect(await saved("save-manifests")).toEqual({ name: "new.yaml", text: secret.replace("swordfish", '"***"') });
});
