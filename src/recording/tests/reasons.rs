//! "Why?" in a recording: there Pods alone say what became of their containers.

use super::read;
use crate::api::{Kind, ObjectKey};
use crate::timeline::{Target, reasons};
use crate::words::{Language, text};
use expect_test::{Expect, expect};

/// What is said of a Pod, and of a container of it, in the last look at it.
fn said(phase: &str, list: &str, status: &str) -> String {
    let pod = format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web","namespace":"default","uid":"1","creationTimestamp":"2026-01-02T03:04:05Z"}},"spec":{{"nodeName":"a","containers":[{{"name":"web","image":"x"}}]}},"status":{{"phase":"{phase}","{list}":[{{"name":"web","image":"x",{status}}}]}}}}"#
    );
    let timeline = read(&pod).expect("it can be read").timeline();
    let view = timeline.at(timeline.history().end());
    let key = ObjectKey::new(Kind::Pod, "default", "web");
    let container = Target::Container { pod: key.clone(), name: "web".into() };
    let told = |target| {
        let said = reasons(view, &target);
        said.iter().map(|said| text(Language::En, said.id, &said.args)).collect::<Vec<_>>().join("\n  ")
    };
    format!("Pod: {}\nContainer: {}", told(Target::Object(key)), told(container))
}

#[test]
fn a_container_says_how_it_ended_by_its_status() {
    let ended = r#""terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"2026-01-02T03:05:05Z","finishedAt":"2026-01-02T03:06:05Z"}"#;
    let running = r#""running":{"startedAt":"2026-01-02T03:07:05Z"}"#;
    let waiting =
        r#""waiting":{"reason":"CrashLoopBackOff","message":"back-off 10s restarting failed container=web"}"#;
    let cannot = r#""terminated":{"exitCode":128,"reason":"StartError","message":"it starts\nexec: no such file\n","finishedAt":"2026-01-02T03:06:05Z"}"#;
    let signal = r#""terminated":{"exitCode":143,"signal":15,"finishedAt":"2026-01-02T03:06:05Z"}"#;
    let well = r#""terminated":{"exitCode":0,"reason":"Completed","finishedAt":"2026-01-02T03:06:05Z"}"#;
    let (own, other) = ("containerStatuses", "ephemeralContainerStatuses");
    let cases: [(&str, &str, String, Expect); 7] = [
        (
            "Running",
            own,
            format!(r#""restartCount":1,"ready":true,"state":{{{running}}},"lastState":{{{ended}}}"#),
            expect![[r#"
            Pod: 
            Container: The container web runs after one restart.
              The container web ended with exit code 137 (OOMKilled)."#]],
        ),
        (
            "Running",
            own,
            format!(r#""restartCount":2,"state":{{{waiting}}},"lastState":{{{ended}}}"#),
            expect![[r#"
            Pod: The container web waits: CrashLoopBackOff. back-off 10s restarting failed container=web
              The container web ended with exit code 137 (OOMKilled).
            Container: The container web ended with exit code 137 (OOMKilled).
              The container web waits: CrashLoopBackOff. back-off 10s restarting failed container=web"#]],
        ),
        (
            "Failed",
            own,
            format!(r#""state":{{{ended}}}"#),
            expect![[r#"
            Pod: The container web ended with exit code 137 (OOMKilled).
            Container: The container web ended with exit code 137 (OOMKilled)."#]],
        ),
        (
            "Running",
            own,
            format!(r#""restartCount":0,"state":{{{cannot}}}"#),
            expect![[r#"
            Pod: The container web ended with exit code 128 (StartError): exec: no such file
            Container: The container web ended with exit code 128 (StartError): exec: no such file"#]],
        ),
        (
            "Failed",
            own,
            format!(r#""state":{{{signal}}}"#),
            expect![[r#"
            Pod: The container web was ended by the signal 15, with exit code 143.
            Container: The container web was ended by the signal 15, with exit code 143."#]],
        ),
        (
            "Succeeded",
            own,
            format!(r#""state":{{{well}}}"#),
            expect![[r#"
            Pod: The container web ended with exit code 0 (Completed).
            Container: The container web ended with exit code 0 (Completed)."#]],
        ),
        (
            "Running",
            other,
            format!(r#""state":{{{ended}}}"#),
            expect![[r#"
            Pod: 
            Container: The container web ended with exit code 137 (OOMKilled)."#]],
        ),
    ];
    for (phase, list, status, expected) in cases {
        expected.assert_eq(&said(phase, list, &status));
    }
}
