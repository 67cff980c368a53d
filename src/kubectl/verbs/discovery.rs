//! What the server has: `kubectl api-resources`, `api-versions`, `cluster-info`, and `auth can-i` of an administrator.

use super::Verb;
use crate::api::Kind;
use crate::api::custom::definition::Definition;
use crate::cluster::outage::API_SERVER;
use crate::cluster::request::Filter;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::kubectl::print::{Format, tabs};
use crate::value::Value;
use std::collections::BTreeSet;

pub(super) const API_RESOURCES: Verb = Verb { name: "api-resources", aliases: &[], run: api_resources };

pub(super) const API_VERSIONS: Verb = Verb { name: "api-versions", aliases: &[], run: api_versions };

pub(super) const CLUSTER_INFO: Verb = Verb { name: "cluster-info", aliases: &[], run: cluster_info };

pub(super) const WHO_AM_I: Verb = Verb { name: "auth whoami", aliases: &[], run: who_am_i };

pub(super) const CAN_I: Verb = Verb { name: "auth can-i", aliases: &[], run: can_i };

/// Kinds that the server has and that nothing here is of: group, version, plural, short name, whether they live in
/// Namespaces, kind.
const OTHERS: &[(&str, &str, &str, &str, bool, &str)] = &[
    ("", "v1", "componentstatuses", "cs", false, "ComponentStatus"),
    ("authentication.k8s.io", "v1", "selfsubjectreviews", "", false, "SelfSubjectReview"),
    ("authentication.k8s.io", "v1", "tokenreviews", "", false, "TokenReview"),
    ("authorization.k8s.io", "v1", "localsubjectaccessreviews", "", true, "LocalSubjectAccessReview"),
    ("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "", false, "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "", false, "SelfSubjectRulesReview"),
    ("authorization.k8s.io", "v1", "subjectaccessreviews", "", false, "SubjectAccessReview"),
    ("certificates.k8s.io", "v1", "clustertrustbundles", "", false, "ClusterTrustBundle"),
    ("certificates.k8s.io", "v1", "podcertificaterequests", "", true, "PodCertificateRequest"),
    ("events.k8s.io", "v1", "events", "ev", true, "Event"),
    ("resource.k8s.io", "v1", "devicetaintrules", "", false, "DeviceTaintRule"),
    ("storagemigration.k8s.io", "v1", "storageversionmigrations", "", false, "StorageVersionMigration"),
];

/// A kind as discovery tells of it.
struct Row {
    group: String,
    version: String,
    plural: String,
    short: String,
    is_namespaced: bool,
    kind: String,
    /// What may be done with its objects.
    verbs: &'static str,
    categories: String,
}

fn rows(custom: &[Definition]) -> Vec<Row> {
    let known = Kind::all().map(Kind::info).map(|info| Row {
        group: info.group.into(),
        version: info.version.into(),
        plural: info.plural.into(),
        short: info.short.join(","),
        is_namespaced: info.namespaced,
        kind: info.name.into(),
        verbs: verbs(info.plural),
        categories: category(info.group, info.name).into(),
    });
    let others = OTHERS.iter().map(|(group, version, plural, short, is_namespaced, kind)| Row {
        group: (*group).into(),
        version: (*version).into(),
        plural: (*plural).into(),
        short: (*short).to_owned(),
        is_namespaced: *is_namespaced,
        kind: (*kind).into(),
        verbs: verbs(plural),
        categories: category(group, kind).into(),
    });
    let custom = custom.iter().filter_map(|known| {
        Some(Row {
            group: known.group.to_string(),
            version: known.preferred()?.name.to_string(),
            plural: known.plural.to_string(),
            short: known.short.join(","),
            is_namespaced: known.namespaced,
            kind: known.kind.to_string(),
            verbs: "delete,deletecollection,get,list,patch,create,update,watch",
            categories: known.categories.join(","),
        })
    });
    let mut rows: Vec<Row> = known.chain(others).chain(custom).collect();
    rows.sort_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural)));
    rows
}

fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.into() } else { format!("{group}/{version}") }
}

/// Refuses words where none are taken.
fn no_words(kubectl: &mut Kubectl) -> Outcome {
    if kubectl.arguments.words.is_empty() {
        return Ok(());
    }
    let words = kubectl.arguments.words.join(" ");
    Err(kubectl.misused(&format!("unexpected arguments: [{words}]")))
}

/// What may be asked for of a resource (upstream: kubectl `cmd/auth`).
const KNOWN_VERBS: [&str; 15] = [
    "*",
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "escalate",
    "approve",
    "sign",
];

