//! What the hierarchy shows of recorded runs, of a rollout and of crowds.

use super::super::testing::{SIZES, check_fit, history, outline, places, play, scene, set_image};
use crate::api::objects::{
    ObjectMeta, OwnerReference, Pod, PodPhase, PodSpec, PodStatus, ReplicaSet, ReplicaSetSpec,
};
use crate::api::{Kind, Object};
use crate::cluster::record::{Actor, Change, Fact, Record, RecordId};
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use crate::scene::shape::{MOST_SHAPES, Scene};
use crate::timeline::{History, Story};
use crate::value::Value;
use crate::words::Language;
use expect_test::expect;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A Deployment, a Service that finds it, and everything that is drawn otherwise.
pub(super) const SHOP: &str = "apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b, c: d}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  serviceName: db
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'mysql:8'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: lonely, namespace: shop}
spec:
  containers:
  - {name: web, image: 'registry.example.com/a/long/path/to/nginx:1.25.3-alpine'}
  - {name: log, image: 'busybox:1.36', command: [sleep, '600']}
---
apiVersion: v1
kind: Service
metadata: {name: nobody, namespace: shop}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
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
      - {name: web, image: 'nginx:1.25', envFrom: [{configMapRef: {name: settings}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

fn rollout(yaml: &str) -> History {
    let mut test = Test::new();
    test.create(yaml);
    test.run_until(SimTime::millis(8_000));
    set_image(&mut test, "web", "web", "nginx:1.26");
    test.run_until(SimTime::millis(40_000));
    history(&test)
}

fn drawn(history: &History, at: u64, size: [f32; 2], language: Language) -> Scene {
    scene("hierarchy", history, &Story::default(), SimTime::millis(at), size, language, None)
}

#[test]
fn a_rollout_can_be_read_at_every_moment() {
    let history = rollout(SHOP);
    // Each moment at which something shows, but for those that follow within a tenth of a second.
    let mut at = SimTime::ZERO;
    let mut moments = 0;
    while let Some(next) = history.next_event(at) {
        at = next.max(at + 100_000);
        moments += 1;
        // The last is a stage beside which the inspector is open.
        for size in SIZES.into_iter().chain([[758.0, 690.0]]) {
            for language in Language::ALL {
                let scene = scene("hierarchy", &history, &Story::default(), at, size, *language, None);
                check_fit(&scene, &format!("{} at {}, {}", language, at.as_seconds(), size[0]));
                assert!(scene.width <= size[0], "{} of {}", scene.width, size[0]);
            }
        }
    }
    assert!(moments > 30, "{moments}");
}

#[test]
fn what_is_there_stays_in_its_row_and_moves_only_as_others_come_and_go() {
    let history = rollout(SHOP);
    for size in SIZES {
        let mut rows: BTreeMap<String, f32> = BTreeMap::new();
        let mut last: BTreeMap<String, [f32; 2]> = BTreeMap::new();
        let mut at = SimTime::ZERO;
        while let Some(next) = history.next_event(at) {
            at = next;
            let scene = scene("hierarchy", &history, &Story::default(), at, size, Language::En, None);
            let places = places(&scene);
            for (key, [x, y]) in &places {
                // On a phone the Pods are in rows of two, so that one row may become two.
                if size[0] > 640.0 {
                    let row = *rows.entry(key.clone()).or_insert(*y);
                    assert_eq!(row, *y, "{key} at {}", at.as_seconds());
                }
                if places.keys().eq(last.keys()) {
                    assert_eq!(last[key], [*x, *y], "{key} at {}", at.as_seconds());
                }
            }
            last = places;
        }
        assert!(rows.len() > 8 || size[0] < 640.0, "{rows:?}");
    }
}

/// Left and right of the Pods' cards in a scene, in their order.
fn pods_on(scene: &Scene) -> Vec<f32> {
    let mut at: Vec<f32> = places(scene)
        .into_iter()
        .filter(|(key, _)| key.starts_with("pods/") && key.ends_with("/group"))
        .map(|(_, [x, _])| x)
        .collect();
    at.sort_by(f32::total_cmp);
    at
}

#[test]
fn a_tree_has_no_empty_places_for_what_is_still_to_come() {
    let web = &SHOP[SHOP.rfind("apiVersion: apps/v1").expect("a Deployment")..];
    let web = &web.replace(", envFrom: [{configMapRef: {name: settings}}]", "");
    let timeline = play(
        &[("web.yaml", web)],
        &[(0, "kubectl apply -f web.yaml"), (12_000, "kubectl scale deployment web --replicas=4")],
    );
    let (history, story) = (timeline.history(), timeline.story());
    // The second is a stage beside which the inspector is open.
    for size in [SIZES[0], [758.0, 690.0]] {
        let drawn = |at| scene("hierarchy", history, story, at, size, Language::En, None);
        for beat in &story.beats {
            check_fit(&drawn(beat.to), &format!("beat {} at {}", beat.index, size[0]));
        }
        let apart = |scene: &Scene| -> Vec<f32> {
            pods_on(scene).windows(2).map(|pair| (pair[1] - pair[0]).round()).collect()
        };
        let begun = drawn(SimTime::millis(12_001));
        assert_eq!(apart(&begun).len(), 2, "three Pods stand");
        let middle = |scene: &Scene| {
            let pods = pods_on(scene);
            (pods[0] + pods[pods.len() - 1]) / 2.0
        };
        let all = drawn(story.end());
        assert_eq!(apart(&all).len(), 3);
        assert_eq!(apart(&all)[..2], apart(&begun), "as large and as near as before");
        assert!((middle(&begun) - middle(&all)).abs() < 1.0, "below the middle of their owner");
        assert_eq!(outline(&all).matches("Running\n").count(), 4, "each is a card: {}", outline(&all));
    }
}

/// A Deployment in the middle of a rollout, as the API server would hold it.
pub(super) const ROLLOUT: &[&str] = &[
    r#"{"apiVersion":"apps/v1","kind":"Deployment",
        "metadata":{"name":"web","annotations":{"deployment.kubernetes.io/revision":"2"}},
        "spec":{"replicas":2,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}}},
        "status":{"readyReplicas":2,"updatedReplicas":1}}"#,
    r#"{"apiVersion":"apps/v1","kind":"ReplicaSet",
        "metadata":{"name":"web-old","annotations":{"deployment.kubernetes.io/revision":"1"},
            "ownerReferences":[{"kind":"Deployment","name":"web","controller":true}]},
        "spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.25"}]}}},
        "status":{"replicas":2,"readyReplicas":2}}"#,
    r#"{"apiVersion":"apps/v1","kind":"ReplicaSet",
        "metadata":{"name":"web-new","annotations":{"deployment.kubernetes.io/revision":"2"},
            "ownerReferences":[{"kind":"Deployment","name":"web","controller":true}]},
        "spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.26"}]}}},
        "status":{"replicas":1}}"#,
    r#"{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"web-old-aaaaa","labels":{"app":"web"},"ownerReferences":[{"kind":"ReplicaSet","name":"web-old","controller":true}]},
        "spec":{"containers":[{"name":"web","image":"nginx:1.25"}]},
        "status":{"phase":"Running","conditions":[{"type":"ContainersReady","status":"True"}],
            "containerStatuses":[{"name":"web","ready":true,"state":{"running":{}}}]}}"#,
    r#"{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"web-old-bbbbb","labels":{"app":"web"},"deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30,
            "ownerReferences":[{"kind":"ReplicaSet","name":"web-old","controller":true}]},
        "spec":{"containers":[{"name":"web","image":"nginx:1.25"}]},
        "status":{"phase":"Running","containerStatuses":[{"name":"web","ready":true,"state":{"running":{}}}]}}"#,
    r#"{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"web-new-ccccc","labels":{"app":"web"},"ownerReferences":[{"kind":"ReplicaSet","name":"web-new","controller":true}]},
        "spec":{"containers":[{"name":"web","image":"nginx:1.26"}]},
        "status":{"phase":"Pending","containerStatuses":[{"name":"web","state":{"waiting":{"reason":"ContainerCreating"}}}]}}"#,
    r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},
        "spec":{"type":"ClusterIP","clusterIP":"10.96.0.7","selector":{"app":"web"}}}"#,
    r#"{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice",
        "metadata":{"name":"web-1","labels":{"kubernetes.io/service-name":"web"},
            "ownerReferences":[{"kind":"Service","name":"web","controller":true}]},
        "endpoints":[
            {"addresses":["10.244.1.2"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"web-old-aaaaa"}},
            {"addresses":["10.244.2.2"],"conditions":{"ready":false,"serving":true,"terminating":true},"targetRef":{"kind":"Pod","name":"web-old-bbbbb"}}]}"#,
];

