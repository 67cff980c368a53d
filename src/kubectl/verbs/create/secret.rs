//! `kubectl create secret generic|tls|docker-registry`.

use super::data::{Words, read};
use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::value::{Map, Str, Value};

pub(super) const GENERIC: Verb = Verb { name: "create secret generic", aliases: &[], run };

pub(super) const TLS: Verb = Verb { name: "create secret tls", aliases: &[], run: tls };

pub(super) const DOCKER_REGISTRY: Verb =
    Verb { name: "create secret docker-registry", aliases: &[], run: docker_registry };

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

/// Sends a Secret of a type with its data.
fn send_typed(kubectl: &mut Kubectl, name: &Str, kind: &str, data: &[(&str, &str)]) -> Outcome {
    let mut value = new(kubectl, Kind::Secret, name);
    value.set(&["data"], object(data.iter().map(|(key, text)| (Str::from(*key), base64(text.as_bytes())))));
    value.set(&["type"], kind);
    send(kubectl, Kind::Secret, value, |status| {
        Problem::Own(format!("failed to create secret {}", status.message))
    })
}

fn tls(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let given = |flag| kubectl.arguments.text(flag).cloned().filter(|text: &Str| !text.is_empty());
    let (Some(cert), Some(key)) = (given("cert"), given("key")) else {
        return Err(kubectl.fail("key and cert must be specified".to_owned()));
    };
    let mut texts = Vec::new();
    for file in [&cert, &key] {
        match kubectl.shell.read(file) {
            Ok(text) => texts.push(text),
            Err(why) => {
                return Err(kubectl.fail(format!("open {file}: {}", why.to_ascii_lowercase())));
            }
        }
    }
    for (text, what) in texts.iter().zip(["certificate", "key"]) {
        if !text.contains("-----BEGIN ") {
            return Err(kubectl.fail(format!("tls: failed to find any PEM data in {what} input")));
        }
    }
    send_typed(kubectl, &name, "kubernetes.io/tls", &[("tls.crt", &texts[0]), ("tls.key", &texts[1])])
}

fn docker_registry(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let text = |flag| kubectl.arguments.text(flag).cloned().unwrap_or_default();
    let (user, password, email) = (text("docker-username"), text("docker-password"), text("docker-email"));
    if user.is_empty() || password.is_empty() {
        let why = "either --from-file or the combination of --docker-username, --docker-password and \
            --docker-server is required";
        return Err(kubectl.fail(why.to_owned()));
    }
    let server = match text("docker-server") {
        server if server.is_empty() => "https://index.docker.io/v1/".into(),
        server => server,
    };
    let auth = base64(format!("{user}:{password}").as_bytes());
    // In the order of the fields of the struct that upstream writes.
    let mut entry = Map::new();
    entry.push("username", user);
    entry.push("password", password);
    if !email.is_empty() {
        entry.push("email", email);
    }
    entry.push("auth", auth);
    let mut config = Value::object();
    config.set(&["auths", &server], entry);
    let config = crate::value::json::compact_in_order(&config);
    send_typed(kubectl, &name, "kubernetes.io/dockerconfigjson", &[(".dockerconfigjson", &config)])
}

/// Bytes in base64, as Go's JSON writes them.
pub(crate) fn base64(bytes: &[u8]) -> String {
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

/// What a text in base64 stands for; nothing where it is none. Blanks do not count.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.bytes().filter(|c| !c.is_ascii_whitespace() && *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{base64, from_base64};

    #[test]
    fn bytes_are_written_in_base64() {
        for (text, expected) in [("", ""), ("b", "Yg=="), ("hi", "aGk="), ("hunter2", "aHVudGVyMg==")] {
            assert_eq!(base64(text.as_bytes()), expected);
            assert_eq!(from_base64(expected).as_deref(), Some(text.as_bytes()));
        }
    }
}
