//! The cluster as it is drawn: whether it can be read at every moment, and whether what moves is where it is.

use super::super::testing::{check_fit, outline, places, play, scene};
use crate::api::conditions::are_containers_ready;
use crate::api::objects::{Node, ObjectMeta, Pod, PodPhase, PodSpec, PodStatus};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, MessageKind, Record, RecordId};
use crate::cluster::testing::requests_to_web;
use crate::cluster::time::{SECOND, SimTime};
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Segment, Target};
use crate::scene::tokens::Hue;
use crate::timeline::{Act, History, Story, Timeline};
use crate::words::Language;
use expect_test::expect;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Beside nothing, beside the editor, beside editor and inspector, and a phone's.
pub(super) const SIZES: [[f32; 2]; 4] = [[1600.0, 690.0], [1170.0, 690.0], [758.0, 690.0], [390.0, 560.0]];

const SHOP: &str = "\
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
      - {name: web, image: 'nginx:1.25', resources: {requests: {cpu: 250m}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: too-large-for-any-node-of-this-cluster}
spec:
  containers: [{name: web, image: 'nginx:1.25', resources: {requests: {cpu: '64'}}}]
";

/// A rollout under requests.
pub(super) fn rollout() -> Timeline {
    let mut timeline = play(&[("web.yaml", SHOP)], &[(0, "kubectl apply -f web.yaml")]);
    let client = requests_to_web(10, 8 * SECOND, 2 * SECOND);
    for (at, act) in [
        (6_000, Act::Requests(client)),
        (7_000, Act::Command("kubectl set image deployment/web web=nginx:1.27".into())),
    ] {
        let at = SimTime::millis(at);
        while timeline.record(at, 10_000) {}
        timeline.act(at, act);
        while timeline.record(at, 10_000) {}
    }
    timeline
}

#[test]
fn a_rollout_can_be_read_at_every_moment() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    let service = Target::Object(ObjectKey::new(Kind::Service, "default", "web"));
    let large =
        Target::Object(ObjectKey::new(Kind::Pod, "default", "too-large-for-any-node-of-this-cluster"));
    let mut at = SimTime::ZERO;
    let mut moments = 0;
    while let Some(next) = history.next_event(at) {
        at = next.max(at + 90_000);
        moments += 1;
        for size in SIZES {
            for language in Language::ALL {
                for (which, selection) in [None, Some(&service), Some(&large)].into_iter().enumerate() {
                    let scene = scene("cluster", history, story, at, size, *language, selection);
                    check_fit(&scene, &format!("{language} at {}, {}, {which}", at.as_seconds(), size[0]));
                }
            }
        }
    }
    assert!(moments > 30, "{moments}");
}

#[test]
fn the_scheduler_waits_for_no_pod_that_names_its_node_and_for_none_that_it_has_not_heard_of() {
    let named = "
---
apiVersion: v1
kind: Pod
metadata: {name: named}
spec:
  nodeName: nowhere
  containers: [{name: web, image: 'nginx:1.25'}]
";
    let yaml = format!("{SHOP}{named}");
    let timeline = play(&[("web.yaml", &yaml)], &[(0, "kubectl apply -f web.yaml")]);
    let (history, story) = (timeline.history(), timeline.story());
    let drawn = |at: SimTime| outline(&scene("cluster", history, story, at, SIZES[0], Language::En, None));
    let text = drawn(SimTime::millis(6_000));
    assert!(text.contains("one Pod waits"), "{text}");
    assert!(text.contains("→ nowhere: no such node"), "{text}");
    // The first Pod stands there before the scheduler has heard of it.
    let mut told = history.records().iter().filter_map(|record| match &record.fact {
        Fact::Message(message) => match &message.kind {
            MessageKind::Watch(Change::Added, key)
                if key.kind == Kind::Pod && message.to == Actor::Scheduler && &*key.name != "named" =>
            {
                Some((record.time, message.arrives))
            }
            _ => None,
        },
        _ => None,
    });
    let (sent, heard) = told.next().expect("it is told of a Pod");
    assert!(drawn(sent).contains("no Pod in its queue"), "{}", drawn(sent));
    assert!(drawn(heard).contains("one Pod waits"), "{}", drawn(heard));
}

