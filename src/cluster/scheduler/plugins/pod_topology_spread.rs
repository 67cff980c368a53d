//! How evenly Pods lie over domains of nodes (upstream: plugins/podtopologyspread).

use super::super::cache::{Cache, Topology};
use super::super::node_info::NodeInfo;
use super::super::pod_info::PodInfo;
use super::super::pod_sets::{Counts, PodSet, Scope, at};
use super::super::status::{Plugin, Status};
use super::{Cycle, MOST};
use crate::api::labels::{Operator, Requirement, Selector};
use crate::api::objects::TopologySpreadConstraint;
use crate::api::scheduling::{matches_node, untolerated_taint};
use crate::value::Str;
use std::collections::BTreeSet;
use std::rc::Rc;

const HOSTNAME: &str = "kubernetes.io/hostname";
/// The domains and skews of Pods that say nothing themselves.
const DEFAULTS: [(&str, i32); 2] = [(HOSTNAME, 3), ("topology.kubernetes.io/zone", 5)];

/// A constraint with what it counts.
#[derive(Clone, Debug)]
pub(in super::super) struct Constraint {
    max_skew: i64,
    pub(in super::super) key: Str,
    min_domains: usize,
    honors_affinity: bool,
    pub(in super::super) honors_taints: bool,
    /// None selects no Pod.
    pub(in super::super) selector: Option<Selector>,
}

impl Constraint {
    fn new(constraint: &TopologySpreadConstraint, pod: &PodInfo) -> Self {
        let own = constraint.match_label_keys.iter().filter_map(|key| {
            let operator = Operator::In(BTreeSet::from([pod.labels().get(key)?.clone()]));
            Some(Requirement { key: key.clone(), operator })
        });
        let selector = constraint.label_selector.as_ref().and_then(|s| Selector::from_label_selector(s).ok());
        Self {
            max_skew: constraint.max_skew.into(),
            key: constraint.topology_key.clone(),
            min_domains: constraint.min_domains.unwrap_or(1).max(0) as usize,
            honors_affinity: &*constraint.node_affinity_policy != "Ignore",
            honors_taints: &*constraint.node_taints_policy == "Honor",
            selector: selector
                .map(|selector| Selector::new(own.chain(selector.requirements().iter().cloned()).collect())),
        }
    }
    fn set(&self, pod: &PodInfo) -> PodSet {
        let namespaces = Some(BTreeSet::from([pod.key.namespace.clone()]));
        // One that selects everything counts nothing (upstream: countPodsMatchSelector).
        let selector = self.selector.clone().filter(|selector| !selector.is_everything());
        PodSet { scopes: vec![Scope { namespaces, selector }], alive: true }
    }
    /// Whether it counts what lies on a node.
    fn counts_node(&self, pod: &PodInfo, node: &NodeInfo) -> bool {
        let spec = &pod.pod.spec;
        (!self.honors_affinity || matches_node(spec, &node.node))
            && (!self.honors_taints || untolerated_taint(&node.node.spec.taints, &spec.tolerations).is_none())
    }
    pub(in super::super) fn selects(&self, pod: &PodInfo) -> bool {
        self.selector.as_ref().is_some_and(|selector| selector.matches(pod.labels()))
    }
}

/// A Pod's own constraints that must hold, or that better do.
pub(in super::super) fn constraints(pod: &PodInfo, action: &str) -> Vec<Constraint> {
    let own = &pod.pod.spec.topology_spread_constraints;
    own.iter()
        .filter(|constraint| &*constraint.when_unsatisfiable == action)
        .map(|constraint| Constraint::new(constraint, pod))
        .collect()
}

/// A constraint that must hold.
#[derive(Clone, Debug)]
struct Hard {
    constraint: Constraint,
    topology: Rc<Topology>,
    /// Of each domain how many Pods are in it; none where no node of it is counted.
    domains: Vec<Option<i64>>,
    /// The nodes that are counted.
    counted: Vec<bool>,
    /// The fewest Pods in a domain.
    least: i64,
    /// Whether the Pod itself is one of those that are counted.
    selects_itself: bool,
}

impl Hard {
    fn find_least(&mut self) {
        let counted = || self.domains.iter().flatten();
        let is_enough = counted().count() >= self.constraint.min_domains;
        self.least = if is_enough { counted().copied().min().unwrap_or(i32::MAX.into()) } else { 0 };
    }
}

/// What the filter knows before it looks at nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter(Vec<Hard>);

