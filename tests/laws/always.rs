//! Laws that hold at every moment of a run, checked record by record.

use podium::api::conditions::{is_pod_ready, is_pod_terminal};
use podium::api::objects::{EndpointSlice, Pod};
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::fault::Fault;
use podium::cluster::record::{Actor, Change, Fact, MessageKind, Record, RecordId};
use podium::cluster::runtime::{SandboxId, SandboxRow};
use podium::cluster::time::{Micros, SECOND, SimTime};
use podium::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// So long ago a controller may at most have read what it writes.
const READ_BEFORE: Micros = 2 * SECOND;
/// So long after an outage of the API server the controllers have heard of everything again.
const HEARD_AGAIN: Micros = 5 * SECOND;

/// What is known of a Pod.
#[derive(Default)]
struct Known {
    node: Str,
    restarts: BTreeMap<Str, i32>,
    /// Whether it has ended.
    has_ended: bool,
    /// Whether the controllers know it as ready, and until when they last did.
    is_ready: bool,
    was_ready_until: Option<SimTime>,
}

/// What has been seen of a run so far.
#[derive(Default)]
pub(crate) struct Seen {
    pods: BTreeMap<Str, Known>,
    /// Of each object its uid, its generation and whether it is to be deleted.
    objects: BTreeMap<ObjectKey, (Str, i64, bool)>,
    revision: u64,
    sandboxes: BTreeMap<SandboxId, Rc<SandboxRow>>,
    is_down: bool,
    up_since: SimTime,
    /// Pods' changes that are told to the controllers: the record of each change, and what it says of the Pod.
    changes: BTreeMap<RecordId, (Str, bool)>,
    last: Option<SimTime>,
}

impl Seen {
    /// Looks at the next record. Gives what law it breaks.
    pub(crate) fn next(&mut self, record: &Record) -> Result<(), String> {
        if record.cause.is_some_and(|cause| cause >= record.id) {
            return Err("its cause is no earlier record".into());
        }
        if self.last.replace(record.time).is_some_and(|last| last > record.time) {
            return Err("it is earlier than the record before it".into());
        }
        match &record.fact {
            Fact::Object { change, object } => self.object(record, *change, object)?,
            Fact::Sandbox(id, row) => self.sandbox(*id, row.as_ref())?,
            Fact::Fault(fault) => match &**fault {
                Fault::ApiServerStops => self.is_down = true,
                Fault::ApiServerStarts => (self.is_down, self.up_since) = (false, record.time),
                _ => {}
            },
            Fact::Message(message) => {
                if let (MessageKind::Watch(..), Actor::Controller(_), Some(cause)) =
                    (&message.kind, message.to, record.cause)
                    && let Some((uid, is_ready)) = self.changes.remove(&cause)
                {
                    let known = self.pods.entry(uid).or_default();
                    if known.is_ready && !is_ready {
                        known.was_ready_until = Some(message.arrives);
                    }
                    known.is_ready = is_ready;
                }
            }
            Fact::Limit(what, _) => return Err(format!("a limit is reached: {what}")),
            _ => {}
        }
        Ok(())
    }
    fn object(&mut self, record: &Record, change: Change, object: &Object) -> Result<(), String> {
        let (key, meta) = (object.key(), object.meta());
        let revision: u64 = meta.resource_version.parse().map_err(|_| "its resourceVersion is no number")?;
        if revision <= self.revision {
            return Err(format!("resourceVersion {revision} comes after {}", self.revision));
        }
        self.revision = revision;
        let now = (meta.uid.clone(), meta.generation, meta.is_terminating());
        let before = match change {
            Change::Deleted => self.objects.remove(&key),
            _ => self.objects.insert(key.clone(), now.clone()),
        };
        match (change, before) {
            (Change::Added, None) => {}
            (Change::Added, Some(_)) => return Err("it is added and was there".into()),
            (_, None) => return Err("it changes and was not there".into()),
            (_, Some((uid, ..))) if uid != now.0 => return Err("its uid changes".into()),
            (_, Some((_, generation, _))) if generation > now.1 => return Err("its generation falls".into()),
            (Change::Modified, Some((_, _, true))) if !now.2 => {
                return Err("its deletion is taken back".into());
            }
            _ => {}
        }
        match object {
            Object::Pod(pod) => self.pod(record.id, change, pod),
            Object::EndpointSlice(slice) if change != Change::Deleted => self.slice(record.time, slice),
            _ => Ok(()),
        }
    }
    fn pod(&mut self, id: RecordId, change: Change, pod: &Pod) -> Result<(), String> {
        let is_ready = change != Change::Deleted && is_pod_ready(pod) && !pod.metadata.is_terminating();
        self.changes.insert(id, (pod.metadata.uid.clone(), is_ready));
        let known = self.pods.entry(pod.metadata.uid.clone()).or_default();
        if !known.node.is_empty() && known.node != pod.spec.node_name {
            return Err(format!("it is bound to {} and then to {}", known.node, pod.spec.node_name));
        }
        known.node = pod.spec.node_name.clone();
        if known.has_ended && !is_pod_terminal(pod) {
            return Err("it had ended and lives again".into());
        }
        known.has_ended = is_pod_terminal(pod);
        for status in pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses) {
            let before = known.restarts.insert(status.name.clone(), status.restart_count).unwrap_or(0);
            if before > status.restart_count {
                let (name, count) = (&status.name, status.restart_count);
                return Err(format!("container {name} had {before} restarts and has {count}"));
            }
        }
        Ok(())
    }
    /// A ready endpoint belongs to a Pod that the controllers knew as ready when they read it.
    fn slice(&self, now: SimTime, slice: &EndpointSlice) -> Result<(), String> {
        if self.is_down || now < self.up_since + HEARD_AGAIN {
            return Ok(());
        }
        for endpoint in slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready == Some(true)) {
            let Some(target) = &endpoint.target_ref else { continue };
            let known = self.pods.get(&target.uid);
            let was_ready = known.is_some_and(|known| {
                known.is_ready || known.was_ready_until.is_some_and(|until| until + READ_BEFORE >= now)
            });
            if !was_ready {
                return Err(format!("its endpoint {} is ready and the Pod is not", target.name));
            }
        }
        Ok(())
    }
    fn sandbox(&mut self, id: SandboxId, row: Option<&Rc<SandboxRow>>) -> Result<(), String> {
        let Some(row) = row else {
            self.sandboxes.remove(&id);
            return Ok(());
        };
        self.sandboxes.insert(id, row.clone());
        let lives = |row: &SandboxRow| row.ready && !row.ip.is_empty() && !row.ip.starts_with("172.30.");
        let other = self
            .sandboxes
            .iter()
            .find(|(other, that)| **other != id && lives(row) && lives(that) && that.ip == row.ip);
        other.map_or(Ok(()), |(_, other)| {
            Err(format!("{} and {} have the address {}", row.pod.name, other.pod.name, row.ip))
        })
    }
}

/// What a record is about, for the report.
pub(crate) fn subject(record: &Record) -> String {
    match &record.fact {
        Fact::Object { change, object } => {
            let key = object.key();
            format!("{} {} {}", change.as_str(), kind_name(key.kind), key.name)
        }
        other => {
            let text = format!("{other:?}");
            text.chars().take(200).collect()
        }
    }
}

pub(crate) fn kind_name(kind: Kind) -> &'static str {
    kind.info().name
}
