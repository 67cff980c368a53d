//! A film of the stage: which moments it shows, how fast, and what stands below each picture.

use super::measure::wrap;
use super::role::Role;
use super::shape::Shape;
use super::typeface::Type;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::timeline::{StageTime, Story};

/// A film lasts no longer than this. What takes longer on the stage is shown faster.
pub const LONGEST: Micros = 30 * SECOND;

/// What is shorter than this on the stage is no film.
const SHORTEST: Micros = SECOND / 5;

/// How high the strip below the picture is: two lines of a sentence.
pub const STRIP: f32 = 64.0;

crate::words_enum! {
    /// Which part of a run.
    pub enum Reel {
        /// What a person did at last, and what followed.
        Chapter = "chapter",
        /// What is still to come.
        FromHere = "from-here",
        /// All that is recorded.
        Whole = "whole",
    }
}

/// The part of a run that a film shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Film {
    /// What it begins with.
    pub from: StageTime,
    /// What it ends with.
    pub to: StageTime,
    /// How long it lasts.
    pub lasts: Micros,
}

impl Film {
    /// A film of a part of the run; none where nothing moves in it.
    pub fn of(story: &Story, at: SimTime, reel: Reel) -> Option<Film> {
        let end = story.end_of_telling();
        let (from, to) = match reel {
            Reel::Chapter => story.chapter_at(at).map(|chapter| (chapter.from, chapter.to.min(end)))?,
            Reel::FromHere => (at, end),
            Reel::Whole => (SimTime::ZERO, end),
        };
        let [from, to] = [from, to].map(|moment| story.tempo.stage(moment));
        let span = to.since(from);
        (span >= SHORTEST).then(|| Film { from, to, lasts: span.min(LONGEST) })
    }
    /// How many times as fast as on the stage it is, in tenths.
    pub fn tenths_faster(&self) -> usize {
        (self.to.since(self.from) * 10).div_ceil(self.lasts.max(1)) as usize
    }
    /// What is shown so long after its beginning.
    pub fn moment(&self, passed: Micros) -> StageTime {
        let span = u128::from(self.to.since(self.from));
        let gone = span * u128::from(passed.min(self.lasts)) / u128::from(self.lasts.max(1));
        StageTime(self.from.0 + gone as u64)
    }
}

/// What stands below a picture of this size: the time, and what is told.
pub fn strip([width, height]: [f32; 2], clock: &str, said: &str) -> Vec<Shape> {
    let (top, left) = (height - STRIP, 84.0);
    let mut lines = wrap(said, Type::Heading.font(), width - left - 20.0);
    lines.truncate(2);
    let first = top + if lines.len() > 1 { 27.0 } else { 38.0 };
    let mut shapes = vec![
        Shape::rect("strip", Role::Well, [0.0, top, width, STRIP], 0.0),
        Shape::line("strip/edge", Role::Divider, [0.0, top], [width, top]),
        Shape::text("strip/clock", Role::TextMuted, Type::CodeStrong, 20.0, first, clock),
    ];
    shapes.extend(lines.into_iter().enumerate().map(|(place, line)| {
        let y = first + 22.0 * place as f32;
        Shape::text(format!("strip/said/{place}"), Role::Text, Type::Heading, left, y, line)
    }));
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::MILLI;
    use crate::scene::Geometry;

    /// A run that takes so many seconds on the stage, and ten times as long in itself.
    fn story(seconds: u64) -> Story {
        let mut story = Story { is_whole: true, ..Story::default() };
        story.tempo.play(SimTime(2 * seconds * SECOND), &[SimTime(seconds * SECOND)], seconds * SECOND);
        story
    }

    #[test]
    fn what_is_short_is_shown_as_on_the_stage_and_what_is_long_faster() {
        let short = Film::of(&story(2), SimTime::ZERO, Reel::Whole).expect("a film");
        assert_eq!((short.lasts, short.tenths_faster()), (2 * SECOND, 10));
        assert_eq!(short.moment(500 * MILLI), StageTime(500 * MILLI));
        let mut long = Story { is_whole: true, ..Story::default() };
        for second in 1..=75 {
            long.tempo.play(SimTime(second * SECOND), &[], SECOND);
        }
        let film = Film::of(&long, SimTime::ZERO, Reel::Whole).expect("a film");
        assert_eq!((film.lasts, film.tenths_faster()), (LONGEST, 25));
        assert_eq!(film.moment(10 * SECOND), StageTime(25 * SECOND));
        assert_eq!(film.moment(99 * SECOND), film.to, "it ends with its last picture");
        let rest = Film::of(&long, SimTime(60 * SECOND), Reel::FromHere).expect("a film");
        assert_eq!((rest.from, rest.lasts), (StageTime(60 * SECOND), 15 * SECOND));
    }

    #[test]
    fn where_nothing_moves_is_no_film() {
        let story = story(2);
        assert_eq!(Film::of(&story, story.end(), Reel::FromHere), None);
        assert_eq!(Film::of(&Story::default(), SimTime::ZERO, Reel::Whole), None);
        assert_eq!(Film::of(&Story::default(), SimTime::ZERO, Reel::Chapter), None);
    }

    #[test]
    fn a_sentence_stands_in_two_lines_at_most_and_on_the_strip() {
        let said = "The kubelet starts the container. ".repeat(12);
        for (said, lines) in [(&*said, 2), ("Short.", 1), ("", 0)] {
            let shapes = strip([400.0, 300.0], "00:01.0", said);
            let told = shapes.iter().filter(|shape| shape.key.starts_with("strip/said"));
            assert_eq!(told.count(), lines);
            for shape in &shapes {
                if let Geometry::Text { y, .. } = shape.geometry {
                    assert!((300.0 - STRIP..300.0).contains(&y), "{shape:?}");
                }
            }
        }
    }
}
