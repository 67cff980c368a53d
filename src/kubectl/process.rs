//! A command that runs: a task whose line is run from its beginning whenever an answer has come.

use super::shell::Shell;
use crate::api::custom::definition::Definition;
use crate::cluster::record::RecordId;
use crate::cluster::request::{Reply, WatchEvent, WatchId};
use crate::cluster::task::{Answer, Answered, Ask, Call, Issued, Journal};
use crate::cluster::time::{Micros, SimTime, WallClock};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// Files by name.
pub type Files = BTreeMap<Str, Str>;

/// What a terminal keeps from one command to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The Namespace of the current context.
    pub namespace: Str,
    /// The shell's variables.
    pub variables: BTreeMap<Str, Str>,
    /// Words that stand for others.
    pub aliases: BTreeMap<Str, Str>,
    /// The commands so far, the first one first.
    pub history: Vec<Str>,
    /// What the server has of kinds that are no built-in ones, as kubectl last heard it.
    pub(crate) discovered: Rc<Vec<Definition>>,
}

impl Kept {
    /// A terminal that nobody has used, in a Namespace.
    pub fn within(namespace: Str) -> Self {
        Self { namespace, ..Self::default() }
    }
}

/// What a command begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// What the commands before it have left.
    pub kept: Kept,
    /// The files of the folder that it runs in.
    pub files: Files,
    /// What the clocks on the wall show.
    pub wall: WallClock,
    /// Bits of chance of its own.
    pub chance: u64,
}

/// A piece of output, as it reached the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Whether it is standard error.
    pub is_error: bool,
    /// The text.
    pub text: Str,
}

/// How far a command has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What it newly asks. A `Call::WatchNext` is not among it: the process answers that one itself from what
    /// `Process::watched` brings.
    pub issued: Vec<Issued>,
    /// What it has newly printed.
    pub printed: Vec<Printed>,
    /// Its exit code, once it has ended.
    pub exit: Option<i32>,
}

/// A command that runs.
#[derive(Clone, Debug)]
pub struct Process {
    line: Str,
    environment: Environment,
    journal: Journal,
    /// How many pieces of output have been handed out.
    printed: usize,
    /// Changes that its watches told of and that it has not taken yet.
    heard: BTreeMap<WatchId, VecDeque<(WatchEvent, Option<RecordId>)>>,
    /// The questions that wait for a watch.
    waiting: BTreeMap<u32, WatchId>,
    /// Those of them that wait only for a while.
    timed: BTreeSet<u32>,
    /// The files as it left them, and what the terminal keeps, once it has ended.
    left: Option<(Files, Kept)>,
}

/// How long a wait for a watch is that has no end.
pub const FOREVER: Micros = Micros::MAX;

impl Process {
    /// A command that begins at `now` because of `cause`.
    pub fn start(
        line: impl Into<Str>,
        environment: Environment,
        now: SimTime,
        cause: Option<RecordId>,
    ) -> Self {
        Self {
            line: line.into(),
            environment,
            journal: Journal::new(now, cause),
            printed: 0,
            heard: BTreeMap::new(),
            waiting: BTreeMap::new(),
            timed: BTreeSet::new(),
            left: None,
        }
    }
    /// The line as typed.
    pub fn line(&self) -> &Str {
        &self.line
    }
    /// The files that it changed, once it has ended.
    pub fn files(&self) -> impl Iterator<Item = (&Str, &Str)> {
        let changed = |(name, text): &(&Str, &Str)| self.environment.files.get(*name) != Some(*text);
        self.left.iter().flat_map(|(files, _)| files).filter(changed)
    }
    /// What the terminal keeps of it, once it has ended.
    pub fn kept(&self) -> Option<&Kept> {
        self.left.as_ref().map(|(_, kept)| kept)
    }
    /// The watches that it has opened, to be closed when it has ended.
    pub fn watches(&self) -> impl Iterator<Item = WatchId> {
        self.heard.keys().copied()
    }
    /// How many questions are gone through again with the next answer.
    #[cfg(test)]
    pub(super) fn kept_questions(&self) -> usize {
        self.journal.len()
    }
    /// Goes on as far as the answers reach.
    pub fn run(&mut self) -> Progress {
        let mut progress = Progress::default();
        loop {
            let ask = Ask::new(&mut self.journal, self.environment.wall);
            let mut shell = Shell::new(ask, &self.environment, self.printed);
            let exit = shell.run(&self.line).ok();
            let (ask, printed, state) = shell.into_parts();
            let issued = ask.into_issued();
            self.printed += printed.len();
            progress.printed.extend(printed);
            if exit.is_some() {
                self.left = Some((state.files, state.kept));
                progress.exit = exit;
            }
            let mut is_answered = false;
            for issued in issued {
                is_answered |= self.issue(issued, &mut progress.issued);
            }
            if !is_answered {
                return progress;
            }
        }
    }
    /// Passes a question on; true where it is answered already.
    fn issue(&mut self, issued: Issued, out: &mut Vec<Issued>) -> bool {
        let (Some(call), Call::WatchNext(watch, micros)) = (issued.call, &issued.what) else {
            out.push(issued);
            return false;
        };
        self.waiting.insert(call, *watch);
        if self.tell(*watch) {
            return true;
        }
        if *micros != FOREVER {
            self.timed.insert(call);
            out.push(Issued { what: Call::Sleep(*micros), ..issued });
        }
        false
    }
    /// Gives what a watch told to the question that waits for it; true where there is both.
    fn tell(&mut self, watch: WatchId) -> bool {
        let Some(call) = self.waiting.iter().find(|(_, waits)| **waits == watch).map(|(call, _)| *call)
        else {
            return false;
        };
        let Some((event, cause)) = self.heard.get_mut(&watch).and_then(VecDeque::pop_front) else {
            return false;
        };
        self.waiting.remove(&call);
        self.journal.answer(call, Answered { at: event.at, cause, answer: Answer::Watched(Some(event)) })
    }
    /// Takes the answer to a question. True where the command can go on.
    pub fn answer(&mut self, call: u32, mut answered: Answered) -> bool {
        // The time that a wait for a watch had is over; perhaps it waits no longer.
        if self.timed.contains(&call) {
            if self.waiting.remove(&call).is_none() {
                return false;
            }
            answered.answer = Answer::Watched(None);
        }
        if let Answer::Api(response) = &answered.answer
            && let Ok(Reply::Watching(watch, _)) = &response.result
        {
            self.heard.entry(*watch).or_default();
        }
        self.journal.answer(call, answered)
    }
    /// Takes a change that one of its watches tells of. True where the command can go on.
    pub fn watched(&mut self, watch: WatchId, event: WatchEvent, cause: Option<RecordId>) -> bool {
        self.heard.entry(watch).or_default().push_back((event, cause));
        self.tell(watch)
    }
}
