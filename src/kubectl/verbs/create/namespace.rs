//! `kubectl create namespace`.

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "create namespace", aliases: &["create ns"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let mut value = new(kubectl, Kind::Namespace, &name);
    value.set(&["spec"], Value::object());
    value.set(&["status"], Value::object());
    send(kubectl, Kind::Namespace, value, Problem::from)
}
