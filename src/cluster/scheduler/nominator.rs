//! Pods that were promised a node, where others are being deleted for them (upstream: backend/queue/nominator.go).

use crate::api::ObjectKey;
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};

/// Who was promised what.
#[derive(Clone, Debug, Default)]
pub(super) struct Nominator {
    nodes: BTreeMap<ObjectKey, Str>,
    pods: BTreeMap<Str, BTreeSet<ObjectKey>>,
}

impl Nominator {
    /// Promises a node; an empty name takes the promise back.
    pub(super) fn set(&mut self, key: &ObjectKey, node: &Str) {
        if self.nodes.get(key) == Some(node) {
            return;
        }
        self.remove(key);
        if !node.is_empty() {
            self.nodes.insert(key.clone(), node.clone());
            self.pods.entry(node.clone()).or_default().insert(key.clone());
        }
    }
    /// Takes a promise back.
    pub(super) fn remove(&mut self, key: &ObjectKey) {
        if let Some(node) = self.nodes.remove(key)
            && let Some(pods) = self.pods.get_mut(&node)
        {
            pods.remove(key);
            if pods.is_empty() {
                self.pods.remove(&node);
            }
        }
    }
    /// The node that a Pod was promised.
    pub(super) fn node_of(&self, key: &ObjectKey) -> Option<Str> {
        self.nodes.get(key).cloned()
    }
    /// The Pods that were promised a node.
    pub(super) fn pods_on(&self, node: &str) -> impl Iterator<Item = &ObjectKey> {
        self.pods.get(node).into_iter().flatten()
    }
    /// Whether nobody was promised anything.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
