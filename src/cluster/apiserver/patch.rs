//! The three kinds of patch.

use crate::api::Kind;
use crate::cluster::request::{PatchKind, Reason, Status};
use crate::value::{Map, Value};
use std::rc::Rc;

/// The object after the patch.
pub fn apply(kind: Kind, patch_kind: PatchKind, object: &Value, patch: &Value) -> Result<Value, Rc<Status>> {
    _ = kind;
    match patch_kind {
        PatchKind::Merge | PatchKind::Strategic => Ok(merge(object, patch)),
        PatchKind::Json => Err(Status::new(Reason::BadRequest, "JSON patches are not simulated yet")),
    }
}

/// RFC 7396.
pub fn merge(object: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut out = object.as_object().cloned().unwrap_or_else(Map::new);
    for (key, change) in patch.iter() {
        if change.is_null() {
            out.remove(key);
        } else {
            let merged = merge(out.get(key).unwrap_or(&Value::Null), change);
            out.insert(key.clone(), merged);
        }
    }
    Value::from(out)
}
