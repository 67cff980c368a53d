//! Deletes what has lost its owner, and lets owners go that wait for what they own
//! (upstream: pkg/controller/garbagecollector).

use super::ownership::owners_patch;
use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::OwnerReference;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::delete::{FOREGROUND, ORPHAN};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::keys::Keys;
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, PatchKind, Propagation, Reason, Request, Status, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{MILLI, Micros};
use crate::value::{Str, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How often a finalizer is tried to be removed from what others change too, and the first wait between two
/// (upstream: retry.DefaultBackoff).
const TRIES: u32 = 4;
const FIRST_WAIT: Micros = 10 * MILLI;

/// The garbage collector: who depends on whom, by the owner's uid.
#[derive(Clone, Debug, Default)]
pub struct GarbageCollector {
    dependents: BTreeMap<Str, Keys>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    object: Object,
    dependents: Vec<Object>,
    /// Which of them own something themselves, by uid.
    owners: BTreeSet<Str>,
}

/// How an owner stands.
enum Owner {
    /// It is there.
    Solid,
    /// It is gone.
    Dangling,
    /// It is there only until what blocks it is gone.
    Waiting,
}

fn has_finalizer(object: &Object, finalizer: &str) -> bool {
    object.meta().finalizers.iter().any(|held| &**held == finalizer)
}

/// Whether it is being deleted in the foreground.
fn is_deleting_dependents(object: &Object) -> bool {
    object.meta().is_terminating() && has_finalizer(object, FOREGROUND)
}

impl Controller for GarbageCollector {
    const NAME: ControllerName = ControllerName::GarbageCollector;
    // Whatever can own or be owned: all that is kept, but Events, as upstream (DefaultIgnoredResources).
    const WATCHES: &'static [Kind] = &[
        Kind::Pod,
        Kind::ReplicaSet,
        Kind::Deployment,
        Kind::Job,
        Kind::CronJob,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::ControllerRevision,
        Kind::PersistentVolumeClaim,
        Kind::Service,
        Kind::EndpointSlice,
        Kind::Endpoints,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::Node,
        Kind::LimitRange,
        Kind::Namespace,
        Kind::PersistentVolume,
        Kind::PodTemplate,
        Kind::ReplicationController,
        Kind::ResourceQuota,
        Kind::ServiceAccount,
        Kind::MutatingAdmissionPolicy,
        Kind::MutatingAdmissionPolicyBinding,
        Kind::MutatingWebhookConfiguration,
        Kind::ValidatingAdmissionPolicy,
        Kind::ValidatingAdmissionPolicyBinding,
        Kind::ValidatingWebhookConfiguration,
        Kind::CustomResourceDefinition,
        Kind::APIService,
        Kind::HorizontalPodAutoscaler,
        Kind::CertificateSigningRequest,
        Kind::Lease,
        Kind::FlowSchema,
        Kind::PriorityLevelConfiguration,
        Kind::IngressClass,
        Kind::Ingress,
        Kind::IPAddress,
        Kind::NetworkPolicy,
        Kind::ServiceCIDR,
        Kind::RuntimeClass,
        Kind::PodDisruptionBudget,
        Kind::ClusterRoleBinding,
        Kind::ClusterRole,
        Kind::RoleBinding,
        Kind::Role,
        Kind::DeviceClass,
        Kind::ResourceClaim,
        Kind::ResourceClaimTemplate,
        Kind::ResourceSlice,
        Kind::PriorityClass,
        Kind::CSIDriver,
        Kind::CSINode,
        Kind::CSIStorageCapacity,
        Kind::StorageClass,
        Kind::VolumeAttachment,
        Kind::VolumeAttributesClass,
    ];
    const WORKERS: usize = 20;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        let (key, meta) = (heard.object.key(), heard.object.meta());
        let old_owners: &[OwnerReference] = heard.old.as_ref().map_or(&[], |old| &old.meta().owner_references);
        let owners: &[OwnerReference] = if heard.change == Change::Deleted { &[] } else { &meta.owner_references };
        if old_owners != owners {
            for owner in old_owners {
                if let Some(keys) = self.dependents.get_mut(&owner.uid) {
                    keys.remove(&key);
                }
            }
            for owner in owners {
                self.dependents.entry(owner.uid.clone()).or_default().add(key.clone());
            }
        }
        if heard.change == Change::Deleted {
            let dependents = self.dependents.remove(&meta.uid).unwrap_or_default();
            dependents.all().for_each(|dependent| queue.add(dependent.clone()));
            // An owner that waits may go now.
            for owner in &meta.owner_references {
                let Some(owner_key) = owner_key(owner, &meta.namespace) else { continue };
                if cache.get(&owner_key).is_some_and(is_deleting_dependents) {
                    queue.add(owner_key);
                }
            }
            return;
        }
        let was_terminating = heard.old.as_ref().is_some_and(|old| old.meta().is_terminating());
        let is_asked = meta.is_terminating() && (has_finalizer(&heard.object, FOREGROUND) || has_finalizer(&heard.object, ORPHAN));
        if is_asked && !was_terminating {
            queue.add(key);
            return;
        }
        // A new object whose owner nobody has heard of may be too late.
        let lacks_owner = |owner: &OwnerReference| {
            owner_key(owner, &meta.namespace).and_then(|key| cache.get(&key)).is_none_or(|object| object.meta().uid != owner.uid)
        };
        if old_owners != owners && !owners.is_empty() && owners.iter().all(lacks_owner) {
            queue.add(key);
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let object = cache.get(key)?.clone();
        let dependents = self.dependents.get(&object.meta().uid).into_iter().flat_map(Keys::all);
        let dependents: Vec<Object> = dependents.filter_map(|key| cache.get(key).cloned()).collect();
        let owns = |uid: &&Str| self.dependents.get(*uid).is_some_and(|keys| !keys.is_empty());
        let owners = dependents.iter().map(|dependent| &dependent.meta().uid).filter(owns).cloned().collect();
        Some(Input { object, dependents, owners })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        if input.object.meta().is_terminating() && has_finalizer(&input.object, ORPHAN) {
            return orphan(key, input, ask);
        }
        let is_deleting_dependents = is_deleting_dependents(&input.object);
        if input.object.meta().is_terminating() && !is_deleting_dependents {
            return Ok(Outcome::Done);
        }
        let live = match ask.api(Request::get(key.clone()))? {
            Ok(reply) => reply.object().cloned(),
            Err(_) => None,
        };
        let Some(live) = live.filter(|live| live.meta().uid == input.object.meta().uid) else { return Ok(Outcome::Done) };
        if is_deleting_dependents {
            return delete_dependents(key, &live, input, ask);
        }
        let (mut solid, mut dangling, mut waiting) = (0, Vec::new(), Vec::new());
        for owner in &live.meta().owner_references {
            match stand(owner, key, ask)? {
                Owner::Solid => solid += 1,
                Owner::Dangling => dangling.push(owner.uid.clone()),
                Owner::Waiting => waiting.push(owner.uid.clone()),
            }
        }
        if live.meta().owner_references.is_empty() {
            return Ok(Outcome::Done);
        }
        if solid > 0 {
            if dangling.is_empty() && waiting.is_empty() {
                return Ok(Outcome::Done);
            }
            let mut owners = live.meta().owner_references.clone();
            owners.retain(|owner| !dangling.contains(&owner.uid) && !waiting.contains(&owner.uid));
            return Ok(over(ask.api(owners_patch(key.clone(), &owners))?.map(|_| ())));
        }
        let propagation = if !waiting.is_empty() && !input.dependents.is_empty() {
            Propagation::Foreground
        } else if has_finalizer(&live, ORPHAN) {
            Propagation::Orphan
        } else if has_finalizer(&live, FOREGROUND) {
            Propagation::Foreground
        } else {
            Propagation::Background
        };
        delete(key, &live, propagation, ask)
    }
}

