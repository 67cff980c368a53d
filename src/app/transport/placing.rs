//! What is asked before the next step: somebody who teaches decides it here.

use crate::app::theatre::{use_playhead, use_revision, use_theatre};
use crate::app::words::use_words;
use podium::msg;
use podium::session::Action;
use podium::timeline::predictions::{Placed, PredictionKind};
use web_sys::{Event, HtmlSelectElement};
use yew::{Callback, Html, TargetCast, component, html};

/// The name of a kind in a list.
fn about(kind: PredictionKind) -> &'static str {
    match kind {
        PredictionKind::GoesFirst => msg!("predict.about-goes-first"),
        PredictionKind::Lost => msg!("predict.about-lost"),
        PredictionKind::Replaces => msg!("predict.about-replaces"),
        PredictionKind::Ends => msg!("predict.about-ends"),
        PredictionKind::Reached => msg!("predict.about-reached"),
        PredictionKind::Restarts => msg!("predict.about-restarts"),
        PredictionKind::Successor => msg!("predict.about-successor"),
        PredictionKind::Node => msg!("predict.about-node"),
        PredictionKind::Status => msg!("predict.about-status"),
    }
}

/// The question before the next step, and what else could be asked there.
#[component]
pub(super) fn Placing() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let playhead = use_playhead(&theatre);
    use_revision(&theatre);
    // While it plays the next step is another every moment.
    if playhead.is_playing() || theatre.session().recording().is_some() {
        return Html::default();
    }
    let (at, is, can) = theatre.questions_here();
    let Some(at) = at.filter(|_| !can.is_empty()) else {
        return html! { <span class="placing">{ words.say(msg!("predict.placed-impossible")) }</span> };
    };
    let onchange = {
        let theatre = theatre.clone();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            theatre.act(Action::Ask(Placed { at, kind: PredictionKind::named(&select.value()) }));
        })
    };
    html! {
        <label class="placing">
            { words.say(msg!("predict.place")) }
            <select class="tool" data-act="place" {onchange}>
                <option value="" selected={is.is_none()}>{ words.say(msg!("predict.place-none")) }</option>
                { for can.into_iter().map(|kind| html! {
                    <option value={kind.as_str()} selected={is == Some(kind)}>{ words.say(about(kind)) }</option>
                }) }
            </select>
        </label>
    }
}
