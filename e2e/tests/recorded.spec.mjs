// What a real cluster did: dropped or pasted, played, compared with the simulation, and left again.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, open, test } from "../page.mjs";
import { emptyDesk, expectText, kubectl, narration, paste, shape, speak, text, toTheEnd } from "../person.mjs";

// The watch of a recording that comes with the project.
const recorded = (name) => {
  const archive = fileURLToPath(new URL(`../../tests/truth/${name}.tar.gz`, import.meta.url));
  const files = execFileSync("tar", ["-tzf", archive], { encoding: "utf8" }).split("\n");
  const watch = files.find((file) => file.endsWith("watch.jsonl"));
  return execFileSync("tar", ["-xzOf", archive, watch], { encoding: "utf8", maxBuffer: 1 << 26 });
};
// Its registry had no such image. With a tag that could be there the simulation pulls it, which is where they differ.
const rollout = recorded("21-bad-rollout").replaceAll("nginx:9.99", "nginx:1.26");
// What `kubectl get -o json` would have printed at the end of it.
const looked = (watch) => {
  const objects = new Map();
  for (const line of watch.trim().split("\n")) {
    const { type, object } = JSON.parse(line);
    const key = `${object.kind}/${object.metadata.name}`;
    if (type === "DELETED") objects.delete(key);
    else objects.set(key, object);
  }
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: [...objects.values()] }, null, 4);
};

// Drops files onto the page.
const drop = async (page, ...files) => {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  for (const kind of ["dragover", "drop"]) await page.dispatchEvent(".stage", kind, { dataTransfer: transfer });
};
const bar = (page) => page.locator(".recorded");
const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("podium.session")));

for (const [language, words] of [
  ["en", { first: "First difference from the simulation", apply: "go back first", back: "Go back" }],
  ["ko", { first: "시뮬레이션과 처음 달라지는 곳", apply: "먼저 돌아가세요", back: "돌아가기" }],
]) {
  test(`a watch is dropped, played, compared and left again (${language})`, { tag: language === "ko" ? "@long" : [] }, async ({ page }) => {
    await speak(page, language);
    await open(page);
    await emptyDesk(page);
    await paste(page, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: mine\n");
    await kubectl(page, "create namespace mine");
    await toTheEnd(page);
    await expect(shape(page, /mine/)).toBeVisible();
    await expect.poll(async () => (await kept(page)).branches[0].acts.length).toBeGreaterThan(1);
    await expect.poll(async () => (await kept(page)).branches[0].shown).toBeGreaterThan(0);
    // What was shown furthest is kept a moment after it was shown.
    let before = await kept(page);
    await expect
      .poll(async () => {
        const last = JSON.stringify(before);
        before = await kept(page);
        return JSON.stringify(before) === last;
      }, { intervals: [1_000] })
      .toBe(true);

    await drop(page, ["watch.jsonl", rollout]);
    await expect(bar(page)).toContainText("2026-11-23 18:37:3");
    await expect(shape(page, /mine/)).toHaveCount(0);
    await expect(bar(page)).toContainText(words.first);
    // What makes no sense in what has happened is away, with the reason.
    await expect(page.locator(".apply-bar")).toContainText(words.apply);
    await expect(page.locator("[data-act=apply], .terminal-line")).toHaveCount(0);
    await expect(page.locator(".tab:disabled")).toHaveCount(4);
    // It is told, and can be gone through.
    await toTheEnd(page);
    await expect(narration(page)).not.toBeEmpty();
    await expect(shape(page, /Deployment web/)).toBeVisible();

    await bar(page).locator("[data-act=go-there]").click();
    await expect(page.locator(".inspector")).toBeVisible();
    await expect(page.locator(".track-differs")).toHaveCount(1);
    // The session is kept as it was, and is there again.
    expect((await kept(page)).branches).toEqual(before.branches);
    await page.getByRole("button", { name: words.back }).first().click();
    await expect(bar(page)).toHaveCount(0);
    await expect(shape(page, /mine/)).toBeVisible();
    await expect.poll(() => kept(page)).toEqual(before);
    await expect(page.locator("[data-act=apply]")).toBeVisible();
  });
}

test("a reload plays a recording on, and its session is still there", { tag: "@long" }, async ({ page }) => {
  await speak(page, "en");
  await open(page);
  await emptyDesk(page);
  await drop(page, ["watch.jsonl", rollout]);
  await expect(bar(page)).toBeVisible();
  await toTheEnd(page);
  const clock = await page.locator(".clock").textContent();
  await page.reload();
  await expect(bar(page)).toBeVisible();
  await expect(page.locator(".clock")).toHaveText(clock);
  await bar(page).locator("[data-act=go-back]").click();
  await expect(bar(page)).toHaveCount(0);
  await expect(narration(page)).toContainText("Nothing has been applied yet");
  await page.reload();
  await expect(narration(page)).toContainText("Nothing has been applied yet");
  await expect(bar(page)).toHaveCount(0);
});

test("what kubectl printed is offered to be played where it is pasted, and stays in the text", { tag: "@long" }, async ({ page }) => {
  await speak(page, "en");
  await open(page);
  await emptyDesk(page);
  const look = looked(rollout);
  await paste(page, look);
  await expect(page.locator(".recorded-offer")).toContainText("This is what kubectl prints");
  await page.locator("[data-act=play-recorded]").click();
  await expect(bar(page)).toContainText("objects");
  await bar(page).locator(".recorded-about summary").first().click();
  await expect(bar(page)).toContainText("One look.");
  await toTheEnd(page);
  await expect(shape(page, /Deployment web/)).toBeVisible();
  await expectText(page, look);
  await bar(page).locator("[data-act=go-back]").click();
  await expectText(page, look);
  // A manifest is none.
  await paste(page, text("src/session/examples/web.yaml"));
  await expect(page.locator(".recorded-offer")).toHaveCount(0);
});

test("what is no recording says so, and changes nothing", { tag: "@long" }, async ({ page }) => {
  await speak(page, "en");
  await open(page);
  await emptyDesk(page);
  const notice = page.locator(".notice");
  for (const [name, text, said] of [
    ["empty.json", "", "There is nothing in it"],
    ["steps.jsonl", '{"t": 0, "cmd": "kubectl get po"}\n', "no object of Kubernetes"],
    ["watch.jsonl", `${rollout.split("\n")[0]}\n{"t":1,"type":}\n`, "line 2"],
    ["large.json", "x".repeat(21 * 1024 * 1024), "at most 20 MiB"],
  ]) {
    await drop(page, [name, text]);
    await expect(notice.filter({ hasText: said })).toBeVisible();
    await expect(bar(page)).toHaveCount(0);
  }
  // Of several files those are played that are one.
  await drop(page, ["watch.jsonl", rollout], ["steps.jsonl", '{"t": 0, "note": "x"}\n'], ["web.yaml", "kind: Pod\n"]);
  await expect(bar(page)).toBeVisible();
  await expectText(page, "kind: Pod\n");
});
