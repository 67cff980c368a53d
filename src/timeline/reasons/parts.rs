//! What became of a container, and what a process is.

use super::{deletion, is_of_run, last_event, pods};
use crate::api::ObjectKey;
use crate::api::objects::{ContainerStatus, Event, Pod};
use crate::cluster::record::{Fact, NodeId};
use crate::cluster::runtime::{ContainerId, ContainerPhase, ProcessRow};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{RowKey, Sentence, View};
use std::rc::Rc;

/// What a kubelet says in Events when it ends or starts a container again.
const TOLD: [&str; 4] = ["Killing", "Unhealthy", "BackOff", "Failed"];

pub(super) fn container(view: View, key: &ObjectKey, name: &str) -> Vec<Sentence> {
    let Some((object, pod)) = view.object(key).and_then(|object| Some((object, object.get::<Pod>()?))) else {
        return Vec::new();
    };
    let lists = [
        &pod.status.init_container_statuses,
        &pod.status.container_statuses,
        &pod.status.ephemeral_container_statuses,
    ];
    let status = lists.into_iter().flatten().find(|status| &*status.name == name);
    let mut said = match view.container_of(key, name) {
        Some(id) => state(view, id).into_iter().collect(),
        // A recording of a cluster has only what the Pod says of it.
        None => status.map(as_told).unwrap_or_default(),
    };
    if pod.metadata.is_terminating() {
        said.extend(deletion::begun(view, object));
        return said;
    }
    said.extend(status.and_then(pods::waits));
    if said.is_empty() && status.is_none_or(|status| status.state.running.is_none()) {
        return pods::of(view, pod);
    }
    let path = format!("{{{name}}}");
    // Of one that is ready, and of one that was started again since, what went wrong before does not hold any more.
    let holds = |event: &Event| status.is_none_or(|status| !status.ready && is_of_run(event, status));
    said.extend(last_event(view, object, |event| {
        TOLD.contains(&&*event.reason) && event.involved_object.field_path.ends_with(&path) && holds(event)
    }));
    said
}

/// What the status of a container tells: how often it was started again, and how it ended last.
fn as_told(status: &ContainerStatus) -> Vec<Sentence> {
    let count = i64::from(status.restart_count);
    let is_again = count > 0 && status.state.running.is_some();
    let args = || [("container", (&status.name).into()), ("count", count.into())];
    let again = is_again.then(|| Sentence::new(msg!("why.again"), args()));
    again.into_iter().chain(pods::ended(status)).collect()
}

/// How a container ended, where it has.
fn state(view: View, id: ContainerId) -> Option<Sentence> {
    let Fact::Container(_, Some(row)) = &view.last_state(id)?.fact else { return None };
    let ContainerPhase::Exited { code, until, oom_killed, .. } = &row.state else {
        let again = i64::from(row.attempt);
        let args = [("container", (&row.name).into()), ("count", again.into())];
        return (row.attempt > 0).then(|| Sentence::new(msg!("why.again"), args));
    };
    let mut args = vec![
        ("container", (&row.name).into()),
        ("code", i64::from(*code).into()),
        ("time", until.clock().into()),
    ];
    if *oom_killed {
        return Some(Sentence::new(msg!("why.out-of-memory"), args));
    }
    Some(match view.signals(id).filter(|(time, _)| time <= until).last() {
        Some((time, signal)) => {
            args.extend([("signal", Arg::from(signal)), ("sent", time.clock().into())]);
            Sentence::new(msg!("why.ended-by-signal"), args)
        }
        None => Sentence::new(msg!("why.ended-at"), args),
    })
}

pub(super) fn process(view: View, node: NodeId, pid: u32) -> Vec<Sentence> {
    let Some(row) = row(view, node, pid) else { return Vec::new() };
    let mut args = vec![
        ("command", (&row.command).into()),
        ("pid", i64::from(pid).into()),
        ("local", i64::from(row.local_pid).into()),
        ("node", view.node_name(node).into()),
    ];
    let container = row.container.and_then(|id| match &view.last_state(id)?.fact {
        Fact::Container(_, Some(row)) => Some(row),
        _ => None,
    });
    let Some(container) = container else { return vec![Sentence::new(msg!("why.process-pause"), args)] };
    args.push(("container", (&container.name).into()));
    args.push(("pod", (&container.pod.name).into()));
    let mut said = vec![Sentence::new(msg!("why.process"), args)];
    if row.parent > 0
        && let Some(parent) = self::row(view, node, row.parent)
        && parent.container == row.container
    {
        let args = [("command", (&parent.command).into()), ("pid", i64::from(row.parent).into())];
        said.push(Sentence::new(msg!("why.process-parent"), args));
    }
    if view.process(node, pid).is_none() {
        said.extend(row.container.and_then(|id| state(view, id)));
    }
    said
}

/// A process as it is, or was last.
fn row<'a>(view: View<'a>, node: NodeId, pid: u32) -> Option<&'a Rc<ProcessRow>> {
    let versions = view.versions(&RowKey::Process(node, pid)).iter().rev();
    let mut facts = versions.filter_map(|version| Some(&view.history().record(version.record)?.fact));
    facts.find_map(|fact| match fact {
        Fact::Process(_, _, row) => row.as_ref(),
        _ => None,
    })
}
