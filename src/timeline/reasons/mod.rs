//! What the answer to "Why?" begins with: the reason itself, in a sentence or a few. The chain of causes stands below it.
//!
//! `pods` says why a Pod waits or fails, `workloads` why something that makes Pods does not come further, `parts` what became of
//! a container or a process, `traffic` how a request went, `messages` what a message between two parts of the cluster is about,
//! `gone` who had something deleted. What components say of themselves is told in their own words.

mod gone;
mod messages;
mod parts;
mod pods;
mod traffic;

#[cfg(test)]
mod tests;
mod workloads;

use super::beats::Sentence;
use super::target::Target;
use super::view::View;
use crate::api::objects::{Event, PersistentVolumeClaim};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, RecordId};
use crate::manifest::Arg;
use crate::msg;
use crate::value::Str;

/// Why something is as it is, told by itself; nothing where the chain of its causes says it all.
pub fn reasons(view: View, target: &Target) -> Vec<Sentence> {
    match target {
        Target::Object(key) => match view.object(key) {
            Some(object) => of_object(view, object),
            None => gone::of(view, key),
        },
        Target::Container { pod, name } => match view.object(pod) {
            Some(_) => parts::container(view, pod, name),
            None => gone::of(view, pod),
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
    let meta = object.meta();
    if meta.is_terminating() && !meta.finalizers.is_empty() {
        let list: Vec<&str> = meta.finalizers.iter().map(|name| &**name).collect();
        return vec![Sentence::new(msg!("why.held"), [("list", list.join(", ").into())])];
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
