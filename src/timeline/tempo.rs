//! The tempo: simulated time to stage time and back.
//!
//! What happens within milliseconds is stretched until it can be seen and read, and a wait folds. The same map
//! moves the playhead, the messages in flight and the narration, so that they never part. It is monotone and
//! straight between its knots, in whole numbers, so that it is the same everywhere.

use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};

/// A moment on the stage: microseconds of watching at speed 1 since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageTime(pub u64);

impl StageTime {
    /// So many milliseconds after the beginning.
    pub const fn millis(millis: u64) -> Self {
        Self(millis * MILLI)
    }
    /// Microseconds since `earlier`; 0 where that is later.
    pub const fn since(self, earlier: StageTime) -> Micros {
        self.0.saturating_sub(earlier.0)
    }
}

/// A wait in which nothing shows: it passes on the stage in a moment, and the stage draws that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Since when nothing shows.
    pub from: SimTime,
    /// Until when.
    pub to: SimTime,
    /// Where the fold begins on the stage.
    pub at: StageTime,
    /// Where it ends on the stage.
    pub until: StageTime,
}

/// A wait that is longer than this folds.
pub const FOLDS_OVER: Micros = 3 * SECOND;
/// How long a fold takes on the stage.
pub const FOLD: Micros = 700 * MILLI;
/// How long a fold that somebody has opened takes at most: what is longer is still drawn short.
pub const OPEN_MOST: Micros = 30 * SECOND;
/// How much each step between two moments weighs beside the root of its length in microseconds: so much that
/// one of a millisecond is as visible as one of a second.
const EACH: u64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Knot {
    sim: SimTime,
    stage: StageTime,
}

/// The map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tempo {
    knots: Vec<Knot>,
    folds: Vec<Fold>,
    /// The waits that somebody has opened, each where it lies now.
    opened: Vec<Fold>,
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            knots: vec![Knot { sim: SimTime::ZERO, stage: StageTime(0) }],
            folds: Vec::new(),
            opened: Vec::new(),
        }
    }
}

