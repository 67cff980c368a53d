//! Clients that send requests to a Service: each request goes by the rules of the node that it starts on,
//! to what really listens there.

use super::Node;
use super::engine::Engine;
use super::event::Event;
use super::latency::Hop;
use super::proxy::RuleEndpoint;
use super::record::{Actor, Fact, NodeId, RecordId};
use super::runtime::{ContainerId, Reach};
use super::time::{Micros, SECOND, SimTime};
use crate::api::ObjectKey;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A client: how often it sends what, from where. Each request opens a new connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The Service.
    pub service: ObjectKey,
    /// The Service's port.
    pub port: u16,
    /// The node that it sends from.
    pub from: NodeId,
    /// Requests a second; not 0.
    pub per_second: u32,
    /// For how long it sends.
    pub lasts: Micros,
    /// How long it waits for an answer.
    pub timeout: Micros,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestRow {
    /// The client, by its number in the run.
    pub client: u32,
    /// The Service.
    pub service: ObjectKey,
    /// The node that it starts on.
    pub from: NodeId,
    /// When it was sent.
    pub sent: SimTime,
    /// The endpoint that the node's rules chose.
    pub endpoint: Option<RuleEndpoint>,
    /// When and how it ended; none while it is under way.
    pub ended: Option<(SimTime, Outcome)>,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Answered with this code.
    Served(u16),
    /// Nobody listened, or the Service has no endpoint.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The server ended while it answered.
    CutOff,
}

/// A client's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A client sends its next request.
    Send(u32),
    /// A request ends.
    End(u32),
}

/// A request under way.
#[derive(Clone, Debug)]
struct Open {
    row: Rc<RequestRow>,
    record: RecordId,
    /// How it ends, unless what serves it ends before.
    outcome: Outcome,
    server: Option<ContainerId>,
}

/// A client that sends.
#[derive(Clone, Debug)]
struct Sending {
    client: Client,
    begun: SimTime,
    record: RecordId,
    sent: u64,
}

/// All clients.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    clients: BTreeMap<u32, Sending>,
    open: BTreeMap<u32, Open>,
    next_client: u32,
    next_request: u32,
}

impl Traffic {
    /// A client begins to send. Gives its number.
    pub fn begin(&mut self, engine: &mut Engine, client: Client) -> u32 {
        let number = self.next_client;
        self.next_client += 1;
        let record = engine.record(Actor::Person, None, Fact::Client(number, Rc::new(client.clone())));
        self.clients.insert(number, Sending { client, begun: engine.now, record, sent: 0 });
        engine.schedule(engine.now, Event::Traffic(Timer::Send(number)));
        number
    }
    /// The clock of a client rings.
    pub fn on_timer(&mut self, engine: &mut Engine, nodes: &[Node], timer: Timer) {
        match timer {
            Timer::Send(client) => self.send(engine, nodes, client),
            Timer::End(request) => self.end(engine, nodes, request),
        }
    }
    fn send(&mut self, engine: &mut Engine, nodes: &[Node], number: u32) {
        let Some(sending) = self.clients.get_mut(&number) else { return };
        let Sending { client, begun, record, sent } = sending.clone();
        sending.sent += 1;
        let next = begun + (sent + 1) * SECOND / u64::from(client.per_second.max(1));
        if next.since(begun) < client.lasts {
            engine.schedule(next, Event::Traffic(Timer::Send(number)));
        } else {
            self.clients.remove(&number);
        }
        let request = self.next_request;
        self.next_request += 1;
        let bits = engine.chance.draw(("request", number));
        let rules = nodes.get(usize::from(client.from.0)).and_then(|node| node.proxy.rules(&client.service));
        let port = rules.and_then(|rules| rules.ports.iter().find(|port| port.port == client.port));
        let endpoint = port.and_then(|port| port.choose(bits)).cloned();
        let hop = engine.latency(Hop::Connect, ("client", number));
        let (outcome, takes, server) = match (&endpoint, port) {
            (None, Some(_)) => (Outcome::Refused, hop, None),
            // Nobody has told the node of this address.
            (None, None) => (Outcome::TimedOut, client.timeout, None),
            (Some(to), _) => match reach(nodes, to, engine.now) {
                Reach::Listens { container, code, takes } if takes + hop < client.timeout => {
                    (Outcome::Served(code), takes + hop, Some(container))
                }
                Reach::Listens { container, .. } => (Outcome::TimedOut, client.timeout, Some(container)),
                Reach::Refuses => (Outcome::Refused, hop, None),
                Reach::Nobody => (Outcome::TimedOut, client.timeout, None),
            },
        };
        let row = Rc::new(RequestRow {
            client: number,
            service: client.service.clone(),
            from: client.from,
            sent: engine.now,
            endpoint,
            ended: None,
        });
        let record = engine.record(Actor::Traffic(number), Some(record), Fact::Request(request, row.clone()));
        self.open.insert(request, Open { row, record, outcome, server });
        engine.schedule(engine.now + takes, Event::Traffic(Timer::End(request)));
    }
    fn end(&mut self, engine: &mut Engine, nodes: &[Node], request: u32) {
        let Some(Open { mut row, record, mut outcome, server }) = self.open.remove(&request) else { return };
        let has_ended = |container: ContainerId| {
            nodes.get(usize::from(container.node.0)).is_none_or(|node| !node.runtime.is_running(container))
        };
        if server.is_some_and(has_ended) {
            outcome = Outcome::CutOff;
        }
        Rc::make_mut(&mut row).ended = Some((engine.now, outcome));
        engine.record(Actor::Traffic(row.client), Some(record), Fact::Request(request, row));
    }
}

/// What stands at an address.
fn reach(nodes: &[Node], to: &RuleEndpoint, now: SimTime) -> Reach {
    nodes
        .iter()
        .map(|node| node.runtime.reach(&to.ip, to.port, now))
        .find(|reach| !matches!(reach, Reach::Nobody))
        .unwrap_or(Reach::Nobody)
}
