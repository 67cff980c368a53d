//! Whether a comparison can be read at every moment, and whether it says what has happened.

use super::super::testing::{check_fit, outline, places};
use super::super::{Stage, all};
use crate::cluster::setup::Setup;
use crate::cluster::testing::requests_to_web;
use crate::cluster::time::{SECOND, SimTime};
use crate::scene::role::Role;
use crate::scene::shape::Scene;
use crate::scene::tokens::Hue;
use crate::timeline::compare::{Comparison, Difference};
use crate::timeline::{Act, Acted, Start, Timeline};
use crate::words::Language;
use expect_test::expect;

/// Without an editor, beside one, beside an inspector too, and a phone's.
const SIZES: [[f32; 2]; 4] = [[1600.0, 640.0], [1170.0, 640.0], [758.0, 640.0], [390.0, 560.0]];

fn web(replicas: u32) -> String {
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: web
        image: podium/web:1.0
        ports: [{{containerPort: 8080}}]
        readinessProbe: {{httpGet: {{path: /ready, port: 8080}}, periodSeconds: 1}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}
"
    )
}

/// A rollout, with or without requests to it.
fn rollout(replicas: u32, has_requests: bool) -> Timeline {
    let client = requests_to_web(20, 14 * SECOND, 3 * SECOND);
    let mut acts = vec![
        (0, Act::File("web.yaml".into(), Some(web(replicas).into()))),
        (0, Act::Command("kubectl apply -f web.yaml".into())),
    ];
    acts.extend(has_requests.then_some((6_000, Act::Requests(client))));
    acts.push((8_000, Act::Command("kubectl set image deployment/web web=podium/web:2.0".into())));
    let acts = acts.into_iter().map(|(at, act)| Acted { at: SimTime::millis(at), act }).collect();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
    let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    timeline
}

/// A comparison until so many seeds of each are counted.
fn compared(timeline: &Timeline, difference: Difference, seeds: usize) -> Comparison {
    let mut compare = Comparison::new(timeline, Some(difference)).expect("it differs");
    while !compare.is_recorded() || compare.sweep().seeds() < seeds {
        compare.run(SimTime::ZERO, 10_000);
    }
    compare
}

fn drawn(
    timeline: &Timeline,
    compare: Option<&Comparison>,
    at: SimTime,
    size: [f32; 2],
    language: Language,
) -> Scene {
    let entry = all().iter().find(|entry| entry.id == "compare").expect("the view");
    let story = timeline.story();
    let (view, stage) = (timeline.at(at), story.tempo.stage(at));
    (entry.draw)(&Stage { view, story, at: stage, size, selection: None, language, compare })
}

#[test]
fn it_can_be_read_at_every_moment_and_nothing_moves() {
    let timeline = rollout(3, true);
    for difference in Difference::ALL {
        let compare = compared(&timeline, *difference, 3);
        for size in SIZES {
            for language in Language::ALL {
                let mut first = None;
                for seconds in [0, 7, 9, 12, 16, 30] {
                    let scene = drawn(&timeline, Some(&compare), SimTime(seconds * SECOND), size, *language);
                    check_fit(&scene, &format!("{difference} at {seconds} s, {size:?}, {language:?}"));
                    let places = places(&scene);
                    assert_eq!(*first.get_or_insert(places.clone()), places);
                }
            }
        }
    }
}

#[test]
fn without_requests_the_time_counts_and_many_pods_are_counted() {
    for (replicas, has_requests) in [(2, false), (9, true), (9, false)] {
        let timeline = rollout(replicas, has_requests);
        let compare = compared(&timeline, Difference::Strategy, 2);
        for size in SIZES {
            for language in Language::ALL {
                let scene = drawn(&timeline, Some(&compare), SimTime(10 * SECOND), size, *language);
                check_fit(&scene, &format!("{replicas} Pods, {size:?}, {language:?}"));
            }
        }
    }
}

#[test]
fn before_the_second_run_is_there_it_says_so() {
    let timeline = rollout(2, true);
    let compare = Comparison::new(&timeline, Some(Difference::PreStop)).expect("it differs");
    for size in SIZES {
        let scene = drawn(&timeline, Some(&compare), SimTime(9 * SECOND), size, Language::En);
        check_fit(&scene, "waiting");
        assert!(outline(&scene).contains("The second run is being played"));
    }
    assert_eq!(drawn(&timeline, None, SimTime::ZERO, SIZES[0], Language::En), Scene::default());
}

