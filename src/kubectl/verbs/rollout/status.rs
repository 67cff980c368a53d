//! `kubectl rollout status`: says how far a rollout is with every change, until it is done.

use super::{REVISION, Verb, find};
use crate::api::Kind;
use crate::cluster::record::Change;
use crate::cluster::time::SimTime;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, name, number, text};
use crate::kubectl::resources::Info;
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "rollout status", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let found = find(kubectl)?;
    if found.infos.is_empty() && found.problems.is_empty() {
        let namespace = kubectl.namespace();
        kubectl.complain(&format!("No resources found in {namespace} namespace."));
    }
    for info in &found.infos {
        follow(kubectl, info)?;
    }
    kubectl.fail_all(found.problems)
}

fn follow(kubectl: &mut Kubectl, info: &Info) -> Outcome {
    if !matches!(info.kind, Kind::Deployment | Kind::DaemonSet | Kind::StatefulSet) {
        return Err(kubectl.fail(format!("no status viewer has been implemented for {}", info.kind)));
    }
    let now = kubectl.shell.ask.now();
    let timeout = kubectl.arguments.time("timeout").filter(|timeout| *timeout > 0);
    let until = timeout.map_or(SimTime::NEVER, |timeout| now + timeout);
    let revision = kubectl.arguments.number("revision").filter(|revision| *revision > 0);
    let (watch, initial) = match kubectl.watch(info)? {
        Ok(opened) => opened,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    let (round, mut next) = kubectl.shell.program_rounds(initial.into_iter().next());
    loop {
        if let Some(value) = next {
            match progress(info.kind, &value, revision) {
                Ok((line, is_done)) => {
                    kubectl.line(&line);
                    if is_done || !kubectl.arguments.is_not_off("watch") {
                        return Ok(());
                    }
                }
                Err(why) => return Err(kubectl.fail(why)),
            }
        }
        next = match kubectl.next(watch, until)? {
            Some((Change::Added | Change::Modified, value)) => Some(value),
            Some((Change::Deleted, _)) => return Err(kubectl.fail("object has been deleted".to_owned())),
            None => return Err(kubectl.fail("timed out waiting for the condition".to_owned())),
        };
        kubectl.shell.program_round(round, &next);
    }
}

/// What is said of a workload, and whether its rollout is done.
fn progress(kind: Kind, value: &Value, revision: Option<i64>) -> Result<(String, bool), String> {
    let is_rolling = text(value, &["spec", "updateStrategy", "type"]) == "RollingUpdate";
    if kind == Kind::Deployment {
        deployment(value, revision)
    } else if !is_rolling {
        Err("rollout status is only available for RollingUpdate strategy type".to_owned())
    } else if kind == Kind::StatefulSet {
        Ok(stateful_set(value))
    } else {
        Ok(daemon_set(value))
    }
}

fn stateful_set(value: &Value) -> (String, bool) {
    let status = |field: &str| number(value, &["status", field]);
    let seen = status("observedGeneration");
    if seen == 0 || number(value, &["metadata", "generation"]) > seen {
        return ("Waiting for statefulset spec update to be observed...".to_owned(), false);
    }
    let wanted = number(value, &["spec", "replicas"]);
    if status("readyReplicas") < wanted {
        return (format!("Waiting for {} pods to be ready...", wanted - status("readyReplicas")), false);
    }
    let updated = status("updatedReplicas");
    if let Some(rolling) = value.at(&["spec", "updateStrategy", "rollingUpdate"]) {
        let new = wanted - number(rolling, &["partition"]);
        return if updated < new {
            let what = format!("{updated} out of {new} new pods have been updated");
            (format!("Waiting for partitioned roll out to finish: {what}..."), false)
        } else {
            (format!("partitioned roll out complete: {updated} new pods have been updated..."), true)
        };
    }
    let revision = |field: &str| text(value, &["status", field]);
    if revision("updateRevision") == revision("currentRevision") {
        let (pods, at) = (status("currentReplicas"), revision("currentRevision"));
        return (format!("statefulset rolling update complete {pods} pods at revision {at}..."), true);
    }
    let at = revision("updateRevision");
    let what =
        format!("waiting for statefulset rolling update to complete {updated} pods at revision {at}...");
    (what, false)
}

fn daemon_set(value: &Value) -> (String, bool) {
    let status = |field: &str| number(value, &["status", field]);
    if number(value, &["metadata", "generation"]) > status("observedGeneration") {
        return ("Waiting for daemon set spec update to be observed...".to_owned(), false);
    }
    let name = name(value);
    let waits =
        |what: String| (format!("Waiting for daemon set \"{name}\" rollout to finish: {what}..."), false);
    let (wanted, updated) = (status("desiredNumberScheduled"), status("updatedNumberScheduled"));
    let available = status("numberAvailable");
    if updated < wanted {
        waits(format!("{updated} out of {wanted} new pods have been updated"))
    } else if available < wanted {
        waits(format!("{available} of {wanted} updated pods are available"))
    } else {
        (format!("daemon set \"{name}\" successfully rolled out"), true)
    }
}

fn deployment(value: &Value, revision: Option<i64>) -> Result<(String, bool), String> {
    let name = name(value);
    if let Some(wanted) = revision {
        let is = text(value, &["metadata", "annotations", REVISION]).parse().unwrap_or(0);
        if is != wanted {
            return Err(format!("desired revision ({wanted}) is different from the running revision ({is})"));
        }
    }
    let status = |field: &str| number(value, &["status", field]);
    if number(value, &["metadata", "generation"]) > status("observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...".into(), false));
    }
    let is_stuck = list(value, &["status", "conditions"]).iter().any(|condition| {
        text(condition, &["type"]) == "Progressing"
            && text(condition, &["reason"]) == "ProgressDeadlineExceeded"
    });
    if is_stuck {
        return Err(format!("deployment \"{name}\" exceeded its progress deadline"));
    }
    let wanted = value.at(&["spec", "replicas"]).and_then(Value::as_int);
    let (updated, available, all) =
        (status("updatedReplicas"), status("availableReplicas"), status("replicas"));
    let waits =
        |what: String| (format!("Waiting for deployment \"{name}\" rollout to finish: {what}..."), false);
    Ok(match wanted {
        Some(wanted) if updated < wanted => {
            waits(format!("{updated} out of {wanted} new replicas have been updated"))
        }
        _ if all > updated => waits(format!("{} old replicas are pending termination", all - updated)),
        _ if available < updated => waits(format!("{available} of {updated} updated replicas are available")),
        _ => (format!("deployment \"{name}\" successfully rolled out"), true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn each_state_of_a_rollout_has_its_sentence() {
        let spec = r#""metadata":{"name":"web","generation":2},"spec":{"replicas":3}"#;
        for (status, expected) in [
            (r#""observedGeneration":1"#, "Waiting for deployment spec update to be observed..."),
            (
                r#""observedGeneration":2,"replicas":3,"updatedReplicas":1,"availableReplicas":3"#,
                "Waiting for deployment \"web\" rollout to finish: 1 out of 3 new replicas have been updated...",
            ),
            (
                r#""observedGeneration":2,"replicas":4,"updatedReplicas":3,"availableReplicas":3"#,
                "Waiting for deployment \"web\" rollout to finish: 1 old replicas are pending termination...",
            ),
            (
                r#""observedGeneration":2,"replicas":3,"updatedReplicas":3,"availableReplicas":2"#,
                "Waiting for deployment \"web\" rollout to finish: 2 of 3 updated replicas are available...",
            ),
            (
                r#""observedGeneration":2,"replicas":3,"updatedReplicas":3,"availableReplicas":3"#,
                "deployment \"web\" successfully rolled out",
            ),
            (
                r#""observedGeneration":2,"conditions":[{"type":"Progressing","reason":"ProgressDeadlineExceeded"}]"#,
                "deployment \"web\" exceeded its progress deadline",
            ),
        ] {
            let value = json::parse(&format!("{{{spec},\"status\":{{{status}}}}}")).expect("JSON");
            let said = progress(Kind::Deployment, &value, None).map_or_else(|why| why, |(line, _)| line);
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn stateful_sets_and_daemon_sets_have_theirs() {
        let rolling = r#""updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":1}}"#;
        let whole = r#""updateStrategy":{"type":"RollingUpdate"}"#;
        let by_hand = r#""updateStrategy":{"type":"OnDelete"}"#;
        let (sts, ds) = (Kind::StatefulSet, Kind::DaemonSet);
        for (kind, strategy, status, expected) in [
            (sts, rolling, "", "Waiting for statefulset spec update to be observed..."),
            (sts, rolling, r#""readyReplicas":1"#, "Waiting for 2 pods to be ready..."),
            (
                sts,
                rolling,
                r#""readyReplicas":3,"updatedReplicas":1"#,
                "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...",
            ),
            (
                sts,
                rolling,
                r#""readyReplicas":3,"updatedReplicas":2"#,
                "partitioned roll out complete: 2 new pods have been updated...",
            ),
            (
                sts,
                whole,
                r#""readyReplicas":3,"updatedReplicas":2,"updateRevision":"db-2","currentRevision":"db-1""#,
                "waiting for statefulset rolling update to complete 2 pods at revision db-2...",
            ),
            (
                sts,
                whole,
                r#""readyReplicas":3,"currentReplicas":3,"updateRevision":"db-2","currentRevision":"db-2""#,
                "statefulset rolling update complete 3 pods at revision db-2...",
            ),
            (sts, by_hand, "", "rollout status is only available for RollingUpdate strategy type"),
            (
                ds,
                whole,
                r#""desiredNumberScheduled":2,"updatedNumberScheduled":1"#,
                "Waiting for daemon set \"db\" rollout to finish: 1 out of 2 new pods have been updated...",
            ),
            (
                ds,
                whole,
                r#""desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1"#,
                "Waiting for daemon set \"db\" rollout to finish: 1 of 2 updated pods are available...",
            ),
            (
                ds,
                whole,
                r#""desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2"#,
                "daemon set \"db\" successfully rolled out",
            ),
        ] {
            let seen = if status.is_empty() { "" } else { r#""observedGeneration":2,"# };
            let text = format!(
                r#"{{"metadata":{{"name":"db","generation":2}},"spec":{{"replicas":3,{strategy}}},"status":{{{seen}{status}}}}}"#
            );
            let value = json::parse(&text).expect("JSON");
            let said = progress(kind, &value, None).map_or_else(|why| why, |(line, _)| line);
            assert_eq!(said, expected);
        }
    }
}
