//! Before a question that is still open, no view shows anything of what comes after it.

use super::all;
use super::testing::{SIZES, play, scene};
use crate::api::{Kind, ObjectKey};
use crate::cluster::time::SimTime;
use crate::scene::fit::walk;
use crate::scene::shape::{Geometry, Scene, Target};
use crate::timeline::{History, Timeline};
use crate::words::Language;

const APP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.25'}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: alone}
spec: {containers: [{name: web, image: 'nginx:1.25'}]}
";

fn run(commands: &[(u64, &str)]) -> Timeline {
    let apply = [(0, "kubectl apply -f app.yaml")];
    play(&[("app.yaml", APP)], &[&apply, commands].concat())
}

fn drawn(timeline: &Timeline, history: &History, view: &str, at: SimTime, size: [f32; 2]) -> Scene {
    let chosen = Target::Object(ObjectKey::new(Kind::Pod, "default", "alone"));
    scene(view, history, timeline.story(), at, size, Language::En, Some(&chosen))
}

#[test]
fn two_runs_that_part_after_a_question_look_the_same_before_it() {
    let deleted = run(&[
        (20_000, "kubectl delete pod alone"),
        (60_000, "kubectl set image deployment/web web=nginx:1.27"),
    ]);
    let scaled = run(&[(20_000, "kubectl scale deployment web --replicas=5")]);
    let until = SimTime::millis(2_000);
    let known = [&deleted, &scaled].map(|timeline| timeline.history().known_until(until));
    assert!(known[0].is_known_of(deleted.history(), until) && known[0].is_known_of(scaled.history(), until));
    assert!(!known[0].is_known_of(deleted.history(), SimTime::millis(2_001)));
    let mut differ = Vec::new();
    for entry in all() {
        for size in SIZES {
            for at in [300, 1_000, 2_000].map(SimTime::millis) {
                let [one, other] = [(&deleted, &known[0]), (&scaled, &known[1])]
                    .map(|(timeline, history)| drawn(timeline, history, entry.id, at, size));
                assert!(one == other, "{} at {at:?}, {size:?}", entry.id);
                let [one, other] = [&deleted, &scaled]
                    .map(|timeline| drawn(timeline, timeline.history(), entry.id, at, size));
                if one != other && !differ.contains(&entry.id) {
                    differ.push(entry.id);
                }
            }
        }
    }
    assert!(
        differ.contains(&"life") && differ.contains(&"deletion"),
        "else they draw what comes: {differ:?}"
    );
}

#[test]
fn where_it_is_asked_nothing_is_drawn_that_is_still_to_come() {
    let timeline = run(&[
        (20_000, "kubectl delete pod alone"),
        (60_000, "kubectl set image deployment/web web=nginx:1.27"),
    ]);
    let to_come = |history: &History, view: &str, at: SimTime, size: [f32; 2]| {
        let mut found = Vec::new();
        walk(&drawn(&timeline, history, view, at, size).shapes, [0.0, 0.0], &mut |shape, _| {
            // A veil over what comes is there, and has nothing to cover.
            let is_empty = matches!(shape.geometry, Geometry::Rect { width, .. } if width < 2.0);
            if shape.key.contains("to-come") && !is_empty {
                found.push(shape.key.to_string());
            }
        });
        found
    };
    for entry in all() {
        for at in [20_020, 20_400, 21_000, 61_500].map(SimTime::millis) {
            let known = timeline.history().known_until(at);
            for size in SIZES {
                let found = to_come(&known, entry.id, at, size);
                assert!(found.is_empty(), "{} at {at:?}, {size:?}: {found:?}", entry.id);
            }
        }
    }
    let whole = to_come(timeline.history(), "deletion", SimTime::millis(20_400), SIZES[0]);
    assert!(!whole.is_empty(), "else it is drawn");
}
