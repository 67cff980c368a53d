//! A claim that one node, or one Pod, can have at a time, and Pods that want it all.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::Object;
use crate::api::subject::Findings;
use crate::api::world::{World, Written, replicas};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::Deployment, Kind::ReplicaSet], check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(count) = replicas(written.object).filter(|count| *count > 1) else { return };
    for volume in written.in_pod_spec(&["volumes"]).map(Node::items).unwrap_or_default() {
        let Some(node) = volume.get("persistentVolumeClaim").and_then(|claim| claim.get("claimName")) else {
            continue;
        };
        let Some(name) = node.as_str() else { continue };
        let claim = world.find(Kind::PersistentVolumeClaim, written.namespace(), name);
        let Some(Object::PersistentVolumeClaim(claim)) = claim else { continue };
        let only = |mode: &str| {
            !claim.spec.access_modes.is_empty() && claim.spec.access_modes.iter().all(|own| &**own == mode)
        };
        let (code, consequence) = if only("ReadWriteOncePod") {
            (msg!("claim-of-one-pod-shared"), msg!("others-stay-pending"))
        } else if only("ReadWriteOnce") {
            (msg!("claim-of-one-node-shared"), msg!("all-on-one-node"))
        } else {
            continue;
        };
        let diagnostic = Diagnostic::new(code, Severity::Warning, node.span)
            .arg("name", name)
            .arg("count", i64::from(count))
            .consequence(consequence);
        written.tell(diagnostic, findings);
    }
}
