//! Both runs with every seed, and what came of each: how many requests were lost, and when the Pods came to rest.

use super::super::line::{Acted, Start};
use super::super::made::{Made, StandsFor};
use super::super::run::Run;
use super::calm::Calm;
use super::{LONGEST, Settling, last_answer};
use crate::cluster::record::Fact;
use crate::cluster::time::{Micros, SimTime};
use crate::cluster::traffic::Outcome;

/// So many seeds of each.
pub const SEEDS: usize = 100;

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that have ended.
    pub ended: u32,
    /// Those of them that were not answered.
    pub lost: u32,
    /// How long after the last act all Pods were settled; none where they never were while it was counted.
    pub rests: Option<Micros>,
    /// Whether something that was done names what is not there in it.
    pub has_missed: bool,
}

/// What is done with every seed.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) start: Start,
    pub(super) acts: Vec<Acted>,
    /// What the names of chance in it stand for.
    pub(super) stands_for: StandsFor,
    /// Which of the acts were done while all Pods were settled.
    pub(super) waited: Vec<bool>,
    /// When the last is done that something comes of.
    pub(super) last_deed: SimTime,
}

/// A run that is being counted.
#[derive(Clone, Debug)]
struct Counting {
    run: Run,
    done: usize,
    /// By how much what is still to be done is later than in the run that is drawn, which waits for nothing.
    late: Micros,
    is_drawn: bool,
    calm: Calm,
    tally: Tally,
    settling: Settling,
    made: Made,
}

/// The counts of both runs over their seeds.
#[derive(Clone, Debug)]
pub struct Sweep {
    plans: [Plan; 2],
    /// Where the two differ in nothing but chance, their seeds are the same.
    is_one: bool,
    counts: [Vec<Tally>; 2],
    counting: Option<Counting>,
}

impl Sweep {
    pub(super) fn new(plans: [Plan; 2]) -> Self {
        let is_one = plans[0].acts == plans[1].acts && plans[0].start.files == plans[1].start.files;
        Self { plans, is_one, counts: [Vec::new(), Vec::new()], counting: None }
    }
    /// What the names of chance in the second run stand for, and which of its acts were done while all Pods were settled, once that is
    /// known.
    pub(super) fn know(&mut self, stands_for: StandsFor, waited: Vec<bool>) {
        self.plans[1].stands_for = stands_for;
        self.plans[1].waited = waited;
    }
    /// When the last is done in the second run that something comes of, once that is known.
    pub(super) fn know_last_deed(&mut self, last_deed: SimTime) {
        self.plans[1].last_deed = last_deed;
    }
    /// What came of the run with each seed so far: the first's, the second's.
    pub fn counts(&self) -> [&[Tally]; 2] {
        [&self.counts[0], &self.counts[usize::from(!self.is_one)]]
    }
    /// Whether the two differ in nothing but chance.
    pub fn is_one(&self) -> bool {
        self.is_one
    }
    /// How many seeds of each are counted.
    pub fn seeds(&self) -> usize {
        self.counts()[1].len()
    }
    /// Whether all are.
    pub fn is_done(&self) -> bool {
        self.seeds() >= SEEDS
    }
    /// Whether what is counted are requests; else it is how long it takes.
    pub fn has_requests(&self) -> bool {
        self.sends_requests().contains(&true)
    }
    /// In which of the two runs requests are sent.
    pub fn sends_requests(&self) -> [bool; 2] {
        self.plans.each_ref().map(|plan| last_answer(&plan.acts).is_some())
    }
    /// Works for at most `budget` events of a cluster. True where a run was counted to its end.
    pub(super) fn run(&mut self, budget: usize) -> bool {
        if self.is_done() {
            return false;
        }
        // One seed of the first, then the same of the second.
        let side = usize::from(!self.is_one && self.counts[1].len() < self.counts[0].len());
        let plan = &self.plans[side];
        let Plan { start, last_deed, .. } = plan;
        let seed = self.counts[side].len() as u64 + 1;
        let counting = self.counting.get_or_insert_with(|| {
            let mut setup = start.setup.clone();
            setup.seed = seed;
            let run = Run::new(&setup, start.namespace.clone(), start.files.clone());
            Counting {
                run,
                done: 0,
                late: 0,
                is_drawn: self.plans.iter().any(|plan| plan.start.setup.seed == seed),
                calm: Calm::default(),
                tally: Tally::default(),
                settling: Settling::new(*last_deed),
                made: Made::default(),
            }
        });
        if counting.go_on(plan, budget) {
            return false;
        }
        self.counts[side].push(counting.tally);
        self.counting = None;
        true
    }
}

impl Counting {
    /// Goes on for at most `budget` events; true where more is to be done.
    fn go_on(&mut self, plan: &Plan, mut budget: usize) -> bool {
        let Plan { acts, stands_for, waited, last_deed, .. } = plan;
        let has_names = !stands_for.is_empty();
        loop {
            let end =
                last_answer(acts).map_or(self.settling.end(), |ended| ended.max(*last_deed) + self.late);
            let act = acts.get(self.done).filter(|acted| acted.at + self.late <= end);
            let due = act.map_or(end, |acted| acted.at + self.late);
            while self.run.next_time().is_some_and(|next| next <= due) {
                if budget == 0 {
                    self.count(has_names);
                    return true;
                }
                budget -= 1;
                self.run.step();
                // Nothing that is counted is to come.
                if act.is_none() && self.run.is_quiet() {
                    break;
                }
            }
            self.count(has_names);
            let Some(acted) = act else {
                let until = if self.run.is_quiet() { SimTime::NEVER } else { end };
                self.tally.rests = self.settling.settled(until);
                return false;
            };
            // Who has waited for their Pods does so with every seed; what nothing comes of waits for nothing.
            if !self.is_drawn && acted.at <= *last_deed && waited.get(self.done) == Some(&true) {
                let longest = due + LONGEST;
                while !self.calm.is_calm(self.run.now().max(due))
                    && self.run.next_time().is_some_and(|next| next <= longest)
                {
                    if budget == 0 {
                        return true;
                    }
                    budget -= 1;
                    self.run.step();
                    self.count(has_names);
                }
            }
            let now = self.run.now().max(due);
            self.late += now.since(due);
            self.settling.put_off(now.since(due));
            self.run.advance(now, 0);
            let (act, is_there) = stands_for.act(self.done, &acted.act, &self.made);
            self.tally.has_missed |= !is_there;
            self.run.act(act);
            self.done += 1;
        }
    }
    fn count(&mut self, has_names: bool) {
        for record in self.run.take_records() {
            if has_names {
                self.made.hear(&record);
            }
            self.calm.hear(&record);
            self.settling.hear(&record);
            if let Fact::Request(_, row) = &record.fact
                && let Some((_, outcome)) = &row.ended
            {
                self.tally.ended += 1;
                self.tally.lost += u32::from(!matches!(outcome, Outcome::Served(_)));
            }
        }
    }
}