fn over(result: Result<(), Rc<Status>>) -> Outcome {
    match result {
        Err(error) if error.reason != Reason::NotFound => Outcome::Retry,
        _ => Outcome::Done,
    }
}

fn owner_key(owner: &OwnerReference, namespace: &str) -> Option<ObjectKey> {
    Some(ObjectKey::new(Kind::of(&owner.api_version, &owner.kind)?, namespace, owner.name.clone()))
}

fn stand(owner: &OwnerReference, dependent: &ObjectKey, ask: &mut Ask) -> Result<Owner, Suspended> {
    let Some(key) = owner_key(owner, &dependent.namespace) else { return Ok(Owner::Solid) };
    Ok(match ask.api(Request::get(key))? {
        Ok(reply) => match reply.object() {
            Some(object) if object.meta().uid != owner.uid => Owner::Dangling,
            Some(object) if is_deleting_dependents(object) => Owner::Waiting,
            _ => Owner::Solid,
        },
        Err(error) if error.reason == Reason::NotFound => Owner::Dangling,
        Err(_) => Owner::Solid,
    })
}

fn delete(key: &ObjectKey, live: &Object, propagation: Propagation, ask: &mut Ask) -> Result<Outcome, Suspended> {
    let options = DeleteOptions {
        propagation: Some(propagation),
        uid: Some(live.meta().uid.clone()),
        resource_version: Some(live.meta().resource_version.clone()),
        ..DeleteOptions::default()
    };
    let answer = ask.api(Request::delete(key.clone(), options.clone()))?;
    if answer.as_ref().is_err_and(|error| error.reason == Reason::Conflict) {
        // What has changed may be something else than its owners: then it goes all the same.
        let fresh = ask.api(Request::get(key.clone()))?.ok().and_then(|reply| reply.object().cloned());
        let is_owned_alike = |fresh: &Object| {
            fresh.meta().uid == live.meta().uid && fresh.meta().owner_references == live.meta().owner_references
        };
        if fresh.as_ref().is_some_and(is_owned_alike) {
            let options = DeleteOptions { resource_version: None, ..options };
            return Ok(over(ask.api(Request::delete(key.clone(), options))?.map(|_| ())));
        }
    }
    Ok(over(answer.map(|_| ())))
}

