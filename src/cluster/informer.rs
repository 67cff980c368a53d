//! What a component has heard from its watches: a copy of the store that lags behind it.

use super::keys::{Keys, KeysByKind};
use super::record::{Change, RecordId};
use super::table::{SortedTable, Table};
use super::tally::PodTally;
use crate::api::objects::{Labels, ObjectMeta, Pod, Simulated};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A change as a component hears it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// How the object changed.
    pub change: Change,
    /// What the component knew before.
    pub old: Option<Object>,
    /// The object now; of a deleted one its last state.
    pub object: Object,
    /// The record of the message.
    pub cause: Option<RecordId>,
}

/// The copy, with the indices that controllers need.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    objects: Table<ObjectKey, Object>,
    keys: KeysByKind,
    /// What each controller manages, by its uid.
    by_controller: BTreeMap<Str, Group>,
    /// What nobody manages, by its Namespace.
    orphans: BTreeMap<Str, Group>,
    /// The Pods of each node.
    by_node: SortedTable<Str, Keys>,
    /// The Pods of each Namespace by their labels: those of one workload mostly have the same.
    by_labels: BTreeMap<Str, BTreeMap<Labels, Keys>>,
    /// Up to which revision of the store each kind is known.
    revisions: BTreeMap<Kind, u64>,
}

/// The objects of one controller, or those of a Namespace that none manages.
#[derive(Clone, Debug, Default)]
struct Group {
    keys: Keys,
    pods: PodTally,
}