#[test]
fn a_request_without_an_endpoint_says_so() {
    let service = SHOP.split("---").nth(1).expect("the Service");
    let mut timeline = play(&[("web.yaml", service)], &[(0, "kubectl apply -f web.yaml")]);
    let at = SimTime::millis(6_000);
    while timeline.record(at, 10_000) {}
    timeline.act(at, Act::Requests(requests_to_web(2, 2 * SECOND, SECOND)));
    while timeline.record(at, 10_000) {}
    let service = Target::Object(ObjectKey::new(Kind::Service, "default", "web"));
    let (history, story, at) = (timeline.history(), timeline.story(), SimTime::millis(8_500));
    for (language, said) in
        [(Language::En, "no endpoint: refused"), (Language::Ko, "엔드포인트 없음: 거부됨")]
    {
        let scene = scene("cluster", history, story, at, SIZES[0], language, Some(&service));
        check_fit(&scene, said);
        let text = outline(&scene);
        assert!(text.contains(&format!("node-1 → {said}")), "{text}");
    }
}

#[test]
fn a_request_sets_out_apart_from_kube_proxy() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    for size in SIZES {
        let mut seen = 0;
        for half in 12..28 {
            let scene =
                scene("cluster", history, story, SimTime::millis(half * 500), size, Language::En, None);
            let mut bases = Vec::new();
            let mut starts = Vec::new();
            scene.for_each(&mut |shape| match &shape.geometry {
                Geometry::Text { y, .. } if shape.key.ends_with("/requests/said") => bases.push(y - 4.0),
                Geometry::Path(path) if shape.key.starts_with("way/request/") => match path.first() {
                    Some(Segment::Move([_, y])) => starts.push(*y),
                    _ => panic!("a way begins somewhere"),
                },
                _ => {}
            });
            for start in &starts {
                assert!(bases.iter().any(|base| (base - start).abs() < 0.1), "{start} of {bases:?}");
            }
            seen += starts.len();
        }
        assert!(seen > 0, "on {}", size[0]);
    }
}

#[test]
fn every_node_says_how_much_of_its_processors_is_asked_for() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    for size in SIZES {
        for second in [5, 8, 9, 12] {
            let at = SimTime::millis(second * 1_000);
            let scene = scene("cluster", history, story, at, size, Language::En, None);
            let mut told = 0;
            scene.for_each(&mut |shape| told += usize::from(shape.key.ends_with("/cpu/text")));
            assert_eq!(told, 2, "at {second} on {}", size[0]);
        }
    }
}

#[test]
fn a_pod_that_ends_is_dashed_though_it_is_ready() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    for size in SIZES {
        let mut seen = 0;
        let mut at = SimTime::millis(7_000);
        while let Some(next) = history.next_event(at) {
            at = next.max(at + 50_000);
            let scene = scene("cluster", history, story, at, size, Language::En, None);
            let view = history.at(at);
            for pod in view.all::<Pod>() {
                if !pod.metadata.is_terminating() || !are_containers_ready(pod) {
                    continue;
                }
                let key = format!("pods/default/{}/frame", pod.metadata.name);
                scene.for_each(&mut |shape| {
                    if *shape.key == *key {
                        seen += 1;
                        assert_eq!(shape.role, Role::CardFrameDashed(Hue::Terminating), "{key}");
                    }
                });
            }
        }
        assert!(seen > 0, "on {}", size[0]);
    }
}

