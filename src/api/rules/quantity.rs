//! Amounts that are none: `1GB`, `512MB`, `1 Gi`.

use super::{Check, Rule};
use crate::api::quantity::Quantity;
use crate::api::subject::{Findings, Mended, Misfit};
use crate::manifest::{Diagnostic, Edit, Fix, NodeKind, Severity};
use crate::msg;
use crate::schema::Type;

pub(super) const RULE: Rule = Rule { check: Check::Misfit(check) };

fn check(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    if *misfit.ty != Type::Quantity {
        return None;
    }
    let written = misfit.node.span.slice(misfit.text);
    let answer = match &misfit.node.kind {
        NodeKind::String(text) => Quantity::parse(text.trim()).err()?,
        _ => crate::api::quantity::FORMAT_ERROR,
    };
    let mut diagnostic = Diagnostic::new(msg!("invalid-quantity"), Severity::Error, misfit.node.span)
        .arg("value", misfit.node.as_str().unwrap_or(written));
    for meant in misfit.node.as_str().map(meant).unwrap_or_default() {
        let edits = vec![Edit::replace(misfit.node.span, meant.clone())];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", meant));
    }
    findings.refused(misfit.place, diagnostic, answer);
    Some(Mended::Doubtful)
}

/// What could have been meant: with powers of two first, which is how memory is counted.
fn meant(text: &str) -> Vec<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let split = compact.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(compact.len());
    let (number, suffix) = compact.split_at(split);
    let lower = suffix.to_ascii_lowercase();
    let letter =
        lower.trim_end_matches("byte").trim_end_matches("bytes").trim_end_matches('b').trim_end_matches('i');
    let suffixes: &[&str] = match (letter, lower.contains('i')) {
        ("k", false) => &["Ki", "k"],
        ("m", false) => &["Mi", "M"],
        ("g", false) => &["Gi", "G"],
        ("t", false) => &["Ti", "T"],
        ("p", false) => &["Pi", "P"],
        ("k", true) => &["Ki"],
        ("m", true) => &["Mi"],
        ("g", true) => &["Gi"],
        ("t", true) => &["Ti"],
        ("p", true) => &["Pi"],
        ("", _) => &[""],
        _ => &[],
    };
    let candidates = suffixes.iter().map(|suffix| format!("{number}{suffix}"));
    candidates.filter(|candidate| Quantity::parse(candidate).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_offered() {
        for (text, expected) in [
            ("1GB", &["1Gi", "1G"][..]),
            ("512mb", &["512Mi", "512M"]),
            ("1 Gi", &["1Gi"]),
            ("1GiB", &["1Gi"]),
            ("1K", &["1Ki", "1k"]),
            ("lots", &[]),
        ] {
            assert_eq!(meant(text), expected, "{text}");
        }
    }
}
