//! Between the custom element and the library: the element asks by the functions of its `host`, and is told by its methods.
//! Places are bytes here and UTF-16 units there.

use super::meanings::Meanings;
use super::reading::{Placed, Reading, severity_code};
use crate::app::words::Words;
use js_sys::{Array, Function, Object, Reflect, Uint32Array};
use podium::api::assist::{Hover, ItemKind, complete, hover};
use podium::manifest::{Span, Units, tokens};
use podium::msg;
use podium::schema::DefaultValue;
use podium::session::drift::Drift;
use podium::value::Str;
use podium::words::fields;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::Element;
use yew::Callback;

/// What the element says in its own panels: CodeMirror's English, and the message in its place.
const PHRASES: &[(&str, &str)] = &[
    ("Completions", msg!("editor.completions")),
    ("Control character", msg!("editor.control-character")),
    ("Find", msg!("editor.find")),
    ("Fold line", msg!("editor.fold-line")),
    ("Folded lines", msg!("editor.folded-lines")),
    ("Go to line", msg!("editor.go-to-line")),
    ("Replace", msg!("editor.replace")),
    ("Selection deleted", msg!("editor.selection-deleted")),
    ("Unfold line", msg!("editor.unfold-line")),
    ("Unfolded lines", msg!("editor.unfolded-lines")),
    ("all", msg!("editor.find-all")),
    ("by word", msg!("editor.by-word")),
    ("close", msg!("page.close")),
    ("current match", msg!("editor.current-match")),
    ("folded code", msg!("editor.folded-code")),
    ("go", msg!("editor.go")),
    ("match case", msg!("editor.match-case")),
    ("next", msg!("editor.next")),
    ("on line", msg!("editor.on-line")),
    ("previous", msg!("editor.previous")),
    ("regexp", msg!("editor.regexp")),
    ("replace", msg!("editor.replace-one")),
    ("replace all", msg!("editor.replace-all")),
    ("replaced $ matches", msg!("editor.replaced-matches")),
    ("replaced match on line $", msg!("editor.replaced-match")),
    ("to", msg!("editor.to-line")),
    ("unfold", msg!("editor.unfold")),
];

/// The bytes of a text as the units of the element.
pub(super) struct Places<'a> {
    text: &'a str,
    units: Units,
}

