//! What the life of a Pod shows: in each phase, at each moment, in both languages and sizes.

use super::super::Stage;
use super::super::testing::{SIZES, check_fit, outline, play, scene};
use super::lived::Lived;
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::Fact;
use crate::cluster::time::SimTime;
use crate::scene::fit::PRESENTED;
use crate::scene::measure::width;
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Scene, Segment, Target};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use crate::timeline::Timeline;
use crate::words::{self, Language};
use std::collections::BTreeMap;

const PODS: &str = "apiVersion: v1
kind: Pod
metadata: {name: waits}
spec:
  nodeSelector: {disk: ssd}
  containers: [{name: web, image: 'nginx:1.27'}]
---
apiVersion: v1
kind: Pod
metadata: {name: runs}
spec: {containers: [{name: web, image: 'nginx:1.27'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ends-well}
spec:
  restartPolicy: Never
  initContainers: [{name: prepares, image: 'busybox:1.36', command: [sh, -c, 'sleep 1']}]
  containers: [{name: work, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 0']}]
---
apiVersion: v1
kind: Pod
metadata: {name: ends-badly}
spec:
  restartPolicy: Never
  containers: [{name: work, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 1']}]
---
apiVersion: v1
kind: Pod
metadata: {name: again-and-again}
spec:
  containers: [{name: work, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit 1']}]
";

fn run() -> Timeline {
    play(&[("pods.yaml", PODS)], &[(0, "kubectl apply -f pods.yaml"), (40_000, "kubectl delete pod runs")])
}

fn shown(timeline: &Timeline, pod: &str, at: u64, size: [f32; 2], language: Language) -> Scene {
    let target = Target::Object(ObjectKey::new(Kind::Pod, "default", pod));
    scene("life", timeline.history(), timeline.story(), SimTime::millis(at), size, language, Some(&target))
}

#[test]
fn every_pod_can_be_read_at_every_moment() {
    let timeline = run();
    let mut moments = 0;
    for at in [0, 200, 400, 1_000, 2_000, 3_000, 5_000, 9_000, 30_000, 40_200, 60_000] {
        for pod in ["waits", "runs", "ends-well", "ends-badly", "again-and-again"] {
            for size in SIZES.into_iter().chain([[760.0, 420.0], [1_600.0, 690.0]]) {
                for language in Language::ALL {
                    let scene = shown(&timeline, pod, at, size, *language);
                    check_fit(&scene, &format!("{pod} at {at}, {language}, {}", size[0]));
                    moments += usize::from(!scene.shapes.is_empty());
                }
            }
        }
    }
    assert!(moments > 300, "{moments}");
}

/// The words at the arrows, each arrow's in one.
fn labels(scene: &Scene) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, String> = BTreeMap::new();
    scene.for_each(&mut |shape| {
        let key = shape.key.strip_prefix("machine/label/").and_then(|key| key.split_once('/'));
        if let (Some((arrow, _)), Geometry::Text { text, .. }) = (key, &shape.geometry) {
            let said = labels.entry(arrow.to_owned()).or_default();
            said.push_str(if said.is_empty() { "" } else { " " });
            said.push_str(text);
        }
    });
    labels
}

#[test]
fn every_arrow_says_what_it_takes() {
    let timeline = run();
    for size in [SIZES[0], [756.0, 690.0], [1_600.0, 690.0], PRESENTED] {
        for language in Language::ALL {
            for (pod, at, has_init) in
                [("runs", 30_000, false), ("ends-well", 30_000, true), ("runs", 0, true)]
            {
                let scene = shown(&timeline, pod, at, size, *language);
                let runs = if has_init { "scene.life-runs-after-init" } else { "scene.life-runs" };
                let refused = if has_init { "scene.life-init-failed" } else { "scene.life-never-ran" };
                let expected = [
                    ("badly", "scene.life-ends-badly"),
                    ("refused", refused),
                    ("runs", runs),
                    ("well", "scene.life-ends-well"),
                ];
                let expected =
                    expected.map(|(arrow, id)| (arrow.to_owned(), words::text(*language, id, &[])));
                let what = format!("{pod} at {at}, {language}, {}", size[0]);
                assert_eq!(labels(&scene), BTreeMap::from(expected), "{what}");
                // A second line would stand on the border of the box above.
                let mut lines = 0;
                scene.for_each(&mut |shape| {
                    lines += usize::from(shape.key.starts_with("machine/label/refused/"));
                });
                assert_eq!(lines, 1, "{what}");
            }
        }
    }
}

#[test]
fn the_phases_are_there_before_any_pod_is() {
    let timeline = run();
    for size in SIZES.into_iter().chain([[756.0, 690.0]]) {
        for language in Language::ALL {
            let scene = shown(&timeline, "runs", 0, size, *language);
            check_fit(&scene, &format!("{language}, {}", size[0]));
            let outline = outline(&scene);
            let phases = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];
            assert!(phases.iter().all(|phase| outline.contains(phase)), "{outline}");
            assert!(!outline.contains("[Pod "), "{outline}");
        }
    }
}

#[test]
fn a_phone_says_from_when_to_when_and_what_restarts() {
    let outline = outline(&shown(&run(), "ends-well", 3_000, SIZES[1], Language::En));
    for said in ["restartPolicy: Never", " 00:03.0"] {
        assert!(outline.lines().any(|line| line.ends_with(said)), "{said}: {outline}");
    }
}

#[test]
fn left_out_waits_are_marked_below_the_times_beside_the_playhead_whose_time_stands_at_it() {
    let timeline = run();
    let mut long = 0;
    for size in SIZES.into_iter().chain([[756.0, 690.0]]) {
        for at in (0..80).map(|turn| 500 + turn * 1_000) {
            let scene = shown(&timeline, "again-and-again", at, size, Language::En);
            let (mut times, mut folds) = (BTreeMap::new(), BTreeMap::<String, Vec<[f32; 2]>>::new());
            let (mut rows, mut axis, mut now) = (f32::MAX, [f32::MAX, 0.0_f32], None);
            scene.for_each(&mut |shape| match &shape.geometry {
                Geometry::Text { x, y, text, .. }
                    if ["bands/from", "bands/at", "bands/to"].contains(&&*shape.key) =>
                {
                    times.insert(shape.key.to_string(), (*x, *y, text.to_string()));
                }
                Geometry::Text { .. } if shape.key.ends_with("/long") => long += 1,
                Geometry::Path(path) if shape.key.starts_with("bands/fold/") => {
                    let mark = shape.key.rsplit_once('/').map_or("", |(mark, _)| mark);
                    let points = path.iter().filter_map(|segment| match segment {
                        Segment::Move(point) | Segment::Line(point) => Some(*point),
                        _ => None,
                    });
                    folds.entry(mark.to_owned()).or_default().extend(points);
                }
                Geometry::Rect { x, y, width, .. } if shape.key.starts_with("bands/0/") => {
                    if !shape.key.contains("/now/") {
                        axis = [axis[0].min(*x), axis[1].max(x + width)];
                    }
                    rows = rows.min(*y);
                }
                Geometry::Path(path) if shape.key.starts_with("bands/playhead") => {
                    if let Some(Segment::Move([x, _])) = path.first() {
                        now = Some(*x);
                    }
                }
                _ => {}
            });
            let what = format!("at {at} on {}: {times:?}", size[0]);
            assert!(!folds.is_empty(), "{what}");
            let now = now.expect("the playhead is within");
            let low = times.values().map(|(_, y, _)| y + 2.5).fold(0.0, f32::max);
            let mut last = f32::MIN;
            for points in folds.values() {
                for [x, y] in points {
                    assert!((low..=rows).contains(y), "{y} of {low} to {rows}, {what}");
                    assert!(*x >= axis[0] && *x <= axis[1] + 2.0, "{x} of {axis:?}, {what}");
                    assert!((x - now).abs() >= 3.0, "{x} at the playhead {now}, {what}");
                }
                let [left, right] = [f32::min, f32::max]
                    .map(|of| points.iter().map(|[x, _]| *x).reduce(of).expect("a point"));
                assert!(left > last + 4.0, "{left} after {last}, {what}");
                last = right;
            }
            // The time at the playhead stands at it; one of an end gives way where it would be over it.
            let (x, _, text) = &times["bands/at"];
            let half = width(text, Type::Label.font()) / 2.0;
            let place = now.max(axis[0] + half).min(axis[1] + 2.0 - half);
            assert!((x - place).abs() <= 2.0, "{x} at {place}, {what}");
            let is_near = x - half < axis[0] + 2.0 * half + 8.0;
            let first = times.get("bands/from").map(|(_, _, text)| text.clone());
            assert_eq!(first, told_first(&timeline).filter(|_| !is_near), "{what}");
        }
    }
    assert!(long > 20, "{long}");
}

/// From when the Pod is there, as it is written.
fn told_first(timeline: &Timeline) -> Option<String> {
    let key = ObjectKey::new(Kind::Pod, "default", "again-and-again");
    let versions = timeline.history().objects(Kind::Pod);
    let mut made = versions.filter_map(|versions| versions.first());
    let is_its = |version: &&crate::timeline::Version| {
        let record = timeline.history().record(version.record);
        matches!(record.map(|record| &record.fact), Some(Fact::Object { object, .. }) if object.key() == key)
    };
    made.find(is_its).map(|version| version.time.clock())
}

#[test]
fn without_a_pod_what_one_says_of_itself_is_there_in_outline() {
    let timeline = play(&[], &[(0, "kubectl get pods")]);
    for size in SIZES.into_iter().chain([[756.0, 690.0], PRESENTED]) {
        for language in Language::ALL {
            let (history, story) = (timeline.history(), timeline.story());
            let scene = scene("life", history, story, SimTime::ZERO, size, *language, None);
            check_fit(&scene, &format!("{size:?} {language}"));
            let text = outline(&scene);
            let rows = ["phase", "STATUS", "PodScheduled", "Initialized", "Ready"];
            let told = rows.iter().filter(|row| text.contains(&format!(" {row}\n"))).count();
            // Before a room the phases alone have room.
            assert_eq!(told, if size == PRESENTED { 0 } else { rows.len() }, "{size:?}: {text}");
            assert!(size[0] < 640.0 || scene.height <= size[1], "{} on {size:?}", scene.height);
        }
    }
}

#[test]
fn what_has_ended_waits_for_nothing() {
    let timeline = run();
    let target = Target::Object(ObjectKey::new(Kind::Pod, "default", "ends-well"));
    let at = SimTime::millis(60_000);
    let stage = Stage {
        view: timeline.history().at(at),
        story: timeline.story(),
        at: timeline.story().tempo.stage(at),
        size: SIZES[0],
        selection: Some(&target),
        language: Language::En,
        compare: None,
    };
    let lived = Lived::new(&stage).expect("a Pod");
    let rows = lived.rows();
    let stretches: Vec<_> = rows.iter().flat_map(|row| lived.stretches(row)).collect();
    let mut hues =
        stretches.iter().filter(|stretch| &*stretch.text == "Completed").map(|stretch| stretch.hue);
    let first = hues.next();
    assert!(first.is_some() && first.into_iter().chain(hues).all(|hue| hue == Hue::Succeeded));
    for row in &rows {
        let last = lived.stretches(row).pop().expect("a value");
        assert_ne!(last.hue, Hue::Pending, "{row:?}: {}", last.text);
    }
}

/// What is said of the phases.
fn phases(scene: &Scene) -> Vec<String> {
    let names = scene.shapes.iter().filter_map(|shape| shape.name.clone());
    names.filter(|name| name.contains(": ")).map(|name| name.to_string()).collect()
}

#[test]
fn each_phase_is_where_the_pod_is_was_or_could_be() {
    let timeline = run();
    // Which moment it was is of no matter here.
    let told = |pod: &str| -> Vec<String> {
        let said = phases(&shown(&timeline, pod, 30_000, SIZES[0], Language::En)).into_iter();
        said.map(|line| line.chars().filter(|c| !c.is_ascii_digit()).collect()).collect()
    };
    let since = |phase: &str| format!("{phase}: since :.");
    let passed = |phase: &str| format!("{phase}: :. – :.");
    // What ends is started again: only somebody else ends such a Pod.
    let could = ["Succeeded: only if deleted", "Failed: evicted or deleted"].map(str::to_owned);
    let [succeeded, failed] = &could;
    // Without a node it is gone at once when it is deleted, and never Failed.
    let refused = "Failed: only with a node".to_owned();
    let not = |phase: &str| format!("{phase}: not reached");
    let unknown = "Unknown: nothing sets it".to_owned();
    for (pod, expected) in [
        ("waits", [since("Pending"), "Running: not yet".to_owned(), succeeded.clone(), refused]),
        ("runs", [passed("Pending"), since("Running"), succeeded.clone(), failed.clone()]),
        ("ends-well", [passed("Pending"), passed("Running"), since("Succeeded"), not("Failed")]),
        ("ends-badly", [passed("Pending"), passed("Running"), not("Succeeded"), since("Failed")]),
    ] {
        assert_eq!(told(pod), [expected.as_slice(), std::slice::from_ref(&unknown)].concat(), "{pod}");
    }
}

#[test]
fn unschedulable_is_the_reason_of_a_condition() {
    let scene = shown(&run(), "waits", 30_000, SIZES[0], Language::En);
    let outline = outline(&scene);
    assert!(outline.contains("False · Unschedulable"), "{outline}");
}

#[test]
fn what_is_to_come_is_drawn_beside_what_was() {
    let outline = outline(&shown(&run(), "ends-well", 1_000, SIZES[0], Language::En));
    assert!(outline.contains("terminated · Completed · exit 0"), "{outline}");
}

#[test]
fn what_is_left_of_a_long_grace_period_goes_down_second_by_second() {
    const SLOW: &str = "apiVersion: v1
kind: Pod
metadata: {name: slow}
spec:
  terminationGracePeriodSeconds: 3600
  containers:
  - name: web
    image: 'nginx:1.27'
    lifecycle: {preStop: {sleep: {seconds: 1000}}}
";
    let timeline = play(
        &[("slow.yaml", SLOW)],
        &[
            (0, "kubectl apply -f slow.yaml"),
            (20_000, "kubectl delete pod slow --wait=false"),
            (40_000, "kubectl get pods"),
        ],
    );
    let left = |at: u64| -> i64 {
        let mut said: Vec<String> = Vec::new();
        shown(&timeline, "slow", at, SIZES[0], Language::En).for_each(&mut |shape| {
            if let Geometry::Text { text, .. } = &shape.geometry
                && shape.key.starts_with("machine/policy/")
            {
                said.push(text.to_string());
            }
        });
        let said = said.join(" ");
        let left = said.strip_prefix("Being deleted: ").and_then(|rest| rest.split(' ').next());
        left.and_then(|left| left.parse().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    let first = left(30_000);
    assert!((3_588..=3_592).contains(&first), "{first}");
    assert_eq!([left(31_000), left(32_000)], [first - 1, first - 2]);
}

#[test]
fn what_could_come_is_an_outline_and_what_is_reached_has_its_mark() {
    let timeline = run();
    for (pod, reached) in [("waits", &["Pending"][..]), ("runs", &["Pending", "Running"])] {
        let mut marked = Vec::new();
        shown(&timeline, pod, 30_000, SIZES[0], Language::En).for_each(&mut |shape| {
            let phase = shape.key.strip_prefix("machine/").and_then(|key| key.strip_suffix("/state/mark"));
            if let (Some(phase), Role::StateMark(_)) = (phase, shape.role) {
                marked.push(phase.to_owned());
            }
            let is_failed = shape.key.starts_with("machine/Failed/");
            assert!(!is_failed || shape.role.hue().is_none_or(|hue| hue == Hue::Quiet), "{}", shape.key);
        });
        assert_eq!(marked, reached, "{pod}");
    }
}

#[test]
fn a_trouble_is_told_from_the_wait_after_it() {
    const BAD: &str = "apiVersion: v1
kind: Pod
metadata: {name: bad}
spec: {containers: [{name: web, image: 'nginx:nosuch'}]}
";
    let timeline =
        play(&[("bad.yaml", BAD)], &[(0, "kubectl apply -f bad.yaml"), (120_000, "kubectl get pods")]);
    let scene = shown(&timeline, "bad", 119_000, SIZES[0], Language::En);
    check_fit(&scene, "bad");
    let (mut words, mut marks) = (Vec::new(), Vec::new());
    scene.for_each(&mut |shape| match &shape.geometry {
        Geometry::Text { text, .. } if shape.key.starts_with("bands/") && shape.key.ends_with("/text") => {
            words.push(text.to_string());
        }
        Geometry::Path(path) if shape.role == Role::Glyph(Hue::Failed) => marks.push(path.len()),
        _ => {}
    });
    assert!(words.iter().any(|word| word.ends_with("ErrImagePull")), "{words:?}");
    assert!(words.iter().all(|word| word != "waiting"), "{words:?}");
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), 2, "{marks:?} of {words:?}");
}

#[test]
fn on_a_phone_all_conditions_are_above_the_lower_edge() {
    let scene = shown(&run(), "runs", 30_000, SIZES[1], Language::En);
    let ready = scene.shapes.iter().filter(|shape| &*shape.key == "bands/6/name");
    let at: Vec<f32> = ready
        .filter_map(|shape| match &shape.geometry {
            Geometry::Text { y, text, .. } if &**text == "Ready" => Some(*y),
            _ => None,
        })
        .collect();
    // The edge fades, and the button of the legend lies below.
    assert!(at.len() == 1 && at[0] < SIZES[1][1] - 80.0, "{at:?}");
}

#[test]
fn a_pod_that_is_gone_is_said_to_be() {
    const ONE: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: 'nginx:1.25'}]}\n";
    let line = play(
        &[("web.yaml", ONE)],
        &[(0, "kubectl apply -f web.yaml"), (5_000, "kubectl delete pod web"), (20_000, "kubectl get pods")],
    );
    for size in SIZES {
        for language in Language::ALL {
            let at = |at| shown(&line, "web", at, size, *language);
            check_fit(&at(19_000), &format!("gone, {size:?}, {language:?}"));
            if *language == Language::En {
                let said = |millis| outline(&at(millis)).contains("gone since");
                assert_eq!([4_000, 19_000].map(said), [false, true], "{size:?}");
            }
        }
    }
}
