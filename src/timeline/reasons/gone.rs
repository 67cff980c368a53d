//! Who had an object deleted that is gone, and which command that came from.

use super::who;
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, MessageKind};
use crate::cluster::request::{Request, Subresource, Verb};
use crate::msg;
use crate::timeline::{RowKey, Sentence, View};

pub(super) fn of(view: View, key: &ObjectKey) -> Vec<Sentence> {
    let Some(record) = view.row(&RowKey::Object(key.clone())) else { return Vec::new() };
    if !matches!(record.fact, Fact::Object { change: Change::Deleted, .. }) {
        return Vec::new();
    }
    // The kubelet asks too, once all of a Pod has ended: whoever asked first is who wanted it.
    let mut asked = None;
    let mut command = None;
    for cause in view.history().causes(record.id) {
        match &cause.fact {
            Fact::Message(message) => {
                if let MessageKind::Request(request) = &message.kind
                    && deletes(request, key)
                {
                    asked = Some(cause.actor);
                }
            }
            Fact::CommandBegins(_, line) => command = Some(line),
            _ => {}
        }
    }
    let Some(actor) = asked else { return Vec::new() };
    let mut args = vec![("who", who(view, actor))];
    let id = match (actor, command) {
        (Actor::Kubectl(_), _) => msg!("why.deleted-by-command"),
        (_, Some(line)) => {
            args.push(("command", line.into()));
            msg!("why.deleted-because")
        }
        (_, None) => msg!("why.deleted-by"),
    };
    vec![Sentence::new(id, args)]
}

/// Whether a request asks for an object to be deleted.
fn deletes(request: &Request, key: &ObjectKey) -> bool {
    match &request.verb {
        Verb::Delete(_) => *request.key == *key,
        Verb::DeleteCollection(..) => request.key.kind == key.kind && request.key.namespace == key.namespace,
        _ => {
            request.subresource == Subresource::Eviction
                && key.kind == Kind::Pod
                && (&request.key.namespace, &request.key.name) == (&key.namespace, &key.name)
        }
    }
}
