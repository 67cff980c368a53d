//! Which volume a claim gets, and which claims a Pod uses
//! (upstream: component-helpers/storage/volume/pv_helpers.go, pkg/controller/volume/persistentvolume/index.go).

use super::labels::Selector;
use super::objects::{PersistentVolume, PersistentVolumeClaim, Pod};
use super::quantity::Quantity;
use super::resources;
use crate::value::{Str, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// On a claim: its binding is done.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// On a claim or a volume: the controller has bound it, not a person.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// On a claim: the node that the scheduler wants the volume for.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// On a claim: who is to make its volume.
pub const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
/// The same, of old.
pub const BETA_STORAGE_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
/// On a volume: who has made it.
pub const DYNAMICALLY_PROVISIONED: &str = "pv.kubernetes.io/provisioned-by";
/// The provisioner of classes whose volumes are made by hand.
pub const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// The names of the claims that a Pod uses: those that it names, and those made for it alone.
pub fn claims_of(pod: &Pod) -> impl Iterator<Item = Str> {
    pod.spec.volumes.iter().filter_map(|volume| {
        if let Some(claim) = &volume.persistent_volume_claim {
            return Some(Str::from(claim.get("claimName")?.as_str()?));
        }
        let is_ephemeral = volume.extra.as_ref().is_some_and(|extra| extra.contains_key("ephemeral"));
        is_ephemeral.then(|| format!("{}-{}", pod.metadata.name, volume.name).into())
    })
}

/// How much a claim wants.
pub fn wanted(claim: &PersistentVolumeClaim) -> Quantity {
    amount(claim.spec.resources.requests.get("storage"))
}

/// How much a volume has.
pub fn capacity(volume: &PersistentVolume) -> Quantity {
    amount(volume.spec.capacity.get("storage"))
}

fn amount(text: Option<&Str>) -> Quantity {
    text.and_then(|text| Quantity::parse(text).ok()).unwrap_or_default()
}

/// Whether a volume is bound to a claim, or kept for it (upstream: IsVolumeBoundToClaim).
pub fn is_bound_to(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let meta = &claim.metadata;
    volume.spec.claim_ref.as_ref().is_some_and(|reference| {
        reference.name == meta.name
            && reference.namespace == meta.namespace
            && (reference.uid.is_empty() || reference.uid == meta.uid)
    })
}

/// Whether a claim has its volume, and both know it.
pub fn is_fully_bound(claim: &PersistentVolumeClaim) -> bool {
    !claim.spec.volume_name.is_empty() && claim.metadata.annotations.contains_key(BIND_COMPLETED)
}

/// Whether a volume offers all ways of mounting that a claim wants.
pub fn offers_access_modes(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    claim.spec.access_modes.iter().all(|mode| volume.spec.access_modes.contains(mode))
}

fn mode(text: &Str) -> &str {
    if text.is_empty() { "Filesystem" } else { text }
}

/// Whether one is a block device and the other a file system.
pub fn mismatches_mode(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    mode(&volume.spec.volume_mode) != mode(&claim.spec.volume_mode)
}

fn attributes_class(extra: &crate::value::typed::Extra) -> Str {
    let written = extra.as_ref().and_then(|extra| extra.get("volumeAttributesClassName"));
    written.and_then(Value::as_str).unwrap_or_default().into()
}

/// Why a claim cannot have the volume that it asks for (upstream: checkVolumeSatisfyClaim).
///
/// # Errors
/// Says why.
pub fn satisfies(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Result<(), String> {
    if volume.metadata.is_terminating() {
        return Err(format!("the volume is marked for deletion \"{}\"", volume.metadata.name));
    }
    let why = if capacity(volume).value() < wanted(claim).value() {
        "requested PV is too small"
    } else if volume.class() != claim.class() {
        "storageClassName does not match"
    } else if attributes_class(&volume.spec.extra) != attributes_class(&claim.spec.extra) {
        "volumeAttributesClassName does not match"
    } else if mismatches_mode(volume, claim) {
        "incompatible volumeMode"
    } else if !offers_access_modes(volume, claim) {
        "incompatible accessMode"
    } else {
        return Ok(());
    };
    Err(why.into())
}

/// Who looks for a volume.
pub enum Seeker<'a> {
    /// The controller; whether the claim waits for its first Pod.
    Controller(bool),
    /// The scheduler, for a node: whether a volume can be reached from there, and what other claims of the Pod got.
    Node(&'a dyn Fn(&PersistentVolume) -> bool, &'a BTreeSet<Str>),
}

/// The volume that a claim gets: one that is kept for it, or the smallest that suits it (upstream:
/// FindMatchingVolume; volumes with fewer ways of mounting come first).
pub fn find_matching<'a>(
    claim: &PersistentVolumeClaim,
    volumes: impl Iterator<Item = &'a Rc<PersistentVolume>>,
    seeker: &Seeker,
) -> Option<Rc<PersistentVolume>> {
    let selector = match &claim.spec.selector {
        Some(selector) => Some(Selector::from_label_selector(selector).ok()?),
        None => None,
    };
    let wants = wanted(claim);
    let mut smallest: Option<(usize, Quantity, &Rc<PersistentVolume>)> = None;
    for volume in volumes {
        let is_own = is_bound_to(volume, claim);
        if volume.spec.claim_ref.is_some() && !is_own
            || capacity(volume) < wants
            || mismatches_mode(volume, claim)
            || attributes_class(&volume.spec.extra) != attributes_class(&claim.spec.extra)
            || volume.metadata.is_terminating()
        {
            continue;
        }
        let is_reachable = match seeker {
            Seeker::Controller(_) => true,
            Seeker::Node(_, taken) if taken.contains(&volume.metadata.name) => continue,
            Seeker::Node(is_reachable, _) => is_reachable(volume),
        };
        if is_own {
            return is_reachable.then(|| volume.clone());
        }
        if matches!(seeker, Seeker::Controller(true)) {
            continue;
        }
        let suits = &*volume.status.phase == "Available"
            && selector.as_ref().is_none_or(|selector| selector.matches(&volume.metadata.labels))
            && volume.class() == claim.class()
            && is_reachable
            && offers_access_modes(volume, claim);
        let rank = (volume.spec.access_modes.len(), capacity(volume));
        if suits && smallest.is_none_or(|(modes, size, _)| rank < (modes, size)) {
            smallest = Some((rank.0, rank.1, volume));
        }
    }
    smallest.map(|(.., volume)| volume.clone())
}

