//! A recording that grows: what the API server of a cluster lists, and what its watches tell from then on.
//!
//! It is told texts and the times at which they came; who asks for them is `app/live`. What always holds:
//!
//! - A change stands where it was heard, and none before one that was heard earlier. Within [`HELD`] the changes that several
//!   watches tell are put into the order in which they were written, by their revisions.
//! - To grow costs what has changed, not what there is. Only a list that is asked for again is held against what is known.
//! - It holds at most [`MAX_BYTES`] of text. Past that its older half is forgotten (`forget`): what there was then becomes what
//!   was there at the beginning.
//! - What is in Secrets is never asked for: they are in no list of [`KINDS`].

use super::read::depth;
use super::rows::Rows;
use super::times::newest;
use super::{MAX_BYTES, Recording, Source, WatchEvent, moment, text};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::Record;
use crate::cluster::request::{Filter, Request, Verb};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime, WallClock};
use crate::value::{Str, Value, json};
use std::collections::BTreeMap;

/// What is watched, owners before what they own. Not Secrets: their data has no business in a page.
pub const KINDS: [Kind; 20] = [
    Kind::Namespace,
    Kind::Node,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::CronJob,
    Kind::Job,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::Pod,
    Kind::Service,
    Kind::EndpointSlice,
    Kind::Ingress,
    Kind::ConfigMap,
    Kind::PersistentVolumeClaim,
    Kind::PersistentVolume,
    Kind::HorizontalPodAutoscaler,
    Kind::PodDisruptionBudget,
    Kind::ResourceQuota,
    Kind::Event,
];

/// How long a change is held, so that what several watches tell of one deed comes in its order, and with the Event that says
/// who did it.
pub const HELD: Micros = 500 * MILLI;
/// The most objects that are shown: with more of them somebody has to choose a Namespace.
pub const MOST_OBJECTS: usize = 3_000;

/// The most bytes that what there is may have at the beginning: what happens needs room beside it.
pub const MAX_AT_FIRST: usize = MAX_BYTES / 2;

/// The path of a list, whole or from where the page before it ended.
pub fn list_path(kind: Kind, namespace: &str, from: &str) -> String {
    let mut path = path(kind, namespace, Verb::List(Filter::default()));
    if !from.is_empty() {
        path += "&continue=";
        path += from;
    }
    path
}

/// The path of a watch of all that comes after a revision.
pub fn watch_path(kind: Kind, namespace: &str, revision: &str) -> String {
    let path = path(kind, namespace, Verb::Watch(Filter::default(), 0));
    format!("{path}&resourceVersion={revision}")
}

fn path(kind: Kind, namespace: &str, verb: Verb) -> String {
    Request::new(verb, ObjectKey::new(kind, namespace, "")).http().1
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its objects, each with its kind.
    pub objects: Vec<Value>,
    /// The revision that a watch goes on from.
    pub revision: Str,
    /// Where the next page begins; empty where there is none.
    pub next: Str,
    /// How many objects are on the pages that follow, as far as the server says.
    pub left: usize,
}

impl Page {
    /// Reads the answer to a list. None where it is something else.
    pub fn read(kind: Kind, answer: &str) -> Option<Self> {
        let list = json::parse(answer).ok()?;
        let meta = list.get("metadata")?;
        let items = list.get("items")?;
        let objects = items.as_array().unwrap_or_default().iter().map(|item| whole(kind, item)).collect();
        let left = meta.get("remainingItemCount").and_then(Value::as_int).unwrap_or(0);
        Some(Self {
            objects,
            revision: text(meta, "resourceVersion").into(),
            next: text(meta, "continue").into(),
            left: usize::try_from(left).unwrap_or(0),
        })
    }
}

/// An object with its kind, which a list leaves out, and without what only writers need to know.
pub(super) fn whole(kind: Kind, object: &Value) -> Value {
    let mut out = crate::value::Map::new();
    out.push("apiVersion", kind.api_version());
    out.push("kind", kind.info().name);
    for (key, value) in object.as_object().into_iter().flat_map(|object| object.iter()) {
        match &**key {
            "apiVersion" | "kind" => {}
            "metadata" => {
                let mut meta = value.clone();
                meta.make_object().remove("managedFields");
                out.push("metadata", meta);
            }
            _ => out.push(key.clone(), value.clone()),
        }
    }
    Value::from(out)
}

