//! Pods that are resized in place: what the node gives them, and how far that is
//! (upstream: pkg/kubelet/allocation/allocation_manager.go, the resize conditions of pkg/kubelet/status).

use super::Kubelet;
use super::actions::is_resized;
use super::pod_workers::Worker;
use crate::api::objects::{Condition, ConditionStatus, Container, Pod, PodSpec};
use crate::cluster::engine::Engine;
use crate::cluster::latency::Hop;
use crate::cluster::record::RecordId;
use crate::cluster::runtime::PodRuntimeStatus;
use crate::cluster::time::SimTime;
use crate::value::typed::Typed;
use crate::value::{Map, Value, json};
use std::rc::Rc;

/// The conditions that say how far a resize is.
pub(super) const PENDING: &str = "PodResizePending";
pub(super) const IN_PROGRESS: &str = "PodResizeInProgress";

/// How far a Pod's resize is.
#[derive(Clone, Debug, Default)]
pub(super) struct Resize {
    /// What the node cannot give now.
    pending: Option<Pending>,
    /// Since when what it gives is carried out, and the generation that asked for it.
    in_progress: Option<(SimTime, i64)>,
}

/// A resize that waits.
#[derive(Clone, Debug)]
struct Pending {
    wanted: Rc<Pod>,
    why: String,
    since: SimTime,
}

fn all(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().chain(&spec.containers)
}

fn same_resources(a: &PodSpec, b: &PodSpec) -> bool {
    all(a).map(|container| &container.resources).eq(all(b).map(|container| &container.resources))
}

/// `wanted` with the resources that the node has given.
fn held(wanted: &Rc<Pod>, given: &PodSpec) -> Rc<Pod> {
    let mut pod = Pod::clone(wanted);
    let spec = Rc::make_mut(&mut pod.spec);
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        if let Some(before) = all(given).find(|before| before.name == container.name) {
            container.resources = before.resources.clone();
        }
    }
    Rc::new(pod)
}

/// A resize in an Event's words (upstream: podResizeMessage).
fn summary(what: &str, pod: &Pod, generation: i64, error: &str) -> String {
    let list = |name: &str, containers: &[Container]| {
        let one = |container: &Container| {
            let mut map = Map::new();
            map.push("name", container.name.clone());
            map.push("resources", container.resources.as_ref().map_or_else(Value::object, Typed::encode));
            Value::from(map)
        };
        let all = Value::from(containers.iter().map(one).collect::<Vec<_>>());
        if containers.is_empty() { String::new() } else { format!("\"{name}\":{},", json::compact(&all)) }
    };
    // In the order of upstream's struct.
    let spec = &pod.spec;
    let (init, main) = (list("initContainers", &spec.init_containers), list("containers", &spec.containers));
    let error =
        if error.is_empty() { String::new() } else { format!(",\"error\":{}", json::compact(&error.into())) };
    format!("Pod resize {what}: {{{init}{main}\"generation\":{generation}{error}}}")
}

