//! Writes the deprecated Endpoints of Services, which mirror what EndpointSlices say
//! (upstream: pkg/controller/endpoint).

use super::endpoint_slice::reconcile::{concerns_endpoints, hostname_of, ports};
use super::endpoint_slice::trigger_time::TriggerTimes;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{is_pod_ready, is_pod_terminal};
use crate::api::labels::Selector;
use crate::api::objects::{EndpointPort, Endpoints, Labels, ObjectMeta, Pod, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::latency::Hop;
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::value::{Map, Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most addresses of one object.
const MAX_ADDRESSES: usize = 1_000;
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct EndpointsController {
    times: BTreeMap<ObjectKey, TriggerTimes>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub enum Input {
    /// The Service is gone, its Endpoints are not.
    Gone,
    /// What they should be, and what they are.
    Wanted(Rc<Endpoints>, Option<Rc<Endpoints>>),
}

impl Controller for EndpointsController {
    const NAME: ControllerName = ControllerName::Endpoints;
    const COMPONENT: &'static str = "endpoint-controller";
    const WATCHES: &'static [Kind] = &[Kind::Service, Kind::Pod, Kind::Endpoints];
    const SYNC: Hop = Hop::EndpointSliceSync;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::Service(_) => queue.add(heard.object.key()),
            Object::Pod(pod) => {
                let old = heard.old.as_ref().and_then(|old| old.get::<Pod>());
                if heard.change == Change::Modified && old.is_some_and(|old| !concerns_endpoints(old, pod)) {
                    return;
                }
                for service in cache.list_typed::<Service>(&pod.metadata.namespace) {
                    if selects(service, pod) || old.is_some_and(|old| selects(service, old)) {
                        queue.add(Object::Service(service.clone()).key());
                    }
                }
            }
            Object::Endpoints(endpoints) if heard.change == Change::Deleted => {
                let meta = &endpoints.metadata;
                queue.add(ObjectKey::new(Kind::Service, meta.namespace.clone(), meta.name.clone()));
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let old = cache.typed::<Endpoints>(&key.namespace, &key.name).cloned();
        let Some(service) = cache.typed::<Service>(&key.namespace, &key.name) else {
            self.times.remove(key);
            return old.map(|_| Input::Gone);
        };
        if service.spec.selector.is_empty() || &*service.spec.kind == "ExternalName" {
            return None;
        }
        let selector = Selector::from_labels(&service.spec.selector);
        let pods = cache.selected(&key.namespace, |labels| selector.matches(labels));
        let time = self.times.entry(key.clone()).or_default().next(service, &pods);
        Some(Input::Wanted(Rc::new(wanted(service, &pods, time, old.as_deref())), old))
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let request = match input {
            Input::Gone => {
                let key = ObjectKey::new(Kind::Endpoints, key.namespace.clone(), key.name.clone());
                Request::delete(key, DeleteOptions::default())
            }
            Input::Wanted(new, None) => Request::create(Endpoints::clone(new)),
            Input::Wanted(new, Some(old)) => {
                if new.subsets == old.subsets && new.metadata.labels == old.metadata.labels {
                    return Ok(Outcome::Done);
                }
                Request::update(Endpoints::clone(new))
            }
        };
        let is_delete = matches!(input, Input::Gone);
        Ok(if ask.api(request)?.is_ok() || is_delete { Outcome::Done } else { Outcome::Retry })
    }
}

fn selects(service: &Service, pod: &Pod) -> bool {
    let selector = &service.spec.selector;
    !selector.is_empty() && Selector::from_labels(selector).matches(&pod.metadata.labels)
}

/// An address with its Pod.
fn address(service: &Service, pod: &Pod) -> Value {
    let mut out = Map::new();
    out.push("ip", pod.status.pod_ip.clone());
    if let Some(hostname) = hostname_of(service, pod) {
        out.push("hostname", hostname);
    }
    out.push("nodeName", pod.spec.node_name.clone());
    let mut target = Map::new();
    target.push("kind", "Pod");
    target.push("namespace", pod.metadata.namespace.clone());
    target.push("name", pod.metadata.name.clone());
    target.push("uid", pod.metadata.uid.clone());
    out.push("targetRef", Value::from(target));
    Value::from(out)
}

/// What the Endpoints of a Service should be.
fn wanted(service: &Service, pods: &[Rc<Pod>], time: Option<Str>, old: Option<&Endpoints>) -> Endpoints {
    // Addresses with the same ports stand together, those that are ready apart from the others.
    type Group = [BTreeMap<(Str, Str), Value>; 2];
    let mut groups: BTreeMap<Vec<(Str, Option<i32>, Str)>, Group> = BTreeMap::new();
    let publish = service.spec.publish_not_ready_addresses;
    let mut count = 0;
    // Ready addresses come first where there are too many.
    let (ready, unready): (Vec<_>, Vec<_>) = pods.iter().partition(|pod| publish || is_pod_ready(pod));
    for (place, list) in [ready, unready].into_iter().enumerate() {
        for pod in list {
            let is_out = is_pod_terminal(pod) || pod.status.pod_ip.is_empty();
            if is_out || (!publish && pod.metadata.is_terminating()) {
                continue;
            }
            let ports = ports(service, pod);
            if ports.is_empty() && !service.spec.ports.is_empty() {
                continue;
            }
            count += 1;
            if count > MAX_ADDRESSES {
                continue;
            }
            let mut key: Vec<_> =
                ports.into_iter().map(|EndpointPort { name, port, protocol, .. }| (name, port, protocol)).collect();
            key.sort();
            let of = (pod.status.pod_ip.clone(), pod.metadata.uid.clone());
            groups.entry(key).or_default()[place].insert(of, address(service, pod));
        }
    }
    let subset = |(ports, [ready, unready]): (Vec<(Str, Option<i32>, Str)>, Group)| {
        let mut out = Map::new();
        for (name, list) in [("addresses", ready), ("notReadyAddresses", unready)] {
            if !list.is_empty() {
                out.push(name, Value::from(list.into_values().collect::<Vec<_>>()));
            }
        }
        let port = |(name, port, protocol): (Str, Option<i32>, Str)| {
            let mut out = Map::new();
            if !name.is_empty() {
                out.push("name", name);
            }
            out.push("port", port.unwrap_or(0));
            out.push("protocol", protocol);
            Value::from(out)
        };
        if !ports.is_empty() {
            out.push("ports", Value::from(ports.into_iter().map(port).collect::<Vec<_>>()));
        }
        Value::from(out)
    };
    let mut metadata = old.map_or_else(
        || ObjectMeta {
            name: service.metadata.name.clone(),
            namespace: service.metadata.namespace.clone(),
            ..ObjectMeta::default()
        },
        |old| ObjectMeta::clone(&old.metadata),
    );
    metadata.labels = labels(service);
    let mut annotate = |key: &str, value: Option<Str>| match value {
        Some(value) => _ = metadata.annotations.insert(key.into(), value),
        None => _ = metadata.annotations.remove(key),
    };
    annotate(TRIGGER_TIME, time);
    annotate(OVER_CAPACITY, (count > MAX_ADDRESSES).then(|| "truncated".into()));
    let subsets = groups.into_iter().map(subset).collect();
    Endpoints { metadata: Rc::new(metadata), subsets, ..Endpoints::default() }
}

fn labels(service: &Service) -> Labels {
    let mut labels = service.metadata.labels.clone();
    if &*service.spec.cluster_ip == "None" {
        labels.insert(HEADLESS.into(), Str::default());
    } else {
        labels.remove(HEADLESS);
    }
    labels.insert(MANAGED_BY.into(), "endpoint-controller".into());
    labels
}
