//! `kubectl top`. There is no metrics server here, which is what a new cluster says too.

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome};

pub(super) const POD: Verb = Verb { name: "top pod", aliases: &["top pods", "top po"], run };

pub(super) const NODE: Verb = Verb { name: "top node", aliases: &["top nodes", "top no"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    Err(kubectl.fail("Metrics API not available".to_owned()))
}
