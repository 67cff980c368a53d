//! Two runs from one manifest with one difference, or two branches of one run, one below the other and in step: the lives of their
//! Pods, the requests to them and what was lost; and below both what came of a hundred seeds of each.
//!
//! `facts` looks up what happens, `panel` draws one of the runs, `histogram` the seeds.

mod facts;
mod histogram;
mod panel;

#[cfg(test)]
mod tests;

use super::Stage;
use crate::cluster::record::ClientId;
use crate::cluster::time::{SECOND, SimTime};
use crate::msg;
use crate::scene::role::Role;
use crate::scene::shape::{Scene, Shape};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;
use crate::timeline::compare::{Comparison, LONGEST, Side};
use crate::timeline::{Act, History};
use facts::Facts;

/// Around everything.
const MARGIN: f32 = 14.0;
/// Between the panels.
const GAP: f32 = 10.0;
/// What the two runs are called, and their hues.
const LETTERS: [(&str, Hue); 2] = [("A", Hue::Server), ("B", Hue::Pod)];
/// How high the panel is that says that the second run is not there yet.
const WAITING: f32 = 76.0;

/// How high the rows of the panels are.
#[derive(Clone, Copy, Debug)]
struct Heights {
    /// The line with the title of a run, and the lines above the seeds.
    title: f32,
    seeds: f32,
    /// A Pod's lane, and its bar.
    lane: f32,
    bar: f32,
    /// The lane of requests.
    requests: f32,
    /// The seeds of a run.
    row: f32,
    /// The line with the times, and what is below it.
    times: f32,
    /// Whether what the seeds say stands beside their title.
    is_line: bool,
}

impl Heights {
    const ROOMY: Self = Self {
        title: 46.0,
        seeds: 50.0,
        lane: 18.0,
        bar: 12.0,
        requests: 44.0,
        row: 54.0,
        times: 28.0,
        is_line: false,
    };
    /// Where a stage is too low for all of it otherwise, with the lanes as high as they can be.
    const TIGHT: Self =
        Self { title: 36.0, seeds: 46.0, requests: 34.0, row: 40.0, times: 24.0, ..Self::ROOMY };
    /// How high a lane is at least.
    const LEAST_LANE: f32 = 13.0;
    /// Where what the seeds say stands beside their title.
    const SEEDS_LINE: f32 = 28.0;

    fn with_lane(self, lane: f32) -> Self {
        Self { lane, bar: (lane * 2.0 / 3.0).round(), ..self }
    }
}

/// Where things are in a panel.
#[derive(Clone, Copy, Debug)]
struct Columns {
    heights: Heights,
    is_narrow: bool,
    /// How wide a panel is.
    wide: f32,
    /// Where time begins and ends.
    chart: [f32; 2],
    /// Where what came of it stands, and how wide that is.
    summary: [f32; 2],
}

impl Columns {
    fn new(stage: &Stage) -> Self {
        let wide = stage.size[0] - 2.0 * MARGIN;
        let heights = Heights::ROOMY;
        if stage.is_narrow() {
            let (chart, summary) = ([74.0, wide - 12.0], [16.0, wide - 32.0]);
            return Self { heights, is_narrow: true, wide, chart, summary };
        }
        let summary = 244.0;
        Self {
            heights,
            is_narrow: false,
            wide,
            chart: [128.0, wide - summary - 34.0],
            summary: [wide - summary - 4.0, summary - 16.0],
        }
    }
}

/// One of the two runs.
struct Run<'a> {
    letter: &'static str,
    hue: Hue,
    side: &'a Side,
    history: &'a History,
    facts: &'a Facts,
    /// The other run's, where that is there.
    other: Option<&'a Facts>,
    other_letter: &'static str,
    /// Whether its objects are those of the session, which can be looked at.
    is_own: bool,
    /// Whether requests are sent in either run, and whether in this one.
    has_requests: bool,
    sends: bool,
    /// Its commands that name what is not there.
    found_nothing: Vec<ClientId>,
}

