//! What the API server does for PersistentVolumes, claims and StorageClasses: defaults, protection, and the default
//! class (upstream: pkg/apis/core/v1/defaults.go, pkg/registry/core/persistentvolume,
//! plugin/pkg/admission/storage).

use super::ApiServer;
use crate::api::objects::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::api::volumes::wanted;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::request::Status;
use crate::value::{Str, Value};
use std::rc::Rc;

/// Keeps a claim while a Pod uses it.
pub(in crate::cluster) const PVC_PROTECTION: &str = "kubernetes.io/pvc-protection";
/// Keeps a volume while a claim has it.
pub(in crate::cluster) const PV_PROTECTION: &str = "kubernetes.io/pv-protection";

fn or(text: &mut Str, default: &str) {
    if text.is_empty() {
        *text = default.into();
    }
}

/// Fills in what a volume leaves open.
pub(super) fn volume(volume: &mut PersistentVolume) {
    or(&mut volume.status.phase, "Pending");
    let spec = Rc::make_mut(&mut volume.spec);
    or(&mut spec.persistent_volume_reclaim_policy, "Retain");
    or(&mut spec.volume_mode, "Filesystem");
    if let Some(path) = &mut spec.host_path
        && path.get("type").is_none()
    {
        path.set(&["type"], "");
    }
}

/// Fills in what a claim leaves open.
pub(super) fn claim(claim: &mut PersistentVolumeClaim) {
    or(&mut claim.status.phase, "Pending");
    let spec = Rc::make_mut(&mut claim.spec);
    or(&mut spec.volume_mode, "Filesystem");
    // Whichever of the two is said, both are (upstream: NormalizeDataSources).
    match (&spec.data_source, &spec.data_source_ref) {
        (Some(source), None) => spec.data_source_ref = Some(source.clone()),
        (None, Some(source)) if is_known_source(source) => spec.data_source = Some(source.clone()),
        _ => {}
    }
}

/// Whether the older of the two fields can name it: a claim or a snapshot of the same Namespace.
fn is_known_source(source: &Value) -> bool {
    let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
    text("namespace").is_empty()
        && matches!(
            (text("apiGroup"), text("kind")),
            ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
        )
}

/// Fills in what a class leaves open.
pub(super) fn class(class: &mut StorageClass) {
    or(&mut class.reclaim_policy, "Delete");
    or(&mut class.volume_binding_mode, "Immediate");
}

/// Admits a new volume or claim: protected, with a status of its own, a claim of the default class where it says none.
pub(super) fn admit(server: &ApiServer, engine: &Engine, object: &mut Object) {
    match object {
        Object::PersistentVolume(inner) => {
            let volume = Rc::make_mut(inner);
            volume.status = Default::default();
            volume.status.phase = "Pending".into();
            volume.status.last_phase_transition_time = Some(engine.wall.rfc3339(engine.now));
        }
        Object::PersistentVolumeClaim(inner) => {
            let claim = Rc::make_mut(inner);
            claim.status = Default::default();
            claim.status.phase = "Pending".into();
            if !claim.has_class() {
                let spec = Rc::make_mut(&mut claim.spec);
                spec.storage_class_name = default_class(server.store.list(Kind::StorageClass, None));
            }
        }
        _ => return,
    }
    let finalizer = if object.kind() == Kind::PersistentVolume { PV_PROTECTION } else { PVC_PROTECTION };
    let finalizers = &mut object.meta_mut().finalizers;
    if !finalizers.iter().any(|own| &**own == finalizer) {
        finalizers.push(finalizer.into());
    }
}

/// The name of the default class: of several the newest, of those the first by name
/// (upstream: pkg/volume/util GetDefaultClass).
pub(in crate::cluster) fn default_class<'a>(classes: impl Iterator<Item = &'a Object>) -> Option<Str> {
    let defaults =
        classes.filter_map(|object| object.get::<StorageClass>()).filter(|class| class.is_default());
    let best = defaults.min_by(|a, b| {
        let newest = b.metadata.creation_timestamp.cmp(&a.metadata.creation_timestamp);
        newest.then_with(|| a.metadata.name.cmp(&b.metadata.name))
    });
    best.map(|class| class.metadata.name.clone())
}

/// Lets a claim grow only where it has a volume and its class allows that (upstream:
/// plugin/pkg/admission/storage/persistentvolume/resize).
pub(super) fn admit_update(server: &ApiServer, old: &Object, new: &Object) -> Result<(), Rc<Status>> {
    let (Object::PersistentVolumeClaim(old), Object::PersistentVolumeClaim(new)) = (old, new) else {
        return Ok(());
    };
    if wanted(new) <= wanted(old) {
        return Ok(());
    }
    let key = Object::PersistentVolumeClaim(old.clone()).key();
    if &*old.status.phase != "Bound" {
        return Err(Status::forbidden(&key, "Only bound persistent volume claims can be expanded"));
    }
    let class = ObjectKey::new(Kind::StorageClass, "", new.class());
    let class = server.store.get(&class).and_then(|object| object.get::<StorageClass>());
    if new.class() == old.class() && class.is_some_and(|class| class.allow_volume_expansion == Some(true)) {
        return Ok(());
    }
    let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    Err(Status::forbidden(&key, why))
}

/// Notes when a volume's phase changes (upstream: persistentvolumeStatusStrategy).
pub(super) fn with_time_of_phase(engine: &Engine, old: &Object, new: Object) -> Object {
    match (old, new) {
        (Object::PersistentVolume(old), Object::PersistentVolume(mut new))
            if old.status.phase != new.status.phase =>
        {
            Rc::make_mut(&mut new).status.last_phase_transition_time = Some(engine.wall.rfc3339(engine.now));
            Object::PersistentVolume(new)
        }
        (_, new) => new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_default_class_is_taken() {
        let class = |name: &str, made: &str, default: &str| {
            let mut class = StorageClass::default();
            let meta = Rc::make_mut(&mut class.metadata);
            (meta.name, meta.creation_timestamp) = (name.into(), made.into());
            meta.annotations.insert(crate::api::objects::DEFAULT_CLASS.into(), default.into());
            Object::from(class)
        };
        let classes = [
            class("a", "2026-01-01T00:00:00Z", "true"),
            class("b", "2026-01-02T00:00:00Z", "true"),
            class("c", "2026-01-03T00:00:00Z", "false"),
        ];
        assert_eq!(default_class(classes.iter()).as_deref(), Some("b"));
    }
}