#[test]
fn a_kube_proxy_says_what_it_counts_where_there_is_room() {
    let timeline = rollout();
    let (history, story, at) = (timeline.history(), timeline.story(), SimTime::millis(6_500));
    let service = Target::Object(ObjectKey::new(Kind::Service, "default", "web"));
    let scene = scene("cluster", history, story, at, SIZES[0], Language::En, Some(&service));
    assert!(outline(&scene).contains("[kube-proxy · node-1: web → 3 endpoints]"), "{}", outline(&scene));
    // The chances are those of the rules of KUBE-SVC, not of a chain of an endpoint.
    let mut chances = Vec::new();
    let mut chosen = 0;
    scene.for_each(&mut |shape| match &shape.geometry {
        Geometry::Text { text, .. } if shape.key.starts_with("way/shares/") => chances.push(text.to_string()),
        Geometry::Text { text, .. }
            if shape.key.starts_with("way/chain/") && shape.key.ends_with("/said") =>
        {
            assert!(!text.contains("1/"), "{text}");
        }
        Geometry::Path(_) if &*shape.key == "way/chain/chosen" => chosen += 1,
        _ => {}
    });
    assert_eq!(chances.join(" "), "tried in order: 1/3, 1/2 of what is left, then the rest");
    assert_eq!(chosen, 1);
    let mut told = Vec::new();
    scene.for_each(&mut |shape| match &shape.geometry {
        Geometry::Text { text, .. } if text.contains('→') && shape.key.ends_with("/said") => {
            told.push(text.to_string());
        }
        _ => {}
    });
    assert_eq!(told, ["web → 3 endpoints"; 2]);
}

#[test]
fn a_chain_that_was_not_chosen_is_not_drawn_as_if_it_was() {
    let sticky =
        SHOP.replace("selector: {app: web}, ports", "sessionAffinity: ClientIP, selector: {app: web}, ports");
    let many = SHOP.replace("replicas: 3", "replicas: 8");
    let service = Target::Object(ObjectKey::new(Kind::Service, "default", "web"));
    for (files, is_sticky, more) in [(SHOP, false, None), (&*sticky, true, None), (&*many, false, Some("+2"))]
    {
        let timeline = play(&[("web.yaml", files)], &[(0, "kubectl apply -f web.yaml")]);
        let (history, story, at) = (timeline.history(), timeline.story(), SimTime::millis(20_000));
        for size in SIZES {
            let scene = scene("cluster", history, story, at, size, Language::En, Some(&service));
            check_fit(&scene, &format!("{}", size[0]));
            let (mut keys, mut plus) = (BTreeMap::new(), None);
            scene.for_each(&mut |shape| {
                keys.insert(shape.key.to_string(), shape.role);
                match &shape.geometry {
                    Geometry::Text { text, .. } if &*shape.key == "way/chain/more" => {
                        plus = Some(text.clone())
                    }
                    Geometry::Text { text, .. } if shape.key.starts_with("way/chain/") => {
                        assert!(!text.starts_with('-'), "{text}");
                    }
                    _ => {}
                }
            });
            if !keys.contains_key("way/chain/0/name") {
                continue;
            }
            assert!(!keys.contains_key("way/chain/chosen"));
            // Each chain of an endpoint hangs on the Service's.
            let chains =
                keys.keys().filter(|key| key.starts_with("way/chain/") && key.ends_with("/name")).count();
            let branches: Vec<_> = keys.iter().filter(|(key, _)| key.ends_with("/branch")).collect();
            assert_eq!(branches.len(), chains - 2);
            assert!(branches.iter().all(|(_, role)| **role == Role::Divider));
            assert_eq!(keys.contains_key("way/shares/0"), !is_sticky);
            assert_eq!(plus.as_deref(), more);
        }
    }
}

