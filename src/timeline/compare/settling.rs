//! When the Pods of a run are settled: each is ready or has ended, and nothing of them that is seen changes any more. It is counted
//! in the same way for a run that is drawn and for one of the seeds.

use crate::api::objects::{Pod, PodPhase};
use crate::api::pod_columns::{PodColumns, pod_columns};
use crate::api::{Kind, ObjectKey, conditions};
use crate::cluster::record::{Change, Fact, Record};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};

/// So long after the last act a run is looked at.
pub const LONGEST: Micros = 120 * SECOND;

/// A container that was started again twice has to run for so long until it counts as settled.
const STILL: Micros = 60 * SECOND;

/// The Pods of a run, as far as it was heard.
#[derive(Clone, Debug)]
pub struct Settling {
    since: SimTime,
    pods: BTreeMap<ObjectKey, Looks>,
    /// The uids of the Jobs that a CronJob has made: it goes on for ever, and what it makes never comes to rest.
    scheduled: BTreeSet<Str>,
    changed: SimTime,
}

/// What is seen of a Pod.
#[derive(Clone, Debug)]
struct Looks {
    columns: PodColumns,
    is_settled: bool,
    /// How often its containers have been started again, and how often they had been before the last act.
    restarts: i32,
    before: i32,
}

impl Settling {
    /// Counts from the last act on.
    pub fn new(since: SimTime) -> Self {
        Self { since, pods: BTreeMap::new(), scheduled: BTreeSet::new(), changed: since }
    }
    /// Counts from later on: the last act was put off.
    pub(super) fn put_off(&mut self, by: Micros) {
        if by > 0 {
            self.since = self.since + by;
            self.changed = self.changed.max(self.since);
            self.pods.values_mut().for_each(|looks| looks.before = looks.restarts);
        }
    }
    /// Until when it is counted.
    pub fn end(&self) -> SimTime {
        self.since + LONGEST
    }
    /// Hears what happened next.
    pub fn hear(&mut self, record: &Record) {
        let Fact::Object { object, change } = &record.fact else { return };
        let owner = object.meta().controller();
        // One that somebody has made from it by hand is the only one.
        let is_manual = object.meta().annotations.contains_key("cronjob.kubernetes.io/instantiate");
        if object.kind() == Kind::Job && !is_manual && owner.is_some_and(|owner| &*owner.kind == "CronJob") {
            self.scheduled.insert(object.meta().uid.clone());
        }
        if owner.is_some_and(|owner| self.scheduled.contains(&owner.uid)) {
            return;
        }
        let Some(pod) = object.get::<Pod>().filter(|_| record.time <= self.end()) else { return };
        let key = object.key();
        if *change == Change::Deleted {
            self.pods.remove(&key);
            self.changed = self.changed.max(record.time);
            return;
        }
        let restarts = pod.status.container_statuses.iter().map(|status| status.restart_count).sum();
        let earlier = self.pods.get(&key);
        let before = match earlier {
            _ if record.time < self.since => restarts,
            Some(earlier) => earlier.before,
            None => 0,
        };
        let looks = Looks { columns: pod_columns(pod), is_settled: is_settled(pod), restarts, before };
        let is_same = earlier.is_some_and(|earlier| {
            earlier.columns == looks.columns && earlier.is_settled == looks.is_settled
        });
        if !is_same {
            self.changed = self.changed.max(record.time);
        }
        self.pods.insert(key, looks);
    }
    /// How long after the last act the Pods were settled; none where they are not. `until` is how far the run was heard;
    /// [`SimTime::NEVER`] where nothing more is to happen in it.
    pub fn settled(&self, until: SimTime) -> Option<Micros> {
        let is_still = until.min(self.end()).since(self.changed) >= STILL || until == SimTime::NEVER;
        let holds = |looks: &Looks| looks.is_settled && (is_still || looks.restarts < looks.before + 2);
        self.pods.values().all(holds).then(|| self.changed.since(self.since))
    }
}

pub(super) fn is_settled(pod: &Pod) -> bool {
    !pod.metadata.is_terminating()
        && match pod.status.phase {
            Some(PodPhase::Succeeded | PodPhase::Failed) => true,
            // Where its node is not heard of it is not ready, whatever its containers are.
            Some(PodPhase::Running) => conditions::is_pod_ready(pod),
            _ => false,
        }
}
