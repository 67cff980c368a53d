//! When a CronJob's next Job is due, and what it looks like (upstream: pkg/controller/cronjob/utils.go).

use crate::api::cron::Schedule;
use crate::api::objects::{CronJob, Job, ObjectMeta};
use crate::api::time_zones::TimeZone;
use crate::api::{Object, calendar::civil_from_days};
use crate::cluster::controllers::ownership::controller_reference;
use crate::cluster::time::{Calendar, MILLI, parse_rfc3339};
use crate::value::Str;
use std::rc::Rc;

/// Microseconds.
const SECOND: i64 = 1_000_000;
/// The time of a schedule that never comes (Go's zero time).
const NEVER: i64 = -62_135_596_800 * SECOND;
/// A Job is looked for so long after its time, for clocks differ.
const DELTA: i64 = 100 * MILLI as i64;
/// More missed times than these are told of.
const MANY: i64 = 100;

/// Annotation of a Job: the time that it was made for.
const SCHEDULED_TIMESTAMP: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/// What was missed since a CronJob's last Job. Times are microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missed {
    earliest: i64,
    /// The last time that has come.
    pub(super) most_recent: Option<i64>,
    /// How many times.
    count: i64,
}

impl Missed {
    /// Whether there are too many to be a matter of course.
    pub(super) fn is_many(self) -> bool {
        self.count > MANY
    }
}

/// The schedule, by the CronJob's clock.
pub(super) fn schedule(cron_job: &CronJob) -> Result<Schedule, String> {
    let spec = &cron_job.spec;
    match spec.time_zone.as_deref().filter(|zone| TimeZone::named(zone).is_some()) {
        Some(zone) if !spec.schedule.contains("TZ") => Schedule::parse(&format!("TZ={zone} {}", spec.schedule)),
        _ => Schedule::parse(&spec.schedule),
    }
}

fn micros(time: Option<&str>) -> Option<i64> {
    parse_rfc3339(time?).map(|micros| micros as i64)
}

/// The last time that has come, and how many have since the CronJob's last Job, or since its creation.
pub(super) fn most_recent_schedule_time(
    cron_job: &CronJob,
    now: i64,
    schedule: &Schedule,
    heeds_deadline: bool,
) -> Result<Missed, &'static str> {
    let next = |time: i64| if time == NEVER { NEVER } else { schedule.next(time).unwrap_or(NEVER) };
    let created = micros(Some(&cron_job.metadata.creation_timestamp)).unwrap_or(0);
    let mut earliest = micros(cron_job.status.last_schedule_time.as_deref()).unwrap_or(created);
    if let Some(deadline) = cron_job.spec.starting_deadline_seconds.filter(|_| heeds_deadline) {
        earliest = earliest.max(now.saturating_sub(deadline.saturating_mul(SECOND)));
    }
    let (first, second) = (next(earliest), next(next(earliest)));
    let missed = |most_recent, count| Ok(Missed { earliest, most_recent, count });
    if now < first {
        return missed(None, 0);
    }
    if now < second {
        return missed(Some(first), 0);
    }
    let between = (second - first + SECOND / 2).div_euclid(SECOND);
    if between < 1 {
        return Err("time difference between two schedules is less than 1 second");
    }
    // A rough count, by the time between the first two.
    let count = (now - first) / SECOND / between + 1;
    let mut time = next(first + (count - 2) * between * SECOND);
    let mut most_recent = None;
    while time <= now && time != NEVER {
        most_recent = Some(time);
        time = next(time);
    }
    missed(most_recent, count)
}

/// How long until the next time, from now on.
pub(super) fn next_schedule_time_duration(cron_job: &CronJob, now: i64, schedule: &Schedule) -> u64 {
    let from = match most_recent_schedule_time(cron_job, now, schedule, false) {
        Ok(Missed { most_recent: Some(time), .. }) => time,
        Ok(Missed { earliest, count: 0, .. }) => earliest,
        Ok(_) | Err(_) => now,
    };
    let next = schedule.next(from).unwrap_or(NEVER);
    u64::try_from(next + DELTA - now).unwrap_or(0)
}

/// The name of the Job of a time: it ends with the minutes since 1970.
pub(super) fn job_name(cron_job: &CronJob, scheduled: i64) -> Str {
    format!("{}-{}", cron_job.metadata.name, scheduled.div_euclid(60 * SECOND)).into()
}

/// RFC 3339 in UTC, as statuses have it.
pub(super) fn rfc3339(time: i64) -> Str {
    Calendar::from_unix_micros(u64::try_from(time).unwrap_or(0)).to_string().into()
}

