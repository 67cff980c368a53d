//! What the tests of the views share: recorded runs, and whether a scene is fit to be seen.

use super::{Stage, all};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{PatchKind, Request, Verb};
use crate::cluster::setup::Setup;
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use crate::scene::measure::width;
use crate::scene::shape::{Anchor, Geometry, MOST_SHAPES, Scene, Shape, Target};
use crate::timeline::{Act, History, StageTime, Start, Story, Timeline};
use crate::value::Str;
use crate::words::Language;
use std::collections::{BTreeMap, BTreeSet};

/// The sizes of stages that views are looked at in: beside the editor of a page of 1600 x 900, and a phone's.
pub(super) const SIZES: [[f32; 2]; 2] = [[1170.0, 690.0], [390.0, 560.0]];

/// The run of a cluster as a history.
pub(super) fn history(test: &Test) -> History {
    let mut history = History::new(vec!["node-1".into(), "node-2".into()]);
    history.extend(test.records().iter().cloned());
    history
}

/// A run with these files and commands, each given at its millisecond, recorded to its end.
pub(in crate::scene) fn play(files: &[(&str, &str)], commands: &[(u64, &str)]) -> Timeline {
    let files = files.iter().map(|(name, text)| (Str::from(*name), Str::from(*text))).collect();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
    let mut timeline = Timeline::new(start);
    for (at, command) in commands {
        let at = SimTime::millis(*at);
        while timeline.record(at, 10_000) {}
        timeline.act(at, Act::Command((*command).into()));
        while timeline.record(at, 10_000) {}
    }
    timeline
}

/// Gives the first container of a Deployment another image.
pub(super) fn set_image(test: &mut Test, deployment: &str, container: &str, image: &str) {
    let text = format!(
        r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"{container}","image":"{image}"}}]}}}}}}}}"#
    );
    let patch = crate::value::json::parse(&text).expect("JSON");
    let key = ObjectKey::new(Kind::Deployment, "default", deployment);
    test.send(Request::new(Verb::Patch(PatchKind::Strategic, patch), key));
}

/// A view of a run at a time.
pub(in crate::scene) fn scene(
    view: &str,
    history: &History,
    story: &Story,
    at: SimTime,
    size: [f32; 2],
    language: Language,
    selection: Option<&Target>,
) -> Scene {
    let entry = all().iter().find(|entry| entry.id == view).expect("a view");
    let at_stage = if story.beats.is_empty() { StageTime(0) } else { story.tempo.stage(at) };
    (entry.draw)(&Stage {
        view: history.at(at),
        story,
        at: at_stage,
        size,
        selection,
        language,
        compare: None,
    })
}

/// A text or a card on the scene: left, top, right, bottom.
type Area = [f32; 4];

struct Found {
    key: String,
    text: String,
    area: Area,
}

/// Walks through all shapes at their places on the scene.
fn walk<'a>(shapes: &'a [Shape], [x, y]: [f32; 2], visit: &mut impl FnMut(&'a Shape, [f32; 2])) {
    for shape in shapes {
        visit(shape, [x, y]);
        if let Geometry::Group { x: dx, y: dy, children } = &shape.geometry {
            walk(children, [x + dx, y + dy], visit);
        }
    }
}

fn texts(scene: &Scene) -> Vec<Found> {
    let mut found = Vec::new();
    walk(&scene.shapes, [0.0, 0.0], &mut |shape, [dx, dy]| {
        let Geometry::Text { x, y, anchor, font, text } = &shape.geometry else { return };
        let (wide, size) = (width(text, font.font()), font.font().size);
        let left = dx
            + match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - wide / 2.0,
                Anchor::End => x - wide,
            };
        // Letters reach so far above and below their line.
        let (top, bottom) = (dy + y - size * 0.74, dy + y + size * 0.2);
        found.push(Found {
            key: shape.key.to_string(),
            text: text.to_string(),
            area: [left, top, left + wide, bottom],
        });
    });
    found
}

/// Whether a scene is fit to be seen: every key once, every number a number, no text outside or over another one,
/// Where each thing of a scene is that moves as one.
pub(super) fn places(scene: &Scene) -> BTreeMap<String, [f32; 2]> {
    let groups = scene.shapes.iter().filter_map(|shape| match shape.geometry {
        Geometry::Group { x, y, .. } => Some((shape.key.to_string(), [x, y])),
        _ => None,
    });
    groups.collect()
}

/// a name on all that opens, and not too many shapes.
#[track_caller]
pub(super) fn check_fit(scene: &Scene, what: &str) {
    assert!(scene.count() <= MOST_SHAPES, "{what}: {} shapes", scene.count());
    let mut keys = BTreeSet::new();
    walk(&scene.shapes, [0.0, 0.0], &mut |shape, _| {
        assert!(keys.insert(&shape.key), "{what}: two shapes are called {}", shape.key);
        assert!((0.0..=1.0).contains(&shape.opacity), "{what}: {}", shape.key);
        if shape.target.is_some() {
            let is_named = shape.name.as_ref().is_some_and(|name| !name.is_empty());
            assert!(is_named, "{what}: {} opens something and has no name", shape.key);
        }
        let numbers: Vec<f32> = match &shape.geometry {
            Geometry::Group { x, y, .. } | Geometry::Text { x, y, .. } => vec![*x, *y],
            Geometry::Rect { x, y, width, height, radius } => {
                assert!(*width >= 0.0 && *height >= 0.0, "{what}: {} is {width} x {height}", shape.key);
                vec![*x, *y, *width, *height, *radius]
            }
            Geometry::Circle { x, y, radius } => vec![*x, *y, *radius],
            Geometry::Path(_) => Vec::new(),
        };
        assert!(numbers.iter().all(|number| number.is_finite()), "{what}: {} is nowhere", shape.key);
    });
    let texts = texts(scene);
    for (place, found) in texts.iter().enumerate() {
        let [left, top, right, bottom] = found.area;
        assert!(
            left >= 0.0 && top >= 0.0 && right <= scene.width && bottom <= scene.height,
            "{what}: `{}` ({}) leaves the scene: {:?} of {} x {}",
            found.text,
            found.key,
            found.area,
            scene.width,
            scene.height
        );
        assert!(!found.text.contains(['[', '{']), "{what}: `{}` is not what a person reads", found.text);
        for other in &texts[place + 1..] {
            let [l, t, r, b] = other.area;
            let apart = right <= l || r <= left || bottom <= t || b <= top;
            assert!(
                apart,
                "{what}: `{}` lies over `{}` ({}, {})",
                found.text, other.text, found.key, other.key
            );
        }
    }
}

/// What there is to read, each line a text or an object with its place.
pub(super) fn outline(scene: &Scene) -> String {
    let mut out = format!("{} x {}\n", scene.width, scene.height);
    walk(&scene.shapes, [0.0, 0.0], &mut |shape, [dx, dy]| {
        let line = match &shape.geometry {
            Geometry::Group { x, y, .. } => {
                let name = shape.name.as_deref().unwrap_or("-");
                format!("{:.0},{:.0} [{name}]\n", dx + x, dy + y)
            }
            Geometry::Text { x, y, text, .. } => format!("  {:.0},{:.0} {text}\n", dx + x, dy + y),
            Geometry::Path(_) if shape.key.contains("/to") || shape.key.contains("from-owner") => {
                format!("~ {}\n", shape.key)
            }
            _ => return,
        };
        out.push_str(&line);
    });
    out
}
