//! Stories as they are told, beat by beat, in English.

use crate::cluster::record::ClientId;
use crate::cluster::setup::Setup;
use crate::cluster::time::{SECOND, SimTime};
use crate::timeline::{Act, Branch, StageTime, Start, Story, Timeline};
use crate::words::{Language, text};
use expect_test::{Expect, expect};
use std::fmt::Write;

/// Gives commands at their times in milliseconds, runs until nothing is to happen, and tells the story.
fn recorded(yaml: &str, commands: &[(u64, &str)]) -> Timeline {
    let files = [("app.yaml".into(), yaml.into())].into();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
    let mut timeline = Timeline::new(start);
    for (at, command) in commands {
        timeline.act(SimTime::millis(*at), Act::Command((*command).into()));
    }
    while timeline.record(SimTime::millis(120_000), 1_000) {}
    timeline
}

/// Each beat with its number and branch, and what is said, in English; that the Korean one lacks nothing is
/// held, too.
fn told(story: &Story) -> String {
    let mut out = String::new();
    for chapter in story.chapters.iter().filter(|chapter| !chapter.beats.is_empty()) {
        _ = writeln!(out, "# {}", text(Language::En, chapter.title.id, &chapter.title.args));
        for beat in &story.beats[chapter.beats.clone()] {
            let number = beat.number.map_or(" ".into(), |number| number.to_string());
            let branch = match beat.branch {
                None => " ",
                Some(Branch::Kubelet) => "A",
                Some(Branch::Endpoints) => "B",
            };
            for language in Language::ALL {
                let said = text(*language, beat.say.id, &beat.say.args);
                assert!(!said.contains(['[', '{']), "{} is not given all that it wants: {said}", beat.say.id);
            }
            _ = writeln!(out, "{number}{branch} {}", text(Language::En, beat.say.id, &beat.say.args));
        }
    }
    out
}

