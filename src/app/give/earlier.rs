//! The sessions that links have put aside: opening one never costs what somebody was doing.

use crate::app::storage::{self, NotKept};
use podium::session::Session;
use podium::value::{Value, json};
use std::cell::RefCell;

const KEY: &str = "podium.earlier";

/// So many are kept; the oldest goes first.
const MOST: usize = 20;

thread_local! {
    /// Where the browser keeps nothing for the page: what was put aside in this visit.
    static MEMORY: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Their logs, the last one first.
pub(super) fn all() -> Vec<String> {
    if let Some(logs) = MEMORY.with_borrow(Clone::clone) {
        return logs;
    }
    let kept = storage::load(KEY).and_then(|text| json::parse(&text).ok());
    let list = kept.as_ref().and_then(Value::as_array).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn save(logs: &[String]) -> Result<(), NotKept> {
    let list: Vec<Value> = logs.iter().map(|log| Value::from(log.as_str())).collect();
    match storage::save(KEY, &json::compact(&Value::from(list))) {
        Err(NotKept::Off) => {
            MEMORY.set(Some(logs.to_vec()));
            Ok(())
        }
        kept => kept,
    }
}

/// Puts a session aside, and takes out the one that is opened in its stead.
pub(super) fn put(session: &Session, opened: Option<&str>) -> Result<(), NotKept> {
    let log = session.to_json();
    let mut logs = all();
    logs.retain(|other| *other != log && Some(&**other) != opened);
    logs.insert(0, log);
    logs.truncate(MOST);
    save(&logs)
}
