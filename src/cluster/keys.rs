//! Keys in their order, which is made only where somebody asks for it: ten thousand Pods write forty thousand Events,
//! and nobody lists them before a person does.

use crate::api::{Kind, ObjectKey};
use crate::value::Str;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Keys of one sort.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    sorted: BTreeSet<ObjectKey>,
    /// Those that came before anybody asked for the order. None of them is in `sorted`.
    fresh: Vec<ObjectKey>,
    /// Whether somebody has: it changes nothing but where a new key is put.
    is_asked: Cell<bool>,
}

impl Keys {
    /// Adds a key that is not there.
    pub fn add(&mut self, key: ObjectKey) {
        if self.is_asked.get() {
            self.settle();
            self.sorted.insert(key);
        } else {
            self.fresh.push(key);
        }
    }
    /// Takes a key out.
    pub fn remove(&mut self, key: &ObjectKey) {
        match self.fresh.last() {
            Some(last) if last == key => _ = self.fresh.pop(),
            _ => {
                self.settle();
                self.sorted.remove(key);
            }
        }
    }
    fn settle(&mut self) {
        self.sorted.extend(self.fresh.drain(..));
    }
    /// All, in an order that says nothing, for those who only count.
    pub fn each(&self) -> impl Iterator<Item = &ObjectKey> {
        self.sorted.iter().chain(&self.fresh)
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty() && self.fresh.is_empty()
    }
    /// Those from a key on, in their order.
    pub fn from(&self, first: ObjectKey) -> impl Iterator<Item = &ObjectKey> {
        self.is_asked.set(!self.is_empty());
        let mut fresh: Vec<&ObjectKey> = self.fresh.iter().filter(|key| **key >= first).collect();
        let sorted = self.sorted.range(first..);
        if !fresh.is_empty() {
            fresh.extend(sorted.clone());
            fresh.sort();
        }
        // Either all are among the fresh ones now, or none is.
        let rest = if fresh.is_empty() { usize::MAX } else { 0 };
        fresh.into_iter().chain(sorted.take(rest))
    }
    /// All, in their order.
    pub fn all(&self) -> impl Iterator<Item = &ObjectKey> {
        self.from(ObjectKey { kind: Kind::first(), namespace: Str::default(), name: Str::default() })
    }
}

/// Keys by their kinds.
#[derive(Clone, Debug, Default)]
pub struct KeysByKind(BTreeMap<Kind, Keys>);

impl KeysByKind {
    /// Adds a key that is not there.
    pub fn add(&mut self, key: ObjectKey) {
        self.0.entry(key.kind).or_default().add(key);
    }
    /// Takes a key out.
    pub fn remove(&mut self, key: &ObjectKey) {
        if let Some(keys) = self.0.get_mut(&key.kind) {
            keys.remove(key);
        }
    }
    /// The keys of a kind, in one Namespace or in all, in their order.
    pub fn list<'a>(
        &'a self,
        kind: Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ObjectKey> + use<'a> {
        let keys = self.0.get(&kind).filter(|keys| !keys.is_empty());
        let from = move |keys: &'a Keys| {
            let namespace = namespace.unwrap_or_default().into();
            keys.from(ObjectKey { kind, namespace, name: Str::default() })
        };
        keys.into_iter()
            .flat_map(from)
            .take_while(move |key| namespace.is_none_or(|namespace| *key.namespace == *namespace))
    }
    /// All, in their order.
    pub fn all(&self) -> impl Iterator<Item = &ObjectKey> {
        self.0.values().flat_map(Keys::all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(namespace: &str, name: &str) -> ObjectKey {
        ObjectKey::new(Kind::Pod, namespace, name)
    }

    fn names(keys: &KeysByKind, namespace: Option<&str>) -> String {
        keys.list(Kind::Pod, namespace).map(|key| &*key.name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn keys_are_in_their_order_whenever_they_came() {
        let mut keys = KeysByKind::default();
        for (namespace, name) in [("b", "z"), ("a", "y"), ("b", "a"), ("c", "b")] {
            keys.add(key(namespace, name));
        }
        keys.add(ObjectKey::new(Kind::Node, "", "node-1"));
        keys.remove(&key("c", "b"));
        assert_eq!((names(&keys, None), names(&keys, Some("b"))), ("y a z".into(), "a z".into()));
        assert_eq!(keys.0.values().flat_map(Keys::each).count(), 4);
        assert_eq!((names(&keys, Some("c")), keys.list(Kind::Event, None).count()), (String::new(), 0));
        // From now on they are kept in order.
        keys.add(key("b", "m"));
        assert_eq!(names(&keys, Some("b")), "a m z");
        keys.remove(&key("b", "a"));
        assert_eq!(names(&keys, None), "y m z");
        assert_eq!(keys.all().map(|key| &*key.name).collect::<Vec<_>>().join(" "), "node-1 y m z");
    }
}
