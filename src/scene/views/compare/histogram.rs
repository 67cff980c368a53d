//! What came of both runs with every seed, as two histograms on one scale: one run proves nothing.

use super::super::Stage;
use super::facts::Facts;
use super::{Columns, LETTERS};
use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::parts::chip;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Segment, Shape};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use crate::timeline::compare::{Comparison, LONGEST, SEEDS, Tally};
use crate::words;

/// On a phone what is said of a row stands above it.
const SAID: f32 = 20.0;
/// The numbers below the bars, and what is below them.
const AXIS: f32 = 27.0;
/// How many bars there are at most.
const BARS: u64 = 24;
const BARS_NARROW: u64 = 9;
/// What counts as the least difference where times are compared.
const TICK: u64 = 100;

/// Into which bars numbers go. Nothing at all has a bar of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    least: u64,
    step: u64,
    bars: u64,
}

impl Scale {
    /// A scale for numbers from `least` to `most` with at most `bars` bars.
    fn new(least: u64, most: u64, bars: u64) -> Self {
        let span = most.saturating_sub(least).max(1);
        let mut step = 1;
        for unit in [1u64, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000] {
            step = unit;
            if span.div_ceil(unit) < bars {
                break;
            }
        }
        let least = least / step * step;
        Self { least, step, bars: (most - least).div_ceil(step).max(1) + 1 }
    }
    fn bar(self, number: u64) -> u64 {
        number.saturating_sub(self.least).div_ceil(self.step).min(self.bars - 1)
    }
    /// The least and the largest number of a bar.
    fn within(self, bar: u64) -> [u64; 2] {
        let last = self.least + bar * self.step;
        if bar == 0 { [last, last] } else { [last + 1 - self.step, last] }
    }
}

/// How many rows there are: one where the runs differ in their seed alone.
fn rows(compare: &Comparison) -> usize {
    if compare.sweep().is_one() { 1 } else { 2 }
}

/// What is said of a row, where that stands above it.
fn said(columns: &Columns) -> f32 {
    if columns.is_narrow { SAID } else { 0.0 }
}

/// How high they are.
pub(super) fn high(columns: &Columns, compare: &Comparison) -> f32 {
    let heights = columns.heights;
    heights.seeds + rows(compare) as f32 * (heights.row + said(columns)) + AXIS
}

