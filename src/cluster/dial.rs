//! What a process in a Pod asks of the network: a name of the cluster, or something of a server. Names are answered by
//! `dns`, connections go by the rules of the process's node to what really listens.

use super::Cluster;
use super::chance::{scale, stable_hash};
use super::dns::{self, Named};
use super::latency::Hop;
use super::proxy;
use super::record::NodeId;
use super::runtime::Reach;
use super::time::{MILLI, Micros};
use crate::api::{Kind, ObjectKey};
use crate::value::Str;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// A name or an address.
    pub host: Str,
    /// The port, and the path that is asked for there; without them only the name is.
    pub to: Option<(u16, Str)>,
    /// The Namespace that names are looked up in; none in a Pod that does not ask the cluster for names.
    pub namespace: Option<Str>,
    /// The asking Pod's own address.
    pub from: Str,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialed {
    /// There is no such name.
    NoName,
    /// It lies outside the cluster, where nothing is simulated.
    Outside,
    /// Each name that was tried, with its addresses; none where there is no such name.
    Names(Vec<(String, Vec<Str>)>),
    /// A server answered.
    Answered {
        /// The address of the connection.
        address: Str,
        /// The status of HTTP.
        code: u16,
        /// The text.
        body: String,
    },
    /// Nobody listens, or the Service has no endpoint.
    Refused(Str),
    /// Nothing came back.
    NoAnswer(Str),
}

/// What a question for a name takes at least, and by how much more at most.
const LOOKUP: Micros = MILLI;

