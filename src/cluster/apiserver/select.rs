//! Label and field selectors, as they travel in a request.

use crate::api::labels::Selector;
use crate::api::objects::{Labels, PodPhase};
use crate::api::{Kind, Object};
use crate::cluster::request::{Filter, Reason, Status};
use std::rc::Rc;

/// Whether a filter lets an object through. A filter that cannot be read lets nothing through; the
/// request that brings one is refused before (`check`).
pub fn matches(filter: &Filter, object: &Object) -> bool {
    (filter.labels.is_empty() || labels_match(&filter.labels, &object.meta().labels))
        && (filter.fields.is_empty() || fields_match(&filter.fields, object))
}

/// Whether labels satisfy a selector in kubectl's writing.
pub fn labels_match(selector: &str, labels: &Labels) -> bool {
    Selector::parse(selector).is_ok_and(|selector| selector.matches(labels))
}

/// Fields besides name and Namespace that objects can be selected by (upstream: the
/// AddFieldLabelConversionFunc of each group).
const FIELDS: &[(Kind, &[&str])] = &[
    (
        Kind::Pod,
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
    ),
    (Kind::Node, &["spec.unschedulable"]),
    (Kind::ReplicationController, &["status.replicas"]),
    (
        Kind::Event,
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
    (Kind::Namespace, &["status.phase"]),
    (Kind::Secret, &["type"]),
    (Kind::Service, &["spec.clusterIP", "spec.type"]),
    (Kind::Job, &["status.successful"]),
];

/// Refuses selectors that cannot be read, and fields that a kind cannot be selected by.
pub(super) fn check(kind: Kind, filter: &Filter) -> Result<(), Rc<Status>> {
    let refused = |why: String| Err(Status::new(Reason::BadRequest, why));
    if let Err(why) = Selector::parse(&filter.labels) {
        return refused(why);
    }
    let own = FIELDS.iter().find(|(of, _)| *of == kind).map(|(_, fields)| *fields);
    for term in filter.fields.split(',').filter(|term| !term.is_empty()) {
        let Some((key, _)) = term.split_once('=') else {
            return refused(format!("invalid selector: '{}'; can't understand '{term}'", filter.fields));
        };
        let key = key.trim_end_matches('!').trim();
        match own {
            _ if matches!(key, "metadata.name" | "metadata.namespace") => {}
            Some(fields) if fields.contains(&key) => {}
            Some(_) => return refused(format!("field label not supported: {key}")),
            None => {
                return refused(format!(
                    "{key:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                ));
            }
        }
    }
    Ok(())
}

fn fields_match(selector: &str, object: &Object) -> bool {
    selector.split(',').all(|term| {
        let (key, value, equal) = match (term.split_once("!="), term.split_once('=')) {
            (Some((key, value)), _) => (key, value, false),
            (None, Some((key, value))) => (key, value.trim_start_matches('='), true),
            (None, None) => return false,
        };
        (field(object, key.trim()) == value.trim()) == equal
    })
}

/// The value of a field that can be selected by.
fn field(object: &Object, path: &str) -> String {
    let meta = object.meta();
    match (path, object) {
        ("metadata.name", _) => meta.name.to_string(),
        ("metadata.namespace", _) => meta.namespace.to_string(),
        ("spec.nodeName", Object::Pod(pod)) => pod.spec.node_name.to_string(),
        ("status.phase", Object::Pod(pod)) => {
            pod.status.phase.map(PodPhase::as_str).unwrap_or_default().to_string()
        }
        ("source", Object::Event(event)) => match event.source.get("component") {
            Some(component) => component.to_string(),
            None => event.reporting_component.to_string(),
        },
        ("spec.unschedulable" | "spec.hostNetwork", other) => {
            let path: Vec<&str> = path.split('.').collect();
            let is_so = other.encode().at(&path).and_then(crate::value::Value::as_bool);
            is_so.unwrap_or(false).to_string()
        }
        _ => {
            let value = object.encode();
            let path: Vec<&str> = path.split('.').collect();
            match value.at(&path) {
                Some(crate::value::Value::String(text)) => text.to_string(),
                Some(other) => crate::value::json::compact(other),
                None => String::new(),
            }
        }
    }
}
