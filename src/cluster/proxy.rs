//! kube-proxy: the rules that it writes on its node.

use crate::api::ObjectKey;
use crate::value::Str;

/// The rules of one Service on one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceRules {
    /// The Service's address.
    pub cluster_ip: Str,
    /// Each of its ports.
    pub ports: Vec<PortRules>,
}

/// The rules of one port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortRules {
    /// The port's name.
    pub name: Str,
    /// The port on the Service's address.
    pub port: u16,
    /// The port on every node; 0 for none.
    pub node_port: u16,
    /// Where connections go, each with an equal chance. None: they are rejected.
    pub endpoints: Vec<RuleEndpoint>,
}

/// Where a rule leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuleEndpoint {
    /// The Pod.
    pub pod: ObjectKey,
    /// Its address.
    pub ip: Str,
    /// Its port.
    pub port: u16,
}

/// A node's kube-proxy.
#[derive(Clone, Debug)]
pub struct KubeProxy {
    /// Its node.
    pub node: super::record::NodeId,
}

impl KubeProxy {
    /// A watch tells of a change.
    pub fn on_watch(
        &mut self,
        engine: &mut super::engine::Engine,
        event: super::request::WatchEvent,
        cause: Option<super::record::RecordId>,
    ) {
        _ = (engine, event, cause);
    }
    /// It writes its rules.
    pub fn on_timer(&mut self, engine: &mut super::engine::Engine) {
        _ = engine;
    }
}
