//! `kubectl rollout restart`: an annotation in the template, so that every Pod is replaced.

use super::{Verb, change};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{is, text};
use crate::kubectl::resources::Info;

pub(super) const VERB: Verb = Verb { name: "rollout restart", aliases: &[], run };

/// Where the time of the restart stands.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

fn run(kubectl: &mut Kubectl) -> Outcome {
    let already = |info: &Info| {
        Problem::Own(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please \
             wait before attempting to trigger another",
            info.name
        ))
    };
    change(kubectl, "restarted", already, |kubectl, value| {
        let restarts = [Kind::Deployment, Kind::DaemonSet, Kind::StatefulSet];
        if !restarts.iter().any(|kind| kind.info().name == text(value, &["kind"])) {
            return Err("restarting is not supported".to_owned());
        }
        if is(value, &["spec", "paused"]) {
            return Err("can't restart paused deployment (run rollout resume first)".to_owned());
        }
        let now = kubectl.shell.ask.rfc3339();
        let mut value = value.clone();
        value.set(&["spec", "template", "metadata", "annotations", RESTARTED_AT], now);
        Ok(value)
    })
}
