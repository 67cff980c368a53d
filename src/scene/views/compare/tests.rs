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
        1600 x 730
        14,14 [A: without preStop. 280 requests so far, 19 lost]
          44,43 A
          69,44 without preStop
          1308,44 dashed: where B has it
          215,247 6 s
          361,247 8 s
          506,247 10 s
          652,247 12 s
          798,247 14 s
          944,247 16 s
          1089,247 18 s
          1235,247 20 s
          367,72 kubectl set image deployment/web web=podium/web:2.0
        14,80 [A web-55b4f8d466-qb5ls]
          30,94 …-qb5ls
        14,98 [A web-55b4f8d466-vj5nk]
          30,112 …-vj5nk
        14,116 [A web-55b4f8d466-6l7db]
          30,130 …-6l7db
        14,134 [A web-6f45dffdb9-2rch9]
          30,148 …-2rch9
        14,152 [A web-6f45dffdb9-cq6d8]
          30,166 …-cq6d8
        14,170 [A web-6f45dffdb9-n6dmk]
          30,184 …-n6dmk
          30,214 requests
          1338,70 19
          1387,69 of 280 requests lost
          1338,98 refused
          1566,98 5
          1338,123 timed out
          1566,123 13
          1338,148 cut off
          1566,148 1
        14,270 [B: with preStop. 280 requests so far, 0 lost]
          44,299 B
          68,300 with preStop
          1308,300 dashed: where A has it
          184,300 lifecycle.preStop.sleep.seconds: 5
          215,503 6 s
          361,503 8 s
          506,503 10 s
          652,503 12 s
          798,503 14 s
          944,503 16 s
          1089,503 18 s
          1235,503 20 s
          367,328 kubectl set image deployment/web web=podium/web:2.0
        14,336 [-]
          30,350 …-8tljb
        14,354 [-]
          30,368 …-5r8d9
        14,372 [-]
          30,386 …-kxfb5
        14,390 [-]
          30,404 …-rvbsh
        14,408 [-]
          30,422 …-w2b8x
        14,426 [-]
          30,440 …-hh66w
          30,470 requests
          1338,326 0
          1373,325 of 280 requests lost
          1338,354 refused
          1566,354 0
          1338,379 timed out
          1566,379 0
          1338,404 cut off
          1566,404 0
        14,526 [One run proves nothing. Each is played with other seeds: 12 of 100 …]
          28,546 100 seeds of each: requests lost
          28,565 One run proves nothing. Each is played with other seeds: 12 of 100 …
          44,607 A
          521,611 1
          754,600 2
          812,600 2
          871,588 3
          987,611 1
          1104,600 2
          1279,611 1
          1338,608 middle 12 · 6 to 19
          44,661 B
          171,642 12
          1338,662 middle 0 · 0 to 0
          171,701 0
          229,701 1
          288,701 2
          346,701 3
          404,701 4
          463,701 5
          521,701 6
          579,701 7
          638,701 8
          696,701 9
          754,701 10
          812,701 11
          871,701 12
          929,701 13
          987,701 14
          1046,701 15
          1104,701 16
          1162,701 17
          1221,701 18
          1279,701 19
          1338,701 requests lost
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
