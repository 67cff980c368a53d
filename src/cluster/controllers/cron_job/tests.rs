//! CronJobs as a watcher sees them.

use crate::api::{Kind, ObjectKey};
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use expect_test::{Expect, expect};

fn cron_job(spec: &str, command: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: tick\nspec:\n{spec}  jobTemplate:\n    spec:\n      template:\n        spec:\n          \
         restartPolicy: Never\n          terminationGracePeriodSeconds: 1\n          containers:\n          - name: main\n            image: busybox:1.36\n            \
         command: [\"sh\", \"-c\", {command:?}]\n"
    )
}

/// What became of the CronJob and what it said, without the moments.
fn told(test: &Test) -> String {
    let story = test.story(&[Kind::CronJob, Kind::Event], SimTime::ZERO);
    let is_told = |line: &&str| line.contains(" tick says ") || line.contains(" cj/tick");
    story.lines().filter(is_told).map(|line| format!("{}\n", line.trim_start().split_once(' ').map_or("", |(_, told)| told))).collect()
}

#[track_caller]
fn check(spec: &str, command: &str, seconds: u64, expected: &Expect) {
    let mut test = Test::new();
    test.create(&cron_job(spec, command));
    test.run_until(SimTime::millis(seconds * 1_000));
    expected.assert_eq(&told(&test));
}

#[test]
fn a_job_is_made_each_minute_and_old_ones_go() {
    check("  schedule: \"* * * * *\"\n  successfulJobsHistoryLimit: 1\n", "sleep 1", 150, &expect![[r#"
        ADDED cj/tick active [], scheduled never, successful never
        MODIFIED cj/tick active [tick-29925361], scheduled 12:01, successful never
        tick says SuccessfulCreate: Created job tick-1
        MODIFIED cj/tick active [], scheduled 12:01, successful 12:01
        tick says SawCompletedJob: Saw completed job: tick-1, condition: Complete
        MODIFIED cj/tick active [tick-29925362], scheduled 12:02, successful 12:01
        tick says SuccessfulCreate: Created job tick-2
        MODIFIED cj/tick active [], scheduled 12:02, successful 12:02
        tick says SuccessfulDelete: Deleted job tick-1
        tick says SawCompletedJob: Saw completed job: tick-2, condition: Complete
        tick says SawCompletedJob x2: Saw completed job: tick-2, condition: Complete
    "#]]);
}

#[test]
fn a_job_that_still_runs_forbids_the_next() {
    check("  schedule: \"* * * * *\"\n  concurrencyPolicy: Forbid\n", "sleep 70", 190, &expect![[r#"
        ADDED cj/tick active [], scheduled never, successful never
        MODIFIED cj/tick active [tick-29925361], scheduled 12:01, successful never
        tick says SuccessfulCreate: Created job tick-1
        tick says JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid
        tick says JobAlreadyActive x2: Not starting job because prior execution is running and concurrency policy is Forbid
        tick says JobAlreadyActive x3: Not starting job because prior execution is running and concurrency policy is Forbid
        tick says SawCompletedJob: Saw completed job: tick-1, condition: Complete
        MODIFIED cj/tick active [tick-29925362], scheduled 12:02, successful 12:02
        tick says SuccessfulCreate: Created job tick-2
        tick says SawCompletedJob x2: Saw completed job: tick-1, condition: Complete
        tick says JobAlreadyActive x4: Not starting job because prior execution is running and concurrency policy is Forbid
    "#]]);
}

#[test]
fn a_job_that_still_runs_is_replaced() {
    check("  schedule: \"* * * * *\"\n  concurrencyPolicy: Replace\n", "sleep 1000", 130, &expect![[r#"
        ADDED cj/tick active [], scheduled never, successful never
        MODIFIED cj/tick active [tick-29925361], scheduled 12:01, successful never
        tick says SuccessfulCreate: Created job tick-1
        tick says SuccessfulDelete: Deleted job tick-1
        MODIFIED cj/tick active [tick-29925362], scheduled 12:02, successful never
        tick says SuccessfulCreate: Created job tick-2
    "#]]);
}

#[test]
fn a_schedule_that_never_comes_is_told() {
    check("  schedule: \"59 23 31 2 *\"\n", "sleep 1", 60, &expect![[r#"
        ADDED cj/tick active [], scheduled never, successful never
        tick says InvalidSchedule: invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second
    "#]]);
}

#[test]
fn what_was_missed_while_it_stood_still_is_made_up_for_once() {
    let mut test = Test::new();
    test.create(&cron_job("  schedule: \"* * * * *\"\n  suspend: true\n", "sleep 1"));
    test.run_until(SimTime::millis(8_000_000));
    test.patch(ObjectKey::new(Kind::CronJob, "default", "tick"), r#"{"spec":{"suspend":false}}"#);
    test.run_until(SimTime::millis(8_015_000));
    expect![[r#"
        ADDED cj/tick active [], scheduled never, successful never
        MODIFIED cj/tick active [], scheduled never, successful never
        tick says TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew
        MODIFIED cj/tick active [tick-29925493], scheduled 14:13, successful never
        tick says SuccessfulCreate: Created job tick-1
        MODIFIED cj/tick active [], scheduled 14:13, successful 14:13
        tick says SawCompletedJob: Saw completed job: tick-1, condition: Complete
    "#]].assert_eq(&told(&test));
}
