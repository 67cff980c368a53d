//! What a controller has written and its cache may not have yet (upstream: pkg/controller/util/consistency): a sync
//! on what it was before would do its work twice.

use crate::api::{Kind, ObjectKey};
use crate::cluster::informer::Cache;
use crate::cluster::request::Response;
use std::collections::BTreeMap;

/// The store's revision at the last write of each kind, by the key that was worked on.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnWrites {
    owners: BTreeMap<ObjectKey, BTreeMap<Kind, u64>>,
}

impl OwnWrites {
    /// Takes in an answer. What is being deleted is not waited for.
    pub(super) fn note(&mut self, owner: &ObjectKey, response: &Response, kinds: &[Kind]) {
        let Ok(reply) = &response.result else { return };
        let Some(object) = reply.object() else { return };
        let (kind, meta) = (object.kind(), object.meta());
        if !kinds.contains(&kind) || meta.is_terminating() {
            return;
        }
        if let Ok(revision) = meta.resource_version.parse::<u64>() {
            let written = self.owners.entry(owner.clone()).or_default().entry(kind).or_default();
            *written = revision.max(*written);
        }
    }
    /// Whether the cache has all of it; then it is forgotten.
    pub(super) fn are_seen(&mut self, owner: &ObjectKey, cache: &Cache) -> bool {
        let Some(written) = self.owners.get(owner) else { return true };
        let are_seen = written.iter().all(|(kind, revision)| *revision <= cache.revision(*kind));
        if are_seen {
            self.owners.remove(owner);
        }
        are_seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Object;
    use crate::api::objects::{ObjectMeta, Pod};
    use crate::cluster::record::Change;
    use crate::cluster::request::Reply;
    use std::rc::Rc;

    #[test]
    fn a_write_is_waited_for_until_the_cache_is_as_new() {
        let pod = |version: &str, deletion_timestamp: Option<&str>| {
            let deletion_timestamp = deletion_timestamp.map(Into::into);
            let metadata = ObjectMeta {
                name: "web".into(),
                resource_version: version.into(),
                deletion_timestamp,
                ..Default::default()
            };
            Object::from(Pod { metadata: Rc::new(metadata), ..Pod::default() })
        };
        let owner = ObjectKey::new(Kind::ReplicaSet, "default", "web");
        let answer = |object: Object| Response { result: Ok(Reply::Object(object)), warnings: Vec::new() };
        let (mut writes, mut cache) = (OwnWrites::default(), Cache::default());
        assert!(writes.are_seen(&owner, &cache));
        writes.note(&owner, &answer(pod("7", None)), &[Kind::Pod]);
        writes.note(&owner, &answer(pod("9", Some("now"))), &[Kind::Pod]);
        cache.apply(Change::Added, pod("6", None), None);
        assert!(!writes.are_seen(&owner, &cache));
        cache.apply(Change::Modified, pod("7", None), None);
        assert!(writes.are_seen(&owner, &cache));
    }
}
