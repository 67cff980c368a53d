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
    /// Text that nothing else says: a uid, a time, a name that was just made. It is not looked for among the common ones.
    pub fn own(text: &str) -> Self {
        Self(Text::Shared(text.into()))
    }
    /// The texts one after the other, as text that nothing else says.
    pub fn joined(parts: &[&str]) -> Self {
        let mut bytes = [0; 256];
        let length = parts.iter().map(|part| part.len()).sum();
        let Some(room) = bytes.get_mut(..length) else { return Self::own(&parts.concat()) };
        let mut at = 0;
        for part in parts {
            room[at..at + part.len()].copy_from_slice(part.as_bytes());
            at += part.len();
        }
        Self::own(std::str::from_utf8(room).unwrap_or_default())
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        self.text()
    }
    // In the few places that are gone through most, a call would take longer than what is called.
    #[inline(always)]
    fn text(&self) -> &str {
        match &self.0 {
            Text::Shared(text) => text,
            Text::Static(text) => text,
        }
    }
    /// Whether both are the same text at the same place: quick to see, and never true where they differ.
    #[inline(always)]
    fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.text(), other.text())
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
        self.text()
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

// Texts are compared eight bytes at a time: most are short, and in WebAssembly the function that compares memory goes
// byte by byte.

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.text().as_bytes(), other.text().as_bytes());
        if a.len() != b.len() || self.is_same(other) {
            return a.len() == b.len();
        }
        let ((words, rest), (other_words, other_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
        words
            .iter()
            .zip(other_words)
            .all(|(word, other)| u64::from_ne_bytes(*word) == u64::from_ne_bytes(*other))
            && rest.iter().zip(other_rest).all(|(byte, other)| byte == other)
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    // Most texts differ in their first eight bytes, and those that do not are mostly one and the same.
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.text().as_bytes(), other.text().as_bytes());
        if let (Some(first), Some(other)) = (a.first_chunk::<8>(), b.first_chunk::<8>()) {
            let (first, other) = (u64::from_be_bytes(*first), u64::from_be_bytes(*other));
            if first != other {
                return first.cmp(&other);
            }
        }
        if std::ptr::eq(a, b) {
            return Ordering::Equal;
        }
        let (words, other_words) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
        for (word, other) in words.iter().zip(other_words) {
            if word != other {
                return u64::from_be_bytes(*word).cmp(&u64::from_be_bytes(*other));
            }
        }
        let same = 8 * words.len().min(other_words.len());
        a[same..].cmp(&b[same..])
    }
}

/// As `str` hashes, so that the one is found by the other.
impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
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

/// Its decimal digits.
impl From<u64> for Str {
    fn from(mut number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut first = digits.len() - 1;
        loop {
            digits[first] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
            first -= 1;
        }
        Self::own(std::str::from_utf8(&digits[first..]).unwrap_or_default())
    }
}

impl FromIterator<char> for Str {
    fn from_iter<I: IntoIterator<Item = char>>(letters: I) -> Self {
        Self::from(letters.into_iter().collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_made_here_are_as_any_other() {
        assert_eq!((Str::own("Ready"), Str::joined(&["a", "", "가", "c"])), ("Ready".into(), "a가c".into()));
        let long = "x".repeat(200);
        assert_eq!(*Str::joined(&[&long, &long]), *format!("{long}{long}"));
        for number in [0, 7, 10, 1_234_567, u64::MAX] {
            assert_eq!(*Str::from(number), *number.to_string());
        }
    }

    #[test]
    fn texts_are_ordered_by_their_bytes() {
        let texts = ["", "a", "abcdefgh", "abcdefgh0", "abcdefghi", "abcdefgi", "b", "ba", "zz-가", "가나다"];
        for (n, a) in texts.iter().enumerate() {
            for (m, b) in texts.iter().enumerate() {
                assert_eq!(Str::own(a).cmp(&Str::own(b)), n.cmp(&m), "{a} {b}");
            }
        }
    }
}
