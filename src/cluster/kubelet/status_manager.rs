//! Writes Pods' statuses to the API, one after the other, and deletes the Pods that are over
//! (upstream: pkg/kubelet/status/status_manager.go).

use super::generate_status::{DISRUPTION_TARGET, is_by_kubelet};
use super::{Kubelet, STATUS_TASK, Timer};
use crate::api::conditions::{find, is_pod_terminal};
use crate::api::objects::{Condition, ConditionStatus, Pod, PodPhase, PodStatus};
use crate::cluster::engine::Engine;
use crate::cluster::event::{Caller, Event};
use crate::cluster::latency::Hop;
use crate::cluster::record::RecordId;
use crate::cluster::request::{DeleteOptions, Request};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

/// A status as it is when its turn is planned.
#[derive(Clone, Debug)]
struct Planned {
    uid: Str,
    status: Rc<PodStatus>,
    version: u32,
    is_finished: bool,
    cause: Option<RecordId>,
}

/// What is to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusManager {
    /// The Pods with a status that is newer than what was planned.
    changed: BTreeSet<Str>,
    /// The statuses whose turn comes.
    batch: VecDeque<Planned>,
    /// Whether one is on its way.
    is_busy: bool,
    /// The Pods of which the API has another status than was written.
    differing: BTreeSet<Str>,
    /// When that is looked at.
    reconcile: Option<SimTime>,
}

/// How often all statuses are held against what the API has (upstream: syncPeriod).
pub(super) const SYNC_PERIOD: Micros = 10 * SECOND;

/// The answers that the status manager waits for.
const WRITTEN: u32 = 1;
const DELETED: u32 = 2;

/// Keeps the time of a condition whose status stays.
fn keep_transition_times(status: &mut PodStatus, old: &PodStatus, now: &Str) {
    for condition in &mut status.conditions {
        let before = old
            .conditions
            .iter()
            .find(|other| other.kind == condition.kind && other.status == condition.status)
            .and_then(|other| other.last_transition_time.clone());
        condition.last_transition_time = Some(before.unwrap_or_else(|| now.clone()));
    }
}

