//! A Service that selects no Pod, or a port that the Pods do not have.

use super::selector_mismatch::printed;
use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::layout::scalar;
use crate::api::objects::{Container, Labels, Object};
use crate::api::subject::{Findings, Subject, labels};
use crate::api::world::World;
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;
use crate::schema::nearest;
use crate::value::Str;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

/// Pods that are there, or will be made.
struct Pods {
    namespace: String,
    labels: Labels,
    port_names: Vec<String>,
    ports: Vec<i64>,
    /// Whether a mistake hides what they are like.
    doubtful: bool,
}

fn check(world: &World, findings: &mut Findings) {
    let services = world.subjects.iter().filter(|subject| subject.readable && subject.is(Kind::Service));
    let mut index = None;
    for service in services {
        judge(service, index.get_or_insert_with(|| Index::new(all_pods(world))), findings);
    }
}

/// All Pods, found by Namespace and by label.
struct Index {
    all: Vec<Pods>,
    by_namespace: BTreeMap<String, Vec<usize>>,
    by_label: BTreeMap<(String, Str, Str), Vec<usize>>,
}

impl Index {
    fn new(all: Vec<Pods>) -> Index {
        let (mut by_namespace, mut by_label) =
            (BTreeMap::<_, Vec<usize>>::new(), BTreeMap::<_, Vec<usize>>::new());
        for (i, pods) in all.iter().enumerate() {
            by_namespace.entry(pods.namespace.clone()).or_default().push(i);
            for (key, value) in &pods.labels {
                by_label.entry((pods.namespace.clone(), key.clone(), value.clone())).or_default().push(i);
            }
        }
        Index { all, by_namespace, by_label }
    }

    fn pick(&self, places: Option<&Vec<usize>>) -> Vec<&Pods> {
        places.into_iter().flatten().filter_map(|i| self.all.get(*i)).collect()
    }

    /// Those in the Namespace.
    fn in_namespace(&self, namespace: &str) -> Vec<&Pods> {
        self.pick(self.by_namespace.get(namespace))
    }

    /// Those in the Namespace that have all of these labels.
    fn selected(&self, namespace: &str, wanted: &Labels) -> Vec<&Pods> {
        let Some((key, value)) = wanted.iter().next() else { return Vec::new() };
        let selector = Selector::from_labels(wanted);
        let mut found = self.pick(self.by_label.get(&(namespace.to_owned(), key.clone(), value.clone())));
        found.retain(|pods| selector.matches(&pods.labels));
        found
    }
}

fn all_pods(world: &World) -> Vec<Pods> {
    let written = world.subjects.iter().filter_map(|subject| {
        let template = subject.template()?;
        let (mut port_names, mut ports) = (Vec::new(), Vec::new());
        for container in
            template.containers().iter().filter(|container| !container.init || is_sidecar(container.node))
        {
            for port in container.node.get("ports").map(Node::items).unwrap_or_default() {
                port_names.extend(port.get("name").and_then(Node::as_str).map(str::to_owned));
                if let Some(NodeKind::Int(number)) = port.get("containerPort").map(|node| &node.kind) {
                    ports.push(*number);
                }
            }
        }
        let doubtful = !subject.readable || subject.is_doubtful(&template.at("metadata.labels"));
        Some(Pods {
            namespace: subject.namespace().to_owned(),
            labels: template.labels(),
            port_names,
            ports,
            doubtful,
        })
    });
    let existing = world.existing.iter().filter_map(|object| {
        let (labels, spec) = match object {
            Object::Pod(pod) => (&pod.metadata.labels, &pod.spec),
            Object::Deployment(deployment) => {
                let template = &deployment.spec.template;
                (&template.metadata.labels, &template.spec)
            }
            Object::ReplicaSet(replica_set) => {
                let template = &replica_set.spec.template;
                (&template.metadata.labels, &template.spec)
            }
            _ => return None,
        };
        let ports = || spec.containers.iter().flat_map(|container: &Container| &container.ports);
        Some(Pods {
            namespace: object.meta().namespace.to_string(),
            labels: labels.clone(),
            port_names: ports().map(|port| port.name.to_string()).collect(),
            ports: ports().map(|port| i64::from(port.container_port)).collect(),
            doubtful: false,
        })
    });
    written.chain(existing).collect()
}

fn is_sidecar(container: &Node) -> bool {
    container.get("restartPolicy").and_then(Node::as_str) == Some("Always")
}

