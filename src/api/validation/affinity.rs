//! Where a Pod may go (upstream: validateAffinity, ValidateTolerations, validateTopologySpreadConstraints).

use super::at::At;
use super::errors::Errors;
use super::meta;
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, label_key_errors, label_value_errors, subdomain_errors};
use std::collections::{BTreeMap, BTreeSet};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const WEIGHT: &str = "must be in the range 1-100";
const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// What a Pod would be near to, and what it would not.
pub(super) fn affinity(at: &At, errors: &mut Errors) {
    let nodes = at.field("nodeAffinity");
    let required = nodes.field(REQUIRED);
    if required.is_there() {
        node_selector(&required, errors);
    }
    for term in nodes.field(PREFERRED).items() {
        weight(&term, errors);
        node_term(&term.field("preference"), false, errors);
    }
    for name in ["podAffinity", "podAntiAffinity"] {
        let pods = at.field(name);
        for term in pods.field(REQUIRED).items() {
            pod_term(&term, errors);
        }
        for term in pods.field(PREFERRED).items() {
            weight(&term, errors);
            pod_term(&term.field("podAffinityTerm"), errors);
        }
    }
}

fn weight(term: &At, errors: &mut Errors) {
    let weight = term.int("weight").unwrap_or(0);
    if !(1..=100).contains(&weight) {
        errors.invalid_as(&term.field("weight"), weight, WEIGHT);
    }
}

/// A selector of nodes.
pub(super) fn node_selector(at: &At, errors: &mut Errors) {
    let terms = at.field("nodeSelectorTerms");
    if terms.is_empty() {
        return errors.required(&terms, "must have at least one node selector term");
    }
    for term in terms.items() {
        node_term(&term, true, errors);
    }
}

