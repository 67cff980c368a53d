//! What a Job says that cannot be, or not together (upstream: pkg/apis/batch/validation).
//!
//! What every field has alike, as numbers below 0 and unknown words, is told by other rules.

use super::{Check, Rule};
use crate::api::check::quoted;
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::names::label_errors;
use crate::api::objects::{
    CompletionMode, Job, JobSpec, Labels, PodFailurePolicyAction, PodFailurePolicyOnExitCodes,
    PodFailurePolicyRule, PodReplacementPolicy, RestartPolicy, SuccessPolicyRule,
};
use crate::api::subject::{Findings, Subject, node_to_value};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;
use crate::value::Value;
use crate::value::typed::Typed;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

/// Bounds of Indexed Jobs.
const MOST_AT_ONCE: i32 = 100_000;
const MANY_COMPLETIONS: i32 = 100_000;
const MOST_WITH_MANY: i32 = 10_000;
/// How long the name in `managedBy` may be.
const LONGEST_MANAGER: usize = 63;

fn check(subject: &Subject, findings: &mut Findings) {
    let errors = match subject.kind {
        Some(Kind::Job) => {
            let Some(job) = read::<Job>(&subject.root) else { return };
            let mut errors = selector_errors(&job);
            errors.extend(spec_errors(&job.spec, "spec"));
            errors.extend(host_name_errors(&job));
            errors
        }
        Some(Kind::CronJob) => {
            let node = subject.get(&["spec", "jobTemplate", "spec"]);
            let Some(spec) = node.and_then(read::<JobSpec>) else { return };
            let mut errors = spec_errors(&spec, "spec.jobTemplate.spec");
            if let Some(selector) = &spec.selector {
                let path = "spec.jobTemplate.spec.selector";
                errors.push(FieldError::invalid(
                    path,
                    selector.encode(),
                    "`selector` will be auto-generated",
                ));
            }
            if spec.manual_selector == Some(true) {
                errors.push(FieldError::unsupported(
                    "spec.jobTemplate.spec.manualSelector",
                    true,
                    &["nil", "false"],
                ));
            }
            errors
        }
        _ => return,
    };
    for error in errors {
        let told = error.to_string();
        let problem = told.strip_prefix(&format!("{}: ", error.path)).unwrap_or(&told);
        let diagnostic =
            Diagnostic::new(msg!("invalid-job"), Severity::Error, nearest(&subject.root, &error.path).span)
                .arg("kind", &subject.kind_name)
                .arg("field", &*error.path)
                .arg("problem", problem);
        findings.invalid(subject.place, diagnostic, error);
    }
}

/// The typed object; none where it does not decode, which is told by other rules.
fn read<T: Typed>(node: &Node) -> Option<T> {
    T::decode(&node_to_value(node)).ok()
}

