//! What there is in a Pod at a time: its sandbox, its containers in the order in which they start, their processes,
//! and the Linux namespaces that these are in.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::Stage;
use super::super::objects::{Seen, grace_span, seen};
use crate::api::objects::{Container, ContainerStatus, ObjectMeta, Pod, RestartPolicy, VolumeMount};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Fact, HookKind, NodeId};
use crate::cluster::runtime::{
    ContainerId, ContainerPhase, ContainerRole, ContainerRow, HOST, LinuxNamespace, LinuxNamespaces,
    ProcessRow, SandboxId, SandboxRow,
};
use crate::cluster::time::{Micros, SimTime};
use crate::scene::tokens::{Hue, State};
use crate::timeline::{RowKey, View};
use crate::value::Str;

/// A sort of Linux namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Mnt,
    Pid,
    Net,
    Ipc,
    Uts,
}

impl Sort {
    /// From what each container has of its own to what all of them share.
    pub(super) const ALL: [Sort; 5] = [Sort::Mnt, Sort::Pid, Sort::Net, Sort::Ipc, Sort::Uts];
    /// As `lsns` says it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Sort::Mnt => "mnt",
            Sort::Pid => "pid",
            Sort::Net => "net",
            Sort::Ipc => "ipc",
            Sort::Uts => "uts",
        }
    }
    pub(super) fn hue(self) -> Hue {
        match self {
            Sort::Mnt => Hue::Mnt,
            Sort::Pid => Hue::Pid,
            Sort::Net => Hue::Net,
            Sort::Ipc => Hue::Ipc,
            Sort::Uts => Hue::Uts,
        }
    }
    pub(super) fn of(self, namespaces: &LinuxNamespaces) -> LinuxNamespace {
        match self {
            Sort::Mnt => namespaces.mnt,
            Sort::Pid => namespaces.pid,
            Sort::Net => namespaces.net,
            Sort::Ipc => namespaces.ipc,
            Sort::Uts => namespaces.uts,
        }
    }
}

/// Whose a Linux namespace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Each process's own.
    Own,
    /// What `pause` holds for all containers.
    Shared,
    /// The node's.
    Host,
}

/// A Pod as it is at the time that is shown.
#[derive(Debug)]
pub(super) struct Inside<'a> {
    pub(super) pod: &'a Rc<Pod>,
    /// The Pod that was chosen and is gone, where this one is of the same owner.
    pub(super) instead_of: Option<&'a Str>,
    pub(super) seen: Seen,
    /// Its node, once it has one.
    pub(super) node: Option<NodeId>,
    /// Its newest sandbox.
    pub(super) sandbox: Option<(SandboxId, &'a Rc<SandboxRow>)>,
    pub(super) containers: Vec<Part<'a>>,
    /// All processes in the sandbox with the node's pids.
    pub(super) processes: Vec<(u32, &'a Rc<ProcessRow>)>,
    /// Volumes that more than one container mounts.
    pub(super) shared_volumes: Vec<Str>,
    /// Volumes that one container alone mounts.
    pub(super) single_volumes: Vec<Str>,
}

/// A container, as it is wanted and as it is.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) role: ContainerRole,
    pub(super) wanted: &'a Container,
    /// What the kubelet last said of it.
    pub(super) status: Option<&'a ContainerStatus>,
    /// Its newest run in the newest sandbox.
    pub(super) row: Option<(ContainerId, &'a Rc<ContainerRow>)>,
    /// Its processes: numbers inside, and command lines.
    pub(super) processes: Vec<(u32, &'a Str)>,
    /// The volumes that it mounts and where, but for what every Pod has.
    pub(super) volumes: Vec<Mounted<'a>>,
    /// The last signal that reached its first process.
    pub(super) signal: Option<&'static str>,
    /// Whether its preStop hook runs now.
    pub(super) runs_pre_stop: bool,
}

/// A volume where a container has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mounted<'a> {
    pub(super) name: &'a Str,
    pub(super) path: &'a Str,
    /// The claim that it is.
    pub(super) claim: Option<&'a str>,
}

impl Part<'_> {
    /// Whether its work before the others is done.
    pub(super) fn is_done_init(&self) -> bool {
        self.role == ContainerRole::Init
            && matches!(self.row.map(|(_, row)| &row.state), Some(ContainerPhase::Exited { code: 0, .. }))
    }
    /// Whether its newest run is over.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.row.map(|(_, row)| &row.state), Some(ContainerPhase::Exited { .. }))
    }
    /// How it looks. What runs is ending from its preStop hook on.
    pub(super) fn state(&self) -> State {
        match self.row.map(|(_, row)| &row.state) {
            None | Some(ContainerPhase::Created) => {
                match self.status.and_then(|status| status.state.waiting.as_ref()) {
                    Some(waiting)
                        if !matches!(&*waiting.reason, "" | "ContainerCreating" | "PodInitializing") =>
                    {
                        State::Failed
                    }
                    _ => State::Pending,
                }
            }
            Some(ContainerPhase::Running { .. }) if self.signal.is_some() || self.runs_pre_stop => {
                State::Terminating
            }
            Some(ContainerPhase::Running { .. }) => State::Running,
            Some(ContainerPhase::Exited { code: 0, .. }) => State::Succeeded,
            Some(ContainerPhase::Exited { .. }) => State::Failed,
        }
    }
    /// The Linux namespaces of its first process, while that runs.
    pub(super) fn namespaces(&self) -> Option<LinuxNamespaces> {
        let (_, row) = self.row?;
        matches!(row.state, ContainerPhase::Running { .. }).then_some(row.namespaces)?
    }
}

