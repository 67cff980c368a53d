//! What a failed Pod means (upstream: pkg/controller/job/pod_failure_policy.go).

use crate::api::objects::{
    ConditionStatus, ContainerStatus, Pod, PodFailurePolicy, PodFailurePolicyAction, PodFailurePolicyOnExitCodes,
};

/// What the first rule that matches says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matched {
    /// Why the Job fails, where it does.
    pub(super) fails_job: Option<String>,
    /// Whether the failure counts.
    pub(super) counts: bool,
    /// The rule's action; none where no rule matches.
    pub(super) action: Option<PodFailurePolicyAction>,
}

/// What the policy makes of a failed Pod.
pub(super) fn match_pod_failure_policy(policy: Option<&PodFailurePolicy>, pod: &Pod) -> Matched {
    let rules = policy.map(|policy| policy.rules.as_slice()).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        let Some(action) = rule.action else { continue };
        let meta = &pod.metadata;
        let why = if let Some(codes) = &rule.on_exit_codes {
            exit(&pod.status.container_statuses, codes).or_else(|| exit(&pod.status.init_container_statuses, codes)).map(
                |(container, code)| {
                    format!("Container {container} for pod {}/{} failed with exit code {code} matching {action} rule at index {index}", meta.namespace, meta.name)
                },
            )
        } else {
            let has = |kind: &str, status: Option<ConditionStatus>| {
                rule.on_pod_conditions.iter().any(|pattern| &*pattern.kind == kind && status.is_some_and(|status| status.as_str() == &*pattern.status))
            };
            let condition = pod.status.conditions.iter().find(|condition| has(&condition.kind, condition.status));
            condition.map(|condition| {
                format!("Pod {}/{} has condition {} matching {action} rule at index {index}", meta.namespace, meta.name, condition.kind)
            })
        };
        if let Some(why) = why {
            return Matched {
                fails_job: (action == PodFailurePolicyAction::FailJob).then_some(why),
                counts: action != PodFailurePolicyAction::Ignore,
                action: Some(action),
            };
        }
    }
    Matched { fails_job: None, counts: true, action: None }
}

/// The first container that ended with one of these codes.
fn exit<'a>(statuses: &'a [ContainerStatus], codes: &PodFailurePolicyOnExitCodes) -> Option<(&'a str, i32)> {
    statuses.iter().find_map(|status| {
        let code = status.state.terminated.as_ref()?.exit_code;
        let is_named = codes.container_name.as_ref().is_none_or(|name| *name == status.name);
        let is_listed = codes.values.contains(&code);
        let matches = match &*codes.operator {
            "In" => is_listed,
            "NotIn" => !is_listed,
            _ => false,
        };
        (code != 0 && is_named && matches).then_some((&*status.name, code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;
    use crate::value::typed::Typed;

    #[test]
    fn the_first_rule_that_matches_says_what_follows() {
        let policy = r#"{"rules":[
            {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]},
            {"action":"FailJob","onExitCodes":{"containerName":"main","operator":"In","values":[42]}},
            {"action":"FailIndex","onExitCodes":{"operator":"NotIn","values":[1,42]}},
            {"action":"Count","onExitCodes":{"operator":"In","values":[1]}}]}"#;
        let policy = PodFailurePolicy::decode(&json::parse(policy).expect("JSON")).expect("a policy");
        let judge = |conditions: &str, name: &str, code: i32| {
            let text = format!(
                r#"{{"metadata":{{"namespace":"n","name":"p"}},"status":{{"conditions":[{conditions}],"containerStatuses":[
                    {{"name":"side","state":{{"running":{{}}}}}},{{"name":"{name}","state":{{"terminated":{{"exitCode":{code}}}}}}}]}}}}"#
            );
            let pod = Pod::decode(&json::parse(&text).expect("JSON")).expect("a Pod");
            let matched = match_pod_failure_policy(Some(&policy), &pod);
            (matched.action.map(PodFailurePolicyAction::as_str), matched.counts, matched.fails_job)
        };
        let why = "Container main for pod n/p failed with exit code 42 matching FailJob rule at index 1";
        assert_eq!(judge("", "main", 42), (Some("FailJob"), true, Some(why.to_owned())));
        assert_eq!(judge("", "other", 42), (None, true, None));
        assert_eq!(judge("", "main", 7), (Some("FailIndex"), true, None));
        assert_eq!(judge("", "main", 1), (Some("Count"), true, None));
        assert_eq!(judge("", "main", 0), (None, true, None));
        let disrupted = r#"{"type":"DisruptionTarget","status":"True"}"#;
        assert_eq!(judge(disrupted, "main", 42), (Some("Ignore"), false, None));
    }
}