impl Cache {
    /// Takes a change in and gives what is heard.
    pub fn apply(&mut self, change: Change, object: Object, cause: Option<RecordId>) -> Heard {
        let key = object.key();
        if let Ok(revision) = object.meta().resource_version.parse::<u64>() {
            let known = self.revisions.entry(key.kind).or_default();
            *known = revision.max(*known);
        }
        let is_gone = change == Change::Deleted;
        let old = if is_gone {
            let old = self.objects.remove(&key);
            if old.is_some() {
                self.keys.remove(&key);
            }
            old
        } else {
            self.objects.insert(key.clone(), object.clone())
        };
        self.index_node(old.as_ref(), (change != Change::Deleted).then_some(&object), &key);
        self.index_labels(old.as_ref(), (change != Change::Deleted).then_some(&object), &key);
        if old.is_none() && !is_gone {
            self.keys.add(key.clone());
        }
        let owner = |object: &Object| object.meta().controller().map(|owner| owner.uid.clone());
        let has_moved = is_gone || old.as_ref().is_none_or(|old| owner(old) != owner(&object));
        if !has_moved {
            let was = old.as_ref().and_then(|old| old.get::<Pod>());
            if let (Some(was), Some(is)) = (was, object.get::<Pod>()) {
                self.in_group(&object, |group| group.pods.recount(was, is));
            }
            return Heard { change, old, object, cause };
        }
        if let Some(old) = &old {
            self.in_group(old, |group| {
                group.keys.remove(&key);
                if let Some(pod) = old.get::<Pod>() {
                    group.pods.count(pod, -1);
                }
            });
        }
        if !is_gone {
            self.in_group(&object, |group| {
                group.keys.add(key);
                if let Some(pod) = object.get::<Pod>() {
                    group.pods.count(pod, 1);
                }
            });
        }
        Heard { change, old, object, cause }
    }
    /// Changes the group that an object belongs to; one that is empty afterwards is forgotten.
    fn in_group(&mut self, object: &Object, change: impl FnOnce(&mut Group)) {
        let meta = object.meta();
        let (groups, name) = match meta.controller() {
            Some(owner) => (&mut self.by_controller, &owner.uid),
            None => (&mut self.orphans, &meta.namespace),
        };
        match groups.get_mut(name) {
            Some(group) => change(group),
            None => change(groups.entry(name.clone()).or_default()),
        }
        if groups.get(name).is_some_and(|group| group.keys.is_empty()) {
            groups.remove(name);
        }
    }
    /// Pods are found by their nodes too.
    fn index_node(&mut self, old: Option<&Object>, new: Option<&Object>, key: &ObjectKey) {
        let node = |pod: &'_ Rc<Pod>| Some(pod.spec.node_name.clone()).filter(|node| !node.is_empty());
        let (was, is) = (pod(old).and_then(node), pod(new).and_then(node));
        if was == is {
            return;
        }
        if let Some(was) = was
            && let Some(keys) = self.by_node.get_mut(&was)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.by_node.remove(&was);
            }
        }
        if let Some(is) = is {
            match self.by_node.get_mut(&is) {
                Some(keys) => keys.add(key.clone()),
                None => {
                    let mut keys = Keys::default();
                    keys.add(key.clone());
                    self.by_node.insert(is, keys);
                }
            }
        }
    }
    /// Pods are found by their labels too.
    fn index_labels(&mut self, old: Option<&Object>, new: Option<&Object>, key: &ObjectKey) {
        let (was, is) = (pod(old).map(|pod| &pod.metadata.labels), pod(new).map(|pod| &pod.metadata.labels));
        if was == is {
            return;
        }
        let sets = match self.by_labels.get_mut(&key.namespace) {
            Some(sets) => sets,
            None => self.by_labels.entry(key.namespace.clone()).or_default(),
        };
        if let Some(was) = was
            && let Some(keys) = sets.get_mut(was)
        {
            keys.remove(key);
            if keys.is_empty() {
                sets.remove(was);
            }
        }
        if let Some(is) = is {
            sets.entry(is.clone()).or_default().add(key.clone());
        }
        if sets.is_empty() {
            self.by_labels.remove(&key.namespace);
        }
    }
    /// The Pods of a Namespace whose labels a selector matches, in the order of their keys. It is asked once for all
    /// Pods with the same labels.
    pub fn selected(&self, namespace: &str, matches: impl Fn(&Labels) -> bool) -> Vec<Rc<Pod>> {
        let sets = self.by_labels.get(namespace).into_iter().flatten();
        let found: Vec<&Keys> = sets.filter(|(labels, _)| matches(labels)).map(|(_, keys)| keys).collect();
        let mut keys: Vec<&ObjectKey> = found.iter().flat_map(|keys| keys.all()).collect();
        // Each set is in order by itself.
        if found.len() > 1 {
            keys.sort_unstable();
        }
        keys.into_iter().filter_map(|key| self.objects.get(key)?.get::<Pod>()).cloned().collect()
    }
    /// The Pods of a node, in the order of their keys.
    pub fn pods_on<'a>(&'a self, node: &Str) -> impl Iterator<Item = &'a Rc<Pod>> {
        let keys = self.by_node.get(node).into_iter().flat_map(Keys::all);
        keys.filter_map(|key| self.objects.get(key)?.get::<Pod>())
    }
    /// The nodes that Pods are on, whether they still exist or not.
    pub fn nodes_with_pods(&self) -> impl Iterator<Item = &Str> {
        self.by_node.iter().map(|(node, _)| node)
    }
    /// The revision of the store at the last change of a kind that was heard of (upstream:
    /// LastStoreSyncResourceVersion).
    pub fn revision(&self, kind: Kind) -> u64 {
        self.revisions.get(&kind).copied().unwrap_or(0)
    }
    /// An object.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }
    /// A typed object.
    pub fn typed<T: Simulated>(&self, namespace: &str, name: &str) -> Option<&Rc<T>> {
        self.objects.get(&ObjectKey::new(T::KIND, namespace, name))?.get::<T>()
    }
    /// All objects of a kind, in one Namespace or in all, in the order of their keys.
    pub fn list<'a>(&'a self, kind: Kind, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> {
        self.keys.list(kind, namespace).filter_map(|key| self.objects.get(key))
    }
    /// All typed objects of a Namespace.
    pub fn list_typed<'a, T: Simulated + 'a>(
        &'a self,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Rc<T>> {
        self.list(T::KIND, Some(namespace)).filter_map(|object| object.get::<T>())
    }
    /// The objects of a kind that an owner manages, and those of its Namespace that nobody does: what it might
    /// take up. Each in the order of their keys.
    pub fn candidates<'a>(
        &'a self,
        owner: &ObjectMeta,
        kind: Kind,
    ) -> impl Iterator<Item = &'a Object> + use<'a> {
        let first = ObjectKey { kind, namespace: Str::default(), name: Str::default() };
        let groups = [self.by_controller.get(&owner.uid), self.orphans.get(&owner.namespace)];
        let of_kind =
            move |group: &'a Group| group.keys.from(first.clone()).take_while(move |key| key.kind == kind);
        groups.into_iter().flatten().flat_map(of_kind).filter_map(|key| self.objects.get(key))
    }
    /// The objects whose controller has this uid, in the order of their keys.
    pub fn controlled_by<'a>(&'a self, uid: &str) -> impl Iterator<Item = &'a Object> {
        self.members(self.by_controller.get(uid))
    }
    fn members<'a>(&'a self, group: Option<&'a Group>) -> impl Iterator<Item = &'a Object> {
        group.into_iter().flat_map(|group| group.keys.all()).filter_map(|key| self.objects.get(key))
    }
    /// The Pods of a Namespace that no controller manages, counted.
    pub fn count_orphans(&self, namespace: &str) -> Option<&PodTally> {
        self.orphans.get(namespace).map(|group| &group.pods)
    }
    /// The Pods whose controller has this uid, counted.
    pub fn count_controlled_by(&self, uid: &str) -> Option<&PodTally> {
        self.by_controller.get(uid).map(|group| &group.pods)
    }
}

