//! What of a Job may not change (upstream: ValidateJobUpdate and ValidateJobStatusUpdate in
//! pkg/apis/batch/validation, pkg/registry/batch/job/strategy.go).

use crate::api::FieldError;
use crate::api::check::quoted;
use crate::api::conditions::{is_job_complete, is_job_failed, is_job_finished, is_true};
use crate::api::objects::{
    CompletionMode, Job, JobSpec, PodFailurePolicy, PodSpec, PodTemplateSpec, SuccessPolicy,
};
use crate::value::typed::Typed;
use crate::value::{Str, Value};
use std::rc::Rc;

const IMMUTABLE: &str = "field is immutable";

/// The errors of a new spec.
pub(super) fn job(old: &Job, new: &Job) -> Vec<FieldError> {
    let (was, is) = (&old.spec, &new.spec);
    let mut errors = Vec::new();
    let number = |number: Option<i32>| number.map_or(Value::Null, Value::from);
    let is_indexed = is.completion_mode == Some(CompletionMode::Indexed);
    if was.completions != is.completions {
        match is.completions {
            Some(completions) if is_indexed => {
                if Some(completions) != is.parallelism {
                    let why = "can only be modified in tandem with spec.parallelism";
                    errors.push(FieldError::invalid("spec.completions", completions, why));
                }
            }
            None if is_indexed => {}
            completions => {
                errors.push(FieldError::invalid("spec.completions", number(completions), IMMUTABLE))
            }
        }
    }
    if was.selector != is.selector {
        errors.push(FieldError::invalid("spec.selector", is.selector.encode(), IMMUTABLE));
    }
    errors.extend(template(old, new));
    if was.completion_mode != is.completion_mode {
        let mode = is.completion_mode.map_or(Value::Null, |mode| Value::from(mode.as_str()));
        errors.push(FieldError::invalid("spec.completionMode", mode, IMMUTABLE));
    }
    if was.pod_failure_policy != is.pod_failure_policy {
        let error = FieldError::invalid("spec.podFailurePolicy", Value::Null, IMMUTABLE);
        errors.push(
            error.with_value(is.pod_failure_policy.as_ref().map_or("null".into(), PodFailurePolicy::as_go)),
        );
    }
    if was.backoff_limit_per_index != is.backoff_limit_per_index {
        errors.push(FieldError::invalid(
            "spec.backoffLimitPerIndex",
            number(is.backoff_limit_per_index),
            IMMUTABLE,
        ));
    }
    if was.managed_by != is.managed_by {
        let manager = is.managed_by.clone().map_or(Value::Null, Value::from);
        errors.push(FieldError::invalid("spec.managedBy", manager, IMMUTABLE));
    }
    if was.success_policy != is.success_policy {
        let error = FieldError::invalid("spec.successPolicy", Value::Null, IMMUTABLE);
        errors.push(error.with_value(is.success_policy.as_ref().map_or("null".into(), SuccessPolicy::as_go)));
    }
    errors
}

/// What Pods look like may change only while the Job stands still: where they may run, what they are called, and how
/// much they ask for.
fn template(old: &Job, new: &Job) -> Option<FieldError> {
    let (was, is) = (&old.spec.template, &new.spec.template);
    let stands_still = old.spec.suspend == Some(true);
    let may_change = stands_still
        && old.status.active == 0
        && (old.status.start_time.is_none() || is_true(&old.status.conditions, "Suspended"));
    if !may_change {
        return (was != is).then(|| FieldError::invalid("spec.template", is.encode(), IMMUTABLE));
    }
    let same = with_what_may_change(was, is);
    (same.spec != is.spec).then(|| FieldError::invalid("spec.template.spec", is.spec.encode(), IMMUTABLE))
}

/// The old template with what may change of the new one.
fn with_what_may_change(old: &PodTemplateSpec, new: &PodTemplateSpec) -> PodTemplateSpec {
    let mut spec = PodSpec::clone(&old.spec);
    spec.node_selector = new.spec.node_selector.clone();
    spec.tolerations = new.spec.tolerations.clone();
    spec.scheduling_gates = new.spec.scheduling_gates.clone();
    let node_affinity = new.spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.clone());
    let mut affinity = spec.affinity.clone().unwrap_or_default();
    Rc::make_mut(&mut affinity).node_affinity = node_affinity;
    spec.affinity =
        Some(affinity).filter(|affinity| new.spec.affinity.is_some() || **affinity != Default::default());
    for (containers, others) in
        [(&mut spec.containers, &new.spec.containers), (&mut spec.init_containers, &new.spec.init_containers)]
    {
        for (container, other) in containers.iter_mut().zip(others).filter(|(a, b)| a.name == b.name) {
            container.resources = other.resources.clone();
        }
    }
    PodTemplateSpec { metadata: new.metadata.clone(), spec: Rc::new(spec), ..old.clone() }
}

