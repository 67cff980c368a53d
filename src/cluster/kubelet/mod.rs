//! A node's kubelet: it watches the Pods of its node, brings its runtime to what they want, and writes
//! their status (upstream: pkg/kubelet).

mod actions;
mod admission;
mod backoff;
mod disks;
mod environment;
mod eviction;
mod generate_status;
mod lifecycle;
pub(in crate::cluster) mod node_status;
mod pleg;
mod pod_workers;
mod probes;
mod resize;
pub mod server;
mod status_manager;
mod sync_pod;
#[cfg(test)]
mod tests;
mod volumes;

pub(crate) use actions::restarts_after;

use super::engine::Engine;
use super::event::{CONNECT_TASKS, Caller, Event};
use super::record::{Actor, Change, HookKind, NodeId, RecordId};
use super::recorder::{EventNote, Recorder};
use super::request::{Reason, WatchEvent};
use super::runtime::{ContainerId, Runtime, RuntimeReply, RuntimeResult};
use super::seed::API_SERVICE;
use super::setup::NodeSetup;
use super::table::{SortedTable, Table};
use super::task::{Answer, Answered, Ask, Call, Journal, Suspended};
use super::time::{Micros, SimTime, WallClock};
use crate::api::ObjectKey;
use crate::api::objects::{Node, Pod, Service};
use crate::value::{Map, Str, Value};
use backoff::Backoff;
use pod_workers::Worker;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A kubelet's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A Pod's worker begins.
    Sync(Str),
    /// Looks at what its runtime does (upstream: the generic PLEG, once a second).
    Relist,
    /// Looks at one Pod, right after it has changed something there itself.
    RelistPod(Str),
    /// Takes up the Pods whose time to be looked at again has come, once a second.
    SyncTick,
    /// The status manager writes the next status.
    Status,
    /// The eviction manager looks at a Pod that has taken more than it may.
    Evict(Str),
    /// The eviction manager looks at what its node is short of; true where nothing will come of it.
    Monitor(bool),
    /// A job has taken as long as its asker waits.
    Wait(u32),
    /// It looks whether there is something to say of its node.
    NodeStatus,
    /// It renews its lease; false where something will come of it that it cannot.
    Lease(bool),
    /// It looks whether the API has the statuses that it wrote.
    Reconcile,
    /// A probe asks; true where nothing can have changed since it last did.
    Probe(u32, bool),
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Probe(_, is_idle) | Self::Lease(is_idle) | Self::Monitor(is_idle) => *is_idle,
            Self::NodeStatus => true,
            Self::Sync(_)
            | Self::Relist
            | Self::RelistPod(_)
            | Self::SyncTick
            | Self::Evict(_)
            | Self::Status
            | Self::Reconcile
            | Self::Wait(_) => false,
        }
    }
}

/// Work beside a Pod's own worker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Job {
    /// Ends a container.
    Kill(Rc<Kill>),
    /// Runs a hook.
    Hook(Rc<Hook>),
    /// Waits until these containers have ended (upstream: terminationOrdering).
    Turn(Rc<[ContainerId]>),
}

/// A container that is to end (upstream: killContainer).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kill {
    /// Its Pod.
    pub pod: Rc<Pod>,
    /// Which.
    pub container: ContainerId,
    /// Its name.
    pub name: Str,
    /// What the Event says.
    pub message: Str,
    /// How long it may take, in seconds.
    pub grace_period_seconds: i64,
    /// The containers that end before it: a sidecar's hook does not wait for them, its stop signal does.
    pub after: Rc<[ContainerId]>,
}

/// A hook that is to run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hook {
    /// The Pod.
    pub pod: Rc<Pod>,
    /// The container.
    pub container: ContainerId,
    /// Its name.
    pub name: Str,
    /// Which hook.
    pub kind: HookKind,
}

/// What a task works on.
#[derive(Clone, Debug)]
enum Work {
    SyncPod(Rc<sync_pod::SyncInput>),
    SyncTerminatingPod(Rc<sync_pod::TerminatingInput>),
    Job(Job),
}

