//! The reader: texts to events, piece by piece, so that a page stays alive while it reads.

use super::look::{Looked, lay_out};
use super::pieces::{Piece, Pieces};
use super::rows::Rows;
use super::times::{created, newest, time};
use super::{MAX_BYTES, Recording, Source, WatchEvent, text};
use crate::api::Kind;
use crate::cluster::time::{SECOND, WallClock};
use crate::manifest::Arg;
use crate::msg;
use crate::value::{Str, Value, json};
use std::collections::BTreeMap;

/// Why there is nothing to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no text.
    Empty,
    /// It is longer than what is read, by its bytes.
    TooLarge(usize),
    /// It is no JSON: the file, the line, what the parser says.
    Broken(Str, usize, String),
    /// There is no object of Kubernetes in it.
    NoObjects,
    /// There are objects, but none of a kind that is known here.
    NoKinds,
    /// There are objects, but nothing in them tells a time: they have not been in a cluster.
    NoTimes,
}

impl ReadError {
    /// The message that tells it, and of what.
    pub fn told(&self) -> (&'static str, Vec<(&'static str, Arg)>) {
        match self {
            Self::Empty => (msg!("recorded.empty"), Vec::new()),
            Self::TooLarge(bytes) => {
                let args = vec![("size", Arg::Bytes(*bytes as u64)), ("limit", Arg::bytes(MAX_BYTES))];
                (msg!("recorded.too-large"), args)
            }
            Self::Broken(file, line, why) => {
                let args =
                    vec![("file", file.into()), ("line", (*line).into()), ("why", why.as_str().into())];
                (msg!("recorded.broken"), args)
            }
            Self::NoObjects => (msg!("recorded.no-objects"), Vec::new()),
            Self::NoKinds => (msg!("recorded.no-kinds"), Vec::new()),
            Self::NoTimes => (msg!("recorded.no-times"), Vec::new()),
        }
    }
}

/// How much of a text is looked at to say what it is.
const LOOKED_AT: usize = 200_000;

/// The part of a text that is a recording, where one is: from its first line that begins with a brace on. Above it may stand
/// what somebody has written.
pub fn part(text: &str) -> Option<&str> {
    let begins = |at: &usize| text[*at..].starts_with('{') || text[*at..].starts_with("[{");
    let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let part = &text[lines.into_iter().find(begins)?..];
    is_recorded(part).then_some(part)
}

/// Whether a text is what kubectl prints of objects that run, or a watch of them.
pub fn is_recorded(text: &str) -> bool {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return false;
    }
    let mut end = LOOKED_AT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut pieces = Pieces::default();
    let head = &text[..end];
    // A list may begin with what is no object of a cluster.
    for _ in 0..8 {
        match pieces.next(head.as_bytes()) {
            Some(Piece::Object(range)) => {
                let found = json::parse(&head[range]).ok().map(|value| found(&value));
                if matches!(found, Some(Found::Event(..) | Found::Object(..))) {
                    return true;
                }
            }
            Some(Piece::Cut(at)) => return end < text.len() && head[at..].contains("\"creationTimestamp\""),
            Some(Piece::Line(_)) => {}
            None => return false,
        }
    }
    false
}

/// What a piece is.
enum Found {
    /// An event of a watch: its time where the watcher wrote it down, what happened, and the object.
    Event(Option<f64>, String, Kind, String, Value),
    /// An object of a cluster.
    Object(Kind, Value),
    /// An object that has not been in a cluster.
    Written,
    /// An object of a kind that is not known.
    Unknown,
    /// What the clocks showed, in microseconds since 1970, and when.
    Clock(f64, u64),
    /// Something else.
    Other,
}

fn found(piece: &Value) -> Found {
    let kind = |object: &Value| Kind::of(text(object, "apiVersion"), text(object, "kind"));
    let t = match piece.get("t") {
        Some(Value::Int(t)) => Some(*t as f64),
        Some(Value::Float(t)) => Some(*t),
        _ => None,
    };
    if let (Some(t), Some(clock)) = (t, time(piece, "clock")) {
        return Found::Clock(t, clock);
    }
    if let (Some(event), Some(object)) = (piece.get("type").and_then(Value::as_str), piece.get("object")) {
        if object.get("kind").is_none() || event == "BOOKMARK" || event == "ERROR" {
            return Found::Other;
        }
        let Some(kind) = kind(object) else { return Found::Unknown };
        return Found::Event(t, event.to_owned(), kind, kind.info().plural.to_owned(), object.clone());
    }
    if piece.get("kind").and_then(Value::as_str).is_none() || piece.get("apiVersion").is_none() {
        return Found::Other;
    }
    match kind(piece) {
        None => Found::Unknown,
        Some(_) if created(piece).is_none() => Found::Written,
        Some(kind) => Found::Object(kind, piece.clone()),
    }
}

