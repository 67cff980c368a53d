// The custom element `podium-editor`: CodeMirror in a shadow root. It knows no YAML: what is a key, what is wrong, what may stand
// somewhere, what can be folded and where something leads it asks its `host`, which the page sets before the first `show`:
//
//   host.tokens(from, to)   a Uint32Array of three numbers a piece: from, to, its class in TOKENS
//   host.complete(at)       { from, to, options: [{ label, insert, detail, type, field }] }, or null; field is the name of one, or null
//   host.hover(at)          { from, to, lines: [text], field }, or null; the first line is the title
//   host.meaning(field)     a promise of what the field means, or of null
//   host.lead(at)           whether something led there; the page goes there itself
//   host.format()           lays the text out anew
//   host.edited(file, text) a person has changed the text of a file
//   host.moved(at)          the cursor is elsewhere
//   host.focused(is)        the focus came or went
//   host.soon(work)         says that the page computes, and calls once that is drawn
//
// Places are counted in UTF-16 units. What was found stands in the page's own elements, children of this one, which the marks name
// by their slots: so the page draws findings as it does without this editor.
import { acceptCompletion, autocompletion, insertCompletionText, pickedCompletion, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { codeFolding, foldGutter, foldKeymap, foldService, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorSelection, EditorState, Prec, RangeSet, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration, EditorView, GutterMarker, ViewPlugin, WidgetType, drawSelection, dropCursor, gutterLineClass, highlightActiveLine,
  highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, placeholder, rectangularSelection, repositionTooltips,
  tooltips,
} from "@codemirror/view";
import { theme } from "./theme.js";

// In the order of `TokenKind` in src/manifest/tokens.rs.
const TOKENS = ["key", "string", "number", "boolean", "null", "comment", "anchor", "punctuation", "error"].map((name) =>
  Decoration.mark({ class: `t-${name}` }),
);
const MARKS = Object.fromEntries(
  ["error", "warning", "note"].map((severity) => [
    severity,
    { mark: Decoration.mark({ class: "mark", attributes: { "data-severity": severity } }), line: gutterClass(`line-${severity}`) },
  ]),
);
// A longer paste takes so long that the page first says that it has it: as in `src/app/paste.rs`.
const LONG = 300_000;
// With a mouse CodeMirror puts the cursor itself; with a finger the browser does, and says so a moment later. Were the text drawn
// anew in between, the cursor would go back to where it was. So long that is waited for, in milliseconds.
const SETTLES = 300;
const RELEASES = ["mouseup", "touchend", "pointercancel", "blur"];
const CHOSEN = Decoration.line({ class: "chosen" });

function gutterClass(name) {
  return new (class extends GutterMarker {
    elementClass = name;
  })();
}

// The text came from the page, which need not be told of it.
const fromPage = Annotation.define();
const setMarks = StateEffect.define();
const setTokens = StateEffect.define();

// A place for elements of the page.
class Slot extends WidgetType {
  constructor(name, block) {
    super();
    this.name = name;
    this.block = block;
  }
  eq(other) {
    return other.name === this.name && other.block === this.block;
  }
  toDOM(view) {
    const box = document.createElement(this.block ? "div" : "span");
    box.className = this.block ? "note" : "drift";
    const slot = box.appendChild(document.createElement("slot"));
    slot.name = this.name;
    slot.addEventListener("slotchange", () => view.requestMeasure());
    return box;
  }
  ignoreEvent() {
    return true;
  }
}

const clamp = (at, doc) => Math.max(0, Math.min(at, doc.length));
const nothing = { marks: Decoration.none, widgets: Decoration.none, lines: RangeSet.empty, chosen: Decoration.none, folds: [] };

// What the page has told of the text.
const told = StateField.define({
  create: () => nothing,
  update(value, transaction) {
    if (transaction.docChanged) {
      const { changes } = transaction;
      value = {
        marks: value.marks.map(changes),
        widgets: value.widgets.map(changes),
        lines: value.lines.map(changes),
        chosen: value.chosen.map(changes),
        folds: value.folds.map(([from, to]) => [changes.mapPos(from, 1), changes.mapPos(to, -1)]).filter(([from, to]) => from < to),
      };
    }
    for (const effect of transaction.effects) if (effect.is(setMarks)) value = read(effect.value, transaction.state.doc);
    return value;
  },
  provide: (field) => [
    EditorView.decorations.from(field, (value) => value.marks),
    EditorView.decorations.from(field, (value) => value.widgets),
    EditorView.decorations.from(field, (value) => value.chosen),
    gutterLineClass.from(field, (value) => value.lines),
  ],
});

function read({ marks, notes, drifts, folds, chosen }, doc) {
  const lines = new Map();
  const spans = [];
  for (const { from, to, severity } of marks) {
    const [start, end] = widened(clamp(from, doc), clamp(to, doc), doc);
    if (start < end) spans.push(MARKS[severity].mark.range(start, end));
    const line = doc.lineAt(clamp(from, doc)).from;
    const worst = ["error", "warning", "note"];
    if (!lines.has(line) || worst.indexOf(severity) < worst.indexOf(lines.get(line))) lines.set(line, severity);
  }
  const widget = (at, name, block) =>
    Decoration.widget({ widget: new Slot(name, block), block, side: block ? 2 : 1 }).range(doc.lineAt(clamp(at, doc)).to);
  const widgets = [
    ...drifts.map(({ at, slot }) => widget(at, slot, false)),
    ...notes.map(({ at, slot }) => widget(at, slot, true)),
  ];
  const shown = [];
  if (chosen) {
    const last = doc.lineAt(clamp(chosen.to, doc)).number;
    for (let number = doc.lineAt(clamp(chosen.from, doc)).number; number <= last; number += 1) shown.push(CHOSEN.range(doc.line(number).from));
  }
  const pairs = [];
  for (let at = 0; at < folds.length; at += 2) if (folds[at + 1] <= doc.length) pairs.push([folds[at], folds[at + 1]]);
  return {
    marks: Decoration.set(spans, true),
    widgets: Decoration.set(widgets, true),
    lines: RangeSet.of([...lines].map(([line, severity]) => MARKS[severity].line.range(line)), true),
    chosen: Decoration.set(shown, true),
    folds: pairs,
  };
}

// Only the first line of what is wrong is underlined, without its indentation; what is empty is widened so that there is something
// to see.
function widened(from, to, doc) {
  const line = doc.lineAt(from);
  to = Math.min(to, line.to);
  const blanks = doc.sliceString(from, to).search(/\S/);
  if (blanks > 0) from += blanks;
  if (from < to) return [from, to];
  return from < line.to ? [from, from + 1] : [Math.max(line.from, from - 1), from];
}

// The colours of what is seen. A key that is pressed only moves them; what they are now is asked for with the next frame.
const colours = (host) =>
  ViewPlugin.fromClass(
    class {
      constructor(view) {
        this.decorations = this.read(view);
      }
      read(view) {
        const { from, to } = view.viewport;
        const tokens = host().tokens(from, to);
        const ranges = [];
        const { length } = view.state.doc;
        for (let at = 0; at + 2 < tokens.length; at += 3) {
          if (tokens[at] < tokens[at + 1] && tokens[at + 1] <= length) ranges.push(TOKENS[tokens[at + 2]].range(tokens[at], tokens[at + 1]));
        }
        return Decoration.set(ranges, true);
      }
      update(update) {
        if (update.docChanged) this.decorations = this.decorations.map(update.changes);
        if (update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(setTokens)))) {
          this.decorations = this.read(update.view);
        } else if (update.docChanged || update.viewportChanged) {
          this.frame ??= requestAnimationFrame(() => {
            this.frame = undefined;
            if (!this.gone) update.view.dispatch({ effects: setTokens.of(null) });
          });
        }
      }
      destroy() {
        this.gone = true;
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );

// A new line begins as far in as the one before it, behind its dashes, and further behind a colon.
function newLine({ state, dispatch }) {
  const change = state.changeByRange((range) => {
    const line = state.doc.lineAt(range.from);
    const before = line.text.slice(0, range.from - line.from);
    const [lead] = before.match(/^ *(?:- +)*/);
    const deeper = /:\s*(?:#.*)?$/.test(before) ? 2 : 0;
    const insert = `\n${" ".repeat(lead.length + deeper)}`;
    return { changes: { from: range.from, to: range.to, insert }, range: EditorSelection.cursor(range.from + insert.length) };
  });
  dispatch(state.update(change, { scrollIntoView: true, userEvent: "input" }));
  return true;
}

function tab(view) {
  if (acceptCompletion(view)) return true;
  if (view.state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  view.dispatch(view.state.replaceSelection("  "), { userEvent: "input", scrollIntoView: true });
  return true;
}

// What a field means, as an element; null where nobody knows.
async function meaning(host, field) {
  const text = await host().meaning(field);
  if (!text) return null;
  const dom = document.createElement("p");
  dom.className = "meaning";
  dom.textContent = text;
  return dom;
}

const completions = (host) => (context) => {
  const { state, pos, explicit } = context;
  const before = state.doc.lineAt(pos).text.slice(0, pos - state.doc.lineAt(pos).from);
  // Unasked only where something was begun, or right behind a colon or a dash.
  if (!explicit && !/[\w.\/-]$|[:-] $/.test(before)) return null;
  const found = host().complete(pos);
  if (!found) return null;
  const options = found.options.map(({ label, insert, detail, type, field }, at) => ({
    label,
    detail,
    type,
    info: field ? () => meaning(host, field) : undefined,
    boost: 99 - at,
    apply(view, option, from, to) {
      view.dispatch({ ...insertCompletionText(view.state, insert, from, to), annotations: pickedCompletion.of(option) });
      if (/\s$/.test(insert)) startCompletion(view);
    },
  }));
  return { from: found.from, options, validFor: /^[\w.\/-]*$/ };
};

// What an offer means hangs below the list, above it where the list is above the line, and over the rest of it where there is no room.
function below(view, list, option, info, space) {
  const line = view.coordsAtPos(view.state.selection.main.head);
  const room = space.bottom - list.bottom >= info.bottom - info.top;
  const over = `top: ${option.bottom - list.top}px`;
  const place = line && list.bottom <= line.top + 1 ? "bottom: 100%" : room ? "top: 100%" : over;
  return { style: `left: 0; ${place}; max-width: ${space.right - list.left}px` };
}

const hovers = (host) =>
  hoverTooltip(
    (view, pos) => {
      const found = host().hover(pos);
      if (!found) return null;
      return {
        pos: found.from,
        end: found.to,
        above: true,
        create() {
          const dom = document.createElement("div");
          dom.className = "hover";
          for (const line of found.lines) dom.appendChild(document.createElement("p")).textContent = line;
          // It comes below the title, and the first time a little later than the rest.
          meaning(host, found.field).then((told) => {
            if (!told) return;
            dom.firstChild.after(told);
            repositionTooltips(view);
          });
          return { dom };
        },
      };
    },
    { hideOnChange: true, hoverTime: 350 },
  );

class PodiumEditor extends HTMLElement {
  host = {};
  phrases = {};
  label = "";
  hint = "";
  #states = new Map();
  #file;
  #dressing = new Compartment();
  // A button or a finger is down, or what it has done to the cursor is not yet read.
  #pressed = false;
  #finger = false;
  #settling;
  #entered = false;
  #waiting;
  // A line with the cursor that was in sight stays so when the element becomes lower.
  #height = 0;
  #lower = new ResizeObserver(() => {
    const [before, { view }] = [this.#height, this];
    this.#height = view?.scrollDOM.clientHeight ?? 0;
    if (!view?.hasFocus || this.#height >= before) return;
    const { head } = view.state.selection.main;
    const { top } = view.lineBlockAt(head);
    if (top >= view.scrollDOM.scrollTop && top < view.scrollDOM.scrollTop + before) {
      view.dispatch({ effects: EditorView.scrollIntoView(head) });
    }
  });

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
  }
  connectedCallback() {
    this.release = () => {
      if (!this.#pressed && !this.#entered) return;
      clearTimeout(this.#settling);
      if (this.#finger) [this.#pressed, this.#settling] = [true, setTimeout(this.settle, SETTLES)];
      else this.settle();
    };
    this.settle = () => {
      this.#pressed = false;
      if (this.#entered) this.host.focused(true);
      this.#entered = false;
      if (this.#waiting) this.mark(this.#waiting);
    };
    for (const kind of RELEASES) addEventListener(kind, this.release);
    this.#lower.observe(this);
  }
  disconnectedCallback() {
    for (const kind of RELEASES) removeEventListener(kind, this.release);
    clearTimeout(this.#settling);
    this.#lower.disconnect();
    this.view?.destroy();
    this.view = undefined;
  }
  get value() {
    return this.view?.state.doc.toString() ?? "";
  }
  focus() {
    this.view?.focus();
  }
  blur() {
    this.view?.contentDOM.blur();
  }

  // Shows a file with this text: what a person had done to it before can still be undone.
  show(file, text) {
    text = text.replace(/\r\n?/g, "\n");
    if (!this.view) {
      this.#file = file;
      this.view = new EditorView({ state: this.#state(text), root: this.shadowRoot, parent: this.shadowRoot });
      return;
    }
    if (file !== this.#file) {
      this.#states.set(this.#file, { state: this.view.state, scrolled: this.view.scrollSnapshot() });
      this.#file = file;
      const before = this.#states.get(file);
      this.view.setState(before?.state ?? this.#state(text));
      this.view.dispatch({ effects: before?.scrolled ?? EditorView.scrollIntoView(0, { y: "start" }) });
      this.dress();
    }
    const now = this.value;
    if (now === text) return;
    let from = 0;
    const most = Math.min(now.length, text.length);
    while (from < most && now.charCodeAt(from) === text.charCodeAt(from)) from += 1;
    let same = 0;
    while (same < most - from && now.charCodeAt(now.length - 1 - same) === text.charCodeAt(text.length - 1 - same)) same += 1;
    this.view.dispatch({
      changes: { from, to: now.length - same, insert: text.slice(from, text.length - same) },
      annotations: fromPage.of(true),
    });
    this.view.dispatch({ effects: setTokens.of(null) });
  }

  // Takes the words anew, after the language has changed.
  dress() {
    this.view?.dispatch({ effects: this.#dressing.reconfigure(this.#words()) });
  }

  // What the page tells of the text: marks, notes, drifts, folds, chosen. While a button or a finger is down nothing moves below it.
  mark(value) {
    if (!this.view) return;
    if (this.#pressed) {
      this.#waiting = value;
      return;
    }
    this.#waiting = undefined;
    const { view } = this;
    const { head } = view.state.selection.main;
    const top = () => view.lineBlockAt(Math.min(head, view.state.doc.length)).top - view.scrollDOM.scrollTop;
    const before = top();
    view.dispatch({ effects: setMarks.of(value) });
    // What stands at the cursor stays where it is.
    if (view.hasFocus || value.anchor) view.requestMeasure({ read: top, write: (now) => (view.scrollDOM.scrollTop += now - before) });
  }

  // Goes to a place; with the cursor, or only so that it is seen.
  reveal(from, to, withCursor) {
    const { view } = this;
    if (!view) return;
    [from, to] = [clamp(from, view.state.doc), clamp(to, view.state.doc)];
    view.dispatch({
      selection: withCursor ? { anchor: from, head: to } : undefined,
      effects: EditorView.scrollIntoView(from, { y: withCursor ? "center" : "nearest", yMargin: 40 }),
    });
    if (withCursor) view.focus();
  }

  // Puts the cursor where it was in the plain text area.
  select(from, to) {
    this.view?.dispatch({ selection: { anchor: clamp(from, this.view.state.doc), head: clamp(to, this.view.state.doc) } });
  }

  #words() {
    return [
      EditorState.phrases.of(this.phrases),
      // What scrolls has to be reached by the keyboard, and not every browser takes what is editable for that.
      EditorView.contentAttributes.of({ "aria-label": this.label, tabindex: "0" }),
      placeholder(this.hint),
    ];
  }

  #state(doc) {
    const host = () => this.host;
    const lead = (view, at) => host().lead(at);
    return EditorState.create({
      doc,
      extensions: [
        this.#dressing.of(this.#words()),
        theme,
        told,
        colours(host),
        lineNumbers(),
        highlightActiveLineGutter(),
        foldService.of((state, from, to) => {
          const found = state.field(told).folds.find(([start]) => start >= from && start <= to);
          return found ? { from: found[0], to: found[1] } : null;
        }),
        codeFolding(),
        foldGutter({ foldingChanged: (update) => update.startState.field(told).folds !== update.state.field(told).folds }),
        history(),
        drawSelection(),
        dropCursor(),
        rectangularSelection(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        search({ top: true }),
        indentUnit.of("  "),
        EditorState.tabSize.of(2),
        EditorState.allowMultipleSelections.of(true),
        // Ctrl leads; Alt adds a cursor.
        EditorView.clickAddsSelectionRange.of((event) => event.altKey && !event.shiftKey),
        tooltips({ position: "absolute", tooltipSpace: (view) => view.dom.getBoundingClientRect() }),
        autocompletion({ override: [completions(host)], icons: false, positionInfo: below }),
        hovers(host),
        Prec.high(
          keymap.of([
            { key: "Enter", run: newLine },
            { key: "Tab", run: tab, shift: indentLess },
            { key: "F12", run: (view) => lead(view, view.state.selection.main.head) },
            { key: "Shift-Alt-f", run: () => (host().format(), true) },
          ]),
        ),
        keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...searchKeymap, ...historyKeymap, ...foldKeymap]),
        EditorView.domEventObservers({
          pointerdown: ({ pointerType }) => {
            clearTimeout(this.#settling);
            [this.#pressed, this.#finger] = [true, pointerType !== "mouse"];
          },
        }),
        EditorView.domEventHandlers({
          mousedown: (event, view) => {
            if (event.button !== 0 || !(event.ctrlKey || event.metaKey) || event.altKey) return false;
            const at = view.posAtCoords(event);
            if (at === null || !lead(view, at)) return false;
            event.preventDefault();
            return true;
          },
          // What takes long is put in once the page has said so.
          paste: (event, view) => {
            const text = event.clipboardData?.getData("text/plain") ?? "";
            if (text.length < LONG) return false;
            event.preventDefault();
            const [file, then] = [this.#file, view.state];
            host().soon(() => {
              if (this.view === view && this.#file === file) {
                view.dispatch(view.state.replaceSelection(text), { userEvent: "input.paste", scrollIntoView: true });
                return;
              }
              // Another file is shown by now: the text goes into its own all the same.
              const left = this.#states.get(file) ?? { state: then };
              const { state } = left.state.update(left.state.replaceSelection(text), { userEvent: "input.paste" });
              this.#states.set(file, { ...left, state });
              host().edited(file, state.doc.toString());
            });
            return true;
          },
          // Files that are dropped are the page's.
          drop: (event) => event.dataTransfer?.files.length > 0,
          // What comes of the focus moves lines, so it waits until the button is up.
          focus: () => {
            this.#entered = true;
            if (!this.#pressed) this.release();
          },
          blur: () => {
            this.#entered = false;
            host().focused(false);
          },
        }),
        EditorView.updateListener.of((update) => {
          const own = update.transactions.some((transaction) => transaction.annotation(fromPage));
          if (update.docChanged && !own) host().edited(this.#file, update.state.doc.toString());
          if (update.docChanged || update.selectionSet) host().moved(update.state.selection.main.head);
        }),
      ],
    });
  }
}

customElements.define("podium-editor", PodiumEditor);
