//! Objects in a Namespace that is not there, or not there yet.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::layout::scalar;
use crate::api::names::label_errors;
use crate::api::subject::{Findings, Subject};
use crate::api::world::World;
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity, Span};
use crate::msg;
use crate::schema::nearest;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

/// The Namespaces that every cluster has.
const INITIAL: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

fn check(world: &World, findings: &mut Findings) {
    let mut existing: BTreeSet<&str> = INITIAL.iter().copied().collect();
    existing.extend(
        world
            .existing
            .iter()
            .filter(|object| object.kind() == Kind::Namespace)
            .map(|object| &*object.meta().name),
    );
    // The first document of each file that makes it.
    let mut made: BTreeMap<&str, &Subject> = BTreeMap::new();
    for subject in world.subjects.iter().filter(|subject| subject.is(Kind::Namespace)) {
        made.entry(subject.name()).or_insert(subject);
    }
    let mut told = BTreeSet::new();
    for subject in world.subjects.iter().filter(|subject| subject.readable) {
        let Some(node) = subject.get(&["metadata", "namespace"]) else { continue };
        let namespace = subject.namespace();
        let namespaced = subject.kind.is_none_or(|kind| kind.info().namespaced);
        if !namespaced || existing.contains(namespace) || !label_errors(namespace).is_empty() {
            continue;
        }
        match made.get(namespace) {
            // One mistake, however many objects are in the Namespace.
            None if !told.insert(namespace) => {}
            None => missing(subject, node, namespace, &existing, &made, findings),
            Some(maker) if maker.place.file == subject.place.file && maker.place > subject.place => {
                if told.insert(namespace) {
                    later(subject, maker, node, namespace, findings);
                }
            }
            Some(_) => {}
        }
    }
}

fn document(namespace: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {}\n---\n", scalar(namespace))
}

fn answer(namespace: &str) -> String {
    format!("namespaces \"{namespace}\" not found")
}

fn missing(
    subject: &Subject,
    node: &Node,
    namespace: &str,
    existing: &BTreeSet<&str>,
    made: &BTreeMap<&str, &Subject>,
    findings: &mut Findings,
) {
    let mut diagnostic = Diagnostic::new(msg!("namespace-missing"), Severity::Error, node.span)
        .arg("namespace", namespace)
        .arg("answer", answer(namespace))
        .consequence(msg!("namespace-not-found"));
    let change_to = |name: &str| {
        Fix::new(msg!("fix-change-to"), vec![Edit::replace(node.span, scalar(name))]).arg("to", name)
    };
    // One that the cluster has was more likely meant than one that is made here and has a name of its own.
    let there = nearest(namespace, existing.iter().copied()).filter(|near| near.unique);
    let here = nearest(namespace, made.keys().copied()).filter(|near| near.unique && there.is_none());
    diagnostic.fixes.extend(there.map(|near| change_to(near.name)));
    if let Some(at) = start(subject) {
        let edits = vec![Edit::insert(at, document(namespace))];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-add-namespace"), edits).arg("namespace", namespace));
    }
    diagnostic.fixes.extend(here.map(|near| change_to(near.name)));
    findings.report(subject.place, diagnostic);
}

/// Where another document goes before this one: none in JSON, and none where directives or the beginning of the
/// file forbid it.
fn start(subject: &Subject) -> Option<usize> {
    let at = subject.span.start as usize;
    let rest = subject.text.get(at..)?;
    let bom = if at == 0 { rest.len() - rest.trim_start_matches('\u{FEFF}').len() } else { 0 };
    let first = rest.trim_start_matches('\u{FEFF}').trim_start();
    (!first.starts_with(['%', '{'])).then_some(at + bom)
}

/// The Namespace is made, but after what is to be in it.
fn later(subject: &Subject, maker: &Subject, node: &Node, namespace: &str, findings: &mut Findings) {
    let mut diagnostic = Diagnostic::new(msg!("namespace-later"), Severity::Error, node.span)
        .arg("namespace", namespace)
        .arg("answer", answer(namespace))
        .consequence(msg!("namespace-not-found"));
    let (whole, moved) = (maker.span, maker.span.slice(maker.text));
    // The line that separates it from what stood before it goes along.
    let line = maker.text.get(..whole.start as usize).and_then(|before| before.strip_suffix("---\n"));
    let gone = line.map_or(whole, |before| Span::new(before.len(), whole.end as usize));
    if let Some(at) = start(subject).filter(|_| maker.root.span.start >= whole.start && !moved.is_empty()) {
        let end = if moved.ends_with('\n') { "---\n" } else { "\n---\n" };
        let edits = vec![Edit::insert(at, format!("{moved}{end}")), Edit::replace(gone, "")];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-move-namespace"), edits).arg("namespace", namespace));
    }
    findings.report(subject.place, diagnostic);
}
