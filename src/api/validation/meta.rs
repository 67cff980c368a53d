//! Metadata, labels and selectors (upstream: apimachinery `pkg/api/validation/objectmeta.go`, `meta/v1/validation`).

use super::at::At;
use super::errors::Errors;
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::names::{
    label_errors, label_key_errors, label_value_errors, path_segment_errors, subdomain_errors,
};
use crate::api::objects::{LabelSelector, Labels};
use crate::value::typed::Typed;
use crate::value::{Str, Value};

const MOST_ANNOTATIONS: usize = 256 << 10;

/// What a name of a kind has to look like.
fn name_errors(kind: Kind, name: &str) -> Vec<String> {
    match kind {
        Kind::Namespace | Kind::Service | Kind::StatefulSet => label_errors(name),
        Kind::Role
        | Kind::ClusterRole
        | Kind::RoleBinding
        | Kind::ClusterRoleBinding
        | Kind::PodDisruptionBudget => path_segment_errors(name),
        Kind::CertificateSigningRequest | Kind::IPAddress | Kind::APIService => Vec::new(),
        _ => subdomain_errors(name),
    }
}

/// The metadata of an object.
pub(super) fn object(kind: Kind, root: &At, errors: &mut Errors) {
    // Upstream looks at the metadata of these only where nothing else is wrong.
    let at = root.field("metadata");
    let generated = at.str("generateName");
    if !generated.is_empty() {
        let masked =
            generated.strip_suffix('-').map_or_else(|| generated.to_owned(), |rest| format!("{rest}a"));
        errors.names(&at.field("generateName"), name_errors(kind, &masked));
    }
    let name = at.field("name");
    if name.is_empty() {
        // The server makes up a name before it looks.
        if generated.is_empty() {
            errors.required(&name, "name or generateName is required");
        }
    } else {
        errors.names(&name, name_errors(kind, name.text()));
    }
    if kind.info().namespaced {
        let namespace = at.field("namespace");
        if !namespace.is_empty() {
            errors.names(&namespace, label_errors(namespace.text()));
        }
    }
    self::labels(&at.field("labels"), errors);
    annotations(&at.field("annotations"), errors);
    owners(&at.field("ownerReferences"), errors);
    finalizers(&at.field("finalizers"), errors);
}

/// What a template of a claim may say of itself: labels and annotations (upstream: validatePersistentVolumeClaimTemplateObjectMeta).
pub(super) fn nothing_but_words(at: &At, errors: &mut Errors) {
    for (name, value) in at.entries() {
        if !value.is_empty() && !matches!(name, "annotations" | "labels") {
            errors.forbidden(&at.field(name), "cannot be set");
        }
    }
}

fn owners(at: &At, errors: &mut Errors) {
    let mut controller: Option<String> = None;
    for owner in at.items() {
        let version = owner.field("apiVersion");
        if !version.is_empty() && (version.text().matches('/').count() > 1 || version.text().ends_with('/')) {
            errors.invalid(&version, "must be <group>/<version> or <version>");
        }
        for name in ["apiVersion", "kind", "name", "uid"] {
            let field = owner.field(name);
            if field.is_empty() {
                errors.required(&field, "must not be empty");
            }
        }
        if (version.text(), owner.str("kind")) == ("v1", "Event") {
            let printed = crate::api::internal::compact("OwnerReference", owner.value);
            let error = FieldError::invalid(
                owner.path(),
                Value::Null,
                "/v1, Kind=Event is disallowed from being an owner",
            );
            errors.push(error.with_value(printed));
        }
        if owner.is("controller") {
            let title = format!("{}/{}", owner.str("kind"), owner.str("name"));
            if let Some(first) = &controller {
                let printed = crate::api::internal::compact_list("OwnerReference", at.list());
                let error = FieldError::invalid(
                    at.path(),
                    Value::Null,
                    format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {title}"
                    ),
                );
                errors.push(error.with_value(printed));
            } else {
                controller = Some(title);
            }
        }
    }
}

fn finalizers(at: &At, errors: &mut Errors) {
    for item in at.items() {
        for why in label_key_errors(item.text()) {
            errors.invalid_as(at, item.text(), why);
        }
    }
    let has = |name: &str| at.list().iter().any(|item| item.as_str() == Some(name));
    if has("orphan") && has("foregroundDeletion") {
        errors.invalid(at, "finalizer orphan and foregroundDeletion cannot be both set");
    }
    for item in at.items() {
        let name = item.text();
        if !name.contains('/') && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
            errors.invalid(&item, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }
}

/// Labels, of an object or in a selector.
pub(super) fn labels(at: &At, errors: &mut Errors) {
    for (key, value) in at.entries() {
        for why in label_key_errors(key) {
            errors.invalid_as(at, key, why);
        }
        for why in label_value_errors(value.text()) {
            errors.invalid_as(at, value.text(), why);
        }
    }
}

/// Annotations.
pub(super) fn annotations(at: &At, errors: &mut Errors) {
    let mut size = 0;
    for (key, value) in at.entries() {
        size += key.len() + value.text().len();
        for why in label_key_errors(&key.to_lowercase()) {
            errors.invalid_as(at, key, why);
        }
    }
    if size > MOST_ANNOTATIONS {
        errors.push(FieldError::too_long(at.path(), MOST_ANNOTATIONS));
    }
}

/// A selector of labels; nothing where it is not there.
pub(super) fn selector(at: &At, errors: &mut Errors) {
    labels(&at.field("matchLabels"), errors);
    for expression in at.field("matchExpressions").items() {
        let values = expression.field("values");
        match expression.str("operator") {
            "In" | "NotIn" if values.is_empty() => {
                errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                errors
                    .forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => errors.invalid(&expression.field("operator"), "not a valid selector operator"),
        }
        let key = expression.field("key");
        for why in label_key_errors(key.text()) {
            errors.invalid_as(&key, key.text(), why);
        }
        for value in values.items() {
            errors.names(&value, label_value_errors(value.text()));
        }
    }
}

/// Whether a selector chooses all there is.
pub(super) fn is_empty(selector: &At) -> bool {
    selector.field("matchLabels").is_empty() && selector.field("matchExpressions").is_empty()
}

/// The selector as it is asked; none where it cannot be. One that is not there chooses nothing.
pub(super) fn parsed(selector: &At) -> Option<Selector> {
    // A requirement with a key or a value that no label can have is none.
    let is_label = |(key, value): (&str, At)| {
        label_key_errors(key).is_empty() && label_value_errors(value.text()).is_empty()
    };
    if !selector.field("matchLabels").entries().into_iter().all(is_label) {
        return None;
    }
    let typed = LabelSelector::decode(selector.value).ok()?;
    Selector::from_label_selector(&typed).ok()
}

/// Whether a selector that is or is not there has these labels among what it chooses.
pub(super) fn matches(selector: &At, labels: &At) -> Option<bool> {
    if !selector.is_there() {
        return Some(false);
    }
    Some(parsed(selector)?.matches(&of(labels)))
}

/// Labels as a map.
pub(super) fn of(labels: &At) -> Labels {
    labels.entries().into_iter().map(|(key, value)| (Str::from(key), Str::from(value.text()))).collect()
}

/// The labels as the server prints them.
pub(super) fn printed(labels: &At) -> Value {
    labels.value.clone()
}
