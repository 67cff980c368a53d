//! A DaemonSet's status: how many nodes should have a Pod, have one, have one that is well
//! (upstream: updateDaemonSetStatus in daemon_controller.go).

use super::Input;
use super::placement::{by_node, should_run, sort_by_age};
use super::sync::Progress;
use super::template::{daemon_spec, is_updated};
use crate::api::Object;
use crate::api::conditions::is_pod_ready;
use crate::api::objects::{DaemonSet, DaemonSetStatus, Pod};
use crate::cluster::controllers::Outcome;
use crate::cluster::controllers::availability::is_pod_available;
use crate::cluster::controllers::stop::Stop;
use crate::cluster::request::Request;
use crate::cluster::task::Ask;
use crate::cluster::time::SECOND;
use std::rc::Rc;

/// The status as the Pods have it.
fn calculate_status(input: &Input, pods: &[Rc<Pod>], hash: &str, now: u64) -> DaemonSetStatus {
    let set = &input.set;
    let spec = daemon_spec(&set.spec.template);
    let mut pods = by_node(pods);
    let mut status = DaemonSetStatus {
        observed_generation: set.status.observed_generation,
        collision_count: set.status.collision_count,
        conditions: set.status.conditions.clone(),
        extra: set.status.extra.clone(),
        ..DaemonSetStatus::default()
    };
    for node in &input.nodes {
        let there = pods.get_mut(&node.metadata.name);
        if !should_run(node, &spec).runs {
            status.number_misscheduled += i32::from(there.is_some());
            continue;
        }
        status.desired_number_scheduled += 1;
        let Some(there) = there else { continue };
        status.current_number_scheduled += 1;
        sort_by_age(there);
        let Some(oldest) = there.first() else { continue };
        status.number_ready += i32::from(is_pod_ready(oldest));
        status.number_available += i32::from(is_pod_available(oldest, set.spec.min_ready_seconds, now));
        status.updated_number_scheduled += i32::from(is_updated(set, oldest, hash));
    }
    status.number_unavailable = status.desired_number_scheduled - status.number_available;
    status
}

/// Writes the status where it has changed; once again from the store where the DaemonSet has.
pub(super) fn update_status(
    ask: &mut Ask,
    input: &Input,
    progress: &Progress,
    claimed: Vec<Object>,
) -> Result<Outcome, Stop> {
    let set = &input.set;
    let pods: Vec<Rc<Pod>> = claimed.iter().filter_map(|object| object.get::<Pod>().cloned()).collect();
    let mut status = calculate_status(input, &pods, progress.hash(), ask.unix_micros());
    let wait = (set.spec.min_ready_seconds > 0 && status.number_ready != status.number_available)
        .then_some(set.spec.min_ready_seconds as u64 * SECOND);
    let is_seen = set.status.observed_generation >= set.metadata.generation;
    if status == set.status && is_seen {
        return Ok(progress.outcome(wait));
    }
    if progress.is_whole() {
        status.observed_generation = set.metadata.generation;
    }
    let with =
        |base: &DaemonSet| Request::update_status(DaemonSet { status: status.clone(), ..base.clone() });
    if ask.api(with(set))?.is_err() {
        let reply = ask.api(Request::get(Object::DaemonSet(set.clone()).key()))??;
        let fresh = reply.object().and_then(|object| object.get::<DaemonSet>());
        ask.api(with(fresh.unwrap_or(set)))??;
    }
    Ok(progress.outcome(wait))
}
