//! How many Pods of a kind lie on each node, kept up with each change by what Pods have in common: what upstream counts
//! anew in each cycle for topology spread and affinity between Pods.

use super::pod_info::{AffinityTerm, PodInfo};
use crate::api::labels::Selector;
use crate::api::objects::Labels;
use crate::cluster::chance::stable_hash;
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Which Pods are counted: those in these Namespaces that the selector matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    /// None for all.
    pub(super) namespaces: Option<BTreeSet<Str>>,
    /// None selects no Pod.
    pub(super) selector: Option<Selector>,
}

impl Scope {
    pub(super) fn has(&self, pod: &PodInfo) -> bool {
        self.takes(&pod.key.namespace, pod.labels())
    }
    fn takes(&self, namespace: &Str, labels: &Labels) -> bool {
        self.namespaces.as_ref().is_none_or(|namespaces| namespaces.contains(namespace))
            && self.selector.as_ref().is_some_and(|selector| selector.matches(labels))
    }
}

/// A set of Pods: those in all of its scopes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PodSet {
    pub(super) scopes: Vec<Scope>,
    /// Whether Pods that are being deleted are left out.
    pub(super) alive: bool,
}

impl PodSet {
    fn has(&self, pods: &Alike) -> bool {
        !(self.alive && pods.is_terminating)
            && self.scopes.iter().all(|scope| scope.takes(&pods.namespace, &pods.labels))
    }
}

/// What Pods have in common that are in the same sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Alike {
    namespace: Str,
    labels: Labels,
    is_terminating: bool,
}

/// Pods that are alike, as those of a Deployment are.
#[derive(Clone, Debug)]
struct Group {
    alike: Alike,
    /// By it the group is found.
    hash: u64,
    /// How many of them lie on each node, by its place, and how many they are.
    places: Vec<u32>,
    count: u32,
}

/// What a Pod that is there says about those to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    /// They must not be near.
    Away,
    /// It is worth so much that they are near; less than nothing: that they are not.
    Worth(i64),
}

/// Of each node by its place, how many.
pub(super) type Counts = Rc<Vec<u32>>;

/// The counts.
#[derive(Clone, Debug, Default)]
pub(super) struct PodSets {
    groups: Vec<Group>,
    /// The terms of the Pods that are there: a Deployment's Pods share theirs.
    wishes: BTreeMap<(Wish, AffinityTerm), Counts>,
}

fn change(counts: &mut Counts, place: usize, by: i32) {
    let counts = Rc::make_mut(counts);
    if counts.len() <= place {
        counts.resize(place + 1, 0);
    }
    counts[place] = counts[place].saturating_add_signed(by);
}

impl PodSets {
    /// A Pod has come to a node (1) or gone (-1).
    pub(super) fn count(&mut self, pod: &PodInfo, place: usize, by: i32) {
        self.count_alike(pod, place, by);
        let away = pod.anti_affinity.iter().map(|term| (Wish::Away, term));
        // What a Pod requires is also what it would like, a little (upstream: hardPodAffinityWeight).
        let near = pod.affinity.iter().map(|term| (Wish::Worth(1), term));
        let preferred = pod.preferred.iter().map(|(worth, term)| (Wish::Worth(*worth), term));
        for (wish, term) in away.chain(near).chain(preferred) {
            let key = (wish, term.clone());
            let counts = self.wishes.entry(key.clone()).or_default();
            change(counts, place, by);
            if by < 0 && counts.iter().all(|count| *count == 0) {
                self.wishes.remove(&key);
            }
        }
    }
    fn count_alike(&mut self, pod: &PodInfo, place: usize, by: i32) {
        let (namespace, labels) = (pod.key.namespace.clone(), pod.labels().clone());
        let alike = Alike { namespace, labels, is_terminating: pod.pod.metadata.is_terminating() };
        let hash = stable_hash(0, &alike);
        let known = self.groups.iter().position(|group| group.hash == hash && group.alike == alike);
        let at = known.unwrap_or_else(|| {
            self.groups.push(Group { alike, hash, places: Vec::new(), count: 0 });
            self.groups.len() - 1
        });
        let group = &mut self.groups[at];
        if group.places.len() <= place {
            group.places.resize(place + 1, 0);
        }
        group.places[place] = group.places[place].saturating_add_signed(by);
        group.count = group.count.saturating_add_signed(by);
        if group.count == 0 {
            self.groups.swap_remove(at);
        }
    }
    /// How many Pods of a set lie on each node.
    pub(super) fn counts(&self, set: &PodSet) -> Counts {
        let mut counts = Vec::new();
        for group in self.groups.iter().filter(|group| set.has(&group.alike)) {
            if counts.len() < group.places.len() {
                counts.resize(group.places.len(), 0);
            }
            for (sum, count) in counts.iter_mut().zip(&group.places) {
                *sum += count;
            }
        }
        Rc::new(counts)
    }
    /// What the Pods that are there say about one to come, each with how many on each node say so.
    pub(super) fn wishes_about<'a>(
        &'a self,
        pod: &'a PodInfo,
        namespace_labels: Option<&'a Labels>,
    ) -> impl Iterator<Item = (Wish, &'a Str, &'a Counts)> {
        let about =
            move |((_, term), _): &(&(Wish, AffinityTerm), &Counts)| term.matches(pod, namespace_labels);
        self.wishes.iter().filter(about).map(|((wish, term), counts)| (*wish, &term.topology_key, counts))
    }
}

