//! The messages under way: whether each is where it is, on its line, and beside what is said of it.

use super::super::testing::{play, scene};
use super::tests::{SIZES, rollout};
use crate::api::Kind;
use crate::cluster::record::{Actor, Change, Fact, MessageKind};
use crate::cluster::time::SimTime;
use crate::scene::measure::width;
use crate::scene::shape::{Geometry, Segment};
use crate::timeline::{Story, shows};
use crate::words::Language;

#[test]
fn a_message_is_seen_from_when_it_sets_out_until_it_arrives() {
    let timeline = rollout();
    let history = timeline.history();
    // By the simulated time alone: no tempo stretches it.
    let story = Story::default();
    let mut followed = 0;
    for record in history.records() {
        let Fact::Message(message) = &record.fact else { continue };
        let is_watch = matches!(message.kind, MessageKind::Watch(Change::Added, _));
        let takes = message.arrives.since(record.time);
        if !is_watch || !shows(&record.fact) || takes < 800 || followed == 8 {
            continue;
        }
        followed += 1;
        let dot = |at: SimTime| {
            let scene = scene("cluster", history, &story, at, SIZES[0], Language::En, None);
            let key = format!("message/{}", record.id.0);
            scene.shapes.iter().find(|shape| *shape.key == *key).map(|shape| match shape.geometry {
                Geometry::Circle { x, y, .. } => [x, y],
                _ => panic!("a message is a circle"),
            })
        };
        let set_out = dot(record.time).expect("it is under way");
        let half = dot(record.time + takes / 2).expect("it is under way");
        assert_ne!(set_out, half);
        assert!(set_out[1] < half[1] || set_out[0] != half[0], "{set_out:?} {half:?}");
        assert_eq!(dot(message.arrives), None, "it has arrived");
    }
    assert_eq!(followed, 8);
}

/// The straight parts of a path, with its corners as they are before they are made round.
fn legs(path: &[Segment]) -> Vec<[[f32; 2]; 2]> {
    let (mut legs, mut at) = (Vec::new(), [0.0; 2]);
    for segment in path {
        match segment {
            Segment::Move(to) => at = *to,
            Segment::Line(to) => {
                legs.push([at, *to]);
                at = *to;
            }
            Segment::Quad(corner, to) => {
                legs.extend([[at, *corner], [*corner, *to]]);
                at = *to;
            }
            other => panic!("a line has no {other:?}"),
        }
    }
    legs
}

#[test]
fn messages_at_one_place_stand_on_their_lines_beside_what_is_said_of_them() {
    let timeline = rollout();
    let (history, story) = (timeline.history(), timeline.story());
    let (mut at, mut together) = (SimTime::ZERO, 0);
    while let Some(next) = history.next_event(at) {
        at = next.max(at + 4_000);
        for size in SIZES {
            let scene = scene("cluster", history, story, at, size, Language::Ko, None);
            let (mut dots, mut labels, mut lines) = (Vec::new(), Vec::new(), Vec::new());
            scene.for_each(&mut |shape| match &shape.geometry {
                Geometry::Circle { x, y, radius } if shape.key.starts_with("message/") => {
                    dots.push(([*x, *y], *radius));
                }
                Geometry::Text { x, y, font, text, .. } if shape.key.starts_with("wire/") => {
                    let (wide, size) = (width(text, font.font()), font.font().size);
                    labels.push(([*x, y - size * 0.74, x + wide, y + size * 0.2], text.clone()));
                }
                Geometry::Path(path) if &*shape.key == "wires" => lines.extend(legs(path)),
                _ => {}
            });
            for (number, ([x, y], radius)) in dots.iter().enumerate() {
                let is_on = |[from, to]: &[[f32; 2]; 2]| {
                    let within = |axis: usize, at: f32| {
                        (from[axis].min(to[axis]) - 0.1..=from[axis].max(to[axis]) + 0.1).contains(&at)
                    };
                    within(0, *x) && within(1, *y)
                };
                assert!(lines.iter().any(is_on), "{x},{y} at {} on {}", at.as_seconds(), size[0]);
                for ([left, top, right, bottom], text) in &labels {
                    let is_apart = x + radius <= *left
                        || x - radius >= *right
                        || y + radius <= *top
                        || y - radius >= *bottom;
                    assert!(is_apart, "{text} at {} on {}: {x},{y}", at.as_seconds(), size[0]);
                }
                let is_near = |([other, below], _): &&([f32; 2], f32)| (x - other).hypot(y - below) < 12.0;
                together += dots[..number].iter().filter(is_near).count();
            }
        }
    }
    assert!(together >= 4, "only {together} stood together");
}

#[test]
fn what_a_person_asks_of_nodes_is_drawn() {
    let timeline = play(&[], &[(10_000, "kubectl get nodes")]);
    let mut asked = 0;
    for record in timeline.history().records() {
        let Fact::Message(message) = &record.fact else { continue };
        let about = match &message.kind {
            MessageKind::Request(request) => request.key.kind,
            MessageKind::Answer(key, _) | MessageKind::Watch(_, key) => key.kind,
        };
        let is_persons = [record.actor, message.to].iter().any(|who| matches!(who, Actor::Kubectl(_)));
        if about != Kind::Node || !is_persons {
            continue;
        }
        asked += 1;
        let at = record.time + message.arrives.since(record.time) / 2;
        let (history, story) = (timeline.history(), Story::default());
        let scene = scene("cluster", history, &story, at, SIZES[0], Language::En, None);
        let key = format!("message/{}", record.id.0);
        assert!(scene.shapes.iter().any(|shape| *shape.key == *key), "{record:?}");
    }
    assert!(asked >= 2, "{asked}");
}
