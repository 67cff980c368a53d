//! Pods that want to be near others, or far (upstream: plugins/interpodaffinity).

use super::super::cache::{Cache, Topology};
use super::super::node_info::NodeInfo;
use super::super::pod_info::{AffinityTerm, PodInfo};
use super::super::pod_sets::{Counts, PodSet, Scope, Wish, at};
use super::super::status::{Plugin, Status};
use super::{Cycle, MOST};
use crate::api::objects::Labels;
use crate::value::Str;
use std::rc::Rc;

/// Of each domain of a label how many Pods, or terms of Pods, are in it.
#[derive(Clone, Debug)]
struct Domains {
    key: Str,
    topology: Rc<Topology>,
    counts: Vec<i64>,
}

impl Domains {
    fn new(key: &Str, cache: &mut Cache) -> Self {
        let topology = cache.topology(key);
        Self { key: key.clone(), counts: vec![0; topology.domains], topology }
    }
    fn add(&mut self, place: usize, by: i64) {
        if let Some(domain) = self.topology.domain(place) {
            self.counts[domain] += by;
        }
    }
    fn add_all(&mut self, counts: &Counts, cache: &Cache, worth: i64) {
        for node in cache.nodes() {
            self.add(node.place, worth * at(counts, node.place));
        }
    }
    fn at(&self, place: usize) -> Option<i64> {
        self.topology.domain(place).map(|domain| self.counts[domain])
    }
}

/// What the filter knows before it looks at nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// By label, how many terms of Pods that are there keep the Pod away.
    existing: Vec<Domains>,
    /// Of each required term, how many Pods are there that all of these terms are about.
    affinity: Vec<Domains>,
    /// Of each required anti-affinity term, how many Pods are there that it is about.
    anti_affinity: Vec<Domains>,
    /// The Pod's terms, with Namespaces by name.
    affinity_terms: Vec<AffinityTerm>,
    anti_affinity_terms: Vec<AffinityTerm>,
    /// The labels of the Pod's Namespace.
    namespace_labels: Option<Labels>,
    /// Whether the Pod is itself one of those that it wants near.
    matches_itself: bool,
}

/// A term whose Namespaces are all named: those that its selector means are looked up.
fn resolved(term: &AffinityTerm, cache: &Cache) -> AffinityTerm {
    let mut term = term.clone();
    if let Some(selector) = term.namespace_selector.take_if(|selector| !selector.is_everything()) {
        term.namespaces.extend(cache.namespaces_like(&selector));
    }
    term
}

fn scope(term: &AffinityTerm) -> Scope {
    let namespaces = term.namespace_selector.is_none().then(|| term.namespaces.clone());
    Scope { namespaces, selector: term.selector.clone() }
}

fn set(terms: &[AffinityTerm]) -> PodSet {
    PodSet { scopes: terms.iter().map(scope).collect(), alive: false }
}

impl Filter {
    pub(super) fn new(pod: &PodInfo, cache: &mut Cache) -> Self {
        let namespace_labels = cache.namespace_labels(&pod.key.namespace).cloned();
        let mut filter = Self { namespace_labels, ..Self::default() };
        let away: Vec<(Str, Counts)> = cache
            .sets()
            .wishes_about(pod, filter.namespace_labels.as_ref())
            .filter(|(wish, ..)| *wish == Wish::Away)
            .map(|(_, key, counts)| (key.clone(), counts.clone()))
            .collect();
        for (key, counts) in away {
            filter.existing_domains(&key, cache).add_all(&counts, cache, 1);
        }
        filter.affinity_terms = pod.affinity.iter().map(|term| resolved(term, cache)).collect();
        filter.anti_affinity_terms = pod.anti_affinity.iter().map(|term| resolved(term, cache)).collect();
        if !filter.affinity_terms.is_empty() {
            let counts = cache.counts(&set(&filter.affinity_terms));
            for term in &filter.affinity_terms {
                let mut domains = Domains::new(&term.topology_key, cache);
                domains.add_all(&counts, cache, 1);
                filter.affinity.push(domains);
            }
            filter.matches_itself = filter.affinity_terms.iter().all(|term| scope(term).has(pod));
        }
        for term in &filter.anti_affinity_terms {
            let counts = cache.counts(&set(std::slice::from_ref(term)));
            let mut domains = Domains::new(&term.topology_key, cache);
            domains.add_all(&counts, cache, 1);
            filter.anti_affinity.push(domains);
        }
        filter
    }
    /// Whether it rejects no node.
    pub(super) fn is_empty(&self) -> bool {
        self.existing.is_empty() && self.affinity.is_empty() && self.anti_affinity.is_empty()
    }
    fn existing_domains(&mut self, key: &Str, cache: &mut Cache) -> &mut Domains {
        let place = self.existing.iter().position(|domains| domains.key == *key).unwrap_or_else(|| {
            self.existing.push(Domains::new(key, cache));
            self.existing.len() - 1
        });
        &mut self.existing[place]
    }
    /// Takes a Pod as if it were on a node (1), or were not (-1).
    pub(super) fn count(&mut self, own: &PodInfo, pod: &PodInfo, place: usize, by: i64, cache: &mut Cache) {
        for term in &pod.anti_affinity {
            if term.matches(own, self.namespace_labels.as_ref()) {
                self.existing_domains(&term.topology_key, cache).add(place, by);
            }
        }
        if !self.affinity_terms.is_empty() && self.affinity_terms.iter().all(|term| scope(term).has(pod)) {
            self.affinity.iter_mut().for_each(|domains| domains.add(place, by));
        }
        for (term, domains) in self.anti_affinity_terms.iter().zip(&mut self.anti_affinity) {
            if scope(term).has(pod) {
                domains.add(place, by);
            }
        }
    }
    /// Whether all Pods that are wanted near are near. The first of a group that wants itself near is let in.
    fn has_those_it_wants(&self, place: usize) -> bool {
        if self.affinity.iter().any(|domains| domains.at(place).is_none()) {
            return false;
        }
        self.affinity.iter().all(|domains| domains.at(place).is_some_and(|count| count > 0))
            || (self.matches_itself
                && self.affinity.iter().all(|domains| domains.counts.iter().all(|count| *count == 0)))
    }
}

pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    let is_near = |domains: &Domains| domains.at(node.place).is_some_and(|count| count > 0);
    let filter = &cycle.affinity;
    if !filter.has_those_it_wants(node.place) {
        return Err(Status::unresolvable(
            Plugin::InterPodAffinity,
            "node(s) didn't match pod affinity rules",
        ));
    }
    if filter.anti_affinity.iter().any(is_near) {
        return Err(Status::unschedulable(
            Plugin::InterPodAffinity,
            "node(s) didn't match pod anti-affinity rules",
        ));
    }
    if filter.existing.iter().any(is_near) {
        return Err(Status::unschedulable(
            Plugin::InterPodAffinity,
            "node(s) didn't satisfy existing pods anti-affinity rules",
        ));
    }
    Ok(())
}

/// What the Pod prefers about others and what others prefer about it. None where nobody prefers anything.
pub(super) fn score(pod: &PodInfo, places: &[usize], cache: &mut Cache) -> Option<Vec<i64>> {
    let namespace_labels = cache.namespace_labels(&pod.key.namespace).cloned();
    let mut said: Vec<(Str, Counts, i64)> = cache
        .sets()
        .wishes_about(pod, namespace_labels.as_ref())
        .filter_map(|(wish, key, counts)| match wish {
            Wish::Worth(worth) => Some((key.clone(), counts.clone(), worth)),
            Wish::Away => None,
        })
        .collect();
    for (worth, term) in &pod.preferred {
        let term = resolved(term, cache);
        let counts = cache.counts(&set(std::slice::from_ref(&term)));
        said.push((term.topology_key, counts, *worth));
    }
    if said.is_empty() {
        return None;
    }
    let mut scores = vec![0; places.len()];
    for (key, counts, worth) in said {
        let mut domains = Domains::new(&key, cache);
        domains.add_all(&counts, cache, worth);
        for (score, place) in scores.iter_mut().zip(places) {
            *score += domains.at(*place).unwrap_or(0);
        }
    }
    let least = scores.iter().copied().min().unwrap_or(0);
    let span = scores.iter().copied().max().unwrap_or(0) - least;
    // An IEEE division, as upstream's: the same everywhere.
    let normalized = |score: i64| {
        if span > 0 { (MOST as f64 * ((score - least) as f64 / span as f64)) as i64 } else { 0 }
    };
    Some(scores.into_iter().map(normalized).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, filter_all, namespace, node, pod_info_with, pod_with};
    use super::*;
    use crate::api::objects::Pod;

    const TERM: &str = "{labelSelector: {matchLabels: {app: db}}, topologyKey: zone}";

    fn zones(pods: &[Pod]) -> Cache {
        let in_zone = |name: &str, zone: &str| node(name, &format!("labels: {{zone: {zone}, host: {name}}}"));
        cache_of(pods, &[in_zone("a1", "a"), in_zone("a2", "a"), in_zone("b1", "b")])
    }

    fn db(node: &str) -> Pod {
        pod_with(&format!("db-{node}"), "labels: {app: db}", &format!("nodeName: {node}\ncontainers: [{{}}]"))
    }

    fn wants(kind: &str, term: &str) -> String {
        format!(
            "affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: [{term}]}}}}\ncontainers: [{{}}]"
        )
    }

    #[track_caller]
    fn check(cache: &mut Cache, spec: &str, expected: &str) {
        let said = filter_all(cache, spec)
            .replace("node(s) didn't match pod affinity rules !", "not near")
            .replace("node(s) didn't match pod anti-affinity rules", "too near")
            .replace("node(s) didn't satisfy existing pods anti-affinity rules", "kept away");
        assert_eq!(said, expected, "{spec}");
    }

    #[test]
    fn a_pod_goes_where_those_are_that_it_wants() {
        check(&mut zones(&[db("a1")]), &wants("podAffinity", TERM), "- | - | not near");
        check(&mut zones(&[]), &wants("podAffinity", TERM), "not near | not near | not near");
        // Of two terms both must hold, of the same Pods.
        let two = format!("{TERM}, {{labelSelector: {{matchLabels: {{app: db}}}}, topologyKey: host}}");
        check(&mut zones(&[db("a1")]), &wants("podAffinity", &two), "- | not near | not near");
    }

    #[test]
    fn the_first_of_a_group_that_wants_itself_is_let_in() {
        let spec = format!("# labels: {{app: db}}\n{}", wants("podAffinity", TERM));
        check(&mut zones(&[]), &spec, "- | - | -");
        check(&mut zones(&[db("b1")]), &spec, "not near | not near | -");
        let unlabelled =
            format!("# labels: {{app: db}}\n{}", wants("podAffinity", &TERM.replace("zone", "rack")));
        check(&mut zones(&[]), &unlabelled, "not near | not near | not near");
    }

    #[test]
    fn a_pod_stays_away_from_those_that_it_does_not_want() {
        check(&mut zones(&[db("a1")]), &wants("podAntiAffinity", TERM), "too near | too near | -");
        check(
            &mut zones(&[db("a1")]),
            &wants("podAntiAffinity", &TERM.replace("zone", "host")),
            "too near | - | -",
        );
        check(&mut zones(&[db("a1")]), &wants("podAntiAffinity", &TERM.replace("zone", "rack")), "- | - | -");
    }

    #[test]
    fn those_that_are_there_keep_others_away() {
        let lone = pod_with("lone", "{}", &format!("nodeName: a1\n{}", wants("podAntiAffinity", TERM)));
        let mut cache = zones(&[lone]);
        check(&mut cache, "# labels: {app: db}\ncontainers: [{}]", "kept away | kept away | -");
        check(&mut cache, "containers: [{}]", "- | - | -");
    }

    #[test]
    fn namespaces_are_the_pods_own_or_those_that_are_said() {
        let elsewhere =
            pod_with("db", "labels: {app: db}\nnamespace: shop", "nodeName: a1\ncontainers: [{}]");
        let mut cache = zones(&[elsewhere]);
        cache.heard.apply(
            crate::cluster::record::Change::Added,
            namespace("shop", "{team: red}").into(),
            None,
        );
        let with = |more: &str| {
            wants("podAntiAffinity", &TERM.replace("topologyKey", &format!("{more}, topologyKey")))
        };
        check(&mut cache, &wants("podAntiAffinity", TERM), "- | - | -");
        check(&mut cache, &with("namespaces: [shop]"), "too near | too near | -");
        check(&mut cache, &with("namespaceSelector: {matchLabels: {team: red}}"), "too near | too near | -");
        check(&mut cache, &with("namespaceSelector: {matchLabels: {team: blue}}"), "- | - | -");
        check(&mut cache, &with("namespaceSelector: {}"), "too near | too near | -");
    }

    #[test]
    fn preferences_of_both_sides_add_up() {
        let prefers = |kind: &str, weight: i32| {
            format!(
                "affinity: {{{kind}: {{preferredDuringSchedulingIgnoredDuringExecution: [{{weight: {weight}, podAffinityTerm: {TERM}}}]}}}}\ncontainers: [{{}}]"
            )
        };
        let of = |cache: &mut Cache, labels: &str, spec: &str| {
            let pod = pod_info_with("new", labels, spec);
            let places = cache.order().to_vec();
            score(&pod, &places, cache)
        };
        let mut cache = zones(&[db("a1")]);
        // In the order in which nodes are looked at: without zones of Kubernetes' own labels, as they came.
        assert_eq!(of(&mut cache, "{}", &prefers("podAffinity", 5)), Some(vec![100, 100, 0]));
        assert_eq!(of(&mut cache, "{}", &prefers("podAntiAffinity", 5)), Some(vec![0, 0, 100]));
        assert_eq!(of(&mut cache, "{}", "containers: [{}]"), None);
        // One that requires the new Pod near would like it there.
        let fan = pod_with("fan", "{}", &format!("nodeName: b1\n{}", wants("podAffinity", TERM)));
        let hater = pod_with("hater", "{}", &format!("nodeName: a2\n{}", prefers("podAntiAffinity", 3)));
        let mut cache = zones(&[fan, hater]);
        assert_eq!(of(&mut cache, "labels: {app: db}", "containers: [{}]"), Some(vec![0, 0, 100]));
    }
}
