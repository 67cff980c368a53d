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

fn storage() -> Result<Storage, NotKept> {
    gloo::utils::window().local_storage().ok().flatten().ok_or(NotKept::Off)
}

/// What is kept under a key.
pub(super) fn load(key: &str) -> Option<String> {
    storage().ok()?.get_item(key).ok().flatten()
}

/// Keeps a text under a key.
pub(super) fn save(key: &str, text: &str) -> Result<(), NotKept> {
    storage()?.set_item(key, text).map_err(|_| NotKept::Full)
}

/// The settings kept under a key, empty where there are none.
pub(super) fn load_map(key: &str) -> Map {
    match load(key).and_then(|text| json::parse(&text).ok()) {
        Some(Value::Object(map)) => (*map).clone(),
        _ => Map::new(),
    }
}
