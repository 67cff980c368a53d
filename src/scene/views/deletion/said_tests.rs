//! What a deletion says, and that it can be read.

use super::super::testing::SIZES;
use super::labels::Spot;
use super::tests::{DELETE, QUICK, deployment, run, runs, scene};
use super::{frame, labels};
use crate::scene::shape::{Geometry, Scene, Segment};
use crate::words::Language;

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
