// The gallery, for those who look through all of it.

// Opens it, and gives how many pictures there are.
export const openGallery = async (page) => {
  await page.goto(`${process.env.PODIUM_URL}#/gallery`);
  await page.locator(".gallery-picture").first().waitFor();
  return page.locator(".gallery-picture").count();
};

// Goes to a picture and waits until it is drawn; `whole` is with every seed of a comparison.
export const goTo = async (page, place, whole = false) => {
  const figure = page.locator(`.gallery-picture[data-place="${place}"]`);
  await figure.evaluate((element) => element.scrollIntoView({ block: "start", behavior: "instant" }));
  const drawn = whole ? "[data-whole]" : "[data-drawn]";
  // One whose run could not be played is told by its faults.
  await page.locator(`[data-place="${place}"][data-failed], [data-place="${place}"] ${drawn}`).waitFor({ state: "attached", timeout: 60_000 });
  return figure;
};

// Shows all in a theme and a language.
export const dress = async (page, theme, language) => {
  await page.locator("[data-act=theme]").selectOption(theme);
  await page.locator("[data-act=language]").selectOption(language);
};

// What of a picture is not fit to be seen, by the boxes that the browser has really drawn: a text over another, a caption cut off.
export const faultsOf = (figure) =>
  figure.evaluate((figure) => {
    const faults = [];
    if (figure.hasAttribute("data-failed")) faults.push("its run could not be played");
    const texts = [...figure.querySelectorAll(".scene text")].map((text) => {
      const { a, d, e, f } = text.getScreenCTM();
      const { x, width } = text.getBBox();
      const size = Number.parseFloat(getComputedStyle(text).fontSize);
      const base = Number(text.getAttribute("y"));
      // Letters reach so far above and below their line, as the library has it.
      const [top, bottom] = [base - size * 0.74, base + size * 0.2].map((y) => y * d + f);
      return { text: text.textContent.trim(), left: x * a + e, right: (x + width) * a + e, top, bottom };
    });
    for (const [place, one] of texts.entries()) {
      for (const other of texts.slice(place + 1)) {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (across > 1.5 && down > 1) faults.push(`"${one.text}" lies over "${other.text}"`);
      }
    }
    for (const element of figure.querySelectorAll("figcaption *, .stage-empty *, .stage-computing, .lane-name *, .differences *")) {
      const isCut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "auto";
      if (isCut && element.clientWidth > 0 && element.children.length === 0) faults.push(`"${element.textContent}" is cut off`);
    }
    if (!figure.querySelector(".scene > *, .stage-empty, .stage-computing, .lanes")) faults.push("nothing is drawn");
    return faults;
  });