/// Draws both from their upper left corner; gives what a screen reader says at them, and how high they are.
pub(super) fn draw(
    stage: &Stage,
    columns: &Columns,
    compare: &Comparison,
    facts: [Option<&Facts>; 2],
) -> (Vec<Shape>, String, f32) {
    let sweep = compare.sweep();
    let has_requests = sweep.has_requests();
    // A run that does not settle is in no bar; it is said how many do not.
    // Neither is one in which what was done was done in vain, or to which no request is sent.
    let sends = sweep.sends_requests();
    let number = |sends: bool, tally: &Tally| match (has_requests, sends) {
        _ if tally.has_missed => None,
        (true, true) => Some(u64::from(tally.lost)),
        (true, false) => None,
        (false, _) => tally.rests.map(ticks),
    };
    let numbers = |place: usize| -> Vec<u64> {
        sweep.counts()[place].iter().filter_map(|tally| number(sends[place], tally)).collect()
    };
    let counts = [numbers(0), numbers(1)];
    let (rows, said, high) = (rows(compare), said(columns), high(columns, compare));
    let row = columns.heights.row;
    let mut shapes = vec![super::ground("compare/seeds", columns.wide, high)];
    let both = counts.concat();
    let (least, most) = (both.iter().min().copied().unwrap_or(0), both.iter().max().copied().unwrap_or(0));
    let bars = if columns.is_narrow { BARS_NARROW } else { BARS };
    let scale = Scale::new(if has_requests { 0 } else { least }, most, bars);
    let verdict = verdict(stage, compare, &counts);
    title(stage, columns, compare, &verdict, &mut shapes);
    let wide = (columns.chart[1] - columns.chart[0]) / scale.bars as f32;
    let mut y = columns.heights.seeds;
    for place in 0..rows {
        let (letter, hue) = LETTERS[place];
        let key = format!("compare/seeds/{letter}");
        let base = y + said + row - 4.0;
        let x = if columns.is_narrow { 8.0 } else { 16.0 };
        if rows == 2 {
            let tag_y = if columns.is_narrow { y + 12.0 } else { y + row / 2.0 };
            shapes.extend(chip(&format!("{key}/letter"), hue, [x, tag_y], letter).0);
        }
        let line = [[columns.chart[0], base], [columns.chart[1], base]];
        shapes.push(Shape::line(format!("{key}/base"), Role::Divider, line[0], line[1]));
        let bars = heights(&counts[place], scale);
        // Each row by its own tallest, with its numbers: beside a hundred in one place the others would be flat.
        let tallest = bars.iter().copied().max().unwrap_or(1).max(1);
        // A number may reach over the half of a neighbour that is empty.
        let is_empty =
            |bar: Option<usize>| bar.is_none_or(|bar| bars.get(bar).is_none_or(|count| *count == 0));
        for (bar, count) in bars.iter().copied().enumerate() {
            if count == 0 {
                continue;
            }
            let is_alone = is_empty(bar.checked_sub(1)) && is_empty(Some(bar + 1));
            let tall = (row - 20.0) * count as f32 / tallest as f32;
            let left = columns.chart[0] + bar as f32 * wide;
            let area = [left + 1.5, base - tall, wide - 3.0, tall];
            let of = match (has_requests, bar) {
                (true, 0) => Hue::Running,
                (true, _) => Hue::Failed,
                (false, _) => hue,
            };
            shapes.push(Shape::rect(format!("{key}/bar/{bar}"), Role::Bar(of), area, 3.0));
            let text = count.to_string();
            if width(&text, Type::Label.font()) < if is_alone { 2.0 * wide - 2.0 } else { wide } {
                let x = left + wide / 2.0;
                let text = Shape::text(
                    format!("{key}/count/{bar}"),
                    Role::Text,
                    Type::Label,
                    x,
                    base - tall - 3.5,
                    text,
                );
                shapes.push(text.anchored(Anchor::Middle));
            }
        }
        // Where the runs above are among them.
        let seen = if sweep.is_one() { vec![0, 1] } else { vec![place] };
        for of in seen {
            if let Some(bar) = facts[of]
                .filter(|_| is_counted(compare, of))
                .and_then(|facts| outcome(facts, has_requests))
                .map(|number| scale.bar(number))
            {
                let x = columns.chart[0] + (bar as f32 + 0.5) * wide;
                let tip = vec![
                    Segment::Move([x, base + 1.0]),
                    Segment::Line([x - 5.0, base + 8.0]),
                    Segment::Line([x + 5.0, base + 8.0]),
                    Segment::Close,
                ];
                let role = Role::ArrowHead(LETTERS[of].1);
                shapes.push(Shape::path(format!("{key}/run/{}", LETTERS[of].0), role, tip));
            }
        }
        let text = if has_requests && !sends[place] {
            Some(stage.say(msg!("compare.no-requests"), &[]))
        } else {
            summary(stage, &counts[place], sweep.counts()[place], has_requests)
        };
        if let Some(text) = text {
            let ([x, room], at) = if columns.is_narrow {
                ([x + 36.0, columns.wide - x - 48.0], y + 16.5)
            } else {
                (columns.summary, y + row / 2.0 + 5.0)
            };
            let text = ellipsize(&text, Type::Caption.font(), room);
            shapes.push(Shape::text(format!("{key}/summary"), Role::Text, Type::Caption, x, at, text));
        }
        y += row + said;
    }
    // Without a bar there is no scale.
    if has_requests || !both.is_empty() {
        let tallest = counts.each_ref().map(|numbers| heights(numbers, scale).into_iter().max());
        let differs = rows == 2 && tallest[0] != tallest[1];
        axis(stage, columns, scale, (has_requests, differs), y + 17.0, &mut shapes);
    }
    (shapes, verdict, high)
}

/// Their place while a question is open: what comes of the runs is its answer.
pub(super) fn unseen(stage: &Stage, columns: &Columns, compare: &Comparison) -> (Vec<Shape>, String, f32) {
    let (high, said) = (high(columns, compare), stage.say(msg!("compare.unseen"), &[]));
    let mut shapes = vec![super::ground("compare/seeds", columns.wide, high)];
    title(stage, columns, compare, &said, &mut shapes);
    (shapes, said, high)
}

