//! The state at one time, looked up in the records and never copied.

use super::history::{History, Version, is_applied};
use super::row::RowKey;
use crate::api::objects::{EndpointSlice, Event, Pod, Simulated};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::proxy::ServiceRules;
use crate::cluster::record::{Change, ClientId, Decision, Fact, HookKind, Message, NodeId, Record, RecordId};
use crate::cluster::runtime::{ContainerId, ContainerRow, ProcessRow, SandboxId, SandboxRow};
use crate::cluster::time::{Micros, SimTime};
use crate::cluster::traffic::RequestRow;
use crate::value::Str;
use std::rc::Rc;

/// The state at a time. What happened at that very moment has happened.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    history: &'a History,
    at: SimTime,
}

/// A message under way.
#[derive(Clone, Copy, Debug)]
pub struct InFlight<'a> {
    /// Its record: who sent it when, and why.
    pub record: &'a Record,
    /// What it is, to whom, and when it arrives.
    pub message: &'a Message,
}

/// A command as far as it has come.
#[derive(Clone, Copy, Debug)]
pub struct CommandView<'a> {
    /// Its number.
    pub client: ClientId,
    /// As typed.
    pub line: &'a Str,
    /// When it began.
    pub began: SimTime,
    /// When it ended and with which exit code; none while it runs.
    pub ended: Option<(SimTime, i32)>,
    history: &'a History,
    versions: &'a [Version],
}

