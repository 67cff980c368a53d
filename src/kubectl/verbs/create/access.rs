//! `kubectl create role|clusterrole|rolebinding|clusterrolebinding|serviceaccount|token`.

use super::{Verb, new, one_name, required, send};
use crate::api::{Kind, labels::Selector};
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop};
use crate::kubectl::fields::object;
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// The group of all that is said about access.
const GROUP: &str = "rbac.authorization.k8s.io";

/// What may be done with objects, in upstream's list (`validResourceVerbs`).
const VERBS: [&str; 15] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "approve",
    "escalate",
    "impersonate",
];

pub(super) const ROLE: Verb =
    Verb { name: "create role", aliases: &[], run: |kubectl| role(kubectl, Kind::Role) };

pub(super) const CLUSTER_ROLE: Verb =
    Verb { name: "create clusterrole", aliases: &[], run: |kubectl| role(kubectl, Kind::ClusterRole) };

pub(super) const ROLE_BINDING: Verb =
    Verb { name: "create rolebinding", aliases: &[], run: |kubectl| binding(kubectl, Kind::RoleBinding) };

pub(super) const CLUSTER_ROLE_BINDING: Verb = Verb {
    name: "create clusterrolebinding",
    aliases: &[],
    run: |kubectl| {
        required(kubectl, &["clusterrole"])?;
        binding(kubectl, Kind::ClusterRoleBinding)
    },
};

pub(super) const SERVICE_ACCOUNT: Verb =
    Verb { name: "create serviceaccount", aliases: &["create sa"], run: service_account };

fn failed(kind: Kind, message: &str) -> Problem {
    Problem::Own(format!("failed to create {}: {message}", kind.info().name.to_ascii_lowercase()))
}

fn service_account(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let value = new(kubectl, Kind::ServiceAccount, &name);
    send(kubectl, Kind::ServiceAccount, value, |status| failed(Kind::ServiceAccount, &status.message))
}

/// The values of a flag, each once.
fn once(kubectl: &Kubectl, flag: &str) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for value in kubectl.arguments.list(flag).map(|value| Value::from(Str::from(value))) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn role(kubectl: &mut Kubectl, kind: Kind) -> Outcome {
    let name = one_name(kubectl)?;
    let mut value = new(kubectl, kind, &name);
    if let Some(rule) = kubectl.arguments.text("aggregation-rule").cloned() {
        if ["verb", "resource", "non-resource-url"].iter().any(|flag| kubectl.arguments.text(flag).is_some())
        {
            let why = "aggregation rule must be specified without nonResourceURLs, resources or verbs";
            return Err(kubectl.fail(why.to_owned()));
        }
        if let Err(why) = Selector::parse(&rule) {
            return Err(kubectl.fail(why));
        }
        let pairs = rule.split(',').filter_map(|term| term.split_once('='));
        let labels = object(pairs.map(|(key, value)| (Str::from(key), Str::from(value))));
        value.set(&["aggregationRule", "clusterRoleSelectors"], vec![object([("matchLabels", labels)])]);
        value.set(&["rules"], Value::Null);
        return send(kubectl, kind, value, |status| failed(kind, &status.message));
    }
    let mut verbs = once(kubectl, "verb");
    if verbs.is_empty() {
        return Err(kubectl.fail("at least one verb must be specified".to_owned()));
    }
    if verbs.contains(&Value::from("*")) {
        verbs = vec![Value::from("*")];
    }
    for verb in verbs.iter().filter_map(Value::as_str).filter(|verb| !VERBS.contains(verb)) {
        kubectl.complain(&format!("Warning: '{verb}' is not a standard resource verb"));
    }
    let (resources, names) = (once(kubectl, "resource"), once(kubectl, "resource-name"));
    let urls = once(kubectl, "non-resource-url");
    if resources.is_empty() && urls.is_empty() {
        let why = match kind {
            Kind::Role => "at least one resource must be specified",
            _ => "one of resource or nonResourceURL must be specified",
        };
        return Err(kubectl.fail(why.to_owned()));
    }
    for url in urls.iter().filter_map(Value::as_str).filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return Err(kubectl.fail("nonResourceURL should start with /".to_owned()));
        }
        if url.find('*').is_some_and(|at| at + 1 < url.len()) {
            let why = "nonResourceURL only supports wildcard matches when '*' is at the end";
            return Err(kubectl.fail(why.to_owned()));
        }
    }
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for resource in resources.iter().filter_map(Value::as_str) {
        let (named, part) = resource.split_once('/').map_or((resource, ""), |(named, part)| (named, part));
        let suffix = if part.is_empty() { String::new() } else { format!("/{part}") };
        let (group, plural) = match named {
            "*" => ("*", "*"),
            named => {
                let Some(kind) = Kind::from_resource(named) else {
                    let resource = named.split('.').next().unwrap_or(named);
                    kubectl.complain(&format!("the server doesn't have a resource type \"{resource}\""));
                    return Err(Stop::Exit(1));
                };
                (kind.info().group, kind.info().plural)
            }
        };
        groups.entry(group.to_owned()).or_default().push(Value::from(format!("{plural}{suffix}")));
    }
    let mut rules = Vec::new();
    for (group, resources) in groups {
        let mut rule = object([("apiGroups", Value::from(vec![Value::from(group)]))]);
        if !names.is_empty() {
            rule.set(&["resourceNames"], names.clone());
        }
        rule.set(&["resources"], resources);
        rule.set(&["verbs"], verbs.clone());
        rules.push(rule);
    }
    if !urls.is_empty() {
        rules.push(object([("nonResourceURLs", Value::from(urls)), ("verbs", Value::from(verbs))]));
    }
    value.set(&["rules"], rules);
    send(kubectl, kind, value, |status| failed(kind, &status.message))
}

fn binding(kubectl: &mut Kubectl, kind: Kind) -> Outcome {
    let name = one_name(kubectl)?;
    let given = |flag| kubectl.arguments.text(flag).cloned().filter(|text: &Str| !text.is_empty());
    let role = match (given("clusterrole"), given("role")) {
        (Some(role), None) => ("ClusterRole", role),
        (None, Some(role)) => ("Role", role),
        _ => {
            let why = "exactly one of clusterrole or role must be specified";
            return Err(kubectl.fail(why.to_owned()));
        }
    };
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        for name in once(kubectl, flag) {
            subjects.push(object([("apiGroup", Value::from(GROUP)), ("kind", kind.into()), ("name", name)]));
        }
    }
    for account in once(kubectl, "serviceaccount") {
        let account = account.as_str().unwrap_or_default().to_owned();
        let Some((namespace, name)) =
            account.split_once(':').filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty())
        else {
            return Err(kubectl.fail("serviceaccount must be <namespace>:<name>".to_owned()));
        };
        subjects.push(object([("kind", "ServiceAccount"), ("name", name), ("namespace", namespace)]));
    }
    let mut value = new(kubectl, kind, &name);
    value.set(
        &["roleRef"],
        object([("apiGroup", Value::from(GROUP)), ("kind", role.0.into()), ("name", role.1.into())]),
    );
    if !subjects.is_empty() {
        value.set(&["subjects"], subjects);
    }
    send(kubectl, kind, value, |status| failed(kind, &status.message))
}
