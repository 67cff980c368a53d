//! Definitions of custom resources (upstream: apiextensions-apiserver `pkg/apis/apiextensions/validation`).

use super::at::At;
use super::errors::Errors;
use super::structural;
use crate::api::names::letter_label_errors;
use crate::value::Value;
use std::collections::BTreeSet;

/// What a printer's column holds.
const COLUMN_TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: &[&str] =
    &["binary", "byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// The annotation that a group of Kubernetes' own wants.
const APPROVED: &str = "api-approved.kubernetes.io";

/// A definition as it came, without what the server fills in.
pub(super) fn definition(root: &At, errors: &mut Errors) {
    let spec = root.field("spec");
    let (group, plural) =
        (spec.str("group"), spec.value.at(&["names", "plural"]).and_then(Value::as_str).unwrap_or(""));
    let metadata = root.field("metadata");
    let name = metadata.field("name");
    if !name.is_empty() && name.text() != format!("{plural}.{group}") {
        errors.invalid(&name, "must be spec.names.plural+\".\"+spec.group");
    }
    self::group(&spec.field("group"), errors);
    match spec.field("scope") {
        scope if scope.is_empty() => errors.required(&scope, ""),
        scope => errors.one_of(&scope, &["Cluster", "Namespaced"]),
    }
    let versions = spec.field("versions");
    for version in versions.items() {
        let schema = version.field("schema");
        let schema = schema.field("openAPIV3Schema");
        if !schema.is_there() {
            errors.required(&schema, "");
        }
    }
    if spec.is("preserveUnknownFields") {
        let at = spec.field("preserveUnknownFields");
        errors.invalid(&at, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
    }
    // What all versions have alike the server moves to where versions had nothing of their own.
    let shared = |field: &str| {
        let first =
            versions.list().first().and_then(|version| version.get(field)).filter(|it| !it.is_null())?;
        versions.list().iter().all(|version| version.get(field) == Some(first)).then_some(first)
    };
    let (schema, columns) = (shared("schema"), shared("additionalPrinterColumns"));
    let mut names = BTreeSet::new();
    let mut is_twice = false;
    for version in versions.items() {
        let name = version.field("name");
        is_twice |= !names.insert(name.text().to_owned());
        joined(&name, letter_label_errors(name.text()), "", errors);
        let warning = version.field("deprecationWarning");
        if warning.is_there() && !version.is("deprecated") {
            errors.invalid(&warning, "can only be set for deprecated versions");
        }
        let has_status = version.field("subresources").has("status");
        if schema.is_none() {
            structural::validation(&version.field("schema"), has_status, errors);
        }
        if columns.is_none() {
            version.field("additionalPrinterColumns").items().for_each(|at| column(&at, errors));
        }
    }
    if is_twice {
        errors.invalid(&versions, "must contain unique version names");
    }
    if versions.items().filter(|version| version.is("storage")).count() != 1 {
        let why = "must have exactly one version marked as storage version";
        if versions.is_empty() {
            errors.invalid_as(&versions, Value::Null, why);
        } else {
            errors.invalid(&versions, why);
        }
    }
    self::names(&spec.field("names"), errors);
    if let Some(schema) = schema {
        let has_status = versions.items().any(|version| version.field("subresources").has("status"));
        structural::validation(&spec.field("validation").with(schema), has_status, errors);
    }
    if let Some(columns) = columns {
        spec.field("additionalPrinterColumns").with(columns).items().for_each(|at| column(&at, errors));
    }
    conversion(&spec.field("conversion"), errors);
    if !versions.items().any(|version| version.is("storage")) {
        let status = root.field("status");
        errors.invalid_as(
            &status.field("storedVersions"),
            Value::Null,
            "must have at least one stored version",
        );
    }
    approval(group, &metadata, errors);
}

fn group(at: &At, errors: &mut Errors) {
    let whys = crate::api::names::subdomain_errors(at.text());
    if at.is_empty() {
        errors.required(at, "");
    } else if !whys.is_empty() {
        joined(at, whys, "", errors);
    } else if !at.text().contains('.') {
        errors.invalid(at, "should be a domain with at least one dot");
    }
}

/// All that is wrong with a name as one error.
fn joined(at: &At, whys: Vec<String>, before: &str, errors: &mut Errors) {
    if !whys.is_empty() {
        errors.invalid(at, format!("{before}{}", whys.join(",")));
    }
}

fn names(names: &At, errors: &mut Errors) {
    // The others are made of the kind where they are missing.
    for name in ["plural", "kind"] {
        let at = names.field(name);
        if at.is_empty() {
            errors.required(&at, "");
            if name == "kind" {
                for made in ["singular", "listKind"] {
                    errors.required(&names.field(made), "");
                }
            }
        }
    }
    for name in ["plural", "singular", "kind", "listKind"] {
        let at = names.field(name);
        if at.is_empty() {
            continue;
        }
        match name.ends_with("ind") {
            true => {
                let before = "may have mixed case, but should otherwise match: ";
                joined(&at, letter_label_errors(&at.text().to_lowercase()), before, errors);
            }
            false => joined(&at, letter_label_errors(at.text()), "", errors),
        }
    }
    let list_kind = names.field("listKind");
    for at in names.field("shortNames").items() {
        joined(&at, letter_label_errors(at.text()), "", errors);
    }
    if !list_kind.is_empty() && list_kind.text() == names.str("kind") {
        errors.invalid(&list_kind, "kind and listKind may not be the same");
    }
    for at in names.field("categories").items() {
        joined(&at, letter_label_errors(at.text()), "", errors);
    }
}

fn column(column: &At, errors: &mut Errors) {
    if column.str("name").is_empty() {
        errors.required(&column.field("name"), "");
    }
    let ty = column.field("type");
    let types = format!("must be one of {}", COLUMN_TYPES.join(","));
    if ty.is_empty() {
        errors.required(&ty, &types);
    } else if !COLUMN_TYPES.contains(&ty.text()) {
        errors.invalid(&ty, types);
    }
    let format = column.field("format");
    if !format.is_empty() && !COLUMN_FORMATS.contains(&format.text()) {
        errors.invalid(&format, format!("must be one of {}", COLUMN_FORMATS.join(",")));
    }
    let path = column.field("jsonPath");
    let told = column.field("JSONPath").with(path.value);
    if path.is_empty() {
        errors.required(&told, "");
    } else if !path.text().starts_with('.') {
        errors.invalid(&told, "must be a simple json path starting with .");
    }
}

fn conversion(at: &At, errors: &mut Errors) {
    if !at.is_there() {
        return;
    }
    let strategy = at.field("strategy");
    let hook = at.field("webhook");
    match strategy.text() {
        "" => errors.required(&strategy, ""),
        "None" if hook.is_there() => {
            errors.forbidden(
                &at.field("webhookClientConfig"),
                "should not be set when strategy is not set to Webhook",
            );
        }
        "None" => {}
        "Webhook" => {
            let client = hook.field("clientConfig");
            if !client.is_there() {
                errors.required(&at.field("webhookClientConfig"), "required when strategy is set to Webhook");
            } else if client.has("url") == client.has("service") {
                errors
                    .required(&at.field("webhookClientConfig"), "exactly one of url or service is required");
            }
            let versions = hook.field("conversionReviewVersions");
            let told = at.field("conversionReviewVersions").with(versions.value);
            if versions.is_empty() {
                errors.required(&told, "");
            } else if !versions.items().any(|version| matches!(version.text(), "v1" | "v1beta1")) {
                errors.invalid(&told, "must include at least one of v1, v1beta1");
            }
        }
        _ => errors.unsupported(&strategy, &["None", "Webhook"]),
    }
}

/// A group of Kubernetes' own wants to be approved.
fn approval(group: &str, metadata: &At, errors: &mut Errors) {
    let is_protected = |end: &str| group == end || group.ends_with(&format!(".{end}"));
    if !is_protected("k8s.io") && !is_protected("kubernetes.io") {
        return;
    }
    let annotations = metadata.field("annotations");
    let at = annotations.key(APPROVED);
    let see = "see https://github.com/kubernetes/enhancements/pull/1111";
    if at.is_empty() {
        errors
            .required(&at, &format!("protected groups must have approval annotation \"{APPROVED}\", {see}"));
    } else if !at.text().starts_with("unapproved") && !at.text().contains("://") {
        errors.invalid(&at, format!("protected groups must have approval annotation \"{APPROVED}\" with either a URL or a reason starting with \"unapproved\", {see}"));
    }
}
