//! What the API server's validation refuses and no other rule has told of.
//!
//! It comes last of the rules that look at one object.

use super::{Check, Rule};
use crate::api::field_error::{FieldError, Problem};
use crate::api::subject::{Findings, Subject};
use crate::api::validation;
use crate::manifest::{Diagnostic, Node, Severity, Span};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let errors = validation::errors(subject.kind, &subject.kind_name, subject.definition, &subject.value);
    for error in errors {
        let is_told = |(place, told): &(_, FieldError)| {
            let misses = matches!(told.problem, Problem::Required(_));
            let rest = error.path.strip_prefix(&told.path);
            *place == subject.place
                && rest.is_some_and(|rest| rest.is_empty() || (misses && rest.starts_with(['.', '['])))
        };
        let (span, is_written) = place_of(&subject.root, &error.path);
        // What follows from a mistake that was told: names that no longer fit, and what is filled in.
        let follows = match error.problem {
            Problem::Duplicate(_) | Problem::NotFound(_) => true,
            Problem::Invalid(..) | Problem::Unsupported(..) => !is_written,
            _ => false,
        };
        let is_seen = findings.diagnostics.iter().any(|(place, found)| {
            *place == subject.place
                && found.severity == Severity::Error
                && found.span.start <= span.start
                && span.end <= found.span.end
        });
        if (follows && findings.has_error(subject.place))
            || is_seen
            || subject.is_doubtful(&error.path)
            || findings.errors.iter().any(is_told)
        {
            continue;
        }
        let told = error.to_string();
        let problem = told.strip_prefix(&format!("{}: ", error.path)).unwrap_or(&told);
        let diagnostic = Diagnostic::new(msg!("refused-field"), Severity::Error, span)
            .arg("kind", &subject.kind_name)
            .arg("field", &*error.path)
            .arg("problem", problem);
        findings.invalid(subject.place, diagnostic, error);
    }
}

/// Where a path leads: its value, or the key of the last of it that is there. And whether all of it is there.
pub(crate) fn place_of(root: &Node, path: &str) -> (Span, bool) {
    let (mut node, mut span) = (root, root.entries().first().map_or(root.span, |entry| entry.key_span));
    // What all versions of a definition have alike the server has in one place, and nobody writes it there.
    let written = path.strip_prefix("spec.validation.").map(|rest| format!("spec.versions[0].schema.{rest}"));
    for step in written.as_deref().unwrap_or(path).split(['.', '[']) {
        let key = step.strip_suffix(']').unwrap_or(step);
        let item = key.parse::<usize>().ok().and_then(|index| node.items().get(index));
        let entry = node.entry(key);
        let Some(next) = item.or(entry.map(|entry| &entry.value)) else { return (span, false) };
        let first = next.entries().first().map_or(next.span, |entry| entry.key_span);
        // A whole mapping is too much to mark.
        span = match entry {
            Some(entry) if !next.entries().is_empty() || !next.items().is_empty() => entry.key_span,
            None => first,
            Some(entry) if next.is_null() => entry.key_span,
            Some(_) => next.span,
        };
        node = next;
    }
    (span, true)
}