/// What came of a task.
enum Done {
    Synced(sync_pod::SyncResult),
    Terminated,
    Job(RuntimeResult),
}

/// Work under way.
#[derive(Clone, Debug)]
struct Task {
    uid: Str,
    work: Work,
    journal: Journal,
    /// Who waits for it.
    parent: Option<u32>,
}

/// A kubelet.
#[derive(Clone, Debug)]
pub struct Kubelet {
    /// Its node.
    pub node: NodeId,
    address: Str,
    wall: WallClock,
    report: node_status::NodeReport,
    workers: SortedTable<Str, Worker>,
    tasks: Table<u32, Task>,
    next_task: u32,
    /// Who waits for which job.
    waits: BTreeMap<u32, Caller>,
    next_wait: u32,
    /// The containers that have to end before a wait is over.
    turns: BTreeMap<u32, Vec<ContainerId>>,
    /// The containers that are being ended.
    ending: BTreeSet<ContainerId>,
    pleg: pleg::Pleg,
    probes: probes::Probes,
    /// Commands in containers that somebody waits for.
    connected: BTreeMap<u32, server::Connected>,
    next_connected: u32,
    finished: Vec<server::Finished>,
    status: status_manager::StatusManager,
    backoff: Backoff,
    recorder: Recorder,
    /// When Pods are to be looked at again.
    work_queue: BTreeMap<Str, SimTime>,
    sync_tick: Option<SimTime>,
    /// When Pods that may run only so long have to end.
    deadlines: BTreeMap<Str, SimTime>,
    /// The Pods whose use of the disk is looked at next.
    counted: BTreeSet<Str>,
    /// What the node is short of.
    pressures: eviction::pressure::Pressures,
    /// What the node gives to Pods, and how many it takes.
    allocatable: admission::Amounts,
    allowed_pods: i64,
    /// The variables that tell of each Service, as this node's kube-proxy hears of them.
    services: BTreeMap<ObjectKey, Vec<(Str, Str)>>,
    /// Those that tell of the API server's own.
    api_variables: Vec<(Str, Str)>,
    /// The Pods that read a ConfigMap or a Secret into a volume.
    readers: BTreeMap<ObjectKey, BTreeSet<Str>>,
    /// What waits where the kubelet is stopped; none where it runs.
    held: Option<Vec<Held>>,
    /// Since when it is stopped.
    held_since: SimTime,
    /// Until when it leaves its Pods alone: it has not seen for long what its runtime does
    /// (upstream: "Skipping pod synchronization").
    skips_until: SimTime,
    /// What every container's status says of its user.
    user: Value,
    /// What every condition of a Pod says of its last probe.
    null_probe_time: Rc<Map>,
}

/// What comes to a kubelet that does not answer: it waits.
#[derive(Clone, Debug)]
enum Held {
    Watch(WatchEvent, Option<RecordId>),
    Timer(Timer),
    Answer(Caller, Answered),
}

/// For how long it leaves its Pods alone at most where its runtime was out of sight.
const SKIPS: Micros = 1_600 * super::time::MILLI;

/// The number under which the status manager's requests are answered.
const STATUS_TASK: u32 = 0;