impl Tempo {
    /// Goes back to a moment at which a part ends: what comes after it is to be played anew.
    pub(super) fn go_back(&mut self, to: SimTime) {
        self.knots.truncate(self.knots.partition_point(|knot| knot.sim <= to).max(1));
        self.folds.truncate(self.folds.partition_point(|fold| fold.to <= to));
        self.opened.retain(|fold| fold.to <= to);
    }
    fn last(&self) -> Knot {
        self.knots.last().copied().unwrap_or(Knot { sim: SimTime::ZERO, stage: StageTime(0) })
    }
    /// Goes on until `to`, for `stage` on the stage, and for each wait that folds a little longer. `moments` are
    /// those between at which something is to be seen, in any order. Nothing happens where `to` is not later
    /// than the end.
    pub fn play(&mut self, to: SimTime, moments: &[SimTime], stage: Micros) {
        let from = self.last().sim;
        if to <= from {
            return;
        }
        let mut stops: Vec<SimTime> =
            moments.iter().copied().filter(|moment| *moment > from && *moment < to).collect();
        stops.push(to);
        stops.sort_unstable();
        stops.dedup();
        let weigh = |gap: Micros| if gap > FOLDS_OVER { 0 } else { EACH + gap.isqrt() };
        let starts = std::iter::once(from).chain(stops.iter().copied());
        let total: u64 = starts.zip(&stops).map(|(start, stop)| weigh(stop.since(start))).sum();
        // What is nothing but waiting has all the time for that.
        let fold = if total == 0 { FOLD.max(stage / stops.len() as u64) } else { FOLD };
        let (mut weight, mut given) = (0, 0);
        for stop in stops {
            let Knot { sim, stage: at } = self.last();
            let weighs = weigh(stop.since(sim));
            let until = if weighs == 0 {
                let until = StageTime(at.0 + fold);
                self.folds.push(Fold { from: sim, to: stop, at, until });
                until
            } else {
                weight += weighs;
                let share = stage * weight / total - given;
                given += share;
                StageTime(at.0 + share.max(1))
            };
            self.knots.push(Knot { sim: stop, stage: until });
        }
    }
    /// Where a moment is on the stage; past the end, the end.
    pub fn stage(&self, at: SimTime) -> StageTime {
        let after = self.knots.partition_point(|knot| knot.sim <= at);
        let (a, b) = match (after.checked_sub(1).map(|i| self.knots[i]), self.knots.get(after)) {
            (Some(a), Some(b)) => (a, *b),
            (Some(end), None) => return end.stage,
            (None, _) => return StageTime(0),
        };
        StageTime(a.stage.0 + scale(at.since(a.sim), b.stage.since(a.stage), b.sim.since(a.sim)))
    }
    /// Which moment is shown there: the first that is not before it. Past the end, the end.
    pub fn sim(&self, at: StageTime) -> SimTime {
        let after = self.knots.partition_point(|knot| knot.stage < at);
        let (a, b) = match (after.checked_sub(1).map(|i| self.knots[i]), self.knots.get(after)) {
            (Some(a), Some(b)) => (a, *b),
            (Some(end), None) => return end.sim,
            (None, _) => return SimTime::ZERO,
        };
        let (on_stage, simulated) = (b.stage.since(a.stage), b.sim.since(a.sim));
        let rounds_up =
            |n: u64| (u128::from(n) * u128::from(simulated)).div_ceil(u128::from(on_stage)) as u64;
        SimTime(a.sim.0 + rounds_up(at.since(a.stage)))
    }
    /// How far something is on its way that goes from `from` to `until` in simulated time, when the stage
    /// stands at `at`: 0 before, 1,000 once it is there.
    pub fn progress(&self, from: SimTime, until: SimTime, at: StageTime) -> u32 {
        let (from, until) = (self.stage(from), self.stage(until));
        if at >= until {
            return 1_000;
        }
        scale(at.since(from), 1_000, until.since(from)) as u32
    }
    /// Gives the wait that begins at `from` its true length, up to `OPEN_MOST`. What comes after it moves.
    pub fn open(&mut self, from: SimTime) {
        let Some(place) = self.folds.iter().position(|fold| fold.from == from) else { return };
        let fold = self.folds.remove(place);
        let more = fold.to.since(fold.from).min(OPEN_MOST).saturating_sub(fold.until.since(fold.at));
        let later = |at: &mut StageTime| at.0 += if *at >= fold.until { more } else { 0 };
        self.knots.iter_mut().for_each(|knot| later(&mut knot.stage));
        for other in self.folds.iter_mut().chain(&mut self.opened) {
            later(&mut other.at);
            later(&mut other.until);
        }
        self.opened.push(Fold { until: StageTime(fold.until.0 + more), ..fold });
        self.opened.sort_by_key(|fold| fold.from);
    }
    /// The waits that were opened, in order.
    pub fn opened(&self) -> &[Fold] {
        &self.opened
    }
    /// The waits that fold, in order.
    pub fn folds(&self) -> &[Fold] {
        &self.folds
    }
    /// The fold that the stage passes through there.
    pub fn fold_at(&self, at: StageTime) -> Option<&Fold> {
        let fold = self.folds.get(self.folds.partition_point(|fold| fold.until <= at))?;
        (fold.at <= at).then_some(fold)
    }
    /// The last moment that has a place on the stage.
    pub fn end(&self) -> SimTime {
        self.last().sim
    }
    /// How long everything takes on the stage.
    pub fn duration(&self) -> StageTime {
        self.last().stage
    }
}

