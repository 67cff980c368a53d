// WebKitGTK on a screen of its own, by the WebDriver protocol, which is HTTP and JSON.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

// Keys that are no letters, as the protocol writes them.
const KEYS = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  Shift: "\uE008",
  Control: "\uE009",
  Escape: "\uE00C",
  Space: " ",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  Delete: "\uE017",
};

export const rest = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Asks until the answer is the one, and gives it; else says what was expected and what was there.
export const until = async (what, ask, isIt, seconds = 60) => {
  const end = performance.now() + seconds * 1000;
  let last;
  do {
    last = await ask();
    if (isIt(last)) return last;
    await rest(60);
  } while (performance.now() < end);
  throw new Error(`${what}; after ${seconds} s there was ${JSON.stringify(last)?.slice(0, 600)}`);
};

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
};

// Begins a program that ends with this one.
const begin = (program, given, options) => {
  const child = spawn(program, given, options);
  const end = () => child.kill();
  process.once("exit", end);
  const ended = once(child, "exit").then(() => process.off("exit", end));
  child.on("error", () => {});
  return { child, end: () => (end(), ended) };
};

// A screen and a driver; `open` gives a browser that nobody has used before.
export const webkit = async ({ xvfb, driver, settings }) => {
  const screen = begin(xvfb, ["-displayfd", "3", "-screen", "0", "1800x1200x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [display] = await once(createInterface(screen.child.stdio[3]), "line");
  const port = await freePort();
  const env = { ...process.env, ...settings, DISPLAY: `:${display}`, LIBGL_ALWAYS_SOFTWARE: "1" };
  const server = begin(driver, [`--port=${port}`], { env, stdio: "ignore" });

  const call = async (method, path, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${method} ${path.replace(/^\/session\/[^/]+/, "")}: ${value.error}: ${value.message}`);
    return value;
  };
  await until("the driver answers", () => call("GET", "/status").catch((error) => error.message), (status) => status?.ready);

  const open = async () => {
    const { sessionId, capabilities } = await call("POST", "/session", { capabilities: {} });
    const ask = (method, path, body) => call(method, `/session/${sessionId}${path}`, body);
    return { ...page(ask), version: `${capabilities.browserName} ${capabilities.browserVersion}` };
  };
  return { open, close: () => Promise.all([server.end(), screen.end()]) };
};

// What can be done with a browser, in the page that it shows.
const page = (ask) => {
  // Runs a function there; what it is given and gives is JSON.
  const run = (what, ...args) => ask("POST", "/execute/sync", { script: `return (${what}).apply(null, arguments)`, args });
  const act = (actions) => ask("POST", "/actions", { actions });
  const keys = (actions) => act([{ type: "key", id: "keyboard", actions }]);
  const struck = (value) => [{ type: "keyDown", value }, { type: "keyUp", value }];
  const mouse = (x, y, ...actions) =>
    act([
      {
        type: "pointer",
        id: "mouse",
        parameters: { pointerType: "mouse" },
        actions: [{ type: "pointerMove", duration: 0, x: Math.round(x), y: Math.round(y) }, ...actions],
      },
    ]);
  return {
    run,
    goTo: (url) => ask("POST", "/url", { url }),
    reload: () => ask("POST", "/refresh", {}),
    // The window has a bar of its own above the page.
    sizeOfPage: async (width, height) => {
      await ask("POST", "/window/rect", { width, height });
      const [across, down] = await run(() => [innerWidth, innerHeight]);
      await ask("POST", "/window/rect", { width: 2 * width - across, height: 2 * height - down });
    },
    // Goes into a frame, or with nothing out of it.
    frame: async (selector) => {
      const id = selector ? await ask("POST", "/element", { using: "css selector", value: selector }) : null;
      await ask("POST", "/frame", { id });
    },
    // Presses keys one after the other; `Control+a` holds one.
    press: async (...names) => {
      for (const name of names) {
        const [key, ...held] = name.split("+").map((one) => KEYS[one] ?? one).toReversed();
        const down = held.map((value) => ({ type: "keyDown", value }));
        const up = held.map((value) => ({ type: "keyUp", value }));
        await keys([...down, ...struck(key), ...up]);
      }
    },
    type: (text) => keys([...text].flatMap((letter) => struck(letter === "\n" ? KEYS.Enter : letter))),
    move: (x, y) => mouse(x, y),
    clickAt: (x, y) => mouse(x, y, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }),
    // Chooses in a list, which the window system shows and not the page.
    choose: async (selector, place) => {
      const found = await ask("POST", "/elements", { using: "css selector", value: `${selector} option` });
      await ask("POST", `/element/${Object.values(found[place])[0]}/click`, {});
    },
    picture: async () => Buffer.from(await ask("GET", "/screenshot"), "base64"),
    close: () => ask("DELETE", ""),
  };
};
