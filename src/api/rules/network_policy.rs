//! What NetworkPolicies keep out that was hardly meant: the port of a Service, the questions to DNS. And one that counts for
//! no Pod.
//!
//! Policies add up: what one of those that select a Pod lets in comes in.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::objects::{LabelSelector, Object, PodSpec};
use crate::api::subject::Findings;
use crate::api::world::{Maker, World, Written};
use crate::manifest::{Diagnostic, Node, NodeKind, Severity};
use crate::msg;
use crate::value::Value;
use crate::value::typed::Typed;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

/// A policy that is written, and whom it counts for.
struct Policy<'a> {
    written: Written<'a>,
    makers: Vec<Maker<'a>>,
}

type Key<'a> = (Kind, &'a str, &'a str);

fn key<'a>(maker: &Maker<'a>) -> Key<'a> {
    (maker.object.kind(), maker.namespace, &maker.object.meta().name)
}

fn check(world: &World, findings: &mut Findings) {
    let mut policies = Vec::new();
    for written in world.written(&[Kind::NetworkPolicy]) {
        let selector = written.subject.get(&["spec", "podSelector"]).map(crate::api::subject::node_to_value);
        let selector = selector.unwrap_or_else(Value::object);
        let Some(selector) =
            LabelSelector::decode(&selector).ok().and_then(|own| Selector::from_label_selector(&own).ok())
        else {
            continue;
        };
        let makers = world.selected(written.namespace(), &selector);
        let is_alone = !world.has_pods(written.namespace());
        if makers.is_empty()
            && !selector.is_everything()
            && world.knows_pods(written.namespace())
            && !is_alone
        {
            let diagnostic = Diagnostic::new(
                msg!("policy-selects-nothing"),
                Severity::Warning,
                written.span(&["spec", "podSelector"]),
            )
            .arg("selector", selector.to_string())
            .consequence(msg!("policy-keeps-nothing"));
            written.tell(diagnostic, findings);
        }
        policies.push(Policy { written, makers });
    }
    if policies.is_empty() || world.existing.iter().any(|object| object.kind() == Kind::NetworkPolicy) {
        return;
    }
    let mut by_maker: BTreeMap<Key, Vec<&Policy>> = BTreeMap::new();
    for policy in &policies {
        for maker in &policy.makers {
            by_maker.entry(key(maker)).or_default().push(policy);
        }
    }
    services(world, &by_maker, findings);
    names(&policies, &by_maker, findings);
}

fn direction(policy: &Policy, which: &str) -> bool {
    let types = policy.written.subject.get(&["spec", "policyTypes"]).map(Node::items).unwrap_or_default();
    match types {
        [] => which == "Ingress" || policy.written.subject.get(&["spec", "egress"]).is_some(),
        types => types.iter().any(|kind| kind.as_str() == Some(which)),
    }
}

fn rules<'a>(policy: &Policy<'a>, field: &str) -> &'a [Node] {
    policy.written.subject.get(&["spec", field]).map(Node::items).unwrap_or_default()
}

/// Whether a rule is for a port of a Pod; without ports it is for all.
fn lets(rule: &Node, port: i64, spec: Option<&PodSpec>) -> bool {
    let ports = rule.get("ports").map(Node::items).unwrap_or_default();
    ports.is_empty()
        || ports.iter().any(|entry| match entry.get("port").map(|node| &node.kind) {
            None | Some(NodeKind::Null) => true,
            Some(NodeKind::Int(first)) => match entry.get("endPort").map(|node| &node.kind) {
                Some(NodeKind::Int(last)) => (*first..=*last).contains(&port),
                _ => *first == port,
            },
            Some(NodeKind::String(name)) => {
                let ports =
                    spec.into_iter().flat_map(|spec| &spec.containers).flat_map(|container| &container.ports);
                ports.into_iter().any(|own| own.name == *name && i64::from(own.container_port) == port)
            }
            Some(_) => true,
        })
}

/// A Service whose port no policy of its Pods lets in.
fn services(world: &World, by_maker: &BTreeMap<Key, Vec<&Policy>>, findings: &mut Findings) {
    for (namespace, name, service) in world.all(Kind::Service) {
        let Some(Object::Service(service)) = service else { continue };
        if service.spec.selector.is_empty() {
            continue;
        }
        for maker in world.selected(namespace, &Selector::from_labels(&service.spec.selector)) {
            let Some(policies) = by_maker.get(&key(&maker)) else { continue };
            let mut inward = policies.iter().filter(|policy| direction(policy, "Ingress")).peekable();
            let Some(first) = inward.peek().copied().copied() else { continue };
            let targets =
                service.spec.ports.iter().filter_map(|port| target(&port.target_port, port.port, maker.spec));
            let all: Vec<&&Policy> = inward.collect();
            let open = |port: i64| {
                all.iter().any(|policy| {
                    rules(policy, "ingress").iter().any(|rule| lets(rule, port, Some(maker.spec)))
                })
            };
            // A policy without rules is meant to let nobody in.
            let meant = all.iter().all(|policy| rules(policy, "ingress").is_empty());
            let Some(port) = targets.into_iter().find(|port| !open(*port)).filter(|_| !meant) else {
                continue;
            };
            let diagnostic = Diagnostic::new(
                msg!("policy-cuts-service"),
                Severity::Warning,
                first.written.span(&["spec", "ingress"]),
            )
            .arg("port", port)
            .arg("service", name)
            .arg("pods", maker.named())
            .consequence(msg!("requests-never-arrive"));
            first.written.tell(diagnostic, findings);
            break;
        }
    }
}

fn target(target: &Value, port: i32, spec: &PodSpec) -> Option<i64> {
    match target {
        Value::Null => Some(i64::from(port)),
        Value::Int(number) => Some(*number),
        Value::String(name) => {
            let ports = spec.containers.iter().flat_map(|container| &container.ports);
            ports.into_iter().find(|own| own.name == *name).map(|own| i64::from(own.container_port))
        }
        _ => None,
    }
}

const DNS: i64 = 53;

/// Pods that may go out, but not to DNS.
fn names(policies: &[Policy], by_maker: &BTreeMap<Key, Vec<&Policy>>, findings: &mut Findings) {
    let asks = |policy: &Policy| rules(policy, "egress").iter().any(|rule| lets(rule, DNS, None));
    for policy in policies {
        if !direction(policy, "Egress") || rules(policy, "egress").is_empty() || asks(policy) {
            continue;
        }
        let others = |maker: &Maker| {
            by_maker.get(&key(maker)).is_some_and(|all| all.iter().any(|policy| asks(policy)))
        };
        let Some(maker) = policy.makers.iter().find(|maker| !others(maker)) else { continue };
        let diagnostic = Diagnostic::new(
            msg!("policy-cuts-names"),
            Severity::Warning,
            policy.written.span(&["spec", "egress"]),
        )
        .arg("pods", maker.named())
        .consequence(msg!("names-are-not-found"));
        policy.written.tell(diagnostic, findings);
    }
}