impl Filter {
    pub(super) fn new(pod: &PodInfo, cache: &mut Cache) -> Self {
        let constraints = constraints(pod, "DoNotSchedule");
        let topologies: Vec<_> =
            constraints.iter().map(|constraint| cache.topology(&constraint.key)).collect();
        let counts: Vec<Counts> =
            constraints.iter().map(|constraint| cache.counts(&constraint.set(pod))).collect();
        let mut hard: Vec<Hard> = constraints
            .into_iter()
            .zip(&topologies)
            .map(|(constraint, topology)| Hard {
                selects_itself: constraint.selects(pod),
                constraint,
                domains: vec![None; topology.domains],
                topology: topology.clone(),
                counted: Vec::new(),
                least: 0,
            })
            .collect();
        if hard.is_empty() {
            return Self::default();
        }
        for node in cache.nodes() {
            // A node counts where it has all the labels that are asked for.
            if topologies.iter().any(|topology| topology.domain(node.place).is_none()) {
                continue;
            }
            for (hard, counts) in hard.iter_mut().zip(&counts) {
                if let Some(domain) = hard.topology.domain(node.place)
                    && hard.constraint.counts_node(pod, node)
                {
                    *hard.domains[domain].get_or_insert(0) += at(counts, node.place);
                    if hard.counted.len() <= node.place {
                        hard.counted.resize(node.place + 1, false);
                    }
                    hard.counted[node.place] = true;
                }
            }
        }
        hard.iter_mut().for_each(Hard::find_least);
        Self(hard)
    }
    /// Whether it rejects no node.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(super) fn count(&mut self, own: &PodInfo, pod: &PodInfo, place: usize, by: i64) {
        if own.key.namespace != pod.key.namespace {
            return;
        }
        for hard in &mut self.0 {
            if hard.counted.get(place) == Some(&true)
                && hard.constraint.selects(pod)
                && let Some(domain) = hard.topology.domain(place)
            {
                *hard.domains[domain].get_or_insert(0) += by;
                hard.find_least();
            }
        }
    }
}

const MISMATCH: &str = "node(s) didn't match pod topology spread constraints";
const NO_LABEL: &str = "node(s) didn't match pod topology spread constraints (missing required label)";

pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    for hard in &cycle.spread.0 {
        let Some(domain) = hard.topology.domain(node.place) else {
            return Err(Status::unresolvable(Plugin::PodTopologySpread, NO_LABEL));
        };
        let matching = hard.domains[domain].unwrap_or(0);
        if matching + i64::from(hard.selects_itself) - hard.least > hard.constraint.max_skew {
            return Err(Status::unschedulable(Plugin::PodTopologySpread, MISMATCH));
        }
    }
    Ok(())
}

/// The fewer Pods of its like lie in a node's domains, the better. None where nothing is asked for.
pub(super) fn score(pod: &PodInfo, places: &[usize], cache: &mut Cache) -> Option<Vec<i64>> {
    let has_own = !pod.pod.spec.topology_spread_constraints.is_empty();
    let constraints = if has_own { constraints(pod, "ScheduleAnyway") } else { defaults(pod, cache) };
    if constraints.is_empty() {
        return None;
    }
    let topologies: Vec<_> = constraints.iter().map(|constraint| cache.topology(&constraint.key)).collect();
    let mut counts: Vec<Counts> = Vec::with_capacity(constraints.len());
    for (n, constraint) in constraints.iter().enumerate() {
        // Constraints mostly count the same Pods.
        let same = constraints[..n].iter().position(|before| before.selector == constraint.selector);
        counts.push(same.map_or_else(|| cache.counts(&constraint.set(pod)), |same| counts[same].clone()));
    }
    // Only a Pod's own constraints leave out nodes without the labels.
    let has_all =
        |place: usize| !has_own || topologies.iter().all(|topology| topology.domain(place).is_some());
    let scored: Vec<bool> = places.iter().map(|place| has_all(*place)).collect();
    let mut sums = vec![0.0; places.len()];
    for ((constraint, topology), counts) in constraints.iter().zip(&topologies).zip(&counts) {
        // Where no node has the label, there is nothing to count.
        if topology.domains == 0 {
            continue;
        }
        let is_hostname = &*constraint.key == HOSTNAME;
        let mut domains = vec![0; topology.domains];
        let mut is_open = vec![false; topology.domains];
        let (mut size, mut has_unlabelled) = (0, false);
        if is_hostname {
            size = scored.iter().filter(|is_scored| **is_scored).count();
        } else {
            for (place, _) in places.iter().zip(&scored).filter(|(_, is_scored)| **is_scored) {
                match topology.domain(*place) {
                    Some(domain) => size += usize::from(!std::mem::replace(&mut is_open[domain], true)),
                    None => size += usize::from(!std::mem::replace(&mut has_unlabelled, true)),
                }
            }
            for node in cache.nodes().filter(|node| has_all(node.place)) {
                if let Some(domain) = topology.domain(node.place)
                    && is_open[domain]
                    && constraint.counts_node(pod, node)
                {
                    domains[domain] += at(counts, node.place);
                }
            }
        }
        let weight = ln(size as u32 + 2);
        for (sum, place) in sums.iter_mut().zip(places) {
            let Some(domain) = topology.domain(*place) else { continue };
            let count = if is_hostname { at(counts, *place) } else { domains[domain] };
            *sum += count as f64 * weight + (constraint.max_skew - 1) as f64;
        }
    }
    let scores: Vec<i64> = sums.into_iter().map(|sum: f64| sum.round() as i64).collect();
    let of_scored =
        || scores.iter().zip(&scored).filter(|(_, is_scored)| **is_scored).map(|(score, _)| *score);
    let (least, most) = (of_scored().min().unwrap_or(0), of_scored().max().unwrap_or(0));
    let normalized = scores.iter().zip(&scored).map(|(score, is_scored)| match (is_scored, most) {
        (false, _) => 0,
        (true, 0) => MOST,
        (true, most) => MOST * (most + least - score) / most,
    });
    Some(normalized.collect())
}

