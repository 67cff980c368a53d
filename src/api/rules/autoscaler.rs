//! A HorizontalPodAutoscaler whose bounds leave no room.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, NodeKind, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    if !subject.is(Kind::HorizontalPodAutoscaler) {
        return;
    }
    let bound = |name: &str| {
        let node = subject.get(&["spec", name])?;
        let NodeKind::Int(number) = node.kind else { return None };
        Some((number, node.span))
    };
    let mut below = |(number, span): (i64, crate::manifest::Span), field: &str, least: i64, why: &str| {
        let diagnostic = Diagnostic::new(msg!("below-least"), Severity::Error, span)
            .arg("field", field)
            .arg("value", number)
            .arg("least", least);
        let path = format!("spec.{field}");
        let error = match number {
            0 if field == "maxReplicas" => FieldError::required(path, "must be set and greater than 0"),
            number => FieldError::invalid(path, number, why),
        };
        findings.invalid(subject.place, diagnostic, error);
    };
    let (least, most) = (bound("minReplicas"), bound("maxReplicas"));
    if let Some(least) = least.filter(|(number, _)| *number < 0) {
        below(least, "minReplicas", 0, "must be greater than or equal to 0");
    }
    if let Some(most) = most.filter(|(number, _)| *number < 1) {
        below(most, "maxReplicas", 1, "must be greater than or equal to 1");
    }
    if let (Some((least, _)), Some((most, span))) = (least, most)
        && most < least
    {
        let diagnostic = Diagnostic::new(msg!("autoscaler-without-room"), Severity::Error, span)
            .arg("least", least)
            .arg("most", most);
        let why = "must be greater than or equal to `minReplicas`";
        findings.invalid(subject.place, diagnostic, FieldError::invalid("spec.maxReplicas", most, why));
    }
}
