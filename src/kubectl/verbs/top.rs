//! `kubectl top`. There is no metrics server here, which is what a new cluster says too.

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::flags::{Flag, Takes, flag, short};

const FLAGS: &[Flag] = &[
    short("all-namespaces", 'A', Takes::Switch),
    short("selector", 'l', Takes::Text),
    flag("containers", Takes::Switch),
    flag("no-headers", Takes::Switch),
    flag("sort-by", Takes::Text),
    flag("field-selector", Takes::Text),
    flag("sum", Takes::Switch),
];

pub(super) const POD: Verb = Verb { name: "top pod", aliases: &["top pods", "top po"], flags: FLAGS, run };

pub(super) const NODE: Verb = Verb { name: "top node", aliases: &["top nodes", "top no"], flags: FLAGS, run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    Err(kubectl.fail("Metrics API not available".to_owned()))
}
