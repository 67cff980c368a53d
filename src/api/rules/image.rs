//! Images that no registry could have: the API server takes them, the kubelet does not. And tags of well-known images that
//! none of theirs is.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Findings, Subject};
use crate::api::tags;
use crate::manifest::{Diagnostic, Edit, Fix, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    for container in template.containers() {
        let Some(node) = container.node.get("image") else { continue };
        let Some(image) = node.as_str().filter(|image| !image.is_empty()) else { continue };
        let trimmed = image.trim();
        let mut diagnostic =
            Diagnostic::new(msg!("invalid-image"), Severity::Error, node.span).arg("image", image);
        if trimmed != image {
            if is_reference(trimmed) {
                let edits = vec![Edit::replace(node.span, crate::api::layout::scalar(trimmed))];
                diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", trimmed));
            }
            let path = format!("{}.image", container.path());
            let error = FieldError::invalid(path, image, "must not have leading or trailing whitespace");
            findings.invalid(subject.place, diagnostic, error);
        } else if !is_reference(image) {
            diagnostic.severity = Severity::Warning;
            if let Some(meant) = meant(image) {
                let edits = vec![Edit::replace(node.span, meant.clone())];
                diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", meant));
            }
            findings.report(subject.place, diagnostic.consequence(msg!("image-not-pulled")));
        } else if tags::is_missing(image) {
            let diagnostic = Diagnostic::new(msg!("image-tag-unknown"), Severity::Warning, node.span);
            let diagnostic = diagnostic.arg("image", image).consequence(msg!("image-not-there"));
            findings.report(subject.place, diagnostic);
        }
    }
}

/// What was meant: the repository in small letters.
fn meant(image: &str) -> Option<String> {
    let slash = image.rfind('/').map_or(0, |at| at + 1);
    let name_end = image[slash..].find([':', '@']).map_or(image.len(), |at| slash + at);
    let (name, rest) = image.split_at(name_end);
    let lower = format!("{}{rest}", name.to_ascii_lowercase());
    is_reference(&lower).then_some(lower)
}

/// Whether it is a reference to an image, as the grammar of `distribution/reference` has it:
/// `[domain[:port]/]path[:tag][@digest]`.
pub(crate) fn is_reference(image: &str) -> bool {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return false;
    }
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name[last..].find(':') {
        Some(at) => (&name[..last + at], Some(&name[last + at + 1..])),
        None => (name, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) || name.is_empty() || name.len() > 255 {
        return false;
    }
    let mut parts: Vec<&str> = name.split('/').collect();
    // The first part is a domain where it looks like one.
    let has_domain = parts.len() > 1
        && parts.first().is_some_and(|first| {
            first.contains(['.', ':'])
                || *first == "localhost"
                || first.bytes().any(|byte| byte.is_ascii_uppercase())
        });
    if has_domain && !is_domain(parts.remove(0)) {
        return false;
    }
    !parts.is_empty() && parts.iter().all(|part| is_component(part))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
            && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
            && hex.len() >= 32
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (domain, None),
    };
    let is_part = |part: &str| {
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        edge(part.bytes().next())
            && edge(part.bytes().last())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.split('.').all(is_part)
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Small letters and digits, with `.`, `_`, `__` or hyphens between them.
fn is_component(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends =
        bytes.first().is_some_and(|byte| plain(*byte)) && bytes.last().is_some_and(|byte| plain(*byte));
    ends && part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).all(|separator| {
        matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_judged_as_the_kubelet_judges() {
        for (image, expected) in [
            ("nginx", true),
            ("nginx:1.27", true),
            ("library/nginx:1.27-alpine", true),
            ("registry.k8s.io/pause:3.10", true),
            ("localhost:5000/a/b_c/d__e/f--g:v1", true),
            ("nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true),
            ("Nginx", false),
            ("nginx:", false),
            ("nginx:1.27:2", false),
            ("nginx latest", false),
            ("a//b", false),
            ("-nginx", false),
            ("nginx@sha256:12", false),
            ("{{ .Values.image }}", false),
        ] {
            assert_eq!(is_reference(image), expected, "{image}");
        }
        assert_eq!(meant("Nginx:1.27-Alpine").as_deref(), Some("nginx:1.27-Alpine"));
    }
}
