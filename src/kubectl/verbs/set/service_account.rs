//! `kubectl set serviceaccount` (upstream: `set_serviceaccount.go`).

use super::{Verb, change, find, last_word, no_template, pod_spec};
use crate::kubectl::command::{Kubectl, Outcome};

pub(super) const VERB: Verb = Verb { name: "set serviceaccount", aliases: &["set sa"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let Some((resources, account)) = last_word(&kubectl.arguments.words) else {
        return Err(kubectl.fail("serviceaccount is required".to_owned()));
    };
    let (infos, problems) = find(kubectl, &resources)?;
    change(
        kubectl,
        &infos,
        problems,
        ("serviceaccount updated", "failed to patch ServiceAccountName"),
        |_, before, _| {
            let Some(path) = pod_spec(before) else { return Ok(Err(no_template(before))) };
            let mut after = before.clone();
            let path: Vec<&str> = path.iter().copied().chain(["serviceAccountName"]).collect();
            after.set(&path, account.clone());
            Ok(Ok(after))
        },
    )
}
