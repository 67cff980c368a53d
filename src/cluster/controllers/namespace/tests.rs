//! How long a Namespace takes to go, and what its conditions say meanwhile.

use crate::api::conditions::find;
use crate::api::objects::Namespace;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Propagation;
use crate::cluster::testing::{Test, create_request};
use crate::cluster::time::SimTime;

fn at(seconds: u64) -> SimTime {
    SimTime::millis(seconds * 1_000)
}

fn doomed() -> ObjectKey {
    ObjectKey::new(Kind::Namespace, "", "doomed")
}

fn started() -> Test {
    let mut test = Test::new();
    let namespace = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"doomed"}}"#;
    test.ask(create_request(doomed(), namespace)).expect("created");
    test
}

/// What a condition of the Namespace says; nothing once the Namespace is gone.
fn says(test: &Test, condition: &str) -> Option<String> {
    let namespace = test.object(&doomed())?.get::<Namespace>()?.clone();
    Some(find(&namespace.status.conditions, condition)?.message.to_string())
}

#[test]
fn what_a_finalizer_holds_is_looked_at_again_after_eight_seconds() {
    let mut test = started();
    let held = ObjectKey::new(Kind::ConfigMap, "doomed", "held");
    let text = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","namespace":"doomed","finalizers":["example.com/hold"]}}"#;
    test.ask(create_request(held.clone(), text)).expect("created");
    test.delete(doomed(), Propagation::Background);
    test.run_until(at(7));
    assert_eq!(
        says(&test, "NamespaceContentRemaining").as_deref(),
        Some("Some resources are remaining: configmaps. has 1 resource instances")
    );
    assert_eq!(
        says(&test, "NamespaceFinalizersRemaining").as_deref(),
        Some("Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances")
    );
    // The condition's own change brings it back once, five seconds later; from then on it comes every eight.
    test.run_until(at(12));
    test.patch(held.clone(), r#"{"metadata":{"finalizers":null}}"#);
    test.run_until(at(17));
    assert!(test.object(&held).is_none() && test.object(&doomed()).is_some(), "nothing tells it that the object is gone");
    test.run_until(at(19));
    assert!(test.object(&doomed()).is_none());
}

#[test]
fn a_pod_that_outlasts_its_grace_is_an_error() {
    let mut test = started();
    let pod = ObjectKey::new(Kind::Pod, "doomed", "late");
    // No kubelet ends it.
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"late","namespace":"doomed"},"spec":{"nodeName":"nowhere","terminationGracePeriodSeconds":2,"containers":[{"name":"a","image":"nginx:1.25"}]}}"#;
    test.ask(create_request(pod, text)).expect("created");
    test.delete(doomed(), Propagation::Background);
    test.run_until(at(6));
    assert_eq!(
        says(&test, "NamespaceDeletionContentFailure").as_deref(),
        Some("Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: doomed for gvr: /v1, Resource=pods")
    );
    assert_eq!(says(&test, "NamespaceContentRemaining").as_deref(), Some("All content successfully removed"));
}
