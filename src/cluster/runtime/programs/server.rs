//! Servers: they listen, answer, and end on signals as their environment tells them.

use super::super::containers::Container;
use super::super::process::{Next, Program, signal_name};
use super::super::{ContainerPhase, LinuxNamespace, Runtime};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Actor, Fact};
use crate::cluster::time::{MILLI, Micros, SimTime};
use std::hash::Hash;
use std::rc::Rc;

/// What a server does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It does not listen yet.
    Starting,
    /// It listens.
    Listening,
    /// It listens on, then ends.
    Draining { until: SimTime },
}

/// A server.
#[derive(Clone, Debug)]
pub(in super::super) struct Server {
    ports: Vec<u16>,
    phase: Phase,
    started: SimTime,
    listens_at: SimTime,
    crashes_at: Option<SimTime>,
    ready: (Micros, Option<Micros>),
    health: (Micros, Option<Micros>),
    request: Micros,
    graceful: Option<Micros>,
    ignores_signals: bool,
    exit_code: i32,
}

impl Server {
    /// A server with the environment of its container.
    pub(super) fn new(ports: Vec<u16>, container: &Container, now: SimTime) -> Self {
        let millis = |name: &str| {
            container.variable(name).and_then(|value| value.parse::<u64>().ok()).map(|n| n * MILLI)
        };
        Self {
            ports,
            phase: Phase::Starting,
            started: now,
            listens_at: now + millis("START_DELAY_MS").unwrap_or(0),
            crashes_at: millis("CRASH_AFTER_MS").map(|after| now + after),
            ready: (millis("READY_AFTER_MS").unwrap_or(0), millis("READY_FAIL_AFTER_MS")),
            health: (millis("HEALTH_AFTER_MS").unwrap_or(0), millis("HEALTH_FAIL_AFTER_MS")),
            request: millis("REQUEST_MS").unwrap_or(0),
            graceful: millis("GRACEFUL_MS"),
            ignores_signals: container.variable("IGNORE_SIGNALS").is_some_and(|value| !value.is_empty()),
            exit_code: container.variable("EXIT_CODE").and_then(|code| code.parse().ok()).unwrap_or(0),
        }
    }
    /// Whether its answers will change with time alone.
    pub(in super::super) fn changes_by_itself(&self, now: SimTime) -> bool {
        let up = now.since(self.started);
        let later = |(after, fails): (Micros, Option<Micros>)| {
            up < after || fails.is_some_and(|fails| fails > 0 && up <= fails)
        };
        self.listens_at > now || self.crashes_at.is_some() || later(self.ready) || later(self.health)
    }
    /// The code that it answers a path with, and how long that takes.
    pub(in super::super) fn answers(&self, path: &str, now: SimTime) -> (u16, Micros) {
        let up = now.since(self.started);
        let by_time = |(after, fails): (Micros, Option<Micros>)| {
            if up < after || fails.is_some_and(|fails| fails > 0 && up > fails) { 503 } else { 200 }
        };
        match path {
            "/ready" => (by_time(self.ready), 0),
            "/healthz" => (by_time(self.health), 0),
            _ => (200, self.request),
        }
    }
}

