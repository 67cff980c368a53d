//! Claims that must be bound, or be bindable on a node (upstream: plugins/volumebinding, volumerestrictions and
//! volumezone). Nodes here have no drivers that limit how many volumes they take, so NodeVolumeLimits never rejects.

use super::super::cache::Cache;
use super::super::node_info::NodeInfo;
use super::super::pod_info::PodInfo;
use super::super::status::{Plugin, Reason, Status};
use super::{Cycle, MOST};
use crate::api::objects::{NodeSelector, PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::api::scheduling::node_selector_matches;
use crate::api::volumes::{
    NO_PROVISIONER, SELECTED_NODE, Seeker, capacity, claims_of, find_matching, is_fully_bound, wanted,
};
use crate::api::{Object, ObjectKey};
use crate::value::typed::Typed;
use crate::value::{Str, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A claim that waits for its first Pod, with its class.
#[derive(Clone, Debug)]
struct Waiting {
    claim: Rc<PersistentVolumeClaim>,
    class: Rc<StorageClass>,
}

/// What the filters know before they look at nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// The volumes of claims that are bound; none where one is gone.
    bound: Vec<Option<Rc<PersistentVolume>>>,
    /// The smallest first.
    waiting: Vec<Waiting>,
    /// The volumes of the classes of those.
    free: Vec<Rc<PersistentVolume>>,
    /// Claims that only one Pod may use.
    alone: BTreeSet<Str>,
    /// How many others use them.
    users: i64,
    /// Labels of zones and regions that the bound volumes have, with the values that do.
    zones: Vec<(Str, BTreeSet<Str>)>,
}

/// What is done with a Pod's claims when it goes to a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct PodVolumes {
    /// Volumes that claims get.
    pub(in super::super) bindings: Vec<(Rc<PersistentVolume>, Rc<PersistentVolumeClaim>)>,
    /// Claims whose volumes are to be made there.
    pub(in super::super) provisions: Vec<Rc<PersistentVolumeClaim>>,
}

impl PodVolumes {
    /// Whether nothing is to be done.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.bindings.is_empty() && self.provisions.is_empty()
    }
    /// The claims' names.
    pub(in super::super) fn claims(&self) -> impl Iterator<Item = Str> {
        let bound = self.bindings.iter().map(|(_, claim)| claim);
        bound.chain(&self.provisions).map(|claim| claim.metadata.name.clone())
    }
    /// What is written.
    pub(in super::super) fn keys(&self) -> impl Iterator<Item = ObjectKey> {
        let bound = self.bindings.iter().map(|(volume, _)| Object::PersistentVolume(volume.clone()).key());
        bound.chain(self.provisions.iter().map(|claim| Object::PersistentVolumeClaim(claim.clone()).key()))
    }
}

const ZONE_LABELS: [&str; 4] = [
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
];

/// The label that has come in place of an old one.
fn today(label: &str) -> &str {
    match label {
        "failure-domain.beta.kubernetes.io/zone" => "topology.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region" => "topology.kubernetes.io/region",
        label => label,
    }
}

