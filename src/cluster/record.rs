//! Records: what happened, to what, when, by whom, and because of which earlier record.
//!
//! They hold ids and arguments, no text for people. Nothing in the cluster reads them back.

use super::request::{Request, Status};
use super::runtime::{ContainerId, ContainerRow, ProcessRow, SandboxId, SandboxRow};
use super::time::SimTime;
use super::traffic::RequestRow;
use crate::api::{Object, ObjectKey};
use crate::value::Str;
use std::rc::Rc;

/// The place of a record in the run: counts from 0 without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u32);

/// A node's place in the cluster's list of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

/// A command of kubectl, or another client outside the cluster, by its number in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The person at the page: gives commands, breaks things.
    Person,
    /// A kubectl command.
    Kubectl(ClientId),
    /// kube-apiserver.
    ApiServer,
    /// etcd.
    Etcd,
    /// A controller of kube-controller-manager.
    Controller(ControllerName),
    /// kube-scheduler.
    Scheduler,
    /// A node's kubelet.
    Kubelet(NodeId),
    /// A node's container runtime.
    Runtime(NodeId),
    /// A node's kube-proxy.
    KubeProxy(NodeId),
    /// The first process of a container.
    Container(ContainerId),
    /// A client that sends requests to a Service, by its number in the run.
    Traffic(u32),
}

/// By a number of its own and a controller's name, not by places in lists: a new actor changes no other's draws.
impl std::hash::Hash for Actor {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let (number, which) = match self {
            Self::Person => (1, 0),
            Self::Kubectl(ClientId(client)) => (2, u64::from(*client)),
            Self::ApiServer => (3, 0),
            Self::Etcd => (4, 0),
            Self::Controller(name) => {
                state.write_u8(5);
                return name.as_str().hash(state);
            }
            Self::Scheduler => (6, 0),
            Self::Kubelet(NodeId(node)) => (7, u64::from(*node)),
            Self::Runtime(NodeId(node)) => (8, u64::from(*node)),
            Self::KubeProxy(NodeId(node)) => (9, u64::from(*node)),
            Self::Container(container) => {
                state.write_u8(10);
                return container.hash(state);
            }
            Self::Traffic(client) => (11, u64::from(*client)),
        };
        state.write_u8(number);
        state.write_u64(which);
    }
}

crate::words_enum! {
    /// The controllers, named as kube-controller-manager names them.
    pub enum ControllerName {
        /// Makes and scales ReplicaSets.
        Deployment = "deployment-controller",
        /// Makes and deletes Pods.
        ReplicaSet = "replicaset-controller",
        /// Makes and deletes the Pods of ReplicationControllers.
        ReplicationController = "replicationcontroller-controller",
        /// Makes and replaces Pods in their order.
        StatefulSet = "statefulset-controller",
        /// Makes a Pod for each node.
        DaemonSet = "daemonset-controller",
        /// Writes EndpointSlices.
        EndpointSlice = "endpointslice-controller",
        /// Writes the deprecated Endpoints.
        Endpoints = "endpoints-controller",
        /// Empties Namespaces.
        Namespace = "namespace-controller",
        /// Deletes what has lost its owner.
        GarbageCollector = "garbage-collector-controller",
        /// Makes the ServiceAccount `default`.
        ServiceAccount = "serviceaccount-controller",
        /// Watches over nodes.
        NodeLifecycle = "node-lifecycle-controller",
        /// Deletes the Pods that do not tolerate their node's taints.
        TaintEviction = "taint-eviction-controller",
        /// Deletes the Pods that nobody else does.
        PodGarbageCollector = "pod-garbage-collector-controller",
        /// Makes the ConfigMap `kube-root-ca.crt`.
        RootCa = "root-ca-certificate-publisher-controller",
        /// Counts what ResourceQuotas limit.
        ResourceQuota = "resourcequota-controller",
        /// Says what PodDisruptionBudgets allow.
        Disruption = "disruption-controller",
        /// Binds claims to volumes.
        PersistentVolumeBinder = "persistentvolume-binder-controller",
        /// Keeps claims that are used.
        ClaimProtection = "persistentvolumeclaim-protection-controller",
        /// Keeps volumes that are bound.
        VolumeProtection = "persistentvolume-protection-controller",
        /// Holds workloads within the bounds of their autoscalers.
        HorizontalPodAutoscaler = "horizontal-pod-autoscaler-controller",
        /// Runs the Pods of Jobs.
        Job = "job-controller",
        /// Makes Jobs by schedule.
        CronJob = "cronjob-controller",
        /// Deletes Jobs that finished long enough ago.
        TtlAfterFinished = "ttl-after-finished-controller",
    }
}

