//! Templates of Helm and its like, which are no YAML before they are rendered. Every marked line is told of.

use super::lines::Line;
use super::{Diagnostic, Severity, Span};
use crate::msg;

/// The code of the diagnostic.
pub(super) const CODE: &str = msg!("helm-template");

/// The diagnostic of the `{{ ... }}` at or just before `at`.
pub(super) fn diagnostic(text: &str, at: usize) -> Diagnostic {
    let line = Line::at(text, at);
    let start = line.text.find("{{").map_or(at, |found| line.start + found);
    let rest = text.get(start..line.end()).unwrap_or("");
    let length = rest.find("}}").map_or(rest.len(), |found| found + 2);
    let span = Span::new(start, start + length);
    Diagnostic::new(CODE, Severity::Error, span)
        .arg("template", span.slice(text))
        .consequence(msg!("template-is-rendered-first"))
}

/// Whether `{{` stands in the line where a value or a line begins, outside of quotes and comments.
pub(super) fn is_in(line: Line<'_>) -> bool {
    let Some(found) = line.text.find("{{") else { return false };
    let before = line.text.get(..found).unwrap_or("");
    !before.contains(['"', '\'', '#'])
}
