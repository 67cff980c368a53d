//! Validation, in upstream's words (upstream: pkg/apis/*/validation).

use crate::api::check::{cannot_be_handled, decode_error, strict_errors};
use crate::api::{Kind, Object};
use crate::cluster::request::{Reason, Status};
use crate::value::{Str, Value};
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

/// The errors of a new object, each as `spec.x: Invalid value: ...`.
pub fn on_create(object: &Object, warnings: &mut Vec<Str>) -> Vec<String> {
    _ = (object, warnings);
    Vec::new()
}

/// The errors of a changed object.
pub fn on_update(old: &Object, new: &Object, warnings: &mut Vec<Str>) -> Vec<String> {
    _ = (old, new, warnings);
    Vec::new()
}
