//! Amounts of resources by name, and what a Pod asks for altogether
//! (upstream: component-helpers/resource/helpers.go, apiserver/pkg/quota/v1/resources.go).

use super::objects::{Container, Labels, PodSpec, RestartPolicy};
use super::quantity::Quantity;
use crate::value::Str;
use crate::value::{Value, typed::Typed};
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

/// The larger amount of each.
fn at_least(a: &mut ResourceList, b: &ResourceList) {
    for (name, amount) in b {
        if a.get(name).is_none_or(|old| old < amount) {
            a.insert(name.clone(), *amount);
        }
    }
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

/// The requests of a Pod: its containers and sidecars together, or an init container that asks for more; what is
/// said of the Pod as a whole counts before.
pub fn pod_requests(spec: &PodSpec) -> ResourceList {
    of_pod(spec, "requests", |container| container.resources.as_ref().map(|resources| &resources.requests))
}

/// The limits of a Pod, likewise.
pub fn pod_limits(spec: &PodSpec) -> ResourceList {
    of_pod(spec, "limits", |container| container.resources.as_ref().map(|resources| &resources.limits))
}

fn of_pod(spec: &PodSpec, key: &str, of: impl Fn(&Container) -> Option<&Labels>) -> ResourceList {
    let own = |container: &Container| of(container).map(parse).unwrap_or_default();
    let mut sum =
        spec.containers.iter().fold(ResourceList::new(), |sum, container| add(&sum, &own(container)));
    let (mut sidecars, mut most) = (ResourceList::new(), ResourceList::new());
    for container in &spec.init_containers {
        if container.restart_policy == Some(RestartPolicy::Always) {
            sum = add(&sum, &own(container));
            sidecars = add(&sidecars, &own(container));
            at_least(&mut most, &sidecars);
        } else {
            at_least(&mut most, &add(&sidecars, &own(container)));
        }
    }
    at_least(&mut sum, &most);
    for (name, amount) in pod_level(spec, key) {
        sum.insert(name, amount);
    }
    sum
}

/// What is said of the Pod as a whole.
fn pod_level(spec: &PodSpec, key: &str) -> ResourceList {
    let written = spec.extra.as_ref().and_then(|extra| extra.get("resources")?.get(key).cloned());
    let labels = written.and_then(|value: Value| Labels::decode(&value).ok()).unwrap_or_default();
    parse(&labels)
}

/// Whether resources are said of the Pod as a whole.
pub fn has_pod_level(spec: &PodSpec) -> bool {
    !pod_level(spec, "requests").is_empty() || !pod_level(spec, "limits").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn a_pod_asks_for_its_containers_or_a_larger_init_container() {
        let spec = r#"{"containers":[{"name":"a","resources":{"requests":{"cpu":"100m","memory":"1Gi"}}},{"name":"b","resources":{"requests":{"cpu":"1"}}}],
            "initContainers":[{"name":"side","restartPolicy":"Always","resources":{"requests":{"cpu":"200m"}}},{"name":"i","resources":{"requests":{"cpu":"2"}}}]}"#;
        let spec = PodSpec::decode(&json::parse(spec).expect("JSON")).expect("a spec");
        assert_eq!(pretty(&pod_requests(&spec)), "cpu=2200m,memory=1Gi");
        assert_eq!(pretty(&pod_limits(&spec)), "");
    }
}
