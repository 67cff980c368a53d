//! `kubectl create quota` (upstream: kubectl `cmd/create/create_quota.go`).

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::api::quantity::Quantity;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "create quota", aliases: &["create resourcequota"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let given = |flag: &str| kubectl.arguments.text(flag).cloned().unwrap_or_default();
    let (hard, scopes) = (given("hard"), given("scopes"));
    let spec = match spec(&hard, &scopes) {
        Ok(spec) => spec,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let mut value = new(kubectl, Kind::ResourceQuota, &name);
    value.set(&["spec"], spec);
    value.set(&["status"], Value::object());
    send(kubectl, Kind::ResourceQuota, value, |status| {
        Problem::Own(format!("failed to create quota: {}", status.message))
    })
}

fn spec(hard: &str, scopes: &str) -> Result<Value, String> {
    let mut spec = Value::object();
    let mut limits: Vec<(Str, String)> = Vec::new();
    for pair in hard.split(',').filter(|_| !hard.is_empty()) {
        let parts: Vec<&str> = pair.split('=').collect();
        let [resource, amount] = parts[..] else {
            return Err(format!("Invalid argument syntax {pair}, expected <resource>=<value>"));
        };
        limits.push((resource.into(), Quantity::parse(amount)?.to_string()));
    }
    if !limits.is_empty() {
        spec.set(&["hard"], object(limits));
    }
    let scopes: Vec<Value> = scopes.split(',').filter(|_| !scopes.is_empty()).map(Value::from).collect();
    if scopes.iter().any(|scope| scope.as_str() == Some("")) {
        return Err("invalid resource quota scope \"\"".into());
    }
    if !scopes.is_empty() {
        spec.set(&["scopes"], scopes);
    }
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn limits_are_read() {
        let told = |hard: &str, scopes: &str| spec(hard, scopes).map(|spec| json::compact(&spec));
        assert_eq!(
            told("pods=3,requests.cpu=0.5", "BestEffort").as_deref(),
            Ok(r#"{"hard":{"pods":"3","requests.cpu":"500m"},"scopes":["BestEffort"]}"#)
        );
        assert_eq!(told("pods", ""), Err("Invalid argument syntax pods, expected <resource>=<value>".into()));
        assert_eq!(told("", "a,"), Err("invalid resource quota scope \"\"".into()));
    }
}
