//! What a PodDisruptionBudget counts, and its one condition
//! (upstream: policyv1 and pkg/apis/policy's pdb helpers).

use super::find;
use crate::api::labels::Selector;
use crate::api::objects::{Condition, ConditionStatus, Pod, PodDisruptionBudget};
use crate::value::{Map, Str, Value};
use std::rc::Rc;

/// The budget's one condition (upstream: policyv1.DisruptionAllowedCondition).
pub const DISRUPTION_ALLOWED: &str = "DisruptionAllowed";

/// What a budget selects; none where it has no selector, or one that is wrong: it counts no Pod then.
pub fn selector(budget: &PodDisruptionBudget) -> Option<Selector> {
    Selector::from_label_selector(budget.spec.selector.as_ref()?).ok()
}

/// Whether a budget counts a Pod of its Namespace.
pub fn selects(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    selector(budget).is_some_and(|selector| selector.matches(&pod.metadata.labels))
}

/// Says in a budget's condition whether it lets a Pod go (upstream: pkg/apis/policy/.../pdb helpers).
pub fn update_condition(budget: &mut PodDisruptionBudget, now: &Str) {
    let (status, reason) = if budget.status.disruptions_allowed > 0 {
        (ConditionStatus::True, "SufficientPods")
    } else {
        (ConditionStatus::False, "InsufficientPods")
    };
    set_condition(budget, status, reason, "", now);
}

/// Sets a budget's condition (upstream: apimachinery's meta.SetStatusCondition).
pub fn set_condition(
    budget: &mut PodDisruptionBudget,
    status: ConditionStatus,
    reason: &str,
    message: &str,
    now: &Str,
) {
    let generation = budget.status.observed_generation;
    // A metav1.Condition has a message, be it empty.
    let empty = Map::from_iter([(Str::from("message"), Value::from(""))]);
    let mut new = Condition {
        kind: DISRUPTION_ALLOWED.into(),
        status: Some(status),
        observed_generation: (generation != 0).then_some(generation),
        reason: reason.into(),
        message: message.into(),
        last_transition_time: Some(now.clone()),
        extra: message.is_empty().then(|| Rc::new(empty)),
        ..Condition::default()
    };
    let conditions = &mut budget.status.conditions;
    match conditions.iter_mut().find(|condition| condition.kind == new.kind) {
        None => conditions.push(new),
        Some(old) => {
            if old.status == new.status {
                new.last_transition_time = old.last_transition_time.clone();
            }
            *old = new;
        }
    }
}

/// Whether a budget's condition says what its status says.
pub fn is_condition_up_to_date(budget: &PodDisruptionBudget) -> bool {
    let status = &budget.status;
    let wanted = if status.disruptions_allowed > 0 { ConditionStatus::True } else { ConditionStatus::False };
    find(&status.conditions, DISRUPTION_ALLOWED).is_some_and(|condition| {
        condition.status == Some(wanted)
            && condition.observed_generation.unwrap_or(0) == status.observed_generation
    })
}