/// Whether what came of one of the runs above is counted as that of its seeds is.
fn is_counted(compare: &Comparison, place: usize) -> bool {
    let is_vain = place == 1 && compare.has_missed();
    !is_vain && (!compare.sweep().has_requests() || compare.sweep().sends_requests()[place])
}

/// How many numbers are in each bar.
fn heights(numbers: &[u64], scale: Scale) -> Vec<usize> {
    let mut heights = vec![0; scale.bars as usize];
    for number in numbers {
        heights[scale.bar(*number) as usize] += 1;
    }
    heights
}

/// What came of a run above, in the numbers of the scale.
fn outcome(facts: &Facts, has_requests: bool) -> Option<u64> {
    if has_requests {
        return Some(facts.requests.iter().filter(|sent| sent.is_lost()).count() as u64);
    }
    facts.settled.map(ticks)
}

/// A time as a number of the scale, rounded as [`words::millis`] rounds it: both name the same.
fn ticks(time: Micros) -> u64 {
    (time / MILLI + TICK / 2) / TICK
}

/// Whether what the seeds say fits beside their title, whatever it is.
pub(super) fn fits_a_line(stage: &Stage, columns: &Columns, compare: &Comparison) -> bool {
    let all = Arg::Number(SEEDS as i64);
    let numbers = ["a", "b", "done", "count"].map(|name| (name, all.clone()));
    let about = about(compare);
    let left = beside(&heading(stage, compare));
    [about, msg!("compare.progress"), msg!("compare.unseen")]
        .iter()
        .all(|id| left + width(&stage.say(id, &numbers), Type::Caption.font()) <= columns.wide - 14.0)
}

/// The message with what the seeds say.
fn about(compare: &Comparison) -> &'static str {
    let sweep = compare.sweep();
    match (sweep.sends_requests(), sweep.is_one()) {
        ([false, false], _) => msg!("compare.verdict-time"),
        (_, true) => msg!("compare.verdict-one"),
        ([true, true], false) => msg!("compare.verdict-lost"),
        ([true, false], false) => msg!("compare.verdict-first"),
        ([false, true], false) => msg!("compare.verdict-second"),
    }
}

/// Where what stands beside the title begins.
fn beside(title: &str) -> f32 {
    14.0 + width(title, Type::Strong.font()) + 16.0
}

fn heading(stage: &Stage, compare: &Comparison) -> String {
    let sweep = compare.sweep();
    let count = ("count", Arg::Number(SEEDS as i64));
    let title = match (sweep.is_one(), sweep.has_requests()) {
        (true, true) => msg!("compare.seeds-lost"),
        (true, false) => msg!("compare.seeds-time"),
        (false, true) => msg!("compare.seeds-of-each-lost"),
        (false, false) => msg!("compare.seeds-of-each-time"),
    };
    stage.say(title, &[count])
}

fn title(stage: &Stage, columns: &Columns, compare: &Comparison, verdict: &str, shapes: &mut Vec<Shape>) {
    let title = heading(stage, compare);
    let [x, y] = if columns.heights.is_line { [beside(&title), 20.0] } else { [14.0, 39.0] };
    let title = ellipsize(&title, Type::Strong.font(), columns.wide - 28.0);
    shapes.push(Shape::text("compare/seeds/title", Role::Text, Type::Strong, 14.0, 20.0, title));
    let text = ellipsize(verdict, Type::Caption.font(), columns.wide - x - 14.0);
    shapes.push(Shape::text("compare/seeds/verdict", Role::TextMuted, Type::Caption, x, y, text));
}

/// What the seeds say; how far they are while they are still played.
fn verdict(stage: &Stage, compare: &Comparison, counts: &[Vec<u64>; 2]) -> String {
    let sweep = compare.sweep();
    let whole = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    if !sweep.is_done() {
        let args = [("done", whole(sweep.seeds())), ("count", whole(SEEDS))];
        return stage.say(msg!("compare.progress"), &args);
    }
    let losing = counts.each_ref().map(|numbers| numbers.iter().filter(|number| **number > 0).count());
    // With some seeds a command may have found nothing: what came of these is not counted.
    let of = counts.each_ref().map(Vec::len);
    let args =
        [("a", whole(losing[0])), ("of_a", whole(of[0])), ("b", whole(losing[1])), ("of_b", whole(of[1]))];
    stage.say(about(compare), &args)
}