impl Filter {
    /// Looks the Pod's claims up, or says what is wrong with one of them.
    pub(super) fn new(pod: &PodInfo, cache: &Cache) -> Result<Self, Status> {
        let mut filter = Self::default();
        let namespace = &pod.key.namespace;
        let names: Vec<Str> = claims_of(&pod.pod).collect();
        if names.is_empty() {
            return Ok(filter);
        }
        let says = |name: &Str| pod.claims().any(|claim| claim == *name);
        let mut claims = Vec::new();
        for name in &names {
            match cache.claim(namespace, name) {
                Some(claim) => claims.push(claim),
                None if says(name) => {
                    let why = format!("persistentvolumeclaim \"{name}\" not found");
                    return Err(Status::unresolvable(Plugin::VolumeRestrictions, why));
                }
                None => {
                    let why = format!(
                        "waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\""
                    );
                    return Err(Status::unresolvable(Plugin::VolumeBinding, why));
                }
            }
        }
        let is_alone = |claim: &&Rc<PersistentVolumeClaim>| {
            claim.spec.access_modes.iter().any(|mode| &**mode == "ReadWriteOncePod")
        };
        filter.alone = claims.iter().filter(is_alone).map(|claim| claim.metadata.name.clone()).collect();
        filter.users = filter.alone.iter().filter(|claim| cache.uses_claim(namespace, claim)).count() as i64;
        filter.sort_claims(&claims, cache)?;
        filter.find_zones();
        Ok(filter)
    }
    /// Whether it rejects no node.
    pub(super) fn is_empty(&self) -> bool {
        self.users == 0 && self.bound.is_empty() && self.waiting.is_empty()
    }
    fn sort_claims(&mut self, claims: &[Rc<PersistentVolumeClaim>], cache: &Cache) -> Result<(), Status> {
        let refuse = |why: String| Err(Status::unresolvable(Plugin::VolumeBinding, why));
        for claim in claims {
            let name = &claim.metadata.name;
            if &*claim.status.phase == "Lost" {
                let volume = &claim.spec.volume_name;
                return refuse(format!(
                    "persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\""
                ));
            }
            if claim.metadata.is_terminating() {
                return refuse(format!("persistentvolumeclaim \"{name}\" is being deleted"));
            }
        }
        let mut has_immediate = false;
        for claim in claims {
            if is_fully_bound(claim) {
                self.bound.push(cache.volume(&claim.spec.volume_name));
                continue;
            }
            let class = cache.heard.typed::<StorageClass>("", claim.class()).filter(|class| class.waits());
            match class {
                Some(class) if claim.spec.volume_name.is_empty() => {
                    self.waiting.push(Waiting { claim: claim.clone(), class: class.clone() });
                }
                _ => has_immediate = true,
            }
        }
        if has_immediate {
            return refuse("pod has unbound immediate PersistentVolumeClaims".into());
        }
        self.waiting.sort_by_key(|waiting| wanted(&waiting.claim));
        let is_meant = |volume: &Rc<PersistentVolume>| {
            self.waiting.iter().any(|waiting| waiting.claim.class() == volume.class())
        };
        self.free =
            if self.waiting.is_empty() { Vec::new() } else { cache.volumes().filter(is_meant).collect() };
        Ok(())
    }
    fn find_zones(&mut self) {
        for volume in self.bound.iter().flatten() {
            for label in ZONE_LABELS {
                if let Some(values) = volume.metadata.labels.get(label) {
                    // A volume can be in several zones: `a__b`.
                    self.zones.push((label.into(), values.split("__").map(Str::from).collect()));
                }
            }
        }
    }
    pub(super) fn count(&mut self, own: &PodInfo, pod: &PodInfo, by: i64) {
        if !self.alone.is_empty() && own.key.namespace == pod.key.namespace {
            self.users += by * pod.claims().filter(|claim| self.alone.contains(claim)).count() as i64;
        }
    }
    /// What would be done with the claims on a node, or why they keep the Pod from it.
    fn find(&self, node: &NodeInfo) -> Result<PodVolumes, Vec<Reason>> {
        let mut reasons = Vec::new();
        let is_missing = self.bound.iter().any(Option::is_none);
        if !is_missing && !self.bound.iter().flatten().all(|volume| is_reachable(volume, node)) {
            reasons.push(Reason::Borrowed("node(s) didn't match PersistentVolume's node affinity"));
        }
        let found = self.find_for_waiting(node);
        if found.is_none() {
            reasons.push(Reason::Borrowed("node(s) didn't find available persistent volumes to bind"));
        }
        if is_missing {
            let reason = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
            reasons.push(Reason::Borrowed(reason));
        }
        if reasons.is_empty() { Ok(found.unwrap_or_default()) } else { Err(reasons) }
    }
    fn find_for_waiting(&self, node: &NodeInfo) -> Option<PodVolumes> {
        let mut found = PodVolumes::default();
        let mut taken = BTreeSet::new();
        let mut to_provision = Vec::new();
        for waiting in &self.waiting {
            let Waiting { claim, .. } = waiting;
            if let Some(selected) = claim.metadata.annotations.get(SELECTED_NODE) {
                if *selected != node.node.metadata.name {
                    return None;
                }
                to_provision.push(waiting);
                continue;
            }
            let reach = |volume: &PersistentVolume| is_reachable(volume, node);
            match find_matching(claim, self.free.iter(), &Seeker::Node(&reach, &taken)) {
                Some(volume) => {
                    taken.insert(volume.metadata.name.clone());
                    found.bindings.push((volume, claim.clone()));
                }
                None => to_provision.push(waiting),
            }
        }
        for Waiting { claim, class } in to_provision {
            let is_made = !class.provisioner.is_empty() && &*class.provisioner != NO_PROVISIONER;
            if !is_made || !allows(class, node) {
                return None;
            }
            found.provisions.push(claim.clone());
        }
        Some(found)
    }
    /// The fuller the volumes that the claims would get are, the better (upstream: StorageCapacityScoring).
    fn score(&self, node: &NodeInfo) -> i64 {
        let Ok(found) = self.find(node) else { return 0 };
        let mut classes: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for (volume, claim) in &found.bindings {
            let (asked, has) = classes.entry(volume.class()).or_default();
            *asked += wanted(claim).value();
            *has += capacity(volume).value();
        }
        let score = |(asked, has): &(i64, i64)| {
            if *has == 0 || asked > has { 0 } else { MOST - asked * MOST / has }
        };
        match classes.len() as i64 {
            0 => 0,
            // Rounded to the nearest.
            n => (2 * classes.values().map(score).sum::<i64>() + n) / (2 * n),
        }
    }
}

