//! Webhooks and aggregated APIs (upstream: pkg/apis/admissionregistration/validation, kube-aggregator's validation).

use super::at::At;
use super::errors::Errors;
use super::meta;
use crate::api::field_error::FieldError;
use crate::api::names::{label_key_errors, letter_label_errors, subdomain_errors};
use std::collections::{BTreeMap, BTreeSet};

const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/// A configuration of webhooks.
pub(super) fn configuration(is_mutating: bool, root: &At, errors: &mut Errors) {
    let mut names = BTreeSet::new();
    for hook in root.field("webhooks").items() {
        let name = hook.field("name");
        qualified(&name, errors);
        let rules = hook.field("rules");
        let mut late = Errors::default();
        rules.items().for_each(|rule| self::rule(&rule, &mut late));
        for error in late.finish() {
            errors.push(error);
        }
        errors.one_of(&hook.field("failurePolicy"), &["Fail", "Ignore"]);
        errors.one_of(&hook.field("matchPolicy"), &["Equivalent", "Exact"]);
        let effects = hook.field("sideEffects");
        if !effects.is_there() {
            errors.required(&effects, "must specify one of None, NoneOnDryRun");
        } else if !matches!(effects.text(), "None" | "NoneOnDryRun") {
            errors.unsupported(&effects, &["None", "NoneOnDryRun"]);
        }
        let timeout = hook.field("timeoutSeconds");
        if timeout.value.as_int().is_some_and(|seconds| !(1..=30).contains(&seconds)) {
            errors.invalid(&timeout, "the timeout value must be between 1 and 30 seconds");
        }
        meta::selector(&hook.field("namespaceSelector"), errors);
        meta::selector(&hook.field("objectSelector"), errors);
        if is_mutating {
            errors.one_of(&hook.field("reinvocationPolicy"), &["IfNeeded", "Never"]);
        }
        client(&hook.field("clientConfig"), errors);
        let versions = hook.field("admissionReviewVersions");
        if versions.is_empty() {
            errors.required(&versions, "must specify one of v1, v1beta1");
        }
        let mut seen = BTreeSet::new();
        for version in versions.items() {
            if !seen.insert(version.text()) {
                errors.invalid(&version, "duplicate version");
                continue;
            }
            errors.names(&version, letter_label_errors(version.text()));
        }
        if !versions.is_empty() && !versions.items().any(|version| matches!(version.text(), "v1" | "v1beta1"))
        {
            errors.invalid(&versions, "must include at least one of v1, v1beta1");
        }
        conditions(&hook.field("matchConditions"), errors);
        if !names.insert(hook.str("name").to_owned()) {
            errors.duplicate(&name, name.text());
        }
    }
}

/// A domain of at least three parts.
fn qualified(at: &At, errors: &mut Errors) {
    if at.is_empty() {
        return errors.required(at, "");
    }
    let whys = subdomain_errors(at.text());
    if !whys.is_empty() {
        errors.invalid(at, whys.join(","));
    } else if at.text().split('.').count() < 3 {
        errors.invalid(at, "should be a domain with at least three segments separated by dots");
    }
}

pub(super) fn rule(at: &At, errors: &mut Errors) {
    let operations = at.field("operations");
    let has_all =
        |list: &At| list.list().len() > 1 && list.list().iter().any(|one| one.as_str() == Some("*"));
    if operations.is_empty() {
        errors.required(&operations, "");
    }
    if has_all(&operations) {
        errors.invalid(&operations, "if '*' is present, must not specify other operations");
    }
    for operation in operations.items().filter(|operation| !OPERATIONS.contains(&operation.text())) {
        errors.unsupported(&operation, OPERATIONS);
    }
    for (name, what) in [("apiGroups", "API groups"), ("apiVersions", "API versions")] {
        let list = at.field(name);
        if list.is_empty() {
            errors.required(&list, "");
        }
        if has_all(&list) {
            errors.invalid(&list, format!("if '*' is present, must not specify other {what}"));
        }
    }
    let resources = at.field("resources");
    if resources.is_empty() {
        errors.required(&resources, "");
    }
    self::resources(&resources, errors);
    errors.one_of(&at.field("scope"), &["*", "Cluster", "Namespaced"]);
}

fn client(at: &At, errors: &mut Errors) {
    let (url, service) = (at.field("url"), at.field("service"));
    if url.is_there() == service.is_there() {
        errors.required(at, "exactly one of url or service is required");
        return;
    }
    if url.is_there() {
        self::url(&url, errors);
        return;
    }
    for name in ["name", "namespace"] {
        let field = service.field(name);
        if field.is_empty() {
            errors.required(&field, "");
        }
    }
    let port = service.field("port");
    if port.value.as_int().is_some_and(|port| !(1..=65_535).contains(&port)) {
        errors.invalid(&port, "port is not valid: must be between 1 and 65535, inclusive");
    }
    path(&service.field("path"), errors);
}

/// Where a webhook outside the cluster is (upstream: apiserver `ValidateWebhookURL`).
fn url(at: &At, errors: &mut Errors) {
    const FORM: &str = "desired format: https://host[/path]";
    let (scheme, rest) = at.text().split_once("://").unwrap_or(("", at.text()));
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = if scheme.is_empty() { "" } else { rest.split('/').next().unwrap_or("") };
    let (user, host) = host.rsplit_once('@').unwrap_or(("", host));
    if scheme != "https" {
        errors.invalid_as(at, scheme, format!("'https' is the only allowed URL scheme; {FORM}"));
    }
    if host.is_empty() {
        errors.invalid_as(at, host, format!("host must be specified; {FORM}"));
    }
    for (part, what) in
        [(user, "user information is"), (fragment, "fragments are"), (query, "query parameters are")]
    {
        if !part.is_empty() {
            errors.invalid_as(at, part, format!("{what} not permitted in the URL"));
        }
    }
}

