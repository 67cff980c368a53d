//! A volume: whether it is free, bound, or to be reclaimed (upstream: pv_controller.go syncVolume, reclaimVolume).

use super::{Outcome, PersistentVolumeController};
use crate::api::objects::{PersistentVolume, PersistentVolumeClaim};
use crate::api::volumes::{BOUND_BY_CONTROLLER, DYNAMICALLY_PROVISIONED, mismatches_mode};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{DeleteOptions, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::value::Value;
use std::rc::Rc;

/// What the sync of a volume reads.
#[derive(Clone, Debug)]
pub struct Input {
    pub(super) volume: Rc<PersistentVolume>,
    /// The claim of the name that it is bound to.
    pub(super) claim: Option<Rc<PersistentVolumeClaim>>,
}

impl PersistentVolumeController {
    pub(super) fn sync_volume(&mut self, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let volume = &input.volume;
        let done = |is_written: bool| Ok(if is_written { Outcome::Done } else { Outcome::Retry });
        let Some(target) = volume.spec.claim_ref.as_ref().filter(|target| !target.uid.is_empty()) else {
            // Free, or kept for a claim that has not taken it yet.
            return done(self.update_volume_phase(ask, volume, "Available", "")?.is_some());
        };
        let mut claim = input.claim.clone();
        if claim.as_ref().is_none_or(|claim| claim.metadata.uid != target.uid) && !is_over(volume) {
            // What it has not heard of may still be there.
            let key = ObjectKey::new(Kind::PersistentVolumeClaim, target.namespace.clone(), target.name.clone());
            let found = ask.api(Request::get(key))?;
            claim = found.ok().and_then(|reply| reply.object()?.get::<PersistentVolumeClaim>().cloned());
        }
        let Some(claim) = claim.filter(|claim| claim.metadata.uid == target.uid) else {
            return self.release(volume, ask);
        };
        if claim.spec.volume_name.is_empty() {
            if mismatches_mode(volume, &claim) {
                let (volume_name, claim_name) = (&volume.metadata.name, &claim.metadata.name);
                let message = format!(
                    "Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{claim_name}\" due to incompatible volumeMode."
                );
                let object = Object::PersistentVolume(volume.clone());
                ask.event(EventNote::warning(&object, "VolumeMismatch", message));
                let message = format!(
                    "Cannot bind PersistentVolume \"{volume_name}\" to requested PersistentVolumeClaim due to incompatible volumeMode."
                );
                let object = Object::PersistentVolumeClaim(claim);
                ask.event(EventNote::warning(&object, "VolumeMismatch", message));
                return Ok(Outcome::Done);
            }
            // The scheduler has bound the volume, or the claim's half of the binding is missing: upstream puts the
            // claim into its queue.
            return done(self.bind(ask, volume, &claim)?);
        }
        if claim.spec.volume_name == volume.metadata.name {
            return done(self.update_volume_phase(ask, volume, "Bound", "")?.is_some());
        }
        // The claim has another volume.
        let is_made_for_it = volume.metadata.annotations.contains_key(DYNAMICALLY_PROVISIONED)
            && &*volume.spec.persistent_volume_reclaim_policy == "Delete";
        if is_made_for_it {
            return self.release(volume, ask);
        }
        done(self.unbind_volume(ask, volume)?.is_some())
    }
    /// Its claim is gone.
    fn release(&mut self, volume: &Rc<PersistentVolume>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let mut volume = volume.clone();
        if !is_over(&volume) {
            match self.update_volume_phase(ask, &volume, "Released", "")? {
                Some(new) => volume = new,
                None => return Ok(Outcome::Retry),
            }
        }
        match &*volume.spec.persistent_volume_reclaim_policy {
            "Delete" => self.delete_volume(&volume, ask),
            "Recycle" => self.recycle(&volume, ask),
            _ => Ok(Outcome::Done),
        }
    }
    /// Deletes what the volume stands for, and the volume (upstream: deleteVolumeOperation).
    fn delete_volume(&mut self, volume: &Rc<PersistentVolume>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let meta = &volume.metadata;
        let made_by = meta.annotations.get(DYNAMICALLY_PROVISIONED);
        if volume.spec.csi.is_some() || made_by.is_some_and(|by| !by.starts_with("kubernetes.io/")) {
            // Who has made it deletes it.
            return Ok(Outcome::Done);
        }
        let Some(path) = &volume.spec.host_path else {
            let message = format!(
                "error getting deleter volume plugin for volume \"{}\": no deletable volume plugin matched",
                meta.name
            );
            return self.fail(volume, "VolumeFailedDelete", &message, ask);
        };
        let path = path.get("path").and_then(Value::as_str).unwrap_or_default();
        if path.strip_prefix("/tmp/").is_none_or(str::is_empty) {
            let message = format!("host_path deleter only supports /tmp/.+ but received provided {path}");
            return self.fail(volume, "VolumeFailedDelete", &message, ask);
        }
        if !meta.is_terminating() {
            let key = ObjectKey::new(Kind::PersistentVolume, "", meta.name.clone());
            _ = ask.api(Request::delete(key, DeleteOptions::default()))?;
        }
        Ok(Outcome::Done)
    }
    /// Empties the volume for the next claim; upstream runs a Pod that does it.
    fn recycle(&mut self, volume: &Rc<PersistentVolume>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let is_nfs = volume.spec.extra.as_ref().is_some_and(|extra| extra.contains_key("nfs"));
        if volume.spec.host_path.is_none() && !is_nfs {
            return self.fail(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!", ask);
        }
        ask.event(EventNote::normal(&Object::PersistentVolume(volume.clone()), "VolumeRecycled", "Volume recycled"));
        // A recycled volume is free for any claim, whoever had bound it.
        let mut bound = PersistentVolume::clone(volume);
        Rc::make_mut(&mut bound.metadata).annotations.insert(BOUND_BY_CONTROLLER.into(), "yes".into());
        Ok(if self.unbind_volume(ask, &Rc::new(bound))?.is_some() { Outcome::Done } else { Outcome::Retry })
    }
    fn fail(
        &mut self,
        volume: &Rc<PersistentVolume>,
        reason: &'static str,
        message: &str,
        ask: &mut Ask,
    ) -> Result<Outcome, Suspended> {
        if &*volume.status.phase == "Failed" {
            return Ok(Outcome::Done);
        }
        let Some(new) = self.update_volume_phase(ask, volume, "Failed", message)? else { return Ok(Outcome::Retry) };
        ask.event(EventNote::warning(&Object::PersistentVolume(new), reason, message));
        Ok(Outcome::Done)
    }
}

/// Whether a volume was released already.
fn is_over(volume: &PersistentVolume) -> bool {
    matches!(&*volume.status.phase, "Released" | "Failed")
}
