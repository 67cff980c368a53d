//! A Pod's volumes: what ConfigMaps, Secrets and the Pod itself put into them, tried again where one is missing
//! and read again where one has changed (upstream: pkg/kubelet/volumemanager, pkg/volume).

use super::Kubelet;
use super::environment::{config_map, resource, secret};
use crate::api::objects::{Labels, Pod, Volume};
use crate::api::{Kind, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::latency::Hop;
use crate::cluster::record::NodeId;
use crate::cluster::runtime::Runtime;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::{Str, Value};
use std::rc::Rc;

/// How long a sync waits for volumes (upstream: podAttachAndMountTimeout).
const TIMEOUT: Micros = 123 * SECOND;
/// The longest wait between two tries.
const MAX_WAIT: Micros = 122 * SECOND;
/// How long after a sync a Pod is looked at again at the latest, and what chance adds (upstream: syncFrequency).
const SYNC_FREQUENCY: Micros = 60 * SECOND;
const SYNC_JITTER: Micros = 30 * SECOND;

/// How often a worker asks whether volumes are there or gone (upstream: podAttachAndMountRetryInterval).
const POLL: Micros = 300 * MILLI;
/// How often the volume manager's two loops look at what is wanted and at what is there (upstream:
/// desiredStateOfWorldPopulatorLoopSleepPeriod, reconcilerLoopSleepPeriod).
const LOOP: Micros = 100 * MILLI;

/// How long it takes until the volumes of a Pod that has ended are taken down: the one loop finds that they are not
/// wanted any more, the other takes them down.
pub(super) fn unmount(engine: &mut Engine, who: (NodeId, &Str)) -> Micros {
    let loops = engine.jitter(LOOP, (who, "populator")) + engine.jitter(LOOP, (who, "reconciler"));
    loops + engine.latency(Hop::Unmount, who)
}

/// When a worker that asks now sees that volumes are gone which take so long.
pub(super) fn until_seen(takes: Micros) -> Micros {
    takes.div_ceil(POLL) * POLL
}

/// When a Pod's volumes are tried again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Retry {
    next: SimTime,
    wait: Micros,
}

impl Retry {
    /// How long the first try of a sync waits, where it takes `usual` without a retry.
    pub(super) fn first(self, now: SimTime, usual: Micros) -> Micros {
        if self.wait == 0 { usual } else { self.next.since(now) }
    }
}

