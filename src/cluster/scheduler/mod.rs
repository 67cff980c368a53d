//! kube-scheduler: one Pod at a time, filter and score, then bind
//! (upstream: pkg/scheduler/schedule_one.go, backend/queue).

mod filters;
mod node_info;
mod scores;

use super::apiserver::defaults::set_pod_condition;
use super::engine::Engine;
use super::event::{Caller, Event};
use super::latency::Hop;
use super::record::{Actor, Change, Decision, Fact, NodeId, RecordId};
use super::recorder::{EventNote, Recorder};
use super::request::{Body, Request, Subresource, Verb, WatchEvent};
use super::task::{Answered, Ask, Call, Journal, Suspended};
use super::time::{SECOND, SimTime};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Condition, ConditionStatus, Node, Pod};
use crate::api::{Object, ObjectKey};
use crate::value::{Str, Value};
use node_info::NodeInfo;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// The scheduler's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Takes the next Pod of its queue.
    Next,
    /// A Pod's back-off is over.
    BackOffOver(Rc<ObjectKey>),
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        false
    }
}

/// A Pod that waits, and why.
#[derive(Clone, Debug)]
struct Waiting {
    cause: Option<RecordId>,
    attempts: u32,
    /// When it was last tried.
    tried: SimTime,
    /// Whether something has changed that could help, and its back-off is not over.
    is_backing_off: bool,
}

/// Writes what was decided: the binding and its Event, or why not.
#[derive(Clone, Debug)]
struct Writing {
    pod: Rc<Pod>,
    /// The node, or the sentence why there is none.
    decision: Result<Str, String>,
    journal: Journal,
}

/// The scheduler.
#[derive(Clone, Debug)]
pub struct Scheduler {
    nodes: BTreeMap<Str, NodeInfo>,
    /// The order in which nodes became known: `NodeId` is the place.
    node_order: Vec<Str>,
    pods: BTreeMap<ObjectKey, Rc<Pod>>,
    /// Where each Pod was counted, bound or about to be.
    placed: BTreeMap<ObjectKey, (Str, Rc<Pod>)>,
    active: VecDeque<(ObjectKey, Option<RecordId>, u32)>,
    unschedulable: BTreeMap<ObjectKey, Waiting>,
    is_awake: bool,
    writing: BTreeMap<u32, Writing>,
    next_task: u32,
    recorder: Recorder,
}

impl Default for Scheduler {
    fn default() -> Self {
        Self {
            nodes: BTreeMap::new(),
            node_order: Vec::new(),
            pods: BTreeMap::new(),
            placed: BTreeMap::new(),
            active: VecDeque::new(),
            unschedulable: BTreeMap::new(),
            is_awake: false,
            writing: BTreeMap::new(),
            next_task: 0,
            recorder: Recorder::new(Actor::Scheduler, "default-scheduler", ""),
        }
    }
}

