//! Processes: their numbers, signals and ends.

use super::containers::Container;
use super::programs::{self, Found, Server, Stress};
use super::sh::Shell;
use super::{ContainerId, LinuxNamespace, ProcessRow, Runtime, RuntimeReply, Timer};
use crate::cluster::engine::Engine;
use crate::cluster::event::{Caller, Event};
use crate::cluster::latency::Hop;
use crate::cluster::record::{Actor, Fact, RecordId};
use crate::cluster::task::{Answer, Answered};
use crate::cluster::time::{Micros, SimTime};
use crate::value::Str;
use std::rc::Rc;

/// The signals that are told apart, by number.
pub(super) const SIGNALS: &[(i32, &str)] = &[
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (6, "SIGABRT"),
    (9, "SIGKILL"),
    (10, "SIGUSR1"),
    (12, "SIGUSR2"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (17, "SIGCHLD"),
    (18, "SIGCONT"),
    (19, "SIGSTOP"),
    (28, "SIGWINCH"),
];

/// The name of a signal.
pub(super) fn signal_name(number: i32) -> &'static str {
    SIGNALS.iter().find(|(n, _)| *n == number).map_or("SIGTERM", |(_, name)| name)
}

/// The number of a signal, by its name with or without `SIG`, or by its number.
pub(super) fn signal_number(name: &str) -> Option<i32> {
    let upper = name.trim_start_matches('-').to_ascii_uppercase();
    if let Ok(number) = upper.parse::<i32>() {
        return (0..=64).contains(&number).then_some(number);
    }
    let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().find(|(_, name)| &name[3..] == bare).map(|(number, _)| *number)
}

/// Whether a signal without a handler leaves a process running.
fn is_harmless(signal: i32) -> bool {
    matches!(signal, 0 | 17 | 18 | 19 | 28)
}

/// What a process runs.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// `pause`: holds the sandbox's Linux namespaces and does nothing.
    Pause,
    /// A server.
    Server(Box<Server>),
    /// `sleep`: until a time, or for ever.
    Sleep(Option<SimTime>),
    /// A program that takes memory.
    Stress(Box<Stress>),
    /// A shell.
    Shell(Box<Shell>),
    /// A program that ends at once with a code.
    Done(i32),
}

