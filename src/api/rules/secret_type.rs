//! Keys that a type of Secret has to have.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

/// By type, the keys that all have to be there.
const KEYS: &[(&str, &[&str])] = &[
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
];

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(node) = subject.get(&["type"]).filter(|_| subject.is(Kind::Secret)) else { return };
    let kind = node.as_str().unwrap_or("");
    let Some((_, keys)) = KEYS.iter().find(|(name, _)| *name == kind) else { return };
    let has = |key: &str| ["data", "stringData"].iter().any(|field| subject.get(&[*field, key]).is_some());
    for key in keys.iter().filter(|key| !has(key)) {
        let path = format!("data[{key}]");
        if subject.is_doubtful("data") || subject.is_doubtful("stringData") {
            continue;
        }
        let holder = subject.root.entry("data").or(subject.root.entry("stringData"));
        let span = holder.map_or(node.span, |entry| entry.key_span);
        let diagnostic = Diagnostic::new(msg!("secret-key-missing"), Severity::Error, span)
            .arg("key", *key)
            .arg("kind", kind);
        findings.invalid(subject.place, diagnostic, FieldError::required(path, ""));
    }
}