/// Whether a volume is the token that every Pod has.
fn is_everywhere(volume: &str) -> bool {
    volume.starts_with("kube-api-access-")
}

impl<'a> Inside<'a> {
    /// The Pod that is chosen, or one that what is chosen owns; where the chosen one is gone, one in its place, if there is any.
    /// Where nothing is chosen, the one with the most to see.
    pub(super) fn new(stage: &Stage<'a>) -> Option<Self> {
        if let Some(gone) = gone(stage) {
            let other = successor(stage, gone)?;
            return Some(Self { instead_of: Some(&gone.metadata.name), ..Self::of(stage, other) });
        }
        let pod = chosen(stage).or_else(|| first(stage))?;
        Some(Self::of(stage, pod))
    }
    fn of(stage: &Stage<'a>, pod: &'a Rc<Pod>) -> Self {
        let view = stage.view;
        let sandbox = view.sandboxes_of(pod).last();
        let processes: Vec<(u32, &'a Rc<ProcessRow>)> =
            sandbox.iter().flat_map(|(id, _)| view.processes_in(*id)).collect();
        let spec: &'a _ = &pod.spec;
        let init = spec.init_containers.iter().map(|container| {
            let is_sidecar = container.restart_policy == Some(RestartPolicy::Always);
            (if is_sidecar { ContainerRole::Sidecar } else { ContainerRole::Init }, container)
        });
        let runtime = spec.containers.iter().map(|container| (ContainerRole::Runtime, container));
        let added = spec.ephemeral_containers.iter().map(|container| (ContainerRole::Ephemeral, container));
        let statuses = [
            &pod.status.init_container_statuses,
            &pod.status.container_statuses,
            &pod.status.ephemeral_container_statuses,
        ];
        let containers = init
            .chain(runtime)
            .chain(added)
            .map(|(role, wanted)| {
                let row = sandbox
                    .iter()
                    .flat_map(|(id, _)| view.containers_in(*id))
                    .filter(|(_, row)| row.name == wanted.name)
                    .max_by_key(|(_, row)| row.attempt);
                let own = processes.iter().filter(|(_, process)| process.container == row.map(|(id, _)| id));
                let mounts = wanted.volume_mounts.iter().filter(|mount| !is_everywhere(&mount.name));
                let claim = |name: &Str| {
                    let volume = spec.volumes.iter().find(|volume| volume.name == *name)?;
                    volume.persistent_volume_claim.as_ref()?.get("claimName")?.as_str()
                };
                let mounted = |mount: &'a VolumeMount| Mounted {
                    name: &mount.name,
                    path: &mount.mount_path,
                    claim: claim(&mount.name),
                };
                Part {
                    role,
                    wanted,
                    status: statuses.into_iter().flatten().find(|status| status.name == wanted.name),
                    row,
                    processes: match row {
                        Some(_) => own.map(|(_, process)| (process.local_pid, &process.command)).collect(),
                        None => Vec::new(),
                    },
                    volumes: mounts.map(mounted).collect(),
                    runs_pre_stop: row
                        .and_then(|(id, _)| view.hook(id, HookKind::PreStop))
                        .is_some_and(|(_, exit)| exit.is_none()),
                    signal: row.and_then(|(id, _)| view.signals(id).last()).map(|(_, signal)| signal),
                }
            })
            .collect();
        let mounting = |volume: &Str| {
            let all = spec.init_containers.iter().chain(&spec.containers);
            all.filter(|container| container.volume_mounts.iter().any(|mount| mount.name == *volume)).count()
        };
        let volumes = spec.volumes.iter().map(|volume| &volume.name).filter(|name| !is_everywhere(name));
        let mounted = volumes.map(|name| (name, mounting(name)));
        let [shared, single] = [2..=usize::MAX, 1..=1].map(|many| {
            let those = mounted.clone().filter(|(_, by)| many.contains(by));
            those.map(|(name, _)| name.clone()).collect::<Vec<Str>>()
        });
        Self {
            pod,
            instead_of: None,
            seen: seen(pod),
            node: view.node(&spec.node_name),
            sandbox,
            containers,
            processes,
            shared_volumes: shared,
            single_volumes: single,
        }
    }
    /// The port that a container died of, since another one of the Pod has it: there is one space of ports, and it is one that
    /// this container declares, or runs the same program for.
    pub(super) fn taken_port(&self, part: &Part<'a>) -> Option<u16> {
        let (_, row) = part.row?;
        // A signal has ended it otherwise, and what a command of its own dies of is not known.
        let is_plain = |wanted: &Container| wanted.command.is_empty() && wanted.args.is_empty();
        if !matches!(row.state, ContainerPhase::Exited { code: 1..128, .. }) || !is_plain(part.wanted) {
            return None;
        }
        let tag = |image: &'a str| image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
        let program = |image: &'a str| tag(image).map_or(image, |(name, _)| name);
        let holders = self.containers.iter().filter(|other| other.wanted.name != part.wanted.name);
        holders.filter(|other| other.namespaces().is_some()).find_map(|other| {
            let (_, held) = other.row?;
            let is_same =
                is_plain(other.wanted) && program(&part.wanted.image) == program(&other.wanted.image);
            held.listens.iter().copied().find(|port| {
                is_same
                    || part.wanted.ports.iter().any(|own| i64::from(own.container_port) == i64::from(*port))
            })
        })
    }
    /// The sandbox while its `pause` runs.
    pub(super) fn held(&self) -> Option<&'a Rc<SandboxRow>> {
        self.sandbox.map(|(_, row)| row).filter(|row| row.ready)
    }
    /// Whose the Linux namespaces of a sort are: what is, and before that what the spec says.
    pub(super) fn whose(&self, sort: Sort) -> Whose {
        let spec = &self.pod.spec;
        match self.sandbox {
            Some((_, row)) if sort.of(&row.namespaces) == sort.of(&HOST) => Whose::Host,
            None if match sort {
                Sort::Net | Sort::Uts => spec.host_network,
                Sort::Ipc => spec.host_ipc,
                Sort::Pid => spec.host_pid,
                Sort::Mnt => false,
            } =>
            {
                Whose::Host
            }
            _ => match sort {
                Sort::Mnt => Whose::Own,
                Sort::Pid if spec.share_process_namespace != Some(true) => Whose::Own,
                Sort::Pid | Sort::Net | Sort::Ipc | Sort::Uts => Whose::Shared,
            },
        }
    }
    /// The sorts that are the node's.
    pub(super) fn hosts(&self) -> Vec<Sort> {
        Sort::ALL.into_iter().filter(|sort| self.whose(*sort) == Whose::Host).collect()
    }
    /// How much of the grace period is left to what still runs, and all of it, in microseconds.
    pub(super) fn grace(&self, view: View) -> Option<[Micros; 2]> {
        let runs = self.containers.iter().any(|part| part.namespaces().is_some());
        let is_ending = runs && self.pod.metadata.is_terminating();
        grace_span(view, self.pod).filter(|[left, _]| is_ending && *left > 0)
    }
    pub(super) fn key(&self) -> ObjectKey {
        let meta = &self.pod.metadata;
        ObjectKey { kind: Kind::Pod, namespace: meta.namespace.clone(), name: meta.name.clone() }
    }
}

