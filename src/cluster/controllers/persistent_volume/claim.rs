//! A claim: what volume it gets, or who is to make one (upstream: pv_controller.go syncClaim, provisionClaim).

use super::{Outcome, PersistentVolumeController};
use crate::api::Object;
use crate::api::objects::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::api::volumes::{
    BETA_STORAGE_PROVISIONER, BIND_COMPLETED, BOUND_BY_CONTROLLER, SELECTED_NODE, STORAGE_PROVISIONER, Seeker,
    find_matching, is_bound_to, satisfies,
};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use crate::value::Str;
use std::rc::Rc;

/// What the sync of a claim reads.
#[derive(Clone, Debug)]
pub struct Input {
    pub(super) claim: Rc<PersistentVolumeClaim>,
    /// Its class, where there is one of that name.
    pub(super) class: Option<Rc<StorageClass>>,
    /// The default class, where the claim says none.
    pub(super) default_class: Option<Str>,
    /// All volumes; of a claim that asks for one only that.
    pub(super) volumes: Vec<Rc<PersistentVolume>>,
    /// Pods without a node that use it.
    pub(super) waiting_pods: Vec<Str>,
}

/// In-tree plugins whose volumes a CSI driver makes by now (upstream: csi-translation-lib).
const MIGRATED: [(&str, &str); 7] = [
    ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
    ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ("kubernetes.io/azure-file", "file.csi.azure.com"),
    ("kubernetes.io/cinder", "cinder.csi.openstack.org"),
    ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
    ("kubernetes.io/portworx-volume", "pxd.portworx.com"),
    ("kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"),
];

