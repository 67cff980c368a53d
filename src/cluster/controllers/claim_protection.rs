//! Keeps claims while Pods use them, and says of claims whether somebody does
//! (upstream: pkg/controller/volume/pvcprotection).

use super::persistent_volume::PodsByClaim;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{find, is_pod_terminal};
use crate::api::objects::{Condition, ConditionStatus, PersistentVolumeClaim, Pod};
use crate::api::volumes::claims_of;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::storage::PVC_PROTECTION;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::ControllerName;
use crate::cluster::request::{Filter, Reply, Request, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::value::{Map, Str, Value};
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct ClaimProtectionController {
    pods: PodsByClaim,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    claim: Rc<PersistentVolumeClaim>,
    pods: Vec<Rc<Pod>>,
}

fn has(object: &Object, finalizer: &str) -> bool {
    object.meta().finalizers.iter().any(|own| &**own == finalizer)
}

/// Whether only the finalizer keeps an object, or it lacks it: whether something is to be done.
pub(super) fn is_candidate(object: &Object, finalizer: &str) -> bool {
    object.meta().is_terminating() == has(object, finalizer)
}

impl Controller for ClaimProtectionController {
    const NAME: ControllerName = ControllerName::ClaimProtection;
    const WATCHES: &'static [Kind] = &[Kind::PersistentVolumeClaim, Kind::Pod];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::PersistentVolumeClaim(claim) => {
                let is_told = find(&claim.status.conditions, "Unused").is_some();
                if !is_told || is_candidate(&heard.object, PVC_PROTECTION) {
                    queue.add(heard.object.key());
                }
            }
            Object::Pod(pod) => {
                self.pods.on_pod(heard.change, pod);
                for claim in claims_of(pod) {
                    let namespace = pod.metadata.namespace.clone();
                    queue.add(ObjectKey::new(Kind::PersistentVolumeClaim, namespace, claim));
                }
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let claim = cache.get(key)?.get::<PersistentVolumeClaim>()?.clone();
        let pods = self.pods.of(key, cache).into_iter().cloned().collect();
        Some(Input { claim, pods })
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let claim = &input.claim;
        let object = Object::PersistentVolumeClaim(claim.clone());
        if !claim.metadata.is_terminating() && &*claim.status.phase == "Bound" {
            let is_used = is_used(ask, input, |pod| !is_pod_terminal(pod))?;
            if !say_whether_used(ask, claim, is_used)? {
                return Ok(Outcome::Retry);
            }
        }
        if !is_candidate(&object, PVC_PROTECTION) {
            return Ok(Outcome::Done);
        }
        // A Pod that is nowhere yet will not be started with a claim that is being deleted.
        if claim.metadata.is_terminating() && is_used(ask, input, |pod| !pod.spec.node_name.is_empty())? {
            return Ok(Outcome::Done);
        }
        turn_finalizer(ask, object, PVC_PROTECTION)
    }
}

/// Whether one of the claim's Pods counts; what is not heard of is asked for.
fn is_used(ask: &mut Ask, input: &Input, counts: impl Fn(&Pod) -> bool) -> Result<bool, Suspended> {
    if input.pods.iter().any(|pod| counts(pod)) {
        return Ok(true);
    }
    let meta = &input.claim.metadata;
    let key = ObjectKey::new(Kind::Pod, meta.namespace.clone(), "");
    let listed = ask.api(Request::new(Verb::List(Filter::default()), key))?;
    let Ok(Reply::List(objects, _)) = listed else { return Ok(true) };
    let uses = |pod: &Rc<Pod>| claims_of(pod).any(|claim| claim == meta.name) && counts(pod);
    Ok(objects.iter().filter_map(|object| object.get::<Pod>()).any(uses))
}

/// Says in the claim's condition whether it is used. False where that failed.
fn say_whether_used(ask: &mut Ask, claim: &Rc<PersistentVolumeClaim>, is_used: bool) -> Result<bool, Suspended> {
    let status = if is_used { ConditionStatus::False } else { ConditionStatus::True };
    if find(&claim.status.conditions, "Unused").is_some_and(|old| old.status == Some(status)) {
        return Ok(true);
    }
    let (reason, message) = if is_used {
        ("PodUsingPVC", "A pod is currently referencing this PVC")
    } else {
        ("NoPodsUsingPVC", "No pods are currently referencing this PVC")
    };
    let never_probed = Map::from_iter([(Str::from("lastProbeTime"), Value::Null)]);
    let condition = Condition {
        kind: "Unused".into(),
        status: Some(status),
        reason: reason.into(),
        message: message.into(),
        last_transition_time: Some(ask.rfc3339()),
        extra: Some(Rc::new(never_probed)),
        ..Condition::default()
    };
    let mut new = PersistentVolumeClaim::clone(claim);
    match new.status.conditions.iter_mut().find(|old| old.kind == condition.kind) {
        Some(old) => *old = condition,
        None => new.status.conditions.push(condition),
    }
    Ok(ask.api(Request::update_status(new))?.is_ok())
}

/// Takes the finalizer from what is being deleted, gives it to what is not.
pub(super) fn turn_finalizer(ask: &mut Ask, mut object: Object, finalizer: &str) -> Result<Outcome, Suspended> {
    let finalizers = &mut object.meta_mut().finalizers;
    match finalizers.iter().position(|own| &**own == finalizer) {
        Some(at) => _ = finalizers.remove(at),
        None => finalizers.push(finalizer.into()),
    }
    Ok(if ask.api(Request::update(object))?.is_ok() { Outcome::Done } else { Outcome::Retry })
}
