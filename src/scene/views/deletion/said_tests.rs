//! What a deletion says, and that it can be read.

use super::super::Stage;
use super::super::testing::SIZES;
use super::begun;
use super::facts::Facts;
use super::frame::Frame;
use super::labels::Spot;
use super::requests::{Ending, Requests, Sent};
use super::tests::{DELETE, DELETED, QUICK, WIDE, deployment, run, run_after, runs, scene};
use super::{frame, labels};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::{SECOND, SimTime};
use crate::manifest::Arg;
use crate::scene::shape::{Geometry, Scene, Segment};
use crate::timeline::Act;
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

/// Where a shape begins and ends along the time, in a picture that is wide.
fn across(scene: &Scene, key: &str) -> Option<[f32; 2]> {
    let mut found = None;
    scene.for_each(&mut |shape| match &shape.geometry {
        Geometry::Rect { x, width, .. } if &*shape.key == key => found = Some([*x, x + width]),
        Geometry::Circle { x, .. } if &*shape.key == key => found = Some([*x, *x]),
        _ => {}
    });
    found
}

#[test]
fn the_kubelet_works_and_waits_until_the_last_process_has_ended() {
    for (what, timeline) in runs() {
        let drawn = scene(&timeline, timeline.story().end(), SIZES[0], Language::En, None);
        let bar = across(&drawn, "kubelet/work").expect("it ends a Pod");
        let mut ends = Vec::new();
        drawn.for_each(&mut |shape| match &shape.geometry {
            Geometry::Rect { x, .. }
                if shape.key.starts_with("container/") && shape.key.ends_with("/end") =>
            {
                ends.push(x + 2.5);
            }
            _ => {}
        });
        let last = ends.iter().copied().fold(0.0, f32::max);
        assert!((bar[1] - last).abs() < 6.0, "{what}: {bar:?}, {ends:?}");
    }
}

#[test]
fn a_phone_says_how_much_of_the_grace_period_is_left() {
    let timeline = run(
        &deployment(QUICK, 2).replace("ports:", "env: [{name: IGNORE_SIGNALS, value: 'yes'}], ports:"),
        0,
        DELETE,
    );
    for (second, is_told) in [(5, true), (29, true), (60, false)] {
        let drawn = scene(&timeline, DELETED + second * SECOND, SIZES[1], Language::En, None);
        let left = texts(&drawn).into_iter().find(|(key, ..)| key == "playhead/left");
        assert_eq!(left.is_some(), is_told, "{second}: {left:?}");
    }
}

#[test]
fn the_ring_is_explained_where_there_is_one_and_its_step_is_not_to_come() {
    let mut ringed = 0;
    for (what, timeline) in runs() {
        for beat in &timeline.story().beats {
            let drawn = scene(&timeline, beat.to, SIZES[0], Language::En, None);
            let mut ring = None;
            drawn.for_each(&mut |shape| match &shape.geometry {
                Geometry::Circle { x, .. }
                    if shape.key.starts_with("step/") && shape.key.ends_with("/now") =>
                {
                    ring = Some(*x);
                }
                _ => {}
            });
            let is_told = texts(&drawn).iter().any(|(key, ..)| key == "ring/text");
            assert_eq!(is_told, ring.is_some(), "{what}, {}", beat.index);
            ringed += usize::from(ring.is_some());
        }
    }
    assert!(ringed > 20, "{ringed}");
}

#[test]
fn a_wait_that_is_left_out_passes_between_its_zigzags_and_the_playhead_never_goes_back() {
    let (_, timeline) = runs().into_iter().find(|(what, _)| *what == "ignores").expect("it waits");
    let mut last = f32::NEG_INFINITY;
    let mut within = 0;
    for tenth in 0..400 {
        let at = DELETED + tenth * SECOND / 10;
        let drawn = scene(&timeline, at, WIDE, Language::En, None);
        let mut now = None;
        drawn.for_each(&mut |shape| {
            if let (Geometry::Path(path), "playhead/line") = (&shape.geometry, &*shape.key)
                && let Some(Segment::Move([x, _])) = path.first()
            {
                now = Some(*x);
            }
        });
        let (Some(now), Some(fold)) = (now, across(&drawn, "fold/0/ground")) else { continue };
        assert!(now >= last, "{tenth}: {now} after {last}");
        last = now;
        within += usize::from(fold[0] <= now && now <= fold[1]);
    }
    // Of a grace period of 30 seconds.
    assert!(within > 200, "{within}");
}

