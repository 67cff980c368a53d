//! ConfigMaps and Secrets that containers want and that are not there, or lack a key.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::layout::scalar;
use crate::api::objects::Object;
use crate::api::subject::{Findings, Subject};
use crate::api::world::World;
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;
use crate::schema::nearest;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

/// What is there, with its keys; none where a mistake hides them.
type Known = BTreeMap<(Kind, String, String), Option<BTreeSet<String>>>;

/// A ConfigMap or Secret that is wanted.
struct Wanted<'a> {
    kind: Kind,
    name: &'a Node,
    key: Option<&'a Node>,
    /// Whether it is mounted, and not in the environment.
    mounted: bool,
}

fn check(world: &World, findings: &mut Findings) {
    let mut known = None;
    for subject in world.subjects.iter().filter(|subject| subject.readable) {
        for wanted in wanted(subject) {
            judge(subject, &wanted, known.get_or_insert_with(|| all(world)), findings);
        }
    }
}

fn all(world: &World) -> Known {
    let mut known = Known::new();
    for subject in world.subjects {
        let (kind, fields) = match subject.kind {
            Some(kind @ Kind::ConfigMap) => (kind, ["data", "binaryData"]),
            Some(kind @ Kind::Secret) => (kind, ["data", "stringData"]),
            _ => continue,
        };
        let keys =
            fields.iter().flat_map(|field| subject.get(&[*field]).map(Node::entries).unwrap_or_default());
        let keys: BTreeSet<String> = keys.map(|entry| entry.key.to_string()).collect();
        let certain = subject.readable && subject.doubts.is_empty();
        known.insert(
            (kind, subject.namespace().to_owned(), subject.name().to_owned()),
            certain.then_some(keys),
        );
    }
    for object in world.existing {
        let keys: BTreeSet<String> = match object {
            Object::ConfigMap(map) => {
                map.data.keys().chain(map.binary_data.keys()).map(|key| key.to_string()).collect()
            }
            Object::Secret(secret) => {
                secret.data.keys().chain(secret.string_data.keys()).map(|key| key.to_string()).collect()
            }
            _ => continue,
        };
        let meta = object.meta();
        known.insert((object.kind(), meta.namespace.to_string(), meta.name.to_string()), Some(keys));
    }
    known
}

fn wanted<'a>(subject: &'a Subject) -> Vec<Wanted<'a>> {
    let Some(template) = subject.template() else { return Vec::new() };
    let mut found = Vec::new();
    let mut want = |kind, reference: Option<&'a Node>, name: &str, key: Option<&str>, mounted| {
        let Some(reference) = reference else { return };
        let optional = matches!(reference.get("optional").map(|node| &node.kind), Some(NodeKind::Bool(true)));
        let named = reference.get(name).filter(|node| node.as_str().is_some_and(|name| !name.is_empty()));
        if let Some(name) = named.filter(|_| !optional) {
            found.push(Wanted { kind, name, key: key.and_then(|key| reference.get(key)), mounted });
        }
    };
    for container in template.containers() {
        for variable in container.node.get("env").map(Node::items).unwrap_or_default() {
            let Some(from) = variable.get("valueFrom") else { continue };
            want(Kind::ConfigMap, from.get("configMapKeyRef"), "name", Some("key"), false);
            want(Kind::Secret, from.get("secretKeyRef"), "name", Some("key"), false);
        }
        for from in container.node.get("envFrom").map(Node::items).unwrap_or_default() {
            want(Kind::ConfigMap, from.get("configMapRef"), "name", None, false);
            want(Kind::Secret, from.get("secretRef"), "name", None, false);
        }
    }
    let volumes = template.spec().and_then(|spec| spec.get("volumes")).map(Node::items).unwrap_or_default();
    for volume in volumes {
        want(Kind::ConfigMap, volume.get("configMap"), "name", None, true);
        want(Kind::Secret, volume.get("secret"), "secretName", None, true);
        let sources = volume.get("projected").and_then(|projected| projected.get("sources"));
        for source in sources.map(Node::items).unwrap_or_default() {
            want(Kind::ConfigMap, source.get("configMap"), "name", None, true);
            want(Kind::Secret, source.get("secret"), "name", None, true);
        }
    }
    found
}

fn judge(subject: &Subject, wanted: &Wanted, known: &Known, findings: &mut Findings) {
    let Some(name) = wanted.name.as_str() else { return };
    let namespace = subject.namespace();
    // The controller manager puts it into every Namespace.
    if (wanted.kind, name) == (Kind::ConfigMap, "kube-root-ca.crt") {
        return;
    }
    let consequence = match wanted.mounted {
        true => msg!("pod-waits-for-volume"),
        false => msg!("container-waits-for-config"),
    };
    let (node, mut diagnostic, near) = match known.get(&(wanted.kind, namespace.to_owned(), name.to_owned()))
    {
        None => {
            let others = known.keys().filter(|(kind, place, _)| *kind == wanted.kind && place == namespace);
            let near = nearest(name, others.map(|(_, _, name)| name.as_str()));
            (wanted.name, Diagnostic::new(msg!("config-missing"), Severity::Warning, wanted.name.span), near)
        }
        Some(Some(keys)) => {
            let Some(key) = wanted.key.filter(|key| key.as_str().is_some_and(|key| !keys.contains(key)))
            else {
                return;
            };
            let near = nearest(key.as_str().unwrap_or(""), keys.iter().map(String::as_str));
            let diagnostic = Diagnostic::new(msg!("key-missing-in-config"), Severity::Warning, key.span);
            (key, diagnostic.arg("key", key.as_str().unwrap_or("")), near)
        }
        Some(None) => return,
    };
    diagnostic = diagnostic.arg("kind", wanted.kind.info().name).arg("name", name).consequence(consequence);
    if let Some(near) = near.filter(|near| near.unique) {
        let edits = vec![Edit::replace(node.span, scalar(near.name))];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
    }
    findings.report(subject.place, diagnostic);
}
