//! Which kind an object is of, in which version: what discovery would say, and what was meant where it would
//! say no.

use super::check::no_matches;
use super::kinds::Kind;
use super::layout::is_flow;
use super::subject::{Findings, Where};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity};
use crate::msg;
use crate::schema::{Definition, Schema, nearest};
use crate::value::Str;

/// What an object is.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// As in `apiVersion:`, or as it was meant.
    pub(crate) api_version: Str,
    /// As in `kind:`, or as it was meant.
    pub(crate) kind: Str,
    /// Its structure.
    pub(crate) definition: &'static Definition,
}

/// Versions that are gone, of all kinds or of those named, and the version of Kubernetes that first lacked
/// them. From Kubernetes' "Deprecated API Migration Guide".
const REMOVED: &[(&str, &[&str], &str)] = &[
    ("admissionregistration.k8s.io/v1beta1", &[], "1.22"),
    ("apiextensions.k8s.io/v1beta1", &[], "1.22"),
    ("apiregistration.k8s.io/v1beta1", &[], "1.22"),
    ("apps/v1beta1", &[], "1.16"),
    ("apps/v1beta2", &[], "1.16"),
    ("autoscaling/v2beta1", &[], "1.25"),
    ("autoscaling/v2beta2", &[], "1.26"),
    ("batch/v1beta1", &[], "1.25"),
    ("batch/v2alpha1", &[], "1.21"),
    ("certificates.k8s.io/v1beta1", &[], "1.22"),
    ("coordination.k8s.io/v1beta1", &[], "1.22"),
    ("discovery.k8s.io/v1beta1", &[], "1.25"),
    ("events.k8s.io/v1beta1", &[], "1.25"),
    ("extensions/v1beta1", &["Ingress"], "1.22"),
    ("extensions/v1beta1", &[], "1.16"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", &[], "1.26"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", &[], "1.29"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", &[], "1.32"),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], "1.22"),
    ("node.k8s.io/v1beta1", &[], "1.25"),
    ("policy/v1beta1", &[], "1.25"),
    ("rbac.authorization.k8s.io/v1alpha1", &[], "1.22"),
    ("rbac.authorization.k8s.io/v1beta1", &[], "1.22"),
    ("scheduling.k8s.io/v1beta1", &[], "1.22"),
    ("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], "1.27"),
    ("storage.k8s.io/v1beta1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], "1.22"),
];

/// Kinds that are gone altogether.
const REMOVED_KINDS: &[(&str, &str)] = &[("PodSecurityPolicy", "1.25"), ("PodPreset", "1.20")];

/// Whether a cluster that was not told otherwise serves this version: beta and alpha are off.
fn is_stable(version: &str) -> bool {
    !version.contains("alpha") && !version.contains("beta")
}

/// The versions of a kind that are served, the preferred one first.
fn served(kind: &str) -> Vec<&'static str> {
    let preferred = Kind::named(kind).map(|kind| (kind.info().group, kind.info().version));
    let mut versions: Vec<_> = Schema::kinds_named(kind)
        .filter(|found| is_stable(found.version()) && is_resource(found.kind))
        .collect();
    versions.sort_by_key(|found| Some((found.group(), found.version())) != preferred);
    versions.iter().map(|found| found.api_version).collect()
}

/// Whether objects of the kind can be asked for: not those that only a subresource takes, and no lists.
fn is_resource(kind: &str) -> bool {
    !matches!(
        kind,
        "Binding" | "Eviction" | "Scale" | "TokenRequest" | "DeleteOptions" | "Status" | "WatchEvent"
    ) && !kind.ends_with("List")
}

/// The kinds that are served in any version.
fn kinds() -> impl Iterator<Item = &'static str> {
    Schema::kinds()
        .iter()
        .filter(|kind| is_stable(kind.version()) && is_resource(kind.kind))
        .map(|kind| kind.kind)
}

/// Whether an API group could be that of a CustomResourceDefinition, and not a misspelt one.
fn is_custom(api_version: &str) -> bool {
    let Some((group, _)) = api_version.split_once('/') else { return false };
    let known = || Schema::kinds().iter().map(|kind| kind.group()).chain(["extensions"]);
    group.contains('.') && !known().any(|known| known == group) && nearest(group, known()).is_none()
}

/// What the object `root` is. None where nobody knows; then `findings` says why, unless it is fine.
pub(crate) fn identify(place: Where, text: &str, root: &Node, findings: &mut Findings) -> Option<Identity> {
    if !matches!(root.kind, NodeKind::Mapping(_)) {
        let answer = "error validating data: invalid object to validate";
        let diagnostic = Diagnostic::new(msg!("not-an-object"), Severity::Error, root.span);
        findings.report(place, diagnostic.arg("answer", answer).consequence(msg!("kubectl-refuses-object")));
        return None;
    }
    let api_version = first_line(place, text, root, "apiVersion", findings);
    let kind = first_line(place, text, root, "kind", findings);
    match (api_version, kind) {
        (Line::Text(api_version), Line::Text(kind)) => known(place, api_version, kind, findings),
        (Line::Missing, Line::Text(kind)) => {
            let kind_name = kind.value.as_str().unwrap_or("");
            let version = served(kind_name).first().copied();
            let mut diagnostic = Diagnostic::new(msg!("missing-api-version"), Severity::Error, kind.key_span);
            if let Some(version) = version {
                let line = format!("apiVersion: {version}");
                let between = if is_flow(text, root) { ", " } else { "\n" };
                let written = kind.key_span.slice(text);
                // Not inserted but written over: what goes before the document may be inserted at the same place.
                let edit = Edit::replace(kind.key_span, format!("{line}{between}{written}"));
                diagnostic = diagnostic.fix(Fix::new(msg!("fix-add-field"), vec![edit]).arg("field", line));
            }
            refused_by_kubectl(place, diagnostic, "apiVersion not set", findings);
            known_as(version?, kind_name)
        }
        (api_version, Line::Missing) => {
            let span = match &api_version {
                Line::Text(entry) => entry.key_span,
                // The document's first key, so that not all of it is marked.
                _ => root.entries().first().map_or(root.span, |entry| entry.key_span),
            };
            // kubectl stops at what it looks for first.
            let (code, answer) = match api_version {
                Line::Missing => (msg!("missing-api-version-and-kind"), "[apiVersion not set, kind not set]"),
                _ => (msg!("missing-kind"), "kind not set"),
            };
            refused_by_kubectl(place, Diagnostic::new(code, Severity::Error, span), answer, findings);
            None
        }
        _ => None,
    }
}

fn refused_by_kubectl(place: Where, diagnostic: Diagnostic, answer: &str, findings: &mut Findings) {
    let answer = format!("error validating data: {answer}");
    findings.report(place, diagnostic.arg("answer", answer).consequence(msg!("kubectl-refuses-object")));
}

/// One of the two lines that say what an object is.
enum Line<'a> {
    Text(&'a Entry),
    Missing,
    /// Told already.
    Wrong,
}

fn first_line<'a>(
    place: Where,
    text: &str,
    root: &'a Node,
    name: &'static str,
    findings: &mut Findings,
) -> Line<'a> {
    match root.entry(name) {
        Some(entry) if entry.value.as_str().is_some_and(|text| !text.is_empty()) => Line::Text(entry),
        Some(entry) if matches!(entry.value.kind, NodeKind::Null | NodeKind::String(_)) => Line::Missing,
        Some(entry) => {
            let mut diagnostic = Diagnostic::new(msg!("not-text"), Severity::Error, entry.value.span)
                .arg("field", name)
                .arg("value", entry.value.span.slice(text));
            // `apiVersion: 1` beside a kind that is known.
            let kind = root.get("kind").and_then(Node::as_str).unwrap_or("");
            if let (Some(version), "apiVersion") = (served(kind).first(), name) {
                let edits = vec![Edit::replace(entry.value.span, *version)];
                diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", *version));
            }
            refused_by_kubectl(place, diagnostic, &format!("{name} isn't string type"), findings);
            Line::Wrong
        }
        None => {
            let misspelt = root.entries().iter().find(|entry| {
                entry.value.as_str().is_some()
                    && !matches!(&*entry.key, "kind" | "apiVersion" | "metadata" | "spec" | "status" | "data")
                    && nearest(&entry.key, [name]).is_some()
            });
            let Some(entry) = misspelt else { return Line::Missing };
            let diagnostic = Diagnostic::new(msg!("misspelt-field"), Severity::Error, entry.key_span)
                .arg("field", &entry.key)
                .arg("parent", crate::manifest::Arg::Message(msg!("top-level")))
                .arg("right", name)
                .fix(
                    Fix::new(msg!("fix-change-to"), vec![Edit::replace(entry.key_span, name)])
                        .arg("to", name),
                );
            refused_by_kubectl(place, diagnostic, &format!("{name} not set"), findings);
            Line::Text(entry)
        }
    }
}

