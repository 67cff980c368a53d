//! ResourceQuotas, LimitRanges, PodDisruptionBudgets and HorizontalPodAutoscalers.

use super::{Text, time};
use crate::api::quantity::Quantity;
use crate::kubectl::fields::{list, name, number, pairs, plain, text};
use crate::kubectl::verbs::selector;
use crate::value::{Str, Value};
use std::collections::BTreeSet;

/// A quota.
pub(super) fn quota(out: &mut Text, value: &Value) {
    out.head(value);
    let mut scopes: Vec<String> = list(value, &["spec", "scopes"]).iter().map(plain).collect();
    scopes.sort();
    if !scopes.is_empty() {
        out.line(0, format!("Scopes:\t{}", scopes.join(", ")));
    }
    for scope in &scopes {
        let help = match scope.as_str() {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        out.line(0, format!(" * {help}"));
    }
    out.line(0, "Resource\tUsed\tHard");
    out.line(0, "--------\t----\t----");
    quota_lines(out, value, "");
}

/// What is used of each resource of a quota.
pub(super) fn quota_lines(out: &mut Text, value: &Value, indent: &str) {
    for (resource, hard) in pairs(value, &["status", "hard"]) {
        let used = Quantity::parse(text(value, &["status", "used", resource])).unwrap_or_default();
        out.line(0, format!("{indent}{resource}\t{used}\t{}", plain(hard)));
    }
}

/// A LimitRange.
pub(super) fn limit_range(out: &mut Text, value: &Value) {
    out.head(value);
    out.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    out.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    limit_lines(out, value, "");
}

/// The bounds of a LimitRange. Upstream tells the resources of one type in an order of chance.
pub(super) fn limit_lines(out: &mut Text, value: &Value, indent: &str) {
    const COLUMNS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in list(value, &["spec", "limits"]) {
        let resources: BTreeSet<&Str> =
            COLUMNS.iter().flat_map(|column| pairs(item, &[column])).map(|(resource, _)| resource).collect();
        for resource in resources {
            let cells = COLUMNS.map(|column| match item.at(&[column, resource]) {
                Some(amount) => plain(amount),
                None => "-".into(),
            });
            out.line(0, format!("{indent}{}\t{resource}\t{}", text(item, &["type"]), cells.join("\t")));
        }
    }
}

/// A budget.
pub(super) fn budget(out: &mut Text, value: &Value) {
    out.head(value);
    for (field, title) in [("minAvailable", "Min available"), ("maxUnavailable", "Max unavailable")] {
        if let Some(bound) = value.at(&["spec", field]) {
            out.line(0, format!("{title}:\t{}", plain(bound)));
            break;
        }
    }
    let selector = match value.at(&["spec", "selector"]) {
        None => "<unset>".to_owned(),
        Some(_) => match selector(value) {
            all if all.is_empty() => "<none>".to_owned(),
            selector => selector,
        },
    };
    out.line(0, format!("Selector:\t{selector}"));
    out.line(0, "Status:");
    for (field, title) in [
        ("disruptionsAllowed", "Allowed disruptions"),
        ("currentHealthy", "Current"),
        ("desiredHealthy", "Desired"),
        ("expectedPods", "Total"),
    ] {
        out.line(2, format!("{title}:\t{}", number(value, &["status", field])));
    }
}

/// An autoscaler.
pub(super) fn autoscaler(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    out.line(0, format!("CreationTimestamp:\t{}", time(text(value, &["metadata", "creationTimestamp"]))));
    let kind = text(value, &["spec", "scaleTargetRef", "kind"]);
    out.line(0, format!("Reference:\t{kind}/{}", text(value, &["spec", "scaleTargetRef", "name"])));
    out.line(0, "Metrics:\t( current / target )");
    list(value, &["spec", "metrics"]).iter().for_each(|metric| out.line(1, metric_line(metric)));
    let least = value.at(&["spec", "minReplicas"]).map_or("<unset>".to_owned(), plain);
    out.line(0, format!("Min replicas:\t{least}"));
    out.line(0, format!("Max replicas:\t{}", number(value, &["spec", "maxReplicas"])));
    if let Some(behavior) = value.at(&["spec", "behavior"]) {
        out.line(0, "Behavior:");
        rules(out, "Scale Up", behavior.get("scaleUp"));
        rules(out, "Scale Down", behavior.get("scaleDown"));
    }
    let [current, desired] =
        ["currentReplicas", "desiredReplicas"].map(|field| number(value, &["status", field]));
    out.line(0, format!("{kind} pods:\t{current} current / {desired} desired"));
    let conditions = list(value, &["status", "conditions"]);
    if !conditions.is_empty() {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tReason\tMessage");
        out.line(1, "----\t------\t------\t-------");
    }
    for condition in conditions {
        let cells = ["type", "status", "reason", "message"].map(|field| text(condition, &[field]));
        out.line(1, cells.join("\t"));
    }
}

/// A metric with its target. Nothing measures here.
fn metric_line(metric: &Value) -> String {
    let own = |source: &str, field: &str| metric.at(&[source, "target", field]).map(plain);
    let target = |source: &str| {
        let share =
            own(source, "averageUtilization").map_or("<auto>".to_owned(), |share| format!("{share}%"));
        match own(source, "averageValue") {
            Some(amount) => format!(":\t<unknown> / {amount}"),
            None => format!("  (as a percentage of request):\t<unknown> / {share}"),
        }
    };
    let named = |source: &str| text(metric, &[source, "metric", "name"]);
    let amount = |source: &str, field: &str| own(source, field).unwrap_or_default();
    match text(metric, &["type"]) {
        "Resource" => {
            format!("resource {} on pods{}", text(metric, &["resource", "name"]), target("resource"))
        }
        "ContainerResource" => format!(
            "resource {} of container \"{}\" on pods{}",
            text(metric, &["containerResource", "name"]),
            text(metric, &["containerResource", "container"]),
            target("containerResource")
        ),
        "Pods" => format!("\"{}\" on pods:\t<unknown> / {}", named("pods"), amount("pods", "averageValue")),
        "Object" => {
            let about = |field| text(metric, &["object", "describedObject", field]);
            let (what, wanted) = match own("object", "averageValue") {
                Some(average) => ("target average value", average),
                None => ("target value", amount("object", "value")),
            };
            format!(
                "\"{}\" on {}/{} ({what}):\t<unknown> / {wanted}",
                named("object"),
                about("kind"),
                about("name")
            )
        }
        "External" => {
            let (what, wanted) = match own("external", "averageValue") {
                Some(average) => ("target average value", average),
                None => ("target value", amount("external", "value")),
            };
            format!("\"{}\" ({what}):\t<unknown> / {wanted}", named("external"))
        }
        other => format!("<unknown metric type \"{other}\">"),
    }
}

fn rules(out: &mut Text, title: &str, rules: Option<&Value>) {
    let Some(rules) = rules else { return };
    out.line(1, format!("{title}:"));
    if let Some(seconds) = rules.get("stabilizationWindowSeconds") {
        out.line(2, format!("Stabilization Window: {} seconds", plain(seconds)));
    }
    let policies = list(rules, &["policies"]);
    if policies.is_empty() {
        return;
    }
    out.line(2, format!("Select Policy: {}", text(rules, &["selectPolicy"])));
    out.line(2, "Policies:");
    for policy in policies {
        let (value, period) = (number(policy, &["value"]), number(policy, &["periodSeconds"]));
        let kind = text(policy, &["type"]);
        out.line(3, format!("- Type: {kind}\tValue: {value}\tPeriod: {period} seconds"));
    }
}

/// What `describe namespace` says of quotas and LimitRanges.
pub(super) fn of_namespace(out: &mut Text, quotas: &[Value], ranges: &[Value]) {
    if quotas.is_empty() {
        out.line(0, "\nNo resource quota.");
    } else {
        out.line(0, "\nResource Quotas");
    }
    for quota in quotas {
        out.line(1, format!("Name:\t{}", name(quota)));
        out.line(1, "Resource\tUsed\tHard");
        out.line(1, "--------\t---\t---");
        quota_lines(out, quota, "  ");
    }
    if ranges.is_empty() {
        return out.line(0, "\nNo LimitRange resource.");
    }
    out.line(0, "\nResource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    out.line(0, " ----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    ranges.iter().for_each(|range| limit_lines(out, range, " "));
}
