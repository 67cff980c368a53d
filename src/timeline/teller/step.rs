//! The steps that can be told, each with what makes two moments the same step.

use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, ClientId, NodeId, RecordId};
use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::timeline::beats::Branch;
use crate::value::Str;

/// Pods that were made, or deleted, in one go: what happens to them is told together. It is the place of the
/// group in which that happened.
pub(super) type Cohort = usize;

/// Which sort of new object it is: these are told in different words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Namespace,
    Service,
    /// A Service without an address.
    Headless,
    /// A Service that is another name (ExternalName).
    Alias,
    Pod,
    Other,
}

/// Why the API server gives a Pod that is deleted no time, and removes it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AtOnce {
    /// Its containers have ended for good.
    Finished,
    /// It never had a node.
    NoNode,
    /// `kubectl delete --force`.
    Forced,
    /// The request says so in another way.
    Asked,
    /// Its own `terminationGracePeriodSeconds` is 0.
    Own,
}

/// A step. Moments of the same step that are near in time are one beat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    // What a person does, and what the API server makes of it.
    Sent(ClientId),
    Failed(ClientId),
    Unchanged(ClientId),
    Created(Actor, Class),
    Changed(Actor),
    Scaled(Actor),
    Refused(Actor),
    EvictionRefused(Actor, ObjectKey),
    Missing(Actor),
    Removed(Actor),
    OwnerRemoved(Actor),
    Held(Actor),
    /// By the message that tells it.
    Fault(&'static str),
    Limit(RecordId),
    ClientBegins,
    /// The same through a load balancer.
    ClientBeginsOutside,
    // Controllers, by what they work on.
    ReplicaSetMade(ObjectKey),
    RolloutBegins(ObjectKey),
    RolledBack(ObjectKey),
    Grows(ObjectKey),
    Shrinks(ObjectKey),
    PodsMade(ObjectKey),
    Replaced(ObjectKey),
    Available(ObjectKey),
    RolledOut(ObjectKey),
    /// It has not got on for as long as its progressDeadlineSeconds.
    Stalls(ObjectKey),
    JobPodsMade(ObjectKey),
    /// After Pods of it have failed.
    JobRetries(ObjectKey),
    JobSuspended(ObjectKey),
    JobComplete(ObjectKey),
    JobFails(ObjectKey),
    CronJobMakes(ObjectKey),
    /// The same, later than its schedule says.
    CronJobMakesLate(ObjectKey),
    /// A time of its schedule has come while its last Job still runs.
    CronJobWaits(ObjectKey),
    /// A ReplicaSet that nobody owns, by the Deployment that takes it.
    Adopts(ObjectKey),
    CronJobForgets(ObjectKey),
    StatefulSetMakes(ObjectKey),
    StatefulSetRemoves(ObjectKey),
    StatefulSetReady(ObjectKey),
    DaemonSetMakes(ObjectKey),
    DaemonSetRemoves(ObjectKey),
    DaemonSetReady(ObjectKey),
    BudgetCounted(ObjectKey),
    // Nodes.
    NodeUnheard(ObjectKey),
    NodeHeard(ObjectKey),
    NodePressed(ObjectKey),
    /// The Pods on a node that is not heard of, by the node.
    Unheard(Str),
    /// By the node.
    TaintEvicts(Str),
    Dependents,
    /// A node, by its name, that is cordoned or no longer is.
    Cordons(Str, bool),
    /// Dependents that have dependents themselves, of an owner that waits for them.
    DependentsMarked,
    /// Objects that lose an owner that is deleted without them.
    Orphaned,
    OwnersGo,
    NamespaceEnds,
    /// Something in it is held by finalizers.
    NamespaceHeld(Str),
    NamespaceGone,
    ClaimBound(ObjectKey),
    VolumeReleased,
    Autoscaled,
    // A Pod's beginning.
    Scheduled(Cohort),
    Unschedulable(Cohort),
    /// Its claim has no volume, so that it is not placed whatever the nodes have.
    AwaitsVolume(Cohort),
    /// A claim that it mounts is not there.
    AwaitsClaim(Cohort),
    /// It has a node, and could not be bound to it.
    NotBound(Cohort),
    /// A claim for which somebody else is to make a volume.
    AwaitsProvisioner(ObjectKey),
    Found(Cohort),
    PauseStarts(Cohort),
    Pulling(Str),
    /// The registry is asked for an image that is there already.
    AsksAgain(Str),
    PullFails(Cohort, Str),
    TagUnknown(Cohort, Str),
    /// Pods that their owner wants and the API server refuses.
    PodsRefused(ObjectKey),
    Unmounted(Cohort),
    /// A container that something is missing for, and one that does not start.
    Unmade(Cohort, Str),
    Unstarted(Cohort, Str),
    /// A probe of this container, by the message that tells it.
    ProbeFails(Cohort, Str, &'static str),
    ProbeKills(ObjectKey, Str),
    InitStarts(Cohort, Str),
    InitEnds(Cohort, Str),
    ContainersStart(Cohort),
    Runs(Cohort),
    Ready(Cohort),
    NotReady(Cohort),
    Succeeded(Cohort),
    EndsBadly(Cohort),
    /// Its sandbox ends, though it is not deleted: no container of it is left to run.
    SandboxEnds(Cohort),
    Evicted(Str),
    // Services.
    SliceMade(ObjectKey),
    EndpointsAdded(ObjectKey, Cohort),
    EndpointsUnready(ObjectKey, Cohort),
    RulesWritten(ObjectKey, Cohort),
    RulesGone(ObjectKey),
    Answered(ObjectKey),
    RequestsFail(ObjectKey, Cohort),
    /// The first request of a Service that fails, by the message that tells it; and those after it.
    RequestFails(ObjectKey, &'static str),
    MoreFail(ObjectKey, &'static str),
    // A Pod's deletion.
    Deleted(Actor),
    PodsRemoved(ObjectKey),
    Forced(Actor, AtOnce),
    /// Whether the Pods are endpoints.
    Told(Cohort, bool),
    /// The kubelet of this node is not told, by the message that says why.
    NotTold(Cohort, NodeId, &'static str),
    EndpointsEnding(ObjectKey, Cohort),
    EndpointsOut(ObjectKey, Cohort),
    RulesLessen(ObjectKey, Cohort),
    HookBegins(Cohort),
    HookEnds(Cohort),
    HookOverruns(Cohort),
    Signalled(Cohort),
    EndsAtOnce(Cohort),
    Drains(Cohort),
    Ignores(Cohort),
    Ended(Cohort),
    Killed(Cohort),
    PauseEnds(Cohort),
    Gone(Cohort),
    /// What was Terminating already is removed at once.
    ForcedLater(Actor, AtOnce),
    /// Its last finalizer is taken away.
    Released(Actor),
    // A container's life inside its Pod.
    ContainerDies(ObjectKey, Str),
    OutOfMemory(ObjectKey, Str),
    Restarted(ObjectKey, Str),
    BacksOff(ObjectKey, Str),
    /// Its status says so, which comes later.
    BackOffShown(ObjectKey, Str),
    PauseDies(ObjectKey),
    /// Its kubelet grants other resources to what runs, or cannot, and is done with it.
    ResizeBegins(ObjectKey),
    ResizeWaits(ObjectKey),
    ResizeEnds(ObjectKey),
    NotSimulated(ObjectKey, Str),
    // What only a recording tells.
    WasThere,
    /// The kind of what an Event is about, and its reason.
    Warned(Kind, Str),
}

impl Step {
    /// How far apart two moments of it are at most that are told together.
    pub(super) fn window(&self) -> Micros {
        match self {
            Self::PodsMade(_)
            | Self::JobPodsMade(_)
            | Self::StatefulSetMakes(_)
            | Self::StatefulSetRemoves(_)
            | Self::DaemonSetMakes(_)
            | Self::DaemonSetRemoves(_)
            | Self::Replaced(_)
            | Self::PodsRemoved(_)
            | Self::Deleted(_)
            | Self::Forced(..) => 400 * MILLI,
            Self::Sent(_)
            | Self::Created(..)
            | Self::Changed(_)
            | Self::Removed(_)
            | Self::Dependents
            | Self::DependentsMarked
            | Self::Orphaned
            | Self::OwnersGo => SECOND,
            Self::WasThere
            | Self::Pulling(_)
            | Self::AsksAgain(_)
            | Self::RequestsFail(..)
            | Self::MoreFail(..)
            | Self::EvictionRefused(..) => 10 * SECOND,
            Self::Grows(_) | Self::Shrinks(_) => 200 * MILLI,
            _ => 3 * SECOND,
        }
    }
    /// Whether what it tells goes on through the wait before its end.
    pub(super) fn tells_of_the_wait(&self) -> bool {
        matches!(self, Self::Pulling(_) | Self::Drains(_) | Self::Ignores(_) | Self::HookOverruns(_))
    }
    /// Whether somebody asks again and again until the answer is another one, as `kubectl drain` does every five seconds.
    pub(super) fn is_asked_again(&self) -> bool {
        matches!(self, Self::EvictionRefused(..))
    }
    /// Its number among the seven steps of a deletion.
    pub(super) fn number(&self) -> Option<u8> {
        match self {
            Self::Deleted(_)
            | Self::PodsRemoved(_)
            | Self::StatefulSetRemoves(_)
            | Self::DaemonSetRemoves(_)
            | Self::TaintEvicts(_)
            | Self::Forced(..) => Some(1),
            Self::Told(..) | Self::NotTold(..) => Some(2),
            Self::EndpointsEnding(..) | Self::EndpointsOut(..) => Some(3),
            Self::RulesLessen(..) => Some(4),
            Self::Signalled(_) => Some(5),
            Self::EndsAtOnce(_) | Self::Drains(_) | Self::Ignores(_) => Some(6),
            Self::Killed(_) => Some(7),
            _ => None,
        }
    }
    /// Its branch of a deletion.
    pub(super) fn branch(&self) -> Option<Branch> {
        match self {
            Self::EndpointsEnding(..) | Self::EndpointsOut(..) | Self::RulesLessen(..) => {
                Some(Branch::Endpoints)
            }
            Self::HookBegins(_)
            | Self::HookEnds(_)
            | Self::HookOverruns(_)
            | Self::Signalled(_)
            | Self::EndsAtOnce(_)
            | Self::Drains(_)
            | Self::Ignores(_)
            | Self::Ended(_)
            | Self::Killed(_)
            | Self::PauseEnds(_)
            | Self::Gone(_) => Some(Branch::Kubelet),
            _ => None,
        }
    }
    /// How long it takes to see and to read, the first time in a chapter; again it takes less.
    pub(super) fn stage(&self, is_again: bool) -> Micros {
        let millis = match self {
            Self::Sent(_) | Self::Pulling(_) | Self::Ended(_) | Self::Scaled(_) => 1_600,
            Self::PauseStarts(_)
            | Self::ReplicaSetMade(_)
            | Self::Told(..)
            | Self::NotTold(..)
            | Self::Signalled(_)
            | Self::EndpointsEnding(..)
            | Self::Deleted(_) => 2_400,
            Self::ContainersStart(_)
            | Self::PodsMade(_)
            | Self::Drains(_)
            | Self::Ignores(_)
            | Self::Killed(_) => 2_200,
            _ => 1_900,
        };
        MILLI * if is_again { (millis * 2 / 3).max(1_200) } else { millis }
    }
}
