//! Which Pods go first (upstream: ActivePodsWithRanks in pkg/controller/controller_utils.go).

use crate::api::conditions::{find, is_pod_ready};
use crate::api::objects::{Pod, PodPhase, RestartPolicy};
use crate::cluster::time::{Micros, parse_rfc3339};
use crate::value::Str;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a Pod says that its deletion costs.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The `count` Pods that are deleted first. `nodes` says how many related Pods each node has, `now` is in
/// microseconds since 1970.
pub fn pods_to_delete<'a>(
    pods: &[&'a Rc<Pod>],
    nodes: &BTreeMap<Str, usize>,
    count: usize,
    now: u64,
) -> Vec<&'a Rc<Pod>> {
    let mut ranked: Vec<&'a Rc<Pod>> = pods.to_vec();
    if count < ranked.len() {
        let rank = |pod: &Pod| nodes.get(&pod.spec.node_name).copied().unwrap_or(0);
        let is_before = |a: &Pod, b: &Pod| {
            decide(a, b, (rank(a), rank(b)), now).is_some_and(|(_, order)| order == Ordering::Less)
        };
        ranked = sorted(ranked, &is_before);
    }
    ranked.truncate(count);
    ranked
}

/// As many are sorted by insertion, as Go does it.
const FEW: usize = 12;

/// The Pods in their order, which need not be one: of three Pods that became ready at different times the first may go before
/// the second and the second before the third for their uids, and the third before the first for its age. The library's sort
/// refuses that, Go's does not.
fn sorted<'a>(
    mut pods: Vec<&'a Rc<Pod>>,
    is_before: &dyn Fn(&Pod, &Pod) -> bool,
) -> Vec<&'a Rc<Pod>> {
    if pods.len() <= FEW {
        for at in 1..pods.len() {
            let mut at = at;
            while at > 0 && is_before(pods[at], pods[at - 1]) {
                pods.swap(at, at - 1);
                at -= 1;
            }
        }
        return pods;
    }
    let right = sorted(pods.split_off(pods.len() / 2), is_before);
    let mut right = right.into_iter().peekable();
    let mut merged = Vec::with_capacity(pods.len() + right.len());
    for pod in sorted(pods, is_before) {
        while let Some(earlier) = right.next_if(|other| is_before(other, pod)) {
            merged.push(earlier);
        }
        merged.push(pod);
    }
    merged.extend(right);
    merged
}

/// What makes one Pod go before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criterion {
    /// It has no node.
    Unassigned,
    /// It does not run.
    Phase,
    /// It is not ready.
    Ready,
    /// Its annotation says that its deletion costs less.
    Cost,
    /// More related Pods are on its node.
    Crowded,
    /// It has been ready for less long.
    ReadyFor,
    /// Its containers were restarted more often.
    Restarts,
    /// It is younger.
    Age,
    /// Their uids, which say nothing: nobody could have known.
    Uid,
}

/// Which of two Pods is deleted first, and what decides it: less is first. `ranks` says how many related Pods are on the node
/// of each. None where they are the same Pod.
pub fn decide(a: &Pod, b: &Pod, ranks: (usize, usize), now: u64) -> Option<(Criterion, Ordering)> {
    let is_assigned = |pod: &Pod| !pod.spec.node_name.is_empty();
    let phase = |pod: &Pod| match pod.status.phase {
        Some(PodPhase::Unknown) => 1,
        Some(PodPhase::Running) => 2,
        _ => 0,
    };
    let cost = |pod: &Pod| -> i32 {
        pod.metadata.annotations.get(DELETION_COST).and_then(|cost| cost.parse().ok()).unwrap_or(0)
    };
    let created = |pod: &Pod| parse_rfc3339(&pod.metadata.creation_timestamp);
    let ready = || (ready_since(a), ready_since(b));
    let made = || (created(a), created(b));
    // One after the other: what stands later is only looked at where all before is the same.
    let steps: [(Criterion, &dyn Fn() -> Ordering); 10] = [
        (Criterion::Unassigned, &|| is_assigned(a).cmp(&is_assigned(b))),
        (Criterion::Phase, &|| phase(a).cmp(&phase(b))),
        (Criterion::Ready, &|| is_pod_ready(a).cmp(&is_pod_ready(b))),
        (Criterion::Cost, &|| cost(a).cmp(&cost(b))),
        (Criterion::Crowded, &|| ranks.1.cmp(&ranks.0)),
        (Criterion::ReadyFor, &|| by_age(ready(), now)),
        (Criterion::Uid, &|| by_uid(a, b, ready())),
        (Criterion::Restarts, &|| restarts(b).cmp(&restarts(a))),
        (Criterion::Age, &|| by_age(made(), now)),
        (Criterion::Uid, &|| by_uid(a, b, made())),
    ];
    steps.iter().map(|(criterion, step)| (*criterion, step())).find(|(_, order)| order.is_ne())
}

fn ready_since(pod: &Pod) -> Option<u64> {
    let ready = find(&pod.status.conditions, "Ready").filter(|_| is_pod_ready(pod))?;
    parse_rfc3339(ready.last_transition_time.as_deref()?)
}

