//! A pen over the whole page.

use super::{capture, draws};
use crate::app::words::use_words;
use podium::msg;
use web_sys::PointerEvent;
use yew::{Callback, Html, component, html, use_state};

/// Strokes, each as the data of a path.
#[component]
pub(super) fn Pen() -> Html {
    let words = use_words();
    let strokes = use_state(Vec::<String>::new);
    let begin = {
        let strokes = strokes.clone();
        Callback::from(move |event: PointerEvent| {
            capture(&event);
            let mut more = (*strokes).clone();
            more.push(format!("M{} {}l0 0", event.client_x(), event.client_y()));
            strokes.set(more);
        })
    };
    let draw = {
        let strokes = strokes.clone();
        Callback::from(move |event: PointerEvent| {
            if !draws(&event) {
                return;
            }
            let mut more = (*strokes).clone();
            if let Some(last) = more.last_mut() {
                last.push_str(&format!("L{} {}", event.client_x(), event.client_y()));
            }
            strokes.set(more);
        })
    };
    html! {
        <svg class="board board-pen" role="img" aria-label={words.say(msg!("give.board-pen"))} onpointerdown={begin} onpointermove={draw}>
            { for strokes.iter().map(|stroke| html! { <path d={stroke.clone()} /> }) }
        </svg>
    }
}
