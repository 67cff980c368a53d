//! ResourceQuotas, PodDisruptionBudgets and HorizontalPodAutoscalers.

use super::{ALWAYS, Columns, created};
use crate::kubectl::fields::{list, name, number, pairs, plain, text};
use crate::value::Value;

pub(super) const RESOURCE_QUOTA: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("REQUEST", ALWAYS), ("LIMIT", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        let [mut requests, mut limits] = [Vec::new(), Vec::new()];
        for (resource, hard) in pairs(value, &["status", "hard"]) {
            let used = match text(value, &["status", "used", resource]) {
                "" => "0",
                used => used,
            };
            let list = if resource.starts_with("limits.") { &mut limits } else { &mut requests };
            list.push(format!("{resource}: {used}/{}", plain(hard)));
        }
        vec![name(value).into(), requests.join(", "), limits.join(", "), created(value, now)]
    },
};

pub(super) const POD_DISRUPTION_BUDGET: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("MIN AVAILABLE", ALWAYS),
        ("MAX UNAVAILABLE", ALWAYS),
        ("ALLOWED DISRUPTIONS", ALWAYS),
        ("AGE", ALWAYS),
    ],
    row: |value, now| {
        let bound = |field| value.at(&["spec", field]).map_or("N/A".to_owned(), plain);
        vec![
            name(value).into(),
            bound("minAvailable"),
            bound("maxUnavailable"),
            number(value, &["status", "disruptionsAllowed"]).to_string(),
            created(value, now),
        ]
    },
};

pub(super) const HORIZONTAL_POD_AUTOSCALER: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("REFERENCE", ALWAYS),
        ("TARGETS", ALWAYS),
        ("MINPODS", ALWAYS),
        ("MAXPODS", ALWAYS),
        ("REPLICAS", ALWAYS),
        ("AGE", ALWAYS),
    ],
    row: |value, now| {
        let target = |field| text(value, &["spec", "scaleTargetRef", field]);
        vec![
            name(value).into(),
            format!("{}/{}", target("kind"), target("name")),
            targets(list(value, &["spec", "metrics"])),
            value.at(&["spec", "minReplicas"]).map_or("<unset>".to_owned(), plain),
            number(value, &["spec", "maxReplicas"]).to_string(),
            number(value, &["status", "currentReplicas"]).to_string(),
            created(value, now),
        ]
    },
};

/// What an autoscaler measures. Nothing measures here, so that each is unknown; two are told at most.
fn targets(metrics: &[Value]) -> String {
    let told: Vec<String> = metrics.iter().take(2).map(target).collect();
    match metrics.len() {
        0 => "<none>".into(),
        1 | 2 => told.join(", "),
        more => format!("{} + {} more...", told.join(", "), more - 2),
    }
}

fn target(metric: &Value) -> String {
    let (source, has_name) = match text(metric, &["type"]) {
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "External" => ("external", false),
        _ => return "<unknown type>".into(),
    };
    let own = |field| metric.at(&[source, "target", field]).map(plain);
    if has_name {
        let wanted = own("averageValue").or_else(|| Some(format!("{}%", own("averageUtilization")?)));
        let resource = text(metric, &[source, "name"]);
        return format!("{resource}: <unknown>/{}", wanted.unwrap_or_else(|| "<auto>".into()));
    }
    match (own("averageValue"), own("value")) {
        (Some(average), _) if source == "pods" => format!("<unknown>/{average}"),
        (Some(average), _) => format!("<unknown>/{average} (avg)"),
        (None, value) => format!("<unknown>/{}", value.unwrap_or_else(|| "<nil>".into())),
    }
}
