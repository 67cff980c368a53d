//! Clients that send requests to a Service, from a node, from a Pod or through a load balancer: each connection goes by
//! the rules of the node that it starts on, to what really listens there.

#[cfg(test)]
mod tests;

use super::Node;
use super::engine::Engine;
use super::event::Event;
use super::latency::Hop;
use super::machine::is_off;
use super::proxy::{self, PortRules, RuleEndpoint, RuleEndpoints, ServiceRules};
use super::record::{Actor, Fact, NodeId, RecordId};
use super::runtime::{ContainerId, Reach};
use super::time::{Micros, SECOND, SimTime};
use crate::api::ObjectKey;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where a client is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// On a node, outside any Pod.
    Node(NodeId),
    /// In a Pod: its node's rules count. It sends as long as its Pod has an address.
    Pod(ObjectKey),
    /// Outside the cluster, behind a load balancer that sends to a port of the nodes.
    LoadBalancer(LoadBalancer),
}

/// A load balancer outside the cluster: it knows nodes, not Pods, and asks them now and then whether they have
/// endpoints of the Service (upstream: cloud providers; the answer is kube-proxy's healthCheckNodePort).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoadBalancer {
    /// How long between two questions to each node.
    pub interval: Micros,
    /// How many bad answers in a row take a node out, and how many good ones put it back.
    pub threshold: u32,
    /// How long a node still gets connections after that.
    pub lag: Micros,
}

/// A client: how often it sends what, from where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The Service.
    pub service: ObjectKey,
    /// The Service's port.
    pub port: u16,
    /// Where it sends from.
    pub from: Sender,
    /// Requests a second; not 0.
    pub per_second: u32,
    /// For how long it sends.
    pub lasts: Micros,
    /// How long it waits for an answer.
    pub timeout: Micros,
    /// How many connections it keeps open and uses in turn; 0 for a new one each time.
    pub connections: u32,
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
    /// A load balancer asks its nodes.
    Ask(u32),
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
    /// The kept connection that it went by.
    connection: Option<(u32, u32)>,
}

/// A connection that a client keeps.
#[derive(Clone, Debug)]
struct Kept {
    /// The node whose rules it met first, and goes through ever after.
    from: NodeId,
    endpoint: RuleEndpoint,
    server: ContainerId,
}

/// What a load balancer thinks of a node.
#[derive(Clone, Copy, Debug, Default)]
struct Target {
    /// Whether it gets connections, as far as the answers say.
    is_in: bool,
    /// How many answers in a row said otherwise.
    against: u32,
    /// Until when it gets connections though it is out.
    until: SimTime,
}

/// A client that sends.
#[derive(Clone, Debug)]
struct Sending {
    client: Client,
    begun: SimTime,
    record: RecordId,
    sent: u64,
    /// Of a load balancer, by the place of the node.
    targets: Vec<Target>,
}

/// A client that goes to the same endpoint again: the node whose rules know of it, the Service with its port, and the
/// client's address.
type Affine = (NodeId, ObjectKey, u16, Str);

/// All clients.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    clients: BTreeMap<u32, Sending>,
    open: BTreeMap<u32, Open>,
    /// The connections that clients keep.
    kept: BTreeMap<(u32, u32), Kept>,
    /// Where clients went last, and until when they go there again (`sessionAffinity: ClientIP`).
    affine: BTreeMap<Affine, (RuleEndpoint, SimTime)>,
    next_client: u32,
    next_request: u32,
}

