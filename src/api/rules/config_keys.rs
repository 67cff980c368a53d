//! Keys of ConfigMaps and Secrets that could not be files.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::names::config_key_errors;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let fields: &[&str] = match subject.kind {
        Some(Kind::ConfigMap) => &["data", "binaryData"],
        Some(Kind::Secret) => &["data", "stringData"],
        _ => return,
    };
    for field in fields {
        for entry in subject.get(&[*field]).map(Node::entries).unwrap_or_default() {
            // The server has moved what stands under stringData when it looks.
            let place = if *field == "stringData" { "data" } else { *field };
            let path = format!("{place}[{}]", entry.key);
            if let Some(first) = config_key_errors(&entry.key).first() {
                let mut diagnostic =
                    Diagnostic::new(msg!("invalid-config-key"), Severity::Error, entry.key_span)
                        .arg("key", &entry.key);
                if let Some(mended) = mended(&entry.key) {
                    let edits = vec![Edit::replace(entry.key_span, mended.clone())];
                    diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", mended));
                }
                findings.invalid(
                    subject.place,
                    diagnostic,
                    FieldError::invalid(path, &*entry.key, first.clone()),
                );
            } else if *field == "data"
                && subject.is(Kind::ConfigMap)
                && subject.get(&["binaryData", &entry.key]).is_some()
            {
                let diagnostic =
                    Diagnostic::new(msg!("same-config-key-twice"), Severity::Error, entry.key_span)
                        .arg("key", &entry.key);
                let why = "duplicate of key present in binaryData";
                findings.invalid(subject.place, diagnostic, FieldError::invalid(path, &*entry.key, why));
            }
        }
    }
}

/// A valid key: hyphens for what may not be there.
fn mended(key: &str) -> Option<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let mended: String = key.chars().map(plain).take(253).collect();
    let written = crate::api::layout::scalar(&mended);
    (config_key_errors(&mended).is_empty() && !key.contains("{{")).then_some(written)
}
