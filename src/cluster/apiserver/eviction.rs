//! A Pod's eviction: a deletion that asks the PodDisruptionBudgets first
//! (upstream: pkg/registry/core/pod/storage/eviction.go).

use super::{ApiServer, defaults};
use crate::api::conditions::budget::{DISRUPTION_ALLOWED, selects, update_condition};
use crate::api::conditions::{find, is_pod_ready, is_pod_terminal};
use crate::api::objects::{Condition, ConditionStatus, Pod, PodDisruptionBudget, PodPhase};
use crate::api::{Kind, Object};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::request::{ApiResult, Body, DeleteOptions, Reason, Reply, Request, Status};
use crate::value::{Str, Value};
use std::rc::Rc;

/// How many evictions may wait until the controller has seen them.
const MOST_DISRUPTED: usize = 2_000;
const WOULD_VIOLATE: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

impl ApiServer {
    pub(super) fn evict(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        body: &Body,
        cause: Option<RecordId>,
    ) -> ApiResult {
        let old = self.existing(request)?;
        let Some(pod) = old.get::<Pod>().cloned() else { return Err(Status::not_found(&request.key)) };
        let options = match body {
            Body::Value(eviction) => delete_options(eviction),
            Body::Typed(_) => return Err(Status::new(Reason::BadRequest, "an Eviction is expected")),
        };
        if !ignores_budgets(&pod) {
            self.ask_budgets(engine, &pod, request.dry_run, cause)?;
        }
        self.preconditions(&request.key, &old, &options)?;
        if request.dry_run {
            return Ok(Reply::Success);
        }
        let target = Condition {
            kind: "DisruptionTarget".into(),
            status: Some(ConditionStatus::True),
            reason: "EvictionByEvictionAPI".into(),
            message: "Eviction API: evicting".into(),
            ..Condition::default()
        };
        let now = engine.wall.rfc3339(engine.now);
        let mut new = Pod::clone(&pod);
        defaults::set_pod_condition(&mut Rc::make_mut(&mut new.status).conditions, target, &now);
        let mut object = Object::from(new);
        if object != old {
            object = self.store.commit(engine, Change::Modified, object, cause).0;
        }
        self.begin_deletion(engine, object, &options, cause)?;
        Ok(Reply::Success)
    }
    /// Takes one from the budget of a Pod, where it has one.
    fn ask_budgets(
        &mut self,
        engine: &mut Engine,
        pod: &Pod,
        dry_run: bool,
        cause: Option<RecordId>,
    ) -> Result<(), Rc<Status>> {
        let all = self.store.list(Kind::PodDisruptionBudget, Some(&pod.metadata.namespace));
        let covers = |budget: &&Rc<PodDisruptionBudget>| selects(budget, pod);
        let budgets: Vec<_> =
            all.filter_map(|object| object.get::<PodDisruptionBudget>()).filter(covers).cloned().collect();
        let budget = match &budgets[..] {
            [] => return Ok(()),
            [one] => one,
            _ => {
                let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
                return Err(Status::new(Reason::InternalError, why));
            }
        };
        let status = &budget.status;
        if !is_pod_ready(pod) {
            let always = &*budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow";
            if always || status.current_healthy >= status.desired_healthy && status.desired_healthy > 0 {
                return Ok(());
            }
        }
        check(budget)?;
        if dry_run {
            return Ok(());
        }
        let now = engine.wall.rfc3339(engine.now);
        let mut new = PodDisruptionBudget::clone(budget);
        new.status.disruptions_allowed -= 1;
        if new.status.disruptions_allowed == 0 {
            update_condition(&mut new, &now);
        }
        new.status.disrupted_pods.insert(pod.metadata.name.clone(), now);
        self.store.commit(engine, Change::Modified, new.into(), cause);
        Ok(())
    }
}

fn delete_options(eviction: &Value) -> DeleteOptions {
    let options = eviction.get("deleteOptions");
    let text = |path: &[&str]| Some(Str::from(options?.at(path)?.as_str()?));
    DeleteOptions {
        grace_period_seconds: options.and_then(|options| options.get("gracePeriodSeconds")?.as_int()),
        uid: text(&["preconditions", "uid"]),
        resource_version: text(&["preconditions", "resourceVersion"]),
        ..DeleteOptions::default()
    }
}

/// Whether a Pod is away already, or has never been there (upstream: canIgnorePDB).
fn ignores_budgets(pod: &Pod) -> bool {
    is_pod_terminal(pod)
        || pod.status.phase.unwrap_or(PodPhase::Pending) == PodPhase::Pending
        || pod.metadata.is_terminating()
}

/// Whether a budget lets one more Pod go (upstream: checkAndDecrement).
fn check(budget: &PodDisruptionBudget) -> Result<(), Rc<Status>> {
    let (name, status) = (&budget.metadata.name, &budget.status);
    let refused = |reason: Reason, message: &str, why: String| {
        Err(Rc::new(Status { reason, message: message.into(), causes: vec![why] }))
    };
    if status.observed_generation < budget.metadata.generation {
        let why = format!("The disruption budget {name} is still being processed by the server.");
        return refused(Reason::TooManyRequests, WOULD_VIOLATE, why);
    }
    let forbidden = |short: &str, long: &str| {
        let message = format!("poddisruptionbudget.policy \"{name}\" is forbidden: {short}");
        let why = format!("The disruption budget {name} does not allow evicting pods currently: {long}");
        refused(Reason::Forbidden, &message, why)
    };
    if status.disruptions_allowed < 0 {
        let why = "pdb disruptions allowed is negative";
        return forbidden(why, why);
    }
    if status.disrupted_pods.len() > MOST_DISRUPTED {
        return forbidden(
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
            "too many pending evictions not confirmed by PDB controller",
        );
    }
    if status.disruptions_allowed > 0 {
        return Ok(());
    }
    let said = find(&status.conditions, DISRUPTION_ALLOWED).filter(|condition| {
        condition.status == Some(ConditionStatus::False) && !condition.message.is_empty()
    });
    let why = match said {
        Some(condition) if &*condition.reason == "SyncFailed" => format!(
            "The disruption budget {name} does not allow evicting pods currently because it failed sync: {}",
            condition.message
        ),
        _ if status.current_healthy <= status.desired_healthy => format!(
            "The disruption budget {name} needs {} healthy pods and has {} currently",
            status.desired_healthy, status.current_healthy
        ),
        Some(condition) => format!(
            "The disruption budget {name} does not allow evicting pods currently ({}): {}",
            condition.reason, condition.message
        ),
        None => format!("The disruption budget {name} does not allow evicting pods currently"),
    };
    refused(Reason::TooManyRequests, WOULD_VIOLATE, why)
}