/// What holds for Pods that say nothing: they better lie apart from their like.
fn defaults(pod: &PodInfo, cache: &Cache) -> Vec<Constraint> {
    let Some(selector) = cache.default_selector(pod) else { return Vec::new() };
    let constraint = |(key, max_skew): (&str, i32)| Constraint {
        max_skew: max_skew.into(),
        key: key.into(),
        min_domains: 1,
        honors_affinity: true,
        honors_taints: false,
        selector: Some(selector.clone()),
    };
    DEFAULTS.map(constraint).into()
}

/// The natural logarithm of a whole number, by sums and quotients alone: `f64::ln` differs between platforms.
fn ln(n: u32) -> f64 {
    let n = n.max(1);
    let halvings = n.ilog2();
    const LN_2: f64 = ln_series(2.0);
    f64::from(halvings) * LN_2 + ln_series(f64::from(n) / f64::from(1u32 << halvings))
}

/// ln(m) = 2 artanh((m - 1) / (m + 1)) for 1 <= m <= 2.
const fn ln_series(m: f64) -> f64 {
    let x = (m - 1.0) / (m + 1.0);
    let (mut power, mut sum, mut n) = (x, 0.0, 1.0);
    while n < 60.0 {
        sum += power / n;
        power = power * x * x;
        n += 2.0;
    }
    2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, filter_all, node, pod_info_with, pod_with};
    use super::*;
    use crate::api::objects::Pod;

    fn on(node: &str, n: usize, labels: &str) -> Vec<Pod> {
        (0..n)
            .map(|i| {
                pod_with(
                    &format!("{node}-{i}-{}", labels.len()),
                    &format!("labels: {labels}"),
                    &format!("nodeName: {node}\ncontainers: [{{}}]"),
                )
            })
            .collect()
    }

    fn zones(pods: &[(&str, usize)]) -> Cache {
        let pods: Vec<Pod> = pods.iter().flat_map(|(node, n)| on(node, *n, "{app: web}")).collect();
        let in_zone = |name: &str, zone: &str| {
            node(name, &format!("labels: {{zone: {zone}, kubernetes.io/hostname: {name}}}"))
        };
        cache_of(&pods, &[in_zone("a1", "a"), in_zone("a2", "a"), in_zone("b1", "b")])
    }

    fn spread(constraint: &str) -> String {
        format!(
            "topologySpreadConstraints: [{{topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: web}}}}, {constraint}}}]\ncontainers: [{{}}]"
        )
    }

    #[track_caller]
    fn check(cache: &mut Cache, spec: &str, expected: &str) {
        let spec = format!("# labels: {{app: web}}\n{spec}");
        assert_eq!(
            filter_all(cache, &spec).replace(NO_LABEL, "no label").replace(MISMATCH, "skew"),
            expected,
            "{spec}"
        );
    }

    #[test]
    fn a_domain_may_be_ahead_by_the_skew() {
        check(&mut zones(&[]), &spread("maxSkew: 1"), "- | - | -");
        check(&mut zones(&[("a1", 1)]), &spread("maxSkew: 1"), "skew | skew | -");
        check(&mut zones(&[("a1", 1)]), &spread("maxSkew: 2"), "- | - | -");
        check(&mut zones(&[("a1", 1), ("a2", 1), ("b1", 1)]), &spread("maxSkew: 1"), "skew | skew | -");
        check(&mut zones(&[("a1", 1), ("b1", 1)]), &spread("maxSkew: 1"), "- | - | -");
    }

    #[test]
    fn with_too_few_domains_the_least_is_nothing() {
        let pods = [("a1", 1), ("b1", 1)];
        check(&mut zones(&pods), &spread("maxSkew: 1, minDomains: 2"), "- | - | -");
        check(&mut zones(&pods), &spread("maxSkew: 1, minDomains: 3"), "skew | skew | skew");
    }

    #[test]
    fn nodes_without_the_label_do_not_come_into_question() {
        let labelled = node("a1", "labels: {zone: a}");
        let mut cache = cache_of(&[], &[labelled, node("none", "{}")]);
        check(&mut cache, &spread("maxSkew: 1"), "- | no label !");
    }

    #[test]
    fn the_pods_own_nodes_are_counted() {
        let pods = [("a1", 1)];
        // By affinity only zone a is there: its own Pods are the least.
        let spec = format!("nodeSelector: {{zone: a}}\n{}", spread("maxSkew: 1"));
        let elsewhere = "node(s) didn't match Pod's node affinity/selector !";
        check(&mut zones(&pods), &spec, &format!("- | - | {elsewhere}"));
        let spec = format!("nodeSelector: {{zone: a}}\n{}", spread("maxSkew: 1, nodeAffinityPolicy: Ignore"));
        check(&mut zones(&pods), &spec, &format!("skew | skew | {elsewhere}"));
        // A tainted zone counts unless taints are honoured.
        let tainted = |policy: &str| {
            let mut cache = zones(&pods);
            cache.set_node(&node("b1", "labels: {zone: b}\nspec: {taints: [{key: k, effect: NoSchedule}]}"));
            filter_all(
                &mut cache,
                &format!(
                    "# labels: {{app: web}}\n{}",
                    spread(&format!("maxSkew: 1, nodeTaintsPolicy: {policy}"))
                ),
            )
            .replace(MISMATCH, "skew")
        };
        assert_eq!(tainted("Ignore"), "skew | skew | node(s) had untolerated taint(s) !");
        assert_eq!(tainted("Honor"), "- | - | node(s) had untolerated taint(s) !");
    }

    #[test]
    fn labels_of_the_pod_itself_narrow_what_is_counted() {
        let mut pods = on("a1", 1, "{app: web, rev: '1'}");
        pods.extend(on("b1", 2, "{app: web, rev: '22'}"));
        let nodes = [node("a1", "labels: {zone: a}"), node("b1", "labels: {zone: b}")];
        let mut cache = cache_of(&pods, &nodes);
        let spec = spread("maxSkew: 1, matchLabelKeys: [rev]");
        let of = |cache: &mut Cache, rev: &str| {
            filter_all(cache, &format!("# labels: {{app: web, rev: '{rev}'}}\n{spec}"))
                .replace(MISMATCH, "skew")
        };
        assert_eq!(of(&mut cache, "1"), "skew | -");
        assert_eq!(of(&mut cache, "22"), "- | skew");
        assert_eq!(of(&mut cache, "3"), "- | -");
    }

    #[test]
    fn pods_that_are_being_deleted_and_those_of_other_namespaces_do_not_count() {
        let ending = pod_with(
            "x",
            "labels: {app: web}\ndeletionTimestamp: '2026-01-01T00:00:00Z'",
            "nodeName: a1\ncontainers: [{}]",
        );
        let other = pod_with("y", "labels: {app: web}\nnamespace: other", "nodeName: a1\ncontainers: [{}]");
        let mut cache =
            cache_of(&[ending, other], &[node("a1", "labels: {zone: a}"), node("b1", "labels: {zone: b}")]);
        check(&mut cache, &spread("maxSkew: 1"), "- | -");
    }

    #[test]
    fn fewer_of_its_like_are_better() {
        let mut cache = zones(&[("a1", 2), ("a2", 0), ("b1", 1)]);
        let soft = |key: &str| {
            format!(
                "topologySpreadConstraints: [{{maxSkew: 1, topologyKey: {key}, whenUnsatisfiable: ScheduleAnyway, labelSelector: {{matchLabels: {{app: web}}}}}}]\ncontainers: [{{}}]"
            )
        };
        let mut of = |spec: &str| {
            let pod = pod_info_with("new", "labels: {app: web}", spec);
            let places = cache.order().to_vec();
            score(&pod, &places, &mut cache)
        };
        assert_eq!(of(&soft("kubernetes.io/hostname")), Some(vec![0, 100, 33]));
        assert_eq!(of(&soft("zone")), Some(vec![33, 33, 100]));
        assert_eq!(of("containers: [{}]"), None);
    }

    #[test]
    fn logarithms_are_those_of_mathematics() {
        for (n, expected) in [
            (1, 0.0),
            (2, std::f64::consts::LN_2),
            (3, 1.098_612_288_668_11),
            (102, 4.624_972_813_284_271),
            (5002, 8.517_593_111_437_56),
        ] {
            assert!((ln(n) - expected).abs() < 1e-12, "{n}: {}", ln(n));
        }
    }
}
