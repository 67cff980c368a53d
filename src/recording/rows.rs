//! The events as records: what a history is filled with.

use super::actors::Actors;
use super::{WatchEvent, moment, text};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact, Record, RecordId};
use crate::cluster::time::WallClock;
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// How much later than it was made an object may be seen first that was made while somebody watched, in seconds: its time is
/// told to the second.
const MADE_WITHIN: f64 = 2.0;

/// Makes records of events, one after the other.
#[derive(Debug)]
pub(super) struct Rows {
    next: usize,
    actors: Actors,
    nodes: Vec<Str>,
    known: BTreeMap<ObjectKey, Value>,
    records: Vec<Record>,
    /// How many records were taken already.
    taken: usize,
    objects: usize,
    refused: usize,
}

impl Rows {
    /// With what the clocks showed at the beginning.
    pub(super) fn new(watch: &[WatchEvent], wall: WallClock) -> Self {
        let mut nodes: Vec<Str> = Vec::new();
        let mut add = |name: &str| {
            if !name.is_empty() && !nodes.iter().any(|node| **node == *name) {
                nodes.push(name.into());
            }
        };
        for event in watch {
            match &*event.resource {
                "nodes" => add(event.object.get("metadata").map_or("", |meta| text(meta, "name"))),
                "pods" => add(event.object.get("spec").map_or("", |spec| text(spec, "nodeName"))),
                _ => {}
            }
        }
        nodes.sort();
        let actors = Actors::new(watch, nodes.clone(), wall);
        Self {
            next: 0,
            actors,
            nodes,
            known: BTreeMap::new(),
            records: Vec::new(),
            taken: 0,
            objects: 0,
            refused: 0,
        }
    }
    /// Makes the next record. True while there is more.
    pub(super) fn step(&mut self, watch: &[WatchEvent]) -> bool {
        if let Some(event) = watch.get(self.next) {
            self.next += 1;
            self.add(event, self.was_there(event));
        }
        self.next < watch.len()
    }
    /// What is heard before it is laid out: it says who does what comes next.
    pub(super) fn hear(&mut self, event: &WatchEvent) {
        self.actors.hear(event);
    }
    /// Makes the record of an event. `was_there` says whether its object was made before anybody looked.
    pub(super) fn add(&mut self, event: &WatchEvent, was_there: bool) {
        let kind = Kind::of(text(&event.object, "apiVersion"), text(&event.object, "kind"));
        let decoded = kind.and_then(|kind| Object::decode(kind, &event.object).ok());
        let Some(object) = decoded.filter(|object| !object.meta().name.is_empty()) else {
            self.refused += 1;
            return;
        };
        let key = object.key();
        let old = self.known.get(&key);
        let change = match (&*event.event, old) {
            ("DELETED", _) => Change::Deleted,
            (_, Some(_)) => Change::Modified,
            (_, None) => Change::Added,
        };
        if kind == Some(Kind::Node) && change == Change::Added && !self.nodes.contains(&key.name) {
            self.nodes.push(key.name.clone());
            self.actors.add_node(key.name.clone());
        }
        let was_there = change == Change::Added && was_there;
        let actor = self.actors.who(change, was_there, &event.object, old, &self.known);
        self.objects += usize::from(change == Change::Added);
        match change {
            Change::Deleted => _ = self.known.remove(&key),
            Change::Added | Change::Modified => _ = self.known.insert(key, event.object.clone()),
        }
        self.records.push(Record {
            id: RecordId(u32::try_from(self.taken + self.records.len()).unwrap_or(u32::MAX)),
            time: moment(event.t),
            actor,
            cause: None,
            fact: Fact::Object { change, object },
        });
    }
    /// Whether an object was made before anybody looked.
    fn was_there(&self, event: &WatchEvent) -> bool {
        self.actors.age(event).is_some_and(|age| age > MADE_WITHIN)
    }
    /// The records since they were taken last.
    pub(super) fn take(&mut self) -> Vec<Record> {
        self.taken += self.records.len();
        std::mem::take(&mut self.records)
    }
    /// The nodes: the place of each is its number.
    pub(super) fn nodes(&self) -> &[Str] {
        &self.nodes
    }
    /// How many objects there have been.
    pub(super) fn objects(&self) -> usize {
        self.objects
    }
    /// The records, the nodes, how many objects there are, and how many events could not be read; none before the end.
    pub(super) fn finish(self) -> Option<(Vec<Record>, Vec<Str>, usize, usize)> {
        (!self.records.is_empty()).then_some((self.records, self.nodes, self.objects, self.refused))
    }
}
