//! Keeps volumes while claims have them (upstream: pkg/controller/volume/pvprotection).

use super::claim_protection::{is_candidate, turn_finalizer};
use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::PersistentVolume;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::storage::PV_PROTECTION;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::ControllerName;
use crate::cluster::task::{Ask, Suspended};
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct VolumeProtectionController;

impl Controller for VolumeProtectionController {
    const NAME: ControllerName = ControllerName::VolumeProtection;
    const WATCHES: &'static [Kind] = &[Kind::PersistentVolume];
    type Input = Rc<PersistentVolume>;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        if is_candidate(&heard.object, PV_PROTECTION) {
            queue.add(heard.object.key());
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Rc<PersistentVolume>> {
        cache.get(key)?.get::<PersistentVolume>().cloned()
    }
    fn sync(&mut self, _: &ObjectKey, volume: &Rc<PersistentVolume>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let object = Object::PersistentVolume(volume.clone());
        let is_used = volume.metadata.is_terminating() && &*volume.status.phase == "Bound";
        if is_used || !is_candidate(&object, PV_PROTECTION) {
            return Ok(Outcome::Done);
        }
        turn_finalizer(ask, object, PV_PROTECTION)
    }
}
