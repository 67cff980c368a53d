//! What the cluster's tests share: a cluster, manifests as YAML, acts at their times, and a compact trace of what
//! was recorded.

mod story;

use super::event::Caller;
use super::record::{Actor, Change, Fact, NodeId, Record};
use super::request::{Body, DeleteOptions, Request, Verb};
use super::runtime::ContainerPhase;
use super::setup::Setup;
use super::time::{Micros, SimTime};
use super::traffic::{Client, Sender};
use super::{Cluster, Told};
use crate::api::objects::{ContainerStatus, Event, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::manifest::{Node, NodeKind};
use crate::value::{Map, Value};
use expect_test::Expect;
use std::fmt::Write;
pub(crate) use story::{create_request, patch_request};

/// A cluster under test.
pub(crate) struct Test {
    pub(crate) cluster: Cluster,
    records: Vec<Record>,
    told: Vec<Told>,
}

/// Requests from the first node to the Service `web`: so many a second, for so long, each given up after a while.
pub(crate) fn requests_to_web(per_second: u32, lasts: Micros, timeout: Micros) -> Client {
    let service = ObjectKey::new(Kind::Service, "default", "web");
    let from = Sender::Node(NodeId(0));
    Client { service, port: 80, from, per_second, lasts, timeout, connections: 0 }
}

/// Something that is done at a time.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// `kubectl delete pod NAME`, with a grace period where one is given.
    DeletePod(&'static str, Option<i64>),
    /// Something breaks.
    Fault(super::fault::Fault),
}

fn value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(b) => Value::Bool(*b),
        NodeKind::Int(n) => Value::Int(*n),
        NodeKind::Float(f) => Value::Float(*f),
        NodeKind::String(text) => Value::String(text.clone()),
        NodeKind::Sequence(items) => Value::from(items.iter().map(value).collect::<Vec<_>>()),
        NodeKind::Mapping(entries) => {
            Value::from(entries.iter().map(|entry| (entry.key.clone(), value(&entry.value))).collect::<Map>())
        }
    }
}

impl Test {
    /// Two nodes, seed 1, the namespace `default`.
    pub(crate) fn new() -> Self {
        Self::with(&Setup::with_seed(1))
    }
    /// A cluster as it is set up. Every hop takes its median, so that a trace changes only with what it shows.
    pub(crate) fn with(setup: &Setup) -> Self {
        let mut cluster = Cluster::new(setup);
        let records = cluster.take_records();
        cluster.engine.be_steady();
        Self { cluster, records, told: Vec::new() }
    }
    /// Sends a request as a person.
    pub(crate) fn send(&mut self, request: Request) {
        let caller = Caller { actor: Actor::Person, task: 0, call: Some(0) };
        self.cluster.send(caller, request, None);
    }
    /// Creates the objects of a YAML text, in `default` where no namespace is said.
    pub(crate) fn create(&mut self, yaml: &str) {
        let parsed = crate::manifest::parse(yaml);
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        for document in &parsed.documents {
            let mut object = value(&document.root);
            let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
            let kind = Kind::named(kind).expect("a kind");
            let text =
                |path: &[&str]| object.at(path).and_then(Value::as_str).unwrap_or_default().to_string();
            let (mut namespace, name) = (text(&["metadata", "namespace"]), text(&["metadata", "name"]));
            if kind.info().namespaced && namespace.is_empty() {
                namespace = "default".into();
                object.set(&["metadata", "namespace"], "default");
            }
            self.send(Request::new(Verb::Create(Body::Value(object)), ObjectKey::new(kind, namespace, name)));
        }
    }
    /// Does something.
    pub(crate) fn act(&mut self, act: Act) {
        match act {
            Act::DeletePod(name, grace_period_seconds) => {
                let options = DeleteOptions { grace_period_seconds, ..DeleteOptions::default() };
                self.send(Request::delete(ObjectKey::new(Kind::Pod, "default", name), options));
            }
            Act::Fault(fault) => self.cluster.fault(&fault),
        }
    }
    /// Runs until a time.
    pub(crate) fn run_until(&mut self, at: SimTime) {
        while self.cluster.next_time().is_some_and(|next| next <= at) {
            self.cluster.step();
        }
        self.cluster.wait_until(at);
        self.gather();
    }
    /// Runs until nothing is to happen, two hours at most.
    pub(crate) fn run(&mut self) {
        let end = SimTime::millis(7_200_000);
        while !self.cluster.is_quiet() && self.cluster.next_time().is_some_and(|next| next <= end) {
            self.cluster.step();
        }
        self.gather();
    }
    /// What a container of a Pod in `default` has printed, a line each.
    pub(crate) fn log(&self, pod: &str, container: &str) -> Vec<String> {
        let Some(pod) = self.pod(pod) else { return Vec::new() };
        let uid = &pod.metadata.uid;
        let newest = |node: &super::Node| {
            node.runtime
                .pod_status(uid, self.cluster.now())
                .container(container)
                .map(|c| c.container_id.clone())
        };
        let logs = self.cluster.nodes.iter().filter_map(|node| Some((node, newest(node)?)));
        logs.flat_map(|(node, id)| {
            node.runtime.log_of(uid, &id).map(|line| line.text.to_string()).collect::<Vec<_>>()
        })
        .collect()
    }
    /// The state of a Pod in `default` as the API has it.
    pub(crate) fn pod(&self, name: &str) -> Option<&Pod> {
        self.cluster
            .server
            .store
            .get(&ObjectKey::new(Kind::Pod, "default", name))?
            .get::<Pod>()
            .map(|pod| &**pod)
    }
    pub(crate) fn gather(&mut self) {
        self.records.extend(self.cluster.take_records());
        self.told.extend(self.cluster.take_told());
    }
    /// What the person has been told since this was last asked.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }
    /// What was recorded so far.
    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }
    /// The trace of what was recorded so far: Pods, Events, and what happens on the nodes.
    pub(crate) fn trace(&self) -> String {
        self.records
            .iter()
            .filter_map(|record| Some(format!("{:.3} {}\n", record.time.as_seconds(), line(record)?)))
            .collect()
    }
}

