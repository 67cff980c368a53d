//! Who is there: nodes with their Pods, the Pods without a node, and the controllers that have something to do.

use super::super::Stage;
use super::super::objects::{Seen, seen};
use super::super::silence::{self, Silence};
use super::place::{MOST_PANELS, Who};
use crate::api::conditions::is_pod_active;
use crate::api::objects::{Node, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::fault::Unheard;
use crate::cluster::record::{Actor, Change, ControllerName, Fact, MessageKind, NodeId};
use crate::cluster::time::SimTime;
use crate::scene::shape::Target;
use crate::timeline::Version;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A Pod as it is and as it is seen.
#[derive(Clone, Debug)]
pub(super) struct There<'a> {
    pub(super) pod: &'a Rc<Pod>,
    pub(super) seen: Seen,
}

/// A node.
#[derive(Clone, Debug)]
pub(super) struct Host<'a> {
    pub(super) id: NodeId,
    pub(super) name: &'a str,
    /// What the API server has of it, where it is there.
    pub(super) node: Option<&'a Rc<Node>>,
    /// Its Pods, the oldest first.
    pub(super) pods: Vec<There<'a>>,
    /// How many it has at most at one time in the chapter.
    pub(super) most: usize,
    /// While nothing is heard from it.
    pub(super) silence: Option<Silence>,
}

/// Who is there.
#[derive(Clone, Debug)]
pub(super) struct Cast<'a> {
    pub(super) hosts: Vec<Host<'a>>,
    /// The Pods that stand at no node that is known: those without one, and those that name one that there is not.
    pub(super) waiting: Vec<There<'a>>,
    /// How many Pods wait for the scheduler, as far as it has heard of them.
    pub(super) queued: usize,
    /// The controllers in the order of their importance.
    pub(super) controllers: Vec<ControllerName>,
    /// How many containers a Pod has at most.
    pub(super) containers: usize,
    /// Whether anybody sends requests in the run.
    pub(super) has_requests: bool,
    /// Whether there is something to be noted at a node in the run: what is broken, or a taint.
    pub(super) has_notes: bool,
}

/// The controllers that stand there by themselves, each with the kind without which it has nothing to do.
const CONTROLLERS: [(ControllerName, Option<Kind>); 12] = [
    (ControllerName::Deployment, Some(Kind::Deployment)),
    (ControllerName::ReplicaSet, Some(Kind::ReplicaSet)),
    (ControllerName::StatefulSet, Some(Kind::StatefulSet)),
    (ControllerName::DaemonSet, Some(Kind::DaemonSet)),
    (ControllerName::CronJob, Some(Kind::CronJob)),
    (ControllerName::Job, Some(Kind::Job)),
    (ControllerName::EndpointSlice, None),
    (ControllerName::HorizontalPodAutoscaler, Some(Kind::HorizontalPodAutoscaler)),
    (ControllerName::Disruption, Some(Kind::PodDisruptionBudget)),
    (ControllerName::PersistentVolumeBinder, Some(Kind::PersistentVolumeClaim)),
    (ControllerName::GarbageCollector, None),
    (ControllerName::NodeLifecycle, None),
];

