//! A recorded scenario is played: its acts at their times on the simulation's own driver, as on the page.

use crate::recording::{About, Act, Command, Known, Recording, Run, Step, Traffic, WatchEvent, Which};
use crate::replay::{played, seconds};
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::fault::Fault;
use podium::cluster::record::{Change, ClientId, Fact, NodeId, Record};
use podium::cluster::setup::{NodeSetup, Registry, Setup};
use podium::cluster::time::{Micros, SECOND, SimTime, WallClock, parse_rfc3339};
use podium::cluster::traffic::{Client, Outcome, RequestRow, Sender};
use podium::kubectl::Files;
use podium::session::{File, Session};
use podium::timeline::{self, Acted, Start, Timeline};
use podium::value::{Map, Str, Value};
use std::collections::BTreeMap;

/// How long a command may take after the recording's end before the replay leaves it.
const PATIENCE: Micros = 3_600 * SECOND;

/// Plays a scenario with a seed.
pub(crate) fn play(recording: &Recording, seed: u64) -> Run {
    played_whole(recording, seed).out
}

/// A scenario as a line of time that can be looked at: the same acts at the same times.
pub(crate) fn timeline(recording: &Recording, seed: u64) -> Timeline {
    let (about, files) = (&recording.about, files(recording));
    let start = Start { setup: setup(about, seed), namespace: (&*about.namespace).into(), files };
    let mut timeline = Timeline::new(start);
    for (at, act) in played_whole(recording, seed).acts {
        while timeline.record(at, usize::MAX) {}
        timeline.act(at, act);
    }
    while timeline.record(micros(about.end), usize::MAX) {}
    timeline
}

/// A scenario as a session that was left at the recording's end: the same acts at the same times.
pub(crate) fn session(recording: &Recording) -> Session {
    let about = &recording.about;
    let acts = played_whole(recording, 1).acts.into_iter().map(|(at, act)| Acted { at, act }).collect();
    let files = files(recording).into_iter().map(|(name, text)| File { name, text }).collect();
    Session::of_acts(setup(about, 1), &about.namespace, files, acts, micros(about.end))
}

fn files(recording: &Recording) -> Files {
    recording.files.iter().map(|(name, text)| (Str::from(&**name), Str::from(&**text))).collect()
}

fn played_whole(recording: &Recording, seed: u64) -> Player<'_> {
    let about = &recording.about;
    let mut run = timeline::Run::new(&setup(about, seed), &*about.namespace, files(recording));
    run.set_variable("EDITOR", "true");
    let (out, printed, made) = (Run::default(), BTreeMap::new(), Vec::new());
    let mut player = Player { about, run, acts: Vec::new(), out, printed, made };
    // What is there at the start is no change.
    player.run.take_records();
    for step in &recording.run.steps {
        player.step(step);
    }
    player.advance(micros(about.end));
    let end = seconds(micros(about.end).0);
    player.out.watch.retain(|event| event.t <= end);
    player
}

fn setup(about: &About, seed: u64) -> Setup {
    let nodes = about.nodes.iter().map(|node| NodeSetup {
        name: (&*node.name).into(),
        address: (&*node.address).into(),
        pod_cidr: (&*node.pod_cidr).into(),
        cpu: u32::try_from(node.cpu).unwrap_or(1),
        memory: (&*node.memory).into(),
        pods: u32::try_from(node.pods).unwrap_or(110),
    });
    let images: Vec<Str> = about.images.iter().map(|image| Str::from(&**image)).collect();
    Setup {
        nodes: nodes.collect(),
        wall: WallClock { start_unix_micros: parse_rfc3339(&about.start).unwrap_or_default() },
        registry: Registry::Closed(images.clone()),
        // The nodes were used before.
        images,
        namespaces: vec![Str::from(&*about.namespace)],
        service_cidr: (&*about.service_cidr).into(),
        // Nobody answered for names in the recorded cluster.
        has_dns: false,
        ..Setup::with_seed(seed)
    }
}

