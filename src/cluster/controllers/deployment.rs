//! Makes and scales the ReplicaSets of Deployments
//! (upstream: pkg/controller/deployment/deployment_controller.go).

mod progress;
mod recreate;
mod rollback;
mod rolling;
mod sync;
mod util;

use super::ownership::{claim_all, owner_key, resolve};
use super::stop::Stop;
use super::{Controller, Outcome, WorkQueue};
use crate::api::labels::Selector;
use crate::api::objects::{Deployment, ObjectMeta, Pod, ReplicaSet};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::Request;
use crate::cluster::tally::PodTally;
use crate::cluster::task::{Ask, Suspended};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct DeploymentController;

/// How many of a Deployment's Pods are to be available at least while it rolls out, and how many there are at most.
pub fn rollout_bounds(deployment: &Deployment) -> [i32; 2] {
    let wanted = util::wanted(deployment);
    let missing = if util::is_rolling(deployment) { util::max_unavailable(deployment) } else { wanted };
    [wanted - missing, wanted + util::max_surge(deployment)]
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    deployment: Rc<Deployment>,
    /// ReplicaSets that it manages or might take up.
    candidates: Vec<Object>,
    /// The ReplicaSets with Pods that have not ended, by their uids.
    running: BTreeSet<crate::value::Str>,
}

/// A sync under way: the Deployment as it was last written, its ReplicaSets.
struct Sync<'a, 'b> {
    ask: &'a mut Ask<'b>,
    deployment: Rc<Deployment>,
    replica_sets: Vec<Rc<ReplicaSet>>,
    running: &'a BTreeSet<crate::value::Str>,
}

impl Controller for DeploymentController {
    const NAME: ControllerName = ControllerName::Deployment;
    const WATCHES: &'static [Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::Pod];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::Deployment(_) => queue.add(heard.object.key()),
            Object::ReplicaSet(replica_set) => {
                let old = heard.old.as_ref().map(Object::meta);
                if let Some((was, uid)) = old.and_then(|old| owner_key(old))
                    && replica_set.metadata.controller().is_none_or(|now| now.uid != uid)
                {
                    queue.add(was);
                }
                match resolve(Kind::Deployment, &replica_set.metadata, cache) {
                    Some(owner) => queue.add(owner),
                    None if replica_set.metadata.controller().is_none()
                        && heard.change != Change::Deleted =>
                    {
                        let has_changed = old.is_none_or(|old| {
                            old.labels != replica_set.metadata.labels || old.controller().is_some()
                        });
                        if has_changed {
                            matching(&replica_set.metadata, cache).into_iter().for_each(|key| queue.add(key));
                        }
                    }
                    None => {}
                }
            }
            // A Recreate Deployment waits for its last old Pod.
            Object::Pod(pod) if heard.change == Change::Deleted => {
                let owner = resolve_pod(&pod.metadata, cache);
                queue_if_recreate(owner, cache, queue);
            }
            Object::Pod(pod) => {
                let has_ended = heard.old.as_ref().and_then(|old| old.get::<Pod>()).is_some_and(|old| {
                    crate::api::conditions::is_pod_terminal(pod)
                        && !crate::api::conditions::is_pod_terminal(old)
                });
                if has_ended {
                    queue_if_recreate(resolve_pod(&pod.metadata, cache), cache, queue);
                }
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let deployment = cache.get(key)?.get::<Deployment>()?.clone();
        let candidates: Vec<Object> =
            cache.candidates(&deployment.metadata, Kind::ReplicaSet).cloned().collect();
        let has_running = |uid: &crate::value::Str| {
            cache.count_controlled_by(uid).map(PodTally::sum).is_some_and(|pods| pods.all > pods.ended)
        };
        let uids = candidates.iter().map(|object| &object.meta().uid);
        let running = uids.filter(|uid| has_running(uid)).cloned().collect();
        Some(Input { deployment, candidates, running })
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match sync_deployment(input, ask) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Suspended) => Err(Suspended),
            Err(Stop::Failed(error)) if error.is_namespace_terminating() => Ok(Outcome::Done),
            Err(Stop::Failed(_)) => Ok(Outcome::Retry),
        }
    }
}

fn sync_deployment(input: &Input, ask: &mut Ask) -> Result<Outcome, Stop> {
    let Ok(selector) = Selector::from_label_selector(&input.deployment.spec.selector) else {
        return Ok(Outcome::Done);
    };
    let owner = Object::Deployment(input.deployment.clone());
    if selector.is_everything() {
        let why = "This deployment is selecting all pods. A non-empty selector is required.";
        ask.event(EventNote::warning(&owner, "SelectingAll", why));
        if input.deployment.status.observed_generation < input.deployment.metadata.generation {
            let mut seen = Deployment::clone(&input.deployment);
            seen.status.observed_generation = seen.metadata.generation;
            ask.api(Request::update_status(seen))??;
        }
        return Ok(Outcome::Done);
    }
    let claimed = claim_all(ask, &owner, &selector, &input.candidates)?;
    let replica_sets = claimed.iter().filter_map(|object| object.get::<ReplicaSet>().cloned()).collect();
    let mut sync = Sync { ask, deployment: input.deployment.clone(), replica_sets, running: &input.running };
    if sync.deployment.metadata.is_terminating() {
        return sync.sync_status_only();
    }
    sync.check_paused_conditions()?;
    if sync.deployment.spec.paused {
        return sync.sync();
    }
    if let Some(revision) = rollback::rollback_to(&sync.deployment) {
        return sync.rollback(revision);
    }
    if sync.is_scaling_event() {
        return sync.sync();
    }
    if &*sync.deployment.spec.strategy.kind == "Recreate" {
        sync.rollout_recreate()
    } else {
        sync.rollout_rolling()
    }
}

fn resolve_pod(meta: &ObjectMeta, cache: &Cache) -> Option<ObjectKey> {
    let (key, _) = owner_key(meta)?;
    resolve(Kind::Deployment, cache.get(&key)?.meta(), cache)
}

fn queue_if_recreate(owner: Option<ObjectKey>, cache: &Cache, queue: &mut WorkQueue) {
    let Some(key) = owner else { return };
    let Some(deployment) = cache.get(&key).and_then(|object| object.get::<Deployment>()) else { return };
    if &*deployment.spec.strategy.kind == "Recreate" {
        queue.add(key);
    }
}

/// Deployments whose selector matches labels that nobody owns.
fn matching(meta: &ObjectMeta, cache: &Cache) -> Vec<ObjectKey> {
    cache
        .list_typed::<Deployment>(&meta.namespace)
        .filter(|deployment| {
            Selector::from_label_selector(&deployment.spec.selector)
                .is_ok_and(|selector| !selector.is_everything() && selector.matches(&meta.labels))
        })
        .map(|deployment| {
            ObjectKey::new(Kind::Deployment, meta.namespace.clone(), deployment.metadata.name.clone())
        })
        .collect()
}

impl Sync<'_, '_> {
    /// Writes the status of the Deployment and goes on with what was written, of the version that it had.
    ///
    /// Upstream drops the answer of each UpdateStatus. So a second write of the same sync meets a conflict, and
    /// the sync is tried again with what the cache has by then.
    fn write_status(&mut self, new: Deployment) -> Result<(), Stop> {
        self.ask.api(Request::update_status(new.clone()))??;
        self.deployment = Rc::new(new);
        Ok(())
    }
}
