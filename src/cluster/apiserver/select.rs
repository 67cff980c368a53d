//! Label and field selectors, as they travel in a request.

use crate::api::Object;
use crate::api::objects::{LabelSelector, Labels, PodPhase};
use crate::cluster::request::Filter;

/// Whether a filter lets an object through. A filter that cannot be read lets nothing through; the
/// request that brings one is refused before (`apiserver::check_filter`).
pub fn matches(filter: &Filter, object: &Object) -> bool {
    (filter.labels.is_empty() || labels_match(&filter.labels, &object.meta().labels))
        && (filter.fields.is_empty() || fields_match(&filter.fields, object))
}

/// Whether labels satisfy a selector in kubectl's writing.
pub fn labels_match(selector: &str, labels: &Labels) -> bool {
    split(selector).into_iter().all(|term| {
        let term = term.trim();
        if let Some((key, value)) = term.split_once("!=") {
            return labels.get(key.trim()).is_none_or(|has| &**has != value.trim());
        }
        for (word, wanted) in [(" notin ", false), (" in ", true)] {
            if let Some((key, values)) = term.split_once(word) {
                let values = values.trim().trim_matches(['(', ')']);
                let found = labels
                    .get(key.trim())
                    .is_some_and(|has| values.split(',').any(|value| value.trim() == &**has));
                return found == wanted;
            }
        }
        if let Some((key, value)) = term.split_once('=') {
            return labels.get(key.trim()).is_some_and(|has| &**has == value.trim_start_matches('=').trim());
        }
        match term.strip_prefix('!') {
            Some(key) => !labels.contains_key(key.trim()),
            None => labels.contains_key(term),
        }
    })
}

/// Splits at commas that stand outside of brackets.
fn split(selector: &str) -> Vec<&str> {
    let (mut terms, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in selector.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                terms.push(&selector[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    terms.push(&selector[start..]);
    terms
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

/// Whether labels satisfy a workload's selector. An empty selector matches everything, as upstream's
/// `LabelSelectorAsSelector` has it.
pub fn selector_matches(selector: &LabelSelector, labels: &Labels) -> bool {
    selector.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        && selector.match_expressions.iter().all(|term| {
            let has = labels.get(&term.key);
            match &*term.operator {
                "In" => has.is_some_and(|has| term.values.contains(has)),
                "NotIn" => has.is_none_or(|has| !term.values.contains(has)),
                "Exists" => has.is_some(),
                "DoesNotExist" => has.is_none(),
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_read_as_kubectl_writes_them() {
        let labels: Labels = [("app".into(), "web".into()), ("tier".into(), "a".into())].into();
        for (selector, expected) in [
            ("app=web", true),
            ("app==web,tier!=b", true),
            ("app in (web,db),tier", true),
            ("app notin (web)", false),
            ("!gone,app", true),
            ("!app", false),
        ] {
            assert_eq!(labels_match(selector, &labels), expected, "{selector}");
        }
    }
}
