//! What happened in a deletion: everything that the records say, from what took effect back to the request.

use super::super::silence::{self, Silence};
use super::begun::Begun;
use crate::api::labels::Selector;
use crate::api::objects::{EndpointSlice, PodPhase, Service};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, HookKind, Message, MessageKind, NodeId, Record, RecordId};
use crate::cluster::runtime::{ContainerId, ContainerPhase};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::timeline::{History, RowKey, Version, View};
use crate::value::Str;
use std::collections::BTreeSet;

/// The label of an EndpointSlice that names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Who is on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Who asked for the deletion.
    Requester,
    ApiServer,
    Etcd,
    /// The EndpointSlice controller.
    Slices,
    Proxy(NodeId),
    /// The kubelet of the Pod's node.
    Kubelet,
    /// The first process of a container, by its place in [`Facts::containers`].
    Container(usize),
    Pause,
    Requests,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// The request that begins it.
    Delete,
    /// A change of the Pod, told to a watcher.
    WatchPod(Change),
    /// A change of an EndpointSlice, told to a watcher.
    WatchSlice,
    /// The controller writes what an EndpointSlice says of the Pod.
    Slice,
    /// The kubelet writes the Pod's status; the phase where that is new.
    Status(Option<PodPhase>),
    /// The kubelet's last request.
    LastDelete,
    /// Somebody takes the finalizers away.
    Release,
}

/// A message of this deletion.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) id: RecordId,
    pub(super) from: Who,
    pub(super) to: Who,
    pub(super) at: SimTime,
    pub(super) arrives: SimTime,
    pub(super) what: What,
    /// The object that it is about.
    pub(super) about: ObjectKey,
}

/// What an EndpointSlice says of the Pod from a time on.
#[derive(Clone, Debug)]
pub(super) struct SliceChange {
    pub(super) record: RecordId,
    /// The request that wrote it.
    pub(super) request: Option<RecordId>,
    pub(super) time: SimTime,
    /// The conditions ready, serving and terminating before.
    pub(super) was: [bool; 3],
    /// The same now; none once the endpoint is out.
    pub(super) conditions: Option<[bool; 3]>,
    /// Whether another endpoint of the Service is ready then.
    pub(super) others_ready: bool,
    pub(super) slice: ObjectKey,
    pub(super) service: ObjectKey,
}

impl SliceChange {
    /// Whether rules are to be without the Pod from here on. With no other endpoint ready they keep the one that
    /// ends, as long as it serves.
    pub(super) fn takes_out(&self) -> bool {
        self.others_ready || self.conditions.is_none_or(|[_, serving, _]| !serving)
    }
}

/// A kube-proxy takes the Pod out of its rules.
#[derive(Clone, Debug)]
pub(super) struct RulesChange {
    pub(super) record: RecordId,
    pub(super) node: NodeId,
    pub(super) service: ObjectKey,
    /// When it heard what it then wrote.
    pub(super) heard: SimTime,
    /// When the new rules stand.
    pub(super) done: SimTime,
    /// The address that they are without.
    pub(super) ip: Str,
}

