//! Names by which objects call one another: they follow where a name has changed (upstream: kustomize
//! `namereference` of its default configuration).

use super::Item;
use crate::kubectl::fields::{name, text};
use crate::value::{Str, Value};

/// A name that has changed: the kind, and what it was and is.
type Changed = Vec<(Str, Str, Str)>;

/// Gives every reference the name that what it means has now.
pub(super) fn follow(items: &mut [Item]) {
    let changed: Changed = items
        .iter()
        .filter(|item| &*item.original != name(&item.value))
        .map(|item| (item.kind().into(), item.original.clone(), name(&item.value).into()))
        .collect();
    if changed.is_empty() {
        return;
    }
    for item in items {
        for part in ["spec", "roleRef", "subjects", "secrets", "imagePullSecrets", "template"] {
            if let Some(mut value) = item.value.get(part).cloned() {
                walk(&mut value, part, &changed);
                item.value.set(&[part], value);
            }
        }
    }
}

/// The name that an object of a kind has now.
fn now<'c>(changed: &'c Changed, kind: &str, was: &str) -> Option<&'c Str> {
    changed.iter().find(|(of, old, _)| &**of == kind && &**old == was).map(|(_, _, new)| new)
}

/// Goes through a value that stands under a key.
fn walk(value: &mut Value, key: &str, changed: &Changed) {
    if let Some(items) = value.as_array() {
        let mut items = items.to_vec();
        items.iter_mut().for_each(|item| walk(item, key, changed));
        *value = items.into();
        return;
    }
    let Some(map) = value.as_object() else { return };
    let keys: Vec<Str> = map.iter().map(|(key, _)| key.clone()).collect();
    for own in keys {
        let kind = match (&*own, key) {
            ("name", "configMapRef" | "configMapKeyRef" | "configMap") => "ConfigMap",
            ("name", "secretRef" | "secretKeyRef" | "secret" | "secrets" | "imagePullSecrets")
            | ("secretName", _) => "Secret",
            ("claimName", _) => "PersistentVolumeClaim",
            ("serviceAccountName" | "serviceAccount", _) => "ServiceAccount",
            ("serviceName", _) | ("name", "service") => "Service",
            ("name", "roleRef" | "scaleTargetRef" | "subjects") => text(value, &["kind"]),
            ("ingressClassName", _) => "IngressClass",
            ("priorityClassName", _) => "PriorityClass",
            ("storageClassName", _) => "StorageClass",
            _ => "",
        };
        let new = value.get(&own).and_then(Value::as_str).and_then(|was| now(changed, kind, was)).cloned();
        if let Some(new) = new {
            value.set(&[&own], new);
        } else if let Some(mut inner) = value.get(&own).cloned() {
            walk(&mut inner, &own, changed);
            value.set(&[&own], inner);
        }
    }
}
