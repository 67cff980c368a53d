//! What of a Job's status may not change (upstream: ValidateJobStatusUpdate in pkg/apis/batch/validation,
//! pkg/registry/batch/job/strategy.go).

use crate::api::FieldError;
use crate::api::check::quoted;
use crate::api::conditions::{is_job_complete, is_job_failed, is_job_finished, is_true};
use crate::api::objects::{CompletionMode, Job, JobSpec};
use crate::value::{Str, Value};
const IMMUTABLE: &str = "field is immutable";

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
    use crate::value::typed::Typed;

    fn read(spec: &str, status: &str) -> Job {
        let text = format!(r#"{{"metadata":{{"name":"j"}},"spec":{{{spec}}},"status":{{{status}}}}}"#);
        Job::decode(&json::parse(&text).expect("JSON")).expect("a Job")
    }

    fn said(errors: &[FieldError]) -> String {
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
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
