//! Pods that are resized in place.

use super::pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{PatchKind, Request, Subresource, Verb};
use crate::cluster::testing::{Act, Test};
use crate::cluster::time::SimTime;
use crate::value::json;

fn resize(test: &mut Test, name: &str, resources: &str) {
    let patch = format!(r#"{{"spec":{{"containers":[{{"name":"web","resources":{resources}}}]}}}}"#);
    let key = ObjectKey::new(Kind::Pod, "default", name);
    let patch = json::parse(&patch).expect("JSON");
    test.send(Request::new(Verb::Patch(PatchKind::Strategic, patch), key).at(Subresource::Resize));
}

/// The Events that tell of a resize.
fn told(test: &mut Test) -> String {
    let trace = test.trace();
    let lines = trace.lines().filter(|line| line.contains("esize"));
    lines.map(|line| line.split_once(" event ").map_or(line, |(_, what)| what).to_owned() + "\n").collect()
}

#[test]
fn a_pod_is_resized_where_it_runs_or_restarts_its_container_where_it_says_so() {
    let mut test = Test::new();
    test.create(&pod(
        "web",
        "  containers:\n  - name: web\n    image: 'nginx:1.25'\n    resources: {requests: {cpu: 100m, memory: 32Mi}}\n    \
         resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]\n",
    ));
    test.run_until(SimTime::millis(5_000));
    resize(&mut test, "web", r#"{"requests":{"cpu":"200m"}}"#);
    test.run_until(SimTime::millis(8_000));
    resize(&mut test, "web", r#"{"requests":{"memory":"64Mi"}}"#);
    test.run_until(SimTime::millis(12_000));
    let one = |what: &str, memory: &str, generation: i64| {
        format!(
            "web Resize{}: Pod resize {}: {{\"containers\":[{{\"name\":\"web\",\"resources\":{{\"requests\":\
             {{\"cpu\":\"200m\",\"memory\":\"{memory}\"}}}}}}],\"generation\":{generation}}}\n",
            what,
            what.to_lowercase()
        )
    };
    let expected = [
        one("Started", "32Mi", 2),
        one("Completed", "32Mi", 2),
        one("Started", "64Mi", 3),
        "web Killing: Container web resize requires restart\n".to_owned(),
        one("Completed", "64Mi", 3),
    ];
    assert_eq!(told(&mut test), expected.concat());
}

#[test]
fn what_the_node_cannot_give_waits_until_it_can() {
    let mut test = Test::new();
    let of = |name: &str, cpu: &str| {
        let node = "  containers:\n  - name: web\n    image: 'nginx:1.25'\n";
        pod(name, &format!("{node}    resources: {{requests: {{cpu: {cpu}}}}}\n"))
    };
    test.create(&of("big", "1200m"));
    test.create(&of("small", "100m"));
    test.run_until(SimTime::millis(5_000));
    resize(&mut test, "small", r#"{"requests":{"cpu":"1500m"}}"#);
    test.run_until(SimTime::millis(8_000));
    let waits = told(&mut test);
    assert!(waits.contains("ResizeDeferred: Pod resize OutOfcpu: "), "{waits}");
    assert!(!waits.contains("ResizeStarted"), "{waits}");
    test.act(Act::DeletePod("big", Some(1)));
    test.run_until(SimTime::millis(14_000));
    let given = told(&mut test);
    assert!(given.contains("ResizeStarted") && given.contains("ResizeCompleted"), "{given}");
}

#[test]
fn what_waits_is_given_when_another_pod_has_become_smaller() {
    let mut test = Test::new();
    for (name, cpu) in [("big", "1200m"), ("small", "100m")] {
        let spec = "  containers:\n  - name: web\n    image: 'nginx:1.25'\n";
        test.create(&pod(name, &format!("{spec}    resources: {{requests: {{cpu: {cpu}}}}}\n")));
    }
    test.run_until(SimTime::millis(5_000));
    resize(&mut test, "small", r#"{"requests":{"cpu":"1500m"}}"#);
    test.run_until(SimTime::millis(8_000));
    assert!(!told(&mut test).contains("ResizeStarted"));
    resize(&mut test, "big", r#"{"requests":{"cpu":"100m"}}"#);
    test.run_until(SimTime::millis(14_000));
    let given = told(&mut test);
    assert!(given.contains("small ResizeStarted") && given.contains("small ResizeCompleted"), "{given}");
}
