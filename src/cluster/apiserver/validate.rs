//! Validation, in upstream's words (upstream: pkg/apis/*/validation).

mod batch;

use crate::api::check::{cannot_be_handled, decode_error, strict_errors, validation_errors};
use crate::api::objects::{LabelSelector, PodSpec};
use crate::api::{Kind, Object};
use crate::cluster::request::{Reason, Status};
use crate::value::typed::Typed;
use crate::value::{Value, json};
use std::rc::Rc;

/// Refuses what does not decode into the kind, and fields that the kind does not have (strict decoding).
pub fn decodes(kind: Kind, value: &Value) -> Result<(), Rc<Status>> {
    let (name, own_version) = (kind.info().name, kind.api_version());
    let version = value.get("apiVersion").and_then(Value::as_str).unwrap_or(&own_version);
    let why = decode_error(name, version, value).or_else(|| {
        let unknown = strict_errors(name, version, value);
        (!unknown.is_empty()).then(|| format!("strict decoding error: {}", unknown.join(", ")))
    });
    match why {
        Some(why) => Err(Status::new(Reason::BadRequest, cannot_be_handled(name, version, &why))),
        None => Ok(()),
    }
}

/// The errors of an object as it is to be stored, each as `spec.x: Invalid value: ...`.
pub fn errors(object: &Object) -> Vec<String> {
    let errors = validation_errors(object.kind().info().name, &object.api_version(), &object.encode());
    let mut errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    if let Object::PriorityClass(class) = object {
        errors.extend(super::priority::errors(class));
    }
    errors
}

/// The errors of a change: what may not change.
pub fn changes(old: &Object, new: &Object) -> Vec<String> {
    let mut errors = Vec::new();
    match (old, new) {
        (Object::Deployment(a), Object::Deployment(b)) => {
            immutable_selector(&a.spec.selector, &b.spec.selector, &mut errors)
        }
        (Object::ReplicaSet(a), Object::ReplicaSet(b)) => {
            immutable_selector(&a.spec.selector, &b.spec.selector, &mut errors)
        }
        (Object::Job(a), Object::Job(b)) => {
            errors.extend(batch::job(a, b).iter().map(ToString::to_string));
        }
        (Object::PriorityClass(a), Object::PriorityClass(b)) => {
            errors.extend(super::priority::changes(a, b));
        }
        (Object::Pod(a), Object::Pod(b)) if !is_allowed_update(&a.spec, &b.spec) => {
            errors.push(POD_UPDATE.into())
        }
        (Object::Service(a), Object::Service(b)) => {
            let keeps_address = &*a.spec.kind != "ExternalName" && &*b.spec.kind != "ExternalName";
            if keeps_address && a.spec.cluster_ip != b.spec.cluster_ip {
                let now = json::compact(&Value::from(vec![Value::from(b.spec.cluster_ip.clone())]));
                errors.push(format!("spec.clusterIPs[0]: Invalid value: {now}: may not change once set"));
            }
        }
        (Object::PersistentVolumeClaim(a), Object::PersistentVolumeClaim(b)) => {
            errors.extend(super::storage::claim_changes(a, b))
        }
        (Object::PersistentVolume(a), Object::PersistentVolume(b)) => {
            errors.extend(super::storage::volume_changes(a, b))
        }
        (Object::StorageClass(a), Object::StorageClass(b)) => {
            errors.extend(super::storage::class_changes(a, b))
        }
        (Object::ResourceQuota(a), Object::ResourceQuota(b)) => {
            errors.extend(super::policy::quota_changes(a, b))
        }
        (Object::ConfigMap(a), Object::ConfigMap(b)) if a.immutable == Some(true) && a.data != b.data => {
            errors.push("data: Forbidden: field is immutable when `immutable` is set".into());
        }
        (Object::Secret(a), Object::Secret(b)) if a.immutable == Some(true) && a.data != b.data => {
            errors.push("data: Forbidden: field is immutable when `immutable` is set".into());
        }
        _ => {}
    }
    errors
}

/// The errors of a change of the status.
pub fn status_changes(old: &Object, new: &Object) -> Vec<String> {
    match (old, new) {
        (Object::Job(a), Object::Job(b)) => batch::job_status(a, b).iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn immutable_selector(old: &LabelSelector, new: &LabelSelector, errors: &mut Vec<String>) {
    if old != new {
        errors.push(format!(
            "spec.selector: Invalid value: {}: field is immutable",
            json::compact(&new.encode())
        ));
    }
}

/// Upstream appends a diff of the two specs, which names every field of its internal types; it is left out.
const POD_UPDATE: &str = "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Whether a Pod's spec changes only where it may (upstream: ValidatePodUpdate).
fn is_allowed_update(old: &PodSpec, new: &PodSpec) -> bool {
    if old.containers.len() != new.containers.len() || old.init_containers.len() != new.init_containers.len()
    {
        return false;
    }
    let is_prefix = new.tolerations.len() >= old.tolerations.len()
        && old.tolerations.iter().all(|toleration| new.tolerations.contains(toleration));
    let mut same = new.clone();
    for (container, before) in same.containers.iter_mut().zip(&old.containers) {
        container.image = before.image.clone();
    }
    for (container, before) in same.init_containers.iter_mut().zip(&old.init_containers) {
        container.image = before.image.clone();
    }
    same.active_deadline_seconds = old.active_deadline_seconds;
    same.tolerations = old.tolerations.clone();
    // Gates may go, and none may come.
    if new.scheduling_gates.iter().all(|gate| old.scheduling_gates.contains(gate)) {
        same.scheduling_gates = old.scheduling_gates.clone();
    }
    if new.termination_grace_period_seconds == Some(1)
        && old.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0)
    {
        same.termination_grace_period_seconds = old.termination_grace_period_seconds;
    }
    is_prefix && same == *old
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::Container;

    #[test]
    fn a_pod_may_change_its_images_only() {
        let container = |image: &str, name: &str| Container {
            image: image.into(),
            name: name.into(),
            ..Container::default()
        };
        let spec = |containers: Vec<Container>| PodSpec { containers, ..PodSpec::default() };
        let old = spec(vec![container("nginx:1", "web")]);
        assert!(is_allowed_update(&old, &spec(vec![container("nginx:2", "web")])));
        assert!(!is_allowed_update(&old, &spec(vec![container("nginx:1", "db")])));
        assert!(!is_allowed_update(&old, &spec(vec![])));
        assert!(!is_allowed_update(&old, &PodSpec { host_network: true, ..old.clone() }));
    }
}
