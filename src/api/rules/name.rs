//! Names that Kubernetes does not take: of objects, containers and volumes.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::names::{label_errors, mended_name, path_segment_errors, subdomain_errors};
use crate::api::subject::{Findings, Subject, Template};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity, Span};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let form = form_of(subject);
    if let Some(name) = subject.get(&["metadata", "name"]) {
        let named = Named {
            path: "metadata.name".to_owned(),
            node: name,
            what: &subject.kind_name,
            also: Vec::new(),
        };
        judge(subject, named, form, findings);
    }
    if let Some(namespace) = subject.get(&["metadata", "namespace"])
        && subject.kind.is_none_or(|kind| kind.info().namespaced)
    {
        let path = "metadata.namespace".to_owned();
        judge(
            subject,
            Named { path, node: namespace, what: "Namespace", also: Vec::new() },
            Form::Label,
            findings,
        );
    }
    let Some(template) = subject.template() else { return };
    for container in template.containers() {
        if let Some(name) = container.node.get("name") {
            let path = format!("{}.name", container.path());
            judge(
                subject,
                Named { path, node: name, what: "container", also: Vec::new() },
                Form::Label,
                findings,
            );
        }
    }
    let volumes = template.spec().and_then(|spec| spec.get("volumes")).map(Node::items).unwrap_or_default();
    for (i, volume) in volumes.iter().enumerate() {
        if let Some(name) = volume.get("name") {
            let path = template.at(&format!("spec.volumes[{i}].name"));
            let also = mounts(&template, name.as_str().unwrap_or(""));
            judge(subject, Named { path, node: name, what: "volume", also }, Form::Label, findings);
        }
    }
}

/// Where containers name a volume.
fn mounts(template: &Template, volume: &str) -> Vec<Span> {
    let containers = template.containers();
    let mounts = containers
        .iter()
        .flat_map(|container| container.node.get("volumeMounts").map(Node::items).unwrap_or_default());
    let names = mounts.filter_map(|mount| mount.get("name"));
    names.filter(|name| name.as_str() == Some(volume)).map(|name| name.span).collect()
}

/// A name where it is given.
struct Named<'a> {
    path: String,
    node: &'a Node,
    /// Of what it is the name.
    what: &'a str,
    /// Where else the same thing is named.
    also: Vec<Span>,
}

/// What a name has to look like.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Label,
    Subdomain,
    /// A subdomain of at most 52 characters, since the Jobs' names add a time.
    CronJob,
    PathSegment,
    /// A form of its own, which is not looked at.
    Other,
}

fn form_of(subject: &Subject) -> Form {
    match subject.kind {
        Some(Kind::Namespace | Kind::Service) => Form::Label,
        Some(Kind::CronJob) => Form::CronJob,
        Some(
            Kind::Role
            | Kind::ClusterRole
            | Kind::RoleBinding
            | Kind::ClusterRoleBinding
            | Kind::CertificateSigningRequest,
        ) => Form::PathSegment,
        Some(Kind::APIService | Kind::IPAddress) | None => Form::Other,
        Some(_) => Form::Subdomain,
    }
}

fn judge(subject: &Subject, named: Named, form: Form, findings: &mut Findings) {
    let Named { path, node, what, also } = named;
    let path = &*path;
    // An empty name is a missing one.
    let Some(name) = node.as_str().filter(|name| !name.is_empty()) else { return };
    let (errors, most) = match form {
        Form::Label => (label_errors(name), 63),
        Form::Subdomain => (subdomain_errors(name), 253),
        Form::CronJob => {
            let mut errors = subdomain_errors(name);
            if errors.is_empty() && name.len() > 52 {
                errors.push("must be no more than 52 characters".to_owned());
            }
            (errors, 52)
        }
        Form::PathSegment => (path_segment_errors(name), 253),
        Form::Other => return,
    };
    let Some(first) = errors.first() else { return };
    if subject.is_doubtful(path) {
        return;
    }
    let code = match name.len() > most {
        true => msg!("name-too-long"),
        false => msg!("invalid-name"),
    };
    let mut diagnostic = Diagnostic::new(code, Severity::Error, node.span)
        .arg("name", name)
        .arg("kind", what)
        .arg("most", most);
    // A Namespace of another name is another Namespace, and a template is for another tool.
    let fixable = path != "metadata.namespace" && !name.contains("{{");
    if let Some(mended) = mended_name(name, form != Form::Label, most).filter(|_| fixable) {
        let spans = also.into_iter().chain([node.span]);
        let edits = spans.map(|span| Edit::replace(span, crate::api::layout::scalar(&mended))).collect();
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", mended));
    }
    let error = FieldError::invalid(path, name, first.clone());
    for more in &errors[1..] {
        findings.errors.push((subject.place, FieldError::invalid(path, name, more.clone())));
    }
    findings.invalid(subject.place, diagnostic, error);
}
