//! What the browser keeps for the page between two visits.

use podium::value::{Map, Value, json};
use web_sys::Storage;

/// Why something was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotKept {
    /// The browser keeps nothing for this page.
    Off,
    /// There is no room left.
    Full,
}

/// Whether the page is a guest in another one (`?embed`; with `?embed=play` it plays). A guest keeps nothing: what is kept is
/// that of somebody who came here.
pub(super) fn embedded() -> Option<Embedded> {
    let asked = gloo::utils::window().location().search().unwrap_or_default();
    [Embedded::Shown, Embedded::Played].into_iter().find(|guest| guest.search() == asked)
}

/// What a guest does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Embedded {
    /// It shows a moment.
    Shown,
    /// It plays on from it.
    Played,
}

impl Embedded {
    /// What the address says of it.
    pub(super) fn search(self) -> &'static str {
        match self {
            Self::Shown => "?embed",
            Self::Played => "?embed=play",
        }
    }
}

fn storage() -> Result<Storage, NotKept> {
    if embedded().is_some() {
        return Err(NotKept::Off);
    }
    gloo::utils::window().local_storage().ok().flatten().ok_or(NotKept::Off)
}

/// What the browser keeps for this tab alone, as long as it is open.
pub(super) fn of_tab() -> Option<Storage> {
    if embedded().is_some() {
        return None;
    }
    gloo::utils::window().session_storage().ok()?
}

/// What this tab has kept under a key; else what any has kept last.
pub(super) fn load_of_tab(key: &str) -> Option<String> {
    of_tab().and_then(|tab| tab.get_item(key).ok()?).or_else(|| load(key))
}

/// Keeps a text under a key, for the next visit and for this tab: another tab may keep its own there, and a reload of this one
/// finds what was done here.
pub(super) fn save_of_tab(key: &str, text: &str) -> Result<(), NotKept> {
    if let Some(tab) = of_tab() {
        _ = tab.set_item(key, text);
    }
    save(key, text)
}

/// What is kept under a key.
pub(super) fn load(key: &str) -> Option<String> {
    storage().ok()?.get_item(key).ok().flatten()
}

/// Keeps a text under a key.
pub(super) fn save(key: &str, text: &str) -> Result<(), NotKept> {
    storage()?.set_item(key, text).map_err(|_| NotKept::Full)
}

/// Takes away what is kept under a key.
pub(super) fn remove(key: &str) {
    if let Ok(storage) = storage() {
        _ = storage.remove_item(key);
    }
}

/// The keys that begin so, and under which something is kept.
pub(super) fn names(begin: &str) -> Vec<String> {
    let Ok(storage) = storage() else { return Vec::new() };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|place| storage.key(place).ok().flatten());
    keys.filter(|key| key.starts_with(begin)).collect()
}

/// The settings kept under a key, empty where there are none.
pub(super) fn load_map(key: &str) -> Map {
    match load(key).and_then(|text| json::parse(&text).ok()) {
        Some(Value::Object(map)) => (*map).clone(),
        _ => Map::new(),
    }
}
