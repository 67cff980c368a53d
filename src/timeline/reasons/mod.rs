//! What the answer to "Why?" begins with: the reason itself, in a sentence or a few. The chain of causes stands below it.
//!
//! `pods` says why a Pod waits or fails, `workloads` why something that makes Pods does not come further, `parts` what became of
//! a container or a process, `traffic` how a request went, `messages` what a message between two parts of the cluster is about,
//! `deletion` who had something deleted, and what it waits for. What components say of themselves is told in their own words.

mod deletion;
mod messages;
mod parts;
mod pods;
mod traffic;
mod workloads;

#[cfg(test)]
mod tests;

use super::beats::Sentence;
use super::target::Target;
use super::view::View;
use crate::api::objects::{ContainerStatus, Event, PersistentVolumeClaim};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, RecordId};
use crate::manifest::Arg;
use crate::msg;
use crate::value::Str;

pub(super) use traffic::node_without_power;

/// Why something is as it is, told by itself; nothing where the chain of its causes says it all.
pub fn reasons(view: View, target: &Target) -> Vec<Sentence> {
    match target {
        Target::Object(key) => match view.object(key) {
            Some(object) => of_object(view, object),
            None => deletion::gone(view, key),
        },
        Target::Container { pod, name } => match view.object(pod) {
            Some(_) => parts::container(view, pod, name),
            None => deletion::gone(view, pod),
        },
        Target::Process { node, pid } => parts::process(view, *node, *pid),
        Target::Message(id) => messages::of(view, *id),
        Target::Request(number) => traffic::of(view, *number),
    }
}

/// Further records whose causes belong to the answer, beside those of what is asked about.
pub(super) fn further(view: View, target: &Target) -> Vec<RecordId> {
    match target {
        Target::Request(number) => traffic::further(view, *number),
        _ => Vec::new(),
    }
}

fn of_object(view: View, object: &Object) -> Vec<Sentence> {
    if object.meta().is_terminating() {
        return deletion::ending(view, object);
    }
    match object {
        Object::Pod(pod) => pods::of(view, pod),
        Object::PersistentVolumeClaim(claim) => of_claim(view, claim),
        _ => workloads::of(view, object),
    }
}

/// Why a claim has no volume: what its last Event says.
fn of_claim(view: View, claim: &PersistentVolumeClaim) -> Vec<Sentence> {
    if &*claim.status.phase == "Bound" {
        return Vec::new();
    }
    let mut said = vec![Sentence::new(msg!("why.claim-unbound"), [("claim", (&claim.metadata.name).into())])];
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, &*claim.metadata.namespace, &*claim.metadata.name);
    said.extend(view.object(&key).and_then(|object| last_event(view, object, |_| true)));
    said
}

/// The last Event about an object that counts.
fn last_event(view: View, object: &Object, counts: impl Fn(&Event) -> bool) -> Option<Sentence> {
    let events = view.events_about(object);
    let last = events.iter().rev().find(|event| counts(event))?;
    says(&last.reason, &last.message)
}

/// The last Event about an object, where it is a warning: one that another Event follows does not hold any more.
fn last_warning(view: View, object: &Object) -> Option<Sentence> {
    let events = view.events_about(object);
    let last = events.last().filter(|event| &*event.kind == "Warning")?;
    says(&last.reason, &last.message)
}

/// Whether an Event is of a container as it runs now, not of how it was before its last start. Both tell their second alone.
fn is_of_run(event: &Event, status: &ContainerStatus) -> bool {
    let started = status.state.running.as_ref().and_then(|running| running.started_at.as_ref());
    started.zip(event.last_timestamp.as_ref()).is_none_or(|(started, last)| started < last)
}

/// A reason in one word, with the message that explains it; none where there is neither.
fn says(reason: &Str, message: &Str) -> Option<Sentence> {
    match (reason.is_empty(), message.is_empty()) {
        (true, true) => None,
        (false, false) => {
            Some(Sentence::new(msg!("why.says"), [("reason", reason.into()), ("message", message.into())]))
        }
        (true, _) => Some(Sentence::new(msg!("why.says-only"), [("message", message.into())])),
        (_, true) => Some(Sentence::new(msg!("why.says-only"), [("message", reason.into())])),
    }
}

/// What somebody is called: components as they call themselves, in every language alike, and a command as it was given.
pub fn who(view: View, actor: Actor) -> Arg {
    let at = |name: &str, node| format!("{name} ({})", view.node_name(node)).into();
    match actor {
        Actor::Person => Arg::Message(msg!("why.somebody")),
        Actor::Kubectl(client) => match view.command(client) {
            Some(command) => command.line.into(),
            None => "kubectl".into(),
        },
        Actor::ApiServer => "kube-apiserver".into(),
        Actor::Etcd => "etcd".into(),
        Actor::Controller(name) => name.as_str().into(),
        Actor::Scheduler => "kube-scheduler".into(),
        Actor::Kubelet(node) => at("kubelet", node),
        Actor::Runtime(node) => at("containerd", node),
        Actor::KubeProxy(node) => at("kube-proxy", node),
        Actor::Container(id) => match view.container(id) {
            Some(row) => (&row.name).into(),
            None => Arg::Message(msg!("why.a-container")),
        },
        Actor::Traffic(_) => Arg::Message(msg!("why.a-client")),
    }
}
