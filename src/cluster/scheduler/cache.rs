//! What the scheduler has heard of: nodes with what is on them, Pods, and the objects that decisions ask after
//! (upstream: pkg/scheduler/backend/cache). What is kept up here is what upstream's snapshot holds.

use super::node_info::NodeInfo;
use super::pod_info::PodInfo;
use super::pod_sets::{Counts, PodSet, PodSets};
use crate::api::labels::Selector;
use crate::api::objects::{
    Labels, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicaSet, ReplicationController,
    Service, StatefulSet,
};
use crate::api::volumes::claims_of;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer;
use crate::cluster::keys::Keys;
use crate::cluster::record::NodeId;
use crate::cluster::table::Table;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A Pod, and where it lies.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) info: Rc<PodInfo>,
    /// Its newest state.
    pub(super) pod: Rc<Pod>,
    /// Its node's place.
    pub(super) place: Option<usize>,
    /// Whether it is only about to be bound there.
    pub(super) is_assumed: bool,
}

/// The values that nodes have for a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Topology {
    /// How many different ones there are.
    pub(super) domains: usize,
    /// Of each node by its place the number of its value.
    of: Vec<Option<u32>>,
}

impl Topology {
    /// The number of a node's value.
    pub(super) fn domain(&self, place: usize) -> Option<usize> {
        self.of.get(place).copied().flatten().map(|domain| domain as usize)
    }
}

/// The cache.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    /// By their places. None where a node is gone, or a Pod names one that never was.
    nodes: Vec<Option<NodeInfo>>,
    places: Table<Str, usize>,
    /// The numbers of the cluster's machines. A node that somebody has only written down has none.
    ids: BTreeMap<Str, NodeId>,
    /// The nodes of each zone, in the order in which they came (upstream: nodeTree).
    zones: Vec<(Str, Vec<usize>)>,
    /// All nodes: one of each zone in turn.
    order: Vec<usize>,
    pods: Table<ObjectKey, Known>,
    pod_keys: Keys,
    sets: PodSets,
    topologies: BTreeMap<Str, Rc<Topology>>,
    /// On how many nodes an image is.
    image_nodes: BTreeMap<Str, i64>,
    /// The other kinds.
    pub(super) heard: informer::Cache,
    /// Claims and volumes as they are about to be.
    assumed: BTreeMap<ObjectKey, Object>,
    /// How many Pods that have a node use a claim, by its Namespace and name.
    claim_users: BTreeMap<(Str, Str), u32>,
}

/// Region and zone of a node (upstream: component-helpers/node/topology GetZoneKey).
fn zone_of(node: &Node) -> Str {
    let label = |new: &str, old: &str| {
        let labels = &node.metadata.labels;
        labels.get(new).or_else(|| labels.get(old)).cloned().unwrap_or_default()
    };
    let region = label("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region");
    let zone = label("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone");
    if region.is_empty() && zone.is_empty() { Str::default() } else { format!("{region}:\0:{zone}").into() }
}

