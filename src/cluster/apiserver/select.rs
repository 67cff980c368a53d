//! Label and field selectors, as they travel in a request.

use crate::api::Object;
use crate::api::labels::Selector;
use crate::api::objects::{Labels, PodPhase};
use crate::cluster::request::Filter;

/// Whether a filter lets an object through. A filter that cannot be read lets nothing through; the
/// request that brings one is refused before (`apiserver::check_filter`).
pub fn matches(filter: &Filter, object: &Object) -> bool {
    (filter.labels.is_empty() || labels_match(&filter.labels, &object.meta().labels))
        && (filter.fields.is_empty() || fields_match(&filter.fields, object))
}

/// Whether labels satisfy a selector in kubectl's writing.
pub fn labels_match(selector: &str, labels: &Labels) -> bool {
    Selector::parse(selector).is_ok_and(|selector| selector.matches(labels))
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
