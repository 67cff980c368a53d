//! What may change of a Pod: its images, its deadline, more tolerations, fewer gates (upstream: ValidatePodUpdate).

use super::super::field_error::FieldError;
use super::super::internal;
use super::{is_same, put, text};
use crate::value::Value;
use std::collections::BTreeSet;

const OTHERS: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

pub(super) fn update(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let spec = |value: &Value| value.get("spec").cloned().unwrap_or_default();
    let (was, is) = (spec(old), spec(new));
    for list in ["containers", "initContainers"] {
        let count = |spec: &Value| items(spec, list).len();
        if count(&was) != count(&is) {
            let why = "pod updates may not add or remove containers";
            errors.push(FieldError::forbidden(format!("spec.{list}"), why));
            return;
        }
        for (place, container) in items(&is, list).iter().enumerate() {
            let image = text(container, &["image"]);
            if image.trim() != image {
                let why = "must not have leading or trailing whitespace";
                errors.push(FieldError::invalid(format!("spec.{list}[{place}].image"), image, why));
            }
        }
    }
    if !deadline(&was, &is, errors) {
        return;
    }
    tolerations(&was, &is, errors);
    gates(&was, &is, errors);
    let munged = munged(&was, &is, errors);
    if !is_same(Some(&was), Some(&munged)) {
        let diff = internal::diff("PodSpec", &was, &munged);
        errors.push(FieldError::forbidden("spec", format!("{OTHERS}\n{diff}")));
    }
}

/// Whether a Pod stands for one that its kubelet has from a file.
fn is_mirror(pod: &Value) -> bool {
    pod.at(&["metadata", "annotations", "kubernetes.io/config.mirror"]).is_some()
}

/// What may change through the subresource `ephemeralcontainers`: there can be more of them (upstream:
/// ValidatePodEphemeralContainersUpdate).
pub(super) fn ephemeral(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    const PATH: &str = "spec.ephemeralContainers";
    if is_mirror(old) {
        *errors = vec![FieldError::forbidden("", "static pods do not support ephemeral containers")];
        return;
    }
    let list = |pod: &Value| {
        let spec = pod.get("spec").cloned().unwrap_or_default();
        items(&spec, "ephemeralContainers").to_vec()
    };
    let now = list(new);
    for before in list(old) {
        let name = text(&before, &["name"]);
        // Of two with one name the last counts.
        match now.iter().rfind(|now| text(now, &["name"]) == name) {
            None => {
                let why = format!("existing ephemeral containers {name:?} may not be removed\n");
                errors.push(FieldError::forbidden(PATH, why));
            }
            Some(now) if *now != before => {
                let diff = internal::diff("EphemeralContainer", &before, now);
                let why = format!("existing ephemeral containers {name:?} may not be changed\n{diff}");
                errors.push(FieldError::forbidden(PATH, why));
            }
            Some(_) => {}
        }
    }
}

/// What may change through the subresource `resize`: processors and memory, which nobody takes away (upstream:
/// ValidatePodResize).
pub(super) fn resize(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    const LISTS: [&str; 2] = ["initContainers", "containers"];
    if is_mirror(old) {
        *errors = vec![FieldError::forbidden("", "static pods cannot be resized")];
        return;
    }
    if old.at(&["spec", "os", "name"]).and_then(Value::as_str) == Some("windows") {
        *errors = vec![FieldError::forbidden("", "windows pods cannot be resized")];
        return;
    }
    let spec = |value: &Value| value.get("spec").cloned().unwrap_or_default();
    let (was, is) = (spec(old), spec(new));
    let mut is_other = false;
    for list in ["containers", "initContainers"] {
        let names = |spec: &Value| -> Vec<String> {
            items(spec, list).iter().map(|container| text(container, &["name"]).to_owned()).collect()
        };
        let (before, now) = (names(&was), names(&is));
        if before.len() != now.len() {
            errors.push(FieldError::forbidden(
                format!("spec.{list}"),
                format!("{list} may not be added or removed on resize"),
            ));
        }
        for (place, _) in before.iter().zip(&now).enumerate().filter(|(_, (before, now))| before != now) {
            let path = format!("spec.{list}[{place}].name");
            errors.push(FieldError::forbidden(
                path,
                format!("{list} may not be renamed or reordered on resize"),
            ));
        }
        is_other |= before != now;
    }
    if is_other {
        return;
    }
    for list in LISTS {
        for (place, (before, now)) in items(&was, list).iter().zip(items(&is, list)).enumerate() {
            for (part, one) in [("requests", "resource requests"), ("limits", "resource limits")] {
                let names = |container: &Value| -> BTreeSet<String> {
                    let amounts = container.at(&["resources", part]).and_then(Value::as_object);
                    amounts
                        .map(|map| map.iter().map(|(name, _)| name.to_string()).collect())
                        .unwrap_or_default()
                };
                let now = names(now);
                if names(before).iter().any(|name| !now.contains(name)) {
                    let path = format!("spec.{list}[{place}].resources.{part}");
                    errors.push(FieldError::forbidden(path, format!("{one} cannot be removed")));
                }
            }
        }
    }
    let others = |container: &Value| {
        let mut container = container.clone();
        put(&mut container, &["resizePolicy"], None);
        for part in ["requests", "limits"] {
            for name in ["cpu", "memory"] {
                put(&mut container, &["resources", part, name], None);
            }
        }
        container
    };
    let same = |a: &Value, b: &Value| {
        let (a, b) = (others(a), others(b));
        let rest = |container: &Value, part: &str| container.at(&["resources", part]).cloned();
        ["requests", "limits"].iter().all(|part| is_same(rest(&a, part).as_ref(), rest(&b, part).as_ref()))
    };
    for (before, now) in items(&was, "containers").iter().zip(items(&is, "containers")) {
        if !same(before, now) {
            errors.push(FieldError::forbidden("spec", "only cpu and memory resources are mutable"));
        }
    }
    for (place, (before, now)) in
        items(&was, "initContainers").iter().zip(items(&is, "initContainers")).enumerate()
    {
        if !same(before, now) {
            let why = "only cpu and memory resources for init or sidecar containers are mutable";
            errors.push(FieldError::forbidden(format!("spec.initContainers[{place}]"), why));
        }
    }
}

