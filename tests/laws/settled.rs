//! Laws of the end: everything is mended, time has passed, and every workload is what its spec says.

use crate::always::kind_name;
use crate::case::{Case, Mood};
use crate::manifests::{ENDS, FAILS, FATE, READY};
use podium::api::conditions::{is_node_ready, is_pod_ready, is_pod_terminal};
use podium::api::objects::{EndpointSlice, Node, Pod, Service};
use podium::api::{Kind, Object};
use podium::timeline::{History, View};
use podium::value::{Str, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Everything that is not as it must be in the end.
pub(crate) fn findings(case: &Case, history: &History) -> Vec<String> {
    let view = history.at(history.end());
    let mut found = Vec::new();
    for node in view.all::<Node>().filter(|node| !is_node_ready(node)) {
        found.push(format!("Node {} is not ready", node.metadata.name));
    }
    for kind in [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet, Kind::Job] {
        for object in view.objects(kind, Some("default")).filter(|_| Object::is_simulated(kind)) {
            let whys = workload(case, &view, object);
            found.extend(
                whys.into_iter().map(|why| format!("{} {}: {why}", kind_name(kind), object.meta().name)),
            );
        }
    }
    for pod in view.all::<Pod>().filter(|pod| &*pod.metadata.namespace == "default") {
        found.extend(self::pod(pod).map(|why| format!("Pod {}: {why}", pod.metadata.name)));
    }
    for service in view.all::<Service>().filter(|service| !service.spec.selector.is_empty()) {
        found
            .extend(endpoints(&view, service).map(|why| format!("Service {}: {why}", service.metadata.name)));
    }
    found.extend(owners(&view));
    found
}

/// No object has an owner that is gone, unless another one is there.
fn owners(view: &View) -> Vec<String> {
    let objects: Vec<&Object> = Kind::all().flat_map(|kind| view.objects(kind, None)).collect();
    let uids: BTreeSet<&Str> = objects.iter().map(|object| &object.meta().uid).collect();
    let dangles = |object: &&&Object| {
        let owners = &object.meta().owner_references;
        !owners.is_empty() && !owners.iter().any(|owner| uids.contains(&owner.uid))
    };
    let dangling = objects.iter().filter(dangles).filter(|object| object.kind() != Kind::Event);
    dangling
        .map(|object| format!("{} {}: its owner is gone", kind_name(object.kind()), object.meta().name))
        .collect()
}

fn int(value: &Value, path: &[&str]) -> i64 {
    value.at(path).and_then(Value::as_int).unwrap_or(0)
}

/// A container's Pod that should run for ever, should be there and ready.
fn pod(pod: &Pod) -> Option<String> {
    if pod.metadata.is_terminating() {
        return Some("it is still terminating".into());
    }
    if pod.metadata.controller().is_some() {
        return None;
    }
    match pod.metadata.annotations.get(FATE).map(|fate| &**fate) {
        Some(READY) if !is_pod_ready(pod) && !is_pod_terminal(pod) => Some("it is not ready".into()),
        Some(ENDS) if !is_pod_terminal(pod) => Some("it has not ended".into()),
        _ => None,
    }
}

/// What is wrong with a workload.
fn workload(case: &Case, view: &View, object: &Object) -> Vec<String> {
    let value = object.encode();
    let fate = value.at(&["spec", "template", "metadata", "annotations", FATE]).and_then(Value::as_str);
    let fate = fate.unwrap_or_default().to_owned();
    let status = |name: &str| int(&value, &["status", name]);
    let mut found = Vec::new();
    let mut expect = |what: &str, is: i64, should: i64| {
        if is != should {
            found.push(format!("{what} is {is} and not {should} ({fate})"));
        }
    };
    let wanted = int(&value, &["spec", "replicas"]);
    if object.kind() != Kind::Job {
        expect("observedGeneration", status("observedGeneration"), object.meta().generation);
    }
    let own =
        view.owned_by(&object.meta().uid).filter_map(Object::get::<Pod>).filter(|pod| !is_pod_terminal(pod));
    let pods = own.count() as i64;
    match object.kind() {
        Kind::Deployment if fate == READY => {
            let names = ["replicas", "readyReplicas", "updatedReplicas", "availableReplicas"];
            names.iter().for_each(|name| expect(name, status(name), wanted));
        }
        Kind::ReplicaSet => {
            expect("Pods", pods, wanted);
            expect("replicas", status("replicas"), wanted);
            if fate == READY {
                expect("readyReplicas", status("readyReplicas"), wanted);
            }
        }
        Kind::StatefulSet if fate == READY => {
            expect("Pods", pods, wanted);
            ["replicas", "readyReplicas", "availableReplicas"]
                .iter()
                .for_each(|name| expect(name, status(name), wanted));
            let revision =
                |name: &str| value.at(&["status", name]).and_then(Value::as_str).map(str::to_owned);
            expect("updated", i64::from(revision("currentRevision") == revision("updateRevision")), 1);
        }
        Kind::DaemonSet => {
            let nodes = view.all::<Node>().count() as i64;
            expect("desiredNumberScheduled", status("desiredNumberScheduled"), nodes);
            expect("currentNumberScheduled", status("currentNumberScheduled"), nodes);
            if fate == READY {
                ["numberReady", "updatedNumberScheduled"]
                    .iter()
                    .for_each(|name| expect(name, status(name), nodes));
            }
        }
        Kind::Job => {
            let conditions =
                value.at(&["status", "conditions"]).and_then(Value::as_array).unwrap_or_default();
            let is = |kind: &str| {
                let it = conditions.iter().find(|c| c.get("type").and_then(Value::as_str) == Some(kind));
                i64::from(it.and_then(|c| c.get("status")).and_then(Value::as_str) == Some("True"))
            };
            expect("ended", is("Complete") + is("Failed"), 1);
            expect("active", status("active"), 0);
            if fate == FAILS {
                expect("Failed", is("Failed"), 1);
            } else if case.mood == Mood::Rollouts {
                expect("Complete", is("Complete"), 1);
            }
        }
        _ => {}
    }
    found
}

/// A Service's ready endpoints are its ready Pods, no more and no fewer.
fn endpoints(view: &View, service: &Rc<Service>) -> Option<String> {
    let selects = |pod: &&Rc<Pod>| {
        let labels = &pod.metadata.labels;
        pod.metadata.namespace == service.metadata.namespace
            && service.spec.selector.iter().all(|(name, value)| labels.get(name) == Some(value))
    };
    let pods = view.all::<Pod>().filter(selects);
    let ready = pods.filter(|pod| is_pod_ready(pod) && !pod.metadata.is_terminating());
    let pods: BTreeSet<&Str> = ready.map(|pod| &pod.metadata.name).collect();
    let own = |slice: &&Rc<EndpointSlice>| {
        slice.metadata.labels.get("kubernetes.io/service-name") == Some(&service.metadata.name)
            && slice.metadata.namespace == service.metadata.namespace
    };
    let slices = view.all::<EndpointSlice>().filter(own);
    let endpoints = slices.flat_map(|slice| slice.endpoints.iter());
    let ready = endpoints.filter(|endpoint| endpoint.conditions.ready == Some(true));
    let there: BTreeSet<&Str> =
        ready.filter_map(|endpoint| Some(&endpoint.target_ref.as_ref()?.name)).collect();
    (pods != there).then(|| format!("its ready Pods are {pods:?} and its ready endpoints {there:?}"))
}