/// How many of a count lie at a place.
pub(super) fn at(counts: &Counts, place: usize) -> i64 {
    counts.get(place).copied().unwrap_or(0).into()
}

#[cfg(test)]
mod tests {
    use super::super::testing::pod_info_with;
    use super::*;

    fn set(selector: &str) -> PodSet {
        let scope = Scope {
            namespaces: Some(BTreeSet::from(["default".into()])),
            selector: Selector::parse(selector).ok(),
        };
        PodSet { scopes: vec![scope], alive: true }
    }

    #[test]
    fn the_pods_of_a_set_are_counted_by_node() {
        let web = pod_info_with("web", "labels: {app: web}", "containers: [{}]");
        let blue = pod_info_with("blue", "labels: {app: web, color: blue}", "containers: [{}]");
        let api = pod_info_with("api", "labels: {app: api}", "containers: [{}]");
        let mut sets = PodSets::default();
        for (pod, place) in [(&web, 0), (&api, 1), (&web, 2), (&blue, 2)] {
            sets.count(pod, place, 1);
        }
        assert_eq!(*sets.counts(&set("app=web")), [1, 0, 2]);
        assert_eq!(*sets.counts(&set("app=web,color!=blue")), [1, 0, 1]);
        assert_eq!(*sets.counts(&set("app in (web,api),!color")), [1, 1, 1]);
        assert_eq!(*sets.counts(&set("color")), [0, 0, 1]);
        sets.count(&web, 3, 1);
        sets.count(&web, 0, -1);
        assert_eq!(*sets.counts(&set("app=web")), [0, 0, 2, 1]);
        for (pod, place) in [(&api, 1), (&web, 2), (&blue, 2), (&web, 3)] {
            sets.count(pod, place, -1);
        }
        assert!(sets.groups.is_empty());
    }

    #[test]
    fn pods_say_what_they_want_of_others() {
        let term = "{labelSelector: {matchLabels: {app: web}}, topologyKey: zone}";
        let far = pod_info_with(
            "far",
            "labels: {app: far}",
            &format!(
                "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{term}], \
                 preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 7, podAffinityTerm: {term}}}]}}}}\n\
                 containers: [{{}}]"
            ),
        );
        let web = pod_info_with("web", "labels: {app: web}", "containers: [{}]");
        let mut sets = PodSets::default();
        sets.count(&far, 1, 1);
        let said: Vec<_> = sets
            .wishes_about(&web, None)
            .map(|(wish, key, counts)| (wish, key.to_string(), counts.to_vec()))
            .collect();
        assert_eq!(
            said,
            [(Wish::Away, "zone".into(), vec![0, 1]), (Wish::Worth(-7), "zone".into(), vec![0, 1])]
        );
        assert_eq!(sets.wishes_about(&far, None).count(), 0);
        sets.count(&far, 1, -1);
        assert!(sets.wishes.is_empty());
    }
}
