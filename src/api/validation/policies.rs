//! Policies of admission (upstream: pkg/apis/admissionregistration/validation). Their expressions in CEL are not read.

use super::at::At;
use super::errors::Errors;
use super::meta;
use crate::api::field_error::FieldError;
use crate::api::names::{letter_label_errors, subdomain_errors};
use std::collections::BTreeSet;

/// The spec of a policy that refuses, or of one that changes.
pub(super) fn policy(is_mutating: bool, spec: &At, errors: &mut Errors) {
    errors.one_of(&spec.field("failurePolicy"), &["Fail", "Ignore"]);
    let kind = spec.field("paramKind");
    if kind.is_there() {
        for name in ["apiVersion", "kind"] {
            if kind.str(name).is_empty() {
                errors.required(&kind.field(name), "");
            }
        }
        let (version, name) = (kind.field("apiVersion"), kind.field("kind"));
        if version.text().matches('/').count() > 1 {
            errors.invalid(&version, format!("unexpected GroupVersion string: {}", version.text()));
        }
        if !name.is_empty() {
            for why in letter_label_errors(&name.text().to_lowercase()) {
                errors.invalid(&name, format!("may have mixed case, but should otherwise match: {why}"));
            }
        }
    }
    let matches = spec.field("matchConstraints");
    if matches.is_there() {
        resources(&matches, errors);
        let rules = matches.field("resourceRules");
        if is_mutating {
            // Nothing is left to change in what is deleted. Upstream names no rule here.
            for rule in rules.items() {
                for operation in rule.field("operations").items() {
                    let allowed = ["*", "CONNECT", "CREATE", "UPDATE"];
                    if !allowed.contains(&operation.text()) {
                        let path = rules.field("operations").path();
                        errors.push(FieldError::unsupported(path, operation.text(), &allowed));
                    }
                }
            }
        }
        if rules.is_empty() {
            errors.required(&rules, "");
        }
    } else {
        errors.required(&matches, "");
    }
    named(&spec.field("variables"), errors);
    super::webhooks::conditions(&spec.field("matchConditions"), errors);
    if is_mutating {
        let mutations = spec.field("mutations");
        if mutations.is_empty() {
            errors.required(&mutations, "mutations must contain at least one item");
        }
        for mutation in mutations.items() {
            errors.one_of(&mutation.field("patchType"), &["ApplyConfiguration", "JSONPatch"]);
        }
        let again = spec.field("reinvocationPolicy");
        if again.is_empty() {
            errors.required(&again, "");
        } else {
            errors.one_of(&again, &["IfNeeded", "Never"]);
        }
        return;
    }
    let (validations, annotations) = (spec.field("validations"), spec.field("auditAnnotations"));
    if validations.is_empty() && annotations.is_empty() {
        for at in [&validations, &annotations] {
            errors.required(at, "validations or auditAnnotations must contain at least one item");
        }
    }
    for validation in validations.items() {
        if validation.str("expression").trim().is_empty() {
            errors.required(&validation.field("expression"), "expression is not specified");
        }
        let message = validation.field("message");
        if message.text().trim().contains('\n') {
            errors.invalid(&message, "must not contain line breaks");
        }
        let reason = validation.field("reason");
        if !reason.is_empty() {
            errors.one_of(&reason, &["Forbidden", "Invalid", "RequestEntityTooLarge"]);
        }
    }
    let mut keys = BTreeSet::new();
    for annotation in annotations.items() {
        let key = annotation.field("key");
        if key.is_empty() {
            errors.required(&key, "");
        } else if !keys.insert(key.text().to_owned()) {
            errors.duplicate(&key, key.text());
        }
        if annotation.str("valueExpression").trim().is_empty() {
            errors.required(&annotation.field("valueExpression"), "valueExpression is not specified");
        }
    }
}

/// The spec of what puts a policy in force.
pub(super) fn binding(is_mutating: bool, spec: &At, errors: &mut Errors) {
    let name = spec.field("policyName");
    if name.is_empty() {
        errors.required_late(&name);
    } else {
        errors.names(&name, subdomain_errors(name.text()));
    }
    let reference = spec.field("paramRef");
    if reference.is_there() {
        let (name, selector) = (reference.field("name"), reference.field("selector"));
        match (!name.is_empty(), selector.is_there()) {
            (true, true) => {
                [&name, &selector]
                    .into_iter()
                    .for_each(|at| errors.forbidden(at, "name and selector are mutually exclusive"));
            }
            (false, false) => errors.required(&reference, "one of name or selector must be specified"),
            _ => {}
        }
        let missing = reference.field("parameterNotFoundAction");
        if missing.is_empty() {
            errors.required(&missing, "");
        } else {
            errors.one_of(&missing, &["Deny", "Allow"]);
        }
    }
    let matches = spec.field("matchResources");
    if matches.is_there() {
        resources(&matches, errors);
    }
    if is_mutating {
        return;
    }
    let actions = spec.field("validationActions");
    if actions.is_empty() {
        errors.required(&actions, "");
    }
    let mut seen = BTreeSet::new();
    for action in actions.items() {
        errors.one_of(&action, &["Audit", "Deny", "Warn"]);
        if !seen.insert(action.text().to_owned()) {
            errors.duplicate(&action, action.text());
        }
    }
    if seen.contains("Deny") && seen.contains("Warn") {
        let why = "must not contain both Deny and Warn (repeating the same validation failure information in the \
                   API response and headers serves no purpose)";
        errors.invalid(&actions, why);
    }
}

fn resources(at: &At, errors: &mut Errors) {
    errors.one_of(&at.field("matchPolicy"), &["Equivalent", "Exact"]);
    meta::selector(&at.field("namespaceSelector"), errors);
    meta::selector(&at.field("objectSelector"), errors);
    for list in ["resourceRules", "excludeResourceRules"] {
        for rule in at.field(list).items() {
            super::webhooks::rule(&rule, errors);
        }
    }
}

fn named(variables: &At, errors: &mut Errors) {
    for variable in variables.items() {
        for name in ["name", "expression"] {
            if variable.str(name).trim().is_empty() {
                let why =
                    if name == "name" { "name is not specified" } else { "expression is not specified" };
                errors.required(&variable.field(name), why);
            }
        }
    }
}