impl<'a> Cast<'a> {
    pub(super) fn new(stage: &Stage<'a>) -> Self {
        let view = stage.view;
        let history = view.history();
        let mut hosts: Vec<Host<'a>> = history
            .nodes()
            .iter()
            .enumerate()
            .map(|(place, name)| Host {
                id: NodeId(u16::try_from(place).unwrap_or(u16::MAX)),
                name,
                node: view.get::<Node>("", name),
                pods: Vec::new(),
                most: 0,
                silence: None,
            })
            .collect();
        for host in &mut hosts {
            host.silence = silence::of(view, host.id).into_iter().find(|silence| silence.holds(view.at()));
        }
        let places: BTreeMap<&str, usize> =
            hosts.iter().enumerate().map(|(place, host)| (host.name, place)).collect();
        let mut waiting = Vec::new();
        for pod in view.all::<Pod>() {
            let there = There { pod, seen: seen(pod) };
            match places.get(&*pod.spec.node_name) {
                Some(place) => hosts[*place].pods.push(there),
                None => waiting.push(there),
            }
        }
        let age = |there: &There<'a>| -> (Str, Str) {
            (there.pod.metadata.creation_timestamp.clone(), there.pod.metadata.name.clone())
        };
        hosts.iter_mut().for_each(|host| host.pods.sort_by_cached_key(age));
        waiting.sort_by_cached_key(age);
        let queued = queued(stage, &waiting);
        let containers = count_most(stage, &places, &mut hosts);
        let exists = |kind: &Option<Kind>| kind.is_none_or(|kind| history.objects(kind).next().is_some());
        let mut controllers: Vec<ControllerName> =
            CONTROLLERS.iter().filter(|(_, kind)| exists(kind)).map(|(name, _)| *name).collect();
        let has_requests = history.at(SimTime::NEVER).requests_within(u64::MAX).next().is_some();
        // Who acts in what the run is about comes first.
        let is_service = matches!(stage.selection, Some(Target::Object(key)) if key.kind == Kind::Service);
        if has_requests || is_service {
            first(&mut controllers, ControllerName::EndpointSlice);
        }
        if history.faults().next().is_some() || hosts.iter().any(is_emptied) {
            first(&mut controllers, ControllerName::TaintEviction);
            first(&mut controllers, ControllerName::NodeLifecycle);
        }
        // At any time: places do not depend on the moment.
        let is_tainted = |version: &Version| match history.record(version.record).map(|record| &record.fact) {
            Some(Fact::Object { object: Object::Node(node), .. }) => !node.spec.taints.is_empty(),
            _ => false,
        };
        let has_taint = || history.objects(Kind::Node).flatten().any(is_tainted);
        let has_notes = hosts.len() <= MOST_PANELS && (history.faults().next().is_some() || has_taint());
        Self { hosts, waiting, queued, controllers, containers, has_requests, has_notes }
    }
    /// Whether somebody is not heard now: of a node whose kubelet stands still only that.
    pub(super) fn is_silent(&self, who: Who) -> bool {
        let why = |id| self.host(id).and_then(|host| host.silence).map(|silence| silence.why);
        match who {
            Who::Kubelet(id) => why(id).is_some(),
            Who::Proxy(id) => matches!(why(id), Some(Unheard::Cut | Unheard::Power)),
            _ => false,
        }
    }
    pub(super) fn host(&self, id: NodeId) -> Option<&Host<'a>> {
        self.hosts.get(usize::from(id.0))
    }
}

/// How many of these wait for the scheduler. It never takes a Pod that names its node, and knows of none whose watch is still under
/// way to it.
fn queued(stage: &Stage, waiting: &[There]) -> usize {
    let told = stage.view.messages().filter(|flight| flight.message.to == Actor::Scheduler);
    let unheard: Vec<&ObjectKey> = told
        .filter_map(|flight| match &flight.message.kind {
            MessageKind::Watch(Change::Added, key) if key.kind == Kind::Pod => Some(&**key),
            _ => None,
        })
        .collect();
    let is_queued = |there: &&There| {
        let meta = &there.pod.metadata;
        let is_its = matches!(&*there.pod.spec.scheduler_name, "" | "default-scheduler");
        let is_heard = unheard.iter().all(|key| key.name != meta.name || key.namespace != meta.namespace);
        there.pod.spec.node_name.is_empty() && is_pod_active(there.pod) && is_its && is_heard
    };
    waiting.iter().filter(is_queued).count()
}

fn first(controllers: &mut Vec<ControllerName>, name: ControllerName) {
    controllers.retain(|other| *other != name);
    controllers.insert(0, name);
}

/// Whether a taint drives Pods away from it.
fn is_emptied(host: &Host) -> bool {
    host.node.is_some_and(|node| node.spec.taints.iter().any(|taint| &*taint.effect == "NoExecute"))
}

/// Counts how many Pods each node has at most at one time in the chapter, and how many containers one has at most: places
/// depend on that, so that they stay as they are.
fn count_most(stage: &Stage, places: &BTreeMap<&str, usize>, hosts: &mut [Host]) -> usize {
    let history = stage.view.history();
    let [from, to] = stage.chapter();
    let mut changes: Vec<Vec<(SimTime, i32)>> = vec![Vec::new(); hosts.len()];
    let mut containers = 1;
    for versions in history.objects(Kind::Pod) {
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else { continue };
        let Some(Fact::Object { change, object: Object::Pod(pod) }) =
            history.record(last.record).map(|record| &record.fact)
        else {
            continue;
        };
        let until = if *change == Change::Deleted { last.time } else { SimTime::NEVER };
        let Some(place) = places.get(&*pod.spec.node_name).filter(|_| first.time <= to && until > from)
        else {
            continue;
        };
        containers = containers.max(pod.spec.containers.len());
        changes[*place].push((first.time.max(from), 1));
        changes[*place].push((until, -1));
    }
    for (host, mut changes) in hosts.iter_mut().zip(changes) {
        changes.sort_unstable();
        let (mut now, mut most) = (0, 0);
        for (_, by) in changes {
            now += by;
            most = most.max(now);
        }
        host.most = usize::try_from(most).unwrap_or(0).max(host.pods.len());
    }
    containers
}