#[track_caller]
fn check(yaml: &str, commands: &[(u64, &str)], expect: Expect) {
    expect.assert_eq(&told(recorded(yaml, commands).story()));
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
    let timeline = recorded(DEPLOYMENT, &[(0, "kubectl apply -f app.yaml")]);
    let story = timeline.story();
    expect![[r#"
        # Apply app.yaml
           kubectl reads app.yaml and sends one object to the API server.
           The API server checks the Deployment web, and etcd stores it.
           The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-74c8c867c7, which is to keep 3 Pods.
           The ReplicaSet web-74c8c867c7 wants 3 Pods and sees none, so its controller makes 3.
           The scheduler gives each of the 3 Pods a node. It starts nothing itself.
           Each kubelet watches for Pods with its name, and finds 3 of them.
           2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
           pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           3 containers start and join the Linux namespaces that pause holds.
           3 Pods are ready: the condition Ready is True.
           The Deployment web has all it asks for: 3 Pods are ready.
    "#]].assert_eq(&told(story));
    assert!(story.beats.len() <= 12, "{} beats", story.beats.len());
    assert!(story.tempo.duration() <= StageTime(25 * SECOND), "{:?}", story.tempo.duration());
    assert_eq!(story.chapters.last().and_then(|chapter| chapter.command), Some(ClientId(0)));
}

#[test]
fn beats_follow_each_other_and_have_time_to_be_read() {
    let timeline =
        recorded(SERVICE, &[(0, "kubectl apply -f app.yaml"), (9_000, "kubectl delete pod one two")]);
    let story = timeline.story();
    let mut last = SimTime::ZERO;
    for beat in &story.beats {
        assert!(beat.from >= last && beat.to > beat.from, "{beat:?}");
        last = beat.to;
        let time = story.tempo.stage(beat.to).since(story.tempo.stage(beat.from));
        assert!((1_200_000..=5_000_000).contains(&time), "{time} for {beat:?}");
        let is_within =
            |chapter: &crate::timeline::Chapter| chapter.from <= beat.from && beat.to <= chapter.to;
        assert!(story.chapters.get(beat.chapter).is_some_and(is_within), "{beat:?}");
        assert_eq!(story.beat_at(beat.to), Some(beat));
        assert!(!beat.records.is_empty());
    }
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
    let commands = [(0, "kubectl apply -f app.yaml"), (9_000, "kubectl delete pod one")];
    check(
        SERVICE,
        &commands,
        expect![[r#"
            # Apply app.yaml
               kubectl reads app.yaml and sends 3 objects to the API server.
               The Service web gets the address 10.96.225.244. No process stands behind it: it is a rule on every node.
               The API server checks 2 objects one after the other, and etcd stores them.
               The scheduler gives each of the 2 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 2 of them.
               The EndpointSlice controller looks for Pods that the Service web selects, and writes their addresses into an EndpointSlice.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
               2 containers start and join the Linux namespaces that pause holds.
               2 Pods are ready: the condition Ready is True.
               The EndpointSlice controller adds 2 Pods to the endpoints of web.
               kube-proxy on every node writes rules: requests to web now go to one of 2 Pods.
            # one is deleted
               kubectl delete pod one goes to the API server.
            1  The API server does not remove Pod one. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  Two hear of it at the same moment: the kubelet and the EndpointSlice controller. Neither waits for the other.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
            3B The EndpointSlice controller keeps the endpoint of Pod one, and marks it: ready is false, terminating is true.
            4B kube-proxy on every node takes Pod one out of its rules. New requests no longer reach it.
             A No container is left, so pause ends too. The Linux namespaces of Pod one go with it.
            3B The EndpointSlice controller takes the endpoint of Pod one out.
             A The kubelet asks for the last deletion. Pod one is gone from etcd now, and no controller makes another.
        "#]],
    );
}

const STUBBORN: &str = "
apiVersion: v1
kind: Pod
metadata: {name: stubborn}
spec:
  terminationGracePeriodSeconds: 5
  containers:
  - {name: sh, image: busybox:1.36, command: [sh, -c, \"trap '' TERM; while true; do sleep 1; done\"]}
---
apiVersion: v1
kind: Pod
metadata: {name: draining}
spec:
  containers:
  - {name: sh, image: busybox:1.36, command: [sh, -c, \"trap 'sleep 3; exit 0' TERM; while true; do sleep 1; done\"]}
---
apiVersion: v1
kind: Pod
metadata: {name: hooked}
spec:
  containers:
  - {name: web, image: nginx:1.25, lifecycle: {preStop: {sleep: {seconds: 3}}}}
";

#[test]
fn what_a_program_does_with_its_signal_is_told_as_it_was() {
    let commands = [
        (0, "kubectl apply -f app.yaml"),
        (9_000, "kubectl delete pod stubborn"),
        (30_000, "kubectl delete pod draining"),
        (50_000, "kubectl delete pod hooked"),
        (70_000, "kubectl delete pod hooked"),
    ];
    check(
        STUBBORN,
        &commands,
        expect![[r#"
            # Apply app.yaml
               kubectl reads app.yaml and sends 3 objects to the API server.
               The API server checks 3 objects one after the other, and etcd stores them.
               The scheduler gives each of the 3 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 3 of them.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 nodes do not have the image busybox:1.36 yet, so each container runtime pulls it.
               node-2 does not have the image nginx:1.25 yet, so its container runtime pulls it.
               3 containers start and join the Linux namespaces that pause holds.
               3 Pods are ready: the condition Ready is True.
            # stubborn is deleted
               kubectl delete pod stubborn goes to the API server.
            1  The API server does not remove Pod stubborn. It writes a deletionTimestamp and a grace period of 5 s into it.
            2  The kubelet of its node hears that Pod stubborn is to end. No Service has it as an endpoint.
            5A The kubelet has its container runtime send SIGTERM to PID 1 of sh. The API server sends no signal.
            6A sh does not end on SIGTERM, and goes on. 4.9 s of the grace period are left.
            7A The grace period is over. sh gets SIGKILL, which no process can ignore.
             A No container is left, so pause ends too. The Linux namespaces of Pod stubborn go with it.
             A The kubelet asks for the last deletion. Pod stubborn is gone from etcd now, and no controller makes another.
            # draining is deleted
               kubectl delete pod draining goes to the API server.
            1  The API server does not remove Pod draining. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node hears that Pod draining is to end. No Service has it as an endpoint.
            5A The kubelet has its container runtime send SIGTERM to PID 1 of sh. The API server sends no signal.
            6A sh has got SIGTERM and does not end at once: it may finish what it has begun. 30 s of the grace period are left.
             A sh has ended with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod draining go with it.
             A The kubelet asks for the last deletion. Pod draining is gone from etcd now, and no controller makes another.
            # hooked is deleted
               kubectl delete pod hooked goes to the API server.
            1  The API server does not remove Pod hooked. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node hears that Pod hooked is to end. No Service has it as an endpoint.
             A The kubelet runs the preStop hook of web first. The grace period is running already.
             A The preStop hook of web has ended. 26.9 s of the grace period are left.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod hooked go with it.
             A The kubelet asks for the last deletion. Pod hooked is gone from etcd now, and no controller makes another.
            # kubectl delete pod hooked
               kubectl delete pod hooked goes to the API server.
               There is no Pod hooked to be changed, says the API server.
        "#]],
    );
}

#[test]
fn a_deployment_is_scaled_rolled_out_and_removed() {
    let commands = [
        (0, "kubectl apply -f app.yaml"),
        (9_000, "kubectl scale deployment web --replicas=1"),
        (20_000, "kubectl set image deployment/web web=nginx:1.27"),
        (40_000, "kubectl rollout undo deployment/web"),
        (60_000, "kubectl delete deployment web"),
        (70_000, "kubectl get pods"),
    ];
    check(
        DEPLOYMENT,
        &commands,
        expect![[r#"
            # Apply app.yaml
               kubectl reads app.yaml and sends one object to the API server.
               The API server checks the Deployment web, and etcd stores it.
               The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-74c8c867c7, which is to keep 3 Pods.
               The ReplicaSet web-74c8c867c7 wants 3 Pods and sees none, so its controller makes 3.
               The scheduler gives each of the 3 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 3 of them.
               2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               3 containers start and join the Linux namespaces that pause holds.
               3 Pods are ready: the condition Ready is True.
               The Deployment web has all it asks for: 3 Pods are ready.
            # web from 3 to 1
               kubectl scale deployment web --replicas=1 goes to the API server.
               Deployment web is to have one replica instead of 3.
            1  The ReplicaSet web-74c8c867c7 wants one Pod and sees 3, so its controller deletes 2.
            2  The kubelets of their nodes hear that 2 Pods are to end. No Service has them as endpoints.
               The Deployment web has all it asks for: one Pod is ready.
            5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 2 containers. The API server sends no signal.
            6A 2 containers end at once on SIGQUIT.
             A No container is left in 2 Pods, so pause ends there too. Their Linux namespaces go with it.
             A The kubelets ask for the last deletion. Now 2 Pods are gone from etcd.
            # web rolls out
               kubectl set image deployment/web web=nginx:1.27 goes to the API server.
               The API server takes the new Deployment web, and etcd stores it.
               The Pod template of web has changed. Its controller makes a new ReplicaSet for it, revision 2.
               The ReplicaSet web-9c95f78cd wants one Pod and sees none, so its controller makes one.
               The scheduler looks at each node and writes node-1 into Pod web-9c95f78cd-cxz5c. It starts nothing itself.
               The kubelet on node-1 watches for Pods with its name, and finds Pod web-9c95f78cd-cxz5c.
               pause starts first in Pod web-9c95f78cd-cxz5c. It holds the Linux namespaces net, ipc and uts, and sleeps.
               node-1 does not have the image nginx:1.27 yet, so its container runtime pulls it.
               The container web starts and joins the Linux namespaces that pause holds.
               Every container of Pod web-9c95f78cd-cxz5c is ready, so its condition Ready is True.
               The old ReplicaSet web-74c8c867c7 shrinks from 1 to 0.
            1  The ReplicaSet web-74c8c867c7 wants no Pod and sees 1, so its controller deletes one.
            2  The kubelet of its node hears that Pod web-74c8c867c7-zmdwv is to end. No Service has it as an endpoint.
               All Pods of web are of revision 2. The old ReplicaSet stays, with no Pods, for an undo.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod web-74c8c867c7-zmdwv go with it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-74c8c867c7-zmdwv is gone from etcd.
            # web goes back
               kubectl rollout undo deployment/web goes to the API server.
               The API server takes the new Deployment web, and etcd stores it.
               The template of revision 1 is the newest again. Its old ReplicaSet is used once more.
               The new ReplicaSet web-74c8c867c7 grows from 0 to 1.
               The ReplicaSet web-74c8c867c7 wants one Pod and sees none, so its controller makes one.
               The scheduler looks at each node and writes node-2 into Pod web-74c8c867c7-dzxkw. It starts nothing itself.
               The kubelet on node-2 watches for Pods with its name, and finds Pod web-74c8c867c7-dzxkw.
               pause starts first in Pod web-74c8c867c7-dzxkw. It holds the Linux namespaces net, ipc and uts, and sleeps.
               The container web starts and joins the Linux namespaces that pause holds.
               Every container of Pod web-74c8c867c7-dzxkw is ready, so its condition Ready is True.
               The old ReplicaSet web-9c95f78cd shrinks from 1 to 0.
            1  The ReplicaSet web-9c95f78cd wants no Pod and sees 1, so its controller deletes one.
            2  The kubelet of its node hears that Pod web-9c95f78cd-cxz5c is to end. No Service has it as an endpoint.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
               All Pods of web are of revision 3. The old ReplicaSet stays, with no Pods, for an undo.
             A No container is left, so pause ends too. The Linux namespaces of Pod web-9c95f78cd-cxz5c go with it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-9c95f78cd-cxz5c is gone from etcd.
            # web is deleted
               kubectl delete deployment web goes to the API server.
               The Deployment web is deleted. The garbage collector will delete what it owned.
               The garbage collector deletes 2 objects whose owner is gone.
            1  The API server does not remove Pod web-74c8c867c7-dzxkw. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node hears that Pod web-74c8c867c7-dzxkw is to end. No Service has it as an endpoint.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod web-74c8c867c7-dzxkw go with it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-74c8c867c7-dzxkw is gone from etcd.
            # kubectl get pods
               kubectl get pods goes to the API server.
        "#]],
    );
}

#[test]
fn a_job_runs_to_its_end() {
    let yaml = "
apiVersion: batch/v1
kind: Job
metadata: {name: sum}
spec:
  completions: 2
  parallelism: 2
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox:1.36, command: [sleep, \"2\"]}]
";
    check(
        yaml,
        &[(0, "kubectl apply -f app.yaml")],
        expect![[r#"
        # Apply app.yaml
           kubectl reads app.yaml and sends one object to the API server.
           The API server checks the Job sum, and etcd stores it.
           The Job sum needs Pods that run to their end, so its controller makes 2.
           The scheduler gives each of the 2 Pods a node. It starts nothing itself.
           Each kubelet watches for Pods with its name, and finds 2 of them.
           pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           2 nodes do not have the image busybox:1.36 yet, so each container runtime pulls it.
           2 containers start and join the Linux namespaces that pause holds.
           2 Pods are ready: the condition Ready is True.
           Every container of 2 Pods has ended with exit code 0: their phase is Succeeded.
           2 Pods have ended well, and the Job sum asks for no more: it is Complete.
    "#]],
    );
}
