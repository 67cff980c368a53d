//! What one look at a cluster says of the past, and what it leaves open.

use super::read;
use crate::cluster::time::SimTime;
use crate::recording::{items, text};
use crate::value::Value;
use expect_test::expect;
use std::fmt::Write;

/// A Pod of which a container has ended for the sixth time after it was started again, and the Events of its starts, so many of them.
fn crashes(starts: Option<u32>) -> String {
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"pay","namespace":"prod","uid":"1","creationTimestamp":"2026-11-24T09:12:03Z"},
"spec":{"nodeName":"a","containers":[{"name":"pay","image":"x"}]},
"status":{"phase":"Running","podIP":"10.244.1.17","startTime":"2026-11-24T09:12:04Z","containerStatuses":[{"name":"pay","image":"x","ready":false,"restartCount":6,
"state":{"waiting":{"reason":"CrashLoopBackOff"}},
"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"2026-11-24T09:20:11Z","finishedAt":"2026-11-24T09:20:30Z"}}}]}}"#;
    let started = starts.map(|count| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Event","metadata":{{"name":"pay.1","namespace":"prod","creationTimestamp":"2026-11-24T09:12:07Z"}},
"involvedObject":{{"kind":"Pod","name":"pay","namespace":"prod","uid":"1","fieldPath":"spec.containers{{pay}}"}},"reason":"Started","type":"Normal",
"firstTimestamp":"2026-11-24T09:12:07Z","lastTimestamp":"2026-11-24T09:20:11Z","count":{count}}}"#
        )
    });
    format!("{pod}\n{}", started.unwrap_or_default())
}

/// What the Pod says of itself, each time that it is something else.
fn lived(looked: &str) -> String {
    let recording = read(looked).expect("it can be read");
    let mut lived = String::new();
    for event in recording.watch.iter().filter(|event| event.resource == "pods") {
        let status = event.object.get("status").expect("a status");
        let container = &items(status, "containerStatuses")[0];
        let state = container.get("state").and_then(Value::as_object).expect("a state");
        let state: Vec<String> = state.iter().map(|entry| entry.0.to_string()).collect();
        let restarts = container.get("restartCount").and_then(Value::as_int);
        let restarts = restarts.map_or("?".to_owned(), |count| count.to_string());
        let phase = text(status, "phase");
        _ = writeln!(lived, "{} {phase}, {state:?}, restarts {restarts}", event.t);
    }
    lived
}

#[test]
fn restarts_that_are_not_told_are_not_claimed() {
    let told = |starts| lived(&crashes(starts));
    expect![[r#"
        0 Pending, [], restarts 0
        1 Pending, [], restarts 0
        4 Running, [], restarts ?
        488 Running, ["running"], restarts 6
        507 Running, ["waiting"], restarts 6
    "#]]
    .assert_eq(&told(Some(7)));
    // Without an Event for each start that of the first one may be gone.
    expect![[r#"
        0 Pending, [], restarts 0
        1 Running, [], restarts ?
        488 Running, ["running"], restarts 6
        507 Running, ["waiting"], restarts 6
    "#]]
    .assert_eq(&told(None));
    assert_eq!(told(Some(2)), told(None));
}

/// One run before the last two: whether it had begun or not, nothing had been started again.
#[test]
fn what_must_have_been_so_is_told() {
    let once = crashes(None).replace(r#""restartCount":6"#, r#""restartCount":1"#);
    expect![[r#"
        0 Pending, [], restarts 0
        1 Running, [], restarts 0
        488 Running, ["running"], restarts 1
        507 Running, ["waiting"], restarts 1
    "#]]
    .assert_eq(&lived(&once));
}

#[test]
fn a_recording_says_what_begins_with_it() {
    let opening = |text: &str| {
        let said = read(text).expect("it can be read").timeline().story().say(SimTime::ZERO);
        said.id
    };
    let pod = crashes(None).replace('\n', " ");
    let event = |more: &str, event: &str| format!(r#"{{{more}"type":"{event}","object":{pod}}}"#);
    assert_eq!(opening(&pod), "say.recorded-begins-look");
    assert_eq!(
        opening(&format!("{}\n{}", event("", "ADDED"), event("", "MODIFIED"))),
        "say.recorded-begins-untimed"
    );
    assert_eq!(opening(&event(r#""t":0.5,"resource":"pods","#, "ADDED")), "say.recorded-begins");
}