/// Creates what a text has, acts at the times in milliseconds, runs until it is quiet, and compares the trace.
#[track_caller]
pub(crate) fn check_trace(yaml: &str, acts: &[(u64, Act)], expect: Expect) {
    let mut test = Test::new();
    test.create(yaml);
    for (at, act) in acts {
        test.run_until(SimTime::millis(*at));
        test.act(act.clone());
    }
    test.run();
    expect.assert_eq(&test.trace());
}

fn node(id: NodeId) -> String {
    format!("node-{}", id.0 + 1)
}

/// A record in one line; none for what a trace leaves out.
fn line(record: &Record) -> Option<String> {
    Some(match &record.fact {
        Fact::Object { change, object } => {
            let name = &object.meta().name;
            match object {
                Object::Pod(pod) => format!("{} pod/{name} {}", change.as_str(), pod_line(*change, pod)),
                Object::Event(event) => event_line(event),
                _ => return None,
            }
        }
        Fact::Sandbox(id, Some(row)) => {
            let ready = if row.ready { "ready" } else { "down" };
            format!("{} sandbox {} of {}: {ready} {}", node(id.node), id.number, row.pod.name, row.ip)
        }
        Fact::Sandbox(id, None) => format!("{} sandbox {}: removed", node(id.node), id.number),
        Fact::Container(id, Some(row)) => {
            let mut text = format!(
                "{} container {} {}/{}#{}:",
                node(id.node),
                id.number,
                row.pod.name,
                row.name,
                row.attempt
            );
            match &row.state {
                ContainerPhase::Created => text.push_str(" created"),
                ContainerPhase::Running { .. } => text.push_str(" running"),
                ContainerPhase::Exited { code, .. } => _ = write!(text, " exited {code}"),
            }
            for port in &row.listens {
                _ = write!(text, " :{port}");
            }
            text
        }
        Fact::Container(id, None) => format!("{} container {}: removed", node(id.node), id.number),
        Fact::Process(id, pid, Some(row)) => {
            format!("{} process {pid} ({}) {}", node(*id), row.local_pid, row.command)
        }
        Fact::Process(id, pid, None) => format!("{} process {pid} ends", node(*id)),
        Fact::Pull(id, image, begins) => {
            format!("{} pull {image} {}", node(*id), if *begins { "begins" } else { "ends" })
        }
        Fact::Signal(id, name) => format!("{} {name} to container {}", node(id.node), id.number),
        Fact::Hook(id, kind, code) => {
            let code = code.map_or("begins".to_string(), |code| format!("ends {code}"));
            format!("{} {kind:?} of container {} {code}", node(id.node), id.number)
        }
        _ => return None,
    })
}

fn event_line(event: &Event) -> String {
    let times = if event.count > 1 { format!(" x{}", event.count) } else { String::new() };
    format!("event {} {}{times}: {}", event.involved_object.name, event.reason, event.message)
}

fn pod_line(change: Change, pod: &Pod) -> String {
    let mut text = pod.status.phase.map_or("-", |phase| phase.as_str()).to_string();
    if change == Change::Deleted {
        return text;
    }
    if let Some(grace) = pod.metadata.deletion_grace_period_seconds {
        _ = write!(text, " grace {grace}");
    }
    // Each condition by its letter where it holds, by a dot where it does not.
    text.push(' ');
    for condition in &pod.status.conditions {
        let letter = match &*condition.kind {
            "PodReadyToStartContainers" => 'S',
            "Initialized" => 'I',
            "Ready" => 'R',
            "ContainersReady" => 'C',
            "PodScheduled" => 'P',
            _ => '?',
        };
        let holds = condition.status == Some(crate::api::objects::ConditionStatus::True);
        text.push(if holds { letter } else { '.' });
    }
    let status = &pod.status;
    let others = status.container_statuses.iter().chain(&status.ephemeral_container_statuses);
    for status in status.init_container_statuses.iter().chain(others) {
        _ = write!(text, " {}", container_line(status));
    }
    text
}

fn container_line(status: &ContainerStatus) -> String {
    let state = &status.state;
    let what = match (&state.waiting, &state.running, &state.terminated) {
        (Some(waiting), ..) => waiting.reason.to_string(),
        (_, Some(_), _) => "running".to_string(),
        (.., Some(ended)) => format!("{} {}", ended.reason, ended.exit_code),
        _ => "?".to_string(),
    };
    let ready = if status.ready { "+" } else { "-" };
    format!("{}{ready}{}[{what}]", status.name, status.restart_count)
}
