//! Two runs from one manifest with one difference, or two branches of one run, in step; and the same over a hundred seeds of each,
//! since one run proves nothing.
//!
//! `against` says what the run can be compared with, `difference` what is other in the second run, `sweep` plays both with every seed
//! and counts, `settling` says when Pods are settled, `calm` what a person waits for. Nothing is played before it is asked for, and then in slices.

mod against;
mod calm;
mod difference;
mod settling;
mod sweep;

#[cfg(test)]
mod tests;

pub use against::Against;
pub use difference::{Changed, Difference, Side};
pub use settling::{LONGEST, Settling};
pub use sweep::{SEEDS, Sweep, Tally};

use super::branches::Timeline;
use super::history::History;
use super::line::{Acted, Start};
use super::made::StandsFor;
use super::run::Act;
use super::view::CommandView;
use crate::cluster::record::ClientId;
use crate::cluster::time::{Micros, SECOND, SimTime};
use std::cell::Cell;
use sweep::Plan;

/// After the last act so much is looked at, where nothing says when the run has come to its end.
const AFTER: Micros = 5 * SECOND;

/// Two runs that are compared. The first is the run of the session; here is what differs.
#[derive(Clone, Debug)]
pub struct Comparison {
    against: Against,
    possible: Vec<Against>,
    has_stops: bool,
    /// How many records were looked at for a stop.
    looked: Cell<usize>,
    /// Whether the run was recorded as far as something is done in it: before, it is not known what the names in that stand for.
    knows_names: bool,
    start: Start,
    acts: Vec<Acted>,
    /// When the last was done in it that something has come of.
    last_deed: SimTime,
    sides: [Side; 2],
    other: Timeline,
    is_recorded: bool,
    sweep: Sweep,
}

/// What a slice of work has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Whether there is something new to be seen.
    pub has_changed: bool,
    /// Whether more is to be done.
    pub is_more: bool,
}