#[test]
fn a_taint_is_told_below_the_name_of_its_node() {
    let mut timeline = play(&[("web.yaml", SHOP)], &[(0, "kubectl apply -f web.yaml")]);
    let at = SimTime::millis(6_000);
    while timeline.record(at, 10_000) {}
    timeline.act(at, Act::Command("kubectl taint nodes node-2 dedicated=db:NoExecute".into()));
    while timeline.record(SimTime::millis(9_000), 10_000) {}
    let (history, story) = (timeline.history(), timeline.story());
    for size in SIZES {
        for language in Language::ALL {
            let places_at = |millis| {
                let scene = scene("cluster", history, story, SimTime::millis(millis), size, *language, None);
                check_fit(&scene, &format!("{language} at {millis} on {}", size[0]));
                let mut told = BTreeMap::new();
                scene.for_each(&mut |shape| {
                    if let Geometry::Text { y, .. } = shape.geometry {
                        told.insert(shape.key.to_string(), y);
                    }
                });
                told
            };
            let (before, after) = (places_at(5_900), places_at(8_900));
            let (name, taint) = (after["nodes//node-2/name"], after["nodes//node-2/taints"]);
            assert!(name < taint && taint < name + 45.0, "{name} {taint}");
            // There was room for it from the beginning: nothing else has moved.
            assert!(!before.contains_key("nodes//node-2/taints"));
            assert_eq!(before["nodes//node-1/name"], after["nodes//node-1/name"]);
        }
    }
}

#[test]
fn nothing_but_pods_moves_within_a_chapter() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    for size in SIZES {
        for chapter in &story.chapters {
            let mut known: BTreeMap<String, [f32; 2]> = BTreeMap::new();
            for beat in &story.beats[chapter.beats.clone()] {
                let places = places(&scene("cluster", history, story, beat.to, size, Language::En, None));
                for (key, at) in places {
                    if key.starts_with("part/") || key.starts_with("nodes//") || key.starts_with("kube") {
                        assert_eq!(*known.entry(key.clone()).or_insert(at), at, "{key} on {}", size[0]);
                    }
                }
            }
        }
    }
}

#[test]
fn controllers_are_told_from_the_kinds_that_they_are_called_as() {
    let timeline = rollout();
    let (history, story, at) = (timeline.history(), timeline.story(), SimTime::millis(7_500));
    for size in SIZES {
        let scene = scene("cluster", history, story, at, size, Language::En, None);
        check_fit(&scene, "controllers");
        let mut cards: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
        scene.for_each(&mut |shape| {
            let Geometry::Text { text, .. } = &shape.geometry else { return };
            let Some(rest) = shape.key.strip_prefix("part/") else { return };
            let Some((who, part)) = rest.rsplit_once('/') else { return };
            let place = ["eyebrow", "name"].iter().position(|name| *name == part);
            if let Some(place) = place {
                cards.entry(who.to_owned()).or_default()[place] = Some(text.to_string());
            }
        });
        let said = |who: &str| cards.get(who).cloned().unwrap_or_default().map(Option::unwrap_or_default);
        assert_eq!(said("deployment-controller"), ["CONTROLLER", "Deployment"], "{}", size[0]);
        assert_eq!(said("kube-scheduler"), ["SCHEDULER", "kube-scheduler"], "{}", size[0]);
        // Where both have no room, that it stands for others.
        let others = &said("kube-controller-manager")[0];
        assert!(others.starts_with("CONTROLLER") || others == "+ OTHERS", "{cards:?}");
    }
}

