//! kube-controller-manager: one cache for all controllers, a queue and workers for each.
//!
//! A new controller is a file here and a line in `controllers!`.

mod availability;
mod expectations;
mod history;
mod int_or_percent;
mod own_writes;
mod ownership;
mod pod_control;
mod queue;
mod stop;
mod template_hash;
#[cfg(test)]
mod tests;

use super::apiserver::ApiServer;
use super::engine::Engine;
use super::event::{Caller, Event};
use super::informer::{Cache, Heard};
use super::latency::Hop;
use super::record::{Actor, ControllerName, RecordId};
use super::recorder::Recorder;
use super::request::WatchEvent;
use super::store::Scope;
use super::task::{Answer, Answered, Ask, Call, Journal, Suspended};
use super::time::{Micros, SimTime};
use crate::api::{Kind, ObjectKey};
pub use deployment::rollout_bounds;
use own_writes::OwnWrites;
pub use queue::WorkQueue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::rc::Rc;

/// What a sync comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done until something changes.
    Done,
    /// Done, and what was to be looked at later need not be any more: nothing would come of it.
    Settled,
    /// Again, after a wait that grows with each failure in a row.
    Retry,
    /// Again after so long.
    After(Micros),
    /// It goes on at once, with a fresh look at the cache.
    GoesOn,
}

/// A controller.
pub trait Controller: Clone + Debug + Default {
    /// Its name.
    const NAME: ControllerName;
    /// What its Events say that they come from.
    const COMPONENT: &'static str = Self::NAME.as_str();
    /// The kinds that it hears of.
    const WATCHES: &'static [Kind];
    /// The wait after a first failure, doubled with each further one.
    const BACK_OFF: Micros = 5 * super::time::MILLI;
    /// The longest wait after failures.
    const MOST_BACK_OFF: Micros = 1_000 * super::time::SECOND;
    /// How many keys it works on at once.
    const WORKERS: usize = 5;
    /// How long it takes from a change to the sync that it asks for.
    const SYNC: Hop = Hop::Sync;
    /// How often it looks at everything by itself; none where it only follows changes.
    const TICK: Option<Micros> = None;
    /// Kinds of which a sync waits until the cache has what the sync before it wrote (upstream:
    /// pkg/controller/util/consistency).
    const OWN_WRITES: &'static [Kind] = &[];
    /// What a sync reads, gathered from the cache when it begins.
    type Input: Clone + Debug;

    /// Something has changed: which keys must be looked at, at once or later (`queue.add_after`)?
    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue);
    /// What a sync of this key reads; none where there is nothing to do.
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Self::Input>;
    /// Brings what is nearer to what is wanted. Runs from its beginning whenever an answer has come
    /// (see `task`): what changes `self` stands behind `ask.once()`.
    fn sync(&mut self, key: &ObjectKey, input: &Self::Input, ask: &mut Ask) -> Result<Outcome, Suspended>;
    /// It looks at everything, as often as `TICK` says: which keys must be looked at?
    fn on_tick(&mut self, _now: SimTime, _cache: &Cache, _queue: &mut WorkQueue) {}
    /// Whether its next look at everything is likely to change something: a run is not quiet before that.
    fn is_waiting(&self) -> bool {
        false
    }
    /// A sync has gone on: which other keys must be looked at because of it?
    fn after_sync(&mut self, _now: SimTime, _queue: &mut WorkQueue) {}
}

/// A sync under way.
#[derive(Clone, Debug)]
struct Running<I> {
    key: Rc<ObjectKey>,
    input: I,
    journal: Journal,
}

/// A controller with its queue and its workers.
#[derive(Clone, Debug)]
struct Runner<C: Controller> {
    controller: C,
    queue: WorkQueue,
    running: BTreeMap<u32, Running<C::Input>>,
    next_task: u32,
    recorder: Recorder,
    /// When it looks at everything next, and whether the run is kept from being quiet until then.
    tick: (SimTime, bool),
    writes: OwnWrites,
}

impl<C: Controller> Default for Runner<C> {
    fn default() -> Self {
        Self {
            controller: C::default(),
            queue: WorkQueue::default(),
            running: BTreeMap::new(),
            next_task: 0,
            recorder: Recorder::new(Actor::Controller(C::NAME), C::COMPONENT, ""),
            tick: (SimTime::NEVER, false),
            writes: OwnWrites::default(),
        }
    }
}

