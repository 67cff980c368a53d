//! From Pods to slices (upstream: staging/src/k8s.io/endpointslice/{reconciler,utils}.go).

use super::{Input, MANAGED_BY, SERVICE_NAME};
use crate::api::conditions::{is_pod_ready, is_pod_terminal};
use crate::api::objects::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice, Labels, ObjectMeta, ObjectReference, Pod, Service};
use crate::api::Object;
use crate::cluster::controllers::ownership::controller_reference;
use crate::cluster::request::{DeleteOptions, Request};
use crate::value::{Str, Value};
use std::collections::BTreeMap;
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

fn endpoint(service: &Service, pod: &Pod) -> Endpoint {
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

/// What must be written, in order.
pub(super) fn reconcile(input: &Input) -> Vec<Request> {
    let service = &input.service;
    let mut wanted: BTreeMap<PortKey, (Vec<EndpointPort>, BTreeMap<Str, Endpoint>)> = BTreeMap::new();
    for pod in &input.pods {
        if is_pod_terminal(pod) || pod.status.pod_ip.is_empty() || pod.spec.node_name.is_empty() {
            continue;
        }
        let ports = ports(service, pod);
        let group = wanted.entry(port_key(&ports)).or_insert_with(|| (ports, BTreeMap::new()));
        group.1.insert(pod.metadata.uid.clone(), endpoint(service, pod));
    }
    let (mut create, mut update, mut delete): (Vec<EndpointSlice>, Vec<EndpointSlice>, Vec<Rc<EndpointSlice>>) = Default::default();
    for slice in &input.slices {
        if !wanted.contains_key(&port_key(&slice.ports)) {
            delete.push(slice.clone());
        }
    }
    let has_endpoints = !wanted.is_empty();
    for (key, (ports, endpoints)) in wanted {
        let existing = input.slices.iter().filter(|slice| port_key(&slice.ports) == key);
        fill(input, existing, ports, endpoints, &mut create, &mut update, &mut delete);
    }
    if !has_endpoints {
        // A Service without endpoints keeps one empty slice.
        match &delete[..] {
            [only] if only.endpoints.is_empty() && only.ports.is_empty() => {
                if !has_labels(only, input) {
                    update.push(with(only, Vec::new(), Vec::new(), input));
                }
                delete.clear();
            }
            _ => create.push(slice(input, Vec::new(), Vec::new())),
        }
    }
    // A slice that would be deleted is used again for one that would be made.
    while !create.is_empty() && !delete.is_empty() {
        let (new, old) = (create.remove(0), delete.remove(0));
        update.push(with(&old, Vec::clone(&new.endpoints), new.ports, input));
    }
    let creates = create.into_iter().map(Request::create);
    let updates = update.into_iter().map(Request::update);
    let deletes = delete.into_iter().map(|slice| Request::delete(Object::EndpointSlice(slice).key(), DeleteOptions::default()));
    creates.chain(updates).chain(deletes).collect()
}

/// Ports as slices are told apart by: name, protocol and number.
type PortKey = Vec<(Str, Str, Option<i32>)>;

fn port_key(ports: &[EndpointPort]) -> PortKey {
    ports.iter().map(|port| (port.name.clone(), port.protocol.clone(), port.port)).collect()
}

/// Keeps endpoints where they are, takes out those that are no more and puts the new ones where there is room.
fn fill<'a>(
    input: &Input,
    existing: impl Iterator<Item = &'a Rc<EndpointSlice>>,
    ports: Vec<EndpointPort>,
    mut endpoints: BTreeMap<Str, Endpoint>,
    create: &mut Vec<EndpointSlice>,
    update: &mut Vec<EndpointSlice>,
    delete: &mut Vec<Rc<EndpointSlice>>,
) {
    let mut kept: Vec<(&Rc<EndpointSlice>, Vec<Endpoint>, bool)> = existing
        .map(|slice| {
            let keep = |old: &Endpoint| old.target_ref.as_ref().and_then(|target| endpoints.remove(&target.uid));
            let list: Vec<Endpoint> = slice.endpoints.iter().filter_map(keep).collect();
            let has_changed = list != *slice.endpoints || !has_labels(slice, input);
            (slice, list, has_changed)
        })
        .collect();
    let mut rest: Vec<Endpoint> = endpoints.into_values().collect();
    rest.sort_by(|a, b| a.addresses.cmp(&b.addresses));
    // Those that are written anyway are filled first.
    kept.sort_by_key(|(_, _, has_changed)| !has_changed);
    for (_, list, has_changed) in &mut kept {
        let room = MAX_ENDPOINTS.saturating_sub(list.len()).min(rest.len());
        if room > 0 {
            list.extend(rest.drain(..room));
            *has_changed = true;
        }
    }
    for (old, list, has_changed) in kept {
        if list.is_empty() {
            delete.push(old.clone());
        } else if has_changed {
            update.push(with(old, list, ports.clone(), input));
        }
    }
    while !rest.is_empty() {
        let part = rest.drain(..rest.len().min(MAX_ENDPOINTS)).collect();
        create.push(slice(input, part, ports.clone()));
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

fn has_labels(slice: &EndpointSlice, input: &Input) -> bool {
    slice.metadata.labels == labels(&input.service)
}

fn annotate(annotations: &mut Labels, input: &Input) {
    match &input.trigger_time {
        Some(time) => _ = annotations.insert(TRIGGER_TIME.into(), time.clone()),
        None => _ = annotations.remove(TRIGGER_TIME),
    }
}

fn slice(input: &Input, endpoints: Vec<Endpoint>, ports: Vec<EndpointPort>) -> EndpointSlice {
    let service = &input.service;
    let mut metadata = ObjectMeta {
        generate_name: format!("{}-", service.metadata.name).into(),
        namespace: service.metadata.namespace.clone(),
        labels: labels(service),
        owner_references: vec![controller_reference(&Object::Service(service.clone()))],
        ..ObjectMeta::default()
    };
    annotate(&mut metadata.annotations, input);
    EndpointSlice {
        metadata: Rc::new(metadata),
        address_type: "IPv4".into(),
        endpoints: Rc::new(endpoints),
        ports,
        ..EndpointSlice::default()
    }
}

fn with(old: &Rc<EndpointSlice>, endpoints: Vec<Endpoint>, ports: Vec<EndpointPort>, input: &Input) -> EndpointSlice {
    let mut slice = EndpointSlice::clone(old);
    slice.endpoints = Rc::new(endpoints);
    slice.ports = ports;
    let metadata = Rc::make_mut(&mut slice.metadata);
    metadata.labels = labels(&input.service);
    annotate(&mut metadata.annotations, input);
    slice
}
