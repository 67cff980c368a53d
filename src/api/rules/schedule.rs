//! Schedules of CronJobs that are none, and time zones that do not exist
//! (upstream: validateScheduleFormat and validateTimeZone in pkg/apis/batch/validation).

use super::{Check, Rule};
use crate::api::cron::Schedule;
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject};
use crate::api::time_zones::TimeZone;
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    if !subject.is(Kind::CronJob) {
        return;
    }
    schedule(subject, findings);
    time_zone(subject, findings);
}

fn schedule(subject: &Subject, findings: &mut Findings) {
    let Some(node) = subject.get(&["spec", "schedule"]) else { return };
    let Some(schedule) = node.as_str().filter(|schedule| !schedule.is_empty()) else { return };
    let mut tell = |why: &str| {
        let diagnostic = Diagnostic::new(msg!("invalid-schedule"), Severity::Error, node.span)
            .arg("value", schedule)
            .arg("problem", why);
        findings.invalid(subject.place, diagnostic, FieldError::invalid("spec.schedule", schedule, why));
    };
    if let Err(why) = Schedule::parse(schedule) {
        tell(&why);
    }
    if schedule.contains("TZ") {
        tell("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
}

fn time_zone(subject: &Subject, findings: &mut Findings) {
    let Some(node) = subject.get(&["spec", "timeZone"]) else { return };
    let Some(zone) = node.as_str() else { return };
    let why = if zone.is_empty() {
        "timeZone must be nil or non-empty string".to_owned()
    } else if zone.eq_ignore_ascii_case("local") {
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones".to_owned()
    } else if TimeZone::named(zone).is_none() {
        format!("unknown time zone {zone}")
    } else {
        return;
    };
    let diagnostic = Diagnostic::new(msg!("invalid-time-zone"), Severity::Error, node.span)
        .arg("value", zone)
        .arg("problem", &*why);
    findings.invalid(subject.place, diagnostic, FieldError::invalid("spec.timeZone", zone, why));
}
