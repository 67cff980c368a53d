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

/// What became of the Job and what it said. The moments are the kubelet's as much as the controller's: they are left out.
fn told(test: &Test) -> String {
    let story = test.story(&[Kind::Job, Kind::Event], SimTime::ZERO);
    let is_told = |line: &&str| {
        !["Scheduled", "Pulling", "Pulled", "Created", "Started", "Killing", "BackOff"].iter().any(|reason| line.contains(&format!(" says {reason}")))
    };
    story.lines().filter(is_told).map(|line| format!("{}\n", line.trim_start().split_once(' ').map_or("", |(_, told)| told))).collect()
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
        ADDED jobs/sum
        sum says SuccessfulCreate: Created pod: sum-1
        MODIFIED jobs/sum 2 active
        sum says SuccessfulCreate: Created pod: sum-2
        MODIFIED jobs/sum 2 active, 2 ready
        MODIFIED jobs/sum 2 active
        MODIFIED jobs/sum 1 active, 2 uncounted
        sum says SuccessfulCreate: Created pod: sum-3
        MODIFIED jobs/sum 1 active, 2 succeeded
        MODIFIED jobs/sum 1 active, 1 ready, 2 succeeded
        MODIFIED jobs/sum 1 active, 2 succeeded
        MODIFIED jobs/sum 1 uncounted, 2 succeeded, SuccessCriteriaMet+CompletionsReached
        MODIFIED jobs/sum 3 succeeded, SuccessCriteriaMet+CompletionsReached Complete+CompletionsReached
        sum says Completed: Job completed
    "#]]);
}

