//! A claim that a Pod mounts and that is not there.

use super::{Check, MAKERS, Rule};
use crate::api::kinds::Kind;
use crate::api::layout::scalar;
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Edit, Fix, Node};
use crate::msg;
use crate::schema::nearest;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let volumes = written.in_pod_spec(&["volumes"]).map(Node::items).unwrap_or_default();
    for volume in volumes {
        let node = volume.get("persistentVolumeClaim").and_then(|claim| claim.get("claimName"));
        let Some((node, name)) = node.and_then(|node| Some((node, node.as_str()?))) else { continue };
        let kind = Kind::PersistentVolumeClaim;
        if name.is_empty() || world.has(kind, written.namespace(), name) || is_of_template(written, volume) {
            continue;
        }
        let mut diagnostic =
            Diagnostic::new(msg!("claim-missing"), world.missing(kind, written.namespace()), node.span)
                .arg("name", name)
                .arg("namespace", written.namespace())
                .consequence(msg!("pod-waits-for-claim"));
        let here = world.all(kind).filter(|(namespace, ..)| *namespace == written.namespace());
        if let Some(near) = nearest(name, here.map(|(_, name, _)| name)).filter(|near| near.unique) {
            let edits = vec![Edit::replace(node.span, scalar(near.name))];
            diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
        }
        written.tell(diagnostic, findings);
    }
}

/// A StatefulSet puts a claim of its own in the place of a volume that has the name of one of its templates.
fn is_of_template(written: &Written, volume: &Node) -> bool {
    let templates =
        written.subject.get(&["spec", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default();
    let named = |node: &Node| {
        node.get("metadata").and_then(|meta| meta.get("name")).and_then(Node::as_str).map(str::to_owned)
    };
    let own = volume.get("name").and_then(Node::as_str);
    templates.iter().any(|template| named(template).as_deref() == own)
}