#[test]
fn when_a_signal_was_sent_is_told_beside_a_wait_that_is_left_out() {
    let (_, timeline) = runs().into_iter().find(|(what, _)| *what == "ignores").expect("it waits");
    for language in Language::ALL {
        let drawn = scene(&timeline, timeline.story().end(), WIDE, *language, None);
        let texts = texts(&drawn);
        let is_told = |key: &str| texts.iter().any(|(known, ..)| known == key);
        // After the deletionTimestamp and the key that is deleted come the signals.
        assert!(["fold/0/time", "time/2", "time/3"].into_iter().all(is_told), "{language}: {texts:?}");
    }
}

#[test]
fn a_request_that_was_finished_after_the_signal_is_seen_to_be() {
    let (_, timeline) = runs().into_iter().find(|(what, _)| *what == "drains").expect("it drains");
    let (view, story) = (timeline.at(timeline.history().end()), timeline.story());
    let facts = Facts::new(view, begun::find(view, None).expect("a deletion"));
    let (asked, _) = facts.containers[0].asked().expect("it is asked to end");
    let sent = |from: SimTime, to: SimTime| Sent {
        number: 0,
        at: from,
        ended: Some((to, Ending::Served)),
        to_pod: true,
        is_late: false,
    };
    let before = SimTime(asked.0 - 10_000);
    let own = Requests { all: vec![sent(before, asked + 4_000), sent(asked + 1_000, asked + 9_000)] };
    assert_eq!(own.finished(&facts), Some(asked + 4_000));
    assert_eq!(Requests { all: vec![sent(before, SimTime(asked.0 - 1))] }.finished(&facts), None);
    for (size, least) in [(SIZES[0], 12.0), (SIZES[1], 6.0)] {
        let at = story.tempo.stage(story.end());
        let stage = Stage { view, story, at, size, selection: None, language: Language::En, compare: None };
        let frame = Frame::new(&stage, &facts, &own);
        let apart = frame.time(asked + 4_000) - frame.time(asked);
        assert!(apart >= least, "{apart} on {}", size[0]);
    }
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

#[test]
fn a_kubelet_that_stands_still_in_the_middle_does_nothing_then() {
    let spec = deployment(QUICK, 1)
        .replace("      containers", "      nodeName: node-1\n      containers")
        .replace("ports:", "env: [{name: IGNORE_SIGNALS, value: 'yes'}], ports:");
    let mut timeline = run(&spec, 0, DELETE);
    for (seconds, fault) in [(10, Fault::KubeletStops(NodeId(0))), (20, Fault::KubeletResumes(NodeId(0)))] {
        timeline.act(DELETED + seconds * SECOND, Act::Fault(fault));
        while timeline.record(SimTime::millis(120_000), 10_000) {}
    }
    for size in SIZES {
        let drawn = scene(&timeline, timeline.story().end(), size, Language::En, None);
        let mut ways = Vec::new();
        drawn.for_each(&mut |shape| match &shape.geometry {
            Geometry::Rect { x, y, width, height, .. } if shape.key.starts_with("kubelet/work") => {
                ways.push(if size[0] < 500.0 { [*y, y + height] } else { [*x, x + width] });
            }
            _ => {}
        });
        assert!(ways.len() == 2 && ways[0][1] < ways[1][0], "{ways:?}");
    }
}

#[test]
fn what_is_left_of_a_long_grace_period_stays_beside_the_columns_of_a_phone() {
    let spec = deployment(QUICK, 1)
        .replace("      containers", "      terminationGracePeriodSeconds: 90\n      containers")
        .replace("ports:", "env: [{name: IGNORE_SIGNALS, value: 'yes'}], ports:");
    let timeline = run(&spec, 0, DELETE);
    for language in Language::ALL {
        for second in [1, 5, 20, 80] {
            let at = DELETED + second * SECOND;
            let drawn = scene(&timeline, at, SIZES[1], *language, None);
            let left =
                texts(&drawn).into_iter().find(|(key, ..)| key == "playhead/left").expect("some is left");
            // The first column begins where its name does.
            let names = texts(&drawn).into_iter().filter(|(key, ..)| key.ends_with("/name"));
            let first = names.map(|(.., area)| area[0]).fold(f32::INFINITY, f32::min);
            assert!(left.2[2] <= first, "{left:?}, {first}");
        }
    }
}
