//! What differs between the two runs that are compared: one choice, above them.

use crate::app::theatre::{use_revision, use_theatre};
use crate::app::words::use_words;
use podium::msg;
use podium::timeline::compare::Difference;
use yew::{Callback, Html, component, html};

/// The differences that would change something in the run.
#[component]
pub(super) fn Differences() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let comparison = theatre.comparison();
    let Some(comparison) = comparison.as_ref() else { return Html::default() };
    let chosen = comparison.difference();
    let choice = |difference: &Difference| {
        let difference = *difference;
        let theatre = theatre.clone();
        html! {
            <button class="difference" type="button" role="radio" key={difference.as_str()} data-difference={difference.as_str()}
                aria-checked={(difference == chosen).to_string()}
                onclick={Callback::from(move |_| theatre.compare_by(difference))}>
                { words.say(difference.name()) }
            </button>
        }
    };
    let name = words.say(msg!("compare.differs"));
    html! {
        <div class="differences">
            <span class="differences-name" aria-hidden="true">{ name.clone() }</span>
            <div class="differences-list" role="radiogroup" aria-label={name}>
                { for comparison.possible().iter().map(choice) }
            </div>
        </div>
    }
}