impl Comparison {
    /// The run that is looked at, as far as it is recorded, beside the one that is asked for where that is another, else the first
    /// that is. None where nothing was done yet.
    pub fn new(timeline: &Timeline, asked: Option<Against>) -> Option<Self> {
        let (start, acts) = (timeline.start().clone(), timeline.acts().to_vec());
        let records = timeline.history().records();
        let (has_stops, looked) = (against::has_stops(records), Cell::new(records.len()));
        let possible = Against::possible(timeline);
        let against = asked.filter(|asked| possible.contains(asked)).or(possible.first().copied())?;
        let Changed { start: other_start, acts: other_acts, sides } = against.apply(timeline)?;
        let stands_for = StandsFor::new(&acts, records, &start.namespace);
        let last_deed = last_deed(&acts, timeline.history());
        let plan = |start: &Start, acts: &[Acted]| Plan {
            start: start.clone(),
            acts: acts.to_vec(),
            stands_for: stands_for.clone(),
            waited: calm::waited(timeline.acts(), records),
            last_deed,
        };
        let sweep = Sweep::new([plan(&start, &acts), plan(&other_start, &other_acts)]);
        let other = match against {
            Against::Difference(_) => Timeline::again(other_start, other_acts, stands_for),
            // What is done in a branch has the names that are there.
            Against::Branch(_) => Timeline::restore(other_start, vec![(other_acts, None)], 0),
        };
        Some(Self {
            against,
            possible,
            has_stops,
            looked,
            knows_names: is_recorded_past(timeline),
            start,
            acts,
            last_deed,
            sides,
            other,
            is_recorded: false,
            sweep,
        })
    }
    /// What the run is compared with.
    pub fn against(&self) -> Against {
        self.against
    }
    /// What else it could be compared with.
    pub fn possible(&self) -> &[Against] {
        &self.possible
    }
    /// Whether it is about this run as it is now.
    pub fn is_of(&self, timeline: &Timeline) -> bool {
        self.does_as(timeline)
            && (self.knows_names || !is_recorded_past(timeline))
            && self.last_deed == last_deed(timeline.acts(), timeline.history())
            && self.knows_stops_of(timeline)
            && self.has_branches_of(timeline)
    }
    /// Whether what is done in it is what is done in this run.
    pub fn does_as(&self, timeline: &Timeline) -> bool {
        self.start == *timeline.start() && self.acts == timeline.acts()
    }
    /// Whether a container has been stopped in it where one has in the run by now. Each record is looked at once.
    fn knows_stops_of(&self, timeline: &Timeline) -> bool {
        let records = timeline.history().records();
        let looked = self.looked.replace(records.len());
        self.has_stops || !against::has_stops(records.get(looked..).unwrap_or(records))
    }
    /// Whether the branches that it could be compared with are still these, and the one that it is compared with is as it was.
    fn has_branches_of(&self, timeline: &Timeline) -> bool {
        let known = self.possible.iter().filter(|known| matches!(known, Against::Branch(_)));
        let is_same = match self.against {
            Against::Difference(_) => true,
            Against::Branch(branch) => self.other.acts() == timeline.acts_of(branch),
        };
        is_same && known.copied().eq(against::branches(timeline))
    }
    /// Calls its branches as they are called by now. True where that is otherwise than before.
    pub fn name_branches(&mut self, timeline: &Timeline) -> bool {
        let Against::Branch(branch) = self.against else { return false };
        let sides = against::sides(timeline, branch);
        let is_other = sides != self.sides;
        self.sides = sides;
        is_other
    }
    /// What is said of the two runs.
    pub fn sides(&self) -> &[Side; 2] {
        &self.sides
    }
    /// The run with the difference.
    pub fn other(&self) -> &Timeline {
        &self.other
    }
    /// Whether that run is recorded as far as it is needed.
    pub fn is_recorded(&self) -> bool {
        self.is_recorded
    }
    /// Both runs with every seed.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }
    /// When in each run the last was done that something has come of: from there it is counted until all Pods are settled, in the runs
    /// as with every seed.
    pub fn last_deeds(&self) -> [SimTime; 2] {
        [self.last_deed, last_deed(self.other.acts(), self.other.history())]
    }
    /// The commands of the second run, as far as it is recorded, that name what is not there in it.
    pub fn found_nothing(&self) -> impl Iterator<Item = ClientId> + '_ {
        let is_command = |(_, acted): &(usize, &Acted)| matches!(acted.act, Act::Command(_));
        let commands = self.other.acts().iter().enumerate().filter(is_command).zip(0..);
        let missed = self.other.missed();
        commands.filter(|((place, _), _)| missed.contains(place)).map(|(_, number)| ClientId(number))
    }
    /// Whether anything that is done in the second run, as far as it is recorded, names what is not there in it.
    pub fn has_missed(&self) -> bool {
        !self.other.missed().is_empty()
    }
    /// What is done in either run: the acts of the first, then those of the second.
    pub fn acts(&self) -> impl Iterator<Item = &Acted> + Clone {
        self.acts.iter().chain(self.other.acts())
    }
    /// Works for at most `budget` events of a cluster: first the other run as far as a playhead at `playhead` needs it, and as far as
    /// it is looked at after its last act, as the seeds are; then the seeds.
    pub fn run(&mut self, playhead: SimTime, budget: usize) -> Worked {
        let records = self.other.history().records().len();
        let looked_at = self.last_deeds()[1] + LONGEST;
        if self.other.record(playhead.max(looked_at), budget) {
            let has_changed = records != self.other.history().records().len();
            return Worked { has_changed, is_more: true };
        }
        let was_recorded = std::mem::replace(&mut self.is_recorded, true);
        if !was_recorded {
            self.sweep.know_last_deed(self.last_deeds()[1]);
        }
        if !was_recorded && matches!(self.against, Against::Branch(_)) {
            let (other, namespace) = (&self.other, &self.other.start().namespace);
            let (acts, records) = (other.acts(), other.history().records());
            self.sweep.know(StandsFor::new(acts, records, namespace), calm::waited(acts, records));
        }
        let is_longer = records != self.other.history().records().len();
        let has_counted = self.sweep.run(budget);
        Worked { has_changed: !was_recorded || is_longer || has_counted, is_more: !self.sweep.is_done() }
    }
    /// From when to when both are looked at, as far as what was done says it: where requests are sent, from a second before
    /// the first to a second after the last, and past the last act.
    pub fn span_of_requests(&self) -> Option<[SimTime; 2]> {
        span_of_requests(self.acts())
    }
}

