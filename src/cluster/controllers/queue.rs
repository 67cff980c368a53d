//! A controller's work queue (upstream: k8s.io/client-go/util/workqueue): a key is worked on by one
//! worker at a time, and waits once however often it is added.

use crate::api::ObjectKey;
use crate::cluster::engine::Place;
use crate::cluster::record::RecordId;
use crate::cluster::time::{Micros, SimTime};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// The queue.
#[derive(Clone, Debug, Default)]
pub struct WorkQueue {
    waiting: VecDeque<ObjectKey>,
    dirty: BTreeSet<ObjectKey>,
    processing: BTreeSet<ObjectKey>,
    failures: BTreeMap<ObjectKey, u32>,
    causes: BTreeMap<ObjectKey, Option<RecordId>>,
    fresh: Vec<ObjectKey>,
    delayed: Vec<(Rc<ObjectKey>, Micros)>,
    /// When each key that waits for its time is due.
    due: BTreeMap<ObjectKey, SimTime>,
    /// Where in the engine's queue that stands.
    places: BTreeMap<ObjectKey, Place>,
    /// What the clock on the wall shows, in microseconds since 1970, while changes are heard.
    pub(super) unix_micros: u64,
    /// Workers that are about to take a key.
    pub(super) promised: usize,
}

impl WorkQueue {
    /// Adds a key.
    pub fn add(&mut self, key: ObjectKey) {
        self.fresh.push(key.clone());
        self.put(key);
    }
    fn put(&mut self, key: ObjectKey) {
        if self.dirty.insert(key.clone()) && !self.processing.contains(&key) {
            self.waiting.push_back(key);
        }
    }
    /// Adds a key after so long. One that waits already is added at the earlier of the two times.
    pub fn add_after(&mut self, key: ObjectKey, micros: Micros) {
        self.delayed.push((Rc::new(key), micros));
    }
    /// Adds a key after `first`, doubled with each failure in a row, up to `most`.
    pub(super) fn add_rate_limited(&mut self, key: &ObjectKey, first: Micros, most: Micros) {
        let failures = self.failures.entry(key.clone()).or_default();
        let wait = first.saturating_mul(1 << (*failures).min(30)).min(most);
        *failures += 1;
        self.add_after(key.clone(), wait);
    }
    /// Forgets the failures of a key.
    pub(super) fn forget(&mut self, key: &ObjectKey) {
        self.failures.remove(key);
    }
    /// Whether keys were added since it was last said why.
    pub(super) fn has_news(&self) -> bool {
        !self.fresh.is_empty() || !self.delayed.is_empty()
    }
    /// Says why the keys were added that have been since this was last said.
    pub(super) fn caused_by(&mut self, cause: Option<RecordId>) {
        for key in self.fresh.drain(..) {
            self.causes.insert(key, cause);
        }
        for (key, _) in &self.delayed {
            self.causes.entry(ObjectKey::clone(key)).or_insert(cause);
        }
    }
    /// The keys that are to be added later, each with its time, without those that wait for an earlier one.
    pub(super) fn take_delayed(&mut self, now: SimTime) -> Vec<(Rc<ObjectKey>, SimTime)> {
        let mut new = Vec::new();
        for (key, after) in self.delayed.drain(..) {
            let at = now + after;
            if self.due.get(&*key).is_none_or(|due| at < *due) {
                self.due.insert(ObjectKey::clone(&key), at);
                new.push((key, at));
            }
        }
        new
    }
    /// Notes where a key that is to be added later stands in the engine's queue; gives where it stood for a later time.
    pub(super) fn stands(&mut self, key: &ObjectKey, place: Place) -> Option<Place> {
        self.places.insert(key.clone(), place)
    }
    /// A key need not be looked at later any more: gives what stands for it in the engine's queue.
    pub(super) fn settle(&mut self, key: &ObjectKey) -> Option<Place> {
        self.due.remove(key)?;
        self.places.remove(key)
    }
    /// Adds a key whose time has come; not where that was brought forward and is over.
    pub(super) fn add_due(&mut self, key: &ObjectKey, now: SimTime) {
        if self.due.get(key).is_some_and(|due| *due <= now) {
            self.due.remove(key);
            self.places.remove(key);
            self.put(key.clone());
        }
    }
    /// How many keys wait.
    pub(super) fn ready(&self) -> usize {
        self.waiting.len()
    }
    /// Takes the next key, and why it was added.
    pub(super) fn take(&mut self) -> Option<(ObjectKey, Option<RecordId>)> {
        let key = self.waiting.pop_front()?;
        self.dirty.remove(&key);
        self.processing.insert(key.clone());
        let cause = self.causes.remove(&key).flatten();
        Some((key, cause))
    }
    /// A worker is done with a key; it waits again where it was added meanwhile.
    pub(super) fn done(&mut self, key: &ObjectKey) {
        self.processing.remove(key);
        if self.dirty.contains(key) {
            self.waiting.push_back(key.clone());
        }
    }
}
