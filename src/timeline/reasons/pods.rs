//! Why a Pod waits, is not ready, or has failed.

use super::{is_of_run, last_event, last_warning, of_claim, says};
use crate::api::conditions::{find, is_pod_ready};
use crate::api::objects::{
    ConditionStatus, ContainerState, ContainerStatus, Event, PersistentVolumeClaim, Pod, PodPhase,
    RestartPolicy,
};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::Decision;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{Sentence, View};

/// Of more nodes than these each is not told by itself: the scheduler's message counts them.
const MOST_NODES: usize = 6;
/// What a container that only waits for its turn says of itself.
const WAITS_ONLY: [&str; 3] = ["", "ContainerCreating", "PodInitializing"];

pub(super) fn of(view: View, pod: &Pod) -> Vec<Sentence> {
    match pod.status.phase.unwrap_or(PodPhase::Pending) {
        PodPhase::Pending if pod.spec.node_name.is_empty() => unscheduled(view, pod),
        PodPhase::Pending => pending(view, pod),
        PodPhase::Running if !is_pod_ready(pod) => unready(view, pod),
        PodPhase::Failed => failed(pod),
        PodPhase::Succeeded => pod.status.container_statuses.iter().filter_map(ended).collect(),
        PodPhase::Running | PodPhase::Unknown => Vec::new(),
    }
}

/// What its containers say of themselves, those first that have to run before the others.
fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses)
}

/// Why it has no node: in the scheduler's words, then node by node, then its claims.
fn unscheduled(view: View, pod: &Pod) -> Vec<Sentence> {
    let meta = &pod.metadata;
    let scheduled = find(&pod.status.conditions, "PodScheduled");
    let Some(scheduled) = scheduled.filter(|condition| condition.status == Some(ConditionStatus::False))
    else {
        return vec![Sentence::new(msg!("why.no-node-yet"), [("pod", (&meta.name).into())])];
    };
    let id = match &*scheduled.reason {
        "Unschedulable" => msg!("why.unschedulable"),
        "SchedulerError" => msg!("why.not-bound"),
        _ => msg!("why.held-back"),
    };
    let mut said = vec![Sentence::new(id, [("message", (&scheduled.message).into())])];
    said.extend(claims(view, pod));
    let key = ObjectKey::new(Kind::Pod, &*meta.namespace, &*meta.name);
    let last = view.decisions().find_map(|(_, decision)| match decision {
        Decision::Scheduled { pod, filtered, chosen, .. } if *pod == key => Some((filtered, chosen)),
        _ => None,
    });
    if let Some((filtered, None)) = last
        && filtered.len() <= MOST_NODES
    {
        said.extend(filtered.iter().map(|(node, filter, message)| {
            let node = Arg::from(view.node_name(*node));
            let args = [("node", node), ("filter", (*filter).into()), ("message", message.into())];
            Sentence::new(msg!("why.node-out"), args)
        }));
    }
    said
}

/// Its claims that are not there or have no volume.
fn claims(view: View, pod: &Pod) -> Vec<Sentence> {
    let mut said = Vec::new();
    for volume in &pod.spec.volumes {
        let claim =
            volume.persistent_volume_claim.as_ref().and_then(|claim| claim.get("claimName")?.as_str());
        let Some(claim) = claim else { continue };
        match view.get::<PersistentVolumeClaim>(&pod.metadata.namespace, claim) {
            None => said.push(Sentence::new(msg!("why.claim-missing"), [("claim", claim.into())])),
            Some(claim) => said.extend(of_claim(view, claim)),
        }
    }
    said
}