/// The object is deleted in the foreground: what it owns goes before it.
fn delete_dependents(key: &ObjectKey, live: &Object, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
    let blocks = |object: &&Object| {
        object.meta().owner_references.iter().any(|owner| owner.uid == live.meta().uid && owner.block_owner_deletion == Some(true))
    };
    let blocking: Vec<&Object> = input.dependents.iter().filter(blocks).collect();
    if blocking.is_empty() {
        return remove_finalizer(key, FOREGROUND, ask);
    }
    for dependent in &input.dependents {
        if dependent.meta().is_terminating() {
            continue;
        }
        // As its own turn would do it: what owns something goes in the foreground too.
        let owns = input.owners.contains(&dependent.meta().uid);
        let propagation = if owns { Propagation::Foreground } else { Propagation::Background };
        let fresh = match ask.api(Request::get(dependent.key()))? {
            Ok(reply) => reply.object().cloned(),
            Err(_) => None,
        };
        if let Some(fresh) = fresh.filter(|fresh| !fresh.meta().is_terminating()) {
            delete(&dependent.key(), &fresh, propagation, ask)?;
        }
    }
    Ok(Outcome::Done)
}

/// The object is deleted and what it owns stays: it is released first.
fn orphan(key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
    let uid = &input.object.meta().uid;
    let patches = input.dependents.iter().map(|dependent| {
        let mut owners = dependent.meta().owner_references.clone();
        owners.retain(|owner| owner.uid != *uid);
        owners_patch(dependent.key(), &owners)
    });
    let answers = ask.api_all(patches.collect())?;
    if answers.iter().any(|answer| answer.as_ref().is_err_and(|error| error.reason != Reason::NotFound)) {
        return Ok(Outcome::Retry);
    }
    remove_finalizer(key, ORPHAN, ask)
}

/// Takes the finalizer away that holds an owner, from the owner as it is now: what others write meanwhile comes before it.
fn remove_finalizer(key: &ObjectKey, finalizer: &str, ask: &mut Ask) -> Result<Outcome, Suspended> {
    for attempt in 1..=TRIES {
        let Ok(reply) = ask.api(Request::get(key.clone()))? else { return Ok(Outcome::Done) };
        let Some(live) = reply.object().filter(|live| has_finalizer(live, finalizer)) else { return Ok(Outcome::Done) };
        let left: Vec<Value> = live.meta().finalizers.iter().filter(|held| &***held != finalizer).map(|held| Value::from(held.clone())).collect();
        let mut patch = Value::object();
        patch.set(&["metadata", "resourceVersion"], live.meta().resource_version.clone());
        patch.set(&["metadata", "finalizers"], if left.is_empty() { Value::Null } else { Value::from(left) });
        match ask.api(Request::new(Verb::Patch(PatchKind::Merge, patch), key.clone()))? {
            Err(error) if error.reason == Reason::Conflict && attempt < TRIES => {
                ask.sleep(FIRST_WAIT * 5_u64.pow(attempt - 1))?;
            }
            answer => return Ok(over(answer.map(|_| ()))),
        }
    }
    Ok(Outcome::Retry)
}
