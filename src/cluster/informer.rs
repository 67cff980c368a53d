//! What a component has heard from its watches: a copy of the store that lags behind it.

use super::record::{Change, RecordId};
use crate::api::objects::Simulated;
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
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

/// The copy, with the index that controllers need.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    objects: BTreeMap<ObjectKey, Object>,
    by_controller: BTreeMap<Str, BTreeSet<ObjectKey>>,
}

impl Cache {
    /// Takes a change in and gives what is heard.
    pub fn apply(&mut self, change: Change, object: Object, cause: Option<RecordId>) -> Heard {
        let key = object.key();
        let old = match change {
            Change::Deleted => self.objects.remove(&key),
            Change::Added | Change::Modified => self.objects.insert(key.clone(), object.clone()),
        };
        let owner = |object: &Object| Some(controller_index(object));
        let (was, is) = (old.as_ref().and_then(owner), owner(&object).filter(|_| change != Change::Deleted));
        if was != is {
            if let Some(uid) = was
                && let Some(keys) = self.by_controller.get_mut(&uid)
            {
                keys.remove(&key);
                if keys.is_empty() {
                    self.by_controller.remove(&uid);
                }
            }
            if let Some(uid) = is {
                self.by_controller.entry(uid).or_default().insert(key);
            }
        }
        Heard { change, old, object, cause }
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
        let from = ObjectKey { kind, namespace: namespace.unwrap_or_default().into(), name: Str::default() };
        self.objects
            .range(from..)
            .take_while(move |(key, _)| {
                key.kind == kind && namespace.is_none_or(|namespace| *key.namespace == *namespace)
            })
            .map(|(_, object)| object)
    }
    /// All typed objects of a Namespace.
    pub fn list_typed<'a, T: Simulated + 'a>(
        &'a self,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Rc<T>> {
        self.list(T::KIND, Some(namespace)).filter_map(|object| object.get::<T>())
    }
    /// The objects of a Namespace that no controller manages, in the order of their keys.
    pub fn orphans<'a>(&'a self, namespace: &str) -> impl Iterator<Item = &'a Object> {
        let orphans = self.by_controller.get(&orphans_of(namespace));
        orphans.into_iter().flatten().filter_map(|key| self.objects.get(key))
    }
    /// The objects whose controller has this uid, in the order of their keys.
    pub fn controlled_by<'a>(&'a self, uid: &str) -> impl Iterator<Item = &'a Object> {
        self.by_controller.get(uid).into_iter().flatten().filter_map(|key| self.objects.get(key))
    }
}

/// Under what an object stands in the index: its controller's uid, or its Namespace's orphans.
fn controller_index(object: &Object) -> Str {
    let meta = object.meta();
    meta.controller().map_or_else(|| orphans_of(&meta.namespace), |owner| owner.uid.clone())
}

/// No uid has a slash.
fn orphans_of(namespace: &str) -> Str {
    format!("{namespace}/").into()
}
