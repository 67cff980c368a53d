//! The moments of messages and commands: what is asked, refused and told.

use super::objects::{is_person, kind_name, number, request_of, text};
use super::say::gave_up;
use super::step::{Cohort, Step};
use super::{Moment, Teller};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{EndpointSlice, Pod};
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Unheard;
use crate::cluster::record::{Actor, Change, ClientId, Fact, Message, MessageKind, NodeId, Record};
use crate::cluster::request::{Reason, Request, Subresource, Verb};
use crate::cluster::time::SimTime;
use crate::msg;
use crate::timeline::history::History;
use crate::timeline::row::RowKey;

impl Teller {
    pub(super) fn message(&mut self, history: &History, record: &Record, message: &Message) {
        match (&message.kind, record.actor, message.to) {
            (MessageKind::Request(request), Actor::Kubectl(client), _) => {
                self.asked(record, client, request, message.arrives);
            }
            (MessageKind::Answer(key, Some(status)), _, to) if is_person(to) => {
                let Some((_, request)) =
                    request_of(history, record).filter(|(_, request)| request.is_write())
                else {
                    return;
                };
                if let Actor::Kubectl(client) = to {
                    self.memory.commands.entry(client).or_default().was_refused = true;
                }
                // A new object is refused with this reason, too: where its Namespace is missing.
                let is_new = matches!(request.verb, Verb::Create(_));
                let is_missing = status.reason == Reason::NotFound && !is_new;
                let key = ObjectKey::clone(key);
                let step = match request.subresource {
                    Subresource::Eviction if status.reason == Reason::TooManyRequests => {
                        Step::EvictionRefused(to, key.clone())
                    }
                    _ if is_missing => Step::Missing(to),
                    _ => Step::Refused(to),
                };
                let mut args = kind_name(&key);
                args.push(("answer", status.message.as_str().into()));
                self.tell(record, Moment::new(step, message.arrives, key, args));
            }
            (MessageKind::Watch(..), _, Actor::Kubelet(node)) if self.memory.unheard(node).is_some() => {}
            (MessageKind::Watch(Change::Added, key), _, Actor::Kubelet(node)) if key.kind == Kind::Pod => {
                let cohort = self.memory.cohort(key);
                let node = history.at(record.time).node_name(node).into();
                let args = [("pod", text(&key.name)), ("node", node)];
                let key = ObjectKey::clone(key);
                self.tell(record, Moment::new(Step::Found(cohort), message.arrives, key, args));
            }
            (MessageKind::Watch(..), _, to @ (Actor::Kubelet(_) | Actor::Controller(_))) => {
                self.told(history, record, to, message.arrives);
            }
            _ => {}
        }
    }

    /// A kubelet or the controllers hear of a Pod's deletion.
    fn told(&mut self, history: &History, record: &Record, to: Actor, arrives: SimTime) {
        let Some(key) = record.cause.and_then(|cause| self.memory.deletions.get(&cause)).cloned() else {
            return;
        };
        let Some(deletion) = self.memory.deletion(&key) else { return };
        let is_endpoint = is_endpoint(history, record, &key);
        // What has no node, or has ended, has nothing that would have to hear of it.
        let is_nothing =
            deletion.grace == 0 && (deletion.unheard.is_some() || !is_at_work(history, record, &key));
        if is_nothing || (matches!(to, Actor::Controller(_)) && !is_endpoint) {
            return;
        }
        if let Some(node) = deletion.unheard {
            let moment = self.not_told(history, (node, deletion.cohort), key, (arrives, is_endpoint));
            self.tell(record, moment);
            return;
        }
        let args = [("pod", text(&key.name))];
        self.tell(record, Moment::new(Step::Told(deletion.cohort, is_endpoint), arrives, key, args));
    }

    /// A Pod is to end whose kubelet does not hear of it. Of an endpoint that is told once the EndpointSlice controller hears of it.
    pub(super) fn not_told(
        &self,
        history: &History,
        (node, cohort): (NodeId, Cohort),
        key: ObjectKey,
        (time, is_endpoint): (SimTime, bool),
    ) -> Moment {
        let id = match self.memory.unheard(node) {
            Some(Unheard::Kubelet) | None => msg!("say.silent-kubelet-not-told"),
            Some(Unheard::Cut) => msg!("say.cut-kubelet-not-told"),
            Some(Unheard::Power) => msg!("say.kubelet-without-power-not-told"),
        };
        let args = [
            ("pod", text(&key.name)),
            ("node", history.at(time).node_name(node).into()),
            ("slices", number(is_endpoint)),
        ];
        Moment::new(Step::NotTold(cohort, node, id), time, key, args)
    }

    fn asked(&mut self, record: &Record, client: ClientId, request: &Request, arrives: SimTime) {
        // What the server says of itself is no part of what the command is about.
        if matches!(request.verb, Verb::Raw(..)) {
            return;
        }
        let chapter = self.chapters.len() - 1;
        let command = self.memory.commands.entry(client).or_default();
        let (sent, told) = *command.sent.get_or_insert((arrives, chapter));
        let is_named = !request.key.name.is_empty();
        // What it sends once somebody has done something else is no news.
        if told == chapter && (sent == arrives || is_named) {
            let key = ObjectKey::clone(&request.key);
            let subject = if is_named { RowKey::Object(key) } else { RowKey::Command(client) };
            self.tell(record, Moment::new(Step::Sent(client), sent, subject, []));
        }
    }

    pub(super) fn command_ends(&mut self, history: &History, record: &Record, client: ClientId, code: i32) {
        let memory = self.memory.commands.get(&client).copied().unwrap_or_default();
        let view = history.at(record.time);
        let Some(command) = view.command(client) else { return };
        if (memory.has_changed || memory.was_refused) && (code == 0 || !gave_up(&command)) {
            return;
        }
        let is_apply = super::say::files_of(command.line).is_some();
        let step = match code {
            0 if is_apply && memory.sent.is_some() => Step::Unchanged(client),
            0 => return,
            _ => Step::Failed(client),
        };
        let args = [("command", text(command.line))];
        self.tell(record, Moment::new(step, record.time, RowKey::Command(client), args));
    }
}

/// Whether a Pod has containers on a node that can still end.
fn is_at_work(history: &History, record: &Record, pod: &ObjectKey) -> bool {
    let cause = record.cause.and_then(|cause| history.record(cause));
    let is_so = |pod: &Pod| !pod.spec.node_name.is_empty() && !is_pod_terminal(pod);
    cause.is_some_and(|cause| match &cause.fact {
        Fact::Object { object, .. } if object.key() == *pod => {
            object.get::<Pod>().is_some_and(|pod| is_so(pod))
        }
        _ => false,
    })
}

/// Whether a Pod is an endpoint of a Service.
pub(super) fn is_endpoint(history: &History, record: &Record, pod: &ObjectKey) -> bool {
    history.at(record.time).objects(Kind::EndpointSlice, Some(&pod.namespace)).any(|slice| {
        slice.get::<EndpointSlice>().is_some_and(|slice| {
            slice
                .endpoints
                .iter()
                .any(|endpoint| endpoint.target_ref.as_ref().is_some_and(|target| target.name == pod.name))
        })
    })
}
