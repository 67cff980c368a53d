//! A text that is pasted where nothing takes it goes into the open file as long as that is empty: who has asked for a file of
//! their own may paste before its field has the focus.

use super::keyboard::focus;
use super::shell::ShellAction;
use super::theatre::Theatre;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::Reflect;
use podium::session::Action;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, Element, Event};
use yew::{Callback, hook, use_effect_with};

/// What takes a text by itself.
const FIELDS: &str = "textarea, select, input:not([type=range]), podium-editor, dialog";

/// Listens for what is pasted anywhere.
#[hook]
pub(super) fn use_paste(theatre: &Theatre, act: &Callback<ShellAction>) {
    use_effect_with((theatre.clone(), act.clone()), |(theatre, act)| {
        let (theatre, act) = (theatre.clone(), act.clone());
        let listener = EventListener::new(&gloo::utils::document(), "paste", move |event| {
            if let Some(text) = pasted(event) {
                put(&theatre, &act, &text);
            }
        });
        move || drop(listener)
    });
}

/// The text that was pasted, where no field takes it.
fn pasted(event: &Event) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    if target.closest(FIELDS).ok()?.is_some() {
        return None;
    }
    let data: DataTransfer = Reflect::get(event, &"clipboardData".into()).ok()?.dyn_into().ok()?;
    data.get_data("text/plain").ok().filter(|text| !text.trim().is_empty())
}

fn put(theatre: &Theatre, act: &Callback<ShellAction>, text: &str) {
    let (name, view) = {
        let session = theatre.session();
        let file = session.open_file();
        if !file.text.trim().is_empty() || session.recording().is_some() {
            return;
        }
        (file.name.clone(), session.view())
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
