//! Validation, in upstream's words (upstream: pkg/apis/*/validation).

use crate::api::{Kind, Object};
use crate::cluster::request::Status;
use crate::value::typed::TypeError;
use crate::value::{Str, Value};
use std::rc::Rc;

/// Refuses fields that the kind does not have (strict decoding).
pub fn decodes(kind: Kind, value: &Value) -> Result<(), Rc<Status>> {
    _ = (kind, value);
    Ok(())
}

/// The server's sentence for a value of the wrong type.
pub fn type_error(kind: Kind, error: &TypeError) -> String {
    let version = kind.info().version;
    format!(
        "{kind} in version \"{version}\" cannot be handled as a {kind}: json: cannot unmarshal {} into Go struct field {kind}.{} of type {}",
        error.found, error.path, error.expected
    )
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
