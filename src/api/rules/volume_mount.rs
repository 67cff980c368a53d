//! Mounts of volumes that the Pod does not have.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;
use crate::schema::nearest;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    let Some(spec) = template.spec() else { return };
    let name_of = |node: &Node| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let mut volumes: BTreeSet<String> =
        spec.get("volumes").map(Node::items).unwrap_or_default().iter().filter_map(name_of).collect();
    if subject.is(Kind::StatefulSet) {
        let claims = subject.get(&["spec", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default();
        volumes.extend(claims.iter().filter_map(|claim| claim.get("metadata").and_then(name_of)));
    }
    let doubtful =
        subject.is_doubtful(&template.at("spec.volumes")) || subject.is_doubtful("spec.volumeClaimTemplates");
    for container in template.containers() {
        let mounts = container.node.get("volumeMounts").map(Node::items).unwrap_or_default();
        let mut paths = BTreeSet::new();
        for (i, mount) in mounts.iter().enumerate() {
            let at = format!("{}.volumeMounts[{i}]", container.path());
            if let (Some(name), Some(node)) = (name_of(mount), mount.get("name"))
                && !name.is_empty()
                && !volumes.contains(&name)
                && !doubtful
            {
                not_found(subject, &at, node, &name, &volumes, findings);
            }
            if let Some(node) = mount.get("mountPath")
                && let Some(path) = node.as_str().filter(|path| !path.is_empty())
                && !paths.insert(path.to_owned())
            {
                let diagnostic = Diagnostic::new(msg!("same-mount-path-twice"), Severity::Error, node.span)
                    .arg("path", path);
                findings.invalid(
                    subject.place,
                    diagnostic,
                    FieldError::invalid(format!("{at}.mountPath"), path, "must be unique"),
                );
            }
        }
    }
}

fn not_found(
    subject: &Subject,
    at: &str,
    node: &Node,
    name: &str,
    volumes: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let mut diagnostic =
        Diagnostic::new(msg!("volume-unknown"), Severity::Error, node.span).arg("name", name);
    if let Some(near) = nearest(name, volumes.iter().map(String::as_str)).filter(|near| near.unique) {
        let edits = vec![Edit::replace(node.span, near.name)];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
    }
    findings.invalid(subject.place, diagnostic, FieldError::not_found(format!("{at}.name"), name));
}