/// The Pod that is chosen, or one that is owned by what is.
fn chosen<'a>(stage: &Stage<'a>) -> Option<&'a Rc<Pod>> {
    let key = stage.selection?.object()?;
    let view = stage.view;
    match key.kind {
        Kind::Pod => view.object(key)?.get::<Pod>(),
        _ => {
            let owned = |object: &Object| view.owned_by(&object.meta().uid).collect::<Vec<_>>();
            let below = owned(view.object(key)?);
            let further = below.iter().flat_map(|object| owned(object)).collect::<Vec<_>>();
            below.into_iter().chain(further).find_map(|object| object.get::<Pod>())
        }
    }
}

/// The Pod that is chosen and is gone, as it was last.
pub(super) fn gone<'a>(stage: &Stage<'a>) -> Option<&'a Rc<Pod>> {
    let key = stage.selection?.object().filter(|key| key.kind == Kind::Pod)?;
    if stage.view.object(key).is_some() {
        return None;
    }
    versions(stage, key).last().map(|(_, pod)| pod)
}

/// A Pod as it was until now, version by version.
fn versions<'a>(stage: &Stage<'a>, key: &ObjectKey) -> impl Iterator<Item = (SimTime, &'a Rc<Pod>)> {
    let (history, now) = (stage.view.history(), stage.view.at());
    let all = history.versions(&RowKey::Object(key.clone())).iter();
    all.take_while(move |version| version.time <= now).filter_map(move |version| {
        match &history.record(version.record)?.fact {
            Fact::Object { object, .. } => Some((version.time, object.get::<Pod>()?)),
            _ => None,
        }
    })
}

