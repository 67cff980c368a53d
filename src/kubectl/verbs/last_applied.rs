//! `kubectl apply view-last-applied` (upstream: kubectl `cmd/apply/apply_view_last_applied.go`).

use super::Verb;
use super::apply::last_applied;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::resources::Finder;
use crate::value::{json, yaml};

pub(super) const VIEW: Verb = Verb { name: "apply view-last-applied", aliases: &[], run: view };

fn view(kubectl: &mut Kubectl) -> Outcome {
    let output = kubectl.arguments.text("output").map_or("yaml", |output| output).to_owned();
    if !matches!(&*output, "yaml" | "json") {
        let why = format!("Unexpected -o output mode: {output}, the flag 'output' must be one of yaml|json");
        return Err(kubectl.misused(&why));
    }
    let words = kubectl.arguments.words.clone();
    let kind_means_all = kubectl.arguments.is("all");
    let found = kubectl.find(&words, Finder { kind_means_all, reads: true, one_kind: false })?;
    let mut problems = found.problems;
    for info in &found.infos {
        let value = info.value();
        match last_applied(&value).map(json::parse) {
            Some(Ok(value)) if output == "json" => kubectl.line(&json::pretty(&value)),
            Some(Ok(value)) => kubectl.print(&yaml::print(&value)),
            Some(Err(why)) => problems.push(Problem::Own(why)),
            None => {
                let why =
                    format!("no last-applied-configuration annotation found on resource: {}", info.name);
                kubectl.complain(&why);
            }
        }
    }
    kubectl.fail_all(problems)
}
