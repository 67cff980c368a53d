//! Where Pods may lie in relation to nodes' taints and to each other: what no node, or no other Pod, can meet.

use super::{Check, MAKERS, Rule};
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::objects::{Node, PodAffinityTerm, PodSpec};
use crate::api::scheduling::tolerates;
use crate::api::subject::Findings;
use crate::api::world::{World, Written, replicas};
use crate::manifest::{Diagnostic, Node as Tree, Severity, Span};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

const HOST_NAME: &str = "kubernetes.io/hostname";

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    spread(world.nodes(), spec, written, findings);
    tolerations(world.nodes(), spec, written, findings);
    apart(world.nodes().len(), spec, written, findings);
    together(world, spec, written, findings);
}

/// The place of an item of a list in the spec, or the list's own.
fn item(written: &Written, way: &[&str], place: usize, field: &str) -> Span {
    let list = written.in_pod_spec(way);
    let found = list.and_then(|list| list.items().get(place)).and_then(|item| item.get(field).or(Some(item)));
    found.or(list).map_or(written.span(&["spec"]), |node: &Tree| node.span)
}

fn spread(nodes: &[&Node], spec: &PodSpec, written: &Written, findings: &mut Findings) {
    for (place, constraint) in spec.topology_spread_constraints.iter().enumerate() {
        let key = &constraint.topology_key;
        let strict = &*constraint.when_unsatisfiable == "DoNotSchedule";
        if !strict || nodes.is_empty() || nodes.iter().any(|node| node.metadata.labels.contains_key(key)) {
            continue;
        }
        let span = item(written, &["topologySpreadConstraints"], place, "topologyKey");
        let diagnostic = Diagnostic::new(msg!("spread-over-nothing"), Severity::Warning, span)
            .arg("key", key)
            .consequence(msg!("pods-stay-pending"));
        written.tell(diagnostic, findings);
    }
}

fn tolerations(nodes: &[&Node], spec: &PodSpec, written: &Written, findings: &mut Findings) {
    for (place, toleration) in spec.tolerations.iter().enumerate() {
        // Kubernetes sets its own taints when something happens.
        if nodes.is_empty() || toleration.key.is_empty() || toleration.key.contains("kubernetes.io/") {
            continue;
        }
        if nodes.iter().flat_map(|node| &node.spec.taints).any(|taint| tolerates(toleration, taint)) {
            continue;
        }
        let span = item(written, &["tolerations"], place, "key");
        let taint = match (&*toleration.value, &*toleration.effect) {
            ("", "") => toleration.key.to_string(),
            ("", effect) => format!("{}:{effect}", toleration.key),
            (value, "") => format!("{}={value}", toleration.key),
            (value, effect) => format!("{}={value}:{effect}", toleration.key),
        };
        let diagnostic = Diagnostic::new(msg!("toleration-of-nothing"), Severity::Hint, span)
            .arg("taint", taint)
            .consequence(msg!("toleration-changes-nothing"));
        written.tell(diagnostic, findings);
    }
}

fn own(written: &Written, term: &PodAffinityTerm) -> Option<(Selector, bool)> {
    let selector = Selector::from_label_selector(term.label_selector.as_ref()?).ok()?;
    let labels = written.subject.template()?.labels();
    let matches = selector.matches(&labels);
    Some((selector, matches))
}

/// Pods of one workload that want a node each.
fn apart(nodes: usize, spec: &PodSpec, written: &Written, findings: &mut Findings) {
    let terms = spec.affinity.as_ref().and_then(|affinity| affinity.pod_anti_affinity.as_ref());
    let count = replicas(written.object).and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    for (place, term) in terms.iter().flat_map(|terms| &terms.required).enumerate() {
        let is_own = own(written, term).is_some_and(|(_, matches)| matches);
        if !is_own || &*term.topology_key != HOST_NAME || nodes == 0 || count <= nodes {
            continue;
        }
        let way = ["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
        let diagnostic = Diagnostic::new(
            msg!("apart-without-room"),
            Severity::Warning,
            item(written, &way, place, "topologyKey"),
        )
        .arg("count", count)
        .arg("nodes", nodes)
        .consequence(msg!("others-stay-pending"));
        written.tell(diagnostic, findings);
    }
}

/// Pods that want to be beside others that are not there.
fn together(world: &World, spec: &PodSpec, written: &Written, findings: &mut Findings) {
    let terms = spec.affinity.as_ref().and_then(|affinity| affinity.pod_affinity.as_ref());
    for (place, term) in terms.iter().flat_map(|terms| &terms.required).enumerate() {
        let elsewhere = !term.namespaces.is_empty() || term.namespace_selector.is_some();
        let Some((selector, matches)) = own(written, term).filter(|_| !elsewhere) else { continue };
        if matches
            || !world.knows_pods(written.namespace())
            || !world.selected(written.namespace(), &selector).is_empty()
        {
            continue;
        }
        let others = world.all_in(Kind::Deployment, written.namespace()).nth(1).is_some();
        let severity = if others { Severity::Warning } else { Severity::Hint };
        let way = ["affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
        let diagnostic =
            Diagnostic::new(msg!("beside-nobody"), severity, item(written, &way, place, "labelSelector"))
                .arg("selector", selector.to_string())
                .consequence(msg!("pods-stay-pending"));
        written.tell(diagnostic, findings);
    }
}
