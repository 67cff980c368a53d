//! Whether the editor's script and the second half of the page have come. `static/start.js` fetches it after the first picture and tells the document.

use super::bridge::is_there;
use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::{hook, use_effect_with, use_state_eq};

/// What the element takes over from the plain text area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TakenOver {
    /// Where the cursor was, if the text area had the focus.
    pub(super) cursor: Option<(u32, u32)>,
}

/// Something as soon as the custom element can be drawn.
#[hook]
pub(super) fn use_script() -> Option<TakenOver> {
    let state = use_state_eq(|| is_there().then_some(TakenOver { cursor: None }));
    {
        let state = state.clone();
        use_effect_with((), move |()| {
            let listener = EventListener::new(&gloo::utils::document(), "podium-editor", move |_| {
                state.set(Some(TakenOver { cursor: cursor() }));
            });
            move || drop(listener)
        });
    }
    *state
}

fn cursor() -> Option<(u32, u32)> {
    let area = gloo::utils::document().active_element()?;
    let area = area.dyn_into::<HtmlTextAreaElement>().ok().filter(|area| area.class_name() == "code-text")?;
    Some((area.selection_start().ok()??, area.selection_end().ok()??))
}