impl Cache {
    fn place_of(&mut self, name: &Str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.nodes.push(None);
        self.places.insert(name.clone(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }
    /// Learns the number of a machine.
    pub(super) fn know_machine(&mut self, name: &Str, id: NodeId) {
        self.ids.insert(name.clone(), id);
        let place = self.places.get(name).copied();
        if let Some(info) = place.and_then(|place| self.nodes[place].as_mut()) {
            info.id = id;
        }
    }
    /// Takes a node's newest state. Gives the one before.
    pub(super) fn set_node(&mut self, node: &Rc<Node>) -> Option<Rc<Node>> {
        let place = self.place_of(&node.metadata.name);
        let id = self.ids.get(&node.metadata.name).copied().unwrap_or(NodeId(u16::MAX));
        let zone = zone_of(node);
        let old = self.nodes[place].as_ref().map(|info| info.node.clone());
        if let Some(info) = &self.nodes[place] {
            Self::count_images(&mut self.image_nodes, info, -1);
        }
        if let Some(info) = &mut self.nodes[place] {
            info.set_node(node.clone());
        } else {
            let mut info = NodeInfo::new(id, place, node.clone());
            let all = self.pod_keys.all().filter_map(|key| self.pods.get(key));
            all.filter(|known| known.place == Some(place)).for_each(|known| info.add_pod(&known.info));
            self.nodes[place] = Some(info);
        }
        if let Some(info) = &self.nodes[place] {
            Self::count_images(&mut self.image_nodes, info, 1);
        }
        if old.as_ref().is_none_or(|old| zone_of(old) != zone) {
            self.leave_zone(place);
            match self.zones.iter_mut().find(|(name, _)| *name == zone) {
                Some((_, places)) => places.push(place),
                None => self.zones.push((zone, vec![place])),
            }
            self.line_up();
        }
        if old.as_ref().is_none_or(|old| old.metadata.labels != node.metadata.labels) {
            self.topologies.clear();
        }
        old
    }
    /// Forgets a node. Pods that lie on it are still known.
    pub(super) fn remove_node(&mut self, name: &Str) {
        let Some(place) = self.places.get(name).copied() else { return };
        if let Some(info) = self.nodes[place].take() {
            Self::count_images(&mut self.image_nodes, &info, -1);
        }
        self.leave_zone(place);
        self.line_up();
        self.topologies.clear();
    }
    fn count_images(image_nodes: &mut BTreeMap<Str, i64>, info: &NodeInfo, by: i64) {
        for name in info.images.keys() {
            *image_nodes.entry(name.clone()).or_default() += by;
        }
    }
    fn leave_zone(&mut self, place: usize) {
        for (_, places) in &mut self.zones {
            places.retain(|other| *other != place);
        }
        self.zones.retain(|(_, places)| !places.is_empty());
    }
    fn line_up(&mut self) {
        let longest = self.zones.iter().map(|(_, places)| places.len()).max().unwrap_or(0);
        let turn = |n: usize| self.zones.iter().filter_map(move |(_, places)| places.get(n).copied());
        self.order = (0..longest).flat_map(turn).collect();
    }
    /// The places of all nodes, in the order in which they are looked at.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }
    /// The node at a place.
    pub(super) fn at(&self, place: usize) -> Option<&NodeInfo> {
        self.nodes.get(place)?.as_ref()
    }
    /// All nodes, in the order in which they are looked at.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &NodeInfo> {
        self.order.iter().filter_map(|place| self.at(*place))
    }
    /// A node by its name.
    pub(super) fn node(&self, name: &Str) -> Option<&NodeInfo> {
        self.at(*self.places.get(name)?)
    }
    /// Where the node of this name stands.
    pub(super) fn name_at(&self, place: usize) -> Str {
        self.at(place).map(|info| info.node.metadata.name.clone()).unwrap_or_default()
    }
    /// On how many nodes an image is.
    pub(super) fn image_nodes(&self, name: &str) -> i64 {
        self.image_nodes.get(name).copied().unwrap_or(0)
    }

    /// A Pod.
    pub(super) fn pod(&self, key: &ObjectKey) -> Option<&Known> {
        self.pods.get(key)
    }
    /// Takes a Pod's newest state, and where it lies now. Gives what was known before.
    pub(super) fn set_pod(&mut self, pod: &Rc<Pod>) -> (Option<Known>, Rc<PodInfo>) {
        let key = ObjectKey::new(Kind::Pod, pod.metadata.namespace.clone(), pod.metadata.name.clone());
        let node = &pod.spec.node_name;
        if let Some(known) = self.pods.get_mut(&key)
            && known.info.still_holds(pod)
        {
            let old = known.clone();
            known.pod = pod.clone();
            return (Some(old), known.info.clone());
        }
        let info = Rc::new(PodInfo::new(pod));
        let old = self.pods.get(&key).cloned();
        // A Pod that is about to be bound lies where it is assumed until it is seen bound.
        let assumed = old.as_ref().filter(|old| old.is_assumed && node.is_empty()).and_then(|old| old.place);
        let place = if node.is_empty() { assumed } else { Some(self.place_of(node)) };
        self.take_out(&key);
        let known = Known { info: info.clone(), pod: pod.clone(), place, is_assumed: assumed.is_some() };
        self.put_in(&known);
        if old.is_none() {
            self.pod_keys.add(key.clone());
        }
        self.pods.insert(key, known);
        (old, info)
    }
    /// Counts a Pod on the node that it is about to be bound to.
    pub(super) fn assume(&mut self, key: &ObjectKey, place: usize) {
        if let Some(known) = self.pods.get_mut(key) {
            (known.place, known.is_assumed) = (Some(place), true);
            let known = known.clone();
            self.put_in(&known);
        }
    }
    /// Takes that back.
    pub(super) fn forget(&mut self, key: &ObjectKey) {
        if self.pods.get(key).is_some_and(|known| known.is_assumed) {
            self.take_out(key);
        }
    }
    /// A Pod is gone.
    pub(super) fn remove_pod(&mut self, key: &ObjectKey) -> Option<Known> {
        let known = self.pods.get(key).cloned()?;
        self.take_out(key);
        self.pods.remove(key);
        self.pod_keys.remove(key);
        Some(known)
    }
    fn put_in(&mut self, known: &Known) {
        let Some(place) = known.place else { return };
        self.sets.count(&known.info, place, 1);
        for claim in claims_of(&known.info.pod) {
            *self.claim_users.entry((known.info.key.namespace.clone(), claim)).or_default() += 1;
        }
        if let Some(info) = self.nodes.get_mut(place).and_then(Option::as_mut) {
            info.add_pod(&known.info);
        }
    }
    fn take_out(&mut self, key: &ObjectKey) {
        let Some(known) = self.pods.get_mut(key) else { return };
        known.is_assumed = false;
        let (Some(place), info) = (known.place.take(), known.info.clone()) else { return };
        self.sets.count(&info, place, -1);
        for claim in claims_of(&info.pod) {
            let key = (info.key.namespace.clone(), claim);
            if let Some(users) = self.claim_users.get_mut(&key) {
                *users -= 1;
                if *users == 0 {
                    self.claim_users.remove(&key);
                }
            }
        }
        if let Some(node) = self.nodes.get_mut(place).and_then(Option::as_mut) {
            node.remove_pod(&info);
        }
    }
    /// How many Pods of a set lie on each node.
    pub(super) fn counts(&self, set: &PodSet) -> Counts {
        self.sets.counts(set)
    }
    /// What the Pods that are there want of others.
    pub(super) fn sets(&self) -> &PodSets {
        &self.sets
    }
    /// The values that nodes have for a label.
    pub(super) fn topology(&mut self, key: &Str) -> Rc<Topology> {
        if let Some(topology) = self.topologies.get(key) {
            return topology.clone();
        }
        let mut numbers: BTreeMap<Str, u32> = BTreeMap::new();
        let of = self.nodes.iter().map(|info| {
            let value = info.as_ref()?.label(key)?.clone();
            let next = numbers.len() as u32;
            Some(*numbers.entry(value).or_insert(next))
        });
        let of: Vec<_> = of.collect();
        let topology = Rc::new(Topology { domains: numbers.len(), of });
        self.topologies.insert(key.clone(), topology.clone());
        topology
    }

    /// A claim, as it is or as it is about to be.
    pub(super) fn claim(&self, namespace: &str, name: &str) -> Option<Rc<PersistentVolumeClaim>> {
        let key = ObjectKey::new(Kind::PersistentVolumeClaim, namespace, name);
        self.assumed.get(&key).or_else(|| self.heard.get(&key))?.get::<PersistentVolumeClaim>().cloned()
    }
    /// A volume, as it is or as it is about to be.
    pub(super) fn volume(&self, name: &str) -> Option<Rc<PersistentVolume>> {
        let key = ObjectKey::new(Kind::PersistentVolume, "", name);
        self.assumed.get(&key).or_else(|| self.heard.get(&key))?.get::<PersistentVolume>().cloned()
    }
    /// All volumes.
    pub(super) fn volumes(&self) -> impl Iterator<Item = Rc<PersistentVolume>> {
        let all = self.heard.list(Kind::PersistentVolume, None);
        all.filter_map(|object| self.volume(&object.meta().name))
    }
    /// Whether Pods that have a node use a claim.
    pub(super) fn uses_claim(&self, namespace: &str, claim: &str) -> bool {
        self.claim_users.contains_key(&(namespace.into(), claim.into()))
    }
    /// Takes a claim or a volume as it is about to be, until its next change is heard of.
    pub(super) fn assume_object(&mut self, object: Object) {
        self.assumed.insert(object.key(), object);
    }
    /// Takes that back.
    pub(super) fn forget_object(&mut self, key: &ObjectKey) {
        self.assumed.remove(key);
    }
    /// The labels of a Namespace.
    pub(super) fn namespace_labels(&self, namespace: &str) -> Option<&Labels> {
        self.heard.typed::<Namespace>("", namespace).map(|namespace| &namespace.metadata.labels)
    }
    /// The names of Namespaces with certain labels.
    pub(super) fn namespaces_like(&self, selector: &Selector) -> impl Iterator<Item = Str> {
        let all = self.heard.list_typed::<Namespace>("");
        all.filter(|namespace| selector.matches(&namespace.metadata.labels))
            .map(|namespace| namespace.metadata.name.clone())
    }
    /// What selects a Pod's like: the Services in front of it, and its controller
    /// (upstream: plugins/helper DefaultSelector). None where that would be everything.
    pub(super) fn default_selector(&self, pod: &PodInfo) -> Option<Selector> {
        let mut labels = Labels::new();
        for service in self.heard.list_typed::<Service>(&pod.key.namespace) {
            let selector = &service.spec.selector;
            let selects = selector.iter().all(|(key, value)| pod.labels().get(key) == Some(value));
            if !selector.is_empty() && selects {
                labels.extend(selector.clone());
            }
        }
        let mut selector = Selector::from_labels(&labels);
        let owner = pod.pod.metadata.controller().and_then(|owner| {
            let (namespace, name) = (&pod.key.namespace, &owner.name);
            let of = |selector| Selector::from_label_selector(selector).ok();
            match &*owner.kind {
                "ReplicaSet" => of(&self.heard.typed::<ReplicaSet>(namespace, name)?.spec.selector),
                "StatefulSet" => of(&self.heard.typed::<StatefulSet>(namespace, name)?.spec.selector),
                "ReplicationController" => {
                    let own = self.heard.typed::<ReplicationController>(namespace, name)?;
                    Some(Selector::from_labels(&own.spec.selector))
                }
                _ => None,
            }
        });
        if let Some(own) = owner {
            selector = match selector.is_everything() {
                true => own,
                false => {
                    Selector::new(selector.requirements().iter().chain(own.requirements()).cloned().collect())
                }
            };
        }
        (!selector.is_everything()).then_some(selector)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cache, node, pod_with};
    use super::*;

    #[test]
    fn nodes_are_looked_at_zone_by_zone() {
        let mut cache = Cache::default();
        for (name, zone) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("c1", "c"), ("a3", "a"), ("b2", "b")] {
            cache.set_node(&node(name, &format!("labels: {{topology.kubernetes.io/zone: {zone}}}")));
        }
        let names = |cache: &Cache| {
            cache.order().iter().map(|place| cache.name_at(*place)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&cache), "a1 b1 c1 a2 b2 a3");
        cache.remove_node(&"b1".into());
        assert_eq!(names(&cache), "a1 b2 c1 a2 a3");
        cache.set_node(&node("a1", "labels: {topology.kubernetes.io/zone: c}"));
        assert_eq!(names(&cache), "a2 b2 c1 a3 a1");
    }