impl<C: Controller> Runner<C> {
    fn on_change(&mut self, engine: &mut Engine, heard: &Heard, cache: &Cache) {
        if C::WATCHES.contains(&heard.object.kind()) {
            self.queue.unix_micros = engine.wall.unix_micros(engine.now);
            self.controller.on_change(heard, cache, &mut self.queue);
            if self.queue.has_news() {
                self.queue.caused_by(heard.cause);
                self.wake(engine);
            }
            self.keep_awake(engine);
        }
    }
    /// Plans the first look at everything, at a moment of its own.
    fn start_ticking(&mut self, engine: &mut Engine) {
        if let Some(period) = C::TICK {
            let phase = engine.chance.fixed((C::NAME.as_str(), "tick")) % period;
            self.plan_tick(engine, engine.now + phase);
        }
    }
    fn plan_tick(&mut self, engine: &mut Engine, at: SimTime) {
        let is_idle = !self.controller.is_waiting();
        self.tick = (at, !is_idle);
        engine.schedule(at, Event::Tick(C::NAME, is_idle));
    }
    /// Keeps the run from being quiet until the next look, where that will change something.
    fn keep_awake(&mut self, engine: &mut Engine) {
        let (at, is_kept) = self.tick;
        if C::TICK.is_some() && !is_kept && at != SimTime::NEVER && self.controller.is_waiting() {
            self.plan_tick(engine, at);
        }
    }
    /// It looks at everything; a look that was planned twice happens once.
    fn tick(&mut self, engine: &mut Engine, cache: &Cache) {
        let Some(period) = C::TICK.filter(|_| self.tick.0 == engine.now) else { return };
        self.controller.on_tick(engine.now, cache, &mut self.queue);
        self.queue.caused_by(None);
        self.plan_tick(engine, engine.now + period);
        self.wake(engine);
    }
    /// Lets workers begin where keys and workers are free.
    fn wake(&mut self, engine: &mut Engine) {
        for (key, at) in self.queue.take_delayed(engine.now) {
            let place = engine.schedule(at, Event::Enqueue(C::NAME, key.clone()));
            if let Some(later) = self.queue.stands(&key, place) {
                engine.withdraw(later);
            }
        }
        while self.running.len() + self.queue.promised < C::WORKERS
            && self.queue.ready() > self.queue.promised
        {
            self.queue.promised += 1;
            let at = engine.heard(C::SYNC, (C::NAME.as_str(), "work"), engine.now);
            engine.schedule(at, Event::Work(C::NAME));
        }
    }
    fn enqueue(&mut self, engine: &mut Engine, key: &ObjectKey) {
        self.queue.add_due(key, engine.now);
        self.wake(engine);
    }
    fn work(&mut self, engine: &mut Engine, cache: &Cache) {
        self.queue.promised = self.queue.promised.saturating_sub(1);
        while let Some((key, cause)) = self.queue.take() {
            if !self.writes.are_seen(&key, cache) {
                self.queue.add_rate_limited(&key, C::BACK_OFF, C::MOST_BACK_OFF);
                self.queue.done(&key);
                continue;
            }
            let Some(input) = self.controller.gather(&key, cache) else {
                self.queue.done(&key);
                self.queue.forget(&key);
                continue;
            };
            self.next_task += 1;
            let running = Running { key: Rc::new(key), input, journal: Journal::new(engine.now, cause) };
            self.running.insert(self.next_task, running);
            self.go_on(engine, cache, self.next_task);
            break;
        }
        self.wake(engine);
    }
    fn answer(&mut self, engine: &mut Engine, cache: &Cache, caller: Caller, answered: Answered) {
        if caller.task == Recorder::TASK {
            return self.recorder.on_answer(engine, &answered);
        }
        let Some(call) = caller.call else { return };
        let Some(running) = self.running.get_mut(&caller.task) else { return };
        if let Answer::Api(response) = &answered.answer {
            self.writes.note(&running.key, response, C::OWN_WRITES);
        }
        if running.journal.answer(call, answered) {
            self.go_on(engine, cache, caller.task);
        }
    }
    fn go_on(&mut self, engine: &mut Engine, cache: &Cache, task: u32) {
        let Some(running) = self.running.get_mut(&task) else { return };
        let mut ask = Ask::new(&mut running.journal, engine.wall);
        let result = self.controller.sync(&running.key, &running.input, &mut ask);
        let cause = ask.cause();
        let issued = ask.into_issued();
        let recorder = &mut self.recorder;
        engine.issue(Actor::Controller(C::NAME), task, issued, |engine, _, call, cause| {
            if let Call::Event(note) = call {
                recorder.record(engine, note, cause);
            }
        });
        self.controller.after_sync(engine.now, &mut self.queue);
        let Ok(outcome) = result else { return self.wake(engine) };
        let Some(running) = self.running.remove(&task) else { return };
        match outcome {
            Outcome::Done => self.queue.forget(&running.key),
            Outcome::Settled => {
                self.queue.forget(&running.key);
                if let Some(place) = self.queue.settle(&running.key) {
                    engine.withdraw(place);
                }
            }
            Outcome::Retry => self.queue.add_rate_limited(&running.key, C::BACK_OFF, C::MOST_BACK_OFF),
            Outcome::After(micros) => {
                self.queue.forget(&running.key);
                self.queue.add_after(ObjectKey::clone(&running.key), micros);
            }
            Outcome::GoesOn => {
                if let Some(input) = self.controller.gather(&running.key, cache) {
                    self.next_task += 1;
                    let running = Running { input, journal: Journal::new(engine.now, cause), ..running };
                    self.running.insert(self.next_task, running);
                    return self.go_on(engine, cache, self.next_task);
                }
                self.queue.forget(&running.key);
            }
        }
        self.queue.done(&running.key);
        self.wake(engine);
        self.keep_awake(engine);
    }
}

