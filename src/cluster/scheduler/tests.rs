//! The scheduler as a whole, in the cluster.

use crate::api::objects::{Pod, ReplicaSet};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Decision, Fact, NodeId};
use crate::cluster::request::DeleteOptions;
use crate::cluster::request::Request;
use crate::cluster::setup::{NodeSetup, Setup};
use crate::cluster::testing::{Test, patch_request};
use crate::cluster::time::{SECOND, SimTime};
use expect_test::{Expect, expect};
use std::fmt::Write;

/// What is told of Pods, by the second in which it happened, then what the scheduler's Events say.
fn told(test: &Test) -> String {
    let (mut text, mut events) = (String::new(), String::new());
    let mut last = std::collections::BTreeMap::new();
    for record in test.records() {
        let Fact::Object { change, object } = &record.fact else { continue };
        let second = record.time.0 / SECOND;
        match object {
            Object::Event(event) if &*event.reporting_component == "default-scheduler" => {
                let about = &event.involved_object.name;
                // A uid is drawn by chance, and changes with every draw before it.
                let uid =
                    event.message.strip_prefix("Preempted by pod ").and_then(|rest| rest.split(' ').next());
                let message = event.message.replace(uid.unwrap_or("<uid>"), "<uid>");
                _ = writeln!(events, "{about} {}: {message}", event.reason);
            }
            Object::Pod(pod) if *change == Change::Deleted => {
                _ = writeln!(text, "{second} {} gone", pod.metadata.name);
            }
            Object::Pod(pod) => {
                let line = pod_line(pod);
                if last.insert(pod.metadata.uid.clone(), line.clone()).as_ref() != Some(&line) {
                    _ = writeln!(text, "{second} {line}");
                }
            }
            _ => {}
        }
    }
    text + &events
}

fn pod_line(pod: &Pod) -> String {
    let mut text = pod.metadata.name.to_string();
    let mut conditions: Vec<_> = pod.status.conditions.iter().collect();
    conditions.sort_by_key(|condition| condition.kind.clone());
    for condition in conditions {
        if matches!(&*condition.kind, "PodScheduled" | "DisruptionTarget") {
            let status = condition.status.map_or("", |status| status.as_str());
            _ = write!(text, " {}={status} {}", condition.kind, condition.reason);
            if &*condition.kind == "DisruptionTarget" {
                _ = write!(text, " ({})", condition.message);
            }
        }
    }
    if !pod.spec.node_name.is_empty() {
        _ = write!(text, " on {}", pod.spec.node_name);
    }
    if !pod.status.nominated_node_name.is_empty() {
        _ = write!(text, " promised {}", pod.status.nominated_node_name);
    }
    if let Some(grace) = pod.metadata.deletion_grace_period_seconds {
        _ = write!(text, " ending in {grace}");
    }
    text
}

fn one_node() -> Test {
    let mut setup = Setup::with_seed(1);
    setup.nodes.truncate(1);
    Test::with(&setup)
}

fn pod(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: {name}}}}}\nspec:\n  terminationGracePeriodSeconds: 1\n{spec}\n"
    )
}

fn asks(name: &str, cpu: &str, more: &str) -> String {
    pod(
        name,
        &format!(
            "{more}  containers: [{{name: a, image: 'registry.k8s.io/pause:3.9', resources: {{requests: {{cpu: '{cpu}'}}}}}}]"
        ),
    )
}

#[track_caller]
fn check(test: &mut Test, seconds: u64, expect: Expect) {
    test.run_until(SimTime::millis(seconds * 1000));
    expect.assert_eq(&told(test));
}

fn node(name: &str) -> ObjectKey {
    ObjectKey::new(Kind::Node, "", name)
}

