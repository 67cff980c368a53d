//! Probes: each asks its container again and again whether it has started, is ready, is well
//! (upstream: pkg/kubelet/prober).

use super::actions::{Health, is_sidecar, restarts_after};
use super::generate_status::{containers_ready, port_of, readiness_gates};
use super::lifecycle::container;
use super::{Kubelet, Timer};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{ConditionStatus, Container, ContainerStatus, Pod, PodStatus, Probe};
use crate::cluster::engine::Engine;
use crate::cluster::event::{Caller, Event};
use crate::cluster::latency::Hop;
use crate::cluster::record::RecordId;
use crate::cluster::runtime::{self, Runtime, RuntimeCall, RuntimeReply, RuntimeResult};
use crate::cluster::task::{Answer, Answered};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::{Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Which of a container's probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ProbeKind {
    Liveness,
    Readiness,
    Startup,
}

impl ProbeKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
            Self::Startup => "Startup",
        }
    }
    /// What counts before the first answer.
    const fn initial(self) -> Verdict {
        match self {
            Self::Liveness => Verdict::Success,
            Self::Readiness => Verdict::Failure,
            Self::Startup => Verdict::Unknown,
        }
    }
}

/// What a probe says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Success,
    Failure,
    Unknown,
}

/// A probe at work (upstream: prober/worker.go).
#[derive(Clone, Debug)]
struct ProbeWorker {
    uid: Str,
    name: Str,
    kind: ProbeKind,
    spec: Rc<Probe>,
    /// The container that is asked now.
    container_id: Str,
    /// What counts for it.
    verdict: Option<Verdict>,
    on_hold: bool,
    last: Option<Verdict>,
    run: i32,
    /// When it asks next.
    next: SimTime,
    /// Whether a question is under way.
    is_asking: bool,
    /// Whether it is to ask once more right after.
    is_triggered: bool,
}

/// The probes of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Probes {
    workers: BTreeMap<u32, ProbeWorker>,
    numbers: BTreeMap<(Str, Str, ProbeKind), u32>,
    next: u32,
}

/// The numbers of tasks under which probes are answered begin here.
pub(super) const PROBE_TASKS: u32 = 1 << 31;

impl Probes {
    fn find(&self, uid: &Str, name: &Str, kind: ProbeKind) -> Option<&ProbeWorker> {
        self.workers.get(self.numbers.get(&(uid.clone(), name.clone(), kind))?)
    }
    /// What a probe says of a container; none where it has not been set for it.
    fn verdict(&self, uid: &Str, name: &Str, kind: ProbeKind, container_id: &str) -> Option<Verdict> {
        self.find(uid, name, kind).filter(|worker| &*worker.container_id == container_id)?.verdict
    }
    /// Whether a container has started, as far as its startup probe says.
    pub(super) fn is_started(&self, uid: &Str, status: &ContainerStatus) -> bool {
        status.state.running.is_some()
            && match self.verdict(uid, &status.name, ProbeKind::Startup, &status.container_id) {
                Some(verdict) => verdict == Verdict::Success,
                None => self.find(uid, &status.name, ProbeKind::Startup).is_none(),
            }
    }
    /// Whether a container that has started is ready, as far as its readiness probe says.
    pub(super) fn is_ready(&self, uid: &Str, status: &ContainerStatus) -> bool {
        match self.verdict(uid, &status.name, ProbeKind::Readiness, &status.container_id) {
            Some(verdict) => verdict == Verdict::Success,
            None => self.find(uid, &status.name, ProbeKind::Readiness).is_none(),
        }
    }
    /// How a container that runs is.
    pub(super) fn health(&self, pod: &Pod, spec: &Container, found: &runtime::ContainerStatus) -> Health {
        let uid = &pod.metadata.uid;
        let verdict = |kind| self.verdict(uid, &spec.name, kind, &found.container_id);
        let grace = |probe: &Option<Rc<Probe>>| {
            let own = probe.as_ref().and_then(|probe| probe.termination_grace_period_seconds);
            own.or(pod.spec.termination_grace_period_seconds).unwrap_or(30)
        };
        if verdict(ProbeKind::Liveness) == Some(Verdict::Failure) {
            return Health::Unwell("failed liveness probe", grace(&spec.liveness_probe));
        }
        match verdict(ProbeKind::Startup) {
            Some(Verdict::Failure) => Health::Unwell("failed startup probe", grace(&spec.startup_probe)),
            Some(Verdict::Success) => Health::Well,
            _ if spec.startup_probe.is_some() => Health::Starting,
            _ => Health::Well,
        }
    }
}

