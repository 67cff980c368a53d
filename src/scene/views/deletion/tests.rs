//! What is drawn of recorded deletions: of programs that end in all ways, with hooks, and with clients.

use super::super::testing::{SIZES, check_fit, outline};
use super::super::{Stage, all};
use super::begun;
use super::facts::{Facts, What, Who};
use super::requests::Requests;
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::setup::Setup;
use crate::cluster::time::{SECOND, SimTime};
use crate::cluster::traffic::{Client, Sender};
use crate::scene::shape::{Geometry, Scene, Target};
use crate::timeline::{Act, StageTime, Start, Timeline};
use crate::words::Language;
use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The whole stage of a page of 1600 x 900.
pub(super) const WIDE: [f32; 2] = [1600.0, 690.0];
/// When the last command is given.
pub(super) const DELETED: SimTime = SimTime::millis(9_000);

pub(super) const QUICK: &str = "containers: [{name: web, image: 'nginx:1.25', ports: [{containerPort: 80}]}]";
const DRAINS: &str = "containers: [{name: web, image: 'nginx:1.25', ports: [{containerPort: 80}],
            env: [{name: GRACEFUL_MS, value: '3000'}]}]";
const IGNORES: &str = "containers: [{name: web, image: 'nginx:1.25', ports: [{containerPort: 80}],
            env: [{name: IGNORE_SIGNALS, value: 'yes'}]}]";
const HOOK: &str = "containers: [{name: web, image: 'nginx:1.25', ports: [{containerPort: 80}],
            lifecycle: {preStop: {sleep: {seconds: 5}}}}]";
