//! From Pods to slices (upstream: staging/src/k8s.io/endpointslice/{reconciler,utils}.go).

use super::wanted::{PortKey, Wanted, port_key};
use super::{MANAGED_BY, SERVICE_NAME};
use crate::api::conditions::{is_pod_ready, is_pod_terminal};
use crate::api::objects::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice, Labels, ObjectMeta, ObjectReference, Pod, Service};
use crate::api::Object;
use crate::cluster::controllers::ownership::controller_reference;
use crate::cluster::request::{DeleteOptions, Request};
use crate::value::{Str, Value};
use std::rc::Rc;

/// At most so many endpoints in one slice.
const MAX_ENDPOINTS: usize = 100;
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// Whether a change of a Pod concerns its endpoints (upstream: podEndpointsChanged).
pub(in super::super) fn concerns_endpoints(old: &Pod, new: &Pod) -> bool {
    old.metadata.is_terminating() != new.metadata.is_terminating()
        || is_pod_ready(old) != is_pod_ready(new)
        || is_pod_terminal(old) != is_pod_terminal(new)
        || old.status.pod_ip != new.status.pod_ip
        || old.spec.node_name != new.spec.node_name
        || old.metadata.labels != new.metadata.labels
        || old.metadata.uid != new.metadata.uid
        || old.spec.hostname != new.spec.hostname
}

/// The port of a Pod that a Service's port leads to; none where the Pod has none of that name.
fn target_port(target: &Value, port: i32, pod: &Pod) -> Option<i32> {
    match target {
        Value::Int(number) => i32::try_from(*number).ok(),
        Value::String(name) => {
            let sidecars = pod.spec.init_containers.iter().filter(|container| container.restart_policy.is_some());
            pod.spec
                .containers
                .iter()
                .chain(sidecars)
                .flat_map(|container| &container.ports)
                .find(|declared| declared.name == *name)
                .map(|declared| declared.container_port)
        }
        _ => Some(port),
    }
}

pub(in super::super) fn ports(service: &Service, pod: &Pod) -> Vec<EndpointPort> {
    service
        .spec
        .ports
        .iter()
        .filter_map(|port| {
            let number = target_port(&port.target_port, port.port, pod)?;
            Some(EndpointPort { name: port.name.clone(), protocol: port.protocol.clone(), port: Some(number), ..EndpointPort::default() })
        })
        .collect()
}

/// The name of its own that a Pod has behind a Service (upstream: ShouldSetHostname).
pub(in super::super) fn hostname_of(service: &Service, pod: &Pod) -> Option<Str> {
    let spec = &pod.spec;
    let is_of = service.metadata.namespace == pod.metadata.namespace;
    let has_own = is_of && !spec.hostname.is_empty() && spec.subdomain == service.metadata.name;
    has_own.then(|| spec.hostname.clone())
}

/// The endpoint that a Pod is behind a Service.
pub(super) fn endpoint(service: &Service, pod: &Pod) -> Endpoint {
    let (ready, terminating) = (is_pod_ready(pod), pod.metadata.is_terminating());
    let publish = service.spec.publish_not_ready_addresses;
    Endpoint {
        addresses: vec![pod.status.pod_ip.clone()],
        hostname: hostname_of(service, pod).unwrap_or_default(),
        conditions: EndpointConditions {
            ready: Some(publish || (ready && !terminating)),
            serving: Some(ready),
            terminating: Some(terminating),
            ..EndpointConditions::default()
        },
        target_ref: Some(ObjectReference {
            kind: "Pod".into(),
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            ..ObjectReference::default()
        }),
        node_name: pod.spec.node_name.clone(),
        ..Endpoint::default()
    }
}

/// The Service, and what caused the change.
struct Of<'a> {
    service: &'a Rc<Service>,
    trigger_time: Option<Str>,
}

/// What must be written.
#[derive(Default)]
struct Plan {
    create: Vec<EndpointSlice>,
    update: Vec<EndpointSlice>,
    delete: Vec<Rc<EndpointSlice>>,
}

/// What must be written, in order. The slices are all that the Service has.
pub(super) fn reconcile(
    service: &Rc<Service>,
    trigger_time: Option<Str>,
    wanted: &mut Wanted,
    slices: &[Rc<EndpointSlice>],
) -> Vec<Request> {
    let of = Of { service, trigger_time };
    let mut plan = Plan::default();
    wanted.doubt_all_but(slices);
    for slice in slices {
        if !wanted.has_group(&port_key(&slice.ports)) {
            plan.delete.push(slice.clone());
        }
    }
    for key in wanted.keys() {
        fill(&of, &key, slices, wanted, &mut plan);
    }
    let Plan { mut create, mut update, mut delete } = plan;
    if wanted.is_empty() {
        // A Service without endpoints keeps one empty slice.
        match &delete[..] {
            [only] if only.endpoints.is_empty() && only.ports.is_empty() => {
                if !has_labels(only, service) {
                    update.push(with(only, Vec::new(), Vec::new(), &of));
                }
                delete.clear();
            }
            _ => create.push(slice(Vec::new(), Vec::new(), &of)),
        }
    }
    // A slice that would be deleted is used again for one that would be made.
    while !create.is_empty() && !delete.is_empty() {
        let (new, old) = (create.remove(0), delete.remove(0));
        update.push(with(&old, Vec::clone(&new.endpoints), new.ports, &of));
    }
    let creates = create.into_iter().map(Request::create);
    let updates = update.into_iter().map(Request::update);
    let deletes = delete.into_iter().map(|slice| Request::delete(Object::EndpointSlice(slice).key(), DeleteOptions::default()));
    creates.chain(updates).chain(deletes).collect()
}

