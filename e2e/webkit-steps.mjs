// The steps of webkit.mjs, each in a browser that nobody has used before.
import { until } from "./webdriver.mjs";
import { attributes, click, count, emptyDesk, example, hasText, isDrawn, isQuiet, kubectl, leave, narration, open, paste, shapes, text, texts, toTheEnd } from "./webkit-person.mjs";

const web = text("src/session/examples/web.yaml");
const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27\n";
const HANGUL = /\p{Script=Hangul}/u;

const is = (what, found, wanted) => {
  const [there, expected] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (there !== expected) throw new Error(`${what}: ${expected} was expected, there was ${there}`);
};
const step = async (page) => Number((await count(page)).split("/")[0]);
const running = (page, pods) =>
  until(`${pods} Pods are Running`, () => shapes(page, /^Pod .*Running/), (all) => all.length === pods, 90);
const kept = (page) => page.run(() => localStorage.getItem("podium.session"));

const firstVisit = async ({ house, begin }) => {
  for (const [language, isSaidIn] of [
    ["ko-KR", (said) => HANGUL.test(said)],
    ["en-GB", (said) => said !== "" && !HANGUL.test(said)],
    // What is in no language of the page is answered in English.
    ["ja-JP", (said) => said !== "" && !HANGUL.test(said)],
  ]) {
    house.language = language;
    const page = await begin();
    await page.goTo(house.url);
    await isDrawn(page);
    const said = await until(`somebody who reads ${language} is told something`, () => narration(page), isSaidIn);
    const at = await step(page);
    await until("the page plays by itself", () => narration(page), (now) => now !== said && isSaidIn(now));
    await until("the playhead goes on", () => step(page), (now) => now > at);
    await running(page, 3);
    const asked = await page.run(() => performance.getEntriesByType("resource").map(({ name }) => name));
    is("a first visit has not asked for the rest", asked.filter((name) => /podium-rest-/.test(name)), []);
    const fonts = await page.run(() => Array.from(document.fonts).filter(({ status }) => status === "loaded").length);
    if (fonts === 0) throw new Error("a font of the page was expected to be there; none has been loaded");
    await isQuiet(page);
  }
};

const sameBytes = async ({ house, begin }) => {
  const page = await begin();
  const natively = process.env.PODIUM_DIGESTS.trim().split("\n").map((line) => line.split(" "));
  await open(page, house.url);
  for (const [id, , digest] of natively) {
    await example(page, id);
    const found = async () => {
      await page.press("End", "?");
      const [found] = await until("the help is there", () => attributes(page, ".help-run", "data-digest"), (all) => all.length > 0);
      await page.press("Escape");
      await until("the help is closed", () => texts(page, ".help-run"), (all) => all.length === 0);
      return found;
    };
    // On a slow machine it may still be recorded.
    await until(`the run of ${id} has the digest ${digest}`, found, (found) => found === digest, 30);
  }
  await isQuiet(page);
};

const views = async ({ house, begin }) => {
  for (const language of ["ko-KR", "en-GB"]) {
    house.language = language;
    const page = await begin();
    await open(page, house.url);
    await example(page, "drains");
    for (const place of [0, 1, 2, 3, 4, 5]) {
      await page.press(`${place + 1}`);
      const shown = await until("the view is chosen", () => attributes(page, ".tabs .tab", "aria-current"), (all) => all[place] === "page");
      is("one view is chosen", shown.filter((current) => current === "page").length, 1);
      const drawn = await until(
        `view ${place + 1} draws shapes and words`,
        () =>
          page.run(() => {
            const scene = document.querySelector(".scene");
            const { width, height } = scene?.getBBox() ?? { width: 0, height: 0 };
            const numbers = Array.from(scene?.querySelectorAll("*") ?? []).flatMap((shape) => Array.from(shape.attributes, ({ value }) => value));
            return { width, height, texts: scene?.querySelectorAll("text").length, wrong: numbers.filter((value) => /NaN|undefined/.test(value)) };
          }),
        ({ width, height, texts }) => width > 200 && height > 100 && texts > 3,
      );
      is(`what view ${place + 1} draws has numbers`, drawn.wrong, []);
    }
    await isQuiet(page);
  }
};

