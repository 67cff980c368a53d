//! Terms that can be asked: by hover, by focus and by a tap they say what they are, and where they are in the run.

use super::theatre::use_theatre;
use super::words::use_words;
use podium::timeline::here;
use podium::words::terms::{Piece, pieces, stretches};
use web_sys::{KeyboardEvent, PointerEvent};
use yew::{AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_state_eq};

#[derive(Properties, PartialEq)]
pub(super) struct AskedProps {
    /// A sentence.
    pub(super) text: AttrValue,
    /// The command that it quotes, if any, which stays as it was typed.
    pub(super) quoted: AttrValue,
}

/// A sentence whose terms can be asked.
#[component]
pub(super) fn Asked(AskedProps { text, quoted }: &AskedProps) -> Html {
    let shown = |piece: Piece<'_>| match piece {
        Piece::Text(text) => html! { { text.to_owned() } },
        Piece::Term(id, word) => html! { <Term key={id} {id} word={word.to_owned()} /> },
    };
    let stretches = stretches(&pieces(text, quoted)).into_iter().map(|(is_held, pieces)| {
        let pieces = pieces.into_iter().map(shown);
        if is_held {
            html! { <span class="held">{ for pieces }</span> }
        } else {
            html! { <>{ for pieces }</> }
        }
    });
    html! { <>{ for stretches }</> }
}

#[derive(Properties, PartialEq)]
pub(super) struct TermProps {
    /// The message that says what it is.
    pub(super) id: &'static str,
    /// The word that is asked.
    pub(super) word: AttrValue,
}

/// A word that can be asked.
#[component]
pub(super) fn Term(TermProps { id, word }: &TermProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let is_open = use_state_eq(|| false);
    {
        let is_open = is_open.clone();
        use_effect_with(word.clone(), move |_| is_open.set(false));
    }
    let set = |open: bool| {
        let is_open = is_open.clone();
        Callback::from(move |()| is_open.set(open))
    };
    // A finger has no hover: its tap is a click, which comes after these.
    let hovered = |open: bool| {
        let set = set(open);
        Callback::from(move |event: PointerEvent| {
            if event.pointer_type() != "touch" {
                set.emit(());
            }
        })
    };
    let onclick = {
        let is_open = is_open.clone();
        Callback::from(move |_| is_open.set(true))
    };
    let onkeydown = {
        let is_open = is_open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *is_open {
                event.prevent_default();
                event.stop_propagation();
                is_open.set(false);
            }
        })
    };
    let card = is_open.then(|| {
        let said = {
            let session = theatre.session();
            here(session.timeline().at(theatre.playhead().sim()), id)
        };
        html! {
            <span class="term-card" role="tooltip" aria-live="off" id={format!("about-{id}")}>
                <strong>{ word.clone() }</strong>
                <span>{ words.say(id) }</span>
                if let Some(said) = said { <small>{ words.with(said.id, &said.args) }</small> }
            </span>
        }
    });
    html! {
        <span class="term-place">
            <button class="term" type="button" data-term={*id} aria-describedby={is_open.then(|| format!("about-{id}"))}
                onpointerenter={hovered(true)} onpointerleave={hovered(false)} onfocus={set(true).reform(|_| ())}
                onblur={set(false).reform(|_| ())} {onclick} {onkeydown}>{ word.clone() }</button>
            // One place, whether it is empty or not: else the button would be made anew and lose the focus.
            { card.unwrap_or_default() }
        </span>
    }
}