/// The path of a webhook's Service (upstream: apiserver `ValidateWebhookService`).
fn path(at: &At, errors: &mut Errors) {
    let text = at.text();
    if text.is_empty() || text == "/" {
        return;
    }
    if text == "//" {
        return errors.invalid(at, "segment[0] may not be empty");
    }
    if !text.starts_with('/') {
        errors.invalid(at, "must start with a '/'");
    }
    let rest: String = text.chars().skip(1).collect();
    for (i, step) in rest.strip_suffix('/').unwrap_or(&rest).split('/').enumerate() {
        if step.is_empty() {
            errors.invalid(at, format!("segment[{i}] may not be empty"));
            continue;
        }
        for why in subdomain_errors(step) {
            errors.invalid(at, format!("segment[{i}]: {why}"));
        }
    }
}

/// Resources of a rule, with what lies below them (upstream: validateResources).
fn resources(at: &At, errors: &mut Errors) {
    let has = |wanted: &str| at.list().iter().any(|one| one.as_str() == Some(wanted));
    let (all, below) = (has("*/*"), "if '*/*' is present, must not specify other resources");
    if all && at.list().len() > 1 {
        errors.invalid(at, below);
    }
    let mut subresources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, below) in at.list().iter().filter_map(|one| one.as_str()?.split_once('/')) {
        subresources.entry(name).or_default().insert(below);
    }
    let mut plain = 0;
    for resource in at.items() {
        let text = resource.text();
        match text.split_once('/') {
            _ if text.is_empty() => errors.required(&resource, ""),
            Some((name, "*")) if name != "*" && subresources.get(name).is_some_and(|all| all.len() > 1) => {
                let why = format!("if '{text}' is present, must not specify other subresources of '{name}'");
                errors.invalid_as(&resource, text, why);
            }
            None => plain += 1,
            _ => {}
        }
    }
    if has("*") && plain > 1 {
        let why = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(at, why);
    }
}

/// Conditions that have to hold first; their expressions are not read (upstream: validateMatchConditions).
pub(super) fn conditions(at: &At, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for condition in at.items() {
        let (name, expression) = (condition.field("name"), condition.field("expression"));
        if expression.text().trim().is_empty() {
            errors.required(&expression, "");
        }
        if name.is_empty() {
            errors.required(&name, "");
            continue;
        }
        errors.names(&name, label_key_errors(name.text()));
        if !seen.insert(condition.str("name").to_owned()) {
            errors.duplicate(&name, name.text());
        }
    }
}

/// An APIService.
pub(super) fn api_service(root: &At, errors: &mut Errors) {
    let (metadata, spec) = (root.field("metadata"), root.field("spec"));
    let (group, version) = (spec.str("group"), spec.str("version"));
    let name = metadata.field("name");
    let expected = format!("{version}.{group}");
    if !name.is_empty() && name.text() != expected {
        errors.invalid(
            &name,
            format!("must be `spec.version+\".\"+spec.group`: {}", crate::api::check::quoted(&expected)),
        );
    }
    let (group, version) = (spec.field("group"), spec.field("version"));
    if group.text().is_empty() && version.text() != "v1" {
        errors.required(&group, "only v1 may have an empty group and it better be legacy kube");
    }
    if !group.text().is_empty() {
        errors.names(&group, subdomain_errors(group.text()));
    }
    for why in letter_label_errors(version.text()) {
        errors.invalid_as(&version, version.text(), why);
    }
    let priority = |name: &str, most: i64, errors: &mut Errors| {
        let number = spec.int(name).unwrap_or(0);
        if number <= 0 || number > most {
            let why = format!("must be positive and less than {most}");
            errors.push(FieldError::invalid(format!("spec.{name}"), number, why));
        }
    };
    priority("groupPriorityMinimum", 20_000, errors);
    priority("versionPriority", 1_000, errors);
    let (service, bundle) = (spec.field("service"), spec.field("caBundle"));
    let trusting = spec.field("insecureSkipTLSVerify");
    if !service.is_there() {
        if !bundle.is_empty() {
            // The bytes are written in base64: three in four letters.
            let letters = bundle.text().trim_end_matches('=').len();
            let why = "local APIServices may not have a caBundle";
            errors.push(FieldError::invalid(bundle.path(), format!("{} bytes", letters * 3 / 4), why));
        }
        if spec.is("insecureSkipTLSVerify") {
            errors.invalid(&trusting, "local APIServices may not have insecureSkipTLSVerify");
        }
        return;
    }
    for name in ["namespace", "name"] {
        let field = service.field(name);
        if field.is_empty() {
            errors.required(&field, "");
        }
    }
    let port = service.int("port").unwrap_or(443);
    if !(1..=65_535).contains(&port) {
        let why = "port is not valid: must be between 1 and 65535, inclusive";
        errors.push(FieldError::invalid(service.field("port").path(), port, why));
    }
    if spec.is("insecureSkipTLSVerify") && !bundle.is_empty() {
        errors.invalid(&trusting, "may not be true if caBundle is present");
    }
}
