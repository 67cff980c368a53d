// Serves the page that another server has, with ears in it: what goes wrong there is kept in `heard`, because nobody can read a
// console over WebDriver. `/phone` is a page of the same origin with the page in a frame of a phone's size.
import { once } from "node:events";
import { createServer } from "node:http";

const ears = (language) => {
  globalThis.heard = [];
  // A machine may know no Korean locale, and the browser has no setting for it.
  Object.defineProperty(navigator, "languages", { get: () => [language] });
  const hear = (what) => globalThis.heard.push(what);
  // An error of a script has a message; that of a file which did not come is heard on its way down and has none.
  addEventListener("error", ({ message, target }) => hear(`error: ${message ?? target.href ?? target.src}`), true);
  addEventListener("unhandledrejection", ({ reason }) => hear(`unhandled rejection: ${reason}`));
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
    hear(`policy: ${violatedDirective} stopped ${blockedURI} (${sample})`),
  );
  const { error } = console;
  console.error = (...said) => {
    hear(`console: ${said.join(" ")}`);
    error.apply(console, said);
  };
};

const PHONE = `<!doctype html><title>phone</title><iframe src="./" width="390" height="844" frameborder="0"></iframe>`;

// Gives the address, the language that browsers ask for there, and a way to end it.
export const withEars = async (url) => {
  const house = { language: "ko-KR" };
  const answer = async (request, response) => {
    const send = (type, body, status = 200) => response.writeHead(status, { "content-type": type, "cache-control": "no-cache" }).end(body);
    if (request.url === "/ears.js") return send("text/javascript", `(${ears})(${JSON.stringify(house.language)});`);
    if (request.url === "/phone") return send("text/html", PHONE);
    const given = await fetch(new URL(request.url, url));
    const type = given.headers.get("content-type");
    if (!type.startsWith("text/html")) return send(type, Buffer.from(await given.arrayBuffer()), given.status);
    const page = await given.text();
    return send(type, page.replace("<head>", '<head><script src="ears.js"></script>'), given.status);
  };
  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy())).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => (server.close(), server.closeAllConnections());
  return Object.assign(house, { url: `http://127.0.0.1:${server.address().port}/`, close });
};
