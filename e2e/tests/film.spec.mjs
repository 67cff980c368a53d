// A part of the run as a film: an animated GIF and a video, which say no more than the other exports.
import { expect, open, test } from "../page.mjs";
import { emptyDesk, kubectl, paste, saved, text } from "../person.mjs";

test.use({ locale: "en-US" });

// The frames of a GIF: where each lies, and for how many hundredths of a second it stays.
const frames = (file) => {
  const found = [];
  let [delay, at] = [0, 13 + 3 * 2 ** ((file[10] & 7) + 1)];
  const past = () => {
    while (file[at] !== 0) at += file[at] + 1;
    at += 1;
  };
  while (file[at] !== 0x3b) {
    if (file[at] === 0x21) {
      if (file[at + 1] === 0xf9) delay = file.readUInt16LE(at + 4);
      at += 2;
      past();
    } else {
      expect(file[at]).toBe(0x2c);
      found.push({ delay, box: [1, 3, 5, 7].map((place) => file.readUInt16LE(at + place)) });
      at += 11;
      past();
    }
  }
  return found;
};

const begin = async (page) => {
  await page.addInitScript(() => {
    // What is written on a canvas is not to be read back from its pixels.
    globalThis.written = new Set();
    const fillText = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
      globalThis.written.add(text);
      return fillText.call(this, text, ...more);
    };
  });
  await open(page);
  await emptyDesk(page);
  await paste(page, text("src/session/examples/myweb1-pod.yaml"));
  await kubectl(page, "apply -f web.yaml");
  await kubectl(page, "create secret generic other --from-literal=pin=swordfish");
  // In the view of the cluster messages are on their way.
  await page.keyboard.press("5");
  await page.keyboard.press("s");
  await expect(page.locator(".film-reels input")).toHaveCount(3);
};

test("a GIF plays what was done, by keyboard, and can be stopped", { tag: "@long" }, async ({ page }) => {
  await begin(page);
  await page.locator(".film-reels input[value=whole]").check();
  await expect(page.locator(".film-reels label").last()).toContainText(/\d+ s/);
  const make = page.locator("[data-act=save-gif]");
  await make.focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".film-done")).toBeVisible();
  await expect(make).toBeFocused();
  await expect(make).toHaveText("Stop");
  await page.keyboard.press("Enter");
  await expect(page.locator(".film-done")).toHaveCount(0);
  await page.locator(".film-reels input[value=chapter]").check();
  const { name, bytes: file } = await saved(page, async () => {
    await make.press("Enter");
    await expect(page.locator(".give [role=status]", { hasText: "podium.gif is saved" })).toBeVisible({ timeout: 40_000 });
  });
  expect(name).toBe("podium.gif");
  expect(file.subarray(0, 6).toString()).toBe("GIF89a");
  expect([file.readUInt16LE(6), file.readUInt16LE(8)]).toEqual([960, 540]);
  const all = frames(file);
  expect(all.length).toBeGreaterThan(5);
  // The last one stays, and what is the same in two frames is in one.
  expect(all.at(-1).delay).toBeGreaterThanOrEqual(200);
  expect(all.slice(1).some(({ box }) => box[2] < 960 || box[3] < 540)).toBe(true);
  const written = await page.evaluate(() => [...globalThis.written].join("\n"));
  expect(written).toContain("kubectl create secret generic other");
  expect(written).not.toContain("swordfish");
  // The browser decodes it: its first and its last frame differ.
  const decoded = await page.evaluate(async (data) => {
    const decoder = new ImageDecoder({ type: "image/gif", data: Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)) });
    await decoder.tracks.ready;
    const { frameCount } = decoder.tracks.selectedTrack;
    const sums = [];
    for (const frameIndex of [0, frameCount - 1]) {
      const { image } = await decoder.decode({ frameIndex });
      const on = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext("2d");
      on.drawImage(image, 0, 0);
      sums.push(on.getImageData(0, 0, image.displayWidth, image.displayHeight).data.reduce((sum, byte, at) => (sum * 31 + byte * at) % 1e9, 0));
    }
    return { frameCount, sums };
  }, file.toString("base64"));
  expect(decoded.frameCount).toBe(all.length);
  expect(decoded.sums[0]).not.toBe(decoded.sums[1]);
});

test("a video is recorded where the browser can, and where it cannot that is said", { tag: "@long" }, async ({ page, context }) => {
  await begin(page);
  await page.locator(".film-reels input[value=chapter]").check();
  const { name, bytes: file } = await saved(page, async () => {
    await page.locator("[data-act=save-video]").press("Enter");
    await expect(page.locator(".give [role=status]", { hasText: "being recorded" })).toBeVisible();
    await expect(page.locator(".give [role=status]", { hasText: "is saved" })).toBeVisible({ timeout: 40_000 });
  });
  expect(name).toMatch(/^podium\.(webm|mp4)$/);
  expect(file.length).toBeGreaterThan(5_000);
  const kind = name.endsWith("mp4") ? "video/mp4" : "video/webm";
  const plain = await context.newPage();
  const size = await plain.evaluate(
    ([kind, data]) =>
      new Promise((resolve, reject) => {
        const video = document.createElement("video");
        video.onloadeddata = () => resolve([video.videoWidth, video.videoHeight]);
        video.onerror = () => reject(new Error(video.error.message));
        video.src = `data:${kind};base64,${data}`;
      }),
    [kind, file.toString("base64")],
  );
  expect(size).toEqual([1600, 900]);

  const other = await context.newPage();
  await other.addInitScript(() => delete globalThis.MediaRecorder);
  await open(other);
  await other.locator("[data-act=give]").click();
  await expect(other.locator("[data-act=save-gif]")).toBeVisible();
  await expect(other.locator("[data-act=save-video]")).toHaveCount(0);
  await expect(other.locator(".give")).toContainText("does not record videos");
});
