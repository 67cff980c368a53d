//! `kubectl set selector` (upstream: `set_selector.go`). Only Services have one that can be set.

use super::{Verb, find, last_word};
use crate::api::Kind;
use crate::api::labels::{Operator, Selector};
use crate::api::patch::two_way;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{object, text};
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "set selector", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let Some((resources, expression)) = last_word(&kubectl.arguments.words) else {
        return Err(kubectl.fail("selector is required".to_owned()));
    };
    let selector = match Selector::parse(&expression) {
        Ok(selector) => selector,
        Err(why) => {
            return Err(kubectl.fail(format!("couldn't parse the selector string {expression:?}: {why}")));
        }
    };
    let mut labels = Vec::new();
    for requirement in selector.requirements() {
        match &requirement.operator {
            Operator::In(values) if values.len() == 1 => {
                labels.extend(values.first().map(|value| (requirement.key.clone(), value.clone())));
            }
            _ => {
                let why = format!("match expression {expression} not supported on this object");
                return Err(kubectl.fail(why));
            }
        }
    }
    let (infos, problems) = find(kubectl, &resources)?;
    kubectl.fail_all(problems)?;
    for info in &infos {
        if info.kind != Kind::Service {
            return Err(kubectl.fail("setting a selector is only supported for Services".to_owned()));
        }
        let before = info.value();
        let mut after = before.clone();
        after.set(&["spec", "selector"], object(labels.clone()));
        if kubectl.arguments.is("local") || kubectl.is_client_dry_run() {
            kubectl.report(&after, "selector updated")?;
            continue;
        }
        let mut patch = two_way(text(&before, &["apiVersion"]), text(&before, &["kind"]), &before, &after);
        if let Some(version) = kubectl.arguments.text("resource-version").cloned() {
            patch.set(&["metadata", "resourceVersion"], Value::from(version));
        }
        match kubectl.patch(info.key(), PatchKind::Strategic, patch, "kubectl-set")? {
            Ok(value) => kubectl.report(&value, "selector updated")?,
            Err(status) => return Err(kubectl.fail(Problem::from(status))),
        }
    }
    Ok(())
}