const editing = async ({ house, begin }) => {
  const page = await begin();
  await open(page, house.url);
  await emptyDesk(page);
  await paste(page, pod);
  // Keys go in where the cursor is, and those that move it do.
  await click(page, ".cm-line", "kind: Pod");
  await page.press("End", "Backspace", "Backspace", "Backspace");
  await page.type("Pdo");
  // What is done right after typing, where it was typed, is undone with it; a cursor that has moved keeps them apart.
  await page.press("Escape", "Home");
  await hasText(page, pod.replace("Pod", "Pdo"));
  await until("the mistake is marked", () => texts(page, ".mark[data-severity=error]"), (all) => all[0] === "Pdo");
  await leave(page);
  await until("what is wrong stands under its line", () => texts(page, ".cm-line:has(+ .note)"), (all) => all[0] === "kind: Pdo");
  await click(page, ".finding-fix");
  await hasText(page, pod);
  await until("nothing is wrong any more", () => texts(page, ".finding"), (all) => all.length === 0);
  await click(page, ".cm-content");
  await page.press("Control+z");
  await hasText(page, pod.replace("Pod", "Pdo"));
  await page.press("Control+Shift+z");
  await hasText(page, pod);
  // A new line is as far in as it must be, and what may stand there is offered.
  await page.press("Control+End");
  await page.type("    imageP");
  await until("it is offered", () => texts(page, ".cm-tooltip-autocomplete li"), (all) => all[0]?.includes("imagePullPolicy"));
  await click(page, ".cm-tooltip-autocomplete li", "imagePullPolicy");
  await until("what is taken is followed by what may be in it", () => texts(page, ".cm-tooltip-autocomplete li"), (all) => all[0]?.includes("Always"));
  await click(page, ".cm-tooltip-autocomplete li", "IfNotPresent");
  await hasText(page, `${pod}    imagePullPolicy: IfNotPresent`);

  await click(page, "[data-act=apply]");
  await until("it is applied", () => texts(page, ".terminal-command"), (all) => all.at(-1)?.includes("pod/web created"));
  await toTheEnd(page);
  await running(page, 1);
  const { exit, printed } = await kubectl(page, "get pods");
  is("kubectl get pods ends well", exit, 0);
  if (!/^web +1\/1 +Running/m.test(printed)) throw new Error(`a line for web was expected of kubectl get pods; there was ${printed}`);
  const refused = await kubectl(page, "delete pod nobody");
  is("kubectl delete of what is not there fails", refused.exit, 1);
  await isQuiet(page);
};

const moving = async ({ house, begin }) => {
  const page = await begin();
  await open(page, house.url);
  await emptyDesk(page);
  await paste(page, web);
  is("kubectl apply ends well", (await kubectl(page, "apply -f web.yaml")).exit, 0);
  await toTheEnd(page);
  await running(page, 3);
  await page.press("Home");
  await until("Home goes to the beginning", () => step(page), (at) => at < 2);
  const first = await step(page);
  await page.press("Space", "Space", "Space", "Space");
  await until("four presses of Space go four steps on", () => step(page), (at) => at === first + 4);
  await page.press("Shift+Space");
  await until("Shift and Space go a step back", () => step(page), (at) => at === first + 3);
  await click(page, "[data-act=step-forward]");
  await until("a click goes a step on", () => step(page), (at) => at === first + 4);
  await page.run(() => document.activeElement.blur());
  await page.press("ArrowRight");
  await until("an arrow goes to a shape", () => page.run(() => document.activeElement.closest(".scene [data-key]")?.dataset.key), Boolean);
  await page.press("Enter");
  await until("Enter opens what is chosen", () => texts(page, ".inspector"), (all) => all[0]?.length > 0);
  await page.press("Escape");
  await click(page, ".track-input");
  await until("a click on the bar goes there", () => step(page), (at) => at > first + 4);

  await toTheEnd(page);
  const names = async () => (await attributes(page, ".scene .opens[data-key^='pods/']", "data-key")).sort();
  const before = await names();
  for (const _ of [1, 2, 3, 4]) await click(page, "[data-act=step-back]");
  await until("the stage shows what was there then", () => shapes(page, /^Pod .*Running/), (all) => all.length < 3);
  await kubectl(page, "scale deploy myapp-deployment -n myapp-ns --replicas=1");
  await toTheEnd(page);
  await running(page, 1);
  is("there is a branch", (await texts(page, "[data-act=branches] option")).length, 2);
  await page.choose("[data-act=branches]", 0);
  await toTheEnd(page);
  is("the first run stays", await names(), before);
  await isQuiet(page);
};

