//! ReplicationControllers: Pods, status, Events, adoption.

use crate::api::objects::ReplicationController;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{PatchKind, Request, Verb};
use crate::cluster::testing::Test;
use crate::cluster::time::{SECOND, SimTime};
use crate::value::json;

const WEB: &str = "
apiVersion: v1
kind: ReplicationController
metadata: {name: web}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.25'}]}
";

fn web(test: &Test) -> std::rc::Rc<ReplicationController> {
    let key = ObjectKey::new(Kind::ReplicationController, "default", "web");
    let object = test.cluster.server.store.get(&key).expect("there");
    object.get::<ReplicationController>().expect("typed").clone()
}

fn run(test: &mut Test, second: u64) {
    test.run_until(SimTime(second * SECOND));
}

fn patch(test: &mut Test, kind: Kind, name: &str, change: &str) {
    let verb = Verb::Patch(PatchKind::Merge, json::parse(change).expect("JSON"));
    test.send(Request::new(verb, ObjectKey::new(kind, "default", name)));
}

#[test]
fn a_replication_controller_keeps_its_pods() {
    let mut test = Test::new();
    test.create(WEB);
    run(&mut test, 10);
    let controller = web(&test);
    assert_eq!(controller.spec.selector.get("app").map(|value| &**value), Some("web"), "its Pods' labels");
    assert_eq!(controller.metadata.labels.get("app").map(|value| &**value), Some("web"));
    let status = &controller.status;
    assert_eq!((status.replicas, status.ready_replicas, status.observed_generation), (2, 2, 1));
    let trace = test.trace();
    assert!(trace.contains("SuccessfulCreate: Created pod: web-"), "{trace}");
    let pods: Vec<_> = test.cluster.server.store.list(Kind::Pod, Some("default")).cloned().collect();
    let owner = pods[0].meta().controller().expect("an owner").clone();
    assert_eq!((&*owner.api_version, &*owner.kind), ("v1", "ReplicationController"));
    // One that loses the label is let go, and another takes its place.
    let name = pods[0].meta().name.clone();
    patch(&mut test, Kind::Pod, &name, r#"{"metadata": {"labels": {"app": "other"}}}"#);
    run(&mut test, 20);
    assert!(test.pod(&name).expect("it stays").metadata.controller().is_none());
    assert_eq!(test.cluster.server.store.list(Kind::Pod, Some("default")).count(), 3);
    // It comes back, and one is too many.
    patch(&mut test, Kind::Pod, &name, r#"{"metadata": {"labels": {"app": "web"}}}"#);
    run(&mut test, 30);
    assert_eq!(test.cluster.server.store.list(Kind::Pod, Some("default")).count(), 2);
    patch(&mut test, Kind::ReplicationController, "web", r#"{"spec": {"replicas": 0}}"#);
    run(&mut test, 70);
    let status = &web(&test).status;
    assert_eq!((status.replicas, status.observed_generation), (0, 2));
    assert_eq!(test.cluster.server.store.list(Kind::Pod, Some("default")).count(), 0);
}
