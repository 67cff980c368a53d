//! Where an axis of time leaves waits out: two zigzags at each fold, and how long it is.

use super::Stage;
use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::scene::measure::width;
use crate::scene::paths::polyline;
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::typeface::Type;
use crate::timeline::StageTime;
use crate::words;

/// The mark of a fold: how high, half as wide as its two waves are apart, and half as wide as it is.
const HIGH: f32 = 9.0;
const WIDE: f32 = 2.5;
const REACH: f32 = 5.0;
/// Folds that lie within so much of the first of them are one mark.
const JOINS: f32 = 60.0;
/// From this many seconds on, how long they are is told in whole minutes.
const MINUTES: u64 = 120;

/// An axis of time: from when to when it goes, and from where to where.
pub(super) struct Span {
    pub(super) time: [StageTime; 2],
    pub(super) ends: [f32; 2],
}

impl Span {
    fn x(&self, at: StageTime) -> f32 {
        let [[from, until], [left, right]] = [self.time.map(|time| time.0 as f64), self.ends.map(f64::from)];
        (left + (right - left) * (at.0 as f64 - from) / (until - from).max(1.0)) as f32
    }
}

/// The marks of the folds in an axis, from `top` down: those that lie close together in one, and none on the playhead at `now`.
/// How long they are stands beside them where there is room, if `is_told`.
pub(super) fn folds(
    stage: &Stage,
    key: &str,
    span: &Span,
    top: f32,
    now: Option<f32>,
    is_told: bool,
) -> Vec<Shape> {
    // Where the first is of those that are one, and how long all of them are: between them time goes on.
    let mut marks: Vec<(f32, Micros)> = Vec::new();
    let [from, until] = span.time;
    for fold in stage.story.tempo.folds().iter().filter(|fold| fold.at >= from && fold.until <= until) {
        let x = (span.x(fold.at) + span.x(fold.until)) / 2.0;
        let long = fold.to.since(fold.from);
        match marks.last_mut().filter(|(first, _)| x - first < JOINS) {
            Some((_, all)) => *all = all.saturating_add(long),
            None => marks.push((x, long)),
        }
    }
    let right = span.ends[1];
    let [least, most] = [span.ends[0] + REACH, right - REACH];
    let beside = |x: f32| match now {
        Some(now) if (x - now).abs() < REACH + 2.0 => {
            let [before, behind] = [now - REACH - 2.0, now + REACH + 2.0];
            if before >= least && (x < now || behind > most) { before } else { behind }
        }
        _ => x,
    };
    let xs: Vec<f32> = marks.iter().map(|(x, _)| beside(x.max(least).min(most))).collect();
    let mut shapes = Vec::new();
    for (place, (x, (_, long))) in xs.iter().zip(&marks).enumerate() {
        for side in [-WIDE, WIDE] {
            let turns = (0..4).map(|turn| {
                let out = if turn % 2 == 0 { -1.0 } else { 1.0 };
                [x + side + out, top + turn as f32 * HIGH / 3.0]
            });
            let path = polyline(&turns.collect::<Vec<_>>(), 0.0);
            shapes.push(Shape::path(format!("{key}/{place}/{side}"), Role::Fold, path));
        }
        let unit = if *long < MINUTES * SECOND { SECOND } else { 60 * SECOND };
        let text = words::millis(stage.language, long.saturating_add(unit / 2) / unit * unit / MILLI);
        let from = x + REACH + 3.0;
        let to = from + width(&text, Type::Label.font());
        let end = xs.get(place + 1).map_or(right, |next| next - REACH - 3.0);
        let is_free = now.is_none_or(|now| now < from - 3.0 || now > to + 3.0);
        if is_told && to <= end && is_free {
            let (key, base) = (format!("{key}/{place}/long"), top + HIGH - 0.5);
            shapes.push(Shape::text(key, Role::TextMuted, Type::Label, from, base, text));
        }
    }
    shapes
}
