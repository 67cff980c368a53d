//! The one driver of a run: acts go in, the cluster and the commands go on, records come out.
//!
//! The page, the tests and the replay of a recorded scenario all play by it. It is data: a clone is a fork.

use crate::cluster::event::Caller;
use crate::cluster::fault::Fault;
use crate::cluster::record::{Actor, ClientId, Fact, Record, RecordId};
use crate::cluster::request::WatchId;
use crate::cluster::setup::Setup;
use crate::cluster::task::{Call, Issued};
use crate::cluster::time::SimTime;
use crate::cluster::traffic::Client;
use crate::cluster::{Cluster, Told};
use crate::kubectl::{Environment, Files, Kept, Process, Progress};
use crate::value::Str;
use std::collections::BTreeMap;

/// Something that a person does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Gives a command, as typed at a terminal. Commands run side by side.
    Command(Str),
    /// Ends a command that runs, as Ctrl-C does.
    Interrupt(ClientId),
    /// Breaks or mends something.
    Fault(Fault),
    /// Lets a client send requests to a Service.
    Requests(Client),
    /// Writes a file, or removes it. Nothing in the cluster changes by that.
    File(Str, Option<Str>),
}

/// A run: the cluster, the commands that run in it, the files that they read.
#[derive(Clone, Debug)]
pub struct Run {
    cluster: Cluster,
    /// What the terminal keeps from one command to the next.
    kept: Kept,
    files: Files,
    /// The commands that run, each with the record of its beginning.
    processes: BTreeMap<ClientId, (Process, RecordId)>,
    next_client: u32,
    seed: u64,
}

/// What ends a command that was interrupted: 128 and SIGINT.
const INTERRUPTED: i32 = 130;