impl Kubelet {
    /// The Pod as it is to run: as it is wanted, where the node can give that. Also whether how far its resize is has
    /// changed (upstream: handlePodResourcesResize).
    pub(super) fn allocate(
        &mut self,
        engine: &mut Engine,
        pod: &Rc<Pod>,
        cause: Option<RecordId>,
    ) -> (Rc<Pod>, bool) {
        let uid = &pod.metadata.uid;
        let Some(worker) = self.workers.get_mut(uid) else { return (pod.clone(), false) };
        let given = worker.pod.spec.clone();
        if Rc::ptr_eq(&given, &pod.spec) || same_resources(&given, &pod.spec) {
            return (pod.clone(), worker.resize.pending.take().is_some());
        }
        // Who ends is given nothing more.
        if !worker.is_syncing() {
            return (held(pod, &given), worker.resize.pending.take().is_some());
        }
        let Some((reason, why)) = self.refuses(pod) else {
            let generation = pod.metadata.generation;
            let note = self.pod_note(pod, false, "ResizeStarted", summary("started", pod, generation, ""));
            self.write_event(engine, note, cause);
            if let Some(worker) = self.workers.get_mut(uid) {
                worker.requests = super::admission::requests(pod);
                worker.resize = Resize { pending: None, in_progress: Some((engine.now, generation)) };
            }
            return (pod.clone(), true);
        };
        let before = self.workers.get(uid).and_then(|worker| worker.resize.pending.as_ref());
        let asked_before = before.map(|before| before.wanted.metadata.generation);
        let is_new = asked_before != Some(pod.metadata.generation);
        let has_changed = is_new || before.is_none_or(|before| before.why != why);
        let since = before.map_or(engine.now, |before| before.since);
        if is_new {
            let text = summary(reason, pod, pod.metadata.generation, &why);
            let note = self.pod_note(pod, true, "ResizeDeferred", text);
            self.write_event(engine, note, cause);
        }
        if let Some(worker) = self.workers.get_mut(uid) {
            worker.resize.pending = Some(Pending { wanted: pod.clone(), why, since });
        }
        (held(pod, &given), has_changed)
    }
    /// What waits is tried again (upstream: retryPendingResizes).
    pub(super) fn retry_resizes(&mut self, engine: &mut Engine, cause: Option<RecordId>) {
        let pending = self.workers.values().filter_map(|worker| worker.resize.pending.as_ref());
        let wanted: Vec<Rc<Pod>> = pending.map(|pending| pending.wanted.clone()).collect();
        for pod in wanted {
            let (given, has_changed) = self.allocate(engine, &pod, cause);
            let uid = &pod.metadata.uid;
            if let Some(worker) = self.workers.get_mut(uid).filter(|_| has_changed) {
                worker.pod = given;
                self.update_pod(engine, uid, Hop::Wake, cause);
            }
        }
    }
    /// Notes whether all containers that run have what their Pod was given (upstream: IsPodResizeInProgress in SyncPod).
    pub(super) fn note_resize(
        &mut self,
        engine: &mut Engine,
        pod: &Pod,
        status: &PodRuntimeStatus,
        cause: Option<RecordId>,
    ) {
        let uid = &pod.metadata.uid;
        let Some(worker) = self.workers.get_mut(uid) else { return };
        let Some((_, generation)) = worker.resize.in_progress else { return };
        let differs = |container: &Container| {
            let running = status.container(&container.name).filter(|found| found.is_running());
            running.is_some_and(|running| is_resized(container, running))
        };
        if !all(&pod.spec).any(differs) {
            worker.resize.in_progress = None;
            let note =
                self.pod_note(pod, false, "ResizeCompleted", summary("completed", pod, generation, ""));
            self.write_event(engine, note, cause);
        }
    }
    /// The conditions of a Pod's resize.
    pub(super) fn resize_conditions(&self, worker: &Worker) -> Vec<Condition> {
        let make = |kind: &str, since: SimTime, generation: i64, reason: &str, message: &str| Condition {
            status: Some(ConditionStatus::True),
            reason: reason.into(),
            message: message.into(),
            last_probe_time: Some(self.wall.rfc3339(since)),
            extra: None,
            ..self.condition(kind, generation)
        };
        let Resize { pending, in_progress } = &worker.resize;
        let pending = pending.iter().map(|waits| {
            make(PENDING, waits.since, waits.wanted.metadata.generation, "Deferred", &waits.why)
        });
        let in_progress = in_progress.map(|(since, generation)| make(IN_PROGRESS, since, generation, "", ""));
        pending.chain(in_progress).collect()
    }
}

/// Whether a change of a container's resources ends it (upstream: computePodResizeAction).
pub(super) fn restarts(container: &Container, running: &crate::api::objects::ResourceRequirements) -> bool {
    let none = Default::default();
    let own = container.resources.as_ref().unwrap_or(&none);
    let has_changed = |resource: &str| {
        own.limits.get(resource) != running.limits.get(resource)
            || own.requests.get(resource) != running.requests.get(resource)
    };
    let policies =
        container.extra.as_ref().and_then(|extra| extra.get("resizePolicy")).and_then(Value::as_array);
    policies.unwrap_or_default().iter().any(|policy| {
        let text = |field: &str| policy.get(field).and_then(Value::as_str).unwrap_or_default();
        text("restartPolicy") == "RestartContainer" && has_changed(text("resourceName"))
    })
}
