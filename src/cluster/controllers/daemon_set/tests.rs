//! What becomes of DaemonSets, as a watcher sees it.

use crate::api::objects::{DaemonSet, Event};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::request::Subresource;
use crate::cluster::testing::{Test, patch_request};
use crate::cluster::time::SimTime;
use expect_test::expect;

const AGENT: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: 'nginx:1.25'}]}
";
const NEW_IMAGE: &str =
    r#"{"spec":{"template":{"spec":{"containers":[{"name":"agent","image":"nginx:1.27"}]}}}}"#;

fn key() -> ObjectKey {
    ObjectKey::new(Kind::DaemonSet, "default", "agent")
}

/// Each change of the status, then each Event about the DaemonSet (without names), then each revision.
fn story(test: &Test) -> String {
    let mut lanes = [const { Vec::<String>::new() }; 3];
    for record in test.records() {
        let Fact::Object { change, object } = &record.fact else { continue };
        let (lane, line) = match object {
            Object::DaemonSet(set) => (0, status_line(*change, set)),
            Object::Event(event) if &*event.involved_object.kind == "DaemonSet" => (1, event_line(event)),
            Object::ControllerRevision(revision) => {
                (2, format!("{} revision {}", change.as_str(), revision.revision))
            }
            _ => continue,
        };
        if lanes[lane].last() != Some(&line) {
            lanes[lane].push(line);
        }
    }
    lanes.concat().iter().fold(String::new(), |text, line| text + line + "\n")
}

fn status_line(change: Change, set: &DaemonSet) -> String {
    let status = &set.status;
    format!(
        "{} gen {} seen {}: wanted {} has {} misplaced {} ready {} available {} updated {}",
        change.as_str(),
        set.metadata.generation,
        status.observed_generation,
        status.desired_number_scheduled,
        status.current_number_scheduled,
        status.number_misscheduled,
        status.number_ready,
        status.number_available,
        status.updated_number_scheduled
    )
}

fn event_line(event: &Event) -> String {
    let message = event.message.split([':', '/']).next().unwrap_or_default();
    format!("{} {message}", event.reason)
}

