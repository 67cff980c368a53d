//! `kubectl create configmap`.

use super::data::{Words, read};
use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;

pub(super) const VERB: Verb = Verb { name: "create configmap", aliases: &["create cm"], run };

const WORDS: Words = Words {
    invalid: |key, why| format!("\"{key}\" is not a valid key name for a ConfigMap: {why}"),
    twice: |key, name| {
        format!(
            "cannot add key \"{key}\", another key by that name already exists in Data for ConfigMap \"{name}\""
        )
    },
};

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let data = read(kubectl, &name, &WORDS)?;
    let mut value = new(kubectl, Kind::ConfigMap, &name);
    if !data.is_empty() {
        value.set(&["data"], object(data));
    }
    send(kubectl, Kind::ConfigMap, value, |status| {
        Problem::Own(format!("failed to create configmap: {}", status.message))
    })
}