fn pod(object: Option<&Object>) -> Option<&Rc<Pod>> {
    object?.get::<Pod>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::labels::Selector;
    use std::cell::Cell;

    fn pod(namespace: &str, name: &str, app: &str) -> Object {
        let metadata = ObjectMeta {
            name: name.into(),
            namespace: namespace.into(),
            labels: Labels::from([("app".into(), app.into())]),
            ..ObjectMeta::default()
        };
        Pod { metadata: Rc::new(metadata), ..Pod::default() }.into()
    }

    #[test]
    fn pods_are_found_by_their_labels_and_each_set_of_labels_is_judged_once() {
        let mut cache = Cache::default();
        for (name, app) in [("c", "web"), ("a", "db"), ("b", "web"), ("d", "cache")] {
            cache.apply(Change::Added, pod("shop", name, app), None);
        }
        cache.apply(Change::Added, pod("bank", "e", "web"), None);
        let found = |cache: &Cache, apps: &[&str]| {
            let judged = Cell::new(0);
            let pods = cache.selected("shop", |labels| {
                judged.set(judged.get() + 1);
                let of = |app: &&str| Labels::from([("app".into(), (*app).into())]);
                apps.iter().any(|app| Selector::from_labels(&of(app)).matches(labels))
            });
            (pods.iter().map(|pod| &*pod.metadata.name).collect::<Vec<_>>().join(" "), judged.get())
        };
        assert_eq!(found(&cache, &["web"]), ("b c".into(), 3));
        assert_eq!(found(&cache, &["web", "db"]), ("a b c".into(), 3));
        cache.apply(Change::Modified, pod("shop", "c", "db"), None);
        assert_eq!(found(&cache, &["web"]).0, "b");
        assert_eq!(found(&cache, &["db"]).0, "a c");
        cache.apply(Change::Deleted, pod("shop", "b", "web"), None);
        assert_eq!(found(&cache, &["web"]), (String::new(), 2));
        for name in ["a", "c", "d"] {
            let last = cache.get(&ObjectKey::new(Kind::Pod, "shop", name)).cloned().expect("it is there");
            cache.apply(Change::Deleted, last, None);
        }
        assert_eq!(cache.by_labels.len(), 1);
    }
}