/// Says of every Pod that it has failed, as a kubelet that refuses it does.
fn fail_all(test: &mut Test) {
    let pods = test.cluster.server.store.list(Kind::Pod, Some("default"));
    for key in pods.map(Object::key).collect::<Vec<_>>() {
        let failed = patch_request(key, r#"{"status":{"phase":"Failed","reason":"NodeAffinity"}}"#);
        test.send(failed.at(Subresource::Status));
    }
}

#[test]
fn every_node_has_one_and_they_are_replaced_one_after_the_other() {
    let mut test = Test::new();
    test.create(AGENT);
    test.run_until(SimTime::millis(8_000));
    test.patch(key(), NEW_IMAGE);
    test.run_until(SimTime::millis(20_000));
    expect![[r#"
        ADDED gen 1 seen 0: wanted 0 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 2 has 1 misplaced 0 ready 0 available 0 updated 1
        MODIFIED gen 1 seen 1: wanted 2 has 2 misplaced 0 ready 0 available 0 updated 2
        MODIFIED gen 1 seen 1: wanted 2 has 2 misplaced 0 ready 1 available 1 updated 2
        MODIFIED gen 1 seen 1: wanted 2 has 2 misplaced 0 ready 2 available 2 updated 2
        MODIFIED gen 2 seen 1: wanted 2 has 2 misplaced 0 ready 2 available 2 updated 2
        MODIFIED gen 2 seen 2: wanted 2 has 2 misplaced 0 ready 2 available 2 updated 0
        MODIFIED gen 2 seen 2: wanted 2 has 1 misplaced 0 ready 1 available 1 updated 0
        MODIFIED gen 2 seen 2: wanted 2 has 2 misplaced 0 ready 1 available 1 updated 1
        MODIFIED gen 2 seen 2: wanted 2 has 2 misplaced 0 ready 2 available 2 updated 1
        MODIFIED gen 2 seen 2: wanted 2 has 1 misplaced 0 ready 1 available 1 updated 1
        MODIFIED gen 2 seen 2: wanted 2 has 2 misplaced 0 ready 1 available 1 updated 2
        MODIFIED gen 2 seen 2: wanted 2 has 2 misplaced 0 ready 2 available 2 updated 2
        SuccessfulCreate Created pod
        SuccessfulDelete Deleted pod
        SuccessfulCreate Created pod
        SuccessfulDelete Deleted pod
        SuccessfulCreate Created pod
        ADDED revision 1
        ADDED revision 2
    "#]]
    .assert_eq(&story(&test));
}

#[test]
fn with_surge_the_new_one_comes_first() {
    let mut test = Test::new();
    let surge = "spec:\n  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n  selector";
    test.create(&AGENT.replace("spec:\n  selector", surge));
    test.run_until(SimTime::millis(8_000));
    test.patch(key(), NEW_IMAGE);
    let at_least_two = |test: &Test| {
        let set = test.object(&key()).and_then(|object| object.get::<DaemonSet>().cloned());
        set.is_some_and(|set| set.status.number_available == 2)
    };
    for millis in (8_100..20_000).step_by(100) {
        test.run_until(SimTime::millis(millis));
        assert!(at_least_two(&test), "at {millis} ms");
    }
    let set = test.object(&key()).and_then(|object| object.get::<DaemonSet>().cloned()).expect("there");
    assert_eq!(set.status.updated_number_scheduled, 2);
}

#[test]
fn a_node_that_does_not_fit_any_more_loses_its_pod() {
    let mut test = Test::new();
    test.patch(ObjectKey::new(Kind::Node, "", "node-1"), r#"{"metadata":{"labels":{"disk":"ssd"}}}"#);
    test.create(&AGENT.replace("spec: {containers", "spec: {nodeSelector: {disk: ssd}, containers"));
    test.run_until(SimTime::millis(8_000));
    test.patch(ObjectKey::new(Kind::Node, "", "node-2"), r#"{"metadata":{"labels":{"disk":"ssd"}}}"#);
    test.run_until(SimTime::millis(16_000));
    test.patch(ObjectKey::new(Kind::Node, "", "node-1"), r#"{"metadata":{"labels":{"disk":"hdd"}}}"#);
    test.run_until(SimTime::millis(24_000));
    expect![[r#"
        ADDED gen 1 seen 0: wanted 0 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 1 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 0 available 0 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 1 available 1 updated 1
        MODIFIED gen 1 seen 1: wanted 2 has 1 misplaced 0 ready 1 available 1 updated 1
        MODIFIED gen 1 seen 1: wanted 2 has 2 misplaced 0 ready 1 available 1 updated 2
        MODIFIED gen 1 seen 1: wanted 2 has 2 misplaced 0 ready 2 available 2 updated 2
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 1 ready 1 available 1 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 1 available 1 updated 1
        SuccessfulCreate Created pod
        SuccessfulDelete Deleted pod
        ADDED revision 1
    "#]]
    .assert_eq(&story(&test));
}

#[test]
fn what_ends_is_replaced_and_what_fails_again_is_left_alone_for_longer() {
    let mut test = Test::new();
    test.patch(ObjectKey::new(Kind::Node, "", "node-1"), r#"{"metadata":{"labels":{"disk":"ssd"}}}"#);
    test.create(&AGENT.replace("spec: {containers", "spec: {nodeSelector: {disk: ssd}, containers"));
    for millis in [6_000, 6_500, 14_000] {
        test.run_until(SimTime::millis(millis));
        fail_all(&mut test);
    }
    test.run_until(SimTime::millis(30_000));
    expect![[r#"
        ADDED gen 1 seen 0: wanted 0 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 1 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 0 available 0 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 1 available 1 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 0 available 0 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 1 available 1 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 0 misplaced 0 ready 0 available 0 updated 0
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 0 available 0 updated 1
        MODIFIED gen 1 seen 1: wanted 1 has 1 misplaced 0 ready 1 available 1 updated 1
        SuccessfulCreate Created pod
        FailedDaemonPod Found failed daemon pod default
        SuccessfulDelete Deleted pod
        SuccessfulCreate Created pod
        FailedDaemonPod Found failed daemon pod default
        SuccessfulDelete Deleted pod
        SuccessfulCreate Created pod
        ADDED revision 1
    "#]]
    .assert_eq(&story(&test));
}
