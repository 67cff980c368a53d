//! Autoscalers and budgets of disruption (upstream: pkg/apis/autoscaling/validation, pkg/apis/policy/validation).

use super::at::At;
use super::errors::Errors;
use super::{apps, meta, resources};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, path_segment_errors};

const SOURCES: &[(&str, &str)] = &[
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];
const TYPES: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];
const RAW: &str = "must set either a target raw value or a target utilization";

/// An autoscaler, in whatever version.
pub(super) fn autoscaler(at: &At, errors: &mut Errors) {
    let (least, most) = (at.field("minReplicas"), at.field("maxReplicas"));
    let (min, max) = (least.value.as_int().unwrap_or(1), most.value.as_int().unwrap_or(0));
    if min < 0 {
        errors.push_late(FieldError::invalid(least.path(), min, "must be greater than or equal to 0"));
    }
    if max < min {
        errors.invalid_as(&most, max, "must be greater than or equal to `minReplicas`");
    }
    if max == 0 {
        errors.required_late(&most);
    } else if max < 0 {
        errors.push_late(FieldError::invalid(most.path(), max, "must be greater than or equal to 1"));
    }
    reference(&at.field("scaleTargetRef"), errors);
    let metrics = at.field("metrics");
    let mut has_outer = false;
    for metric in metrics.items() {
        metric_spec(&metric, errors);
        has_outer |= matches!(metric.str("type"), "Object" | "External");
    }
    if min == 0 && !has_outer {
        let why = "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden(&metrics, why);
    }
    let behavior = at.field("behavior");
    for name in ["scaleUp", "scaleDown"] {
        let rules = behavior.field(name);
        if rules.is_there() {
            scaling_rules(&rules, errors);
        }
    }
}

/// What is measured: its version may be left out.
fn described(at: &At, errors: &mut Errors) {
    for name in ["kind", "name"] {
        let field = at.field(name);
        match field.text() {
            "" => errors.required(&field, ""),
            text => errors.names(&field, path_segment_errors(text)),
        }
    }
}

/// What is scaled.
fn reference(at: &At, errors: &mut Errors) {
    described(at, errors);
    let version = at.field("apiVersion");
    match version.text().matches('/').count() {
        0 => errors.invalid(&version, "apiVersion must specify API group"),
        1 => {}
        _ => {
            let why = format!("unexpected GroupVersion string: {}", version.text());
            errors.invalid(&version, why);
        }
    }
}

fn metric_spec(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    if kind.is_empty() {
        errors.required(&kind, "must specify a metric source type");
    }
    if !TYPES.contains(&kind.text()) {
        errors.unsupported(&kind, TYPES);
    }
    let mut given = Vec::new();
    for (_, field) in SOURCES {
        let source = at.field(field);
        if !source.is_there() {
            continue;
        }
        given.push(*field);
        if given.len() == 1 {
            metric_source(&source, field, errors);
        }
    }
    let expected = SOURCES.iter().find(|(of, _)| *of == kind.text()).map(|(_, field)| *field);
    match expected {
        Some(field) if !at.has(field) => {
            errors.required(&at.field(field), "must populate information for the given metric source");
        }
        Some(_) => {}
        None => errors.unsupported(&kind, TYPES),
    }
    if given.len() != 1 {
        for field in given.iter().filter(|field| Some(**field) != expected) {
            errors.forbidden(&at.field(field), "must populate the given metric source only");
        }
    }
}

