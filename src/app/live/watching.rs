//! The watch of a cluster: what there is is listed once, kind by kind, and then each kind is watched from there on.
//!
//! A watch that ends goes on from its last revision; one that the server cannot go on with (410), or that fails again and again,
//! begins with a list. In between it waits, longer each time.

use super::net::{self, Answer};
use super::stream::{Stream, Told};
use crate::app::now::now;
use crate::app::shell::{Notice, ShellAction};
use crate::app::theatre::Theatre;
use gloo::timers::callback::{Interval, Timeout};
use podium::api::Kind;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::recording::live::{KINDS, Live, MOST_OBJECTS, Page, list_path, watch_path};
use podium::recording::watch::Watch;
use podium::value::{Str, Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::Callback;

/// How many lists are asked for at once: a browser opens six connections, and the page needs one itself.
const AT_ONCE: usize = 4;
/// How often what was heard is laid out, in milliseconds.
const EVERY: u32 = 250;
/// How often the clock goes on where nothing was heard, in milliseconds.
const CLOCK: f64 = 1_000.0;
/// Why a cluster is not shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failed {
    /// Nothing beside the page answers as an API server does.
    NoCluster,
    /// The proxy is there, and says that the cluster is not.
    Away(u16),
    /// There are so many objects.
    TooMuch(usize),
    /// The objects have so many bytes.
    TooLarge(usize),
    /// Nothing may be read.
    NothingAllowed,
}

/// The watch of a kind, and what it hangs on.
struct Kept {
    watch: Watch,
    stream: Option<Stream>,
    again: Option<Timeout>,
}

/// A cluster that is watched.
pub(in crate::app) struct Watching {
    theatre: Theatre,
    shell: Callback<ShellAction>,
    /// The Namespace that is shown; empty for all.
    namespace: Str,
    live: RefCell<Live>,
    watches: RefCell<BTreeMap<Kind, Kept>>,
    /// The kinds that are left out, with what the server answered.
    refused: RefCell<Vec<(Kind, u16)>>,
    /// The kinds that could not be listed yet, with what the server answered; 0 where it did not.
    late: RefCell<BTreeMap<Kind, u16>>,
    /// What the clocks showed when the page was opened, in microseconds since 1970.
    clock: u64,
    /// Whether there is news that is not laid out yet, and when it was laid out last.
    has_news: Cell<bool>,
    grown: Cell<f64>,
    /// Whether changes are allowed: never at the start.
    allows: Cell<bool>,
    /// Whether no watch goes on.
    is_lost: Cell<bool>,
    /// Whether the beginning was forgotten, because there is too much.
    has_forgotten: Cell<bool>,
    ticks: RefCell<Option<Interval>>,
}

