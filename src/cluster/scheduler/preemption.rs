//! Makes room for a Pod by deleting Pods of lower priority
//! (upstream: framework/preemption and plugins/defaultpreemption).

use super::cache::Cache;
use super::cycle::filter_with_nominated;
use super::node_info::NodeInfo;
use super::nominator::Nominator;
use super::plugins::Cycle;
use super::pod_info::PodInfo;
use super::status::{Diagnosis, Plugin, Status, fit_error};
use crate::api::labels::Selector;
use crate::api::objects::{ConditionStatus, Pod, PodDisruptionBudget};
use crate::api::{Kind, ObjectKey};
use crate::value::Str;
use std::cmp::Reverse;
use std::rc::Rc;

/// So many percent of the nodes are looked at, and so many at least (upstream: DefaultPreemptionArgs).
const CANDIDATE_PERCENT: usize = 10;
const LEAST_CANDIDATES: usize = 100;

/// A node, and whom to delete there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) node: Str,
    /// The most important first.
    pub(super) victims: Vec<Rc<Pod>>,
    /// How many of them a budget does not allow to be deleted.
    violations: usize,
}

impl Candidate {
    /// What is said of a Pod that waits for its victims to go.
    pub(super) fn message(&self) -> String {
        format!(
            "preemption: found a potential placement for pod on node {}, preempting {} victims",
            self.node,
            self.victims.len()
        )
    }
}