impl<'a> CommandView<'a> {
    /// What it has printed so far, piece by piece: true for standard error.
    pub fn printed(&self) -> impl Iterator<Item = (bool, &'a Str)> + use<'a> {
        let history = self.history;
        self.versions.iter().filter_map(move |version| match &history.record(version.record)?.fact {
            Fact::CommandPrints(_, is_error, text) => Some((*is_error, text)),
            _ => None,
        })
    }
    /// Whether it has printed at more than one moment, as what watches and follows does.
    pub fn streams(&self) -> bool {
        let prints = |version: &&Version| {
            let record = self.history.record(version.record);
            record.is_some_and(|record| matches!(record.fact, Fact::CommandPrints(..)))
        };
        let mut times = self.versions.iter().filter(prints).map(|version| version.time);
        let first = times.next();
        times.any(|time| Some(time) != first)
    }
}

impl<'a> View<'a> {
    pub(super) fn new(history: &'a History, at: SimTime) -> Self {
        Self { history, at }
    }
    /// The time.
    pub fn at(&self) -> SimTime {
        self.at
    }
    /// The whole record.
    pub fn history(&self) -> &'a History {
        self.history
    }
    fn latest(&self, versions: &'a [Version]) -> Option<&'a Record> {
        let place = versions.partition_point(|version| version.time <= self.at).checked_sub(1)?;
        self.history.record(versions.get(place)?.record)
    }
    /// The record that gave a row the state that it has; none before the row's first.
    pub fn row(&self, key: &RowKey) -> Option<&'a Record> {
        self.latest(self.history.versions(key))
    }
    /// The versions that a row has had until now.
    pub fn versions(&self, key: &RowKey) -> &'a [Version] {
        let versions = self.history.versions(key);
        &versions[..versions.partition_point(|version| version.time <= self.at)]
    }
    /// How long ago a row got the state that it has.
    pub fn age(&self, key: &RowKey) -> Option<Micros> {
        Some(self.at.since(self.row(key)?.time))
    }

    /// An object that is there.
    pub fn object(&self, key: &ObjectKey) -> Option<&'a Object> {
        present(self.row(&RowKey::Object(key.clone()))?)
    }
    /// A typed object that is there. Kinds of the whole cluster have an empty Namespace.
    pub fn get<T: Simulated>(&self, namespace: &str, name: &str) -> Option<&'a Rc<T>> {
        self.object(&ObjectKey::new(T::KIND, namespace, name))?.get::<T>()
    }
    /// An object that is there or was.
    pub fn last_known(&self, key: &ObjectKey) -> Option<(&'a Object, Change)> {
        match &self.row(&RowKey::Object(key.clone()))?.fact {
            Fact::Object { object, change } => Some((object, *change)),
            _ => None,
        }
    }
    /// The objects of a kind, in all Namespaces or in one, in the order of their keys.
    pub fn objects(&self, kind: Kind, namespace: Option<&str>) -> impl Iterator<Item = &'a Object> + use<'a> {
        let view = *self;
        let namespace: Option<Str> = namespace.map(Str::from);
        let from = ObjectKey { kind, namespace: namespace.clone().unwrap_or_default(), name: Str::default() };
        self.history
            .rows_from(RowKey::Object(from))
            .take_while(move |(key, _)| {
                key.object().is_some_and(|key| {
                    key.kind == kind && namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
                })
            })
            .filter_map(move |(_, versions)| present(view.latest(versions)?))
    }
    /// The typed objects of a kind in all Namespaces, in the order of their keys.
    pub fn all<T: Simulated + 'a>(&self) -> impl Iterator<Item = &'a Rc<T>> + use<'a, T> {
        self.objects(T::KIND, None).filter_map(Object::get::<T>)
    }
    /// The objects that name an owner with this uid, in the order of their keys.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let (view, uid) = (*self, Str::from(uid));
        let owned = self.history.owned_by(&uid).into_iter().flatten();
        owned
            .filter_map(move |key| view.object(key))
            .filter(move |object| object.meta().owner_references.iter().any(|owner| owner.uid == uid))
    }
    /// The objects that are there and were applied, in the order of their keys.
    pub fn applied(&self) -> impl Iterator<Item = &'a Object> + use<'a> {
        let view = *self;
        let known = self.history.applied().iter();
        known.filter_map(move |key| view.object(key)).filter(|object| is_applied(object))
    }
    /// The EndpointSlices of a Service.
    pub fn slices_of(
        &self,
        namespace: &str,
        service: &str,
    ) -> impl Iterator<Item = &'a Rc<EndpointSlice>> + use<'a> {
        let service = Str::from(service);
        self.objects(Kind::EndpointSlice, Some(namespace))
            .filter_map(Object::get::<EndpointSlice>)
            .filter(move |slice| slice.metadata.labels.get("kubernetes.io/service-name") == Some(&service))
    }
    /// The Events about an object, in the order in which they were written last.
    pub fn events_about(&self, object: &Object) -> Vec<&'a Rc<Event>> {
        let meta = object.meta();
        let namespace = if meta.namespace.is_empty() { "default" } else { &*meta.namespace };
        let keys = self.history.events_about(&meta.name).iter();
        let mut events: Vec<_> = keys
            .filter(|key| *key.namespace == *namespace)
            .filter_map(|key| self.object(key)?.get::<Event>())
            .filter(|event| {
                let about = &event.involved_object;
                about.name == meta.name
                    && *about.kind == *object.kind().info().name
                    && (about.uid == meta.uid || object.kind() == Kind::Node)
            })
            .collect();
        let revision = |event: &&Rc<Event>| event.metadata.resource_version.parse::<u64>().unwrap_or(0);
        events.sort_by_key(revision);
        events
    }

    /// A node's name.
    pub fn node_name(&self, node: NodeId) -> &'a str {
        self.history.nodes().get(usize::from(node.0)).map_or("", |name| name)
    }
    /// The node of a name.
    pub fn node(&self, name: &str) -> Option<NodeId> {
        self.history.nodes().iter().position(|node| **node == *name).map(|place| NodeId(place as u16))
    }
    /// A sandbox that is there.
    pub fn sandbox(&self, id: SandboxId) -> Option<&'a Rc<SandboxRow>> {
        match &self.row(&RowKey::Sandbox(id))?.fact {
            Fact::Sandbox(_, row) => row.as_ref(),
            _ => None,
        }
    }
    /// The sandboxes that a Pod has, in the order in which they were made.
    pub fn sandboxes_of(&self, pod: &Pod) -> impl Iterator<Item = (SandboxId, &'a Rc<SandboxRow>)> + use<'a> {
        let view = *self;
        self.history
            .sandboxes_of(&pod.metadata.uid)
            .iter()
            .filter_map(move |id| Some((*id, view.sandbox(*id)?)))
    }
    /// A container that is there.
    pub fn container(&self, id: ContainerId) -> Option<&'a Rc<ContainerRow>> {
        match &self.row(&RowKey::Container(id))?.fact {
            Fact::Container(_, row) => row.as_ref(),
            _ => None,
        }
    }
    /// The containers in a sandbox, in the order in which they were made.
    pub fn containers_in(
        &self,
        sandbox: SandboxId,
    ) -> impl Iterator<Item = (ContainerId, &'a Rc<ContainerRow>)> + use<'a> {
        let view = *self;
        self.history.containers_of(sandbox).iter().filter_map(move |id| Some((*id, view.container(*id)?)))
    }
    /// A process that runs.
    pub fn process(&self, node: NodeId, pid: u32) -> Option<&'a Rc<ProcessRow>> {
        match &self.row(&RowKey::Process(node, pid))?.fact {
            Fact::Process(_, _, row) => row.as_ref(),
            _ => None,
        }
    }
    /// The processes in a sandbox with the node's pids, in the order in which they began.
    pub fn processes_in(
        &self,
        sandbox: SandboxId,
    ) -> impl Iterator<Item = (u32, &'a Rc<ProcessRow>)> + use<'a> {
        let view = *self;
        self.history
            .processes_of(sandbox)
            .iter()
            .filter_map(move |(node, pid)| Some((*pid, view.process(*node, *pid)?)))
    }
    /// The signals that have reached a container, each with its time.
    pub fn signals(&self, id: ContainerId) -> impl Iterator<Item = (SimTime, &'static str)> + use<'a> {
        let history = self.history;
        self.versions(&RowKey::Signals(id)).iter().filter_map(move |version| {
            match &history.record(version.record)?.fact {
                Fact::Signal(_, signal) => Some((version.time, *signal)),
                _ => None,
            }
        })
    }
    /// A hook: since when, and its exit code once it has ended.
    pub fn hook(&self, id: ContainerId, kind: HookKind) -> Option<(SimTime, Option<i32>)> {
        match &self.row(&RowKey::Hook(id, kind))?.fact {
            Fact::Hook(_, _, exit) => Some((self.row(&RowKey::Hook(id, kind))?.time, *exit)),
            _ => None,
        }
    }
    /// Whether a node pulls an image now.
    pub fn pulls(&self, node: NodeId, image: &str) -> bool {
        let record = self.row(&RowKey::Pull(node, image.into()));
        record.is_some_and(|record| matches!(record.fact, Fact::Pull(_, _, true)))
    }
    /// A Service's rules on a node.
    pub fn rules(&self, node: NodeId, service: &ObjectKey) -> Option<&'a Rc<ServiceRules>> {
        match &self.row(&RowKey::Rules(node, service.clone()))?.fact {
            Fact::Rules(_, _, rules) => rules.as_ref(),
            _ => None,
        }
    }
    /// The messages under way; the newest comes first.
    pub fn messages(&self) -> impl Iterator<Item = InFlight<'a>> + use<'a> {
        let history = self.history;
        history.messages().under_way(self.at).filter_map(move |id: RecordId| {
            let record = history.record(id)?;
            match &record.fact {
                Fact::Message(message) => Some(InFlight { record, message }),
                _ => None,
            }
        })
    }
    /// The decisions that were made, each with its record; the newest comes first.
    pub fn decisions(&self) -> impl Iterator<Item = (&'a Record, &'a Decision)> + use<'a> {
        let history = self.history;
        history.decisions(self.at).iter().rev().filter_map(move |id| {
            let record = history.record(*id)?;
            match &record.fact {
                Fact::Decision(decision) => Some((record, &**decision)),
                _ => None,
            }
        })
    }
    /// A request to a Service, as it is now.
    pub fn request(&self, number: u32) -> Option<&'a Rc<RequestRow>> {
        match &self.row(&RowKey::Request(number))?.fact {
            Fact::Request(_, row) => Some(row),
            _ => None,
        }
    }
    /// The requests under way; the newest comes first.
    pub fn requests(&self) -> impl Iterator<Item = (u32, &'a Rc<RequestRow>)> + use<'a> {
        let view = *self;
        self.history
            .requests()
            .under_way(self.at)
            .filter_map(move |number| Some((number, view.request(number)?)))
    }
    /// The requests that were sent within the last `span`, ended or not; the newest comes first.
    pub fn requests_within(&self, span: Micros) -> impl Iterator<Item = (u32, &'a Rc<RequestRow>)> + use<'a> {
        let view = *self;
        let since = SimTime(self.at.0.saturating_sub(span));
        self.history
            .requests()
            .begun_within(since, self.at)
            .filter_map(move |number| Some((number, view.request(number)?)))
    }
    /// A command that has begun.
    pub fn command(&self, client: ClientId) -> Option<CommandView<'a>> {
        self.command_of(client, self.versions(&RowKey::Command(client)))
    }
    fn command_of(&self, client: ClientId, versions: &'a [Version]) -> Option<CommandView<'a>> {
        let first = self.history.record(versions.first()?.record)?;
        let Fact::CommandBegins(_, line) = &first.fact else { return None };
        let last = self.history.record(versions.last()?.record)?;
        let ended = match last.fact {
            Fact::CommandEnds(_, code) => Some((last.time, code)),
            _ => None,
        };
        Some(CommandView { client, line, began: first.time, ended, history: self.history, versions })
    }
    /// The commands that have begun, in order.
    pub fn commands(&self) -> impl Iterator<Item = CommandView<'a>> + use<'a> {
        let view = *self;
        self.history.rows_from(RowKey::Command(ClientId(0))).filter_map(move |(key, versions)| match key {
            RowKey::Command(client) => {
                let until = versions.partition_point(|version| version.time <= view.at);
                view.command_of(*client, &versions[..until])
            }
            _ => None,
        })
    }
}

/// The object of a record that leaves one.
fn present(record: &Record) -> Option<&Object> {
    match &record.fact {
        Fact::Object { change: Change::Added | Change::Modified, object } => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::timeline::{Act, Start, Timeline};

    /// The controllers of StatefulSets and DaemonSets copy the note into their ControllerRevisions; these, Pods, claims and
    /// EndpointSlices were never in a text.
    #[test]
    fn what_a_controller_makes_was_not_applied() {
        let text = "
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: 'nginx:1.27'}]}}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: c, image: 'nginx:1.27'}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: 'nginx:1.27'}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '* * * * *'
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'nginx:1.27'}]}}}
";
        let (setup, files) = (Setup::with_seed(1), [("app.yaml".into(), text.into())].into());
        let mut timeline = Timeline::new(Start { setup, namespace: "default".into(), files });
        timeline.act(SimTime::ZERO, Act::Command("kubectl apply -f app.yaml".into()));
        while timeline.record(SimTime::millis(90_000), 5_000) {}
        let view = timeline.at(SimTime::millis(90_000));
        for kind in [Kind::ControllerRevision, Kind::EndpointSlice, Kind::PersistentVolumeClaim, Kind::Job] {
            assert!(view.objects(kind, None).next().is_some(), "{kind:?}");
        }
        let found: Vec<String> =
            view.applied().map(|object| format!("{:?} {}", object.kind(), object.meta().name)).collect();
        assert_eq!(
            found,
            ["Service db", "DaemonSet agent", "Deployment web", "StatefulSet db", "CronJob tick"]
        );
    }
}
