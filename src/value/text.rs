//! `Str`: shared text.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

/// Shared text. Cloning is a reference count; empty text, and text that stands in the program, take no memory.
///
/// ```
/// use podium::value::Str;
/// const READY: Str = Str::of(&"Ready");
/// assert_eq!(READY, Str::from("Ready"));
/// assert_eq!(size_of::<Str>(), 2 * size_of::<usize>());
/// ```
#[derive(Clone)]
pub struct Str(Text);

/// The reference to a reference is as large as a pointer, so that the whole is no larger than an `Rc<str>`.
#[derive(Clone)]
enum Text {
    Shared(Rc<str>),
    Static(&'static &'static str),
}

impl Str {
    /// Text that stands in the program.
    pub const fn of(text: &'static &'static str) -> Self {
        Self(Text::Static(text))
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Shared(text) => text,
            Text::Static(text) => text,
        }
    }
    /// Whether both are the same text at the same place: quick to see, and never true where they differ.
    fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.as_str(), other.as_str())
    }
}

impl Default for Str {
    fn default() -> Self {
        Self::of(&"")
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_same(other) { Ordering::Equal } else { (**self).cmp(&**other) }
    }
}

/// As `str` hashes, so that the one is found by the other.
impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        super::common::find(text).unwrap_or_else(|| Self(Text::Shared(text.into())))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self::from(&*text)
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Self {
        Self::from(&*text)
    }
}

impl From<Rc<str>> for Str {
    fn from(text: Rc<str>) -> Self {
        Self(Text::Shared(text))
    }
}

impl From<Str> for Rc<str> {
    fn from(text: Str) -> Self {
        match text.0 {
            Text::Shared(text) => text,
            Text::Static(text) => (*text).into(),
        }
    }
}

impl FromIterator<char> for Str {
    fn from_iter<I: IntoIterator<Item = char>>(letters: I) -> Self {
        Self::from(letters.into_iter().collect::<String>())
    }
}
