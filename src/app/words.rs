//! The page's language: every component asks it for its text.

use podium::manifest::Arg;
use podium::words::{Language, text};
use yew::{AttrValue, hook, use_context};

/// The language that the page speaks, given to the components by context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) Language);

impl Words {
    /// A message without arguments.
    pub(super) fn say(self, id: &str) -> AttrValue {
        self.with(id, &[])
    }
    /// A message with its arguments.
    pub(super) fn with(self, id: &str, args: &[(&str, Arg)]) -> AttrValue {
        text(self.0, id, args).into()
    }
}

/// The language of the page.
#[hook]
pub(super) fn use_words() -> Words {
    use_context().unwrap_or_default()
}
