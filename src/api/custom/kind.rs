//! Kinds that no table has: what a CustomResourceDefinition calls its own.

use crate::api::kinds::{Kind, KindInfo};
use std::cmp::Ordering;
use std::sync::{PoisonError, RwLock};

/// As many may be known at a time; definitions beyond these make no kind.
const MOST: usize = 1_000;

/// What is known of the custom kinds, each of which is kept once and for good. The order in which they came is seen by
/// nobody: kinds are compared by what they are.
static KNOWN: RwLock<Vec<&'static KindInfo>> = RwLock::new(Vec::new());

/// A custom kind: the place of what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct CustomKind(u16);

/// What tells a kind from all others. The version that is preferred may change.
fn identity(info: &KindInfo) -> (&str, &str, &str, bool) {
    (info.group, info.plural, info.name, info.namespaced)
}

impl CustomKind {
    /// What is known of it.
    pub(crate) fn info(self) -> &'static KindInfo {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        known.get(usize::from(self.0)).copied().unwrap_or_else(|| Kind::first().info())
    }
    /// The kind of these words; none where too many are known.
    pub(super) fn of(group: &str, version: &str, plural: &str, name: &str, namespaced: bool) -> Option<Kind> {
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        let wanted = (group, plural, name, namespaced);
        let found = known.iter().position(|info| identity(info) == wanted && info.version == version);
        let place = found.unwrap_or(known.len());
        let kind = Kind::Custom(Self(u16::try_from(place).ok()?));
        if found.is_none() {
            if known.len() >= MOST {
                return None;
            }
            let kept = |text: &str| -> &'static str { Box::leak(text.into()) };
            known.push(Box::leak(Box::new(KindInfo {
                kind,
                name: kept(name),
                group: kept(group),
                version: kept(version),
                plural: kept(plural),
                short: &[],
                namespaced,
                in_all: false,
            })));
        }
        Some(kind)
    }
}

impl PartialEq for CustomKind {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || identity(self.info()) == identity(other.info())
    }
}

impl Eq for CustomKind {}

impl Ord for CustomKind {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0 == other.0 { Ordering::Equal } else { identity(self.info()).cmp(&identity(other.info())) }
    }
}

impl PartialOrd for CustomKind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_the_same_whatever_their_version() {
        let of = |version, name| CustomKind::of("kind.test", version, "things", name, true).expect("a kind");
        let (old, new, other) = (of("v1", "Thing"), of("v2", "Thing"), of("v1", "Other"));
        assert_eq!((old, of("v1", "Thing").info().version, new.info().version), (new, "v1", "v2"));
        assert!(other < old && Kind::VolumeAttributesClass < other);
        assert_eq!((old.api_version(), old.resource()), ("kind.test/v1".into(), "things.kind.test".into()));
        assert_eq!(old.singular(), "thing.kind.test");
    }
}
