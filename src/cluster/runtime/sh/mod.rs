//! A small shell: it runs scripts step by step, sleeps in simulated time, takes signals and starts other
//! processes. Its state is plain data.

mod arithmetic;
mod builtins;
pub(crate) mod expand;
mod memory;
pub(crate) mod parser;
pub(crate) mod pattern;
pub(crate) mod script;
mod shell;
#[cfg(test)]
mod tests;
pub(crate) mod tools;

pub(super) use memory::bytes;
pub(super) use tools::{OTHERS, TOOLS};

use super::process::{Ended, Next, Program, Spawn};
use super::{ProcessRow, Runtime};
use crate::cluster::dial::Dialed;
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::record::Fact;
use crate::cluster::time::{MILLI, Micros, SimTime};
use crate::value::Str;
use script::{Script, Step};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tools::Caller;

/// How many steps a shell takes before the clock goes on.
const SLICE: usize = 2_000;
/// How long such a slice takes.
const SLICE_TIME: Micros = 20 * MILLI;
/// What starting a program takes.
const FORK: Micros = 1_500;
/// How deep functions, traps and substitutions may be within one another.
const MAX_FRAMES: usize = 100;

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sink {
    /// Where the shell's own standard output goes.
    Out,
    /// Where its standard error goes.
    Err,
    /// Into a buffer, by its place.
    Buffer(usize),
    /// Into a file.
    File(Str),
    /// Nowhere.
    Null,
}

/// Where input comes from and output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Streams {
    /// The place of the text that is left to be read; none where there is no input.
    input: Option<usize>,
    out: Sink,
    err: Sink,
}

/// A loop under way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Loop {
    next: usize,
    end: usize,
    /// Of a `for`: its variable, its items and the next one's place.
    items: Option<(Str, Rc<Vec<Str>>, usize)>,
    /// The shell's state at the beginning of the last round.
    seen: Option<u64>,
    /// Whether a round does nothing but sleep once.
    rests: bool,
}

/// Why a frame was begun, and what its end restores.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The script itself, or one read by `eval` or `.`.
    Script,
    /// A trap: the status before it.
    Trap(i32),
    /// A function: the arguments before it.
    Function(Vec<Str>),
    /// A script with variables of its own: those before it.
    Subshell(Box<Saved>),
    /// The same, and its output is kept: for a substitution.
    Capture(Box<Saved>),
    /// A stage of a pipeline: the stages that follow.
    Stage(Box<Saved>, Rc<Vec<Rc<Script>>>, usize),
}

/// What a script of its own cannot change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Saved {
    variables: BTreeMap<Str, Str>,
    folder: Str,
    arguments: Vec<Str>,
    streams: Streams,
}

/// A script under way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Frame {
    script: Rc<Script>,
    at: usize,
    kind: Kind,
    loops: Vec<Loop>,
    redirects: Vec<Streams>,
    /// The outputs of the substitutions of the step that is to be taken.
    captured: Vec<Str>,
}

/// What a shell waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wait {
    /// Nothing.
    None,
    /// A time: a `sleep` in the foreground.
    Until(SimTime),
    /// For ever: `sleep infinity`, `tail -f`.
    Ever,
    /// The ends of other processes, by the node's pids.
    Children(BTreeSet<u32>),
    /// The end of a command in the foreground.
    Foreground(u32),
    /// The network, which it has asked something.
    Network(Box<Caller>),
    /// The time at which what came of that is heard.
    Answer(SimTime, Box<(Caller, Dialed)>),
    /// In a loop that does nothing but sleep: since when, and how long a round takes.
    Round(SimTime, Micros),
}

/// A shell.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    frames: Vec<Frame>,
    variables: BTreeMap<Str, Str>,
    exported: BTreeSet<Str>,
    arguments: Vec<Str>,
    functions: BTreeMap<Str, Rc<Script>>,
    traps: BTreeMap<i32, Option<Rc<Script>>>,
    /// Signals whose traps have not run yet.
    caught: Vec<i32>,
    status: i32,
    folder: Str,
    streams: Streams,
    buffers: Vec<String>,
    inputs: Vec<String>,
    wait: Wait,
    /// The local numbers and the node's pids of processes beside this one, with their exit codes once they have ended.
    jobs: BTreeMap<u32, (u32, Option<i32>)>,
    last_job: Option<u32>,
    ends_on_error: bool,
    exits: Option<i32>,
    becomes: Option<Vec<Str>>,
    /// Whether this round of a loop has changed anything that others see.
    has_acted: bool,
    /// How many sleeps and how many other commands this round has had.
    sleeps: u32,
    others: u32,
    /// Whether what happens next repeats what has happened, and nobody sees it.
    is_idle: bool,
    /// What has been printed without an end of line, by stream.
    partial: [String; 2],
}