#[test]
fn the_scheduler_says_where_each_node_fell_out() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    let about = |name: &str| {
        let pod = Target::Object(ObjectKey::new(Kind::Pod, "default", name));
        let at = SimTime::millis(5_000);
        let scene = scene("cluster", history, story, at, SIZES[0], Language::En, Some(&pod));
        let mut crosses = Vec::new();
        scene.for_each(&mut |shape| {
            if shape.key.starts_with("why/filter/") && shape.role == Role::RequestFailed(Hue::Failed) {
                crosses.push(shape.key.to_string());
            }
        });
        let texts: Vec<String> = outline(&scene).lines().map(str::to_owned).collect();
        let from = texts
            .iter()
            .position(|line| line.contains("WHY THIS NODE") || line.contains("WHY NO NODE"))
            .expect("the reasons");
        let words = texts[from..].iter().filter_map(|line| line.trim().split_once(' '));
        (words.map(|(_, text)| text.to_owned()).collect::<Vec<_>>().join("\n"), crosses)
    };
    let (words, crosses) = about("too-large-for-any-node-of-this-cluster");
    // The sixth filter is the last one that ran.
    assert_eq!(crosses, ["why/filter/5/0", "why/filter/5/1"]);
    expect![[r#"
        WHY NO NODE?
        [Pod too-large-for-any-node-of-this-cluster]
        too-large-for-an…of-this-cluster
        The scheduler runs each node through its filters
        and scores those that are left, if more than one is.
        FILTER
        node-2
        node-1
        NodeUnschedulable
        NodeName
        TaintToleration
        NodeAffinity
        NodePorts
        NodeResourcesFit
        No node is left. The Pod waits.
        2 Insufficient cpu"#]]
    .assert_eq(&words);
    let names = history.at(SimTime::millis(5_000));
    let web = names.all::<Pod>().find(|pod| pod.metadata.name.starts_with("web-")).expect("a Pod");
    let (words, crosses) = about(&web.metadata.name);
    assert!(crosses.is_empty());
    expect![[r#"
        WHY THIS NODE?
        [Pod web-789fb6c576-fmpvv]
        web-789fb6c576-fmpvv
        The scheduler runs each node through its filters
        and scores those that are left, if more than one is.
        FILTER
        node-2
        node-1
        NodeUnschedulable
        NodeName
        TaintToleration
        NodeAffinity
        NodePorts
        NodeResourcesFit
        VolumeRestrictions
        NodeVolumeLimits
        VolumeBinding
        VolumeZone
        PodTopologySpread
        InterPodAffinity
        SCORE
        TaintToleration
        300
        300
        NodeResourcesFit
        86
        86
        PodTopologySpread
        200
        200
        NodeResourcesBalanced…
        72
        72
        Sum
        658
        658
        2 nodes have the highest sum, 658.
        node-2 was chosen at random."#]]
    .assert_eq(&words);
}

fn record(id: usize, object: impl Into<Object>) -> Record {
    Record {
        id: RecordId(u32::try_from(id).expect("few")),
        time: SimTime(id as u64 + 1),
        actor: crate::cluster::record::Actor::ApiServer,
        cause: None,
        fact: Fact::Object { change: Change::Added, object: object.into() },
    }
}

/// So many nodes, and Pods in a row on them.
fn crowd(nodes: usize, pods: usize) -> History {
    let mut history = History::new(Vec::new());
    let named = |name: &str| ObjectMeta { name: name.into(), ..ObjectMeta::default() };
    let nodes_made = (0..nodes).map(|node| {
        let metadata = Rc::new(named(&format!("node-{node}")));
        record(node, Node { metadata, ..Node::default() })
    });
    history.extend(nodes_made);
    let pods_made = (0..pods).map(|pod| {
        let metadata = ObjectMeta { namespace: "default".into(), ..named(&format!("web-{pod}")) };
        // One in a hundred waits.
        let node_name = if pod % 100 == 99 { String::new() } else { format!("node-{}", pod % nodes) };
        let spec = PodSpec { node_name: node_name.into(), ..PodSpec::default() };
        let phase = Some([PodPhase::Running, PodPhase::Pending, PodPhase::Failed][pod % 3]);
        let status = PodStatus { phase, ..PodStatus::default() };
        let (metadata, spec, status) = (Rc::new(metadata), Rc::new(spec), Rc::new(status));
        record(nodes + pod, Pod { metadata, spec, status, ..Pod::default() })
    });
    history.extend(pods_made);
    history
}

#[test]
fn crowds_fold_within_the_budget() {
    for (nodes, pods) in [(1, 1), (2, 10_000), (3, 60), (8, 400), (9, 9), (40, 4_000), (200, 20_000)] {
        let history = crowd(nodes, pods);
        for size in SIZES {
            for language in Language::ALL {
                let at = SimTime::millis(1_000);
                let scene = scene("cluster", &history, &Story::default(), at, size, *language, None);
                check_fit(&scene, &format!("{pods} on {nodes} at {}, {language}", size[0]));
            }
        }
    }
}