/// What stands at a path, or as near to it as there is something.
fn nearest<'a>(root: &'a Node, path: &str) -> &'a Node {
    let mut node = root;
    for step in path.split(['.', '[']) {
        let next = match step.strip_suffix(']') {
            Some(index) => index.parse::<usize>().ok().and_then(|index| node.items().get(index)),
            None => node.get(step),
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}

/// The selector and the labels that belong to it are the server's, unless the user says that he makes them himself.
fn selector_errors(job: &Job) -> Vec<FieldError> {
    let (spec, uid, name) = (&job.spec, &job.metadata.uid, &job.metadata.name);
    let labels = &spec.template.metadata.labels;
    let is_manual = spec.manual_selector == Some(true);
    let mut errors = Vec::new();
    let Some(selector) = &spec.selector else {
        if is_manual {
            errors.push(FieldError::required("spec.selector", ""));
        }
        return errors;
    };
    let mut expected = Labels::new();
    if !is_manual {
        for (key, value) in [
            ("controller-uid", uid),
            ("job-name", name),
            ("batch.kubernetes.io/controller-uid", uid),
            ("batch.kubernetes.io/job-name", name),
        ] {
            expected.insert(key.into(), value.clone());
            let path = format!("spec.template.metadata.labels[{key}]");
            let must = format!("must be '{value}'");
            match labels.get(key) {
                Some(label) if label != value => {
                    errors.push(FieldError::invalid(path, printed(labels), must))
                }
                Some(_) => {}
                // Before the server has seen it, its uid is not known yet.
                None if uid.is_empty() => {}
                None => errors.push(FieldError::required(path, &must)),
            }
        }
    }
    let Ok(matching) = Selector::from_label_selector(selector) else { return errors };
    if !is_manual && !matching.matches(&expected) {
        errors.push(FieldError::invalid("spec.selector", selector.encode(), "`selector` not auto-generated"));
    }
    if (is_manual || !uid.is_empty()) && !matching.matches(labels) {
        let detail = "`selector` does not match template `labels`";
        errors.push(FieldError::invalid("spec.template.metadata.labels", printed(labels), detail));
    }
    errors
}

fn printed(labels: &Labels) -> Value {
    if labels.is_empty() { Value::Null } else { labels.encode() }
}

/// The host names of an Indexed Job's Pods are its name and the index.
fn host_name_errors(job: &Job) -> Option<FieldError> {
    let last = job.spec.completions.filter(|completions| *completions > 0 && is_indexed(&job.spec))? - 1;
    let host = format!("{}-{last}", job.metadata.name);
    let detail = format!("will not able to create pod with invalid DNS label: {host}");
    let is_named = !job.metadata.name.is_empty();
    (is_named && !label_errors(&host).is_empty())
        .then(|| FieldError::invalid("metadata.name", Value::from(job.metadata.name.clone()), detail))
}

fn is_indexed(spec: &JobSpec) -> bool {
    spec.completion_mode == Some(CompletionMode::Indexed)
}

fn spec_errors(spec: &JobSpec, path: &str) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let mut errors = Vec::new();
    // Where neither is said, both are 1.
    let completions = spec.completions.or(spec.parallelism.is_none().then_some(1));
    if spec.max_failed_indexes.is_some() && spec.backoff_limit_per_index.is_none() {
        errors.push(FieldError::required(at("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
    }
    if let Some(manager) = &spec.managed_by {
        errors.extend(manager_errors(&at("managedBy"), manager));
    }
    if is_indexed(spec) {
        errors.extend(indexed_errors(spec, completions, path));
    } else {
        for (field, value) in [
            ("backoffLimitPerIndex", spec.backoff_limit_per_index),
            ("maxFailedIndexes", spec.max_failed_indexes),
        ] {
            errors.extend(
                value.map(|value| FieldError::invalid(at(field), value, "requires indexed completion mode")),
            );
        }
    }
    for (index, rule) in spec.pod_failure_policy.iter().flat_map(|policy| &policy.rules).enumerate() {
        errors.extend(failure_rule_errors(spec, rule, &format!("{path}.podFailurePolicy.rules[{index}]")));
    }
    if let Some(policy) = &spec.success_policy {
        if !is_indexed(spec) {
            let error =
                FieldError::invalid(at("successPolicy"), Value::Null, "requires indexed completion mode");
            errors.push(error.with_value(policy.as_go()));
        } else if policy.rules.is_empty() {
            let why = "at least one rules must be specified when the successPolicy is specified";
            errors.push(FieldError::required(at("successPolicy.rules"), why));
        }
        let rules = policy.rules.iter().enumerate().filter(|_| is_indexed(spec));
        for (index, rule) in rules {
            errors.extend(success_rule_errors(
                rule,
                completions.unwrap_or(0),
                &format!("{path}.successPolicy.rules[{index}]"),
            ));
        }
    }
    let replaced = spec.pod_replacement_policy;
    if spec.pod_failure_policy.is_some()
        && replaced.is_some_and(|policy| policy != PodReplacementPolicy::Failed)
    {
        let value = replaced.map(PodReplacementPolicy::as_str).unwrap_or_default();
        errors.push(FieldError::unsupported(at("podReplacementPolicy"), value, &["Failed"]));
    }
    if spec.pod_failure_policy.is_some()
        && spec.template.spec.restart_policy == Some(RestartPolicy::OnFailure)
    {
        let why = "only \"Never\" is supported when podFailurePolicy is specified";
        errors.push(FieldError::invalid(at("template.spec.restartPolicy"), "OnFailure", why));
    }
    errors
}

fn indexed_errors(spec: &JobSpec, completions: Option<i32>, path: &str) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let mut errors = Vec::new();
    if completions.is_none() {
        errors.push(FieldError::required(at("completions"), "when completion mode is Indexed"));
    }
    if let Some(parallelism) = spec.parallelism.filter(|parallelism| *parallelism > MOST_AT_ONCE) {
        let why = format!("must be less than or equal to {MOST_AT_ONCE} when completion mode is Indexed");
        errors.push(FieldError::invalid(at("parallelism"), parallelism, why));
    }
    let most = spec.max_failed_indexes;
    if let (Some(most), Some(completions)) = (most, completions)
        && most > completions
    {
        errors.push(FieldError::invalid(
            at("maxFailedIndexes"),
            most,
            "must be less than or equal to completions",
        ));
    }
    if let Some(most) = most.filter(|most| *most > MOST_AT_ONCE) {
        errors.push(FieldError::invalid(
            at("maxFailedIndexes"),
            most,
            format!("must be less than or equal to {MOST_AT_ONCE}"),
        ));
    }
    let is_many = completions.is_some_and(|completions| completions > MANY_COMPLETIONS);
    if is_many && spec.backoff_limit_per_index.is_some() {
        let why = format!(
            "must be less than or equal to {MOST_WITH_MANY} when completions are above {MANY_COMPLETIONS} and used with backoff limit per index"
        );
        if most.is_none() {
            let why = format!("must be specified when completions is above {MANY_COMPLETIONS}");
            errors.push(FieldError::required(at("maxFailedIndexes"), &why));
        }
        for (field, value) in [("parallelism", spec.parallelism), ("maxFailedIndexes", most)] {
            let value = value.filter(|value| *value > MOST_WITH_MANY);
            errors.extend(value.map(|value| FieldError::invalid(at(field), value, why.clone())));
        }
    }
    errors
}

/// `example.com/name` (upstream: IsDomainPrefixedPath).
fn manager_errors(path: &str, manager: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match manager.split_once('/') {
        _ if manager.is_empty() => errors.push(FieldError::required(path, "")),
        Some((domain, name)) if !domain.is_empty() && !name.is_empty() => {
            let of_domain = crate::api::names::subdomain_errors(domain);
            errors.extend(of_domain.into_iter().map(|why| FieldError::invalid(path, domain, why)));
        }
        _ => errors.push(FieldError::invalid(
            path,
            manager,
            "must be a domain-prefixed path (such as \"acme.io/foo\")",
        )),
    }
    if manager.len() > LONGEST_MANAGER {
        errors.push(FieldError::too_long(path, LONGEST_MANAGER));
    }
    errors
}

fn failure_rule_errors(spec: &JobSpec, rule: &PodFailurePolicyRule, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match rule.action {
        None => {
            let why = "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]";
            errors.push(FieldError::required(format!("{path}.action"), why));
        }
        Some(PodFailurePolicyAction::FailIndex) if spec.backoff_limit_per_index.is_none() => {
            let why = "requires the backoffLimitPerIndex to be set";
            errors.push(FieldError::invalid(format!("{path}.action"), "FailIndex", why));
        }
        Some(_) => {}
    }
    if let Some(codes) = &rule.on_exit_codes {
        errors.extend(exit_code_errors(spec, codes, &format!("{path}.onExitCodes")));
    }
    let why = match (&rule.on_exit_codes, rule.on_pod_conditions.is_empty()) {
        (Some(_), false) => "specifying both OnExitCodes and OnPodConditions is not supported",
        (None, true) => "specifying one of OnExitCodes and OnPodConditions is required",
        _ => return errors,
    };
    errors.push(FieldError::invalid(path, Value::Null, why).with_value(String::new()));
    errors
}

fn exit_code_errors(spec: &JobSpec, codes: &PodFailurePolicyOnExitCodes, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if codes.operator.is_empty() {
        errors.push(FieldError::required(format!("{path}.operator"), "valid values: [\"In\" \"NotIn\"]"));
    }
    let pod = &spec.template.spec;
    let is_there = |name: &str| {
        pod.containers.iter().chain(&pod.init_containers).any(|container| &*container.name == name)
    };
    if let Some(name) = codes.container_name.as_deref().filter(|name| !is_there(name)) {
        let why = "must be one of the container or initContainer names in the pod template";
        errors.push(FieldError::invalid(format!("{path}.containerName"), name, why));
    }
    let values = &codes.values;
    let all = || Value::from(values.iter().map(|code| Value::Int((*code).into())).collect::<Vec<_>>());
    if values.is_empty() {
        errors.push(FieldError::invalid(
            format!("{path}.values"),
            Value::Null,
            "at least one value is required",
        ));
    }
    for (index, code) in values.iter().enumerate() {
        let at = format!("{path}.values[{index}]");
        if *code == 0 && &*codes.operator == "In" {
            errors.push(FieldError::invalid(at.clone(), 0, "must not be 0 for the In operator"));
        }
        if values[..index].contains(code) {
            errors.push(FieldError::duplicate(at, *code));
        }
    }
    if !values.is_sorted() {
        errors.push(FieldError::invalid(format!("{path}.values"), all(), "must be ordered"));
    }
    errors
}

fn success_rule_errors(rule: &SuccessPolicyRule, completions: i32, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut total = 0;
    if rule.succeeded_count.is_none() && rule.succeeded_indexes.is_none() {
        errors.push(FieldError::required(
            path,
            "at least one of succeededCount or succeededIndexes must be specified",
        ));
    }
    if let Some(indexes) = &rule.succeeded_indexes {
        match count_indexes(indexes, completions) {
            Ok(count) => total = count,
            Err(why) => {
                let why = format!("error parsing succeededIndexes: {why}");
                errors.push(FieldError::invalid(format!("{path}.succeededIndexes"), &**indexes, why));
            }
        }
    }
    let at = format!("{path}.succeededCount");
    if let Some(count) = rule.succeeded_count.filter(|count| *count > completions) {
        let why =
            format!("must be less than or equal to {completions} (the number of specified completions)");
        errors.push(FieldError::invalid(at.clone(), count, why));
    }
    if let Some(count) =
        rule.succeeded_count.filter(|count| rule.succeeded_indexes.is_some() && *count > total)
    {
        let why = format!(
            "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        );
        errors.push(FieldError::invalid(at, count, why));
    }
    errors
}

/// How many indexes `1,3-5` names, or why it names none.
fn count_indexes(text: &str, completions: i32) -> Result<i32, String> {
    let (mut before, mut total) = (None, 0);
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let ends: Vec<&str> = part.split('-').collect();
        if ends.len() > 2 {
            let part = quoted(part);
            return Err(format!(
                "the fragment {part} violates the requirement that an index interval can have at most two parts separated by '-'"
            ));
        }
        let number = |text: &str| {
            let number = text
                .parse::<i32>()
                .map_err(|_| format!("cannot convert string to integer for index: {}", quoted(text)))?;
            if number >= completions { Err(format!("too large index: {}", quoted(text))) } else { Ok(number) }
        };
        let first = number(ends[0])?;
        let last = ends.get(1).map_or(Ok(first), |end| number(end))?;
        if ends.len() > 1 && first >= last {
            return Err(format!("non-increasing order, previous: {first}, current: {last}"));
        }
        if let Some(before) = before.filter(|before| *before >= first) {
            return Err(format!("non-increasing order, previous: {before}, current: {first}"));
        }
        total += last - first + 1;
        before = Some(last);
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use crate::api::check::validation_errors;
    use crate::value::json;

    #[test]
    fn jobs_are_judged_as_the_server_judges() {
        let said = |spec: &str| {
            let text = format!(
                r#"{{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"j"}},"spec":{{{spec}"template":{{"spec":{{"restartPolicy":"Never",
                    "containers":[{{"name":"main","image":"busybox"}}]}}}}}}}}"#
            );
            let errors = validation_errors("Job", "batch/v1", &json::parse(&text).expect("JSON"));
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        let rule = |rule: &str| format!(r#""podFailurePolicy":{{"rules":[{rule}]}},"#);
        let success = |rule: &str| {
            format!(r#""completionMode":"Indexed","completions":3,"successPolicy":{{"rules":[{rule}]}},"#)
        };
        for (spec, expected) in [
            ("".to_owned(), ""),
            (r#""completionMode":"Indexed","#.into(), ""),
            (
                r#""completionMode":"Indexed","parallelism":2,"#.into(),
                "spec.completions: Required value: when completion mode is Indexed",
            ),
            (
                r#""backoffLimitPerIndex":1,"#.into(),
                "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
            ),
            (
                r#""completionMode":"Indexed","completions":2,"maxFailedIndexes":3,"#.into(),
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified; \
                 spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions",
            ),
            (
                r#""selector":{"matchLabels":{"app":"x"}},"#.into(),
                "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"x\"}}: `selector` not auto-generated",
            ),
            (r#""manualSelector":true,"#.into(), "spec.selector: Required value"),
            (
                rule(r#"{"action":"FailIndex","onExitCodes":{"operator":"In","values":[0,2,1,1]}}"#),
                "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set; \
                 spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator; \
                 spec.podFailurePolicy.rules[0].onExitCodes.values[3]: Duplicate value: 1; \
                 spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,2,1,1]: must be ordered",
            ),
            (
                rule(r#"{"action":"Ignore"}"#),
                "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
            ),
            (
                rule(
                    r#"{"action":"FailJob","onExitCodes":{"containerName":"other","operator":"NotIn","values":[1]}}"#,
                ),
                "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"other\": \
                 must be one of the container or initContainer names in the pod template",
            ),
            (
                success(r#"{"succeededIndexes":"2,1"}"#),
                "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"2,1\": \
                 error parsing succeededIndexes: non-increasing order, previous: 2, current: 1",
            ),
            (
                success(r#"{"succeededIndexes":"0,1","succeededCount":3}"#),
                "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: \
                 must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)",
            ),
            (
                r#""successPolicy":{"rules":[{"succeededCount":1}]},"#.into(),
                "spec.successPolicy: Invalid value: {\"Rules\":[{\"SucceededIndexes\":null,\"SucceededCount\":1}]}: \
                 requires indexed completion mode",
            ),
            (
                r#""managedBy":"queue","#.into(),
                "spec.managedBy: Invalid value: \"queue\": must be a domain-prefixed path (such as \"acme.io/foo\")",
            ),
        ] {
            assert_eq!(said(&spec), expected, "{spec}");
        }
    }
}
