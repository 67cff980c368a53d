//! Who did what a recording shows: told by what changed, and by the Events that controllers write. Where that does not tell it,
//! it was somebody outside of the cluster.

use super::times::created;
use super::{WatchEvent, controller, items, text};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, Change, ControllerName, NodeId};
use crate::cluster::time::{SECOND, WallClock};
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// What is known of who acts.
#[derive(Debug)]
pub(super) struct Actors {
    nodes: Vec<Str>,
    /// What the clocks showed at the beginning.
    wall: WallClock,
    /// The Pods of which an Event says that a controller has deleted them, by Namespace and name.
    deleted: BTreeMap<(String, String), ControllerName>,
}

/// The controller that an Event's writer is.
fn named(component: &str) -> Option<ControllerName> {
    ControllerName::ALL.iter().copied().find(|name| name.as_str() == component).or(match component {
        "taint-eviction-controller" => Some(ControllerName::TaintEviction),
        "job-controller" => Some(ControllerName::Job),
        _ => None,
    })
}

/// The controller that makes what a kind owns.
fn maker(kind: &str) -> Option<ControllerName> {
    Some(match kind {
        "Deployment" => ControllerName::Deployment,
        "ReplicaSet" => ControllerName::ReplicaSet,
        "ReplicationController" => ControllerName::ReplicationController,
        "StatefulSet" => ControllerName::StatefulSet,
        "DaemonSet" => ControllerName::DaemonSet,
        "Job" => ControllerName::Job,
        "CronJob" => ControllerName::CronJob,
        "Service" => ControllerName::EndpointSlice,
        _ => return None,
    })
}

/// The controller that writes the status of a kind.
fn keeper(kind: Kind) -> Option<ControllerName> {
    Some(match kind {
        Kind::Namespace => ControllerName::Namespace,
        Kind::EndpointSlice => ControllerName::EndpointSlice,
        Kind::Endpoints => ControllerName::Endpoints,
        Kind::PersistentVolume | Kind::PersistentVolumeClaim => ControllerName::PersistentVolumeBinder,
        Kind::PodDisruptionBudget => ControllerName::Disruption,
        Kind::ResourceQuota => ControllerName::ResourceQuota,
        Kind::HorizontalPodAutoscaler => ControllerName::HorizontalPodAutoscaler,
        _ => return maker(kind.info().name),
    })
}

fn at<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    object.at(path).and_then(Value::as_str).unwrap_or_default()
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = object.at(&["status", "conditions"])?.as_array()?;
    conditions.iter().find(|condition| text(condition, "type") == kind)
}

fn is_condition(object: &Value, kind: &str, status: &str) -> bool {
    condition(object, kind).is_some_and(|condition| text(condition, "status") == status)
}

/// Whether a part of an object differs.
fn differs(old: &Value, new: &Value, path: &[&str]) -> bool {
    old.at(path) != new.at(path)
}