/// The younger first. Ages of one order of magnitude count as one.
fn by_age(times: (Option<u64>, Option<u64>), now: u64) -> Ordering {
    let (Some(of_a), Some(of_b)) = times else {
        return times.0.is_some().cmp(&times.1.is_some());
    };
    let magnitude = |since: u64| (now.saturating_sub(since) as Micros * 1_000).checked_ilog2();
    magnitude(of_a).cmp(&magnitude(of_b))
}

/// Where the times differ, and count as one.
fn by_uid(a: &Pod, b: &Pod, times: (Option<u64>, Option<u64>)) -> Ordering {
    match times {
        (Some(of_a), Some(of_b)) if of_a != of_b => a.metadata.uid.cmp(&b.metadata.uid),
        _ => Ordering::Equal,
    }
}

/// The most restarts of a container, then of a sidecar.
fn restarts(pod: &Pod) -> (i32, i32) {
    let is_sidecar = |name: &Str| {
        let named = pod.spec.init_containers.iter().find(|container| container.name == *name);
        named.is_some_and(|container| container.restart_policy == Some(RestartPolicy::Always))
    };
    let status = &pod.status;
    let containers = status.container_statuses.iter().map(|status| status.restart_count);
    let sidecars = status.init_container_statuses.iter().filter(|status| is_sidecar(&status.name));
    (containers.max().unwrap_or(0), sidecars.map(|status| status.restart_count).max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn pod(name: &str, phase: &str, more: &str) -> Rc<Pod> {
        let text = format!(
            r#"{{"metadata":{{"name":"{name}","uid":"{name}","creationTimestamp":"1970-01-01T00:00:10Z"}},
                "status":{{"phase":"{phase}"}}}}"#
        );
        let (mut base, more) = (json::parse(&text).expect("JSON"), json::parse(more).expect("JSON"));
        for path in [&["metadata", "annotations"][..], &["metadata", "creationTimestamp"], &["spec"]] {
            if let Some(value) = more.at(path) {
                base.set(path, value.clone());
            }
        }
        for field in ["conditions", "containerStatuses"] {
            if let Some(value) = more.at(&["status", field]) {
                base.set(&["status", field], value.clone());
            }
        }
        Rc::new(Pod::decode(&base).expect("a Pod"))
    }

    #[test]
    fn those_that_serve_least_go_first() {
        let ready = |since: u32| {
            format!(
                r#""conditions":[{{"type":"Ready","status":"True","lastTransitionTime":"1970-01-01T00:00:{since}Z"}}]"#
            )
        };
        let on = r#""spec":{"nodeName":"node-1"}"#;
        let pods = [
            pod("old", "Running", &format!(r#"{{{on},"status":{{{}}}}}"#, ready(11))),
            pod("young", "Running", &format!(r#"{{{on},"status":{{{}}}}}"#, ready(50))),
            pod(
                "cheap",
                "Running",
                &format!(
                    r#"{{{on},"metadata":{{"annotations":{{"{DELETION_COST}":"-5"}}}},"status":{{{}}}}}"#,
                    ready(11)
                ),
            ),
            pod(
                "crowded",
                "Running",
                &format!(r#"{{"spec":{{"nodeName":"node-2"}},"status":{{{}}}}}"#, ready(11)),
            ),
            pod("unready", "Running", &format!("{{{on}}}")),
            pod(
                "restarted",
                "Running",
                &format!(r#"{{{on},"status":{{"containerStatuses":[{{"name":"c","restartCount":3}}]}}}}"#),
            ),
            pod("pending", "Pending", &format!("{{{on}}}")),
            pod("nowhere", "Pending", "{}"),
        ];
        let related = BTreeMap::from([("node-1".into(), 1), ("node-2".into(), 2)]);
        let all: Vec<&Rc<Pod>> = pods.iter().collect();
        let order = pods_to_delete(&all, &related, pods.len() - 1, 60_000_000);
        let names: Vec<&str> = order.iter().map(|pod| &*pod.metadata.name).collect();
        assert_eq!(names, ["nowhere", "pending", "restarted", "unready", "cheap", "crowded", "young"]);
    }

    #[test]
    fn an_order_that_goes_round_in_circles_is_no_stop() {
        // Ready for about as long, or for longer: the uid decides between some, the age between others.
        let ready = |n: u64| {
            let at = format!("1970-01-01T00:00:{:02}Z", 10 + n % 49);
            let more = format!(
                r#"{{"spec":{{"nodeName":"node-1"}},"status":{{"conditions":[{{"type":"Ready","status":"True","lastTransitionTime":"{at}"}}]}}}}"#
            );
            pod(&format!("{:x}", (n * 2_654_435_761) % 4_294_967_291), "Running", &more)
        };
        let pods: Vec<Rc<Pod>> = (0..1_000).map(ready).collect();
        let all: Vec<&Rc<Pod>> = pods.iter().collect();
        let mut doomed = pods_to_delete(&all, &BTreeMap::new(), 999, 60_000_000);
        doomed.sort_by_key(|pod| Rc::as_ptr(pod));
        doomed.dedup_by_key(|pod| Rc::as_ptr(pod));
        assert_eq!(doomed.len(), 999);
    }
}
