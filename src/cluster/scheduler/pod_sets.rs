//! How many Pods of a kind lie on each node, counted once and then kept up with each change: what upstream counts
//! anew in each cycle for topology spread and affinity between Pods.

use super::pod_info::{AffinityTerm, PodInfo};
use crate::api::labels::Selector;
use crate::api::objects::Labels;
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
        self.namespaces.as_ref().is_none_or(|namespaces| namespaces.contains(&pod.key.namespace))
            && self.selector.as_ref().is_some_and(|selector| selector.matches(pod.labels()))
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
    pub(super) fn has(&self, pod: &PodInfo) -> bool {
        !(self.alive && pod.pod.metadata.is_terminating()) && self.scopes.iter().all(|scope| scope.has(pod))
    }
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

/// So many sets are kept up; the one that was asked for least lately goes first.
const MOST_SETS: usize = 256;

#[derive(Clone, Debug)]
struct Kept {
    counts: Counts,
    asked: u64,
}

/// The counts.
#[derive(Clone, Debug, Default)]
pub(super) struct PodSets {
    kept: BTreeMap<PodSet, Kept>,
    asked: u64,
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
        for (set, kept) in &mut self.kept {
            if set.has(pod) {
                change(&mut kept.counts, place, by);
            }
        }
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
    /// How many Pods of a set lie on each node. `all` are the Pods that are there, with their nodes' places.
    pub(super) fn counts<'a>(
        &mut self,
        set: PodSet,
        all: impl Iterator<Item = (&'a PodInfo, usize)>,
    ) -> Counts {
        self.asked += 1;
        if let Some(kept) = self.kept.get_mut(&set) {
            kept.asked = self.asked;
            return kept.counts.clone();
        }
        let mut counts = Counts::default();
        for (pod, place) in all {
            if set.has(pod) {
                change(&mut counts, place, 1);
            }
        }
        if self.kept.len() >= MOST_SETS
            && let Some(oldest) =
                self.kept.iter().min_by_key(|(_, kept)| kept.asked).map(|(set, _)| set.clone())
        {
            self.kept.remove(&oldest);
        }
        self.kept.insert(set, Kept { counts: counts.clone(), asked: self.asked });
        counts
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
    fn counts_are_kept_up() {
        let web = pod_info_with("web", "labels: {app: web}", "containers: [{}]");
        let api = pod_info_with("api", "labels: {app: api}", "containers: [{}]");
        let mut sets = PodSets::default();
        assert_eq!(*sets.counts(set("app=web"), [(&*web, 0), (&*api, 1), (&*web, 2)].into_iter()), [1, 0, 1]);
        sets.count(&web, 3, 1);
        sets.count(&api, 3, 1);
        sets.count(&web, 0, -1);
        assert_eq!(*sets.counts(set("app=web"), std::iter::empty()), [0, 0, 1, 1]);
    }

    #[test]
    fn only_so_many_sets_are_kept() {
        let mut sets = PodSets::default();
        for n in 0..MOST_SETS + 10 {
            sets.counts(set(&format!("app=a{n}")), std::iter::empty());
        }
        assert_eq!(sets.kept.len(), MOST_SETS);
        assert!(!sets.kept.contains_key(&set("app=a0")));
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
