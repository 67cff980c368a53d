//! What the scheduler's tests share: Pods and nodes from short YAML, and what the filters say.

use super::cache::Cache;
use super::cycle::schedule;
use super::nominator::Nominator;
use super::plugins::{filter, pre_filter};
use super::pod_info::PodInfo;
use super::preemption::preempt;
use super::status::fit_error;
use crate::api::node_to_value;
use crate::api::objects::{Namespace, Node, Pod};
use crate::cluster::record::NodeId;
use crate::value::typed::Typed;
use crate::value::{Map, Value};
use std::rc::Rc;

/// A text as a value; amounts are written as the API server has them.
pub(super) fn yaml(text: &str) -> Value {
    let parsed = crate::manifest::parse(text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let value =
        parsed.documents.first().map(|document| node_to_value(&document.root)).unwrap_or(Value::object());
    amounts_as_text(&value, false)
}

fn amounts_as_text(value: &Value, is_amount: bool) -> Value {
    match value {
        Value::Object(map) => {
            let amounts = |key: &str| matches!(key, "requests" | "limits" | "allocatable" | "overhead");
            Value::from(
                map.iter()
                    .map(|(key, item)| (key.clone(), amounts_as_text(item, is_amount || amounts(key))))
                    .collect::<Map>(),
            )
        }
        Value::Array(items) => {
            Value::from(items.iter().map(|item| amounts_as_text(item, false)).collect::<Vec<_>>())
        }
        Value::Int(n) if is_amount => Value::from(n.to_string()),
        other => other.clone(),
    }
}

/// A Pod in `default` (or where its metadata say) with metadata and a spec.
pub(super) fn pod_with(name: &str, metadata: &str, spec: &str) -> Pod {
    let mut value = Value::object();
    let mut metadata = yaml(metadata);
    metadata.set(&["name"], name);
    metadata.set(&["uid"], name);
    if metadata.get("namespace").is_none() {
        metadata.set(&["namespace"], "default");
    }
    value.set(&["metadata"], metadata);
    value.set(&["spec"], yaml(spec));
    Pod::decode(&value).expect("a Pod")
}

/// A Pod in `default`.
pub(super) fn pod(name: &str, spec: &str) -> Pod {
    pod_with(name, "{}", spec)
}

/// A Pod as the scheduler sees it.
pub(super) fn pod_info_with(name: &str, metadata: &str, spec: &str) -> Rc<PodInfo> {
    Rc::new(PodInfo::new(&Rc::new(pod_with(name, metadata, spec))))
}

/// A Pod as the scheduler sees it.
pub(super) fn pod_info(name: &str, spec: &str) -> Rc<PodInfo> {
    pod_info_with(name, "{}", spec)
}

/// A node with metadata and, on further lines, `spec:` and `status:`. It has four cores, 8 GiB and takes 110 Pods where
/// nothing else is said.
pub(super) fn node(name: &str, text: &str) -> Rc<Node> {
    let (metadata, rest) = text.split_once('\n').unwrap_or((text, "{}"));
    let mut value = yaml(rest);
    let mut metadata = yaml(metadata);
    metadata.set(&["name"], name);
    value.set(&["metadata"], metadata);
    if value.at(&["status", "allocatable"]).is_none() {
        value.set(&["status", "allocatable"], yaml("{cpu: '4', memory: 8Gi, pods: '110'}"));
    }
    Rc::new(Node::decode(&value).expect("a node"))
}

/// A Namespace with labels.
pub(super) fn namespace(name: &str, labels: &str) -> Namespace {
    let mut value = Value::object();
    value.set(&["metadata", "name"], name);
    value.set(&["metadata", "labels"], yaml(labels));
    Namespace::decode(&value).expect("a Namespace")
}

/// A cache with nodes and Pods.
pub(super) fn cache_of(pods: &[Pod], nodes: &[Rc<Node>]) -> Cache {
    let mut cache = Cache::default();
    for (place, node) in nodes.iter().enumerate() {
        cache.know_machine(&node.metadata.name, NodeId(place as u16));
        cache.set_node(node);
    }
    for pod in pods {
        cache.set_pod(&Rc::new(pod.clone()));
    }
    cache
}

/// A cache with nodes of these names.
pub(super) fn cache(nodes: &[&str]) -> Cache {
    let nodes: Vec<_> = nodes.iter().map(|name| node(name, "{}")).collect();
    cache_of(&[], &nodes)
}

/// A new Pod; its metadata stand in a comment before the spec.
fn new_pod(text: &str) -> Rc<PodInfo> {
    let (metadata, spec) = match text.strip_prefix("# ") {
        Some(text) => text.split_once('\n').expect("metadata and a spec"),
        None => ("{}", text),
    };
    pod_info_with("new", metadata, spec)
}

/// Of each node in their order what the filters say of a new Pod; a dash where it fits, `!` where deleting Pods would
/// not help.
pub(super) fn filter_all(cache: &mut Cache, spec: &str) -> String {
    let pod = new_pod(spec);
    let cycle = match pre_filter(&pod, cache) {
        Ok(found) => found.cycle,
        Err(status) => return format!("all: {}", status.reasons.join(", ")),
    };
    let said = cache.nodes().map(|node| match filter(&cycle, node) {
        Ok(()) => "-".to_string(),
        Err(status) => {
            let end = if status.is_resolvable { "" } else { " !" };
            format!("{}{end}", status.reasons.join(", "))
        }
    });
    said.collect::<Vec<_>>().join(" | ")
}

/// The whole sentence of a new Pod that fits nowhere.
pub(super) fn diagnose(cache: &mut Cache, spec: &str) -> String {
    let (pod, nominator) = (new_pod(spec), Nominator::default());
    let scheduled = schedule(&pod, cache, &nominator, &mut 0);
    assert!(scheduled.left.is_empty(), "it fits");
    let mut diagnosis = scheduled.diagnosis;
    let outcome = preempt(&pod, scheduled.cycle.as_ref(), &diagnosis, cache, &nominator, |_| 0);
    diagnosis.post_filter = Some(outcome.said().0);
    fit_error(&diagnosis, cache.order().len())
}
