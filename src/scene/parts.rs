//! Parts that views share: cards, chips, the marks of states and the numbers of steps.
//!
//! Each is drawn from its own upper left corner; the view moves the group to its place. Texts are cut here to
//! the room that they have.

use super::emblem::emblem;
use super::measure::{ellipsize, ellipsize_middle, pod_name, width, word_starts};
use super::paths::{arrow_head, glyph, ring};
use super::role::Role;
use super::shape::{Anchor, Segment, Shape};
use super::tokens::{Hue, State, radius};
use super::typeface::Type;
use crate::api::Kind;
use crate::value::Str;

/// How far an object is along its life, which decides its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It comes to life or ends.
    Unsettled,
    /// It is in use.
    Settled,
    /// It is there and no longer in use, like the ReplicaSet of an old revision.
    Retired,
}

/// The card of an object that is not a Pod.
#[derive(Clone, Debug)]
pub struct Card {
    /// Begins the keys of its shapes.
    pub key: Str,
    /// Its kind, which decides hue and glyph; none where it stands for several.
    pub kind: Option<Kind>,
    /// Its frame.
    pub stage: Stage,
    /// What it is, in capitals.
    pub eyebrow: Str,
    /// Its name.
    pub name: Str,
    /// What is said about it.
    pub caption: Str,
    /// How it stands, as kubectl words it, where it has a state of its own.
    pub state: Option<(State, Str)>,
}

/// Height of a card in pixels.
pub const CARD_HEIGHT: f32 = 78.0;

/// From a card's left edge to its texts, and from these to its right edge.
const CARD_PADDING: f32 = 18.0;

/// The side of the glyph of a kind, and what it takes before the word beside it.
const EMBLEM: f32 = 13.0;
/// The same with the air behind it.
pub const EMBLEM_ROOM: f32 = EMBLEM + 6.0;

/// The glyph of a kind before a word of small capitals, from where their line begins.
pub fn emblem_before(key: String, kind: Kind, [x, base]: [f32; 2]) -> Shape {
    Shape::path(key, Role::Emblem(Hue::of_kind(kind)), emblem(kind, [x, base - 11.0], EMBLEM))
}

impl Card {
    /// The width at which nothing on the card is cut, within these bounds.
    pub fn width(&self, least: f32, most: f32) -> f32 {
        let texts =
            [(&self.eyebrow, Type::Eyebrow), (&self.name, Type::Name), (&self.caption, Type::Caption)];
        let wide = |(text, ty): &(&Str, Type)| width(text, ty.font());
        let head = self.emblem_width() + wide(&texts[0]) + self.state_width();
        let widest = texts.iter().map(wide).fold(head, f32::max);
        (widest + 2.0 * CARD_PADDING).ceil().clamp(least, most)
    }
    /// Room for the glyph of its kind.
    fn emblem_width(&self) -> f32 {
        self.kind.map_or(0.0, |_| EMBLEM_ROOM)
    }
    /// Room for the state, with what parts it from the text before it.
    fn state_width(&self) -> f32 {
        let word = self.state.as_ref().map(|(_, word)| width(word, Type::Label.font()));
        word.map_or(0.0, |word| word + 22.0 + 12.0)
    }
    /// Draws it at a width.
    pub fn draw(&self, wide: f32) -> Vec<Shape> {
        let key = |part: &str| format!("{}/{part}", self.key);
        let room = wide - 2.0 * CARD_PADDING;
        let retired = self.stage == Stage::Retired;
        let hue = self.kind.map_or(Hue::Quiet, Hue::of_kind);
        let frame = match self.stage {
            Stage::Unsettled => Role::CardFrameDashed(hue),
            Stage::Settled => Role::CardFrame(hue),
            Stage::Retired => Role::CardFrameQuiet,
        };
        let accent = if retired { 0.4 } else { 1.0 };
        let name = if retired { Role::TextMuted } else { Role::Text };
        // Where the head has no room for it, the state stands in the last line.
        let emblem = self.emblem_width();
        let is_low = emblem + width(&self.eyebrow, Type::Eyebrow.font()) + self.state_width() > room;
        let text = |part, role, ty: Type, y, text: &str| {
            let cut = if ty == Type::Name { ellipsize_middle } else { ellipsize };
            let beside = if is_low { Type::Caption } else { Type::Eyebrow };
            let before = if ty == Type::Eyebrow { emblem } else { 0.0 };
            let room = if ty == beside { room - self.state_width() } else { room } - before;
            Shape::text(key(part), role, ty, CARD_PADDING + before, y, cut(text, ty.font(), room))
        };
        let mut shapes = vec![
            shade(key("shade"), wide, CARD_HEIGHT, radius::CARD),
            Shape::rect(key("frame"), frame, [0.0, 0.0, wide, CARD_HEIGHT], radius::CARD),
            Shape::rect(key("accent"), Role::CardAccent(hue), [0.0, 12.0, 4.0, CARD_HEIGHT - 24.0], 2.0)
                .faded(accent),
            text("eyebrow", Role::TextHue(hue), Type::Eyebrow, 24.0, &self.eyebrow),
            text("name", name, Type::Name, 45.0, &self.name),
            text("caption", Role::TextMuted, Type::Caption, 65.0, &self.caption),
        ];
        shapes.extend(self.kind.map(|kind| emblem_before(key("kind"), kind, [CARD_PADDING, 24.0])));
        if let Some((state, word)) = &self.state {
            let (hue, right, base) = (state.hue(), wide - CARD_PADDING, if is_low { 65.0 } else { 24.0 });
            shapes.extend(badge(&key("state"), *state, [right - 4.0, base - 4.2], 7.0, None));
            let word =
                Shape::text(key("word"), Role::TextHue(hue), Type::Label, right - 16.0, base, word.clone());
            shapes.push(word.anchored(Anchor::End));
        }
        shapes
    }
}