/// Where a reader is.
#[derive(Debug)]
enum Phase {
    Pieces,
    Rows(Vec<WatchEvent>, Rows),
}

/// Reads texts. `step` does a little; once it gives false, `finish` gives the recording.
#[derive(Debug)]
pub struct Reader {
    texts: Vec<(Str, Str)>,
    /// The text that is read, and where in it.
    place: usize,
    pieces: Pieces,
    phase: Phase,
    /// The events with their times, those without, and the objects of looks.
    timed: Vec<WatchEvent>,
    untimed: Vec<(String, Kind, Value)>,
    looked: Vec<(Kind, Value)>,
    written: usize,
    unknown: usize,
    other: usize,
    is_cut: bool,
    source: Source,
    wall: WallClock,
    /// What the clocks showed at the beginning, where the watcher has written it down.
    clock: Option<WallClock>,
    end: f64,
}

impl Reader {
    /// A reader of texts, each with the name of its file.
    ///
    /// # Errors
    /// Where there is no text, or too much.
    pub fn new(texts: Vec<(Str, Str)>) -> Result<Self, ReadError> {
        let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        if bytes > MAX_BYTES {
            return Err(ReadError::TooLarge(bytes));
        }
        if texts.iter().all(|(_, text)| text.trim().is_empty()) {
            return Err(ReadError::Empty);
        }
        Ok(Self {
            texts,
            place: 0,
            pieces: Pieces::default(),
            phase: Phase::Pieces,
            timed: Vec::new(),
            untimed: Vec::new(),
            looked: Vec::new(),
            written: 0,
            unknown: 0,
            other: 0,
            is_cut: false,
            source: Source::Timed,
            wall: WallClock { start_unix_micros: 0 },
            clock: None,
            end: 0.0,
        })
    }
    /// Reads the next piece. True while there is more.
    ///
    /// # Errors
    /// Where a piece is no JSON, or nothing can be played.
    pub fn step(&mut self) -> Result<bool, ReadError> {
        if let Phase::Rows(watch, rows) = &mut self.phase {
            return Ok(rows.step(watch));
        }
        let Some((file, text)) = self.texts.get(self.place) else {
            let watch = self.lay_out()?;
            let rows = Rows::new(&watch, self.wall);
            self.phase = Phase::Rows(watch, rows);
            return Ok(true);
        };
        match self.pieces.next(text.as_bytes()) {
            Some(Piece::Object(range)) => {
                let piece = json::parse(&text[range.clone()]).map_err(|why| {
                    let line = text[..range.start].matches('\n').count() + 1;
                    ReadError::Broken(file.clone(), line, why)
                })?;
                match found(&piece) {
                    Found::Event(Some(t), event, _, resource, object) => {
                        self.timed.push(WatchEvent { t, event, resource, object });
                    }
                    Found::Event(None, event, kind, _, object) => self.untimed.push((event, kind, object)),
                    Found::Object(kind, object) => self.looked.push((kind, object)),
                    Found::Clock(t, unix) => {
                        let begins = unix.saturating_sub((t.max(0.0) * SECOND as f64).round() as u64);
                        self.clock.get_or_insert(WallClock { start_unix_micros: begins });
                        self.end = self.end.max(t);
                    }
                    Found::Written => self.written += 1,
                    Found::Unknown => self.unknown += 1,
                    Found::Other => self.other += 1,
                }
            }
            Some(Piece::Line(range)) => {
                // What else kubectl prints may stand between, but no text begins with it alone.
                self.other += usize::from(!text[range].trim().is_empty());
            }
            Some(Piece::Cut(at)) => {
                if self.timed.is_empty() && self.untimed.is_empty() && self.looked.is_empty() {
                    let line = text[..at].matches('\n').count() + 1;
                    let why = json::parse(&text[at..]).err().unwrap_or_default();
                    return Err(ReadError::Broken(file.clone(), line, why));
                }
                self.is_cut = true;
            }
            None => {
                self.place += 1;
                self.pieces = Pieces::default();
            }
        }
        Ok(true)
    }
    /// How much of the texts is read, from 0 to 1.
    pub fn share(&self) -> f64 {
        let whole: usize = self.texts.iter().map(|(_, text)| text.len()).sum();
        let before: usize = self.texts.iter().take(self.place).map(|(_, text)| text.len()).sum();
        (before + self.pieces.at()) as f64 / whole.max(1) as f64
    }
    /// The recording, once everything is read; none before.
    pub fn finish(self) -> Option<Recording> {
        let Phase::Rows(watch, rows) = self.phase else { return None };
        let (records, nodes, objects, refused) = rows.finish()?;
        Some(Recording {
            source: self.source,
            wall: self.wall,
            end: super::moment(self.end),
            watch,
            objects,
            left_out: self.written + self.unknown + self.other + refused,
            is_cut: self.is_cut,
            nodes,
            is_live: false,
            records,
        })
    }
    /// Gives everything its time.
    fn lay_out(&mut self) -> Result<Vec<WatchEvent>, ReadError> {
        if self.timed.is_empty() && self.untimed.is_empty() && self.looked.is_empty() {
            return Err(match (self.written, self.unknown) {
                (0, 0) => ReadError::NoObjects,
                (0, _) => ReadError::NoKinds,
                _ => ReadError::NoTimes,
            });
        }
        let watch = if self.timed.is_empty() { self.without_times()? } else { self.with_times()? };
        Ok(watch)
    }
    fn with_times(&mut self) -> Result<Vec<WatchEvent>, ReadError> {
        let mut watch = std::mem::take(&mut self.timed);
        watch.sort_by(|a, b| a.t.total_cmp(&b.t));
        // An object was made before it was seen: the beginning was no earlier than each of them says, nor much later.
        let begins = watch.iter().filter_map(|event| {
            Some(created(&event.object)?.saturating_sub((event.t.max(0.0) * SECOND as f64) as u64))
        });
        let told = || begins.max().map(|begins| WallClock { start_unix_micros: begins });
        self.wall = self.clock.or_else(told).ok_or(ReadError::NoTimes)?;
        // What was left out: a look, and events whose times nobody knows.
        self.other += self.looked.len() + self.untimed.len();
        self.end = self.end.max(watch.last().map_or(0.0, |event| event.t));
        Ok(watch)
    }
    fn without_times(&mut self) -> Result<Vec<WatchEvent>, ReadError> {
        let mut untimed = std::mem::take(&mut self.untimed);
        // A watch begins with what is there: that is a look.
        let first = untimed.iter().position(|(event, ..)| event != "ADDED").unwrap_or(untimed.len());
        let rest = untimed.split_off(first);
        self.looked.extend(untimed.into_iter().map(|(_, kind, object)| (kind, object)));
        self.source = if rest.is_empty() { Source::Look } else { Source::Watch };
        let looked = after_each_other(std::mem::take(&mut self.looked));
        let taken = looked.iter().filter_map(|looked| newest(&looked.object)).max();
        let taken = taken.or_else(|| rest.iter().filter_map(|(.., object)| newest(object)).min());
        let taken = taken.ok_or(ReadError::NoTimes)?;
        let mut all: Vec<(u64, usize, &'static str, Kind, Value)> = Vec::new();
        for state in lay_out(&looked, taken) {
            let event = if state.is_first { "ADDED" } else { "MODIFIED" };
            all.push((state.at, depth(state.kind), event, state.kind, state.object));
        }
        all.sort_by_key(|(at, depth, ..)| (*at, *depth));
        let mut now = taken;
        for (event, kind, object) in rest {
            now = now.max(newest(&object).unwrap_or(now));
            let event = match &*event {
                "ADDED" => "ADDED",
                "DELETED" => "DELETED",
                _ => "MODIFIED",
            };
            all.push((now, 0, event, kind, object));
        }
        let begins = all.first().map_or(taken, |(at, ..)| *at);
        self.wall = WallClock { start_unix_micros: begins };
        let seconds = |at: u64| at.saturating_sub(begins) as f64 / SECOND as f64;
        self.end = seconds(now);
        let watch = all.into_iter().map(|(at, _, event, kind, object)| WatchEvent {
            t: seconds(at),
            event: event.to_owned(),
            resource: kind.info().plural.to_owned(),
            object,
        });
        Ok(watch.collect())
    }
}

/// Owners before what they own.
pub(super) fn depth(kind: Kind) -> usize {
    match kind {
        Kind::Namespace | Kind::Node => 0,
        Kind::ReplicaSet | Kind::Job | Kind::ControllerRevision => 2,
        Kind::Pod | Kind::EndpointSlice => 3,
        Kind::Event => 4,
        _ => 1,
    }
}

/// Looks at the same object one after the other: a later one tells only what came after the one before.
fn after_each_other(mut found: Vec<(Kind, Value)>) -> Vec<Looked> {
    found.sort_by_key(|(_, object)| newest(object));
    let mut seen: BTreeMap<(Kind, String, String), u64> = BTreeMap::new();
    let mut looked: Vec<Looked> = Vec::new();
    for (kind, object) in found {
        let meta = |key| object.get("metadata").map_or("", |meta| text(meta, key)).to_owned();
        let key = (kind, meta("namespace"), meta("name"));
        let after = seen.get(&key).copied().unwrap_or(0);
        if looked.iter().rev().any(|other| after > 0 && other.kind == kind && other.object == object) {
            continue;
        }
        seen.insert(key, newest(&object).unwrap_or(after));
        looked.push(Looked { kind, object, after });
    }
    looked
}