/// What a volume is filled from.
#[derive(Clone, Copy)]
enum Source<'a> {
    ConfigMap(&'a Value),
    Secret(&'a Value),
    DownwardApi(&'a Value),
    Token(&'a Value),
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn is_optional(value: &Value) -> bool {
    value.get("optional").and_then(Value::as_bool).unwrap_or(false)
}

/// What a volume is filled from, in order. The ServiceAccount's own files are never read here.
fn sources(volume: &Volume) -> Vec<Source<'_>> {
    let mut out: Vec<Source> = Vec::new();
    out.extend(volume.config_map.as_ref().map(Source::ConfigMap));
    out.extend(volume.secret.as_ref().map(Source::Secret));
    out.extend(volume.downward_api.as_ref().map(Source::DownwardApi));
    let projected = volume.projected.as_ref().filter(|_| !volume.name.starts_with("kube-api-access-"));
    let parts = projected.and_then(|source| source.get("sources")).and_then(Value::as_array);
    for part in parts.unwrap_or_default() {
        out.extend(part.get("configMap").map(Source::ConfigMap));
        out.extend(part.get("secret").map(Source::Secret));
        out.extend(part.get("downwardAPI").map(Source::DownwardApi));
        out.extend(part.get("serviceAccountToken").map(Source::Token));
    }
    out
}

/// The name of what a source reads.
fn name_of<'a>(source: &Source<'a>) -> Option<(Kind, &'a str)> {
    match source {
        Source::ConfigMap(value) => Some((Kind::ConfigMap, word(value, "name"))),
        Source::Secret(value) => {
            let field = if value.get("secretName").is_some() { "secretName" } else { "name" };
            Some((Kind::Secret, word(value, field)))
        }
        Source::DownwardApi(_) | Source::Token(_) => None,
    }
}

/// The files of a source, by path: all keys, or those that its items name (upstream: MakePayload).
fn files(source: Source, data: &Labels) -> Result<Vec<(Str, Str)>, String> {
    let (value, what) = match source {
        Source::Secret(value) => (value, "references non-existent secret key"),
        Source::ConfigMap(value) | Source::DownwardApi(value) | Source::Token(value) => {
            (value, "configmap references non-existent config key")
        }
    };
    let items = value.get("items").and_then(Value::as_array).filter(|items| !items.is_empty());
    let Some(items) = items else {
        return Ok(data.iter().map(|(key, text)| (key.clone(), text.clone())).collect());
    };
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        let key = word(item, "key");
        match data.get(key) {
            Some(text) => out.push((word(item, "path").into(), text.clone())),
            None if is_optional(value) => {}
            None => return Err(format!("{what}: {key}")),
        }
    }
    Ok(out)
}

impl Kubelet {
    /// Sets up the volumes of a Pod: after `first`, and again after growing waits. False where that has taken too long.
    pub(super) fn mount_volumes(
        &mut self,
        runtime: &mut Runtime,
        pod: &Rc<Pod>,
        first: Micros,
        retry: Retry,
        ask: &mut Ask,
    ) -> Result<bool, Suspended> {
        let began = ask.now();
        ask.sleep(first)?;
        let mut wait = retry.wait;
        loop {
            if self.set_up(runtime, pod, ask)? {
                return Ok(true);
            }
            wait = if wait == 0 { 500 * MILLI } else { (wait * 2).min(MAX_WAIT) };
            let left = TIMEOUT.saturating_sub(ask.now().since(began));
            if wait > left {
                // The tries go on by themselves while the sync gives up.
                let next = ask.now() + wait;
                ask.sleep(left)?;
                if let Some(worker) = self.workers.get_mut(&pod.metadata.uid) {
                    worker.retry = Retry { next, wait };
                }
                return Ok(false);
            }
            ask.sleep(wait)?;
        }
    }
    /// Fills a Pod's volumes. False where one cannot be, which an Event says.
    pub(super) fn set_up(
        &mut self,
        runtime: &mut Runtime,
        pod: &Rc<Pod>,
        ask: &mut Ask,
    ) -> Result<bool, Suspended> {
        for volume in &pod.spec.volumes {
            match self.folder_of(runtime, pod, volume, ask)? {
                Ok(None) => {}
                Ok(Some(path)) => {
                    if ask.once() {
                        runtime.mount_folder(&pod.metadata.uid, &volume.name, path);
                    }
                    continue;
                }
                Err(message) => {
                    ask.event(self.pod_note(pod, true, "FailedMount", message));
                    return Ok(false);
                }
            }
            let sources = sources(volume);
            if sources.is_empty() {
                continue;
            }
            let mut all = Vec::new();
            for source in sources {
                match self.read_source(pod, source, ask)? {
                    Ok(files) => all.extend(files),
                    Err(why) => {
                        let message =
                            format!("MountVolume.SetUp failed for volume {:?} : {why}", &*volume.name);
                        ask.event(self.pod_note(pod, true, "FailedMount", message));
                        return Ok(false);
                    }
                }
            }
            if ask.once() {
                runtime.fill_volume(&pod.metadata.uid, &volume.name, &all);
            }
        }
        Ok(true)
    }
    /// The files of a source, or why they cannot be had.
    fn read_source(
        &mut self,
        pod: &Rc<Pod>,
        source: Source,
        ask: &mut Ask,
    ) -> Result<Result<Vec<(Str, Str)>, String>, Suspended> {
        let (value, data) = match source {
            Source::DownwardApi(value) => return Ok(Ok(self.downward_files(pod, value))),
            // A token that nobody has signed: its parts are empty.
            Source::Token(value) => return Ok(Ok(vec![(word(value, "path").into(), "e30.e30.".into())])),
            Source::ConfigMap(value) | Source::Secret(value) => {
                let Some((kind, name)) = name_of(&source) else { return Ok(Ok(Vec::new())) };
                let key = ObjectKey::new(kind, pod.metadata.namespace.clone(), name);
                if ask.once() {
                    self.readers.entry(key).or_default().insert(pod.metadata.uid.clone());
                }
                let is_secret = kind == Kind::Secret;
                (value, if is_secret { secret(pod, name, ask)? } else { config_map(pod, name, ask)? })
            }
        };
        Ok(match data {
            Ok(data) => files(source, &data),
            Err(_) if is_optional(value) => Ok(Vec::new()),
            Err(why) => Err(why),
        })
    }
    /// What is said of the Pod itself, as files.
    fn downward_files(&self, pod: &Pod, value: &Value) -> Vec<(Str, Str)> {
        let items = value.get("items").and_then(Value::as_array).unwrap_or_default();
        let file = |item: &Value| {
            let text = match (item.get("fieldRef"), item.get("resourceFieldRef")) {
                (Some(field), _) => self.field(pod, word(field, "fieldPath"), &Str::default()),
                (None, Some(reference)) => {
                    let name = word(reference, "containerName");
                    let spec = super::lifecycle::container(pod, name)?;
                    resource(spec, reference, &self.allocatable)
                }
                (None, None) => return None,
            };
            Some((Str::from(word(item, "path")), text))
        };
        items.iter().filter_map(file).collect()
    }
    /// A ConfigMap or a Secret has changed: the Pods that mount it see it at their next regular sync.
    pub fn on_config(&mut self, engine: &mut Engine, key: &ObjectKey) {
        let Some(readers) = self.readers.get(key).cloned() else { return };
        for uid in readers {
            let Some(worker) = self.workers.get_mut(&uid).filter(|worker| worker.is_syncing()) else {
                continue;
            };
            worker.is_outdated = true;
            let last = worker.last_sync.unwrap_or(engine.now);
            let due = last + SYNC_FREQUENCY + engine.jitter(SYNC_JITTER, (self.node, "resync", &uid));
            // A Pod is looked at again and again: this is the first time that falls after the change.
            let mut at = due;
            while at < engine.now {
                at = at + SYNC_FREQUENCY + engine.jitter(SYNC_JITTER, (self.node, "resync", &uid));
            }
            // What is due before that stays so: a container that waits to be started again does not wait longer.
            if self.work_queue.get(&uid).is_none_or(|due| at < *due) {
                self.look_again(engine, &uid, at.since(engine.now));
            }
        }
    }
    /// A Pod no longer reads anything.
    pub(super) fn forget_reader(&mut self, uid: &Str) {
        self.readers.retain(|_, readers| {
            readers.remove(uid);
            !readers.is_empty()
        });
    }
    /// Whether a Pod's volumes say what changes with the Pod itself.
    pub(super) fn tells_of_itself(pod: &Pod) -> bool {
        let tells =
            |volume: &Volume| sources(volume).iter().any(|source| matches!(source, Source::DownwardApi(_)));
        pod.spec.volumes.iter().any(tells)
    }
}
