//! What the API server takes and warns of.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject};
use crate::api::validation::warnings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Node, Severity, Span};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(KINDS, check) };

/// The kinds that it warns of.
const KINDS: &[Kind] = &[
    Kind::Pod,
    Kind::PodTemplate,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
    Kind::Endpoints,
    Kind::Service,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
    Kind::StorageClass,
    Kind::Ingress,
    Kind::Secret,
    Kind::Node,
];

fn check(_: &World, written: &Written, findings: &mut Findings) {
    let subject = written.subject;
    for warning in warnings(written.object.kind(), subject.canonical()) {
        let diagnostic = Diagnostic::new(msg!("server-warns"), Severity::Warning, span(subject, &warning))
            .arg("problem", warning)
            .consequence(msg!("taken-with-warning"));
        written.tell(diagnostic, findings);
    }
}

/// The place that a warning begins with, as far as it is there: `spec.containers[0].env[1]: ...`.
fn span(subject: &Subject, warning: &str) -> Span {
    let way = warning.split([':', ' ']).next().unwrap_or("");
    let mut node: &Node = &subject.root;
    let mut span = node.get("kind").map_or(node.span, |kind| kind.span);
    for step in way.split('.') {
        let (field, rest) = step.split_once('[').unwrap_or((step, ""));
        let Some(entry) = node.entry(field) else { break };
        (node, span) = (&entry.value, entry.key_span);
        for place in rest.split('[').filter_map(|place| place.trim_end_matches(']').parse::<usize>().ok()) {
            let Some(item) = node.items().get(place) else { break };
            node = item;
            span = item.entries().first().map_or(item.span, |first| first.span());
        }
    }
    span
}
