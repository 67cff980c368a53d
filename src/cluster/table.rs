//! A table for looking things up: quicker than a `BTreeMap` where there are many, and without an order, so that
//! it cannot be gone through.

// The order of a hash map would be the machine's, not the run's. Nobody sees it here.
#![allow(clippy::disallowed_types)]

use super::chance::last_word;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Values by their keys.
#[derive(Clone, Debug)]
pub struct Table<K, V>(HashMap<K, V, BuildHasherDefault<Mixer>>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    /// The value under a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }
    /// The value under a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key)
    }
    /// Whether there is a value under a key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }
    /// Puts a value under a key. Gives the one that was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }
    /// Takes the value under a key out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key)
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The value under a key, to be changed; the default where there was none.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.0.entry(key).or_default()
    }
}

/// Values by keys that are looked up far oftener than they are gone through, in their order.
#[derive(Clone, Debug)]
pub struct SortedTable<K, V> {
    values: Table<K, V>,
    keys: BTreeSet<K>,
}

impl<K, V> Default for SortedTable<K, V> {
    fn default() -> Self {
        Self { values: Table::default(), keys: BTreeSet::new() }
    }
}

impl<K: Clone + Ord + Hash, V> SortedTable<K, V> {
    /// The value under a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }
    /// The value under a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(key)
    }
    /// Whether there is a value under a key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.values.contains_key(key)
    }
    /// Puts a value under a key.
    pub fn insert(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.keys.insert(key);
        }
    }
    /// Takes the value under a key out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.values.remove(key)?;
        self.keys.remove(key);
        Some(value)
    }
    /// Changes each value.
    pub fn change_each(&mut self, mut change: impl FnMut(&mut V)) {
        for key in &self.keys {
            self.values.get_mut(key).into_iter().for_each(&mut change);
        }
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
    /// All, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.keys.iter().filter_map(|key| Some((key, self.values.get(key)?)))
    }
    /// All values, in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

/// A quick hash, the same in every run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mixer(u64);

impl Mixer {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        self.add(last_word(bytes, rest.len()));
    }
    fn write_u8(&mut self, n: u8) {
        self.add(n.into());
    }
    fn write_u16(&mut self, n: u16) {
        self.add(n.into());
    }
    fn write_u32(&mut self, n: u32) {
        self.add(n.into());
    }
    fn write_u64(&mut self, n: u64) {
        self.add(n);
    }
    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }
    fn write_isize(&mut self, n: isize) {
        self.add(n as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_found() {
        let mut table: Table<String, usize> = Table::default();
        for n in 0..1_000 {
            assert_eq!(table.insert(n.to_string(), n), None);
        }
        assert!((0..1_000).all(|n| table.get(&n.to_string()) == Some(&n)));
        *table.or_default("7".into()) += 1;
        assert_eq!((table.remove(&"7".into()), table.remove(&"7".into()), table.len()), (Some(8), None, 999));
    }

    #[test]
    fn what_is_sorted_is_gone_through_in_the_order_of_its_keys() {
        let mut table = SortedTable::default();
        for (key, value) in [("c", 1), ("a", 2), ("b", 3), ("a", 4)] {
            table.insert(key, value);
        }
        assert_eq!((table.remove(&"b"), table.remove(&"b"), table.get(&"c")), (Some(3), None, Some(&1)));
        assert_eq!(table.iter().collect::<Vec<_>>(), [(&"a", &4), (&"c", &1)]);
    }
}
