//! What the API server answers, and which versions watches see of it.

use crate::api::objects::{Namespace, ObjectMeta, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::request::{Body, DeleteOptions, Propagation, Request, Subresource, Verb};
use crate::cluster::testing::{Test, create_request, patch_request};
use crate::cluster::time::SimTime;
use crate::value::json;
use expect_test::{Expect, expect};
use std::rc::Rc;

const POD: &str = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default"},
    "spec":{"containers":[{"name":"web","image":"nginx:1.25"}]}}"#;

fn pod() -> ObjectKey {
    ObjectKey::new(Kind::Pod, "default", "web")
}

fn service(name: &str) -> ObjectKey {
    ObjectKey::new(Kind::Service, "default", name)
}

/// The versions of the Pod `web` from a time on: what changes of its metadata, and its phase.
#[track_caller]
fn check_versions(test: &Test, from: SimTime, expect: Expect) {
    let mut text = String::new();
    for record in test.records().iter().filter(|record| record.time >= from) {
        let Fact::Object { change, object: Object::Pod(pod) } = &record.fact else { continue };
        let meta = &pod.metadata;
        text.push_str(&format!(
            "{} gen {} until {} grace {:?} {:?} {}\n",
            change.as_str(),
            meta.generation,
            meta.deletion_timestamp.as_deref().map_or("-", |at| &at[17..19]),
            meta.deletion_grace_period_seconds,
            meta.finalizers,
            pod.status.phase.map_or("-", |phase| phase.as_str()),
        ));
    }
    expect.assert_eq(&text);
}

fn delete(grace_period_seconds: Option<i64>) -> Request {
    Request::delete(pod(), DeleteOptions { grace_period_seconds, ..DeleteOptions::default() })
}