/// What may be done with the objects of a kind.
fn verbs(plural: &str) -> &'static str {
    match plural {
        "bindings" => "create",
        "componentstatuses" => "get,list",
        "namespaces" => "create,delete,get,list,patch,update,watch",
        plural if plural.ends_with("reviews") => "create",
        _ => "create,delete,deletecollection,get,list,patch,update,watch",
    }
}

/// The category that a kind belongs to, if any.
fn category(group: &str, kind: &str) -> &'static str {
    match group {
        "admissionregistration.k8s.io" | "apiextensions.k8s.io" | "apiregistration.k8s.io" => {
            "api-extensions"
        }
        _ if Kind::named(kind).is_some_and(|kind| kind.info().in_all) => "all",
        _ => "",
    }
}

fn api_resources(kubectl: &mut Kubectl) -> Outcome {
    no_words(kubectl)?;
    kubectl.discover()?;
    let arguments = kubectl.arguments.clone();
    let namespaced = arguments.text("namespaced").map(|_| arguments.is("namespaced"));
    let mut rows = rows(&kubectl.shell.kept.discovered);
    rows.retain(|row| namespaced.is_none_or(|is| is == row.is_namespaced));
    if let Some(group) = arguments.text("api-group") {
        rows.retain(|row| *row.group == **group);
    }
    let categories: Vec<&str> = arguments.list("categories").collect();
    rows.retain(|row| categories.iter().all(|name| row.categories.split(',').any(|has| has == *name)));
    let wanted: Vec<&str> = arguments.list("verbs").collect();
    rows.retain(|row| wanted.iter().all(|verb| row.verbs.split(',').any(|has| has == *verb)));
    match arguments.text("sort-by").map(|by| &**by) {
        None | Some("") => {}
        Some("name") => rows.sort_by(|a, b| a.plural.cmp(&b.plural)),
        Some("kind") => rows.sort_by(|a, b| a.kind.cmp(&b.kind)),
        Some(_) => return Err(kubectl.fail("--sort-by accepts only name or kind".to_owned())),
    }
    let is_wide = match arguments.text("output").map(|output| &**output) {
        Some("name") => {
            for row in rows {
                let dot = if row.group.is_empty() { "" } else { "." };
                kubectl.line(&format!("{}{dot}{}", row.plural, row.group));
            }
            return Ok(());
        }
        Some("wide") => true,
        None | Some("") => false,
        Some(other) => {
            let formats = "json,kyaml,name,wide,yaml";
            return Err(match formats.split(',').any(|format| format == other) {
                true => kubectl.not_here(&format!("the output format {other} of api-resources")),
                false => kubectl.fail(format!(
                    "unable to match a printer suitable for the output format \"{other}\", allowed formats are: {formats}"
                )),
            });
        }
    };
    let mut text = String::new();
    if !arguments.is("no-headers") {
        text.push_str("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND");
        text.push_str(if is_wide { "\tVERBS\tCATEGORIES\n" } else { "\n" });
    }
    for row in rows {
        let version = api_version(&row.group, &row.version);
        let Row { plural, short, is_namespaced, kind, verbs, categories, .. } = row;
        text.push_str(&format!("{plural}\t{short}\t{version}\t{is_namespaced}\t{kind}"));
        if is_wide {
            text.push_str(&format!("\t{verbs}\t{categories}"));
        }
        text.push('\n');
    }
    kubectl.print(&tabs::align(&text, 6, 3));
    Ok(())
}

fn api_versions(kubectl: &mut Kubectl) -> Outcome {
    no_words(kubectl)?;
    kubectl.discover()?;
    let mut versions: BTreeSet<String> =
        rows(&[]).iter().map(|row| api_version(&row.group, &row.version)).collect();
    for known in kubectl.shell.kept.discovered.iter() {
        let served = known.versions.iter().filter(|version| version.is_served);
        versions.extend(served.map(|version| api_version(&known.group, &version.name)));
    }
    versions.insert("autoscaling/v1".into());
    for version in versions {
        kubectl.line(&version);
    }
    Ok(())
}