/// Draws the comparison.
pub(super) fn draw(stage: &Stage) -> Scene {
    let Some(compare) = stage.compare else { return Scene::default() };
    let mut columns = Columns::new(stage);
    let [a, b] = [stage.view.history(), compare.other().history()];
    // Before a question that is still open, nothing of either is seen that comes later.
    let known = a.until().map(|until| b.known_until(until));
    let b = known.as_ref().unwrap_or(b);
    let is_there = compare.is_recorded();
    let span = span(stage, compare);
    let last = compare.last_deeds();
    let own = Facts::new(a, span).settling(a, last[0], stage.story.is_whole);
    let others = is_there.then(|| Facts::new(b, span).settling(b, last[1], compare.other().story().is_whole));
    let fits = |columns: &Columns| {
        let high = |facts: &Facts, other: Option<&Facts>| panel::high(columns, facts, other) + GAP;
        let highs = high(&own, others.as_ref()) + high(others.as_ref().unwrap_or(&own), Some(&own));
        highs + histogram::high(columns, compare) + 2.0 * MARGIN <= stage.size[1]
    };
    if !columns.is_narrow && !fits(&columns) {
        let mut heights = Heights::TIGHT;
        if histogram::fits_a_line(stage, &columns, compare) {
            (heights.seeds, heights.is_line) = (Heights::SEEDS_LINE, true);
        }
        columns.heights = heights;
        while columns.heights.lane > Heights::LEAST_LANE && !fits(&columns) {
            columns.heights = columns.heights.with_lane(columns.heights.lane - 1.0);
        }
    }
    let mut shapes = Vec::new();
    let mut y = MARGIN;
    let mut put = |group: Vec<Shape>, key: &str, name: String, high: f32| {
        shapes.push(Shape::group(key, MARGIN, y, group).named(name));
        y += high + GAP;
    };
    let runs = [Some((&own, others.as_ref())), others.as_ref().map(|others| (others, Some(&own)))];
    for (place, run) in runs.into_iter().enumerate() {
        let (letter, hue) = LETTERS[place];
        let side = &compare.sides()[place];
        let key = format!("compare/{letter}");
        let Some((facts, other)) = run else {
            let title = stage.say(side.title, &side.args);
            let (drawn, name) = (waiting(stage, &key, columns.wide, letter, hue, &title), title);
            put(drawn, &key, format!("{letter}: {name}"), WAITING);
            continue;
        };
        let (other_letter, history) = (LETTERS[1 - place].0, if place == 0 { a } else { b });
        let is_own = place == 0;
        let run = Run {
            letter,
            hue,
            side,
            history,
            facts,
            other,
            other_letter,
            is_own,
            has_requests: compare.sweep().has_requests(),
            sends: compare.sweep().sends_requests()[place],
            found_nothing: if is_own { Vec::new() } else { compare.found_nothing().collect() },
        };
        let panel = panel::Panel::new(stage, &columns, span, &run);
        let (drawn, high) = panel.draw();
        put(drawn, &key, panel.spoken(), high);
    }
    let (drawn, name, high) = match known {
        Some(_) => histogram::unseen(stage, &columns, compare),
        None => histogram::draw(stage, &columns, compare, [Some(&own), others.as_ref()]),
    };
    put(drawn, "compare/seeds", name, high);
    Scene { width: stage.size[0], height: (y - GAP + MARGIN).max(stage.size[1]), shapes }
}

/// From when to when both runs are drawn: the time in which requests are sent, else from the first act until nothing changes
/// any more in either.
fn span(stage: &Stage, compare: &Comparison) -> [SimTime; 2] {
    let [from, to] = whole_span(stage, compare);
    [from, stage.no_later(to).max(from + SECOND)]
}

fn whole_span(stage: &Stage, compare: &Comparison) -> [SimTime; 2] {
    if let Some(span) = compare.span_of_requests() {
        return span;
    }
    let acts = compare.acts().filter(|acted| !matches!(acted.act, Act::File(..)));
    let (first, last) = acts.fold((SimTime::NEVER, SimTime::ZERO), |(first, last), acted| {
        (first.min(acted.at), last.max(acted.at))
    });
    let from = if first == SimTime::NEVER { SimTime::ZERO } else { first };
    let whole = [from, SimTime::NEVER];
    let ends = [stage.view.history(), compare.other().history()]
        .map(|history| Facts::new(history, whole).last_change());
    let to = ends.into_iter().flatten().max().unwrap_or(last).max(last);
    // What goes on for ever has been seen by then.
    let to = to.min(last + LONGEST);
    [from, to + SECOND]
}

/// The panel of the second run before that is there.
fn waiting(stage: &Stage, key: &str, wide: f32, letter: &str, hue: Hue, title: &str) -> Vec<Shape> {
    let mut shapes = panel::ground(key, wide, WAITING, letter, hue, title);
    let text = stage.say(msg!("compare.computing"), &[]);
    shapes.push(Shape::text(format!("{key}/computing"), Role::TextMuted, Type::Caption, 50.0, 54.0, text));
    shapes
}

/// The ground of a panel.
fn ground(key: &str, wide: f32, high: f32) -> Shape {
    Shape::rect(format!("{key}/panel"), Role::Panel, [0.0, 0.0, wide, high], radius::PANEL)
}