const OVERRUN: &str = "terminationGracePeriodSeconds: 4
      containers:
      - {name: web, image: 'nginx:1.25', ports: [{containerPort: 80}],
         lifecycle: {preStop: {exec: {command: [sleep, '60']}}}, env: [{name: GRACEFUL_MS, value: '1000'}]}
      - {name: log, image: 'busybox:1.36', command: [sh, -c, \"trap '' TERM; while true; do sleep 1; done\"]}";

/// A Deployment of so many such Pods behind a Service.
pub(super) fn deployment(spec: &str, replicas: u32) -> String {
    format!(
        "apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {spec}
"
    )
}

/// A Pod without a Service that drains for three seconds.
const BARE: &str = "apiVersion: v1
kind: Pod
metadata: {name: myweb1}
spec:
  containers:
  - {name: sh, image: 'busybox:1.36', command: [sh, -c, \"trap 'sleep 3; exit 0' TERM; while true; do sleep 1; done\"]}
";

/// Applies this, lets a client send requests for nine seconds if asked, and gives a command in which POD stands
/// for the first Pod.
pub(super) fn run(yaml: &str, per_second: u32, command: &str) -> Timeline {
    run_after(yaml, per_second, command, None)
}

/// The same where something broke a second before.
pub(super) fn run_after(yaml: &str, per_second: u32, command: &str, broken: Option<Fault>) -> Timeline {
    let files = [("app.yaml".into(), yaml.into())].into();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
    let mut timeline = Timeline::new(start);
    let act = |at: SimTime, act: Act, timeline: &mut Timeline| {
        timeline.act(at, act);
        while timeline.record(SimTime::millis(120_000), 10_000) {}
    };
    act(SimTime::ZERO, Act::Command("kubectl apply -f app.yaml".into()), &mut timeline);
    if per_second > 0 {
        let service = ObjectKey::new(Kind::Service, "default", "web");
        let (from, lasts, timeout) = (NodeId(0), 9 * SECOND, SECOND);
        let from = Sender::Node(from);
        let client = Client { service, port: 80, from, per_second, lasts, timeout, connections: 0 };
        act(SimTime::millis(7_000), Act::Requests(client), &mut timeline);
    }
    if let Some(fault) = broken {
        act(SimTime(DELETED.0 - SECOND), Act::Fault(fault), &mut timeline);
    }
    let pod = timeline.at(DELETED).all::<Pod>().next().expect("a Pod").metadata.name.clone();
    act(DELETED, Act::Command(command.replace("POD", &pod).into()), &mut timeline);
    timeline
}

pub(super) const DELETE: &str = "kubectl delete pod POD --wait=false";

pub(super) fn runs() -> Vec<(&'static str, Timeline)> {
    vec![
        ("ends at once", run(&deployment(QUICK, 2), 20, DELETE)),
        ("drains", run(&deployment(DRAINS, 2), 20, DELETE)),
        ("drains alone", run(&deployment(DRAINS, 1), 20, DELETE)),
        ("ignores", run(&deployment(IGNORES, 2), 0, "kubectl delete pod POD")),
        ("ignores, with requests", run(&deployment(IGNORES, 2), 200, DELETE)),
        ("has a hook", run(&deployment(HOOK, 2), 20, DELETE)),
        ("overruns", run(&deployment(OVERRUN, 1), 0, DELETE)),
        ("without a Service", run(BARE, 0, DELETE)),
        ("forced", run(&deployment(QUICK, 2), 0, "kubectl delete pod POD --grace-period=0 --force")),
        ("scaled", run(&deployment(QUICK, 3), 0, "kubectl scale deployment web --replicas=1")),
        ("all", run(&deployment(HOOK, 12), 0, "kubectl delete deployment web")),
    ]
}

pub(super) fn scene(
    timeline: &Timeline,
    at: SimTime,
    size: [f32; 2],
    language: Language,
    chosen: Option<&Target>,
) -> Scene {
    let story = timeline.story();
    let entry = all().iter().find(|entry| entry.id == "deletion").expect("the view");
    let (view, stage_at) = (timeline.at(at), story.tempo.stage(at));
    (entry.draw)(&Stage { view, story, at: stage_at, size, selection: chosen, language, compare: None })
}

/// So many moments of the last chapter, evenly on the stage.
fn moments(timeline: &Timeline, count: u64) -> Vec<SimTime> {
    let tempo = &timeline.story().tempo;
    let (from, until) = (tempo.stage(DELETED).0, tempo.duration().0);
    (0..=count).map(|nth| tempo.sim(StageTime(from + (until - from) * nth / count))).collect()
}

#[test]
fn every_deletion_can_be_read_at_every_moment() {
    for (what, timeline) in runs() {
        for at in moments(&timeline, 11) {
            for size in [WIDE, SIZES[0], SIZES[1]] {
                for language in Language::ALL {
                    let scene = scene(&timeline, at, size, *language, None);
                    check_fit(&scene, &format!("{what}, {language}, {} wide, {}", size[0], at.as_seconds()));
                    assert_eq!(scene.width, size[0]);
                }
            }
        }
    }
}

/// Where each text is that does not tell the time.
fn places(scene: &Scene) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    scene.for_each(&mut |shape| {
        let is_of_the_moment =
            ["playhead", "time", "fold", "ring"].iter().any(|begins| shape.key.starts_with(begins));
        if let Geometry::Text { x, y, text, .. } = &shape.geometry
            && !is_of_the_moment
            && !shape.key.ends_with("/name")
            && !shape.key.ends_with("/now")
        {
            places.insert(shape.key.to_string(), format!("{text} at {x:.1} {y:.1}"));
        }
    });
    places
}

#[test]
fn nothing_moves_while_time_passes() {
    for (what, timeline) in runs() {
        for size in [WIDE, SIZES[1]] {
            // A command that scales deletes nothing yet.
            let is_begun = |at: &SimTime| begun::find(timeline.at(*at), None).is_some();
            let mut moments = moments(&timeline, 12).into_iter().filter(is_begun);
            let first =
                places(&scene(&timeline, moments.next().expect("a moment"), size, Language::En, None));
            assert!(first.len() > 8, "{what}: {first:?}");
            for at in moments {
                let later = places(&scene(&timeline, at, size, Language::En, None));
                assert_eq!(first, later, "{what}, {} wide, {}", size[0], at.as_seconds());
            }
        }
    }
}

fn name(who: Who) -> String {
    match who {
        Who::Proxy(node) => format!("proxy {}", node.0 + 1),
        Who::Container(place) => format!("container {place}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// What happened at each lane, in order. Lanes are apart: what goes on side by side has no order that lasts.
fn told(facts: &Facts) -> String {
    let mut lines: BTreeMap<(Who, SimTime, usize), String> = BTreeMap::new();
    let mut add = |who: Who, at: SimTime, what: String| _ = lines.insert((who, at, lines.len()), what);
    for sent in &facts.messages {
        let what = match &sent.what {
            What::WatchPod(change) => format!("watch {}", change.as_str()),
            other => format!("{other:?}"),
        };
        add(sent.from, sent.at, format!("{what} to {}", name(sent.to)));
    }
    for change in &facts.slices {
        add(Who::Slices, change.time, format!("{:?}, takes out: {}", change.conditions, change.takes_out()));
    }
    for rules in &facts.rules {
        add(Who::Proxy(rules.node), rules.done, "rules without it".to_owned());
    }
    for (place, container) in facts.containers.iter().enumerate() {
        let who = Who::Container(place);
        if let Some((from, _)) = container.hook {
            add(who, from, "preStop".to_owned());
        }
        for (_, time, signal) in &container.signals {
            add(who, *time, (*signal).to_owned());
        }
        if let Some((end, code)) = container.ended {
            add(who, end, format!("exit {code}"));
        }
    }
    if let Some((_, Some(until))) = facts.pause {
        add(Who::Pause, until, "ends".to_owned());
    }
    facts.gone.into_iter().for_each(|gone| add(Who::Etcd, gone, "gone".to_owned()));
    lines.into_iter().fold(String::new(), |out, ((who, ..), what)| out + &format!("{}: {what}\n", name(who)))
}

fn facts(timeline: &Timeline) -> Facts<'_> {
    let view = timeline.at(timeline.history().end());
    Facts::new(view, begun::find(view, None).expect("a deletion"))
}

/// How many requests came too late to the Pod, and how many of these were lost.
fn late_and_lost(timeline: &Timeline) -> [usize; 2] {
    let requests = Requests::new(timeline.at(timeline.history().end()), &facts(timeline));
    [requests.all.iter().filter(|sent| sent.is_late).count(), requests.lost().count()]
}

#[track_caller]
fn check(timeline: &Timeline, expect: Expect) {
    expect.assert_eq(&told(&facts(timeline)));
}

#[test]
fn both_branches_are_told_by_what_came_of_the_request() {
    let timeline = run(&deployment(QUICK, 2), 200, DELETE);
    check(
        &timeline,
        expect![[r#"
        requester: Delete to apiserver
        apiserver: watch MODIFIED to slices
        apiserver: watch MODIFIED to kubelet
        apiserver: WatchSlice to proxy 1
        apiserver: WatchSlice to proxy 2
        apiserver: watch MODIFIED to slices
        etcd: gone
        slices: Slice to apiserver
        slices: Some([false, true, true]), takes out: true
        slices: Slice to apiserver
        slices: None, takes out: true
        proxy 1: rules without it
        proxy 2: rules without it
        kubelet: Status(None) to apiserver
        kubelet: Status(Some(Succeeded)) to apiserver
        kubelet: LastDelete to apiserver
        container 0: SIGQUIT
        container 0: exit 0
        pause: ends
    "#]],
    );
    let facts = facts(&timeline);
    assert!(facts.rules.iter().all(|rules| rules.heard < rules.done));
    assert!(facts.end < DELETED + 5 * SECOND, "{:?}", facts.end);
    // The process is gone before the rules are.
    let [late, lost] = late_and_lost(&timeline);
    assert!(lost > 0 && late >= lost, "{late} late, {lost} lost");
}

#[test]
fn a_hook_spends_the_grace_period_and_what_ignores_signals_is_killed() {
    let timeline = run(&deployment(OVERRUN, 1), 0, DELETE);
    check(
        &timeline,
        expect![[r#"
        requester: Delete to apiserver
        apiserver: watch MODIFIED to slices
        apiserver: watch MODIFIED to kubelet
        apiserver: WatchSlice to proxy 1
        apiserver: WatchSlice to proxy 2
        apiserver: WatchSlice to proxy 1
        apiserver: WatchSlice to proxy 2
        apiserver: watch MODIFIED to slices
        etcd: gone
        slices: Slice to apiserver
        slices: Some([false, true, true]), takes out: false
        slices: Slice to apiserver
        slices: Slice to apiserver
        slices: None, takes out: true
        proxy 1: rules without it
        proxy 2: rules without it
        kubelet: Status(None) to apiserver
        kubelet: Status(Some(Failed)) to apiserver
        kubelet: LastDelete to apiserver
        container 0: preStop
        container 0: SIGQUIT
        container 0: exit 0
        container 1: SIGTERM
        container 1: SIGKILL
        container 1: exit 137
        pause: ends
    "#]],
    );
    let facts = facts(&timeline);
    let hooked = &facts.containers[0];
    assert_eq!(hooked.hook_until(), hooked.asked().map(|(at, _)| at), "no hook is waited for without end");
    // The two more seconds begin when the kubelet no longer waits for the hook, which is after the deadline.
    let [cut, ended] = facts.overrun().expect("two more seconds");
    assert_eq!(Some(cut), hooked.hook_until());
    assert_eq!(Some(ended), hooked.ended.map(|(ended, _)| ended));
    assert!(facts.deadline() < cut && cut < ended, "{cut:?}, {ended:?}");
}

#[test]
fn rules_keep_the_only_endpoint_and_no_request_to_it_is_late() {
    let timeline = run(&deployment(DRAINS, 1), 20, DELETE);
    check(
        &timeline,
        expect![[r#"
        requester: Delete to apiserver
        apiserver: watch MODIFIED to slices
        apiserver: watch MODIFIED to kubelet
        apiserver: WatchSlice to proxy 1
        apiserver: WatchSlice to proxy 2
        apiserver: WatchSlice to proxy 1
        apiserver: WatchSlice to proxy 2
        apiserver: watch MODIFIED to slices
        etcd: gone
        slices: Slice to apiserver
        slices: Some([false, true, true]), takes out: false
        slices: Slice to apiserver
        slices: Slice to apiserver
        slices: None, takes out: true
        proxy 1: rules without it
        proxy 2: rules without it
        kubelet: Status(None) to apiserver
        kubelet: Status(Some(Succeeded)) to apiserver
        kubelet: LastDelete to apiserver
        container 0: SIGQUIT
        container 0: exit 0
        pause: ends
    "#]],
    );
    assert_eq!(late_and_lost(&timeline), [0, 0]);
}

#[test]
fn what_is_forced_goes_on_after_the_pod_is_gone() {
    let timeline = run(&deployment(QUICK, 2), 0, "kubectl delete pod POD --grace-period=0 --force");
    check(
        &timeline,
        expect![[r#"
        requester: Delete to apiserver
        apiserver: watch MODIFIED to slices
        apiserver: watch MODIFIED to kubelet
        apiserver: watch DELETED to slices
        apiserver: watch DELETED to kubelet
        apiserver: WatchSlice to proxy 1
        apiserver: WatchSlice to proxy 2
        etcd: gone
        slices: Slice to apiserver
        slices: None, takes out: true
        proxy 1: rules without it
        proxy 2: rules without it
        container 0: SIGQUIT
        container 0: exit 0
        pause: ends
    "#]],
    );
    let facts = facts(&timeline);
    assert!(facts.gone < facts.all_ended());
}

#[test]
fn a_deletion_is_chosen_by_the_selection_and_by_the_time() {
    let timeline = run(&deployment(QUICK, 3), 0, "kubectl scale deployment web --replicas=1");
    let end = timeline.history().end();
    let pods: Vec<ObjectKey> = timeline
        .at(DELETED)
        .all::<Pod>()
        .map(|pod| ObjectKey::new(Kind::Pod, "default", pod.metadata.name.clone()))
        .collect();
    let found = |at: SimTime, chosen: Option<&Target>| {
        begun::find(timeline.at(at), chosen).map(|begun| pods.iter().position(|pod| *pod == begun.key()))
    };
    let chosen: Vec<Target> = pods.iter().map(|pod| Target::Object(pod.clone())).collect();
    let by_selection: Vec<_> = chosen.iter().map(|target| found(end, Some(target))).collect();
    expect!["[Some(Some(0)), Some(Some(1)), Some(Some(0))]"].assert_eq(&format!("{by_selection:?}"));
    // The same one from the first moment on, though the second follows at once.
    let first = found(end, None);
    let seen: Vec<_> = moments(&timeline, 30).into_iter().filter_map(|at| found(at, None)).collect();
    assert!(seen.len() > 20 && seen.iter().all(|found| Some(*found) == first), "{seen:?}");
    assert_eq!(found(DELETED, None), None);
    // What was chosen is shown before it has begun, too.
    assert_eq!(found(DELETED, Some(&chosen[0])), found(end, Some(&chosen[0])));
    let container = Target::Container { pod: pods[1].clone(), name: "web".into() };
    assert_eq!(found(end, Some(&container)), found(end, Some(&chosen[1])));
}

#[test]
fn before_anything_is_deleted_it_is_said_how() {
    let timeline = run(BARE, 0, DELETE);
    for size in [WIDE, SIZES[1]] {
        for language in Language::ALL {
            for at in [SimTime::ZERO, SimTime::millis(8_000)] {
                check_fit(&scene(&timeline, at, size, *language, None), "nothing is deleted");
            }
        }
    }
    // A phone at 200 % has less height than what is said.
    let low = scene(&timeline, SimTime::millis(8_000), [195.0, 122.0], Language::Ko, None);
    assert!(low.height > 122.0);
    for shape in &low.shapes {
        if let Geometry::Rect { width, height, .. } = shape.geometry {
            assert!(width > 0.0 && height > 0.0, "{shape:?}");
        }
    }
    let drawn = scene(&timeline, SimTime::millis(8_000), SIZES[1], Language::En, None);
    expect![[r#"
        390 x 560
          195,40 No Pod is being deleted yet
          195,68 Delete a Pod, and its end is drawn here as it happens:
          195,90 who tells whom, what ends when, what clients notice.
          195,124 $ kubectl delete pod myweb1
          23,162 API server
          23,177 etcd
          101,162 EndpointSlice
          101,177 kube-proxy
          199,162 kubelet
          260,162 PID 1
          260,177 pause
          313,162 Requests
    "#]]
    .assert_eq(&outline(&drawn));
}

/// What there is to read and to hear, but for the times below.
fn said(scene: &Scene) -> String {
    let mut out = String::new();
    scene.for_each(&mut |shape| match (&shape.geometry, &shape.name) {
        (_, Some(name)) => _ = writeln!(out, "[{name}]"),
        (Geometry::Text { text, .. }, _) if !shape.key.starts_with("time/") => _ = writeln!(out, "  {text}"),
        _ => {}
    });
    out
}

#[test]
fn a_deletion_as_it_is_drawn() {
    let timeline = run(BARE, 0, DELETE);
    let at = DELETED + 2 * SECOND;
    expect![[r#"
          B · endpoints
          A · kubelet
          current step
        [Pod myweb1]
          $ kubectl delete pod myweb1 --wait=false
          terminationGracePeriodSeconds 30 · long waits folded
        [kubectl]
          kubectl
        [API server]
          API server
        [etcd]
          etcd
        [EndpointSlice controller]
          EndpointSlice controller
        [kubelet · node-1]
          kubelet · node-1
          28.1 s left
        [sh (PID 1)]
          sh (PID 1)
        [pause]
          pause
        [sh (PID 1), SIGTERM, exit 0 after 3.2 s]
        [pause]
        [etcd: deletionTimestamp · grace 30 s]
        [etcd: key deleted]
        [Message from kubectl to API server: DELETE pods/myweb1]
        [Message from API server to EndpointSlice controller: watch: MODIFIED]
        [Message from API server to kubelet · node-1: watch: MODIFIED]
        [Message from kubelet · node-1 to API server: status]
        [Message from kubelet · node-1 to API server: status: Succeeded]
        [Message from kubelet · node-1 to API server: grace 0 · last deletion]
        [Message from kubelet · node-1 to sh (PID 1): SIGTERM]
        [1. The API server does not remove Pod myweb1. It writes a deletionTimestamp and a grace period of 30 s into it.]
          1
        [2. The kubelet of its node learns that Pod myweb1 is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.]
          2
        [5. The kubelet has its container runtime send SIGTERM to PID 1 of sh. The API server sends no signal.]
          5
        [6. sh has got SIGTERM and does not end at once: it may finish what it has begun. When it has, 26.8 s of the grace period are left.]
          6
          deletionTimestamp · grace 30 s
          key deleted
          SIGTERM
          DELETE pods/myweb1
          grace 0 · last deletion
          exit 0
          may finish what it has begun
          no Service has it as
          an endpoint
          watch: MODIFIED
          watch: MODIFIED
          26.8 s left
          status: Succeeded
          syncTerminatingPod
          holds the Linux namespaces to the end
          command ends
          status
          3.2 s left out
          +1.9 s
    "#]].assert_eq(&said(&scene(&timeline, at, SIZES[0], Language::En, None)));
    expect![[r#"
          A · kubelet 흐름
          B · 엔드포인트 흐름
          현재 단계
        [Pod myweb1]
          $ kubectl delete pod myweb1 --wait=false
        [API 서버]
          API 서버
          etcd
        [EndpointSlice 컨트롤러]
          EndpointSlice
          kube-proxy
        [kubelet · node-1]
          kubelet
          node-1
        [sh (PID 1)]
          sh
          pause
        [sh (PID 1), SIGTERM, 3.2초 뒤 exit 0]
        [pause]
        [etcd: deletionTimestamp · 유예 30초]
        [etcd: 키 삭제됨]
        [kubectl에서 API 서버로 가는 메시지: DELETE pods/myweb1]
        [API 서버에서 EndpointSlice 컨트롤러로 가는 메시지: watch: MODIFIED]
        [API 서버에서 kubelet · node-1로 가는 메시지: watch: MODIFIED]
        [kubelet · node-1에서 API 서버로 가는 메시지: status]
        [kubelet · node-1에서 API 서버로 가는 메시지: status: Succeeded]
        [kubelet · node-1에서 API 서버로 가는 메시지: grace 0 · 최종 삭제]
        [kubelet · node-1에서 sh (PID 1)로 가는 메시지: SIGTERM]
        [1. API 서버는 Pod myweb1을 바로 지우지 않습니다. deletionTimestamp와 유예 시간 30초를 적어 둡니다.]
          1
        [2. 노드의 kubelet이 Pod myweb1의 삭제를 알게 됩니다. 이 Pod를 엔드포인트로 둔 Service가 없어서 이 Pod에는 3단계와 4단계가 없습니다.]
          2
        [5. kubelet이 컨테이너 런타임을 시켜 sh의 PID 1에 SIGTERM을 보냅니다. API 서버가 보내는 것이 아닙니다.]
          5
        [6. SIGTERM을 받은 sh는 바로 끝나지 않고 처리 중이던 일을 마칠 시간을 얻습니다. 일을 마치면 유예 시간이 26.8초 남습니다.]
          6
          deletionTimestamp · 유예 30초
          키 삭제됨
          SIGTERM
          DELETE pods/myweb1
          grace 0 · 최종 삭제
          exit 0
          가리키는 Service 없음
          26.8초 남음
          +1.9초
          28.1초 남음
    "#]].assert_eq(&said(&scene(&timeline, at, SIZES[1], Language::Ko, None)));
}