/// Whether a volume can be reached from a node.
fn is_reachable(volume: &PersistentVolume, node: &NodeInfo) -> bool {
    let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.get("required"));
    let selector = required.and_then(|required| NodeSelector::decode(required).ok());
    selector.is_none_or(|selector| node_selector_matches(&selector, &node.node))
}

/// Whether a class makes volumes for a node (`allowedTopologies`).
fn allows(class: &StorageClass, node: &NodeInfo) -> bool {
    let terms = class.extra.as_ref().and_then(|extra| extra.get("allowedTopologies"));
    let terms = terms.and_then(Value::as_array).unwrap_or_default();
    let list = |value: &Value, key: &str| -> Vec<Value> {
        value.get(key).and_then(Value::as_array).unwrap_or_default().to_vec()
    };
    let holds = |expression: &Value| {
        let value = expression.get("key").and_then(Value::as_str).and_then(|key| node.label(key));
        value.is_some_and(|value| list(expression, "values").iter().any(|one| one.as_str() == Some(&**value)))
    };
    terms.is_empty()
        || terms.iter().any(|term| {
            let expressions = list(term, "matchLabelExpressions");
            !expressions.is_empty() && expressions.iter().all(holds)
        })
}

/// Whether others use a claim that only one may.
pub(super) fn restrictions(cycle: &Cycle, _: &NodeInfo) -> Result<(), Status> {
    if cycle.volumes.users > 0 {
        let reason = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
        return Err(Status::unschedulable(Plugin::VolumeRestrictions, reason));
    }
    Ok(())
}

/// Whether the claims can be bound on a node.
pub(super) fn binding(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    if cycle.volumes.bound.is_empty() && cycle.volumes.waiting.is_empty() {
        return Ok(());
    }
    match cycle.volumes.find(node) {
        Ok(_) => Ok(()),
        Err(reasons) => Err(Status { plugin: Plugin::VolumeBinding, is_resolvable: false, reasons }),
    }
}

/// Whether a node takes one more volume of a CSI driver. No node here has a driver that says how many it takes.
pub(super) fn limits(_: &Cycle, _: &NodeInfo) -> Result<(), Status> {
    Ok(())
}

/// Whether a node lies in the zones of the volumes. A node that lies in none is not asked.
pub(super) fn zone(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    let zones = &cycle.volumes.zones;
    if zones.is_empty() || !ZONE_LABELS.iter().any(|label| node.label(label).is_some()) {
        return Ok(());
    }
    let is_there = |(label, values): &(Str, BTreeSet<Str>)| {
        node.label(label).or_else(|| node.label(today(label))).is_some_and(|value| values.contains(value))
    };
    if zones.iter().all(is_there) {
        return Ok(());
    }
    Err(Status::unresolvable(Plugin::VolumeZone, "node(s) had no available volume zone"))
}

/// What is done with a Pod's claims when it goes to a node.
pub(in super::super) fn reserve(cycle: &Cycle, node: &NodeInfo) -> PodVolumes {
    cycle.volumes.find(node).unwrap_or_default()
}

