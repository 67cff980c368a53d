//! The timeline: the run and its branches. A branch begins where somebody acts before the furthest point that
//! was shown; what was recorded ahead and never shown is simply recorded anew.

use super::beats::Story;
use super::history::History;
use super::line::{Acted, Line, Start};
use super::run::{Act, Run};
use super::view::View;
use crate::cluster::record::ClientId;
use crate::cluster::time::SimTime;

/// A branch of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The branch that it began in.
    pub branch: usize,
    /// When.
    pub at: SimTime,
}

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The command's number, where it is one.
    pub client: Option<ClientId>,
    /// The branch that it began, where it did.
    pub branch: Option<usize>,
}

/// The recorded run with its branches. One of them is looked at.
#[derive(Clone, Debug)]
pub struct Timeline {
    start: Start,
    lines: Vec<(Line, Option<Origin>)>,
    current: usize,
}

impl Timeline {
    /// A run in which nothing was done and nothing is recorded yet.
    pub fn new(start: Start) -> Self {
        let line = Line::new(&start, Vec::new());
        Self { start, lines: vec![(line, None)], current: 0 }
    }
    /// A run as it was kept: of each branch where it began and what was done in it, from the beginning of the
    /// run on. Nothing is recorded yet.
    pub fn restore(start: Start, branches: Vec<(Vec<Acted>, Option<Origin>)>, current: usize) -> Self {
        let mut lines: Vec<_> =
            branches.into_iter().map(|(acts, origin)| (Line::new(&start, acts), origin)).collect();
        if lines.is_empty() {
            lines.push((Line::new(&start, Vec::new()), None));
        }
        let current = current.min(lines.len() - 1);
        Self { start, lines, current }
    }
    fn line(&self) -> &Line {
        &self.lines[self.current].0
    }
    fn line_mut(&mut self) -> &mut Line {
        &mut self.lines[self.current].0
    }
    /// What the run begins with.
    pub fn start(&self) -> &Start {
        &self.start
    }
    /// What is recorded of the branch that is looked at.
    pub fn history(&self) -> &History {
        self.line().history()
    }
    /// What is told of it.
    pub fn story(&self) -> &Story {
        self.line().story()
    }
    /// Its state at a time.
    pub fn at(&self, at: SimTime) -> View<'_> {
        self.history().at(at)
    }
    /// What was done in it, from the beginning of the run on.
    pub fn acts(&self) -> &[Acted] {
        self.line().acts()
    }
    /// The run at the end of what is recorded of it.
    pub fn run(&self) -> &Run {
        self.line().run()
    }
    /// The furthest point of it that was shown.
    pub fn shown(&self) -> SimTime {
        self.line().shown()
    }
    /// The playhead stands there: an act before this point begins a branch from now on.
    pub fn show(&mut self, at: SimTime) {
        self.line_mut().show(at);
    }
    /// Goes on recording for a playhead at `playhead`: until nothing is to happen any more, or ten minutes ahead
    /// of it, and at most `budget` events of the cluster. True where more is to be done now.
    pub fn record(&mut self, playhead: SimTime, budget: usize) -> bool {
        self.line_mut().record(playhead, budget)
    }
    /// Does something at a moment. Where that moment lies before the furthest point that was shown, it begins a
    /// branch, which is looked at from now on.
    pub fn act(&mut self, at: SimTime, act: Act) -> Done {
        let branch = (at < self.shown()).then(|| self.fork(at));
        Done { client: self.line_mut().act(at, act), branch }
    }
    /// Begins a branch at a moment, which is looked at from now on. Gives its place.
    pub fn fork(&mut self, at: SimTime) -> usize {
        let mut line = self.line().clone();
        line.rewind(at);
        line.show(at);
        self.lines.push((line, Some(Origin { branch: self.current, at })));
        self.current = self.lines.len() - 1;
        self.current
    }
    /// How many branches there are; the first is the run itself.
    pub fn branches(&self) -> usize {
        self.lines.len()
    }
    /// The branch that is looked at.
    pub fn current(&self) -> usize {
        self.current
    }
    /// Where a branch began; none for the run itself.
    pub fn origin(&self, branch: usize) -> Option<Origin> {
        self.lines.get(branch)?.1
    }
    /// Looks at another branch. False where there is none.
    pub fn look_at(&mut self, branch: usize) -> bool {
        let is_there = branch < self.lines.len();
        if is_there {
            self.current = branch;
        }
        is_there
    }
    /// What is recorded of a branch, to be compared with another.
    pub fn history_of(&self, branch: usize) -> Option<&History> {
        Some(self.lines.get(branch)?.0.history())
    }
    /// What was done in a branch.
    pub fn acts_of(&self, branch: usize) -> &[Acted] {
        self.lines.get(branch).map_or(&[], |(line, _)| line.acts())
    }
}
