//! Jobs and CronJobs.

use super::workloads::pod_template;
use super::{Text, controller, time};
use crate::kubectl::fields::{is, list, number, plain, text};
use crate::kubectl::print::columns::batch::duration;
use crate::kubectl::verbs::{selector, selector_at};
use crate::value::Value;

/// A Job.
pub(super) fn job(out: &mut Text, value: &Value) {
    out.head(value);
    out.line(0, format!("Selector:\t{}", selector(value)));
    out.labels_and_annotations(value);
    if let Some(owner) = controller(value) {
        out.line(0, format!("Controlled By:\t{owner}"));
    }
    let spec = |field: &str| value.at(&["spec", field]).map(plain);
    let status = |field| number(value, &["status", field]);
    if let Some(parallelism) = spec("parallelism") {
        out.line(0, format!("Parallelism:\t{parallelism}"));
    }
    out.line(0, format!("Completions:\t{}", spec("completions").unwrap_or_else(|| "<unset>".into())));
    for (title, field) in [
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ] {
        if let Some(value) = spec(field) {
            out.line(0, format!("{title}:\t{value}"));
        }
    }
    let [start, end] = ["startTime", "completionTime"].map(|field| text(value, &["status", field]));
    if !start.is_empty() {
        out.line(0, format!("Start Time:\t{}", time(start)));
    }
    if !end.is_empty() {
        out.line(0, format!("Completed At:\t{}", time(end)));
    }
    if !start.is_empty() && !end.is_empty() {
        out.line(0, format!("Duration:\t{}", duration(value, 0)));
    }
    if let Some(seconds) = spec("activeDeadlineSeconds") {
        out.line(0, format!("Active Deadline Seconds:\t{seconds}s"));
    }
    let ready = value.at(&["status", "ready"]).map(|ready| format!(" ({} Ready)", plain(ready)));
    let (active, succeeded, failed) = (status("active"), status("succeeded"), status("failed"));
    let ready = ready.unwrap_or_default();
    out.line(0, format!("Pods Statuses:\t{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"));
    if spec("completionMode").as_deref() == Some("Indexed") {
        out.line(0, format!("Completed Indexes:\t{}", indexes(text(value, &["status", "completedIndexes"]))));
    }
    pod_template(out, value.at(&["spec", "template"]).unwrap_or(&Value::Null));
}

/// A list of indexes, cut behind the first comma after fifty letters.
fn indexes(text: &str) -> String {
    const LONG: usize = 50;
    if text.is_empty() {
        return "<none>".into();
    }
    match text.get(LONG..).and_then(|rest| rest.find(',')) {
        Some(at) => format!("{}...", &text[..=LONG + at]),
        None => text.into(),
    }
}

/// A CronJob.
pub(super) fn cron_job(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    let spec = |field: &str| value.at(&["spec", field]).map(plain);
    let template = |field: &str| value.at(&["spec", "jobTemplate", "spec", field]).map(plain);
    let or_unset = |value: Option<String>| value.unwrap_or_else(|| "<unset>".into());
    let seconds = |value: Option<String>| value.map(|seconds| format!("{seconds}s"));
    out.line(0, format!("Schedule:\t{}", text(value, &["spec", "schedule"])));
    out.line(0, format!("Concurrency Policy:\t{}", text(value, &["spec", "concurrencyPolicy"])));
    out.line(0, format!("Suspend:\t{}", if is(value, &["spec", "suspend"]) { "True" } else { "False" }));
    out.line(0, format!("Time Zone:\t{}", or_unset(spec("timeZone"))));
    out.line(0, format!("Successful Job History Limit:\t{}", or_unset(spec("successfulJobsHistoryLimit"))));
    out.line(0, format!("Failed Job History Limit:\t{}", or_unset(spec("failedJobsHistoryLimit"))));
    out.line(
        0,
        format!("Starting Deadline Seconds:\t{}", or_unset(seconds(spec("startingDeadlineSeconds")))),
    );
    let selects =
        template("selector").map(|_| selector_at(value, &["spec", "jobTemplate", "spec", "selector"]));
    out.line(0, format!("Selector:\t{}", or_unset(selects)));
    out.line(0, format!("Parallelism:\t{}", or_unset(template("parallelism"))));
    out.line(0, format!("Completions:\t{}", or_unset(template("completions"))));
    if let Some(deadline) = seconds(template("activeDeadlineSeconds")) {
        out.line(0, format!("Active Deadline Seconds:\t{deadline}"));
    }
    let pods = value.at(&["spec", "jobTemplate", "spec", "template"]);
    pod_template(out, pods.unwrap_or(&Value::Null));
    let last = text(value, &["status", "lastScheduleTime"]);
    out.line(
        0,
        format!("Last Schedule Time:\t{}", if last.is_empty() { "<unset>".into() } else { time(last) }),
    );
    let active: Vec<&str> =
        list(value, &["status", "active"]).iter().map(|job| text(job, &["name"])).collect();
    out.line(
        0,
        format!("Active Jobs:\t{}", if active.is_empty() { "<none>".into() } else { active.join(", ") }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_indexes_are_cut() {
        assert_eq!(indexes(""), "<none>");
        assert_eq!(indexes("1,3-5"), "1,3-5");
        let long = (0..40).map(|n| (n * 2).to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(indexes(&long), "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,...");
    }
}
