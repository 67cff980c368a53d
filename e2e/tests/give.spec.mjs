// A session given away: the link holds the whole of it, opens at the same moment, and costs nobody what they had.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, kubectl, narration, paste, saved, shape, text, toTheEnd } from "../person.mjs";

const deployment = text("src/session/examples/web.yaml");
const secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\nstringData:\n  password: swordfish\n";

// A link of the first version of this writing, made when there was no other. It is never made anew.
const FIRST =
  "#podium1=7VTLbtswEPwVgmdJFhU_Gl4boChQFEUL9FL1QFNrmwhJESJtRzD8713K1iOJG_TYQ3gRxdmdWXFndaIiUF4sGFstE7puhJU7yvN-C57yXycqZLhuQgdulAbKT9QKg096hHXWCqNpQgM8YQgVTv2ExqvacnJgpX1UtuLkK4Z7JySU1kAQlQiCl5aQSMOJaYVzqfWlTdO0tFMKBPxs5HkAp-vWgA1vEFWToAvSSU91CNFiDdp3uSSqXNHSegeyO26QRknhObmLrx40yFA31xQjgtx9mZI8pyEkgHFaBOgTpuXGpZ8nv0xHxb6SuGRtg1AW72U4Sq9fbbfKPqVDwEiojNj2OGcZm2fFCLq6CVP1dJT4hhAnH_Ib_Rhb8QOag3qzof4g_9qA4dteXOvzOxhrTLt9LCpnl8ggmi2EsVR6PieDTWVtjLAV-vFxv0Z-HYl1S9INGSx7_p1Qv6uPtp-CeBD9fTH8u8PfHf6_ORwNOmihEyvYiL0OaM3age2M7-pK7Q3lDL0NYe_6f3WXEo0dKeqq_7tXVQMe95Stiuwuz_KMMaSTbo9DkVADpm5ahIv5J0WTfiYiQRrjUO3j54fvMT_Pivk8Y1k-K-YXBGkZy7uhvCFT_KNMcUumeC0ThxkgTnwszF9aN2bdL1E0n7FlBPFicZDZ6n6xKNgyv65zQg8Kjhi_U9CIRu5aev4D";
const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("podium.session")));
const give = async (page) => {
  await page.locator("[data-act=give]").click();
  const field = page.locator(".give-link input");
  await expect(field).toHaveValue(/#podium1=/);
  return field.inputValue();
};

test("a link and a frame open the whole session at the same moment, on a phone as well", async ({ page, browser, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
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
  // To the byte.
  const bytes = (page) => page.evaluate(() => localStorage.getItem("podium.session"));
  const sent = await bytes(page);
  await page.locator("[data-act=copy-embed]").click();
  await expect(page.locator("[data-act=copy-embed]")).toHaveText("복사했습니다");
  const frame = await page.evaluate(() => navigator.clipboard.readText());

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const other = await phone.newPage();
  await other.goto(link);
  await expect(other.locator(".notice")).toContainText("링크에 든 세션입니다");
  await expect.poll(() => bytes(other)).toBe(sent);
  await expect(other.locator(".count")).toHaveText(count);
  await expect(narration(other)).toHaveText(said);
  // The address is the page's own again, so to load it anew goes on with what was changed since.
  await expect.poll(() => other.evaluate(() => location.hash)).toBe("");
  await phone.close();

  const host = await context.newPage();
  await host.setContent(frame);
  const guest = host.frameLocator("iframe");
  await expect(guest.locator(".narration")).toHaveText(said);
  await expect(guest.locator(".count")).toHaveText(count);
  await page.locator("[data-act=copy-embed-play]").click();
  await expect(page.locator("[data-act=copy-embed-play]")).toHaveText("복사했습니다");
  await host.setContent(await page.evaluate(() => navigator.clipboard.readText()));
  await expect(guest.locator(".play")).toHaveAttribute("data-playing", "true");
  await host.close();
  expect(await bytes(page), "what a frame shows is not kept").toBe(sent);

  // Where the browser lets no page copy, the text is chosen for a hand to copy.
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"));
  });
  await page.locator("[data-act=copy-embed]").click();
  await expect(page.locator(".give-link input")).toHaveValue(frame);
  await expect(page.locator(".give-link + [role=status]")).toContainText("Ctrl+C");
});

test("opening a link costs nobody what they had, and a broken one opens nothing", async ({ page, browser, context }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  const link = await give(page);
  await page.keyboard.press("Escape");
  await paste(page, "# my own work\n");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("my own work");

  await page.evaluate((hash) => location.assign(hash), link.slice(link.indexOf("#")));
  await expectText(page, deployment);
  await page.locator(".notice").getByRole("button", { name: "내 것으로 돌아가기" }).click();
  await expectText(page, "# my own work\n");
  // What the link opened is among what was before, and can be opened again.
  await page.keyboard.press("Escape");
  await page.locator("[data-act=give]").click();
  await page.locator(".give-earlier button").first().click();
  await expectText(page, deployment);

  await page.evaluate((hash) => location.assign(hash), "#podium1=AAAA");
  await expect(page.locator(".notice", { hasText: "링크를 읽을 수 없습니다" })).toBeVisible();
  await expectText(page, deployment);
  await context.close();

  // Who comes for the first time by a broken one sees what everybody sees first.
  const elsewhere = await browser.newContext({ locale: "ko-KR" });
  const other = await elsewhere.newPage();
  await other.goto(`${process.env.PODIUM_URL}#podium1=AAAA`);
  await expect(other.locator(".notice", { hasText: "링크를 읽을 수 없습니다" })).toBeVisible();
  await expect(shape(other, /^Deployment /)).toBeVisible();
  await elsewhere.close();
});