/// Why it has a node and does not run there.
fn pending(view: View, pod: &Pod) -> Vec<Sentence> {
    let waiting: Vec<Sentence> = statuses(pod).filter_map(waits).collect();
    if !waiting.is_empty() {
        return waiting;
    }
    if let Some(said) = object(view, pod).and_then(|own| last_warning(view, own)) {
        return vec![said];
    }
    let images = pod.spec.init_containers.iter().chain(&pod.spec.containers).map(|own| &own.image);
    let node = view.node(&pod.spec.node_name);
    let pulled = images.into_iter().find(|image| node.is_some_and(|node| view.pulls(node, image)));
    if let Some(image) = pulled {
        let args = [("node", (&pod.spec.node_name).into()), ("image", image.into())];
        return vec![Sentence::new(msg!("why.pulls"), args)];
    }
    // A sidecar goes on.
    let is_sidecar = |name: &str| {
        let own = pod.spec.init_containers.iter().find(|own| &*own.name == name);
        own.is_some_and(|own| own.restart_policy == Some(RestartPolicy::Always))
    };
    let mut inits = pod.status.init_container_statuses.iter();
    let runs = inits.find(|status| status.state.running.is_some() && !is_sidecar(&status.name));
    let runs =
        runs.filter(|_| pod.status.container_statuses.iter().all(|status| status.state.running.is_none()));
    runs.map(|status| Sentence::new(msg!("why.init-runs"), [("container", (&status.name).into())]))
        .into_iter()
        .collect()
}

/// Why a container waits, where it does not only wait for its turn.
pub(super) fn waits(status: &ContainerStatus) -> Option<Sentence> {
    let waiting = status.state.waiting.as_ref().filter(|waiting| !WAITS_ONLY.contains(&&*waiting.reason))?;
    let mut args = vec![("container", (&status.name).into()), ("reason", (&waiting.reason).into())];
    Some(match waiting.message.is_empty() {
        true => Sentence::new(msg!("why.waits"), args),
        false => {
            args.push(("message", (&waiting.message).into()));
            Sentence::new(msg!("why.waits-says"), args)
        }
    })
}

/// How a container ended last.
pub(super) fn ended(status: &ContainerStatus) -> Option<Sentence> {
    let of = |state: &ContainerState| state.terminated.clone();
    let ended = of(&status.state).or_else(|| of(&status.last_state))?;
    // Where its log is its message, the end of that tells most.
    let message = ended.message.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    let args = [
        ("container", (&status.name).into()),
        ("code", i64::from(ended.exit_code).into()),
        ("signal", i64::from(ended.signal).into()),
        ("reason", (&ended.reason).into()),
        ("message", message.into()),
    ];
    let id = match (ended.signal, ended.reason.is_empty(), message.is_empty()) {
        (1.., ..) => msg!("why.ended-signal"),
        (_, true, true) => msg!("why.ended-code"),
        (_, true, false) => msg!("why.ended-code-says"),
        (_, false, true) => msg!("why.ended"),
        (_, false, false) => msg!("why.ended-says"),
    };
    Some(Sentence::new(id, args))
}

/// Why it runs and is not ready.
fn unready(view: View, pod: &Pod) -> Vec<Sentence> {
    let broken = statuses(pod).filter(|status| waits(status).is_some() || status.state.terminated.is_some());
    let broken: Vec<&ContainerStatus> = broken.filter(|status| !is_done(status)).collect();
    let said: Vec<Sentence> =
        broken.into_iter().flat_map(|status| waits(status).into_iter().chain(ended(status))).collect();
    if !said.is_empty() {
        return said;
    }
    let own = object(view, pod);
    let of_run = |event: &Event| {
        let path = &event.involved_object.field_path;
        statuses(pod)
            .filter(|status| path.ends_with(&format!("{{{}}}", status.name)))
            .all(|own| is_of_run(event, own))
    };
    let is_told = |event: &Event| matches!(&*event.reason, "Unhealthy" | "NodeNotReady") && of_run(event);
    let probed = own.and_then(|own| last_event(view, own, is_told));
    let ready = find(&pod.status.conditions, "Ready");
    let ready = ready.and_then(|condition| says(&condition.reason, &condition.message));
    ready.into_iter().chain(probed).collect()
}

/// Whether it has done what it was to do.
fn is_done(status: &ContainerStatus) -> bool {
    status.state.terminated.as_ref().is_some_and(|ended| ended.exit_code == 0)
}

fn failed(pod: &Pod) -> Vec<Sentence> {
    let status = &pod.status;
    let mut said: Vec<Sentence> = says(&status.reason, &status.message).into_iter().collect();
    said.extend(statuses(pod).filter(|status| !is_done(status)).filter_map(ended));
    said
}

fn object<'a>(view: View<'a>, pod: &Pod) -> Option<&'a Object> {
    let meta = &pod.metadata;
    view.object(&ObjectKey::new(Kind::Pod, &*meta.namespace, &*meta.name))
}
