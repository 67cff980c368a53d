//! What a message between two parts of the cluster is about: who asks for what, or which write a watcher is told of.

use super::who;
use crate::api::ObjectKey;
use crate::cluster::record::{Fact, MessageKind, Record, RecordId};
use crate::cluster::request::Request;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{Sentence, View};

pub(super) fn of(view: View, id: RecordId) -> Vec<Sentence> {
    let Some(record) = view.history().record(id) else { return Vec::new() };
    let Fact::Message(message) = &record.fact else { return Vec::new() };
    let (from, to) = (who(view, record.actor), who(view, message.to));
    // What led to an answer and to a word to a watcher is a request of somebody.
    let asked = request(view, record);
    match &message.kind {
        MessageKind::Request(request) => {
            vec![Sentence::new(msg!("why.message-asks"), [("who", from), ("request", shown(request))])]
        }
        MessageKind::Answer(key, refusal) => {
            let about = || Arg::from(format!("{} {}", key.kind.info().name, key.name));
            let request = asked.map_or_else(about, |(_, request)| shown(request));
            let mut args = vec![("who", to), ("request", request)];
            match refusal {
                Some(status) => {
                    args.extend([
                        ("code", i64::from(status.reason.code()).into()),
                        ("message", status.message.as_str().into()),
                    ]);
                    vec![Sentence::new(msg!("why.message-refuses"), args)]
                }
                None => vec![Sentence::new(msg!("why.message-answers"), args)],
            }
        }
        MessageKind::Watch(change, key) => {
            let kind: &'static str = key.kind.info().name;
            let mut args = vec![
                ("who", to),
                ("kind", kind.into()),
                ("name", (&key.name).into()),
                ("change", change.as_str().into()),
            ];
            let id = match asked {
                Some((writer, request)) => {
                    args.extend([("writer", who(view, writer.actor)), ("request", shown(request))]);
                    match means(request, key) {
                        true => msg!("why.message-tells-of"),
                        false => msg!("why.message-tells-beside"),
                    }
                }
                None => msg!("why.message-tells"),
            };
            vec![Sentence::new(id, args)]
        }
    }
}

/// The request that a message came of.
fn request<'a>(view: View<'a>, record: &'a Record) -> Option<(&'a Record, &'a Request)> {
    view.history().causes(record.id).skip(1).find_map(|cause| match &cause.fact {
        Fact::Message(message) => match &message.kind {
            MessageKind::Request(request) => Some((cause, &**request)),
            _ => None,
        },
        _ => None,
    })
}

/// Whether a request is about an object. What else comes of it the API server writes by itself: the quota that a new Pod uses up,
/// the budget that an eviction does.
fn means(request: &Request, key: &ObjectKey) -> bool {
    let asked = &request.key;
    // A collection has no name, and neither has what gets one from the API server.
    (asked.kind, &asked.namespace) == (key.kind, &key.namespace)
        && (asked.name.is_empty() || asked.name == key.name)
}

/// Its method and path, as they go over the wire.
fn shown(request: &Request) -> Arg {
    let (method, path) = request.http();
    format!("{method} {}", path.split('?').next().unwrap_or_default()).into()
}
