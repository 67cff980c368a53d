//! The grip of a phone's sheet: a tap closes the sheet, and so does a finger that draws it down.

use super::words::use_words;
use podium::msg;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent, PointerEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_mut_ref};

/// A sheet that was drawn down so far is let go of, in pixels.
const FAR: i32 = 70;
/// A finger that moves less than this has tapped.
const STILL: i32 = 20;

#[derive(Properties, PartialEq)]
pub(super) struct GripProps {
    /// The sheet is to be there no more.
    pub(super) close: Callback<()>,
}

/// It belongs to the sheet that it stands in.
#[component]
pub(super) fn Grip(GripProps { close }: &GripProps) -> Html {
    let words = use_words();
    // Where the finger took hold, and how far it has gone down.
    let held = use_mut_ref(|| None::<i32>);
    let drawn = use_mut_ref(|| 0);
    let onpointerdown = {
        let (held, drawn) = (held.clone(), drawn.clone());
        Callback::from(move |event: PointerEvent| {
            if !event.is_primary() || event.button() != 0 {
                return;
            }
            let grip: Element = event.target_unchecked_into();
            _ = grip.set_pointer_capture(event.pointer_id());
            *held.borrow_mut() = Some(event.client_y());
            *drawn.borrow_mut() = 0;
        })
    };
    let onpointermove = {
        let (held, drawn) = (held.clone(), drawn.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(from) = *held.borrow() else { return };
            let by = (event.client_y() - from).max(0);
            *drawn.borrow_mut() = by;
            lower(&event, Some(by));
        })
    };
    let let_go = {
        let (held, drawn, close) = (held.clone(), drawn.clone(), close.clone());
        move |event: PointerEvent, may_close: bool| {
            if held.borrow_mut().take().is_some() {
                lower(&event, None);
                if may_close && *drawn.borrow() >= FAR {
                    close.emit(());
                }
            }
        }
    };
    let onpointerup = {
        let let_go = let_go.clone();
        Callback::from(move |event| let_go(event, true))
    };
    let onpointercancel = Callback::from(move |event| let_go(event, false));
    let onclick = {
        let close = close.clone();
        Callback::from(move |event: MouseEvent| {
            // A mouse that has drawn it clicks as well when it lets go; a key draws nothing.
            if drawn.replace(0) < STILL || event.detail() == 0 {
                close.emit(());
            }
        })
    };
    html! {
        <button class="sheet-grip" type="button" aria-label={words.say(msg!("page.close"))}
            {onpointerdown} {onpointermove} {onpointerup} {onpointercancel} {onclick} />
    }
}

/// Puts the sheet of a grip so far below its place, or has it where its stylesheet says.
fn lower(event: &PointerEvent, by: Option<i32>) {
    let grip: Element = event.target_unchecked_into();
    let Some(sheet) = grip.parent_element().and_then(|sheet| sheet.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    let style = sheet.style();
    match by {
        // It goes with the finger, and not after it.
        Some(by) => {
            _ = style.set_property("transition", "none");
            _ = style.set_property("translate", &format!("0 {by}px"));
        }
        None => {
            _ = style.remove_property("transition");
            _ = style.remove_property("translate");
        }
    }
}