impl PartialEq for Watching {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What the clocks showed when the page was opened. The page's own clock never goes back.
fn opened_at() -> u64 {
    ((js_sys::Date::now() - now()) * 1_000.0) as u64
}

/// Whether an answer stays as it is: who may not, and what there is not. Anything else may pass.
fn is_refusal(code: u16) -> bool {
    matches!(code, 401 | 403 | 404 | 405)
}

/// A list of a kind, whole; else the status of the answer that refuses it.
async fn list(kind: Kind, namespace: &str, most: usize) -> Result<(Vec<Value>, Str), Failed> {
    let (mut objects, mut from) = (Vec::new(), Str::default());
    loop {
        let answer = net::get(&list_path(kind, namespace, &from)).await;
        let page = match &answer {
            Some((200, body)) => Page::read(kind, body),
            _ => None,
        };
        let Some(page) = page else { return Err(Failed::Away(answer.map_or(0, |(code, _)| code))) };
        let all = objects.len() + page.objects.len() + page.left;
        if all > most && kind != Kind::Event {
            return Err(Failed::TooMuch(all));
        }
        objects.extend(page.objects);
        // Of Events the newest are enough, and no order says which these are.
        if page.next.is_empty() || objects.len() > most {
            return Ok((objects, page.revision));
        }
        from = page.next;
    }
}

type Listed = (Kind, Result<(Vec<Value>, Str), Failed>);

/// Lists all kinds, a few at a time.
async fn list_all(namespace: &Str) -> Vec<Listed> {
    let queue: Rc<RefCell<Vec<Kind>>> = Rc::new(RefCell::new(KINDS.into_iter().rev().collect()));
    let found: Rc<RefCell<Vec<Listed>>> = Rc::default();
    let workers = (0..AT_ONCE).map(|_| {
        let (queue, found, namespace) = (queue.clone(), found.clone(), namespace.clone());
        wasm_bindgen_futures::future_to_promise(async move {
            loop {
                let Some(kind) = queue.borrow_mut().pop() else { break };
                // What belongs to no Namespace is read whole.
                let of = if kind.info().namespaced { &*namespace } else { "" };
                let list = list(kind, of, MOST_OBJECTS).await;
                found.borrow_mut().push((kind, list));
            }
            Ok(wasm_bindgen::JsValue::NULL)
        })
    });
    let all = js_sys::Promise::all(&workers.collect::<js_sys::Array>());
    _ = wasm_bindgen_futures::JsFuture::from(all).await;
    found.take()
}

/// Whether an API server answers beside the page.
async fn look_for_cluster() -> Result<(), Failed> {
    let answer: Answer = net::get("/api").await;
    match answer {
        Some((200, body)) => {
            let kind =
                json::parse(&body).ok().and_then(|value| Some(value.get("kind")?.as_str()? == "APIVersions"));
            if kind == Some(true) { Ok(()) } else { Err(Failed::NoCluster) }
        }
        Some((code @ (401 | 403 | 500..), _)) => Err(Failed::Away(code)),
        _ => Err(Failed::NoCluster),
    }
}

/// The Namespaces that there are, to choose one of them.
pub(super) async fn namespaces() -> Vec<Str> {
    let names = |objects: Vec<Value>| {
        let name = |object: &Value| object.at(&["metadata", "name"])?.as_str().map(Str::from);
        objects.iter().filter_map(name).collect()
    };
    list(Kind::Namespace, "", usize::MAX).await.map_or_else(|_| Vec::new(), |(objects, _)| names(objects))
}

impl Watching {
    /// Lists what there is, and shows it from then on.
    pub(super) async fn begin(
        theatre: &Theatre,
        shell: &Callback<ShellAction>,
        namespace: Str,
    ) -> Result<(), Failed> {
        look_for_cluster().await?;
        let (mut lists, mut refused, mut late, mut all) = (Vec::new(), Vec::new(), BTreeMap::new(), 0);
        for (kind, list) in list_all(&namespace).await {
            match list {
                Ok((objects, revision)) => {
                    all += if kind == Kind::Event { 0 } else { objects.len() };
                    lists.push((kind, objects, revision));
                }
                Err(Failed::Away(code)) if is_refusal(code) => refused.push((kind, code)),
                Err(Failed::Away(code)) => _ = late.insert(kind, code),
                Err(other) => return Err(other),
            }
        }
        if all > MOST_OBJECTS {
            return Err(Failed::TooMuch(all));
        }
        if lists.is_empty() {
            return Err(match late.values().find(|code| **code != 0) {
                Some(code) => Failed::Away(*code),
                None if late.is_empty() => Failed::NothingAllowed,
                // Whatever answered a moment ago does so no more.
                None => Failed::NoCluster,
            });
        }
        refused.sort();
        let clock = opened_at();
        let kinds: Vec<Kind> = lists.iter().map(|(kind, ..)| *kind).collect();
        let mut live = Live::begin(lists, clock + (now() * 1_000.0) as u64);
        if let Some(bytes) = live.is_too_large() {
            return Err(Failed::TooLarge(bytes));
        }
        let recording = live.recording(true);
        let watching = Rc::new(Self {
            theatre: theatre.clone(),
            shell: shell.clone(),
            namespace,
            live: RefCell::new(live),
            watches: RefCell::default(),
            refused: RefCell::new(refused),
            late: RefCell::new(late.clone()),
            clock,
            has_news: Cell::default(),
            grown: Cell::default(),
            allows: Cell::default(),
            is_lost: Cell::default(),
            has_forgotten: Cell::default(),
            ticks: RefCell::default(),
        });
        // Another recording that was played until now is not to come back.
        crate::app::recorded::forget();
        theatre.follow(Rc::new(recording), None);
        theatre.set_watching(Some(watching.clone()));
        let keep = |kind, watch| {
            watching.watches.borrow_mut().insert(kind, Kept { watch, stream: None, again: None });
        };
        for kind in kinds {
            keep(kind, Watch::listed());
            watching.open(kind);
        }
        for kind in late.into_keys() {
            keep(kind, Watch::unlisted());
            watching.again(kind);
        }
        let weak = Rc::downgrade(&watching);
        *watching.ticks.borrow_mut() = Some(Interval::new(EVERY, move || {
            if let Some(watching) = weak.upgrade() {
                watching.tick();
            }
        }));
        Ok(())
    }
    /// Nothing is watched any more.
    pub(in crate::app) fn end(&self) {
        self.ticks.take();
        self.watches.take();
    }
    fn unix_micros(&self) -> u64 {
        self.clock + (now() * 1_000.0) as u64
    }
    fn of(&self, kind: Kind) -> &str {
        if kind.info().namespaced { &self.namespace } else { "" }
    }
    /// Opens the watch of a kind.
    fn open(self: &Rc<Self>, kind: Kind) {
        let path = watch_path(kind, self.of(kind), self.live.borrow().revision(kind));
        let weak = Rc::downgrade(self);
        let stream = Stream::open(&path, move |told| {
            if let Some(watching) = weak.upgrade() {
                watching.told(kind, told);
            }
        });
        let is_refused = stream.is_none();
        self.with(kind, |kept| {
            kept.watch.opens(now());
            kept.stream = stream;
        });
        if is_refused {
            self.again(kind);
        }
    }
    fn with<T>(&self, kind: Kind, of: impl FnOnce(&mut Kept) -> T) -> Option<T> {
        self.watches.borrow_mut().get_mut(&kind).map(of)
    }
    fn told(self: &Rc<Self>, kind: Kind, told: Told) {
        match told {
            Told::Opened => {
                self.with(kind, |kept| kept.watch.opened(now()));
                self.look_whether_lost();
            }
            Told::Closed => self.again(kind),
            Told::Message(text) => {
                let heard = self.live.borrow_mut().hear(kind, &text, self.unix_micros());
                self.has_news.set(true);
                self.with(kind, |kept| kept.watch.told(&heard, now()));
            }
        }
    }
    /// The watch of a kind has ended: it goes on after a while.
    fn again(self: &Rc<Self>, kind: Kind) {
        self.again_after(kind, Watch::ended);
    }
    /// The watch of a kind goes on after so long.
    fn again_after(self: &Rc<Self>, kind: Kind, wait: fn(&mut Watch) -> u32) {
        let weak = Rc::downgrade(self);
        self.with(kind, |kept| {
            kept.stream = None;
            kept.again = Some(Timeout::new(wait(&mut kept.watch), move || {
                if let Some(watching) = weak.upgrade() {
                    yew::platform::spawn_local(async move { watching.go_on(kind).await });
                }
            }));
        });
        self.look_whether_lost();
    }
    async fn go_on(self: Rc<Self>, kind: Kind) {
        if self.with(kind, |kept| kept.watch.begins_with_list()) == Some(true) {
            match list(kind, self.of(kind), usize::MAX).await {
                Ok((objects, revision)) => {
                    self.live.borrow_mut().list_again(kind, objects, revision, self.unix_micros());
                    self.has_news.set(true);
                    self.with(kind, |kept| kept.watch.list_came());
                    if self.late.borrow_mut().remove(&kind).is_some() {
                        self.theatre.watching_changed();
                    }
                }
                Err(Failed::Away(code)) if self.leaves_out(kind, code) => return,
                Err(_) => return self.again(kind),
            }
        }
        self.open(kind);
    }
    /// The list of a kind has failed with this answer. True where it could not be listed yet, and is left out from now on.
    fn leaves_out(&self, kind: Kind, code: u16) -> bool {
        let Some(before) = self.late.borrow().get(&kind).copied() else { return false };
        if is_refusal(code) {
            self.late.borrow_mut().remove(&kind);
            self.watches.borrow_mut().remove(&kind);
            let mut refused = self.refused.borrow_mut();
            refused.push((kind, code));
            refused.sort();
        } else {
            self.late.borrow_mut().insert(kind, code);
        }
        if before != code {
            self.theatre.watching_changed();
        }
        is_refusal(code)
    }
    /// The connection is lost where no watch is open, and found again with the first that is.
    fn look_whether_lost(&self) {
        let is_lost = self.watches.borrow().values().all(|kept| kept.watch.is_lost());
        if self.is_lost.replace(is_lost) != is_lost {
            self.theatre.watching_changed();
        }
    }
    /// Opens anew what was silent for too long: nobody tells a page that its connection leads nowhere any more.
    fn end_silent(self: &Rc<Self>) {
        let is_silent = |kept: &Kept| kept.stream.is_some() && kept.watch.is_silent(now());
        let watches = self.watches.borrow();
        let silent: Vec<Kind> =
            watches.iter().filter(|(_, kept)| is_silent(kept)).map(|(kind, _)| *kind).collect();
        drop(watches);
        silent.into_iter().for_each(|kind| self.again_after(kind, Watch::cut));
    }
    /// Lays out what was heard. Without news the clock alone goes on, as long as somebody would tell.
    fn tick(self: &Rc<Self>) {
        // Another session may have been opened in its place.
        let is_shown = self.theatre.session().recording().is_some_and(|recording| recording.is_live);
        if !is_shown {
            return self.theatre.set_watching(None);
        }
        self.end_silent();
        let is_due = self.has_news.get() || now() - self.grown.get() >= CLOCK;
        if !is_due || self.is_lost.get() && !self.has_news.get() {
            return;
        }
        self.grown.set(now());
        let grown = self.live.borrow_mut().grow(self.unix_micros());
        // What is still held is laid out next time.
        self.has_news.set(!self.live.borrow().is_laid_out());
        self.theatre.grow(grown);
        if self.live.borrow().is_full() {
            self.forget();
        }
    }
    /// The older half is forgotten.
    fn forget(self: &Rc<Self>) {
        let moved = self.live.borrow_mut().forget();
        self.has_forgotten.set(true);
        match moved {
            Some(moved) => {
                let at = SimTime(self.theatre.playhead().sim().0.saturating_sub(moved));
                let recording = self.live.borrow_mut().recording(true);
                self.theatre.follow(Rc::new(recording), Some(at));
            }
            None => {
                self.stop();
                let message = msg!("live.no-room");
                self.shell.emit(ShellAction::Notice(Some(Notice { message, args: Vec::new(), offer: None })));
            }
        }
    }
    /// What was seen until now, as a text: a reload plays it as a recording. None where it has more bytes than this.
    pub(in crate::app) fn so_far(&self, most: usize) -> Option<String> {
        let mut live = self.live.borrow_mut();
        (!live.is_longer(most)).then(|| live.recording(true).to_lines())
    }
    /// Ends the watch: what was seen until now stays as a recording.
    pub(super) fn stop(&self) {
        self.allows.set(false);
        let at = self.theatre.playhead().sim();
        let recording = self.live.borrow_mut().recording(false);
        crate::app::recorded::keep(&[("live.jsonl".into(), recording.to_lines().into())]);
        self.theatre.set_watching(None);
        self.theatre.play_recording(Rc::new(recording), Some(at));
    }
    pub(super) fn namespace(&self) -> &Str {
        &self.namespace
    }
    pub(super) fn objects(&self) -> usize {
        self.live.borrow().objects()
    }
    pub(super) fn refused(&self) -> Vec<(Kind, u16)> {
        self.refused.borrow().clone()
    }
    pub(super) fn late(&self) -> Vec<(Kind, u16)> {
        self.late.borrow().iter().map(|(kind, code)| (*kind, *code)).collect()
    }
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.get()
    }
    pub(super) fn has_forgotten(&self) -> bool {
        self.has_forgotten.get()
    }
    pub(super) fn allows(&self) -> bool {
        self.allows.get()
    }
    pub(super) fn allow(&self, allows: bool) {
        self.allows.set(allows);
        self.theatre.watching_changed();
    }
    /// The clock on the wall, and where it stands.
    pub(super) fn time(&self) -> (podium::cluster::time::WallClock, SimTime) {
        let wall = podium::cluster::time::WallClock { start_unix_micros: self.clock };
        (wall, SimTime((now() * 1_000.0) as u64))
    }
}
