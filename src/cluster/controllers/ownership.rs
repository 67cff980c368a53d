//! Whose an object is: claiming, adopting, releasing
//! (upstream: pkg/controller/controller_ref_manager.go).

use crate::api::labels::Selector;
use crate::api::objects::{ObjectMeta, OwnerReference};
use crate::api::{Object, ObjectKey};
use crate::cluster::request::{ApiResult, PatchKind, Request, Verb};
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
    let mut mine = Vec::new();
    for object in candidates {
        match claim(owner.meta(), selector, object.meta()) {
            Claim::Keep => mine.push(object.clone()),
            Claim::Leave => {}
            Claim::Adopt => {
                let mut owners = object.meta().owner_references.clone();
                owners.push(controller_reference(owner));
                if let Ok(reply) = patch_owners(ask, object, &owners)? {
                    mine.extend(reply.object().cloned());
                }
            }
            Claim::Release => {
                let mut owners = object.meta().owner_references.clone();
                owners.retain(|reference| reference.uid != owner.meta().uid);
                _ = patch_owners(ask, object, &owners)?;
            }
        }
    }
    Ok(mine)
}

fn patch_owners(ask: &mut Ask, object: &Object, owners: &[OwnerReference]) -> Result<ApiResult, Suspended> {
    ask.api(owners_patch(object.key(), owners))
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
    let kind = crate::api::Kind::of(&owner.api_version, &owner.kind)?;
    Some((ObjectKey::new(kind, meta.namespace.clone(), owner.name.clone()), owner.uid.clone()))
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
