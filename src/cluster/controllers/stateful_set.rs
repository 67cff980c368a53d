//! Makes, replaces and deletes the Pods of StatefulSets, each with a name, a number and claims of its own
//! (upstream: pkg/controller/statefulset/stateful_set.go).

mod claims;
mod control;
mod identity;
mod pod_control;
mod revisions;
mod rolling;
mod status;
#[cfg(test)]
mod tests;

use super::availability::availability_wait;
use super::ownership::{claim_where, resolve};
use super::stop::Stop;
use super::{Controller, Outcome, WorkQueue, history};
use crate::api::conditions::is_pod_ready;
use crate::api::labels::Selector;
use crate::api::objects::{ControllerRevision, Pod, StatefulSet, StatefulSetStatus};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::SECOND;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct StatefulSetController;

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    set: Rc<StatefulSet>,
    /// Pods that it manages or might take up.
    candidates: Vec<Object>,
    /// ControllerRevisions that it manages or might take up.
    revisions: Vec<Rc<ControllerRevision>>,
    /// The claims of its Pods that exist, by their names.
    claims: BTreeMap<Str, Object>,
}

/// A sync under way.
struct Sync<'a, 'b> {
    ask: &'a mut Ask<'b>,
    set: Rc<StatefulSet>,
    owner: Object,
    claims: BTreeMap<Str, Object>,
}

impl Controller for StatefulSetController {
    const NAME: ControllerName = ControllerName::StatefulSet;
    const WATCHES: &'static [Kind] =
        &[Kind::StatefulSet, Kind::Pod, Kind::ControllerRevision, Kind::PersistentVolumeClaim];
    const OWN_WRITES: &'static [Kind] = &[Kind::StatefulSet, Kind::Pod, Kind::PersistentVolumeClaim];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::StatefulSet(_) => queue.add(heard.object.key()),
            Object::Pod(pod) => on_pod(heard, pod, cache, queue),
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let set = cache.get(key)?.get::<StatefulSet>()?.clone();
        let candidates: Vec<Object> = cache.candidates(&set.metadata, Kind::Pod).cloned().collect();
        let selector = Selector::from_label_selector(&set.spec.selector).ok()?;
        let revisions = cache
            .candidates(&set.metadata, Kind::ControllerRevision)
            .filter_map(|object| object.get::<ControllerRevision>())
            .filter(|revision| selector.matches(&revision.metadata.labels))
            .cloned()
            .collect();
        let claims = claims_of(&set, &candidates, cache);
        Some(Input { set, candidates, revisions, claims })
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match sync_stateful_set(input, ask) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Suspended) => Err(Suspended),
            Err(Stop::Failed(_)) => Ok(Outcome::Retry),
        }
    }
}

/// The claims that exist of the Pods that a StatefulSet has or wants.
fn claims_of(set: &StatefulSet, pods: &[Object], cache: &Cache) -> BTreeMap<Str, Object> {
    if set.spec.volume_claim_templates.is_empty() {
        return BTreeMap::new();
    }
    let existing = pods.iter().filter_map(|pod| identity::ordinal_of(set, &pod.meta().name));
    let ordinals: std::collections::BTreeSet<i32> = identity::ordinals(set).chain(existing).collect();
    let names = ordinals.into_iter().flat_map(|ordinal| claims::names(set, ordinal));
    names
        .filter_map(|name| {
            let key =
                ObjectKey::new(Kind::PersistentVolumeClaim, set.metadata.namespace.clone(), name.clone());
            Some((name, cache.get(&key)?.clone()))
        })
        .collect()
}

fn on_pod(heard: &Heard, pod: &Rc<Pod>, cache: &Cache, queue: &mut WorkQueue) {
    let meta = &pod.metadata;
    let owner = resolve(Kind::StatefulSet, meta, cache);
    let is_leaving = heard.change == Change::Deleted || (heard.old.is_none() && meta.is_terminating());
    if is_leaving {
        return owner.into_iter().for_each(|owner| queue.add(owner));
    }
    let old = heard.old.as_ref().map(Object::meta);
    if let Some(old) = old
        && old.controller() != meta.controller()
        && let Some(was) = resolve(Kind::StatefulSet, old, cache)
    {
        queue.add(was);
    }
    if let Some(owner) = owner {
        let was_ready =
            heard.old.as_ref().and_then(|old| old.get::<Pod>()).is_none_or(|old| is_pod_ready(old));
        let set = cache.get(&owner).and_then(|object| object.get::<StatefulSet>());
        let wait = set.map_or(0, |set| set.spec.min_ready_seconds);
        queue.add(owner.clone());
        if !was_ready && is_pod_ready(pod) && wait > 0 {
            queue.add_after(owner, wait as u64 * SECOND);
        }
    } else if meta.controller().is_none() {
        let has_changed =
            old.is_none_or(|old| old.labels != meta.labels || old.controller() != meta.controller());
        if has_changed {
            for set in cache.list_typed::<StatefulSet>(&meta.namespace) {
                let selector = Selector::from_label_selector(&set.spec.selector);
                if selector.is_ok_and(|selector| !selector.is_everything() && selector.matches(&meta.labels))
                {
                    queue.add(Object::StatefulSet(set.clone()).key());
                }
            }
        }
    }
}

fn sync_stateful_set(input: &Input, ask: &mut Ask) -> Result<Outcome, Stop> {
    let set = &input.set;
    let Ok(selector) = Selector::from_label_selector(&set.spec.selector) else { return Ok(Outcome::Done) };
    let owner = Object::StatefulSet(set.clone());
    history::adopt_orphans(ask, &owner, &input.revisions)?;
    let claimed = claim_where(ask, &owner, &input.candidates, None, |meta| {
        selector.matches(&meta.labels) && identity::ordinal_of(set, &meta.name).is_some()
    })?;
    let pods: Vec<Rc<Pod>> = claimed.iter().filter_map(|object| object.get::<Pod>().cloned()).collect();
    let now = ask.unix_micros();
    let mut sync = Sync { ask, set: set.clone(), owner, claims: input.claims.clone() };
    let status = sync.update_stateful_set(&pods, &input.revisions)?;
    Ok(next_check(set, &status, &pods, now))
}

/// Comes back when the next Pod has been ready for long enough, where one has not yet.
fn next_check(set: &StatefulSet, status: &StatefulSetStatus, pods: &[Rc<Pod>], now: u64) -> Outcome {
    let seconds = set.spec.min_ready_seconds;
    if seconds <= 0 || status.ready_replicas == status.available_replicas {
        return Outcome::Done;
    }
    Outcome::After(availability_wait(pods, seconds, now))
}