/// The card of a Pod.
#[derive(Clone, Debug)]
pub struct PodCard {
    /// Begins the keys of its shapes.
    pub key: Str,
    /// Its name.
    pub name: Str,
    /// Its state, which decides frame, mark and colour.
    pub state: State,
    /// The state that STATUS is a word of, which decides its colour and the mark: `Completed` of one that is deleted, too.
    pub said: State,
    /// Whether every container of a running Pod is ready; until then its frame is dashed.
    pub ready: bool,
    /// kubectl's STATUS.
    pub status: Str,
    /// kubectl's READY.
    pub ready_count: Str,
    /// kubectl's RESTARTS, said once there are any.
    pub restarts: i32,
    /// What is in it.
    pub containers: Vec<Str>,
    /// Whether `pause` runs.
    pub pause: bool,
    /// Why it has no node, which stands where `pause` is to be.
    pub waits: Option<Str>,
    /// How much is left of the time that it has to end.
    pub grace_left: Option<f32>,
}

/// Width of a Pod's card in pixels where there is room.
pub const POD_WIDTH: f32 = 168.0;

const POD_PADDING: f32 = 13.0;
const POD_RADIUS: f32 = 14.0;
const WELL_HEIGHT: f32 = 26.0;
const WELL_GAP: f32 = 4.0;
const PAUSE_HEIGHT: f32 = 16.0;
/// From the top to the first container; from `pause` to the lower edge: two lines of STATUS.
const POD_HEAD: f32 = 33.0;
const POD_FOOT: f32 = 39.0;
const STATUS_LINE: f32 = 15.0;