impl Kubelet {
    /// The probes of a Pod begin (upstream: AddPod).
    pub(super) fn add_probes(&mut self, engine: &mut Engine, pod: &Pod, at: SimTime) {
        let uid = &pod.metadata.uid;
        let sidecars = pod.spec.init_containers.iter().filter(|container| is_sidecar(container));
        for spec in pod.spec.containers.iter().chain(sidecars) {
            let all = [
                (ProbeKind::Startup, &spec.startup_probe),
                (ProbeKind::Readiness, &spec.readiness_probe),
                (ProbeKind::Liveness, &spec.liveness_probe),
            ];
            for (kind, probe) in all {
                let Some(probe) = probe else { continue };
                let key = (uid.clone(), spec.name.clone(), kind);
                if self.probes.numbers.contains_key(&key) {
                    continue;
                }
                self.probes.next += 1;
                let number = self.probes.next;
                self.probes.numbers.insert(key, number);
                self.probes.workers.insert(
                    number,
                    ProbeWorker {
                        uid: uid.clone(),
                        name: spec.name.clone(),
                        kind,
                        spec: probe.clone(),
                        container_id: Str::default(),
                        verdict: None,
                        on_hold: false,
                        last: None,
                        run: 0,
                        next: at,
                        is_asking: false,
                        is_triggered: false,
                    },
                );
                engine.schedule(at, Event::Kubelet(self.node, Timer::Probe(number, false)));
            }
        }
    }
    /// Probes of a Pod end: all, or all but those of readiness.
    pub(super) fn remove_probes(&mut self, uid: &Str, all: bool) {
        let of_pod: Vec<(Str, Str, ProbeKind)> = self
            .probes
            .numbers
            .range((uid.clone(), Str::default(), ProbeKind::Liveness)..)
            .take_while(|((other, ..), _)| other == uid)
            .map(|(key, _)| key.clone())
            .filter(|(.., kind)| all || *kind != ProbeKind::Readiness)
            .collect();
        for key in of_pod {
            if let Some(number) = self.probes.numbers.remove(&key) {
                self.probes.workers.remove(&number);
            }
        }
    }
    /// The readiness of containers that run and are not ready is asked for at once.
    pub(super) fn trigger_readiness(&mut self, engine: &mut Engine, uid: &Str) {
        let Some(status) = self.workers.get(uid).and_then(|worker| worker.status.clone()) else { return };
        for this in status.container_statuses.iter().chain(&status.init_container_statuses) {
            let waits = this.state.running.is_some() && this.started == Some(true) && !this.ready;
            let key = (uid.clone(), this.name.clone(), ProbeKind::Readiness);
            let Some(number) = self.probes.numbers.get(&key).copied().filter(|_| waits) else { continue };
            let Some(probe) = self.probes.workers.get_mut(&number) else { continue };
            if probe.is_asking {
                probe.is_triggered = true;
            } else {
                probe.next = engine.now;
                engine.schedule(engine.now, Event::Kubelet(self.node, Timer::Probe(number, false)));
            }
        }
    }
    /// A probe's time has come.
    pub(super) fn on_probe(&mut self, engine: &mut Engine, runtime: &mut Runtime, number: u32) {
        let due = self
            .probes
            .workers
            .get(&number)
            .is_some_and(|probe| probe.next == engine.now && !probe.is_asking);
        if due {
            self.do_probe(engine, runtime, number);
        }
    }
    /// The probe asks again after its period; idle where nothing can have changed by then.
    fn ask_again(&mut self, engine: &mut Engine, runtime: &Runtime, number: u32, is_stable: bool) {
        let Some(probe) = self.probes.workers.get_mut(&number) else { return };
        let period = u64::try_from(probe.spec.period_seconds.max(1)).unwrap_or(10) * SECOND;
        let passed = engine.now.since(probe.next) / period + 1;
        probe.next = probe.next + passed * period;
        let is_idle = is_stable && !runtime.changes_by_itself(&probe.uid, &probe.name, engine.now);
        engine.schedule(probe.next, Event::Kubelet(self.node, Timer::Probe(number, is_idle)));
    }
    fn do_probe(&mut self, engine: &mut Engine, runtime: &mut Runtime, number: u32) {
        let Some(probe) = self.probes.workers.get_mut(&number) else { return };
        let (uid, name, kind) = (probe.uid.clone(), probe.name.clone(), probe.kind);
        let Some(worker) = self.workers.get(&uid) else { return };
        let cache = worker.cache.clone();
        let (pod, status) =
            (worker.pod.clone(), worker.status.clone().unwrap_or_else(|| worker.pod.status.clone()));
        let ended = |kubelet: &mut Self| {
            kubelet.probes.numbers.remove(&(uid.clone(), name.clone(), kind));
            kubelet.probes.workers.remove(&number);
        };
        if is_pod_terminal(&pod) {
            return ended(self);
        }
        let all = status.container_statuses.iter().chain(&status.init_container_statuses);
        let this = all.into_iter().find(|this| this.name == name && !this.container_id.is_empty());
        let Some(this) = this.cloned() else {
            // One that is being made will be asked; for one that cannot be made something else has to change first.
            let mut all = status.container_statuses.iter().chain(&status.init_container_statuses);
            let waiting = all.find(|this| this.name == name).and_then(|this| this.state.waiting.as_ref());
            let is_made = waiting
                .is_none_or(|waiting| matches!(&*waiting.reason, "ContainerCreating" | "PodInitializing"));
            return self.ask_again(engine, runtime, number, !is_made);
        };
        if probe.container_id != this.container_id {
            probe.container_id = this.container_id.clone();
            probe.verdict = None;
            probe.on_hold = false;
            self.set_verdict(engine, number, kind.initial(), None);
        }
        let Some(probe) = self.probes.workers.get(&number) else { return };
        if probe.on_hold {
            // A container that is ended for its probe is started again, and asked anew.
            let is_done = probe.last == Some(Verdict::Success);
            return self.ask_again(engine, runtime, number, is_done);
        }
        let Some(running) = &this.state.running else {
            self.set_verdict(engine, number, Verdict::Failure, None);
            let ends = this
                .state
                .terminated
                .as_ref()
                .zip(container(&pod, &name))
                .is_some_and(|(ended, spec)| !restarts_after(&pod, spec, ended.exit_code));
            return if ends { ended(self) } else { self.ask_again(engine, runtime, number, true) };
        };
        if pod.metadata.is_terminating() && kind != ProbeKind::Readiness {
            return ended(self);
        }
        let started = running.started_at.as_ref().and_then(|at| self.wall.parse(at)).unwrap_or(engine.now);
        let delay = u64::try_from(probe.spec.initial_delay_seconds).unwrap_or(0) * SECOND;
        if engine.now.since(started) < delay {
            return self.ask_again(engine, runtime, number, false);
        }
        // What waits for the start has still to ask.
        if (this.started == Some(true)) == (kind == ProbeKind::Startup) {
            return self.ask_again(engine, runtime, number, kind == ProbeKind::Startup);
        }
        let Some(found) = cache.container(&name) else {
            return self.ask_again(engine, runtime, number, true);
        };
        let limit = u64::try_from(probe.spec.timeout_seconds.max(1)).unwrap_or(1) * SECOND;
        let Some(call) = question(&pod, &name, found, &probe.spec, limit) else {
            return self.ask_again(engine, runtime, number, true);
        };
        let caller = Caller { actor: self.actor(), task: PROBE_TASKS | number, call: Some(0) };
        if let Some(probe) = self.probes.workers.get_mut(&number) {
            probe.is_asking = true;
        }
        runtime.call(engine, caller, call, None);
    }
    /// A probe's question is answered.
    pub(super) fn on_probed(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        number: u32,
        answered: Answered,
    ) {
        let Some(probe) = self.probes.workers.get_mut(&number) else { return };
        probe.is_asking = false;
        let triggered = std::mem::take(&mut probe.is_triggered);
        let Answer::Runtime(result) = answered.answer else { return };
        let (uid, name, kind, spec) = (probe.uid.clone(), probe.name.clone(), probe.kind, probe.spec.clone());
        let Some(worker) = self.workers.get(&uid) else { return };
        let pod = worker.pod.clone();
        let (verdict, said, counts) = judge(&pod, &name, &spec, &worker.cache.ip, &result);
        if verdict != Verdict::Success {
            let how = if counts { "failed" } else { "errored and resulted in unknown state" };
            let message = format!("{} probe {how}: {said}", kind.name());
            let note = self.note(&pod, &name, true, "Unhealthy", message);
            self.write_event(engine, note, answered.cause);
        }
        let mut is_stable = true;
        if counts && let Some(probe) = self.probes.workers.get_mut(&number) {
            if probe.last == Some(verdict) {
                probe.run += 1;
            } else {
                (probe.last, probe.run) = (Some(verdict), 1);
            }
            let threshold =
                if verdict == Verdict::Success { spec.success_threshold } else { spec.failure_threshold };
            is_stable = probe.run >= threshold.max(1);
            if is_stable {
                if (kind == ProbeKind::Liveness && verdict == Verdict::Failure) || kind == ProbeKind::Startup
                {
                    probe.on_hold = true;
                    probe.run = 0;
                }
                is_stable = verdict == Verdict::Success || kind == ProbeKind::Readiness;
                self.set_verdict(engine, number, verdict, answered.cause);
            }
        }
        if triggered && let Some(probe) = self.probes.workers.get_mut(&number) {
            probe.next = engine.now;
            engine.schedule(engine.now, Event::Kubelet(self.node, Timer::Probe(number, false)));
            return;
        }
        self.ask_again(engine, runtime, number, is_stable);
    }
    /// What counts for a container changes (upstream: results.Manager and the sync loop's reaction).
    fn set_verdict(&mut self, engine: &mut Engine, number: u32, verdict: Verdict, cause: Option<RecordId>) {
        let Some(probe) = self.probes.workers.get_mut(&number) else { return };
        if probe.verdict == Some(verdict) {
            return;
        }
        probe.verdict = Some(verdict);
        let (uid, id, kind) = (probe.uid.clone(), probe.container_id.clone(), probe.kind);
        match kind {
            ProbeKind::Liveness if verdict != Verdict::Failure => return,
            ProbeKind::Liveness => {}
            ProbeKind::Readiness => {
                self.change_status(engine, &uid, &id, cause, |this| this.ready = verdict == Verdict::Success)
            }
            ProbeKind::Startup => {
                self.change_status(engine, &uid, &id, cause, |this| {
                    this.started = Some(verdict == Verdict::Success)
                });
            }
        }
        self.update_pod(engine, &uid, Hop::Wake, cause);
    }
    /// Changes the status of a container, and the conditions that follow from it
    /// (upstream: SetContainerReadiness, SetContainerStartup).
    fn change_status(
        &mut self,
        engine: &mut Engine,
        uid: &Str,
        container_id: &Str,
        cause: Option<RecordId>,
        change: impl FnOnce(&mut ContainerStatus),
    ) {
        let Some(worker) = self.workers.get(uid) else { return };
        let Some(status) = worker.status.as_deref() else { return };
        let mut status = PodStatus::clone(status);
        let pod = worker.pod.clone();
        let mut all = status.container_statuses.iter_mut().chain(&mut status.init_container_statuses);
        let Some(this) = all.find(|this| this.container_id == *container_id) else { return };
        let was_ready = this.ready;
        change(this);
        if this.ready != was_ready {
            let phase = status.phase.unwrap_or(crate::api::objects::PodPhase::Pending);
            let all: Vec<&ContainerStatus> =
                status.init_container_statuses.iter().chain(&status.container_statuses).collect();
            let containers = containers_ready(&pod, &all, phase);
            let ready = if containers.0 { readiness_gates(&pod) } else { containers.clone() };
            for (kind, (holds, reason, message)) in [("Ready", ready), ("ContainersReady", containers)] {
                if let Some(condition) =
                    status.conditions.iter_mut().find(|condition| &*condition.kind == kind)
                {
                    condition.status =
                        Some(if holds { ConditionStatus::True } else { ConditionStatus::False });
                    condition.reason = reason.into();
                    condition.message = message;
                }
            }
        }
        self.set_pod_status(engine, uid, status, cause);
    }
}

