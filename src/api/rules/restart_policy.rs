//! `restartPolicy` that the kind of a Pod's owner does not allow.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::layout::insert_first;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity, Span};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    let Some(spec) = template.spec() else { return };
    let path = template.at("spec.restartPolicy");
    if subject.is_doubtful(&path) {
        return;
    }
    let written = spec.get("restartPolicy");
    let word = written.and_then(Node::as_str).filter(|word| !word.is_empty());
    let is_text = written.is_none_or(|node| matches!(node.kind, NodeKind::Null | NodeKind::String(_)));
    let ends = !matches!(word, None | Some("Always"));
    match subject.kind {
        Some(Kind::Job | Kind::CronJob) if !ends && is_text => job(subject, spec, written, path, findings),
        Some(
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicationController,
        ) => {
            let (Some(node), Some(word @ ("Never" | "OnFailure"))) = (written, word) else { return };
            let edits = vec![Edit::replace(node.span, "Always")];
            let diagnostic =
                Diagnostic::new(msg!("restart-policy-of-controller"), Severity::Error, node.span)
                    .arg("kind", &subject.kind_name)
                    .arg("value", word)
                    .fix(Fix::new(msg!("fix-change-to"), edits).arg("to", "Always"));
            findings.invalid(subject.place, diagnostic, FieldError::unsupported(path, word, &["Always"]));
        }
        _ => {}
    }
}

/// A Job's Pods end: they cannot always be restarted, which is what they would be unless it is said otherwise.
fn job(subject: &Subject, spec: &Node, written: Option<&Node>, path: String, findings: &mut Findings) {
    let span = match (written, spec.entries().first()) {
        (Some(node), _) if !node.span.is_empty() => node.span,
        (_, Some(first)) => first.key_span,
        _ => Span::at(spec.span.start as usize),
    };
    let mut diagnostic =
        Diagnostic::new(msg!("restart-policy-of-job"), Severity::Error, span).arg("kind", &subject.kind_name);
    for word in ["OnFailure", "Never"] {
        let line = format!("restartPolicy: {word}");
        let edit = match written {
            Some(node) if !node.span.is_empty() => Some(Edit::replace(node.span, word)),
            Some(node) => Some(Edit::insert(node.span.start as usize, format!(" {word}"))),
            None => insert_first(subject.text, spec, &line),
        };
        if let Some(edit) = edit {
            diagnostic = diagnostic.fix(Fix::new(msg!("fix-write-as"), vec![edit]).arg("to", line));
        }
    }
    let error = FieldError::required(path, "valid values: \"OnFailure\", \"Never\"");
    findings.invalid(subject.place, diagnostic, error);
}