impl Cluster {
    /// Answers what a process of a node asks of the network, if it is still there.
    pub(super) fn dial(&mut self, node: NodeId, pid: u32) {
        let place = usize::from(node.0);
        let Some(dial) = self.nodes.get(place).and_then(|node| node.runtime.dial_of(pid)) else { return };
        let lookup = LOOKUP + scale(self.engine.chance.draw(("lookup", node, pid)), LOOKUP);
        let (dialed, takes) = match &dial.to {
            None => (self.names(&dial), 0),
            Some((port, path)) => match self.address(&dial) {
                Ok(address) => self.dial_address(place, &dial, address, *port, path),
                Err(dialed) => (dialed, 0),
            },
        };
        let at = self.engine.now + lookup + takes;
        if let Some(node) = self.nodes.get_mut(place) {
            node.runtime.dialed(&mut self.engine, pid, dialed, at);
        }
    }
    /// What each name is answered that a question of `nslookup` stands for: busybox's tries the domains for a name without a
    /// dot only (upstream: busybox `networking/nslookup.c`, `add_query_with_search`).
    fn names(&self, dial: &Dial) -> Dialed {
        let tried: Vec<String> = match &dial.namespace {
            Some(namespace) if !dial.host.contains('.') => {
                dns::search(namespace).iter().map(|domain| format!("{}.{domain}", dial.host)).collect()
            }
            _ => vec![dial.host.trim_end_matches('.').to_owned()],
        };
        let mut names = Vec::new();
        for name in tried {
            match self.answer_of_name(dial, &name) {
                Named::Addresses(addresses) => names.push((name, addresses)),
                Named::Outside if !self.is_of_cluster(&name, dial.namespace.as_deref()) => {
                    return Dialed::Outside;
                }
                Named::Nothing | Named::Outside => names.push((name, Vec::new())),
            }
        }
        Dialed::Names(names)
    }
    fn answer_of_name(&self, dial: &Dial, name: &str) -> Named {
        match dial.namespace.is_some() && self.has_dns {
            true => dns::answer(&self.server.store, name),
            false => Named::Nothing,
        }
    }
    /// The address that a host means.
    fn address(&mut self, dial: &Dial) -> Result<Str, Dialed> {
        let host = &dial.host;
        let is_address =
            host.split('.').count() == 4 && host.split('.').all(|part| part.parse::<u8>().is_ok());
        if is_address {
            return Ok(host.clone());
        }
        let Some(namespace) = dial.namespace.as_ref().filter(|_| self.has_dns) else {
            return Err(Dialed::NoName);
        };
        match dns::resolve(&self.server.store, namespace, host) {
            Named::Addresses(all) => {
                let bits = self.engine.chance.draw(("name", host, &dial.from));
                all.get(scale(bits, all.len().max(1) as u64) as usize).cloned().ok_or(Dialed::NoName)
            }
            Named::Outside if self.is_of_cluster(host, Some(namespace)) => Err(Dialed::NoName),
            Named::Outside => Err(Dialed::Outside),
            Named::Nothing => Err(Dialed::NoName),
        }
    }
    /// Whether a name ends with that of a Namespace or of a Service beside the asking Pod, and so is meant for the cluster.
    fn is_of_cluster(&self, host: &str, namespace: Option<&str>) -> bool {
        let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let is_there =
            |kind, namespace| self.server.store.get(&ObjectKey::new(kind, namespace, last)).is_some();
        is_there(Kind::Namespace, "") || namespace.is_some_and(|namespace| is_there(Kind::Service, namespace))
    }
    /// A connection to an address: by the rules of the node, where they know it.
    fn dial_address(
        &mut self,
        place: usize,
        dial: &Dial,
        address: Str,
        port: u16,
        path: &str,
    ) -> (Dialed, Micros) {
        let node = &self.nodes[place];
        let bits = self.engine.chance.draw(("dial", node.proxy.node, &dial.from));
        let hop = self.engine.latency(Hop::Connect, ("dial", self.nodes[place].proxy.node));
        let to = match self.rules_lead(place, dial, &address, port, bits) {
            Leads::To(ip, port) => (ip, port),
            Leads::Nowhere => return (Dialed::Refused(address), hop),
            Leads::Away => return (Dialed::NoAnswer(address), 0),
        };
        let now = self.engine.now;
        for node in &self.nodes {
            match node.runtime.reach(&to.0, to.1, now) {
                Reach::Listens { code, takes, .. } => {
                    let (code, body) =
                        node.runtime.text_at(&to.0, to.1, path, now).unwrap_or((code, String::new()));
                    return (Dialed::Answered { address, code, body }, hop + takes);
                }
                Reach::Refuses => return (Dialed::Refused(address), hop),
                Reach::Nobody => {}
            }
        }
        (Dialed::NoAnswer(address), 0)
    }
    /// Where the rules of a node lead a connection.
    fn rules_lead(&self, place: usize, dial: &Dial, address: &Str, port: u16, bits: u64) -> Leads {
        let mut all = self.nodes[place].proxy.all_rules().map(|(_, rules)| rules);
        if let Some(rules) = all.find(|rules| rules.cluster_ip == *address) {
            let Some(port) = rules.ports.iter().find(|rule| rule.port == port) else { return Leads::Away };
            // A Service that keeps its clients sends each of them to one endpoint.
            let bits = if rules.affinity.is_some() { stable_hash(0, &dial.from) } else { bits };
            return Leads::by(proxy::choose(&port.endpoints, bits), port.has_others);
        }
        let of_node = self.nodes.iter().find(|node| node.runtime.is_at(address));
        let mut ports =
            of_node.iter().flat_map(|node| node.proxy.all_rules()).flat_map(|(_, rules)| &rules.ports);
        if let Some(port) = ports.find(|rule| rule.node_port == port && port != 0) {
            return Leads::by(proxy::choose(&port.external, bits), port.has_others);
        }
        Leads::To(address.clone(), port)
    }
}

/// Where rules lead.
enum Leads {
    /// To an address and a port.
    To(Str, u16),
    /// They refuse.
    Nowhere,
    /// They drop it, or nothing knows of it.
    Away,
}

impl Leads {
    fn by(chosen: Option<&proxy::RuleEndpoint>, has_others: bool) -> Self {
        match chosen {
            Some(to) => Self::To(to.ip.clone(), to.port),
            None if has_others => Self::Away,
            None => Self::Nowhere,
        }
    }
}
