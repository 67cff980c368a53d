//! Small runs, and what is told of what is in them: the reason, then the steps that led there.

mod ending;

use super::{reasons, who};
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::{Actor, Fact, MessageKind, NodeId};
use crate::cluster::setup::Setup;
use crate::cluster::time::{SECOND, SimTime};
use crate::cluster::traffic::{Client, Outcome, Sender};
use crate::kubectl::Files;
use crate::timeline::{Act, Presence, RowKey, Start, Target, Timeline, View};
use crate::words::{Language, text};
use expect_test::{Expect, expect};

/// A run in which files are applied, and more is done later, each so many seconds after the beginning.
fn run(file: &str, acts: &[(u64, Act)]) -> Timeline {
    let files = Files::from([("web.yaml".into(), file.into())]);
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
    let mut timeline = Timeline::new(start);
    timeline.act(SimTime::ZERO, Act::Command("kubectl apply -f web.yaml".into()));
    for (at, act) in acts {
        let at = SimTime(at * SECOND);
        while timeline.record(at, 10_000) {}
        timeline.act(at, act.clone());
    }
    while timeline.record(timeline.history().end(), 10_000) {}
    timeline
}

fn command(line: &str) -> Act {
    Act::Command(line.into())
}

/// A Pod or what makes Pods, all of it in one line, and more below.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web, labels: {{app: web}}}}\nspec: {spec}\n")
}

const SERVES: &str = "{containers: [{name: web, image: nginx:1.25, ports: [{containerPort: 80}]}]}";
const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";

fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey::new(kind, "default", name)
}

fn of_pod(name: &str) -> Target {
    Target::Object(key(Kind::Pod, name))
}

#[track_caller]
fn check(view: View, timeline: &Timeline, target: &Target, expected: Expect) {
    let mut told: Vec<String> =
        reasons(view, target).iter().map(|said| text(Language::En, said.id, &said.args)).collect();
    let why = timeline.story().why_of(view, target);
    if let Some(why) = &why {
        told.extend(
            why.command.and_then(|client| view.command(client)).map(|command| format!("$ {}", command.line)),
        );
        told.extend(
            why.applied
                .iter()
                .map(|applied| format!("  {} {}", applied.key.kind.info().name, applied.key.name)),
        );
        told.extend(why.beats.iter().map(|beat| format!("- {}", beat.say.id)));
    }
    expected.assert_eq(&told.join("\n"));
}

#[test]
fn what_is_asked_is_found_in_the_records() {
    let timeline = run(&pod(SERVES), &[(20, command("kubectl delete pod web"))]);
    let view = timeline.at(SimTime(15 * SECOND));
    let end = timeline.at(timeline.history().end());
    let container = Target::Container { pod: key(Kind::Pod, "web"), name: "web".into() };
    let pod = view.get::<Pod>("default", "web").expect("it runs");
    let processes = view.processes_of(pod, Some("web"));
    assert_eq!(view.processes_of(pod, None).len(), processes.len() + 1, "and pause");
    let process = processes[0].clone();
    let message = view.history().records().iter().find(|record| matches!(record.fact, Fact::Message(_)));
    let message = Target::Message(message.expect("something was said").id);
    let none = Target::Message(view.row(&RowKey::Object(key(Kind::Pod, "web"))).expect("it is there").id);
    for (target, expected) in [
        (&of_pod("web"), ("Object", true, "Object", true)),
        (&of_pod("other"), ("nothing", false, "nothing", false)),
        (&container, ("Container", true, "Container", true)),
        (&process, ("Process", true, "Process", true)),
        (&message, ("Message", false, "Message", false)),
        (&none, ("nothing", false, "nothing", false)),
        (&Target::Request(0), ("nothing", false, "nothing", false)),
    ] {
        let fact = |view: View| {
            view.asked(target).map_or("nothing".to_owned(), |record| {
                let name = format!("{:?}", record.fact);
                name.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
            })
        };
        let is_there = |view: View| view.presence(target) == Presence::There;
        let (now, later) = (is_there(view), fact(end));
        assert_eq!(
            (fact(view).as_str(), now, later.as_str()),
            (expected.0, expected.1, expected.2),
            "{target:?}"
        );
        if expected.3 {
            let Presence::Gone { since, last } = end.presence(target) else {
                panic!("{target:?} is not gone")
            };
            assert!(timeline.at(last).presence(target) == Presence::There && since > last, "{target:?}");
        }
    }
    let Presence::ToCome { from } = timeline.at(SimTime::ZERO).presence(&of_pod("web")) else {
        panic!("not yet")
    };
    assert_eq!(timeline.at(from).presence(&of_pod("web")), Presence::There);
}