impl Run {
    /// A run at its beginning. `namespace` is that of kubectl's context.
    pub fn new(setup: &Setup, namespace: impl Into<Str>, files: Files) -> Self {
        Self {
            cluster: Cluster::new(setup),
            kept: Kept { namespace: namespace.into(), ..Kept::default() },
            files,
            processes: BTreeMap::new(),
            next_client: 0,
            seed: setup.seed,
        }
    }
    /// Sets a variable of the terminal's shell, as a profile does.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.kept.variables.insert(name.into(), value.into());
    }
    /// Now.
    pub fn now(&self) -> SimTime {
        self.cluster.now()
    }
    /// The cluster, to be looked at.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
    /// The files as the commands that have ended left them.
    pub fn files(&self) -> &Files {
        &self.files
    }
    /// The Namespace of the terminal's context.
    pub fn namespace(&self) -> &Str {
        &self.kept.namespace
    }
    /// The commands that run.
    pub fn running(&self) -> impl Iterator<Item = ClientId> {
        self.processes.keys().copied()
    }
    /// Whether a command still runs.
    pub fn is_running(&self, client: ClientId) -> bool {
        self.processes.contains_key(&client)
    }
    /// Whether nothing is to happen but what goes on by itself for ever. A command may still wait.
    pub fn is_quiet(&self) -> bool {
        self.cluster.is_quiet()
    }
    /// When something happens next.
    pub fn next_time(&self) -> Option<SimTime> {
        self.cluster.next_time()
    }
    /// The records written since this was last asked.
    pub fn take_records(&mut self) -> Vec<Record> {
        self.cluster.take_records()
    }
    /// Does something now. Gives the command's number, where it is one.
    pub fn act(&mut self, act: Act) -> Option<ClientId> {
        match act {
            Act::Command(line) => return Some(self.begin(line)),
            Act::Interrupt(client) => {
                if let Some((process, begun)) = self.processes.remove(&client) {
                    self.end(client, &process, begun, INTERRUPTED);
                }
            }
            Act::Fault(fault) => self.cluster.fault(&fault),
            Act::Requests(client) => _ = self.cluster.send_requests(client),
            Act::File(name, Some(text)) => _ = self.files.insert(name, text),
            Act::File(name, None) => _ = self.files.remove(&name),
        }
        None
    }
    /// Lets happen what happens until `until`, at most `budget` events of the cluster, and moves the clock
    /// there. Gives how many events there were; where they are as many as the budget, the clock may stand
    /// before `until`, and the rest is still to come.
    pub fn advance(&mut self, until: SimTime, budget: usize) -> usize {
        let mut events = 0;
        while self.cluster.next_time().is_some_and(|next| next <= until) {
            if events == budget {
                return events;
            }
            events += 1;
            self.step();
        }
        self.cluster.wait_until(until);
        events
    }
    /// Lets one event of the cluster happen; false where there is none.
    pub fn step(&mut self) -> bool {
        let is_more = self.cluster.step();
        for told in self.cluster.take_told() {
            let (client, goes_on) = match told {
                Told::Answer(Caller { actor: Actor::Kubectl(client), call: Some(call), .. }, answered) => {
                    let process = self.processes.get_mut(&client);
                    (client, process.is_some_and(|(process, _)| process.answer(call, answered)))
                }
                Told::Watch(client, watch, event, cause) => {
                    let process = self.processes.get_mut(&client);
                    (client, process.is_some_and(|(process, _)| process.watched(watch, event, cause)))
                }
                Told::Answer(..) => continue,
            };
            if goes_on {
                self.go_on(client);
            }
        }
        is_more
    }
    fn begin(&mut self, line: Str) -> ClientId {
        let client = ClientId(self.next_client);
        self.next_client += 1;
        let begun = Fact::CommandBegins(client, line.clone());
        let begun = self.cluster.record(Actor::Person, None, begun);
        self.kept.history.push(line.clone());
        let environment = Environment {
            kept: self.kept.clone(),
            files: self.files.clone(),
            wall: self.cluster.wall(),
            chance: crate::cluster::chance::stable_hash(self.seed, &("command", client)),
        };
        let process = Process::start(line, environment, self.now(), Some(begun));
        self.processes.insert(client, (process, begun));
        self.go_on(client);
        client
    }
    fn go_on(&mut self, client: ClientId) {
        let Some((mut process, begun)) = self.processes.remove(&client) else { return };
        let Progress { issued, printed, exit } = process.run();
        let actor = Actor::Kubectl(client);
        for printed in printed {
            let fact = Fact::CommandPrints(client, printed.is_error, printed.text);
            self.cluster.record(actor, Some(begun), fact);
        }
        for Issued { call, what, cause } in issued {
            let caller = Caller { actor, task: 0, call };
            match what {
                Call::Api(request) => self.cluster.send(caller, request, cause),
                Call::Sleep(micros) => self.cluster.sleep(caller, micros, cause),
                Call::Node(node, command) => self.cluster.on_node(caller, &node, &command, cause),
                // A process keeps its watches to itself, and nothing else is asked by a command.
                Call::WatchNext(..) | Call::Runtime(_) | Call::Kubelet(..) | Call::Event(_) => {}
            }
        }
        match exit {
            Some(code) => self.end(client, &process, begun, code),
            None => _ = self.processes.insert(client, (process, begun)),
        }
    }
    fn end(&mut self, client: ClientId, process: &Process, begun: RecordId, code: i32) {
        self.cluster.record(Actor::Kubectl(client), Some(begun), Fact::CommandEnds(client, code));
        let changed = process.files().map(|(name, text)| (name.clone(), text.clone()));
        self.files.extend(changed.collect::<Vec<_>>());
        // Commands run side by side: each one's variables stay, and the history is that of the terminal.
        if let Some(kept) = process.kept() {
            let history = std::mem::take(&mut self.kept.history);
            self.kept = Kept { history, ..kept.clone() };
        }
        for watch in process.watches().collect::<Vec<WatchId>>() {
            self.cluster.unwatch(watch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// Everything that a run's commands print, with seconds and exit codes.
    fn told(run: &mut Run) -> String {
        let mut out = String::new();
        for record in run.take_records() {
            _ = match record.fact {
                Fact::CommandBegins(client, line) => writeln!(out, "{} $ {line}", client.0),
                Fact::CommandPrints(client, is_error, text) => {
                    writeln!(out, "{} {} {text:?}", client.0, if is_error { "err" } else { "out" })
                }
                Fact::CommandEnds(client, code) => writeln!(out, "{} = {code}", client.0),
                _ => Ok(()),
            };
        }
        out
    }

    #[test]
    fn commands_run_side_by_side_and_files_are_kept() {
        let mut run = Run::new(&Setup::with_seed(1), "default", Files::new());
        run.act(Act::File("a.txt".into(), Some("one\n".into())));
        run.act(Act::Command("sleep 1; cat a.txt b.txt".into()));
        run.act(Act::Command("kubectl version --client | grep -v Kust >> b.txt && echo done".into()));
        let waits = run.act(Act::Command("sleep 100".into()));
        run.advance(SimTime::millis(2_000), 1_000);
        assert!(waits.is_some_and(|client| run.is_running(client)));
        run.act(Act::Interrupt(ClientId(2)));
        run.act(Act::Command("cat b.txt; nmap".into()));
        expect_test::expect![[r#"
            0 $ sleep 1; cat a.txt b.txt
            1 $ kubectl version --client | grep -v Kust >> b.txt && echo done
            2 $ sleep 100
            1 out "done\n"
            1 = 0
            0 out "one\n"
            0 err "cat: b.txt: No such file or directory\n"
            0 = 1
            2 = 130
            3 $ cat b.txt; nmap
            3 out "Client Version: v1.37.2\n"
            3 err "bash: nmap: command not found\n"
            3 = 127
        "#]]
        .assert_eq(&told(&mut run));
    }

    #[test]
    fn a_clone_goes_on_by_itself() {
        let mut run = Run::new(&Setup::with_seed(1), "default", Files::new());
        run.act(Act::Command("kubectl version; sleep 1; kubectl version".into()));
        run.advance(SimTime::millis(500), 1_000);
        let mut fork = run.clone();
        run.act(Act::Interrupt(ClientId(0)));
        fork.advance(SimTime::millis(5_000), 1_000);
        run.advance(SimTime::millis(5_000), 1_000);
        let (fork, run) = (told(&mut fork), told(&mut run));
        assert!(fork.ends_with("0 = 0\n") && run.ends_with("0 = 130\n"), "{fork}{run}");
        assert_eq!(fork.matches("Server Version").count(), 2);
        assert_eq!(run.matches("Server Version").count(), 1);
    }
}