/// What a command comes to.
enum Outcome {
    /// It has ended with a status.
    Status(i32),
    /// It waits: the shell's `wait` says for what.
    Waits,
}

impl Runtime {
    /// A shell goes on until it waits or ends.
    pub(super) fn run_shell(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell) -> Next {
        shell.is_idle = false;
        match shell.wait {
            Wait::Until(at) if at > engine.now => return Next::Until(at),
            Wait::Until(_) => {
                shell.wait = Wait::None;
                shell.status = 0;
            }
            Wait::None => {}
            Wait::Answer(at, _) if at > engine.now => return Next::Until(at),
            Wait::Answer(..) => self.hear(engine, pid, shell),
            Wait::Ever | Wait::Children(_) | Wait::Foreground(_) | Wait::Network(_) | Wait::Round(..) => {
                return Next::Signal;
            }
        }
        for _ in 0..SLICE {
            if !self.processes.contains_key(&pid) {
                return Next::Signal;
            }
            self.step(engine, pid, shell);
            if let Some(words) = shell.becomes.take() {
                self.flush(engine, pid, shell);
                return Next::Becomes(words, shell.environment(), shell.folder.clone());
            }
            if let Some(code) = shell.exits {
                // A trap on the end of the shell runs last.
                if let Some(Some(trap)) = shell.traps.remove(&0) {
                    shell.exits = None;
                    shell.begin(trap, Kind::Trap(code));
                    shell.status = code;
                    continue;
                }
                self.flush(engine, pid, shell);
                return Next::Exit(code);
            }
            match shell.wait {
                Wait::None => {}
                Wait::Until(at) | Wait::Answer(at, _) => return Next::Until(at),
                Wait::Ever | Wait::Children(_) | Wait::Foreground(_) | Wait::Network(_) | Wait::Round(..) => {
                    return Next::Signal;
                }
            }
        }
        Next::Until(engine.now + SLICE_TIME)
    }
    /// A tool hears from the network, and ends.
    fn hear(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell) {
        let Wait::Answer(_, answer) = std::mem::replace(&mut shell.wait, Wait::None) else { return };
        let (mut caller, dialed) = *answer;
        std::mem::swap(&mut shell.streams, &mut caller.streams);
        shell.status = self.tell(engine, pid, shell, &caller, &dialed);
        shell.streams = caller.streams;
    }
    fn step(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell) {
        if let Some(signal) = shell.caught.first().copied() {
            shell.caught.remove(0);
            if let Some(Some(trap)) = shell.traps.get(&signal).cloned() {
                let status = shell.status;
                shell.begin(trap, Kind::Trap(status));
            }
            return;
        }
        let Some(frame) = shell.frames.last() else {
            shell.exits = Some(shell.status);
            return;
        };
        if shell.frames.len() > MAX_FRAMES {
            self.say(engine, pid, shell, true, "sh: too many levels\n");
            return shell.exit(2);
        }
        let (script, at) = (frame.script.clone(), frame.at);
        let Some(step) = script.steps.get(at) else { return shell.end_frame() };
        let next = |shell: &mut Shell, at: usize| {
            if let Some(frame) = shell.frames.last_mut() {
                frame.at = at;
            }
        };
        match step {
            Step::Command(command) => {
                if shell.needs(&command.substitutions) {
                    return;
                }
                next(shell, at + 1);
                let captured = shell.captured();
                self.run_command(engine, pid, shell, command, &captured);
            }
            Step::Jump(to) => next(shell, *to),
            Step::JumpIf(on_success, to) => {
                next(shell, if (shell.status == 0) == *on_success { *to } else { at + 1 });
            }
            Step::Not => {
                shell.status = i32::from(shell.status == 0);
                next(shell, at + 1);
            }
            Step::Succeed => {
                shell.status = 0;
                next(shell, at + 1);
            }
            Step::Loop { next: round, end } => {
                next(shell, at + 1);
                if let Some(frame) = shell.frames.last_mut() {
                    frame.loops.push(Loop { next: *round, end: *end, items: None, seen: None, rests: false });
                }
                shell.has_acted = true;
            }
            Step::Round => {
                let signature = shell.signature();
                next(shell, at + 1);
                let has_acted = std::mem::take(&mut shell.has_acted);
                let (sleeps, others) = (std::mem::take(&mut shell.sleeps), std::mem::take(&mut shell.others));
                if let Some(last) = shell.frames.last_mut().and_then(|frame| frame.loops.last_mut()) {
                    let repeats = last.seen == Some(signature);
                    // A round that began as the last did is for others to see only where it prints or writes.
                    last.seen = Some(signature);
                    last.rests = repeats && !has_acted && (sleeps, others) == (1, 0);
                    shell.is_idle = repeats && !has_acted;
                }
            }
            Step::For { variable, items, next: round, end } => {
                if shell.needs(&items.substitutions) {
                    return;
                }
                next(shell, at + 1);
                let captured = shell.captured();
                let items = self.expand_words(engine, pid, shell, &items.words, &captured);
                let items = Some((variable.clone(), Rc::new(items), 0));
                if let Some(frame) = shell.frames.last_mut() {
                    frame.loops.push(Loop { next: *round, end: *end, items, seen: None, rests: false });
                }
            }
            Step::Next => {
                let Some(frame) = shell.frames.last_mut() else { return };
                let Some(Loop { items: Some((variable, items, place)), end, .. }) = frame.loops.last_mut()
                else {
                    return;
                };
                match items.get(*place) {
                    Some(item) => {
                        *place += 1;
                        frame.at = at + 1;
                        shell.variables.insert(variable.clone(), item.clone());
                    }
                    None => {
                        frame.at = *end;
                        frame.loops.pop();
                    }
                }
            }
            Step::EndLoop => {
                next(shell, at + 1);
                if let Some(frame) = shell.frames.last_mut() {
                    frame.loops.pop();
                }
            }
            Step::Case { word, arms, end } => {
                if shell.needs(&word.substitutions) {
                    return;
                }
                let captured = shell.captured();
                let text = self.expand_one(engine, pid, shell, &word.words[0], &captured);
                let found =
                    arms.iter().find(|(patterns, _)| self.fits(engine, pid, shell, &patterns.words, &text));
                if found.is_none() {
                    shell.status = 0;
                }
                next(shell, found.map_or(*end, |(_, at)| *at));
            }
            Step::Background(script, text) => {
                next(shell, at + 1);
                self.run_background(engine, pid, shell, script, text);
            }
            Step::Subshell(script) => {
                next(shell, at + 1);
                let saved = shell.saved();
                shell.begin(script.clone(), Kind::Subshell(saved));
            }
            Step::Pipeline(stages) => {
                next(shell, at + 1);
                shell.begin_stage(Rc::new(stages.clone()), 0);
            }
            Step::Redirect(redirects, substitutions) => {
                if shell.needs(substitutions) {
                    return;
                }
                next(shell, at + 1);
                let captured = shell.captured();
                let before = shell.streams.clone();
                if let Some(frame) = shell.frames.last_mut() {
                    frame.redirects.push(before);
                }
                if let Err(why) = self.redirect(engine, pid, shell, redirects, &captured) {
                    self.say(engine, pid, shell, true, &format!("sh: {why}\n"));
                    shell.status = 1;
                }
            }
            Step::EndRedirect => {
                next(shell, at + 1);
                if let Some(streams) = shell.frames.last_mut().and_then(|frame| frame.redirects.pop()) {
                    shell.streams = streams;
                }
            }
            Step::Function(name, body) => {
                next(shell, at + 1);
                shell.functions.insert(name.clone(), body.clone());
                shell.status = 0;
            }
        }
    }
    /// A script runs as a process beside the shell.
    fn run_background(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        script: &Rc<Script>,
        text: &Str,
    ) {
        shell.has_acted = true;
        let mut other = shell.clone();
        other.frames.clear();
        other.jobs.clear();
        other.caught.clear();
        other.traps.retain(|_, trap| trap.is_none());
        other.partial = [String::new(), String::new()];
        // What a substitution or a pipe would catch of it, nobody waits for.
        for sink in [&mut other.streams.out, &mut other.streams.err] {
            if matches!(sink, Sink::Buffer(_)) {
                *sink = Sink::Null;
            }
        }
        other.begin(script.clone(), Kind::Script);
        let child = self.fork(engine, pid, Program::Shell(Box::new(other)), text.clone());
        if let Some((local, pid)) = child {
            let code = (!self.processes.contains_key(&pid)).then_some(self.last_exit);
            shell.jobs.insert(local, (pid, code));
            shell.last_job = Some(local);
        }
        shell.status = 0;
    }
    /// Starts a process as the child of another: its local number and its pid.
    fn fork(
        &mut self,
        engine: &mut Engine,
        parent: u32,
        program: Program,
        command: Str,
    ) -> Option<(u32, u32)> {
        let row = self.processes.get(&parent)?.row.clone();
        let cause = self.processes.get(&parent)?.cause;
        let pid = self.new_pid(engine);
        let local_pid = self.next_local_pid(row.namespaces.pid, pid);
        let row = ProcessRow { local_pid, parent, command, since: engine.now, ..ProcessRow::clone(&row) };
        self.spawn(engine, Spawn { pid, row, program, exec: None }, cause);
        Some((local_pid, pid))
    }
    /// Says that a command exists and is not simulated.
    pub(super) fn not_simulated(&mut self, engine: &mut Engine, pid: u32, command: &str) {
        let Some(process) = self.processes.get(&pid) else { return };
        if let Some(id) = process.row.container {
            engine.record(self.actor(), process.cause, Fact::NotSimulated(id, command.into()));
        }
        let mut pid = pid;
        while let Some(process) = self.processes.get_mut(&pid) {
            if let Some(exec) = &mut process.exec {
                exec.is_unknown = true;
            }
            pid = process.row.parent;
        }
    }
    /// Sends a signal from a shell to a process of its PID namespace; false where there is none.
    fn kill_local(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        local: u32,
        signal: i32,
    ) -> bool {
        let Some(process) = self.processes.get(&pid) else { return false };
        let (namespace, cause) = (process.row.namespaces.pid, process.cause);
        let found = self
            .processes
            .iter()
            .find(|(_, other)| other.row.local_pid == local && other.row.namespaces.pid == namespace)
            .map(|(pid, _)| *pid);
        let Some(target) = found else { return false };
        if signal == 0 {
            return true;
        }
        if target != pid {
            self.signal(engine, target, signal, cause);
            if local == 1 {
                self.race_to_end(engine, target, (self.node, "kill", pid));
            }
            // The shell is at work: it could not be told of the end.
            for (child, ended) in shell.jobs.values_mut() {
                if ended.is_none() && !self.processes.contains_key(child) {
                    *ended = Some(self.last_exit);
                }
            }
            return true;
        }
        let is_first = self.processes.get(&pid).is_some_and(|process| process.row.local_pid == 1);
        if signal == 9 && !is_first {
            self.end_process(engine, pid, Ended::Signal(9), cause);
        } else if signal != 9 && !shell.signal(signal, engine.now) && !is_first {
            self.end_process(engine, pid, Ended::Signal(signal), cause);
        }
        true
    }
    /// Prints what has no end of line yet.
    fn flush(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell) {
        for is_error in [false, true] {
            let rest = std::mem::take(&mut shell.partial[usize::from(is_error)]);
            if !rest.is_empty() {
                self.print_raw(engine, pid, is_error, &rest, false);
            }
        }
    }
    /// Writes text to the shell's standard output or standard error.
    fn say(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, is_error: bool, text: &str) {
        if text.is_empty() {
            return;
        }
        let sink = if is_error { shell.streams.err.clone() } else { shell.streams.out.clone() };
        match sink {
            Sink::Null => {}
            Sink::Buffer(place) => {
                if let Some(buffer) = shell.buffers.get_mut(place)
                    && buffer.len() < 1 << 20
                {
                    buffer.push_str(text);
                }
            }
            Sink::File(path) => {
                shell.has_acted = true;
                _ = self.write_file(pid, &path, text, true);
            }
            Sink::Out | Sink::Err => {
                let is_error = sink == Sink::Err;
                let place = usize::from(is_error);
                shell.partial[place].push_str(text);
                while let Some((line, rest)) = shell.partial[place].split_once('\n') {
                    let (line, rest) = (line.to_string(), rest.to_string());
                    self.print(engine, pid, is_error, &line);
                    shell.partial[place] = rest;
                }
            }
        }
    }
}
