//! Who has asked for an object to be deleted, and what one that is still there waits for.

use super::{says, who};
use crate::api::conditions::{find, is_pod_terminal};
use crate::api::objects::{ConditionStatus, Namespace, Node, ObjectMeta, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, MessageKind, RecordId};
use crate::cluster::request::{Request, Subresource, Verb};
use crate::cluster::time::{MILLI, SECOND, SimTime};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{RowKey, Sentence, Version, View};

/// The finalizer of what goes only after what it owns.
const FOREGROUND: &str = "foregroundDeletion";

/// Of what is gone: who wanted that.
pub(super) fn gone(view: View, key: &ObjectKey) -> Vec<Sentence> {
    let Some(record) = view.row(&RowKey::Object(key.clone())) else { return Vec::new() };
    let Fact::Object { change: Change::Deleted, object } = &record.fact else { return Vec::new() };
    let ids = [msg!("why.deleted-by-command"), msg!("why.deleted-because"), msg!("why.deleted-by")];
    let asked = asked_by(view, record.id, key, ids);
    let at_once = at_once(view, object);
    asked.into_iter().chain(at_once).collect()
}

/// Why the API server gave a Pod no time (upstream: pkg/registry/core/pod/strategy.go CheckGracefulDelete).
fn at_once(view: View, object: &Object) -> Option<Sentence> {
    let mark = first(view, object, ObjectMeta::is_terminating)?;
    let Fact::Object { object: marked, .. } = &view.history().record(mark.record)?.fact else { return None };
    // How it was then counts: what is held by finalizers goes on, and may end before it is gone.
    let pod = marked.get::<Pod>()?;
    if pod.metadata.deletion_grace_period_seconds != Some(0) {
        return None;
    }
    let id = match () {
        () if pod.spec.node_name.is_empty() => msg!("why.at-once-no-node"),
        () if is_pod_terminal(pod) => msg!("why.at-once-finished"),
        () => return None,
    };
    Some(Sentence::new(id, []))
}

/// Of what is being deleted: who wants that, and why it is still there.
pub(super) fn ending(view: View, object: &Object) -> Vec<Sentence> {
    let mut said = begun(view, object);
    match object {
        Object::Pod(pod) => said.extend(of_pod(view, pod)),
        Object::Namespace(namespace) => said.extend(of_namespace(namespace)),
        _ => {}
    }
    let meta = object.meta();
    if !meta.finalizers.is_empty() {
        let list: Vec<&str> = meta.finalizers.iter().map(|name| &**name).collect();
        said.push(Sentence::new(msg!("why.held"), [("list", list.join(", ").into())]));
    }
    if meta.finalizers.iter().any(|name| &**name == FOREGROUND) {
        let owned = view.owned_by(&meta.uid).filter(|object| blocks(object, &meta.uid)).count();
        said.extend((owned > 0).then(|| Sentence::new(msg!("why.goes-last"), [("count", owned.into())])));
    }
    said
}

/// Whether an object has to go before an owner may.
fn blocks(object: &Object, owner: &str) -> bool {
    let mut owners = object.meta().owner_references.iter();
    owners.any(|reference| &*reference.uid == owner && reference.block_owner_deletion == Some(true))
}

/// Who wants it to be deleted, since when, and until when its containers may end by themselves.
pub(super) fn begun(view: View, object: &Object) -> Vec<Sentence> {
    let key = object.key();
    let Some(mark) = first(view, object, ObjectMeta::is_terminating) else { return Vec::new() };
    let ids = [msg!("why.deleting-by-command"), msg!("why.deleting-because"), msg!("why.deleting-by")];
    let asked = asked_by(view, mark.record, &key, ids);
    let mut asked = asked.unwrap_or_else(|| Sentence::new(msg!("why.deleting"), []));
    let kind: &'static str = key.kind.info().name;
    let about = [("kind", kind.into()), ("name", (&key.name).into()), ("time", mark.time.clock().into())];
    asked.args.extend(about);
    let mut said = vec![asked];
    let grace = object.meta().deletion_grace_period_seconds.and_then(|grace| u64::try_from(grace).ok());
    if let Some(grace) = grace.filter(|grace| *grace > 0) {
        // A second request may have made it shorter: that one counts from when it came.
        let given = first(view, object, |meta| {
            meta.is_terminating()
                && meta.deletion_grace_period_seconds == object.meta().deletion_grace_period_seconds
        });
        let from = given.unwrap_or(mark).time;
        let until = SimTime(from.0.saturating_add(grace.saturating_mul(SECOND)));
        let id = if until > view.at() { msg!("why.grace") } else { msg!("why.grace-over") };
        let grace = Arg::Millis(grace.saturating_mul(SECOND / MILLI));
        said.push(Sentence::new(id, [("grace", grace), ("time", until.clock().into())]));
    }
    said
}

/// The first version of an object of which that is so.
fn first<'a>(view: View<'a>, object: &Object, is: impl Fn(&ObjectMeta) -> bool) -> Option<&'a Version> {
    let uid = &object.meta().uid;
    view.versions(&RowKey::Object(object.key())).iter().find(|version| {
        match view.history().record(version.record).map(|record| &record.fact) {
            Some(Fact::Object { object, .. }) => object.meta().uid == *uid && is(object.meta()),
            _ => false,
        }
    })
}

/// Who asked for the deletion that a record came of, where a request is known. The messages: a command did; somebody did because
/// of a command; somebody did.
fn asked_by(view: View, record: RecordId, key: &ObjectKey, ids: [&'static str; 3]) -> Option<Sentence> {
    // The kubelet asks too, once all of a Pod has ended: whoever asked first is who wanted it.
    let mut asked = None;
    let mut command = None;
    for cause in view.history().causes(record) {
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
    let actor = asked?;
    let mut args = vec![("who", who(view, actor))];
    let [by_command, because, by] = ids;
    let id = match (actor, command) {
        (Actor::Kubectl(_), _) => by_command,
        (_, Some(line)) => {
            args.push(("command", line.into()));
            because
        }
        (_, None) => by,
    };
    Some(Sentence::new(id, args))
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

/// What a Pod waits for: its node where nothing is heard of that, else its containers, else its kubelet.
fn of_pod(view: View, pod: &Pod) -> Option<Sentence> {
    let (status, node) = (&pod.status, &pod.spec.node_name);
    if let Some(ready) = view.get::<Node>("", node).and_then(|node| find(&node.status.conditions, "Ready"))
        && ready.status == Some(ConditionStatus::Unknown)
    {
        let args = [("node", node.into()), ("message", (&ready.message).into())];
        return Some(Sentence::new(msg!("why.node-silent"), args));
    }
    let lists =
        [&status.init_container_statuses, &status.container_statuses, &status.ephemeral_container_statuses];
    let running = lists.into_iter().flatten().filter(|status| status.state.running.is_some());
    let running: Vec<&str> = running.map(|status| &*status.name).collect();
    if !running.is_empty() {
        let args = [("count", running.len().into()), ("list", running.join(", ").into())];
        return Some(Sentence::new(msg!("why.waits-for-containers"), args));
    }
    let is_left = !node.is_empty() && pod.metadata.finalizers.is_empty();
    is_left.then(|| Sentence::new(msg!("why.waits-for-kubelet"), [("node", node.into())]))
}

/// What is left in a Namespace, as its conditions say.
fn of_namespace(namespace: &Namespace) -> Vec<Sentence> {
    let conditions = namespace.status.conditions.iter();
    let held = conditions.filter(|condition| condition.status == Some(ConditionStatus::True));
    held.filter_map(|condition| says(&condition.reason, &condition.message)).collect()
}