/// A container's end.
#[derive(Clone, Debug)]
pub(super) struct ContainerEnd {
    pub(super) id: ContainerId,
    pub(super) name: Str,
    /// Since when its first process runs.
    pub(super) since: SimTime,
    /// Its preStop hook: from when, until when, with which exit code.
    pub(super) hook: Option<(SimTime, Option<(SimTime, i32)>)>,
    /// The signals that reach it.
    pub(super) signals: Vec<(RecordId, SimTime, &'static str)>,
    /// When it ended and with which exit code.
    pub(super) ended: Option<(SimTime, i32)>,
}

/// A program that ends within this after its signal ends at once.
pub(super) const AT_ONCE: Micros = SECOND / 2;

impl ContainerEnd {
    /// The first signal that asks it to end, not one that kills it.
    pub(super) fn asked(&self) -> Option<(SimTime, &'static str)> {
        self.signals.iter().map(|&(_, time, signal)| (time, signal)).find(|(_, signal)| *signal != "SIGKILL")
    }
    pub(super) fn killed(&self) -> Option<SimTime> {
        self.signals.iter().find(|(_, _, signal)| *signal == "SIGKILL").map(|(_, time, _)| *time)
    }
    /// Until when its hook runs, as far as that matters: its end, or the signal that does not wait for it.
    pub(super) fn hook_until(&self) -> Option<SimTime> {
        let (_, end) = self.hook?;
        let first_signal = self.signals.first().map(|(_, time, _)| *time);
        end.map(|(end, _)| end).into_iter().chain(first_signal).min()
    }
    /// Until when its hook holds the signal back: one that follows at once follows it without a gap.
    pub(super) fn hook_holds_until(&self) -> Option<SimTime> {
        let until = self.hook_until()?;
        let signal = self.signals.first().map(|(_, time, _)| *time);
        signal.filter(|signal| signal.since(until) <= AT_ONCE).or(Some(until))
    }
}

/// A deletion.
#[derive(Clone, Debug)]
pub(super) struct Facts<'a> {
    pub(super) begun: Begun<'a>,
    pub(super) pod: ObjectKey,
    pub(super) node: Option<NodeId>,
    /// The grace period that was given.
    pub(super) grace: Micros,
    pub(super) messages: Vec<Sent>,
    pub(super) slices: Vec<SliceChange>,
    pub(super) rules: Vec<RulesChange>,
    /// The kube-proxies that have rules for a Service of the Pod.
    pub(super) proxies: Vec<NodeId>,
    pub(super) containers: Vec<ContainerEnd>,
    /// Since when the Pod has its sandbox, and until when `pause` runs.
    pub(super) pause: Option<(SimTime, Option<SimTime>)>,
    /// The finalizers that hold the object once all else has ended.
    pub(super) finalizers: Vec<Str>,
    /// The silence of the node in which it was told that the Pod is to end.
    pub(super) silence: Option<Silence>,
    /// When the Pod is gone from etcd.
    pub(super) gone: Option<SimTime>,
    /// When the last of all that is over, or what is recorded.
    pub(super) end: SimTime,
}

