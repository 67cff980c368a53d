//! Keeps a Pod of each DaemonSet on every node that it fits
//! (upstream: pkg/controller/daemon/daemon_controller.go).

mod placement;
mod revisions;
mod status;
mod sync;
mod template;
#[cfg(test)]
mod tests;
mod update;

use super::expectations::Expectations;
use super::ownership::resolve;
use super::stop::Stop;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::is_pod_ready;
use crate::api::labels::Selector;
use crate::api::objects::{DaemonSet, Node, ObjectMeta, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;
use sync::Progress;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct DaemonSetController {
    expectations: Expectations,
    /// How far the syncs are that go on with a fresh look at the cache.
    progress: BTreeMap<ObjectKey, Progress>,
    /// Of each DaemonSet the nodes on which its Pods fail.
    failing: BTreeMap<ObjectKey, BTreeMap<Str, BackOff>>,
}

/// How long a Pod that has failed is left alone before it is replaced (upstream: failedPodsBackoff).
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff {
    /// The generation of the DaemonSet that failed.
    generation: i64,
    wait: Micros,
    since: SimTime,
}

/// The first such wait, doubled with each further failure, and the longest.
const FIRST_WAIT: Micros = SECOND;
const LONGEST_WAIT: Micros = 15 * 60 * SECOND;

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    set: Rc<DaemonSet>,
    nodes: Vec<Rc<Node>>,
    /// Pods that it manages or might take up.
    candidates: Vec<Object>,
    /// ControllerRevisions that it manages or might take up.
    revisions: Vec<Object>,
    /// Whether everything asked for before was heard of.
    is_satisfied: bool,
    failing: BTreeMap<Str, BackOff>,
    /// How far it is.
    progress: Option<Progress>,
}

impl Controller for DaemonSetController {
    const NAME: ControllerName = ControllerName::DaemonSet;
    const WATCHES: &'static [Kind] = &[Kind::DaemonSet, Kind::ControllerRevision, Kind::Pod, Kind::Node];
    const WORKERS: usize = 2;
    const OWN_WRITES: &'static [Kind] = &[Kind::DaemonSet, Kind::Pod];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::DaemonSet(_) => {
                let key = heard.object.key();
                if heard.change == Change::Deleted {
                    self.expectations.forget(&key);
                    self.failing.remove(&key);
                }
                queue.add(key);
            }
            Object::Pod(pod) => self.on_pod(heard, pod, cache, queue),
            Object::ControllerRevision(_) => on_revision(heard, cache, queue),
            Object::Node(node) => on_node(heard, node, cache, queue),
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let progress = self.progress.remove(key);
        let set = match &progress {
            Some(progress) => progress.set.clone(),
            None => cache.get(key)?.get::<DaemonSet>()?.clone(),
        };
        Some(Input {
            nodes: cache.list(Kind::Node, None).filter_map(|node| node.get::<Node>().cloned()).collect(),
            candidates: cache.candidates(&set.metadata, Kind::Pod).cloned().collect(),
            revisions: cache.candidates(&set.metadata, Kind::ControllerRevision).cloned().collect(),
            is_satisfied: self.expectations.are_satisfied(key),
            failing: self.failing.get(key).cloned().unwrap_or_default(),
            progress,
            set,
        })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match self.sync_daemon_set(key, input, ask) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Suspended) => Err(Suspended),
            Err(Stop::Failed(_)) => Ok(Outcome::Retry),
        }
    }
}

impl DaemonSetController {
    fn on_pod(&mut self, heard: &Heard, pod: &Rc<Pod>, cache: &Cache, queue: &mut WorkQueue) {
        let (key, meta) = (heard.object.key(), &pod.metadata);
        let owner = resolve(Kind::DaemonSet, meta, cache);
        if heard.change == Change::Deleted || meta.is_terminating() {
            if let Some(owner) = owner {
                self.expectations.deletion_observed(&owner, &key);
                queue.add(owner);
            }
            return;
        }
        let old = heard.old.as_ref().map(Object::meta);
        let has_new_owner = old.is_some_and(|old| old.controller() != meta.controller());
        if let Some(was) = old.filter(|_| has_new_owner).and_then(|old| resolve(Kind::DaemonSet, old, cache)) {
            queue.add(was);
        }
        if let Some(owner) = owner {
            if heard.change == Change::Added {
                self.expectations.creation_observed(&owner);
            }
            let was_ready =
                heard.old.as_ref().and_then(|old| old.get::<Pod>()).is_none_or(|old| is_pod_ready(old));
            let set = cache.get(&owner).and_then(|object| object.get::<DaemonSet>());
            let wait = set.map_or(0, |set| set.spec.min_ready_seconds);
            queue.add(owner.clone());
            if !was_ready && is_pod_ready(pod) && wait > 0 {
                queue.add_after(owner, wait as u64 * SECOND + SECOND);
            }
        } else if meta.controller().is_none()
            && old.is_none_or(|old| has_new_owner || old.labels != meta.labels)
        {
            matching(meta, cache).for_each(|key| queue.add(key));
        }
    }
}

fn on_revision(heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
    let meta = heard.object.meta();
    let old = heard.old.as_ref().map(Object::meta).filter(|_| heard.change == Change::Modified);
    let has_new_owner = old.is_some_and(|old| old.controller() != meta.controller());
    if let Some(was) = old.filter(|_| has_new_owner).and_then(|old| resolve(Kind::DaemonSet, old, cache)) {
        queue.add(was);
    }
    if meta.controller().is_some() {
        // A new one that it has made itself says nothing new.
        let owner = resolve(Kind::DaemonSet, meta, cache).filter(|_| heard.change != Change::Added);
        owner.into_iter().for_each(|owner| queue.add(owner));
    } else if heard.change != Change::Deleted
        && old.is_none_or(|old| has_new_owner || old.labels != meta.labels)
    {
        matching(meta, cache).for_each(|key| queue.add(key));
    }
}

/// A node that is new, or has other labels or taints, concerns those that now should or should not run there.
fn on_node(heard: &Heard, node: &Rc<Node>, cache: &Cache, queue: &mut WorkQueue) {
    let is_same = heard.old.as_ref().and_then(|old| old.get::<Node>()).is_some_and(|old| {
        old.metadata.labels == node.metadata.labels && old.spec.taints == node.spec.taints
    });
    if is_same || heard.change == Change::Deleted {
        return;
    }
    for set in cache.list(Kind::DaemonSet, None).filter_map(|object| object.get::<DaemonSet>()) {
        let placed = placement::should_run(node, &template::daemon_spec(&set.spec.template));
        let is_own = |pod: &Rc<Pod>| {
            let owner = pod.metadata.controller();
            owner.is_some_and(|owner| owner.uid == set.metadata.uid)
        };
        let is_there = cache.pods_on(&node.metadata.name).any(is_own);
        let concerns =
            if is_there { !placed.stays || set.status.number_misscheduled > 0 } else { placed.runs };
        if concerns {
            queue.add(Object::DaemonSet(set.clone()).key());
        }
    }
}

/// DaemonSets whose selector matches labels that nobody owns.
fn matching<'a>(meta: &'a ObjectMeta, cache: &'a Cache) -> impl Iterator<Item = ObjectKey> + 'a {
    cache
        .list_typed::<DaemonSet>(&meta.namespace)
        .filter(|set| {
            let selector = Selector::from_label_selector(&set.spec.selector);
            selector.is_ok_and(|selector| !selector.is_everything() && selector.matches(&meta.labels))
        })
        .map(|set| Object::DaemonSet(set.clone()).key())
}
