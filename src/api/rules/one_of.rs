//! Fields of which one is to be set, and one only: the source of a volume, the action of a probe, where a variable
//! comes from.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Block, Findings, Subject};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Block(check) };

/// In the order in which the API server looks at them, so that the later of two is the one too many.
const VOLUMES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "flocker",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
    "projected",
    "csi",
    "ephemeral",
    "image",
];
const PROBES: &[&str] = &["exec", "httpGet", "tcpSocket", "grpc"];
const HOOKS: &[&str] = &["exec", "httpGet", "tcpSocket", "sleep"];
const VARIABLES: &[&str] = &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

fn check(subject: &Subject, block: &Block, findings: &mut Findings) {
    match block.definition.name {
        "Volume" => several(subject, block, VOLUMES, "may not specify more than 1 volume type", findings),
        "Probe" => handler(subject, block, PROBES, findings),
        "LifecycleHandler" => handler(subject, block, HOOKS, findings),
        "EnvVarSource" => source(subject, block, findings),
        "EnvVar" => value_and_source(subject, block, findings),
        _ => {}
    }
}

fn is_set(node: &Node, field: &str) -> bool {
    node.get(field).is_some_and(|value| !value.is_null())
}

fn set<'f>(block: &Block, fields: &[&'f str]) -> Vec<&'f str> {
    fields.iter().filter(|field| is_set(block.node, field)).copied().collect()
}

fn too_many(block: &Block, field: &str, set: &[&str]) -> Diagnostic {
    let span = block.node.entry(field).map_or(block.node.span, |entry| entry.key_span);
    Diagnostic::new(msg!("only-one-of"), Severity::Error, span).arg("fields", set.join(", "))
}

fn several(subject: &Subject, block: &Block, fields: &[&str], why: &str, findings: &mut Findings) {
    let set = set(block, fields);
    for field in set.iter().skip(1) {
        let error = FieldError::forbidden(block.path.field(field), why);
        findings.invalid(subject.place, too_many(block, field, &set), error);
    }
}

/// A block without any of the fields.
fn none(block: &Block, fields: &[&str]) -> Diagnostic {
    let span = block.key.unwrap_or(block.node.span);
    Diagnostic::new(msg!("one-of-is-missing"), Severity::Error, span)
        .arg("parent", block.path.to_string())
        .arg("fields", fields.join(", "))
}

fn handler(subject: &Subject, block: &Block, fields: &[&str], findings: &mut Findings) {
    let path = block.path.to_string();
    if set(block, fields).is_empty() && !subject.is_doubtful(&path) {
        let error = FieldError::required(path, "must specify a handler type");
        findings.invalid(subject.place, none(block, fields), error);
    }
    several(subject, block, fields, "may not specify more than 1 handler type", findings);
}

fn source(subject: &Subject, block: &Block, findings: &mut Findings) {
    let path = block.path.to_string();
    let set = set(block, VARIABLES);
    if set.is_empty() && !subject.is_doubtful(&path) {
        let why = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
        findings.invalid(subject.place, none(block, VARIABLES), FieldError::invalid(path, "", why));
    } else if let [_, second, ..] = set.as_slice() {
        let error = FieldError::invalid(path, "", "may not have more than one field specified at a time");
        findings.invalid(subject.place, too_many(block, second, &set), error);
    }
}

fn value_and_source(subject: &Subject, block: &Block, findings: &mut Findings) {
    let value = block.node.get("value").and_then(Node::as_str).unwrap_or("");
    if !value.is_empty() && is_set(block.node, "valueFrom") {
        let path = block.path.field("valueFrom");
        let error = FieldError::invalid(path, "", "may not be specified when `value` is not empty");
        findings.invalid(subject.place, too_many(block, "valueFrom", &["value", "valueFrom"]), error);
    }
}
