//! `kubectl create token`: a token of a ServiceAccount. It is signed by nobody.

use super::secret::base64;
use super::{Verb, one_name};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::fields::{object, text};
use crate::value::{Value, json};

pub(super) const VERB: Verb = Verb { name: "create token", aliases: &[], run };

/// An hour, in seconds.
const DURATION: u64 = 3_600;

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let is_given = |flag| kubectl.arguments.text(flag).is_some();
    for flag in ["bound-object-name", "bound-object-uid"] {
        if is_given(flag) && !is_given("bound-object-kind") {
            let why = format!("--{flag} can only be set if --bound-object-kind is provided");
            return Err(kubectl.fail(why));
        }
    }
    let key = kubectl.key(Kind::ServiceAccount, name);
    let namespace = key.namespace.clone();
    let account = match kubectl.get(key)? {
        Ok(account) => account,
        Err(status) => {
            return Err(kubectl.fail(format!("failed to create token: {}", status.message)));
        }
    };
    let name = text(&account, &["metadata", "name"]).to_owned();
    let seconds = kubectl.arguments.time("duration").map_or(DURATION, |time| time / 1_000_000);
    let now = kubectl.shell.ask.unix_micros() / 1_000_000;
    let issuer = "https://kubernetes.default.svc.cluster.local";
    let mut claims = object([("iss", issuer)]);
    let audience = kubectl.arguments.text("audience").map_or(issuer, |audience| audience).to_owned();
    claims.set(&["aud"], vec![Value::from(audience)]);
    claims.set(&["exp"], (now + seconds) as i64);
    claims.set(&["iat"], now as i64);
    claims.set(&["nbf"], now as i64);
    claims.set(&["kubernetes.io", "namespace"], namespace.clone());
    claims.set(&["kubernetes.io", "serviceaccount", "name"], name.clone());
    claims.set(&["kubernetes.io", "serviceaccount", "uid"], text(&account, &["metadata", "uid"]));
    claims.set(&["sub"], format!("system:serviceaccount:{namespace}:{name}"));
    let header = r#"{"alg":"RS256","kid":"podium"}"#;
    let signature: Vec<u8> = (0..32).flat_map(|_| kubectl.shell.chance().to_be_bytes()).collect();
    let parts = [header.as_bytes(), json::compact(&claims).as_bytes(), &signature].map(url_safe);
    kubectl.line(&parts.join("."));
    Ok(())
}

/// Base64 as it stands in addresses, without padding.
fn url_safe(bytes: &[u8]) -> String {
    base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}