#[test]
fn a_deleted_pod_says_who_deleted_it() {
    let timeline = run(&pod(SERVES), &[(20, command("kubectl delete pod web"))]);
    let end = timeline.at(timeline.history().end());
    check(
        end,
        &timeline,
        &of_pod("web"),
        expect![[r#"
        It was deleted by the command kubectl delete pod web.
        $ kubectl delete pod web
        - say.command-sent
        - say.delete-requested
        - say.kubelet-told-of-deletion
        - say.signal-sent
        - say.ends-at-once
        - say.pause-ended
        - say.pod-gone-for-good"#]],
    );
    let container = Target::Container { pod: key(Kind::Pod, "web"), name: "web".into() };
    check(
        end,
        &timeline,
        &container,
        expect![[r#"
        It was deleted by the command kubectl delete pod web.
        $ kubectl delete pod web
        - say.command-sent
        - say.delete-requested
        - say.kubelet-told-of-deletion
        - say.signal-sent
        - say.ends-at-once"#]],
    );
}

#[test]
fn a_pod_that_a_controller_deletes_says_which_and_because_of_what() {
    let deployment = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {SERVES}\n"
    );
    let timeline = run(&deployment, &[(20, command("kubectl scale deployment web --replicas=0"))]);
    let pod = timeline.at(SimTime(15 * SECOND)).objects(Kind::Pod, None).next().expect("it runs").key();
    let end = timeline.at(timeline.history().end());
    check(
        end,
        &timeline,
        &Target::Object(pod.clone()),
        expect![[r#"
        It was deleted by replicaset-controller, because of kubectl scale deployment web --replicas=0.
        $ kubectl scale deployment web --replicas=0
        - say.command-sent
        - say.scaled
        - say.pods-removed
        - say.kubelet-told-of-deletion
        - say.signal-sent
        - say.ends-at-once
        - say.pause-ended
        - say.pod-gone"#]],
    );
    // While it runs, the chain begins at the file.
    check(
        timeline.at(SimTime(15 * SECOND)),
        &timeline,
        &Target::Object(pod),
        expect![[r#"
        $ kubectl apply -f web.yaml
          Deployment web
        - say.apply-sent
        - say.object-created
        - say.replica-set-created
        - say.pods-created
        - say.pod-scheduled
        - say.kubelet-told
        - say.pause-started
        - say.image-pulling
        - say.container-started
        - say.pod-ready"#]],
    );
}

#[test]
fn of_several_documents_the_one_that_made_it_is_named() {
    let text = format!("{}---\n{}", SERVICE.trim_start_matches("---\n"), pod(SERVES));
    let timeline = run(&text, &[]);
    let why = timeline.story().why_of(timeline.at(timeline.history().end()), &of_pod("web"));
    let applied = why.and_then(|why| why.applied).expect("a file was applied");
    assert_eq!(applied.key, key(Kind::Pod, "web"));
}

#[test]
fn a_pod_that_waits_says_what_for() {
    let at = |timeline: &Timeline| timeline.at(SimTime(20 * SECOND)).at();
    for (spec, expected) in [
        (
            "{containers: [{name: web, image: nginx:1.25, resources: {requests: {cpu: \"64\"}}}]}",
            expect![[r#"
                The scheduler finds no node for it: 0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.
                node-1 falls out at NodeResourcesFit: Insufficient cpu
                node-2 falls out at NodeResourcesFit: Insufficient cpu"#]],
        ),
        (
            "{containers: [{name: web, image: nginx:no-such-tag}]}",
            expect![[
                r#"The container web waits: ImagePullBackOff. Back-off pulling image "nginx:no-such-tag": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:no-such-tag": failed to resolve image: docker.io/library/nginx:no-such-tag: not found"#
            ]],
        ),
        (
            "{containers: [{name: web, image: nginx:1.25}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}",
            expect![[r#"
                The scheduler finds no node for it: 0/2 nodes are available: persistentvolumeclaim "data" not found. not found
                The claim data does not exist."#]],
        ),
        (
            "{containers: [{name: web, image: nginx:1.25}], volumes: [{name: data, persistentVolumeClaim: {claimName: none-such}}]}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: none-such}\nspec: {storageClassName: none-such, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
            expect![[r#"
                The scheduler finds no node for it: 0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found
                The claim none-such is not bound to a volume.
                ProvisioningFailed: storageclass.storage.k8s.io "none-such" not found"#]],
        ),
        (
            "{schedulingGates: [{name: example.com/later}], containers: [{name: web, image: nginx:1.25}]}",
            expect!["It is not to be scheduled yet: Scheduling is blocked due to non-empty scheduling gates"],
        ),
        (
            "{containers: [{name: web, image: busybox:1.36, command: [sh, -c, exit 3]}]}",
            expect!["The container web ended with exit code 3 (Error)."],
        ),
    ] {
        let timeline = run(&pod(spec), &[(20, command("kubectl get pods"))]);
        let view = timeline.at(at(&timeline));
        let told: Vec<String> = reasons(view, &of_pod("web"))
            .iter()
            .map(|said| text(Language::En, said.id, &said.args))
            .collect();
        expected.assert_eq(&told.join("\n"));
    }
}

#[test]
fn a_deployment_that_does_not_come_further_says_why() {
    let deployment = |spec: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 3\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {spec}\n"
        )
    };
    let quota =
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {pods: \"1\"}}\n---\n";
    for (file, expected) in [
        (
            format!("{quota}{}", deployment(SERVES)),
            expect![[
                r#"FailedCreate: pods "web-74c8c867c7-sj857" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1"#
            ]],
        ),
        (
            deployment("{containers: [{name: web, image: nginx:no-such-tag}]}"),
            expect![[r#"
            3 of its Pods are not ready, such as web-6f558559fb-6z6bv:
            The container web waits: ImagePullBackOff. Back-off pulling image "nginx:no-such-tag": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:no-such-tag": failed to resolve image: docker.io/library/nginx:no-such-tag: not found"#]],
        ),
        (deployment(SERVES), expect![[""]]),
    ] {
        let timeline = run(&file, &[(20, command("kubectl get pods"))]);
        let target = Target::Object(key(Kind::Deployment, "web"));
        let told: Vec<String> = reasons(timeline.at(SimTime(20 * SECOND)), &target)
            .iter()
            .map(|said| text(Language::En, said.id, &said.args))
            .collect();
        expected.assert_eq(&told.join("\n"));
    }
}

#[test]
fn a_request_says_its_way_and_why_it_failed() {
    let client = Client {
        service: key(Kind::Service, "web"),
        port: 80,
        from: Sender::Node(NodeId(0)),
        per_second: 10,
        lasts: 30 * SECOND,
        timeout: SECOND,
        connections: 0,
    };
    let file = format!("{}{SERVICE}", pod(SERVES));
    let timeline = run(&file, &[(20, Act::Requests(client)), (25, command("kubectl delete pod web --now"))]);
    let end = timeline.at(timeline.history().end());
    let find = |is: &dyn Fn(&Outcome, bool) -> bool| {
        let mut all: Vec<u32> = end
            .requests_within(u64::MAX)
            .filter(|(_, row)| {
                row.ended.as_ref().is_some_and(|(_, outcome)| is(outcome, row.endpoint.is_some()))
            })
            .map(|(number, _)| number)
            .collect();
        all.sort_unstable();
        Target::Request(*all.first().expect("there is one"))
    };
    let served = find(&|outcome, _| matches!(outcome, Outcome::Served(_)));
    check(
        end,
        &timeline,
        &served,
        expect![[r#"
        The rules on node-1 chose web (10.244.1.2:80), which answered with 200 after 7 ms.
        - say.client-begins
        - say.request-answered"#]],
    );
    let late = find(&|outcome, leads| !matches!(outcome, Outcome::Served(_)) && leads);
    check(
        end,
        &timeline,
        &late,
        expect![[r#"
        Refused: the rules on node-1 chose web, and nothing listens at 10.244.1.2:80.
        web was being deleted since 00:25.0, and the rules on node-1 still led there.
        $ kubectl delete pod web --now
        - say.client-begins
        - say.command-sent
        - say.delete-requested
        - say.both-told
        - say.requests-failed"#]],
    );
    let nowhere = find(&|_, leads| !leads);
    check(
        end,
        &timeline,
        &nowhere,
        expect![[r#"
        Refused: the rules on node-1 have no endpoint for web.
        $ kubectl delete pod web --now
        - say.client-begins
        - say.command-sent
        - say.delete-requested
        - say.both-told
        - say.signal-sent
        - say.ends-at-once
        - say.pause-ended
        - say.endpoint-removed
        - say.rules-removed-everywhere
        - say.no-endpoints"#]],
    );
}

#[test]
fn messages_say_which_write_they_are_of() {
    let timeline = run(&pod(SERVES), &[(20, command("kubectl delete pod web"))]);
    let history = timeline.history();
    let first = |is: &dyn Fn(&MessageKind, Actor, Actor) -> bool| {
        let found = history.records().iter().find(|record| match &record.fact {
            Fact::Message(message) => is(&message.kind, record.actor, message.to),
            _ => false,
        });
        Target::Message(found.expect("it was sent").id)
    };
    let end = timeline.at(history.end());
    let bound = first(&|kind, from, _| {
        from == Actor::Scheduler && matches!(kind, MessageKind::Request(request) if request.is_write())
    });
    check(
        end,
        &timeline,
        &bound,
        expect![[r#"
        kube-scheduler asks the API server: POST /api/v1/namespaces/default/pods/web/binding
        $ kubectl apply -f web.yaml
          Pod web
        - say.apply-sent
        - say.pod-created"#]],
    );
    let told = first(
        &|kind, _, to| matches!((kind, to), (MessageKind::Watch(_, key), Actor::Kubelet(_)) if key.kind == Kind::Pod),
    );
    check(
        end,
        &timeline,
        &told,
        expect![[r#"
            The API server tells kubelet (node-1) what it watches for: ADDED Pod web. It was written by kube-scheduler: POST /api/v1/namespaces/default/pods/web/binding
            $ kubectl apply -f web.yaml
              Pod web
            - say.apply-sent
            - say.pod-created
            - say.pod-scheduled
            - say.kubelet-told"#]],
    );
    let answered = first(&|kind, _, to| matches!((kind, to), (MessageKind::Answer(..), Actor::Kubectl(_))));
    check(
        end,
        &timeline,
        &answered,
        expect![[r#"
            The API server has done what kubectl apply -f web.yaml asked for, and says so: GET /openapi/v3
            $ kubectl apply -f web.yaml"#]],
    );
}

#[test]
fn containers_and_processes_say_how_they_ended() {
    let killed = Act::Fault(Fault::KillContainer(key(Kind::Pod, "web"), "web".into()));
    let timeline = run(&pod(SERVES), &[(20, killed)]);
    let view = timeline.at(SimTime(20 * SECOND + 5_000));
    let container = Target::Container { pod: key(Kind::Pod, "web"), name: "web".into() };
    check(
        view,
        &timeline,
        &container,
        expect![[r#"
            The container web got SIGKILL at 00:20.0 and ended at 00:20.0 with exit code 137.
            - say.fault-container
            - say.container-died"#]],
    );
    let before = timeline.at(SimTime(19 * SECOND));
    let pod = before.get::<Pod>("default", "web").expect("it runs");
    let process = before.processes_of(pod, Some("web")).remove(0);
    check(
        view,
        &timeline,
        &process,
        expect![[r#"
            nginx -g daemon off; is PID 1892 on node-1, and PID 1 in the container web of web.
            The container web got SIGKILL at 00:20.0 and ended at 00:20.0 with exit code 137.
            - say.fault-container"#]],
    );
    check(
        before,
        &timeline,
        &process,
        expect![[r#"
        nginx -g daemon off; is PID 1892 on node-1, and PID 1 in the container web of web.
        $ kubectl apply -f web.yaml
          Pod web
        - say.apply-sent
        - say.pod-created
        - say.pod-scheduled
        - say.kubelet-told
        - say.pause-started
        - say.image-pulling
        - say.container-started"#]],
    );
    check(
        timeline.at(timeline.history().end()),
        &timeline,
        &container,
        expect![[r#"
            The container web runs after one restart.
            - say.fault-container
            - say.container-died
            - say.container-restarted"#]],
    );
}

#[test]
fn everybody_has_a_name() {
    let timeline = run(&pod(SERVES), &[]);
    let view = timeline.at(timeline.history().end());
    for (actor, expected) in [
        (Actor::Scheduler, "kube-scheduler"),
        (Actor::Kubelet(NodeId(0)), "kubelet (node-1)"),
        (Actor::KubeProxy(NodeId(1)), "kube-proxy (node-2)"),
        (Actor::Person, "somebody"),
    ] {
        assert_eq!(text(Language::En, "why.says-only", &[("message", who(view, actor))]), expected);
    }
}

#[test]
fn what_was_removed_at_once_says_why_and_a_request_to_a_node_without_power() {
    let told = |view: View, target: &Target| -> Vec<String> {
        reasons(view, target).iter().map(|said| text(Language::En, said.id, &said.args)).collect()
    };
    for (spec, expected) in [
        (
            "{restartPolicy: Never, containers: [{name: web, image: busybox:1.36, command: [sleep, '1']}]}",
            Some("It had finished, so its grace period was 0: there was nothing to wait for."),
        ),
        (
            "{nodeSelector: {disk: none}, containers: [{name: web, image: nginx:1.25}]}",
            Some("It never had a node, so its grace period was 0: there was nothing to wait for."),
        ),
        (SERVES, None),
    ] {
        let timeline = run(&pod(spec), &[(20, command("kubectl delete pod web --force --wait=false"))]);
        let told = told(timeline.at(timeline.history().end()), &of_pod("web"));
        assert_eq!(told.get(1).map(String::as_str), expected, "{told:?}");
    }
    let service = key(Kind::Service, "web");
    let (from, lasts, timeout) = (Sender::Node(NodeId(1)), 10 * SECOND, SECOND);
    let client = Client { service, port: 80, from, per_second: 10, lasts, timeout, connections: 0 };
    let file = format!("{}{SERVICE}", pod(SERVES).replace("spec: {", "spec: {nodeName: node-1, "));
    let broken = Act::Fault(Fault::NodeDies(NodeId(0)));
    let timeline = run(&file, &[(20, Act::Requests(client)), (25, broken)]);
    let last =
        timeline.at(timeline.history().end()).requests_within(u64::MAX).map(|(number, _)| number).max();
    let told = told(timeline.at(timeline.history().end()), &Target::Request(last.expect("a request")));
    assert_eq!(told.last().map(String::as_str), Some("node-1 had no power then."), "{told:?}");
}
