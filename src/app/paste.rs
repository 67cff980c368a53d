//! A text that is pasted where nothing takes it goes into the open file as long as that is empty: who has asked for a file of
//! their own may paste before its field has the focus.

use super::keyboard::focus;
use super::shell::ShellAction;
use super::theatre::Theatre;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Function, JsString, Reflect};
use podium::session::Action;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};
use yew::{Callback, hook, use_effect_with};

/// What takes a text by itself: the same as in `static/start.js`, which hears what is pasted before this is there.
const FIELDS: &str = "textarea, select, input:not([type=range]), podium-editor, dialog";

/// A longer text takes so long that the page first says that it has it: as in `editor/src/main.js`.
const LONG: u32 = 300_000;

/// Listens for what is pasted anywhere.
#[hook]
pub(super) fn use_paste(theatre: &Theatre, act: &Callback<ShellAction>) {
    use_effect_with((theatre.clone(), act.clone()), |(theatre, act)| {
        let (theatre, act) = (theatre.clone(), act.clone());
        let listener = EventListener::new(&gloo::utils::document(), "paste", move |event| {
            let Some(text) = pasted(event).filter(|_| takes(&theatre)) else { return };
            let (of, act) = (theatre.clone(), act.clone());
            let put = move |text: JsString| put(&of, &act, &String::from(text));
            if text.length() < LONG { put(text) } else { theatre.soon(move || put(text)) }
        });
        move || drop(listener)
    });
}

/// The text that was pasted, where no field takes it: still the browser's, since it takes long to take over megabytes.
fn pasted(event: &Event) -> Option<JsString> {
    let target: Element = event.target()?.dyn_into().ok()?;
    if target.closest(FIELDS).ok()?.is_some() {
        return None;
    }
    // A paste that is not a person's may bring nothing.
    let data: JsValue = Reflect::get(event, &"clipboardData".into()).ok().filter(JsValue::is_object)?;
    let get: Function = Reflect::get(&data, &"getData".into()).ok()?.dyn_into().ok()?;
    get.call1(&data, &"text/plain".into()).ok()?.dyn_into().ok()
}

/// Whether there is a file for it.
fn takes(theatre: &Theatre) -> bool {
    let session = theatre.session();
    session.open_file().text.trim().is_empty() && session.recording().is_none()
}

fn put(theatre: &Theatre, act: &Callback<ShellAction>, text: &str) {
    // One that came while this one waited may have taken its place.
    if text.trim().is_empty() || !takes(theatre) {
        return;
    }
    let (name, view) = {
        let session = theatre.session();
        (session.open_file().name.clone(), session.view())
    };
    theatre.act(Action::EditFile(name, text.replace("\r\n", "\n").into()));
    act.emit(ShellAction::EditorClosed(view, false));
    act.emit(ShellAction::EditorOpen(true));
    to_text();
}

/// Goes into the text of the open file, as soon as that is drawn.
pub(super) fn to_text() {
    // Not before the browser is done with what it hears now: a paste would go into what has the focus then, once more.
    Timeout::new(0, || focus(".code-text, podium-editor")).forget();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_the_same_in_the_editor() {
        let editor = include_str!("../../editor/src/main.js");
        let long = editor
            .split_once("const LONG = ")
            .and_then(|(_, rest)| rest.split_once(';'))
            .map(|(long, _)| long.replace('_', ""));
        assert_eq!(long, Some(LONG.to_string()));
    }

    #[test]
    fn what_takes_a_text_by_itself_is_the_same_before_the_page_is_whole() {
        let start = include_str!("../../static/start.js");
        assert!(start.contains(&format!("const FIELDS = \"{FIELDS}\";")), "{FIELDS}");
    }
}
