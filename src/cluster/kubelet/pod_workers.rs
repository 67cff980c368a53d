//! Pod workers: one for each Pod, which does one thing after the other
//! (upstream: pkg/kubelet/pod_workers.go).

use super::resize::IN_PROGRESS;
use super::{Kubelet, Timer, Work, sync_pod};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{ObjectReference, Pod, PodStatus};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::event::{Caller, Event};
use crate::cluster::latency::Hop;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::recorder::reference;
use crate::cluster::runtime::{PodRuntimeStatus, Runtime, RuntimeCall};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How far a Pod is in its life here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It is brought to what its spec wants.
    Syncing,
    /// Its containers are ended.
    Terminating,
    /// They have ended; the rest is tidied up.
    Terminated,
    /// There is nothing more to do.
    Finished,
}

/// Why a container could not be started, for the next status (upstream: the reason cache).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// `CrashLoopBackOff`, `ErrImagePull`, ...
    pub(super) reason: &'static str,
    /// The sentence.
    pub(super) message: Str,
}

/// A Pod's worker, with what the kubelet's other parts know of the Pod.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// As the watch told it last, with the resources that the node has given it.
    pub(super) pod: Rc<Pod>,
    /// What Events point at: the Pod as it was when it came.
    pub(super) reference: Rc<ObjectReference>,
    pub(super) stage: Stage,
    /// Whether the API no longer has it.
    pub(super) is_gone: bool,
    /// When it came.
    pub(super) added: SimTime,
    /// What it asks for.
    pub(super) requests: super::admission::Amounts,
    /// How far its resize is.
    pub(super) resize: super::resize::Resize,
    /// Why it ends before its time.
    pub(super) evicted: Option<Rc<super::eviction::Evicted>>,
    /// The grace period in force once it is terminating, in seconds.
    pub(super) grace_period: Option<i64>,
    /// The task that works on it.
    task: Option<u32>,
    /// Whether it is to be looked at (again).
    pending: bool,
    pending_cause: Option<RecordId>,
    /// Whether an event of the same look at the runtime finds it at work.
    pub(super) is_woken_again: bool,
    /// Whether a begin is scheduled.
    scheduled: bool,
    /// When the last sync ended.
    pub(super) last_sync: Option<SimTime>,
    /// Whether its volumes are set up.
    pub(super) has_volumes: bool,
    /// Whether something that they show has changed since.
    pub(super) is_outdated: bool,
    /// When they are tried again.
    pub(super) retry: super::volumes::Retry,
    /// When they are taken down, once the Pod's containers and its sandbox are.
    unmounted: SimTime,
    /// The runtime's state of it as the kubelet's cache has it, and of when.
    pub(super) cache: Rc<PodRuntimeStatus>,
    pub(super) observed: Option<SimTime>,
    /// Why containers could not be started.
    pub(super) reasons: BTreeMap<Str, Reason>,
    /// The newest status, its version, and the version that the API has.
    pub(super) status: Option<Rc<PodStatus>>,
    pub(super) version: u32,
    pub(super) written_version: u32,
    /// The status that was last written.
    pub(super) written: Option<Rc<PodStatus>>,
    /// Why the newest status is as it is.
    pub(super) status_cause: Option<RecordId>,
    /// Whether the Pod may be deleted once its status is written.
    pub(super) is_finished: bool,
}

impl Worker {
    fn new(pod: &Rc<Pod>, added: SimTime) -> Self {
        Self {
            pod: pod.clone(),
            reference: Rc::new(reference(&Object::from(pod.clone()))),
            stage: Stage::Syncing,
            is_gone: false,
            added,
            requests: super::admission::requests(pod),
            resize: super::resize::Resize::default(),
            evicted: None,
            grace_period: None,
            task: None,
            pending: false,
            pending_cause: None,
            is_woken_again: false,
            scheduled: false,
            last_sync: None,
            has_volumes: false,
            is_outdated: false,
            retry: super::volumes::Retry::default(),
            unmounted: SimTime(0),
            cache: Rc::new(PodRuntimeStatus::default()),
            observed: None,
            reasons: BTreeMap::new(),
            status: None,
            version: 0,
            written_version: 0,
            written: None,
            status_cause: None,
            is_finished: false,
        }
    }
    /// The Pod's key.
    pub(super) fn key(&self) -> ObjectKey {
        ObjectKey::new(Kind::Pod, self.pod.metadata.namespace.clone(), self.pod.metadata.name.clone())
    }
    /// Whether it is brought to what its spec wants.
    pub(super) fn is_syncing(&self) -> bool {
        self.stage == Stage::Syncing
    }
    /// Whether containers of it may still run.
    pub(super) fn could_have_running_containers(&self) -> bool {
        self.stage < Stage::Terminated
    }
}

