//! Budgets and evictions as a watcher sees them.

use crate::api::objects::{Pod, PodDisruptionBudget};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{Body, Request, Subresource, Verb};
use crate::cluster::testing::{Test, create_request};
use crate::cluster::time::SimTime;
use crate::value::Value;

const WEB: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":4,
    "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"containers":[{"name":"web","image":"nginx:1.25"}]}}}}"#;

fn budget(test: &mut Test, name: &str, bound: &str) {
    let text = format!(
        r#"{{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{{"name":"{name}"}},"spec":{{{bound},"selector":{{"matchLabels":{{"app":"web"}}}}}}}}"#
    );
    let key = ObjectKey::new(Kind::PodDisruptionBudget, "default", name.to_string());
    test.ask(create_request(key, &text)).expect("created");
}

/// Allowed, healthy, wanted, expected.
fn status(test: &Test, name: &str) -> [i32; 4] {
    let key = ObjectKey::new(Kind::PodDisruptionBudget, "default", name.to_string());
    let found = test.object(&key).and_then(|object| object.get::<PodDisruptionBudget>().cloned());
    let status = found.expect("there").status.clone();
    [status.disruptions_allowed, status.current_healthy, status.desired_healthy, status.expected_pods]
}

fn evict(test: &mut Test, pod: &str) -> String {
    let key = test.named(pod);
    let mut eviction = Value::object();
    eviction.set(&["metadata", "name"], key.name.clone());
    let request = Request::new(Verb::Create(Body::Value(eviction)), key).at(Subresource::Eviction);
    test.refusal(request)
}

fn at(seconds: u64) -> SimTime {
    SimTime::millis(seconds * 1_000)
}

#[test]
fn bounds_are_numbers_or_shares_of_what_is_wanted() {
    for (bound, expected) in [
        (r#""minAvailable":3"#, [1, 4, 3, 4]),
        (r#""minAvailable":"60%""#, [1, 4, 3, 4]),
        (r#""maxUnavailable":"30%""#, [2, 4, 2, 4]),
        (r#""maxUnavailable":0"#, [0, 4, 4, 4]),
        (r#""minAvailable":9"#, [0, 4, 9, 4]),
    ] {
        let mut test = Test::new();
        test.ask(create_request(ObjectKey::new(Kind::Deployment, "default", "web"), WEB)).expect("created");
        test.run_until(at(10));
        budget(&mut test, "web", bound);
        test.run_until(at(11));
        assert_eq!(status(&test, "web"), expected, "{bound}");
    }
}

#[test]
fn an_eviction_asks_the_budget() {
    const REFUSED: &str = "Cannot evict pod as it would violate the pod's disruption budget.";
    let mut test = Test::new();
    test.ask(create_request(ObjectKey::new(Kind::Deployment, "default", "web"), WEB)).expect("created");
    test.run_until(at(10));
    budget(&mut test, "web", r#""minAvailable":3"#);
    test.run_until(at(12));
    let first = test.named("web-A-1");
    assert_eq!(evict(&mut test, "web-A-1"), "done");
    let pod = test.object(&first).and_then(|object| object.get::<Pod>().cloned()).expect("not gone yet");
    assert!(pod.metadata.is_terminating());
    let target = crate::api::conditions::find(&pod.status.conditions, "DisruptionTarget").cloned();
    assert_eq!(&*target.expect("set").reason, "EvictionByEvictionAPI");
    assert_eq!(evict(&mut test, "web-A-2"), REFUSED);
    // One that is going already needs no budget.
    assert_eq!(evict(&mut test, "web-A-1"), "done");
    test.run_until(at(20));
    assert_eq!(status(&test, "web"), [1, 4, 3, 4], "another has taken its place");
    assert_eq!(evict(&mut test, "web-A-2"), "done");
    test.run_until(at(30));
    budget(&mut test, "second", r#""minAvailable":1"#);
    test.run_until(at(32));
    assert_eq!(
        evict(&mut test, "web-A-3"),
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    );
}

#[test]
fn a_pod_without_a_controller_has_no_share() {
    let mut test = Test::new();
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"lone","labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.25"}]}}"#;
    test.ask(create_request(ObjectKey::new(Kind::Pod, "default", "lone"), pod)).expect("created");
    test.run_until(at(5));
    budget(&mut test, "web", r#""maxUnavailable":1"#);
    test.run_until(at(7));
    assert_eq!(status(&test, "web"), [0, 1, 0, 0]);
    let story = test.story(&[Kind::Event], SimTime::ZERO);
    assert!(story.contains("web says UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged."), "{story}");
}
