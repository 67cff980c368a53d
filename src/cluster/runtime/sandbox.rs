//! Sandboxes: `pause`, the Linux namespaces that it holds, and the Pod's address.

use super::process::{Ended, Program, Spawn};
use super::{
    LinuxNamespace, LinuxNamespaces, ProcessRow, Runtime, RuntimeError, RuntimeReply, RuntimeResult,
    SandboxId, SandboxRow, not_found,
};
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Fact, RecordId};
use crate::value::{Str, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The Linux namespaces of every node itself.
pub const HOST: LinuxNamespaces = LinuxNamespaces {
    net: LinuxNamespace(4_026_531_840),
    ipc: LinuxNamespace(4_026_531_839),
    uts: LinuxNamespace(4_026_531_838),
    pid: LinuxNamespace(4_026_531_836),
    mnt: LinuxNamespace(4_026_531_832),
};

/// A sandbox.
#[derive(Clone, Debug)]
pub(super) struct Sandbox {
    pub(super) row: Rc<SandboxRow>,
    /// Whether its containers share the PID namespace of `pause`.
    pub(super) shares_pid: bool,
    /// The host name that its containers see.
    pub(super) hostname: Str,
    /// Whether its address is still taken.
    has_address: bool,
}

/// The addresses of a node's Pods (upstream: the CNI plugin `host-local`): ascending, from the start again at the end.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    first: u32,
    count: u32,
    next: u32,
    taken: BTreeSet<u32>,
}

impl Addresses {
    pub(super) fn new(cidr: &str) -> Self {
        let (base, bits) = cidr.split_once('/').unwrap_or((cidr, "24"));
        let base = base
            .split('.')
            .filter_map(|part| part.parse::<u8>().ok())
            .fold(0u32, |sum, part| (sum << 8) | u32::from(part));
        let bits = bits.parse::<u32>().unwrap_or(24).clamp(8, 30);
        // The first is the network's own, the second the bridge's, the last the broadcast's.
        let network = base & (u32::MAX << (32 - bits));
        Self { first: network + 2, count: (1 << (32 - bits)) - 3, next: 0, taken: BTreeSet::new() }
    }
    /// The range of all nodes' Pods.
    pub(super) fn whole(&self) -> String {
        let [a, b, ..] = self.first.to_be_bytes();
        format!("{a}.{b}.0.0/16")
    }
    fn take(&mut self) -> Option<Str> {
        let place = (0..self.count)
            .map(|n| (self.next + n) % self.count)
            .find(|place| !self.taken.contains(place))?;
        self.taken.insert(place);
        self.next = (place + 1) % self.count;
        let [a, b, c, d] = (self.first + place).to_be_bytes();
        Some(format!("{a}.{b}.{c}.{d}").into())
    }
    fn give_back(&mut self, address: &str) {
        let number = address
            .split('.')
            .filter_map(|part| part.parse::<u8>().ok())
            .fold(0u32, |sum, part| (sum << 8) | u32::from(part));
        self.taken.remove(&number.wrapping_sub(self.first));
    }
}

