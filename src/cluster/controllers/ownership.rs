//! Whose an object is: claiming, adopting, releasing
//! (upstream: pkg/controller/controller_ref_manager.go).

use super::stop::Stop;
use crate::api::labels::Selector;
use crate::api::objects::{ObjectMeta, OwnerReference};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::Cache;
use crate::cluster::request::{PatchKind, Reason, Request, Status, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::value::typed::Typed;
use crate::value::{Str, Value};
use std::rc::Rc;

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

fn claim(owner: &ObjectMeta, is_selected: bool, meta: &ObjectMeta) -> Claim {
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
) -> Result<Vec<Object>, Stop> {
    claim_where(ask, owner, candidates, None, |meta| selector.matches(&meta.labels))
}

/// The same, where more than a selector says what is the owner's, or where the owner holds what is its own by a
/// finalizer. All are gone through before a failure is told.
pub(super) fn claim_where(
    ask: &mut Ask,
    owner: &Object,
    candidates: &[Object],
    finalizer: Option<&str>,
    matches: impl Fn(&ObjectMeta) -> bool,
) -> Result<Vec<Object>, Stop> {
    let (mut mine, mut failure, mut may_adopt) = (Vec::new(), None, None);
    for object in candidates {
        let answer = match claim(owner.meta(), matches(object.meta()), object.meta()) {
            Claim::Keep => {
                mine.push(object.clone());
                continue;
            }
            Claim::Leave => continue,
            Claim::Adopt => {
                let may = match &may_adopt {
                    Some(may) => Result::clone(may),
                    None => may_adopt.insert(can_adopt(ask, owner)?).clone(),
                };
                if let Err(why) = may {
                    failure.get_or_insert_with(|| refused_adoption(object, &why));
                    continue;
                }
                let mut owners = object.meta().owner_references.clone();
                owners.push(controller_reference(owner));
                let mut finalizers = object.meta().finalizers.clone();
                finalizers.extend(
                    finalizer.filter(|held| !finalizers.iter().any(|has| **has == **held)).map(Str::from),
                );
                ask.api(claim_patch(object, &owners, finalizer.map(|_| finalizers)))?
                    .map(|reply| mine.extend(reply.object().cloned()))
            }
            Claim::Release => {
                let mut owners = object.meta().owner_references.clone();
                owners.retain(|reference| reference.uid != owner.meta().uid);
                let mut finalizers = object.meta().finalizers.clone();
                finalizers.retain(|held| finalizer != Some(&**held));
                ask.api(claim_patch(object, &owners, finalizer.map(|_| finalizers)))?.map(|_| ())
            }
        };
        if let Err(error) = answer
            && !matches!(error.reason, Reason::NotFound | Reason::Invalid)
        {
            failure.get_or_insert(error);
        }
    }
    failure.map_or(Ok(mine), |error| Err(error.into()))
}

/// Asks the API server itself whether the owner is still there, before anything is taken up
/// (upstream: RecheckDeletionTimestamp).
pub(super) fn can_adopt(ask: &mut Ask, owner: &Object) -> Result<Result<(), String>, Suspended> {
    let (kind, meta) = (owner.kind(), owner.meta());
    let fresh = match ask.api(Request::get(owner.key()))? {
        Ok(reply) => reply.object().map(|object| object.meta().clone()).unwrap_or_default(),
        Err(error) => return Ok(Err(error.message.clone())),
    };
    Ok(if fresh.uid != meta.uid {
        Err(format!(
            "original {kind} {}/{} is gone: got uid {}, wanted {}",
            meta.namespace, meta.name, fresh.uid, meta.uid
        ))
    } else if let Some(at) = &fresh.deletion_timestamp {
        Err(format!("{}/{} has just been deleted at {at}", meta.namespace, meta.name))
    } else {
        Ok(())
    })
}

fn refused_adoption(object: &Object, why: &str) -> Rc<Status> {
    let (kind, meta) = (object.kind(), object.meta());
    let message = format!("can't adopt {kind} {}/{} ({}): {why}", meta.namespace, meta.name, meta.uid);
    Status::new(Reason::InternalError, message)
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
    let owner = meta.controller().filter(|owner| kind.is(&owner.api_version, &owner.kind))?;
    let key = ObjectKey::new(kind, meta.namespace.clone(), owner.name.clone());
    (cache.get(&key)?.meta().uid == owner.uid).then_some(key)
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
            assert_eq!(claim(owner, selector.matches(&meta.labels), &meta), expected, "{meta:?}");
        }
    }
}
