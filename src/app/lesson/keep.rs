//! What is kept of a learner between two visits.

use crate::app::storage::{self, NotKept};
use podium::lesson::Progress;

/// How far in which lesson.
const PROGRESS: &str = "podium.lessons";
/// The name of the lesson whose cluster is on the stage; empty where it is another's.
const OPEN: &str = "podium.lesson";

/// Something where the lessons are open in this tab.
const SHOWN: &str = "podium.lesson-shown";

/// The name of the draft that is being written in this tab; empty where none is.
const WRITING: &str = "podium.writing";

pub(super) fn progress() -> Progress {
    storage::load(PROGRESS).and_then(|text| Progress::from_json(&text)).unwrap_or_default()
}

pub(super) fn save(progress: &Progress) -> Result<(), NotKept> {
    storage::save(PROGRESS, &progress.to_json())
}

/// The lesson whose cluster is on the stage of this tab.
pub(super) fn open() -> Option<String> {
    storage::of_tab()?.get_item(OPEN).ok()?.filter(|name| !name.is_empty())
}

/// Notes whose cluster is on the stage. Without it a lesson only begins anew with the next visit.
pub(in crate::app) fn set_open(name: &str) {
    if name.is_empty() && open().is_none() {
        return;
    }
    if let Some(tab) = storage::of_tab() {
        _ = tab.set_item(OPEN, name);
    }
}

/// Whether a lesson was open beside the stage when this tab's page was left.
pub(in crate::app) fn was_shown() -> bool {
    open().is_some()
        && storage::of_tab().is_some_and(|tab| tab.get_item(SHOWN).is_ok_and(|kept| kept.is_some()))
}

/// Notes whether the lessons are open. Without it they are closed after a reload.
pub(in crate::app) fn set_shown(are_shown: bool) {
    if let Some(tab) = storage::of_tab() {
        _ = if are_shown { tab.set_item(SHOWN, "1") } else { tab.remove_item(SHOWN) };
    }
}

/// The draft that is being written in this tab.
pub(super) fn writing() -> Option<String> {
    let name = storage::of_tab()?.get_item(WRITING).ok()?.filter(|name| !name.is_empty())?;
    super::shelf::text(&name).map(|_| name)
}

/// Notes which draft is being written; none with an empty name. Without it the draft lies on the shelf all the same.
pub(super) fn set_writing(name: &str) {
    if let Some(tab) = storage::of_tab() {
        _ = tab.set_item(WRITING, name);
    }
}
