//! Two Services that want the same port of every node.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::Object;
use crate::api::subject::Findings;
use crate::api::world::World;
use crate::manifest::{Diagnostic, Node, NodeKind, Severity};
use crate::msg;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

fn check(world: &World, findings: &mut Findings) {
    let mut taken: BTreeMap<(i64, String), (&str, &str)> = BTreeMap::new();
    // What the cluster holds comes first, but for what is written anew; then the files in their order.
    for object in world.existing {
        let Object::Service(service) = object else { continue };
        let (namespace, name) = (&*service.metadata.namespace, &*service.metadata.name);
        let stays = world.find(Kind::Service, namespace, name).is_some_and(|now| std::ptr::eq(now, object));
        for port in service.spec.ports.iter().filter(|port| port.node_port > 0 && stays) {
            taken.insert((i64::from(port.node_port), protocol(&port.protocol)), (namespace, name));
        }
    }
    for written in world.written(&[Kind::Service]) {
        let own = (written.namespace(), written.name());
        for port in written.subject.get(&["spec", "ports"]).map(Node::items).unwrap_or_default() {
            let Some((node, NodeKind::Int(number))) = port.get("nodePort").map(|node| (node, &node.kind))
            else {
                continue;
            };
            let protocol = protocol(port.get("protocol").and_then(Node::as_str).unwrap_or(""));
            let first = *taken.entry((*number, protocol)).or_insert(own);
            if first == own || *number == 0 {
                continue;
            }
            let diagnostic = Diagnostic::new(msg!("node-port-twice"), Severity::Error, node.span)
                .arg("port", *number)
                .arg("other", first.1)
                .consequence(msg!("node-port-is-taken"));
            written.tell(diagnostic, findings);
        }
    }
}

fn protocol(written: &str) -> String {
    if written.is_empty() { "TCP".to_owned() } else { written.to_owned() }
}
