//! Lessons that somebody writes here, and lessons that somebody was given: texts on a shelf of their own, outside the session.
//! What the browser does not keep stays in memory for this visit.

use crate::app::storage::{self, NotKept};
use podium::lesson::draft::mark;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What the keys begin with.
const KEY: &str = "podium.";
/// What the names of drafts begin with, and those of lessons that were given.
const DRAFT: &str = "draft-";
const GIVEN: &str = "given-";

thread_local! {
    /// What could not be kept, by name.
    static MEMORY: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether a name is that of a draft.
pub(super) fn is_draft(name: &str) -> bool {
    name.starts_with(DRAFT)
}

/// Whether a name is that of a lesson that was given.
pub(super) fn is_given(name: &str) -> bool {
    name.starts_with(GIVEN)
}

/// A name that no draft has. Later ones come later in order.
pub(super) fn new_name() -> String {
    let mut at = js_sys::Date::now() as u64;
    loop {
        let name = format!("{DRAFT}{at:011x}");
        if text(&name).is_none() {
            return name;
        }
        at += 1;
    }
}

/// The name of a lesson that was given.
pub(super) fn given_name(text: &str) -> String {
    format!("{GIVEN}{}", mark(text))
}

/// Puts a text on the shelf. Where the browser does not keep it, it stays for this visit.
pub(super) fn put(name: &str, text: &str) -> Result<(), NotKept> {
    let kept = storage::save(&format!("{KEY}{name}"), text);
    MEMORY.with_borrow_mut(|memory| match kept {
        Ok(()) => _ = memory.remove(name),
        Err(_) => _ = memory.insert(name.to_owned(), text.to_owned()),
    });
    kept
}

/// What the browser keeps under a name, be it from another tab.
pub(super) fn kept(name: &str) -> Option<String> {
    storage::load(&format!("{KEY}{name}"))
}

/// The text under a name.
pub(super) fn text(name: &str) -> Option<String> {
    MEMORY.with_borrow(|memory| memory.get(name).cloned()).or_else(|| kept(name))
}

/// Takes a text from the shelf.
pub(super) fn remove(name: &str) {
    storage::remove(&format!("{KEY}{name}"));
    MEMORY.with_borrow_mut(|memory| memory.remove(name));
}

/// The drafts, or the lessons that were given, each with its name; the latest draft first.
pub(super) fn all(drafts: bool) -> Vec<(String, String)> {
    let begins = if drafts { DRAFT } else { GIVEN };
    let kept = storage::names(&format!("{KEY}{begins}"));
    let mut names: Vec<String> =
        kept.iter().filter_map(|key| key.strip_prefix(KEY)).map(str::to_owned).collect();
    MEMORY.with_borrow(|memory| names.extend(memory.keys().filter(|name| name.starts_with(begins)).cloned()));
    names.sort_unstable_by(|one, other| other.cmp(one));
    names.dedup();
    names.into_iter().filter_map(|name| text(&name).map(|text| (name, text))).collect()
}