impl Actors {
    pub(super) fn new(watch: &[WatchEvent], nodes: Vec<Str>, wall: WallClock) -> Self {
        let mut actors = Self { nodes, wall, deleted: BTreeMap::new() };
        watch.iter().for_each(|event| actors.hear(event));
        actors
    }
    /// Hears of a Pod that a controller has deleted: that is told by an Event.
    pub(super) fn hear(&mut self, event: &WatchEvent) {
        if event.resource != "events" {
            return;
        }
        let note = &event.object;
        let namespace = at(note, &["involvedObject", "namespace"]).to_owned();
        let writer = [at(note, &["source", "component"]), text(note, "reportingComponent")];
        let Some(writer) = writer.into_iter().find_map(named) else { return };
        // `Deleted pod: web-749df4ccc5-2dqz9`, or about the Pod itself.
        let pod = match text(note, "reason") {
            "SuccessfulDelete" => text(note, "message").rsplit([' ', ':']).next(),
            "TaintManagerEviction" => Some(at(note, &["involvedObject", "name"])),
            _ => None,
        };
        if let Some(pod) = pod {
            self.deleted.insert((namespace, pod.to_owned()), writer);
        }
    }
    /// A node has come.
    pub(super) fn add_node(&mut self, node: Str) {
        self.nodes.push(node);
    }
    /// How old an object is when it is seen, in seconds.
    pub(super) fn age(&self, event: &WatchEvent) -> Option<f64> {
        let seen = self.wall.start_unix_micros as f64 / SECOND as f64 + event.t;
        Some(seen - created(&event.object)? as f64 / SECOND as f64)
    }
    fn kubelet(&self, node: &str) -> Actor {
        let place = self.nodes.iter().position(|known| **known == *node);
        place.map_or(Actor::ApiServer, |place| {
            Actor::Kubelet(NodeId(u16::try_from(place).unwrap_or(u16::MAX)))
        })
    }
    /// Who made a change. What was there before anybody looked was made by nobody who is known: that is etcd's.
    pub(super) fn who(
        &self,
        change: Change,
        was_there: bool,
        new: &Value,
        old: Option<&Value>,
        known: &BTreeMap<ObjectKey, Value>,
    ) -> Actor {
        let Some(kind) = Kind::of(text(new, "apiVersion"), text(new, "kind")) else { return Actor::Person };
        let by = |name: Option<ControllerName>| name.map_or(Actor::Person, Actor::Controller);
        match (change, old) {
            (Change::Added, _) if was_there => Actor::Etcd,
            _ if kind == Kind::Event => Actor::ApiServer,
            (Change::Added, _) => by(self.maker(kind, new)),
            (Change::Deleted, _) => self.remover(kind, new, known),
            (Change::Modified, Some(old)) => self.changer(kind, old, new, known),
            (Change::Modified, None) => Actor::Person,
        }
    }
    fn maker(&self, kind: Kind, new: &Value) -> Option<ControllerName> {
        match (kind, at(new, &["metadata", "name"])) {
            (Kind::EndpointSlice | Kind::Endpoints, _) => keeper(kind),
            (Kind::ServiceAccount, "default") => Some(ControllerName::ServiceAccount),
            (Kind::ConfigMap, "kube-root-ca.crt") => Some(ControllerName::RootCa),
            _ => controller(new).and_then(|(owner, _)| maker(owner)),
        }
    }
    /// Whether the owner of an object is gone.
    fn is_orphan(&self, new: &Value, known: &BTreeMap<ObjectKey, Value>) -> bool {
        let Some((owner, name)) = controller(new) else { return false };
        let namespace = at(new, &["metadata", "namespace"]);
        let Some(kind) = Kind::named(owner) else { return false };
        let is_seen =
            known.range(ObjectKey::new(kind, "", "")..).next().is_some_and(|(key, _)| key.kind == kind);
        let owner = known.get(&ObjectKey::new(kind, namespace, name));
        is_seen && owner.is_none_or(|owner| !at(owner, &["metadata", "deletionTimestamp"]).is_empty())
    }
    fn remover(&self, kind: Kind, new: &Value, known: &BTreeMap<ObjectKey, Value>) -> Actor {
        match kind {
            Kind::Pod if !at(new, &["spec", "nodeName"]).is_empty() => {
                self.kubelet(at(new, &["spec", "nodeName"]))
            }
            _ if self.is_orphan(new, known) => Actor::Controller(ControllerName::GarbageCollector),
            Kind::Namespace => Actor::Controller(ControllerName::Namespace),
            Kind::EndpointSlice | Kind::Endpoints => keeper(kind).map_or(Actor::Person, Actor::Controller),
            _ => controller(new).and_then(|(owner, _)| maker(owner)).map_or(Actor::Person, Actor::Controller),
        }
    }
    fn changer(&self, kind: Kind, old: &Value, new: &Value, known: &BTreeMap<ObjectKey, Value>) -> Actor {
        let is_terminating = |object: &Value| !at(object, &["metadata", "deletionTimestamp"]).is_empty();
        if is_terminating(new) && !is_terminating(old) {
            return self.deleter(new, known);
        }
        match kind {
            Kind::Pod => self.pod_changer(old, new, known),
            Kind::Node => {
                let unheard = |object: &Value| is_condition(object, "Ready", "Unknown");
                if differs(old, new, &["spec", "unschedulable"]) {
                    Actor::Person
                } else if differs(old, new, &["spec", "taints"]) || unheard(new) && !unheard(old) {
                    Actor::Controller(ControllerName::NodeLifecycle)
                } else {
                    self.kubelet(at(new, &["metadata", "name"]))
                }
            }
            _ => {
                let is_owned = controller(new).is_some();
                let is_changed = differs(old, new, &["metadata", "generation"])
                    || old.at(&["metadata", "generation"]).is_none() && differs(old, new, &["spec"])
                    || differs(old, new, &["metadata", "labels"])
                    || ["data", "binaryData", "stringData"].iter().any(|part| differs(old, new, &[part]));
                match (is_changed, is_owned) {
                    (true, true) => controller(new)
                        .and_then(|(owner, _)| maker(owner))
                        .map_or(Actor::Person, Actor::Controller),
                    // A claim's volume and the like are written into the spec by its controller.
                    (true, false)
                        if !matches!(
                            kind,
                            Kind::PersistentVolume
                                | Kind::PersistentVolumeClaim
                                | Kind::EndpointSlice
                                | Kind::Endpoints
                        ) =>
                    {
                        Actor::Person
                    }
                    _ => keeper(kind).map_or(Actor::ApiServer, Actor::Controller),
                }
            }
        }
    }
    /// Who asks for a deletion.
    fn deleter(&self, new: &Value, known: &BTreeMap<ObjectKey, Value>) -> Actor {
        let name = |key| at(new, &["metadata", key]).to_owned();
        if let Some(controller) = self.deleted.get(&(name("namespace"), name("name"))) {
            return Actor::Controller(*controller);
        }
        if self.is_orphan(new, known) {
            Actor::Controller(ControllerName::GarbageCollector)
        } else {
            Actor::Person
        }
    }
    fn pod_changer(&self, old: &Value, new: &Value, known: &BTreeMap<ObjectKey, Value>) -> Actor {
        let node = at(new, &["spec", "nodeName"]);
        let unschedulable = |object: &Value| is_condition(object, "PodScheduled", "False");
        let is_unheard = || {
            let key = ObjectKey::new(Kind::Node, "", node);
            let is_unready = is_condition(old, "Ready", "True") && is_condition(new, "Ready", "False");
            is_unready
                && !differs(old, new, &["status", "containerStatuses"])
                && known.get(&key).is_none_or(|node| is_condition(node, "Ready", "Unknown"))
        };
        if at(old, &["spec", "nodeName"]).is_empty() && !node.is_empty()
            || unschedulable(new) && !unschedulable(old)
        {
            Actor::Scheduler
        } else if differs(old, new, &["metadata", "ownerReferences"]) {
            let owner = [new, old].into_iter().find_map(controller).and_then(|(owner, _)| maker(owner));
            owner.map_or(Actor::Person, Actor::Controller)
        } else if items(&old.get("metadata").cloned().unwrap_or_default(), "finalizers").len()
            != items(&new.get("metadata").cloned().unwrap_or_default(), "finalizers").len()
        {
            controller(new).and_then(|(owner, _)| maker(owner)).map_or(Actor::Person, Actor::Controller)
        } else if differs(old, new, &["metadata", "labels"]) || differs(old, new, &["spec"]) {
            Actor::Person
        } else if is_unheard() {
            Actor::Controller(ControllerName::NodeLifecycle)
        } else {
            self.kubelet(node)
        }
    }
}
