//! What stands at an address of the node's Pods, for those who connect from outside.

use super::sandbox::HOST;
use super::{ContainerId, ContainerPhase, LinuxNamespace, Runtime};
use crate::api::ObjectKey;
use crate::cluster::time::{Micros, SimTime};
use crate::value::Str;

/// What a connection meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A process listens.
    Listens {
        /// Its container.
        container: ContainerId,
        /// The code that it answers `/` with.
        code: u16,
        /// How long that takes.
        takes: Micros,
    },
    /// The address is there, and nobody listens on the port.
    Refuses,
    /// Nobody has the address.
    Nobody,
}

impl Runtime {
    /// What a connection to an address and a port meets now.
    pub fn reach(&self, ip: &str, port: u16, now: SimTime) -> Reach {
        let Some(net) = self.namespace_at(ip) else { return Reach::Nobody };
        let listener =
            self.listeners.get(&(net, port)).and_then(|pid| Some((*pid, self.processes.get(pid)?)));
        match listener.and_then(|(pid, process)| process.row.container.map(|container| (pid, container))) {
            Some((pid, container)) => {
                let (code, takes, _) = self.answer_of(pid, "/", now);
                Reach::Listens { container, code, takes }
            }
            None => Reach::Refuses,
        }
    }
    /// What a port of an address answers to a path: the code and the text; none where no server listens.
    pub fn text_at(&self, ip: &str, port: u16, path: &str, now: SimTime) -> Option<(u16, String)> {
        self.text_of(self.namespace_at(ip)?, port, path, now)
    }
    /// Whether it is the node's own address.
    pub fn is_at(&self, ip: &str) -> bool {
        &*self.host_address == ip
    }
    /// The network namespace that an address leads to.
    fn namespace_at(&self, ip: &str) -> Option<LinuxNamespace> {
        if self.is_at(ip) {
            return Some(HOST.net);
        }
        let mut all = self.sandboxes.values();
        let sandbox = all.find(|sandbox| sandbox.row.ready && &*sandbox.row.ip == ip)?;
        Some(sandbox.row.namespaces.net)
    }
    /// The address of a Pod that runs here; empty for one in the node's own network.
    pub fn address_of_pod(&self, pod: &ObjectKey) -> Option<Str> {
        let mut all = self.sandboxes.values().filter(|sandbox| sandbox.row.ready);
        all.find(|sandbox| sandbox.row.pod == *pod).map(|sandbox| sandbox.row.ip.clone())
    }
    /// Whether a container runs.
    pub fn is_running(&self, id: ContainerId) -> bool {
        self.containers
            .get(&id.number)
            .is_some_and(|container| matches!(container.row.state, ContainerPhase::Running { .. }))
    }
}