impl<'a> Places<'a> {
    pub(super) fn of(text: &'a str) -> Places<'a> {
        Places { text, units: Units::new(text) }
    }
    pub(super) fn unit(&self, byte: u32) -> JsValue {
        (self.units.unit(self.text, byte as usize) as f64).into()
    }
    fn byte(&self, unit: f64) -> usize {
        self.units.byte(self.text, unit as usize)
    }
    fn flat(&self, spans: &[Span]) -> Uint32Array {
        let places = spans.iter().flat_map(|span| [span.start, span.end]);
        let units: Vec<u32> = places.map(|byte| self.units.unit(self.text, byte as usize) as u32).collect();
        Uint32Array::from(units.as_slice())
    }
}

/// Whom the element asks now.
pub(super) struct Host {
    pub(super) reading: Reading,
    pub(super) words: Words,
    /// The file that is shown.
    pub(super) file: Str,
    /// A file, and its text from now on.
    pub(super) edited: Callback<(Str, Str)>,
    pub(super) moved: Callback<Option<usize>>,
    pub(super) lead: Callback<usize>,
    pub(super) format: Callback<()>,
    pub(super) focused: Callback<bool>,
    /// Calls what takes long, once the page has said that it computes.
    pub(super) soon: Callback<Function>,
}

/// What the element's functions need: whom they ask, and the text that it shows.
#[derive(Default)]
pub(super) struct Asked {
    host: RefCell<Option<Rc<Host>>>,
    text: RefCell<Str>,
    meanings: Rc<Meanings>,
}

impl Asked {
    pub(super) fn set(&self, host: Host) {
        self.host.replace(Some(Rc::new(host)));
    }
    /// The text that the element shows from now on.
    pub(super) fn shows(&self, text: &Str) {
        self.text.replace(text.clone());
    }
    fn now(&self) -> Option<(Rc<Host>, Str)> {
        Some((self.host.borrow().clone()?, self.text.borrow().clone()))
    }
    /// Gives the element its host.
    pub(super) fn answer(self: &Rc<Self>, element: &Element) {
        let host = Object::new();
        self.on(&host, "tokens", |_, text, from, to| tokens_between(text, from, to));
        self.on(&host, "complete", |host, text, at, _| completion(host, text, at));
        self.on(&host, "hover", |host, text, at, _| described(host, text, at));
        self.on(&host, "lead", |host, text, at, _| {
            let at = Places::of(text).byte(at);
            let leads = *host.reading.text() == *text && !host.reading.leads(at).is_empty();
            if leads {
                host.lead.emit(at);
            }
            leads.into()
        });
        self.on(&host, "format", |host, _, _, _| {
            host.format.emit(());
            JsValue::UNDEFINED
        });
        self.on(&host, "moved", |host, text, at, _| {
            host.moved.emit(Some(Places::of(text).byte(at)));
            JsValue::UNDEFINED
        });
        {
            let asked = self.clone();
            let closure = Closure::<dyn Fn(bool)>::new(move |is| {
                if let Some((host, _)) = asked.now() {
                    host.focused.emit(is);
                }
            });
            set(&host, "focused", &closure.into_js_value());
        }
        {
            let asked = self.clone();
            let closure = Closure::<dyn Fn(Function)>::new(move |work| {
                if let Some((host, _)) = asked.now() {
                    host.soon.emit(work);
                }
            });
            set(&host, "soon", &closure.into_js_value());
        }
        {
            let asked = self.clone();
            let closure = Closure::<dyn Fn(String) -> JsValue>::new(move |name: String| match asked.now() {
                Some((host, _)) => asked.meanings.ask(host.words.0, &name).into(),
                None => JsValue::NULL,
            });
            set(&host, "meaning", &closure.into_js_value());
        }
        let asked = self.clone();
        let closure = Closure::<dyn Fn(String, String)>::new(move |file: String, text: String| {
            let Some((host, _)) = asked.now() else { return };
            let (file, text) = (Str::from(file), Str::from(text));
            if file == host.file {
                asked.shows(&text);
            }
            host.edited.emit((file, text));
        });
        set(&host, "edited", &closure.into_js_value());
        set(element, "host", &host);
    }
    fn on(self: &Rc<Self>, host: &Object, name: &str, answer: fn(&Host, &Str, f64, f64) -> JsValue) {
        let asked = self.clone();
        let closure = Closure::<dyn Fn(f64, f64) -> JsValue>::new(move |from, to| match asked.now() {
            Some((host, text)) => answer(&host, &text, from, to),
            None => JsValue::NULL,
        });
        set(host, name, &closure.into_js_value());
    }
}

fn tokens_between(text: &str, from: f64, to: f64) -> JsValue {
    let places = Places::of(text);
    let mut flat = Vec::new();
    for token in tokens(text, Span::new(places.byte(from), places.byte(to))) {
        let unit = |byte: u32| places.units.unit(text, byte as usize) as u32;
        flat.extend([unit(token.span.start), unit(token.span.end), token.kind as u32]);
    }
    Uint32Array::from(flat.as_slice()).into()
}

fn completion(host: &Host, text: &str, at: f64) -> JsValue {
    let places = Places::of(text);
    let Some(found) = complete(text, places.byte(at), host.reading.index()) else { return JsValue::NULL };
    let options = found.items.iter().map(|item| {
        let kind = match item.kind {
            ItemKind::Required => Some(msg!("editor.required")),
            ItemKind::Default => Some(msg!("editor.default")),
            ItemKind::Field | ItemKind::Value | ItemKind::Name => None,
        };
        let kind = kind.map(|kind| host.words.say(kind).to_string());
        let detail: Vec<&str> = [Some(item.detail.as_str()), kind.as_deref()]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        object(&[
            ("label", item.label.as_str().into()),
            ("insert", item.insert.as_str().into()),
            ("detail", detail.join(", ").into()),
            (
                "field",
                item.field.map_or(JsValue::NULL, |(owner, field)| fields::name(owner, field.name).into()),
            ),
        ])
    });
    object(&[
        ("from", places.unit(found.span.start)),
        ("to", places.unit(found.span.end)),
        ("options", options.collect::<Array>().into()),
    ])
}

fn described(host: &Host, text: &Str, at: f64) -> JsValue {
    let places = Places::of(text);
    let found =
        (*host.reading.text() == *text).then(|| hover(host.reading.read(), places.byte(at))).flatten();
    let Some(found) = found else { return JsValue::NULL };
    let lines = lines(host.words, &found).into_iter().map(JsValue::from).collect::<Array>();
    object(&[
        ("from", places.unit(found.span.start)),
        ("to", places.unit(found.span.end)),
        ("lines", lines.into()),
        ("field", fields::name(found.owner, found.field.name).into()),
    ])
}

/// What is told of a field: its way, its type, and what it is when it is absent.
fn lines(words: Words, found: &Hover) -> Vec<String> {
    let mut kind = found.field.ty.to_string();
    if let Some(format) = found.field.format() {
        kind = format!("{kind} ({format})");
    }
    let mut lines = vec![found.path.clone(), kind];
    let mut say = |id, values: Vec<&str>| {
        if !values.is_empty() {
            lines.push(words.with(id, &[("values", values.join(", ").into())]).to_string());
        }
    };
    say(msg!("editor.values"), found.field.enum_values.to_vec());
    let defaults = found.defaults.iter().map(|default| match default.value {
        DefaultValue::Json(json) => json,
        DefaultValue::SameAs(field) => field,
    });
    say(msg!("editor.defaults"), defaults.collect());
    if found.field.required {
        lines.push(words.say(msg!("editor.is-required")).to_string());
    }
    if found.field.deprecated {
        lines.push(words.say(msg!("editor.is-deprecated")).to_string());
    }
    lines
}

/// Gives the element its words.
pub(super) fn dress(element: &Element, words: Words, label: &str) {
    let phrases = Object::new();
    for (phrase, id) in PHRASES {
        set(&phrases, phrase, &words.say(id).as_str().into());
    }
    set(element, "phrases", &phrases);
    set(element, "label", &label.into());
    set(element, "hint", &super::empty(words).as_str().into());
    call(element, "dress", &[]);
}

/// What is known of a text.
pub(super) struct Marks<'a> {
    pub(super) placed: &'a [Placed<'a>],
    /// Whether what was found stands under its lines.
    pub(super) notes: bool,
    pub(super) drift: &'a [Drift],
    pub(super) folds: &'a [Span],
    pub(super) chosen: Option<Span>,
}

