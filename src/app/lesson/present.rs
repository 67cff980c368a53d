//! A lesson before a room: where the run has nothing more to show, a clicker does the next thing of the lesson.

use crate::app::theatre::Theatre;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What can come next in a step, in the order in which it stands there.
const PARTS: &str = ".lesson .panel-body .lesson-play, .lesson .panel-body .lesson-question";

/// Notes that a question was shown or a command given: the next press goes past it.
const SHOWN: &str = "data-shown";

/// Does the next thing of the open lesson, where all is seen of what was done so far: a command is given, a question is shown, and
/// at last the next step is opened. False where the run goes on first, or no lesson is open.
pub(in crate::app) fn go_on(theatre: &Theatre) -> bool {
    is_at_end(theatre) && (next_part() || next_step())
}

/// Whether the playhead is behind all that is told, and nothing is coming.
fn is_at_end(theatre: &Theatre) -> bool {
    let (session, playhead) = (theatre.session(), theatre.playhead());
    let story = session.timeline().story();
    let is_past = story.beats.last().is_none_or(|beat| playhead.sim() >= beat.to);
    let has_acts = !session.timeline().acts().is_empty();
    let is_coming = has_acts && playhead.is_playing() && !story.is_over() && story.rests.is_none();
    is_past && !is_coming && !theatre.is_computing()
}

fn next_part() -> bool {
    let Ok(parts) = document().query_selector_all(PARTS) else { return false };
    let parts = (0..parts.length()).filter_map(|place| parts.item(place)?.dyn_into::<HtmlElement>().ok());
    let Some(part) = parts.into_iter().find(is_open) else { return false };
    // With false it is moved no further than its lower end is seen.
    part.scroll_into_view_with_bool(false);
    _ = part.set_attribute(SHOWN, "");
    if part.matches(".lesson-play").unwrap_or_default() {
        part.click();
    }
    true
}

/// Whether something of the step was not done yet. What leads to a solution is for a learner.
fn is_open(part: &HtmlElement) -> bool {
    let holds = |selector: &str| part.query_selector(selector).ok().flatten().is_some();
    let is_solution = part.closest(".lesson-solution").ok().flatten().is_some();
    let is_done = part.has_attribute("data-played") || part.has_attribute(SHOWN) || holds("[data-right]");
    !is_solution && !is_done
}

fn next_step() -> bool {
    let next = document().query_selector(".lesson [data-act=lesson-next]").ok().flatten();
    let next = next.and_then(|next: Element| next.dyn_into::<HtmlElement>().ok());
    next.inspect(|next| next.click()).is_some()
}