/// What a message of a watch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was taken: the watch goes on.
    Goes,
    /// The server does not know the revision any more (410): the list is to be asked for again.
    Gone,
    /// The watch ends for another reason, in the server's words. It may go on from the last revision.
    Ends(String),
}

/// What a recording has grown by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grown {
    /// The records that are new.
    pub records: Vec<Record>,
    /// Until when all is known.
    pub end: SimTime,
}

/// A change that was heard, with the bytes of its object.
#[derive(Clone, Debug)]
struct Told {
    event: WatchEvent,
    size: usize,
    /// Whether the object is older than that anybody looked.
    was_there: bool,
}

/// What is known of a cluster that is watched.
#[derive(Debug)]
pub struct Live {
    wall: WallClock,
    rows: Rows,
    /// The events that are laid out, each with the bytes of its object.
    watch: Vec<WatchEvent>,
    sizes: Vec<usize>,
    size: usize,
    /// Of each whether its object is older than that anybody looked.
    were_there: Vec<bool>,
    /// How many of them are what there was at the beginning.
    first: usize,
    /// What was heard and is still held.
    heard: Vec<Told>,
    /// Every object as it was heard last.
    newest: BTreeMap<ObjectKey, Value>,
    /// Where the watch of each kind goes on.
    revisions: BTreeMap<Kind, Str>,
    records: Vec<Record>,
    end: f64,
}