/// What preemption comes to.
pub(super) enum Outcome {
    /// A node, and whom to delete there.
    Found(Candidate),
    /// No node would do, whoever were deleted: the sentence that says so.
    NotHelpful(String),
    /// The Pod must not, or not now.
    NotEligible(&'static str),
    /// The Pod fits nowhere, whatever the nodes. What upstream runs before preemption (DynamicResources) does not find
    /// what it would have noted, had it come to that, and says so.
    NotTried,
}

impl Outcome {
    /// How the Pod's sentence goes on, and the node that it is promised; empty to take a promise back, none where that
    /// stays as it is.
    pub(super) fn said(&self) -> (String, Option<Str>) {
        match self {
            Self::Found(candidate) => (candidate.message(), Some(candidate.node.clone())),
            Self::NotHelpful(why) => (format!("preemption: {why}"), Some(Str::default())),
            Self::NotEligible(why) => (format!("preemption: {why}"), None),
            Self::NotTried => ("not found".into(), None),
        }
    }
}

/// A budget with its selector.
type Budget = (Rc<PodDisruptionBudget>, Selector);

fn budgets(cache: &Cache) -> Vec<Budget> {
    let all = cache.heard.list(Kind::PodDisruptionBudget, None);
    let budgets = all.filter_map(|object| object.get::<PodDisruptionBudget>());
    budgets
        .filter_map(|budget| {
            let selector = Selector::from_label_selector(budget.spec.selector.as_ref()?).ok()?;
            (!selector.is_everything()).then(|| (budget.clone(), selector))
        })
        .collect()
}

/// Since when a Pod runs; one that does not yet is the youngest.
fn started(pod: &Pod) -> (bool, Option<&Str>) {
    (pod.status.start_time.is_none(), pod.status.start_time.as_ref())
}

/// Whether a Pod is being deleted because it was in the way.
fn is_ending_by_preemption(pod: &Pod) -> bool {
    pod.metadata.is_terminating()
        && pod.status.conditions.iter().any(|condition| {
            &*condition.kind == "DisruptionTarget"
                && condition.status == Some(ConditionStatus::True)
                && &*condition.reason == "PreemptionByScheduler"
        })
}

/// Looks for a node on which a Pod would fit, were others gone.
pub(super) fn preempt(
    pod: &PodInfo,
    cycle: Option<&Cycle>,
    diagnosis: &Diagnosis,
    cache: &mut Cache,
    nominator: &Nominator,
    draw: impl FnOnce(usize) -> usize,
) -> Outcome {
    let Some(cycle) = cycle else { return Outcome::NotTried };
    if &*pod.pod.spec.preemption_policy == "Never" {
        return Outcome::NotEligible("not eligible due to preemptionPolicy=Never.");
    }
    let nominated = nominator.node_of(&pod.key);
    if let Some(node) = nominated.and_then(|node| cache.node(&node)) {
        let is_hopeless =
            diagnosis.nodes.iter().any(|(place, status)| *place == node.place && !status.is_resolvable);
        let ends = |other: &Rc<PodInfo>| {
            let newest = cache.pod(&other.key).map_or(&other.pod, |known| &known.pod);
            other.priority() < pod.priority() && is_ending_by_preemption(newest)
        };
        if !is_hopeless && node.pods.iter().any(ends) {
            return Outcome::NotEligible("not eligible due to a terminating pod on the nominated node.");
        }
    }
    let fell_out = diagnosis.nodes.iter().filter(|(_, status)| status.is_resolvable);
    let potential: Vec<usize> = fell_out.map(|(place, _)| *place).collect();
    let mut said =
        Diagnosis { absent: Some("Preemption is not helpful for scheduling".into()), ..Diagnosis::default() };
    let mut candidates = Vec::new();
    if !potential.is_empty() {
        let budgets = budgets(cache);
        let offset = draw(potential.len());
        let most = (potential.len() * CANDIDATE_PERCENT / 100).max(LEAST_CANDIDATES).min(potential.len());
        for place in (0..potential.len()).map(|n| potential[(offset + n) % potential.len()]) {
            let Some(node) = cache.at(place) else { continue };
            let is_lower = |other: &&Rc<PodInfo>| other.priority() < pod.priority();
            let lower: Vec<Rc<PodInfo>> = node.pods.iter().filter(is_lower).cloned().collect();
            let found = if lower.is_empty() {
                let why = "No preemption victims found for incoming pod";
                Err(Status::unresolvable(Plugin::DefaultPreemption, why))
            } else {
                select_victims(cycle, node.clone(), lower, cache, nominator, &budgets)
            };
            match found {
                Ok(candidate) => candidates.push(candidate),
                Err(status) => said.nodes.push((place, status)),
            }
            // Enough are found where one of them breaks no budget.
            if candidates.len() >= most && candidates.iter().any(|candidate| candidate.violations == 0) {
                break;
            }
        }
    }
    // Those that break no budget come first.
    candidates.sort_by_key(|candidate| candidate.violations > 0);
    match candidates.into_iter().min_by_key(rank) {
        Some(best) => Outcome::Found(best),
        None => Outcome::NotHelpful(fit_error(&said, cache.order().len())),
    }
}

/// The least first: budgets broken, the highest priority, the sum of priorities, how many; then the youngest
/// (upstream: pickOneNodeForPreemption).
fn rank(candidate: &Candidate) -> (usize, i32, i64, usize, Reverse<(bool, Option<Str>)>) {
    let priority = |pod: &Rc<Pod>| pod.spec.priority.unwrap_or(0);
    let highest = candidate.victims.iter().map(priority).max().unwrap_or(0);
    let sum = candidate.victims.iter().map(|pod| i64::from(priority(pod)) + i64::from(i32::MAX) + 1).sum();
    let of_highest = candidate.victims.iter().filter(|pod| priority(pod) == highest);
    let earliest = of_highest.filter_map(|pod| pod.status.start_time.clone()).min();
    (candidate.violations, highest, sum, candidate.victims.len(), Reverse((earliest.is_none(), earliest)))
}

/// Takes those of lower priority off a node and puts back, the most important first, whom it has room for.
fn select_victims(
    cycle: &Cycle,
    mut node: NodeInfo,
    mut lower: Vec<Rc<PodInfo>>,
    cache: &mut Cache,
    nominator: &Nominator,
    budgets: &[Budget],
) -> Result<Candidate, Status> {
    let place = node.place;
    let mut cycle = cycle.clone();
    for other in &lower {
        node.remove_pod(other);
        cycle.count(other, place, -1, cache);
    }
    filter_with_nominated(&cycle, &node, cache, nominator)?;
    let newest = |cache: &Cache, info: &PodInfo| {
        cache.pod(&info.key).map_or_else(|| info.pod.clone(), |known| known.pod.clone())
    };
    lower.sort_by_cached_key(|info| {
        let pod = newest(cache, info);
        let (is_waiting, start) = started(&pod);
        (Reverse(info.priority()), is_waiting, start.cloned(), info.key.clone())
    });
    let mut allowed: Vec<i32> = budgets.iter().map(|(budget, _)| budget.status.disruptions_allowed).collect();
    let mut violates = |info: &PodInfo| {
        for ((budget, selector), allowed) in budgets.iter().zip(&mut allowed) {
            let is_meant = budget.metadata.namespace == info.key.namespace
                && !info.labels().is_empty()
                && selector.matches(info.labels())
                && !budget.status.disrupted_pods.contains_key(&info.key.name);
            if is_meant {
                *allowed -= 1;
                if *allowed < 0 {
                    return true;
                }
            }
        }
        false
    };
    let (violating, others): (Vec<_>, Vec<_>) = lower.into_iter().partition(|info| violates(info));
    let (mut victims, mut violations) = (Vec::new(), 0);
    for (info, is_violation) in
        violating.into_iter().map(|info| (info, true)).chain(others.into_iter().map(|info| (info, false)))
    {
        node.add_pod(&info);
        cycle.count(&info, place, 1, cache);
        if filter_with_nominated(&cycle, &node, cache, nominator).is_err() {
            node.remove_pod(&info);
            cycle.count(&info, place, -1, cache);
            victims.push(newest(cache, &info));
            violations += usize::from(is_violation);
        }
    }
    victims.sort_by_cached_key(|pod| {
        let (is_waiting, start) = started(pod);
        (Reverse(pod.spec.priority.unwrap_or(0)), is_waiting, start.cloned(), pod.metadata.name.clone())
    });
    Ok(Candidate { node: node.node.metadata.name.clone(), victims, violations })
}

/// Pods of lower priority that were promised a node: they have to look again.
pub(super) fn outdone(pod: &PodInfo, node: &str, cache: &Cache, nominator: &Nominator) -> Vec<ObjectKey> {
    let lower = |key: &&ObjectKey| cache.pod(key).is_some_and(|known| known.info.priority() < pod.priority());
    nominator.pods_on(node).filter(lower).cloned().collect()
}
