//! What the scheduler knows of a node: what it has, and what its Pods ask for, kept up with each change
//! (upstream: pkg/scheduler/framework NodeInfo).

use super::pod_info::{HostPort, PodInfo};
use super::resources::Resources;
use crate::api::objects::Node;
use crate::api::quantity::Quantity;
use crate::api::resources::Amounts;
use crate::cluster::record::NodeId;
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A node with the sums over its Pods.
#[derive(Clone, Debug)]
pub(super) struct NodeInfo {
    pub(super) id: NodeId,
    /// Its place in the cache.
    pub(super) place: usize,
    pub(super) node: Rc<Node>,
    /// Whether it is neither cordoned nor tainted: most are, and all are asked for each Pod.
    pub(super) is_open: bool,
    pub(super) allocatable: Resources,
    pub(super) allowed_pods: i64,
    pub(super) requested: Resources,
    /// Thousandths of cores, with the defaults for containers that say nothing.
    pub(super) non_zero_milli_cpu: i64,
    /// Bytes, with the defaults for containers that say nothing.
    pub(super) non_zero_memory: i64,
    pub(super) pods: Vec<Rc<PodInfo>>,
    /// Ports of the node that are taken. As upstream's they are not counted: of two Pods with one port, which only Pods
    /// that the kubelet refuses come to, the first that goes frees it (upstream: HostPortInfo).
    ports: BTreeSet<HostPort>,
    /// Images that are there, by their names with a tag, and their bytes.
    pub(super) images: BTreeMap<Str, i64>,
}

impl NodeInfo {
    pub(super) fn new(id: NodeId, place: usize, node: Rc<Node>) -> Self {
        let mut info = Self {
            id,
            place,
            node: node.clone(),
            is_open: true,
            allocatable: Resources::default(),
            allowed_pods: 0,
            requested: Resources::default(),
            non_zero_milli_cpu: 0,
            non_zero_memory: 0,
            pods: Vec::new(),
            ports: BTreeSet::new(),
            images: BTreeMap::new(),
        };
        info.set_node(node);
        info
    }
    /// Takes a newer state of the node.
    pub(super) fn set_node(&mut self, node: Rc<Node>) {
        let pods = node.status.allocatable.get("pods").and_then(|pods| Quantity::parse(pods).ok());
        self.allocatable = Resources::of(&node.status.allocatable);
        self.allowed_pods = pods.map_or(0, Quantity::value);
        if self.node.status.images != node.status.images || self.images.is_empty() {
            let images = node.status.images.iter();
            self.images = images
                .flat_map(|image| image.names.iter().map(|name| (name.clone(), image.size_bytes)))
                .collect();
        }
        self.is_open = !node.spec.unschedulable && node.spec.taints.is_empty();
        self.node = node;
    }
    /// A label of the node.
    pub(super) fn label(&self, key: &str) -> Option<&Str> {
        self.node.metadata.labels.get(key)
    }
    /// Counts a Pod in.
    pub(super) fn add_pod(&mut self, pod: &Rc<PodInfo>) {
        self.count(pod, 1);
        self.pods.push(pod.clone());
    }
    /// Counts a Pod out.
    pub(super) fn remove_pod(&mut self, pod: &Rc<PodInfo>) {
        if let Some(place) = self.pods.iter().position(|other| Rc::ptr_eq(other, pod)) {
            self.pods.swap_remove(place);
            self.count(pod, -1);
        }
    }
    fn count(&mut self, pod: &PodInfo, sign: i64) {
        self.requested.add(&pod.requests.exact, sign);
        let add = |sum: i64, amount: i64| sum.saturating_add(sign.saturating_mul(amount));
        self.non_zero_milli_cpu = add(self.non_zero_milli_cpu, pod.requests.non_zero_milli_cpu);
        self.non_zero_memory = add(self.non_zero_memory, pod.requests.non_zero_memory);
        for port in &pod.host_ports {
            if sign > 0 {
                self.ports.insert(port.clone());
            } else {
                self.ports.remove(port);
            }
        }
    }
    /// Whether a port is taken on one of the addresses that are meant (upstream: HostPortInfo.CheckConflict).
    pub(super) fn is_taken(&self, wanted: &HostPort) -> bool {
        self.ports.iter().any(|taken| conflicts(taken, wanted))
    }
}

/// Whether two ports are one.
pub(super) fn conflicts(a: &HostPort, b: &HostPort) -> bool {
    a.port == b.port && a.protocol == b.protocol && (a.ip.is_none() || b.ip.is_none() || a.ip == b.ip)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{node, pod_info};
    use super::*;

    #[test]
    fn a_pod_that_goes_leaves_nothing() {
        let empty = NodeInfo::new(NodeId(0), 0, node("node-1", "{}"));
        let mut info = empty.clone();
        let pod = pod_info(
            "web",
            "containers: [{ports: [{containerPort: 80, hostPort: 80}], resources: {requests: {cpu: 1, memory: 1Gi}}}]",
        );
        info.add_pod(&pod);
        assert_eq!((info.requested.milli_cpu, info.non_zero_memory, info.pods.len()), (1000, 1 << 30, 1));
        info.remove_pod(&pod);
        assert_eq!((&info.requested, info.non_zero_milli_cpu, info.pods.len()), (&empty.requested, 0, 0));
        assert!(info.ports.is_empty());
    }

    #[test]
    fn a_port_that_two_pods_have_is_free_once_one_of_them_goes() {
        let mut info = NodeInfo::new(NodeId(0), 0, node("node-1", "{}"));
        let of = |name| pod_info(name, "containers: [{ports: [{containerPort: 80, hostPort: 80}]}]");
        let (kept, refused) = (of("kept"), of("refused"));
        info.add_pod(&kept);
        info.add_pod(&refused);
        assert!(info.is_taken(&kept.host_ports[0]));
        info.remove_pod(&refused);
        assert!(!info.is_taken(&kept.host_ports[0]));
    }

    #[test]
    fn ports_conflict_by_protocol_and_address() {
        let port = |port: i32, protocol: &str, ip: Option<&str>| HostPort {
            port,
            protocol: protocol.into(),
            ip: ip.map(Str::from),
        };
        for (a, b, expected) in [
            (port(80, "TCP", None), port(80, "TCP", None), true),
            (port(80, "TCP", None), port(81, "TCP", None), false),
            (port(80, "TCP", None), port(80, "UDP", None), false),
            (port(80, "TCP", Some("127.0.0.1")), port(80, "TCP", None), true),
            (port(80, "TCP", Some("127.0.0.1")), port(80, "TCP", Some("127.0.0.1")), true),
            (port(80, "TCP", Some("127.0.0.1")), port(80, "TCP", Some("127.0.0.2")), false),
        ] {
            assert_eq!(conflicts(&a, &b), expected, "{a:?} {b:?}");
        }
    }
}
