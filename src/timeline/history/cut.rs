//! A history cut off at a moment: what is acted on in the past goes on from there, and what stands before an open question ends there.

use super::History;
use crate::api::Object;
use crate::cluster::record::{Fact, Record};
use crate::cluster::time::SimTime;
use crate::timeline::RowKey;
use std::collections::BTreeMap;

impl History {
    /// Takes away what was recorded after `at`.
    pub fn truncate(&mut self, at: SimTime) {
        let keep = self.records.partition_point(|record| record.time <= at);
        while self.records.len() > keep {
            let Some(record) = self.records.pop() else { break };
            self.forget(&record);
        }
        self.moments.truncate(self.moments.partition_point(|moment| *moment <= at));
    }
    fn forget(&mut self, record: &Record) {
        if matches!(record.fact, Fact::Message(_)) {
            self.messages.pop();
        }
        if matches!(record.fact, Fact::Decision(_)) {
            self.decisions.pop();
        }
        if self.faults.last() == Some(&record.id) {
            self.faults.pop();
        }
        if self.added_nodes.last() == Some(&record.id) {
            self.added_nodes.pop();
            self.nodes.pop();
        }
        let Some(key) = RowKey::of(&record.fact) else { return };
        let place = self.places.get(&key).copied();
        let Some(versions) = place.and_then(|place| self.versions.get_mut(place as usize)) else { return };
        versions.pop();
        let is_gone = versions.is_empty();
        if let Fact::Request(number, _) = &record.fact {
            if is_gone {
                self.request_places.remove(number);
                self.requests.pop();
            } else if let Some(place) = self.request_places.get(number) {
                self.requests.end(*place, SimTime::NEVER);
            }
        }
        if is_gone {
            match (&key, &record.fact) {
                (RowKey::Object(_), Fact::Object { object: Object::Event(event), .. }) => {
                    if let Some(events) = self.events.get_mut(&event.involved_object.name) {
                        events.pop();
                    }
                }
                (RowKey::Sandbox(_), Fact::Sandbox(_, Some(row))) => {
                    drop_last(&mut self.sandboxes, &row.pod_uid)
                }
                (RowKey::Container(_), Fact::Container(_, Some(row))) => {
                    drop_last(&mut self.containers, &row.sandbox)
                }
                (RowKey::Process(..), Fact::Process(_, _, Some(row))) => {
                    drop_last(&mut self.processes, &row.sandbox)
                }
                _ => {}
            }
            // What was recorded last is forgotten first: it is the newest row.
            self.versions.pop();
            self.places.remove(&key);
            self.order.remove(&key);
        }
    }
    /// The same run as if nothing had been recorded after a moment: what stands before a question that is still open. Views ask it as
    /// any other; what goes on then ends there.
    pub fn known_until(&self, at: SimTime) -> History {
        let keep = self.records.partition_point(|record| record.time <= at);
        // What costs less: to add what stays, or to copy all and take away what goes.
        let mut known = if keep < self.records.len() / 2 {
            let mut begun = History::new(self.nodes[..self.nodes.len() - self.added_nodes.len()].to_vec());
            begun.extend(self.records[..keep].iter().cloned());
            begun
        } else {
            let mut whole = self.clone();
            whole.truncate(at);
            whole
        };
        known.until = Some(at);
        known
    }
    /// Whether it is what [`History::known_until`] gives of a run at a moment.
    pub fn is_known_of(&self, whole: &History, at: SimTime) -> bool {
        let count = whole.records.partition_point(|record| record.time <= at);
        let last = |records: &[Record]| records.last().map(|record| (record.id, record.time));
        self.until == Some(at)
            && self.records.len() == count
            && last(&self.records) == last(&whole.records[..count])
    }
}

fn drop_last<K: Ord + Clone, T>(index: &mut BTreeMap<K, Vec<T>>, key: &K) {
    if let Some(list) = index.get_mut(key) {
        list.pop();
        if list.is_empty() {
            index.remove(key);
        }
    }
}
