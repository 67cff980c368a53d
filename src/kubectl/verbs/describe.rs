//! `kubectl describe` (upstream: kubectl `cmd/describe`).

use super::Verb;
use crate::cluster::request::{Reason, Request};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::resources::{Finder, Info, Infos};
use crate::value::Str;

pub(super) const VERB: Verb = Verb { name: "describe", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    if words.is_empty() && kubectl.arguments.text("filename").is_none() {
        let why = "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete \
                   list of supported resources.";
        return Err(kubectl.fail(why.to_owned()));
    }
    let mut found = kubectl.find(&words, Finder { kind_means_all: true, reads: true, one_kind: false })?;
    let is_missing = |problem: &Problem| matches!(problem, Problem::Server(_, status) if status.reason == Reason::NotFound);
    if words.len() == 2 && found.problems.iter().any(is_missing) {
        by_prefix(kubectl, &words, &mut found)?;
    }
    let shows_events = match kubectl.arguments.text("show-events") {
        Some(_) => kubectl.arguments.is("show-events"),
        None => found.infos.len() == 1 && found.problems.is_empty(),
    };
    let mut is_first = true;
    for info in &found.infos {
        // Each object is read again by what tells it.
        match kubectl.ask_object(Request::get(info.key()))? {
            Ok(value) => {
                let told = kubectl.describe(info, &value, shows_events)?;
                let gap = if std::mem::take(&mut is_first) { "" } else { "\n\n" };
                kubectl.print(&format!("{gap}{told}"));
            }
            Err(status) => found.problems.push(status.into()),
        }
    }
    if found.infos.is_empty() && found.problems.is_empty() {
        if kubectl.arguments.is("all-namespaces") {
            kubectl.complain("No resources found");
        } else {
            let namespace = kubectl.namespace();
            kubectl.complain(&format!("No resources found in {namespace} namespace."));
        }
    }
    kubectl.fail_all(found.problems)
}

/// Where nothing has the name, what begins with it is meant.
fn by_prefix(kubectl: &mut Kubectl, words: &[Str], found: &mut Infos) -> Outcome {
    let all = kubectl.find(&words[..1], Finder { kind_means_all: true, reads: true, one_kind: true })?;
    let matching: Vec<Info> =
        all.infos.into_iter().filter(|info| info.name.starts_with(&*words[1])).collect();
    if !matching.is_empty() {
        found.problems.clear();
        found.infos = matching;
    }
    Ok(())
}