impl Traffic {
    /// A client begins to send. Gives its number.
    pub fn begin(&mut self, engine: &mut Engine, client: Client) -> u32 {
        let number = self.next_client;
        self.next_client += 1;
        let record = engine.record(Actor::Person, None, Fact::Client(number, Rc::new(client.clone())));
        if matches!(client.from, Sender::LoadBalancer(_)) {
            engine.schedule(engine.now, Event::Traffic(Timer::Ask(number)));
        }
        let sending = Sending { client, begun: engine.now, record, sent: 0, targets: Vec::new() };
        self.clients.insert(number, sending);
        engine.schedule(engine.now, Event::Traffic(Timer::Send(number)));
        number
    }
    /// The clock of a client rings.
    pub fn on_timer(&mut self, engine: &mut Engine, nodes: &[Node], timer: Timer) {
        match timer {
            Timer::Send(client) => self.send(engine, nodes, client),
            Timer::Ask(client) => self.ask(engine, nodes, client),
            Timer::End(request) => self.end(engine, nodes, request),
        }
    }
    /// A load balancer asks each node whether it leads to an endpoint.
    fn ask(&mut self, engine: &mut Engine, nodes: &[Node], number: u32) {
        let Some(sending) = self.clients.get_mut(&number) else { return };
        let Sender::LoadBalancer(balancer) = &sending.client.from else { return };
        let is_first = sending.targets.is_empty();
        sending.targets.resize_with(nodes.len(), Target::default);
        for (target, node) in sending.targets.iter_mut().zip(nodes) {
            let is_well = port_of(node, &sending.client).is_some_and(|port| !port.external.is_empty());
            if is_well == target.is_in {
                target.against = 0;
                continue;
            }
            target.against += 1;
            if is_first || target.against >= balancer.threshold.max(1) {
                *target = Target { is_in: is_well, against: 0, until: engine.now + balancer.lag };
            }
        }
        engine.schedule(engine.now + balancer.interval.max(SECOND / 10), Event::Traffic(Timer::Ask(number)));
    }
    /// A client sends its next request. With the last one it is forgotten, and so are the connections that it kept.
    fn send(&mut self, engine: &mut Engine, nodes: &[Node], number: u32) {
        let Some(sending) = self.clients.get_mut(&number) else { return };
        sending.sent += 1;
        let sending = sending.clone();
        let Sending { client, begun, sent, .. } = &sending;
        let next = *begun + sent * SECOND / u64::from(client.per_second.max(1));
        let goes_on = next.since(*begun) < client.lasts;
        if goes_on {
            engine.schedule(next, Event::Traffic(Timer::Send(number)));
        }
        self.send_now(engine, nodes, number, sending);
        if !goes_on {
            self.clients.remove(&number);
            self.kept.retain(|(client, _), _| *client != number);
            // Another client with the same address still goes where this one went, as long as the rules say so.
            self.affine.retain(|_, (_, until)| engine.now < *until);
        }
    }
    fn send_now(&mut self, engine: &mut Engine, nodes: &[Node], number: u32, sending: Sending) {
        let Sending { client, record, sent, targets, .. } = sending;
        let bits = engine.chance.draw(("request", number));
        let Some((from, address)) = start(engine, nodes, &client, number, &targets) else { return };
        let request = self.next_request;
        self.next_request += 1;
        let hop = engine.latency(Hop::Connect, ("client", number));
        let connection = (client.connections > 0).then(|| (number, (sent - 1) as u32 % client.connections));
        let is_up = |container: ContainerId| {
            nodes.get(usize::from(container.node.0)).is_some_and(|node| node.runtime.is_running(container))
        };
        // A kept connection stays where it leads, whatever the rules say by now, until its server ends.
        // A client that has been made anew on another node keeps none.
        let is_external = matches!(client.from, Sender::LoadBalancer(_));
        let is_own = |kept: &&Kept| is_up(kept.server) && (is_external || kept.from == from);
        let kept = connection.and_then(|key| self.kept.get(&key)).filter(is_own).cloned();
        let from = kept.as_ref().map_or(from, |kept| kept.from);
        let rules = nodes.get(usize::from(from.0)).and_then(|node| rules_of(node, &client));
        let port = rules.and_then(|rules| rules.ports.iter().find(|port| port.port == client.port));
        let endpoint = match (kept, rules.zip(port)) {
            (Some(kept), _) => Some(kept.endpoint),
            (None, Some((rules, port))) => {
                let endpoints = if is_external { &port.external } else { &port.endpoints };
                let who = (from, client.service.clone(), client.port, address);
                self.choose(engine.now, who, rules, endpoints, bits)
            }
            (None, None) => None,
        };
        let (outcome, takes, server) = match (&endpoint, port) {
            (None, Some(port)) if !port.has_others => (Outcome::Refused, hop, None),
            // The rules drop what the traffic policy keeps from this node; or nobody has told it of the address; or it has no power.
            (None, _) => (Outcome::TimedOut, client.timeout, None),
            // A kept connection went through a node that has lost its power meanwhile.
            (Some(_), _) if is_off(nodes, from) => (Outcome::TimedOut, client.timeout, None),
            (Some(to), _) => match reach(nodes, to, engine.now) {
                Reach::Listens { container, code, takes } if takes + hop < client.timeout => {
                    (Outcome::Served(code), takes + hop, Some(container))
                }
                Reach::Listens { container, .. } => (Outcome::TimedOut, client.timeout, Some(container)),
                Reach::Refuses => (Outcome::Refused, hop, None),
                Reach::Nobody => (Outcome::TimedOut, client.timeout, None),
            },
        };
        if let (Some(key), Some(endpoint), Some(server)) = (connection, endpoint.clone(), server) {
            self.kept.insert(key, Kept { from, endpoint, server });
        }
        let row = Rc::new(RequestRow {
            client: number,
            service: client.service.clone(),
            from,
            sent: engine.now,
            endpoint,
            ended: None,
        });
        let record = engine.record(Actor::Traffic(number), Some(record), Fact::Request(request, row.clone()));
        self.open.insert(request, Open { row, record, outcome, server, connection });
        engine.schedule(engine.now + takes, Event::Traffic(Timer::End(request)));
    }
    /// The endpoint of a new connection: the one that the client went to last, where the Service keeps clients, or
    /// one by chance.
    fn choose(
        &mut self,
        now: SimTime,
        who: Affine,
        rules: &ServiceRules,
        endpoints: &RuleEndpoints,
        bits: u64,
    ) -> Option<RuleEndpoint> {
        let Some(timeout) = rules.affinity else { return proxy::choose(endpoints, bits).cloned() };
        let last = self
            .affine
            .get(&who)
            .filter(|(to, until)| now < *until && endpoints.iter().any(|endpoint| endpoint == to));
        let chosen = match last {
            Some((endpoint, _)) => endpoint.clone(),
            None => proxy::choose(endpoints, bits)?.clone(),
        };
        self.affine.insert(who, (chosen.clone(), now + timeout));
        Some(chosen)
    }
    fn end(&mut self, engine: &mut Engine, nodes: &[Node], request: u32) {
        let Some(Open { mut row, record, mut outcome, server, connection }) = self.open.remove(&request)
        else {
            return;
        };
        let has_ended = |container: ContainerId| {
            nodes.get(usize::from(container.node.0)).is_none_or(|node| !node.runtime.is_running(container))
        };
        if server.is_some_and(has_ended) {
            outcome = Outcome::CutOff;
        }
        if let Some(key) = connection.filter(|_| !matches!(outcome, Outcome::Served(_))) {
            self.kept.remove(&key);
        }
        Rc::make_mut(&mut row).ended = Some((engine.now, outcome));
        engine.record(Actor::Traffic(row.client), Some(record), Fact::Request(request, row));
    }
}

