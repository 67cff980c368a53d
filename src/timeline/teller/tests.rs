//! Stories as they are told, beat by beat, in English.

mod particular;

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
pub(super) fn told(story: &Story) -> String {
    let mut out = String::new();
    for chapter in story.chapters.iter().filter(|chapter| !chapter.beats.is_empty()) {
        _ = writeln!(out, "# {}", text(Language::En, chapter.title.id, &chapter.title.args));
        for beat in &story.beats[chapter.beats.clone()] {
            // Where a step ends, it is what is told.
            assert_eq!(story.beat_at(beat.to), Some(beat));
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

pub(super) const DEPLOYMENT: &str = "
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
           pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
           3 containers start and join the Linux namespaces that pause holds.
           3 Pods get ready, and the condition Ready becomes True.
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

pub(super) const SERVICE: &str = "
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
               The EndpointSlice controller finds no Pod with the labels that the Service web selects, so the EndpointSlice that it writes is empty.
               The API server checks 2 objects one after the other, and etcd stores them.
               The scheduler gives each of the 2 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 2 of them.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
               2 containers start and join the Linux namespaces that pause holds.
               2 Pods get ready, and the condition Ready becomes True.
               The EndpointSlice controller adds 2 Pods to the endpoints of web.
               kube-proxy on every node writes rules: requests to web now go to one of 2 Pods.
            # one is deleted
               kubectl delete pod one goes to the API server.
            1  The API server does not remove Pod one. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet and the EndpointSlice controller learn of it at the same time. Neither waits for the other.
            3B The EndpointSlice controller keeps the endpoint of Pod one, and marks it: ready is false, terminating is true.
            4B kube-proxy on every node takes Pod one out of its rules. New requests no longer reach it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
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
        expect![[r##"
            # Apply app.yaml
               kubectl reads app.yaml and sends 3 objects to the API server.
               The API server checks 3 objects one after the other, and etcd stores them.
               The scheduler gives each of the 3 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 3 of them.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 nodes do not have the image busybox:1.36 yet, so each container runtime pulls it.
               node-2 does not have the image nginx:1.25 yet, so its container runtime pulls it.
               3 containers start and join the Linux namespaces that pause holds.
               3 Pods get ready, and the condition Ready becomes True.
            # stubborn is deleted
               kubectl delete pod stubborn goes to the API server.
            1  The API server does not remove Pod stubborn. It writes a deletionTimestamp and a grace period of 5 s into it.
            2  The kubelet of its node learns that Pod stubborn is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGTERM to PID 1 of sh. The API server sends no signal.
            6A sh does not end on SIGTERM, and goes on until the grace period is over.
            7A The grace period is over. sh gets SIGKILL, which no process can ignore.
             A No container is left, so pause ends too. The Linux namespaces of Pod stubborn go with it.
             A The kubelet asks for the last deletion. Pod stubborn is gone from etcd now, and no controller makes another.
            # draining is deleted
               kubectl delete pod draining goes to the API server.
            1  The API server does not remove Pod draining. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node learns that Pod draining is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGTERM to PID 1 of sh. The API server sends no signal.
            6A sh has got SIGTERM and does not end at once: it may finish what it has begun. When it has, 26.9 s of the grace period are left.
             A sh has ended with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod draining go with it.
             A The kubelet asks for the last deletion. Pod draining is gone from etcd now, and no controller makes another.
            # hooked is deleted
               kubectl delete pod hooked goes to the API server.
            1  The API server does not remove Pod hooked. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node learns that Pod hooked is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
             A The kubelet runs the preStop hook of web first. The grace period is running already.
             A The preStop hook of web has ended. 27 s of the grace period are left.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod hooked go with it.
             A The kubelet asks for the last deletion. Pod hooked is gone from etcd now, and no controller makes another.
            # kubectl delete pod hooked
               kubectl delete pod hooked goes to the API server.
               There is no Pod hooked to be changed. The API server says: pods "hooked" not found
        "##]],
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
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
               3 containers start and join the Linux namespaces that pause holds.
               3 Pods get ready, and the condition Ready becomes True.
               The Deployment web has all it asks for: 3 Pods are ready.
            # web from 3 to 1
               kubectl scale deployment web --replicas=1 goes to the API server.
               Deployment web is to have one replica instead of 3.
            1  The ReplicaSet web-74c8c867c7 wants one Pod and sees 3, so its controller deletes 2.
            2  The kubelets of their nodes learn that 2 Pods are to end. No Service has them as endpoints, so steps 3 and 4 fall away for them.
               The Deployment web has all it asks for: one Pod is ready.
            5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 2 containers. The API server sends no signal.
            6A 2 containers end at once on SIGQUIT.
             A No container is left in 2 Pods, so pause ends there too. Their Linux namespaces go with it.
             A The kubelets ask for the last deletion. Now 2 Pods are gone from etcd.
            # web rolls out
               kubectl set image deployment/web web=nginx:1.27 goes to the API server.
               The API server takes the change to Deployment web, and etcd stores it.
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
            2  The kubelet of its node learns that Pod web-74c8c867c7-zmdwv is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
               All Pods of web are of revision 2. The old ReplicaSet stays, with no Pods, for an undo.
             A No container is left, so pause ends too. The Linux namespaces of Pod web-74c8c867c7-zmdwv go with it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-74c8c867c7-zmdwv is gone from etcd.
            # web goes back
               kubectl rollout undo deployment/web goes to the API server.
               The API server takes the change to Deployment web, and etcd stores it.
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
            2  The kubelet of its node learns that Pod web-9c95f78cd-cxz5c is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
               All Pods of web are of revision 3. The old ReplicaSet stays, with no Pods, for an undo.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod web-9c95f78cd-cxz5c go with it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-9c95f78cd-cxz5c is gone from etcd.
            # web is deleted
               kubectl delete deployment web goes to the API server.
               The Deployment web is deleted. The garbage collector will delete what it owned.
               The garbage collector deletes 2 objects whose owner is gone.
            1  The API server does not remove Pod web-74c8c867c7-dzxkw. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node learns that Pod web-74c8c867c7-dzxkw is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
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
fn an_owner_that_waits_for_its_dependents_goes_after_them() {
    let timeline = recorded(
        DEPLOYMENT,
        &[
            (0, "kubectl apply -f app.yaml"),
            (9_000, "kubectl delete deployment web --cascade=foreground --wait=false"),
            (30_000, "kubectl get pods"),
        ],
    );
    let told = told(timeline.story());
    let place = |part: &str| told.lines().position(|said| said.contains(part));
    let gone = place("gone from etcd").expect("its Pods go");
    let owners = place("is done with the dependents").expect("their owners go");
    assert!(gone < owners, "{told}");
    assert_eq!(told.matches("whose owner is gone").count(), 0, "{told}");
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
               2 Pods get ready, and the condition Ready becomes True.
               No container is left in 2 Pods, so pause ends there too. Their Linux namespaces go with it.
               Every container of 2 Pods has ended with exit code 0: their phase is Succeeded.
               2 Pods have ended well, and the Job sum asks for no more: it is Complete.
        "#]],
    );
}

#[test]
fn stateful_sets_and_daemon_sets_say_what_they_do() {
    let yaml = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: db, image: nginx:1.25}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: agent, image: nginx:1.25}]}
";
    let commands = [(0, "kubectl apply -f app.yaml"), (40_000, "kubectl scale statefulset db --replicas=1")];
    check(
        yaml,
        &commands,
        expect![[r#"
            # Apply app.yaml
               kubectl reads app.yaml and sends 2 objects to the API server.
               The API server checks 2 objects one after the other, and etcd stores them.
               The StatefulSet db makes its Pods in their order, each with a name that stays. Now it is db-0.
               The scheduler looks at each node and writes node-2 into Pod db-0. It starts nothing itself.
               The kubelet on node-2 watches for Pods with its name, and finds Pod db-0.
               The DaemonSet agent wants a Pod on each node, so its controller makes 2, each for a node of its own.
               The scheduler gives each of the 2 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 2 of them.
               pause starts first in Pod db-0. It holds the Linux namespaces net, ipc and uts, and sleeps.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
               The container db starts and joins the Linux namespaces that pause holds.
               Every container of Pod db-0 is ready, so its condition Ready is True.
               The StatefulSet db makes its Pods in their order, each with a name that stays. Now it is db-1.
               The scheduler looks at each node and writes node-1 into Pod db-1. It starts nothing itself.
               The kubelet on node-1 watches for Pods with its name, and finds Pod db-1.
               2 containers start and join the Linux namespaces that pause holds.
               2 Pods get ready, and the condition Ready becomes True.
               A Pod of the DaemonSet agent is ready on each of 2 nodes.
               pause starts first in Pod db-1. It holds the Linux namespaces net, ipc and uts, and sleeps.
               The container db starts and joins the Linux namespaces that pause holds.
               Every container of Pod db-1 is ready, so its condition Ready is True.
               All 2 Pods of the StatefulSet db are ready. Their names stay, whatever happens to them.
            # db from 2 to 1
               kubectl scale statefulset db --replicas=1 goes to the API server.
               StatefulSet db is to have one replica instead of 2.
            1  The StatefulSet db takes its Pods away one by one, the last number first. Now it is db-1.
            2  The kubelet of its node learns that Pod db-1 is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of db. The API server sends no signal.
            6A db ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod db-1 go with it.
               The Pod of the StatefulSet db is ready. Its name stays, whatever happens to it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod db-1 is gone from etcd.
        "#]],
    );
}

#[test]
fn a_budget_a_schedule_and_a_refusal_are_told() {
    let yaml = "
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: node-1, terminationGracePeriodSeconds: 1, containers: [{name: web, image: nginx:1.25}]}
";
    let commands = [
        (0, "kubectl apply -f app.yaml"),
        (20_000, "kubectl drain node-1 --ignore-daemonsets --force --timeout=12s"),
        (60_000, "kubectl create -f app.yaml"),
    ];
    check(
        yaml,
        &commands,
        expect![[r##"
            # Apply app.yaml
               kubectl reads app.yaml and sends 2 objects to the API server.
               The API server checks the PodDisruptionBudget web, and etcd stores it.
               The PodDisruptionBudget web has no healthy Pod and needs one, so none may be taken away now.
               Pod web is stored, but it has no node yet. It is Pending.
               The kubelet on node-1 watches for Pods with its name, and finds Pod web.
               pause starts first in Pod web. It holds the Linux namespaces net, ipc and uts, and sleeps.
               node-1 does not have the image nginx:1.25 yet, so its container runtime pulls it.
               The container web starts and joins the Linux namespaces that pause holds.
               Every container of Pod web is ready, so its condition Ready is True.
            # kubectl drain node-1 --ignore-daemonsets --force --timeout=12s
               kubectl drain node-1 --ignore-daemonsets --force --timeout=12s goes to the API server.
               node-1 is cordoned: its spec.unschedulable is true, so the scheduler gives it no new Pods. Those that are there stay.
               The API server refuses to evict Pod web: a PodDisruptionBudget allows no disruption now. kubectl asks again every five seconds.
               kubectl drain node-1 --ignore-daemonsets --force --timeout=12s gives up: it has waited 12 s.
            # kubectl create -f app.yaml
               kubectl create -f app.yaml goes to the API server.
               The API server refuses the PodDisruptionBudget web: poddisruptionbudgets.policy "web" already exists
        "##]],
    );
}

#[test]
fn a_node_that_is_not_heard_of_is_told() {
    let mut timeline = recorded(DEPLOYMENT, &[(0, "kubectl apply -f app.yaml")]);
    timeline.show(SimTime::millis(10_000));
    let fault = crate::cluster::fault::Fault::KubeletStops(crate::cluster::record::NodeId(0));
    timeline.act(SimTime::millis(10_000), Act::Fault(fault));
    while timeline.record(SimTime::millis(10_000), 1_000) {}
    expect![[r#"
        # Apply app.yaml
           kubectl reads app.yaml and sends one object to the API server.
           The API server checks the Deployment web, and etcd stores it.
           The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-74c8c867c7, which is to keep 3 Pods.
           The ReplicaSet web-74c8c867c7 wants 3 Pods and sees none, so its controller makes 3.
           The scheduler gives each of the 3 Pods a node. It starts nothing itself.
           Each kubelet watches for Pods with its name, and finds 3 of them.
           pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
           3 containers start and join the Linux namespaces that pause holds.
           3 Pods get ready, and the condition Ready becomes True.
           The Deployment web has all it asks for: 3 Pods are ready.
        # Something breaks
           The kubelet on node-1 falls silent. Its containers run on.
           The control plane has heard nothing from the kubelet on node-1 for too long. The condition Ready of the node is Unknown now.
           Nobody knows how the Pods on node-1 are, so the condition Ready of 2 of them is set to False.
        1  The Pods on node-1 do not tolerate its taint any longer, so 2 of them are deleted.
        2  The kubelet on node-1 is silent and ends nothing. 2 Pods stay Terminating until it is back, or somebody uses --force.
           The ReplicaSet web-74c8c867c7 wants 3 Pods and sees one, so its controller makes 2.
           The scheduler gives each of the 2 Pods a node. It starts nothing itself.
           Each kubelet watches for Pods with its name, and finds 2 of them.
           pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
           2 containers start and join the Linux namespaces that pause holds.
           2 Pods get ready, and the condition Ready becomes True.
           The Deployment web has all it asks for: 3 Pods are ready.
    "#]].assert_eq(&told(timeline.story()));
}

#[test]
fn a_crowd_is_told_once() {
    let one = |number: usize| DEPLOYMENT.replace("name: web}", &format!("name: web-{number}}}"));
    let yaml: Vec<String> =
        (0..40).map(|number| one(number).replace("app: web", &format!("app: web-{number}"))).collect();
    check(
        &yaml.join("---"),
        &[(0, "kubectl apply -f app.yaml")],
        expect![[r#"
            # Apply app.yaml
               kubectl reads app.yaml and sends 40 objects to the API server.
               The API server checks 40 objects one after the other, and etcd stores them.
               2 nodes do not have the image nginx:1.25 yet, so each container runtime pulls it.
               The Deployment controller makes a ReplicaSet for each of 40 Deployments. A Deployment does not make Pods itself.
               The ReplicaSet controller finds that Pods are missing, and makes 120.
               The scheduler gives each of the 120 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 120 of them.
               The Deployment web-1 has all it asks for: 3 Pods are ready.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               21 containers start and join the Linux namespaces that pause holds.
               23 Pods get ready, and the condition Ready becomes True.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               99 containers start and join the Linux namespaces that pause holds.
               97 Pods get ready, and the condition Ready becomes True.
               39 Deployments have all the Pods they ask for.
        "#]],
    );
}

#[test]
fn a_container_ends_before_it_is_started_again_each_time() {
    let twins = "
apiVersion: v1
kind: Pod
metadata: {name: twins}
spec:
  containers:
  - {name: one, image: 'nginx:1.27.0'}
  - {name: two, image: 'nginx:1.27.0'}
";
    let timeline = recorded(twins, &[(0, "kubectl apply -f app.yaml")]);
    let of_container = |id: &str| matches!(id, "say.container-died" | "say.container-restarted");
    let told: Vec<&str> =
        timeline.story().beats.iter().map(|beat| beat.say.id).filter(|id| of_container(id)).collect();
    let is_in_turn = |pair: &[&str]| pair == ["say.container-died", "say.container-restarted"];
    assert!(told.len() > 5, "{told:?}");
    assert!(told.chunks_exact(2).all(is_in_turn), "{told:?}");
}
