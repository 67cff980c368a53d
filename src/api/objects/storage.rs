//! PersistentVolume, PersistentVolumeClaim, StorageClass.

use super::meta::{Condition, LabelSelector, Labels, ObjectMeta, ObjectReference};
use super::pod::ResourceRequirements;
use crate::typed;
use crate::value::{Str, Value};
use std::rc::Rc;

typed! {
    /// A piece of storage of the cluster.
    pub struct PersistentVolume {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What it is and whose.
        spec: "spec" => Rc<PersistentVolumeSpec>,
        /// Its phase.
        status: "status" => PersistentVolumeStatus,
    }
    /// A PersistentVolume's spec. Its source, where it is none of these, is kept as it is.
    pub struct PersistentVolumeSpec {
        /// `storage`.
        capacity: "capacity" => Labels,
        /// `ReadWriteOnce`, `ReadOnlyMany`, `ReadWriteMany`, `ReadWriteOncePod`.
        access_modes: "accessModes" => Vec<Str>,
        /// The claim that it belongs to or is kept for.
        claim_ref: "claimRef" => Option<ObjectReference>,
        /// `Retain`, `Delete` or `Recycle`.
        persistent_volume_reclaim_policy: "persistentVolumeReclaimPolicy" => Str,
        /// The class; empty for none.
        storage_class_name: "storageClassName" => Str,
        /// `Filesystem` or `Block`.
        volume_mode: "volumeMode" => Str,
        /// The nodes that can reach it: a node selector under `required`.
        node_affinity: "nodeAffinity" => Option<Value>,
        /// A folder of the node that a Pod runs on.
        host_path: "hostPath" => Option<Value>,
        /// A folder or a disk of one node.
        local: "local" => Option<Value>,
        /// A volume of a driver.
        csi: "csi" => Option<Value>,
    }
    /// A PersistentVolume's status.
    pub struct PersistentVolumeStatus {
        /// `Pending`, `Available`, `Bound`, `Released`, `Failed`.
        phase: "phase" => Str,
        /// A sentence why.
        message: "message" => Str,
        /// One word why.
        reason: "reason" => Str,
        /// When the phase changed.
        last_phase_transition_time: "lastPhaseTransitionTime" => Option<Str>,
    }

    /// A request for storage.
    pub struct PersistentVolumeClaim {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<PersistentVolumeClaimSpec>,
        /// What it has.
        status: "status" => PersistentVolumeClaimStatus,
    }
    /// A claim's spec.
    pub struct PersistentVolumeClaimSpec {
        /// How it is to be mounted.
        access_modes: "accessModes" => Vec<Str>,
        /// Labels that the volume must have.
        selector: "selector" => Option<LabelSelector>,
        /// How much is wanted.
        resources: "resources" => ResourceRequirements,
        /// The volume.
        volume_name: "volumeName" => Str,
        /// The class: empty for none, absent for the default one.
        storage_class_name: "storageClassName" => Option<Str>,
        /// `Filesystem` or `Block`.
        volume_mode: "volumeMode" => Str,
        /// What the volume is to be filled with.
        data_source: "dataSource" => Option<Value>,
        /// The same, of any kind.
        data_source_ref: "dataSourceRef" => Option<Value>,
    }
    /// A claim's status.
    pub struct PersistentVolumeClaimStatus {
        /// `Pending`, `Bound`, `Lost`.
        phase: "phase" => Str,
        /// How its volume can be mounted.
        access_modes: "accessModes" => Vec<Str>,
        /// How much its volume has.
        capacity: "capacity" => Labels,
        /// Unused, Resizing, ...
        conditions: "conditions" => Vec<Condition>,
    }

    /// A kind of storage, and who makes it.
    pub struct StorageClass {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// Who makes volumes.
        provisioner: "provisioner" => Str,
        /// What is told to it.
        parameters: "parameters" => Labels,
        /// The reclaim policy of its volumes.
        reclaim_policy: "reclaimPolicy" => Str,
        /// Whether claims of the class may grow.
        allow_volume_expansion: "allowVolumeExpansion" => Option<bool>,
        /// `Immediate` or `WaitForFirstConsumer`.
        volume_binding_mode: "volumeBindingMode" => Str,
    }
}

/// Marks the class of claims that name none.
pub const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
/// The same, of old.
pub const BETA_DEFAULT_CLASS: &str = "storageclass.beta.kubernetes.io/is-default-class";
/// The class of a claim or a volume, of old (upstream: v1.BetaStorageClassAnnotation).
const BETA_STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

impl PersistentVolume {
    /// The name of its class; empty for none.
    pub fn class(&self) -> &str {
        self.metadata.annotations.get(BETA_STORAGE_CLASS).map_or(&self.spec.storage_class_name, |name| name)
    }
}

impl PersistentVolumeClaim {
    /// The name of its class; empty for none.
    pub fn class(&self) -> &str {
        let own = self.spec.storage_class_name.as_deref().unwrap_or_default();
        self.metadata.annotations.get(BETA_STORAGE_CLASS).map_or(own, |name| name)
    }
    /// Whether it says a class, be it none at all.
    pub fn has_class(&self) -> bool {
        self.spec.storage_class_name.is_some() || self.metadata.annotations.contains_key(BETA_STORAGE_CLASS)
    }
}

impl StorageClass {
    /// Whether claims that name no class get this one.
    pub fn is_default(&self) -> bool {
        [DEFAULT_CLASS, BETA_DEFAULT_CLASS]
            .iter()
            .any(|key| self.metadata.annotations.get(*key).is_some_and(|value| &**value == "true"))
    }
    /// Whether a claim waits for a Pod that uses it.
    pub fn waits(&self) -> bool {
        &*self.volume_binding_mode == "WaitForFirstConsumer"
    }
}
