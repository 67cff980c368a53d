//! Fields of the Pod that no variable can take its value from.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Findings, Place, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Severity};
use crate::msg;
use crate::schema::nearest;

pub(super) const RULE: Rule = Rule { check: Check::Field(check) };

/// What a variable can be, in the order of the API server.
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// What else the server knows by name.
const OTHERS: &[&str] =
    &["metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName", "status.phase"];

fn check(subject: &Subject, place: &Place, findings: &mut Findings) {
    if (place.owner.name, place.field.name) != ("ObjectFieldSelector", "fieldPath") {
        return;
    }
    let path = place.path.to_string();
    if !path.contains(".env[") {
        return;
    }
    let Some(written) =
        place.node.as_str().filter(|written| !written.is_empty() && !FIELDS.contains(written))
    else {
        return;
    };
    let one = ["metadata.annotations['", "metadata.labels['"].iter().any(|begin| written.starts_with(begin));
    if one && written.ends_with("']") {
        return;
    }
    let mut diagnostic = Diagnostic::new(msg!("field-ref-unknown"), Severity::Error, place.node.span)
        .arg("value", written)
        .arg("allowed", FIELDS.join(", "));
    if let Some(near) = nearest(written, FIELDS.iter().copied()).filter(|near| near.unique) {
        let edits = vec![Edit::replace(place.node.span, near.name)];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
    }
    let error = match OTHERS.contains(&written) {
        true => FieldError::unsupported(path, written, FIELDS),
        false => {
            let why = format!("error converting fieldPath: field label not supported: {written}");
            FieldError::invalid(path, written, why)
        }
    };
    findings.invalid(subject.place, diagnostic, error);
}