/// How an object changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is new.
    Added,
    /// It is different.
    Modified,
    /// It is gone; the object is its last state.
    Deleted,
}

impl Change {
    /// The word of a watch event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its place.
    pub id: RecordId,
    /// When.
    pub time: SimTime,
    /// Who did it.
    pub actor: Actor,
    /// Because of what.
    pub cause: Option<RecordId>,
    /// What.
    pub fact: Fact,
}

/// What happened. A new kind of fact makes the compiler list the places that must know it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// etcd holds a new state of an object.
    Object {
        /// How it changed.
        change: Change,
        /// Its new state; of a deleted one its last.
        object: Object,
    },
    /// A message set out. It arrives, whatever happens at its ends.
    Message(Message),
    /// A Pod's sandbox on a node has a new state; none once it is removed.
    Sandbox(SandboxId, Option<Rc<SandboxRow>>),
    /// A container on a node has a new state; none once it is removed.
    Container(ContainerId, Option<Rc<ContainerRow>>),
    /// A process on a node; none once it has ended. The number is the node's own pid.
    Process(NodeId, u32, Option<Rc<ProcessRow>>),
    /// A node begins (true) or has ended (false) to pull an image.
    Pull(NodeId, Str, bool),
    /// A signal reached the first process of a container.
    Signal(ContainerId, &'static str),
    /// A hook of a container begins (none) or has ended with an exit code.
    Hook(ContainerId, HookKind, Option<i32>),
    /// A container runs a command that exists, or may, and that is not simulated.
    NotSimulated(ContainerId, Str),
    /// A kube-proxy has written a Service's rules; none once they are gone.
    Rules(NodeId, Rc<ObjectKey>, Option<Rc<super::proxy::ServiceRules>>),
    /// A client begins to send requests to a Service.
    Client(u32, Rc<super::traffic::Client>),
    /// A request to a Service has a new state: sent, or answered.
    Request(u32, Rc<RequestRow>),
    /// Why an actor decided as it did.
    Decision(Rc<Decision>),
    /// A command begins.
    CommandBegins(ClientId, Str),
    /// A command has printed; true for standard error.
    CommandPrints(ClientId, bool, Str),
    /// A command has ended with an exit code.
    CommandEnds(ClientId, i32),
    /// Somebody broke or mended something.
    Fault(Rc<super::fault::Fault>),
    /// A limit of the simulation was reached: the run stands still here.
    Limit(&'static str, u64),
}

/// The hooks of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookKind {
    /// `lifecycle.postStart`
    PostStart,
    /// `lifecycle.preStop`
    PreStop,
}

/// A message between two parts of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// To whom; from whom is the record's actor.
    pub to: Actor,
    /// When it arrives; when it set out is the record's time.
    pub arrives: SimTime,
    /// What it is.
    pub kind: MessageKind,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A request to the API server.
    Request(Rc<Request>),
    /// Its answer: what it was about, and how it failed, if it did.
    Answer(Rc<ObjectKey>, Option<Rc<Status>>),
    /// A change, told to a watcher.
    Watch(Change, Rc<ObjectKey>),
}

/// A decision with its grounds, for those who ask why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The scheduler's: which nodes fell out at which filter, the scores of those left, the choice.
    Scheduled {
        /// The Pod.
        pod: ObjectKey,
        /// Of each node the filter at which it fell out, with upstream's message.
        filtered: Vec<(NodeId, &'static str, Str)>,
        /// Of each node that was left the sum of its weighted scores.
        scores: Vec<(NodeId, i64)>,
        /// Of the first of them what each plugin gave, weighted (`scheduler::SCORE_NAMES`). Empty where no more than
        /// one node was left: it needs no score.
        parts: Vec<[i16; 8]>,
        /// The node; none where none was left.
        chosen: Option<NodeId>,
    },
    /// A ReplicaSet has more or fewer Pods than it wants.
    Replicas {
        /// The ReplicaSet.
        owner: ObjectKey,
        /// What its spec says.
        wanted: i32,
        /// How many active Pods the controller sees.
        seen: i32,
    },
    /// A Deployment scales one of its ReplicaSets.
    Scaled {
        /// The ReplicaSet.
        replica_set: ObjectKey,
        /// From how many.
        from: i32,
        /// To how many.
        to: i32,
    },
}