impl<'a> Facts<'a> {
    pub(super) fn new(view: View<'a>, begun: Begun<'a>) -> Self {
        let history = view.history();
        let pod = begun.key();
        let node = view.node(&begun.pod.spec.node_name).filter(|_| !begun.pod.spec.node_name.is_empty());
        let seconds = begun.pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
        let mut facts = Self {
            begun,
            pod,
            node,
            grace: u64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND),
            messages: Vec::new(),
            slices: Vec::new(),
            rules: Vec::new(),
            proxies: Vec::new(),
            containers: Vec::new(),
            pause: None,
            finalizers: begun.pod.metadata.finalizers.clone(),
            silence: None,
            gone: None,
            end: SimTime::ZERO,
        };
        let mut effects = facts.pod_versions(history);
        effects.extend(facts.slice_versions(history));
        effects.extend(facts.rules_written(history));
        effects.extend(facts.node_side(history));
        facts.collect_messages(history, &effects);
        facts.silence = facts.silenced(view);
        facts.end = facts.last(history);
        facts
    }
    fn since(&self) -> SimTime {
        self.begun.record.time
    }
    fn silenced(&self, view: View) -> Option<Silence> {
        // A node without power, and one that nothing reaches, are sent no message at all.
        let told = self.messages.iter().find(|sent| sent.to == Who::Kubelet);
        let is_missed = |silence: &Silence| {
            silence.holds(self.since()) || told.is_some_and(|told| silence.holds(told.arrives))
        };
        silence::of(view, self.node?).into_iter().find(is_missed)
    }
    /// When the kubelet hears that the Pod is to end; none where that is not recorded.
    pub(super) fn kubelet_heard(&self) -> Option<SimTime> {
        match self.silence {
            Some(silence) => Some(silence.until).filter(|until| *until != SimTime::NEVER),
            None => self.messages.iter().find(|sent| sent.to == Who::Kubelet).map(|sent| sent.arrives),
        }
    }
    /// Whether a message does not get there: its node is silent.
    pub(super) fn is_unheard(&self, sent: &Sent) -> bool {
        sent.to == Who::Kubelet && self.silence.is_some_and(|silence| silence.holds(sent.arrives))
    }
    /// From when to when only its finalizers hold the object.
    pub(super) fn held(&self) -> Option<[SimTime; 2]> {
        if self.finalizers.is_empty() {
            return None;
        }
        let last = self.messages.iter().rfind(|sent| sent.what == What::LastDelete)?;
        let held = [last.arrives, self.gone.unwrap_or(self.end)];
        // They may have been taken away before.
        (held[1].since(held[0]) > SECOND / 10).then_some(held)
    }
    /// Where a hook took all of the grace period, the little more that the kubelet gave: from when it no longer waited for the
    /// hook until the container has ended.
    pub(super) fn overrun(&self) -> Option<[SimTime; 2]> {
        let deadline = self.deadline();
        let over = self.containers.iter().filter_map(|container| {
            let (_, end) = container.hook?;
            let (asked, _) = container.asked()?;
            let is_over = asked >= deadline && end.is_none_or(|(end, _)| end >= deadline);
            let ended = container.ended.map_or(self.end, |(ended, _)| ended);
            Some([container.hook_until()?, ended]).filter(|_| is_over)
        });
        over.reduce(|[cut, ended], [other_cut, other_ended]| [cut.min(other_cut), ended.max(other_ended)])
    }
    /// The versions of the Pod until it is gone.
    fn pod_versions(&mut self, history: &History) -> Vec<RecordId> {
        let mut effects = Vec::new();
        for version in history.versions(&RowKey::Object(self.pod.clone())) {
            if version.record < self.begun.record.id || self.gone.is_some() {
                continue;
            }
            effects.push(version.record);
            let fact = history.record(version.record).map(|record| &record.fact);
            if matches!(fact, Some(Fact::Object { change: Change::Deleted, .. })) {
                self.gone = Some(version.time);
            }
        }
        effects
    }
    /// What the EndpointSlices say of the Pod, where that changes.
    fn slice_versions(&mut self, history: &'a History) -> Vec<RecordId> {
        let view = history.at(self.since());
        let until = self.gone.unwrap_or(SimTime::NEVER);
        // A Pod that was still coming up may become an endpoint and then be none any more.
        let labels = &self.begun.pod.metadata.labels;
        let may_come = |slice: &EndpointSlice| {
            let service = slice.metadata.labels.get(SERVICE_NAME).and_then(|name| {
                let key = ObjectKey::new(Kind::Service, slice.metadata.namespace.clone(), name.clone());
                view.object(&key)?.get::<Service>()
            });
            service.is_some_and(|service| {
                let selector = &service.spec.selector;
                !selector.is_empty() && Selector::from_labels(selector).matches(labels)
            })
        };
        let slices: Vec<&EndpointSlice> = view
            .objects(Kind::EndpointSlice, Some(&self.pod.namespace))
            .filter_map(|object| object.get::<EndpointSlice>())
            .map(|slice| &**slice)
            .filter(|slice| conditions(slice, &self.pod).is_some() || may_come(slice))
            .collect();
        let mut effects = Vec::new();
        for slice in slices {
            let Some(service) = slice.metadata.labels.get(SERVICE_NAME) else { continue };
            let namespace = slice.metadata.namespace.clone();
            let key = ObjectKey::new(Kind::EndpointSlice, namespace.clone(), slice.metadata.name.clone());
            let service = ObjectKey::new(Kind::Service, namespace, service.clone());
            let mut known = conditions(slice, &self.pod);
            for version in history.versions(&RowKey::Object(key.clone())) {
                if version.time <= self.since() {
                    continue;
                }
                // What comes after it is gone is another Pod of the same name.
                if version.time > until && known.is_none() {
                    break;
                }
                let now = said_of(history, version, &self.pod);
                if now == known {
                    continue;
                }
                let Some(before) = std::mem::replace(&mut known, now) else { continue };
                effects.push(version.record);
                self.slices.push(SliceChange {
                    record: version.record,
                    request: history.record(version.record).and_then(|record| record.cause),
                    time: version.time,
                    was: before,
                    conditions: now,
                    others_ready: others_ready(history.at(version.time), &service, &self.pod),
                    slice: key.clone(),
                    service: service.clone(),
                });
            }
        }
        self.slices.sort_by_key(|change| change.record);
        effects
    }
    /// The kube-proxies' rules without the Pod.
    fn rules_written(&mut self, history: &History) -> Vec<RecordId> {
        let services: BTreeSet<ObjectKey> = self.slices.iter().map(|slice| slice.service.clone()).collect();
        let mut effects = Vec::new();
        for (node, service) in nodes(history).flat_map(|node| services.iter().map(move |it| (node, it))) {
            let mut address: Option<Str> = None;
            for version in history.versions(&RowKey::Rules(node, service.clone())) {
                let Some(Record { fact: Fact::Rules(_, _, rules), cause, .. }) =
                    history.record(version.record)
                else {
                    continue;
                };
                let endpoints =
                    rules.iter().flat_map(|rules| &rules.ports).flat_map(|port| port.endpoints.iter());
                let is = endpoints.filter(|to| to.pod == self.pod).map(|to| to.ip.clone()).next();
                let was = std::mem::replace(&mut address, is);
                if version.time <= self.since() || address.is_some() {
                    continue;
                }
                let Some(ip) = was else { continue };
                effects.push(version.record);
                let heard = self.heard(history, node, service, *cause, version.time);
                self.rules.push(RulesChange {
                    record: version.record,
                    node,
                    service: service.clone(),
                    heard,
                    done: version.time,
                    ip,
                });
                break;
            }
            if address.is_some() || self.rules.iter().any(|rules| rules.node == node) {
                self.proxies.push(node);
            }
        }
        self.proxies.dedup();
        effects
    }
    /// When a kube-proxy heard first of what made it write: it writes all that it has heard in one go.
    fn heard(
        &self,
        history: &History,
        node: NodeId,
        service: &ObjectKey,
        cause: Option<RecordId>,
        done: SimTime,
    ) -> SimTime {
        let told = |change: &SliceChange| {
            watches_of(history, change.record)
                .find(|(_, message)| message.to == Actor::KubeProxy(node))
                .map(|(_, message)| message.arrives)
        };
        let of_service = self.slices.iter().filter(|change| change.service == *service);
        let first =
            of_service.filter(|change| change.takes_out()).find_map(told).filter(|heard| *heard <= done);
        let of_cause = || match cause.and_then(|cause| history.record(cause)).map(|cause| &cause.fact) {
            Some(Fact::Message(message)) => Some(message.arrives),
            _ => None,
        };
        first.or_else(of_cause).unwrap_or(done).min(done)
    }
    /// Hooks, signals, ends of containers, and the end of `pause`. A Pod that was still coming up gets its sandbox and its containers
    /// later.
    fn node_side(&mut self, history: &History) -> Vec<RecordId> {
        let since = self.since();
        let mut effects = Vec::new();
        for sandbox in history.sandboxes_of(&self.begun.pod.metadata.uid) {
            let mut made = None;
            for version in from(history, &RowKey::Sandbox(*sandbox), since) {
                let is_ready = match history.record(version.record).map(|record| &record.fact) {
                    Some(Fact::Sandbox(_, Some(row))) => row.ready,
                    _ => false,
                };
                match &mut self.pause {
                    _ if made.is_none() && !is_ready => break,
                    _ if made.is_none() => {
                        let first = history.versions(&RowKey::Sandbox(*sandbox)).first();
                        made = Some(first.map_or(since, |first| first.time));
                        self.pause = made.map(|made| (made, None));
                    }
                    Some((_, until)) if !is_ready && until.is_none() => {
                        *until = Some(version.time);
                        effects.push(version.record);
                    }
                    _ => {}
                }
            }
            for id in history.containers_of(*sandbox) {
                let running =
                    from(history, &RowKey::Container(*id), since).find_map(|version| {
                        match &history.record(version.record)?.fact {
                            Fact::Container(_, Some(row)) => match row.state {
                                ContainerPhase::Running { since, .. } => Some((row.name.clone(), since)),
                                _ => None,
                            },
                            _ => None,
                        }
                    });
                if let Some((name, since)) = running {
                    let container = self.container(history, *id, name, since, &mut effects);
                    self.containers.push(container);
                }
            }
        }
        effects
    }
    fn container(
        &self,
        history: &History,
        id: ContainerId,
        name: Str,
        since: SimTime,
        effects: &mut Vec<RecordId>,
    ) -> ContainerEnd {
        let begun = self.since();
        let mut container = ContainerEnd { id, name, since, hook: None, signals: Vec::new(), ended: None };
        for version in after(history, &RowKey::Hook(id, HookKind::PreStop), begun) {
            match (history.record(version.record).map(|record| &record.fact), container.hook) {
                (Some(Fact::Hook(_, _, None)), None) => container.hook = Some((version.time, None)),
                (Some(Fact::Hook(_, _, Some(code))), Some((from, None))) => {
                    container.hook = Some((from, Some((version.time, *code))));
                }
                _ => continue,
            }
            effects.push(version.record);
        }
        for version in after(history, &RowKey::Signals(id), begun) {
            if let Some(Fact::Signal(_, signal)) = history.record(version.record).map(|record| &record.fact) {
                container.signals.push((version.record, version.time, signal));
                effects.push(version.record);
            }
        }
        for version in after(history, &RowKey::Container(id), begun) {
            if let Some(Fact::Container(_, Some(row))) =
                history.record(version.record).map(|record| &record.fact)
                && let ContainerPhase::Exited { code, until, .. } = row.state
                && container.ended.is_none()
            {
                container.ended = Some((until, code));
                effects.push(version.record);
            }
        }
        container
    }
    fn last(&self, history: &History) -> SimTime {
        let is_open = self.gone.is_none()
            || self.pause.is_some_and(|(_, until)| until.is_none())
            || self.containers.iter().any(|container| container.ended.is_none());
        if is_open {
            return history.until().unwrap_or(history.end());
        }
        let rules = self.rules.iter().map(|rules| rules.done);
        let ends = self.containers.iter().filter_map(|container| container.ended).map(|(end, _)| end);
        let pause = self.pause.and_then(|(_, until)| until);
        let messages = self.messages.iter().map(|sent| sent.arrives);
        rules.chain(ends).chain(pause).chain(self.gone).chain(messages).max().unwrap_or(self.since())
    }
    /// Every moment at which something begins or ends.
    pub(super) fn moments(&self) -> impl Iterator<Item = SimTime> {
        let messages = self.messages.iter().flat_map(|sent| [sent.at, sent.arrives]);
        let rules = self.rules.iter().flat_map(|rules| [rules.heard, rules.done]);
        let slices = self.slices.iter().map(|change| change.time);
        let processes = self.containers.iter().flat_map(|container| {
            let hook = container.hook.map(|(from, _)| from).into_iter().chain(container.hook_until());
            let signals = container.signals.iter().map(|(_, time, _)| *time);
            hook.chain(signals).chain(container.ended.map(|(end, _)| end))
        });
        let pause = self.pause.and_then(|(_, until)| until);
        let edges = [Some(self.begun.record.time), self.gone, pause].into_iter().flatten();
        messages.chain(rules).chain(slices).chain(processes).chain(edges)
    }
    /// When the command has ended that asked for it.
    pub(super) fn command_ended(&self, history: &History) -> Option<SimTime> {
        let Some(Record { actor: Actor::Kubectl(client), .. }) = self.begun.asked else { return None };
        let last = history.versions(&RowKey::Command(*client)).last()?;
        let record = history.record(last.record)?;
        matches!(record.fact, Fact::CommandEnds(..)).then_some(record.time)
    }
    /// From when the grace period counts: a kubelet that was silent begins with it when it hears of it, and acts at once.
    pub(super) fn counts_from(&self) -> SimTime {
        let Some(silence) = self.silence else { return self.since() };
        let acts = self.containers.iter().flat_map(|container| {
            let hook = container.hook.map(|(from, _)| from);
            hook.into_iter().chain(container.signals.first().map(|(_, time, _)| *time))
        });
        acts.filter(|at| *at >= silence.until).min().unwrap_or(silence.until)
    }
    /// When the grace period is over.
    pub(super) fn deadline(&self) -> SimTime {
        self.counts_from() + self.grace
    }
    /// Until when the kubelet waits: it counts from when it asks the processes to end, a little after the deletionTimestamp.
    pub(super) fn grace_until(&self) -> SimTime {
        let deadline = self.deadline();
        let kills = self.containers.iter().filter_map(ContainerEnd::killed);
        let late = kills.filter(|at| *at > deadline && at.since(deadline) <= SECOND);
        late.max().unwrap_or(deadline)
    }
    /// How many milliseconds of the grace period are left at a time, to the tenth of a second, as it is told.
    pub(super) fn left(&self, at: SimTime) -> u64 {
        (self.deadline().since(at) / MILLI + 50) / 100 * 100
    }
    /// When the last container has ended; none as long as one runs.
    pub(super) fn all_ended(&self) -> Option<SimTime> {
        let ends: Option<Vec<SimTime>> =
            self.containers.iter().map(|container| container.ended.map(|(end, _)| end)).collect();
        ends?.into_iter().max()
    }
    /// The message that a record is, where it is one of this deletion.
    pub(super) fn message(&self, id: RecordId) -> Option<&Sent> {
        self.messages.iter().find(|sent| sent.id == id)
    }
}