impl Kubelet {
    /// The kubelet of a node that has just come up.
    pub fn new(node: NodeId, setup: &NodeSetup, engine: &Engine) -> Self {
        Self {
            node,
            address: setup.address.clone(),
            wall: engine.wall,
            report: node_status::NodeReport::new(setup),
            workers: SortedTable::default(),
            tasks: Table::default(),
            next_task: STATUS_TASK,
            waits: BTreeMap::new(),
            next_wait: 0,
            turns: BTreeMap::new(),
            ending: BTreeSet::new(),
            pleg: pleg::Pleg::new(node, engine),
            probes: probes::Probes::default(),
            connected: BTreeMap::new(),
            next_connected: 0,
            finished: Vec::new(),
            status: status_manager::StatusManager::default(),
            backoff: Backoff::default(),
            recorder: Recorder::new(Actor::Kubelet(node), "kubelet", setup.name.clone()),
            work_queue: BTreeMap::new(),
            sync_tick: None,
            deadlines: BTreeMap::new(),
            counted: BTreeSet::new(),
            pressures: eviction::pressure::Pressures::default(),
            allocatable: admission::allocatable(setup),
            allowed_pods: i64::from(setup.pods),
            services: BTreeMap::new(),
            api_variables: Vec::new(),
            readers: BTreeMap::new(),
            held: None,
            held_since: SimTime::ZERO,
            skips_until: SimTime::ZERO,
            user: Self::shared_user(),
            null_probe_time: Self::shared_null_probe_time(),
        }
    }
    /// The address of its node.
    pub(in crate::cluster) fn address(&self) -> &str {
        &self.address
    }
    fn actor(&self) -> Actor {
        Actor::Kubelet(self.node)
    }
    /// A watch tells of a change.
    pub fn on_watch(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        event: WatchEvent,
        cause: Option<RecordId>,
    ) {
        if let Some(held) = &mut self.held {
            return held.push(Held::Watch(event, cause));
        }
        if let Some(node) = event.object.get::<Node>() {
            return self.handle_node(engine, (event.change != Change::Deleted).then(|| node.clone()));
        }
        let Some(pod) = event.object.get::<Pod>() else { return };
        self.handle_pod(engine, runtime, event.change, pod, cause);
    }
    /// Its clock rings.
    pub fn on_timer(&mut self, engine: &mut Engine, runtime: &mut Runtime, timer: Timer) {
        if let Some(held) = &mut self.held {
            // What it says of its node it says anew when it goes on.
            if timer != Timer::NodeStatus {
                held.push(Held::Timer(timer));
            }
            return;
        }
        match timer {
            Timer::Sync(uid) => self.begin(engine, runtime, &uid),
            Timer::Relist => self.relist(engine, runtime),
            Timer::RelistPod(uid) => self.relist_pod(engine, runtime, &uid),
            Timer::SyncTick => self.on_sync_tick(engine),
            Timer::Status => self.write_status(engine),
            Timer::NodeStatus => self.sync_node_status(engine, runtime),
            Timer::Reconcile => self.reconcile_statuses(engine),
            // The cluster renews it.
            Timer::Lease(_) => {}
            Timer::Evict(uid) => self.on_evict(engine, runtime, &uid),
            Timer::Monitor(_) => self.synchronize(engine, runtime),
            Timer::Probe(number, _) => self.on_probe(engine, runtime, number),
            Timer::Wait(wait) => {
                self.turns.remove(&wait);
                if let Some(caller) = self.waits.remove(&wait) {
                    let answered = Answered { at: engine.now, cause: None, answer: Answer::Slept };
                    self.on_answer(engine, runtime, caller, answered);
                }
            }
        }
    }
    /// A question is answered.
    pub fn on_answer(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        caller: Caller,
        answered: Answered,
    ) {
        let Some(call) = caller.call else { return };
        if let Some(held) = &mut self.held {
            return held.push(Held::Answer(caller, answered));
        }
        if caller.task == Recorder::TASK {
            return self.recorder.on_answer(engine, &answered);
        }
        if caller.task == STATUS_TASK {
            let is_written = match &answered.answer {
                Answer::Api(response) => response.result.is_ok(),
                _ => true,
            };
            if self.takes_report(call, is_written) {
                return;
            }
            let is_lost = matches!(&answered.answer, Answer::Api(response)
                if response.result.as_ref().is_err_and(|error| error.reason == Reason::ServiceUnavailable));
            return self.on_status_written(engine, call, is_lost);
        }
        if caller.task & probes::PROBE_TASKS != 0 {
            return self.on_probed(engine, runtime, caller.task & !probes::PROBE_TASKS, answered);
        }
        if caller.is_connected() {
            return self.on_connected(caller.task & !CONNECT_TASKS, answered);
        }
        if self.tasks.get_mut(&caller.task).is_some_and(|task| task.journal.answer(call, answered)) {
            self.go_on(engine, runtime, caller.task);
        }
    }
    /// The kubelet of the same node after it has booted: it knows nothing, but counts on.
    pub(in crate::cluster) fn reboot(&self, engine: &Engine) -> Self {
        let mut new = Self::new(self.node, &self.report.setup, engine);
        (new.next_task, new.next_wait, new.next_connected) =
            (self.next_task, self.next_wait, self.next_connected);
        new.report.boots = self.report.boots + 1;
        new.pressures = self.pressures.after_boot();
        new
    }
    /// Takes the Pods up that the API has on its node, and takes away what its runtime still has of others.
    pub(in crate::cluster) fn take_pods(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        pods: &[Rc<Pod>],
        cause: Option<RecordId>,
    ) {
        for pod in pods {
            self.handle_pod(engine, runtime, Change::Added, pod, cause);
            self.relist_pod(engine, runtime, &pod.metadata.uid);
        }
        let gone: Vec<Str> =
            runtime.pod_uids().filter(|uid| !self.workers.contains_key(*uid)).cloned().collect();
        for uid in gone {
            self.forget(engine, runtime, &uid, cause);
        }
    }
    /// It no longer does anything; its containers run on.
    pub fn stop(&mut self, engine: &mut Engine) {
        if self.held.is_none() {
            self.held = Some(Vec::new());
            self.held_since = engine.now;
            self.expect_missed_lease(engine);
        }
    }
    /// Whether it does nothing.
    pub fn is_stopped(&self) -> bool {
        self.held.is_some()
    }
    /// It goes on with what has come meanwhile. What was due in the meantime is done at once.
    pub fn resume(&mut self, engine: &mut Engine, runtime: &mut Runtime) {
        let Some(all) = self.held.take() else { return };
        let span = engine.now.since(self.held_since);
        if self.wakes_after(span) {
            let wait = SKIPS / 2 + engine.jitter(SKIPS / 2, (self.node, "skips"));
            self.skips_until = engine.now + wait;
        }
        self.report_now(engine);
        self.sync_node_status(engine, runtime);
        for held in all {
            match held {
                Held::Watch(event, cause) => self.on_watch(engine, runtime, event, cause),
                Held::Timer(timer) => self.on_timer(engine, runtime, timer),
                Held::Answer(caller, answered) => self.on_answer(engine, runtime, caller, answered),
            }
        }
        if span >= status_manager::SYNC_PERIOD {
            self.reconcile_statuses(engine);
        }
    }
    /// A Service has changed.
    pub fn on_service(&mut self, event: &WatchEvent) {
        let Some(service) = event.object.get::<Service>() else { return };
        let key = event.object.key();
        // Each Pod is told of this one, whatever its Namespace.
        if (&*key.namespace, &*key.name) == ("default", API_SERVICE) {
            return;
        }
        if event.change == Change::Deleted {
            self.services.remove(&key);
        } else {
            self.services.insert(key, environment::service_variables(service));
        }
    }
    /// Says where the API server's own Service is.
    pub fn set_api_address(&mut self, address: &str) {
        self.api_variables = environment::api_variables(address);
    }
    /// Something has changed in the runtime: the next relist will see it.
    pub fn on_runtime(&mut self, engine: &mut Engine, runtime: &mut Runtime) {
        if runtime.has_written() {
            self.on_disk(engine, runtime);
        }
        if runtime.has_changed() {
            self.need_relist(engine);
        }
    }
    /// Writes an Event at once.
    fn write_event(&mut self, engine: &mut Engine, note: EventNote, cause: Option<RecordId>) {
        self.recorder.record(engine, note, cause);
    }
    fn start(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        uid: Str,
        work: Work,
        cause: Option<RecordId>,
        parent: Option<u32>,
    ) -> u32 {
        self.next_task += 1;
        let number = self.next_task;
        let journal = Journal::new(engine.now, cause);
        self.tasks.insert(number, Task { uid, work, journal, parent });
        self.go_on(engine, runtime, number);
        number
    }
    fn go_on(&mut self, engine: &mut Engine, runtime: &mut Runtime, number: u32) {
        let Some(mut task) = self.tasks.remove(&number) else { return };
        let mut ask = Ask::new(&mut task.journal, self.wall);
        let result: Result<Done, Suspended> = match &task.work {
            Work::SyncPod(input) => self.sync_pod(runtime, input, &mut ask).map(Done::Synced),
            Work::SyncTerminatingPod(input) => {
                self.sync_terminating_pod(input, runtime, &mut ask).map(|()| Done::Terminated)
            }
            Work::Job(Job::Kill(kill)) => self.kill_container(kill, &mut ask).map(Done::Job),
            Work::Job(Job::Hook(hook)) => self.run_hook(hook, &mut ask).map(Done::Job),
            // Where it waits, nothing is run for it (`turns`).
            Work::Job(Job::Turn(_)) => Ok(Done::Job(Ok(RuntimeReply::Done))),
        };
        let cause = ask.cause();
        let issued = ask.into_issued();
        let (uid, parent) = (task.uid.clone(), task.parent);
        let mut finished = None;
        if result.is_err() {
            self.tasks.insert(number, task);
        } else {
            finished = Some(task.work);
        }
        let mut jobs = Vec::new();
        let actor = self.actor();
        let recorder = &mut self.recorder;
        engine.issue(actor, number, issued, |engine, caller, call, cause| match call {
            Call::Runtime(call) => runtime.call(engine, caller, call, cause),
            Call::Event(note) => recorder.record(engine, note, cause),
            Call::Kubelet(job, limit) => jobs.push((caller, job, limit, cause)),
            Call::Api(_) | Call::Sleep(_) | Call::WatchNext(..) | Call::Node(..) => {}
        });
        for (caller, job, limit, cause) in jobs {
            self.next_wait += 1;
            let wait = self.next_wait;
            self.waits.insert(wait, caller);
            if let Some(limit) = limit {
                engine.schedule(engine.now + limit, Event::Kubelet(self.node, Timer::Wait(wait)));
            }
            if let Job::Turn(before) = &job {
                let is_there = |id: &ContainerId| self.ending.contains(id) || runtime.is_running(*id);
                let there = before.iter().copied().filter(is_there).collect();
                self.turns.insert(wait, there);
                self.take_turns(engine, None, cause);
                continue;
            }
            if let Job::Kill(kill) = &job {
                self.ending.insert(kill.container);
            }
            let cause = self.record_hook(engine, &job, None, cause);
            self.start(engine, runtime, uid.clone(), Work::Job(job), cause, Some(wait));
        }
        match result {
            Err(Suspended) => {}
            Ok(Done::Job(result)) => {
                if let Some(Work::Job(job)) = &finished {
                    self.record_hook(engine, job, Some(&result), cause);
                }
                if let Some(wait) = parent {
                    self.end_wait(engine, wait, result, cause);
                }
                if let Some(Work::Job(Job::Kill(kill))) = &finished {
                    self.ending.remove(&kill.container);
                    self.take_turns(engine, Some(kill.container), cause);
                }
            }
            Ok(Done::Synced(result)) => self.finish_sync(engine, &uid, &result),
            Ok(Done::Terminated) => self.finish_terminating(engine, &uid, cause),
        }
        self.flush_status(engine);
    }
    /// What somebody waits for is done.
    fn end_wait(&mut self, engine: &mut Engine, wait: u32, result: RuntimeResult, cause: Option<RecordId>) {
        if let Some(caller) = self.waits.remove(&wait) {
            let answered = Answered { at: engine.now, cause, answer: Answer::Runtime(result) };
            engine.schedule(engine.now, Event::Answer { caller, answered });
        }
    }
    /// A container has been ended: it is the turn of those that waited for it last.
    fn take_turns(&mut self, engine: &mut Engine, ended: Option<ContainerId>, cause: Option<RecordId>) {
        self.turns.values_mut().for_each(|before| before.retain(|container| Some(*container) != ended));
        let due = |before: &Vec<ContainerId>| before.is_empty();
        let due: Vec<u32> =
            self.turns.iter().filter(|(_, before)| due(before)).map(|(wait, _)| *wait).collect();
        for wait in due {
            self.turns.remove(&wait);
            self.end_wait(engine, wait, Ok(RuntimeReply::Done), cause);
        }
    }
}
