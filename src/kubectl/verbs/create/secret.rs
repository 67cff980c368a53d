//! `kubectl create secret generic`.

use super::data::{FROM_ENV_FILE, FROM_FILE, FROM_LITERAL, Words, read};
use super::{DRY_RUN, OUTPUT, SAVE_CONFIG, VALIDATE, Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::kubectl::flags::{Takes, flag};

pub(super) const VERB: Verb = Verb {
    name: "create secret generic",
    aliases: &[],
    flags: &[
        FROM_FILE,
        FROM_LITERAL,
        FROM_ENV_FILE,
        flag("type", Takes::Text),
        OUTPUT,
        DRY_RUN,
        SAVE_CONFIG,
        VALIDATE,
    ],
    run,
};

const WORDS: Words = Words {
    invalid: |key, why| format!("\"{key}\" is not valid key name for a Secret {why}"),
    twice: |key, _| format!("cannot add key {key}, another key by that name already exists"),
};

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let data = read(kubectl, &name, &WORDS)?;
    let mut value = new(kubectl, Kind::Secret, &name);
    if let Some(kind) = kubectl.arguments.text("type").filter(|kind| !kind.is_empty()) {
        let kind = kind.clone();
        value.set(&["type"], kind);
    }
    if !data.is_empty() {
        value.set(&["data"], object(data.iter().map(|(key, text)| (key.clone(), base64(text.as_bytes())))));
    }
    send(kubectl, Kind::Secret, value, |status| {
        Problem::Own(format!("failed to create secret {}", status.message))
    })
}

/// Bytes in base64, as Go's JSON writes them.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn bytes_are_written_in_base64() {
        for (text, expected) in [("", ""), ("b", "Yg=="), ("hi", "aGk="), ("hunter2", "aHVudGVyMg==")] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
