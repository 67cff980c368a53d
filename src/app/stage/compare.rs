//! What the run is compared with: one choice, above both.

use crate::app::theatre::{use_revision, use_theatre};
use crate::app::transport::branch_name;
use crate::app::words::use_words;
use podium::msg;
use podium::timeline::compare::Against;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{Callback, Html, component, html, use_effect_with};

/// So much is seen of what stands before the one that is chosen, in pixels.
const BEFORE: i32 = 60;

/// What would change something in the run, and its other branches.
#[component]
pub(super) fn Choices() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    let shown =
        theatre.comparison().as_ref().map(|comparison| (comparison.against(), comparison.possible().len()));
    // Where not all of them have room beside each other, the one that is chosen is in sight, also where others come beside it.
    use_effect_with(shown, |_| {
        let found = gloo::utils::document().query_selector(".difference[aria-checked=true]").ok().flatten();
        if let Some(button) = found.and_then(|button| button.dyn_into::<HtmlElement>().ok())
            && let Some(row) = button.closest(".differences-list").ok().flatten()
        {
            row.set_scroll_left(button.offset_left() - BEFORE);
        }
    });
    let comparison = theatre.comparison();
    let Some(comparison) = comparison.as_ref() else { return Html::default() };
    let chosen = comparison.against();
    let session = theatre.session();
    let choice = |against: &Against| {
        let against = *against;
        let theatre = theatre.clone();
        let (id, name) = match against {
            Against::Difference(difference) => (difference.as_str().to_owned(), words.say(difference.name())),
            Against::Branch(branch) => {
                (format!("branch-{branch}"), branch_name(words, session.timeline(), branch))
            }
        };
        html! {
            <button class="difference" type="button" role="radio" key={id.clone()} data-difference={id}
                aria-checked={(against == chosen).to_string()}
                onclick={Callback::from(move |_| theatre.compare_with(against))}>
                { name }
            </button>
        }
    };
    let name = words.say(msg!("compare.second"));
    html! {
        <div class="differences">
            <span class="differences-name" aria-hidden="true">{ name.clone() }</span>
            <div class="differences-list" role="radiogroup" aria-label={name}>
                { for comparison.possible().iter().map(choice) }
            </div>
        </div>
    }
}
