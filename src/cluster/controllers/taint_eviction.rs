//! Deletes the Pods that do not tolerate the NoExecute taints of their nodes, each when its time is over
//! (upstream: pkg/controller/tainteviction).

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{Condition, ConditionStatus, Node, ObjectReference, Pod, Taint};
use crate::api::scheduling::tolerates;
use crate::api::taints::NO_EXECUTE;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::defaults::set_pod_condition;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{DeleteOptions, Reason, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{MILLI, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How often a deletion is tried.
const RETRIES: u32 = 5;

/// A deletion that waits for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TimedWorker {
    created_at: SimTime,
    fire_at: SimTime,
}

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct TaintEvictionController {
    /// The nodes with NoExecute taints.
    tainted: BTreeSet<Str>,
    workers: BTreeMap<ObjectKey, TimedWorker>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// None where it is gone.
    pod: Option<Rc<Pod>>,
    /// The NoExecute taints of its node.
    taints: Vec<Taint>,
    /// Its deletion that waits.
    waiting: Option<TimedWorker>,
}

fn no_execute(node: &Node) -> Vec<Taint> {
    node.spec.taints.iter().filter(|taint| &*taint.effect == NO_EXECUTE).cloned().collect()
}

/// How long a Pod stays, where it stays a while at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// Not at all.
    No,
    /// So many seconds.
    Seconds(u64),
    /// For ever.
    Ever,
}

/// How long a Pod tolerates the taints: the shortest of the tolerations that it needs
/// (upstream: GetMatchingTolerations, getMinTolerationTime).
fn stay(pod: &Pod, taints: &[Taint]) -> Stay {
    let mut seconds: Option<i64> = None;
    for taint in taints {
        let Some(toleration) = pod.spec.tolerations.iter().find(|toleration| tolerates(toleration, taint)) else {
            return Stay::No;
        };
        if let Some(own) = toleration.toleration_seconds {
            seconds = Some(seconds.map_or(own, |least| least.min(own)));
        }
    }
    match seconds {
        None => Stay::Ever,
        Some(seconds) if seconds <= 0 => Stay::No,
        Some(seconds) => Stay::Seconds(seconds as u64),
    }
}

impl Controller for TaintEvictionController {
    const NAME: ControllerName = ControllerName::TaintEviction;
    const WATCHES: &'static [Kind] = &[Kind::Node, Kind::Pod];
    /// Each deletion is a goroutine of its own.
    const WORKERS: usize = 1_000;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::Node(node) => {
                let name = &node.metadata.name;
                let old = heard.old.as_ref().and_then(|old| old.get::<Node>()).map(|old| no_execute(old));
                let is_gone = heard.change == Change::Deleted;
                let new = if is_gone { Vec::new() } else { no_execute(node) };
                if old.unwrap_or_default() == new {
                    return;
                }
                if new.is_empty() {
                    self.tainted.remove(name);
                } else {
                    self.tainted.insert(name.clone());
                }
                // A node that is gone leaves its Pods to the garbage collector.
                if !is_gone {
                    cache.pods_on(name).for_each(|pod| queue.add(Object::Pod(pod.clone()).key()));
                }
            }
            Object::Pod(pod) => {
                let old = heard.old.as_ref().and_then(|old| old.get::<Pod>());
                let is_same = |old: &Rc<Pod>| {
                    heard.change != Change::Deleted
                        && old.spec.node_name == pod.spec.node_name
                        && (Rc::ptr_eq(&old.spec, &pod.spec) || old.spec.tolerations == pod.spec.tolerations)
                };
                if old.is_some_and(is_same) {
                    return;
                }
                let key = heard.object.key();
                if self.tainted.contains(&pod.spec.node_name) || self.workers.contains_key(&key) {
                    queue.add(key);
                }
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let pod = cache.typed::<Pod>(&key.namespace, &key.name).cloned();
        let node = pod.as_ref().and_then(|pod| cache.typed::<Node>("", &pod.spec.node_name));
        let taints = node.map(|node| no_execute(node)).unwrap_or_default();
        let waiting = self.workers.get(key).copied();
        (waiting.is_some() || !taints.is_empty()).then_some(Input { pod, taints, waiting })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let now = ask.now();
        let decision = decide(input, now);
        if ask.once() {
            match decision.worker {
                Some(worker) => _ = self.workers.insert(key.clone(), worker),
                None => _ = self.workers.remove(key),
            }
        }
        if decision.is_cancelled {
            ask.event(about(key, format!("Cancelling deletion of Pod {}/{}", key.namespace, key.name)));
        }
        if decision.deletes {
            ask.event(about(key, format!("Marking for deletion Pod {}/{}", key.namespace, key.name)));
            for _ in 0..RETRIES {
                if add_condition_and_delete(key, ask)? {
                    break;
                }
                ask.sleep(10 * MILLI)?;
            }
            return Ok(Outcome::Done);
        }
        Ok(match decision.worker.filter(|_| decision.is_new) {
            Some(worker) => Outcome::After(worker.fire_at.since(now)),
            None => Outcome::Done,
        })
    }
}

