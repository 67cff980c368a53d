//! Deletes the Pods that nobody else does: those of nodes that are gone, those that end on a node that is out of
//! service or that never had one, and the oldest of very many that have ended
//! (upstream: pkg/controller/podgc/gc_controller.go).

use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{is_node_ready, is_pod_terminal};
use crate::api::objects::{Condition, ConditionStatus, Node, Pod, PodPhase};
use crate::api::taints::OUT_OF_SERVICE;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::defaults::set_pod_condition;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Reason, Request};
use crate::cluster::table::Table;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// So many Pods that have ended are kept (upstream: TerminatedPodGCThreshold).
const THRESHOLD: usize = 12_500;
/// How long a node must be gone before its Pods are.
const QUARANTINE: Micros = 40 * SECOND;

/// The collector.
#[derive(Clone, Debug, Default)]
pub struct PodGarbageCollector {
    nodes: Table<Str, ()>,
    /// The Pods that have ended.
    terminated: BTreeSet<ObjectKey>,
    /// The Pods that are being deleted.
    terminating: BTreeSet<ObjectKey>,
    /// Since when nodes with Pods are known to be gone.
    missing: BTreeMap<Str, SimTime>,
    /// Whether Pods of nodes that are gone are there.
    is_orphaned: bool,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    pod: Rc<Pod>,
    /// Whether its node is gone.
    is_orphan: bool,
}

impl Controller for PodGarbageCollector {
    const NAME: ControllerName = ControllerName::PodGarbageCollector;
    const WATCHES: &'static [Kind] = &[Kind::Node, Kind::Pod];
    const WORKERS: usize = 20;
    const TICK: Option<Micros> = Some(20 * SECOND);
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, _: &mut WorkQueue) {
        let is_gone = heard.change == Change::Deleted;
        match &heard.object {
            Object::Node(node) if is_gone => {
                self.nodes.remove(&node.metadata.name);
                self.is_orphaned |= cache.pods_on(&node.metadata.name).next().is_some();
            }
            Object::Node(node) => {
                self.nodes.insert(node.metadata.name.clone(), ());
            }
            Object::Pod(pod) => {
                let key = heard.object.key();
                let node = &pod.spec.node_name;
                self.is_orphaned |= !is_gone && !node.is_empty() && !self.nodes.contains_key(node);
                for (set, is) in [
                    (&mut self.terminated, is_pod_terminal(pod)),
                    (&mut self.terminating, pod.metadata.is_terminating()),
                ] {
                    if is && !is_gone {
                        if !set.contains(&key) {
                            set.insert(key.clone());
                        }
                    } else if !set.is_empty() {
                        set.remove(&key);
                    }
                }
            }
            _ => {}
        }
    }
    fn on_tick(&mut self, now: SimTime, cache: &Cache, queue: &mut WorkQueue) {
        if self.terminated.len() > THRESHOLD {
            let pods = self.terminated.iter().filter_map(|key| cache.get(key)?.get::<Pod>());
            let mut pods: Vec<&Rc<Pod>> = pods.collect();
            pods.sort_by_key(|pod| (&*pod.status.reason != "Evicted", &pod.metadata.creation_timestamp, &pod.metadata.name));
            let surplus = pods.len() - THRESHOLD;
            pods.into_iter().take(surplus).for_each(|pod| queue.add(Object::Pod(pod.clone()).key()));
        }
        for key in &self.terminating {
            let Some(pod) = cache.get(key).and_then(|object| object.get::<Pod>()) else { continue };
            if pod.spec.node_name.is_empty() || is_out_of_service(cache, &pod.spec.node_name) {
                queue.add(key.clone());
            }
        }
        if !self.is_orphaned {
            return;
        }
        let gone = cache.nodes_with_pods().filter(|node| !self.nodes.contains_key(*node));
        let gone: BTreeSet<Str> = gone.cloned().collect();
        self.missing.retain(|node, _| gone.contains(node));
        for node in &gone {
            let since = *self.missing.entry(node.clone()).or_insert(now);
            if now >= since + QUARANTINE {
                cache.pods_on(node).for_each(|pod| queue.add(Object::Pod(pod.clone()).key()));
            }
        }
        self.is_orphaned = !gone.is_empty();
    }
    fn is_waiting(&self) -> bool {
        self.is_orphaned
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let pod = cache.typed::<Pod>(&key.namespace, &key.name)?.clone();
        let node = &pod.spec.node_name;
        let is_orphan = !node.is_empty() && !self.nodes.contains_key(node);
        Some(Input { pod, is_orphan })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        if input.is_orphan {
            let node = ObjectKey::new(Kind::Node, "", input.pod.spec.node_name.clone());
            let is_gone = ask.api(Request::get(node))?.is_err_and(|error| error.reason == Reason::NotFound);
            if !is_gone {
                return Ok(Outcome::Done);
            }
        }
        if mark_failed(&input.pod, input.is_orphan, ask)? {
            let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
            _ = ask.api(Request::delete(key.clone(), options))?;
        }
        // What has failed is found again at the next look.
        Ok(Outcome::Done)
    }
}

fn is_out_of_service(cache: &Cache, node: &str) -> bool {
    cache.typed::<Node>("", node).is_some_and(|node| {
        !is_node_ready(node) && node.spec.taints.iter().any(|taint| &*taint.key == OUT_OF_SERVICE)
    })
}

/// A Pod that has not ended is said to have failed. False where that cannot be written.
fn mark_failed(pod: &Rc<Pod>, is_orphan: bool, ask: &mut Ask) -> Result<bool, Suspended> {
    if is_pod_terminal(pod) {
        return Ok(true);
    }
    let mut new = Pod::clone(pod);
    Rc::make_mut(&mut new.metadata).resource_version = Str::default();
    let status = Rc::make_mut(&mut new.status);
    status.phase = Some(PodPhase::Failed);
    status.observed_generation = pod.metadata.generation;
    if is_orphan {
        let condition = Condition {
            kind: "DisruptionTarget".into(),
            status: Some(ConditionStatus::True),
            observed_generation: Some(pod.metadata.generation),
            reason: "DeletionByPodGC".into(),
            message: "PodGC: node no longer exists".into(),
            ..Condition::default()
        };
        set_pod_condition(&mut status.conditions, condition, &ask.rfc3339());
    }
    Ok(ask.api(Request::update_status(new))?.is_ok())
}
