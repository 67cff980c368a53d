//! What is asked before the next step: somebody who teaches decides it here, or writes a question of their own.

use crate::app::dialog::Dialog;
use crate::app::theatre::{use_playhead, use_revision, use_theatre};
use crate::app::words::use_words;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::session::Action;
use podium::timeline::predictions::{Own, Placed, PredictionKind, Wanted};
use podium::value::Str;
use web_sys::{Event, HtmlInputElement, HtmlSelectElement, InputEvent, SubmitEvent};
use yew::{
    Callback, Html, Properties, TargetCast, component, html, use_effect, use_node_ref, use_state,
    use_state_eq,
};

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
        PredictionKind::Own => msg!("predict.about-own"),
    }
}

/// The question before the next step, and what else could be asked there.
#[component]
pub(super) fn Placing() -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let playhead = use_playhead(&theatre);
    use_revision(&theatre);
    let select = use_node_ref();
    // The step before which a question is being written.
    let writing = use_state_eq(|| None::<SimTime>);
    // While it plays the next step is another every moment.
    let is_away = playhead.is_playing() || theatre.session().recording().is_some();
    let (at, is, can) = if is_away { (None, None, Vec::new()) } else { theatre.questions_here() };
    {
        // What somebody has chosen stays chosen in the page's own list, also where another step comes.
        let (select, value) = (select.clone(), is.map_or("", |kind| kind.as_str()));
        use_effect(move || {
            if let Some(select) = select.cast::<HtmlSelectElement>() {
                select.set_value(value);
            }
        });
    }
    let close = {
        let writing = writing.clone();
        Callback::from(move |()| writing.set(None))
    };
    // What is being written stays, whatever the stage does meanwhile.
    let dialog = writing.map(|at| html! { <Writing key={at.0.to_string()} {at} {close} /> });
    let dialog = html! { { for dialog } };
    if is_away {
        return dialog;
    }
    let Some(at) = at else {
        return html! {
            <><span class="placing">{ words.say(msg!("predict.placed-impossible")) }</span>{ dialog }</>
        };
    };
    let onchange = {
        let (theatre, writing) = (theatre.clone(), writing.clone());
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            let what = match PredictionKind::named(&select.value()) {
                Some(PredictionKind::Own) => {
                    select.set_value(is.map_or("", |kind| kind.as_str()));
                    return writing.set(Some(at));
                }
                Some(kind) => Wanted::Made(kind),
                None => Wanted::Nothing,
            };
            theatre.act(Action::Ask(Placed { at, what }));
        })
    };
    let edit = {
        let writing = writing.clone();
        move |_| writing.set(Some(at))
    };
    let is_own = is == Some(PredictionKind::Own);
    html! {
        <>
            <label class="placing">
                { words.say(msg!("predict.place")) }
                <select class="tool" data-act="place" ref={select} {onchange}>
                    <option value="">{ words.say(msg!("predict.place-none")) }</option>
                    { for can.into_iter().chain([PredictionKind::Own]).map(|kind| html! {
                        <option value={kind.as_str()}>{ words.say(about(kind)) }</option>
                    }) }
                </select>
            </label>
            if is_own {
                <button class="button" type="button" data-act="own-edit" onclick={edit}>{ words.say(msg!("predict.own-edit")) }</button>
            }
            { dialog }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct WritingProps {
    /// The step before which it is asked.
    at: SimTime,
    close: Callback<()>,
}

/// A question of somebody's own, as it is written.
#[component]
fn Writing(WritingProps { at, close }: &WritingProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let own = use_state(|| {
        let mut own = theatre.own_at(*at).unwrap_or_default();
        own.choices.resize(Own::MOST, Str::default());
        own
    });
    let is_missing = use_state_eq(|| false);
    let put = |change: fn(&mut Own, usize, Str), place: usize| {
        let (own, is_missing) = (own.clone(), is_missing.clone());
        Callback::from(move |event: InputEvent| {
            is_missing.set(false);
            let field: HtmlInputElement = event.target_unchecked_into();
            let mut next = (*own).clone();
            change(&mut next, place, field.value().as_str().into());
            own.set(next);
        })
    };
    let onsubmit = {
        let (theatre, own, close, is_missing, at) =
            (theatre.clone(), own.clone(), close.clone(), is_missing.clone(), *at);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(own) = own.whole() else { return is_missing.set(true) };
            theatre.act(Action::Ask(Placed { at, what: Wanted::Own(own) }));
            close.emit(());
        })
    };
    let longest = Own::LONGEST.to_string();
    let choices = (0..Own::MOST).map(|place| {
        let name = words.with(msg!("predict.own-choice"), &[("number", (place + 1).into())]);
        let right = words.with(msg!("predict.own-right"), &[("number", (place + 1).into())]);
        let onchange = {
            let own = own.clone();
            move |_| own.set(Own { right: place, ..(*own).clone() })
        };
        html! {
            <li>
                <input type="radio" name="own-right" aria-label={right.clone()} title={right} checked={own.right == place} {onchange} />
                <input type="text" data-choice={(place + 1).to_string()} aria-label={name.clone()} placeholder={name} maxlength={longest.clone()}
                    value={own.choices[place].to_string()} oninput={put(|own, place, text| own.choices[place] = text, place)} />
            </li>
        }
    });
    html! {
        <Dialog class="own" title={words.say(msg!("predict.own-title"))} close={close.clone()}>
            <link rel="stylesheet" href="asks.css" />
            <form class="own-form" {onsubmit}>
                <label>{ words.say(msg!("predict.own-ask")) }
                    <input type="text" data-act="own-ask" autofocus=true maxlength={longest.clone()} value={own.ask.to_string()} oninput={put(|own, _, text| own.ask = text, 0)} />
                </label>
                <fieldset>
                    <legend>{ words.say(msg!("predict.own-choices")) }</legend>
                    <ol>{ for choices }</ol>
                </fieldset>
                <label>{ words.say(msg!("predict.own-why")) }
                    <input type="text" data-act="own-why" maxlength={longest.clone()} value={own.why.to_string()} oninput={put(|own, _, text| own.why = text, 0)} />
                </label>
                <p role="alert">{ is_missing.then(|| words.say(msg!("predict.own-missing"))) }</p>
                <button class="button button-bold" type="submit" data-act="own-place">{ words.say(msg!("predict.own-place")) }</button>
            </form>
        </Dialog>
    }
}