fn judge(service: &Subject, index: &Index, findings: &mut Findings) {
    let node = service.get(&["spec", "selector"]);
    let wanted = labels(node);
    let external = service.get(&["spec", "type"]).and_then(Node::as_str) == Some("ExternalName");
    let Some(node) =
        node.filter(|_| !wanted.is_empty() && !external && !service.is_doubtful("spec.selector"))
    else {
        return;
    };
    let selected = index.selected(service.namespace(), &wanted);
    if !selected.is_empty() {
        return ports(service, &selected, findings);
    }
    let selector = Selector::from_labels(&wanted);
    let near_by = index.in_namespace(service.namespace());
    if near_by.iter().any(|pods| pods.doubtful) {
        return;
    }
    // Alone in its files, a Service may well be meant for Pods that come from elsewhere.
    let severity = if near_by.is_empty() { Severity::Hint } else { Severity::Warning };
    let mut diagnostic = Diagnostic::new(msg!("service-selects-nothing"), severity, node.span)
        .arg("service", service.name())
        .arg("selector", selector.to_string())
        .consequence(msg!("service-without-endpoints"));
    let elsewhere = index.all.iter().find(|pods| selector.matches(&pods.labels));
    if let Some(elsewhere) = elsewhere {
        diagnostic.code = msg!("service-in-other-namespace");
        diagnostic.severity = Severity::Warning;
        diagnostic = diagnostic.arg("namespace", service.namespace()).arg("other", &*elsewhere.namespace);
    } else if let Some((labels, edits)) = nearest_labels(node, &wanted, &near_by) {
        diagnostic.code = msg!("service-selects-nothing-but-near");
        diagnostic = diagnostic.arg("labels", &*labels);
        if let Some(edits) = edits {
            diagnostic =
                diagnostic.fix(Fix::new(msg!("fix-selector-from-labels"), edits).arg("labels", &*labels));
        }
    }
    findings.report(service.place, diagnostic);
}

/// The labels that were meant: those that differ least from the selector. The edits only where that is plain.
fn nearest_labels(node: &Node, wanted: &Labels, pods: &[&Pods]) -> Option<(String, Option<Vec<Edit>>)> {
    let wrong =
        |labels: &Labels| wanted.iter().filter(|(key, value)| labels.get(*key) != Some(*value)).count();
    let best = pods.iter().filter(|pods| !pods.labels.is_empty()).min_by_key(|pods| wrong(&pods.labels))?;
    let mut edits = Vec::new();
    let mut plain = pods
        .iter()
        .filter(|pods| wrong(&pods.labels) == wrong(&best.labels))
        .all(|pods| pods.labels == best.labels);
    let mut meant = Labels::new();
    for (key, value) in wanted {
        let entry = node.entry(key)?;
        let near_key = nearest(key, best.labels.keys().map(|key| &**key)).map(|near| near.name);
        let Some((right, label)) = near_key.and_then(|near| best.labels.get_key_value(near)) else {
            plain = false;
            continue;
        };
        meant.insert(right.clone(), label.clone());
        if right != key {
            edits.push(Edit::replace(entry.key_span, scalar(right)));
        }
        if label != value {
            plain &= nearest(value, [&**label]).is_some();
            edits.push(Edit::replace(entry.value.span, scalar(label)));
        }
    }
    let shown = if meant.is_empty() { &best.labels } else { &meant };
    Some((printed(shown), (plain && !edits.is_empty()).then_some(edits)))
}

/// Target ports that no selected Pod names.
fn ports(service: &Subject, selected: &[&Pods], findings: &mut Findings) {
    if selected.iter().any(|pods| pods.doubtful) {
        return;
    }
    for port in service.get(&["spec", "ports"]).map(Node::items).unwrap_or_default() {
        let Some(node) = port.get("targetPort").or_else(|| port.get("port")) else { continue };
        match &node.kind {
            NodeKind::String(name)
                if !selected.iter().any(|pods| pods.port_names.iter().any(|known| **known == **name)) =>
            {
                let names = selected.iter().flat_map(|pods| pods.port_names.iter().map(String::as_str));
                let mut diagnostic =
                    Diagnostic::new(msg!("target-port-unknown"), Severity::Warning, node.span)
                        .arg("port", name)
                        .arg("service", service.name())
                        .consequence(msg!("requests-are-refused"));
                if let Some(near) =
                    nearest(name, names.filter(|name| !name.is_empty())).filter(|near| near.unique)
                {
                    let edits = vec![Edit::replace(node.span, scalar(near.name))];
                    diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
                }
                findings.report(service.place, diagnostic);
            }
            // Ports that are not listed are open all the same: only where others are listed is it a doubt.
            NodeKind::Int(number)
                if selected.iter().all(|pods| !pods.ports.is_empty() && !pods.ports.contains(number)) =>
            {
                let diagnostic = Diagnostic::new(msg!("service-port-unserved"), Severity::Hint, node.span)
                    .arg("port", *number)
                    .arg("service", service.name())
                    .consequence(msg!("requests-may-be-refused"));
                findings.report(service.place, diagnostic);
            }
            _ => {}
        }
    }
}