fn node_term(at: &At, is_strict: bool, errors: &mut Errors) {
    for expression in at.field("matchExpressions").items() {
        let values = expression.field("values");
        let (operator, key) = (expression.field("operator"), expression.field("key"));
        match operator.text() {
            "In" | "NotIn" if values.is_empty() => {
                errors.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                errors
                    .forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "Gt" | "Lt" if values.list().len() != 1 => {
                errors.required(&values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            _ => errors.invalid(&operator, "not a valid selector operator"),
        }
        errors.names(&key, label_key_errors(key.text()));
        for value in values.items().filter(|_| is_strict) {
            errors.names(&value, label_value_errors(value.text()));
        }
    }
    for field in at.field("matchFields").items() {
        let values = field.field("values");
        let (operator, key) = (field.field("operator"), field.field("key"));
        match operator.text() {
            "In" | "NotIn" if values.list().len() == 1 => {}
            "In" | "NotIn" => errors.required(
                &values,
                "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
            ),
            _ => errors.invalid(&operator, "not a valid selector operator"),
        }
        if key.text() == "metadata.name" {
            for value in values.items() {
                errors.names(&value, subdomain_errors(value.text()));
            }
        } else {
            errors.invalid(&key, "not a valid field selector key");
        }
    }
}

fn pod_term(at: &At, errors: &mut Errors) {
    meta::selector(&at.field("labelSelector"), errors);
    meta::selector(&at.field("namespaceSelector"), errors);
    for name in at.field("namespaces").list() {
        let name = name.as_str().unwrap_or("");
        for why in label_errors(name) {
            errors.invalid_as(&at.field("namespace"), name, why);
        }
    }
    label_keys(at, errors);
    let key = at.field("topologyKey");
    if key.is_empty() {
        errors.required(&key, "can not be empty");
    }
    errors.names(&key, label_key_errors(key.text()));
}

/// Keys whose values are the Pod's own.
fn label_keys(at: &At, errors: &mut Errors) {
    let selector = at.field("labelSelector");
    let own = at.field("matchLabelKeys");
    let others = at.field("mismatchLabelKeys");
    for keys in [&own, &others] {
        if keys.is_empty() {
            continue;
        }
        if !selector.is_there() {
            errors.forbidden(keys, "must not be specified when labelSelector is not set");
            continue;
        }
        for key in keys.items() {
            errors.names(&key, label_key_errors(key.text()));
        }
    }
    for (i, key) in own.items().enumerate() {
        if others.list().iter().any(|other| other.as_str() == Some(key.text())) {
            errors.invalid(&own.item(i), "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
}

/// What a Pod puts up with.
pub(super) fn tolerations(at: &At, errors: &mut Errors) {
    for toleration in at.items() {
        let (key, operator) = (toleration.field("key"), toleration.field("operator"));
        let (effect, value) = (toleration.field("effect"), toleration.str("value"));
        if key.is_empty() {
            if operator.text() != "Exists" {
                let why = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
                errors.invalid(&operator, why);
            }
        } else {
            errors.names(&key, label_key_errors(key.text()));
        }
        if toleration.has("tolerationSeconds") && effect.text() != "NoExecute" {
            errors.invalid(&effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        match operator.text() {
            "Equal" | "" => {
                let whys = label_value_errors(value);
                if !whys.is_empty() {
                    errors.invalid_as(&operator, value, whys.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                errors.invalid_as(&operator, value, "value must be empty when `operator` is 'Exists'");
            }
            "Exists" => {}
            "Lt" | "Gt" => errors.unsupported(&operator, &["Equal", "Exists", "Lt", "Gt"]),
            _ => errors.unsupported(&operator, &["Equal", "Exists"]),
        }
        if !effect.is_empty() && !EFFECTS.contains(&effect.text()) {
            errors.unsupported(&effect, EFFECTS);
        }
    }
}

/// What a node does not want.
pub(super) fn taints(at: &At, errors: &mut Errors) {
    for taint in at.items() {
        let (key, value, effect) = (taint.field("key"), taint.field("value"), taint.field("effect"));
        errors.names(&key, label_key_errors(key.text()));
        let whys = label_value_errors(value.text());
        if !whys.is_empty() {
            errors.invalid(&value, whys.join(";"));
        }
        match effect.text() {
            "" => errors.required(&effect, ""),
            text if !EFFECTS.contains(&text) => errors.unsupported(&effect, EFFECTS),
            _ => {}
        }
    }
}

/// How evenly Pods are spread.
pub(super) fn spread(at: &At, errors: &mut Errors) {
    const POLICIES: &[&str] = &["Honor", "Ignore"];
    for (i, constraint) in at.items().enumerate() {
        let skew = constraint.int("maxSkew").unwrap_or(0);
        if skew <= 0 {
            errors.invalid_as(&constraint.field("maxSkew"), skew, "must be greater than zero");
        }
        let (key, action) = (constraint.field("topologyKey"), constraint.field("whenUnsatisfiable"));
        if key.is_empty() {
            errors.required(&key, "can not be empty");
        }
        if !matches!(action.text(), "DoNotSchedule" | "ScheduleAnyway") {
            errors.unsupported(&action, &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let again = at.items().skip(i + 1).any(|other| {
            (other.str("topologyKey"), other.str("whenUnsatisfiable")) == (key.text(), action.text())
        });
        if again {
            let both = format!("{{{}, {}}}", key.text(), action.text());
            errors.push(FieldError::duplicate(
                format!("{}.{{topologyKey, whenUnsatisfiable}}", constraint.path()),
                both,
            ));
        }
        let domains = constraint.field("minDomains");
        if domains.is_there() {
            if domains.value.as_int().unwrap_or(0) <= 0 {
                errors.invalid(&domains, "must be greater than zero");
            }
            if action.text() != "DoNotSchedule" {
                let why = format!(
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}",
                    action.text()
                );
                errors.invalid(&domains, why);
            }
        }
        errors.one_of(&constraint.field("nodeAffinityPolicy"), POLICIES);
        errors.one_of(&constraint.field("nodeTaintsPolicy"), POLICIES);
        label_keys(&constraint, errors);
        meta::selector(&constraint.field("labelSelector"), errors);
    }
}

/// What a volume's storage can be reached from (upstream: ValidateTopologySelectorTerm).
pub(super) fn topologies(at: &At, errors: &mut Errors) {
    let mut terms = BTreeSet::new();
    for term in at.items() {
        // What a term says, in whatever order.
        let mut said = BTreeMap::new();
        for expression in term.field("matchLabelExpressions").items() {
            let (key, values) = (expression.field("key"), expression.field("values"));
            if values.is_empty() {
                errors.required(&values, "");
            }
            let mut seen = BTreeSet::new();
            for value in values.items() {
                if !seen.insert(value.text().to_owned()) {
                    errors.duplicate(&value, value.text());
                }
            }
            errors.names(&key, label_key_errors(key.text()));
            if said.insert(key.text().to_owned(), seen).is_some() {
                errors.duplicate(&key, key.text());
            }
        }
        let expressions = term.field("matchLabelExpressions");
        if !terms.insert(said) || expressions.is_empty() {
            errors.duplicate(&expressions, "");
        }
    }
}
