//! Amounts of resources, and what a Pod asks for (upstream: k8s.io/component-helpers/resource and
//! pkg/scheduler/framework Resource).

use crate::api::objects::{Container, Labels, Pod};
use crate::api::quantity::Quantity;
use crate::api::resources::{Amounts, sum_requests};
use crate::value::Str;
use std::collections::BTreeMap;

/// What a container that says nothing is taken to need when nodes are scored
/// (upstream: pkg/scheduler/util/pod_resources.go).
const DEFAULT_MILLI_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// An amount of each resource that is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resources {
    pub(super) milli_cpu: i64,
    /// Bytes.
    pub(super) memory: i64,
    /// Bytes.
    pub(super) ephemeral_storage: i64,
    /// Extended resources, huge pages and the like, by name.
    pub(super) scalar: BTreeMap<Str, i64>,
}

impl Resources {
    /// Adds (1) or takes away (-1).
    pub(super) fn add(&mut self, other: &Resources, sign: i64) {
        let add = |sum: &mut i64, amount: i64| *sum = sum.saturating_add(sign.saturating_mul(amount));
        add(&mut self.milli_cpu, other.milli_cpu);
        add(&mut self.memory, other.memory);
        add(&mut self.ephemeral_storage, other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            add(self.scalar.entry(name.clone()).or_default(), *amount);
        }
    }
    /// Whether nothing is asked for.
    pub(super) fn is_zero(&self) -> bool {
        self.milli_cpu == 0 && self.memory == 0 && self.ephemeral_storage == 0 && self.scalar.is_empty()
    }
    /// The amount of an extended resource.
    pub(super) fn scalar(&self, name: &str) -> i64 {
        self.scalar.get(name).copied().unwrap_or(0)
    }
}

impl Amounts for Resources {
    fn plus(&mut self, other: &Self) {
        self.add(other, 1);
    }
    fn raise_to(&mut self, other: &Self) {
        self.milli_cpu = self.milli_cpu.max(other.milli_cpu);
        self.memory = self.memory.max(other.memory);
        self.ephemeral_storage = self.ephemeral_storage.max(other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            let own = self.scalar.entry(name.clone()).or_default();
            *own = (*own).max(*amount);
        }
    }
    /// What is no quantity or not counted by the scheduler is left out.
    fn set_all(&mut self, list: &Labels) {
        for (name, quantity) in list {
            let Ok(quantity) = Quantity::parse(quantity) else { continue };
            match &**name {
                "cpu" => self.milli_cpu = quantity.milli_value(),
                "memory" => self.memory = quantity.value(),
                "ephemeral-storage" => self.ephemeral_storage = quantity.value(),
                _ if is_scalar(name) => _ = self.scalar.insert(name.clone(), quantity.value()),
                _ => {}
            }
        }
    }
}

/// Whether a resource is counted by its name alone (upstream: schedutil.IsScalarResourceName).
fn is_scalar(name: &str) -> bool {
    name.contains('/') && !name.starts_with("requests.")
        || name.starts_with("hugepages-")
        || name.starts_with("attachable-volumes-")
}

/// What a Pod asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    /// As it says.
    pub(super) exact: Resources,
    /// Thousandths of cores, with the defaults for containers that say nothing.
    pub(super) non_zero_milli_cpu: i64,
    /// Bytes, with the defaults for containers that say nothing.
    pub(super) non_zero_memory: i64,
}

fn of_container(container: &Container, with_defaults: bool) -> Resources {
    let list = container.resources.as_ref().map(|resources| &resources.requests);
    let mut resources = list.map(Resources::of).unwrap_or_default();
    if with_defaults {
        let is_missing = |name: &str| list.is_none_or(|list| !list.contains_key(name));
        if is_missing("cpu") {
            resources.milli_cpu = DEFAULT_MILLI_CPU;
        }
        if is_missing("memory") {
            resources.memory = DEFAULT_MEMORY;
        }
    }
    resources
}

/// What a Pod asks for.
pub(super) fn requests(pod: &Pod) -> Requests {
    let sum = |with_defaults| sum_requests(&pod.spec, |container| of_container(container, with_defaults));
    let exact: Resources = sum(false);
    let Resources { milli_cpu, memory, .. } = sum(true);
    Requests { exact, non_zero_milli_cpu: milli_cpu, non_zero_memory: memory }
}

#[cfg(test)]
mod tests {
    use super::super::testing::pod;
    use super::*;

    const MI: i64 = 1024 * 1024;

    #[track_caller]
    fn check(spec: &str, cpu: i64, memory: i64, non_zero: (i64, i64)) {
        let requests = requests(&pod("web", spec));
        assert_eq!((requests.exact.milli_cpu, requests.exact.memory), (cpu, memory * MI), "{spec}");
        assert_eq!(
            (requests.non_zero_milli_cpu, requests.non_zero_memory),
            (non_zero.0, non_zero.1 * MI),
            "{spec}"
        );
    }

    #[test]
    fn a_pod_asks_for_its_containers_together() {
        check("containers: [{}]", 0, 0, (100, 200));
        check("containers: [{resources: {requests: {cpu: 500m, memory: 1Gi}}}, {}]", 500, 1024, (600, 1224));
        check("containers: [{resources: {requests: {cpu: '0'}}}]", 0, 0, (0, 200));
    }

    #[test]
    fn an_init_container_counts_where_it_asks_for_more() {
        let containers =
            "containers: [{resources: {requests: {cpu: 200m}}}, {resources: {requests: {cpu: 100m}}}]";
        check(
            &format!("initContainers: [{{resources: {{requests: {{cpu: 1}}}}}}]\n{containers}"),
            1000,
            0,
            (1000, 400),
        );
        check(
            &format!("initContainers: [{{resources: {{requests: {{cpu: 250m}}}}}}]\n{containers}"),
            300,
            0,
            (300, 400),
        );
    }

    #[test]
    fn a_sidecar_counts_beside_containers_and_later_init_containers() {
        let sidecar = "{restartPolicy: Always, resources: {requests: {cpu: 100m}}}";
        let init = "{resources: {requests: {cpu: 500m}}}";
        let containers = "containers: [{resources: {requests: {cpu: 200m}}}]";
        check(&format!("initContainers: [{sidecar}]\n{containers}"), 300, 0, (300, 400));
        check(&format!("initContainers: [{sidecar}, {init}]\n{containers}"), 600, 0, (600, 400));
        check(&format!("initContainers: [{init}, {sidecar}]\n{containers}"), 500, 0, (500, 400));
    }

    #[test]
    fn what_the_pod_says_for_all_replaces_the_sum_and_overhead_adds() {
        check(
            "resources: {requests: {cpu: 2}}\ncontainers: [{resources: {requests: {cpu: 1, memory: 10Mi}}}]",
            2000,
            10,
            (2000, 10),
        );
        check("overhead: {cpu: 250m, memory: 120Mi}\ncontainers: [{}]", 250, 120, (350, 320));
    }

    #[test]
    fn other_resources_are_counted_by_name() {
        let requests = requests(&pod(
            "web",
            "containers: [{resources: {requests: {example.com/gpu: 2, hugepages-2Mi: 4Mi, pods: 3, ephemeral-storage: 1Ki}}}]",
        ));
        let scalar: Vec<_> = requests.exact.scalar.iter().map(|(name, n)| format!("{name}={n}")).collect();
        assert_eq!(scalar, ["example.com/gpu=2", "hugepages-2Mi=4194304"]);
        assert_eq!(requests.exact.ephemeral_storage, 1024);
    }
}
