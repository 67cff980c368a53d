//! Jobs as a watcher sees them.

use crate::api::objects::Job;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Propagation;
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use expect_test::{Expect, expect};

fn job(name: &str, spec: &str, restart_policy: &str, command: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\nspec:\n{spec}  template:\n    spec:\n      restartPolicy: {restart_policy}\n      \
         terminationGracePeriodSeconds: 1\n      containers:\n      - name: main\n        image: busybox:1.36\n        command: [\"sh\", \"-c\", {command:?}]\n"
    )
}

/// What became of the Job and what it said.
fn told(test: &Test) -> String {
    let story = test.story(&[Kind::Job, Kind::Event], SimTime::ZERO);
    let is_told = |line: &&str| {
        !["Scheduled", "Pulling", "Pulled", "Created", "Started", "Killing", "BackOff"].iter().any(|reason| line.contains(&format!(" says {reason}")))
    };
    story.lines().filter(is_told).map(|line| format!("{}\n", line.trim_start())).collect()
}

#[track_caller]
fn check(yaml: &str, seconds: u64, expected: &Expect) -> Test {
    let mut test = Test::new();
    test.create(yaml);
    test.run_until(SimTime::millis(seconds * 1_000));
    expected.assert_eq(&told(&test));
    test
}

#[test]
fn pods_are_counted_each_once() {
    check(&job("sum", "  completions: 3\n  parallelism: 2\n", "Never", "sleep 1"), 30, &expect![[r#"
           0.003 ADDED jobs/sum
           0.019 sum says SuccessfulCreate: Created pod: sum-1
           0.020 MODIFIED jobs/sum 2 active
           0.027 sum says SuccessfulCreate: Created pod: sum-2
           2.109 MODIFIED jobs/sum 2 active, 2 ready
           3.114 MODIFIED jobs/sum 2 active
           4.124 MODIFIED jobs/sum 2 active, 1 uncounted
           4.129 sum says SuccessfulCreate: Created pod: sum-3
           4.131 MODIFIED jobs/sum 2 active, 1 succeeded
           5.125 MODIFIED jobs/sum 1 active, 1 ready, 1 uncounted, 1 succeeded
           5.132 MODIFIED jobs/sum 1 active, 1 ready, 2 succeeded
           6.130 MODIFIED jobs/sum 1 active, 2 succeeded
           7.134 MODIFIED jobs/sum 1 uncounted, 2 succeeded, SuccessCriteriaMet+CompletionsReached
           7.141 MODIFIED jobs/sum 3 succeeded, SuccessCriteriaMet+CompletionsReached Complete+CompletionsReached
           7.149 sum says Completed: Job completed
    "#]]);
}

#[test]
fn failures_are_waited_for_and_counted_up_to_the_limit() {
    check(&job("bad", "  backoffLimit: 1\n", "Never", "exit 1"), 60, &expect![[r#"
        0.003 ADDED jobs/bad
        0.014 MODIFIED jobs/bad 1 active
        0.019 bad says SuccessfulCreate: Created pod: bad-1
        4.086 MODIFIED jobs/bad 1 uncounted
        4.093 MODIFIED jobs/bad 1 failed
        11.010 MODIFIED jobs/bad 1 active, 1 failed
        11.015 bad says SuccessfulCreate: Created pod: bad-2
        15.241 MODIFIED jobs/bad 1 uncounted, 1 failed, FailureTarget+BackoffLimitExceeded
        15.248 MODIFIED jobs/bad 2 failed, FailureTarget+BackoffLimitExceeded Failed+BackoffLimitExceeded
        15.257 bad says BackoffLimitExceeded: Job has reached the specified backoff limit
    "#]]);
}

#[test]
fn restarts_of_containers_count_as_failures() {
    check(&job("bad", "  backoffLimit: 1\n", "OnFailure", "sleep 2; exit 1"), 60, &expect![[r#"
           0.003 ADDED jobs/bad
           0.014 MODIFIED jobs/bad 1 active
           0.019 bad says SuccessfulCreate: Created pod: bad-1
           2.109 MODIFIED jobs/bad 1 active, 1 ready
           4.943 MODIFIED jobs/bad 1 terminating, 1 uncounted, FailureTarget+BackoffLimitExceeded
           4.948 bad says SuccessfulDelete: Deleted pod: bad-1
           4.950 MODIFIED jobs/bad 1 terminating, 1 failed, FailureTarget+BackoffLimitExceeded
           7.253 MODIFIED jobs/bad 1 failed, FailureTarget+BackoffLimitExceeded
           7.257 MODIFIED jobs/bad 1 failed, FailureTarget+BackoffLimitExceeded Failed+BackoffLimitExceeded
           7.265 bad says BackoffLimitExceeded: Job has reached the specified backoff limit
    "#]]);
}

#[test]
fn an_index_that_fails_too_often_fails_its_job_once_the_others_are_done() {
    let spec = "  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n  backoffLimitPerIndex: 1\n";
    let test = check(&job("each", spec, "Never", "test $JOB_COMPLETION_INDEX != 1"), 60, &expect![[r#"
        0.003 ADDED jobs/each
        0.019 each says SuccessfulCreate: Created pod: each-1
        0.020 MODIFIED jobs/each 3 active
        0.027 each says SuccessfulCreate: Created pod: each-2
        0.036 each says SuccessfulCreate: Created pod: each-3
        4.086 MODIFIED jobs/each 2 succeeded, completed 0,2
        11.010 MODIFIED jobs/each 1 active, 2 succeeded, completed 0,2
        11.015 each says SuccessfulCreate: Created pod: each-4
        12.011 MODIFIED jobs/each 1 active, 1 ready, 1 uncounted, 2 succeeded, completed 0,2
        12.018 MODIFIED jobs/each 1 active, 1 ready, 2 succeeded, 1 failed, completed 0,2
        13.015 MODIFIED jobs/each 1 active, 2 succeeded, 1 failed, completed 0,2
        14.020 MODIFIED jobs/each 1 uncounted, 2 succeeded, 1 failed, completed 0,2, failed 1, FailureTarget+FailedIndexes
        14.027 MODIFIED jobs/each 2 succeeded, 2 failed, completed 0,2, failed 1, FailureTarget+FailedIndexes Failed+FailedIndexes
        14.035 each says FailedIndexes: Job has failed indexes
    "#]]);
    let pod = test.object(&test.named("each-4")).expect("it stays").meta().clone();
    assert!(pod.name.starts_with("each-1-"), "{}", pod.name);
    assert_eq!(&*pod.annotations["batch.kubernetes.io/job-index-failure-count"], "1");
}

#[test]
fn a_policy_decides_what_failures_mean() {
    let rules = "  backoffLimit: 0\n  podFailurePolicy:\n    rules:\n    - action: Ignore\n      onExitCodes: {operator: In, values: [7]}\n    \
                 - action: FailJob\n      onExitCodes: {operator: In, values: [42]}\n";
    check(&job("fatal", rules, "Never", "exit 42"), 20, &expect![[r#"
           0.003 ADDED jobs/fatal
           0.014 MODIFIED jobs/fatal 1 active
           0.019 fatal says SuccessfulCreate: Created pod: fatal-1
           4.197 MODIFIED jobs/fatal 1 uncounted, FailureTarget+PodFailurePolicy
           4.204 MODIFIED jobs/fatal 1 failed, FailureTarget+PodFailurePolicy Failed+PodFailurePolicy
           4.213 fatal says PodFailurePolicy: Container main for pod default/fatal-1 failed with exit code 42 matching FailJob rule at index 1
    "#]]);
    check(&job("harmless", rules, "Never", "exit 7"), 20, &expect![[r#"
        0.003 ADDED jobs/harmless
        0.014 MODIFIED jobs/harmless 1 active
        0.019 harmless says SuccessfulCreate: Created pod: harmless-1
        4.197 MODIFIED jobs/harmless
        11.010 MODIFIED jobs/harmless 1 active
        11.015 harmless says SuccessfulCreate: Created pod: harmless-2
        12.011 MODIFIED jobs/harmless 1 active, 1 ready
        13.015 MODIFIED jobs/harmless 1 active
        14.020 MODIFIED jobs/harmless
    "#]]);
}

#[test]
fn some_indexes_are_enough_where_a_policy_says_so() {
    let spec = "  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n  successPolicy:\n    rules:\n    - succeededIndexes: \"0\"\n";
    check(&job("leader", spec, "Never", "test $JOB_COMPLETION_INDEX = 0 || sleep 1000"), 20, &expect![[r#"
           0.003 ADDED jobs/leader
           0.019 leader says SuccessfulCreate: Created pod: leader-1
           0.020 MODIFIED jobs/leader 3 active
           0.027 leader says SuccessfulCreate: Created pod: leader-2
           0.036 leader says SuccessfulCreate: Created pod: leader-3
           2.109 MODIFIED jobs/leader 3 active, 2 ready
           4.201 MODIFIED jobs/leader 2 terminating, 1 succeeded, completed 0, SuccessCriteriaMet+SuccessPolicy
           4.206 leader says SuccessfulDelete: Deleted pod: leader-2
           4.214 leader says SuccessfulDelete: Deleted pod: leader-3
           7.407 MODIFIED jobs/leader 1 succeeded, completed 0, SuccessCriteriaMet+SuccessPolicy
           7.411 MODIFIED jobs/leader 1 succeeded, completed 0, SuccessCriteriaMet+SuccessPolicy Complete+SuccessPolicy
           7.419 leader says Completed: Job completed
    "#]]);
}

#[test]
fn a_job_is_suspended_and_resumed() {
    let mut test = Test::new();
    test.create(&job("slow", "  suspend: true\n", "Never", "sleep 5"));
    test.run_until(SimTime::millis(2_000));
    let key = ObjectKey::new(Kind::Job, "default", "slow");
    test.patch(key.clone(), r#"{"spec":{"suspend":false}}"#);
    test.run_until(SimTime::millis(6_000));
    test.patch(key.clone(), r#"{"spec":{"suspend":true}}"#);
    test.run_until(SimTime::millis(12_000));
    test.patch(key, r#"{"spec":{"suspend":false}}"#);
    test.run_until(SimTime::millis(30_000));
    expect![[r#"
        0.003 ADDED jobs/slow
        0.007 MODIFIED jobs/slow Suspended+JobSuspended
        0.013 slow says Suspended: Job suspended
        2.003 MODIFIED jobs/slow Suspended+JobSuspended
        2.014 MODIFIED jobs/slow 1 active, Suspended-JobResumed
        2.019 slow says SuccessfulCreate: Created pod: slow-1
        2.027 slow says Resumed: Job resumed
        4.109 MODIFIED jobs/slow 1 active, 1 ready, Suspended-JobResumed
        6.003 MODIFIED jobs/slow 1 active, 1 ready, Suspended-JobResumed
        6.014 MODIFIED jobs/slow 1 terminating, Suspended+JobSuspended
        6.019 slow says SuccessfulDelete: Deleted pod: slow-1
        6.028 slow says Suspended x2: Job suspended
        9.221 MODIFIED jobs/slow Suspended+JobSuspended
        12.003 MODIFIED jobs/slow Suspended+JobSuspended
        12.014 MODIFIED jobs/slow 1 active, Suspended-JobResumed
        12.019 slow says SuccessfulCreate: Created pod: slow-2
        12.027 slow says Resumed x2: Job resumed
        14.109 MODIFIED jobs/slow 1 active, 1 ready, Suspended-JobResumed
        20.000 MODIFIED jobs/slow 1 active, Suspended-JobResumed
        21.004 MODIFIED jobs/slow 1 uncounted, Suspended-JobResumed SuccessCriteriaMet+CompletionsReached
        21.011 MODIFIED jobs/slow 1 succeeded, Suspended-JobResumed SuccessCriteriaMet+CompletionsReached Complete+CompletionsReached
        21.019 slow says Completed: Job completed
    "#]].assert_eq(&told(&test));
}

#[test]
fn a_job_that_takes_too_long_fails_and_one_that_is_over_goes() {
    check(&job("late", "  activeDeadlineSeconds: 3\n  ttlSecondsAfterFinished: 5\n", "Never", "sleep 1000"), 30, &expect![[r#"
        0.003 ADDED jobs/late
        0.014 MODIFIED jobs/late 1 active
        0.019 late says SuccessfulCreate: Created pod: late-1
        2.109 MODIFIED jobs/late 1 active, 1 ready
        3.010 MODIFIED jobs/late 1 terminating, 1 uncounted, FailureTarget+DeadlineExceeded
        3.015 late says SuccessfulDelete: Deleted pod: late-1
        3.017 MODIFIED jobs/late 1 terminating, 1 failed, FailureTarget+DeadlineExceeded
        6.217 MODIFIED jobs/late 1 failed, FailureTarget+DeadlineExceeded
        6.220 MODIFIED jobs/late 1 failed, FailureTarget+DeadlineExceeded Failed+DeadlineExceeded
        6.229 late says DeadlineExceeded: Job was active longer than specified deadline
        11.005 MODIFIED jobs/late 1 failed, FailureTarget+DeadlineExceeded Failed+DeadlineExceeded
        11.011 DELETED jobs/late
    "#]]);
}

#[test]
fn a_job_of_another_controller_is_left_alone() {
    check(&job("theirs", "  managedBy: example.com/queue\n", "Never", "sleep 1"), 20, &expect![[r#"
           0.003 ADDED jobs/theirs
    "#]]);
}

#[test]
fn pods_of_a_deleted_job_are_let_go() {
    let mut test = Test::new();
    test.create(&job("gone", "  parallelism: 2\n  completions: 2\n", "Never", "sleep 1000"));
    test.run_until(SimTime::millis(5_000));
    let pod = test.named("gone-1");
    assert_eq!(test.object(&pod).expect("it runs").meta().finalizers.len(), 1);
    test.delete(ObjectKey::new(Kind::Job, "default", "gone"), Propagation::Background);
    test.run_until(SimTime::millis(10_000));
    assert!(test.object(&pod).is_none() && test.object(&test.named("gone-2")).is_none());
}

#[test]
fn pods_of_a_job_that_is_deleted_without_a_word_stay_without_it() {
    let mut test = Test::new();
    test.create(&job("kept", "", "Never", "sleep 1000"));
    test.run_until(SimTime::millis(5_000));
    let pod = test.named("kept-1");
    let key = ObjectKey::new(Kind::Job, "default", "kept");
    let request = crate::cluster::request::Request::delete(key.clone(), Default::default());
    test.ask(request).expect("deleted");
    test.run_until(SimTime::millis(10_000));
    assert!(test.object(&key).is_none());
    let pod = test.object(&pod).expect("it stays").meta();
    assert!(pod.owner_references.is_empty() && pod.finalizers.is_empty(), "{pod:?}");
}

#[test]
fn a_job_takes_up_what_its_selector_matches() {
    let mut test = Test::new();
    test.create("apiVersion: v1\nkind: Pod\nmetadata:\n  name: stray\n  labels: {app: x}\nspec:\n  restartPolicy: Never\n  containers:\n  - {name: main, image: busybox:1.36, command: [\"sleep\", \"3\"]}\n");
    test.run_until(SimTime::millis(500));
    test.create("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: foster\nspec:\n  manualSelector: true\n  selector: {matchLabels: {app: x}}\n  template:\n    metadata:\n      labels: {app: x}\n    spec:\n      restartPolicy: Never\n      containers:\n      - {name: main, image: busybox:1.36, command: [\"sleep\", \"3\"]}\n");
    test.run_until(SimTime::millis(20_000));
    let stray = ObjectKey::new(Kind::Pod, "default", "stray");
    let owner = test.object(&stray).and_then(|pod| pod.meta().controller().cloned()).expect("taken up");
    assert_eq!(&*owner.name, "foster");
    let job = test.object(&ObjectKey::new(Kind::Job, "default", "foster")).and_then(|job| job.get::<Job>().cloned()).expect("there");
    assert_eq!((job.status.succeeded, job.status.failed), (1, 0), "no other Pod was needed");
}
