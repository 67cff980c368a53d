//! Amounts of resources by name, and what a Pod asks for altogether
//! (upstream: component-helpers/resource/helpers.go, apiserver/pkg/quota/v1/resources.go).

use super::objects::{Container, Labels, PodSpec, RestartPolicy};
use super::quantity::Quantity;
use crate::value::Str;
use std::collections::BTreeMap;

/// An amount of each resource.
pub type ResourceList = BTreeMap<Str, Quantity>;

/// Reads amounts; what is none is left out.
pub fn parse(labels: &Labels) -> ResourceList {
    labels.iter().filter_map(|(name, text)| Some((name.clone(), Quantity::parse(text).ok()?))).collect()
}

/// Writes amounts.
pub fn format(list: &ResourceList) -> Labels {
    list.iter().map(|(name, amount)| (name.clone(), amount.to_string().into())).collect()
}

/// The sums of two lists.
pub fn add(a: &ResourceList, b: &ResourceList) -> ResourceList {
    let mut sum = a.clone();
    for (name, amount) in b {
        let old = sum.get(name).copied();
        sum.insert(name.clone(), old.map_or(*amount, |old| old + *amount));
    }
    sum
}

/// Only the resources that are named.
pub fn mask<'a>(list: &ResourceList, names: impl IntoIterator<Item = &'a Str>) -> ResourceList {
    names.into_iter().filter_map(|name| Some((name.clone(), *list.get(name)?))).collect()
}

/// `cpu=1,pods=3`
pub fn pretty(list: &ResourceList) -> String {
    let parts: Vec<String> = list.iter().map(|(name, amount)| format!("{name}={amount}")).collect();
    parts.join(",")
}

/// Amounts that can be summed up over a Pod: each part of the cluster counts in its own way.
pub trait Amounts: Clone + Default {
    /// Adds others.
    fn plus(&mut self, other: &Self);
    /// The larger amount of each.
    fn raise_to(&mut self, other: &Self);
    /// Takes over each amount that a list names.
    fn set_all(&mut self, list: &Labels);
    /// The amounts of a list.
    fn of(list: &Labels) -> Self {
        let mut amounts = Self::default();
        amounts.set_all(list);
        amounts
    }
}

impl Amounts for ResourceList {
    fn plus(&mut self, other: &Self) {
        *self = add(self, other);
    }
    fn raise_to(&mut self, other: &Self) {
        for (name, amount) in other {
            if self.get(name).is_none_or(|old| old < amount) {
                self.insert(name.clone(), *amount);
            }
        }
    }
    fn set_all(&mut self, list: &Labels) {
        self.extend(parse(list));
    }
}

/// Containers and sidecars together, or an init container with the sidecars before it that has more; what is said of
/// the Pod as a whole counts before (upstream: AggregateContainerRequests and PodRequests).
fn sum<A: Amounts>(spec: &PodSpec, own: impl Fn(&Container) -> A, pod_level: Option<&Labels>) -> A {
    let (mut sidecars, mut most) = (A::default(), A::default());
    for container in &spec.init_containers {
        let mut with = sidecars.clone();
        with.plus(&own(container));
        most.raise_to(&with);
        if container.restart_policy == Some(RestartPolicy::Always) {
            sidecars = with;
        }
    }
    let mut sum = sidecars;
    for container in &spec.containers {
        sum.plus(&own(container));
    }
    sum.raise_to(&most);
    if let Some(list) = pod_level {
        sum.set_all(list);
    }
    sum
}

/// What a Pod asks for with its overhead, where `own` says what a container does.
pub fn sum_requests<A: Amounts>(spec: &PodSpec, own: impl Fn(&Container) -> A) -> A {
    let mut sum = sum(spec, own, spec.resources.as_ref().map(|resources| &resources.requests));
    if !spec.overhead.is_empty() {
        sum.plus(&A::of(&spec.overhead));
    }
    sum
}

/// What a container asks for.
pub fn container_requests<A: Amounts>(container: &Container) -> A {
    container.resources.as_ref().map(|resources| A::of(&resources.requests)).unwrap_or_default()
}

/// The requests of a Pod.
pub fn pod_requests(spec: &PodSpec) -> ResourceList {
    sum_requests(spec, container_requests)
}

/// The limits of a Pod. Its overhead counts where there is a limit.
pub fn pod_limits(spec: &PodSpec) -> ResourceList {
    let own = |container: &Container| {
        container.resources.as_ref().map(|resources| parse(&resources.limits)).unwrap_or_default()
    };
    let mut sum: ResourceList = sum(spec, own, spec.resources.as_ref().map(|resources| &resources.limits));
    for (name, amount) in parse(&spec.overhead) {
        if let Some(limit) = sum.get_mut(&name).filter(|limit| !limit.is_zero()) {
            *limit = *limit + amount;
        }
    }
    sum
}

/// Whether resources are said of the Pod as a whole.
pub fn has_pod_level(spec: &PodSpec) -> bool {
    spec.resources
        .as_ref()
        .is_some_and(|resources| !resources.requests.is_empty() || !resources.limits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;
    use crate::value::typed::Typed;

    #[test]
    fn a_pod_asks_for_its_containers_or_a_larger_init_container() {
        let spec = r#"{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"1Gi"}}},{"name":"b","resources":{"requests":{"cpu":"1"}}}],
            "initContainers":[{"name":"side","restartPolicy":"Always","resources":{"requests":{"cpu":"200m"}}},{"name":"i","resources":{"requests":{"cpu":"2"}}}]}"#;
        let spec = PodSpec::decode(&json::parse(spec).expect("JSON")).expect("a spec");
        assert_eq!(pretty(&pod_requests(&spec)), "cpu=2200m,memory=1Gi");
        assert_eq!(pretty(&pod_limits(&spec)), "");
    }

    #[test]
    fn what_a_pod_says_for_all_replaces_the_sum_and_overhead_adds() {
        let spec = r#"{"resources":{"requests":{"cpu":"2"},"limits":{"memory":"1Gi"}},"overhead":{"cpu":"250m","memory":"1Gi"},
            "containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"1Gi"}}}]}"#;
        let spec = PodSpec::decode(&json::parse(spec).expect("JSON")).expect("a spec");
        assert!(has_pod_level(&spec));
        assert_eq!(pretty(&pod_requests(&spec)), "cpu=2250m,memory=2Gi");
        assert_eq!(pretty(&pod_limits(&spec)), "memory=2Gi");
    }
}
