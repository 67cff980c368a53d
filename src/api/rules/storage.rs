//! Volumes and claims that say too little, or too much.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::quantity::Quantity;
use crate::api::subject::{Findings, Subject, node_to_value};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

/// In the order in which the API server looks at them.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(spec) = subject.get(&["spec"]).filter(|spec| !spec.entries().is_empty()) else { return };
    if subject.is(Kind::PersistentVolume) {
        access_modes(subject, spec, findings);
        capacity(subject, spec, findings);
        sources(subject, spec, findings);
    } else if subject.is(Kind::PersistentVolumeClaim) {
        access_modes(subject, spec, findings);
        storage(subject, spec, findings);
    }
}

/// What only one Pod may use is not for others too.
fn access_modes(subject: &Subject, spec: &Node, findings: &mut Findings) {
    let Some(modes) = spec.get("accessModes") else { return };
    let is_once = |node: &&Node| node.as_str() == Some("ReadWriteOncePod");
    let known = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"];
    let is_other = |node: &Node| node.as_str().is_some_and(|mode| known.contains(&mode));
    let Some(once) = modes.items().iter().find(is_once) else { return };
    if modes.items().iter().any(is_other) {
        let why = "may not use ReadWriteOncePod with other access modes";
        let diagnostic = Diagnostic::new(msg!("once-pod-with-others"), Severity::Error, once.span);
        findings.invalid(subject.place, diagnostic, FieldError::forbidden("spec.accessModes", why));
    }
}

/// A volume's capacity is its storage, and more than nothing.
fn capacity(subject: &Subject, spec: &Node, findings: &mut Findings) {
    let Some(entry) = spec.entry("capacity").filter(|entry| !entry.value.entries().is_empty()) else {
        return;
    };
    let all = entry.value.entries();
    if entry.value.get("storage").is_none() || all.len() > 1 {
        let strange = all.iter().find(|entry| &*entry.key != "storage");
        let span = strange.map_or(entry.key_span, |entry| entry.key_span);
        let diagnostic = Diagnostic::new(msg!("capacity-is-storage"), Severity::Error, span);
        let error = FieldError::unsupported("spec.capacity", node_to_value(&entry.value), &["storage"]);
        findings.invalid(subject.place, diagnostic, error);
    }
    if let Some(node) = entry.value.get("storage") {
        more_than_nothing(subject, node, "spec.capacity[storage]", findings);
    }
}

/// A claim says how much it wants.
fn storage(subject: &Subject, spec: &Node, findings: &mut Findings) {
    let Some(resources) = spec.entry("resources").filter(|entry| !entry.value.is_null()) else { return };
    let requests = resources.value.get("requests");
    match requests.and_then(|requests| requests.get("storage")).filter(|node| !node.is_null()) {
        Some(node) => more_than_nothing(subject, node, "spec.resources[storage]", findings),
        None => {
            let parent = if requests.is_some() { "spec.resources.requests" } else { "spec.resources" };
            let field = if requests.is_some() { "storage" } else { "requests" };
            let entry = resources.value.entry("requests").unwrap_or(resources);
            let diagnostic = Diagnostic::new(msg!("missing-field"), Severity::Error, entry.key_span)
                .arg("field", field)
                .arg("parent", parent.to_owned());
            let error = FieldError::required("spec.resources[storage]", "");
            findings.invalid(subject.place, diagnostic, error);
        }
    }
}

fn more_than_nothing(subject: &Subject, node: &Node, path: &str, findings: &mut Findings) {
    let text = node.span.slice(subject.text);
    let written = node_to_value(node);
    let amount = written.as_str().map_or_else(|| text.to_owned(), str::to_owned);
    let Ok(amount) = Quantity::parse(&amount) else { return };
    if amount.is_zero() || amount.is_negative() {
        let diagnostic = Diagnostic::new(msg!("no-storage"), Severity::Error, node.span).arg("value", text);
        let error = FieldError::invalid(path, amount.to_string(), "must be greater than zero");
        findings.invalid(subject.place, diagnostic, error);
    }
}

/// A volume lies in one place.
fn sources(subject: &Subject, spec: &Node, findings: &mut Findings) {
    let set: Vec<&str> = SOURCES
        .iter()
        .filter(|source| spec.get(source).is_some_and(|node| !node.is_null()))
        .copied()
        .collect();
    if set.is_empty() && !subject.is_doubtful("spec") {
        let span = subject.root.entry("spec").map_or(spec.span, |entry| entry.key_span);
        let diagnostic = Diagnostic::new(msg!("volume-without-source"), Severity::Error, span);
        findings.invalid(
            subject.place,
            diagnostic,
            FieldError::required("spec", "must specify a volume type"),
        );
    }
    for source in set.iter().skip(1) {
        let span = spec.entry(source).map_or(spec.span, |entry| entry.key_span);
        let diagnostic =
            Diagnostic::new(msg!("only-one-of"), Severity::Error, span).arg("fields", set.join(", "));
        let why = "may not specify more than 1 volume type";
        findings.invalid(subject.place, diagnostic, FieldError::forbidden(format!("spec.{source}"), why));
    }
    if set.contains(&"local") && spec.get("nodeAffinity").is_none_or(Node::is_null) {
        let span = spec.entry("local").map_or(spec.span, |entry| entry.key_span);
        let diagnostic = Diagnostic::new(msg!("local-without-node"), Severity::Error, span);
        let why = "Local volume requires node affinity";
        findings.invalid(subject.place, diagnostic, FieldError::required("spec.nodeAffinity", why));
    }
}