/// `n` parts of `whole`, of which there are `parts`.
fn scale(n: u64, whole: u64, parts: u64) -> u64 {
    (u128::from(n) * u128::from(whole) / u128::from(parts.max(1))) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tempo() -> Tempo {
        let mut tempo = Tempo::default();
        let moments = [SimTime(1_000), SimTime(1_500), SimTime(400_000)];
        tempo.play(SimTime(500_000), &moments, 2 * SECOND);
        tempo.play(SimTime(500_001), &[], SECOND);
        tempo.play(SimTime::millis(60_000), &[SimTime::millis(700)], SECOND);
        tempo.play(SimTime::millis(60_100), &[], SECOND);
        tempo
    }

    #[test]
    fn each_part_lasts_as_long_as_asked_and_a_wait_folds() {
        let tempo = tempo();
        assert_eq!(tempo.stage(SimTime(500_000)), StageTime::millis(2_000));
        assert_eq!(tempo.stage(SimTime(500_001)), StageTime::millis(3_000));
        // The wait from 0.7 s to 60 s folds, and the second that was asked for is what is before it.
        let fold = Fold {
            from: SimTime::millis(700),
            to: SimTime::millis(60_000),
            at: StageTime::millis(4_000),
            until: StageTime::millis(4_700),
        };
        assert_eq!(tempo.folds(), [fold]);
        assert_eq!(tempo.fold_at(StageTime::millis(4_500)), Some(&fold));
        assert_eq!(tempo.fold_at(StageTime::millis(3_999)), None);
        assert_eq!(tempo.fold_at(StageTime::millis(4_700)), None);
        assert_eq!((tempo.end(), tempo.duration()), (SimTime::millis(60_100), StageTime::millis(5_700)));
        // Half a millisecond is on the stage for more than a tenth of the two seconds.
        let half = tempo.stage(SimTime(1_500)).since(tempo.stage(SimTime(1_000)));
        assert!(half > 300_000, "{half}");
    }

    #[test]
    fn a_wait_that_is_opened_has_its_length_and_what_follows_moves() {
        let mut tempo = tempo();
        tempo.play(SimTime::millis(70_000), &[], SECOND);
        let (end, folds) = (tempo.duration(), tempo.folds().to_vec());
        tempo.open(SimTime::millis(60_100));
        let opened = tempo.opened()[0];
        assert_eq!(opened.until.since(opened.at), 9_900 * MILLI, "its own length");
        assert_eq!(tempo.folds(), &folds[..1], "the other one stays folded");
        let grown = 9_900 * MILLI - folds[1].until.since(folds[1].at);
        assert_eq!(tempo.duration().0, end.0 + grown);
        assert_eq!(tempo.sim(StageTime(opened.at.0 + SECOND)), SimTime::millis(61_100));
        // The first is longer than what a stage can wait.
        tempo.open(SimTime::millis(700));
        assert_eq!(tempo.stage(SimTime::millis(60_000)).since(tempo.stage(SimTime::millis(700))), OPEN_MOST);
        assert_eq!(tempo.opened()[1].at, StageTime(opened.at.0 + OPEN_MOST - FOLD));
        let before = tempo.clone();
        tempo.open(SimTime::millis(1));
        assert_eq!(tempo, before, "where nothing folds, nothing opens");
    }

    #[test]
    fn it_goes_there_and_back_and_never_backwards() {
        let tempo = tempo();
        let mut last = StageTime(0);
        for at in (0..510_000).step_by(37).chain((510_000..60_200_000).step_by(9_973)).map(SimTime) {
            let stage = tempo.stage(at);
            assert!(stage >= last, "{at:?}");
            last = stage;
            let back = tempo.sim(stage).0.abs_diff(at.0.min(tempo.end().0));
            // A fold passes 85 simulated microseconds in one of the stage.
            assert!(back <= 85, "{at:?} comes back {back} away");
        }
        let mut last = SimTime::ZERO;
        for at in (0..6_000_000).step_by(1_009).map(StageTime) {
            assert!(tempo.sim(at) >= last, "{at:?}");
            last = tempo.sim(at);
        }
    }

    #[test]
    fn a_moment_is_shown_from_its_own_part_on() {
        let tempo = tempo();
        // The part that is one microsecond long is seen as its end, for the whole second.
        assert_eq!(tempo.sim(StageTime::millis(2_000)), SimTime(500_000));
        assert_eq!(tempo.sim(StageTime(2_000_001)), SimTime(500_001));
        assert_eq!(tempo.sim(StageTime::millis(3_000)), SimTime(500_001));
    }

    #[test]
    fn a_message_is_on_its_way_as_the_stage_goes() {
        let tempo = tempo();
        let (sent, arrives) = (SimTime(1_000), SimTime(1_500));
        let half = StageTime((tempo.stage(sent).0 + tempo.stage(arrives).0) / 2);
        assert_eq!(tempo.progress(sent, arrives, tempo.stage(sent)), 0);
        assert!(tempo.progress(sent, arrives, half).abs_diff(500) <= 1);
        assert_eq!(tempo.progress(sent, arrives, tempo.stage(arrives)), 1_000);
        assert_eq!(tempo.progress(sent, arrives, StageTime::millis(5_700)), 1_000);
    }
}
