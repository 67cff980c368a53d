//! Values under a Secret's `data` that are not base64.

use super::{Check, Rule};
use crate::api::subject::{Findings, Mended, Misfit};
use crate::manifest::{Diagnostic, Edit, Fix, Severity};
use crate::msg;
use crate::schema::Type;

pub(super) const RULE: Rule = Rule { check: Check::Misfit(check) };

fn check(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    let text = misfit.node.as_str().filter(|_| *misfit.ty == Type::Bytes)?;
    let at = crate::api::go::check_base64(text).err()?;
    let edits = vec![Edit::replace(misfit.node.span, encode(text.as_bytes()))];
    let diagnostic = Diagnostic::new(msg!("not-base64"), Severity::Error, misfit.node.span)
        .arg("key", misfit.entry.map_or("", |entry| &entry.key))
        .fix(Fix::new(msg!("fix-encode-base64"), edits));
    findings.refused(misfit.place, diagnostic, format!("illegal base64 data at input byte {at}"));
    Some(Mended::Doubtful)
}

/// Base64 with padding.
fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            let letter = DIGITS.get(value as usize).copied().unwrap_or(b'A');
            out.push(if digit <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded() {
        for (text, expected) in
            [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("hunter2!", "aHVudGVyMiE=")]
        {
            assert_eq!(encode(text.as_bytes()), expected, "{text}");
        }
    }
}