fn known_as(api_version: &str, kind: &str) -> Option<Identity> {
    let definition = Schema::lookup(api_version, kind)?;
    Some(Identity { api_version: api_version.into(), kind: kind.into(), definition })
}

/// The identity that two lines of text give.
fn known(place: Where, version_line: &Entry, kind_line: &Entry, findings: &mut Findings) -> Option<Identity> {
    let api_version = version_line.value.as_str().unwrap_or("");
    let kind = kind_line.value.as_str().unwrap_or("");
    let version = api_version.rsplit('/').next().unwrap_or(api_version);
    let list = kind.ends_with("List");
    if is_stable(version)
        && (is_resource(kind) || list)
        && let Some(identity) = known_as(api_version, kind)
    {
        return Some(identity);
    }
    let told = |diagnostic: Diagnostic| {
        diagnostic
            .arg("kind", kind)
            .arg("version", api_version)
            .arg("answer", no_matches(kind, api_version))
            .consequence(msg!("kubectl-knows-no-kind"))
    };
    if is_custom(api_version) {
        let diagnostic = Diagnostic::new(msg!("unknown-resource"), Severity::Error, kind_line.value.span);
        findings.report(place, told(diagnostic));
        return None;
    }
    let versions = served(kind);
    if let Some(right) = nearest_version(api_version, &versions) {
        return other_version(place, version_line, kind, right, &versions, findings);
    }
    if let Some((_, since)) = REMOVED_KINDS.iter().find(|(name, _)| *name == kind) {
        let diagnostic = Diagnostic::new(msg!("removed-kind"), Severity::Error, kind_line.value.span);
        findings.report(place, told(diagnostic).arg("since", *since));
        return None;
    }
    let Some((near, unique)) = meant(kind, api_version) else {
        let diagnostic = Diagnostic::new(msg!("unknown-kind"), Severity::Error, kind_line.value.span);
        findings.report(place, told(diagnostic));
        return None;
    };
    let versions = served(near);
    let right = if versions.contains(&api_version) { None } else { nearest_version(api_version, &versions) };
    let mut edits = vec![Edit::replace(kind_line.value.span, near)];
    if let Some(right) = right {
        edits.push(Edit::replace(version_line.value.span, right));
    }
    let mut diagnostic = told(Diagnostic::new(msg!("misspelt-kind"), Severity::Error, kind_line.value.span))
        .arg("right", near);
    if kind == near.to_ascii_lowercase() && right.is_none() {
        // Discovery finds a kind in small letters too; decoding does not.
        let error = super::check::not_registered(kind, api_version);
        diagnostic.args.retain(|(name, _)| *name != "answer");
        diagnostic = diagnostic.arg("answer", error).consequence(msg!("server-refuses-object"));
    }
    if unique {
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near));
    }
    findings.report(place, diagnostic);
    if unique { known_as(right.unwrap_or(api_version), near) } else { None }
}