#[test]
fn failures_are_waited_for_and_counted_up_to_the_limit() {
    check(&job("bad", "  backoffLimit: 1\n", "Never", "exit 1"), 60, &expect![[r#"
        ADDED jobs/bad
        MODIFIED jobs/bad 1 active
        bad says SuccessfulCreate: Created pod: bad-1
        MODIFIED jobs/bad 1 uncounted
        MODIFIED jobs/bad 1 failed
        MODIFIED jobs/bad 1 active, 1 failed
        bad says SuccessfulCreate: Created pod: bad-2
        MODIFIED jobs/bad 1 uncounted, 1 failed, FailureTarget+BackoffLimitExceeded
        MODIFIED jobs/bad 2 failed, FailureTarget+BackoffLimitExceeded Failed+BackoffLimitExceeded
        bad says BackoffLimitExceeded: Job has reached the specified backoff limit
    "#]]);
}

#[test]
fn restarts_of_containers_count_as_failures() {
    check(&job("bad", "  backoffLimit: 1\n", "OnFailure", "sleep 2; exit 1"), 60, &expect![[r#"
        ADDED jobs/bad
        MODIFIED jobs/bad 1 active
        bad says SuccessfulCreate: Created pod: bad-1
        MODIFIED jobs/bad 1 active, 1 ready
        MODIFIED jobs/bad 1 terminating, 1 uncounted, FailureTarget+BackoffLimitExceeded
        bad says SuccessfulDelete: Deleted pod: bad-1
        MODIFIED jobs/bad 1 terminating, 1 failed, FailureTarget+BackoffLimitExceeded
        MODIFIED jobs/bad 1 failed, FailureTarget+BackoffLimitExceeded
        MODIFIED jobs/bad 1 failed, FailureTarget+BackoffLimitExceeded Failed+BackoffLimitExceeded
        bad says BackoffLimitExceeded: Job has reached the specified backoff limit
    "#]]);
}

#[test]
fn an_index_that_fails_too_often_fails_its_job_once_the_others_are_done() {
    let spec = "  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n  backoffLimitPerIndex: 1\n";
    let test = check(&job("each", spec, "Never", "test $JOB_COMPLETION_INDEX != 1"), 60, &expect![[r#"
        ADDED jobs/each
        each says SuccessfulCreate: Created pod: each-1
        MODIFIED jobs/each 3 active
        each says SuccessfulCreate: Created pod: each-2
        each says SuccessfulCreate: Created pod: each-3
        MODIFIED jobs/each 2 succeeded, completed 0,2
        MODIFIED jobs/each 1 active, 2 succeeded, completed 0,2
        each says SuccessfulCreate: Created pod: each-4
        MODIFIED jobs/each 1 active, 1 uncounted, 2 succeeded, completed 0,2
        MODIFIED jobs/each 1 active, 2 succeeded, 1 failed, completed 0,2
        MODIFIED jobs/each 1 uncounted, 2 succeeded, 1 failed, completed 0,2, failed 1, FailureTarget+FailedIndexes
        MODIFIED jobs/each 2 succeeded, 2 failed, completed 0,2, failed 1, FailureTarget+FailedIndexes Failed+FailedIndexes
        each says FailedIndexes: Job has failed indexes
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
        ADDED jobs/fatal
        MODIFIED jobs/fatal 1 active
        fatal says SuccessfulCreate: Created pod: fatal-1
        MODIFIED jobs/fatal 1 uncounted, FailureTarget+PodFailurePolicy
        MODIFIED jobs/fatal 1 failed, FailureTarget+PodFailurePolicy Failed+PodFailurePolicy
        fatal says PodFailurePolicy: Container main for pod default/fatal-1 failed with exit code 42 matching FailJob rule at index 1
    "#]]);
    check(&job("harmless", rules, "Never", "exit 7"), 20, &expect![[r#"
        ADDED jobs/harmless
        MODIFIED jobs/harmless 1 active
        harmless says SuccessfulCreate: Created pod: harmless-1
        MODIFIED jobs/harmless
        MODIFIED jobs/harmless 1 active
        harmless says SuccessfulCreate: Created pod: harmless-2
        MODIFIED jobs/harmless
    "#]]);
}

#[test]
fn some_indexes_are_enough_where_a_policy_says_so() {
    let spec = "  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n  successPolicy:\n    rules:\n    - succeededIndexes: \"0\"\n";
    check(&job("leader", spec, "Never", "test $JOB_COMPLETION_INDEX = 0 || sleep 1000"), 20, &expect![[r#"
        ADDED jobs/leader
        leader says SuccessfulCreate: Created pod: leader-1
        MODIFIED jobs/leader 3 active
        leader says SuccessfulCreate: Created pod: leader-2
        leader says SuccessfulCreate: Created pod: leader-3
        MODIFIED jobs/leader 3 active, 2 ready
        MODIFIED jobs/leader 2 terminating, 1 succeeded, completed 0, SuccessCriteriaMet+SuccessPolicy
        leader says SuccessfulDelete: Deleted pod: leader-2
        leader says SuccessfulDelete: Deleted pod: leader-3
        MODIFIED jobs/leader 1 succeeded, completed 0, SuccessCriteriaMet+SuccessPolicy
        MODIFIED jobs/leader 1 succeeded, completed 0, SuccessCriteriaMet+SuccessPolicy Complete+SuccessPolicy
        leader says Completed: Job completed
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
        ADDED jobs/slow
        MODIFIED jobs/slow Suspended+JobSuspended
        slow says Suspended: Job suspended
        MODIFIED jobs/slow Suspended+JobSuspended
        MODIFIED jobs/slow 1 active, Suspended-JobResumed
        slow says SuccessfulCreate: Created pod: slow-1
        slow says Resumed: Job resumed
        MODIFIED jobs/slow 1 active, 1 ready, Suspended-JobResumed
        MODIFIED jobs/slow 1 active, 1 ready, Suspended-JobResumed
        MODIFIED jobs/slow 1 terminating, Suspended+JobSuspended
        slow says SuccessfulDelete: Deleted pod: slow-1
        slow says Suspended x2: Job suspended
        MODIFIED jobs/slow Suspended+JobSuspended
        MODIFIED jobs/slow Suspended+JobSuspended
        MODIFIED jobs/slow 1 active, Suspended-JobResumed
        slow says SuccessfulCreate: Created pod: slow-2
        slow says Resumed x2: Job resumed
        MODIFIED jobs/slow 1 active, 1 ready, Suspended-JobResumed
        MODIFIED jobs/slow 1 active, Suspended-JobResumed
        MODIFIED jobs/slow 1 uncounted, Suspended-JobResumed SuccessCriteriaMet+CompletionsReached
        MODIFIED jobs/slow 1 succeeded, Suspended-JobResumed SuccessCriteriaMet+CompletionsReached Complete+CompletionsReached
        slow says Completed: Job completed
    "#]].assert_eq(&told(&test));
}

#[test]
fn a_job_that_takes_too_long_fails_and_one_that_is_over_goes() {
    check(&job("late", "  activeDeadlineSeconds: 3\n  ttlSecondsAfterFinished: 5\n", "Never", "sleep 1000"), 30, &expect![[r#"
        ADDED jobs/late
        MODIFIED jobs/late 1 active
        late says SuccessfulCreate: Created pod: late-1
        MODIFIED jobs/late 1 active, 1 ready
        MODIFIED jobs/late 1 terminating, 1 uncounted, FailureTarget+DeadlineExceeded
        late says SuccessfulDelete: Deleted pod: late-1
        MODIFIED jobs/late 1 terminating, 1 failed, FailureTarget+DeadlineExceeded
        MODIFIED jobs/late 1 failed, FailureTarget+DeadlineExceeded
        MODIFIED jobs/late 1 failed, FailureTarget+DeadlineExceeded Failed+DeadlineExceeded
        late says DeadlineExceeded: Job was active longer than specified deadline
        MODIFIED jobs/late 1 failed, FailureTarget+DeadlineExceeded Failed+DeadlineExceeded
        DELETED jobs/late
    "#]]);
}

#[test]
fn a_job_of_another_controller_is_left_alone() {
    check(&job("theirs", "  managedBy: example.com/queue\n", "Never", "sleep 1"), 20, &expect![[r#"
        ADDED jobs/theirs
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
