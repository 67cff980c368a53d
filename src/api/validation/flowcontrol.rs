//! Flow control (upstream: pkg/apis/flowcontrol/validation).

use super::at::At;
use super::errors::Errors;
use crate::api::names::subdomain_errors;

const MOST_PRECEDENCE: i64 = 10_000;

/// A FlowSchema.
pub(super) fn schema(root: &At, errors: &mut Errors) {
    let spec = root.field("spec");
    let precedence = spec.field("matchingPrecedence");
    let number = precedence.value.as_int().unwrap_or(1_000);
    if number <= 0 {
        errors.invalid_as(&precedence, number, "must be a positive value");
    }
    if number > MOST_PRECEDENCE {
        errors.invalid_as(&precedence, number, format!("must not be greater than {MOST_PRECEDENCE}"));
    }
    if number == 1 && root.field("metadata").str("name") != "exempt" {
        errors.invalid_as(
            &precedence,
            number,
            "only the schema named 'exempt' may have matchingPrecedence 1",
        );
    }
    let level = spec.field("priorityLevelConfiguration");
    let name = level.field("name");
    if name.is_empty() {
        errors.required(&name, "must reference a priority level");
    } else {
        errors.names(&name, subdomain_errors(name.text()));
    }
    for rule in spec.field("rules").items() {
        let subjects = rule.field("subjects");
        if subjects.is_empty() {
            errors.required(&subjects, "subjects must contain at least one value");
        }
        if rule.field("resourceRules").is_empty() && rule.field("nonResourceRules").is_empty() {
            errors.required(&rule, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }
    }
}

/// A PriorityLevelConfiguration.
pub(super) fn level(root: &At, errors: &mut Errors) {
    let spec = root.field("spec");
    let ty = spec.field("type");
    if (root.field("metadata").str("name") == "exempt") != (ty.text() == "Exempt") {
        errors.invalid(&ty, "must be 'Exempt' if and only if `name` is 'exempt'");
    }
    let (limited, exempt) = (spec.field("limited"), spec.field("exempt"));
    match ty.text() {
        "" => errors.required_late(&ty),
        "Exempt" if limited.is_there() => {
            errors.forbidden(&limited, "must be nil if the type is not Limited")
        }
        "Exempt" => {}
        "Limited" => {
            if exempt.is_there() {
                errors.forbidden(&exempt, "");
            }
            if !limited.is_there() {
                return errors.required(&limited, "");
            }
            let shares = limited.field("nominalConcurrencyShares");
            if shares.value.as_int().is_some_and(|shares| shares < 0) {
                errors.invalid(&shares, "must be a non-negative integer");
            }
            let lendable = limited.field("lendablePercent");
            if lendable.value.as_int().is_some_and(|percent| !(0..=100).contains(&percent)) {
                errors.invalid(&lendable, "must be between 0 and 100, inclusive");
            }
        }
        _ => errors.unsupported(&ty, &["Exempt", "Limited"]),
    }
}
