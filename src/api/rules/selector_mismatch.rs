//! A workload whose selector does not match the labels that it gives its own Pods.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::layout::{insert_first, is_flow, scalar};
use crate::api::objects::{LabelSelector, LabelSelectorRequirement, Labels};
use crate::api::subject::{Findings, Subject, Template, labels, node_to_value};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;
use crate::value::{Map, Str, Value};

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let simple = subject.is(Kind::ReplicationController);
    let workload = [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet];
    if !simple && !workload.iter().any(|kind| subject.is(*kind)) {
        return;
    }
    let labels_path = "spec.template.metadata.labels";
    let selector_node = subject.get(&["spec", "selector"]);
    if subject.is_doubtful("spec.selector") || subject.is_doubtful(labels_path) {
        return;
    }
    let Some(template) = subject.template() else { return };
    let template_labels = template.labels();
    let Some(selector_node) = selector_node.filter(|node| !node.is_null()) else {
        if simple && template_labels.is_empty() {
            let span =
                subject.get(&["spec"]).and_then(|spec| spec.entries().first()).map(|entry| entry.key_span);
            let diagnostic =
                Diagnostic::new(msg!("missing-field"), Severity::Error, span.unwrap_or(subject.root.span))
                    .arg("field", "selector")
                    .arg("parent", "spec");
            findings.invalid(subject.place, diagnostic, FieldError::required("spec.selector", ""));
        } else if !simple {
            // That the selector is missing is told by another rule.
            findings.errors.push((subject.place, mismatch(&template)));
        }
        return;
    };
    let selector = match simple {
        true => LabelSelector { match_labels: labels(Some(selector_node)), ..LabelSelector::default() },
        false => label_selector(selector_node),
    };
    let Ok(matching) = Selector::from_label_selector(&selector) else {
        // Which expression is wrong is told by another rule.
        let error =
            FieldError::invalid("spec.selector", node_to_value(selector_node), "invalid label selector");
        findings.errors.push((subject.place, error));
        return;
    };
    if matching.is_everything() {
        empty(subject, selector_node, simple, findings);
    } else if !matching.matches(&template_labels) {
        tell(subject, &template, selector_node, &selector, &matching, findings);
    }
}

/// The selector that a node says.
pub(super) fn label_selector(node: &Node) -> LabelSelector {
    let text =
        |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(Str::from).unwrap_or_default();
    let expressions = node.get("matchExpressions").map(Node::items).unwrap_or_default();
    let expressions = expressions.iter().map(|expression| LabelSelectorRequirement {
        key: text(expression, "key"),
        operator: text(expression, "operator"),
        values: expression
            .get("values")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|value| value.as_str().map(Str::from))
            .collect(),
        ..LabelSelectorRequirement::default()
    });
    LabelSelector {
        match_labels: labels(node.get("matchLabels")),
        match_expressions: expressions.collect(),
        ..LabelSelector::default()
    }
}

fn mismatch(template: &Template) -> FieldError {
    let labels = template.node.get("metadata").and_then(|metadata| metadata.get("labels")).map(node_to_value);
    let labels = labels.filter(|labels| labels.as_object().is_some_and(|map| !map.is_empty()));
    FieldError::invalid(
        template.at("metadata.labels"),
        labels.unwrap_or(Value::Null),
        "`selector` does not match template `labels`",
    )
}

fn empty(subject: &Subject, node: &Node, simple: bool, findings: &mut Findings) {
    if simple {
        return;
    }
    let diagnostic = Diagnostic::new(msg!("selector-empty"), Severity::Error, node.span);
    let why = format!("empty selector is invalid for {}", subject.kind_name.to_lowercase());
    let error = FieldError::invalid("spec.selector", Value::from(Map::new()), why);
    findings.invalid(subject.place, diagnostic, error);
}

fn tell(
    subject: &Subject,
    template: &Template,
    selector_node: &Node,
    selector: &LabelSelector,
    matching: &Selector,
    findings: &mut Findings,
) {
    let labels_node = template.node.get("metadata").and_then(|metadata| metadata.get("labels"));
    let labels = template.labels();
    let match_labels = selector_node.get("matchLabels").unwrap_or(selector_node);
    let span = labels_node.map_or(match_labels.span, |node| node.span);
    let mut diagnostic = Diagnostic::new(msg!("selector-mismatch"), Severity::Error, span)
        .arg("selector", matching.to_string())
        .arg("labels", printed(&labels))
        .arg("kind", &subject.kind_name);
    if selector.match_expressions.is_empty() {
        if let Some(edits) = labels_from_selector(subject.text, template, &selector.match_labels) {
            let fix = Fix::new(msg!("fix-labels-from-selector"), edits);
            diagnostic = diagnostic.fix(fix.arg("labels", printed(&selector.match_labels)));
        }
        if let Some(edits) = selector_from_labels(match_labels, &selector.match_labels, &labels) {
            let fix = Fix::new(msg!("fix-selector-from-labels"), edits);
            diagnostic = diagnostic.fix(fix.arg("labels", printed(&labels)));
        }
    }
    findings.invalid(subject.place, diagnostic, mismatch(template));
}

/// Labels as kubectl prints them.
pub(super) fn printed(labels: &Labels) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// Gives the template the labels that the selector wants.
fn labels_from_selector(text: &str, template: &Template, wanted: &Labels) -> Option<Vec<Edit>> {
    let metadata = template.node.get("metadata").filter(|node| !node.entries().is_empty());
    let labels =
        metadata.and_then(|metadata| metadata.get("labels")).filter(|node| !node.entries().is_empty());
    let mut edits = Vec::new();
    let Some(labels) = labels else {
        // Nothing is there yet: the lines from `metadata` or `labels` on.
        let mut lines = String::new();
        let holder = metadata.unwrap_or(template.node);
        if holder.get("labels").is_some()
            || (metadata.is_none() && holder.get("metadata").is_some())
            || is_flow(text, holder)
        {
            return None;
        }
        let indent = if metadata.is_some() { "  " } else { "    " };
        lines.push_str(if metadata.is_some() { "labels:\n" } else { "metadata:\n  labels:\n" });
        for (key, value) in wanted {
            lines.push_str(&format!("{indent}{}: {}\n", scalar(key), scalar(value)));
        }
        return Some(vec![insert_first(text, holder, &lines)?]);
    };
    for (key, value) in wanted {
        match labels.entry(key) {
            Some(entry) if entry.value.as_str() == Some(value) => {}
            Some(entry) => edits.push(Edit::replace(entry.value.span, scalar(value))),
            None => edits.push(insert_first(text, labels, &format!("{}: {}", scalar(key), scalar(value)))?),
        }
    }
    Some(edits)
}

/// Lets the selector say what the labels are. Only where it has the same keys: a selector of fewer labels might
/// match the Pods of others.
fn selector_from_labels(node: &Node, selector: &Labels, labels: &Labels) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for key in selector.keys() {
        let (value, entry) = (labels.get(key)?, node.entry(key)?);
        if entry.value.as_str() != Some(value) {
            edits.push(Edit::replace(entry.value.span, scalar(value)));
        }
    }
    (!edits.is_empty()).then_some(edits)
}