fn items<'v>(spec: &'v Value, list: &str) -> &'v [Value] {
    spec.get(list).and_then(Value::as_array).unwrap_or_default()
}

/// A deadline can be set once, and come nearer. False where nothing more is told.
fn deadline(was: &Value, is: &Value, errors: &mut Vec<FieldError>) -> bool {
    const PATH: &str = "spec.activeDeadlineSeconds";
    let seconds = |spec: &Value| spec.get("activeDeadlineSeconds").and_then(Value::as_int);
    match (seconds(was), seconds(is)) {
        (_, Some(now)) if !(0..=i64::from(i32::MAX)).contains(&now) => {
            let why = format!("must be between 0 and {}, inclusive", i32::MAX);
            errors.push(FieldError::invalid(PATH, now, why));
            false
        }
        (Some(before), Some(now)) if before < now => {
            errors.push(FieldError::invalid(PATH, now, "must be less than or equal to previous value"));
            false
        }
        (Some(_), None) => {
            let why = "must not update from a positive integer to nil value";
            errors.push(FieldError::invalid(PATH, Value::Null, why));
            true
        }
        _ => true,
    }
}

fn tolerations(was: &Value, is: &Value, errors: &mut Vec<FieldError>) {
    let timeless = |toleration: &Value| {
        let mut toleration = toleration.clone();
        put(&mut toleration, &["tolerationSeconds"], None);
        toleration
    };
    let now: Vec<Value> = items(is, "tolerations").iter().map(timeless).collect();
    if items(was, "tolerations").iter().any(|before| !now.contains(&timeless(before))) {
        let why = "existing toleration can not be modified except its tolerationSeconds";
        errors.push(FieldError::forbidden("spec.tolerations", why));
    }
}

fn gates(was: &Value, is: &Value, errors: &mut Vec<FieldError>) {
    let before = items(was, "schedulingGates");
    for (place, gate) in items(is, "schedulingGates").iter().enumerate() {
        if !before.iter().any(|before| before.get("name") == gate.get("name")) {
            let name = text(gate, &["name"]);
            let why = format!("only deletion is allowed, but found new scheduling gate '{name}'");
            errors.push(FieldError::forbidden(format!("spec.schedulingGates[{place}].name"), why));
        }
    }
}

/// The new spec with what may change as it was.
fn munged(was: &Value, is: &Value, errors: &mut Vec<FieldError>) -> Value {
    let mut munged = is.clone();
    for list in ["containers", "initContainers"] {
        let same = items(is, list).iter().zip(items(was, list)).map(|(container, before)| {
            let mut container = container.clone();
            put(&mut container, &["image"], before.get("image"));
            container
        });
        let same: Vec<Value> = same.collect();
        put(&mut munged, &[list], Some(Value::from(same)).filter(|_| is.get(list).is_some()).as_ref());
    }
    for field in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        put(&mut munged, &[field], was.get(field));
    }
    let grace = |spec: &Value| spec.get("terminationGracePeriodSeconds").and_then(Value::as_int);
    if grace(was).is_some_and(|grace| grace < 0) && grace(is) == Some(1) {
        put(&mut munged, &["terminationGracePeriodSeconds"], was.get("terminationGracePeriodSeconds"));
    }
    if !items(was, "schedulingGates").is_empty() {
        gated(was, &mut munged, errors);
    }
    munged
}

/// Of a Pod that waits behind a gate the nodes that it may run on can become fewer.
fn gated(was: &Value, munged: &mut Value, errors: &mut Vec<FieldError>) {
    let (before, now) = (was.get("nodeSelector"), munged.get("nodeSelector").cloned());
    if !is_same(before, now.as_ref()) {
        let kept = before.and_then(Value::as_object).is_none_or(|before| {
            before.iter().all(|(key, value)| now.as_ref().and_then(|now| now.get(key)) == Some(value))
        });
        if !kept {
            let why = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
            let value = now.unwrap_or_default();
            errors.push(FieldError::invalid("spec.nodeSelector", value, why));
        }
        put(munged, &["nodeSelector"], before);
    }
    let path = ["affinity", "nodeAffinity"];
    if was.at(&path).is_none() {
        put(munged, &path, None);
        if munged.get("affinity").and_then(Value::as_object).is_some_and(|affinity| affinity.is_empty()) {
            put(munged, &["affinity"], was.get("affinity"));
        }
    }
}