/// What a probe asks its container.
fn question(
    pod: &Pod,
    name: &Str,
    found: &runtime::ContainerStatus,
    probe: &Probe,
    limit: Micros,
) -> Option<RuntimeCall> {
    if let Some(exec) = &probe.exec {
        return Some(RuntimeCall::Exec(found.id, exec.command.clone(), limit));
    }
    if let Some(grpc) = &probe.grpc {
        return Some(RuntimeCall::AskHealth(found.id, port_of(pod, name, grpc.get("port")?), limit));
    }
    let (port, path) = match (&probe.http_get, &probe.tcp_socket) {
        (Some(get), _) => {
            let path = if get.path.is_empty() { "/".into() } else { get.path.clone() };
            (&get.port, Some(path))
        }
        (None, Some(other)) => (other.get("port")?, None),
        _ => return None,
    };
    Some(RuntimeCall::Connect(found.id, port_of(pod, name, port), path, limit))
}

/// What an answer means, what is said about it, and whether it counts at all.
fn judge(pod: &Pod, name: &Str, probe: &Probe, ip: &Str, result: &RuntimeResult) -> (Verdict, String, bool) {
    if let Some(exec) = &probe.exec {
        return match result {
            Ok(RuntimeReply::Exited(0, ..)) => (Verdict::Success, String::new(), true),
            Ok(RuntimeReply::Exited(_, out, errors)) => (Verdict::Failure, format!("{out}{errors}"), true),
            Ok(_) => (Verdict::Success, String::new(), true),
            Err(error) if error.code == "DeadlineExceeded" => {
                let words: Vec<&str> = exec.command.iter().map(|word| &**word).collect();
                let seconds = probe.timeout_seconds.max(1);
                let said = format!("command timed out: {:?} timed out after {seconds}s", words.join(" "));
                (Verdict::Failure, said, true)
            }
            Err(error) => {
                let said = format!("rpc error: code = {} desc = {}", error.code, error.message);
                (Verdict::Unknown, said, false)
            }
        };
    }
    let port = |port: &Value| port_of(pod, name, port);
    let (target, url) = match (&probe.http_get, probe.tcp_socket.as_ref().or(probe.grpc.as_ref())) {
        (Some(get), _) => {
            let host = if get.host.is_empty() { ip } else { &get.host };
            let target = format!("{host}:{}", port(&get.port));
            let scheme = if get.scheme.is_empty() { "http".into() } else { get.scheme.to_lowercase() };
            let path =
                if get.path.starts_with('/') { get.path.to_string() } else { format!("/{}", get.path) };
            (target.clone(), Some(format!("{scheme}://{target}{path}")))
        }
        (None, Some(other)) => (format!("{ip}:{}", other.get("port").map_or(0, port)), None),
        (None, None) => (ip.to_string(), None),
    };
    match result {
        Ok(RuntimeReply::Answered(code)) if url.is_some() && !(200..400).contains(code) => {
            (Verdict::Failure, format!("HTTP probe failed with statuscode: {code}"), true)
        }
        Ok(_) => (Verdict::Success, String::new(), true),
        Err(error) if error.code == "DeadlineExceeded" => match url {
            Some(url) => {
                let why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
                (Verdict::Failure, format!("Get {url:?}: {why}"), true)
            }
            None if probe.grpc.is_some() => {
                let seconds = probe.timeout_seconds.max(1);
                let why = format!("within {seconds}s: context deadline exceeded");
                (Verdict::Failure, format!("timeout: failed to connect service {target:?} {why}"), true)
            }
            None => (Verdict::Failure, format!("dial tcp {target}: i/o timeout"), true),
        },
        Err(error) => {
            let why = format!("dial tcp {target}: {}", error.message);
            (Verdict::Failure, url.map_or(why.clone(), |url| format!("Get {url:?}: {why}")), true)
        }
    }
}
