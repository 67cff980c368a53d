//! Claims that Pods have each for itself: those of a StatefulSet's templates, and those of ephemeral volumes. There may be as many
//! as Pods, so that a few have cards of their own, and one card counts the others; their volumes go with them.

use super::super::objects::Life;
use super::uses::Uses;
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};

/// Such claims of a Namespace that have cards of their own at most. Where there are more, the last card counts the others.
const MOST_CLAIMS: usize = 6;

/// Those that have no cards of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) kind: Kind,
    /// In the chapter.
    pub(super) all: usize,
    /// That are there.
    pub(super) now: usize,
}

impl Folded {
    /// None yet.
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, all: 0, now: 0 }
    }
    /// One more.
    pub(super) fn add(&mut self, life: &Life) {
        self.all += 1;
        self.now += usize::from(life.now.is_some());
    }
}

/// The claims that have no cards of their own: of each owner of Pods the first ones have.
pub(super) fn folded(claims: &[Life], uses: &Uses) -> BTreeSet<ObjectKey> {
    let mut ranks: BTreeMap<ObjectKey, usize> = BTreeMap::new();
    let mut seen: BTreeSet<ObjectKey> = BTreeSet::new();
    let mut found: BTreeMap<Str, Vec<(usize, ObjectKey)>> = BTreeMap::new();
    for claim in claims.iter().map(|life| life.first.key()) {
        let Some(maker) = uses.maker_of(&claim) else { continue };
        if seen.insert(claim.clone()) {
            let rank = ranks.entry(maker).or_default();
            found.entry(claim.namespace.clone()).or_default().push((*rank, claim));
            *rank += 1;
        }
    }
    let mut folded = BTreeSet::new();
    for mut claims in found.into_values().filter(|claims| claims.len() > MOST_CLAIMS) {
        claims.sort_by_key(|(rank, _)| *rank);
        folded.extend(claims.into_iter().skip(MOST_CLAIMS - 1).map(|(_, claim)| claim));
    }
    folded
}

/// The object that others name where they use this one: a volume is used by way of its claim. One that is released is there beside
/// another claim of the name, to which no line goes.
pub(super) fn used_as(object: &Object) -> ObjectKey {
    match object {
        Object::PersistentVolume(volume) => match &volume.spec.claim_ref {
            Some(claim) => {
                ObjectKey::new(Kind::PersistentVolumeClaim, claim.namespace.clone(), claim.name.clone())
            }
            None => object.key(),
        },
        _ => object.key(),
    }
}
