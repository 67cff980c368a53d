//! What the run is compared with: one choice, above both.

use crate::app::theatre::{use_revision, use_theatre};
use crate::app::transport::branch_name;
use crate::app::words::use_words;
use podium::msg;
use podium::timeline::compare::Against;
use yew::{Callback, Html, component, html};

/// What would change something in the run, and its other branches.
#[component]
pub(super) fn Choices() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
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