/// The grace period of a Pod that is to end: the shortest that was asked for, at least one second
/// (upstream: calculateEffectiveGracePeriod).
fn effective_grace_period(before: Option<i64>, pod: &Pod) -> i64 {
    let asked = pod.metadata.deletion_grace_period_seconds;
    let grace = match (before, asked) {
        (Some(before), Some(asked)) => before.min(asked),
        (Some(before), None) => before,
        (None, Some(asked)) => asked,
        (None, None) => pod.spec.termination_grace_period_seconds.unwrap_or(30),
    };
    grace.max(1)
}

impl Kubelet {
    /// The watch tells of a Pod of this node (upstream: HandlePodAdditions, -Updates, -Removes, -Reconcile).
    pub(super) fn handle_pod(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        change: Change,
        pod: &Rc<Pod>,
        cause: Option<RecordId>,
    ) {
        let uid = pod.metadata.uid.clone();
        if change == Change::Deleted {
            return self.handle_removal(engine, runtime, &uid, cause);
        }
        if !self.workers.contains_key(&uid) {
            let worker = Worker::new(pod, engine.now);
            self.workers.insert(uid.clone(), worker);
            if self.rejects(engine, pod, cause)
                && let Some(worker) = self.workers.get_mut(&uid)
            {
                worker.stage = Stage::Finished;
                return;
            }
            self.begin_monitor(engine);
            return self.update_pod(engine, &uid, Hop::PodWorker, cause);
        }
        let (pod, resizes) = self.allocate(engine, pod, cause);
        let Some(worker) = self.workers.get_mut(&uid) else { return };
        let old = std::mem::replace(&mut worker.pod, pod.clone());
        let in_progress = |pod: &Pod| pod.status.conditions.iter().any(|one| &*one.kind == IN_PROGRESS);
        let is_resized = resizes || (in_progress(&old) && !in_progress(&pod));
        let (was, is) = (&old.metadata, &pod.metadata);
        let differs = resizes
            || was.deletion_timestamp != is.deletion_timestamp
            || was.deletion_grace_period_seconds != is.deletion_grace_period_seconds
            || was.labels != is.labels
            || was.annotations != is.annotations
            || (!Rc::ptr_eq(&old.spec, &pod.spec) && old.spec != pod.spec);
        if differs {
            worker.is_outdated |=
                (was.labels != is.labels || was.annotations != is.annotations) && Self::tells_of_itself(&pod);
            self.update_pod(engine, &uid, Hop::Wake, cause);
        }
        if !Rc::ptr_eq(&old.status, &pod.status) && old.status != pod.status {
            self.compare_status(engine, &uid);
        }
        // What one Pod has given back, another may wait for.
        if is_resized {
            self.retry_resizes(engine, cause);
        }
    }
    fn handle_removal(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        uid: &Str,
        cause: Option<RecordId>,
    ) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        worker.is_gone = true;
        if worker.stage == Stage::Finished {
            return self.forget(engine, runtime, uid, cause);
        }
        self.update_pod(engine, uid, Hop::Wake, cause);
    }
    /// A Pod that is over is forgotten, and what is left of it in the runtime removed
    /// (upstream: housekeeping and the container garbage collector).
    pub(super) fn forget(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        uid: &Str,
        cause: Option<RecordId>,
    ) {
        self.workers.remove(uid);
        self.remove_probes(uid, true);
        self.work_queue.remove(uid);
        self.backoff.forget(uid);
        self.deadlines.remove(uid);
        self.forget_reader(uid);
        let status = runtime.pod_status(uid, engine.now);
        let caller = Caller { actor: self.actor(), task: super::STATUS_TASK, call: None };
        for container in status.containers {
            runtime.call(engine, caller, RuntimeCall::RemoveContainer(container.id), cause);
        }
        for sandbox in status.sandboxes {
            runtime.call(engine, caller, RuntimeCall::RemovePodSandbox(sandbox.id), cause);
        }
    }
    /// A Pod is to be looked at, for something that was heard or found as fast as `hop` (upstream: podWorkers.UpdatePod).
    pub(super) fn update_pod(&mut self, engine: &mut Engine, uid: &Str, hop: Hop, cause: Option<RecordId>) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        if worker.stage == Stage::Finished {
            return;
        }
        let is_to_end =
            worker.pod.metadata.is_terminating() || worker.is_gone || is_pod_terminal(&worker.pod);
        if worker.stage == Stage::Syncing && is_to_end {
            worker.stage = Stage::Terminating;
        }
        if worker.stage == Stage::Terminating {
            let own = worker.evicted.as_ref().and_then(|evicted| evicted.grace_period);
            let before = own.into_iter().chain(worker.grace_period).min();
            worker.grace_period = Some(effective_grace_period(before, &worker.pod));
        }
        worker.pending = true;
        worker.pending_cause = cause.or(worker.pending_cause);
        self.try_begin(engine, uid, hop);
    }
    /// Lets a worker begin where it is free and its picture of the runtime is newer than its last sync.
    pub(super) fn try_begin(&mut self, engine: &mut Engine, uid: &Str, hop: Hop) {
        let relisted = self.pleg.last_look(engine.now);
        let Some(worker) = self.workers.get_mut(uid) else { return };
        if worker.task.is_some() || worker.scheduled || !worker.pending {
            return;
        }
        let is_newer = |last: SimTime| relisted > Some(last) || worker.observed > Some(last);
        if worker.last_sync.is_some_and(|last| !is_newer(last)) {
            self.pleg.waiting.insert(uid.clone());
            return self.need_relist(engine);
        }
        worker.scheduled = true;
        let at = engine.heard(hop, (self.node, uid), self.skips_until);
        engine.schedule(at, Event::Kubelet(self.node, Timer::Sync(uid.clone())));
    }
    /// A worker begins with what is pending.
    pub(super) fn begin(&mut self, engine: &mut Engine, runtime: &mut Runtime, uid: &Str) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        worker.scheduled = false;
        if worker.task.is_some() || !worker.pending {
            return;
        }
        let mounted = worker.unmounted.since(engine.now);
        if worker.stage == Stage::Terminated && mounted > 0 {
            worker.scheduled = true;
            let at = engine.now + super::volumes::until_seen(mounted);
            engine.schedule(at, Event::Kubelet(self.node, Timer::Sync(uid.clone())));
            return;
        }
        worker.pending = std::mem::take(&mut worker.is_woken_again);
        let cause = worker.pending_cause.take();
        self.work_queue.remove(uid);
        let work = match worker.stage {
            Stage::Syncing => match self.begin_sync(engine, uid, cause) {
                sync_pod::Begun::Sync(input) => Work::SyncPod(input),
                sync_pod::Begun::Ended => {
                    // All its containers have ended for good: the Pod is over.
                    return self.finish_terminal(engine, uid, cause);
                }
            },
            Stage::Terminating => match self.begin_terminating(engine, uid, cause) {
                Some(input) => Work::SyncTerminatingPod(Rc::new(input)),
                None => return,
            },
            Stage::Terminated => return self.sync_terminated(engine, runtime, uid, cause),
            Stage::Finished => return,
        };
        let task = self.next_task + 1;
        if let Some(worker) = self.workers.get_mut(uid) {
            worker.task = Some(task);
        }
        self.start(engine, runtime, uid.clone(), work, cause, None);
    }
    /// A Pod ends though nobody has deleted it (upstream: killPodNow).
    pub(super) fn end_pod(&mut self, engine: &mut Engine, uid: &Str) {
        self.finish_terminal(engine, uid, None);
    }
    fn finish_terminal(&mut self, engine: &mut Engine, uid: &Str, cause: Option<RecordId>) {
        if let Some(worker) = self.workers.get_mut(uid) {
            worker.last_sync = Some(engine.now);
            worker.stage = Stage::Terminating;
        }
        self.update_pod(engine, uid, Hop::Wake, cause);
    }
    /// A sync of a Pod has ended.
    pub(super) fn finish_sync(&mut self, engine: &mut Engine, uid: &Str, result: &sync_pod::SyncResult) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        worker.task = None;
        worker.last_sync = Some(engine.now);
        worker.pending |= result.is_resized;
        for (container, reason) in &result.started {
            match reason {
                None => _ = worker.reasons.remove(container),
                Some(reason) => _ = worker.reasons.insert(container.clone(), reason.clone()),
            }
        }
        if result.has_failed() {
            let wait = result.retry_at.map_or(10 * SECOND, |at| at.since(engine.now)).min(60 * SECOND);
            let jitter = engine.jitter(wait / 2, (self.node, "backoff", uid));
            self.look_again(engine, uid, wait + jitter);
        } else if result.is_changed {
            let at = engine.heard(Hop::Relist, (self.node, "relist"), engine.now);
            engine.schedule(at, Event::Kubelet(self.node, Timer::RelistPod(uid.clone())));
        }
        self.try_begin(engine, uid, Hop::Wake);
    }
    /// A Pod's containers and its sandbox are down.
    pub(super) fn finish_terminating(&mut self, engine: &mut Engine, uid: &Str, cause: Option<RecordId>) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        worker.task = None;
        worker.last_sync = Some(engine.now);
        worker.stage = Stage::Terminated;
        if worker.has_volumes {
            worker.unmounted = engine.now + super::volumes::unmount(engine, (self.node, uid));
        }
        self.remove_probes(uid, true);
        self.update_pod(engine, uid, Hop::Wake, cause);
    }
    /// Its volumes and cgroups are gone: the Pod may be deleted (upstream: SyncTerminatedPod).
    fn sync_terminated(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        uid: &Str,
        cause: Option<RecordId>,
    ) {
        self.write_terminal_status(engine, uid, cause);
        let Some(worker) = self.workers.get_mut(uid) else { return };
        worker.last_sync = Some(engine.now);
        worker.stage = Stage::Finished;
        if worker.is_gone {
            self.forget(engine, runtime, uid, cause);
        }
        self.retry_resizes(engine, cause);
    }
    /// A Pod is to be looked at again after a while, at the tick of the sync loop that follows.
    pub(super) fn look_again(&mut self, engine: &mut Engine, uid: &Str, after: Micros) {
        self.work_queue.insert(uid.clone(), engine.now + after);
        self.schedule_sync_tick(engine);
    }
    pub(super) fn schedule_sync_tick(&mut self, engine: &mut Engine) {
        let all = self.work_queue.values().chain(self.deadlines.values());
        let Some(due) = all.min().copied() else { return };
        let phase = engine.chance.fixed((self.node, "sync tick")) % SECOND;
        let after = due.0.max(engine.now.0 + 1).saturating_sub(phase).div_ceil(SECOND);
        let at = SimTime(phase + after * SECOND);
        if self.sync_tick.is_none_or(|tick| at < tick) {
            self.sync_tick = Some(at);
            engine.schedule(at, Event::Kubelet(self.node, Timer::SyncTick));
        }
    }
    pub(super) fn on_sync_tick(&mut self, engine: &mut Engine) {
        if self.sync_tick.is_none_or(|tick| tick > engine.now) {
            return;
        }
        self.sync_tick = None;
        self.check_deadlines(engine);
        let due: Vec<Str> =
            self.work_queue.iter().filter(|(_, at)| **at <= engine.now).map(|(uid, _)| uid.clone()).collect();
        for uid in due {
            self.work_queue.remove(&uid);
            self.update_pod(engine, &uid, Hop::Wake, None);
        }
        self.schedule_sync_tick(engine);
    }
}