fn cluster_info(kubectl: &mut Kubectl) -> Outcome {
    let filter = Filter { labels: "kubernetes.io/cluster-service=true".into(), ..Filter::default() };
    if let Err(status) = kubectl.list(Kind::Service, "kube-system".into(), filter)? {
        return Err(kubectl.fail(Problem::from(status)));
    }
    kubectl.line(&format!("Kubernetes control plane is running at https://{API_SERVER}"));
    kubectl.line("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}

/// Who an administrator is to the server: the user and the groups of kubeadm's certificate.
fn who_am_i(kubectl: &mut Kubectl) -> Outcome {
    const REVIEWS: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    kubectl.raw("POST", REVIEWS.to_owned())?;
    let groups = ["kubeadm:cluster-admins", "system:authenticated"];
    if !matches!(kubectl.format()?, Format::Table { .. }) {
        let mut review = object([("apiVersion", "authentication.k8s.io/v1"), ("kind", "SelfSubjectReview")]);
        review.set(&["metadata", "creationTimestamp"], kubectl.shell.ask.rfc3339());
        let groups: Vec<Value> = groups.into_iter().map(Value::from).collect();
        review.set(&["status", "userInfo"], object([("groups", groups)]));
        review.set(&["status", "userInfo", "username"], "kubernetes-admin");
        return kubectl.report(&review, "");
    }
    let text = format!("ATTRIBUTE\tVALUE\nUsername\tkubernetes-admin\nGroups\t[{}]\n", groups.join(" "));
    kubectl.print(&tabs::align(&text, 6, 3));
    Ok(())
}

/// What an administrator may: everything, and beside it what everybody may who is known to the server. An address stands
/// twice that both `system:discovery` and `system:public-info-viewer` allow.
const RULES: &[(&str, &str, &str)] = &[
    ("*.*", "", "*"),
    ("", "*", "*"),
    ("selfsubjectreviews.authentication.k8s.io", "", "create"),
    ("selfsubjectaccessreviews.authorization.k8s.io", "", "create"),
    ("selfsubjectrulesreviews.authorization.k8s.io", "", "create"),
    ("", "/api/*", "get"),
    ("", "/api", "get"),
    ("", "/apis/*", "get"),
    ("", "/apis", "get"),
    ("", "/healthz", "get"),
    ("", "/healthz", "get"),
    ("", "/livez", "get"),
    ("", "/livez", "get"),
    ("", "/openapi/*", "get"),
    ("", "/openapi", "get"),
    ("", "/readyz", "get"),
    ("", "/readyz", "get"),
    ("", "/version/", "get"),
    ("", "/version/", "get"),
    ("", "/version", "get"),
    ("", "/version", "get"),
];

/// `auth can-i --list`
fn rules(kubectl: &mut Kubectl) -> Outcome {
    kubectl.raw("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews".to_owned())?;
    let mut text = String::new();
    if !kubectl.arguments.is("no-headers") {
        text.push_str("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    }
    for (resources, urls, verbs) in RULES {
        text.push_str(&format!("{resources}\t[{urls}]\t[]\t[{verbs}]\n"));
    }
    kubectl.print(&tabs::align(&text, 6, 3));
    Ok(())
}

fn can_i(kubectl: &mut Kubectl) -> Outcome {
    if kubectl.arguments.is("list") {
        if !kubectl.arguments.words.is_empty() {
            return Err(kubectl.fail("list option must be specified with no arguments".to_owned()));
        }
        return rules(kubectl);
    }
    let words = kubectl.arguments.words.clone();
    let (Some(_), Some(resource)) = (words.first(), words.get(1)) else {
        let why = "you must specify two arguments: verb resource or verb resource/resourceName.";
        return Err(kubectl.fail(format!("{why}\nSee 'kubectl auth can-i -h' for help and examples.")));
    };
    let named = resource.split('/').next().unwrap_or(resource);
    if !resource.starts_with('/') && named != "*" {
        match Kind::from_resource(named) {
            None => {
                kubectl.complain(&format!("Warning: the server doesn't have a resource type '{named}'\n\n"));
            }
            Some(kind) if !kind.info().namespaced && !kubectl.arguments.is("all-namespaces") => {
                let plural = kind.info().plural;
                let group = kind.info().group;
                let place = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
                kubectl.complain(&format!("Warning: resource '{plural}' is not namespace scoped{place}\n\n"));
            }
            Some(_) => {}
        }
    }
    let verb = words.first().map_or("", |verb| verb);
    if !resource.starts_with('/') && !KNOWN_VERBS.contains(&verb) {
        kubectl.complain(&format!("Warning: verb '{verb}' is not a known verb\n\n"));
    }
    // The kind is looked up in its group before the question is asked.
    let group = Kind::from_resource(named).map_or("", |kind| kind.info().group);
    let folder = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}") };
    if named != "*" && !resource.starts_with('/') {
        kubectl.raw("GET", folder)?;
    }
    kubectl.raw("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews".to_owned())?;
    if !kubectl.arguments.is("quiet") {
        kubectl.line("yes");
    }
    Ok(())
}