/// The Job of a time.
pub(super) fn job_from_template(cron_job: &Rc<CronJob>, scheduled: i64) -> Job {
    let template = &cron_job.spec.job_template;
    let mut annotations = template.metadata.annotations.clone();
    let zone = cron_job.spec.time_zone.as_deref().and_then(TimeZone::named).unwrap_or(TimeZone::UTC);
    annotations.insert(SCHEDULED_TIMESTAMP.into(), zoned(scheduled.div_euclid(SECOND), zone));
    let metadata = ObjectMeta {
        name: job_name(cron_job, scheduled),
        namespace: cron_job.metadata.namespace.clone(),
        labels: template.metadata.labels.clone(),
        annotations,
        owner_references: vec![controller_reference(&Object::CronJob(cron_job.clone()))],
        ..ObjectMeta::default()
    };
    Job { metadata: Rc::new(metadata), spec: template.spec.clone(), ..Job::default() }
}

/// RFC 3339 by the clocks of a zone: `2026-11-23T18:36:00+09:00`.
fn zoned(unix: i64, zone: TimeZone) -> Str {
    let offset = zone.offset(unix);
    let local = unix + offset;
    let ((y, mo, d), second) = (civil_from_days(local.div_euclid(86_400)), local.rem_euclid(86_400));
    let (h, mi, s) = (second / 3_600, second / 60 % 60, second % 60);
    let time = format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}");
    if offset == 0 {
        return format!("{time}Z").into();
    }
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{time}{sign}{:02}:{:02}", offset.abs() / 3_600, offset.abs() / 60 % 60).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn cron_job(schedule: &str, created: &str, deadline: &str) -> CronJob {
        let text = format!(
            r#"{{"metadata":{{"name":"c","creationTimestamp":"2026-01-01T{created}Z"}},"spec":{{"schedule":"{schedule}"{deadline}}}}}"#
        );
        CronJob::decode(&json::parse(&text).expect("JSON")).expect("a CronJob")
    }

    fn at(time: &str) -> i64 {
        micros(Some(&format!("2026-01-01T{time}Z"))).expect("a time")
    }

    #[test]
    fn what_was_missed_is_counted() {
        let deadline = r#","startingDeadlineSeconds":600"#;
        for (spec, created, limit, now, most_recent, many) in [
            ("0 * * * *", "10:00:00", "", "10:59:59", None, false),
            ("0 * * * *", "10:00:00", "", "11:00:00", Some("11:00:00"), false),
            ("0 * * * *", "10:00:00", "", "15:30:00", Some("15:00:00"), false),
            ("* * * * *", "10:00:00", "", "12:30:10", Some("12:30:00"), true),
            ("* * * * *", "10:00:00", deadline, "12:30:10", Some("12:30:00"), false),
            ("30 6-16/4 * * *", "05:00:00", "", "17:00:00", Some("14:30:00"), false),
            ("@every 1h", "10:15:00", "", "12:20:00", Some("12:15:00"), false),
        ] {
            let cron_job = cron_job(spec, created, limit);
            let schedule = schedule(&cron_job).expect("a schedule");
            let missed = most_recent_schedule_time(&cron_job, at(now), &schedule, true).expect("it comes");
            assert_eq!((missed.most_recent, missed.is_many()), (most_recent.map(at), many), "{spec} {now}");
        }
        let never = cron_job("59 23 31 2 *", "10:00:00", "");
        let schedule = schedule(&never).expect("a schedule");
        let error = most_recent_schedule_time(&never, at("12:00:00"), &schedule, true);
        assert_eq!(error, Err("time difference between two schedules is less than 1 second"));
    }

    #[test]
    fn the_next_look_is_a_tenth_of_a_second_after_the_time() {
        let hourly = cron_job("0 * * * *", "10:00:00", "");
        let schedule = schedule(&hourly).expect("a schedule");
        let wait = |now| next_schedule_time_duration(&hourly, at(now), &schedule) as i64;
        assert_eq!(wait("10:59:00"), 60 * SECOND + DELTA);
        assert_eq!(wait("11:00:00"), 3_600 * SECOND + DELTA);
    }

    #[test]
    fn a_job_says_for_which_time_it_was_made() {
        let mut daily = cron_job("0 9 * * *", "10:00:00", "");
        Rc::make_mut(&mut daily.spec).time_zone = Some("Asia/Seoul".into());
        let job = job_from_template(&Rc::new(daily), at("00:00:00"));
        assert_eq!(&*job.metadata.name, "c-29453760");
        assert_eq!(&*job.metadata.annotations[SCHEDULED_TIMESTAMP], "2026-01-01T09:00:00+09:00");
    }
}