impl PodCard {
    /// The height of a card with so many containers.
    pub fn height(containers: usize) -> f32 {
        POD_HEAD + containers as f32 * (WELL_HEIGHT + WELL_GAP) + PAUSE_HEIGHT + POD_FOOT
    }
    /// Draws it in a width.
    pub fn draw(&self, wide: f32) -> Vec<Shape> {
        let key = |part: &str| format!("{}/{part}", self.key);
        let hue = self.state.hue();
        let height = Self::height(self.containers.len());
        let (left, right) = (POD_PADDING, wide - POD_PADDING);
        let settled = matches!(self.state, State::Succeeded | State::Failed)
            || (self.state == State::Running && self.ready);
        let frame = if settled { Role::CardFrame(hue) } else { Role::CardFrameDashed(hue) };
        let name = pod_name(&self.name, Type::NameSmall.font(), right - left - 26.0);
        let mut shapes = vec![
            shade(key("shade"), wide, height, POD_RADIUS),
            Shape::rect(key("frame"), frame, [0.0, 0.0, wide, height], POD_RADIUS),
            Shape::text(key("name"), Role::Text, Type::NameSmall, left, 23.0, name),
        ];
        shapes.extend(badge(&key("state"), self.said, [right - 8.0, 19.0], 9.0, self.grace_left));
        let mut y = POD_HEAD;
        for (number, container) in self.containers.iter().enumerate() {
            let key = |part: &str| format!("{}/container/{number}/{part}", self.key);
            let text = ellipsize_middle(container, Type::CodeSmall.font(), right - left - 18.0);
            shapes.push(Shape::rect(
                key("well"),
                Role::Well,
                [left, y, right - left, WELL_HEIGHT],
                radius::CHIP,
            ));
            shapes.push(Shape::text(key("text"), Role::Text, Type::CodeSmall, left + 9.0, y + 17.3, text));
            y += WELL_HEIGHT + WELL_GAP;
        }
        if self.pause {
            let bar = [left, y, right - left, PAUSE_HEIGHT];
            shapes.push(Shape::rect(key("pause"), Role::PauseBar, bar, 5.0));
            shapes.push(Shape::text(
                key("pause/text"),
                Role::TextOnSlab,
                Type::Label,
                left + 8.0,
                y + 12.0,
                "pause",
            ));
        } else if let Some(why) = &self.waits {
            let text = ellipsize(why, Type::Label.font(), right - left);
            let role = Role::TextHue(self.said.hue());
            shapes.push(Shape::text(key("waits"), role, Type::Label, left, y + 12.0, text));
        }
        // STATUS is never cut: what it says lies at its end. A long one stands above READY, and one that is wider than the card
        // in two lines.
        let count = width(&self.ready_count, Type::CodeSmall.font()) + 6.0;
        let (status, rest) = status_lines(&self.status, right - left, count);
        let restarts = (self.restarts > 0).then(|| format!("RESTARTS {}", self.restarts));
        let is_alone = width(&status, Type::Label.font()) > right - left - count;
        let has_two = is_alone || rest.is_some() || restarts.is_some();
        let base = height - if has_two { 8.5 } else { 15.0 };
        let first = if has_two { base - STATUS_LINE } else { base };
        let line = |part, y, text: Str| {
            Shape::text(key(part), Role::TextHue(self.said.hue()), Type::Label, left, y, text)
        };
        let font = Type::Label.font();
        let after = rest.as_ref().map_or(left, |rest| left + width(rest, font) + 8.0);
        shapes.push(line("status", first, status));
        shapes.extend(rest.map(|rest| line("status/rest", base, rest)));
        if let Some(text) = restarts.filter(|text| after + width(text, font) <= right - count) {
            shapes.push(Shape::text(key("restarts"), Role::TextMuted, Type::Label, after, base, text));
        }
        let count = self.ready_count.clone();
        shapes.push(
            Shape::text(key("ready"), Role::TextMuted, Type::CodeSmall, right, base, count)
                .anchored(Anchor::End),
        );
        shapes
    }
}

/// kubectl's STATUS in one line, or in two that part between words of it, as even as can be, of which the last leaves room for a
/// count.
fn status_lines(status: &str, room: f32, count: f32) -> (Str, Option<Str>) {
    let font = Type::Label.font();
    if width(status, font) <= room {
        return (status.into(), None);
    }
    // It is written in one word: `Init:CreateContainerConfigError`.
    let parts = word_starts(status).map(|at| status.split_at(at));
    let parts = parts.filter(|(first, _)| width(first, font) <= room);
    // How much of the end there is no room for, and then how wide the wider of both is.
    let cost = |(first, rest): &(&str, &str)| {
        let [first, rest] = [first, rest].map(|part| width(part, font));
        [(rest + count - room).max(0.0), first.max(rest)]
    };
    match parts.min_by(|a, b| cost(a).partial_cmp(&cost(b)).unwrap_or(std::cmp::Ordering::Equal)) {
        Some((first, rest)) => (first.into(), Some(ellipsize(rest, font, room - count))),
        None => (ellipsize(status, font, room - count), None),
    }
}

