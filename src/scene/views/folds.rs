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
/// Folds that lie within so much of the first of them are one mark, and those that lie so close in any case.
const JOINS: f32 = 60.0;
const LEAST_APART: f32 = 2.0 * REACH + 4.0;
/// Between the lengths of two folds.
const BETWEEN_WORDS: f32 = 5.0;
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

/// A mark: where it stands, what it stands for on the axis, and how long all of that is.
struct Mark {
    x: f32,
    covers: [f32; 2],
    long: Micros,
}

/// The marks of the folds in an axis, from `top` down, and none on the playhead at `now`. Those that lie close together are one, but
/// not across the playhead, nor across one of these `changes` of what is drawn below, as long as two marks have room.
/// How long they are stands beside them where there is room, of the longest first, if `is_told`.
pub(super) fn folds(
    stage: &Stage,
    key: &str,
    span: &Span,
    top: f32,
    now: Option<f32>,
    changes: &[StageTime],
    is_told: bool,
) -> Vec<Shape> {
    let mut marks: Vec<Mark> = Vec::new();
    let [from, until] = span.time;
    let mut ended = from;
    for fold in stage.story.tempo.folds().iter().filter(|fold| fold.at >= from && fold.until <= until) {
        let covers = [span.x(fold.at), span.x(fold.until)];
        let x = (covers[0] + covers[1]) / 2.0;
        let long = fold.to.since(fold.from);
        let changes = changes.iter().any(|at| ended <= *at && *at <= fold.at);
        // The first of those that are one says where they are: between them time goes on.
        let joined = marks.last_mut().filter(|last| {
            let apart = x - last.x;
            let is_passed = now.is_some_and(|now| last.covers[0] <= now && now <= covers[1]);
            apart < LEAST_APART || apart < JOINS && !changes && !is_passed
        });
        match joined {
            Some(last) => {
                last.long = last.long.saturating_add(long);
                last.covers[1] = covers[1];
            }
            None => marks.push(Mark { x, covers, long }),
        }
        ended = fold.until;
    }
    let [least, most] = [span.ends[0] + REACH, span.ends[1] - REACH];
    let beside = |x: f32| match now {
        Some(now) if (x - now).abs() < REACH + 2.0 => {
            let [before, behind] = [now - REACH - 2.0, now + REACH + 2.0];
            if before >= least && (x < now || behind > most) { before } else { behind }
        }
        _ => x,
    };
    let mut shapes = Vec::new();
    // What is taken already: marks, the playhead, and lengths that are told.
    let mut taken: Vec<[f32; 2]> = now.map(|now| [now - 3.0, now + 3.0]).into_iter().collect();
    for (place, mark) in marks.iter_mut().enumerate() {
        mark.x = beside(mark.x.max(least).min(most));
        taken.push([mark.x - REACH - 3.0, mark.x + REACH + 3.0]);
        for side in [-WIDE, WIDE] {
            let turns = (0..4).map(|turn| {
                let out = if turn % 2 == 0 { -1.0 } else { 1.0 };
                [mark.x + side + out, top + turn as f32 * HIGH / 3.0]
            });
            let path = polyline(&turns.collect::<Vec<_>>(), 0.0);
            shapes.push(Shape::path(format!("{key}/{place}/{side}"), Role::Fold, path));
        }
    }
    if !is_told {
        return shapes;
    }
    let mut longest: Vec<(usize, &Mark)> = marks.iter().enumerate().collect();
    longest.sort_by_key(|(_, mark)| std::cmp::Reverse(mark.long));
    for (place, mark) in longest {
        let unit = if mark.long < MINUTES * SECOND { SECOND } else { 60 * SECOND };
        let text = words::millis(stage.language, mark.long.saturating_add(unit / 2) / unit * unit / MILLI);
        let wide = width(&text, Type::Label.font());
        // After its mark, or before it.
        let spots = [mark.x + REACH + 3.0, mark.x - REACH - 3.0 - wide];
        let is_free = |from: &f32| {
            let [left, right] = [*from, from + wide];
            let is_within = left >= span.ends[0] && right <= span.ends[1];
            is_within && taken.iter().all(|[from, to]| right <= *from || left >= *to)
        };
        let Some(from) = spots.into_iter().find(is_free) else { continue };
        taken.push([from - BETWEEN_WORDS, from + wide + BETWEEN_WORDS]);
        let (key, base) = (format!("{key}/{place}/long"), top + HIGH - 0.5);
        shapes.push(Shape::text(key, Role::TextMuted, Type::Label, from, base, text));
    }
    shapes
}
