//! Binds claims to volumes, and reclaims volumes whose claim is gone
//! (upstream: pkg/controller/volume/persistentvolume/pv_controller.go, pv_controller_base.go).

mod bind;
mod claim;
#[cfg(test)]
mod tests;
mod volume;

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{PersistentVolume, PersistentVolumeClaim, Pod, Simulated, StorageClass};
use crate::api::volumes::claims_of;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::storage::default_class;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{ApiResult, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How often all claims and volumes are looked at again (upstream: PVClaimBinderSyncPeriod). A volume that is made
/// later wakes no claim: it is found then. Here only claims that wait are looked at, since for others nothing would come
/// of it.
const RESYNC: Micros = 15 * SECOND;

/// The Pods that use a claim, by Namespace and name of the claim (upstream: common.PodPVCIndex).
#[derive(Clone, Debug, Default)]
pub(super) struct PodsByClaim(BTreeMap<(Str, Str), BTreeSet<Str>>);

impl PodsByClaim {
    /// Takes a change of a Pod in.
    pub(super) fn on_pod(&mut self, change: Change, pod: &Pod) {
        for claim in claims_of(pod) {
            let key = (pod.metadata.namespace.clone(), claim);
            if change == Change::Deleted {
                if let Some(pods) = self.0.get_mut(&key) {
                    pods.remove(&pod.metadata.name);
                    if pods.is_empty() {
                        self.0.remove(&key);
                    }
                }
            } else {
                self.0.entry(key).or_default().insert(pod.metadata.name.clone());
            }
        }
    }
    /// The Pods that use a claim, by name.
    pub(super) fn of<'a>(&self, claim: &ObjectKey, cache: &'a Cache) -> Vec<&'a Rc<Pod>> {
        let names = self.0.get(&(claim.namespace.clone(), claim.name.clone()));
        names.into_iter().flatten().filter_map(|name| cache.typed::<Pod>(&claim.namespace, name)).collect()
    }
}

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct PersistentVolumeController {
    /// What it has written and not yet heard of.
    written: BTreeMap<ObjectKey, Object>,
    pods: PodsByClaim,
    /// Claims for which there was nothing to bind to yet.
    waiting: BTreeSet<ObjectKey>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub enum Input {
    /// A claim.
    Claim(Box<claim::Input>),
    /// A volume.
    Volume(volume::Input),
}

impl Controller for PersistentVolumeController {
    const NAME: ControllerName = ControllerName::PersistentVolumeBinder;
    const COMPONENT: &'static str = "persistentvolume-controller";
    const WATCHES: &'static [Kind] =
        &[Kind::PersistentVolume, Kind::PersistentVolumeClaim, Kind::StorageClass, Kind::Pod];
    const WORKERS: usize = 1;
    const TICK: Option<Micros> = Some(RESYNC);
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        if let Object::Pod(pod) = &heard.object {
            return self.pods.on_pod(heard.change, pod);
        }
        let key = heard.object.key();
        let is_newest =
            self.written.get(&key).is_none_or(|written| version(written) <= version(&heard.object));
        if is_newest || heard.change == Change::Deleted {
            self.written.remove(&key);
        }
        if heard.change == Change::Deleted {
            self.waiting.remove(&key);
        }
        match &heard.object {
            Object::PersistentVolume(volume) if heard.change == Change::Deleted => {
                if let Some(reference) = &volume.spec.claim_ref {
                    let (namespace, name) = (reference.namespace.clone(), reference.name.clone());
                    queue.add(ObjectKey::new(Kind::PersistentVolumeClaim, namespace, name));
                }
            }
            Object::PersistentVolumeClaim(claim)
                if heard.change == Change::Deleted && !claim.spec.volume_name.is_empty() =>
            {
                queue.add(ObjectKey::new(Kind::PersistentVolume, "", claim.spec.volume_name.clone()));
            }
            // What it has written itself it has already seen in a newer version.
            Object::PersistentVolume(_) | Object::PersistentVolumeClaim(_) if is_newest => queue.add(key),
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        match self.latest(key, cache)? {
            Object::PersistentVolumeClaim(claim) => {
                Some(Input::Claim(Box::new(self.gather_claim(key, claim, cache))))
            }
            Object::PersistentVolume(volume) => Some(Input::Volume(self.gather_volume(volume, cache))),
            _ => None,
        }
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match input {
            Input::Claim(input) => self.sync_claim(input, ask),
            Input::Volume(input) => self.sync_volume(input, ask),
        }
    }
    fn on_tick(&mut self, _: SimTime, _: &Cache, queue: &mut WorkQueue) {
        std::mem::take(&mut self.waiting).into_iter().for_each(|claim| queue.add(claim));
    }
    fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl PersistentVolumeController {
    /// An object as it has written it, or else heard of it.
    fn latest(&self, key: &ObjectKey, cache: &Cache) -> Option<Object> {
        let heard = cache.get(key);
        self.written.get(key).filter(|_| heard.is_some()).or(heard).cloned()
    }
    fn latest_typed<T: Simulated>(&self, namespace: &str, name: &str, cache: &Cache) -> Option<Rc<T>> {
        self.latest(&ObjectKey::new(T::KIND, namespace, name), cache)?.get::<T>().cloned()
    }
    fn gather_claim(&self, key: &ObjectKey, claim: Rc<PersistentVolumeClaim>, cache: &Cache) -> claim::Input {
        let class = match claim.class() {
            "" => None,
            name => cache.typed::<StorageClass>("", name).cloned(),
        };
        // Only a claim that looks for a volume looks at all of them.
        let volumes = if claim.spec.volume_name.is_empty() {
            let all = cache.list(Kind::PersistentVolume, None).map(Object::key);
            all.filter_map(|key| self.latest(&key, cache)?.get::<PersistentVolume>().cloned()).collect()
        } else {
            self.latest_typed(&Str::default(), &claim.spec.volume_name, cache).into_iter().collect()
        };
        let waits = |pod: &&Rc<Pod>| {
            pod.spec.node_name.is_empty() && !crate::api::conditions::is_pod_terminal(pod)
        };
        claim::Input {
            default_class: if claim.has_class() { None } else { default_class(cache.list(Kind::StorageClass, None)) },
            waiting_pods: self
                .pods
                .of(key, cache)
                .into_iter()
                .filter(waits)
                .map(|pod| pod.metadata.name.clone())
                .collect(),
            claim,
            class,
            volumes,
        }
    }
    fn gather_volume(&self, volume: Rc<PersistentVolume>, cache: &Cache) -> volume::Input {
        let claim = volume.spec.claim_ref.as_ref().and_then(|reference| {
            self.latest_typed::<PersistentVolumeClaim>(&reference.namespace, &reference.name, cache)
        });
        volume::Input { volume, claim }
    }
    /// Writes an object and remembers it as it came out.
    fn write(&mut self, ask: &mut Ask, request: Request) -> Result<ApiResult, Suspended> {
        let answer = ask.api(request)?;
        if ask.once()
            && let Ok(reply) = &answer
            && let Some(object) = reply.object()
        {
            self.written.insert(object.key(), object.clone());
        }
        Ok(answer)
    }
}

fn version(object: &Object) -> u64 {
    object.meta().resource_version.parse().unwrap_or(0)
}
