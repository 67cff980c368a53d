//! Writing a binding: the volume first, then the claim, each with its status after it
//! (upstream: pv_controller.go bind, unbindVolume, updateVolumePhase, updateClaimStatus).

use super::PersistentVolumeController;
use crate::api::Object;
use crate::api::objects::{PersistentVolume, PersistentVolumeClaim};
use crate::api::volumes::{BIND_COMPLETED, BOUND_BY_CONTROLLER, is_bound_to, is_same_capacity};
use crate::cluster::recorder::reference;
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use crate::value::Str;
use std::rc::Rc;

/// The object as it was written, or none where that failed: the key is tried again.
type Written<T> = Result<Option<Rc<T>>, Suspended>;

impl PersistentVolumeController {
    fn write_volume(&mut self, ask: &mut Ask, request: Request) -> Written<PersistentVolume> {
        Ok(self.write(ask, request)?.ok().and_then(|reply| reply.object()?.get::<PersistentVolume>().cloned()))
    }
    fn write_claim(&mut self, ask: &mut Ask, request: Request) -> Written<PersistentVolumeClaim> {
        let answer = self.write(ask, request)?;
        Ok(answer.ok().and_then(|reply| reply.object()?.get::<PersistentVolumeClaim>().cloned()))
    }
    /// Binds a claim and a volume to each other. True where all of it is written.
    pub(super) fn bind(
        &mut self,
        ask: &mut Ask,
        volume: &Rc<PersistentVolume>,
        claim: &Rc<PersistentVolumeClaim>,
    ) -> Result<bool, Suspended> {
        let Some(volume) = self.bind_volume_to_claim(ask, volume, claim)? else { return Ok(false) };
        let Some(volume) = self.update_volume_phase(ask, &volume, "Bound", "")? else { return Ok(false) };
        let Some(claim) = self.bind_claim_to_volume(ask, claim, &volume)? else { return Ok(false) };
        Ok(self.update_claim_status(ask, &claim, "Bound", Some(&volume))?.is_some())
    }
    fn bind_volume_to_claim(
        &mut self,
        ask: &mut Ask,
        volume: &Rc<PersistentVolume>,
        claim: &Rc<PersistentVolumeClaim>,
    ) -> Written<PersistentVolume> {
        match bound_volume(volume, claim) {
            None => Ok(Some(volume.clone())),
            Some(new) => self.write_volume(ask, Request::update(new)),
        }
    }
    fn bind_claim_to_volume(
        &mut self,
        ask: &mut Ask,
        claim: &Rc<PersistentVolumeClaim>,
        volume: &PersistentVolume,
    ) -> Written<PersistentVolumeClaim> {
        let mut new = PersistentVolumeClaim::clone(claim);
        let annotations = &mut Rc::make_mut(&mut new.metadata).annotations;
        if volume.metadata.name != claim.spec.volume_name {
            annotations.entry(BOUND_BY_CONTROLLER.into()).or_insert_with(|| "yes".into());
            Rc::make_mut(&mut new.spec).volume_name = volume.metadata.name.clone();
        }
        annotations.entry(BIND_COMPLETED.into()).or_insert_with(|| "yes".into());
        if new == **claim {
            return Ok(Some(claim.clone()));
        }
        self.write_claim(ask, Request::update(new))
    }
    /// Lets a volume go that was bound to a claim which has another (upstream: unbindVolume).
    pub(super) fn unbind_volume(
        &mut self,
        ask: &mut Ask,
        volume: &Rc<PersistentVolume>,
    ) -> Written<PersistentVolume> {
        let mut new = PersistentVolume::clone(volume);
        let was_bound = Rc::make_mut(&mut new.metadata).annotations.remove(BOUND_BY_CONTROLLER).is_some();
        let spec = Rc::make_mut(&mut new.spec);
        if was_bound {
            spec.claim_ref = None;
        } else if let Some(reference) = &mut spec.claim_ref {
            reference.uid = Str::default();
        }
        match self.write_volume(ask, Request::update(new))? {
            Some(volume) => self.update_volume_phase(ask, &volume, "Available", ""),
            None => Ok(None),
        }
    }
    /// Writes a volume's phase where it is another.
    pub(super) fn update_volume_phase(
        &mut self,
        ask: &mut Ask,
        volume: &Rc<PersistentVolume>,
        phase: &str,
        message: &str,
    ) -> Written<PersistentVolume> {
        if &*volume.status.phase == phase {
            return Ok(Some(volume.clone()));
        }
        let mut new = PersistentVolume::clone(volume);
        new.status.phase = phase.into();
        new.status.message = message.into();
        self.write_volume(ask, Request::update_status(new))
    }
    /// Writes a claim's phase, and what its volume offers, where that is something else.
    pub(super) fn update_claim_status(
        &mut self,
        ask: &mut Ask,
        claim: &Rc<PersistentVolumeClaim>,
        phase: &str,
        volume: Option<&PersistentVolume>,
    ) -> Written<PersistentVolumeClaim> {
        let mut new = PersistentVolumeClaim::clone(claim);
        let status = &mut new.status;
        let changes_phase = &*status.phase != phase;
        status.phase = phase.into();
        match volume {
            None => {
                status.access_modes.clear();
                status.capacity.clear();
            }
            Some(volume) => {
                status.access_modes = volume.spec.access_modes.clone();
                // A claim that was bound before may say less than its volume has: its file system has not grown yet.
                if changes_phase && !is_same_capacity(volume, claim) {
                    status.capacity = volume.spec.capacity.clone();
                }
            }
        }
        if new == **claim {
            return Ok(Some(claim.clone()));
        }
        self.write_claim(ask, Request::update_status(new))
    }
}

/// The volume as bound to the claim; none where it is so already (upstream: GetBindVolumeToClaim).
pub(in crate::cluster) fn bound_volume(
    volume: &PersistentVolume,
    claim: &Rc<PersistentVolumeClaim>,
) -> Option<PersistentVolume> {
    let mut new = PersistentVolume::clone(volume);
    let is_whole = is_bound_to(volume, claim)
        && volume.spec.claim_ref.as_ref().is_some_and(|reference| reference.uid == claim.metadata.uid);
    if !is_whole {
        let target = reference(&Object::PersistentVolumeClaim(claim.clone()));
        Rc::make_mut(&mut new.spec).claim_ref = Some(target);
    }
    if !is_bound_to(volume, claim) {
        let annotations = &mut Rc::make_mut(&mut new.metadata).annotations;
        annotations.entry(BOUND_BY_CONTROLLER.into()).or_insert_with(|| "yes".into());
    }
    (new != *volume).then_some(new)
}
