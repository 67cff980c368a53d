//! The three kinds of patch, as the API server answers for them (upstream: apiserver `handlers/patch.go`).

use crate::api::Kind;
use crate::api::patch::{json_merge, json_patch, strategic_merge};
use crate::cluster::request::{PatchKind, Reason, Status};
use crate::value::Value;
use std::rc::Rc;

/// What is said of a strategic patch of a kind whose lists no type tells of.
const UNSUPPORTED: &str = "the body of the request was in an unknown format - accepted media types include: \
    application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

/// The object after the patch.
pub fn apply(kind: Kind, patch_kind: PatchKind, object: &Value, patch: &Value) -> Result<Value, Rc<Status>> {
    match patch_kind {
        PatchKind::Merge => Ok(json_merge(object, patch)),
        PatchKind::Strategic if kind.is_custom() => Err(Status::new(Reason::BadRequest, UNSUPPORTED)),
        PatchKind::Strategic => {
            let api_version = kind.api_version();
            let api_version = object.get("apiVersion").and_then(Value::as_str).unwrap_or(&api_version);
            strategic_merge(api_version, kind.info().name, object, patch)
                .map_err(|why| Status::new(Reason::InternalError, why))
        }
        // Upstream keeps to itself why an operation does not apply.
        PatchKind::Json => json_patch(object, patch).map_err(|_| {
            let why = "the server rejected our request due to an error in our request";
            Status::new(Reason::Invalid, why)
        }),
    }
}
