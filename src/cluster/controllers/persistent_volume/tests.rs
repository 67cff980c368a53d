//! Claims and volumes as a watcher sees them.

use crate::api::objects::{PersistentVolume, PersistentVolumeClaim};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Propagation;
use crate::cluster::testing::{Test, create_request};
use crate::cluster::time::SimTime;

const DISK: &str = r#"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"disk"},"spec":{"capacity":{"storage":"2Gi"},
    "accessModes":["ReadWriteOnce"],"storageClassName":"CLASS","persistentVolumeReclaimPolicy":"POLICY","hostPath":{"path":"PATH"}}}"#;
const CLAIM: &str = r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
    "storageClassName":"CLASS","resources":{"requests":{"storage":"1Gi"}}}}"#;
const CLASS: &str = r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"NAME"},"provisioner":"PROVISIONER","volumeBindingMode":"MODE"}"#;

fn disk() -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolume, "", "disk")
}
fn data() -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolumeClaim, "default", "data")
}

fn make(test: &mut Test, key: ObjectKey, text: &str, replace: &[(&str, &str)]) {
    let text = replace.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to));
    test.ask(create_request(key, &text)).expect("created");
}

fn phases(test: &Test) -> (String, String) {
    let volume = test.object(&disk()).and_then(|object| object.get::<PersistentVolume>().cloned());
    let claim = test.object(&data()).and_then(|object| object.get::<PersistentVolumeClaim>().cloned());
    (
        volume.map(|volume| volume.status.phase.to_string()).unwrap_or_default(),
        claim.map(|claim| claim.status.phase.to_string()).unwrap_or_default(),
    )
}

#[test]
fn a_volume_is_bound_released_and_reclaimed() {
    for (policy, path, after) in [
        ("Retain", "/tmp/disk", "Released"),
        ("Delete", "/tmp/disk", ""),
        ("Delete", "/disk", "Failed"),
        ("Recycle", "/disk", "Available"),
    ] {
        let mut test = Test::new();
        make(&mut test, disk(), DISK, &[("CLASS", "manual"), ("POLICY", policy), ("PATH", path)]);
        test.run_until(SimTime::millis(500));
        assert_eq!(phases(&test).0, "Available");
        make(&mut test, data(), CLAIM, &[("CLASS", "manual")]);
        test.run_until(SimTime::millis(2_000));
        assert_eq!(phases(&test), ("Bound".into(), "Bound".into()));
        test.delete(disk(), Propagation::Background);
        test.run_until(SimTime::millis(3_000));
        assert!(test.object(&disk()).is_some_and(|disk| disk.meta().is_terminating()), "a bound volume is kept");
        let mut test = Test::new();
        make(&mut test, disk(), DISK, &[("CLASS", "manual"), ("POLICY", policy), ("PATH", path)]);
        make(&mut test, data(), CLAIM, &[("CLASS", "manual")]);
        test.run_until(SimTime::millis(16_000));
        test.delete(data(), Propagation::Background);
        test.run_until(SimTime::millis(18_000));
        assert_eq!(phases(&test), (after.into(), String::new()), "{policy} {path}");
    }
}

#[test]
fn a_claim_that_gets_no_volume_says_why_again_and_again() {
    let key = |name: &str| ObjectKey::new(Kind::StorageClass, "", name.to_string());
    for (class, provisioner, mode, expected) in [
        ("none", "", "", "data says FailedBinding: no persistent volumes available for this claim and no storage class is set"),
        ("gone", "", "", "data says ProvisioningFailed: storageclass.storage.k8s.io \"gone\" not found"),
        ("csi", "disk.example.com", "Immediate", "data says ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'disk.example.com' or manually by the system administrator."),
        ("local", "kubernetes.io/no-provisioner", "Immediate", "data says ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner"),
        ("wait", "kubernetes.io/no-provisioner", "WaitForFirstConsumer", "data says WaitForFirstConsumer: waiting for first consumer to be created before binding"),
    ] {
        let mut test = Test::new();
        if !provisioner.is_empty() {
            make(&mut test, key(class), CLASS, &[("NAME", class), ("PROVISIONER", provisioner), ("MODE", mode)]);
        }
        make(&mut test, data(), CLAIM, &[("\"storageClassName\":\"CLASS\",", if class == "none" { "" } else { "\"storageClassName\":\"CLASS\"," }), ("CLASS", class)]);
        test.run_until(SimTime::millis(40_000));
        let story = test.story(&[Kind::Event], SimTime::ZERO);
        assert!(story.contains(expected), "{class}: {story}");
        assert_eq!(phases(&test).1, "Pending");
    }
}

#[test]
fn a_claim_whose_volume_is_gone_is_lost() {
    let mut test = Test::new();
    make(&mut test, disk(), DISK, &[("CLASS", ""), ("POLICY", "Retain"), ("PATH", "/disk")]);
    make(&mut test, data(), CLAIM, &[("CLASS", "")]);
    test.run_until(SimTime::millis(16_000));
    assert_eq!(phases(&test).1, "Bound");
    test.delete(disk(), Propagation::Background);
    test.patch(disk(), r#"{"metadata":{"finalizers":null}}"#);
    test.run_until(SimTime::millis(18_000));
    assert_eq!(phases(&test), (String::new(), "Lost".into()));
}
