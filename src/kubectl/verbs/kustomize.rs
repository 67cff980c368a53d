//! `kubectl kustomize` (upstream: sigs.k8s.io/kustomize `kustomize/commands/build`).

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::kustomize::build;

pub(super) const VERB: Verb = Verb { name: "kustomize", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = &kubectl.arguments.words;
    if words.len() > 1 {
        return Err(kubectl.fail("specify one path to kustomization.yaml".to_owned()));
    }
    let folder = words.first().cloned().unwrap_or_else(|| ".".into());
    match build(&kubectl.shell.files, &folder) {
        Ok(objects) => {
            objects.iter().for_each(|object| kubectl.document(object));
            Ok(())
        }
        Err(why) => Err(kubectl.fail(why)),
    }
}
