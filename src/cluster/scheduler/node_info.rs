//! What the scheduler knows of a node: what it has, and what its Pods ask for
//! (upstream: pkg/scheduler/framework NodeInfo).

use crate::api::objects::{Container, Node, Pod, RestartPolicy};
use crate::api::quantity::Quantity;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a Pod that asks for nothing is taken to need when nodes are scored.
const DEFAULT_MILLI_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// An amount of each resource that is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Resources {
    pub(super) milli_cpu: i64,
    /// Bytes.
    pub(super) memory: i64,
    /// Bytes.
    pub(super) ephemeral_storage: i64,
}

impl Resources {
    fn add(&mut self, other: Resources, sign: i64) {
        self.milli_cpu += sign * other.milli_cpu;
        self.memory += sign * other.memory;
        self.ephemeral_storage += sign * other.ephemeral_storage;
    }
    fn max(self, other: Resources) -> Resources {
        Resources {
            milli_cpu: self.milli_cpu.max(other.milli_cpu),
            memory: self.memory.max(other.memory),
            ephemeral_storage: self.ephemeral_storage.max(other.ephemeral_storage),
        }
    }
}

/// What a Pod asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    /// As it says.
    pub(super) exact: Resources,
    /// With the defaults for what it does not say.
    pub(super) non_zero: Resources,
}

fn parse(quantity: Option<&Str>) -> Option<Quantity> {
    Quantity::parse(quantity?).ok()
}

fn container_requests(container: &Container) -> Requests {
    let requests = container.resources.as_ref().map(|resources| &resources.requests);
    let of = |name: &str| parse(requests.and_then(|requests| requests.get(name)));
    let (cpu, memory, storage) = (of("cpu"), of("memory"), of("ephemeral-storage"));
    let exact = Resources {
        milli_cpu: cpu.map_or(0, Quantity::milli_value),
        memory: memory.map_or(0, Quantity::value),
        ephemeral_storage: storage.map_or(0, Quantity::value),
    };
    let non_zero = Resources {
        milli_cpu: cpu.map_or(DEFAULT_MILLI_CPU, Quantity::milli_value),
        memory: memory.map_or(DEFAULT_MEMORY, Quantity::value),
        ..exact
    };
    Requests { exact, non_zero }
}

/// What a Pod asks for: its containers and sidecars together, or an init container that asks for more.
pub(super) fn requests(pod: &Pod) -> Requests {
    let (mut sum, mut most, mut sidecars) = (Requests::default(), Requests::default(), Requests::default());
    for container in &pod.spec.init_containers {
        let own = container_requests(container);
        if container.restart_policy == Some(RestartPolicy::Always) {
            sidecars.exact.add(own.exact, 1);
            sidecars.non_zero.add(own.non_zero, 1);
        } else {
            let mut with = sidecars;
            with.exact.add(own.exact, 1);
            with.non_zero.add(own.non_zero, 1);
            most = Requests { exact: most.exact.max(with.exact), non_zero: most.non_zero.max(with.non_zero) };
        }
    }
    for own in pod.spec.containers.iter().map(container_requests).chain([sidecars]) {
        sum.exact.add(own.exact, 1);
        sum.non_zero.add(own.non_zero, 1);
    }
    Requests { exact: sum.exact.max(most.exact), non_zero: sum.non_zero.max(most.non_zero) }
}

/// A port of the node that a Pod takes.
pub(super) fn host_ports(pod: &Pod) -> impl Iterator<Item = (Str, i32)> {
    pod.spec
        .containers
        .iter()
        .flat_map(|container| &container.ports)
        .filter(|port| port.host_port > 0)
        .map(|port| (port.protocol.clone(), port.host_port))
}

/// A node with the sums over its Pods.
#[derive(Clone, Debug)]
pub(super) struct NodeInfo {
    pub(super) node: Rc<Node>,
    pub(super) allocatable: Resources,
    pub(super) allowed_pods: i64,
    pub(super) requested: Requests,
    pub(super) pods: i64,
    /// How many Pods of each owner are here, by the owner's uid.
    pub(super) by_owner: BTreeMap<Str, i64>,
    /// Ports of the node that are taken, and how often.
    pub(super) ports: BTreeMap<(Str, i32), u32>,
}

impl NodeInfo {
    pub(super) fn new(node: Rc<Node>) -> Self {
        let mut info = Self {
            node: node.clone(),
            allocatable: Resources::default(),
            allowed_pods: 0,
            requested: Requests::default(),
            pods: 0,
            by_owner: BTreeMap::new(),
            ports: BTreeMap::new(),
        };
        info.set_node(node);
        info
    }
    pub(super) fn set_node(&mut self, node: Rc<Node>) {
        let of = |name: &str| parse(node.status.allocatable.get(name));
        self.allocatable = Resources {
            milli_cpu: of("cpu").map_or(0, Quantity::milli_value),
            memory: of("memory").map_or(0, Quantity::value),
            ephemeral_storage: of("ephemeral-storage").map_or(0, Quantity::value),
        };
        self.allowed_pods = of("pods").map_or(0, Quantity::value);
        self.node = node;
    }
    /// Counts a Pod in (1) or out (-1).
    pub(super) fn count(&mut self, pod: &Pod, sign: i64) {
        let requests = requests(pod);
        self.requested.exact.add(requests.exact, sign);
        self.requested.non_zero.add(requests.non_zero, sign);
        self.pods += sign;
        if let Some(owner) = pod.metadata.controller() {
            *self.by_owner.entry(owner.uid.clone()).or_default() += sign;
            self.by_owner.retain(|uid, count| *uid != owner.uid || *count != 0);
        }
        for port in host_ports(pod) {
            let taken = self.ports.entry(port.clone()).or_default();
            *taken = taken.saturating_add_signed(sign as i32);
            if *taken == 0 {
                self.ports.remove(&port);
            }
        }
    }
}
