//! The messages of a deletion: those by which all that happened came about, and those that told of it.

use super::super::silence;
use super::facts::{Facts, Sent, What, Who, watches_of};
use crate::api::objects::Pod;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::fault::Unheard;
use crate::cluster::record::{Actor, ControllerName, Fact, MessageKind, Record, RecordId};
use crate::cluster::request::{Body, Request, Verb};
use crate::timeline::History;
use crate::value::json;
use std::collections::{BTreeMap, BTreeSet};

impl Facts<'_> {
    /// The messages by which all that came about, and those that told of it.
    pub(super) fn collect_messages(&mut self, history: &History, effects: &[RecordId]) {
        let first = self.begun.asked.map_or(self.begun.record.id, |asked| asked.id);
        let mut found: BTreeMap<RecordId, Sent> = BTreeMap::new();
        let slices: BTreeSet<ObjectKey> = self.slices.iter().map(|change| change.slice.clone()).collect();
        let mut add = |facts: &Self, record: &Record| {
            if record.id >= first
                && let Some(sent) = facts.sent(history, record, &slices)
            {
                found.insert(record.id, sent);
            }
        };
        for effect in effects {
            for cause in history.causes(*effect).take_while(|cause| cause.id >= first) {
                add(self, cause);
            }
        }
        // What was told and led to nothing: that the Pod is to end, and that its endpoint does.
        let ending = self.slices.iter().filter(|change| change.conditions.is_some());
        for told in std::iter::once(self.begun.record.id).chain(ending.map(|change| change.record)) {
            for (record, _) in watches_of(history, told) {
                add(self, record);
            }
        }
        self.messages = found.into_values().collect();
    }
    fn sent(&self, history: &History, record: &Record, slices: &BTreeSet<ObjectKey>) -> Option<Sent> {
        let Fact::Message(message) = &record.fact else { return None };
        let is_asked = self.begun.asked.is_some_and(|asked| asked.id == record.id);
        let (about, what, from, to) = match &message.kind {
            MessageKind::Request(_) if is_asked => {
                (self.pod.clone(), What::Delete, Who::Requester, Who::ApiServer)
            }
            MessageKind::Request(request) if request.is_write() => {
                let (what, from) = self.written(history, record, request)?;
                let about = ObjectKey::clone(&request.key);
                if about != self.pod && !slices.contains(&about) {
                    return None;
                }
                (about, what, from, Who::ApiServer)
            }
            MessageKind::Watch(change, key) if **key == self.pod => {
                let to = match message.to {
                    Actor::Kubelet(node) if Some(node) == self.node => Who::Kubelet,
                    // All controllers share one cache, and this is the one that is on the stage.
                    Actor::Controller(_) => Who::Slices,
                    _ => return None,
                };
                (self.pod.clone(), What::WatchPod(*change), Who::ApiServer, to)
            }
            MessageKind::Watch(_, key) if slices.contains(&**key) => {
                let Actor::KubeProxy(node) = message.to else { return None };
                // What comes to a node that nothing reaches, or that has no power, is heard by nobody.
                let silences = silence::of(history.at(record.time), node);
                if silences.iter().any(|is| is.holds(record.time) && is.why != Unheard::Kubelet) {
                    return None;
                }
                (ObjectKey::clone(key), What::WatchSlice, Who::ApiServer, Who::Proxy(node))
            }
            _ => return None,
        };
        Some(Sent { id: record.id, from, to, at: record.time, arrives: message.arrives, what, about })
    }
    /// What somebody on the stage writes.
    fn written(&self, history: &History, record: &Record, request: &Request) -> Option<(What, Who)> {
        match record.actor {
            Actor::Controller(ControllerName::EndpointSlice) if request.key.kind == Kind::EndpointSlice => {
                Some((What::Slice, Who::Slices))
            }
            Actor::Kubelet(node) if Some(node) == self.node && request.key.kind == Kind::Pod => {
                let what = match &request.verb {
                    Verb::Delete(_) => What::LastDelete,
                    Verb::Update(Body::Typed(Object::Pod(pod))) => {
                        let before = history.at(record.time).get::<Pod>(&self.pod.namespace, &self.pod.name);
                        let before = before.and_then(|pod| pod.status.phase);
                        What::Status(pod.status.phase.filter(|phase| Some(*phase) != before))
                    }
                    _ => What::Status(None),
                };
                Some((what, Who::Kubelet))
            }
            Actor::Kubectl(_) | Actor::Person
                if matches!(self.begun.asked.map(|asked| asked.actor), Some(Actor::Kubectl(_)))
                    && !self.finalizers.is_empty()
                    && request.key.kind == Kind::Pod
                    && is_of_finalizers(&request.verb) =>
            {
                Some((What::Release, Who::Requester))
            }
            _ => None,
        }
    }
}

/// Whether something is written that may take finalizers away.
fn is_of_finalizers(verb: &Verb) -> bool {
    match verb {
        Verb::Patch(_, patch) => json::compact(patch).contains("finalizers"),
        Verb::Update(_) => true,
        _ => false,
    }
}
