//! What a run begins with.

use super::time::WallClock;
use crate::value::Str;

/// A node at the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeSetup {
    /// Its name.
    pub name: Str,
    /// Its address.
    pub address: Str,
    /// The range of its Pods' addresses, as `10.244.1.0/24`.
    pub pod_cidr: Str,
    /// Cores.
    pub cpu: u32,
    /// Memory, as a quantity.
    pub memory: Str,
    /// How many Pods it takes.
    pub pods: u32,
}

/// Which images there are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Registry {
    /// Every image that could exist is pulled.
    Open,
    /// Only these, as `nginx:1.25`.
    Closed(Vec<Str>),
}

/// What a run begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setup {
    /// Chance.
    pub seed: u64,
    /// What the clocks show at the beginning.
    pub wall: WallClock,
    /// The nodes.
    pub nodes: Vec<NodeSetup>,
    /// The images.
    pub registry: Registry,
    /// The images that each node has already, where the registry knows them.
    pub images: Vec<Str>,
    /// Namespaces that are there besides Kubernetes' own, with their ServiceAccounts.
    pub namespaces: Vec<Str>,
    /// The range of the Services' addresses, as `10.96.0.0/16`.
    pub service_cidr: Str,
}

impl Setup {
    /// Two nodes of two cores, an open registry.
    pub fn with_seed(seed: u64) -> Self {
        let node = |n: u32| NodeSetup {
            name: format!("node-{n}").into(),
            address: format!("172.30.0.1{n}").into(),
            pod_cidr: format!("10.244.{n}.0/24").into(),
            cpu: 2,
            memory: "24Gi".into(),
            pods: 110,
        };
        Self {
            seed,
            wall: WallClock { start_unix_micros: 1_795_521_600_000_000 },
            nodes: vec![node(1), node(2)],
            registry: Registry::Open,
            images: Vec::new(),
            namespaces: Vec::new(),
            service_cidr: "10.96.0.0/16".into(),
        }
    }
}
