//! A Pod's status from what its runtime says
//! (upstream: generateAPIPodStatus in pkg/kubelet/kubelet_pods.go, pkg/kubelet/status/generate.go).

use super::Kubelet;
use super::actions::{is_sidecar, new_sandbox, restarts_after, should_be_restarted};
use super::pod_workers::{Reason, Worker};
use super::resize::{IN_PROGRESS, PENDING};
use crate::api::objects::{
    Condition, ConditionStatus, Container, ContainerState as State, ContainerStateRunning,
    ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, Pod, PodIp, PodPhase, PodStatus,
    ResourceRequirements,
};
use crate::cluster::runtime::{self, ContainerState, PodRuntimeStatus};
use crate::cluster::time::{SimTime, WallClock};
use crate::value::typed::Typed;
use crate::value::{Map, Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The condition of a Pod that ends by what is done to it, which others write as well.
pub(super) const DISRUPTION_TARGET: &str = "DisruptionTarget";

/// Whether a condition is the kubelet's own.
pub(super) fn is_by_kubelet(kind: &str) -> bool {
    matches!(
        kind,
        "PodScheduled"
            | "Ready"
            | "Initialized"
            | "ContainersReady"
            | "PodReadyToStartContainers"
            | PENDING
            | IN_PROGRESS
    )
}

/// A port that a probe or a hook names by number or by name; 0 where there is none.
pub(super) fn port_of(pod: &Pod, container: &str, port: &Value) -> u16 {
    if let Some(number) = port.as_int() {
        return u16::try_from(number).unwrap_or(0);
    }
    let name = port.as_str().unwrap_or_default();
    let named = super::lifecycle::container(pod, container)
        .and_then(|container| container.ports.iter().find(|port| &*port.name == name))
        .map(|port| port.container_port);
    named.or_else(|| name.parse().ok()).and_then(|port| u16::try_from(port).ok()).unwrap_or(0)
}

impl Worker {
    /// The status that the API has, as far as the kubelet knows.
    pub(super) fn api_status(&self) -> &PodStatus {
        self.written.as_ref().unwrap_or(&self.pod.status)
    }
}

/// A time in the API; what never was is the beginning of 1970.
fn time_text(wall: WallClock, at: SimTime) -> Str {
    if at == SimTime::NEVER { "1970-01-01T00:00:00Z".into() } else { wall.rfc3339(at) }
}

fn waiting(reason: &str, message: &str) -> State {
    let waiting = ContainerStateWaiting {
        reason: reason.into(),
        message: message.into(),
        ..ContainerStateWaiting::default()
    };
    State { waiting: Some(waiting), ..State::default() }
}

fn state_of(wall: WallClock, found: &runtime::ContainerStatus) -> State {
    match &found.state {
        ContainerState::Created => waiting("", ""),
        ContainerState::Running => State {
            running: Some(ContainerStateRunning {
                started_at: Some(time_text(wall, found.started)),
                ..ContainerStateRunning::default()
            }),
            ..State::default()
        },
        ContainerState::Exited { code, finished, reason, message } => State {
            terminated: Some(ContainerStateTerminated {
                exit_code: *code,
                reason: (*reason).into(),
                message: message.clone(),
                started_at: Some(time_text(wall, found.started)),
                finished_at: Some(time_text(wall, *finished)),
                container_id: found.container_id.clone(),
                ..ContainerStateTerminated::default()
            }),
            ..State::default()
        },
    }
}

/// The mounts of a container as its status lists them.
fn volume_mounts(container: &Container) -> Option<Value> {
    if container.volume_mounts.is_empty() {
        return None;
    }
    let mounts = container.volume_mounts.iter().map(|mount| {
        let mut map = Map::new();
        map.push("name", mount.name.clone());
        map.push("mountPath", mount.mount_path.clone());
        if mount.read_only {
            map.push("readOnly", true);
            map.push("recursiveReadOnly", "Disabled");
        }
        Value::from(map)
    });
    Some(Value::from(mounts.collect::<Vec<_>>()))
}

/// The first process runs as root where nothing else is said.
fn user() -> Value {
    let mut user = Value::object();
    user.set(&["linux", "uid"], 0);
    user.set(&["linux", "gid"], 0);
    user.set(&["linux", "supplementalGroups"], vec![Value::from(0)]);
    user
}

impl Kubelet {
    /// A condition as the kubelet writes it.
    pub(super) fn condition(&self, kind: &str, generation: i64) -> Condition {
        Condition {
            kind: kind.into(),
            status: Some(ConditionStatus::False),
            observed_generation: Some(generation).filter(|generation| *generation > 0),
            extra: Some(self.null_probe_time.clone()),
            ..Condition::default()
        }
    }
    /// The status of a Pod now.
    pub(super) fn generate_pod_status(
        &self,
        pod: &Pod,
        status: &PodRuntimeStatus,
        is_terminal: bool,
    ) -> PodStatus {
        let worker = self.workers.get(&pod.metadata.uid);
        let old = worker.and_then(|worker| worker.status.as_deref()).unwrap_or(&pod.status);
        let spec = &pod.spec;
        let mut out = PodStatus { qos_class: pod.status.qos_class.clone(), ..PodStatus::default() };
        let reasons = worker.map(|worker| &worker.reasons);
        let of = |list, before, is_init| self.container_statuses(pod, status, reasons, list, before, is_init);
        out.container_statuses = of(&spec.containers, &old.container_statuses, false);
        out.init_container_statuses = of(&spec.init_containers, &old.init_container_statuses, true);
        out.ephemeral_container_statuses =
            of(&spec.ephemeral_containers, &old.ephemeral_container_statuses, false);
        // Those of the others are in the order of their names.
        for list in [&mut out.container_statuses, &mut out.ephemeral_container_statuses] {
            list.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let all: Vec<&ContainerStatus> =
            out.container_statuses.iter().chain(&out.init_container_statuses).collect();
        let has_begun =
            spec.containers.iter().any(|container| status.active_container(&container.name).is_some());
        let mut phase = phase_of(pod, &all, is_terminal, has_begun);
        // A phase that is final stays.
        for before in [old.phase, pod.status.phase] {
            if !is_final(Some(phase)) && is_final(before) {
                phase = before.unwrap_or(phase);
            }
        }
        out.phase = Some(phase);
        if old.phase == Some(phase) {
            (out.reason, out.message) = (old.reason.clone(), old.message.clone());
        }
        if let Some(evicted) = worker.and_then(|worker| worker.evicted.as_ref()) {
            phase = PodPhase::Failed;
            out.phase = Some(phase);
            (out.reason, out.message) = (evicted.reason.into(), evicted.message.clone());
        }
        self.update_readiness(pod, &mut out);
        let all: Vec<&ContainerStatus> =
            out.init_container_statuses.iter().chain(&out.container_statuses).collect();
        // What has ended is not resized any more (upstream: determinePodResizeStatus).
        let resized = worker.filter(|_| !is_terminal);
        let mut conditions = resized.map(|worker| self.resize_conditions(worker)).unwrap_or_default();
        let others = pod.status.conditions.iter().filter(|condition| !is_by_kubelet(&condition.kind));
        conditions.extend(others.cloned());
        if let Some(evicted) =
            worker.and_then(|worker| worker.evicted.as_ref()).filter(|why| why.is_disrupted)
        {
            conditions.retain(|condition| &*condition.kind != DISRUPTION_TARGET);
            conditions.push(Condition {
                status: Some(ConditionStatus::True),
                reason: "TerminationByKubelet".into(),
                message: evicted.message.clone(),
                ..self.condition(DISRUPTION_TARGET, pod.metadata.generation)
            });
        }
        conditions.extend(self.conditions(pod, status, &all, phase));
        out.conditions = conditions;
        if !status.ip.is_empty() {
            out.pod_ip = status.ip.clone();
        }
        out.host_ip = self.address.clone();
        if spec.host_network && out.pod_ip.is_empty() {
            out.pod_ip = self.address.clone();
        }
        let list = |ip: &Str| vec![PodIp { ip: ip.clone(), ..PodIp::default() }];
        out.host_ips = list(&out.host_ip);
        if !out.pod_ip.is_empty() {
            out.pod_ips = list(&out.pod_ip);
        }
        let (allocated, pod_resources) = pod_resources(pod);
        (out.allocated_resources, out.resources) = (allocated, Some(pod_resources));
        out
    }
    fn container_statuses(
        &self,
        pod: &Pod,
        status: &PodRuntimeStatus,
        reasons: Option<&BTreeMap<Str, Reason>>,
        containers: &[Container],
        old: &[ContainerStatus],
        is_init: bool,
    ) -> Vec<ContainerStatus> {
        let spec = &pod.spec;
        let default = if spec.init_containers.is_empty() { "ContainerCreating" } else { "PodInitializing" };
        let mut out = Vec::with_capacity(containers.len());
        for container in containers {
            let before = old.iter().find(|before| before.name == container.name);
            let mut of_name = status.containers.iter().filter(|found| found.name == container.name);
            let (newest, second) = (of_name.next(), of_name.next());
            let mut this = match (newest, before) {
                (None, Some(before)) if before.state.terminated.is_some() => before.clone(),
                _ => ContainerStatus {
                    name: container.name.clone(),
                    state: waiting(default, ""),
                    image: container.image.clone(),
                    restart_count: before.map_or(0, |before| before.restart_count),
                    last_state: before.map_or_else(State::default, |before| before.last_state.clone()),
                    volume_mounts: before
                        .and_then(|before| before.volume_mounts.clone())
                        .or_else(|| volume_mounts(container)),
                    ..ContainerStatus::default()
                },
            };
            if let Some(found) = newest {
                this.state = state_of(self.wall, found);
                this.restart_count = i32::try_from(found.attempt).unwrap_or(i32::MAX);
                this.image = found.image.clone();
                this.image_id = found.image_id.clone();
                this.container_id = found.container_id.clone();
                // Of what does not run, what it was given (upstream: convertContainerStatusResources).
                this.resources = Some(match &container.resources {
                    _ if found.is_running() => found.resources.encode(),
                    Some(given) => given.encode(),
                    None => Value::object(),
                });
                this.allocated_resources = container
                    .resources
                    .as_ref()
                    .map(|resources| resources.requests.clone())
                    .unwrap_or_default();
                this.user = Some(self.user.clone());
                if let Some(lifecycle) = &container.lifecycle {
                    this.stop_signal = lifecycle.stop_signal.clone();
                }
                match (second, before) {
                    (Some(second), _) => this.last_state = state_of(self.wall, second),
                    (None, Some(before)) => {
                        this.last_state = if before.container_id != found.container_id
                            && before.state.terminated.is_some()
                        {
                            before.state.clone()
                        } else {
                            before.last_state.clone()
                        };
                    }
                    (None, None) => {}
                }
            }
            let is_done_init = is_init
                && newest.is_some_and(|found| matches!(found.state, ContainerState::Exited { code: 0, .. }));
            if !is_done_init
                && should_be_restarted(pod, container, status)
                && let Some(reason) = reasons.and_then(|reasons| reasons.get(&container.name))
            {
                if this.state.terminated.is_some() {
                    this.last_state = std::mem::take(&mut this.state);
                }
                this.state = waiting(reason.reason, &reason.message);
            }
            out.push(this);
        }
        out
    }
    /// What the probes say (upstream: prober.Manager.UpdatePodStatus).
    fn update_readiness(&self, pod: &Pod, status: &mut PodStatus) {
        let uid = &pod.metadata.uid;
        for this in &mut status.container_statuses {
            let is_started = self.probes.is_started(uid, this);
            this.started = Some(is_started);
            this.ready = is_started && self.probes.is_ready(uid, this);
        }
        for this in &mut status.init_container_statuses {
            let is_started = self.probes.is_started(uid, this);
            this.started = Some(is_started);
            let is_sidecar = pod.spec.init_containers.iter().any(|c| c.name == this.name && is_sidecar(c));
            this.ready = if is_sidecar {
                is_started && self.probes.is_ready(uid, this)
            } else {
                this.state.terminated.as_ref().is_some_and(|ended| ended.exit_code == 0)
            };
        }
    }
    /// The kubelet's five conditions, in its order.
    fn conditions(
        &self,
        pod: &Pod,
        status: &PodRuntimeStatus,
        all: &[&ContainerStatus],
        phase: PodPhase,
    ) -> [Condition; 5] {
        let generation = pod.metadata.generation;
        let make = |kind: &str, (is_true, reason, message): Verdict| Condition {
            status: Some(if is_true { ConditionStatus::True } else { ConditionStatus::False }),
            reason: reason.into(),
            message,
            ..self.condition(kind, generation)
        };
        let sandbox = match new_sandbox(pod, status) {
            None => (true, "", Str::default()),
            Some((_, why)) => (false, "PodSandboxNotReady", why.into()),
        };
        let containers_ready = containers_ready(pod, all, phase);
        let ready = if containers_ready.0 { readiness_gates(pod) } else { containers_ready.clone() };
        [
            make("PodReadyToStartContainers", sandbox),
            make("Initialized", initialized(pod, all, phase)),
            make("Ready", ready),
            make("ContainersReady", containers_ready),
            make("PodScheduled", (true, "", Str::default())),
        ]
    }
    /// What never differs between containers, made once.
    pub(super) fn shared_user() -> Value {
        user()
    }
    /// `lastProbeTime: null`, which the API writes for Pods.
    pub(super) fn shared_null_probe_time() -> Rc<Map> {
        let mut map = Map::new();
        map.push("lastProbeTime", Value::Null);
        Rc::new(map)
    }
}

fn is_final(phase: Option<PodPhase>) -> bool {
    matches!(phase, Some(PodPhase::Succeeded | PodPhase::Failed))
}

/// The sums of a Pod's requests, and its requests and limits as a value.
fn pod_resources(pod: &Pod) -> (crate::api::objects::Labels, Value) {
    use crate::api::quantity::Quantity;
    let with = |pick: fn(&ResourceRequirements) -> &crate::api::objects::Labels| {
        let mut sum: BTreeMap<Str, Quantity> = BTreeMap::new();
        for resources in pod.spec.containers.iter().filter_map(|container| container.resources.as_ref()) {
            for (name, quantity) in pick(resources) {
                let Ok(quantity) = Quantity::parse(quantity) else { continue };
                let total = sum.get(name).map_or(quantity, |total| *total + quantity);
                sum.insert(name.clone(), total);
            }
        }
        sum.into_iter().map(|(name, total)| (name, Str::from(total.to_string()))).collect()
    };
    let (requests, limits): (crate::api::objects::Labels, crate::api::objects::Labels) =
        (with(|r| &r.requests), with(|r| &r.limits));
    let mut map = Map::new();
    let value = |labels: &crate::api::objects::Labels| {
        labels.iter().map(|(key, value)| (key.clone(), Value::from(value.clone()))).collect::<Map>()
    };
    if !limits.is_empty() {
        map.push("limits", value(&limits));
    }
    if !requests.is_empty() {
        map.push("requests", value(&requests));
    }
    (requests, Value::from(map))
}

/// The phase (upstream: getPhase).
fn phase_of(pod: &Pod, all: &[&ContainerStatus], is_terminal: bool, has_begun: bool) -> PodPhase {
    let find = |container: &Container| all.iter().find(|status| status.name == container.name);
    let (mut pending_init, mut pending_sidecar) = (0, 0);
    let (mut unknown, mut running, mut waits, mut stopped, mut final_, mut succeeded) = (0, 0, 0, 0, 0, 0);
    for container in &pod.spec.init_containers {
        let Some(status) = find(container) else {
            if is_sidecar(container) {
                unknown += 1
            } else {
                pending_init += 1
            }
            continue;
        };
        let ended = status
            .state
            .terminated
            .as_ref()
            .or_else(|| status.state.waiting.as_ref().and(status.last_state.terminated.as_ref()));
        match (is_sidecar(container), status.state.running.is_some(), ended) {
            (true, true, _) => {
                running += 1;
                pending_sidecar += usize::from(status.started != Some(true));
            }
            (true, false, Some(_)) => {}
            (true, false, None) => {
                pending_sidecar += 1;
                waits += 1;
            }
            (false, false, Some(ended)) => {
                if ended.exit_code != 0 && !restarts_after(pod, container, ended.exit_code) {
                    return PodPhase::Failed;
                }
            }
            (false, ..) => pending_init += 1,
        }
    }
    for container in &pod.spec.containers {
        let Some(status) = find(container) else {
            unknown += 1;
            continue;
        };
        if status.state.running.is_some() {
            running += 1;
        } else if let Some(ended) = &status.state.terminated {
            stopped += 1;
            final_ += usize::from(!restarts_after(pod, container, ended.exit_code));
            succeeded += usize::from(ended.exit_code == 0);
        } else if let Some(ended) = &status.last_state.terminated {
            stopped += 1;
            final_ += usize::from(!restarts_after(pod, container, ended.exit_code));
        } else {
            waits += 1;
        }
    }
    let is_over = |succeeded: usize, stopped: usize| {
        if succeeded == stopped { PodPhase::Succeeded } else { PodPhase::Failed }
    };
    if pending_init > 0 || (pending_sidecar > 0 && !has_begun) || waits > 0 {
        return PodPhase::Pending;
    }
    match () {
        () if running > 0 && unknown == 0 => PodPhase::Running,
        () if running == 0 && stopped > 0 && unknown == 0 => {
            if is_terminal || stopped == final_ {
                is_over(succeeded, stopped)
            } else {
                PodPhase::Running
            }
        }
        () => PodPhase::Pending,
    }
}

pub(super) type Verdict = (bool, &'static str, Str);

pub(super) fn containers_ready(pod: &Pod, all: &[&ContainerStatus], phase: PodPhase) -> Verdict {
    match phase {
        PodPhase::Succeeded => return (false, "PodCompleted", Str::default()),
        PodPhase::Failed => return (false, "PodFailed", Str::default()),
        PodPhase::Pending | PodPhase::Running | PodPhase::Unknown => {}
    }
    let sidecars = pod.spec.init_containers.iter().filter(|container| is_sidecar(container));
    let unready: Vec<&str> = sidecars
        .chain(&pod.spec.containers)
        .filter(|container| !all.iter().any(|status| status.name == container.name && status.ready))
        .map(|container| &*container.name)
        .collect();
    if unready.is_empty() {
        return (true, "", Str::default());
    }
    (false, "ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" ")).into())
}

pub(super) fn readiness_gates(pod: &Pod) -> Verdict {
    let gates = pod.spec.extra.as_ref().and_then(|extra| extra.get("readinessGates"));
    let mut messages = Vec::new();
    for gate in gates.and_then(Value::as_array).unwrap_or_default() {
        let kind = gate.get("conditionType").and_then(Value::as_str).unwrap_or_default();
        match pod.status.conditions.iter().find(|condition| &*condition.kind == kind) {
            None => {
                messages
                    .push(format!("corresponding condition of pod readiness gate {kind:?} does not exist."));
            }
            Some(condition) if condition.status != Some(ConditionStatus::True) => {
                let status = condition.status.map_or("", ConditionStatus::as_str);
                messages
                    .push(format!("the status of pod readiness gate {kind:?} is not \"True\", but {status}"));
            }
            Some(_) => {}
        }
    }
    if messages.is_empty() {
        return (true, "", Str::default());
    }
    (false, "ReadinessGatesNotReady", messages.join(", ").into())
}

fn initialized(pod: &Pod, all: &[&ContainerStatus], phase: PodPhase) -> Verdict {
    if phase == PodPhase::Succeeded {
        return (true, "PodCompleted", Str::default());
    }
    let has_started = pod.spec.containers.iter().any(|container| {
        all.iter().any(|status| {
            status.name == container.name
                && (status.state.running.is_some() || status.state.terminated.is_some())
        })
    });
    if has_started {
        return (true, "", Str::default());
    }
    let incomplete: Vec<&str> = pod
        .spec
        .init_containers
        .iter()
        .filter(|container| {
            let status = all.iter().find(|status| status.name == container.name);
            !status.is_some_and(|status| {
                if is_sidecar(container) { status.started == Some(true) } else { status.ready }
            })
        })
        .map(|container| &*container.name)
        .collect();
    if incomplete.is_empty() {
        return (true, "", Str::default());
    }
    let message = format!("containers with incomplete status: [{}]", incomplete.join(" "));
    (false, "ContainersNotInitialized", message.into())
}

/// Makes a status final: what never ran or cannot be found has failed (upstream: TerminatePod).
pub(super) fn terminate(pod: &Pod, status: &mut PodStatus) {
    let lost = || State {
        terminated: Some(ContainerStateTerminated {
            exit_code: 137,
            reason: "ContainerStatusUnknown".into(),
            message: "The container could not be located when the pod was terminated".into(),
            ..ContainerStateTerminated::default()
        }),
        ..State::default()
    };
    let has_initialized = pod.spec.init_containers.is_empty()
        || status
            .container_statuses
            .iter()
            .any(|this| this.last_state.terminated.is_some() || this.state.waiting.is_none())
        || status
            .init_container_statuses
            .last()
            .is_some_and(|last| last.state.terminated.as_ref().is_some_and(|ended| ended.exit_code == 0));
    if has_initialized {
        for this in status.container_statuses.iter_mut().filter(|this| this.state.terminated.is_none()) {
            this.state = lost();
        }
    }
    let begun = status
        .init_container_statuses
        .iter()
        .rposition(|this| this.state.waiting.is_none() || this.last_state.terminated.is_some())
        .unwrap_or(0);
    for this in status.init_container_statuses.iter_mut().take(begun + 1) {
        if this.state.terminated.is_none() {
            this.state = lost();
        }
    }
    if !is_final(status.phase) {
        status.phase = Some(PodPhase::Failed);
    }
}
