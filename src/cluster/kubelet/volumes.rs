//! A Pod's volumes: what ConfigMaps and Secrets put into them, tried again where one is missing
//! (upstream: pkg/kubelet/volumemanager).

use super::Kubelet;
use super::environment::{config_map, secret};
use crate::api::objects::{Labels, Pod};
use crate::cluster::runtime::Runtime;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::{Str, Value};
use std::rc::Rc;

/// How long a sync waits for volumes (upstream: podAttachAndMountTimeout).
const TIMEOUT: Micros = 123 * SECOND;
/// The longest wait between two tries.
const MAX_WAIT: Micros = 122 * SECOND;

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

/// The files of a source, by path: all keys, or those that its items name.
fn files(source: &Value, data: &Labels) -> Result<Vec<(Str, Str)>, String> {
    let Some(items) = source.get("items").and_then(Value::as_array) else {
        return Ok(data.iter().map(|(key, text)| (key.clone(), text.clone())).collect());
    };
    let word =
        |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    items
        .iter()
        .map(|item| {
            let key = word(item, "key");
            match data.get(&*key) {
                Some(text) => Ok((word(item, "path").into(), text.clone())),
                None => Err(format!("references non-existent config key: {key}")),
            }
        })
        .collect()
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
            let Some((volume, why)) = self.set_up(runtime, pod, ask)? else { return Ok(true) };
            let message = format!("MountVolume.SetUp failed for volume {volume:?} : {why}");
            ask.event(self.pod_note(pod, true, "FailedMount", message));
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
    /// Fills a Pod's volumes; the first that cannot be, and why.
    fn set_up(
        &self,
        runtime: &mut Runtime,
        pod: &Rc<Pod>,
        ask: &mut Ask,
    ) -> Result<Option<(Str, String)>, Suspended> {
        for volume in &pod.spec.volumes {
            let mut sources: Vec<(&Value, bool)> = Vec::new();
            let projected =
                volume.projected.as_ref().filter(|_| !volume.name.starts_with("kube-api-access-"));
            let parts = projected.and_then(|source| source.get("sources")).and_then(Value::as_array);
            sources.extend(volume.config_map.as_ref().map(|source| (source, false)));
            sources.extend(volume.secret.as_ref().map(|source| (source, true)));
            for part in parts.unwrap_or_default() {
                sources.extend(part.get("configMap").map(|source| (source, false)));
                sources.extend(part.get("secret").map(|source| (source, true)));
            }
            for (source, is_secret) in sources {
                let field =
                    if is_secret && source.get("secretName").is_some() { "secretName" } else { "name" };
                let name = source.get(field).and_then(Value::as_str).unwrap_or_default();
                let data = if is_secret { secret(pod, name, ask)? } else { config_map(pod, name, ask)? };
                let is_optional = source.get("optional").and_then(Value::as_bool).unwrap_or(false);
                match data.and_then(|data| files(source, &data)) {
                    Ok(files) => runtime.fill_volume(&pod.metadata.uid, &volume.name, &files),
                    Err(_) if is_optional => {}
                    Err(why) => return Ok(Some((volume.name.clone(), why))),
                }
            }
        }
        Ok(None)
    }
}