impl Runtime {
    /// A new Linux namespace's inode. A network namespace is followed by the inodes of its own files.
    fn inode(&mut self, width: u64) -> LinuxNamespace {
        let inode = LinuxNamespace(self.next_inode);
        self.next_inode += width;
        inode
    }
    /// The host name in a sandbox.
    pub(super) fn hostname_in(&self, id: SandboxId) -> Str {
        self.sandboxes.get(&id.number).map(|sandbox| sandbox.hostname.clone()).unwrap_or_default()
    }
    /// The host name that a process sees.
    pub(super) fn hostname_of(&self, pid: u32) -> Str {
        self.processes.get(&pid).map(|process| self.hostname_in(process.row.sandbox)).unwrap_or_default()
    }
    /// The address of a process's Pod.
    pub(super) fn address_of(&self, pid: u32) -> Option<Str> {
        let sandbox = self.processes.get(&pid)?.row.sandbox;
        Some(self.sandboxes.get(&sandbox.number)?.row.ip.clone())
    }
    pub(super) fn new_namespace(&mut self) -> LinuxNamespace {
        self.inode(1)
    }
    pub(super) fn run_pod_sandbox(
        &mut self,
        engine: &mut Engine,
        pod: &Rc<Pod>,
        attempt: u32,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let spec = &pod.spec;
        if spec.extra.as_ref().and_then(|extra| extra.get("hostUsers")).and_then(Value::as_bool)
            == Some(false)
        {
            let message = "can't set `spec.hostUsers: false`, runtime does not support user namespaces";
            return (Err(Rc::new(RuntimeError { code: "Config", message: message.into() })), cause);
        }
        let ip = if spec.host_network {
            Str::default()
        } else {
            match self.addresses.take() {
                Some(ip) => ip,
                None => {
                    let message = "failed to setup network for sandbox: plugin type=\"bridge\" failed (add): \
                                   failed to allocate for range 0: no IP addresses available in range set";
                    return (Err(Rc::new(RuntimeError { code: "Unknown", message: message.into() })), cause);
                }
            }
        };
        let shares_pid = spec.share_process_namespace == Some(true);
        let net = if spec.host_network { HOST.net } else { self.inode(71) };
        let mnt = self.new_namespace();
        let uts = if spec.host_network { HOST.uts } else { self.new_namespace() };
        let ipc = if spec.host_ipc { HOST.ipc } else { self.new_namespace() };
        let pid = if spec.host_pid { HOST.pid } else { self.new_namespace() };
        let namespaces = LinuxNamespaces { net, ipc, uts, pid, mnt };
        self.next_sandbox += 1;
        let number = self.next_sandbox;
        let id = SandboxId { node: self.node, number };
        let pause_pid = self.new_pid(engine);
        let meta = &pod.metadata;
        let row = Rc::new(SandboxRow {
            pod: ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone()),
            pod_uid: meta.uid.clone(),
            attempt,
            ready: true,
            ip: ip.clone(),
            pause_pid,
            namespaces,
        });
        let hostname = if spec.host_network {
            self.name.clone()
        } else if spec.hostname.is_empty() {
            meta.name.clone()
        } else {
            spec.hostname.clone()
        };
        let record = engine.record(self.actor(), cause, Fact::Sandbox(id, Some(row.clone())));
        self.sandboxes.insert(number, Sandbox { row, shares_pid, hostname, has_address: true });
        self.pods.entry(meta.uid.clone()).or_default().sandboxes.push(number);
        self.mount_memory(&meta.uid, spec.host_ipc);
        let local_pid = self.new_local_pid(pid, pause_pid);
        let row = ProcessRow {
            sandbox: id,
            container: None,
            local_pid,
            parent: 1,
            command: "/pause".into(),
            since: engine.now,
            namespaces,
        };
        self.spawn(engine, Spawn { pid: pause_pid, row, program: Program::Pause, exec: None }, Some(record));
        self.touch(&meta.uid, Some(record));
        (Ok(RuntimeReply::Sandbox(id, ip)), Some(record))
    }
    pub(super) fn stop_pod_sandbox(
        &mut self,
        engine: &mut Engine,
        id: SandboxId,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let Some(sandbox) = self.sandboxes.get(&id.number) else { return (not_found("sandbox"), cause) };
        let pause = sandbox.row.pause_pid;
        let running: Vec<u32> = self
            .processes
            .iter()
            .filter(|(_, process)| process.row.sandbox == id)
            .map(|(pid, _)| *pid)
            .collect();
        for pid in running.into_iter().filter(|pid| *pid != pause) {
            self.end_process(engine, pid, Ended::Signal(9), cause);
        }
        let record = self.end_process(engine, pause, Ended::Signal(9), cause).or(cause);
        if let Some(sandbox) = self.sandboxes.get_mut(&id.number).filter(|sandbox| sandbox.has_address) {
            sandbox.has_address = false;
            self.addresses.give_back(&sandbox.row.ip);
        }
        (Ok(RuntimeReply::Done), record)
    }
    /// `pause` has ended: the sandbox is no longer ready.
    pub(super) fn pause_ended(
        &mut self,
        engine: &mut Engine,
        id: SandboxId,
        cause: Option<RecordId>,
    ) -> Option<RecordId> {
        let actor = self.actor();
        let sandbox = self.sandboxes.get_mut(&id.number)?;
        let row = Rc::make_mut(&mut sandbox.row);
        row.ready = false;
        let (uid, row) = (row.pod_uid.clone(), sandbox.row.clone());
        let record = engine.record(actor, cause, Fact::Sandbox(id, Some(row)));
        self.touch(&uid, Some(record));
        Some(record)
    }
    pub(super) fn remove_pod_sandbox(
        &mut self,
        engine: &mut Engine,
        id: SandboxId,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let Some(sandbox) = self.sandboxes.remove(&id.number) else { return (Ok(RuntimeReply::Done), cause) };
        let uid = &sandbox.row.pod_uid;
        if let Some(entry) = self.pods.get_mut(uid) {
            entry.sandboxes.retain(|number| *number != id.number);
            if entry.sandboxes.is_empty() && entry.containers.is_empty() {
                self.pods.remove(uid);
            }
        }
        let record = engine.record(self.actor(), cause, Fact::Sandbox(id, None));
        (Ok(RuntimeReply::Done), Some(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_ascend_and_come_round() {
        let mut addresses = Addresses::new("10.244.1.0/29");
        let first: Vec<_> = (0..5).filter_map(|_| addresses.take()).collect();
        assert_eq!(first.join(" "), "10.244.1.2 10.244.1.3 10.244.1.4 10.244.1.5 10.244.1.6");
        assert_eq!(addresses.take(), None);
        addresses.give_back("10.244.1.3");
        assert_eq!(addresses.take().as_deref(), Some("10.244.1.3"));
    }

    #[test]
    fn addresses_are_counted_from_the_network() {
        let first = |cidr| Addresses::new(cidr).take();
        assert_eq!(first("10.244.1.77/24").as_deref(), Some("10.244.1.2"));
        assert_eq!(first("255.255.255.255/24").as_deref(), Some("255.255.255.2"));
    }
}
