//! Templates of Helm and its like, which are no YAML before they are rendered. Every marked line is told of.

use super::lines::Line;
use super::{Diagnostic, Severity, Span};
use crate::msg;

/// The code of the diagnostic.
pub(super) const CODE: &str = msg!("helm-template");

/// The diagnostic of the `{{ ... }}` at or just before `at`.
pub(super) fn diagnostic(text: &str, at: usize) -> Diagnostic {
    let line = Line::at(text, at);
    let start = mark(line.text).map_or(at, |found| line.start + found);
    let rest = text.get(start..line.end()).unwrap_or("");
    let length = rest.find("}}").map_or(rest.len(), |found| found + 2);
    let span = Span::new(start, start + length);
    Diagnostic::new(CODE, Severity::Error, span)
        .arg("template", span.slice(text))
        .consequence(msg!("template-is-rendered-first"))
}

/// Where the first `{{` of a line stands. More braces than two open no template.
pub(super) fn mark(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find("{{") {
        let (start, braces) =
            (from + found, text[from + found..].bytes().take_while(|byte| *byte == b'{').count());
        if braces == 2 {
            return Some(start);
        }
        from = start + braces;
    }
    None
}

/// Whether `{{` stands in the line where a value or a line begins, outside of quotes and comments.
pub(super) fn is_in(line: Line<'_>) -> bool {
    let Some(found) = mark(line.text) else { return false };
    let before = line.text.get(..found).unwrap_or("");
    !before.contains(['"', '\'', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_braces_open_a_template_and_no_other_number_of_them() {
        for (text, place) in [
            ("name: {{ .Values.name }}", Some(6)),
            ("{{- if .Values.on }}", Some(0)),
            ("{{{", None),
            ("a: {{{ x }}}", None),
            ("{{{ x }}} {{ y }}", Some(10)),
            ("{a: {b: c}}", None),
        ] {
            assert_eq!(mark(text), place, "{text}");
        }
        let of = |text: &str| crate::manifest::parse(text).diagnostics.iter().any(|found| found.code == CODE);
        assert!(of("name: {{ .Values.name }}\n"));
        assert!(!of("{{{\n"));
    }
}
