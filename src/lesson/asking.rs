//! What the state says: asked of a copy of the run, so that neither goals nor questions leave a trace in it.

use super::{Deed, Look, Wanted, is_same};
use crate::cluster::record::{ClientId, Fact};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::cluster::traffic::{Outcome, RequestRow};
use crate::timeline::{Act, Run, Timeline};
use crate::value::Str;
use std::collections::{BTreeMap, VecDeque};

/// How long a command that is done may take.
const PATIENCE: Micros = 120 * SECOND;
/// How long a command may take that only looks.
const GLANCE: Micros = 10 * SECOND;

/// What is still to be done in the copy.
#[derive(Clone, Debug)]
enum Todo {
    /// Goes on until this moment.
    Until(SimTime),
    /// Goes on for so long.
    Wait(Micros),
    /// The copy is where the run is: what comes now counts.
    Arrived,
    Act(Act),
    /// Goes on until the command has ended, but for no longer than this.
    Patience(Micros),
    /// The same, until this moment.
    Ended(SimTime),
    Look(Look),
    /// What was printed is what was looked for.
    Take,
}

/// A number of looks at the state of a run at a moment, perhaps after something was done first.
#[derive(Clone, Debug)]
pub struct Asking {
    run: Run,
    todo: VecDeque<Todo>,
    client: Option<ClientId>,
    has_arrived: bool,
    printed: String,
    /// Of each client how many requests were served, and how many were lost.
    requests: BTreeMap<u32, (u64, u64)>,
    lines: u64,
    seen: Vec<String>,
}

impl Asking {
    /// Looks at the run as it is at `at`, when `deeds` were done and it was waited for `after`. `files` are those of the
    /// editor, and `given` those that the lesson began with.
    pub fn new<'a>(
        timeline: &Timeline,
        at: SimTime,
        files: &[(&Str, &Str)],
        given: &[(&Str, &Str)],
        (deeds, after): (impl IntoIterator<Item = &'a Deed>, Micros),
        looks: impl IntoIterator<Item = &'a Look>,
    ) -> Self {
        let (run, acts) = timeline.run_before(at);
        let mut todo: VecDeque<Todo> = VecDeque::new();
        for acted in acts {
            todo.extend([Todo::Until(acted.at), Todo::Act(acted.act.clone())]);
        }
        todo.extend([Todo::Until(at), Todo::Arrived]);
        let view = timeline.at(at);
        // What is looked at may be a file, too.
        let file = |(name, text): &(&Str, &Str)| Todo::Act(Act::File((*name).clone(), Some((*text).clone())));
        todo.extend(files.iter().map(file));
        for deed in deeds {
            match deed {
                Deed::Wait(micros) => todo.push_back(Todo::Wait(*micros)),
                deed => todo.extend(deed.act(view).map(Todo::Act)),
            }
            if matches!(deed, Deed::Command(_)) {
                todo.push_back(Todo::Patience(PATIENCE));
            }
        }
        todo.push_back(Todo::Wait(after));
        todo.extend(looks.into_iter().cloned().map(Todo::Look));
        let mut asking = Self {
            run,
            todo,
            client: None,
            has_arrived: false,
            printed: String::new(),
            requests: BTreeMap::new(),
            lines: lines_changed(files, given),
            seen: Vec::new(),
        };
        view.requests_within(at.0).for_each(|(_, row)| asking.count(row));
        asking
    }
    /// Counts a request, if it has ended.
    fn count(&mut self, row: &RequestRow) {
        let (served, lost) = self.requests.entry(row.client).or_default();
        match &row.ended {
            Some((_, Outcome::Served(_))) => *served += 1,
            Some((_, Outcome::Refused | Outcome::TimedOut | Outcome::CutOff)) => *lost += 1,
            None => {}
        }
    }
    /// How many requests of the last client were served, and how many were lost.
    fn counted(&self) -> (u64, u64) {
        self.requests.last_key_value().map_or((0, 0), |(_, counted)| *counted)
    }
    /// Goes on, by at most `budget` events of the cluster. Gives what was seen, look by look, when all is done.
    pub fn go_on(&mut self, mut budget: usize) -> Option<&[String]> {
        while let Some(next) = self.todo.pop_front() {
            match next {
                Todo::Wait(micros) => self.todo.push_front(Todo::Until(self.run.now() + micros)),
                Todo::Patience(micros) => self.todo.push_front(Todo::Ended(self.run.now() + micros)),
                Todo::Ended(_) if !self.client.is_some_and(|client| self.run.is_running(client)) => {}
                Todo::Until(until) | Todo::Ended(until) => {
                    if self.run.next_time().is_none_or(|due| due > until) {
                        self.run.advance(until, 0);
                    } else if budget == 0 {
                        self.todo.push_front(next);
                        return None;
                    } else {
                        budget -= 1;
                        self.run.step();
                        self.hear();
                        self.todo.push_front(next);
                    }
                }
                Todo::Arrived => self.has_arrived = true,
                Todo::Act(act) => {
                    self.client = self.run.act(act).or(self.client);
                    self.printed.clear();
                    self.hear();
                }
                Todo::Look(look) => match look {
                    Look::Command(line) => {
                        let asked = [Todo::Act(Act::Command(line)), Todo::Patience(GLANCE), Todo::Take];
                        asked.into_iter().rev().for_each(|todo| self.todo.push_front(todo));
                    }
                    Look::Served => self.seen.push(self.counted().0.to_string()),
                    Look::Lost => self.seen.push(self.counted().1.to_string()),
                    Look::LinesChanged => self.seen.push(self.lines.to_string()),
                },
                Todo::Take => self.seen.push(std::mem::take(&mut self.printed)),
            }
        }
        Some(&self.seen)
    }
    fn hear(&mut self) {
        for record in self.run.take_records() {
            match record.fact {
                Fact::CommandPrints(client, false, text) if self.client == Some(client) => {
                    self.printed.push_str(&text);
                }
                Fact::Request(_, row) if self.has_arrived => self.count(&row),
                _ => {}
            }
        }
    }
}

/// Whether what was seen is what was wanted.
pub fn holds(wanted: &Wanted, seen: &str) -> bool {
    let number = || seen.trim().parse::<u64>().ok();
    match wanted {
        Wanted::Is(text) => is_same(text, seen),
        Wanted::AtLeast(least) => number().is_some_and(|number| number >= *least),
        Wanted::AtMost(most) => number().is_some_and(|number| number <= *most),
    }
}

/// How many lines of the files that were given are others now. A line that was put in or taken out is one.
fn lines_changed(files: &[(&Str, &Str)], given: &[(&Str, &Str)]) -> u64 {
    let changed = |(name, given): &(&Str, &Str)| {
        let now = files.iter().find(|(other, _)| other == name).map_or("", |(_, text)| &***text);
        let beyond = |one: &str, other: &str| {
            let mut left: Vec<&str> = other.lines().collect();
            let is_beyond =
                |line: &&str| match left.iter().position(|other| other.trim_end() == line.trim_end()) {
                    Some(place) => {
                        left.swap_remove(place);
                        false
                    }
                    None => true,
                };
            one.lines().filter(is_beyond).count()
        };
        beyond(now, given).max(beyond(given, now)) as u64
    };
    given.iter().map(changed).sum()
}
