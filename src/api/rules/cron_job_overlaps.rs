//! A CronJob whose next Job may begin before the last has ended.

use super::{Check, Rule};
use crate::api::cron::Schedule;
use crate::api::kinds::Kind;
use crate::api::objects::Object;
use crate::api::programs::{Known, known};
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Arg, Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::CronJob], check) };

/// A Monday at midnight, from which schedules are looked at, in microseconds.
const MONDAY: i64 = 1_795_392_000 * SECOND;
const SECOND: i64 = 1_000_000;

fn check(_: &World, written: &Written, findings: &mut Findings) {
    let Object::CronJob(cron_job) = written.object else { return };
    let Ok(schedule) = Schedule::parse(&cron_job.spec.schedule) else { return };
    let Some(node) = written.subject.get(&["spec", "schedule"]) else { return };
    let Some(first) = schedule.next(MONDAY) else {
        let diagnostic = Diagnostic::new(msg!("schedule-never-comes"), Severity::Warning, node.span)
            .arg("value", &cron_job.spec.schedule)
            .consequence(msg!("no-job-is-made"));
        return written.tell(diagnostic, findings);
    };
    let spec = &cron_job.spec.job_template.spec;
    if cron_job.spec.concurrency_policy.is_some() || cron_job.spec.suspend == Some(true) {
        return;
    }
    // The shortest of the next gaps.
    let mut gap = i64::MAX;
    let mut last = first;
    for _ in 0..60 {
        let Some(next) = schedule.next(last) else { break };
        (gap, last) = (gap.min((next - last) / SECOND), next);
    }
    let limit = spec.active_deadline_seconds.or(spec.template.spec.active_deadline_seconds);
    if limit.is_some_and(|limit| limit < gap) {
        return;
    }
    let takes = |container| match known(container) {
        Known::Sleeps(seconds) => seconds,
        _ => 0,
    };
    let takes = spec.template.spec.containers.iter().map(takes).max().unwrap_or(0);
    let severity = if takes >= gap { Severity::Warning } else { Severity::Hint };
    let diagnostic = Diagnostic::new(msg!("cron-job-can-overlap"), severity, node.span)
        .arg("gap", Arg::Millis(u64::try_from(gap).unwrap_or(0).saturating_mul(1000)))
        .consequence(msg!("jobs-run-side-by-side"));
    written.tell(diagnostic, findings);
}
