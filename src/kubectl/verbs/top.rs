//! `kubectl top`. There is no metrics server here, which is what a new cluster says too.

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome};

pub(super) const POD: Verb = Verb { name: "top pod", aliases: &["top pods", "top po"], run };

pub(super) const NODE: Verb = Verb { name: "top node", aliases: &["top nodes", "top no"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.len();
    if words > 1 {
        let usage = crate::kubectl::help::command(kubectl.verb.name).map_or("", |command| command.usage);
        let kind = kubectl.verb.name.rsplit(' ').next().unwrap_or_default();
        return Err(kubectl.misused(&format!("{kind} {usage}")));
    }
    if let Some(by) = kubectl.arguments.text("sort-by")
        && !matches!(&**by, "" | "cpu" | "memory")
    {
        return Err(kubectl.fail("--sort-by accepts only cpu or memory".to_owned()));
    }
    if words > 0 && kubectl.arguments.text("selector").is_some() {
        return Err(kubectl.fail("only one of NAME or --selector can be provided".to_owned()));
    }
    Err(kubectl.fail("Metrics API not available".to_owned()))
}
