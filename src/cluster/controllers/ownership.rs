//! Whose an object is: claiming, adopting, releasing
//! (upstream: pkg/controller/controller_ref_manager.go).

use crate::api::labels::Selector;
use crate::api::objects::{ObjectMeta, OwnerReference};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::Cache;
use crate::cluster::request::{PatchKind, Request, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::value::typed::Typed;
use crate::value::{Str, Value};

/// A reference to the owner that manages.
pub(super) fn controller_reference(owner: &Object) -> OwnerReference {
    let meta = owner.meta();
    OwnerReference {
        api_version: owner.api_version(),
        kind: owner.kind().info().name.into(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
        extra: None,
    }
}

/// What claiming does with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Keep,
    Adopt,
    Release,
    Leave,
}

fn claim(owner: &ObjectMeta, selector: &Selector, meta: &ObjectMeta) -> Claim {
    let is_selected = selector.matches(&meta.labels);
    match meta.controller() {
        Some(reference) if reference.uid != owner.uid => Claim::Leave,
        Some(_) if is_selected => Claim::Keep,
        Some(_) if owner.is_terminating() => Claim::Leave,
        Some(_) => Claim::Release,
        None if owner.is_terminating() || !is_selected || meta.is_terminating() => Claim::Leave,
        None => Claim::Adopt,
    }
}

/// Takes up what the selector matches and nobody manages, lets go of what it no longer matches, and gives
/// what is the owner's then.
pub(super) fn claim_all(
    ask: &mut Ask,
    owner: &Object,
    selector: &Selector,
    candidates: &[Object],
) -> Result<Vec<Object>, Suspended> {
    claim_all_holding(ask, owner, selector, candidates, None)
}

/// The same for an owner that holds what is its own by a finalizer. Nothing new is taken up once the owner itself
/// turns out to be going (upstream: RecheckDeletionTimestamp).
pub(super) fn claim_all_holding(
    ask: &mut Ask,
    owner: &Object,
    selector: &Selector,
    candidates: &[Object],
    finalizer: Option<&str>,
) -> Result<Vec<Object>, Suspended> {
    let mut mine = Vec::new();
    let mut may_adopt = None;
    for object in candidates {
        match claim(owner.meta(), selector, object.meta()) {
            Claim::Keep => mine.push(object.clone()),
            Claim::Leave => {}
            Claim::Adopt => {
                let may = match may_adopt {
                    Some(may) => may,
                    None => is_still_there(ask, owner)?,
                };
                may_adopt = Some(may);
                if !may {
                    continue;
                }
                let mut owners = object.meta().owner_references.clone();
                owners.push(controller_reference(owner));
                let mut finalizers = object.meta().finalizers.clone();
                finalizers.extend(
                    finalizer.filter(|held| !finalizers.iter().any(|has| **has == **held)).map(Str::from),
                );
                if let Ok(reply) = ask.api(claim_patch(object, &owners, finalizer.map(|_| finalizers)))? {
                    mine.extend(reply.object().cloned());
                }
            }
            Claim::Release => {
                let mut owners = object.meta().owner_references.clone();
                owners.retain(|reference| reference.uid != owner.meta().uid);
                let mut finalizers = object.meta().finalizers.clone();
                finalizers.retain(|held| finalizer != Some(&**held));
                _ = ask.api(claim_patch(object, &owners, finalizer.map(|_| finalizers)))?;
            }
        }
    }
    Ok(mine)
}

/// Whether the owner is in the store as it was, and not being deleted.
fn is_still_there(ask: &mut Ask, owner: &Object) -> Result<bool, Suspended> {
    let fresh = ask.api(Request::get(owner.key()))?;
    let is_same = |object: &Object| object.meta().uid == owner.meta().uid && !object.meta().is_terminating();
    Ok(fresh.is_ok_and(|reply| reply.object().is_some_and(is_same)))
}

fn claim_patch(object: &Object, owners: &[OwnerReference], finalizers: Option<Vec<Str>>) -> Request {
    let mut request = owners_patch(object.key(), owners);
    if let (Some(finalizers), Verb::Patch(_, patch)) = (finalizers, &mut request.verb) {
        let finalizers = finalizers.into_iter().map(Value::from).collect::<Vec<_>>();
        patch.set(
            &["metadata", "finalizers"],
            if finalizers.is_empty() { Value::Null } else { Value::from(finalizers) },
        );
    }
    request
}

/// The patch that gives an object these owners.
pub(super) fn owners_patch(key: ObjectKey, owners: &[OwnerReference]) -> Request {
    let mut patch = Value::object();
    let owners = if owners.is_empty() {
        Value::Null
    } else {
        Value::from(owners.iter().map(Typed::encode).collect::<Vec<_>>())
    };
    patch.set(&["metadata", "ownerReferences"], owners);
    Request::new(Verb::Patch(PatchKind::Merge, patch), key)
}

/// The place of an object's owner in a cache, by kind and name.
pub(super) fn owner_key(meta: &ObjectMeta) -> Option<(ObjectKey, Str)> {
    let owner = meta.controller()?;
    let kind = Kind::of(&owner.api_version, &owner.kind)?;
    Some((ObjectKey::new(kind, meta.namespace.clone(), owner.name.clone()), owner.uid.clone()))
}

/// An object's controller, where it is of a kind and still there (upstream: resolveControllerRef).
pub(super) fn resolve(kind: Kind, meta: &ObjectMeta, cache: &Cache) -> Option<ObjectKey> {
    let (key, uid) = owner_key(meta)?;
    (key.kind == kind && cache.get(&key)?.meta().uid == uid).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::Labels;

    #[test]
    fn what_is_claimed() {
        let owner = ObjectMeta { uid: "o".into(), ..ObjectMeta::default() };
        let dying = ObjectMeta { deletion_timestamp: Some("now".into()), ..owner.clone() };
        let selector = Selector::parse("app=web").expect("valid");
        let object = |app: &str, by: Option<&str>| ObjectMeta {
            labels: Labels::from([("app".into(), app.into())]),
            owner_references: by
                .map(|uid| OwnerReference {
                    uid: uid.into(),
                    controller: Some(true),
                    ..OwnerReference::default()
                })
                .into_iter()
                .collect(),
            ..ObjectMeta::default()
        };
        for (owner, meta, expected) in [
            (&owner, object("web", Some("o")), Claim::Keep),
            (&owner, object("web", None), Claim::Adopt),
            (&owner, object("web", Some("other")), Claim::Leave),
            (&owner, object("db", Some("o")), Claim::Release),
            (&owner, object("db", None), Claim::Leave),
            (&dying, object("web", None), Claim::Leave),
            (&dying, object("db", Some("o")), Claim::Leave),
        ] {
            assert_eq!(claim(owner, &selector, &meta), expected, "{meta:?}");
        }
    }
}