impl Marks<'_> {
    pub(super) fn to_js(&self, places: &Places, anchor: bool) -> JsValue {
        let span = |span: Span| [("from", places.unit(span.start)), ("to", places.unit(span.end))];
        let marks = self.placed.iter().map(|found| {
            let [from, to] = span(found.span);
            object(&[from, to, ("severity", severity_code(found.diagnostic.severity).into())])
        });
        let mut lines: Vec<&Placed> =
            self.placed.iter().filter(|found| self.notes && found.is_told()).collect();
        lines.sort_by_key(|found| found.line);
        lines.dedup_by_key(|found| found.line);
        let notes = lines.into_iter().map(|found| {
            object(&[("at", places.unit(found.span.start)), ("slot", format!("note-{}", found.line).into())])
        });
        let drifts = self.drift.iter().enumerate().map(|(at, drift)| {
            object(&[("at", places.unit(drift.span.start)), ("slot", format!("drift-{at}").into())])
        });
        object(&[
            ("marks", marks.collect::<Array>().into()),
            ("notes", notes.collect::<Array>().into()),
            ("drifts", drifts.collect::<Array>().into()),
            ("folds", places.flat(self.folds).into()),
            ("chosen", self.chosen.map_or(JsValue::NULL, |chosen| object(&span(chosen)))),
            ("anchor", anchor.into()),
        ])
    }
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        set(&object, key, value);
    }
    object.into()
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    // Our own objects and the element take every property.
    _ = Reflect::set(object, &key.into(), value);
}

/// Calls a method of the element. What goes wrong in it is on the console, and the text is the session's.
pub(super) fn call(element: &Element, method: &str, args: &[JsValue]) {
    let found =
        Reflect::get(element, &method.into()).ok().and_then(|found| found.dyn_into::<Function>().ok());
    if let Some(found) = found {
        let args: Array = args.iter().cloned().collect();
        _ = found.apply(element, &args);
    }
}

/// Whether the element's script is there.
pub(super) fn is_there() -> bool {
    let registry = Reflect::get(&gloo::utils::window(), &"customElements".into()).ok();
    let get = registry
        .as_ref()
        .and_then(|registry| Reflect::get(registry, &"get".into()).ok()?.dyn_into::<Function>().ok());
    let (Some(registry), Some(get)) = (registry, get) else { return false };
    get.call1(&registry, &"podium-editor".into()).is_ok_and(|found| found.is_function())
}
