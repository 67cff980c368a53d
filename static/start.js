// Starts the page. The two links are written by Trunk, which alone knows the names of the files.
const address = (id) => document.getElementById(id).href;

// What a first visit does not call is a wasm module of its own (`cargo xtask first-load`). It is fetched with the first sign of
// a person, or in the moment in which something of it is called.
const rest = document.querySelector("meta[name=page-rest]")?.content;
let fetching;
let ahead;
// The gallery and the second screen are pages of their own: an address that leads to one, or away from it, begins anew.
const ownPage = () => location.hash.match(/^#\/[a-z]+/)?.[0];
const firstPage = ownPage();
addEventListener("hashchange", () => ownPage() !== firstPage && location.reload());
// Without a network the page comes from what is kept of it, once somebody has used it.
const keepOffline = () => navigator.serviceWorker?.register("offline.js").catch(() => {});
// What only a person needs, such as what is wrong with a text, waits until it is there.
const tellRest = () => {
  if (document.documentElement.dataset.rest) return;
  document.documentElement.dataset.rest = "there";
  document.dispatchEvent(new Event("podium-rest"));
  goOn();
};
// What is pressed, chosen or typed before it is there waits for it, and the page says so: fetched in that moment it would hold all
// else, for seconds on a phone. What leads up to a press, or follows, would call for it as well, and is kept from the page.
const PRESSES = ["click", "submit", "keydown", "input", "change", "paste"];
const ASIDES = ["pointerdown", "pointermove", "pointerup", "pointercancel", "mousedown", "mousemove", "mouseup"].concat(
  ["touchstart", "touchmove", "touchend", "wheel", "focus", "blur", "focusin", "focusout", "keyup"],
);
let held = [];
let pressedAt;
const goOn = () => {
  const events = held;
  held = [];
  delete document.documentElement.dataset.waits;
  const focused = document.activeElement;
  if (focused && focused !== document.body) events.unshift([focused, new FocusEvent("focus")]);
  for (const [target, event] of events) {
    if (target.isConnected) target.dispatchEvent(event.type === "paste" ? event : new event.constructor(event.type, event));
  }
};
const hasModifier = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;
// What takes a text by itself: the same as in `src/app/paste.rs`.
const FIELDS = "textarea, select, input:not([type=range]), podium-editor, dialog";
// On the stage each key does something, and where commands are written the one that gives them. A button has its own Enter and Space,
// a range its arrows; letters are the page's wherever nothing is written.
const isPress = (event, target) => {
  const { type, key, shiftKey, isComposing } = event;
  if (type !== "keydown" || hasModifier(event) || target === document.body || target.closest?.(".scene")) return true;
  if (target.closest?.(FIELDS)) return key === "Enter" && !shiftKey && !isComposing && Boolean(target.closest(".terminal"));
  return key.length === 1 && key !== " ";
};
// What only the browser does, or does for a person alone: links, files, the whole screen, and keys with a modifier, but for the one
// that applies.
const isBrowsers = (event, target) => {
  if (hasModifier(event)) return event.key !== "Enter" || event.altKey;
  if (event.type === "paste") return Boolean(target.closest?.(FIELDS));
  if (event.type === "click") return Boolean(target.closest?.("a[href], input[type=file], [data-act=full-screen]"));
  return /^(Tab|Shift|f|F\d+|ContextMenu)$/.test(event.key);
};
const isEndOfDrag = ({ type, detail, clientX, clientY }) =>
  type === "click" && detail > 0 && pressedAt && Math.hypot(clientX - pressedAt.clientX, clientY - pressedAt.clientY) > 8;
// One that brings no text has nothing that could be held.
const isEmpty = ({ type, clipboardData }) => type === "paste" && !clipboardData?.getData("text/plain");
// A paste has its text only while it is heard. Firefox takes it by its type.
const kept = (event) => {
  const [clipboardData, dataType] = [new DataTransfer(), "text/plain"];
  const data = event.clipboardData.getData(dataType);
  clipboardData.setData(dataType, data);
  return new ClipboardEvent("paste", { clipboardData, dataType, data, bubbles: true });
};
const hold = (event) => {
  const [target] = event.composedPath();
  if (document.documentElement.dataset.rest) return;
  const isItsOwn = isBrowsers(event, target);
  // The page does nothing at such a key, but fill the screen, and nothing where a field takes what is pasted.
  const isHeard = event.type === "click" || (event.key === "f" && !hasModifier(event));
  if (isItsOwn && isHeard) return;
  event.stopImmediatePropagation();
  fetchAhead();
  if (isItsOwn) return;
  // Where something is written or chosen, the browser does its part now.
  const isWritten = event.type === "input" || event.type === "change";
  if (isEndOfDrag(event) || isEmpty(event) || !isPress(event, target)) return;
  if (!isWritten) event.preventDefault();
  // Who presses once more because nothing has happened yet has pressed once, and who pastes once more has pasted once.
  const isPaste = event.type === "paste";
  const isAgain = ([where, before]) => (isPaste || where === target) && before.type === event.type && before.key === event.key && hasModifier(before) === hasModifier(event);
  if (!held.some(isAgain)) held.push(isPaste ? [document.body, kept(event)] : [target, event]);
  if (!isWritten) document.documentElement.dataset.waits = "";
};
const keepFromPage = (event) => {
  if (document.documentElement.dataset.rest) return;
  if (event.type === "pointerdown") pressedAt = event;
  event.stopImmediatePropagation();
};
const fetchAhead = () => {
  fetching ??= WebAssembly.compileStreaming(fetch(rest))
    .then(
      (module) => (ahead = module),
      () => (fetching = undefined),
    )
    .then(tellRest);
};
// Whether somebody was here before: the page keeps its session under this name.
const isReturning = () => {
  try {
    return localStorage.getItem("podium.session") !== null;
  } catch {
    return false;
  }
};
const atOnce = () => {
  const request = new XMLHttpRequest();
  request.open("GET", rest, false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (!request.status.toString().startsWith("2")) throw new Error(`${rest}: ${request.status}`);
  const text = request.responseText;
  const bytes = new Uint8Array(text.length);
  // A loop, not `Uint8Array.from`: that makes a string of each of seven million characters, which takes most of a second.
  for (let place = 0; place < bytes.length; place += 1) bytes[place] = text.charCodeAt(place);
  return new WebAssembly.Module(bytes);
};
globalThis.podiumLoadRest = (first) => {
  try {
    const shared = Array.from({ length: first.shared.length }, (_, place) => [`f${place}`, first.shared.get(place)]);
    new WebAssembly.Instance(ahead ?? atOnce(), { first: { ...first, ...Object.fromEntries(shared) } });
    setTimeout(tellRest);
  } catch (error) {
    // A page without its second half cannot go on; what was typed is kept, so a reload loses nothing.
    if (!document.querySelector(".page-broken")) {
      document.body.append(document.getElementById("page-broken").content.cloneNode(true));
    }
    throw error;
  }
};
if (rest) {
  for (const sign of ["pointermove", "pointerdown", "keydown", "focusin", "dragenter"]) {
    addEventListener(sign, fetchAhead, { once: true, capture: true });
  }
  if (isReturning()) fetchAhead();
} else tellRest();
for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, keepOffline, { once: true, capture: true });

// The editor comes after the first picture: when somebody goes to it, else when the page rests after the first sign of a person.
// Without it, the plain text area stays.
const editor = document.querySelector("meta[name=page-editor]")?.content;
let composing = false;
const loadEditor = async () => {
  await import(new URL(editor, document.baseURI));
  // The page puts it in with what is in the rest.
  if (!document.documentElement.dataset.rest) await new Promise((done) => document.addEventListener("podium-rest", done, { once: true }));
  // A word that is being put together from its letters is not taken away from under the hand.
  while (composing) await new Promise((done) => addEventListener("compositionend", () => setTimeout(done), { once: true }));
  document.dispatchEvent(new Event("podium-editor"));
};
let editorComes;
globalThis.podiumLoadEditor = () => (editorComes ??= loadEditor().catch(() => (editorComes = undefined)));
if (editor) {
  addEventListener("compositionstart", () => (composing = true), true);
  addEventListener("compositionend", () => (composing = false), true);
  const rest = globalThis.requestIdleCallback ?? ((then) => setTimeout(then, 500));
  for (const sign of ["pointerdown", "keydown", "focusin", "dragenter"]) {
    const seen = ({ target }) => {
      if (target?.closest?.(".editor")) globalThis.podiumLoadEditor();
      else rest(globalThis.podiumLoadEditor);
    };
    addEventListener(sign, seen, { once: true, capture: true });
  }
}

// After all that hear of a person above.
if (rest) {
  for (const press of PRESSES) addEventListener(press, hold, { capture: true });
  for (const sign of ASIDES) addEventListener(sign, keepFromPage, { capture: true, passive: true });
}

// Where the page is kept for a place without a network, the second half must be there when it is called: only what is asked for
// beside the page's own work comes from what is kept.
if (navigator.serviceWorker?.controller && fetching) await fetching;
const { default: start } = await import(address("page-js"));
await start({ module_or_path: address("page-wasm") });
