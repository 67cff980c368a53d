//! Validation, in upstream's words (upstream: pkg/apis/*/validation).

mod batch;

use super::defaults::qos_class;
use crate::api::changes::{ephemeral_errors, resize_errors, update_errors};
use crate::api::check::{self, cannot_be_handled, decode_error, strict_errors, validation_errors};
use crate::api::{FieldError, Kind, Object};
use crate::cluster::request::{Reason, Status};
use crate::value::Value;
use std::rc::Rc;

/// Refuses what does not decode into the kind, and fields that the kind does not have (strict decoding).
pub fn decodes(kind: Kind, value: &Value) -> Result<(), Rc<Status>> {
    let (name, own_version) = (kind.info().name, kind.api_version());
    let version = value.get("apiVersion").and_then(Value::as_str).unwrap_or(&own_version);
    let written = value.get("kind").and_then(Value::as_str).unwrap_or(name);
    if written != name {
        let why = check::not_registered(written, version);
        return Err(Status::new(Reason::BadRequest, check::read_as(written, version, name, &why)));
    }
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
    errors.iter().map(ToString::to_string).collect()
}

/// The errors of an object that does not go into the types of its kind: a word that none of them knows.
pub(super) fn errors_of(kind: Kind, value: &Value) -> Vec<String> {
    let errors = validation_errors(kind.info().name, &kind.api_version(), value);
    errors.iter().map(ToString::to_string).collect()
}

/// The errors of a change that comes from outside: what may not change.
pub fn changes(old: &Object, new: &Object) -> Vec<String> {
    let errors = update_errors(new.kind(), &old.encode(), &new.encode());
    errors.iter().map(ToString::to_string).collect()
}

/// The errors of a change of a Pod's ephemeral containers.
pub(super) fn ephemeral_changes(old: &Object, new: &Object) -> Vec<String> {
    let value = new.encode();
    let errors = validation_errors(new.kind().info().name, &new.api_version(), &value);
    ephemeral_errors(&old.encode(), &value, errors).iter().map(ToString::to_string).collect()
}

/// The errors of a change of what a Pod's containers may use (upstream: ValidatePodResize).
pub(super) fn resize_changes(old: &Object, new: &Object) -> Vec<String> {
    let (Object::Pod(was), Object::Pod(is)) = (old, new) else { return Vec::new() };
    let value = new.encode();
    let mut errors = validation_errors(new.kind().info().name, &new.api_version(), &value);
    if qos_class(&was.spec) != qos_class(&is.spec) {
        let why = "Pod QOS Class may not change as a result of resizing";
        errors.push(FieldError::invalid("spec", &*was.status.qos_class, why));
    }
    resize_errors(&old.encode(), &value, errors).iter().map(ToString::to_string).collect()
}

/// The errors of a change of the status.
pub fn status_changes(old: &Object, new: &Object) -> Vec<String> {
    match (old, new) {
        (Object::Job(a), Object::Job(b)) => batch::job_status(a, b).iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}
