//! The parts of the comparer on tables.

use crate::recording::names::{Names, key};
use crate::recording::{WatchEvent, mask};
use crate::value::json;
use expect_test::expect;

#[test]
fn masks_hide_what_is_chance() {
    let names = [("web-6d5b8f7c9d-x2k8p".to_owned(), "web~@1~#".to_owned())];
    let texts = [
        "Created pod: web-6d5b8f7c9d-x2k8p",
        "pod web_tiny(0c26b4a6-3b80-4e9e-8b5e-8f2a43a2b8f6) on node-2 at 10.244.1.7:80, not 8.8.8.8",
        "containerd://ad7a3766 nginx@sha256:bc9175f8560f at 2026-11-23T18:32:36.035200529Z",
        "3m20s 1.5s 22ms 4h 2d5h 1y2d3h4m5s, (12s)",
        "v1.5s x-5s 5s-x 5s5 .5s 10x 3.2.1s",
        "80:30080/TCP 30080x 13:30",
        "a\nNormal  Pulling image \"x\" now\nb",
        "Successfully pulled image \"x\" in 1s (2s including waiting). Image size: 5 bytes.",
        "back-off 5m0s restarting failed container",
        "Start Time:   Mon, 23 Nov 2026 18:32:33 +0000",
        "resourceVersion: \"705\" kube-api-access-ll7kt @if12",
    ];
    let masked: Vec<String> = texts.iter().map(|text| mask::apply(text, &names)).collect();
    expect![[r#"
        Created pod: web~@1~#
        pod web_tiny(<uid>) on <node> at <ip>:80, not 8.8.8.8
        <container> nginx<digest> at <time>
        <age> <age> <age> <age> <age> <age>, (<age>)
        v1.5s x-5s 5s-x 5s5 .5s 10x 3.2.1s
        80:<nodeport>/TCP 30080x 13:30
        a
        b
        Container image "x" already present on machine and can be accessed by the pod
        back-off <t> restarting failed container
        Start Time: <time>
        resourceVersion: <n> kube-api-access-<r> @if<n>"#]]
    .assert_eq(&masked.join("\n"));
}

#[test]
fn rows_are_sorted_under_their_header_only() {
    let output =
        "z\na\nNAME     READY\nweb-b    1/1\nweb-a    1/1\n\nz\na\nPOD\nb\na\nNAMES of b\nNAME (x\nd\nc\n";
    let sorted = "z a|NAME READY web-a 1/1 web-b 1/1|z a|POD NAMES of b a b|NAME (x c d";
    assert_eq!(mask::table(output).replace('\n', " "), sorted.replace('|', " "));
}

#[test]
fn objects_are_called_after_their_owners() {
    let owned = |kind: &str, name: &str| {
        format!(r#""ownerReferences":[{{"kind":"{kind}","name":"{name}","controller":true}}]"#)
    };
    let cases = [
        ("deployments", r#""name":"web""#.to_owned(), "web"),
        ("replicasets", format!(r#""name":"web-6d5b8f7c9d",{}"#, owned("Deployment", "web")), "web~@2"),
        ("replicasets", format!(r#""name":"web-7fb9c5d6b8",{}"#, owned("Deployment", "web")), "web~@1"),
        (
            "pods",
            format!(
                r#""name":"web-7fb9c5d6b8-x2k8p","generateName":"web-7fb9c5d6b8-",{}"#,
                owned("ReplicaSet", "web-7fb9c5d6b8")
            ),
            "web~@1~#",
        ),
        ("pods", format!(r#""name":"db-0",{}"#, owned("StatefulSet", "db")), "db-0"),
        ("controllerrevisions", format!(r#""name":"db-5c9d8f7b6",{}"#, owned("StatefulSet", "db")), "db~@1"),
        (
            "pods",
            format!(
                r#""name":"sum-3-x2k8p","generateName":"sum-3-","labels":{{"batch.kubernetes.io/job-completion-index":"3"}},{}"#,
                owned("Job", "sum")
            ),
            "sum-3~#",
        ),
        ("endpointslices", r#""name":"web-7hj2k","generateName":"web-""#.to_owned(), "web~"),
        ("pods", r#""name":"alone-x2k8p""#.to_owned(), "alone-x2k8p"),
        ("pods", format!(r#""name":"mine",{}"#, owned("ReplicaSet", "web-7fb9c5d6b8")), "mine"),
    ];
    // The watcher may see what is owned before its owner; siblings are numbered as they were seen.
    let events: Vec<WatchEvent> = cases
        .iter()
        .rev()
        .map(|(resource, meta, _)| WatchEvent {
            t: 0.0,
            event: "ADDED".into(),
            resource: (*resource).into(),
            object: json::parse(&format!(r#"{{"metadata":{{"namespace":"n",{meta}}}}}"#)).expect("valid"),
        })
        .collect();
    let names = Names::of(&events);
    for (event, (_, _, expected)) in events.iter().rev().zip(&cases) {
        let key = key(event).expect("a name");
        assert_eq!(names.get(&key), *expected, "{key:?}");
    }
    assert_eq!(names.involved("Pod", "web-7fb9c5d6b8-x2k8p"), Some("web~@1~#"));
    assert_eq!(names.involved("Job", "web-7fb9c5d6b8-x2k8p"), None);
    let hashes = names.replacements.iter().filter(|(_, to)| to == "<hash>").map(|(hash, _)| hash.as_str());
    assert_eq!(hashes.collect::<Vec<_>>(), ["6d5b8f7c9d", "7fb9c5d6b8", "5c9d8f7b6"]);
}