/// The rules of the Service that a client sends to, on a node; none where it has no power.
fn rules_of<'a>(node: &'a Node, client: &Client) -> Option<&'a ServiceRules> {
    let rules = node.proxy.rules(&client.service).filter(|_| !node.is_off)?;
    Some(&**rules)
}

/// The rules of the port that a client sends to, on a node.
fn port_of<'a>(node: &'a Node, client: &Client) -> Option<&'a PortRules> {
    rules_of(node, client)?.ports.iter().find(|port| port.port == client.port)
}

/// The node whose rules a new connection meets first, and the client's address as they see it; none where the client
/// cannot send.
fn start(
    engine: &mut Engine,
    nodes: &[Node],
    client: &Client,
    number: u32,
    targets: &[Target],
) -> Option<(NodeId, Str)> {
    match &client.from {
        Sender::Node(id) => (!is_off(nodes, *id)).then(|| (*id, Str::default())),
        Sender::Pod(pod) => nodes.iter().find_map(|node| {
            let address = node.runtime.address_of_pod(pod)?;
            Some((node.proxy.node, address))
        }),
        Sender::LoadBalancer(_) => {
            let now = engine.now;
            let gets = |target: &Target| target.is_in || target.until > now;
            let mut all: Vec<&Node> =
                nodes.iter().zip(targets).filter(|(_, target)| gets(target)).map(|(node, _)| node).collect();
            if all.is_empty() {
                // A load balancer without a healthy node tries all of them.
                all.extend(nodes);
            }
            let place = engine.chance.below(all.len().max(1) as u64, ("balancer", number));
            Some((all.get(place as usize)?.proxy.node, format!("client-{number}").into()))
        }
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
