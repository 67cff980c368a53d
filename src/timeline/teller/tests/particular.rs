//! Stories in which something is not as it mostly is, and is told as it was: signals that differ, containers that nothing starts again,
//! Services that select nothing, commands that only wait, claims without a volume.

use super::{recorded, told};
use crate::cluster::setup::Setup;
use crate::cluster::time::SimTime;
use crate::timeline::{Act, Start, Timeline};
use crate::words::{Language, text};
use expect_test::{Expect, expect};

/// The sentences of a run that have some of these words, in English.
#[track_caller]
fn check_some(yaml: &str, commands: &[(u64, &str)], words: &[&str], expect: Expect) {
    let story = told(recorded(yaml, commands).story());
    let some = story.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    expect.assert_eq(&some.map(|line| format!("{}\n", line.trim())).collect::<String>());
}

const SIGNALS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: old}
spec: {containers: [{name: web, image: nginx:1.14.2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: new}
spec: {containers: [{name: web, image: nginx:1.27}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db}
spec: {containers: [{name: db, image: postgres:16, env: [{name: POSTGRES_PASSWORD, value: x}]}]}
";

#[test]
fn each_signal_is_told_where_containers_get_different_ones() {
    let commands = [(0, "kubectl apply -f app.yaml"), (20_000, "kubectl delete pods --all")];
    let timeline = recorded(SIGNALS, &commands);
    expect![[r#"
        The kubelets have their container runtimes send PID 1 of each of 3 containers its stop signal (SIGINT, SIGTERM, SIGQUIT). The API server sends no signal.
        3 containers end at once on their stop signals (SIGINT, SIGTERM, SIGQUIT).
    "#]].assert_eq(&some_of(&timeline, Language::En));
    expect![[r#"
        kubelet이 컨테이너 런타임을 시켜 컨테이너 3개의 PID 1에 저마다의 종료 신호(SIGINT, SIGTERM, SIGQUIT)를 보냅니다. API 서버가 보내는 것이 아닙니다.
        저마다의 종료 신호(SIGINT, SIGTERM, SIGQUIT)를 받은 컨테이너 3개가 바로 끝납니다.
    "#]].assert_eq(&some_of(&timeline, Language::Ko));
}

fn some_of(timeline: &Timeline, language: Language) -> String {
    let said = timeline.story().beats.iter().map(|beat| text(language, beat.say.id, &beat.say.args));
    said.filter(|said| said.contains("SIG")).map(|said| said + "\n").collect()
}

const NEVER: &str = "
apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {restartPolicy: Never, containers: [{name: work, image: busybox:1.36, command: [sh, -c, 'sleep 3; exit 1']}]}
---
apiVersion: v1
kind: Pod
metadata: {name: good}
spec: {restartPolicy: OnFailure, containers: [{name: work, image: busybox:1.36, command: [sh, -c, 'sleep 9']}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  restartPolicy: Never
  containers:
  - {name: short, image: busybox:1.36, command: [sh, -c, 'sleep 20; exit 1']}
  - {name: long, image: busybox:1.36, command: [sh, -c, 'sleep 30']}
---
apiVersion: v1
kind: Pod
metadata: {name: prepares}
spec:
  restartPolicy: Never
  initContainers: [{name: prepare, image: busybox:1.36, command: [sh, -c, 'sleep 40; exit 1']}]
  containers: [{name: work, image: busybox:1.36, command: [sh, -c, 'sleep 3']}]
";

#[test]
fn what_nothing_starts_again_takes_pause_with_it() {
    let commands = [(0, "kubectl apply -f app.yaml")];
    check_some(
        NEVER,
        &commands,
        &["ended", "pause ends", "phase is"],
        expect![[r#"
            The init container prepare starts. The others wait until it has ended well.
            work in Pod bad has ended with exit code 1. Nothing starts it again: pause is to end too, and the Pod stays as an object.
            No container is left, so pause ends too. The Linux namespaces of Pod bad go with it.
            Every container of Pod bad has ended, one of them with an error: its phase is Failed.
            No container is left, so pause ends too. The Linux namespaces of Pod good go with it.
            Every container of Pod good has ended with exit code 0: its phase is Succeeded.
            short in Pod two has ended with exit code 1. Nothing starts it again; the Pod's other containers go on, with its IP and pause.
            No container is left, so pause ends too. The Linux namespaces of Pod two go with it.
            Every container of Pod two has ended, one of them with an error: its phase is Failed.
            prepare in Pod prepares has ended with exit code 1. Nothing starts it again: pause is to end too, and the Pod stays as an object.
            No container is left, so pause ends too. The Linux namespaces of Pod prepares go with it.
            Every container of Pod prepares has ended, one of them with an error: its phase is Failed.
        "#]],
    );
}

const SELECTS_NOTHING: &str = "
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: wep}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: nginx:1.27}]}
";

#[test]
fn a_slice_without_addresses_is_told_to_be_empty() {
    let service = "kubectl create service clusterip late --tcp=80";
    let label = "kubectl set selector service/late app=web";
    let commands = [(0, "kubectl apply -f app.yaml"), (9_000, service), (12_000, label)];
    check_some(
        SELECTS_NOTHING,
        &commands,
        &["EndpointSlice"],
        expect![[r#"
        The EndpointSlice controller finds no Pod with the labels that the Service web selects, so the EndpointSlice that it writes is empty.
        The EndpointSlice controller finds no Pod with the labels that the Service late selects, so the EndpointSlice that it writes is empty.
        The EndpointSlice controller adds Pod web to the endpoints of late.
    "#]],
    );
    let commands = [
        (0, "kubectl run web --image=nginx:1.27 --labels=app=web"),
        (500, "kubectl expose pod web --port=80"),
    ];
    check_some(
        "",
        &commands,
        &["EndpointSlice"],
        expect![[r#"
        No Pod that the Service web selects has an address yet, so the EndpointSlice controller writes an EndpointSlice that is empty.
        The EndpointSlice controller adds Pod web to the endpoints of web.
    "#]],
    );
    let commands = [
        (0, "kubectl run web --image=nginx:1.27 --labels=app=web"),
        (9_000, "kubectl expose pod web --port=80"),
    ];
    check_some(
        "",
        &commands,
        &["EndpointSlice"],
        expect![[r#"
        The EndpointSlice controller looks for Pods that the Service web selects, and writes their addresses into an EndpointSlice.
        The EndpointSlice controller adds Pod web to the endpoints of web.
    "#]],
    );
}

#[test]
fn a_command_that_only_waits_gives_up() {
    let commands = [
        (0, "kubectl create deployment web --image=nginx:9.99"),
        (5_000, "kubectl rollout status deployment/web --timeout=30s"),
        (40_000, "kubectl wait deployment/web --for=condition=Available --timeout=500ms"),
        (42_000, "kubectl get pod nobody"),
        (43_000, "kubectl apply -f nothing.yaml"),
    ];
    check_some(
        "",
        &commands,
        &["gives up", "exit code", "fails"],
        expect![[r#"
        kubectl rollout status deployment/web --timeout=30s gives up: it has waited 30 s.
        kubectl wait deployment/web --for=condition=Available --timeout=500ms gives up: it has waited 587 ms.
        kubectl get pod nobody ends with exit code 1.
        kubectl apply -f nothing.yaml fails: nothing has changed.
    "#]],
    );
}

const CLAIMS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers: [{name: db, image: redis:7, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
";
const CLAIM: &str = "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";
const LARGE: &str = "
apiVersion: v1
kind: Pod
metadata: {name: large}
spec: {containers: [{name: web, image: nginx:1.27, resources: {requests: {cpu: 900}}}]}
";

#[test]
fn no_node_is_at_fault_where_a_claim_has_no_volume() {
    let yaml = format!("{CLAIMS}---{LARGE}");
    let start = Start {
        setup: Setup::with_seed(1),
        namespace: "default".into(),
        files: [("app.yaml".into(), (&*yaml).into()), ("claim.yaml".into(), CLAIM.into())].into(),
    };
    let mut timeline = Timeline::new(start);
    for (at, line) in [(0, "kubectl apply -f app.yaml"), (5_000, "kubectl apply -f claim.yaml")] {
        timeline.act(SimTime::millis(at), Act::Command(line.into()));
    }
    while timeline.record(SimTime::millis(60_000), 1_000) {}
    let story = told(timeline.story());
    let some: String = story
        .lines()
        .filter(|line| line.contains("Pending"))
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    expect![[r#"
        Pod db is stored, but it has no node yet. It is Pending.
        Pod db mounts a claim that is not there, so it stays Pending. The scheduler will try again.
        Pod large is stored, but it has no node yet. It is Pending.
        No node can take Pod large, so it stays Pending: 2 Insufficient cpu. The scheduler will try again.
        Pod db mounts a claim that has no volume yet, so it stays Pending, whatever room the nodes have. The scheduler will try again.
    "#]].assert_eq(&some);
}

/// A drain goes on asking for what it cannot evict, and somebody looks at the Pods meanwhile.
#[test]
fn what_a_command_sends_is_told_once() {
    let yaml = format!("{}---\n{}", super::DEPLOYMENT, BUDGET);
    let commands = [
        (0, "kubectl apply -f app.yaml"),
        (9_000, "kubectl drain node-1 --ignore-daemonsets"),
        (12_000, "kubectl get pods"),
        (19_000, "kubectl delete pdb web"),
    ];
    check_some(
        &yaml,
        &commands,
        &["drain"],
        expect![[r#"
        # kubectl drain node-1 --ignore-daemonsets
        kubectl drain node-1 --ignore-daemonsets goes to the API server.
    "#]],
    );
}

const BUDGET: &str = "
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}
";

#[test]
fn one_signal_is_told_of_all_that_got_it() {
    let commands = [(0, "kubectl apply -f app.yaml"), (9_000, "kubectl delete deployment web")];
    check_some(
        super::DEPLOYMENT,
        &commands,
        &["SIG"],
        expect![[r#"
        5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 3 containers. The API server sends no signal.
        6A 3 containers end at once on SIGQUIT.
    "#]],
    );
}