/// Whether a run is recorded as far as something is done in it.
fn is_recorded_past(timeline: &Timeline) -> bool {
    let last = timeline.acts().last().map_or(SimTime::ZERO, |acted| acted.at);
    timeline.story().is_whole || timeline.history().end() >= last
}

/// Words after `kubectl` that ask and change nothing.
const READS: &[&str] = &[
    "api-resources",
    "api-versions",
    "auth",
    "cluster-info",
    "config",
    "describe",
    "diff",
    "events",
    "explain",
    "get",
    "help",
    "kustomize",
    "logs",
    "options",
    "top",
    "version",
    "wait",
];

/// Whether a command line only reads, so that nothing comes of it in the cluster.
///
/// ```
/// use podium::timeline::compare::only_reads;
/// assert!(only_reads("kubectl get pods -n shop | grep web"));
/// assert!(only_reads("kubectl rollout status deployment/web"));
/// assert!(!only_reads("kubectl get pod web -o yaml | kubectl replace -f -"));
/// assert!(!only_reads("for i in 1 2; do kubectl delete pod web-$i; done"));
/// ```
pub fn only_reads(line: &str) -> bool {
    let words: Vec<&str> = line
        .split(|letter: char| letter.is_whitespace() || ";|&(){}`".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().enumerate().filter(|(_, word)| matches!(**word, "kubectl" | "k")).all(|(place, _)| {
        match words[place + 1..] {
            ["rollout", verb, ..] => matches!(verb, "status" | "history"),
            [verb, ..] => READS.contains(&verb),
            [] => true,
        }
    })
}

/// Whether something can come of an act.
fn is_deed(act: &Act) -> bool {
    match act {
        Act::Command(line) => !only_reads(line),
        Act::File(..) => false,
        _ => true,
    }
}

/// Whether a command line runs something else, or writes what it prints elsewhere: then it can have done something and print nothing.
fn runs_something(line: &str) -> bool {
    let runs = ["exec", "cp", "debug", "attach", "run"];
    line.contains('>') || line.split_whitespace().any(|word| runs.contains(&word))
}

/// When the last was done that something has come of, as far as that is recorded: nothing has come of a command that has failed and
/// says of nothing that it was done.
fn last_deed(acts: &[Acted], history: &History) -> SimTime {
    let whole = history.at(history.end());
    let is_vain = |client| {
        let command: Option<CommandView> = whole.command(ClientId(client));
        command.filter(|command| !runs_something(command.line)).is_some_and(|command| {
            command.ended.is_some_and(|(_, exit)| exit != 0)
                && command.printed().all(|(is_error, _)| is_error)
        })
    };
    let mut commands = acts.iter().filter(|acted| matches!(acted.act, Act::Command(_))).map(|_| 1).sum();
    let deed = acts.iter().rfind(|acted| {
        let is_command = matches!(acted.act, Act::Command(_));
        commands -= u32::from(is_command);
        is_deed(&acted.act) && !(is_command && is_vain(commands))
    });
    deed.map_or(SimTime::ZERO, |acted| acted.at)
}

/// When the last request has ended, however long it takes.
fn last_answer(acts: &[Acted]) -> Option<SimTime> {
    let ends = acts.iter().filter_map(|acted| match &acted.act {
        Act::Requests(client) => Some(acted.at + client.lasts + client.timeout + SECOND),
        _ => None,
    });
    ends.max()
}

/// The stretch of time in which requests are sent.
fn span_of_requests<'a>(acts: impl Iterator<Item = &'a Acted> + Clone) -> Option<[SimTime; 2]> {
    let sent = acts.clone().filter_map(|acted| match &acted.act {
        Act::Requests(client) => Some((acted.at, acted.at + client.lasts)),
        _ => None,
    });
    let (from, to) = sent.reduce(|(from, to), (other, until)| (from.min(other), to.max(until)))?;
    let last = acts.map(|acted| acted.at + AFTER).max().unwrap_or(to);
    Some([SimTime(from.0.saturating_sub(SECOND)), to.max(last) + SECOND])
}
