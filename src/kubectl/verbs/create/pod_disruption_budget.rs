//! `kubectl create poddisruptionbudget` (upstream: kubectl `cmd/create/create_pdb.go`).

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::api::labels::{Operator, Selector};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "create poddisruptionbudget", aliases: &["create pdb"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let given = |flag: &str| kubectl.arguments.text(flag).cloned().unwrap_or_default();
    let [selector, least, most] = ["selector", "min-available", "max-unavailable"].map(given);
    let spec = match spec(&selector, &least, &most) {
        Ok(spec) => spec,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let mut value = new(kubectl, Kind::PodDisruptionBudget, &name);
    value.set(&["spec"], spec);
    value.set(&["status"], no_status());
    send(kubectl, Kind::PodDisruptionBudget, value, |status| {
        Problem::Own(format!("failed to create poddisruptionbudgets: {}", status.message))
    })
}

/// What Go writes of a status that says nothing.
fn no_status() -> Value {
    object(
        ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"].map(|field| (field, 0i64)),
    )
}

fn spec(selector: &str, least: &str, most: &str) -> Result<Value, String> {
    if selector.is_empty() {
        return Err("a selector must be specified".into());
    }
    let (field, flag, bound) = match (least, most) {
        ("", "") => return Err("one of min-available or max-unavailable must be specified".into()),
        (least, "") => ("minAvailable", "min-available", least),
        ("", most) => ("maxUnavailable", "max-unavailable", most),
        _ => return Err("min-available and max-unavailable cannot be both specified".into()),
    };
    let digits = bound.strip_suffix('%').unwrap_or(bound);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("invalid format specified for {flag}"));
    }
    let mut spec = Value::object();
    spec.set(&[field], bound.parse::<i64>().map_or_else(|_| Value::from(bound), Value::from));
    spec.set(&["selector"], label_selector(selector)?);
    Ok(spec)
}

/// A selector of the command line as objects have it (upstream: metav1.ParseToLabelSelector).
fn label_selector(text: &str) -> Result<Value, String> {
    let (mut labels, mut expressions) = (Vec::new(), Vec::new());
    for requirement in Selector::parse(text)?.requirements() {
        let key = requirement.key.clone();
        let (operator, values) = match &requirement.operator {
            Operator::In(values) if values.len() == 1 => {
                labels.extend(values.iter().map(|value| (key.clone(), Value::from(value.clone()))));
                continue;
            }
            Operator::In(values) => ("In", Some(values)),
            Operator::NotIn(values) => ("NotIn", Some(values)),
            Operator::Exists => ("Exists", None),
            Operator::DoesNotExist => ("DoesNotExist", None),
        };
        let mut expression = object([("key", Value::from(key)), ("operator", operator.into())]);
        if let Some(values) = values {
            expression.set(&["values"], values.iter().cloned().map(Value::from).collect::<Vec<Value>>());
        }
        expressions.push(expression);
    }
    let mut selector = Value::object();
    if !labels.is_empty() {
        selector.set(&["matchLabels"], object::<Str, Value>(labels));
    }
    if !expressions.is_empty() {
        selector.set(&["matchExpressions"], expressions);
    }
    Ok(selector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn bounds_and_selectors_are_read() {
        let told = |selector: &str, least: &str, most: &str| {
            spec(selector, least, most).map(|spec| json::compact(&spec))
        };
        assert_eq!(
            told("app=web,tier in (a,b)", "2", "").as_deref(),
            Ok(
                r#"{"minAvailable":2,"selector":{"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}],"matchLabels":{"app":"web"}}}"#
            )
        );
        assert_eq!(
            told("app=web", "", "30%").as_deref(),
            Ok(r#"{"maxUnavailable":"30%","selector":{"matchLabels":{"app":"web"}}}"#)
        );
        for (selector, least, most, why) in [
            ("", "1", "", "a selector must be specified"),
            ("app=web", "", "", "one of min-available or max-unavailable must be specified"),
            ("app=web", "1", "1", "min-available and max-unavailable cannot be both specified"),
            ("app=web", "1Gi", "", "invalid format specified for min-available"),
        ] {
            assert_eq!(told(selector, least, most), Err(why.into()));
        }
    }
}
