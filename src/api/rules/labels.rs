//! Keys and values of labels that Kubernetes does not take.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::names::{label_key_errors, label_value_errors};
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;
use std::borrow::Cow;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    judge(subject, "metadata.labels", subject.get(&["metadata", "labels"]), findings);
    keys(subject, "metadata.annotations", subject.get(&["metadata", "annotations"]), findings);
    if subject.is(Kind::Service) || subject.is(Kind::ReplicationController) {
        judge(subject, "spec.selector", subject.get(&["spec", "selector"]), findings);
    } else {
        judge(
            subject,
            "spec.selector.matchLabels",
            subject.get(&["spec", "selector", "matchLabels"]),
            findings,
        );
    }
    let Some(template) = subject.template() else { return };
    if !template.path.is_empty() {
        // The server leaves `metadata` out of the way.
        let metadata = template.node.get("metadata");
        judge(subject, &template.at("labels"), metadata.and_then(|node| node.get("labels")), findings);
        keys(
            subject,
            &template.at("annotations"),
            metadata.and_then(|node| node.get("annotations")),
            findings,
        );
    }
    let nodes = template.spec().and_then(|spec| spec.get("nodeSelector"));
    judge(subject, &template.at("spec.nodeSelector"), nodes, findings);
}

fn judge(subject: &Subject, path: &str, labels: Option<&Node>, findings: &mut Findings) {
    keys(subject, path, labels, findings);
    for entry in labels.map(Node::entries).unwrap_or_default() {
        let Some(value) = entry.value.as_str() else { continue };
        let errors = label_value_errors(value);
        let Some(first) = errors.first() else { continue };
        let mut diagnostic = Diagnostic::new(msg!("invalid-label"), Severity::Error, entry.value.span)
            .arg("key", &entry.key)
            .arg("value", value);
        if let Some(mended) = mended(value) {
            let edits = vec![Edit::replace(entry.value.span, crate::api::layout::scalar(&mended))];
            diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", mended));
        }
        findings.invalid(subject.place, diagnostic, FieldError::invalid(path, value, first.clone()));
        errors[1..].iter().for_each(|more| {
            findings.errors.push((subject.place, FieldError::invalid(path, value, more.clone())));
        });
    }
}

fn keys(subject: &Subject, path: &str, labels: Option<&Node>, findings: &mut Findings) {
    for entry in labels.map(Node::entries).unwrap_or_default() {
        // The keys of annotations are judged in small letters, which only matters before the slash.
        let key = match path.ends_with("annotations") {
            true => Cow::Owned(entry.key.to_ascii_lowercase()),
            false => Cow::Borrowed(&*entry.key),
        };
        let errors = label_key_errors(&key);
        let Some(first) = errors.first() else { continue };
        let diagnostic = Diagnostic::new(msg!("invalid-label-key"), Severity::Error, entry.key_span)
            .arg("key", &entry.key);
        findings.invalid(subject.place, diagnostic, FieldError::invalid(path, &*entry.key, first.clone()));
        errors[1..].iter().for_each(|more| {
            findings.errors.push((subject.place, FieldError::invalid(path, &*entry.key, more.clone())));
        });
    }
}

/// A valid value: spaces and what else may not be there become hyphens.
fn mended(value: &str) -> Option<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let replaced: String = value.chars().map(plain).take(63).collect();
    let mended = replaced.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    (!mended.is_empty() && !value.contains("{{")).then_some(mended)
}
