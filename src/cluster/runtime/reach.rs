//! What stands at an address of the node's Pods, for those who connect from outside.

use super::{ContainerId, ContainerPhase, Runtime, process::Program};
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
        let Some(sandbox) =
            self.sandboxes.values().find(|sandbox| sandbox.row.ready && &*sandbox.row.ip == ip)
        else {
            return Reach::Nobody;
        };
        let listener =
            self.listeners.get(&(sandbox.row.namespaces.net, port)).and_then(|pid| self.processes.get(pid));
        match listener.and_then(|process| process.row.container.map(|container| (process, container))) {
            Some((process, container)) => {
                let (code, takes) = match &process.program {
                    Program::Server(server) => server.answers("/", now),
                    _ => (200, 0),
                };
                Reach::Listens { container, code, takes }
            }
            None => Reach::Refuses,
        }
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
