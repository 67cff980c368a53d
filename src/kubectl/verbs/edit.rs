//! `kubectl edit`. The editor here is `true`, which changes nothing.

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::resources::Finder;

pub(super) const VERB: Verb = Verb { name: "edit", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let found = kubectl.find(&words, Finder { kind_means_all: true, reads: true, one_kind: false })?;
    kubectl.fail_all(found.problems)?;
    if found.infos.is_empty() {
        return Err(kubectl.fail("edit cancelled, no objects found".to_owned()));
    }
    kubectl.complain("Edit cancelled, no changes made.");
    Ok(())
}
