//! Names of objects that nothing waits for aloud: Secrets for pulling, Services behind an Ingress, Roles and the accounts
//! that they are given to.

use super::{Check, MAKERS, Rule};
use crate::api::kinds::Kind;
use crate::api::layout::scalar;
use crate::api::objects::Object;
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;
use crate::schema::nearest;

pub(super) const PULL_SECRET: Rule = Rule { check: Check::Among(MAKERS, pull_secrets) };
pub(super) const INGRESS: Rule = Rule { check: Check::Among(&[Kind::Ingress], ingress) };
pub(super) const BINDING: Rule =
    Rule { check: Check::Among(&[Kind::RoleBinding, Kind::ClusterRoleBinding], binding) };

fn text<'a>(node: &'a Node, field: &str) -> Option<(&'a Node, &'a str)> {
    let node = node.get(field)?;
    Some((node, node.as_str().filter(|text| !text.is_empty())?))
}

/// The diagnostic, with the name that was probably meant.
fn with_near(world: &World, kind: Kind, namespace: &str, node: &Node, diagnostic: Diagnostic) -> Diagnostic {
    let names = world.all_in(kind, namespace).map(|(name, _)| name);
    let near = nearest(node.as_str().unwrap_or(""), names).filter(|near| near.unique);
    let Some(near) = near else { return diagnostic };
    let edits = vec![Edit::replace(node.span, scalar(near.name))];
    diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name))
}

fn pull_secrets(world: &World, written: &Written, findings: &mut Findings) {
    for secret in written.in_pod_spec(&["imagePullSecrets"]).map(Node::items).unwrap_or_default() {
        let Some((node, name)) = text(secret, "name") else { continue };
        if world.has(Kind::Secret, written.namespace(), name) {
            continue;
        }
        let severity = world.missing(Kind::Secret, written.namespace());
        let diagnostic = Diagnostic::new(msg!("pull-secret-missing"), severity, node.span)
            .arg("name", name)
            .consequence(msg!("pulled-without-secret"));
        written.tell(with_near(world, Kind::Secret, written.namespace(), node, diagnostic), findings);
    }
}

fn ingress(world: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.subject.get(&["spec"]) else { return };
    let rules = spec.get("rules").map(Node::items).unwrap_or_default();
    let paths = rules.iter().flat_map(|rule| {
        rule.get("http").and_then(|http| http.get("paths")).map(Node::items).unwrap_or_default()
    });
    let backends = spec.get("defaultBackend").into_iter().chain(paths.filter_map(|path| path.get("backend")));
    for service in backends.filter_map(|backend| backend.get("service")) {
        let Some((node, name)) = text(service, "name") else { continue };
        match world.find(Kind::Service, written.namespace(), name) {
            Some(Object::Service(found)) => {
                let Some(port) = service.get("port") else { continue };
                let number = port.get("number");
                let by_name = text(port, "name");
                let (node, shown, is_there) = match (number.map(|node| (node, &node.kind)), by_name) {
                    (Some((node, NodeKind::Int(number))), _) => (
                        node,
                        number.to_string(),
                        found.spec.ports.iter().any(|port| i64::from(port.port) == *number),
                    ),
                    (_, Some((node, name))) => {
                        (node, name.to_owned(), found.spec.ports.iter().any(|port| &*port.name == name))
                    }
                    _ => continue,
                };
                if is_there {
                    continue;
                }
                let mut diagnostic =
                    Diagnostic::new(msg!("ingress-port-unknown"), Severity::Warning, node.span)
                        .arg("name", name)
                        .arg("port", shown)
                        .consequence(msg!("ingress-leads-nowhere"));
                if let ([only], Some(number)) = (&found.spec.ports[..], number) {
                    let edits = vec![Edit::replace(number.span, only.port.to_string())];
                    diagnostic = diagnostic
                        .fix(Fix::new(msg!("fix-change-to"), edits).arg("to", i64::from(only.port)));
                }
                written.tell(diagnostic, findings);
            }
            None if !world.has(Kind::Service, written.namespace(), name) => {
                let severity = world.missing(Kind::Service, written.namespace());
                let diagnostic = Diagnostic::new(msg!("ingress-service-missing"), severity, node.span)
                    .arg("name", name)
                    .arg("namespace", written.namespace())
                    .consequence(msg!("ingress-leads-nowhere"));
                written
                    .tell(with_near(world, Kind::Service, written.namespace(), node, diagnostic), findings);
            }
            _ => {}
        }
    }
}

fn binding(world: &World, written: &Written, findings: &mut Findings) {
    let root = &written.subject.root;
    if let Some((node, name)) = root.get("roleRef").and_then(|role| text(role, "name")) {
        let of = root.get("roleRef").and_then(|role| role.get("kind")).and_then(Node::as_str);
        let (kind, namespace) = match of {
            Some("Role") => (Kind::Role, written.namespace()),
            _ => (Kind::ClusterRole, ""),
        };
        // Every cluster has these.
        let built_in = match kind {
            Kind::Role => namespace.starts_with("kube-") && name.starts_with("extension-apiserver-"),
            _ => matches!(name, "cluster-admin" | "admin" | "edit" | "view"),
        };
        if !world.has(kind, namespace, name) && !built_in && !name.starts_with("system:") {
            let diagnostic = Diagnostic::new(msg!("role-missing"), world.missing(kind, namespace), node.span)
                .arg("kind", kind.info().name)
                .arg("name", name)
                .consequence(msg!("binding-gives-nothing"));
            written.tell(with_near(world, kind, namespace, node, diagnostic), findings);
        }
    }
    for subject in root.get("subjects").map(Node::items).unwrap_or_default() {
        let is_account = subject.get("kind").and_then(Node::as_str) == Some("ServiceAccount");
        let Some((node, name)) = text(subject, "name").filter(|_| is_account) else { continue };
        let namespace = text(subject, "namespace").map_or(written.namespace(), |(_, namespace)| namespace);
        if name == "default" || world.has(Kind::ServiceAccount, namespace, name) {
            continue;
        }
        let severity = world.missing(Kind::ServiceAccount, namespace);
        let diagnostic = Diagnostic::new(msg!("account-of-binding-missing"), severity, node.span)
            .arg("name", name)
            .arg("namespace", namespace)
            .consequence(msg!("binding-gives-nothing"));
        written.tell(with_near(world, Kind::ServiceAccount, namespace, node, diagnostic), findings);
    }
}
