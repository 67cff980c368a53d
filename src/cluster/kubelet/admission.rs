//! Whether a node takes a Pod that is bound to it: the scheduler is not always asked
//! (upstream: pkg/kubelet/lifecycle/predicate.go).

use super::Kubelet;
use super::eviction::EVICTED;
use crate::api::objects::{Labels, Pod, PodPhase, PodStatus};
use crate::api::quantity::Quantity;
use crate::api::resources;
use crate::cluster::engine::Engine;
use crate::cluster::record::RecordId;
use crate::cluster::setup::NodeSetup;
use crate::value::Str;
use std::rc::Rc;

/// The resources that every node counts, in the order in which they are looked at.
const COUNTED: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// An amount of each, as upstream counts it: processors in thousandths, all else whole.
pub(super) type Amounts = [i64; 3];

fn count(of: usize, quantity: Option<&Str>) -> i64 {
    let Some(quantity) = quantity.and_then(|quantity| Quantity::parse(quantity).ok()) else { return 0 };
    if of == 0 { quantity.milli_value() } else { quantity.value() }
}

fn sum(a: Amounts, b: Amounts) -> Amounts {
    std::array::from_fn(|of| a[of].saturating_add(b[of]))
}

impl resources::Amounts for Amounts {
    fn plus(&mut self, other: &Self) {
        *self = sum(*self, *other);
    }
    fn raise_to(&mut self, other: &Self) {
        *self = std::array::from_fn(|of| self[of].max(other[of]));
    }
    fn set_all(&mut self, list: &Labels) {
        for (of, name) in COUNTED.into_iter().enumerate() {
            if let Some(quantity) = list.get(name) {
                self[of] = count(of, Some(quantity));
            }
        }
    }
}

/// What a Pod asks for.
pub(super) fn requests(pod: &Pod) -> Amounts {
    resources::sum_requests(&pod.spec, resources::container_requests)
}

/// What a node gives to Pods.
pub(super) fn allocatable(setup: &NodeSetup) -> Amounts {
    let all = setup.allocatable();
    std::array::from_fn(|of| count(of, all.get(COUNTED[of])))
}

fn host_ports(pod: &Pod) -> impl Iterator<Item = (&Str, i32)> {
    let all = pod.spec.containers.iter().flat_map(|container| &container.ports);
    all.filter(|port| port.host_port > 0).map(|port| (&port.protocol, port.host_port))
}

impl Kubelet {
    /// Why the node does not take a Pod: the reason and the sentence.
    pub(super) fn refuses(&self, pod: &Pod) -> Option<(&'static str, String)> {
        if let Some(message) = self.refuses_under_pressure(pod) {
            return Some((EVICTED, message));
        }
        let others = || {
            let all = self.workers.iter().filter(|(uid, _)| **uid != pod.metadata.uid);
            all.map(|(_, worker)| worker).filter(|worker| worker.could_have_running_containers())
        };
        let lacks = |name: &str, requested: i64, used: i64, capacity: i64| {
            format!(
                "Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}"
            )
        };
        // Those that have ended take no place: they are looked for only where all would be too many.
        if self.workers.len() as i64 >= self.allowed_pods {
            let taken = others().count() as i64;
            if taken + 1 > self.allowed_pods {
                return Some(("OutOfpods", lacks("pods", 1, taken, self.allowed_pods)));
            }
        }
        let asked = requests(pod);
        if asked != Amounts::default() {
            let used = others().map(|worker| worker.requests).fold(Amounts::default(), sum);
            for (of, reason) in ["OutOfcpu", "OutOfmemory", "OutOfephemeral-storage"].into_iter().enumerate()
            {
                let (wanted, used, capacity) = (asked[of], used[of], self.allocatable[of]);
                if wanted > 0 && wanted > capacity.saturating_sub(used) {
                    return Some((reason, lacks(COUNTED[of], wanted, used, capacity)));
                }
            }
        }
        let clashes = |port| others().any(|worker| host_ports(&worker.pod).any(|other| other == port));
        if host_ports(pod).any(clashes) {
            let why = "node(s) didn't have free ports for the requested pod ports";
            return Some(("NodePorts", format!("Predicate NodePorts failed: {why}")));
        }
        None
    }
    /// Turns a new Pod down, where the node cannot take it (upstream: rejectPod).
    pub(super) fn rejects(&mut self, engine: &mut Engine, pod: &Rc<Pod>, cause: Option<RecordId>) -> bool {
        let is_over = matches!(pod.status.phase, Some(PodPhase::Succeeded | PodPhase::Failed));
        if is_over || pod.metadata.is_terminating() {
            return false;
        }
        let Some((reason, message)) = self.refuses(pod) else { return false };
        let note = self.pod_note(pod, true, reason, message.clone());
        self.write_event(engine, note, cause);
        let status = PodStatus {
            qos_class: pod.status.qos_class.clone(),
            phase: Some(PodPhase::Failed),
            reason: reason.into(),
            message: format!("Pod was rejected: {message}").into(),
            ..PodStatus::default()
        };
        self.set_pod_status(engine, &pod.metadata.uid, status, cause);
        true
    }
}
