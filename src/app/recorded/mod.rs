//! What a real cluster did: dropped or pasted, read in slices, played in the place of the run, and compared with the simulation.

mod bar;
mod keep;
mod offer;
mod open;

pub(super) use bar::Bar;
pub(super) use keep::use_kept;
pub(super) use keep::{forget, keep};
pub(super) use offer::Offer;
pub(super) use open::play;

use super::theatre::Theatre;
use super::words::Words;
use podium::msg;
use yew::{AttrValue, Callback, Html, html};

/// Why something is away while a recording is played, and the way back.
pub(super) fn away(words: Words, theatre: &Theatre, why: &'static str) -> Html {
    html! {
        <div class="recorded-away">
            <p>{ words.say(why) }</p>
            { go_back(words, theatre) }
        </div>
    }
}

/// The button that leaves the recording.
fn go_back(words: Words, theatre: &Theatre) -> Html {
    let theatre = theatre.clone();
    let onclick = Callback::from(move |_| {
        keep::forget();
        theatre.leave_recording();
    });
    let hint: AttrValue = words.say(msg!("recorded.go-back-hint"));
    html! {
        <button class="button" type="button" data-act="go-back" title={hint} {onclick}>{ words.say(msg!("recorded.go-back")) }</button>
    }
}
