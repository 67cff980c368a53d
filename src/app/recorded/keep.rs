//! A recording is kept for this tab where it is small enough, so that a reload plays it on.

use super::open;
use crate::app::shell::ShellAction;
use crate::app::storage;
use crate::app::theatre::{Theatre, use_theatre};
use gloo::events::EventListener;
use podium::cluster::time::SimTime;
use podium::value::{Map, Str, Value, json};
use yew::{Callback, hook, use_effect_with};

/// Where it is kept.
const KEY: &str = "podium.recording";
/// Where its moment is kept.
const AT: &str = "podium.recording.at";
/// A recording of more bytes is not kept: a browser keeps five megabytes for a page, and the session wants room as well.
const MOST: usize = 1_500_000;

/// Keeps the texts of a recording. False where they are too large.
pub(in crate::app) fn keep(texts: &[(Str, Str)]) -> bool {
    forget();
    let size: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let Some(tab) = storage::of_tab().filter(|_| size <= MOST) else { return false };
    let list = texts.iter().map(|(name, text)| {
        let mut file = Map::new();
        file.push("name", name.clone());
        file.push("text", text.clone());
        Value::from(file)
    });
    tab.set_item(KEY, &json::compact(&Value::from(list.collect::<Vec<_>>()))).is_ok()
}

/// Whether the recording that is played is kept.
pub(super) fn is_kept() -> bool {
    storage::of_tab().is_some_and(|tab| tab.get_item(KEY).is_ok_and(|kept| kept.is_some()))
}

/// Nothing is kept any more.
pub(in crate::app) fn forget() {
    if let Some(tab) = storage::of_tab() {
        _ = tab.remove_item(KEY);
        _ = tab.remove_item(AT);
    }
}

fn kept() -> Option<(Vec<(Str, Str)>, SimTime)> {
    let tab = storage::of_tab()?;
    let list = json::parse(&tab.get_item(KEY).ok()??).ok()?;
    let text = |file: &Value, key| file.get(key)?.as_str().map(Str::from);
    let texts: Option<Vec<_>> =
        list.as_array()?.iter().map(|file| Some((text(file, "name")?, text(file, "text")?))).collect();
    let at = tab.get_item(AT).ok().flatten().and_then(|at| at.parse().ok()).unwrap_or(0);
    Some((texts?, SimTime(at)))
}

fn keep_moment(theatre: &Theatre) {
    // Another session may have been opened in its place.
    if !theatre.is_recorded() {
        forget();
        return;
    }
    // A reload ends the watch of a cluster: what was seen until then stays.
    if let Some(watching) = theatre.watching() {
        match watching.so_far(MOST) {
            Some(text) => _ = keep(&[("live.jsonl".into(), text.into())]),
            None => forget(),
        }
    }
    if let Some(tab) = storage::of_tab().filter(|_| is_kept()) {
        _ = tab.set_item(AT, &theatre.playhead().sim().0.to_string());
    }
}

/// Plays on what was played when the page was loaded last, and keeps its moment when the page goes.
#[hook]
pub(in crate::app) fn use_kept(shell: &Callback<ShellAction>) {
    let (theatre, shell) = (use_theatre(), shell.clone());
    use_effect_with((), move |()| {
        if let Some((texts, at)) = kept() {
            open::play_at(theatre.clone(), shell, texts, Some(at));
        }
        let listener = EventListener::new(&gloo::utils::window(), "pagehide", move |_| keep_moment(&theatre));
        move || drop(listener)
    });
}