/// Where the Pod that is gone was somebody's, the first one that was made once it was to go, by the same or, of a ReplicaSet, by another
/// of its Deployment. A Pod of a StatefulSet comes back under its name.
fn successor<'a>(stage: &Stage<'a>, gone: &Pod) -> Option<&'a Rc<Pod>> {
    let view = stage.view;
    let key_of = |meta: &ObjectMeta| ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
    let owner = gone.metadata.controller()?;
    let kind = Kind::of(&owner.api_version, &owner.kind)?;
    let key = ObjectKey::new(kind, gone.metadata.namespace.clone(), owner.name.clone());
    let head = view.object(&key).and_then(|set| set.meta().controller());
    let others = head.iter().flat_map(|head| view.owned_by(&head.uid)).map(|maker| &maker.meta().uid);
    let makers: BTreeSet<&Str> = others.chain([&owner.uid]).collect();
    let pods = makers.into_iter().flat_map(|uid| view.owned_by(uid)).filter_map(|object| object.get::<Pod>());
    let ends = versions(stage, &key_of(&gone.metadata)).find(|(_, pod)| pod.metadata.is_terminating());
    let since = ends.map_or(SimTime::ZERO, |(at, _)| at);
    let made = |pod: &Pod| versions(stage, &key_of(&pod.metadata)).next().map_or(SimTime::ZERO, |(at, _)| at);
    let after = pods.map(|pod| (made(pod), pod)).filter(|(made, _)| *made >= since);
    after.min_by_key(|(made, pod)| (*made, pod.metadata.name.clone())).map(|(_, pod)| pod)
}

/// The Pod with the most to see: on a node, with the most containers, and of these the one that has been there longest.
fn first<'a>(stage: &Stage<'a>) -> Option<&'a Rc<Pod>> {
    let pods = stage.view.all::<Pod>();
    pods.min_by_key(|pod| {
        let containers = pod.spec.init_containers.len() + pod.spec.containers.len();
        let meta = &pod.metadata;
        let waits = pod.spec.node_name.is_empty();
        (waits, std::cmp::Reverse(containers), meta.creation_timestamp.clone(), meta.name.clone())
    })
}
