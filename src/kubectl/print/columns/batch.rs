//! Jobs and CronJobs.

use super::workloads::containers_of;
use super::{ALWAYS, Columns, WIDE, created, or_none};
use crate::cluster::time::parse_rfc3339;
use crate::kubectl::fields::{is, list, name, number, text};
use crate::kubectl::print::age;
use crate::kubectl::verbs::{selector, selector_at};
use crate::value::Value;

pub(super) const JOB: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("STATUS", ALWAYS),
        ("COMPLETIONS", ALWAYS),
        ("DURATION", ALWAYS),
        ("AGE", ALWAYS),
        ("CONTAINERS", WIDE),
        ("IMAGES", WIDE),
        ("SELECTOR", WIDE),
    ],
    row: |value, now| {
        let [containers, images] = containers_of(value, &["spec", "template", "spec", "containers"]);
        vec![
            name(value).into(),
            status(value).into(),
            completions(value),
            duration(value, now),
            created(value, now),
            containers,
            images,
            or_none(&selector(value)),
        ]
    },
};

pub(super) const CRON_JOB: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("SCHEDULE", ALWAYS),
        ("TIMEZONE", ALWAYS),
        ("SUSPEND", ALWAYS),
        ("ACTIVE", ALWAYS),
        ("LAST SCHEDULE", ALWAYS),
        ("AGE", ALWAYS),
        ("CONTAINERS", WIDE),
        ("IMAGES", WIDE),
        ("SELECTOR", WIDE),
    ],
    row: |value, now| {
        let template = ["spec", "jobTemplate", "spec", "template", "spec", "containers"];
        let [containers, images] = containers_of(value, &template);
        let last = match text(value, &["status", "lastScheduleTime"]) {
            "" => "<none>".into(),
            time => age::since(time, now),
        };
        vec![
            name(value).into(),
            text(value, &["spec", "schedule"]).into(),
            or_none(text(value, &["spec", "timeZone"])),
            if is(value, &["spec", "suspend"]) { "True".into() } else { "False".into() },
            list(value, &["status", "active"]).len().to_string(),
            last,
            created(value, now),
            containers,
            images,
            or_none(&selector_at(value, &["spec", "jobTemplate", "spec", "selector"])),
        ]
    },
};

fn status(job: &Value) -> &'static str {
    let has = |kind: &str| {
        list(job, &["status", "conditions"])
            .iter()
            .any(|condition| text(condition, &["type"]) == kind && text(condition, &["status"]) == "True")
    };
    let is_terminating = job.at(&["metadata", "deletionTimestamp"]).is_some();
    let early = ["Complete", "Failed"].into_iter().find(|kind| has(kind));
    let late = ["Suspended", "FailureTarget", "SuccessCriteriaMet"].into_iter();
    match early {
        Some(status) => status,
        None if is_terminating => "Terminating",
        None => late.into_iter().find(|kind| has(kind)).unwrap_or("Running"),
    }
}

fn completions(job: &Value) -> String {
    let succeeded = number(job, &["status", "succeeded"]);
    let parallelism = number(job, &["spec", "parallelism"]);
    match job.at(&["spec", "completions"]).and_then(Value::as_int) {
        Some(completions) => format!("{succeeded}/{completions}"),
        None if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        None => format!("{succeeded}/1"),
    }
}

/// How long a Job took, or takes until now.
pub(crate) fn duration(job: &Value, now: u64) -> String {
    let time = |field| parse_rfc3339(text(job, &["status", field]));
    match (time("startTime"), time("completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => age::human(end.unwrap_or(now) as i64 - start as i64),
    }
}
