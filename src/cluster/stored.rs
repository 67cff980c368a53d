//! Records in bytes. A field or a variant that is not listed here does not compile.

use super::fault::Fault;
use super::proxy::{PortRules, RuleEndpoint, ServiceRules};
use super::record::{
    Actor, Change, ClientId, Decision, Fact, HookKind, Message, MessageKind, NodeId, Record, RecordId,
};
use super::request::{
    Body, Connect, DeleteOptions, Filter, PatchKind, Propagation, Request, Status, Subresource, Verb, WatchId,
};
use super::runtime::{
    ContainerId, ContainerPhase, ContainerRole, ContainerRow, LinuxNamespace, LinuxNamespaces, ProcessRow,
    SandboxId, SandboxRow,
};
use super::time::SimTime;
use super::traffic::{Client, LoadBalancer, Outcome, RequestRow, Sender};
use crate::value::stored::{Near, Reader, Stored, Writer};

/// Each record's numbers are relative to its own place and time, and those to the record before.
impl Stored for Record {
    fn write(&self, to: &mut Writer) {
        let Self { id, time, actor, cause, fact } = self;
        id.write(to);
        time.write(to);
        to.near = Near { time: time.0, place: id.0 };
        actor.write(to);
        cause.write(to);
        fact.write(to);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        let (id, time) = <(RecordId, SimTime)>::read(from)?;
        from.near = Near { time: time.0, place: id.0 };
        Some(Self {
            id,
            time,
            actor: Stored::read(from)?,
            cause: Stored::read(from)?,
            fact: Stored::read(from)?,
        })
    }
}

impl Stored for RecordId {
    fn write(&self, to: &mut Writer) {
        to.signed(i64::from(self.0) - i64::from(to.near.place));
    }
    fn read(from: &mut Reader) -> Option<Self> {
        let place = from.signed()?.checked_add(from.near.place.into())?;
        place.try_into().ok().map(Self)
    }
}

impl Stored for SimTime {
    fn write(&self, to: &mut Writer) {
        to.signed(self.0.wrapping_sub(to.near.time) as i64);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Some(Self(from.near.time.wrapping_add(from.signed()? as u64)))
    }
}

crate::stored! {
    struct NodeId(place);
    struct ClientId(number);
    struct WatchId(number);
    struct LinuxNamespace(inode);
    struct SandboxId { node, number };
    struct ContainerId { node, number };
    struct LinuxNamespaces { net, ipc, uts, pid, mnt };
    struct SandboxRow { pod, pod_uid, attempt, ready, ip, pause_pid, namespaces };
    struct ContainerRow {
        pod, pod_uid, sandbox, name, image, attempt, role, state, namespaces, listens, stop_signal, assumed,
    };
    struct ProcessRow { sandbox, container, local_pid, parent, command, since, namespaces };
    struct Message { to, arrives, kind };
    struct Request { verb, key, subresource, dry_run, field_manager };
    struct Connect { container, command, previous, tail, skip, since, timestamps };
    struct Filter { labels, fields };
    struct DeleteOptions { grace_period_seconds, propagation, uid, resource_version };
    struct Status { reason, message, causes };
    struct ServiceRules { cluster_ip, ports, affinity };
    struct PortRules { name, port, node_port, endpoints, external, has_others };
    struct RuleEndpoint { pod, ip, port };
    struct Client { service, port, from, per_second, lasts, timeout, connections };
    struct LoadBalancer { interval, threshold, lag };
    struct RequestRow { client, service, from, sent, endpoint, ended };
}

crate::stored! {
    enum Fact {
        Object { change, object },
        Message(message),
        Sandbox(id, row),
        Container(id, row),
        Process(node, pid, row),
        Pull(node, image, begins),
        Signal(id, signal),
        Hook(id, kind, exit),
        NotSimulated(id, command),
        Rules(node, service, rules),
        Client(number, client),
        Request(number, row),
        Decision(decision),
        CommandBegins(client, line),
        CommandPrints(client, is_error, text),
        CommandEnds(client, code),
        Fault(fault),
        Limit(name, limit),
    }
    enum Actor {
        Person,
        Kubectl(client),
        ApiServer,
        Etcd,
        Controller(name),
        Scheduler,
        Kubelet(node),
        Runtime(node),
        KubeProxy(node),
        Container(id),
        Traffic(client),
    }
    enum Change { Added, Modified, Deleted }
    enum HookKind { PostStart, PreStop }
    enum MessageKind { Request(request), Answer(key, refusal), Watch(change, key) }
    enum Decision {
        Scheduled { pod, filtered, scores, parts, chosen },
        Replicas { owner, wanted, seen },
        Scaled { replica_set, from, to },
    }
    enum ContainerRole { Init, Sidecar, Runtime, Ephemeral }
    enum ContainerPhase {
        Created,
        Running { pid, since },
        Exited { code, since, until, oom_killed },
    }
    enum Subresource { None, Status, Scale, Binding, Eviction, Finalize, EphemeralContainers, Log, Exec, Resize }
    enum Verb {
        Get,
        List(filter),
        Watch(filter, revision),
        Create(body),
        Update(body),
        Patch(kind, patch),
        Apply(object, forces),
        Delete(options),
        DeleteCollection(filter, options),
        Connect(connect),
        Raw(method, path),
    }
    enum Body { Typed(object), Value(value) }
    enum PatchKind { Json, Merge, Strategic }
    enum Propagation { Background, Foreground, Orphan }
    enum Sender { Node(node), Pod(pod), LoadBalancer(balancer) }
    enum Outcome { Served(code), Refused, TimedOut, CutOff }
    enum Fault {
        KillContainer(pod, name),
        KillPause(pod),
        KubeletStops(node),
        KubeletResumes(node),
        NodeDies(node),
        NodeReturns(node),
        Partition(node),
        PartitionEnds(node),
        ProxySlow(node),
        ProxyMended(node),
        ApiServerStops,
        ApiServerStarts,
        ImageGone(image),
        ImageBack(image),
        Registry(state),
        Shortage(node, what),
        ShortageEnds(node, what),
    }
}