fn nodes(history: &History) -> impl Iterator<Item = NodeId> + use<> {
    (0..history.nodes().len()).map(|place| NodeId(place as u16))
}

/// The versions of a row after a time.
fn after<'a>(history: &'a History, key: &RowKey, since: SimTime) -> impl Iterator<Item = &'a Version> {
    history.versions(key).iter().filter(move |version| version.time >= since)
}

/// The version of a row that there is at a time, and those after it.
fn from<'a>(history: &'a History, key: &RowKey, since: SimTime) -> impl Iterator<Item = &'a Version> {
    let versions = history.versions(key);
    versions[versions.partition_point(|version| version.time <= since).saturating_sub(1)..].iter()
}

/// The messages that tell watchers of a change: they set out right after it.
pub(super) fn watches_of(history: &History, change: RecordId) -> impl Iterator<Item = (&Record, &Message)> {
    let rest = history.records().get(change.0 as usize + 1..).unwrap_or_default();
    let time = history.record(change).map(|record| record.time);
    rest.iter().take_while(move |record| Some(record.time) == time).filter_map(move |record| {
        match &record.fact {
            Fact::Message(message)
                if record.cause == Some(change) && matches!(message.kind, MessageKind::Watch(..)) =>
            {
                Some((record, message))
            }
            _ => None,
        }
    })
}

