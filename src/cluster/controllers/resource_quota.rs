//! Counts what the objects of a Namespace use of its ResourceQuotas
//! (upstream: pkg/controller/resourcequota/resource_quota_controller.go, resource_quota_monitor.go).

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{Pod, ResourceQuota};
use crate::api::quantity::Quantity;
use crate::api::resources::{self, ResourceList, add, mask};
use crate::api::{Kind, Object, ObjectKey, quota};
use crate::cluster::apiserver::resource_quota::is_past;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND};
use std::rc::Rc;

/// How often all quotas are counted again (upstream: ResourceQuotaSyncPeriod).
const RESYNC: Micros = 5 * 60 * SECOND;

/// Kinds that a quota can count.
const COUNTED: &[Kind] = &[
    Kind::ResourceQuota,
    Kind::Pod,
    Kind::Service,
    Kind::PersistentVolumeClaim,
    Kind::ConfigMap,
    Kind::Secret,
    Kind::ReplicationController,
    Kind::ServiceAccount,
    Kind::LimitRange,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::HorizontalPodAutoscaler,
    Kind::Job,
    Kind::CronJob,
    Kind::Ingress,
    Kind::NetworkPolicy,
    Kind::PodDisruptionBudget,
    Kind::Role,
    Kind::RoleBinding,
];

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct ResourceQuotaController;

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    quota: Rc<ResourceQuota>,
    /// The objects that could count, of each kind that the quota has a resource for.
    objects: Vec<(Kind, Vec<Object>)>,
}

impl Controller for ResourceQuotaController {
    const NAME: ControllerName = ControllerName::ResourceQuota;
    const WATCHES: &'static [Kind] = COUNTED;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        if let Object::ResourceQuota(quota) = &heard.object {
            let old = heard.old.as_ref().and_then(|old| old.get::<ResourceQuota>());
            if heard.change != Change::Deleted && old.is_none_or(|old| old.spec.hard != quota.spec.hard) {
                queue.add(heard.object.key());
            }
        }
        if !frees(heard) {
            return;
        }
        // What has gone makes room in the quotas that counted it.
        let namespace = heard.object.meta().namespace.clone();
        for quota in cache.list_typed::<ResourceQuota>(&namespace) {
            if quota.status.hard.keys().any(|name| quota::counts(heard.object.kind(), name)) {
                queue.add(Object::ResourceQuota(quota.clone()).key());
            }
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let quota = cache.get(key)?.get::<ResourceQuota>()?.clone();
        let counted = COUNTED.iter().filter(|kind| quota.spec.hard.keys().any(|name| quota::counts(**kind, name)));
        let objects = counted
            .map(|kind| {
                let all = cache.list(*kind, Some(&key.namespace));
                (*kind, all.filter(|object| quota::is_in_scope(&quota, object)).cloned().collect())
            })
            .collect();
        Some(Input { quota, objects })
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let quota = &input.quota;
        let used = count(quota, &input.objects, ask.unix_micros());
        let before = resources::parse(&quota.status.used);
        let is_dirty = quota.spec.hard != quota.status.hard || used != before;
        if is_dirty {
            let mut new = ResourceQuota::clone(quota);
            new.status.hard = quota.spec.hard.clone();
            new.status.used = resources::format(&used);
            if ask.api(Request::update_status(new))?.is_err() {
                return Ok(Outcome::Retry);
            }
        }
        // A Pod that hangs in its deletion stops counting some time; only the next count of all sees it.
        let hangs = |object: &Object| object.get::<Pod>().is_some_and(|pod| pod.metadata.is_terminating());
        let is_waiting = input.objects.iter().flat_map(|(_, objects)| objects).any(hangs);
        let rest = RESYNC - ask.unix_micros() % RESYNC;
        Ok(if is_waiting { Outcome::After(rest) } else { Outcome::Done })
    }
}