/// The errors of a new status: an end is an end.
pub(super) fn job_status(old: &Job, new: &Job) -> Vec<FieldError> {
    let (was, is) = (&old.status, &new.status);
    let mut errors = Vec::new();
    let mut refuse = |field: &str, value: String, why: &str| {
        let error = FieldError::invalid(format!("status.{field}"), Value::Null, why);
        errors.push(error.with_value(value));
    };
    let none = String::new;
    let holds = |job: &Job, kind: &str| is_true(&job.status.conditions, kind);
    let turned = |test: fn(&Job) -> bool| test(old) != test(new);
    if (turned(is_job_complete) || turned(is_job_failed)) && is_job_complete(new) && is_job_failed(new) {
        refuse("conditions", none(), "cannot set Complete=True and Failed=true conditions");
    }
    if is.completion_time.is_some() && !is_job_complete(new) && was.completion_time != is.completion_time {
        let why = "cannot set completionTime when there is no Complete=True condition";
        refuse("completionTime", time(&is.completion_time), why);
    }
    if turned(is_job_failed) && is_job_failed(new) && !holds(new, "FailureTarget") {
        refuse(
            "conditions",
            none(),
            "cannot set Failed=True condition without the FailureTarget=true condition",
        );
    }
    if turned(is_job_complete) && is_job_complete(new) && !holds(new, "SuccessCriteriaMet") {
        refuse(
            "conditions",
            none(),
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        );
    }
    if (turned(is_job_finished) || was.active != is.active) && is.active > 0 && is_job_finished(new) {
        refuse("active", is.active.to_string(), "active>0 is invalid for finished job");
    }
    if (was.ready != is.ready || was.active != is.active) && is.ready.is_some_and(|ready| ready > is.active) {
        refuse("ready", is.ready.unwrap_or(0).to_string(), "cannot set more ready pods than active");
    }
    for kind in ["Failed", "Complete", "FailureTarget"] {
        if holds(old, kind) && !holds(new, kind) {
            refuse("conditions", none(), &format!("cannot disable the terminal {kind}=True condition"));
        }
    }
    if is.failed < was.failed {
        refuse("failed", is.failed.to_string(), "cannot decrease the failed counter");
    }
    let may_shrink = |spec: &JobSpec| {
        spec.completion_mode == Some(CompletionMode::Indexed) && spec.completions == spec.parallelism
    };
    if is.succeeded < was.succeeded && !may_shrink(&new.spec) {
        refuse("succeeded", is.succeeded.to_string(), "cannot decrease the succeeded counter");
    }
    if is.completion_time.is_some()
        && was.completion_time.is_some()
        && is.completion_time != was.completion_time
    {
        refuse("completionTime", time(&is.completion_time), IMMUTABLE);
    }
    errors
}

fn time(time: &Option<Str>) -> String {
    time.as_deref().map_or("null".to_owned(), quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    fn read(spec: &str, status: &str) -> Job {
        let text = format!(r#"{{"metadata":{{"name":"j"}},"spec":{{{spec}}},"status":{{{status}}}}}"#);
        Job::decode(&json::parse(&text).expect("JSON")).expect("a Job")
    }

    fn said(errors: &[FieldError]) -> String {
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn most_of_a_job_may_not_change() {
        let pods = |image: &str, more: &str| {
            format!(r#""template":{{"spec":{{"containers":[{{"name":"c","image":"{image}"{more}}}]}}}},"#)
        };
        let suspended = r#""suspend":true,"#;
        let asks = r#","resources":{"requests":{"cpu":"1"}}"#;
        for (old, new, expected) in [
            (r#""completions":1"#.to_owned(), r#""completions":3"#.to_owned(), "spec.completions: Invalid value: 3: field is immutable"),
            (r#""parallelism":1"#.into(), r#""parallelism":3"#.into(), ""),
            (
                r#""completions":1,"parallelism":1,"completionMode":"Indexed""#.into(),
                r#""completions":3,"parallelism":1,"completionMode":"Indexed""#.into(),
                "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism",
            ),
            (
                r#""completions":1,"parallelism":1,"completionMode":"Indexed""#.into(),
                r#""completions":3,"parallelism":3,"completionMode":"Indexed""#.into(),
                "",
            ),
            (
                "".into(),
                r#""podFailurePolicy":{"rules":[{"action":"Ignore","onExitCodes":{"operator":"In","values":[1,2]}}]}"#.into(),
                "spec.podFailurePolicy: Invalid value: {\"Rules\":[{\"Action\":\"Ignore\",\"OnExitCodes\":\
                 {\"ContainerName\":null,\"Operator\":\"In\",\"Values\":[1,2]},\"OnPodConditions\":null}]}: field is immutable",
            ),
            (format!("{}{suspended}", pods("a:1", "")), format!("{}{suspended}", pods("a:1", asks)), ""),
            (
                pods("a:1", ""),
                pods("a:2", ""),
                "spec.template: Invalid value: {\"spec\":{\"containers\":[{\"image\":\"a:2\",\"name\":\"c\"}]}}: field is immutable",
            ),
            (
                format!("{}{suspended}", pods("a:1", "")),
                format!("{}{suspended}", pods("a:2", "")),
                "spec.template.spec: Invalid value: {\"containers\":[{\"image\":\"a:2\",\"name\":\"c\"}]}: field is immutable",
            ),
        ] {
            let whole = |spec: &str| format!(r#"{spec}{}"backoffLimit":6"#, if spec.is_empty() || spec.ends_with(',') { "" } else { "," });
            assert_eq!(said(&job(&read(&whole(&old), ""), &read(&whole(&new), ""))), expected, "{new}");
        }
    }

    #[test]
    fn an_end_is_an_end() {
        let complete = r#""completionTime":"2026-01-01T00:00:00Z","conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]"#;
        for (old, new, expected) in [
            ("", complete, ""),
            (
                complete,
                "",
                "status.conditions: Invalid value: cannot disable the terminal Complete=True condition",
            ),
            (
                "",
                r#""conditions":[{"type":"Failed","status":"True"}]"#,
                "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition",
            ),
            (
                r#""failed":2"#,
                r#""failed":1"#,
                "status.failed: Invalid value: 1: cannot decrease the failed counter",
            ),
            (
                r#""active":2"#,
                r#""active":1,"ready":2"#,
                "status.ready: Invalid value: 2: cannot set more ready pods than active",
            ),
        ] {
            assert_eq!(said(&job_status(&read("", old), &read("", new))), expected, "{new}");
        }
    }
}