impl Kubelet {
    /// Takes a status that was just generated (upstream: SetPodStatus).
    pub(super) fn set_pod_status(
        &mut self,
        engine: &mut Engine,
        uid: &Str,
        status: PodStatus,
        cause: Option<RecordId>,
    ) {
        self.keep_pod_status(uid, status, engine.now, cause);
        self.flush_status(engine);
    }
    /// The same where there is no engine at hand; `flush_status` follows.
    pub(super) fn keep_pod_status(
        &mut self,
        uid: &Str,
        mut status: PodStatus,
        now: SimTime,
        cause: Option<RecordId>,
    ) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        let text = self.wall.rfc3339(now);
        let old = worker.status.as_ref().unwrap_or(&worker.pod.status);
        status.observed_generation = worker.pod.metadata.generation.max(old.observed_generation);
        keep_transition_times(&mut status, old, &text);
        status.start_time = old.start_time.clone().or(Some(text));
        // The last status is written even where it says what was said before: only now its phase may be final.
        let is_forced = worker.pod.metadata.is_terminating() || worker.is_finished;
        if !is_forced && worker.status.as_deref() == Some(&status) {
            return;
        }
        worker.status = Some(Rc::new(status));
        worker.version += 1;
        worker.status_cause = cause.or(worker.status_cause);
        self.status.changed.insert(uid.clone());
    }
    /// The sandbox of a Pod is up: its status says so before its containers start
    /// (upstream: OnPodSandboxReady).
    pub(super) fn on_pod_sandbox_ready(&mut self, pod: &Pod, now: SimTime, cause: Option<RecordId>) {
        let Some(worker) = self.workers.get(&pod.metadata.uid) else { return };
        let mut status = PodStatus::clone(worker.status.as_ref().unwrap_or(&worker.pod.status));
        let ready = Condition {
            status: Some(ConditionStatus::True),
            ..self.condition("PodReadyToStartContainers", pod.metadata.generation)
        };
        match status.conditions.iter_mut().find(|condition| condition.kind == ready.kind) {
            Some(condition) => *condition = ready,
            None => status.conditions.push(ready),
        }
        self.keep_pod_status(&pod.metadata.uid, status, now, cause);
    }
    /// Plans what has changed where nothing is on its way.
    pub(super) fn flush_status(&mut self, engine: &mut Engine) {
        if self.status.is_busy || (self.status.batch.is_empty() && self.status.changed.is_empty()) {
            return;
        }
        if self.status.batch.is_empty() {
            for uid in std::mem::take(&mut self.status.changed) {
                let Some(worker) = self.workers.get(&uid) else { continue };
                let Some(status) = worker.status.clone().filter(|_| worker.version > worker.written_version)
                else {
                    continue;
                };
                self.status.batch.push_back(Planned {
                    uid,
                    status,
                    version: worker.version,
                    is_finished: worker.is_finished,
                    cause: worker.status_cause,
                });
            }
            if self.status.batch.is_empty() {
                return;
            }
        }
        self.status.is_busy = true;
        let at = engine.heard(Hop::StatusRead, (self.node, "status"), engine.now);
        engine.schedule(at, Event::Kubelet(self.node, Timer::Status));
    }
    /// Writes the next status.
    pub(super) fn write_status(&mut self, engine: &mut Engine) {
        let Some(planned) = self.status.batch.front() else {
            self.status.is_busy = false;
            return;
        };
        let Some(worker) = self.workers.get_mut(&planned.uid) else { return self.next_status(engine) };
        let status = merge(
            worker.could_have_running_containers(),
            worker.api_status(),
            &planned.status,
            &worker.pod,
            || self.wall.rfc3339(engine.now),
        );
        let cause = planned.cause;
        if worker.written.as_deref().unwrap_or(&worker.pod.status) == &*status {
            worker.written_version = planned.version;
            return self.delete_or_next(engine);
        }
        let mut pod = Pod::clone(&worker.pod);
        pod.status = status.clone();
        Rc::make_mut(&mut pod.metadata).resource_version = Str::default();
        worker.written = Some(status);
        let caller = Caller { actor: self.actor(), task: STATUS_TASK, call: Some(WRITTEN) };
        engine.send(caller, Request::update_status(pod), cause);
    }
    /// A status is written, or a Pod deleted.
    pub(super) fn on_status_written(&mut self, engine: &mut Engine, call: u32, is_lost: bool) {
        if is_lost {
            // The API server was not reached: again when all statuses are looked at.
            if let Some(uid) = self.status.batch.front().map(|planned| planned.uid.clone()) {
                if let Some(worker) = self.workers.get_mut(&uid) {
                    worker.written = None;
                    worker.written_version = worker.version;
                }
                self.plan_reconcile(engine, uid);
            }
            return self.next_status(engine);
        }
        match call {
            WRITTEN => {
                if let Some(planned) = self.status.batch.front()
                    && let Some(worker) = self.workers.get_mut(&planned.uid)
                {
                    worker.written_version = planned.version;
                }
                self.delete_or_next(engine);
            }
            _ => self.next_status(engine),
        }
    }
    /// The API has told of a Pod: where its status is not as it was written, it is written again
    /// (upstream: needsReconcile).
    pub(super) fn compare_status(&mut self, engine: &mut Engine, uid: &Str) {
        let Some(worker) = self.workers.get(uid) else { return };
        if worker.written.as_ref().is_none_or(|written| *written == worker.pod.status) {
            self.status.differing.remove(uid);
            return;
        }
        self.plan_reconcile(engine, uid.clone());
    }
    fn plan_reconcile(&mut self, engine: &mut Engine, uid: Str) {
        self.status.differing.insert(uid);
        if self.status.reconcile.is_none() {
            let phase = engine.chance.fixed((self.node, "status sync")) % SYNC_PERIOD;
            let after = (engine.now.0 + 1).saturating_sub(phase).div_ceil(SYNC_PERIOD);
            let at = SimTime(phase + after * SYNC_PERIOD);
            self.status.reconcile = Some(at);
            engine.schedule(at, Event::Kubelet(self.node, Timer::Reconcile));
        }
    }
    /// Writes the statuses again that the API has not (upstream: syncBatch).
    pub(super) fn reconcile_statuses(&mut self, engine: &mut Engine) {
        self.status.reconcile = None;
        for uid in std::mem::take(&mut self.status.differing) {
            let Some(worker) = self.workers.get_mut(&uid) else { continue };
            let differs = worker.written.as_ref().is_none_or(|written| !is_same(written, &worker.pod.status));
            if differs && worker.status.is_some() && worker.version == worker.written_version {
                worker.written = None;
                worker.version += 1;
                self.status.changed.insert(uid);
            }
        }
        self.flush_status(engine);
    }
    /// A Pod whose end is written is deleted.
    fn delete_or_next(&mut self, engine: &mut Engine) {
        let Some(planned) = self.status.batch.front() else { return self.next_status(engine) };
        let Some(worker) = self.workers.get(&planned.uid) else { return self.next_status(engine) };
        let is_terminal = worker
            .written
            .as_ref()
            .is_some_and(|status| matches!(status.phase, Some(PodPhase::Succeeded | PodPhase::Failed)))
            || is_pod_terminal(&worker.pod);
        if !(planned.is_finished && is_terminal && worker.pod.metadata.is_terminating() && !worker.is_gone) {
            return self.next_status(engine);
        }
        let options = DeleteOptions {
            grace_period_seconds: Some(0),
            uid: Some(planned.uid.clone()),
            ..DeleteOptions::default()
        };
        let (key, cause) = (worker.key(), planned.cause);
        let caller = Caller { actor: self.actor(), task: STATUS_TASK, call: Some(DELETED) };
        engine.send(caller, Request::delete(key, options), cause);
    }
    fn next_status(&mut self, engine: &mut Engine) {
        self.status.batch.pop_front();
        self.status.is_busy = false;
        self.flush_status(engine);
    }
}