#[test]
fn a_pod_waits_for_what_its_rejection_is_about() {
    let mut test = one_node();
    test.create(&asks("a", "100m", "  nodeSelector: {disk: ssd}\n"));
    test.run_until(SimTime::millis(5_000));
    // A label that does not help wakes nobody.
    test.send(patch_request(node("node-1"), r#"{"metadata":{"labels":{"disk":"hdd"}}}"#));
    test.run_until(SimTime::millis(10_000));
    test.send(patch_request(node("node-1"), r#"{"metadata":{"labels":{"disk":"ssd"}}}"#));
    check(
        &mut test,
        12,
        expect![[r#"
            0 a
            0 a PodScheduled=False Unschedulable
            10 a PodScheduled=True  on node-1
            a FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.
            a Scheduled: Successfully assigned default/a to node-1
        "#]],
    );
}

#[test]
fn a_pod_that_ends_makes_room() {
    let mut test = one_node();
    test.create(&asks("big", "1500m", ""));
    test.run_until(SimTime::millis(4_000));
    test.create(&asks("next", "1", ""));
    test.run_until(SimTime::millis(8_000));
    test.send(Request::delete(ObjectKey::new(Kind::Pod, "default", "big"), DeleteOptions::default()));
    check(
        &mut test,
        12,
        expect![[r#"
            0 big
            0 big PodScheduled=True  on node-1
            4 next
            4 next PodScheduled=False Unschedulable
            8 big PodScheduled=True  on node-1 ending in 1
            8 next PodScheduled=True  on node-1
            8 big PodScheduled=True  on node-1 ending in 0
            8 big gone
            big Scheduled: Successfully assigned default/big to node-1
            next FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.
            next Scheduled: Successfully assigned default/next to node-1
        "#]],
    );
}

#[test]
fn gates_hold_a_pod_back_until_they_are_gone() {
    let mut test = one_node();
    test.create(&asks("a", "1", "  schedulingGates: [{name: example.com/quota}]\n"));
    test.run_until(SimTime::millis(3_000));
    let key = ObjectKey::new(Kind::Pod, "default", "a");
    test.send(patch_request(key, r#"{"spec":{"schedulingGates":null}}"#));
    check(
        &mut test,
        4,
        expect![[r#"
            0 a PodScheduled=False SchedulingGated
            3 a PodScheduled=True  on node-1
            a Scheduled: Successfully assigned default/a to node-1
        "#]],
    );
}

const HIGH: &str =
    "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n";

#[test]
fn a_pod_of_higher_priority_makes_room_for_itself() {
    let mut test = one_node();
    test.create(HIGH);
    test.create(&asks("small", "100m", ""));
    test.create(&asks("low", "1500m", ""));
    test.run_until(SimTime::millis(5_000));
    test.create(&asks("vip", "1", "  priorityClassName: high\n"));
    check(
        &mut test,
        10,
        expect![[r#"
            0 small
            0 low
            0 small PodScheduled=True  on node-1
            0 low PodScheduled=True  on node-1
            5 vip
            5 vip PodScheduled=False Unschedulable promised node-1
            5 low DisruptionTarget=True PreemptionByScheduler (default-scheduler: preempting to accommodate a higher priority pod) PodScheduled=True  on node-1
            5 low DisruptionTarget=True PreemptionByScheduler (default-scheduler: preempting to accommodate a higher priority pod) PodScheduled=True  on node-1 ending in 1
            5 vip PodScheduled=True  on node-1
            5 low DisruptionTarget=True PreemptionByScheduler (default-scheduler: preempting to accommodate a higher priority pod) PodScheduled=True  on node-1 ending in 0
            5 low gone
            small Scheduled: Successfully assigned default/small to node-1
            low Scheduled: Successfully assigned default/low to node-1
            vip FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: found a potential placement for pod on node node-1, preempting 1 victims
            low Preempted: Preempted by pod <uid> on node node-1
            vip Scheduled: Successfully assigned default/vip to node-1
        "#]],
    );
}

#[test]
fn a_polite_pod_waits() {
    let mut test = one_node();
    test.create(&format!("{HIGH}preemptionPolicy: Never\n"));
    test.create(&asks("low", "1500m", ""));
    test.run_until(SimTime::millis(5_000));
    test.create(&asks("vip", "1", "  priorityClassName: high\n"));
    check(
        &mut test,
        7,
        expect![[r#"
            0 low
            0 low PodScheduled=True  on node-1
            5 vip
            5 vip PodScheduled=False Unschedulable
            low Scheduled: Successfully assigned default/low to node-1
            vip FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.
        "#]],
    );
}

#[test]
fn without_nodes_a_pod_is_tried_again_and_again() {
    let mut setup = Setup::with_seed(1);
    setup.nodes.clear();
    let mut test = Test::with(&setup);
    test.create(&asks("a", "1", ""));
    check(
        &mut test,
        10,
        expect![[r#"
            0 a
            0 a PodScheduled=False Unschedulable
            a FailedScheduling: no nodes available to schedule pods
            a FailedScheduling: no nodes available to schedule pods
            a FailedScheduling: no nodes available to schedule pods
        "#]],
    );
}

#[test]
fn replicas_spread_over_nodes() {
    let mut test = Test::new();
    test.create(
        "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nspec:\n  replicas: 6\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: a, image: 'registry.k8s.io/pause:3.9'}]}\n",
    );
    test.run_until(SimTime::millis(5_000));
    let key = ObjectKey::new(Kind::ReplicaSet, "default", "web");
    assert!(test.object(&key).and_then(|object| object.get::<ReplicaSet>()).is_some());
    let mut on = std::collections::BTreeMap::new();
    for record in test.records() {
        if let Fact::Object { object: Object::Pod(pod), .. } = &record.fact
            && !pod.spec.node_name.is_empty()
        {
            on.insert(pod.metadata.name.clone(), pod.spec.node_name.clone());
        }
    }
    let first = on.values().filter(|node| &***node == "node-1").count();
    assert_eq!((on.len(), first), (6, 3));
}

#[test]
fn records_name_nodes_by_the_numbers_of_the_cluster() {
    let mut setup = Setup::with_seed(1);
    // In the order of their names node-10 and node-11 stand before node-2.
    setup.nodes = (1..=11).map(|n| NodeSetup::named(format!("node-{n}"), n)).collect();
    let mut test = Test::with(&setup);
    test.create(&asks("a", "100m", "  nodeSelector: {kubernetes.io/hostname: node-2}\n"));
    test.run_until(SimTime::millis(2_000));
    let chosen = test.records().iter().find_map(|record| match &record.fact {
        Fact::Decision(decision) => match &**decision {
            Decision::Scheduled { chosen, .. } => *chosen,
            _ => None,
        },
        _ => None,
    });
    assert_eq!(chosen, Some(NodeId(1)));
}
