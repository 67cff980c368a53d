//! What a run can be compared with: itself with one difference, or another of its branches.

use super::super::branches::Timeline;
use super::super::line::Acted;
use super::super::run::Act;
use super::difference::{Changed, Difference, Side};
use crate::cluster::record::{Fact, HookKind, Record};
use crate::msg;

/// What a run is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The same with one difference.
    Difference(Difference),
    /// Another branch, by its place.
    Branch(usize),
}

impl From<Difference> for Against {
    fn from(difference: Difference) -> Self {
        Against::Difference(difference)
    }
}

impl Against {
    /// What the branch that is looked at can be compared with, as far as it is recorded: what would change something in it, and the
    /// branches in which something else is done.
    pub fn possible(timeline: &Timeline) -> Vec<Against> {
        let has_stops = has_stops(timeline.history().records());
        let differences = Difference::possible(timeline.start(), timeline.acts()).into_iter();
        let changes = |difference: &Difference| has_stops || *difference != Difference::PreStop;
        differences.filter(changes).map(Against::Difference).chain(branches(timeline)).collect()
    }
    /// The second run; none where it would be the same.
    pub(super) fn apply(self, timeline: &Timeline) -> Option<Changed> {
        let branch = match self {
            Against::Difference(difference) => return difference.apply(timeline.start(), timeline.acts()),
            Against::Branch(branch) => branch,
        };
        let (start, acts) = (timeline.start().clone(), timeline.acts_of(branch).to_vec());
        (acts != timeline.acts()).then(|| Changed { start, acts, sides: sides(timeline, branch) })
    }
}

/// Whether a container is stopped in these records: without that a `preStop` has nothing to do.
pub(super) fn has_stops(records: &[Record]) -> bool {
    let is_stop = |fact: &Fact| matches!(fact, Fact::Signal(..) | Fact::Hook(_, HookKind::PreStop, _));
    records.iter().any(|record| is_stop(&record.fact))
}

/// The branches in which something else is done than in the one that is looked at.
pub(super) fn branches(timeline: &Timeline) -> impl Iterator<Item = Against> + '_ {
    let others = (0..timeline.branches()).filter(|branch| timeline.acts_of(*branch) != timeline.acts());
    others.map(Against::Branch)
}

/// What is said of the branch that is looked at, and of another.
pub(super) fn sides(timeline: &Timeline, branch: usize) -> [Side; 2] {
    let (own, other) = (timeline.acts(), timeline.acts_of(branch));
    let shared = own.iter().zip(other).take_while(|(own, other)| own == other).count();
    [side(timeline, timeline.current(), &own[shared..]), side(timeline, branch, &other[shared..])]
}

/// What is said of a branch: what it is called, and the first command that only it has.
fn side(timeline: &Timeline, branch: usize, own: &[Acted]) -> Side {
    let written = own.iter().find_map(|acted| match &acted.act {
        Act::Command(line) => Some(line.clone()),
        _ => None,
    });
    let (title, args) = match (timeline.name(branch), branch) {
        (Some(name), _) => (msg!("compare.branch-named"), vec![("name", name.into())]),
        (None, 0) => (msg!("page.branch-main"), Vec::new()),
        (None, _) => (msg!("page.branch"), vec![("number", branch.into())]),
    };
    Side { title, args, written }
}
