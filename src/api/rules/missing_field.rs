//! Fields that have to be there.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::layout::{insert_before, insert_first, scalar};
use crate::api::names::mended_name;
use crate::api::path::Step;
use crate::api::subject::{Block, Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::schema::Definition;
use crate::value::Value;

pub(super) const RULE: Rule = Rule { check: Check::Block(check) };

/// Fields that the API server's validation wants, though the definitions do not say so.
const ALSO: &[(&str, &str, &[&str])] = &[
    ("apps", "DaemonSet", &["spec"]),
    ("apps", "Deployment", &["spec"]),
    ("apps", "ReplicaSet", &["spec"]),
    ("apps", "ReplicaSetSpec", &["template"]),
    ("apps", "StatefulSet", &["spec"]),
    ("batch", "CronJob", &["spec"]),
    ("batch", "Job", &["spec"]),
    ("batch", "JobTemplateSpec", &["spec"]),
    ("core", "Container", &["image"]),
    ("core", "EphemeralContainer", &["image"]),
    ("core", "PersistentVolume", &["spec"]),
    ("core", "PersistentVolumeClaim", &["spec"]),
    ("core", "PersistentVolumeClaimSpec", &["accessModes", "resources"]),
    ("core", "PersistentVolumeSpec", &["accessModes", "capacity"]),
    ("core", "Pod", &["spec"]),
    ("core", "PodTemplateSpec", &["spec"]),
    ("core", "ReplicationController", &["spec"]),
    ("core", "ReplicationControllerSpec", &["template"]),
    ("core", "Service", &["spec"]),
    ("policy", "PodDisruptionBudget", &["spec"]),
];

/// Fields that the definitions want and the API server does without.
const NOT: &[(&str, &str, &[&str])] = &[
    ("apps", "StatefulSetSpec", &["serviceName"]),
    ("core", "Event", &["involvedObject"]),
    ("networking", "NetworkPolicySpec", &["podSelector"]),
];

/// What the server adds to `Required value` for some fields.
const DETAILS: &[(&str, &str, &str)] = &[
    ("ObjectMeta", "name", "name or generateName is required"),
    ("HTTPIngressPath", "pathType", "pathType must be specified"),
    ("PersistentVolumeClaimSpec", "accessModes", "at least 1 access mode is required"),
    ("PolicyRule", "verbs", ""),
];

fn named<'t>(table: &'t [(&str, &str, &'t [&'t str])], definition: &Definition) -> &'t [&'t str] {
    let row = table.iter().find(|row| row.1 == definition.name && row.0 == definition.go_group());
    row.map_or(&[], |row| row.2)
}

fn check(subject: &Subject, block: &Block, findings: &mut Findings) {
    let definition = block.definition;
    let required = definition.required().map(|field| field.name);
    let also = named(ALSO, definition).iter().copied();
    let not = named(NOT, definition);
    for name in required.chain(also).filter(|name| !not.contains(name)) {
        missing(subject, block, name, findings);
    }
    if block.path.is_root() && definition.field("metadata").is_some() {
        missing(subject, block, "metadata", findings);
    }
    let metadata = definition.name == "ObjectMeta" && block.path.to_string() == "metadata";
    if metadata && has_value(block.node, "generateName") {
        generate_name(subject, block, findings);
    } else if metadata {
        missing(subject, block, "name", findings);
    }
}

fn has_value(node: &Node, name: &str) -> bool {
    node.get(name).is_some_and(|value| match &value.kind {
        NodeKind::Null => false,
        NodeKind::String(text) => !text.is_empty(),
        // An empty list is as good as none to the server.
        NodeKind::Sequence(items) => !items.is_empty(),
        _ => true,
    })
}

fn missing(subject: &Subject, block: &Block, name: &str, findings: &mut Findings) {
    if has_value(block.node, name) {
        return;
    }
    let path = block.path.field(name);
    let optional =
        matches!((block.definition.name, name), ("PolicyRule", "verbs")) && subject.doubts.is_empty();
    if subject.is_doubtful(&path) && !optional {
        return;
    }
    // A number that is missing is 0, an empty text a text: what wants more says so elsewhere.
    let written = block.node.entry(name);
    // Of the object itself, its kind.
    let kind = block.node.get("kind").filter(|_| block.path.is_root());
    let span = match (written, block.key, kind) {
        (Some(entry), ..) => entry.key_span,
        (None, Some(key), _) => key,
        (None, None, Some(kind)) => kind.span,
        (None, None, None) => block.node.entries().first().map_or(block.node.span, |first| first.key_span),
    };
    let parent = match block.path.to_string() {
        root if root.is_empty() => crate::manifest::Arg::Message(msg!("top-level")),
        path => path.into(),
    };
    let code = match written {
        _ if matches!(&*path, "metadata" | "metadata.name") => msg!("missing-name"),
        Some(_) => msg!("null-required"),
        None => msg!("missing-field"),
    };
    let mut diagnostic =
        Diagnostic::new(code, Severity::Error, span).arg("field", name).arg("parent", parent);
    if written.is_none()
        && let Some((line, edit)) = addition(subject, block, name)
    {
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-add-field"), vec![edit]).arg("field", line));
    }
    let detail =
        DETAILS.iter().find(|row| (row.0, row.1) == (block.definition.name, name)).map_or("", |row| row.2);
    let mut errors = server_errors(block, name, path, detail).into_iter();
    if let Some(first) = errors.next() {
        findings.invalid(subject.place, diagnostic, first);
    }
    findings.errors.extend(errors.map(|error| (subject.place, error)));
}

