//! Whether a run is calm: every Pod is ready or has ended, and every kube-proxy has written down which Pods of a Service are
//! ready. Who waits for their Pods before they do something waits for that, whatever the seed.

use super::super::line::Acted;
use super::super::run::Act;
use super::is_deed;
use super::settling::is_settled;
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Change, Fact, NodeId, Record};
use crate::cluster::time::{Micros, SECOND, SimTime};
use std::collections::BTreeSet;

/// A kube-proxy writes rules at most once a second; after so long none is to come of a change of endpoints.
const WRITTEN: Micros = 3 * SECOND;

/// What is under way in a run, as far as it was heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Calm {
    unsettled: BTreeSet<ObjectKey>,
    /// The nodes whose kube-proxy has written rules, and those of them whose has not since endpoints changed last.
    nodes: BTreeSet<NodeId>,
    behind: BTreeSet<NodeId>,
    changed: SimTime,
}

impl Calm {
    /// Hears what happened next.
    pub(super) fn hear(&mut self, record: &Record) {
        match &record.fact {
            Fact::Object { change, object } if object.kind() == Kind::Pod => {
                let is_settled =
                    *change == Change::Deleted || object.get::<Pod>().is_none_or(|pod| is_settled(pod));
                if is_settled {
                    self.unsettled.remove(&object.key());
                } else {
                    self.unsettled.insert(object.key());
                }
            }
            Fact::Object { object, .. } if object.kind() == Kind::EndpointSlice => {
                self.behind.clone_from(&self.nodes);
                self.changed = record.time;
            }
            Fact::Rules(node, ..) => {
                self.nodes.insert(*node);
                self.behind.remove(node);
            }
            _ => {}
        }
    }
    /// Whether all Pods are settled.
    pub(super) fn are_pods_settled(&self) -> bool {
        self.unsettled.is_empty()
    }
    /// Whether nothing is under way at a time.
    pub(super) fn is_calm(&self, now: SimTime) -> bool {
        self.are_pods_settled() && (self.behind.is_empty() || now.since(self.changed) >= WRITTEN)
    }
}

/// Which of the acts in the run that these records are of waited for their Pods: these had something to do since the act before, and
/// all were settled by then.
pub(super) fn waited(acts: &[Acted], records: &[Record]) -> Vec<bool> {
    let (mut calm, mut heard) = (Calm::default(), 0);
    let (mut has_waited, mut has_begun) = (false, false);
    let mut waited = Vec::with_capacity(acts.len());
    for acted in acts {
        let until = records.partition_point(|record| record.time <= acted.at).max(heard);
        let mut has_worked = false;
        for record in &records[heard..until] {
            calm.hear(record);
            has_worked |= !calm.are_pods_settled();
        }
        heard = until;
        // Who waits before requests are sent has waited for what is done next, too.
        has_waited = calm.are_pods_settled() && (has_worked || has_waited && !has_begun);
        has_begun = !matches!(acted.act, Act::Requests(_)) && is_deed(&acted.act);
        waited.push(has_waited);
    }
    waited
}