impl PersistentVolumeController {
    pub(super) fn sync_claim(&mut self, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let is_bound = input.claim.metadata.annotations.contains_key(BIND_COMPLETED);
        let is_written = match (is_bound, input.claim.spec.volume_name.is_empty()) {
            (true, _) => return self.sync_bound_claim(input, ask),
            (false, true) => self.look_for_volume(input, ask)?,
            (false, false) => self.take_volume(input, ask)?,
        };
        if is_written.is_none() && ask.once() {
            self.waiting.insert(Object::PersistentVolumeClaim(input.claim.clone()).key());
        }
        Ok(if is_written == Some(false) { Outcome::Retry } else { Outcome::Done })
    }
    /// Any volume will do. True where it is bound, false where that failed, none where it waits.
    fn look_for_volume(&mut self, input: &Input, ask: &mut Ask) -> Result<Option<bool>, Suspended> {
        let claim = &input.claim;
        let waits = input.class.as_ref().is_some_and(|class| class.waits());
        if let Some(volume) = find_matching(claim, input.volumes.iter(), &Seeker::Controller(waits)) {
            return Ok(Some(self.bind(ask, &volume, claim)?));
        }
        if let Some(class) = &input.default_class {
            let mut new = PersistentVolumeClaim::clone(claim);
            Rc::make_mut(&mut new.spec).storage_class_name = Some(class.clone());
            return Ok(Some(self.write(ask, Request::update(new))?.is_ok()));
        }
        let object = Object::PersistentVolumeClaim(claim.clone());
        if waits && !claim.metadata.annotations.contains_key(SELECTED_NODE) {
            let (reason, message) = match &input.waiting_pods[..] {
                [] => ("WaitForFirstConsumer", "waiting for first consumer to be created before binding".to_string()),
                [one] => ("WaitForPodScheduled", format!("waiting for pod {one} to be scheduled")),
                many => ("WaitForPodScheduled", format!("waiting for pods {} to be scheduled", many.join(","))),
            };
            ask.event(EventNote::normal(&object, reason, message));
        } else if !claim.class().is_empty() {
            return self.provision(input, ask);
        } else {
            let message = "no persistent volumes available for this claim and no storage class is set";
            ask.event(EventNote::normal(&object, "FailedBinding", message));
        }
        let is_written = self.update_claim_status(ask, claim, "Pending", None)?.is_some();
        Ok((!is_written).then_some(false))
    }
    /// Asks whoever makes volumes of the claim's class; none of them is in the cluster (upstream: provisionClaim).
    fn provision(&mut self, input: &Input, ask: &mut Ask) -> Result<Option<bool>, Suspended> {
        let claim = &input.claim;
        let object = Object::PersistentVolumeClaim(claim.clone());
        let failed = |ask: &mut Ask, message: String| {
            ask.event(EventNote::warning(&object, "ProvisioningFailed", message));
            Ok(None)
        };
        let Some(class) = &input.class else {
            return failed(ask, format!("storageclass.storage.k8s.io \"{}\" not found", claim.class()));
        };
        let migrated = MIGRATED.iter().find(|(old, _)| *old == &*class.provisioner).map(|(_, new)| *new);
        if migrated.is_none() && class.provisioner.starts_with("kubernetes.io/") {
            return failed(ask, format!("no volume plugin matched name: {}", class.provisioner));
        }
        let provisioner = migrated.unwrap_or(&class.provisioner);
        let mut new = PersistentVolumeClaim::clone(claim);
        let annotations = &mut Rc::make_mut(&mut new.metadata).annotations;
        for key in [BETA_STORAGE_PROVISIONER, STORAGE_PROVISIONER] {
            annotations.insert(key.into(), provisioner.into());
        }
        if new != **claim && self.write(ask, Request::update(new))?.is_err() {
            return Ok(Some(false));
        }
        let message = format!(
            "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
        );
        ask.event(EventNote::normal(&object, "ExternalProvisioning", message));
        Ok(None)
    }
    /// The claim asks for one volume by name.
    fn take_volume(&mut self, input: &Input, ask: &mut Ask) -> Result<Option<bool>, Suspended> {
        let claim = &input.claim;
        let object = Object::PersistentVolumeClaim(claim.clone());
        if let Some(volume) = input.volumes.first() {
            let name = &volume.metadata.name;
            if volume.spec.claim_ref.is_none() {
                match satisfies(volume, claim) {
                    Ok(()) => return Ok(Some(self.bind(ask, volume, claim)?)),
                    Err(why) => {
                        let message = format!("Cannot bind to requested volume \"{name}\": {why}");
                        ask.event(EventNote::warning(&object, "VolumeMismatch", message));
                    }
                }
            } else if is_bound_to(volume, claim) {
                return Ok(Some(self.bind(ask, volume, claim)?));
            } else {
                let message = format!("volume \"{name}\" already bound to a different claim.");
                ask.event(EventNote::warning(&object, "FailedBinding", message));
                if claim.metadata.annotations.contains_key(BOUND_BY_CONTROLLER) {
                    return Ok(Some(false));
                }
            }
        }
        let is_written = self.update_claim_status(ask, claim, "Pending", None)?.is_some();
        Ok((!is_written).then_some(false))
    }
    /// The claim has been bound: is it still?
    fn sync_bound_claim(&mut self, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let claim = &input.claim;
        let lost = |this: &mut Self, ask: &mut Ask, reason: &'static str, message: &str| {
            if &*claim.status.phase == "Lost" {
                return Ok(Outcome::Done);
            }
            if this.update_claim_status(ask, claim, "Lost", None)?.is_none() {
                return Ok(Outcome::Retry);
            }
            ask.event(EventNote::warning(&Object::PersistentVolumeClaim(claim.clone()), reason, message));
            Ok(Outcome::Done)
        };
        if claim.spec.volume_name.is_empty() {
            let message = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!";
            return lost(self, ask, "ClaimLost", message);
        }
        let Some(volume) = input.volumes.first() else {
            let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
            return lost(self, ask, "ClaimLost", message);
        };
        match &volume.spec.claim_ref {
            Some(reference) if reference.uid != claim.metadata.uid => {
                let message = "Two claims are bound to the same volume, this one is bound incorrectly";
                lost(self, ask, "ClaimMisbound", message)
            }
            _ => Ok(if self.bind(ask, volume, claim)? { Outcome::Done } else { Outcome::Retry }),
        }
    }
}
