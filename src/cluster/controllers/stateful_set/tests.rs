//! What becomes of StatefulSets, as a watcher sees it.

use crate::api::objects::{Event, StatefulSet};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::request::Propagation;
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use expect_test::expect;

const DB: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'nginx:1.25'}]}
";

const VOLUME: &str = "
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAME}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data/NAME}}
";

fn key() -> ObjectKey {
    ObjectKey::new(Kind::StatefulSet, "default", "db")
}

/// Each change of the status, then each Event about the StatefulSet, then each Pod that comes or goes, then each
/// claim that comes, changes its owners or goes: what goes on beside something else has no order with it.
fn story(test: &Test) -> String {
    let mut lanes = [const { Vec::<String>::new() }; 4];
    for record in test.records() {
        let Fact::Object { change, object } = &record.fact else { continue };
        let (lane, line) = match object {
            Object::StatefulSet(set) => (0, status_line(*change, set)),
            Object::Event(event) if &*event.involved_object.kind == "StatefulSet" => (1, event_line(event)),
            Object::Pod(pod) if *change != Change::Modified => {
                (2, format!("{} {}", change.as_str(), pod.metadata.name))
            }
            object if object.kind() == Kind::PersistentVolumeClaim => {
                let owners = &object.meta().owner_references;
                let owners: Vec<String> =
                    owners.iter().map(|owner| format!("{} {}", owner.kind, owner.name)).collect();
                (3, format!("{} {} of [{}]", change.as_str(), object.meta().name, owners.join(", ")))
            }
            _ => continue,
        };
        if lanes[lane].last() != Some(&line) {
            lanes[lane].push(line);
        }
    }
    lanes.concat().iter().fold(String::new(), |text, line| text + line + "\n")
}

fn status_line(change: Change, set: &StatefulSet) -> String {
    let status = &set.status;
    format!(
        "{} db gen {} seen {}: {} ready {} available {} current {} updated {}{}",
        change.as_str(),
        set.metadata.generation,
        status.observed_generation,
        status.replicas,
        status.ready_replicas,
        status.available_replicas,
        status.current_replicas,
        status.updated_replicas,
        if status.current_revision == status.update_revision { "" } else { " in update" }
    )
}

fn event_line(event: &Event) -> String {
    format!("{} x{}: {}", event.reason, event.count, event.message)
}

#[test]
fn pods_come_in_order_and_are_replaced_from_the_last() {
    let mut test = Test::new();
    test.create(DB);
    test.run_until(SimTime::millis(10_000));
    test.patch(
        key(),
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"db","image":"nginx:1.27"}]}}}}"#,
    );
    test.run_until(SimTime::millis(20_000));
    test.patch(key(), r#"{"spec":{"replicas":1}}"#);
    test.run_until(SimTime::millis(30_000));
    expect![[r#"
        ADDED db gen 1 seen 0: 0 ready 0 available 0 current 0 updated 0
        MODIFIED db gen 1 seen 1: 0 ready 0 available 0 current 0 updated 0
        MODIFIED db gen 1 seen 1: 1 ready 0 available 0 current 1 updated 1
        MODIFIED db gen 1 seen 1: 1 ready 1 available 1 current 1 updated 1
        MODIFIED db gen 1 seen 1: 2 ready 1 available 1 current 2 updated 2
        MODIFIED db gen 1 seen 1: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 2 seen 1: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 2 seen 2: 2 ready 2 available 2 current 1 updated 0 in update
        MODIFIED db gen 2 seen 2: 2 ready 1 available 1 current 1 updated 0 in update
        MODIFIED db gen 2 seen 2: 1 ready 1 available 1 current 1 updated 0 in update
        MODIFIED db gen 2 seen 2: 2 ready 1 available 1 current 1 updated 1 in update
        MODIFIED db gen 2 seen 2: 2 ready 2 available 2 current 0 updated 1 in update
        MODIFIED db gen 2 seen 2: 2 ready 1 available 1 current 0 updated 1 in update
        MODIFIED db gen 2 seen 2: 1 ready 1 available 1 current 0 updated 1 in update
        MODIFIED db gen 2 seen 2: 2 ready 1 available 1 current 0 updated 2 in update
        MODIFIED db gen 2 seen 2: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 3 seen 2: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 3 seen 3: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 3 seen 3: 2 ready 2 available 2 current 1 updated 1
        MODIFIED db gen 3 seen 3: 2 ready 1 available 1 current 1 updated 1
        MODIFIED db gen 3 seen 3: 1 ready 1 available 1 current 1 updated 1
        SuccessfulCreate x1: Create Pod db-0 in StatefulSet db successful
        SuccessfulCreate x1: Create Pod db-1 in StatefulSet db successful
        SuccessfulDelete x1: Delete Pod db-1 in StatefulSet db successful
        SuccessfulCreate x2: Create Pod db-1 in StatefulSet db successful
        SuccessfulDelete x1: Delete Pod db-0 in StatefulSet db successful
        SuccessfulCreate x2: Create Pod db-0 in StatefulSet db successful
        SuccessfulDelete x2: Delete Pod db-1 in StatefulSet db successful
        ADDED db-0
        ADDED db-1
        DELETED db-1
        ADDED db-1
        DELETED db-0
        ADDED db-0
        DELETED db-1
    "#]]
    .assert_eq(&story(&test));
}

#[test]
fn a_partition_keeps_the_first_as_they_are() {
    let mut test = Test::new();
    test.create(&DB.replace("replicas: 2", "replicas: 3\n  updateStrategy: {rollingUpdate: {partition: 2}}"));
    test.run_until(SimTime::millis(12_000));
    test.patch(
        key(),
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"db","image":"nginx:1.27"}]}}}}"#,
    );
    test.run_until(SimTime::millis(20_000));
    let image = |name: &str| test.pod(name).map(|pod| pod.spec.containers[0].image.to_string());
    assert_eq!(
        ["db-0", "db-1", "db-2"].map(image).map(Option::unwrap),
        ["nginx:1.25", "nginx:1.25", "nginx:1.27"]
    );
}

