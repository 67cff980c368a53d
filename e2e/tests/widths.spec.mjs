// Texts are measured in the library, by tables of the bundled fonts: they are what a browser measures.
import { expect, open, test } from "../page.mjs";

test("a text is as wide as the library takes it to be, and never wider", async ({ page }) => {
  await open(page);
  const samples = process.env.PODIUM_WIDTHS.split("\n").map((line) => line.split("\t"));
  const measured = await page.evaluate(async (samples) => {
    await document.fonts.ready;
    const svg = document.querySelector("svg.scene");
    const text = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "text"));
    // A bundled font is loaded when a text first wants it.
    for (const [type] of samples) text.setAttribute("class", type), text.append("a");
    await Promise.all([...document.fonts].map((font) => font.load()));
    const widths = samples.map(([type, , sample]) => {
      text.setAttribute("class", type);
      text.setAttribute("xml:space", "preserve");
      text.textContent = sample;
      return text.getComputedTextLength();
    });
    text.remove();
    return widths;
  }, samples);
  expect(samples.length).toBeGreaterThan(100);
  // Letters may move closer together than the tables say, and the system's Hangul is a little under an em.
  const least = (sample) => (/\p{Script=Hangul}/u.test(sample) ? 0.85 : 0.93);
  const off = samples
    .map(([type, width, sample], at) => ({ type, sample, library: Number(width), browser: measured[at] }))
    .filter(({ sample, library, browser }) => browser > library + 0.5 || browser < library * least(sample));
  expect(off).toEqual([]);
});