impl Program {
    /// Whether it will answer differently later though nobody does anything.
    pub(super) fn changes_by_itself(&self, now: SimTime) -> bool {
        match self {
            Self::Server(server) => server.changes_by_itself(now),
            Self::Pause | Self::Sleep(_) | Self::Stress(_) | Self::Shell(_) | Self::Done(_) => false,
        }
    }
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

impl Ended {
    /// The exit code that a shell and a runtime tell.
    pub(super) fn code(self) -> i32 {
        match self {
            Self::Code(code) => code & 0xff,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

/// A process with what it runs.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) row: Rc<ProcessRow>,
    pub(super) program: Program,
    /// When it goes on; none where only a signal wakes it.
    pub(super) wake: Option<SimTime>,
    /// Who waits for the end of a command that was run in the container.
    pub(super) exec: Option<Exec>,
    /// Why it last went on.
    pub(super) cause: Option<RecordId>,
}

/// A command that somebody runs in a container.
#[derive(Clone, Debug)]
pub(super) struct Exec {
    pub(super) caller: Caller,
    /// Whether something ran in it that is not simulated, so that nobody knows how it would end.
    pub(super) is_unknown: bool,
    pub(super) output: String,
    pub(super) errors: String,
}

/// A process that is to begin.
pub(super) struct Spawn {
    pub(super) pid: u32,
    pub(super) row: ProcessRow,
    pub(super) program: Program,
    pub(super) exec: Option<Exec>,
}

/// What a program does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Waits until a time.
    Until(SimTime),
    /// Waits for a signal.
    Signal,
    /// Becomes another program, with its environment and its folder.
    Becomes(Vec<Str>, Vec<(Str, Str)>, Str),
    /// Ends.
    Exit(i32),
}

/// The exit code that a runtime gives a container whose end it has not seen.
const LOST: i32 = 255;

impl Runtime {
    /// A new pid of the node. Between two of them the runtime's own helpers come and go.
    pub(super) fn new_pid(&mut self, engine: &Engine) -> u32 {
        let gap = crate::cluster::chance::scale(engine.chance.fixed((self.node, "pid", self.next_pid)), 60);
        self.next_pid += 20 + gap as u32;
        self.next_pid
    }
    /// A new number inside a PID namespace: the first is 1; in the node's own it is the node's pid.
    pub(super) fn new_local_pid(&mut self, namespace: LinuxNamespace, pid: u32) -> u32 {
        if namespace == super::sandbox::HOST.pid {
            return pid;
        }
        let last = self.local_pids.entry(namespace).or_default();
        // The runtime's own helper takes five numbers before each command that it starts in the namespace.
        *last += if *last == 0 { 1 } else { 6 };
        *last
    }
    /// The number of a process that another one starts.
    pub(super) fn next_local_pid(&mut self, namespace: LinuxNamespace, pid: u32) -> u32 {
        if namespace == super::sandbox::HOST.pid {
            return pid;
        }
        let last = self.local_pids.entry(namespace).or_default();
        *last += 1;
        *last
    }
    /// The container of a process.
    pub(super) fn container_of(&self, pid: u32) -> Option<&Container> {
        self.containers.get(&self.processes.get(&pid)?.row.container?.number)
    }
    /// The shell that a process is.
    pub(super) fn shell_of(&self, pid: u32) -> Option<&Shell> {
        match &self.processes.get(&pid)?.program {
            Program::Shell(shell) => Some(shell),
            _ => None,
        }
    }
    /// The same, to be changed.
    pub(super) fn shell_of_mut(&mut self, pid: u32) -> Option<&mut Shell> {
        match &mut self.processes.get_mut(&pid)?.program {
            Program::Shell(shell) => Some(shell),
            _ => None,
        }
    }
    /// Begins a process and lets it run until it waits.
    pub(super) fn spawn(&mut self, engine: &mut Engine, spawn: Spawn, cause: Option<RecordId>) {
        let pid = spawn.pid;
        self.add_process(engine, spawn, cause);
        self.go_on(engine, pid);
    }
    /// Begins a process that does its first step after a while.
    pub(super) fn spawn_after(
        &mut self,
        engine: &mut Engine,
        spawn: Spawn,
        after: Micros,
        cause: Option<RecordId>,
    ) {
        let (pid, at) = (spawn.pid, engine.now + after);
        self.add_process(engine, spawn, cause);
        if let Some(process) = self.processes.get_mut(&pid) {
            process.wake = Some(at);
            engine.schedule(at, Event::Runtime(self.node, Timer::Process(pid, false)));
        }
    }
    fn add_process(&mut self, engine: &mut Engine, spawn: Spawn, cause: Option<RecordId>) {
        let Spawn { pid, row, program, exec } = spawn;
        let row = Rc::new(row);
        let record = engine.record(self.actor(), cause, Fact::Process(self.node, pid, Some(row.clone())));
        let process = Process { row, program, wake: None, exec, cause: Some(record) };
        self.processes.insert(pid, process);
    }
    /// A process's time has come.
    pub(super) fn wake(&mut self, engine: &mut Engine, pid: u32) {
        if self.processes.get(&pid).is_some_and(|process| process.wake == Some(engine.now)) {
            self.go_on(engine, pid);
        }
    }
    pub(super) fn go_on(&mut self, engine: &mut Engine, pid: u32) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.wake = None;
        let mut program = std::mem::replace(&mut process.program, Program::Pause);
        let next = match &mut program {
            Program::Pause => Next::Signal,
            Program::Sleep(None) => Next::Signal,
            Program::Sleep(Some(until)) if *until <= engine.now => Next::Exit(0),
            Program::Sleep(Some(until)) => Next::Until(*until),
            Program::Done(code) => Next::Exit(*code),
            Program::Server(server) => self.run_server(engine, pid, server),
            Program::Stress(stress) => self.run_stress(engine, pid, stress),
            Program::Shell(shell) => self.run_shell(engine, pid, shell),
        };
        let is_idle = matches!(&program, Program::Shell(shell) if shell.is_idle());
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.program = program;
        let cause = process.cause;
        match next {
            Next::Signal => {}
            Next::Until(at) => {
                process.wake = Some(at);
                engine.schedule(at, Event::Runtime(self.node, Timer::Process(pid, is_idle)));
            }
            Next::Becomes(words, env, folder) => self.become_program(engine, pid, &words, &env, &folder),
            Next::Exit(code) => _ = self.end_process(engine, pid, Ended::Code(code), cause),
        }
    }
    /// A process becomes another program (upstream: execve).
    fn become_program(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        words: &[Str],
        env: &[(Str, Str)],
        folder: &str,
    ) {
        let Some(container) = self.container_of(pid) else { return };
        let name = words.first().cloned().unwrap_or_default();
        let found = programs::find(container, &name);
        let program = match found {
            Found::Tool(_) | Found::Program | Found::File => {
                programs::program(container, words, env, folder, engine.now)
            }
            Found::NotSimulated => Err("not simulated".into()),
            Found::Nothing => Err("not found".into()),
        };
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let cause = process.cause;
        match program {
            Ok(program) => {
                process.program = program;
                Rc::make_mut(&mut process.row).command = words.join(" ").into();
                let row = process.row.clone();
                let record = engine.record(self.actor(), cause, Fact::Process(self.node, pid, Some(row)));
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.cause = Some(record);
                }
                self.go_on(engine, pid);
            }
            Err(why) => {
                if found == Found::NotSimulated {
                    self.not_simulated(engine, pid, &words.join(" "));
                }
                self.print(engine, pid, true, &format!("sh: {name}: {why}"));
                self.end_process(engine, pid, Ended::Code(127), cause);
            }
        }
    }
    /// A process prints a line: into its container's log, or to who runs it.
    pub(super) fn print(&mut self, engine: &Engine, pid: u32, is_error: bool, line: &str) {
        self.print_raw(engine, pid, is_error, line, true);
    }
    /// The same; false where the line has no end.
    pub(super) fn print_raw(&mut self, engine: &Engine, pid: u32, is_error: bool, line: &str, ends: bool) {
        // What a command in the container starts prints to who runs that command.
        let mut at = pid;
        while let Some(process) = self.processes.get(&at).filter(|process| process.exec.is_none()) {
            at = process.row.parent;
        }
        if let Some(exec) = self.processes.get_mut(&at).and_then(|process| process.exec.as_mut()) {
            let to = if is_error { &mut exec.errors } else { &mut exec.output };
            to.push_str(line);
            if ends {
                to.push('\n');
            }
        } else if let Some(id) = self.processes.get(&pid).and_then(|process| process.row.container)
            && let Some(container) = self.containers.get_mut(&id.number)
        {
            container.print(engine.now, is_error, line);
        }
    }
    /// Sends a signal to a process. Gives the record of its arrival or of the process's end.
    pub(super) fn signal(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        signal: i32,
        cause: Option<RecordId>,
    ) -> Option<RecordId> {
        let process = self.processes.get(&pid)?;
        let row = process.row.clone();
        let is_first = row.local_pid == 1;
        let cause = match row.container {
            Some(id) if self.first_process(id) == Some(pid) => {
                Some(engine.record(self.actor(), cause, Fact::Signal(id, signal_name(signal))))
            }
            _ => cause,
        };
        if signal == 9 {
            return self.end_process(engine, pid, Ended::Signal(9), cause);
        }
        let process = self.processes.get_mut(&pid)?;
        let mut program = std::mem::replace(&mut process.program, Program::Pause);
        process.cause = cause;
        let is_handled = match &mut program {
            Program::Server(server) => self.signal_server(engine, pid, server, signal),
            Program::Pause => matches!(signal, 2 | 15),
            Program::Stress(stress) => stress.signal(signal, is_first),
            Program::Shell(shell) => shell.signal(signal, engine.now),
            Program::Sleep(_) | Program::Done(_) => false,
        };
        let ends_pause = matches!(program, Program::Pause) && is_handled;
        if let Some(process) = self.processes.get_mut(&pid) {
            process.program = program;
        }
        if ends_pause {
            return self.end_process(engine, pid, Ended::Code(0), cause);
        }
        if is_handled {
            self.go_on(engine, pid);
        } else if !is_first && !is_harmless(signal) {
            // The kernel spares only the first process of a PID namespace what it has no handler for.
            return self.end_process(engine, pid, Ended::Signal(signal), cause);
        }
        cause
    }
    /// The first process of a container, where it runs.
    pub(super) fn first_process(&self, id: ContainerId) -> Option<u32> {
        match self.containers.get(&id.number)?.row.state {
            super::ContainerPhase::Running { pid, .. } => Some(pid),
            _ => None,
        }
    }
    /// Ends all processes, as a node does that loses its power.
    pub(super) fn lose_processes(&mut self, engine: &mut Engine, cause: RecordId) {
        while let Some(pid) = self.processes.keys().next_back().copied() {
            if let Some(id) = self.processes.get(&pid).and_then(|process| process.row.container)
                && let Some(container) = self.containers.get_mut(&id.number)
            {
                container.is_lost = true;
            }
            if let Some(process) = self.processes.get_mut(&pid) {
                process.exec = None;
            }
            self.end_process(engine, pid, Ended::Code(LOST), Some(cause));
        }
    }
    /// Ends a process, and what ends with it. Gives the record of the end.
    pub(super) fn end_process(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        ended: Ended,
        cause: Option<RecordId>,
    ) -> Option<RecordId> {
        let process = self.processes.remove(&pid)?;
        self.gives_memory_back(&process);
        let row = process.row;
        self.last_exit = ended.code();
        self.listeners.retain(|_, listener| *listener != pid);
        let actor = match (row.container, ended) {
            (Some(id), Ended::Code(_)) => Actor::Container(id),
            _ => self.actor(),
        };
        let record = engine.record(actor, cause, Fact::Process(self.node, pid, None));
        if let Some(exec) = process.exec {
            let at = engine.now + engine.latency(Hop::ProcessExit, (self.node, "exec")) / 4;
            // A probe or a hook does what it is there for, as long as nobody knows better: else a cluster would break that is well.
            let code = if exec.is_unknown && !exec.caller.is_connected() { 0 } else { ended.code() };
            let result = Ok(RuntimeReply::Exited(code, exec.output.into(), exec.errors.into()));
            let answered = Answered { at, cause: Some(record), answer: Answer::Runtime(result) };
            engine.schedule(at, Event::Answer { caller: exec.caller, answered });
        }
        let is_first = row.container.is_some_and(|id| self.first_process(id) == Some(pid));
        let mut last = Some(record);
        if let Some(id) = row.container.filter(|_| is_first) {
            last = self.container_ended(engine, id, ended, last).or(last);
        }
        if row.container.is_none() {
            last = self.pause_ended(engine, row.sandbox, last).or(last);
        }
        // With the first process of a PID namespace all others in it end; with that of a container all of the container.
        let ends_namespace = row.local_pid == 1;
        if ends_namespace || is_first {
            let others: Vec<u32> = self
                .processes
                .iter()
                .filter(|(_, other)| {
                    (ends_namespace && other.row.namespaces.pid == row.namespaces.pid)
                        || (is_first && other.row.container == row.container)
                })
                .map(|(pid, _)| *pid)
                .collect();
            for other in others {
                self.end_process(engine, other, Ended::Signal(9), last);
            }
        }
        if ends_namespace {
            self.local_pids.remove(&row.namespaces.pid);
        }
        if let Some(Process { program: Program::Shell(shell), cause, .. }) =
            self.processes.get_mut(&row.parent)
        {
            shell.child_ended(pid, ended.code());
            *cause = Some(record);
            self.go_on(engine, row.parent);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_and_numbers() {
        for (name, number) in
            [("TERM", Some(15)), ("-KILL", Some(9)), ("SIGQUIT", Some(3)), ("2", Some(2)), ("NOPE", None)]
        {
            assert_eq!(signal_number(name), number, "{name}");
        }
        assert_eq!(signal_name(3), "SIGQUIT");
    }
}
