//! What the scheduler writes: a binding and its Event, why there is none, and the end of Pods that are in the way
//! (upstream: schedule_one.go bindingCycle and handleSchedulingFailure, framework/preemption/executor.go).

use super::plugins::volumes::PodVolumes;
use crate::api::objects::{Condition, ConditionStatus, PersistentVolume, PersistentVolumeClaim, Pod};
use crate::api::volumes::{BOUND_BY_CONTROLLER, SELECTED_NODE};
use crate::api::{Object, ObjectKey};
use crate::cluster::apiserver::defaults::set_pod_condition;
use crate::cluster::recorder::{EventNote, reference};
use crate::cluster::request::{Body, DeleteOptions, Reason, Reply, Request, Status, Subresource, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::value::{Map, Str};
use std::rc::Rc;

/// Longer sentences are cut in Events (upstream: NoteLengthLimit).
const LONGEST_NOTE: usize = 1024;
/// How often a change is tried that others come before (upstream: retry.DefaultRetry).
const TRIES: usize = 5;

/// What is written about a Pod.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// It is bound to a node.
    Bind(Str),
    /// Its claims are bound first, to volumes that can be reached from a node.
    BindVolumes(Str, PodVolumes),
    /// It was not: the reason in one word, the sentence, and the node that it is promised; empty to take a promise back,
    /// none where that stays as it is.
    Fail(&'static str, String, Option<Str>),
    /// It is not tried, for it is being deleted.
    Skip,
    /// Others are deleted for it on a node, and these lose their promise of it.
    Preempt(Str, Vec<Rc<Pod>>, Vec<Rc<Pod>>),
}

/// Writes it, or says why that failed.
pub(super) fn write(pod: &Rc<Pod>, work: &Work, ask: &mut Ask) -> Result<Result<(), String>, Suspended> {
    match work {
        Work::Bind(node) => bind(pod, node, ask),
        Work::BindVolumes(node, volumes) => bind_volumes(pod, node, volumes, ask),
        Work::Fail(reason, message, nominated) => {
            fail(pod, reason, message, nominated.as_ref(), ask)?;
            Ok(Ok(()))
        }
        Work::Skip => {
            let meta = &pod.metadata;
            let message = format!("skip schedule deleting pod: {}/{}", meta.namespace, meta.name);
            say_failed(pod, &message, ask);
            Ok(Ok(()))
        }
        Work::Preempt(node, victims, outdone) => preempt(pod, node, victims, outdone, ask),
    }
}

fn bind(pod: &Rc<Pod>, node: &Str, ask: &mut Ask) -> Result<Result<(), String>, Suspended> {
    let object = Object::Pod(pod.clone());
    let request = || {
        let (mut binding, mut metadata, mut target) = (Map::new(), Map::new(), Map::new());
        metadata.push("name", pod.metadata.name.clone());
        metadata.push("uid", pod.metadata.uid.clone());
        target.push("kind", "Node");
        target.push("name", node.clone());
        binding.push("metadata", metadata);
        binding.push("target", target);
        let body = Body::Value(binding.into());
        Request::new(Verb::Create(body), object.key()).at(Subresource::Binding)
    };
    if let Err(error) = ask.api_with(request)? {
        return Ok(Err(format!("running Bind plugin \"DefaultBinder\": {}", error.message)));
    }
    let message = format!("Successfully assigned {}/{} to {node}", pod.metadata.namespace, pod.metadata.name);
    ask.event(EventNote { action: "Binding", ..EventNote::normal(&object, "Scheduled", message) });
    Ok(Ok(()))
}

/// A volume as it is when it belongs to a claim (upstream: volume.GetBindVolumeToClaim).
pub(super) fn bound_to(volume: &Rc<PersistentVolume>, claim: &Rc<PersistentVolumeClaim>) -> PersistentVolume {
    let mut new = PersistentVolume::clone(volume);
    if new.spec.claim_ref.is_none() {
        let annotations = &mut Rc::make_mut(&mut new.metadata).annotations;
        annotations.insert(BOUND_BY_CONTROLLER.into(), "yes".into());
    }
    Rc::make_mut(&mut new.spec).claim_ref = Some(reference(&Object::PersistentVolumeClaim(claim.clone())));
    new
}

/// A claim as it is when its volume is to be made for a node.
pub(super) fn selected_for(claim: &Rc<PersistentVolumeClaim>, node: &Str) -> PersistentVolumeClaim {
    let mut new = PersistentVolumeClaim::clone(claim);
    Rc::make_mut(&mut new.metadata).annotations.insert(SELECTED_NODE.into(), node.clone());
    new
}

/// Asks for the Pod's claims to be bound (upstream: volumebinding binder.go bindAPIUpdate). What the Pod waits for is
/// said in its status.
fn bind_volumes(
    pod: &Rc<Pod>,
    node: &Str,
    volumes: &PodVolumes,
    ask: &mut Ask,
) -> Result<Result<(), String>, Suspended> {
    let promise = |pod: &mut Pod, _: &Str| Rc::make_mut(&mut pod.status).nominated_node_name = node.clone();
    _ = change_status(pod, ask, promise)?;
    let bound = volumes.bindings.iter().map(|(volume, claim)| Request::update(bound_to(volume, claim)));
    let selected = volumes.provisions.iter().map(|claim| Request::update(selected_for(claim, node)));
    for request in bound.chain(selected) {
        if let Err(error) = ask.api(request)? {
            return Ok(Err(format!("running PreBind plugin \"VolumeBinding\": {}", error.message)));
        }
    }
    Ok(Ok(()))
}

fn say_failed(pod: &Rc<Pod>, message: &str, ask: &mut Ask) {
    const END: &str = " ...";
    let note = match message.len() > LONGEST_NOTE {
        true => format!("{}{END}", &message[..message.floor_char_boundary(LONGEST_NOTE - END.len())]),
        false => message.to_string(),
    };
    let object = Object::Pod(pod.clone());
    ask.event(EventNote { action: "Scheduling", ..EventNote::warning(&object, "FailedScheduling", note) });
}

/// Says why a Pod has no node: always in an Event, in its status where that says something else.
fn fail(
    pod: &Rc<Pod>,
    reason: &str,
    message: &str,
    nominated: Option<&Str>,
    ask: &mut Ask,
) -> Result<(), Suspended> {
    say_failed(pod, message, ask);
    let mut new = Pod::clone(pod);
    let condition = Condition {
        kind: "PodScheduled".into(),
        status: Some(ConditionStatus::False),
        observed_generation: Some(pod.metadata.generation),
        reason: reason.into(),
        message: message.into(),
        ..Condition::default()
    };
    let status = Rc::make_mut(&mut new.status);
    set_pod_condition(&mut status.conditions, condition, &ask.rfc3339());
    if let Some(node) = nominated {
        status.nominated_node_name = node.clone();
    }
    if new.status != pod.status {
        // It is a patch upstream: it does not mind what else has changed.
        Rc::make_mut(&mut new.metadata).resource_version = Str::default();
        _ = ask.api(Request::update_status(new))?;
    }
    Ok(())
}

/// Changes a Pod's status as its newest state has it. True where the Pod is still there.
fn change_status(
    pod: &Rc<Pod>,
    ask: &mut Ask,
    change: impl Fn(&mut Pod, &Str),
) -> Result<Result<bool, Rc<Status>>, Suspended> {
    let key = Object::Pod(pod.clone()).key();
    let mut newest = pod.clone();
    let mut tries = 0;
    loop {
        tries += 1;
        let mut new = Pod::clone(&newest);
        change(&mut new, &ask.rfc3339());
        if new.status == newest.status {
            return Ok(Ok(true));
        }
        match ask.api(Request::update_status(new))? {
            Ok(_) => return Ok(Ok(true)),
            Err(error) if error.reason == Reason::NotFound => return Ok(Ok(false)),
            Err(error) if error.reason == Reason::Conflict && tries < TRIES => {}
            Err(error) => return Ok(Err(error)),
        }
        let found = match ask.api(Request::get(ObjectKey::clone(&key)))? {
            Ok(Reply::Object(Object::Pod(found))) if found.metadata.uid == pod.metadata.uid => found,
            _ => return Ok(Ok(false)),
        };
        newest = found;
    }
}

/// Deletes Pods that are in the way; the last one when the others are on their way.
fn preempt(
    pod: &Rc<Pod>,
    node: &Str,
    victims: &[Rc<Pod>],
    outdone: &[Rc<Pod>],
    ask: &mut Ask,
) -> Result<Result<(), String>, Suspended> {
    for other in outdone {
        let clear =
            |pod: &mut Pod, _: &Str| Rc::make_mut(&mut pod.status).nominated_node_name = Str::default();
        if let Err(error) = change_status(other, ask, clear)? {
            return Ok(Err(error.message.clone()));
        }
    }
    for victim in victims {
        let mark = |victim: &mut Pod, now: &Str| {
            let condition = Condition {
                kind: "DisruptionTarget".into(),
                status: Some(ConditionStatus::True),
                observed_generation: Some(victim.metadata.generation),
                reason: "PreemptionByScheduler".into(),
                message: format!(
                    "{}: preempting to accommodate a higher priority pod",
                    pod.spec.scheduler_name
                )
                .into(),
                ..Condition::default()
            };
            set_pod_condition(&mut Rc::make_mut(&mut victim.status).conditions, condition, now);
        };
        match change_status(victim, ask, mark)? {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => return Ok(Err(error.message.clone())),
        }
        let object = Object::Pod(victim.clone());
        match ask.api(Request::delete(object.key(), DeleteOptions::default()))? {
            Ok(_) => {}
            Err(error) if error.reason == Reason::NotFound => continue,
            Err(error) => return Ok(Err(error.message.clone())),
        }
        let message = format!("Preempted by pod {} on node {node}", pod.metadata.uid);
        ask.event(EventNote { action: "Preempting", ..EventNote::normal(&object, "Preempted", message) });
    }
    Ok(Ok(()))
}