/// A slice that is kept, with what it must hold; none where it holds that already.
struct Kept<'a>(&'a Rc<EndpointSlice>, Option<Vec<Rc<Endpoint>>>);

/// Keeps endpoints where they are, takes out those that are no more and puts the new ones where there is room.
fn fill(of: &Of, key: &PortKey, slices: &[Rc<EndpointSlice>], wanted: &mut Wanted, plan: &mut Plan) {
    let mut loose = wanted.loose(key);
    let mut kept = Vec::new();
    for slice in slices.iter().filter(|slice| port_key(&slice.ports) == *key) {
        if wanted.is_right(slice) {
            kept.push(Kept(slice, None));
            continue;
        }
        let keep = |old: &Rc<Endpoint>| old.target_ref.as_ref().and_then(|target| loose.remove(&target.uid));
        let list: Vec<Rc<Endpoint>> = slice.endpoints.iter().filter_map(keep).collect();
        if list.is_empty() {
            kept.push(Kept(slice, Some(list)));
        } else if list == *slice.endpoints && has_labels(slice, of.service) {
            wanted.trust(key, slice);
            kept.push(Kept(slice, None));
        } else {
            kept.push(Kept(slice, Some(list)));
        }
    }
    let mut rest: Vec<Rc<Endpoint>> = loose.into_values().collect();
    rest.sort_by(|a, b| a.addresses.cmp(&b.addresses));
    // Those that are written anyway are filled first.
    kept.sort_by_key(|Kept(_, list)| list.is_none());
    for Kept(slice, list) in &mut kept {
        let there = list.as_ref().map_or(slice.endpoints.len(), Vec::len);
        let room = MAX_ENDPOINTS.saturating_sub(there).min(rest.len());
        if room > 0 {
            list.get_or_insert_with(|| Vec::clone(&slice.endpoints)).extend(rest.drain(..room));
        }
    }
    let ports = wanted.ports(key);
    for Kept(old, list) in kept {
        match list {
            Some(list) if list.is_empty() => plan.delete.push(old.clone()),
            Some(list) => plan.update.push(with(old, list, ports.clone(), of)),
            None => {}
        }
    }
    while !rest.is_empty() {
        let part = rest.drain(..rest.len().min(MAX_ENDPOINTS)).collect();
        plan.create.push(slice(part, ports.clone(), of));
    }
}

/// The labels that a slice has from its Service.
fn labels(service: &Service) -> Labels {
    let mut labels = service.metadata.labels.clone();
    labels.insert(MANAGED_BY.into(), "endpointslice-controller.k8s.io".into());
    labels.insert(SERVICE_NAME.into(), service.metadata.name.clone());
    if &*service.spec.cluster_ip == "None" {
        labels.insert(HEADLESS.into(), Str::default());
    }
    labels
}

fn has_labels(slice: &EndpointSlice, service: &Service) -> bool {
    slice.metadata.labels == labels(service)
}

fn annotate(annotations: &mut Labels, of: &Of) {
    match &of.trigger_time {
        Some(time) => _ = annotations.insert(TRIGGER_TIME.into(), time.clone()),
        None => _ = annotations.remove(TRIGGER_TIME),
    }
}

fn slice(endpoints: Vec<Rc<Endpoint>>, ports: Vec<EndpointPort>, of: &Of) -> EndpointSlice {
    let service = of.service;
    let mut metadata = ObjectMeta {
        generate_name: format!("{}-", service.metadata.name).into(),
        namespace: service.metadata.namespace.clone(),
        labels: labels(service),
        owner_references: vec![controller_reference(&Object::Service(service.clone()))],
        ..ObjectMeta::default()
    };
    annotate(&mut metadata.annotations, of);
    EndpointSlice {
        metadata: Rc::new(metadata),
        address_type: "IPv4".into(),
        endpoints: Rc::new(endpoints),
        ports,
        ..EndpointSlice::default()
    }
}

fn with(old: &Rc<EndpointSlice>, endpoints: Vec<Rc<Endpoint>>, ports: Vec<EndpointPort>, of: &Of) -> EndpointSlice {
    let mut slice = EndpointSlice::clone(old);
    slice.endpoints = Rc::new(endpoints);
    slice.ports = ports;
    let metadata = Rc::make_mut(&mut slice.metadata);
    metadata.labels = labels(of.service);
    annotate(&mut metadata.annotations, of);
    slice
}