#[test]
fn a_request_that_is_lost_is_a_cross_in_its_run_alone() {
    let timeline = rollout(3, true);
    let compare = compared(&timeline, Difference::PreStop, 12);
    let scene = drawn(&timeline, Some(&compare), SimTime(30 * SECOND), SIZES[0], Language::En);
    let mut crosses = Vec::new();
    scene.for_each(&mut |shape| {
        if shape.role == Role::RequestFailed(Hue::Failed) {
            crosses.push(shape.key.to_string());
        }
    });
    assert!(crosses.contains(&"compare/A/requests/lost".to_owned()), "{crosses:?}");
    assert!(crosses.iter().all(|key| key.starts_with("compare/A/")), "{crosses:?}");
    expect![[r#"
        1600 x 640
        14,14 [A: without preStop. 280 requests so far, 19 lost]
          44,43 A
          69,44 without preStop
          1308,44 dashed: where B has it
          215,207 6 s
          361,207 8 s
          506,207 10 s
          652,207 12 s
          798,207 14 s
          944,207 16 s
          1089,207 18 s
          1235,207 20 s
          367,68 kubectl set image deployment/web web=podium/web:2.0
        14,76 [A web-55b4f8d466-qb5ls]
          30,87 …-qb5ls
        14,89 [A web-55b4f8d466-vj5nk]
          30,100 …-vj5nk
        14,102 [A web-55b4f8d466-6l7db]
          30,113 …-6l7db
        14,115 [A web-6f45dffdb9-2rch9]
          30,126 …-2rch9
        14,128 [A web-6f45dffdb9-cq6d8]
          30,139 …-cq6d8
        14,141 [A web-6f45dffdb9-n6dmk]
          30,152 …-n6dmk
          30,178 requests
          1338,70 19
          1387,69 of 280 requests lost
          1338,98 refused
          1566,98 5
          1338,123 timed out
          1566,123 13
          1338,148 cut off
          1566,148 1
        14,230 [B: with preStop. 280 requests so far, 0 lost]
          44,259 B
          68,260 with preStop
          1308,260 dashed: where A has it
          184,260 lifecycle.preStop.sleep.seconds: 5
          215,423 6 s
          361,423 8 s
          506,423 10 s
          652,423 12 s
          798,423 14 s
          944,423 16 s
          1089,423 18 s
          1235,423 20 s
          367,284 kubectl set image deployment/web web=podium/web:2.0
        14,292 [-]
          30,303 …-8tljb
        14,305 [-]
          30,316 …-5r8d9
        14,318 [-]
          30,329 …-kxfb5
        14,331 [-]
          30,342 …-rvbsh
        14,344 [-]
          30,355 …-w2b8x
        14,357 [-]
          30,368 …-hh66w
          30,394 requests
          1338,286 0
          1373,285 of 280 requests lost
          1338,314 refused
          1566,314 0
          1338,339 timed out
          1566,339 0
          1338,364 cut off
          1566,364 0
        14,446 [One run proves nothing. Each is played with other seeds: 12 of 100 …]
          28,466 100 seeds of each: requests lost
          28,485 One run proves nothing. Each is played with other seeds: 12 of 100 …
          44,516 A
          521,518 1
          754,511 2
          812,511 2
          871,504 3
          987,518 1
          1104,511 2
          1279,518 1
          1338,517 middle 12 · 6 to 19
          44,556 B
          171,544 12
          1338,557 middle 0 · 0 to 0
          171,589 0
          229,589 1
          288,589 2
          346,589 3
          404,589 4
          463,589 5
          521,589 6
          579,589 7
          638,589 8
          696,589 9
          754,589 10
          812,589 11
          871,589 12
          929,589 13
          987,589 14
          1046,589 15
          1104,589 16
          1162,589 17
          1221,589 18
          1279,589 19
          1338,589 requests lost
    "#]]
    .assert_eq(&outline(&scene));
}

#[test]
fn what_only_reads_does_not_begin_the_count_anew() {
    let figures = |last: Option<&str>| {
        let timeline = rollout(2, false);
        let mut acts = timeline.acts().to_vec();
        acts.extend(last.map(|line| Acted { at: SimTime::millis(60_000), act: Act::Command(line.into()) }));
        let mut timeline = Timeline::restore(timeline.start().clone(), vec![(acts, None)], 0);
        while timeline.record(SimTime::ZERO, 10_000) {}
        let compare = compared(&timeline, Difference::Seed, 2);
        let end = timeline.history().end();
        let scene = drawn(&timeline, Some(&compare), end, [1170.0, 640.0], Language::En);
        let text = outline(&scene);
        let lines: Vec<&str> =
            text.lines().filter_map(|line| Some(line.trim_start().split_once(' ')?.1)).collect();
        let about = |place: usize| lines[place + 1] == "until all Pods are settled";
        let figures: Vec<String> =
            (0..lines.len() - 1).filter(|place| about(*place)).map(|place| lines[place].to_owned()).collect();
        (figures, compare.sweep().counts()[0][0].rests)
    };
    let (without, rests) = figures(None);
    assert_eq!(without.len(), 2, "{without:?}");
    assert_ne!(without[0], "0 ms");
    assert_eq!(figures(Some("kubectl get pods -o wide")), (without.clone(), rests));
    assert_ne!(figures(Some("kubectl delete pods --all")).0, without);
}

#[test]
fn what_never_settles_is_said_so_in_the_runs_and_with_every_seed() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: loop}, spec: {containers: [{name: a, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit 1']}]}}";
    let acts = vec![
        Acted { at: SimTime::ZERO, act: Act::File("loop.yaml".into(), Some(pod.into())) },
        Acted { at: SimTime::ZERO, act: Act::Command("kubectl apply -f loop.yaml".into()) },
    ];
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
    let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    let compare = compared(&timeline, Difference::Seed, 2);
    assert!(compare.sweep().counts()[0].iter().all(|tally| tally.rests.is_none()));
    for size in SIZES {
        for language in Language::ALL {
            let scene = drawn(&timeline, Some(&compare), SimTime(30 * SECOND), size, *language);
            check_fit(&scene, &format!("a loop, {size:?}, {language:?}"));
        }
    }
    let text = outline(&drawn(&timeline, Some(&compare), SimTime(30 * SECOND), SIZES[0], Language::En));
    assert_eq!(text.matches("not settled in what is recorded").count(), 2, "{text}");
    assert!(text.contains("2 of 2 not settled after 2 min"), "{text}");
}

#[test]
fn the_run_of_the_session_is_counted_as_its_seed_is() {
    let timeline = rollout(2, false);
    let compare = compared(&timeline, Difference::Seed, 2);
    let settled = compare.sweep().counts()[0][0].rests.expect("it settles");
    let text = outline(&drawn(&timeline, Some(&compare), SimTime(30 * SECOND), SIZES[0], Language::En));
    let said = crate::words::millis(Language::En, settled / 1_000);
    assert!(text.lines().any(|line| line.ends_with(&format!(" {said}"))), "{said}: {text}");
}