/// The shade below a card.
fn shade(key: String, width: f32, height: f32, radius: f32) -> Shape {
    Shape::rect(key, Role::CardShade, [-1.0, 1.0, width + 2.0, height + 2.5], radius + 1.0)
}

/// The mark of a state around a centre, with a ring where the time of a deletion runs down.
pub fn badge(key: &str, state: State, center: [f32; 2], radius: f32, left: Option<f32>) -> Vec<Shape> {
    let mut shapes = vec![
        Shape::circle(format!("{key}/mark"), Role::StateMark(state.hue()), center[0], center[1], radius),
        Shape::path(format!("{key}/glyph"), Role::GlyphOnHue, glyph(state, center, radius)),
    ];
    if let Some(left) = left {
        let path = ring(center, radius + 3.0, left);
        shapes.push(Shape::path(format!("{key}/ring"), Role::Ring(State::Terminating.hue()), path));
    }
    shapes
}

/// A word on a tint of its hue, from the middle of its left edge, and its width.
pub fn tag(key: &str, hue: Hue, [x, y]: [f32; 2], text: &str) -> (Vec<Shape>, f32) {
    let wide = width(text, Type::Label.font()) + 20.0;
    let shapes = vec![
        Shape::rect(format!("{key}/tint"), Role::Tint(hue), [x, y - 11.0, wide, 22.0], 11.0),
        Shape::text(format!("{key}/text"), Role::TextHue(hue), Type::Label, x + wide / 2.0, y + 4.3, text)
            .anchored(Anchor::Middle),
    ];
    (shapes, wide)
}

/// A word on its hue, from the middle of its left edge, and its width.
pub fn chip(key: &str, hue: Hue, [x, y]: [f32; 2], text: &str) -> (Vec<Shape>, f32) {
    let wide = width(text, Type::Label.font()) + 20.0;
    let shapes = vec![
        Shape::rect(format!("{key}/chip"), Role::Chip(hue), [x, y - 10.5, wide, 21.0], 10.5),
        Shape::text(format!("{key}/text"), Role::TextOnHue, Type::Label, x + wide / 2.0, y + 4.3, text)
            .anchored(Anchor::Middle),
    ];
    (shapes, wide)
}

/// The number of a step in its circle.
pub fn step(key: &str, hue: Hue, [x, y]: [f32; 2], number: usize) -> Vec<Shape> {
    vec![
        Shape::circle(format!("{key}/circle"), Role::Chip(hue), x, y, 11.0),
        Shape::text(format!("{key}/number"), Role::TextOnHue, Type::Step, x, y + 4.5, number.to_string())
            .anchored(Anchor::Middle),
    ]
}

