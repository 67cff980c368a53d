//! `kubectl autoscale` (upstream: kubectl `cmd/autoscale`).

use super::Verb;
use super::apply::with_last_applied;
use crate::api::Kind;
use crate::api::quantity::Quantity;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::fields::{name, object, text};
use crate::kubectl::resources::{Finder, Info};
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "autoscale", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let number = |flag: &str| kubectl.arguments.number(flag);
    let Some(most) = number("max") else {
        return Err(kubectl.fail("required flag(s) \"max\" not set".to_owned()));
    };
    let (least, percent) = (number("min").unwrap_or(-1), number("cpu-percent").unwrap_or(-1));
    let metrics = match metrics(kubectl, least, most, percent) {
        Ok(metrics) => metrics,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let words = kubectl.arguments.words.clone();
    let is_file = kubectl.arguments.text("filename").is_some();
    let found = kubectl.find(&words, Finder { reads: !is_file, ..Finder::default() })?;
    if found.infos.is_empty() && found.problems.is_empty() {
        return Err(kubectl.fail("no objects passed to autoscale".to_owned()));
    }
    for info in &found.infos {
        if !is_scaled(info.kind) {
            let why = format!(
                "cannot autoscale a {}: could not find scale subresource for {}",
                info.kind,
                place(info.kind)
            );
            return Err(kubectl.fail(why));
        }
        let value = autoscaler(kubectl, info, (least, most), &metrics);
        create(kubectl, value)?;
    }
    kubectl.fail_all(found.problems)
}

fn is_scaled(kind: Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet)
}

/// `/v1, Resource=pods`, as Go prints where a kind lies.
fn place(kind: Kind) -> String {
    let info = kind.info();
    format!("{}/{}, Resource={} in discovery information", info.group, info.version, info.plural)
}

fn create(kubectl: &mut Kubectl, mut value: Value) -> Outcome {
    if kubectl.is_client_dry_run() {
        // As Go writes a status that nothing stands in.
        value.set(&["status"], object([("currentMetrics", Value::Null), ("desiredReplicas", 0.into())]));
        return kubectl.report(&value, "created");
    }
    if kubectl.arguments.is("save-config") {
        value = with_last_applied(&value);
    }
    let key = kubectl.key(Kind::HorizontalPodAutoscaler, name(&value));
    match kubectl.create(key, value, "kubectl-autoscale")? {
        Ok(value) => kubectl.report(&value, "autoscaled"),
        Err(status) => Err(kubectl.fail(status)),
    }
}

fn autoscaler(kubectl: &Kubectl, info: &Info, (least, most): (i64, i64), metrics: &[Value]) -> Value {
    let own = info.value();
    let mut value = object([("apiVersion", "autoscaling/v2"), ("kind", "HorizontalPodAutoscaler")]);
    let given = kubectl.arguments.text("name").filter(|name| !name.is_empty());
    value.set(&["metadata", "name"], given.unwrap_or(&info.name).clone());
    if let Some(namespace) = kubectl.arguments.text("namespace") {
        value.set(&["metadata", "namespace"], namespace.clone());
    }
    let target =
        [("apiVersion", text(&own, &["apiVersion"])), ("kind", info.kind.info().name), ("name", &info.name)];
    value.set(&["spec", "scaleTargetRef"], object(target));
    if least > 0 {
        value.set(&["spec", "minReplicas"], least);
    }
    value.set(&["spec", "maxReplicas"], most);
    if !metrics.is_empty() {
        value.set(&["spec", "metrics"], metrics.to_vec());
    }
    value
}

/// What is to be measured.
fn metrics(kubectl: &Kubectl, least: i64, most: i64, percent: i64) -> Result<Vec<Value>, String> {
    if most < 1 {
        return Err(format!("--max=MAXPODS is required and must be at least 1, max: {most}"));
    }
    if most < least {
        return Err(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}"
        ));
    }
    let given = |flag: &str| kubectl.arguments.text(flag).map(|text| &**text).filter(|text| !text.is_empty());
    if percent > 0 && given("cpu").is_some() {
        return Err("--cpu-percent and --cpu are mutually exclusive".into());
    }
    let share = format!("{percent}%");
    let cpu = if percent > 0 { Some(&*share) } else { given("cpu") };
    let asked = [("cpu", cpu), ("memory", given("memory"))];
    asked.iter().filter_map(|(resource, target)| Some(metric(resource, (*target)?))).collect()
}

/// A metric of a resource: a share of what is asked for, or an amount.
fn metric(resource: &str, text: &str) -> Result<Value, String> {
    let target = match text.strip_suffix('%') {
        Some(share) => {
            let share: i64 = share.parse().map_err(|_| format!("invalid percentage value: {share}"))?;
            object([("averageUtilization", Value::from(share)), ("type", "Utilization".into())])
        }
        None => {
            let unit = if resource == "cpu" { "m" } else { "Mi" };
            let is_bare = text.bytes().all(|byte| byte.is_ascii_digit());
            let amount = if is_bare { format!("{text}{unit}") } else { text.to_owned() };
            let amount =
                Quantity::parse(&amount).map_err(|_| format!("invalid resource {resource} value: {text}"))?;
            object([("averageValue", Value::from(amount.to_string())), ("type", "AverageValue".into())])
        }
    };
    let source = object([("name", Value::from(resource)), ("target", target)]);
    Ok(object([("resource", source), ("type", "Resource".into())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn targets_are_shares_or_amounts() {
        let told = |resource: &str, text: &str| metric(resource, text).map(|metric| json::compact(&metric));
        assert_eq!(
            told("cpu", "70%").as_deref(),
            Ok(
                r#"{"resource":{"name":"cpu","target":{"averageUtilization":70,"type":"Utilization"}},"type":"Resource"}"#
            )
        );
        assert_eq!(
            told("memory", "200").as_deref(),
            Ok(
                r#"{"resource":{"name":"memory","target":{"averageValue":"200Mi","type":"AverageValue"}},"type":"Resource"}"#
            )
        );
        assert!(told("cpu", "x%").is_err() && told("cpu", "?").is_err());
    }
}
