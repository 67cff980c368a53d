//! A claim that no volume fits, or whose class is not there: it waits for ever. So do those that a StatefulSet makes.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::{Object, PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::api::subject::Findings;
use crate::api::volumes::{NO_PROVISIONER, satisfies};
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Node, Severity, Span};
use crate::msg;

const KINDS: &[Kind] = &[Kind::PersistentVolumeClaim, Kind::StatefulSet];

pub(super) const RULE: Rule = Rule { check: Check::Among(KINDS, check) };

/// What says of a class that it is the default.
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// A claim as it is written: where, and the place that stands for what it does not say.
struct At<'a> {
    node: &'a Node,
    span: Span,
}

impl At<'_> {
    fn span(&self, way: &[&str]) -> Span {
        let (mut node, mut span) = (self.node, self.span);
        for key in way {
            let Some(entry) = node.entry(key) else { break };
            (node, span) = (&entry.value, entry.key_span);
        }
        span
    }
}

fn check(world: &World, written: &Written, findings: &mut Findings) {
    match written.object {
        Object::PersistentVolumeClaim(claim) => {
            let at = At { node: &written.subject.root, span: written.span(&[]) };
            claimed(world, written, (claim, &at), findings);
        }
        Object::StatefulSet(set) => {
            let way = ["spec", "volumeClaimTemplates"];
            let templates = written.subject.get(&way).map(Node::items).unwrap_or_default();
            for (claim, node) in set.spec.volume_claim_templates.iter().zip(templates) {
                // The claim of its first Pod is taken where it is there already.
                let first = format!("{}-{}-0", claim.metadata.name, set.metadata.name);
                if world.has(Kind::PersistentVolumeClaim, written.namespace(), &first) {
                    continue;
                }
                let at = At { node, span: written.span(&way) };
                claimed(world, written, (claim, &at), findings);
            }
        }
        _ => {}
    }
}

fn claimed(
    world: &World,
    written: &Written,
    (claim, at): (&PersistentVolumeClaim, &At),
    findings: &mut Findings,
) {
    let makes = |class: &StorageClass| &*class.provisioner != NO_PROVISIONER;
    let made = match &claim.spec.storage_class_name {
        Some(class) => match world.find(Kind::StorageClass, "", class) {
            Some(Object::StorageClass(class)) => makes(class),
            _ => false,
        },
        // Which class is the default is only known where the cluster is.
        None if world.nodes().is_empty() => true,
        None => world.all(Kind::StorageClass).any(|(.., object)| {
            let class = object.and_then(Object::get::<StorageClass>);
            class.is_none_or(|class| {
                makes(class)
                    && class.metadata.annotations.get(DEFAULT).is_some_and(|value| &**value == "true")
            })
        }),
    };
    // What is written as a volume of that class is for such claims.
    let volumes: Vec<&PersistentVolume> = world
        .all(Kind::PersistentVolume)
        .filter_map(|(.., object)| object?.get::<PersistentVolume>().map(|volume| &**volume))
        .filter(|volume| volume.class() == claim.class())
        .collect();
    if made || volumes.iter().any(|volume| satisfies(volume, claim).is_ok()) {
        return;
    }
    if let Some(volume) = volumes.first() {
        return unfit(written, volume, (claim, at), findings);
    }
    let class = at.node.get("spec").and_then(|spec| spec.get("storageClassName"));
    let span = class.map_or_else(|| at.span(&["spec"]), |node| node.span);
    let diagnostic = match &claim.spec.storage_class_name {
        None => Diagnostic::new(msg!("claim-without-class"), Severity::Warning, span),
        Some(class) if !class.is_empty() && !world.has(Kind::StorageClass, "", class) => {
            // Where no class is known it may well come from elsewhere.
            let knows = world.all(Kind::StorageClass).next().is_some() || !world.nodes().is_empty();
            let severity = if knows { Severity::Warning } else { Severity::Hint };
            Diagnostic::new(msg!("storage-class-missing"), severity, span).arg("name", class)
        }
        Some(_) => return,
    };
    written.tell(diagnostic.consequence(msg!("claim-stays-pending")), findings);
}

fn unfit(
    written: &Written,
    volume: &PersistentVolume,
    (claim, at): (&PersistentVolumeClaim, &At),
    findings: &mut Findings,
) {
    let Err(why) = satisfies(volume, claim) else { return };
    let way: &[&str] = match &*why {
        "requested PV is too small" => &["spec", "resources", "requests", "storage"],
        "incompatible accessMode" => &["spec", "accessModes"],
        _ => &["spec"],
    };
    let diagnostic = Diagnostic::new(msg!("claim-fits-no-volume"), Severity::Warning, at.span(way))
        .arg("volume", &volume.metadata.name)
        .arg("problem", why)
        .consequence(msg!("claim-stays-pending"));
    written.tell(diagnostic, findings);
}
