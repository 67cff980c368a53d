//! `kubectl set resources` (upstream: `set_resources.go`).

use super::{Verb, change, each_container, find, no_template, pod_spec};
use crate::api::quantity::Quantity;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::value::Str;

pub(super) const VERB: Verb = Verb { name: "set resources", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let (infos, problems) = find(kubectl, &words)?;
    if kubectl.arguments.is("all") && kubectl.arguments.text("selector").is_some() {
        return Err(kubectl.fail("cannot set --all and --selector at the same time".to_owned()));
    }
    let given = |flag| kubectl.arguments.text(flag).cloned().filter(|text| !text.is_empty());
    let (limits, requests) = (given("limits"), given("requests"));
    if limits.is_none() && requests.is_none() {
        let why = "you must specify an update to requests or limits (in the form of --requests/--limits)";
        return Err(kubectl.fail(why.to_owned()));
    }
    let read = |text: &Option<Str>| text.as_ref().map_or(Ok(Vec::new()), |text| amounts(text));
    let (limits, requests) = match (read(&limits), read(&requests)) {
        (Ok(limits), Ok(requests)) => (limits, requests),
        (Err(why), _) | (_, Err(why)) => return Err(kubectl.fail(why)),
    };
    change(
        kubectl,
        &infos,
        problems,
        ("resource requirements updated", "failed to patch resources update to pod template"),
        |kubectl, before, problems| {
            let Some(path) = pod_spec(before) else { return Ok(Err(no_template(before))) };
            let mut after = before.clone();
            let is_found = each_container(kubectl, &mut after, path, |container| {
                for (field, amounts) in [("limits", &limits), ("requests", &requests)] {
                    for (name, amount) in amounts {
                        container.set(&["resources", field, name], amount.clone());
                    }
                }
            });
            if !is_found {
                let pattern = kubectl.arguments.text("containers").cloned().unwrap_or_default();
                problems.push(Problem::Own(format!("error: unable to find container named {pattern}")));
            }
            Ok(Ok(after))
        },
    )
}

/// `cpu=100m,memory=256Mi`
fn amounts(text: &str) -> Result<Vec<(Str, String)>, String> {
    let amount = |part: &str| {
        let (name, amount) = part
            .split_once('=')
            .filter(|(_, amount)| !amount.contains('='))
            .ok_or_else(|| format!("invalid argument syntax {part}, expected <resource>=<value>"))?;
        let amount = Quantity::parse(amount).map_err(str::to_owned)?;
        Ok((Str::from(name), amount.to_string()))
    };
    text.split(',').map(amount).collect()
}