/// The kind that was meant, and whether no other is as near: among those of the version first, then among all.
fn meant(kind: &str, api_version: &str) -> Option<(&'static str, bool)> {
    let here =
        Schema::kinds().iter().filter(|found| found.api_version == api_version && is_resource(found.kind));
    let near = nearest(kind, here.map(|found| found.kind)).filter(|near| near.unique);
    if let Some(near) = near {
        return Some((near.name, true));
    }
    // `Pods`, `svc`.
    if let Some(kind) = Kind::from_resource(kind) {
        return Some((kind.info().name, true));
    }
    nearest(kind, kinds()).map(|near| (near.name, near.unique))
}

/// Of the versions that a kind is served in, the one that was meant.
fn nearest_version(api_version: &str, served: &[&'static str]) -> Option<&'static str> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let same_group =
        served.iter().find(|served| served.split_once('/').map_or("", |(group, _)| group) == group);
    same_group.or(served.first()).copied()
}

/// The kind exists, but not in this version.
fn other_version(
    place: Where,
    version_line: &Entry,
    kind: &str,
    right: &'static str,
    served: &[&'static str],
    findings: &mut Findings,
) -> Option<Identity> {
    let api_version = version_line.value.as_str().unwrap_or("");
    let since = REMOVED
        .iter()
        .find(|(version, kinds, _)| *version == api_version && (kinds.is_empty() || kinds.contains(&kind)))
        .map(|(_, _, since)| *since);
    let known_version = Schema::kinds().iter().any(|found| found.api_version == api_version);
    let code = match since {
        Some(_) => msg!("removed-version"),
        None if known_version => msg!("kind-in-other-version"),
        None => msg!("unknown-version"),
    };
    let mut diagnostic = Diagnostic::new(code, Severity::Error, version_line.value.span)
        .arg("kind", kind)
        .arg("version", api_version)
        .arg("right", right)
        .arg("answer", no_matches(kind, api_version))
        .consequence(msg!("kubectl-knows-no-kind"));
    if let Some(since) = since {
        diagnostic = diagnostic.arg("since", since);
    }
    let groups = served.iter().map(|version| version.split_once('/').map_or("", |(group, _)| group));
    let mut groups: Vec<_> = groups.collect();
    groups.sort_unstable();
    groups.dedup();
    // Events stand in two groups; of those nobody writes manifests.
    if groups.len() == 1 {
        let edit = Edit::replace(version_line.value.span, right);
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), vec![edit]).arg("to", right));
    }
    findings.report(place, diagnostic);
    known_as(right, kind)
}
