//! `kubectl rollout pause` and `kubectl rollout resume`.

use super::{Verb, change};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{is, text};
use crate::value::Value;

pub(super) const PAUSE: Verb =
    Verb { name: "rollout pause", aliases: &[], run: |kubectl| set(kubectl, true) };

pub(super) const RESUME: Verb =
    Verb { name: "rollout resume", aliases: &[], run: |kubectl| set(kubectl, false) };

fn set(kubectl: &mut Kubectl, paused: bool) -> Outcome {
    let (done, unable) = if paused { ("paused", "pausing") } else { ("resumed", "resuming") };
    let already = |_: &_| Problem::Own(format!("already {done}"));
    change(kubectl, done, already, |_, value| {
        if text(value, &["kind"]) != Kind::Deployment.info().name {
            return Err(format!("{unable} is not supported"));
        }
        if is(value, &["spec", "paused"]) == paused {
            return Err(if paused { "is already paused" } else { "is not paused" }.to_owned());
        }
        let mut value = value.clone();
        if paused {
            value.set(&["spec", "paused"], true);
        } else {
            let mut spec = value.at(&["spec"]).cloned().unwrap_or_else(Value::object);
            spec.make_object().remove("paused");
            value.set(&["spec"], spec);
        }
        Ok(value)
    })
}