/// What is done about a Pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Decision {
    /// The deletion that waits from now on.
    worker: Option<TimedWorker>,
    /// Whether it is a new one.
    is_new: bool,
    /// Whether the one before it is called off.
    is_cancelled: bool,
    /// Whether the Pod is deleted now.
    deletes: bool,
}

/// Decides about a Pod as it is now (upstream: processPodOnNode).
fn decide(input: &Input, now: SimTime) -> Decision {
    let waiting = input.waiting;
    let stay = match &input.pod {
        Some(pod) if !input.taints.is_empty() => stay(pod, &input.taints),
        _ => Stay::Ever,
    };
    let seconds = match stay {
        Stay::Ever => return Decision { is_cancelled: waiting.is_some(), ..Decision::default() },
        Stay::No => return Decision { is_cancelled: waiting.is_some(), deletes: true, ..Decision::default() },
        Stay::Seconds(seconds) => seconds.saturating_mul(SECOND),
    };
    let fresh = |created_at| Some(TimedWorker { created_at, fire_at: now + seconds });
    match waiting {
        None => Decision { worker: fresh(now), is_new: true, ..Decision::default() },
        Some(waiting) if now >= waiting.fire_at => Decision { deletes: true, ..Decision::default() },
        // It waits already, and its time is not put off.
        Some(waiting) if waiting.created_at < now => Decision { worker: Some(waiting), ..Decision::default() },
        Some(waiting) => Decision {
            worker: fresh(waiting.created_at),
            is_new: true,
            is_cancelled: true,
            deletes: false,
        },
    }
}

/// Says in the Pod's status why it is deleted, and deletes it. False where that has to be tried again.
fn add_condition_and_delete(key: &ObjectKey, ask: &mut Ask) -> Result<bool, Suspended> {
    let pod = match ask.api(Request::get(key.clone()))? {
        Ok(reply) => reply.object().and_then(|object| object.get::<Pod>()).cloned(),
        Err(error) => return Ok(error.reason == Reason::NotFound),
    };
    let Some(pod) = pod else { return Ok(true) };
    let mut new = Pod::clone(&pod);
    let condition = Condition {
        kind: "DisruptionTarget".into(),
        status: Some(ConditionStatus::True),
        observed_generation: Some(pod.metadata.generation),
        reason: "DeletionByTaintManager".into(),
        message: "Taint manager: deleting due to NoExecute taint".into(),
        ..Condition::default()
    };
    set_pod_condition(&mut Rc::make_mut(&mut new.status).conditions, condition, &ask.rfc3339());
    if new.status != pod.status
        && let Err(error) = ask.api(Request::update_status(new))?
    {
        return Ok(error.reason == Reason::NotFound);
    }
    let deleted = ask.api(Request::delete(key.clone(), DeleteOptions::default()))?;
    Ok(deleted.is_ok_and(|_| true))
}

/// Says something about a Pod by its name.
fn about(key: &ObjectKey, message: String) -> EventNote {
    let about = ObjectReference {
        kind: "Pod".into(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        api_version: "v1".into(),
        ..ObjectReference::default()
    };
    EventNote { about, warning: false, reason: "TaintManagerEviction", message, action: "" }
}