/// The middle and the ends of some numbers, of so many runs.
fn summary(stage: &Stage, numbers: &[u64], tallies: &[Tally], has_requests: bool) -> Option<String> {
    let runs = tallies.len();
    let whole = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let missed = tallies.iter().filter(|tally| tally.has_missed).count();
    if missed > 0 {
        return Some(
            stage.say(msg!("compare.missed-of"), &[("missed", whole(missed)), ("count", whole(runs))]),
        );
    }
    let unsettled = runs.saturating_sub(numbers.len());
    if unsettled > 0 {
        let within = words::millis(stage.language, LONGEST / MILLI);
        let args = [("unsettled", whole(unsettled)), ("count", whole(runs)), ("time", within.into())];
        return Some(stage.say(msg!("compare.unsettled-of"), &args));
    }
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let (least, most, middle) = (sorted.first()?, sorted.last()?, sorted.get(sorted.len() / 2)?);
    let said = |number: u64| -> Arg {
        if has_requests {
            Arg::Number(i64::try_from(number).unwrap_or(i64::MAX))
        } else {
            words::millis(stage.language, number * TICK).into()
        }
    };
    // As long as they are played, nothing is always so.
    if least == most && runs >= SEEDS {
        return Some(stage.say(msg!("compare.always"), &[("number", said(*least))]));
    }
    let args = [("middle", said(*middle)), ("least", said(*least)), ("most", said(*most))];
    Some(stage.say(msg!("compare.summary"), &args))
}

/// The numbers below the bars, and what they are; whether the rows are not on one scale is said there, too.
fn axis(
    stage: &Stage,
    columns: &Columns,
    scale: Scale,
    (has_requests, differs): (bool, bool),
    y: f32,
    shapes: &mut Vec<Shape>,
) {
    let wide = (columns.chart[1] - columns.chart[0]) / scale.bars as f32;
    let mut right = f32::NEG_INFINITY;
    for bar in 0..scale.bars {
        let [least, most] = scale.within(bar);
        let text = if !has_requests {
            let tenths = most * TICK * MILLI * 10 / SECOND;
            format!("{}.{}", tenths / 10, tenths % 10)
        } else if least == most {
            least.to_string()
        } else {
            format!("{least}–{most}")
        };
        let (middle, half) =
            (columns.chart[0] + (bar as f32 + 0.5) * wide, width(&text, Type::Label.font()) / 2.0);
        if middle - half < right + 6.0 || middle + half > columns.wide {
            continue;
        }
        right = middle + half;
        let text =
            Shape::text(format!("compare/seeds/axis/{bar}"), Role::TextMuted, Type::Label, middle, y, text);
        shapes.push(text.anchored(Anchor::Middle));
    }
    let unit = if has_requests { msg!("compare.lost-unit") } else { msg!("compare.time-unit") };
    let mut unit = stage.say(unit, &[]);
    if !columns.is_narrow {
        let [x, room] = columns.summary;
        let scales = format!("{unit} · {}", stage.say(msg!("compare.own-scales"), &[]));
        if differs && width(&scales, Type::Label.font()) <= room {
            unit = scales;
        }
        let unit = ellipsize(&unit, Type::Label.font(), room);
        shapes.push(Shape::text("compare/seeds/unit", Role::TextMuted, Type::Label, x, y, unit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_at_all_has_a_bar_of_its_own() {
        let scale = Scale::new(0, 43, 24);
        assert_eq!(scale, Scale { least: 0, step: 2, bars: 23 });
        assert_eq!([0, 1, 2, 3, 43].map(|number| scale.bar(number)), [0, 1, 1, 2, 22]);
        assert_eq!([scale.within(0), scale.within(1), scale.within(22)], [[0, 0], [1, 2], [43, 44]]);
        assert_eq!(Scale::new(0, 0, 24), Scale { least: 0, step: 1, bars: 1 + 1 });
    }
}
