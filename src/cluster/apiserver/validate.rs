//! Validation, in upstream's words (upstream: pkg/apis/*/validation).

mod batch;

use crate::api::changes::update_errors;
use crate::api::check::{cannot_be_handled, decode_error, strict_errors, validation_errors};
use crate::api::objects::Labels;
use crate::api::{Kind, Object};
use crate::cluster::request::{Reason, Status};
use crate::value::Value;
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
    let mut errors: Vec<String> = errors.iter().map(ToString::to_string).chain(sizes(object)).collect();
    if let Object::PriorityClass(class) = object {
        errors.extend(super::priority::errors(class));
    }
    errors
}

/// The errors of a change that comes from outside: what may not change.
pub fn changes(old: &Object, new: &Object) -> Vec<String> {
    let errors = update_errors(new.kind(), &old.encode(), &new.encode());
    errors.iter().map(ToString::to_string).collect()
}

/// The errors of a change of the status.
pub fn status_changes(old: &Object, new: &Object) -> Vec<String> {
    match (old, new) {
        (Object::Job(a), Object::Job(b)) => batch::job_status(a, b).iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// What is too big (upstream: ValidateAnnotationsSize, MaxSecretSize).
fn sizes(object: &Object) -> Vec<String> {
    const MOST_ANNOTATIONS: usize = 256 << 10;
    const MOST_DATA: usize = 1 << 20;
    let sum = |labels: &Labels| labels.values().map(|text| text.len()).sum::<usize>();
    let annotations = &object.meta().annotations;
    let keys: usize = annotations.keys().map(|key| key.len()).sum();
    let mut errors = Vec::new();
    if sum(annotations) + keys > MOST_ANNOTATIONS {
        errors.push(format!("metadata.annotations: Too long: may not be more than {MOST_ANNOTATIONS} bytes"));
    }
    let decoded = |labels: &Labels| sum(labels) / 4 * 3;
    let (path, size) = match object {
        Object::ConfigMap(map) => ("[]", sum(&map.data) + decoded(&map.binary_data)),
        Object::Secret(secret) => ("data", decoded(&secret.data)),
        _ => return errors,
    };
    if size > MOST_DATA {
        errors.push(format!("{path}: Too long: may not be more than {MOST_DATA} bytes"));
    }
    errors
}
