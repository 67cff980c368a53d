// A server as `kubectl proxy --www=dist --www-prefix=/podium/` is one: the page under a prefix, and the API of a cluster beside it.
// The cluster is one that was recorded (`live.json`: lists, and the changes that watches told after them). It can be lost and
// come back, and it plays its changes when it is told to.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const recorded = JSON.parse(readFileSync(new URL("live.json", import.meta.url), "utf8"));
const REFUSED = "/api/v1/configmaps";

const status = (code, reason, message) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", status: code < 300 ? "Success" : "Failure", reason, message, code });

// A text as a frame of a WebSocket.
const frame = (text) => {
  const body = Buffer.from(text);
  const length = body.length;
  const head = length < 126 ? [length] : length < 65536 ? [126, length >> 8, length & 255] : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => (length >> by) & 255)];
  return Buffer.concat([Buffer.from([0x81, ...head]), body]);
};

export const startCluster = async (page) => {
  const state = new Map(Object.entries(recorded.lists).map(([path, list]) => [path, structuredClone(list)]));
  const cluster = { pod: recorded.pod, asked: [], writes: [], isUp: true, failing: "" };
  const sockets = new Set();
  const timers = [];
  const find = (path, name) => state.get(path).items.findIndex((object) => object.metadata.name === name);
  const change = (path, event) => {
    const { items, metadata } = state.get(path);
    const at = find(path, event.object.metadata.name);
    if (at >= 0) items.splice(at, 1);
    if (event.type !== "DELETED") items.push(event.object);
    metadata.resourceVersion = event.object.metadata.resourceVersion;
    for (const socket of sockets) if (socket.path === path) socket.write(frame(JSON.stringify(event)));
  };
  cluster.play = (phase) => {
    for (const { t, path, event, phase: of } of recorded.changes) {
      if (of === phase) timers.push(setTimeout(() => change(path, event), t));
    }
  };
  cluster.lose = () => {
    cluster.isUp = false;
    for (const socket of sockets) socket.destroy();
  };
  cluster.comeBack = () => (cluster.isUp = true);

  const server = createServer(async (request, answer) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (pathname.startsWith("/podium/")) {
      const file = await fetch(new URL(pathname.slice("/podium/".length), page));
      answer.writeHead(file.status, { "content-type": file.headers.get("content-type") ?? "" });
      return answer.end(Buffer.from(await file.arrayBuffer()));
    }
    cluster.asked.push(`${request.method} ${request.url}`);
    if (!cluster.isUp) return request.socket.destroy();
    const send = (code, text) => answer.writeHead(code, { "content-type": "application/json" }).end(text);
    if (request.method !== "GET") {
      cluster.writes.push(`${request.method} ${pathname}`);
      const pod = state.get("/api/v1/pods").items[find("/api/v1/pods", pathname.split("/").pop())];
      cluster.play(1);
      return send(200, JSON.stringify(pod));
    }
    if (pathname === "/api") return send(200, JSON.stringify({ kind: "APIVersions", versions: ["v1"] }));
    if (pathname === cluster.failing) return send(500, status(500, "InternalError", "etcd is away"));
    if (pathname === REFUSED) return send(403, status(403, "Forbidden", "configmaps is forbidden"));
    if (state.has(pathname)) return send(200, JSON.stringify(state.get(pathname)));
    const [, of, name] = /^(.*)\/namespaces\/shop\/(.*)$/.exec(pathname) ?? [];
    const [plural, one] = (name ?? "").split("/");
    const list = state.get(`${of}/${plural}`);
    const object = list?.items.find(({ metadata }) => metadata.name === one);
    if (object) return send(200, JSON.stringify(object));
    return send(404, status(404, "NotFound", `${plural ?? pathname} "${one ?? searchParams}" not found`));
  });
  server.on("upgrade", (request, socket) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    cluster.asked.push(`WATCH ${request.url}`);
    if (!cluster.isUp || !state.has(pathname)) return socket.destroy();
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    // What was missed is not known any more, as after a compaction of etcd.
    const { resourceVersion } = state.get(pathname).metadata;
    if (searchParams.get("resourceVersion") !== resourceVersion) {
      const gone = { type: "ERROR", object: JSON.parse(status(410, "Expired", "too old resource version")) };
      return socket.end(Buffer.concat([frame(JSON.stringify(gone)), Buffer.from([0x88, 0])]));
    }
    sockets.add(Object.assign(socket, { path: pathname }));
    const mark = { type: "BOOKMARK", object: { kind: "Mark", apiVersion: "v1", metadata: { resourceVersion } } };
    socket.write(frame(JSON.stringify(mark)));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  cluster.address = `http://127.0.0.1:${server.address().port}/podium/`;
  cluster.end = () => {
    timers.forEach(clearTimeout);
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  };
  return cluster;
};