/// What the server says: it looks through what is missing at what should be in it.
fn server_errors(block: &Block, name: &str, path: String, detail: &str) -> Vec<FieldError> {
    let required = |path: String| FieldError::required(path, "");
    let mismatch = |template: &str| {
        let why = "`selector` does not match template `labels`";
        FieldError::invalid(format!("{template}.metadata.labels"), Value::Null, why)
    };
    let workload = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"];
    let is_workload = workload
        .iter()
        .any(|kind| block.definition.name.strip_suffix("Spec").unwrap_or(block.definition.name) == *kind);
    match (block.definition.name, name) {
        ("Pod", "spec") => vec![required("spec.containers".into())],
        ("PersistentVolumeClaimSpec", "resources") => vec![required(format!("{path}[storage]"))],
        ("PersistentVolumeSpec", "capacity") => {
            vec![required(path.clone()), FieldError::unsupported(path, Value::Null, &["storage"])]
        }
        ("PodTemplateSpec", "spec") => vec![required(format!("{path}.containers"))],
        ("Service", "spec") => vec![required("spec.ports".into())],
        ("ServicePort", "port") => {
            let target = block.node.get("targetPort").is_none().then(|| block.path.field("targetPort"));
            [Some(path), target]
                .into_iter()
                .flatten()
                .map(|path| FieldError::invalid(path, 0_i64, super::port::RANGE))
                .collect()
        }
        (_, "spec") if is_workload => vec![
            required("spec.selector".into()),
            mismatch("spec.template"),
            required("spec.template.spec.containers".into()),
        ],
        (_, "template") if is_workload => {
            vec![mismatch("spec.template"), required("spec.template.spec.containers".into())]
        }
        _ if path == "metadata" => {
            vec![FieldError::required("metadata.name", "name or generateName is required")]
        }
        _ => vec![FieldError::required(path, detail)],
    }
}

/// The field that can only be meant, as one line, and the edit that adds it.
fn addition(subject: &Subject, block: &Block, name: &str) -> Option<(String, Edit)> {
    match (block.definition.name, name) {
        ("Container", "name") => {
            let image = block.node.get("image").and_then(Node::as_str)?;
            let line = format!("name: {}", scalar(&container_name(subject, block, image)?));
            let edit = insert_first(subject.text, block.node, &line)?;
            Some((line, edit))
        }
        ("DeploymentSpec" | "ReplicaSetSpec" | "StatefulSetSpec" | "DaemonSetSpec", "selector") => {
            let labels = subject.template()?.labels();
            if labels.is_empty() || crate::api::layout::is_flow(subject.text, block.node) {
                return None;
            }
            let mut lines = "selector:\n  matchLabels:\n".to_owned();
            for (key, value) in &labels {
                lines.push_str(&format!("    {}: {}\n", scalar(key), scalar(value)));
            }
            let edit = insert_before(subject.text, block.node.entry("template")?, &lines);
            Some(("selector".to_owned(), edit))
        }
        _ => None,
    }
}

/// A name after the image that no other container has.
fn container_name(subject: &Subject, block: &Block, image: &str) -> Option<String> {
    let last = image.rsplit('/').next().unwrap_or(image);
    let base = mended_name(last.split([':', '@']).next().unwrap_or(last), false, 50)?;
    let template = subject.template()?;
    let containers = template.containers();
    let taken = |name: &str| {
        containers.iter().any(|container| container.node.get("name").and_then(Node::as_str) == Some(name))
    };
    let index = match block.path.last() {
        Some(Step::Item(index)) => *index,
        _ => 0,
    };
    // Two containers without names may have the same image.
    let nameless_before = containers
        .iter()
        .filter(|container| {
            container.node.get("image").and_then(Node::as_str) == Some(image)
                && container.node.get("name").is_none()
        })
        .count()
        > 1;
    let name = if taken(&base) || nameless_before { format!("{base}-{}", index + 1) } else { base };
    (!taken(&name)).then_some(name)
}

/// `kubectl apply` does not take a name that the server completes.
fn generate_name(subject: &Subject, block: &Block, findings: &mut Findings) {
    if has_value(block.node, "name") {
        return;
    }
    let Some(entry) = block.node.entry("generateName") else { return };
    let prefix = entry.value.as_str().unwrap_or("");
    let diagnostic = Diagnostic::new(
        msg!("generate-name"),
        Severity::Error,
        Span::new(entry.key_span.start as usize, entry.span().end as usize),
    )
    .arg("answer", format!("from {prefix}: cannot use generate name with apply"))
    .consequence(msg!("kubectl-refuses-object"));
    findings.report(subject.place, diagnostic);
}
