//! A ServiceAccount that is not there: the API server refuses a Pod of it.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::layout::scalar;
use crate::api::subject::{Findings, Subject};
use crate::api::world::World;
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;
use crate::schema::nearest;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

fn check(world: &World, findings: &mut Findings) {
    let mut accounts: BTreeSet<(String, String)> = BTreeSet::new();
    let made = world.subjects.iter().filter(|subject| subject.is(Kind::ServiceAccount));
    accounts.extend(made.map(|subject| (subject.namespace().to_owned(), subject.name().to_owned())));
    let existing = world.existing.iter().filter(|object| object.kind() == Kind::ServiceAccount);
    accounts
        .extend(existing.map(|object| (object.meta().namespace.to_string(), object.meta().name.to_string())));
    for subject in world.subjects.iter().filter(|subject| subject.readable) {
        let Some(spec) = subject.template().and_then(|template| template.spec()) else { continue };
        let node = spec.get("serviceAccountName").or_else(|| spec.get("serviceAccount"));
        let Some((node, name)) = node.and_then(|node| Some((node, node.as_str()?))) else { continue };
        let there = accounts.contains(&(subject.namespace().to_owned(), name.to_owned()));
        // Every Namespace has one that is named default.
        if !there && !matches!(name, "" | "default") {
            tell(subject, node, name, &accounts, findings);
        }
    }
}

fn tell(
    subject: &Subject,
    node: &Node,
    name: &str,
    accounts: &BTreeSet<(String, String)>,
    findings: &mut Findings,
) {
    let namespace = subject.namespace();
    let pod = subject.is(Kind::Pod);
    let severity = if pod { Severity::Error } else { Severity::Warning };
    let mut diagnostic = Diagnostic::new(msg!("service-account-missing"), severity, node.span)
        .arg("name", name)
        .arg("namespace", namespace);
    let here = accounts.iter().filter(|(place, _)| place == namespace).map(|(_, name)| name.as_str());
    if let Some(near) = nearest(name, here).filter(|near| near.unique) {
        let edits = vec![Edit::replace(node.span, scalar(near.name))];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
    }
    if !pod {
        let diagnostic = diagnostic.arg("kind", &subject.kind_name).consequence(msg!("pods-cannot-be-made"));
        return findings.report(subject.place, diagnostic);
    }
    let answer = format!(
        "pods \"{}\" is forbidden: error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found",
        subject.name()
    );
    findings.refused(subject.place, diagnostic, answer);
}
