//! Stories as they are told, beat by beat, in English.

use super::Teller;
use crate::cluster::testing::{Act as Does, Test};
use crate::cluster::time::SimTime;
use crate::timeline::beats::Story;
use crate::timeline::history::History;
use crate::timeline::run::Act;
use crate::words::{Language, text};
use expect_test::{Expect, expect};
use std::fmt::Write;

/// What is done at a time, in milliseconds.
enum Do {
    Create(&'static str),
    Act(Does),
}

/// Runs until it is quiet and tells the story.
fn story(acts: &[(u64, Do)]) -> (Story, History) {
    let mut test = Test::new();
    let mut history = History::new(test.cluster.node_names());
    let mut teller = Teller::default();
    for (at, act) in acts {
        test.run_until(SimTime::millis(*at));
        history.extend(test.records().iter().cloned());
        teller.hear(&history);
        teller.begin_chapter(SimTime::millis(*at), &Act::Command("kubectl ...".into()));
        match act {
            Do::Create(yaml) => test.create(yaml),
            Do::Act(act) => test.act(act.clone()),
        }
    }
    test.run();
    history.extend(test.records().iter().cloned());
    teller.hear(&history);
    let story = teller.story(&history, history.end());
    (story, history)
}

/// Each beat with its end in simulated and stage time, its number and branch, and what is said.
fn told(story: &Story) -> String {
    let mut out = String::new();
    for chapter in &story.chapters {
        if chapter.beats.is_empty() {
            continue;
        }
        let title = text(Language::En, chapter.title.id, &chapter.title.args);
        _ = writeln!(out, "{title}");
        for beat in &story.beats[chapter.beats.clone()] {
            let number = beat.number.map_or(" ".into(), |number| number.to_string());
            let branch = beat.branch.map_or("", |branch| match branch {
                crate::timeline::Branch::Kubelet => "A",
                crate::timeline::Branch::Endpoints => "B",
            });
            for language in Language::ALL {
                let said = text(*language, beat.say.id, &beat.say.args);
                assert!(!said.contains(['[', '{']), "{} is not given all that it wants: {said}", beat.say.id);
            }
            let stage = story.tempo.stage(beat.to).0 as f64 / 1e6;
            let said = text(Language::En, beat.say.id, &beat.say.args);
            _ = writeln!(out, "{:8.3} {stage:5.1} {number}{branch:1} {said}", beat.to.as_seconds());
        }
    }
    out
}

#[track_caller]
fn check(acts: &[(u64, Do)], expect: Expect) {
    expect.assert_eq(&told(&story(acts).0));
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: nginx:1.25, ports: [{containerPort: 80}]}
";

#[test]
fn a_deployment_comes_to_life() {
    check(
        &[(0, Do::Create(DEPLOYMENT))],
        expect![[r#"
        web comes to life
           0.003   1.9    The API server checks the Deployment web, and etcd stores it.
           0.007   4.3    The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-56cb6d4475, which is to keep 3 Pods.
           0.015   6.5    The ReplicaSet web-56cb6d4475 wants 3 Pods and sees 0, so its controller makes 3.
           0.025   8.4    The scheduler gives each of the 3 Pods a node. It starts nothing itself.
           0.026  10.3    Each kubelet watches for Pods with its name, and finds 3 of them.
           0.556  12.7    pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           1.351  14.3    2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
           1.482  16.5    3 containers start and join the Linux namespaces that pause holds.
           1.503  18.4    3 Pods are ready: the condition Ready is True.
           1.512  20.3    The Deployment web has all it asks for: 3 Pods are ready.
    "#]],
    );
}

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: one, labels: {app: web}}
spec: {containers: [{name: web, image: nginx:1.25}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, labels: {app: web}}
spec: {containers: [{name: web, image: nginx:1.25}]}
";

#[test]
fn a_pod_behind_a_service_is_deleted() {
    check(
        &[(0, Do::Create(SERVICE)), (6_000, Do::Act(Does::DeletePod("one", None)))],
        expect![[r#"
        web gets its endpoints
           0.003   1.9    The Service web gets the address 10.96.5.66. No process stands behind it: it is a rule on every node.
           0.003   3.2    The API server checks 2 objects one after the other, and etcd stores them.
           0.007   5.1    The EndpointSlice controller looks for Pods that the Service web selects, and writes their addresses into an EndpointSlice.
           0.013   7.0    The scheduler gives each of the 2 Pods a node. It starts nothing itself.
           0.014   8.9    Each kubelet watches for Pods with its name, and finds 2 of them.
           0.544  11.3    pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           0.945  12.9    2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
           1.076  15.1    2 containers start and join the Linux namespaces that pause holds.
           1.097  17.0    2 Pods are ready: the condition Ready is True.
           2.103  18.9    The EndpointSlice controller adds 2 Pods to the endpoints of web.
           3.076  20.8    kube-proxy on every node writes rules: requests to web now go to one of 2 Pods.
        one is deleted
           6.003  23.5 1  The API server does not remove Pod one. It writes a deletionTimestamp and a grace period of 30 s into it.
           6.004  25.9 2  Two hear of it at the same moment: the kubelet and the EndpointSlice controller. Neither waits for the other.
           6.008  28.3 3B The EndpointSlice controller keeps the endpoint of Pod one, and marks it: ready is false, terminating is true.
           6.028  30.7 5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
           6.028  32.6 6A web ends at once on SIGQUIT, with exit code 0.
           6.080  34.5 4B kube-proxy on every node takes Pod one out of its rules. New requests no longer reach it.
           6.130  36.4  A No container is left, so pause ends too. The Linux namespaces of Pod one go with it.
           6.141  38.3 3B The EndpointSlice controller takes the endpoint of Pod one out.
           7.058  40.2  A The kubelet asks for the last deletion. Pod one is gone from etcd now, and no controller makes another.
    "#]],
    );
}