macro_rules! controllers {
    ($( $field:ident: $module:ident :: $controller:ident ),* $(,)?) => {
        $( pub mod $module; )*

        /// All controllers.
        #[derive(Clone, Debug, Default)]
        pub struct ControllerManager {
            cache: Cache,
            $( $field: Runner<$module::$controller>, )*
        }

        impl ControllerManager {
            /// Opens a watch for each kind that a controller hears of.
            pub fn start(&mut self, engine: &mut Engine, server: &mut ApiServer) {
                let kinds: BTreeSet<Kind> = [$( <$module::$controller as Controller>::WATCHES, )*].into_iter().flatten().copied().collect();
                for kind in kinds {
                    let name = [$( ($module::$controller::WATCHES, $module::$controller::NAME), )*]
                        .into_iter().find(|(watches, _)| watches.contains(&kind)).map(|(_, name)| name);
                    let Some(name) = name else { continue };
                    server.store.watch(Actor::Controller(name), Scope::all(kind));
                    let there: Vec<_> = server.store.list(kind, None).cloned().collect();
                    for object in there {
                        self.on_watch(engine, WatchEvent { change: super::record::Change::Added, object, at: engine.now }, None);
                    }
                }
                $( self.$field.start_ticking(engine); )*
            }
            /// A controller looks at everything.
            pub fn tick(&mut self, engine: &mut Engine, name: ControllerName) {
                match name { $( <$module::$controller as Controller>::NAME => self.$field.tick(engine, &self.cache), )* #[allow(unreachable_patterns)] _ => {} }
            }
            /// A watch tells of a change.
            pub fn on_watch(&mut self, engine: &mut Engine, event: WatchEvent, cause: Option<RecordId>) {
                let heard = self.cache.apply(event.change, event.object, cause);
                $( self.$field.on_change(engine, &heard, &self.cache); )*
            }
            /// A key is due.
            pub fn enqueue(&mut self, engine: &mut Engine, name: ControllerName, key: &ObjectKey) {
                match name { $( <$module::$controller as Controller>::NAME => self.$field.enqueue(engine, key), )* #[allow(unreachable_patterns)] _ => {} }
            }
            /// A worker takes a key.
            pub fn work(&mut self, engine: &mut Engine, name: ControllerName) {
                match name { $( <$module::$controller as Controller>::NAME => self.$field.work(engine, &self.cache), )* #[allow(unreachable_patterns)] _ => {} }
            }
            /// A controller's question is answered.
            pub fn on_answer(&mut self, engine: &mut Engine, name: ControllerName, caller: Caller, answered: Answered) {
                match name { $( <$module::$controller as Controller>::NAME => self.$field.answer(engine, &self.cache, caller, answered), )* #[allow(unreachable_patterns)] _ => {} }
            }
        }
    };
}

impl ControllerManager {
    /// What watches over nodes, which hears of leases without a watch.
    pub(in crate::cluster) fn node_lifecycle(
        &mut self,
        engine: &mut Engine,
        tell: impl FnOnce(&mut node_lifecycle::NodeLifecycleController),
    ) {
        tell(&mut self.node_lifecycle.controller);
        self.node_lifecycle.keep_awake(engine);
    }
    /// Whether a node of which nothing is heard has still to be given up.
    pub(in crate::cluster) fn is_waiting_for(&self, node: &str) -> bool {
        self.node_lifecycle.controller.is_waiting_for(node)
    }
}

controllers! {
    deployment: deployment::DeploymentController,
    replica_set: replica_set::ReplicaSetController,
    replication: replication::ReplicationManager,
    job: job::JobController,
    cron_job: cron_job::CronJobController,
    ttl_after_finished: ttl_after_finished::TtlAfterFinishedController,
    stateful_set: stateful_set::StatefulSetController,
    daemon_set: daemon_set::DaemonSetController,
    endpoint_slice: endpoint_slice::EndpointSliceController,
    endpoints: endpoints::EndpointsController,
    namespace: namespace::NamespaceController,
    node_lifecycle: node_lifecycle::NodeLifecycleController,
    taint_eviction: taint_eviction::TaintEvictionController,
    pod_gc: pod_gc::PodGarbageCollector,
    root_ca: root_ca::RootCaPublisher,
    service_account: service_account::ServiceAccountController,
    resource_quota: resource_quota::ResourceQuotaController,
    disruption: disruption::DisruptionController,
    persistent_volume: persistent_volume::PersistentVolumeController,
    claim_protection: claim_protection::ClaimProtectionController,
    volume_protection: volume_protection::VolumeProtectionController,
    horizontal_pod_autoscaler: horizontal_pod_autoscaler::HorizontalPodAutoscalerController,
    garbage_collector: garbage_collector::GarbageCollector,
}
