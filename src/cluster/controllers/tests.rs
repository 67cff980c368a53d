//! What the controllers do together, as a watcher sees it.

use crate::api::objects::Deployment;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Propagation;
use crate::cluster::testing::{Test, create_request};
use crate::cluster::time::SimTime;

const WEB: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,
    "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"containers":[{"name":"web","image":"nginx:1.25"}]}}}}"#;

#[test]
fn a_deployment_is_scaled_rolled_out_relabelled_and_deleted() {
    let key = ObjectKey::new(Kind::Deployment, "default", "web");
    let mut test = Test::new();
    test.ask(create_request(key.clone(), WEB)).expect("created");
    test.run_until(SimTime::millis(8_000));
    let seen = test.story(&[Kind::ReplicaSet, Kind::Event], SimTime::ZERO);
    assert!(seen.contains("web says ScalingReplicaSet: Scaled up replica set web-A from 0 to 2"), "{seen}");
    test.scale("web", 3);
    test.run_until(SimTime::millis(16_000));
    let available = |test: &Test| {
        let deployment = test.object(&key).and_then(|object| object.get::<Deployment>().cloned());
        deployment.map(|deployment| deployment.status.available_replicas)
    };
    assert_eq!(available(&test), Some(3));
    test.set_image("web", "nginx:1.27");
    test.run_until(SimTime::millis(40_000));
    assert_eq!(available(&test), Some(3));
    let pod = test.named("web-B-1");
    // A Pod that its ReplicaSet no longer selects is let go, and another takes its place.
    test.patch(pod.clone(), r#"{"metadata":{"labels":{"app":"other"}}}"#);
    test.run_until(SimTime::millis(50_000));
    assert_eq!(available(&test), Some(3));
    assert!(test.object(&pod).is_some_and(|pod| pod.meta().controller().is_none()));
    test.delete(key.clone(), Propagation::Background);
    test.run_until(SimTime::millis(60_000));
    assert_eq!(available(&test), None);
    assert!(test.object(&pod).is_some(), "what was let go stays");
}