impl Live {
    /// Begins with what was listed when the clocks showed this, in microseconds since 1970.
    pub fn begin(lists: Vec<(Kind, Vec<Value>, Str)>, unix_micros: u64) -> Self {
        let mut found = Vec::new();
        let mut revisions = BTreeMap::new();
        for (kind, objects, revision) in lists {
            revisions.insert(kind, revision);
            found.extend(objects.into_iter().map(|object| (kind, object)));
        }
        Self::of(found, revisions, unix_micros)
    }
    fn of(mut found: Vec<(Kind, Value)>, revisions: BTreeMap<Kind, Str>, unix_micros: u64) -> Self {
        found.sort_by_key(|(kind, _)| depth(*kind));
        let newest = found.iter().map(|(kind, object)| (key(*kind, object), object.clone())).collect();
        let event = |(kind, object): (Kind, Value)| WatchEvent {
            t: 0.0,
            event: "ADDED".to_owned(),
            resource: kind.info().plural.to_owned(),
            object,
        };
        let watch: Vec<WatchEvent> = found.into_iter().map(event).collect();
        let wall = WallClock { start_unix_micros: unix_micros };
        let mut rows = Rows::new(&watch, wall);
        watch.iter().for_each(|event| rows.add(event, true));
        let sizes: Vec<usize> = watch.iter().map(|event| size(&event.object)).collect();
        Self {
            wall,
            first: watch.len(),
            records: rows.take(),
            rows,
            size: sizes.iter().sum(),
            were_there: vec![true; watch.len()],
            watch,
            sizes,
            heard: Vec::new(),
            newest,
            revisions,
            end: 0.0,
        }
    }
    /// Where the watch of a kind goes on.
    pub fn revision(&self, kind: Kind) -> &str {
        self.revisions.get(&kind).map_or("", |revision| revision)
    }
    fn seconds(&self, unix_micros: u64) -> f64 {
        unix_micros.saturating_sub(self.wall.start_unix_micros) as f64 / SECOND as f64
    }
    /// Hears a message of the watch of a kind.
    pub fn hear(&mut self, kind: Kind, message: &str, unix_micros: u64) -> Heard {
        let Ok(event) = json::parse(message) else { return Heard::Ends("no JSON".to_owned()) };
        let Some(object) = event.get("object") else { return Heard::Ends("no object".to_owned()) };
        let revision = object.at(&["metadata", "resourceVersion"]).and_then(Value::as_str);
        match text(&event, "type") {
            "ERROR" if object.get("code").and_then(Value::as_int) == Some(410) => return Heard::Gone,
            "ERROR" => return Heard::Ends(text(object, "message").to_owned()),
            "BOOKMARK" => {}
            "DELETED" => self.change(kind, true, whole(kind, object), message.len(), unix_micros),
            _ => self.change(kind, false, whole(kind, object), message.len(), unix_micros),
        }
        if let Some(revision) = revision {
            self.revisions.insert(kind, revision.into());
        }
        Heard::Goes
    }
    /// Hears a list that was asked for again, because its watch could not go on: what is in it and was not known is new, what
    /// is not in it any more is deleted. Where the list of a kind could not be had before, what is in it was there already.
    pub fn list_again(&mut self, kind: Kind, objects: Vec<Value>, revision: Str, unix_micros: u64) {
        let is_first = !self.revisions.contains_key(&kind);
        let first = ObjectKey::new(kind, "", "");
        let known = self.newest.range(first..).take_while(|(key, _)| key.kind == kind);
        let mut gone: BTreeMap<ObjectKey, Value> =
            known.map(|(key, old)| (key.clone(), old.clone())).collect();
        for object in objects {
            let key = key(kind, &object);
            let old = gone.remove(&key);
            // Of Events not all are listed at the beginning: an old one is no news.
            let is_old = kind == Kind::Event
                && old.is_none()
                && newest(&object).is_some_and(|newest| newest < self.wall.start_unix_micros);
            if is_old {
                self.newest.insert(key, object);
            } else if old.as_ref() != Some(&object) {
                let size = size(&object);
                self.change(kind, false, object, size, unix_micros);
                if let Some(told) = self.heard.last_mut() {
                    told.was_there = is_first;
                }
            }
        }
        for object in gone.into_values() {
            self.change(kind, true, object, 0, unix_micros);
        }
        self.revisions.insert(kind, revision);
    }
    fn change(&mut self, kind: Kind, is_deleted: bool, object: Value, size: usize, unix_micros: u64) {
        let key = key(kind, &object);
        // One that was replaced while nobody looked is another object.
        let known = self.newest.get(&key).filter(|known| !is_deleted && uid(known) != uid(&object));
        if let Some(known) = known.cloned() {
            self.change(kind, true, known, 0, unix_micros);
        }
        let event = match (is_deleted, self.newest.contains_key(&key)) {
            // What nobody knew cannot be missed.
            (true, false) => return,
            (true, true) => "DELETED",
            (false, true) => "MODIFIED",
            (false, false) => "ADDED",
        };
        match is_deleted {
            true => _ = self.newest.remove(&key),
            false => _ = self.newest.insert(key, object.clone()),
        }
        let t = self.seconds(unix_micros);
        let resource = kind.info().plural.to_owned();
        let event = WatchEvent { t, event: event.to_owned(), resource, object };
        self.rows.hear(&event);
        self.heard.push(Told { event, size, was_there: false });
    }
    /// Lays out what was heard, but for what is still held.
    pub fn grow(&mut self, unix_micros: u64) -> Grown {
        self.grow_until(self.seconds(unix_micros.saturating_sub(HELD)))
    }
    fn grow_until(&mut self, until: f64) -> Grown {
        let held = self.heard.iter().position(|told| told.event.t > until).unwrap_or(self.heard.len());
        let mut heard: Vec<Told> = self.heard.drain(..held).collect();
        heard.sort_by_key(|told| revision(&told.event.object));
        for mut told in heard {
            told.event.t = told.event.t.max(self.end);
            self.lay_out(told);
        }
        self.end = self.end.max(until);
        let records = self.rows.take();
        self.records.extend(records.iter().cloned());
        Grown { records, end: moment(self.end) }
    }
    fn lay_out(&mut self, Told { event, size, was_there }: Told) {
        self.end = event.t;
        self.rows.add(&event, was_there);
        self.watch.push(event);
        self.sizes.push(size);
        self.size += size;
        self.were_there.push(was_there);
    }
    /// Whether nothing is held any more.
    pub fn is_laid_out(&self) -> bool {
        self.heard.is_empty()
    }
    /// How many objects there are now, without the Events that tell of them.
    pub fn objects(&self) -> usize {
        self.newest.keys().filter(|key| key.kind != Kind::Event).count()
    }
    /// Whether it holds so much that its older half has to be forgotten.
    pub fn is_full(&self) -> bool {
        self.size > MAX_BYTES
    }
    /// Whether the objects of what is laid out have more bytes than this as a text. It looks no further than so far.
    pub fn is_longer(&self, most: usize) -> bool {
        let mut all = 0;
        self.watch.iter().any(|event| {
            all += size(&event.object);
            all > most
        })
    }
    /// Whether what there was at the beginning leaves too little room for what is to come: its bytes, where it does.
    pub fn is_too_large(&self) -> Option<usize> {
        (self.size > MAX_AT_FIRST).then_some(self.size)
    }
    /// Forgets the older half of what has happened. Gives by how much its beginning has moved; none where what there is now is
    /// already too much to go on.
    pub fn forget(&mut self) -> Option<Micros> {
        let first: usize = self.sizes[..self.first].iter().sum();
        let (mut cut, mut size) = (self.first, 0);
        while size * 2 < self.size - first && cut < self.watch.len() {
            size += self.sizes[cut];
            cut += 1;
        }
        let since = self.watch.get(cut.checked_sub(1)?)?.t;
        let mut there: BTreeMap<ObjectKey, (Kind, Value)> = BTreeMap::new();
        for event in &self.watch[..cut] {
            let Some(kind) = Kind::of(text(&event.object, "apiVersion"), text(&event.object, "kind")) else {
                continue;
            };
            match &*event.event {
                "DELETED" => _ = there.remove(&key(kind, &event.object)),
                _ => _ = there.insert(key(kind, &event.object), (kind, event.object.clone())),
            }
        }
        let moved = moment(since).0;
        let begins = self.wall.start_unix_micros + moved;
        let mut rest = Self::of(there.into_values().collect(), std::mem::take(&mut self.revisions), begins);
        let later = self.watch.split_off(cut).into_iter().zip(self.sizes.split_off(cut));
        let later = later.zip(self.were_there.split_off(cut));
        let later = later.map(|((event, size), was_there)| Told { event, size, was_there });
        let moved_back = |told: Told| {
            let t = (told.event.t - since).max(0.0);
            Told { event: WatchEvent { t, ..told.event }, ..told }
        };
        let later: Vec<Told> = later.map(moved_back).collect();
        let held: Vec<Told> = std::mem::take(&mut self.heard).into_iter().map(moved_back).collect();
        later.iter().chain(&held).for_each(|told| rest.rows.hear(&told.event));
        // What was laid out stays in its order.
        later.into_iter().for_each(|told| rest.lay_out(told));
        rest.records.extend(rest.rows.take());
        rest.heard = held;
        rest.newest = std::mem::take(&mut self.newest);
        rest.end = rest.end.max(self.end - since);
        *self = rest;
        (self.size * 10 < MAX_BYTES * 9).then_some(moved)
    }
    /// The recording as it is by now; where it is the last one, with what is still held.
    pub fn recording(&mut self, is_live: bool) -> Recording {
        if !is_live {
            self.grow_until(self.heard.last().map_or(self.end, |told| told.event.t));
        }
        Recording {
            source: Source::Timed,
            wall: self.wall,
            end: moment(self.end),
            watch: self.watch.clone(),
            objects: self.rows.objects(),
            left_out: 0,
            is_cut: false,
            nodes: self.rows.nodes().to_vec(),
            is_live,
            records: self.records.clone(),
        }
    }
}

fn key(kind: Kind, object: &Value) -> ObjectKey {
    let meta = |key| object.get("metadata").map_or("", |meta| text(meta, key));
    ObjectKey::new(kind, meta("namespace"), meta("name"))
}

fn uid(object: &Value) -> Option<&str> {
    object.at(&["metadata", "uid"]).and_then(Value::as_str)
}

/// When an object was written, as a number that grows.
fn revision(object: &Value) -> u64 {
    let revision = object.at(&["metadata", "resourceVersion"]).and_then(Value::as_str);
    revision.and_then(|revision| revision.parse().ok()).unwrap_or(0)
}

fn size(object: &Value) -> usize {
    json::compact(object).len()
}
