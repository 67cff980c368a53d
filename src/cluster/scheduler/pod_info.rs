//! What the scheduler reads out of a Pod once, as long as its spec and labels stand
//! (upstream: pkg/scheduler/framework PodInfo).

use super::resources::{Requests, requests};
use crate::api::labels::Selector;
use crate::api::objects::{Labels, Pod, PodAffinityTerm};
use crate::api::{Object, ObjectKey};
use crate::value::Str;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A port of the node that a Pod takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HostPort {
    pub(super) port: i32,
    pub(super) protocol: Str,
    /// The address; none for all.
    pub(super) ip: Option<Str>,
}

/// Namespaces, by name or by label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AffinityTerm {
    pub(super) namespaces: BTreeSet<Str>,
    /// None selects no Namespace.
    pub(super) namespace_selector: Option<Selector>,
    /// None selects no Pod.
    pub(super) selector: Option<Selector>,
    pub(super) topology_key: Str,
}

impl AffinityTerm {
    fn new(term: &PodAffinityTerm, pod: &Pod) -> Self {
        let selector = |selector| Selector::from_label_selector(selector).ok();
        let is_own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        let own = is_own.then(|| pod.metadata.namespace.clone());
        Self {
            namespaces: term.namespaces.iter().cloned().chain(own).collect(),
            namespace_selector: term.namespace_selector.as_ref().and_then(selector),
            selector: term.label_selector.as_ref().and_then(selector),
            topology_key: term.topology_key.clone(),
        }
    }
    /// Whether it is about a Pod. `namespace_labels` are those of the Pod's Namespace.
    pub(super) fn matches(&self, pod: &PodInfo, namespace_labels: Option<&Labels>) -> bool {
        let none = Labels::new();
        (self.namespaces.contains(&pod.key.namespace)
            || self
                .namespace_selector
                .as_ref()
                .is_some_and(|selector| selector.matches(namespace_labels.unwrap_or(&none))))
            && self.selector.as_ref().is_some_and(|selector| selector.matches(pod.labels()))
    }
}

/// A Pod as the scheduler sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PodInfo {
    /// The Pod as it was when its spec, its labels or its deletion last changed.
    pub(super) pod: Rc<Pod>,
    pub(super) key: ObjectKey,
    pub(super) requests: Requests,
    pub(super) host_ports: Vec<HostPort>,
    pub(super) affinity: Vec<AffinityTerm>,
    pub(super) anti_affinity: Vec<AffinityTerm>,
    /// What it prefers, with what that is worth: less than nothing for what it would rather not have.
    pub(super) preferred: Vec<(i64, AffinityTerm)>,
}

impl PodInfo {
    /// Reads a Pod.
    pub(super) fn new(pod: &Rc<Pod>) -> Self {
        let affinity = pod.spec.affinity.as_deref();
        let near = affinity.and_then(|affinity| affinity.pod_affinity.as_ref());
        let far = affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref());
        let term = |term: &PodAffinityTerm| AffinityTerm::new(term, pod);
        let preferred = [(near, 1), (far, -1)].into_iter().flat_map(|(side, sign)| {
            side.into_iter()
                .flat_map(|side| &side.preferred)
                .map(move |weighted| (sign * i64::from(weighted.weight), term(&weighted.pod_affinity_term)))
        });
        Self {
            key: Object::Pod(pod.clone()).key(),
            requests: requests(pod),
            host_ports: host_ports(pod),
            affinity: near.into_iter().flat_map(|side| &side.required).map(term).collect(),
            anti_affinity: far.into_iter().flat_map(|side| &side.required).map(term).collect(),
            preferred: preferred.collect(),
            pod: pod.clone(),
        }
    }
    /// Whether a newer state of the Pod says the same of all that is read here.
    pub(super) fn still_holds(&self, pod: &Pod) -> bool {
        let (old, new) = (&self.pod, pod);
        (Rc::ptr_eq(&old.spec, &new.spec) || old.spec == new.spec)
            && old.metadata.labels == new.metadata.labels
            && old.metadata.is_terminating() == new.metadata.is_terminating()
            && old.metadata.uid == new.metadata.uid
    }
    /// Its labels.
    pub(super) fn labels(&self) -> &Labels {
        &self.pod.metadata.labels
    }
    /// Its priority.
    pub(super) fn priority(&self) -> i32 {
        self.pod.spec.priority.unwrap_or(0)
    }
    /// Its unique id.
    pub(super) fn uid(&self) -> &Str {
        &self.pod.metadata.uid
    }
    /// The names of the claims that its volumes ask for.
    pub(super) fn claims(&self) -> impl Iterator<Item = Str> {
        let claim = |volume: &crate::api::objects::Volume| {
            Some(Str::from(volume.persistent_volume_claim.as_ref()?.get("claimName")?.as_str()?))
        };
        self.pod.spec.volumes.iter().filter_map(claim)
    }
}

/// The ports of the node that a Pod takes: of its containers and sidecars (upstream: schedutil.GetHostPorts).
fn host_ports(pod: &Pod) -> Vec<HostPort> {
    let always = Some(crate::api::objects::RestartPolicy::Always);
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.restart_policy == always);
    let ports = pod.spec.containers.iter().chain(sidecars).flat_map(|container| &container.ports);
    let taken = ports.filter(|port| port.host_port > 0).map(|port| HostPort {
        port: port.host_port,
        protocol: if port.protocol.is_empty() { "TCP".into() } else { port.protocol.clone() },
        ip: Some(port.host_ip.clone()).filter(|ip| !ip.is_empty() && &**ip != "0.0.0.0"),
    });
    taken.collect()
}
