//! Presenting to a room: everything larger, the editor away, and a board over the stage: a black screen, a light that follows the
//! hand, a pen whose strokes are gone with the next step.

mod pen;

use super::theatre::{use_playhead, use_theatre};
use super::words::use_words;
use pen::Pen;
use podium::msg;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, PointerEvent};
use yew::{Callback, Html, Properties, component, html, use_node_ref};

/// How much larger the stage is than for one reader: on a screen 900 pixels high its smallest text has 23 pixels instead of 12,
/// and the smallest name of an object 24 instead of 12.5.
pub(super) const LARGER: f32 = 1.925;

/// The same of the lanes of the timeline: their names have 24 pixels instead of 12, and so have their words.
pub(super) const LANES: f32 = 2.0;
/// The height of a screen on which the sizes of presenting are as they are called, in pixels.
const HIGH: f64 = 900.0;

/// How much larger something is than for one reader: before a room by so much on a screen 900 pixels high, the higher the screen,
/// the larger.
pub(super) fn larger(is_presented: bool, by: f32) -> f32 {
    if !is_presented {
        return 1.0;
    }
    let height = gloo::utils::window().inner_height().ok().and_then(|height| height.as_f64());
    by * (height.unwrap_or(HIGH) / HIGH) as f32
}

/// What lies over the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Board {
    /// Nothing is seen, so that all look at the teacher.
    Black,
    /// All but a circle around the hand is dim.
    Light,
    /// The hand draws.
    Pen,
}

#[derive(Properties, PartialEq)]
pub(super) struct BoardProps {
    pub(super) board: Board,
    /// Puts the board away.
    pub(super) close: Callback<()>,
}

#[component]
pub(super) fn BoardOver(props: &BoardProps) -> Html {
    let words = use_words();
    let light = use_node_ref();
    match props.board {
        Board::Black => {
            let close = props.close.reform(|_: web_sys::MouseEvent| ());
            html! { <button class="board board-black" type="button" aria-label={words.say(msg!("give.board-black"))} onclick={close} /> }
        }
        Board::Light => {
            let moved = {
                let light = light.clone();
                Callback::from(move |event: PointerEvent| {
                    let Some(light) = light.cast::<HtmlElement>() else { return };
                    _ = light.style().set_property("--x", &format!("{}px", event.client_x()));
                    _ = light.style().set_property("--y", &format!("{}px", event.client_y()));
                })
            };
            html! { <div class="board board-light" ref={light} onpointermove={moved} role="img" aria-label={words.say(msg!("give.board-light"))} /> }
        }
        Board::Pen => html! { <PenOfStep /> },
    }
}

/// The pen of a step: with the next one its strokes are gone.
#[component]
fn PenOfStep() -> Html {
    let theatre = use_theatre();
    let playhead = use_playhead(&theatre);
    let step = theatre.session().timeline().story().beat_at(playhead.sim()).map_or(0, |beat| beat.index + 1);
    html! { <Pen key={step} /> }
}

/// Whether a hand presses its main button, or touches.
fn draws(event: &PointerEvent) -> bool {
    event.buttons() & 1 == 1
}

/// The hand's moves belong to this element until it lets go.
fn capture(event: &PointerEvent) {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(element) = element {
        _ = element.set_pointer_capture(event.pointer_id());
    }
}
