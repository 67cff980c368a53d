//! Whether a comparison can be read at every moment, and whether it says what has happened.

use super::super::testing::{check_fit, outline, places};
use super::super::{Stage, all};
use crate::api::objects::Pod;
use crate::cluster::setup::Setup;
use crate::cluster::testing::requests_to_web;
use crate::cluster::time::{SECOND, SimTime};
use crate::scene::fit::walk;
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Scene};
use crate::scene::tokens::Hue;
use crate::timeline::compare::{Against, Comparison, Difference};
use crate::timeline::{Act, Acted, Start, Timeline};
use crate::value::Str;
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
fn compared(timeline: &Timeline, against: impl Into<Against>, seeds: usize) -> Comparison {
    let mut compare = Comparison::new(timeline, Some(against.into())).expect("it differs");
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
fn a_phone_shows_what_both_runs_lost_without_scrolling() {
    let timeline = rollout(3, true);
    let compare = compared(&timeline, Difference::PreStop, 1);
    let size = SIZES[3];
    let scene = drawn(&timeline, Some(&compare), SimTime(30 * SECOND), size, Language::En);
    let mut figures = Vec::new();
    walk(&scene.shapes, [0.0, 0.0], &mut |shape, [_, dy]| {
        if let Geometry::Text { y, .. } = &shape.geometry
            && shape.key.ends_with("/figure")
        {
            figures.push(dy + y);
        }
    });
    assert_eq!(figures.len(), 2);
    // The legend lies over the lowest part of the stage.
    assert!(figures.iter().all(|y| *y < size[1] - 50.0), "{figures:?}");
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
    let compare = Comparison::new(&timeline, Some(Difference::PreStop.into())).expect("it differs");
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
        14,14 [A: without preStop. 280 requests, 19 lost]
          44,43 A
          69,44 without preStop
          1308,44 dashed: its counterpart in B
          215,227 6 s
          361,227 8 s
          506,227 10 s
          652,227 12 s
          798,227 14 s
          944,227 16 s
          1089,227 18 s
          1235,227 20 s
          367,62 kubectl set image deployment/web web=podium/web:2.0
        14,70 [A web-55b4f8d466-qb5ls]
          30,84 …-qb5ls
        14,88 [A web-55b4f8d466-vj5nk]
          30,102 …-vj5nk
        14,106 [A web-55b4f8d466-6l7db]
          30,120 …-6l7db
        14,124 [A web-6f45dffdb9-2rch9]
          30,138 …-2rch9
        14,142 [A web-6f45dffdb9-cq6d8]
          30,156 …-cq6d8
        14,160 [A web-6f45dffdb9-n6dmk]
          30,174 …-n6dmk
          30,200 requests
          1338,70 19
          1387,69 of 280 requests lost
          1338,98 refused
          1566,98 5
          1338,123 timed out
          1566,123 13
          1338,148 cut off
          1566,148 1
        14,246 [B: with preStop. 280 requests, 0 lost]
          44,275 B
          68,276 with preStop
          1308,276 dashed: its counterpart in A
          184,276 lifecycle.preStop.sleep.seconds: 5
          215,459 6 s
          361,459 8 s
          506,459 10 s
          652,459 12 s
          798,459 14 s
          944,459 16 s
          1089,459 18 s
          1235,459 20 s
          367,294 kubectl set image deployment/web web=podium/web:2.0
        14,302 [-]
          30,316 …-8tljb
        14,320 [-]
          30,334 …-5r8d9
        14,338 [-]
          30,352 …-kxfb5
        14,356 [-]
          30,370 …-rvbsh
        14,374 [-]
          30,388 …-w2b8x
        14,392 [-]
          30,406 …-hh66w
          30,432 requests
          1338,302 0
          1373,301 of 280 requests lost
          1338,330 refused
          1566,330 0
          1338,355 timed out
          1566,355 0
          1338,380 cut off
          1566,380 0
        14,478 [One run proves nothing. Each is played with other seeds: 12 of 100 …]
          28,498 100 seeds of each, whole run: requests lost
          320,498 One run proves nothing. Each is played with other seeds: 12 of 100 …
          44,530 A
          521,532 1
          754,525 2
          812,525 2
          871,518 3
          987,532 1
          1104,525 2
          1279,532 1
          1338,531 median 12 · from 6 to 19
          44,570 B
          171,558 12
          1338,571 median 0 · from 0 to 0
          171,603 0
          229,603 1
          288,603 2
          346,603 3
          404,603 4
          463,603 5
          521,603 6
          579,603 7
          638,603 8
          696,603 9
          754,603 10
          812,603 11
          871,603 12
          929,603 13
          987,603 14
          1046,603 15
          1104,603 16
          1162,603 17
          1221,603 18
          1279,603 19
          1338,603 requests lost · scaled per row
    "#]]
    .assert_eq(&outline(&scene));
}

#[test]
fn what_only_reads_or_fails_does_not_begin_the_count_anew() {
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
        let counts = compare.sweep().counts();
        (figures, counts.map(|tallies| tallies.iter().map(|tally| tally.rests).collect::<Vec<_>>()))
    };
    let (without, rests) = figures(None);
    assert_eq!(without.len(), 2, "{without:?}");
    assert_ne!(without[0], "0 ms");
    for nothing in [
        "kubectl get pods -o wide",
        "kubectl delete pod nosuch",
        "kubectl scale deployment/nosuch --replicas=2",
    ] {
        assert_eq!(figures(Some(nothing)), (without.clone(), rests.clone()), "{nothing}");
    }
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

#[test]
fn of_two_branches_each_shows_its_own_commands() {
    let mut timeline = rollout(3, true);
    timeline.fork(SimTime::millis(7_000));
    let scaled = "kubectl scale deployment/web --replicas=5";
    timeline.act(SimTime::millis(7_500), Act::Command(scaled.into()));
    while timeline.record(SimTime::ZERO, 10_000) {}
    let compare = compared(&timeline, Against::Branch(0), 2);
    for size in SIZES {
        for language in Language::ALL {
            let scene = drawn(&timeline, Some(&compare), SimTime(12 * SECOND), size, *language);
            check_fit(&scene, &format!("two branches, {size:?}, {language:?}"));
        }
    }
    let text = outline(&drawn(&timeline, Some(&compare), SimTime(12 * SECOND), SIZES[0], Language::En));
    let (own, other) = text.split_once("[B: First run").expect("both are drawn");
    // In its title as what only it has, and at its moment.
    let count = |text: &str, command: &str| text.matches(command).count();
    assert!(own.contains("[A: Branch 1."), "{text}");
    assert_eq!([count(own, scaled), count(other, scaled)], [2, 0], "{text}");
    assert_eq!([count(own, "kubectl set image"), count(other, "kubectl set image")], [0, 2], "{text}");
}

#[test]
fn a_command_that_finds_nothing_in_the_second_run_is_told_so() {
    // A Pod of the new ReplicaSet, which `Recreate` does not make before the old Pods are gone.
    let mut timeline = rollout(2, false);
    let pods = |at: SimTime| timeline.at(at).all::<Pod>().map(|pod| pod.metadata.name.clone());
    let (before, at) = (SimTime::millis(8_000), SimTime::millis(8_400));
    let old: Vec<Str> = pods(before).collect();
    let name = pods(at).find(|name| !old.contains(name)).expect("a new Pod");
    let line = format!("kubectl delete pod {name}");
    timeline.act(at, Act::Command(line.as_str().into()));
    while timeline.record(SimTime::ZERO, 10_000) {}
    let compare = compared(&timeline, Difference::Strategy, 2);
    let end = SimTime(30 * SECOND);
    for size in SIZES {
        for language in Language::ALL {
            let scene = drawn(&timeline, Some(&compare), end, size, *language);
            check_fit(&scene, &format!("a command in vain, {size:?}, {language:?}"));
        }
    }
    let text = outline(&drawn(&timeline, Some(&compare), end, SIZES[0], Language::En));
    let (own, other) = text.split_once("[B: ").expect("both are drawn");
    assert!(own.contains(&format!(" {line}")) && !own.contains("found nothing"), "{text}");
    assert!(other.starts_with("strategy Recreate, a command found nothing]"), "{text}");
    for said in ["found nothing: kubectl delete pod", " –\n", "found nothing with 2 of 2"] {
        assert!(other.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_run_without_requests_has_lost_none_and_what_is_to_come_is_not_counted() {
    let mut timeline = rollout(2, false);
    timeline.fork(SimTime::millis(20_000));
    let client = requests_to_web(20, 4 * SECOND, 2 * SECOND);
    timeline.act(SimTime::millis(40_000), Act::Requests(client));
    while timeline.record(SimTime::ZERO, 10_000) {}
    timeline.look_at(0);
    let compare = compared(&timeline, Against::Branch(1), 2);
    let text = |at: u64| {
        for size in SIZES {
            for language in Language::ALL {
                let scene = drawn(&timeline, Some(&compare), SimTime::millis(at), size, *language);
                check_fit(&scene, &format!("{at}, {size:?}, {language:?}"));
            }
        }
        outline(&drawn(&timeline, Some(&compare), SimTime::millis(at), SIZES[0], Language::En))
    };
    let (early, begun, late) = (text(10_000), text(39_500), text(50_000));
    for drawn in [&early, &begun, &late] {
        // In the panel and in the row of its seeds.
        assert_eq!(drawn.matches("no requests are sent").count(), 2, "{drawn}");
        assert!(!drawn.contains("A loses"), "{drawn}");
    }
    assert!(early.contains("before this: playhead at 10"), "{early}");
    assert!(begun.contains("no request has ended yet"), "{begun}");
    assert!(late.contains("of 80 requests lost\n") && !late.contains("lost so far"), "{late}");
    let amid = text(42_000);
    assert!(amid.contains("requests lost so far\n"), "{amid}");
}

/// A run of seventy minutes has its times in minutes, and none over another; what is not recorded yet is not called unsettled.
#[test]
fn a_long_run_has_its_times_in_minutes() {
    let acted = |at: u64, line: &str| Acted { at: SimTime(at * SECOND), act: Act::Command(line.into()) };
    let acts = vec![
        acted(0, "kubectl create deployment web --image=nginx:9.99"),
        acted(4_200, "kubectl scale deployment web --replicas=2"),
    ];
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
    let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    let compare = compared(&timeline, Difference::Seed, 2);
    for size in SIZES {
        for language in Language::ALL {
            let scene = drawn(&timeline, Some(&compare), SimTime(30 * SECOND), size, *language);
            check_fit(&scene, &format!("seventy minutes, {size:?}, {language:?}"));
            let caption = crate::words::text(*language, crate::msg!("compare.until-rest"), &[]);
            assert!(outline(&scene).contains(&caption), "{caption} is cut, {size:?}");
        }
    }
    let text = outline(&drawn(&timeline, Some(&compare), SimTime(30 * SECOND), SIZES[0], Language::En));
    let times = text.lines().filter_map(|line| Some(line.trim_start().split_once(' ')?.1));
    let times: Vec<&str> = times.filter(|text| text.ends_with(" min") && text.len() < 8).collect();
    expect!["0 min, 10 min, 20 min, 30 min, 40 min, 50 min, 60 min, 70 min, 0 min, 10 min, 20 min, 30 min, 40 min, 50 min, 60 min, 70 min"].assert_eq(&times.join(", "));
    let said = |text: &str, words: &str| text.matches(words).count();
    let of = ["not settled in what is recorded", "69 until all Pods are settled"];
    assert_eq!(of.map(|words| said(&text, words)), [1, 1], "{text}");
}