/// None where no claim waits.
pub(super) fn score(cycle: &Cycle, nodes: &[&NodeInfo]) -> Option<Vec<i64>> {
    if cycle.volumes.waiting.is_empty() {
        return None;
    }
    Some(nodes.iter().map(|node| cycle.volumes.score(node)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, diagnose, filter_all, node, pod_with, yaml};
    use super::*;
    use crate::cluster::record::Change;

    const POD: &str = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\ncontainers: [{}]";

    fn with(objects: &[&str]) -> Cache {
        let nodes = [
            node("node-1", "labels: {disk: ssd, topology.kubernetes.io/zone: a}"),
            node("node-2", "labels: {topology.kubernetes.io/zone: b}"),
        ];
        let mut cache = cache_of(&[], &nodes);
        for text in objects {
            let value = yaml(text);
            let kind = value.get("kind").and_then(Value::as_str).and_then(crate::api::Kind::named);
            let object = Object::decode(kind.expect("a kind"), &value).expect("an object");
            cache.heard.apply(Change::Added, object, None);
        }
        cache
    }

    fn claim(more: &str) -> String {
        format!(
            "kind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: default, annotations: {{pv.kubernetes.io/bind-completed: 'yes'}}}}\n{more}"
        )
    }

    fn waiting(class: &str) -> String {
        format!(
            "kind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: default}}\nspec: {{storageClassName: {class}, accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}"
        )
    }

    fn class(provisioner: &str, more: &str) -> String {
        format!(
            "kind: StorageClass\nmetadata: {{name: late}}\nprovisioner: {provisioner}\nvolumeBindingMode: WaitForFirstConsumer\n{more}"
        )
    }

    fn volume(name: &str, metadata: &str, spec: &str) -> String {
        format!(
            "kind: PersistentVolume\nmetadata: {{name: {name}{metadata}}}\nspec: {{capacity: {{storage: 2Gi}}, accessModes: [ReadWriteOnce]{spec}}}\nstatus: {{phase: Available}}"
        )
    }

    const SSD: &str = ", nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}";

    #[test]
    fn claims_that_cannot_be_used_are_said_once() {
        let bad = |objects: &[&str]| diagnose(&mut with(objects), POD);
        for (claim, why) in [
            (None, "persistentvolumeclaim \"data\" not found"),
            (
                Some(claim("spec: {volumeName: gone}\nstatus: {phase: Lost}")),
                "persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"gone\"",
            ),
            (Some(waiting("manual")), "pod has unbound immediate PersistentVolumeClaims"),
            (Some(waiting("''")), "pod has unbound immediate PersistentVolumeClaims"),
        ] {
            let objects: Vec<&str> = claim.iter().map(String::as_str).collect();
            assert_eq!(bad(&objects), format!("0/2 nodes are available: {why}. not found"));
        }
    }

    #[test]
    fn a_bound_volume_is_reached_from_its_nodes() {
        let claim = claim("spec: {volumeName: v}\nstatus: {phase: Bound}");
        let of = |volume: &str| filter_all(&mut with(&[&claim, volume]), POD);
        assert_eq!(of(&volume("v", "", "")), "- | -");
        assert_eq!(of(&volume("v", "", SSD)), "- | node(s) didn't match PersistentVolume's node affinity !");
        assert_eq!(
            of(&volume("w", "", "")),
            "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s) ! | node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s) !"
        );
        let zoned = volume("v", ", labels: {topology.kubernetes.io/zone: b__c}", "");
        assert_eq!(of(&zoned), "node(s) had no available volume zone ! | -");
    }

    #[test]
    fn a_claim_that_waits_finds_a_volume_or_has_it_made() {
        let none = "node(s) didn't find available persistent volumes to bind !";
        let by_hand = class("kubernetes.io/no-provisioner", "");
        let claim = waiting("late");
        let late = |more: &str| format!(", storageClassName: late{more}");
        assert_eq!(filter_all(&mut with(&[&claim, &by_hand]), POD), format!("{none} | {none}"));
        let ssd = volume("v", "", &late(SSD));
        assert_eq!(filter_all(&mut with(&[&claim, &by_hand, &ssd]), POD), format!("- | {none}"));
        let made = class("example.com/disks", "");
        assert_eq!(filter_all(&mut with(&[&claim, &made]), POD), "- | -");
        let in_b =
            "allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [b]}]}]";
        assert_eq!(
            filter_all(&mut with(&[&claim, &class("example.com/disks", in_b)]), POD),
            format!("{none} | -")
        );
    }

    #[test]
    fn a_claim_for_one_pod_is_used_by_one() {
        let claim = claim("spec: {volumeName: v, accessModes: [ReadWriteOncePod]}\nstatus: {phase: Bound}");
        let mut cache = with(&[&claim, &volume("v", "", "")]);
        assert_eq!(filter_all(&mut cache, POD), "- | -");
        cache.set_pod(&Rc::new(pod_with("other", "{}", &format!("nodeName: node-1\n{POD}"))));
        let used = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
        assert_eq!(filter_all(&mut cache, POD), format!("{used} | {used}"));
    }
}