    #[test]
    fn an_assumed_pod_is_counted_until_it_is_forgotten_or_seen() {
        let mut cache = cache(&["node-1"]);
        let key = ObjectKey::new(Kind::Pod, "default", "web");
        let spec = "containers: [{resources: {requests: {cpu: 1}}}]";
        cache.set_pod(&Rc::new(pod_with("web", "{}", spec)));
        cache.assume(&key, 0);
        let cpu = |cache: &Cache| cache.at(0).expect("there").requested.milli_cpu;
        assert_eq!(cpu(&cache), 1000);
        // A change of the Pod that does not bind it leaves it there.
        cache.set_pod(&Rc::new(pod_with("web", "labels: {a: b}", spec)));
        assert_eq!(cpu(&cache), 1000);
        cache.forget(&key);
        assert_eq!(cpu(&cache), 0);
        cache.assume(&key, 0);
        cache.set_pod(&Rc::new(pod_with("web", "{}", &format!("nodeName: node-1\n{spec}"))));
        assert_eq!(cpu(&cache), 1000);
        cache.forget(&key);
        assert_eq!(cpu(&cache), 1000);
        cache.remove_pod(&key);
        assert_eq!(cpu(&cache), 0);
    }

    #[test]
    fn a_pod_on_a_node_that_comes_later_is_counted_then() {
        let mut cache = Cache::default();
        let spec = "nodeName: late\ncontainers: [{resources: {requests: {cpu: 1}}}]";
        cache.set_pod(&Rc::new(pod_with("web", "{}", spec)));
        assert_eq!(cache.order().len(), 0);
        cache.know_machine(&"late".into(), NodeId(7));
        cache.set_node(&node("late", "{}"));
        let info = cache.node(&"late".into()).expect("there");
        assert_eq!((info.id, info.requested.milli_cpu), (NodeId(7), 1000));
    }
}
