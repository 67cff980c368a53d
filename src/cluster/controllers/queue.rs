//! A controller's work queue (upstream: k8s.io/client-go/util/workqueue): a key is worked on by one
//! worker at a time, and waits once however often it is added.

use crate::api::ObjectKey;
use crate::cluster::record::RecordId;
use crate::cluster::time::{Micros, SECOND};
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
    /// Workers that are about to take a key.
    pub(super) promised: usize,
}

impl WorkQueue {
    /// Adds a key.
    pub fn add(&mut self, key: ObjectKey) {
        self.fresh.push(key.clone());
        if self.dirty.insert(key.clone()) && !self.processing.contains(&key) {
            self.waiting.push_back(key);
        }
    }
    /// Adds a key after so long.
    pub fn add_after(&mut self, key: ObjectKey, micros: Micros) {
        self.delayed.push((Rc::new(key), micros));
    }
    /// Adds a key after `first`, doubled with each failure in a row, up to 1,000 s.
    pub(super) fn add_rate_limited(&mut self, key: &ObjectKey, first: Micros) {
        let failures = self.failures.entry(key.clone()).or_default();
        let wait = first.saturating_mul(1 << (*failures).min(30)).min(1_000 * SECOND);
        *failures += 1;
        self.add_after(key.clone(), wait);
    }
    /// Forgets the failures of a key.
    pub(super) fn forget(&mut self, key: &ObjectKey) {
        self.failures.remove(key);
    }
    /// Says why the keys were added that have been since this was last said.
    pub(super) fn caused_by(&mut self, cause: Option<RecordId>) {
        for key in self.fresh.drain(..) {
            self.causes.insert(key, cause);
        }
    }
    pub(super) fn take_delayed(&mut self) -> Vec<(Rc<ObjectKey>, Micros)> {
        std::mem::take(&mut self.delayed)
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
