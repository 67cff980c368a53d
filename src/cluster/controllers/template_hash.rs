//! What tells templates apart in names (upstream: ComputeHash in pkg/controller/controller_utils.go).

use crate::api::objects::PodTemplateSpec;
use crate::cluster::chance::{safe_encode, stable_hash};
use crate::value::json;
use crate::value::typed::Typed;

/// The hash of a template in letters. Its digits are this simulation's own: they say which template, not what
/// a real cluster would print.
pub(super) fn template_hash(template: &PodTemplateSpec, collisions: Option<i32>) -> String {
    // Of what it says, not of how it is held: a field more that a template may have changes no name.
    let hash = stable_hash(0, &(json::compact(&template.encode()), collisions.unwrap_or(0))) as u32;
    safe_encode(&hash.to_string())
}
