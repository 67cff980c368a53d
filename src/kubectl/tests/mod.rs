//! Command lines against a small cluster, as they go in a terminal.

mod apply;
mod change;
mod custom;
mod debug;
mod describe;
mod generators;
mod mistakes;
mod node;
mod reach;
mod readme;
mod requests;
mod server_side;
mod shell;

use super::{Environment, Files, Kept, Process, Progress};
use crate::cluster::event::Caller;
use crate::cluster::record::{Actor, ClientId};
use crate::cluster::setup::Setup;
use crate::cluster::task::{Call, Issued};
use crate::cluster::{Cluster, Told};
use crate::value::Str;
use std::fmt::Write;

/// A cluster, a folder of files, and somebody who types.
struct Terminal {
    cluster: Cluster,
    files: Files,
    kept: Kept,
    commands: u32,
    /// How many questions of the last command were kept at most, to be gone through again with each answer.
    most_kept: usize,
}

impl Terminal {
    fn new(files: &[(&str, &str)]) -> Self {
        let setup = Setup { namespaces: vec!["shop".into()], ..Setup::with_seed(1) };
        let mut cluster = Cluster::new(&setup);
        cluster.wait_until(crate::cluster::time::SimTime::millis(60_000));
        let files = files.iter().map(|(name, text)| (Str::from(*name), Str::from(*text))).collect();
        let kept = Kept { namespace: "shop".into(), ..Kept::default() };
        Self { cluster, files, kept, commands: 0, most_kept: 0 }
    }
    /// Runs a command to its end: what it prints, errors behind a `!`, and its exit code where it is not 0.
    fn run(&mut self, line: &str) -> String {
        let client = ClientId(self.commands);
        self.commands += 1;
        let environment = Environment {
            kept: self.kept.clone(),
            files: self.files.clone(),
            wall: self.cluster.wall(),
            chance: client.0.into(),
        };
        let mut process = Process::start(line, environment, self.cluster.now(), None);
        let mut out = String::new();
        self.most_kept = 0;
        loop {
            let Progress { issued, printed, exit } = process.run();
            self.most_kept = self.most_kept.max(process.kept_questions());
            for printed in printed {
                let mark = if printed.is_error { "! " } else { "" };
                _ = printed.text.lines().try_for_each(|line| writeln!(out, "{mark}{line}"));
            }
            for Issued { call, what, cause } in issued {
                let caller = Caller { actor: Actor::Kubectl(client), task: 0, call };
                match what {
                    Call::Api(request) => self.cluster.send(caller, request, cause),
                    Call::Sleep(micros) => self.cluster.sleep(caller, micros, cause),
                    Call::Node(node, command) => self.cluster.on_node(caller, &node, &command, cause),
                    other => panic!("a command asks {other:?}"),
                }
            }
            if let Some(code) = exit {
                if code != 0 {
                    _ = writeln!(out, "= {code}");
                }
                let changed: Vec<_> =
                    process.files().map(|(name, text)| (name.clone(), text.clone())).collect();
                self.files.extend(changed);
                self.kept = process.kept().cloned().unwrap_or_default();
                return out;
            }
            while !self.goes_on(&mut process) {
                assert!(self.cluster.step(), "{line}: waits for ever\n{out}");
            }
        }
    }
    fn goes_on(&mut self, process: &mut Process) -> bool {
        let mut goes_on = false;
        for told in self.cluster.take_told() {
            goes_on |= match told {
                Told::Answer(Caller { call: Some(call), .. }, answered) => process.answer(call, answered),
                Told::Watch(_, watch, event, cause) => process.watched(watch, event, cause),
                Told::Answer(..) => false,
            };
        }
        goes_on
    }
    /// Runs commands, each with what it prints below it.
    #[track_caller]
    fn check(&mut self, lines: &[&str], expected: expect_test::Expect) {
        let told: String = lines.iter().map(|line| format!("$ {line}\n{}", self.run(line))).collect();
        expected.assert_eq(&told);
    }
}
