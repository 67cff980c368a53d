//! What a deletion says, and that it can be read.

use super::super::testing::SIZES;
use super::labels::Spot;
use super::tests::{DELETE, DELETED, QUICK, deployment, run, run_after, runs, scene};
use super::{frame, labels};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::SECOND;
use crate::manifest::Arg;
use crate::scene::shape::{Geometry, Scene, Segment};
use crate::words::{self, Language};

/// The texts of a scene, each with its key and its area.
fn texts(scene: &Scene) -> Vec<(String, String, [f32; 4])> {
    let mut texts = Vec::new();
    scene.for_each(&mut |shape| {
        if let Geometry::Text { x, y, anchor, font, text } = &shape.geometry {
            let area = labels::area(text, *font, Spot { at: [*x, *y], anchor: *anchor });
            texts.push((shape.key.to_string(), text.to_string(), area));
        }
    });
    texts
}

#[test]
fn a_phone_says_how_it_is_deleted_and_each_signal() {
    let forced = "kubectl delete pod POD --grace-period=0 --force";
    for (what, command) in [("forced", forced), ("not waited for", DELETE)] {
        let timeline = run(&deployment(QUICK, 2), 20, command);
        for language in Language::ALL {
            let drawn = scene(&timeline, timeline.history().end(), SIZES[1], *language, None);
            let texts = texts(&drawn);
            let title = texts.iter().filter(|(key, ..)| key.starts_with("title/"));
            let title: Vec<&str> = title.map(|(_, text, _)| &**text).collect();
            let flags = command.split_once("POD ").expect("flags").1;
            assert!(title.join(" ").ends_with(flags), "{what}, {language}: {title:?}");
            assert!(texts.iter().any(|(_, text, _)| text == "SIGQUIT"), "{what}, {language}: {texts:?}");
        }
    }
}

#[test]
fn a_playhead_at_the_end_goes_through_nothing_that_is_said() {
    let mut lines = 0;
    for (what, timeline) in runs() {
        for language in Language::ALL {
            let drawn = scene(&timeline, timeline.story().end(), [756.0, 690.0], *language, None);
            let mut line = None;
            drawn.for_each(&mut |shape| {
                if let (Geometry::Path(path), "playhead/line") = (&shape.geometry, &*shape.key)
                    && let Some(Segment::Move([x, _])) = path.first()
                {
                    line = Some(*x);
                }
            });
            let Some(line) = line else { continue };
            lines += 1;
            let through = texts(&drawn).into_iter().find(|(key, _, [left, top, right, _])| {
                let is_of_time = ["playhead/", "time/"].iter().any(|begins| key.starts_with(begins));
                !is_of_time && *top > frame::HEADER && *left < line && line < *right
            });
            assert_eq!(through, None, "{what}, {language}");
        }
    }
    assert!(lines > 0, "there is a playhead");
}

#[test]
fn what_is_left_of_the_grace_period_is_one_number_wherever_it_is_said() {
    let mut told = 0;
    for (what, timeline) in runs() {
        for beat in &timeline.story().beats {
            let Some((_, Arg::Millis(left))) = beat.say.args.iter().find(|(name, _)| *name == "left") else {
                continue;
            };
            let said = words::text(Language::En, beat.say.id, &beat.say.args);
            let left = words::millis(Language::En, *left);
            // Of several Pods another one is drawn.
            let is_told = said.contains(&format!("{left} of the grace period")) && beat.subjects.len() == 1;
            let row = texts(&scene(&timeline, beat.to, SIZES[0], Language::En, None));
            let row = row.into_iter().find(|(key, text, _)| key.ends_with("/now") && text.ends_with(" left"));
            if let Some((_, row, _)) = row.filter(|_| is_told) {
                assert_eq!(row, format!("{left} left"), "{what}: {said}");
                told += 1;
            }
        }
    }
    assert!(told > 1, "{told}");
}

#[test]
fn a_node_without_power_hears_of_no_deletion_and_its_grace_period_does_not_run() {
    let broken = Fault::NodeDies(NodeId(0));
    let command = "kubectl delete pod POD --wait=false";
    let timeline = run_after(
        &deployment(QUICK, 1).replace("      containers", "      nodeName: node-1\n      containers"),
        0,
        command,
        Some(broken),
    );
    let texts = texts(&scene(&timeline, DELETED + 5 * SECOND, SIZES[0], Language::En, None));
    let said = |text: &str| texts.iter().any(|(_, said, _)| said == text);
    assert!(said("no power") && !texts.iter().any(|(_, text, _)| text.ends_with(" s left")), "{texts:?}");
}