impl Scheduler {
    /// Takes the nodes in that are there at the beginning.
    pub fn start(&mut self, nodes: impl IntoIterator<Item = Rc<Node>>) {
        for node in nodes {
            self.set_node(node);
        }
    }
    fn set_node(&mut self, node: Rc<Node>) {
        let name = node.metadata.name.clone();
        match self.nodes.get_mut(&name) {
            Some(info) => info.set_node(node),
            None => {
                if !self.node_order.contains(&name) {
                    self.node_order.push(name.clone());
                }
                let mut info = NodeInfo::new(node);
                for (_, pod) in self.placed.values().filter(|(on, _)| *on == name) {
                    info.count(pod, 1);
                }
                self.nodes.insert(name, info);
            }
        }
    }
    /// A watch tells of a change.
    pub fn on_watch(&mut self, engine: &mut Engine, event: WatchEvent, cause: Option<RecordId>) {
        match &event.object {
            Object::Node(node) if event.change == Change::Deleted => {
                _ = self.nodes.remove(&node.metadata.name)
            }
            Object::Node(node) => {
                self.set_node(node.clone());
                self.reconsider(engine);
            }
            Object::Pod(pod) => self.on_pod(engine, event.change, pod, cause),
            _ => {}
        }
        self.wake(engine);
    }
    fn on_pod(&mut self, engine: &mut Engine, change: Change, pod: &Rc<Pod>, cause: Option<RecordId>) {
        let key = Object::Pod(pod.clone()).key();
        if change == Change::Deleted || is_pod_terminal(pod) {
            self.pods.remove(&key);
            self.unschedulable.remove(&key);
            self.active.retain(|(waiting, ..)| *waiting != key);
            if self.take_out(&key) {
                self.reconsider(engine);
            }
            return;
        }
        let is_new = self.pods.insert(key.clone(), pod.clone()).is_none();
        if !pod.spec.node_name.is_empty() {
            self.unschedulable.remove(&key);
            self.place(&key, pod.spec.node_name.clone(), pod.clone());
        } else if pod.metadata.is_terminating() {
            self.unschedulable.remove(&key);
            self.active.retain(|(waiting, ..)| *waiting != key);
        } else if is_new && &*pod.spec.scheduler_name == "default-scheduler" {
            self.active.push_back((key, cause, 0));
        }
    }
    fn place(&mut self, key: &ObjectKey, node: Str, pod: Rc<Pod>) {
        if self.placed.get(key).is_some_and(|(on, before)| *on == node && before.spec == pod.spec) {
            return;
        }
        self.take_out(key);
        if let Some(info) = self.nodes.get_mut(&node) {
            info.count(&pod, 1);
        }
        self.placed.insert(key.clone(), (node, pod));
    }
    fn take_out(&mut self, key: &ObjectKey) -> bool {
        let Some((node, pod)) = self.placed.remove(key) else { return false };
        if let Some(info) = self.nodes.get_mut(&node) {
            info.count(&pod, -1);
        }
        true
    }
    /// Something has changed: Pods that found no node are tried again, each after its back-off.
    fn reconsider(&mut self, engine: &mut Engine) {
        let now = engine.now;
        for (key, waiting) in &mut self.unschedulable {
            if !waiting.is_backing_off {
                waiting.is_backing_off = true;
                let wait = (SECOND << (waiting.attempts.max(1) - 1).min(4)).min(10 * SECOND);
                let at = (waiting.tried + wait).max(now);
                engine.schedule(at, Event::Scheduler(Timer::BackOffOver(Rc::new(key.clone()))));
            }
        }
    }
    fn wake(&mut self, engine: &mut Engine) {
        if !self.is_awake && !self.active.is_empty() {
            self.is_awake = true;
            let at = engine.heard(Hop::Schedule, "cycle", engine.now);
            engine.schedule(at, Event::Scheduler(Timer::Next));
        }
    }
    /// Its clock rings.
    pub fn on_timer(&mut self, engine: &mut Engine, timer: Timer) {
        match timer {
            Timer::Next => {
                self.is_awake = false;
                self.schedule_one(engine);
            }
            Timer::BackOffOver(key) => {
                if let Some(waiting) = self.unschedulable.remove(&key) {
                    self.active.push_back((ObjectKey::clone(&key), waiting.cause, waiting.attempts));
                }
            }
        }
        self.wake(engine);
    }
    /// Takes the Pod of the highest priority, of equal ones the one that waits longest.
    fn next_pod(&mut self) -> Option<(ObjectKey, Option<RecordId>, u32)> {
        let priority = |key: &ObjectKey| self.pods.get(key).and_then(|pod| pod.spec.priority).unwrap_or(0);
        let highest = self.active.iter().map(|(key, ..)| priority(key)).max()?;
        let place = self.active.iter().position(|(key, ..)| priority(key) == highest)?;
        self.active.remove(place)
    }
    fn schedule_one(&mut self, engine: &mut Engine) {
        let Some((key, cause, attempts)) = self.next_pod() else { return };
        let Some(pod) = self.pods.get(&key).cloned() else { return };
        let (mut rejections, mut left) = (Vec::new(), Vec::new());
        for (place, name) in self.node_order.iter().enumerate() {
            let Some(info) = self.nodes.get(name) else { continue };
            match filters::run(&pod, info) {
                Ok(()) => left.push((NodeId(place as u16), info)),
                Err(rejection) => rejections.push((NodeId(place as u16), rejection)),
            }
        }
        let scores = if left.len() > 1 {
            scores::run(&pod, &left.iter().map(|(_, info)| *info).collect::<Vec<_>>())
        } else {
            vec![0; left.len()]
        };
        let best = scores.iter().copied().max();
        let best: Vec<NodeId> = left
            .iter()
            .zip(&scores)
            .filter(|(_, score)| Some(**score) == best)
            .map(|((id, _), _)| *id)
            .collect();
        // Of equally good nodes chance takes one.
        let chosen = if best.is_empty() {
            None
        } else {
            Some(best[engine.chance.below(best.len() as u64, ("scheduler", &key)) as usize])
        };
        let decision = Decision::Scheduled {
            pod: key.clone(),
            filtered: rejections
                .iter()
                .map(|(id, rejection)| (*id, rejection.filter, rejection.reasons.join(", ").into()))
                .collect(),
            scores: left.iter().zip(&scores).map(|((id, _), score)| (*id, *score)).collect(),
            chosen,
        };
        let cause = Some(engine.record(Actor::Scheduler, cause, Fact::Decision(Rc::new(decision))));
        let decision = match chosen.and_then(|id| self.node_order.get(usize::from(id.0)).cloned()) {
            Some(node) => {
                self.place(&key, node.clone(), pod.clone());
                Ok(node)
            }
            None => {
                let waiting =
                    Waiting { cause, attempts: attempts + 1, tried: engine.now, is_backing_off: false };
                self.unschedulable.insert(key, waiting);
                let rejections: Vec<_> = rejections.into_iter().map(|(_, rejection)| rejection).collect();
                Err(filters::unschedulable_message(&rejections, self.nodes.len()))
            }
        };
        self.next_task += 1;
        self.writing
            .insert(self.next_task, Writing { pod, decision, journal: Journal::new(engine.now, cause) });
        self.go_on(engine, self.next_task);
    }
    /// A question is answered.
    pub fn on_answer(&mut self, engine: &mut Engine, caller: Caller, answered: Answered) {
        let Some(call) = caller.call else { return };
        if self.writing.get_mut(&caller.task).is_some_and(|writing| writing.journal.answer(call, answered)) {
            self.go_on(engine, caller.task);
        }
    }
    fn go_on(&mut self, engine: &mut Engine, task: u32) {
        let Some(writing) = self.writing.get_mut(&task) else { return };
        let mut ask = Ask::new(&mut writing.journal, engine.wall);
        let result = write(&writing.pod, &writing.decision, &mut ask);
        let issued = ask.into_issued();
        let recorder = &mut self.recorder;
        engine.issue(Actor::Scheduler, task, issued, |engine, _, call, cause| {
            if let Call::Event(note) = call {
                recorder.record(engine, &note, cause);
            }
        });
        let Ok(is_done) = result else { return };
        let Some(writing) = self.writing.remove(&task) else { return };
        if !is_done && writing.decision.is_ok() {
            // The binding was refused: the room is free again, and the Pod is tried again where it still is.
            let key = Object::Pod(writing.pod).key();
            self.take_out(&key);
            if self.pods.contains_key(&key) {
                let waiting = Waiting { cause: None, attempts: 1, tried: engine.now, is_backing_off: false };
                self.unschedulable.insert(key, waiting);
                self.reconsider(engine);
            }
        }
    }
}

