//! The leases by which kubelets say that they are there. That one is made or deleted is a change as any other; they
//! are renewed so often that nothing else is told of that: no record, no message (upstream: k8s.io/component-helpers/apimachinery/lease).

use super::ApiServer;
use crate::api::objects::{Lease, LeaseSpec, Node, ObjectMeta, OwnerReference};
use crate::api::{Kind, ObjectKey};
use crate::cluster::chance::uuid;
use crate::cluster::engine::Engine;
use crate::cluster::record::Change;
use crate::value::Str;
use std::rc::Rc;

/// The Namespace of the leases of nodes.
const NAMESPACE: &str = "kube-node-lease";
/// How long a lease holds, in seconds (upstream: nodeLeaseDurationSeconds).
const DURATION: i32 = 40;

impl ApiServer {
    /// Renews the lease of a node, or makes it. A node that is not registered has none.
    pub fn renew_lease(&mut self, engine: &mut Engine, node: &Str) {
        let now = Some(engine.wall.rfc3339_micro(engine.now));
        let key = ObjectKey::new(Kind::Lease, NAMESPACE, node.clone());
        if let Some(lease) = self.store.get(&key).and_then(|object| object.get::<Lease>()) {
            let mut lease = Lease::clone(lease);
            lease.spec.renew_time = now;
            return self.store.replace_quietly(lease.into());
        }
        let owner = ObjectKey::new(Kind::Node, "", node.clone());
        let Some(owner) = self.store.get(&owner).and_then(|object| object.get::<Node>()) else { return };
        let bits = engine.chance.fixed(("lease", node, engine.now));
        let metadata = ObjectMeta {
            name: node.clone(),
            namespace: NAMESPACE.into(),
            uid: uuid(bits, !bits),
            creation_timestamp: engine.wall.rfc3339(engine.now),
            owner_references: vec![OwnerReference {
                api_version: "v1".into(),
                kind: "Node".into(),
                name: node.clone(),
                uid: owner.metadata.uid.clone(),
                ..OwnerReference::default()
            }],
            ..ObjectMeta::default()
        };
        let spec = LeaseSpec {
            holder_identity: node.clone(),
            lease_duration_seconds: Some(DURATION),
            renew_time: now,
            ..LeaseSpec::default()
        };
        let lease = Lease { metadata: Rc::new(metadata), spec, ..Lease::default() };
        self.store.commit(engine, Change::Added, lease.into(), None);
    }
}