#[test]
fn on_delete_waits_for_somebody_to_delete() {
    let mut test = Test::new();
    test.create(&DB.replace("replicas: 2", "replicas: 1\n  updateStrategy: {type: OnDelete}"));
    test.run_until(SimTime::millis(8_000));
    test.patch(
        key(),
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"db","image":"nginx:1.27"}]}}}}"#,
    );
    test.run_until(SimTime::millis(12_000));
    let image = |test: &Test| test.pod("db-0").map(|pod| pod.spec.containers[0].image.to_string());
    assert_eq!(image(&test).as_deref(), Some("nginx:1.25"));
    test.delete(ObjectKey::new(Kind::Pod, "default", "db-0"), Propagation::Background);
    test.run_until(SimTime::millis(20_000));
    assert_eq!(image(&test).as_deref(), Some("nginx:1.27"));
}

#[test]
fn in_parallel_all_come_at_once_from_their_first_number() {
    let mut test = Test::new();
    test.create(
        &DB.replace("replicas: 2", "replicas: 3\n  podManagementPolicy: Parallel\n  ordinals: {start: 5}"),
    );
    test.run_until(SimTime::millis(500));
    for name in ["db-5", "db-6", "db-7"] {
        let pod = test.pod(name).unwrap_or_else(|| panic!("{name}"));
        let labels = &pod.metadata.labels;
        assert_eq!(labels.get("statefulset.kubernetes.io/pod-name").map(|label| &**label), Some(name));
        assert_eq!(
            labels.get("apps.kubernetes.io/pod-index").map(|label| &**label),
            name.strip_prefix("db-")
        );
        assert_eq!((&*pod.spec.hostname, &*pod.spec.subdomain), (name, "db"));
    }
    test.patch(key(), r#"{"spec":{"replicas":0}}"#);
    test.run_until(SimTime::millis(12_000));
    assert!(test.pod("db-5").is_none() && test.pod("db-7").is_none());
}

#[test]
fn claims_are_made_and_owned_as_the_policy_says() {
    let mut test = Test::new();
    for name in ["first", "second"] {
        test.create(&VOLUME.replace("NAME", name));
    }
    test.create(&DB.replace(
        "replicas: 2",
        "replicas: 2
  podManagementPolicy: Parallel
  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    ));
    test.run_until(SimTime::millis(5_000));
    let volume = test.pod("db-1").and_then(|pod| pod.spec.volumes[0].persistent_volume_claim.clone());
    assert_eq!(
        volume.and_then(|claim| claim.get("claimName")?.as_str().map(str::to_owned)).as_deref(),
        Some("data-db-1")
    );
    test.patch(key(), r#"{"spec":{"replicas":1}}"#);
    test.run_until(SimTime::millis(20_000));
    expect![[r#"
        ADDED db gen 1 seen 0: 0 ready 0 available 0 current 0 updated 0
        MODIFIED db gen 1 seen 1: 0 ready 0 available 0 current 0 updated 0
        MODIFIED db gen 1 seen 1: 2 ready 0 available 0 current 2 updated 2
        MODIFIED db gen 1 seen 1: 2 ready 1 available 1 current 2 updated 2
        MODIFIED db gen 1 seen 1: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 2 seen 1: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 2 seen 2: 2 ready 2 available 2 current 2 updated 2
        MODIFIED db gen 2 seen 2: 2 ready 2 available 2 current 1 updated 1
        MODIFIED db gen 2 seen 2: 2 ready 1 available 1 current 1 updated 1
        MODIFIED db gen 2 seen 2: 1 ready 1 available 1 current 1 updated 1
        SuccessfulCreate x1: Create Claim data-db-0 Pod db-0 in StatefulSet db success
        SuccessfulCreate x1: Create Pod db-0 in StatefulSet db successful
        SuccessfulCreate x1: Create Claim data-db-1 Pod db-1 in StatefulSet db success
        SuccessfulCreate x1: Create Pod db-1 in StatefulSet db successful
        SuccessfulDelete x1: Delete Pod db-1 in StatefulSet db successful
        ADDED db-0
        ADDED db-1
        DELETED db-1
        ADDED data-db-0 of []
        MODIFIED data-db-0 of [StatefulSet db]
        ADDED data-db-1 of []
        MODIFIED data-db-0 of [StatefulSet db]
        MODIFIED data-db-1 of [StatefulSet db]
        MODIFIED data-db-0 of [StatefulSet db]
        MODIFIED data-db-1 of [StatefulSet db]
        MODIFIED data-db-1 of [Pod db-1]
        DELETED data-db-1 of [Pod db-1]
    "#]]
    .assert_eq(&story(&test));
}