/// Binds the Pod, or says in its condition and in an Event why not. True where that has gone well.
fn write(pod: &Rc<Pod>, decision: &Result<Str, String>, ask: &mut Ask) -> Result<bool, Suspended> {
    let object = Object::Pod(pod.clone());
    match decision {
        Ok(node) => {
            let mut binding = Value::object();
            binding.set(&["metadata", "name"], pod.metadata.name.clone());
            binding.set(&["metadata", "uid"], pod.metadata.uid.clone());
            binding.set(&["target", "kind"], "Node");
            binding.set(&["target", "name"], node.clone());
            let request =
                Request::new(Verb::Create(Body::Value(binding)), object.key()).at(Subresource::Binding);
            if ask.api(request)?.is_err() {
                return Ok(false);
            }
            let message =
                format!("Successfully assigned {}/{} to {node}", pod.metadata.namespace, pod.metadata.name);
            ask.event(EventNote { action: "Binding", ..EventNote::normal(&object, "Scheduled", message) });
        }
        Err(message) => {
            ask.event(EventNote {
                action: "Scheduling",
                ..EventNote::warning(&object, "FailedScheduling", message.clone())
            });
            let mut new = Pod::clone(pod);
            let unschedulable = Condition {
                kind: "PodScheduled".into(),
                status: Some(ConditionStatus::False),
                observed_generation: Some(pod.metadata.generation),
                reason: "Unschedulable".into(),
                message: message.as_str().into(),
                ..Condition::default()
            };
            let status = Rc::make_mut(&mut new.status);
            set_pod_condition(&mut status.conditions, unschedulable, &ask.rfc3339());
            Rc::make_mut(&mut new.metadata).resource_version = Str::default();
            if new.status != pod.status {
                _ = ask.api(Request::update_status(new))?;
            }
        }
    }
    Ok(true)
}