fn metric_source(at: &At, kind: &str, errors: &mut Errors) {
    let target = at.field("target");
    let (value, average) = (target.field("value"), target.field("averageValue"));
    let utilization = target.field("averageUtilization");
    if kind == "object" {
        described(&at.field("describedObject"), errors);
    }
    if matches!(kind, "object" | "external" | "pods") {
        let metric = at.field("metric");
        let name = metric.field("name");
        match name.text() {
            "" => errors.required(&name, "must specify a metric name"),
            text => errors.names(&name, path_segment_errors(text)),
        }
    } else {
        let name = at.field("name");
        if name.is_empty() {
            errors.required(&name, "must specify a resource name");
        } else if kind == "containerResource" {
            resources::container_name(&name, at.str("name"), errors);
        }
        let container = at.field("container");
        if kind == "containerResource" {
            match container.text() {
                "" => errors.required(&container, "must specify a container"),
                text => errors.names(&container, label_errors(text)),
            }
        }
    }
    metric_target(&target, errors);
    match kind {
        "object" if !value.is_there() && !average.is_there() => {
            errors.required(&average, "must set either a target value or averageValue");
        }
        "external" if !value.is_there() && !average.is_there() => {
            errors.required(&average, "must set either a target value for metric or a per-pod target");
        }
        "external" if value.is_there() && average.is_there() => {
            errors.forbidden(&value, "may not set both a target value for metric and a per-pod target");
        }
        "pods" if !average.is_there() => {
            errors.required(&average, "must specify a positive target averageValue");
        }
        "resource" | "containerResource" => match (utilization.is_there(), average.is_there()) {
            (false, false) => errors.required(&utilization, RAW),
            (true, true) => {
                errors.forbidden(&average, "may not set both a target raw value and a target utilization");
            }
            _ => {}
        },
        _ => {}
    }
}

fn metric_target(at: &At, errors: &mut Errors) {
    let kind = at.field("type");
    if kind.is_empty() {
        errors.required(&kind, "must specify a metric target type");
    }
    if !matches!(kind.text(), "Utilization" | "Value" | "AverageValue") {
        errors.invalid(&kind, "must be either Utilization, Value, or AverageValue");
    }
    for name in ["value", "averageValue"] {
        let field = at.field(name);
        let amount = resources::amount(field.value);
        if field.is_there() && (amount.is_negative() || amount.is_zero()) {
            errors.invalid_as(&field, amount.to_string(), "must be positive");
        }
    }
    let utilization = at.field("averageUtilization");
    if utilization.value.as_int().is_some_and(|percent| percent < 1) {
        errors.invalid(&utilization, "must be greater than 0");
    }
}

fn scaling_rules(at: &At, errors: &mut Errors) {
    let window = at.field("stabilizationWindowSeconds");
    if let Some(seconds) = window.value.as_int() {
        if seconds < 0 {
            errors.invalid(&window, "must be greater than or equal to zero");
        }
        if seconds > 3_600 {
            errors.invalid(&window, "must be less than or equal to 3600");
        }
    }
    errors.one_of(&at.field("selectPolicy"), &["Disabled", "Max", "Min"]);
    let policies = at.field("policies");
    // What is not given is filled in.
    if at.has("policies") && policies.is_empty() {
        errors.required(&policies, "must specify at least one Policy");
    }
    for policy in policies.items() {
        let (value, period) = (policy.field("value"), policy.field("periodSeconds"));
        if !matches!(policy.str("type"), "Pods" | "Percent") {
            errors.unsupported(&policy.field("type"), &["Percent", "Pods"]);
        }
        for field in [&value, &period] {
            let number = field.value.as_int().unwrap_or(0);
            if number <= 0 {
                errors.invalid_as(field, number, "must be greater than zero");
            }
        }
        if period.value.as_int().is_some_and(|seconds| seconds > 1_800) {
            errors.invalid(&period, "must be less than or equal to 1800");
        }
    }
    let tolerance = at.field("tolerance");
    let amount = resources::amount(tolerance.value);
    if tolerance.is_there() && amount.is_negative() {
        errors.invalid_as(&tolerance, amount.to_string(), "must be greater than or equal to 0");
    }
}

/// A budget.
pub(super) fn budget(at: &At, errors: &mut Errors) {
    let bounds = [at.field("minAvailable"), at.field("maxUnavailable")];
    if bounds.iter().all(At::is_there) {
        let why = "minAvailable and maxUnavailable cannot be both set";
        errors.invalid_struct(at, "PodDisruptionBudgetSpec", why);
    }
    for bound in bounds.iter().filter(|bound| bound.is_there()) {
        apps::share(bound, errors);
        apps::not_above_all(bound, errors);
    }
    meta::selector(&at.field("selector"), errors);
    errors.one_of(&at.field("unhealthyPodEvictionPolicy"), &["AlwaysAllow", "IfHealthyBudget"]);
}