test("data of Secrets are masked in what is given away, and files come out whole", async ({ page }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, secret);
  await kubectl(page, "create secret generic other --from-literal=pin=swordfish");
  // The view of the cluster has the command that was given last in words.
  await page.keyboard.press("5");
  await page.locator("[data-act=give]").click();
  await expect(page.locator(".give")).toContainText("Secret의 데이터는");
  const save = async (act) => {
    const { name, bytes } = await saved(page, () => page.locator(`[data-act=${act}]`).click());
    return { name, text: bytes.toString() };
  };
  const session = await save("save-session");
  expect(session.name).toBe("podium.json");
  expect(session.text).not.toContain("swordfish");
  expect(JSON.parse(session.text).files[0].text).toContain('password: "***"');
  const picture = (await save("save-picture")).text;
  expect(picture).toMatch(/^<svg [^]*<\/svg>\s*$/);
  expect(picture).not.toContain("swordfish");
  expect((await save("save-script")).text).toContain("kubectl create secret generic other --from-literal=pin=***\n");
  const transcript = (await save("save-transcript")).text;
  expect(transcript).toContain("$ kubectl create secret generic other");
  expect(transcript).not.toContain("swordfish");
  expect(transcript).not.toContain("Store.Create");
  const handout = (await save("save-handout")).text;
  expect(handout.match(/<figure>\n<svg /g).length).toBeGreaterThan(0);
  expect(handout).toContain("<pre>$ kubectl create secret generic other --from-literal=pin=***</pre>");
  expect(handout).not.toContain("swordfish");
  expect(await save("save-manifests")).toEqual({ name: "web.yaml", text: secret.replace("swordfish", '"***"') });
});

test("the transcript and the hand-out tell as deep as the page does, and with the script they hold what was broken", async ({ page }) => {
  await open(page);
  await toTheEnd(page);
  await page.locator("summary", { hasText: "고장 내기" }).click();
  await page.locator("[data-act=fault]", { hasText: "systemctl stop kubelet" }).first().click();
  await expect(narration(page)).toContainText("응답하지 않습니다");
  await page.locator("[data-act=deep]").click();
  await page.locator("[data-act=give]").click();
  for (const [name, told] of [
    ["save-transcript", "**replicaset-controller** `manageReplicas` `spec.replicas`"],
    ["save-transcript", "\n```\nnode-1 # systemctl stop kubelet\n```\n"],
    ["save-text", "\n  replicaset-controller manageReplicas spec.replicas\n"],
    ["save-text", "\n\nnode-1 # systemctl stop kubelet\n"],
    ["save-handout", "<pre>node-1 # systemctl stop kubelet</pre>"],
    ["save-script", "\n# node-1: systemctl stop kubelet\n"],
    ["save-handout", "<b>replicaset-controller</b> <code>manageReplicas</code> <code>spec.replicas</code>"],
  ]) {
    const { bytes } = await saved(page, () => page.locator(`[data-act=${name}]`).click());
    expect(bytes.toString()).toContain(told);
  }
});

test("a picture is the stage in its theme, drawn by the browser, and says no more than the other one", { tag: "@long" }, async ({ page, context }) => {
  await page.addInitScript(() => {
    // What is written on a canvas is not to be read back from its pixels.
    globalThis.written = [];
    const fillText = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
      globalThis.written.push(text);
      return fillText.call(this, text, ...more);
    };
  });
  await open(page);
  await emptyDesk(page);
  await paste(page, deployment);
  await kubectl(page, "apply -f web.yaml");
  await kubectl(page, "create secret generic other --from-literal=pin=swordfish");
  await page.keyboard.press("5");
  await page.locator("[data-act=give]").click();
  await page.locator("[data-act=save-image]").focus();
  const { name, bytes: file } = await saved(page, () => page.keyboard.press("Enter"));
  expect(name).toBe("podium.png");
  expect([file.readUInt32BE(16), file.readUInt32BE(20)]).toEqual([3200, 1800]);
  const written = await page.evaluate(() => globalThis.written.join("\n"));
  expect(written).toContain("kube-scheduler");
  expect(written).not.toContain("swordfish");
  // Its ground is the theme's, and there is more on it than that. A page without a policy decodes it.
  const plain = await context.newPage();
  const colours = await plain.evaluate(async (data) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const on = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    on.drawImage(bitmap, 0, 0);
    const { data: pixels } = on.getImageData(0, 0, bitmap.width, bitmap.height);
    const counts = new Map();
    for (let at = 0; at < pixels.length; at += 4) {
      const colour = pixels.slice(at, at + 3).join(" ");
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return { most: [...counts].sort((a, b) => b[1] - a[1])[0][0], kinds: counts.size };
  }, file.toString("base64"));
  expect(colours.most).toMatch(/^246 245 241$|^255 255 255$/);
  expect(colours.kinds).toBeGreaterThan(60);
});

test("a frame in another page shows the moment and touches nothing that is kept", { tag: "@long" }, async ({ page, context }) => {
  await open(page);
  await emptyDesk(page);
  await paste(page, "# my own work\n");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("podium.session"))).toContain("my own work");
  const guest = await context.newPage();
  await guest.goto(`?embed=play${FIRST}`);
  await expect(shape(guest, /^Deployment/)).toHaveCount(1);
  await expect(guest.locator(".bar")).toBeHidden();
  await expect(shape(guest, /^Pod .*Running/)).toHaveCount(3, { timeout: 30_000 });
  expect(await page.evaluate(() => localStorage.getItem("podium.session"))).toContain("my own work");
});

test("a link that was made long ago still opens", async ({ page }) => {
  await open(page, FIRST);
  await expect(shape(page, /^Deployment/)).toHaveCount(1);
});