/// A line with the head of an arrow at its end.
pub fn arrow(key: &str, line: Role, hue: Hue, mut path: Vec<Segment>) -> Vec<Shape> {
    let head = arrow_head(&mut path);
    let mut shapes = vec![Shape::path(format!("{key}/line"), line, path)];
    shapes.extend(head.map(|head| Shape::path(format!("{key}/head"), Role::ArrowHead(hue), head)));
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::shape::Geometry;

    /// Every key once, and every text between the two edges.
    #[track_caller]
    fn check(shapes: &[Shape], left: f32, right: f32) {
        let mut keys: Vec<_> = shapes.iter().map(|shape| &*shape.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), shapes.len(), "two shapes share a key");
        for shape in shapes {
            let Geometry::Text { x, anchor, font, text, .. } = &shape.geometry else { continue };
            let wide = width(text, font.font());
            let start = match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - wide / 2.0,
                Anchor::End => x - wide,
            };
            assert!(start >= left && start + wide <= right, "`{text}` goes from {start} to {}", start + wide);
        }
    }

    #[test]
    fn the_texts_of_a_card_stay_on_it() {
        let card = Card {
            key: "replicaset/default/web".into(),
            kind: Some(Kind::ReplicaSet),
            stage: Stage::Settled,
            eyebrow: "REPLICASET · 리비전 2".into(),
            name: "a-deployment-with-a-name-that-never-ends-559d658b74".into(),
            caption: "replicas 2 → 3".into(),
            state: Some((State::Terminating, "Terminating".into())),
        };
        for wide in [card.width(0.0, 1000.0), card.width(0.0, 240.0)] {
            check(&card.draw(wide), CARD_PADDING, wide - CARD_PADDING);
        }
        let name_at = |wide| match &card.draw(wide)[4].geometry {
            Geometry::Text { text, .. } => text.clone(),
            other => panic!("the name is {other:?}"),
        };
        assert_eq!(name_at(card.width(0.0, 1000.0)), card.name, "the card's own width holds its name");
        assert_eq!(&*name_at(240.0), "a-deploymen…559d658b74");
    }

    #[test]
    fn the_texts_of_a_pod_stay_on_it() {
        for status in [
            "Running",
            "ContainerCreating",
            "CrashLoopBackOff",
            "Init:CrashLoopBackOff",
            "CreateContainerConfigError",
            "Init:CreateContainerConfigError",
            "ContainerStatusUnknown",
        ] {
            let pod = PodCard {
                key: "pod/default/web".into(),
                name: "web-559d658b74-2hq8r".into(),
                state: State::Pending,
                said: State::Pending,
                ready: false,
                status: status.into(),
                ready_count: "0/2".into(),
                restarts: 12,
                containers: vec!["registry.example.com/team/web:1.16.1-alpine".into(), "nginx".into()],
                pause: true,
                waits: None,
                grace_left: Some(0.5),
            };
            let shapes = pod.draw(POD_WIDTH);
            check(&shapes, POD_PADDING, POD_WIDTH - POD_PADDING);
            let is_its = |shape: &&Shape| shape.key.contains("/status");
            let lines = shapes.iter().filter(is_its).filter_map(|shape| match &shape.geometry {
                Geometry::Text { text, .. } => Some(&**text),
                _ => None,
            });
            assert_eq!(lines.collect::<String>(), status, "what kubectl prints is whole");
            let says = |text: &str| {
                shapes.iter().any(
                    |shape| matches!(&shape.geometry, Geometry::Text { text: said, .. } if &**said == text),
                )
            };
            let is_whole = width(status, Type::Label.font()) <= POD_WIDTH - 2.0 * POD_PADDING;
            assert!(says("RESTARTS 12") || !is_whole, "{status}");
            let never = PodCard { restarts: 0, ..pod.clone() }.draw(POD_WIDTH);
            assert!(never.iter().all(|shape| !shape.key.ends_with("/restarts")));
            let is_one = !shapes.iter().any(|shape| shape.key.ends_with("/status/rest"));
            assert_eq!(is_one, is_whole, "parted only where it is wider than the card");
            // Letters of one line reach neither `pause` above nor the next line, be it READY, nor the edge below.
            let is_line = |shape: &&Shape| is_its(shape) || shape.key.ends_with("/ready");
            let mut reach: Vec<[f32; 2]> = Vec::new();
            for shape in shapes.iter().filter(is_line) {
                if let Geometry::Text { y, font, .. } = &shape.geometry {
                    reach.push([y - font.font().size * 0.76, y + font.font().size * 0.24]);
                }
            }
            reach.sort_by(|a, b| a[0].total_cmp(&b[0]));
            reach.dedup();
            let height = PodCard::height(pod.containers.len());
            let mut above = height - POD_FOOT + 3.0;
            for [top, bottom] in reach {
                assert!(top >= above + 2.5, "{status}: {top} is close to {above}");
                above = bottom;
            }
            assert!(above <= height - 4.0, "{status}: {above} of {height}");
        }
    }

    #[test]
    fn a_ring_is_drawn_only_where_a_time_runs_down() {
        assert_eq!(badge("a", State::Running, [0.0, 0.0], 9.0, None).len(), 2);
        assert_eq!(badge("a", State::Terminating, [0.0, 0.0], 9.0, Some(0.5)).len(), 3);
    }
}
