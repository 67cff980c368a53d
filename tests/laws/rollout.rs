//! The bounds of a rollout, as upstream holds them (pkg/controller/deployment/rolling.go).
//!
//! The controller counts what ReplicaSets want, not the Pods that are there: whenever it raises one, all together want
//! at most `replicas + maxSurge`. And where nothing but rollouts happens, at least `replicas - maxUnavailable` Pods are
//! available at every moment once all were.

use crate::manifests::{FATE, READY};
use podium::api::Object;
use podium::api::conditions::is_pod_ready;
use podium::api::objects::{Deployment, ObjectMeta, Pod, ReplicaSet};
use podium::cluster::record::{Change, Fact, Record};
use podium::cluster::time::{Micros, SECOND, SimTime};
use podium::value::{Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// So long ago the controller may have read the Deployment whose ReplicaSet it writes.
const READ_BEFORE: Micros = SECOND;

/// A bound as a number: a percentage is of `total`, and rounded up or down.
fn scaled(bound: Option<&Value>, total: i64, is_up: bool) -> i64 {
    let Some(bound) = bound else { return 0 };
    match bound.as_int() {
        Some(number) => number,
        None => {
            let percent = bound.as_str().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
            let hundredth = percent.unwrap_or(0) * total;
            if is_up { (hundredth + 99) / 100 } else { hundredth / 100 }
        }
    }
}

/// How many Pods a Deployment may have above and below what it wants.
fn bounds(deployment: &Deployment) -> (i64, i64) {
    let total = replicas(deployment.spec.replicas);
    let Some(rolling) = &deployment.spec.strategy.rolling_update else { return (0, total) };
    let surge = scaled(rolling.max_surge.as_ref(), total, true);
    let unavailable = scaled(rolling.max_unavailable.as_ref(), total, false);
    // One of them is not 0, or nothing would move.
    (surge, if surge == 0 { unavailable.max(1) } else { unavailable }.min(total))
}

fn replicas(replicas: Option<i32>) -> i64 {
    replicas.unwrap_or(1).into()
}

fn owner(meta: &ObjectMeta) -> Option<Str> {
    meta.controller().map(|owner| owner.uid.clone())
}

/// What has been seen of rollouts so far.
#[derive(Default)]
pub(crate) struct Rollouts {
    /// Of each Deployment what it has wanted, and since when.
    deployments: BTreeMap<Str, Vec<(SimTime, Rc<Deployment>)>>,
    replica_sets: BTreeMap<Str, Rc<ReplicaSet>>,
    /// The Pods by the uids of their ReplicaSets.
    pods: BTreeMap<Str, BTreeMap<Str, bool>>,
    /// The Deployments all of whose Pods were available once.
    complete: BTreeMap<Str, bool>,
    /// Of each Deployment how many Pods a ReplicaSet that was raised still counted though they were going, and when. A
    /// rollout that takes back a ReplicaSet whose last Pod is just ending takes that Pod for one that is available, here
    /// as upstream (rolling.go reads `newRS.Status.AvailableReplicas`).
    counted: BTreeMap<Str, (SimTime, i64)>,
    /// Whether nothing happens but rollouts, so that the lower bound holds.
    is_calm: bool,
}

impl Rollouts {
    /// Nothing seen yet. `is_calm` says whether nothing happens but rollouts.
    pub(crate) fn new(is_calm: bool) -> Self {
        Self { is_calm, ..Self::default() }
    }
    /// Looks at the next record. Gives what law it breaks.
    pub(crate) fn next(&mut self, record: &Record) -> Result<(), String> {
        let Fact::Object { change, object } = &record.fact else { return Ok(()) };
        match object {
            Object::Deployment(deployment) => {
                let seen = self.deployments.entry(deployment.metadata.uid.clone()).or_default();
                seen.push((record.time, deployment.clone()));
                Ok(())
            }
            Object::ReplicaSet(replica_set) => self.replica_set(record.time, *change, replica_set),
            Object::Pod(pod) => self.pod(record.time, *change, pod),
            _ => Ok(()),
        }
    }
    fn replica_set(&mut self, now: SimTime, change: Change, new: &Rc<ReplicaSet>) -> Result<(), String> {
        let uid = new.metadata.uid.clone();
        if change == Change::Deleted {
            self.replica_sets.remove(&uid);
            return Ok(());
        }
        let before = self.replica_sets.insert(uid, new.clone());
        let was = before.map_or(0, |before| replicas(before.spec.replicas));
        let Some(owner_uid) = owner(&new.metadata).filter(|_| replicas(new.spec.replicas) > was) else {
            return Ok(());
        };
        let ready = self.pods.get(&new.metadata.uid).into_iter().flat_map(BTreeMap::values);
        let ready = ready.filter(|is_ready| **is_ready).count() as i64;
        let going = i64::from(new.status.available_replicas) - ready;
        if going > 0 {
            self.counted.insert(owner_uid.clone(), (now, going));
        }
        let all =
            self.replica_sets.values().filter(|other| owner(&other.metadata).as_ref() == Some(&owner_uid));
        let sum: i64 = all.map(|other| replicas(other.spec.replicas)).sum();
        let Some(seen) = self.deployments.get(&owner_uid) else { return Ok(()) };
        let recent = seen.iter().enumerate().filter(|(n, _)| {
            // What was overwritten only a moment ago may still have been what the controller knew.
            seen.get(n + 1).is_none_or(|(until, _)| *until + READ_BEFORE >= now)
        });
        let most = recent.map(|(_, (_, d))| replicas(d.spec.replicas) + bounds(d).0).max();
        match most {
            Some(most) if sum > most => {
                Err(format!("its Deployment's ReplicaSets want {sum} Pods, {most} may be"))
            }
            _ => Ok(()),
        }
    }
    fn pod(&mut self, now: SimTime, change: Change, pod: &Pod) -> Result<(), String> {
        let Some(owner_uid) = owner(&pod.metadata) else { return Ok(()) };
        let pods = self.pods.entry(owner_uid.clone()).or_default();
        let is_ready = change != Change::Deleted && !pod.metadata.is_terminating() && is_pod_ready(pod);
        pods.insert(pod.metadata.uid.clone(), is_ready);
        let replica_set = self.replica_sets.get(&owner_uid);
        let Some(deployment_uid) = replica_set.and_then(|replica_set| owner(&replica_set.metadata)) else {
            return Ok(());
        };
        let Some((_, deployment)) = self.deployments.get(&deployment_uid).and_then(|seen| seen.last()) else {
            return Ok(());
        };
        let own =
            |replica_set: &&Rc<ReplicaSet>| owner(&replica_set.metadata).as_ref() == Some(&deployment_uid);
        let sets = self.replica_sets.values().filter(own);
        let pods = sets.filter_map(|set| self.pods.get(&set.metadata.uid)).flat_map(BTreeMap::values);
        let ready = pods.filter(|is_ready| **is_ready).count() as i64;
        let wanted = replicas(deployment.spec.replicas);
        let was_complete = self.complete.entry(deployment_uid.clone()).or_default();
        *was_complete |= ready >= wanted;
        let mut least = wanted - bounds(deployment).1;
        if let Some((at, going)) = self.counted.get(&deployment_uid).copied() {
            // It is made good once as many are ready again.
            if ready >= least && at + READ_BEFORE < now {
                self.counted.remove(&deployment_uid);
            }
            least -= going;
        }
        // What is ready only for a while is no matter of the rollout.
        let stays_ready = pod.metadata.annotations.get(FATE).is_some_and(|fate| **fate == *READY);
        if self.is_calm && stays_ready && *was_complete && ready < least {
            let name = &deployment.metadata.name;
            return Err(format!("Deployment {name} has {ready} ready Pods, {least} must be"));
        }
        Ok(())
    }
}
