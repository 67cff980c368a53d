//! kube-scheduler: one Pod at a time, filter and score, then bind (upstream: pkg/scheduler).
//!
//! `queue` holds the Pods that wait, `hints` says which change is worth another try, `cache` knows the nodes and what
//! is on them, `plugins` filter and score, `cycle` joins them, `preemption` makes room, `binding` writes what comes of
//! it.

mod binding;
mod cache;
mod cycle;
mod fitting;
mod hints;
mod node_info;
mod nominator;
mod plugins;
mod pod_info;
mod pod_sets;
mod preemption;
mod queue;
mod resources;
mod status;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use super::engine::Engine;
use super::event::{Caller, Event};
use super::latency::Hop;
use super::record::{Actor, Change, Decision, Fact, NodeId, RecordId};
use super::recorder::Recorder;
use super::request::WatchEvent;
use super::table::Table;
use super::task::{Answered, Ask, Call, Journal};
use super::time::{Micros, SECOND, SimTime};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Node, PersistentVolumeClaim, Pod};
use crate::api::volumes::is_fully_bound;
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use binding::Work;
use cache::Cache;
pub use fitting::fitting_node;
use hints::{NodeAction, PodAction};
use nominator::Nominator;
use pod_info::PodInfo;
use preemption::Outcome;
use queue::{Queue, Queued};
use status::{Diagnosis, PluginSet};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The kinds that the scheduler hears of.
pub const WATCHES: &[Kind] = &[
    Kind::Pod,
    Kind::Node,
    Kind::Namespace,
    Kind::Service,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::StatefulSet,
    Kind::PersistentVolumeClaim,
    Kind::PersistentVolume,
    Kind::StorageClass,
    Kind::PodDisruptionBudget,
];

/// A claim may take so long to be bound (upstream: VolumeBindingArgs.BindTimeoutSeconds).
const BIND_TIMEOUT: Micros = 600 * SECOND;
/// So often it is looked whether claims are bound.
const BIND_POLL: Micros = SECOND;

/// Of so many nodes a decision says what each plugin gave. A table of more is not read.
const MOST_PARTS: usize = 8;

/// The names of the filters, in the order in which they run. A node that one rejects is shown to none after it.
pub fn filter_names() -> impl Iterator<Item = &'static str> {
    plugins::FILTERS.iter().map(|(plugin, _)| plugin.as_str())
}

/// The names of the plugins that score, in the order of the parts of a decision.
pub const SCORE_NAMES: [&str; 8] = plugins::SCORES;

/// The scheduler's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Takes the next Pod of its queue.
    Next,
    /// Looks whose back-off is over.
    FlushBackoff,
    /// Looks who has waited too long.
    FlushUnschedulable,
    /// Looks whether a Pod's claims are bound.
    CheckVolumes(Rc<ObjectKey>),
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        matches!(self, Self::FlushUnschedulable)
    }
}

/// Something that is being written.
#[derive(Clone, Debug)]
struct Writing {
    pod: Rc<Pod>,
    work: Work,
    /// The Pod's place in the queue, were its binding refused.
    queued: Option<Queued>,
    journal: Journal,
}

/// A Pod whose claims are being bound.
#[derive(Clone, Debug)]
struct Binding {
    pod: Rc<Pod>,
    node: Str,
    claims: Vec<Str>,
    queued: Option<Queued>,
    until: SimTime,
    cause: Option<RecordId>,
}

/// The scheduler.
#[derive(Clone, Debug)]
pub struct Scheduler {
    cache: Cache,
    queue: Queue,
    nominator: Nominator,
    /// Where among the nodes the next cycle begins.
    next_start: usize,
    is_awake: bool,
    flushes_backoff: bool,
    flushes_unschedulable: bool,
    writing: Table<u32, Writing>,
    binding: BTreeMap<ObjectKey, Binding>,
    next_task: u32,
    recorder: Recorder,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            cache: Cache::default(),
            queue: Queue::default(),
            nominator: Nominator::default(),
            next_start: 0,
            is_awake: false,
            flushes_backoff: false,
            flushes_unschedulable: false,
            writing: Table::default(),
            binding: BTreeMap::new(),
            next_task: 0,
            recorder: Recorder::new(Actor::Scheduler, "default-scheduler", ""),
        }
    }
}