/// Whether a change may leave less to count (upstream: the monitor's handlers and DefaultUpdateFilter).
fn frees(heard: &Heard) -> bool {
    if heard.change == Change::Deleted {
        return true;
    }
    let Some(old) = &heard.old else { return false };
    match (old, &heard.object) {
        (Object::Pod(old), Object::Pod(new)) => {
            let is_over = |pod: &Pod| {
                // The time of the change itself is not known here; a deletion that hangs is found by the next count.
                !quota::is_charged(pod, &|_, _| false)
            };
            let has_deadline = |pod: &Pod| pod.spec.active_deadline_seconds.is_some();
            let resized = old.status.container_statuses.iter().any(|status| {
                let now = new.status.container_statuses.iter().find(|now| now.name == status.name);
                now.is_some_and(|now| now.resources != status.resources)
            });
            resized || has_deadline(old) != has_deadline(new) || !is_over(old) && is_over(new)
        }
        (Object::Service(old), Object::Service(new)) => old.spec.kind != new.spec.kind,
        (Object::PersistentVolumeClaim(_), Object::PersistentVolumeClaim(_)) => true,
        _ => false,
    }
}

/// What is used of a quota's resources (upstream: quota.CalculateUsage). What is counted nowhere keeps its amount.
fn count(quota: &ResourceQuota, objects: &[(Kind, Vec<Object>)], now: u64) -> ResourceList {
    let mut used = resources::parse(&quota.status.used);
    let mut new = ResourceList::new();
    for (kind, objects) in objects {
        let names = quota::restricted(&quota.spec.hard, *kind);
        let mut sum: ResourceList = names.iter().map(|name| (name.clone(), Quantity::units(0))).collect();
        for object in objects {
            sum = add(&sum, &mask(&quota::usage(object, &is_past(now)), &names));
        }
        new = add(&new, &sum);
    }
    used.extend(new);
    mask(&used, quota.spec.hard.keys())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::{Test, create_request};
    use crate::cluster::time::SimTime;

    const QUOTA: &str = r#"{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"few"},"spec":{"hard":{"pods":"2","requests.cpu":"1","count/deployments.apps":"1"}}}"#;
    const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME"},"spec":{"containers":[{"name":"web","image":"nginx:1.25","resources":{"requests":{"cpu":"CPU"}}}]}}"#;

    fn used(test: &Test) -> String {
        let key = ObjectKey::new(Kind::ResourceQuota, "default", "few");
        let quota = test.object(&key).and_then(|object| object.get::<ResourceQuota>().cloned());
        quota.map(|quota| resources::pretty(&resources::parse(&quota.status.used))).unwrap_or_default()
    }

    #[test]
    fn what_comes_and_goes_is_counted() {
        let mut test = Test::new();
        let key = |kind, name: &str| ObjectKey::new(kind, "default", name.to_string());
        let pod = |name: &str, cpu: &str| POD.replace("NAME", name).replace("CPU", cpu);
        test.ask(create_request(key(Kind::ResourceQuota, "few"), QUOTA)).expect("created");
        test.run_until(SimTime::millis(1_000));
        assert_eq!(used(&test), "count/deployments.apps=0,pods=0,requests.cpu=0");
        test.ask(create_request(key(Kind::Pod, "a"), &pod("a", "100m"))).expect("it fits");
        test.ask(create_request(key(Kind::Pod, "b"), &pod("b", "200m"))).expect("it fits");
        assert_eq!(used(&test), "count/deployments.apps=0,pods=2,requests.cpu=300m");
        let refused = test.ask(create_request(key(Kind::Pod, "c"), &pod("c", "2"))).expect_err("too much");
        assert_eq!(
            refused.message,
            "pods \"c\" is forbidden: exceeded quota: few, requested: pods=1,requests.cpu=2, used: pods=2,requests.cpu=300m, limited: pods=2,requests.cpu=1"
        );
        test.run_until(SimTime::millis(9_000));
        test.delete(key(Kind::Pod, "a"), crate::cluster::request::Propagation::Background);
        test.run_until(SimTime::millis(14_000));
        assert_eq!(used(&test), "count/deployments.apps=0,pods=1,requests.cpu=200m");
    }
}
