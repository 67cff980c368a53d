//! Ephemeral containers (upstream: validateEphemeralContainers).

use super::at::At;
use super::container;
use super::errors::Errors;
use super::pod::Whole;
use super::volumes::Volumes;
use std::collections::BTreeSet;

const WHY: &str = "cannot be set for an Ephemeral Container";

/// What one may not have, in the order of the fields of upstream's struct: nobody is to rely on what it serves.
const REFUSED: &[&str] = &[
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];

/// The ephemeral containers of a Pod's spec.
pub(super) fn containers(spec: &At, whole: &Whole, volumes: &Volumes, errors: &mut Errors) {
    let names = |list: &str| -> Vec<&str> {
        let list = spec.value.get(list).and_then(crate::value::Value::as_array).unwrap_or_default();
        list.iter().filter_map(|container| container.get("name")?.as_str()).collect()
    };
    let others: BTreeSet<&str> = names("containers").into_iter().chain(names("initContainers")).collect();
    let mut all = others.clone();
    for container in spec.field("ephemeralContainers").items() {
        container::common(&container, whole, volumes, errors);
        let image = container.field("image");
        if image.text().trim() != image.text() {
            errors.invalid(&image, "must not have leading or trailing whitespace");
        }
        if !all.insert(container.str("name")) {
            errors.duplicate(&container.field("name"), container.str("name"));
        }
        let target = container.field("targetContainerName");
        if !target.is_empty() && !others.contains(target.text()) {
            errors.not_found(&target);
        }
        for name in REFUSED {
            let field = container.field(name);
            if !field.is_empty() {
                errors.forbidden(&field, WHY);
            }
        }
        let mounts = container.field("volumeMounts");
        for mount in mounts.items() {
            for name in ["subPath", "subPathExpr"] {
                let field = mount.field(name);
                if !field.is_empty() {
                    errors.forbidden(&field, WHY);
                }
            }
        }
    }
}
