//! What the tests of the views share: recorded runs, and whether a scene is fit to be seen.

use super::{Stage, all};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{PatchKind, Request, Verb};
use crate::cluster::setup::Setup;
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use crate::scene::fit::{self, faults, walk};
use crate::scene::shape::{Geometry, Scene, Target};
use crate::timeline::{Act, History, StageTime, Start, Story, Timeline};
use crate::value::Str;
use crate::words::Language;
use std::collections::BTreeMap;

pub(super) use crate::scene::fit::SIZES;

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

/// Where each thing of a scene is that moves as one.
pub(super) fn places(scene: &Scene) -> BTreeMap<String, [f32; 2]> {
    fit::places(scene).into_iter().map(|(key, place)| (key.to_owned(), place)).collect()
}

/// Whether a scene is fit to be seen.
#[track_caller]
pub(super) fn check_fit(scene: &Scene, what: &str) {
    let faults = faults(scene);
    assert!(faults.is_empty(), "{what}: {faults:#?}");
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
