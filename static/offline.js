// Keeps the page for a place without a network. With one, everything comes fresh, so nobody sees an old page for long.
const KEPT = "podium";
const LIST = "files.txt";

const install = async () => {
  const names = (await (await fetch(LIST, { cache: "no-cache" })).text()).trim().split("\n");
  const cache = await caches.open(KEPT);
  const wanted = new Set(["./", ...names].map((name) => new URL(name, registration.scope).href));
  for (const { url } of await cache.keys()) {
    if (wanted.has(url)) wanted.delete(url);
    else await cache.delete(url);
  }
  await cache.addAll([...wanted]);
  await skipWaiting();
};
addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const answer = async (request) => {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
};
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(registration.scope)) event.respondWith(answer(request));
});