#[test]
fn a_pod_without_a_node_is_gone_at_once_and_seen_before() {
    let mut test = Test::new();
    let unscheduled = POD.replace(r#""spec":{"#, r#""spec":{"schedulerName":"nobody","#);
    test.ask(create_request(pod(), &unscheduled)).expect("created");
    let from = test.cluster.now();
    test.ask(delete(None)).expect("deleted");
    check_versions(
        &test,
        from,
        expect![[r#"
            MODIFIED gen 2 until 00 grace Some(0) [] Pending
            DELETED gen 2 until 00 grace Some(0) [] Pending
        "#]],
    );
    assert_eq!(test.refusal(delete(None)), r#"pods "web" not found"#);
}

#[test]
fn a_second_deletion_only_shortens_the_grace() {
    let mut test = Test::new();
    let spec = POD.replace("nginx:1.25", "busybox:1.36").replace(
        r#""image""#,
        r#""command":["sh","-c","trap : TERM; while true; do sleep 1; done"],"image""#,
    );
    test.ask(create_request(pod(), &spec)).expect("created");
    test.run_until(SimTime::millis(10_000));
    for (at, grace) in
        [(10_000, None), (12_000, None), (13_000, Some(40)), (14_000, Some(20)), (16_000, Some(3))]
    {
        test.run_until(SimTime::millis(at));
        test.ask(delete(grace)).expect("accepted");
    }
    test.run_until(SimTime::millis(17_000));
    check_versions(
        &test,
        SimTime::millis(10_000),
        expect![[r#"
            MODIFIED gen 2 until 40 grace Some(30) [] Running
            MODIFIED gen 2 until 40 grace Some(30) [] Running
            MODIFIED gen 2 until 30 grace Some(20) [] Running
            MODIFIED gen 2 until 16 grace Some(1) [] Running
        "#]],
    );
}

#[test]
fn a_finalizer_holds_what_is_deleted() {
    let mut test = Test::new();
    let held =
        POD.replace(r#""namespace":"default""#, r#""namespace":"default","finalizers":["example.com/hold"]"#);
    test.ask(create_request(pod(), &held)).expect("created");
    test.run_until(SimTime::millis(5_000));
    test.ask(delete(None)).expect("accepted");
    test.run_until(SimTime::millis(20_000));
    let from = test.cluster.now();
    test.ask(patch_request(pod(), r#"{"metadata":{"finalizers":null}}"#)).expect("patched");
    // The watch sees the object as it was, with the finalizer.
    check_versions(
        &test,
        SimTime::millis(5_000),
        expect![[r#"
            MODIFIED gen 2 until 35 grace Some(30) ["example.com/hold"] Running
            MODIFIED gen 2 until 35 grace Some(30) ["example.com/hold"] Running
            MODIFIED gen 2 until 35 grace Some(30) ["example.com/hold"] Succeeded
            MODIFIED gen 2 until 05 grace Some(0) ["example.com/hold"] Succeeded
            DELETED gen 2 until 05 grace Some(0) ["example.com/hold"] Succeeded
        "#]],
    );
    assert!(test.object(&pod()).is_none() && from < test.cluster.now());
}

#[test]
fn the_cluster_s_own_namespaces_stay() {
    let mut test = Test::new();
    for name in ["default", "kube-system", "kube-public"] {
        let key = ObjectKey::new(Kind::Namespace, "", name);
        let options =
            DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
        assert_eq!(
            test.refusal(Request::delete(key, options)),
            format!("namespaces {name:?} is forbidden: this namespace may not be deleted")
        );
    }
}

#[test]
fn who_comes_late_is_refused() {
    let mut test = Test::new();
    test.ask(create_request(pod(), POD)).expect("created");
    let first = test.object(&pod()).cloned().expect("there");
    test.run_until(SimTime::millis(5_000));
    // A version that is not the newest any more.
    expect![[r#"Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again"#]]
        .assert_eq(&test.refusal(Request::update_status(first.clone())));
    let version = format!(r#"{{"metadata":{{"resourceVersion":"{}"}}}}"#, first.meta().resource_version);
    assert!(test.refusal(patch_request(pod(), &version)).contains("the object has been modified"));
    // Another object of the same name.
    let mut other = first;
    other.meta_mut().uid = "another".into();
    other.meta_mut().resource_version = crate::value::Str::default();
    assert!(test.refusal(Request::update_status(other)).contains("UID in precondition: another"));
    expect![[r#"Pod "web" is invalid: metadata.uid: Invalid value: "another": field is immutable"#]]
        .assert_eq(&test.refusal(patch_request(pod(), r#"{"metadata":{"uid":"another"}}"#)));
    // A binding after the first.
    let binding = json::parse(r#"{"metadata":{"name":"web"},"target":{"kind":"Node","name":"node-2"}}"#);
    let bind = Request::new(Verb::Create(Body::Value(binding.expect("valid"))), pod());
    expect![[
        r#"Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "node-1""#
    ]]
    .assert_eq(&test.refusal(bind.at(Subresource::Binding)).replace("node-2", "node-1"));
    // A name that is taken, unless the object is wrong by itself.
    assert_eq!(test.refusal(create_request(pod(), POD)), r#"pods "web" already exists"#);
}

#[test]
fn a_generated_name_that_is_taken_is_drawn_again() {
    let mut test = Test::new();
    let engine = &mut test.cluster.engine;
    let metadata =
        ObjectMeta { generate_name: "web-".into(), namespace: "default".into(), ..ObjectMeta::default() };
    // The Pod that the first draw would name.
    let mut foreseen = engine.clone();
    let request = Request::create(Pod { metadata: Rc::new(metadata), ..Pod::default() });
    let mut server = test.cluster.server.clone();
    let actor = crate::cluster::record::Actor::Scheduler;
    let first = server.handle(&mut foreseen, actor, &request, None).result;
    let first = first.expect("created").object().cloned().expect("a Pod");
    test.cluster.server.store.commit(engine, Change::Added, first.clone(), None);
    let second = test.cluster.server.handle(engine, actor, &request, None).result;
    let second = second.expect("another name").object().cloned().expect("a Pod");
    assert_ne!(first.meta().name, second.meta().name);
}

#[test]
fn services_get_addresses_of_their_range() {
    let mut test = Test::new();
    let text = |name: &str, address: &str| {
        format!(
            r#"{{"kind":"Service","apiVersion":"v1","metadata":{{"name":"{name}"}},
            "spec":{{"ports":[{{"port":80}}]{address}}}}}"#
        )
    };
    let create = |name: &str, address: &str| create_request(service(name), &text(name, address));
    let given = |test: &Test, name: &str| {
        let object = test.object(&service(name)).cloned().expect("there").encode();
        object.at(&["spec", "clusterIP"]).and_then(crate::value::Value::as_str).unwrap_or("").to_string()
    };
    test.ask(create("a", "")).expect("created");
    assert!(given(&test, "a").starts_with("10.96.") && !given(&test, "a").starts_with("10.96.0."));
    test.ask(create("b", r#","clusterIP":"10.96.0.77""#)).expect("created");
    expect![[r#"Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated"#]]
        .assert_eq(&test.refusal(create("c", r#","clusterIP":"10.96.0.77""#)));
    expect![[r#"Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.1.0.1"]: failed to allocate IP 10.1.0.1: the provided IP (10.1.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16"#]]
        .assert_eq(&test.refusal(create("c", r#","clusterIP":"10.1.0.1""#)));
    test.ask(create("none", r#","clusterIP":"None""#)).expect("created");
    assert_eq!(given(&test, "none"), "None");
    // What was given stays, and comes back when it is free again.
    let before = given(&test, "a");
    test.ask(patch_request(service("a"), r#"{"spec":{"clusterIP":null}}"#)).expect("patched");
    assert_eq!(given(&test, "a"), before);
    test.ask(Request::delete(service("b"), DeleteOptions::default())).expect("deleted");
    test.ask(create("c", r#","clusterIP":"10.96.0.77""#)).expect("created");
    test.ask(create("n", r#","type":"NodePort","ports":[{"port":80,"nodePort":30080}]"#)).expect("created");
    expect![[r#"Service "m" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"#]]
        .assert_eq(&test.refusal(create("m", r#","type":"NodePort","ports":[{"port":80,"nodePort":30080}]"#)));
}

#[test]
fn what_lies_nowhere_or_in_a_dying_namespace_is_refused() {
    let mut test = Test::new();
    let key = ObjectKey::new(Kind::Pod, "shop", "web");
    let text = POD.replace(r#""default""#, r#""shop""#);
    assert_eq!(test.refusal(create_request(key.clone(), &text)), r#"namespaces "shop" not found"#);
    let metadata = Rc::new(ObjectMeta { name: "shop".into(), ..ObjectMeta::default() });
    let namespace = Namespace { metadata, ..Namespace::default() };
    test.ask(Request::create(namespace)).expect("created");
    expect!["done"].assert_eq(&test.refusal(create_request(key.clone(), &text)));
    test.run_until(SimTime::millis(2_000));
    let shop = ObjectKey::new(Kind::Namespace, "", "shop");
    test.ask(Request::delete(shop, DeleteOptions::default())).expect("accepted");
    expect![[r#"pods "web" is forbidden: unable to create new content in namespace shop because it is being terminated"#]]
        .assert_eq(&test.refusal(create_request(key, &text)));
}