/// Simulated time of a recording's seconds.
fn micros(seconds: f64) -> SimTime {
    SimTime::millis((seconds * 1_000.0).round().max(0.0) as u64)
}

struct Player<'a> {
    about: &'a About,
    run: timeline::Run,
    /// What was done, and when.
    acts: Vec<(SimTime, timeline::Act)>,
    out: Run,
    /// What each command has printed so far, and when and how it ended.
    printed: BTreeMap<ClientId, Printed>,
    /// Objects in the order in which they were made, each with its owner.
    made: Vec<(ObjectKey, Option<(Str, Str)>)>,
}

#[derive(Default)]
struct Printed {
    out: String,
    errors: String,
    ended: Option<(SimTime, i32)>,
}

impl Player<'_> {
    fn advance(&mut self, until: SimTime) {
        self.run.advance(until, usize::MAX);
        self.take();
    }
    fn act(&mut self, act: timeline::Act) -> Option<ClientId> {
        self.acts.push((self.run.now(), act.clone()));
        self.run.act(act)
    }
    fn step(&mut self, step: &Step) {
        self.advance(micros(step.t));
        match &step.act {
            Act::Command(command) => {
                let step = self.command(step, command);
                self.out.steps.push(step);
                return;
            }
            Act::Fault(name, target) => self.fault(name, target),
            Act::Requests(traffic) => self.requests(traffic),
            Act::Note(_) => {}
        }
        self.out.steps.push(step.clone());
    }
    fn command(&mut self, step: &Step, command: &Command) -> Step {
        let line = self.with_names(&command.line);
        let begun = self.run.now();
        let client = self.act(timeline::Act::Command(Str::from(&*line)));
        let client = client.unwrap_or(ClientId(u32::MAX));
        let limit = begun.max(micros(self.about.end)) + PATIENCE;
        while self.run.is_running(client) && self.run.now() < limit && self.run.step() {}
        self.take();
        let printed = self.printed.remove(&client).unwrap_or_default();
        let ended = printed.ended;
        let command = Command {
            line,
            took: ended.map(|(at, _)| seconds(at.since(begun))),
            exit: ended.map(|(_, code)| code.into()),
            stdout: printed.out,
            stderr: printed.errors,
        };
        played(step, seconds(begun.0), command)
    }
    fn fault(&mut self, name: &str, target: &str) {
        let target = self.with_names(target);
        let node = self.run.cluster().node_names().iter().position(|node| **node == *target);
        let node = NodeId(node.and_then(|node| u16::try_from(node).ok()).unwrap_or(u16::MAX));
        let fault = match name {
            "kill-pause" => Fault::KillPause(ObjectKey::new(Kind::Pod, &*self.about.namespace, target)),
            "kubelet-stops" => Fault::KubeletStops(node),
            "kubelet-resumes" => Fault::KubeletResumes(node),
            _ => return,
        };
        self.act(timeline::Act::Fault(fault));
    }
    fn requests(&mut self, traffic: &Traffic) {
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        self.act(timeline::Act::Requests(Client {
            service: ObjectKey::new(Kind::Service, &*self.about.namespace, &*traffic.service),
            port: u16::try_from(traffic.port).unwrap_or(0),
            from: Sender::Node(NodeId(0)),
            per_second: u32::try_from(traffic.per_second).unwrap_or(1),
            lasts: whole(traffic.seconds) * SECOND,
            timeout: whole(traffic.timeout_seconds) * SECOND,
            connections: 0,
        }));
    }
    /// Puts down what has happened.
    fn take(&mut self) {
        for Record { time, fact, .. } in self.run.take_records() {
            match fact {
                Fact::Object { change, object } => self.object(time, change, &object),
                Fact::CommandPrints(client, is_error, text) => {
                    let printed = self.printed.entry(client).or_default();
                    (if is_error { &mut printed.errors } else { &mut printed.out }).push_str(&text);
                }
                Fact::CommandEnds(client, code) => {
                    self.printed.entry(client).or_default().ended = Some((time, code));
                }
                Fact::Request(_, row) if row.ended.is_some() => {
                    let answer = self.answer(&row);
                    self.out.requests.push(answer);
                }
                _ => {}
            }
        }
    }
    fn object(&mut self, time: SimTime, change: Change, object: &Object) {
        if change == Change::Added {
            let owner = object.meta().controller().map(|owner| (owner.kind.clone(), owner.name.clone()));
            self.made.push((object.key(), owner));
        }
        if self.is_watched(object) {
            self.out.watch.push(WatchEvent {
                t: seconds(time.0),
                event: change.as_str().into(),
                resource: object.kind().info().plural.into(),
                object: object.encode(),
            });
        }
    }
    /// Whether the recording's watcher saw such an object.
    fn is_watched(&self, object: &Object) -> bool {
        let (kind, meta) = (object.kind(), object.meta());
        let is_ours = |name: &str| self.about.watched_namespaces.iter().any(|ours| ours == name);
        match kind {
            Kind::ConfigMap if &*meta.name == "kube-root-ca.crt" => false,
            Kind::Namespace => is_ours(&meta.name),
            Kind::Node | Kind::PersistentVolume => self.about.watched_cluster,
            Kind::Event if &*meta.namespace == "default" => self.about.watched_cluster,
            Kind::Pod
            | Kind::Service
            | Kind::EndpointSlice
            | Kind::ReplicaSet
            | Kind::Deployment
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ControllerRevision
            | Kind::Job
            | Kind::CronJob
            | Kind::Event
            | Kind::ConfigMap
            | Kind::PersistentVolumeClaim
            | Kind::ResourceQuota
            | Kind::PodDisruptionBudget
            | Kind::ServiceAccount => is_ours(&meta.namespace),
            _ => false,
        }
    }
    /// An answer as `requests.jsonl` has it.
    fn answer(&self, row: &RequestRow) -> Value {
        let wall = self.run.cluster().wall();
        let mut line = Map::new();
        line.push("at", Value::Float((wall.unix_micros(row.sent) / 1_000) as f64 / 1_000.0));
        if let Some((ended, outcome)) = &row.ended {
            line.push("ms", Value::Int((ended.since(row.sent) / 1_000) as i64));
            match outcome {
                Outcome::Served(status) => {
                    if let Some(endpoint) = &row.endpoint {
                        line.push("by", endpoint.pod.name.clone());
                    }
                    line.push("status", Value::Int((*status).into()));
                }
                Outcome::Refused => line.push("error", "connection refused"),
                Outcome::TimedOut => line.push("error", "timed out"),
                Outcome::CutOff => line.push("error", "closed before the answer"),
            }
        }
        Value::from(line)
    }
    /// A text with the simulated names in the place of the recorded ones; the longest first, for one may be
    /// the beginning of another.
    fn with_names(&self, text: &str) -> String {
        let mut names: Vec<_> = self.about.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let mut out = text.to_owned();
        for (name, known) in names {
            if let Some(simulated) = self.name_of(known) {
                out = out.replace(name, &simulated);
            }
        }
        out
    }
    /// The simulated name of a known object; none while it is not there yet.
    fn name_of(&self, known: &Known) -> Option<Str> {
        match &known.which {
            Which::Named(name) => Some(Str::from(&**name)),
            Which::Created(nth, owner) => {
                let owner = (Str::from(&*owner.kind), self.name_of(owner)?);
                let mut all = self
                    .made
                    .iter()
                    .filter(|(key, by)| key.kind.info().name == known.kind && by.as_ref() == Some(&owner));
                let nth = usize::try_from(*nth).ok()?.checked_sub(1)?;
                all.nth(nth).map(|(key, _)| key.name.clone())
            }
        }
    }
}