/// What a version of an EndpointSlice says of a Pod's endpoint.
fn said_of(history: &History, version: &Version, pod: &ObjectKey) -> Option<[bool; 3]> {
    match &history.record(version.record)?.fact {
        Fact::Object { change: Change::Added | Change::Modified, object } => {
            conditions(object.get::<EndpointSlice>()?, pod)
        }
        _ => None,
    }
}

/// The conditions of a Pod's endpoint; none where the slice has none of it.
fn conditions(slice: &EndpointSlice, pod: &ObjectKey) -> Option<[bool; 3]> {
    let endpoint = slice
        .endpoints
        .iter()
        .find(|endpoint| endpoint.target_ref.as_ref().is_some_and(|target| target.name == pod.name))?;
    let conditions = &endpoint.conditions;
    Some([
        conditions.ready.unwrap_or(true),
        conditions.serving.unwrap_or(true),
        conditions.terminating.unwrap_or(false),
    ])
}

fn others_ready(view: View, service: &ObjectKey, pod: &ObjectKey) -> bool {
    view.slices_of(&service.namespace, &service.name).any(|slice| {
        slice.endpoints.iter().any(|endpoint| {
            let is_other = endpoint.target_ref.as_ref().is_none_or(|target| target.name != pod.name);
            is_other && endpoint.conditions.ready.unwrap_or(true)
        })
    })
}