impl Runtime {
    /// A server goes on.
    pub(in super::super) fn run_server(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        server: &mut Server,
    ) -> Next {
        let now = engine.now;
        if server.crashes_at.is_some_and(|at| at <= now) {
            self.print(engine, pid, false, "crash");
            return Next::Exit(1);
        }
        if server.phase == Phase::Starting && server.listens_at <= now {
            for port in server.ports.clone() {
                let said = format!("{} listening on {port}", engine.wall.rfc3339_micro(now));
                self.print(engine, pid, false, &said);
                if !self.listen(engine, pid, port) {
                    self.print(
                        engine,
                        pid,
                        true,
                        &format!("listen tcp :{port}: bind: address already in use"),
                    );
                    return Next::Exit(1);
                }
            }
            server.phase = Phase::Listening;
        }
        match server.phase {
            Phase::Starting => Next::Until(server.listens_at),
            Phase::Draining { until } if until <= now => Next::Exit(server.exit_code),
            Phase::Draining { until } => {
                Next::Until(server.crashes_at.map_or(until, |crash| crash.min(until)))
            }
            Phase::Listening => server.crashes_at.map_or(Next::Signal, Next::Until),
        }
    }
    /// A server gets a signal; false where it has no handler for it.
    pub(in super::super) fn signal_server(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        server: &mut Server,
        signal: i32,
    ) -> bool {
        let word = match signal {
            2 => "interrupt",
            3 => "quit",
            15 => "terminated",
            28 => "window changed",
            _ => return false,
        };
        let said = format!("{} signal {word}", engine.wall.rfc3339_micro(engine.now));
        self.print(engine, pid, false, &said);
        let is_asked_to_end = signal != 28 || self.stop_signal(pid) == Some(signal_name(28));
        if !server.ignores_signals && is_asked_to_end && !matches!(server.phase, Phase::Draining { .. }) {
            // Without being told to drain it ends as soon as it has closed what it has open.
            let until = engine.now + server.graceful.unwrap_or(MILLI);
            server.phase = Phase::Draining { until };
        }
        true
    }
    /// The first process of a PID namespace has got a signal from another one in it. Where it ends on it at once, it
    /// may be quicker than the sender, and the kernel kills what is left of the namespace.
    pub(in super::super) fn race_to_end(&mut self, engine: &mut Engine, pid: u32, who: impl Hash) {
        let now = engine.now;
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let Program::Server(server) = &mut process.program else { return };
        let is_ending = matches!(server.phase, Phase::Draining { until } if until <= now + MILLI);
        if is_ending && engine.chance.below(2, who) == 0 {
            server.phase = Phase::Draining { until: now };
            self.go_on(engine, pid);
        }
    }
    fn stop_signal(&self, pid: u32) -> Option<&'static str> {
        let id = self.processes.get(&pid)?.row.container?;
        Some(self.containers.get(&id.number)?.row.stop_signal)
    }
    /// A process takes a port of its network namespace; false where another has it.
    fn listen(&mut self, engine: &mut Engine, pid: u32, port: u16) -> bool {
        let Some(process) = self.processes.get(&pid) else { return false };
        let (net, container, cause) = (process.row.namespaces.net, process.row.container, process.cause);
        if self.listeners.contains_key(&(net, port)) {
            return false;
        }
        self.listeners.insert((net, port), pid);
        let Some(id) = container else { return true };
        if let Some(container) = self.containers.get_mut(&id.number)
            && matches!(container.row.state, ContainerPhase::Running { .. })
        {
            Rc::make_mut(&mut container.row).listens.push(port);
            let row = container.row.clone();
            engine.record(Actor::Container(id), cause, Fact::Container(id, Some(row)));
        }
        true
    }
    /// What a port of a process's Pod answers to a path: the code and the text; none where nobody listens.
    pub(in super::super) fn serves(
        &self,
        now: SimTime,
        pid: u32,
        port: u16,
        path: &str,
    ) -> Option<(u16, String)> {
        self.text_of(self.processes.get(&pid)?.row.namespaces.net, port, path, now)
    }
    /// What a port of a network namespace answers to a path.
    pub(in super::super) fn text_of(
        &self,
        net: LinuxNamespace,
        port: u16,
        path: &str,
        now: SimTime,
    ) -> Option<(u16, String)> {
        let listener = *self.listeners.get(&(net, port))?;
        let Program::Server(_) = &self.processes.get(&listener)?.program else { return None };
        let (code, _, known) = self.answer_of(listener, path, now);
        if let Some(text) = known {
            return Some((code, text.to_string()));
        }
        let version = self.container_of(listener)?.variable("VERSION").unwrap_or_default().to_string();
        let text = match path {
            "/ready" | "/healthz" => "ok\n".to_string(),
            _ => format!("{} {version}\n", self.hostname_of(listener)),
        };
        Some((code, text))
    }
}
