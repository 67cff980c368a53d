//! What is being deleted, and what has been mended or started again since something was said of it.

use super::{SERVES, command, key, of_pod, pod, run};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::{Fact, MessageKind, NodeId};
use crate::cluster::time::{SECOND, SimTime};
use crate::timeline::reasons::reasons;
use crate::timeline::{Act, Target, Timeline};
use crate::words::{Language, text};
use expect_test::{Expect, expect};

/// What is said of something so many seconds after the beginning.
fn said(timeline: &Timeline, at: u64, target: &Target) -> String {
    let said = reasons(timeline.at(SimTime(at * SECOND)), target);
    said.iter().map(|said| text(Language::En, said.id, &said.args)).collect::<Vec<_>>().join("\n")
}

const KEPT: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, finalizers: [example.com/kept]}\nspec: {containers: [{name: web, image: nginx:1.25}]}\n";
const SLOW: &str = "{containers: [{name: web, image: nginx:1.25, lifecycle: {preStop: {exec: {command: [sleep, '10']}}}}, {name: log, image: nginx:1.25, ports: [], command: [sleep, '1000']}]}";

fn deployment(spec: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {spec}\n"
    )
}

#[test]
fn what_is_being_deleted_says_who_wants_that_and_what_it_waits_for() {
    let container = Target::Container { pod: key(Kind::Pod, "web"), name: "web".into() };
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: shop, finalizers: [example.com/kept]}\n";
    let cases: [(String, &str, u64, Target, Expect); 6] = [
        (
            pod(SLOW),
            "kubectl delete pod web",
            22,
            of_pod("web"),
            expect![[r#"
            The command kubectl delete pod web asked at 00:20.0 for Pod web to be deleted.
            Its containers have 30 s to end, until 00:50.0.
            The containers log, web have not ended yet."#]],
        ),
        (
            pod(SLOW),
            "kubectl delete pod web",
            22,
            container,
            expect![[r#"
            The command kubectl delete pod web asked at 00:20.0 for Pod web to be deleted.
            Its containers have 30 s to end, until 00:50.0."#]],
        ),
        (
            KEPT.into(),
            "kubectl delete pod web --wait=false",
            60,
            of_pod("web"),
            expect![[r#"
            The command kubectl delete pod web --wait=false asked at 00:20.0 for Pod web to be deleted.
            Its finalizers keep it: example.com/kept."#]],
        ),
        (
            deployment(SERVES),
            "kubectl delete deployment web --cascade=foreground --wait=false",
            21,
            Target::Object(key(Kind::Deployment, "web")),
            expect![[r#"
                The command kubectl delete deployment web --cascade=foreground --wait=false asked at 00:20.0 for Deployment web to be deleted.
                Its finalizers keep it: foregroundDeletion.
                One object that it owns has to go first."#]],
        ),
        (
            namespace.into(),
            "kubectl delete namespace shop --wait=false",
            40,
            Target::Object(ObjectKey::new(Kind::Namespace, "", "shop")),
            expect![[r#"
                The command kubectl delete namespace shop --wait=false asked at 00:20.0 for Namespace shop to be deleted.
                SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances
                SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/kept in 1 resource instances"#]],
        ),
        (
            namespace.into(),
            "kubectl delete configmap web -n shop --wait=false",
            22,
            Target::Object(ObjectKey::new(Kind::ConfigMap, "shop", "web")),
            expect![[r#"
                The command kubectl delete configmap web -n shop --wait=false asked at 00:20.0 for ConfigMap web to be deleted.
                Its finalizers keep it: example.com/kept."#]],
        ),
    ];
    for (file, line, at, target, expected) in cases {
        let timeline = run(&file, &[(20, command(line)), (at + 1, command("kubectl get nodes"))]);
        expected.assert_eq(&said(&timeline, at, &target));
    }
}

#[test]
fn a_shorter_grace_period_counts_from_when_it_was_asked_for() {
    let shorter = command("kubectl delete pod web --grace-period=12 --wait=false");
    let timeline = run(
        &pod(SLOW),
        &[
            (20, command("kubectl delete pod web --wait=false")),
            (25, shorter),
            (30, command("kubectl get nodes")),
        ],
    );
    expect![[r#"
        The command kubectl delete pod web --wait=false asked at 00:20.0 for Pod web to be deleted.
        Its containers have 12 s to end, until 00:37.0.
        The containers log, web have not ended yet."#]]
    .assert_eq(&said(&timeline, 28, &of_pod("web")));
}

#[test]
fn a_pod_that_is_ended_by_others_says_by_whom_and_why_it_stays() {
    let scaled = command("kubectl scale deployment web --replicas=0");
    let timeline = run(&deployment(SLOW), &[(20, scaled), (23, command("kubectl get nodes"))]);
    let own = timeline.at(SimTime(22 * SECOND)).objects(Kind::Pod, None).next().expect("it ends").key();
    expect![[r#"
        replicaset-controller asked at 00:20.1 for Pod web-7fd4f5967d-cqflp to be deleted, because of kubectl scale deployment web --replicas=0.
        Its containers have 30 s to end, until 00:50.1.
        The containers log, web have not ended yet."#]].assert_eq(&said(&timeline, 22, &Target::Object(own)));

    let off = Act::Fault(Fault::NodeDies(NodeId(0)));
    let timeline = run(&pod(SERVES), &[(20, off), (400, command("kubectl get nodes"))]);
    expect![[r#"
        taint-eviction-controller asked at 06:13.0 for Pod web to be deleted.
        Its containers have 30 s to end, until 06:43.0.
        Only the kubelet on node-1 can tell that its containers have ended, and nothing is heard of it: Kubelet stopped posting node status."#]].assert_eq(&said(&timeline, 399, &of_pod("web")));
}

#[test]
fn what_was_mended_since_is_not_said() {
    let quota =
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {pods: \"1\"}}\n---\n";
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\nspec:\n  replicas: 2\n  serviceName: web\n  podManagementPolicy: Parallel\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: nginx:no-such-tag}]}\n";
    let mended = command("kubectl delete resourcequota few");
    let timeline = run(&format!("{quota}{set}"), &[(20, mended), (300, command("kubectl get pods"))]);
    let set = Target::Object(key(Kind::StatefulSet, "web"));
    let told = |at| {
        said(&timeline, at, &set)
            .lines()
            .map(|line| line.chars().take(60).collect())
            .collect::<Vec<String>>()
            .join("\n")
    };
    expect![[r#"
        FailedCreate: Create Pod web-1 in StatefulSet web failed err
        Its Pod web-0 is not ready:
        The container web waits: ImagePullBackOff. Back-off pulling "#]]
    .assert_eq(&told(19));
    expect![[r#"
        2 of its Pods are not ready, such as web-0:
        The container web waits: ImagePullBackOff. Back-off pulling "#]]
    .assert_eq(&told(299));
}

#[test]
fn a_container_that_was_started_again_is_not_what_it_was() {
    let probed = "{containers: [{name: web, image: nginx:1.25, livenessProbe: {tcpSocket: {port: 81}, periodSeconds: 1, failureThreshold: 3}, readinessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 60}}]}";
    let timeline = run(&pod(probed), &[(60, command("kubectl get pods"))]);
    let container = Target::Container { pod: key(Kind::Pod, "web"), name: "web".into() };
    let history = timeline.history();
    let started = history.records().iter().filter_map(|record| match &record.fact {
        Fact::Object { object, .. } => {
            let status = &object.get::<crate::api::objects::Pod>()?.status;
            let own = status.container_statuses.first()?;
            (own.restart_count == 1 && own.state.running.is_some()).then_some(record.time)
        }
        _ => None,
    });
    let at = started.min().expect("it is started again");
    for target in [of_pod("web"), container] {
        let told = reasons(timeline.at(at), &target);
        let told: Vec<String> = told.iter().map(|said| text(Language::En, said.id, &said.args)).collect();
        assert!(!told.iter().any(|line| line.contains("Unhealthy")), "{target:?}: {told:?}");
        assert!(!told.is_empty(), "{target:?}");
    }
}

#[test]
fn what_comes_of_a_request_beside_its_object_is_not_the_askers_own_writing() {
    let quota =
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {pods: \"5\"}}\n---\n";
    let timeline = run(&format!("{quota}{}", deployment(SERVES)), &[]);
    let history = timeline.history();
    let mut lines: Vec<String> = Vec::new();
    for record in history.records() {
        let Fact::Message(message) = &record.fact else { continue };
        let MessageKind::Watch(_, key) = &message.kind else { continue };
        if !matches!(key.kind, Kind::ResourceQuota | Kind::Pod) {
            continue;
        }
        let said = reasons(timeline.at(history.end()), &Target::Message(record.id));
        let line = said.iter().map(|said| text(Language::En, said.id, &said.args)).collect::<String>();
        let line = line.split(": ").skip(1).collect::<Vec<_>>().join(": ");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    expect![[r#"
        ADDED ResourceQuota few. It was written by kubectl apply -f web.yaml: POST /api/v1/namespaces/default/resourcequotas
        MODIFIED ResourceQuota few. It was written by resourcequota-controller: PUT /api/v1/namespaces/default/resourcequotas/few/status
        MODIFIED ResourceQuota few. It wrote that by itself, while it did what replicaset-controller asked for: POST /api/v1/namespaces/default/pods
        ADDED Pod web-74c8c867c7-zmdwv. It was written by replicaset-controller: POST /api/v1/namespaces/default/pods
        MODIFIED Pod web-74c8c867c7-zmdwv. It was written by kube-scheduler: POST /api/v1/namespaces/default/pods/web-74c8c867c7-zmdwv/binding
        ADDED Pod web-74c8c867c7-zmdwv. It was written by kube-scheduler: POST /api/v1/namespaces/default/pods/web-74c8c867c7-zmdwv/binding
        MODIFIED Pod web-74c8c867c7-zmdwv. It was written by kubelet (node-2): PUT /api/v1/namespaces/default/pods/web-74c8c867c7-zmdwv/status"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn what_ends_while_finalizers_hold_it_had_not_finished_when_its_deletion_was_asked_for() {
    let once =
        "restartPolicy: Never, containers: [{name: web, image: busybox:1.36, command: [sleep, '1000']}]";
    let kept = KEPT.replace("containers: [{name: web, image: nginx:1.25}]", once);
    let free = kept.replace(", finalizers: [example.com/kept]", "");
    let acts = [
        (20, command("kubectl delete pod web --force --wait=false")),
        (60, Act::File("free.yaml".into(), Some(free.into()))),
        (60, command("kubectl apply -f free.yaml")),
    ];
    let timeline = run(&kept, &acts);
    let last = timeline.at(SimTime(60 * SECOND)).get::<Pod>("default", "web").expect("finalizers hold it");
    assert!(is_pod_terminal(last), "{:?}", last.status.phase);
    assert!(timeline.at(SimTime(70 * SECOND)).get::<Pod>("default", "web").is_none());
    assert_eq!(said(&timeline, 70, &of_pod("web")), "");
}