pub(super) fn written(objects: &[&str]) -> History {
    let timed: Vec<(u64, &str)> = (1..).zip(objects.iter().copied()).collect();
    written_at(&timed)
}

/// The same, each at its microsecond.
pub(super) fn written_at(objects: &[(u64, &str)]) -> History {
    let mut history = History::new(Vec::new());
    for (place, (time, text)) in objects.iter().enumerate() {
        let value = crate::value::json::parse(text).expect("JSON");
        let text = |key: &str| value.get(key).and_then(Value::as_str).expect("a text");
        let kind = Kind::of(text("apiVersion"), text("kind")).expect("a kind");
        let mut object = Object::decode(kind, &value).expect("an object");
        if kind.info().namespaced {
            object.meta_mut().namespace = "default".into();
        }
        history.extend([Record { time: SimTime(*time), ..record(place, object) }]);
    }
    history
}

#[test]
fn a_rollout_as_it_is_drawn() {
    let history = written(ROLLOUT);
    let wide = outline(&drawn(&history, 1_000, SIZES[0], Language::En));
    expect![[r#"
        1170 x 690
        ~ replicasets/default/web-old/to-pods
        ~ replicasets/default/web-new/to-pods
        ~ replicasets/default/web-old/from-owner/line
        ~ replicasets/default/web-new/from-owner/line
        ~ replicasets/default/web-new/from-owner/head
        ~ endpointslices/default/web-1/from-owner/line
        ~ endpointslices/default/web-1/from-owner/head
        ~ endpointslices/default/web-1/to/web-old/line
        ~ endpointslices/default/web-1/to/web-old/head
        407,24 [Deployment web, 2 of 2 Pods ready]
          444,48 DEPLOYMENT
          425,69 web
          425,89 RollingUpdate · maxSurge 25% · maxUnavailable 25%
        779,58 [-]
          779,58 2 / 2 ready
          779,78 1 updated · revision 2
        315,138 [ReplicaSet web-old, 2 of 1 Pods ready]
          352,162 REPLICASET · revision 1
          333,183 web-old
          333,203 replicas 2 → 1 · nginx:1.25
          369,292 1 Running
          451,292 1 Terminating
        332,245 [Pod web-old-aaaaa, Running, 1 of 1 containers ready]
          362,264 …-aaaaa
        444,245 [Pod web-old-bbbbb, Terminating, 1 of 1 containers ready]
          474,264 …-bbbbb
        612,138 [ReplicaSet web-new, 0 of 1 Pods ready]
          649,162 REPLICASET · revision 2
          630,183 web-new
          630,203 replicas 1 · nginx:1.26
          689,292 1 ContainerCreating
        685,245 [Pod web-new-ccccc, ContainerCreating, 0 of 1 containers ready]
          715,264 …-ccccc
        433,337 [EndpointSlice web-1, 1 of 2 ready · 1 terminating, still serving]
          468,357 ENDPOINTSLICE
          574,358 web-1
          449,376 1 of 2 ready · 1 terminating, still serving
        433,409 [Service web, one ready endpoint]
          470,433 SERVICE · ClusterIP 10.96.0.7
          451,454 web
          451,474 selector app=web → one ready endpoint
        0,520 [Rollout of web: at least 2 Pods available, at most 3 in all, 0 requests lost so far]
        14,520 [-]
          41,642 0
          41,572 3
          950,572 ≤ 3 Pods (maxSurge)
          950,596 ≥ 2 available (maxUnavailable)
          920,564 00:01.0
          48,670 00:00.0
          942,670 00:00.0
          30,542 ROLLOUT
          97,542 web
          160,542 revision 1
          250,542 revision 2
          343,542 not available yet
          458,542 Pods that terminate are not counted
    "#]]
    .assert_eq(&wide);
    let narrow = outline(&drawn(&history, 1_000, SIZES[1], Language::Ko));
    expect![[r#"
        390 x 1086.4
        ~ replicasets/default/web-old/to-pods
        ~ replicasets/default/web-new/to-pods
        ~ replicasets/default/web-old/from-owner/line
        ~ replicasets/default/web-new/from-owner/line
        ~ replicasets/default/web-new/from-owner/head
        ~ endpointslices/default/web-1/from-owner/line
        ~ endpointslices/default/web-1/from-owner/head
        10,10 [Deployment web, Pod 2개 중 2개 준비됨]
          47,34 DEPLOYMENT
          28,55 web
          28,75 RollingUpdate · maxSurge 25% · maxUnavailable 25%
        38,108 [-]
          38,108 2 / 2 준비됨
          120,108 1개 갱신됨 · 리비전 2
        26,124 [ReplicaSet web-old, Pod 1개 중 2개 준비됨]
          63,148 REPLICASET · 리비전 1
          44,169 web-old
          44,189 replicas 2 → 1 · nginx:1.25
        27,242 [Pod web-old-aaaaa, Running, 컨테이너 1개 중 1개 준비됨]
          40,265 web-old-aaaaa
          49,292 nginx:1.25
          40,345 Running
          182,345 1/1
        211,242 [Pod web-old-bbbbb, Terminating, 컨테이너 1개 중 1개 준비됨]
          224,265 web-old-bbbbb
          233,292 nginx:1.25
          224,345 Terminating
          366,345 1/1
        26,382 [ReplicaSet web-new, Pod 1개 중 0개 준비됨]
          63,406 REPLICASET · 리비전 2
          44,427 web-new
          44,447 replicas 1 · nginx:1.26
        119,500 [Pod web-new-ccccc, ContainerCreating, 컨테이너 1개 중 0개 준비됨]
          132,523 web-new-ccccc
          141,550 nginx:1.26
          132,603 ContainerCreating
          274,603 0/1
        26,715 [EndpointSlice web-1, 2개 중 1개 준비됨 · 종료 중 1개, 아직 응답 가능]
          61,736 ENDPOINTSLICE
          167,736 web-1
          42,754 2개 중 1개 준비됨 · 종료 중 1개, 아직 응답 가능
        26,808 [Service web, 준비된 엔드포인트 1개]
          63,832 SERVICE · ClusterIP 10.96.0.7
          44,853 web
          44,873 selector app=web → 준비된 엔드포인트 1개
        0,896 [web 롤아웃: 사용 가능한 Pod 최소 2개, 모두 최대 3개, 지금까지 실패한 요청 0개]
        14,896 [-]
          41,1038 0
          41,968 3
          344,969 ≤ 3
          344,992 ≥ 2
          314,960 00:01.0
          48,1066 00:00.0
          336,1066 00:00.0
          30,918 롤아웃
          76,919 web
          47,938 리비전 1
          128,938 리비전 2
          212,938 아직 사용 불가
    "#]]
    .assert_eq(&narrow);
}

fn record(id: usize, object: impl Into<Object>) -> Record {
    Record {
        id: RecordId(u32::try_from(id).expect("few")),
        time: SimTime(id as u64 + 1),
        actor: Actor::ApiServer,
        cause: None,
        fact: Fact::Object { change: Change::Added, object: object.into() },
    }
}

/// So many ReplicaSets of so many Pods.
fn crowd(sets: usize, pods: usize) -> History {
    let mut records = Vec::new();
    for set in 0..sets {
        let name = format!("set-{set}");
        let meta = |name: &str| ObjectMeta {
            name: name.into(),
            namespace: "default".into(),
            ..ObjectMeta::default()
        };
        let replicas = i32::try_from(pods).ok();
        let spec = Rc::new(ReplicaSetSpec { replicas, ..ReplicaSetSpec::default() });
        records.push(record(
            records.len(),
            ReplicaSet { metadata: Rc::new(meta(&name)), spec, ..ReplicaSet::default() },
        ));
        for pod in 0..pods {
            let owner = OwnerReference {
                kind: "ReplicaSet".into(),
                name: name.as_str().into(),
                controller: Some(true),
                ..OwnerReference::default()
            };
            let phase = Some([PodPhase::Running, PodPhase::Pending, PodPhase::Failed][pod % 3]);
            let metadata = ObjectMeta { owner_references: vec![owner], ..meta(&format!("{name}-{pod}")) };
            let status = Rc::new(PodStatus { phase, ..PodStatus::default() });
            let spec = Rc::new(PodSpec::default());
            records.push(record(
                records.len(),
                Pod { metadata: Rc::new(metadata), spec, status, ..Pod::default() },
            ));
        }
    }
    let mut history = History::new(Vec::new());
    history.extend(records);
    history
}

#[test]
fn crowds_fold_within_the_budget() {
    for (sets, pods) in
        [(1, 1), (1, 2_500), (1, 10_000), (3, 3), (12, 30), (100, 100), (1_000, 10), (2_500, 2)]
    {
        let history = crowd(sets, pods);
        for size in SIZES {
            let scene = drawn(&history, 1_000_000, size, Language::En);
            check_fit(&scene, &format!("{sets} of {pods} on {}", size[0]));
            assert!(scene.count() <= MOST_SHAPES);
            // However many there are, each can be asked for.
            let mut is_named = false;
            for shape in &scene.shapes {
                is_named |= shape.name.as_deref().is_some_and(|name| name.contains("set-0"));
            }
            assert!(is_named, "{}", outline(&scene));
        }
    }
}

#[test]
fn whoever_makes_pods_stands_above_them() {
    let pod = "      containers: [{name: web, image: \"nginx:1.27\"}]\n";
    let labels =
        "selector: {matchLabels: {app: x}}\n  template:\n    metadata: {labels: {app: x}}\n    spec:\n";
    let files = [
        (
            "set.yaml",
            format!(
                "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  replicas: 2\n  serviceName: db\n  {labels}{pod}"
            ),
        ),
        (
            "agent.yaml",
            format!(
                "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: agent}}\nspec:\n  {}{pod}",
                labels.replace("app: x", "app: agent")
            ),
        ),
        (
            "job.yaml",
            format!(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: count}}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n{pod}"
            ),
        ),
    ];
    let texts: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let commands = [
        (0, "kubectl apply -f set.yaml"),
        (100, "kubectl apply -f agent.yaml"),
        (200, "kubectl apply -f job.yaml"),
    ];
    let timeline = play(&texts, &commands);
    let at = timeline.story().end();
    for size in SIZES {
        let drawn = scene("hierarchy", timeline.history(), timeline.story(), at, size, Language::En, None);
        check_fit(&drawn, "makers");
        let said = outline(&drawn);
        for text in [
            "STATEFULSET",
            "replicas 2 · nginx:1.27",
            "DAEMONSET",
            "desired 2 · current 2",
            "JOB",
            "completions 0/1",
        ] {
            assert!(said.contains(text), "{text} in {said}");
        }
        assert!(said.contains("[DaemonSet agent: desired 2"), "it opens under its name: {said}");
    }
}

#[test]
fn a_kind_that_was_defined_is_on_the_stage_and_said_not_to_be_simulated() {
    let definition = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.stage.test}
spec:
  group: stage.test
  scope: Namespaced
  names: {plural: things, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";
    let thing = "apiVersion: stage.test/v1\nkind: Thing\nmetadata: {name: one}\n";
    let commands = [(0, "kubectl apply -f crd.yaml"), (4_000, "kubectl apply -f thing.yaml")];
    let timeline = play(&[("crd.yaml", definition), ("thing.yaml", thing)], &commands);
    let at = timeline.story().end();
    let drawn = scene("hierarchy", timeline.history(), timeline.story(), at, SIZES[0], Language::En, None);
    let text = outline(&drawn);
    assert!(text.contains("THING") && text.contains("CUSTOMRESOURCEDEFINITION"), "{text}");
    // What follows of a definition the API server does itself.
    assert_eq!(text.matches("not simulated").count(), 1, "{text}");
    check_fit(&drawn, "defined");
}

#[test]
fn what_is_emptied_says_that_nothing_is_left_and_what_was_never_filled_does_not() {
    let line = play(
        &[("shop.yaml", SHOP)],
        &[
            (0, "kubectl apply -f shop.yaml"),
            (10_000, "kubectl delete -f shop.yaml --wait=false"),
            (80_000, "kubectl get pods"),
        ],
    );
    for size in SIZES {
        for language in Language::ALL {
            let at = |at| {
                let at = SimTime::millis(at);
                scene("hierarchy", line.history(), line.story(), at, size, *language, None)
            };
            let scene = at(79_000);
            check_fit(&scene, &format!("nothing is left, {size:?}, {language:?}"));
            if *language == Language::En {
                let said = |at_time| outline(&at(at_time)).contains("Nothing is left");
                // Also in the chapter of the next command.
                let found = [1, 9_000, 79_000, 80_500].map(said);
                assert_eq!(found, [false, false, true, true], "{}", outline(&scene));
            }
        }
    }
}

#[test]
fn what_is_replaced_at_once_leaves_no_empty_stage_and_what_is_not_shown_is_not_gone() {
    const POD: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {terminationGracePeriodSeconds: 1, containers: [{name: web, image: 'nginx:1.25'}]}
";
    let line = play(
        &[("web.yaml", POD)],
        &[
            (0, "kubectl apply -f web.yaml"),
            (10_000, "kubectl replace --force -f web.yaml"),
            (20_000, "kubectl delete pod web --wait=false"),
            (40_000, "kubectl get pods"),
        ],
    );
    let at = |at| {
        let at = SimTime::millis(at);
        outline(&scene("hierarchy", line.history(), line.story(), at, SIZES[0], Language::En, None))
    };
    for millis in (10_000..20_000).step_by(100) {
        assert!(!at(millis).contains(" left"), "{millis}: {}", at(millis));
    }
    for millis in [35_000, 41_000] {
        assert!(at(millis).contains("No Pod and no workload is left"), "{millis}: {}", at(millis));
    }
}
