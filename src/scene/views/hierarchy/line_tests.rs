//! Where lines of the hierarchy run: apart from those of another meaning, and no further than they must.

use super::super::testing::{SIZES, check_fit, scene};
use super::relation_tests::{applied, at_the_end};
use super::rows::placed_boxes;
use super::tests::written;
use crate::cluster::time::SimTime;
use crate::scene::shape::{Geometry, Scene, Segment};
use crate::timeline::Story;
use crate::words::Language;

/// The corners of the line with this in its key.
fn corners(scene: &Scene, what: &str) -> Vec<[f32; 2]> {
    let mut found = Vec::new();
    scene.for_each(&mut |shape| {
        let Geometry::Path(path) = &shape.geometry else { return };
        if shape.key.contains(what) {
            found.extend(path.iter().filter_map(|segment| match segment {
                Segment::Move(at) | Segment::Line(at) | Segment::Quad(_, at) => Some(*at),
                _ => None,
            }));
        }
    });
    found
}

/// Left of the lines that go down further than from a row of Pods to the next.
fn trunks(scene: &Scene, what: &str) -> Vec<f32> {
    let corners = corners(scene, what);
    let long = corners
        .windows(2)
        .filter(|pair| (pair[0][0] - pair[1][0]).abs() < 0.5 && (pair[0][1] - pair[1][1]).abs() > 60.0);
    long.map(|pair| pair[0][0]).collect()
}

#[test]
fn the_line_of_a_slice_does_not_go_up_beside_that_of_the_owner() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 4\n  \
        selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    \
        spec: {containers: [{name: web, image: 'nginx:1.25'}]}\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    let timeline = applied(&[web, service]);
    let drawn = at_the_end(&timeline, SIZES[1], None);
    let (owner, slice) = (trunks(&drawn, "/to-pods"), trunks(&drawn, "/to/web-"));
    assert!(!owner.is_empty() && !slice.is_empty(), "{owner:?} {slice:?}");
    for x in &slice {
        assert!(
            owner.iter().all(|other| (x - other).abs() > 60.0) && *x < SIZES[1][0],
            "{owner:?} {slice:?}"
        );
    }
}

#[test]
fn a_claim_has_a_straight_line_to_the_volume_below_it() {
    let objects = [
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"db"},"spec":{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}],"containers":[{"name":"c"}]},"status":{"phase":"Running"}}"#,
        r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","uid":"2"},"spec":{"volumeName":"disk-1"}}"#,
        r#"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"disk-1"},"spec":{"claimRef":{"namespace":"default","name":"data","uid":"2"}}}"#,
    ];
    let history = written(&objects);
    for size in SIZES.into_iter().chain([[790.0, 1000.0]]) {
        let scene =
            scene("hierarchy", &history, &Story::default(), SimTime(1_000_000), size, Language::Ko, None);
        check_fit(&scene, "a claim");
        let line = corners(&scene, "/to-volume/line");
        assert!(line.len() == 2 && (line[0][0] - line[1][0]).abs() < 0.5, "{size:?}: {line:?}");
        assert!(line[1][1] > line[0][1]);
    }
}

#[test]
fn pods_that_nobody_made_stand_below_no_other() {
    let boxes = [[300.0, 400.0], [260.0, 140.0], [200.0, 60.0]];
    let top = |loose| placed_boxes(&boxes, loose, 700.0, true).0.iter().map(|at| at[1]).collect::<Vec<_>>();
    assert_eq!(top(None), [0.0, 0.0, 162.0]);
    assert_eq!(top(Some(2)), [0.0, 82.0, 0.0]);
}