impl Scheduler {
    /// Learns the number of a machine, by which records name it.
    pub fn know_machine(&mut self, name: &Str, id: NodeId) {
        self.cache.know_machine(name, id);
    }
    /// Takes in what is there at the beginning.
    pub fn start<'a>(&mut self, objects: impl IntoIterator<Item = &'a Object>) {
        for object in objects {
            match object {
                Object::Node(node) => _ = self.cache.set_node(node),
                Object::Pod(_) => {}
                object if !WATCHES.contains(&object.kind()) => {}
                object => _ = self.cache.heard.apply(Change::Added, object.clone(), None),
            }
        }
    }
    /// A watch tells of a change.
    pub fn on_watch(&mut self, engine: &mut Engine, event: WatchEvent, cause: Option<RecordId>) {
        match &event.object {
            Object::Node(node) => self.on_node(engine, event.change, node, cause),
            Object::Pod(pod) => self.on_pod(engine, event.change, pod, cause),
            object => {
                self.cache.forget_object(&object.key());
                let heard = self.cache.heard.apply(event.change, object.clone(), cause);
                let is_storage = matches!(
                    object.kind(),
                    Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::StorageClass
                );
                if is_storage && event.change != Change::Deleted {
                    let event = hints::Event::Storage { old: heard.old.as_ref(), new: object };
                    self.requeue(engine, &event, cause);
                }
            }
        }
        self.wake(engine);
    }
    fn on_node(&mut self, engine: &mut Engine, change: Change, node: &Rc<Node>, cause: Option<RecordId>) {
        if change == Change::Deleted {
            let event = hints::Event::Node { action: NodeAction::Delete, old: Some(node), new: None };
            self.requeue(engine, &event, cause);
            return self.cache.remove_node(&node.metadata.name);
        }
        let old = self.cache.set_node(node);
        for action in hints::node_actions(old.as_deref(), node) {
            let event = hints::Event::Node { action, old: old.as_ref(), new: Some(node) };
            self.requeue(engine, &event, cause);
        }
    }
    /// A Pod has changed (upstream: eventhandlers.go). One that has ended is as good as gone.
    fn on_pod(&mut self, engine: &mut Engine, change: Change, pod: &Rc<Pod>, cause: Option<RecordId>) {
        let key = ObjectKey::new(Kind::Pod, pod.metadata.namespace.clone(), pod.metadata.name.clone());
        if change == Change::Deleted || is_pod_terminal(pod) {
            return self.forget_pod(engine, &key, cause);
        }
        let (old, info) = self.cache.set_pod(pod);
        let is_bound = !pod.spec.node_name.is_empty();
        let Some(old) = old else {
            if is_bound {
                self.on_assigned(engine, PodAction::Add, None, Some(&info), cause);
            } else if &*pod.spec.scheduler_name == "default-scheduler" {
                self.nominator.set(&key, &pod.status.nominated_node_name);
                self.queue.add(info, engine.now, cause);
            }
            return;
        };
        if !old.pod.spec.node_name.is_empty() {
            for action in hints::pod_actions(&old.info, &info) {
                self.on_assigned(engine, action, Some(&old.info), Some(&info), cause);
            }
        } else if is_bound {
            self.queue.remove(&key);
            self.nominator.remove(&key);
            self.on_assigned(engine, PodAction::Add, None, Some(&info), cause);
        } else if &*pod.spec.scheduler_name == "default-scheduler" {
            self.update_waiting(engine, &key, (&old.info, &old.pod), (&info, pod), cause);
        }
    }
    /// A Pod without a node has changed.
    fn update_waiting(
        &mut self,
        engine: &mut Engine,
        key: &ObjectKey,
        (old, old_pod): (&Rc<PodInfo>, &Rc<Pod>),
        (new, pod): (&Rc<PodInfo>, &Rc<Pod>),
        cause: Option<RecordId>,
    ) {
        if self.cache.pod(key).is_some_and(|known| known.is_assumed) {
            if pod.metadata.is_terminating() && !old_pod.metadata.is_terminating() {
                self.cache.forget(key);
                self.on_assigned(engine, PodAction::Delete, Some(new), None, cause);
            }
            return;
        }
        let (was, is) = (&old_pod.status.nominated_node_name, &pod.status.nominated_node_name);
        if !(was.is_empty() && is.is_empty()) {
            self.nominator.set(key, is);
        }
        if !self.queue.update(new) {
            return self.queue.add(new.clone(), engine.now, cause);
        }
        for action in hints::pod_actions(old, new) {
            let event = hints::Event::TargetPod { action, old, new };
            if self.queue.waiting(key).is_some_and(|queued| hints::is_worth(queued, &event, &self.cache)) {
                self.queue.requeue_one(key, cause, engine.now, engine.wall);
            }
        }
        if !was.is_empty() && was != is {
            // The room that was promised is free for those that do not go before.
            self.on_promise_broken(engine, old, cause);
        }
    }
    fn forget_pod(&mut self, engine: &mut Engine, key: &ObjectKey, cause: Option<RecordId>) {
        let promised = self.nominator.node_of(key);
        self.queue.remove(key);
        self.nominator.remove(key);
        let Some(known) = self.cache.remove_pod(key) else { return };
        if known.place.is_some() {
            self.on_assigned(engine, PodAction::Delete, Some(&known.info), None, cause);
        } else if promised.is_some() {
            self.on_promise_broken(engine, &known.info, cause);
        }
    }
    fn on_promise_broken(&mut self, engine: &mut Engine, pod: &PodInfo, cause: Option<RecordId>) {
        let event = hints::Event::AssignedPod { action: PodAction::Delete, old: Some(pod), new: None };
        let cache = &self.cache;
        self.queue.requeue_where(
            |queued| queued.pod.priority() <= pod.priority() && hints::is_worth(queued, &event, cache),
            cause,
            engine.now,
            engine.wall,
        );
    }
    fn on_assigned(
        &mut self,
        engine: &mut Engine,
        action: PodAction,
        old: Option<&PodInfo>,
        new: Option<&PodInfo>,
        cause: Option<RecordId>,
    ) {
        self.requeue(engine, &hints::Event::AssignedPod { action, old, new }, cause);
    }
    /// Something has changed: Pods for which that is worth it are tried again.
    fn requeue(&mut self, engine: &mut Engine, event: &hints::Event, cause: Option<RecordId>) {
        if self.queue.has_unschedulable() && !hints::concerned(event).is_empty() {
            let cache = &self.cache;
            self.queue.requeue_where(
                |queued| hints::is_worth(queued, event, cache),
                cause,
                engine.now,
                engine.wall,
            );
        }
    }
    /// Sees to it that its clock rings where something is to be done.
    fn wake(&mut self, engine: &mut Engine) {
        if !self.is_awake && self.queue.has_next() {
            self.is_awake = true;
            let at = engine.heard(Hop::Schedule, "cycle", engine.now);
            engine.schedule(at, Event::Scheduler(Timer::Next));
        }
        if !self.flushes_backoff && self.queue.has_backing_off() {
            self.flushes_backoff = true;
            let at = Queue::next_window(engine.now, engine.wall);
            engine.schedule(at, Event::Scheduler(Timer::FlushBackoff));
        }
        if !self.flushes_unschedulable && self.queue.has_unschedulable() {
            self.flushes_unschedulable = true;
            let at = SimTime((engine.now.0 / queue::FLUSH_EVERY + 1) * queue::FLUSH_EVERY);
            engine.schedule(at, Event::Scheduler(Timer::FlushUnschedulable));
        }
    }
    /// Its clock rings.
    pub fn on_timer(&mut self, engine: &mut Engine, timer: Timer) {
        match timer {
            Timer::Next => {
                self.is_awake = false;
                self.schedule_one(engine);
            }
            Timer::FlushBackoff => {
                self.flushes_backoff = false;
                self.queue.flush_backoff(engine.now, engine.wall);
            }
            Timer::CheckVolumes(key) => self.check_volumes(engine, &key),
            Timer::FlushUnschedulable => {
                self.flushes_unschedulable = false;
                self.queue.flush_unschedulable(engine.now, engine.wall);
            }
        }
        self.wake(engine);
    }
    fn schedule_one(&mut self, engine: &mut Engine) {
        let Some(queued) = self.queue.pop() else { return };
        let key = queued.pod.key.clone();
        let Some(known) = self.cache.pod(&key).filter(|known| !known.is_assumed) else { return };
        let pod = known.pod.clone();
        if pod.metadata.is_terminating() {
            return self.write(engine, pod, Work::Skip, None, queued.cause);
        }
        if self.cache.order().is_empty() {
            let work = Work::Fail("Unschedulable", status::NO_NODES.into(), Some(Str::default()));
            let cause = queued.cause;
            self.nominator.remove(&key);
            self.queue.add_unschedulable(queued, PluginSet::default(), engine.now, engine.wall);
            return self.write(engine, pod, work, None, cause);
        }
        let mut scheduled =
            cycle::schedule(&queued.pod, &mut self.cache, &self.nominator, &mut self.next_start);
        let best = scheduled.left.iter().map(|(_, score)| *score).max();
        let best: Vec<usize> = scheduled
            .left
            .iter()
            .filter(|(_, score)| Some(*score) == best)
            .map(|(place, _)| *place)
            .collect();
        // Of equally good nodes chance takes one.
        let chosen = match &best[..] {
            [] => None,
            [one] => Some(*one),
            many => Some(many[engine.chance.below(many.len() as u64, ("scheduler", &key)) as usize]),
        };
        let cause = Some(self.record(engine, &key, &scheduled, chosen, queued.cause));
        match chosen {
            Some(place) => {
                self.cache.assume(&key, place);
                self.nominator.remove(&key);
                let work = self.reserve(place, scheduled.cycle.as_ref());
                self.write(engine, pod, work, Some(queued), cause);
            }
            None => self.fail(engine, queued, pod, &mut scheduled, cause),
        }
    }
    /// What is to be written for a Pod that goes to a node; claims and volumes are taken as they are about to be.
    fn reserve(&mut self, place: usize, cycle: Option<&plugins::Cycle>) -> Work {
        let node = self.cache.name_at(place);
        let found =
            cycle.zip(self.cache.at(place)).map(|(cycle, node)| plugins::volumes::reserve(cycle, node));
        let Some(found) = found.filter(|found| !found.is_empty()) else { return Work::Bind(node) };
        for (volume, claim) in &found.bindings {
            self.cache.assume_object(binding::bound_to(volume, claim).into());
        }
        for claim in &found.provisions {
            self.cache.assume_object(binding::selected_for(claim, &node).into());
        }
        Work::BindVolumes(node, found)
    }
    /// Binds a Pod whose claims are bound; where they are not, looks again in a second.
    fn check_volumes(&mut self, engine: &mut Engine, key: &Rc<ObjectKey>) {
        let Some(binding) = self.binding.remove(&**key) else { return };
        let is_bound = |name: &Str| {
            let claim = self.cache.heard.typed::<PersistentVolumeClaim>(&key.namespace, name);
            claim.is_some_and(|claim| is_fully_bound(claim))
        };
        let is_gone = self.cache.pod(key).is_none();
        if binding.claims.iter().all(is_bound) && !is_gone {
            let Binding { pod, node, queued, cause, .. } = binding;
            return self.write(engine, pod, Work::Bind(node), queued, cause);
        }
        if is_gone || engine.now >= binding.until {
            let why = if is_gone {
                format!("pod does not exist any more: pod \"{}\" not found", key.name)
            } else {
                "context deadline exceeded".into()
            };
            let why = format!("running PreBind plugin \"VolumeBinding\": binding volumes: {why}");
            let Binding { pod, queued, cause, .. } = binding;
            return self.on_refused(engine, pod, queued, cause, why);
        }
        self.binding.insert(ObjectKey::clone(key), binding);
        engine.schedule(engine.now + BIND_POLL, Event::Scheduler(Timer::CheckVolumes(key.clone())));
    }
    /// Writes down why the choice was made.
    fn record(
        &self,
        engine: &mut Engine,
        key: &ObjectKey,
        scheduled: &cycle::Scheduled,
        chosen: Option<usize>,
        cause: Option<RecordId>,
    ) -> RecordId {
        let id = |place: usize| self.cache.at(place).map_or(NodeId(u16::MAX), |node| node.id);
        // Many nodes fall out for the same reasons: their text is made once.
        let mut texts: BTreeMap<String, Str> = BTreeMap::new();
        let mut text = |status: &status::Status| -> Str {
            let text = status.reasons.join(", ");
            texts.entry(text).or_insert_with_key(|text| text.as_str().into()).clone()
        };
        let nodes = &scheduled.diagnosis.nodes;
        let decision = Decision::Scheduled {
            pod: key.clone(),
            filtered: nodes
                .iter()
                .map(|(place, status)| (id(*place), status.plugin.as_str(), text(status)))
                .collect(),
            scores: scheduled.left.iter().map(|(place, score)| (id(*place), *score)).collect(),
            parts: scheduled.parts.iter().take(MOST_PARTS).copied().collect(),
            chosen: chosen.map(id),
        };
        engine.record(Actor::Scheduler, cause, Fact::Decision(Rc::new(decision)))
    }
    /// No node is left: perhaps others can be deleted; the Pod waits until something has changed.
    fn fail(
        &mut self,
        engine: &mut Engine,
        queued: Queued,
        pod: Rc<Pod>,
        scheduled: &mut cycle::Scheduled,
        cause: Option<RecordId>,
    ) {
        let (info, key) = (queued.pod.clone(), queued.pod.key.clone());
        let chance = &mut engine.chance;
        let outcome = preemption::preempt(
            &info,
            scheduled.cycle.as_ref(),
            &scheduled.diagnosis,
            &mut self.cache,
            &self.nominator,
            |bound| chance.below(bound as u64, ("preemption", &key)) as usize,
        );
        let diagnosis: &mut Diagnosis = &mut scheduled.diagnosis;
        let (said, nominated) = outcome.said();
        diagnosis.post_filter = Some(said);
        let message = status::fit_error(diagnosis, self.cache.order().len());
        let mut preempting = None;
        if let Outcome::Found(candidate) = outcome {
            let victims: Vec<Rc<Pod>> =
                candidate.victims.into_iter().filter(|pod| !pod.metadata.is_terminating()).collect();
            let outdone = preemption::outdone(&info, &candidate.node, &self.cache, &self.nominator);
            let outdone = outdone.iter().filter_map(|key| Some(self.cache.pod(key)?.pod.clone())).collect();
            if !victims.is_empty() {
                self.queue.preempting.insert(key.clone());
                preempting = Some(Work::Preempt(candidate.node, victims, outdone));
            }
        }
        self.queue.add_unschedulable(queued, diagnosis.plugins, engine.now, engine.wall);
        if let Some(node) = &nominated {
            self.nominator.set(&key, node);
        }
        self.write(engine, pod.clone(), Work::Fail("Unschedulable", message, nominated), None, cause);
        if let Some(work) = preempting {
            self.write(engine, pod, work, None, cause);
        }
    }
    fn write(
        &mut self,
        engine: &mut Engine,
        pod: Rc<Pod>,
        work: Work,
        queued: Option<Queued>,
        cause: Option<RecordId>,
    ) {
        self.next_task += 1;
        let journal = Journal::new(engine.now, cause);
        self.writing.insert(self.next_task, Writing { pod, work, queued, journal });
        self.go_on(engine, self.next_task);
    }
    /// A question is answered.
    pub fn on_answer(&mut self, engine: &mut Engine, caller: Caller, answered: Answered) {
        let Some(call) = caller.call else { return };
        if self.writing.get_mut(&caller.task).is_some_and(|writing| writing.journal.answer(call, answered)) {
            self.go_on(engine, caller.task);
            self.wake(engine);
        }
    }
    fn go_on(&mut self, engine: &mut Engine, task: u32) {
        let Some(writing) = self.writing.get_mut(&task) else { return };
        let mut ask = Ask::new(&mut writing.journal, engine.wall);
        let result = binding::write(&writing.pod, &writing.work, &mut ask);
        let issued = ask.into_issued();
        let recorder = &mut self.recorder;
        engine.issue(Actor::Scheduler, task, issued, |engine, _, call, cause| {
            if let Call::Event(note) = call {
                recorder.record(engine, note, cause);
            }
        });
        let Ok(result) = result else { return };
        let Some(writing) = self.writing.remove(&task) else { return };
        let key = Object::Pod(writing.pod.clone()).key();
        let Writing { pod, work, queued, journal } = writing;
        match (work, result) {
            (Work::Bind(_), Err(why)) => self.on_refused(engine, pod, queued, journal.cause(), why),
            (Work::BindVolumes(_, volumes), Err(why)) => {
                volumes.keys().for_each(|key| self.cache.forget_object(&key));
                self.on_refused(engine, pod, queued, journal.cause(), why);
            }
            (Work::BindVolumes(node, volumes), Ok(())) => {
                let (claims, until) = (volumes.claims().collect(), engine.now + BIND_TIMEOUT);
                let binding = Binding { pod, node, claims, queued, until, cause: journal.cause() };
                self.binding.insert(key.clone(), binding);
                let timer = Timer::CheckVolumes(Rc::new(key));
                engine.schedule(engine.now + BIND_POLL, Event::Scheduler(timer));
            }
            (Work::Preempt(_, victims, _), result) => {
                self.queue.preempting.remove(&key);
                let is_gone = |pod: &Rc<Pod>| {
                    let known = self.cache.pod(&Object::Pod(pod.clone()).key());
                    known.is_none_or(|known| known.info.uid() != &pod.metadata.uid)
                };
                if result.is_err() {
                    self.queue.activate_one(&key);
                } else if victims.iter().all(is_gone) {
                    // They were gone before it was known that they would be.
                    self.queue.requeue_one(&key, None, engine.now, engine.wall);
                }
            }
            _ => {}
        }
    }
    /// A binding was refused: the room is free again, and the Pod is tried again where it still is
    /// (upstream: handleBindingCycleError).
    fn on_refused(
        &mut self,
        engine: &mut Engine,
        pod: Rc<Pod>,
        queued: Option<Queued>,
        cause: Option<RecordId>,
        why: String,
    ) {
        let Some(queued) = queued else { return };
        let key = &queued.pod.key.clone();
        self.cache.forget(key);
        let info = queued.pod.clone();
        self.on_assigned(engine, PodAction::Delete, Some(&info), None, cause);
        self.nominator.remove(key);
        let known = self.cache.pod(key).filter(|known| known.info.uid() == info.uid());
        let pod = known.map_or(pod, |known| known.pod.clone());
        if known.is_some_and(|known| known.place.is_none()) {
            self.queue.add_unschedulable(queued, PluginSet::default(), engine.now, engine.wall);
        }
        self.write(engine, pod, Work::Fail("SchedulerError", why, Some(Str::default())), None, cause);
    }
}