/// Whether what a volume has and a claim says it has are the same amount.
pub fn is_same_capacity(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let has = resources::parse(&claim.status.capacity);
    has.get("storage").is_some_and(|has| *has == capacity(volume))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn volume(text: &str) -> Rc<PersistentVolume> {
        Rc::new(PersistentVolume::decode(&json::parse(text).expect("JSON")).expect("a volume"))
    }

    fn claim(text: &str) -> PersistentVolumeClaim {
        PersistentVolumeClaim::decode(&json::parse(text).expect("JSON")).expect("a claim")
    }

    #[test]
    fn the_smallest_volume_that_suits_is_taken() {
        let plain = |name: &str, size: &str, modes: &str, more: &str| {
            volume(&format!(
                r#"{{"metadata":{{"name":"{name}","labels":{{"disk":"{name}"}}}},"spec":{{"capacity":{{"storage":"{size}"}},"accessModes":[{modes}]{more}}},"status":{{"phase":"Available"}}}}"#
            ))
        };
        let once = r#""ReadWriteOnce""#;
        let volumes = [
            plain("small", "1Gi", once, ""),
            plain("large", "9Gi", once, ""),
            plain("fit", "3Gi", once, ""),
            plain("both", "2Gi", r#""ReadWriteOnce","ReadWriteMany""#, ""),
            plain("fast", "2Gi", once, r#","storageClassName":"fast""#),
            plain("kept", "2Gi", once, r#","claimRef":{"namespace":"a","name":"other"}"#),
        ];
        let wants = |spec: &str| {
            let claim = claim(&format!(
                r#"{{"metadata":{{"name":"data","namespace":"a"}},"spec":{{"resources":{{"requests":{{"storage":"2Gi"}}}},"accessModes":["ReadWriteOnce"]{spec}}}}}"#
            ));
            find_matching(&claim, volumes.iter(), &Seeker::Controller(false))
                .map(|found| found.metadata.name.to_string())
        };
        for (spec, expected) in [
            ("", Some("fit")),
            (r#","accessModes":["ReadWriteMany"]"#, Some("both")),
            (r#","storageClassName":"fast""#, Some("fast")),
            (r#","storageClassName":"slow""#, None),
            (r#","selector":{"matchLabels":{"disk":"large"}}"#, Some("large")),
        ] {
            assert_eq!(wants(spec).as_deref(), expected, "{spec}");
        }
        let other = claim(r#"{"metadata":{"name":"other","namespace":"a"},"spec":{}}"#);
        let found = find_matching(&other, volumes.iter(), &Seeker::Controller(true)).expect("kept for it");
        assert_eq!(&*found.metadata.name, "kept");
    }

    #[test]
    fn a_volume_that_is_asked_for_must_suit() {
        let disk = volume(
            r#"{"metadata":{"name":"disk"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"storageClassName":"manual"}}"#,
        );
        for (spec, expected) in [
            (r#"{"storageClassName":"manual","accessModes":["ReadWriteOnce"]}"#, Ok(())),
            (r#"{"resources":{"requests":{"storage":"2Gi"}}}"#, Err("requested PV is too small")),
            ("{}", Err("storageClassName does not match")),
            (r#"{"storageClassName":"manual","volumeMode":"Block"}"#, Err("incompatible volumeMode")),
            (
                r#"{"storageClassName":"manual","accessModes":["ReadWriteMany"]}"#,
                Err("incompatible accessMode"),
            ),
        ] {
            let claim = claim(&format!(r#"{{"spec":{spec}}}"#));
            assert_eq!(satisfies(&disk, &claim), expected.map_err(String::from), "{spec}");
        }
    }
}