const keeping = async ({ house, begin }) => {
  let page = await begin();
  await open(page, house.url);
  await emptyDesk(page);
  await paste(page, web);
  await kubectl(page, "apply -f web.yaml");
  await toTheEnd(page);
  await click(page, ".cm-content");
  await page.press("Control+End");
  await page.type("# typed last");
  await page.press("Escape");
  await click(page, ".terminal-line textarea");
  await page.type("kubectl delete po");
  for (const _ of [1, 2, 3]) await click(page, "[data-act=step-back]");
  await page.press("5");
  await until("what was typed is kept", () => kept(page), (session) => session?.includes("# typed last"));
  const [at, said] = [await count(page), await narration(page)];
  const isAsItWas = async (page) => {
    await until("the step is the same", () => count(page), (now) => now === at);
    is("what is told is the same", await narration(page), said);
    is("the view is the same", (await attributes(page, ".tabs .tab", "aria-current")).indexOf("page"), 4);
  };
  await isQuiet(page);
  await page.reload();
  await isAsItWas(page);
  await hasText(page, `${web}# typed last`);
  is("the command line has what was typed", await page.run(() => document.querySelector(".terminal-line textarea").value), "kubectl delete po");

  await click(page, "[data-act=give]");
  const link = await until("the link is made", () => page.run(() => document.querySelector(".give-link input")?.value), (link) => /#podium1=/.test(link));
  await until("its code is drawn", () => attributes(page, ".give-code path", "d"), ([path]) => path?.startsWith("M"));
  await isQuiet(page);
  page = await begin();
  await page.goTo(link);
  await isAsItWas(page);
  await until("it is said that this came by a link", () => texts(page, ".notice"), ([notice]) => HANGUL.test(notice));
  await isQuiet(page);
};

const onAPhone = async ({ house, begin }) => {
  for (const language of ["ko-KR", "en-GB"]) {
    house.language = language;
    const page = await begin();
    await page.goTo(`${house.url}phone`);
    await page.frame("iframe");
    await isDrawn(page);
    is("the frame is as large as a phone", await page.run(() => [innerWidth, innerHeight]), [390, 844]);
    const isNotWider = async (what) => {
      const wide = await page.run(() => {
        const scrolls = (element) => element && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
        const all = Array.from(document.querySelectorAll("body *:not(svg *, .visually-hidden)"));
        const wide = all.filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(element.parentElement));
        return [document.documentElement.scrollWidth - innerWidth, wide.map((element) => element.outerHTML.slice(0, 80))];
      });
      is(`nothing is wider than the screen (${what})`, wide, [0, []]);
    };
    await isNotWider("first visit");
    await running(page, 3);
    await until("one thing is asked of a person", () => texts(page, ".welcome .button-bold"), (all) => all.length === 1);
    await isNotWider("at the end");
    await click(page, ".welcome .button-bold");
    await until("a press of it deletes a Pod", () => shapes(page, /^Pod .*Terminating/), (all) => all.length > 0);
    await click(page, "[data-act=editor]");
    await until("the editor lies over the stage", () => texts(page, "[data-act=apply]"), (all) => all.length === 1);
    is("kubectl get pods ends well", (await kubectl(page, "get pods -A -o wide")).exit, 0);
    await isNotWider("with the editor");
    await isQuiet(page);
  }
};

const oneFile = async ({ begin, single }) => {
  const page = await begin();
  await page.goTo(single());
  await isDrawn(page);
  await emptyDesk(page);
  await paste(page, web);
  is("kubectl apply ends well", (await kubectl(page, "apply -f web.yaml")).exit, 0);
  await toTheEnd(page);
  await running(page, 3);
  await until("it is kept", () => kept(page), (session) => session?.includes("apply -f"));
  await page.reload();
  await running(page, 3);
};

export const steps = [
  { name: "a first visit draws and plays, and asks nothing of another origin", run: firstVisit },
  // Once its last compiler has come to the simulation, WebKitGTK 2.50.6 computes another run of `rollout-keeps` after `rollout-loses`,
  // and the right one where that compiler inlines nothing or does not optimise.
  { name: "every example has the run that it has natively, byte for byte", run: sameBytes, known: { at: /^the run of rollout-keeps /, why: "WebKit's compiler inlines wrongly" } },
  { name: "every example has that run where WebKit inlines nothing", run: sameBytes, settings: { JSC_useOMGInlining: "0" } },
  { name: "all six views draw, by their keys", run: views },
  { name: "the editor takes keys, marks a mistake and mends it; apply and kubectl answer", run: editing },
  { name: "steps, the way back, and a branch from the past", run: moving },
  { name: "a reload and a link come back to the same moment", run: keeping },
  { name: "a phone shows the stage and one button, and nothing is wider than its screen", run: onAPhone },
  { name: "the single file opens from a disk", run: oneFile },
];