/// Whether two statuses are the same as far as a kubelet writes them (upstream: isPodStatusByKubeletEqual).
fn is_same(written: &PodStatus, api: &PodStatus) -> bool {
    let own = |status: &PodStatus| {
        let mut status = status.clone();
        status.conditions.retain(|condition| is_by_kubelet(&condition.kind));
        status.conditions.sort_by(|a, b| a.kind.cmp(&b.kind));
        status
    };
    own(written) == own(api)
}

/// The status as it is written: what others say stays, and the phase becomes final only once nothing runs
/// any more (upstream: mergePodStatus).
fn merge(
    could_run: bool,
    api: &PodStatus,
    new: &Rc<PodStatus>,
    pod: &Pod,
    now: impl FnOnce() -> Str,
) -> Rc<PodStatus> {
    let is_final = |status: &PodStatus| matches!(status.phase, Some(PodPhase::Succeeded | PodPhase::Failed));
    let is_own =
        |status: &PodStatus| status.conditions.iter().all(|condition| is_by_kubelet(&condition.kind));
    if !is_final(new) && is_own(&pod.status) && is_own(new) {
        return new.clone();
    }
    let mut merged = PodStatus::clone(new);
    let others = pod.status.conditions.iter().filter(|condition| !is_by_kubelet(&condition.kind));
    merged.conditions = others.cloned().collect();
    // That a kubelet has evicted the Pod it says with the end, as of then.
    if !could_run
        && is_final(new)
        && let Some(own) = find(&new.conditions, DISRUPTION_TARGET)
    {
        let before = find(&api.conditions, DISRUPTION_TARGET).filter(|before| before.status == own.status);
        let since = before.and_then(|before| before.last_transition_time.clone());
        let own = if is_final(api) { before.unwrap_or(own) } else { own };
        let last_transition_time = Some(since.unwrap_or_else(now));
        merged.conditions.retain(|condition| &*condition.kind != DISRUPTION_TARGET);
        merged.conditions.push(Condition { last_transition_time, ..own.clone() });
    }
    merged
        .conditions
        .extend(new.conditions.iter().filter(|condition| is_by_kubelet(&condition.kind)).cloned());
    if could_run && is_final(new) && !is_final(api) {
        (merged.phase, merged.reason, merged.message) = (api.phase, api.reason.clone(), api.message.clone());
    }
    Rc::new(merged)
}
