//! `Labels`: a shared map of text to text.

use crate::value::stored::{Reader, Stored, Writer};
use crate::value::typed::{TypeError, Typed};
use crate::value::{Str, Value};
use std::collections::{BTreeMap, btree_map};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

type Pairs = BTreeMap<Str, Str>;

const EMPTY: &Pairs = &Pairs::new();

/// Labels, annotations or whatever else maps text to text. Cloning is a reference count; it is read and written as
/// the `BTreeMap` that it is, which is copied where it is shared and written.
#[derive(Clone, Default)]
pub struct Labels(Option<Rc<Pairs>>);

impl Labels {
    /// None yet.
    pub const fn new() -> Self {
        Self(None)
    }
    /// Whether both are the same map at the same place: quick to see.
    fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq::<Pairs>(&**self, &**other)
    }
}

impl Deref for Labels {
    type Target = Pairs;
    fn deref(&self) -> &Pairs {
        self.0.as_deref().unwrap_or(EMPTY)
    }
}

impl DerefMut for Labels {
    fn deref_mut(&mut self) -> &mut Pairs {
        Rc::make_mut(self.0.get_or_insert_default())
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl Eq for Labels {}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self.is_same(other) { std::cmp::Ordering::Equal } else { (**self).cmp(&**other) }
    }
}

impl std::hash::Hash for Labels {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl std::fmt::Debug for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        std::fmt::Debug::fmt(&**self, f)
    }
}

impl From<Pairs> for Labels {
    fn from(pairs: Pairs) -> Self {
        Self((!pairs.is_empty()).then(|| Rc::new(pairs)))
    }
}

impl<const N: usize> From<[(Str, Str); N]> for Labels {
    fn from(pairs: [(Str, Str); N]) -> Self {
        Self::from(Pairs::from(pairs))
    }
}

impl FromIterator<(Str, Str)> for Labels {
    fn from_iter<I: IntoIterator<Item = (Str, Str)>>(pairs: I) -> Self {
        Self::from(Pairs::from_iter(pairs))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a Str, &'a Str);
    type IntoIter = btree_map::Iter<'a, Str, Str>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Labels {
    type Item = (Str, Str);
    type IntoIter = btree_map::IntoIter<Str, Str>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.map(Rc::unwrap_or_clone).unwrap_or_default().into_iter()
    }
}

impl Stored for Labels {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        Stored::read(from).map(Self)
    }
}

impl Typed for Labels {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        Pairs::decode(value).map(Self::from)
    }
    fn encode(&self) -> Value {
        Pairs::encode(self)
    }
}
