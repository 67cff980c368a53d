//! The search of the timeline: moments by words, with their times. Enter goes to the chosen one.

use crate::app::phone::is_phone;
use crate::app::theatre::asking::use_until;
use crate::app::theatre::{Theatre, use_revision, use_theatre};
use crate::app::words::use_words;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::timeline::Command;
use podium::timeline::find::Index;
use web_sys::{HtmlInputElement, InputEvent, KeyboardEvent};
use yew::{
    Callback, Html, Properties, TargetCast, UseStateHandle, component, html, use_effect_with, use_memo,
    use_node_ref, use_state_eq,
};

/// How many of what was found are listed.
const LISTED: usize = 60;

#[derive(Properties, PartialEq)]
pub(super) struct FindProps {
    /// What is asked for.
    pub(super) query: UseStateHandle<String>,
    /// Whether somebody has just opened it, to type here.
    pub(super) is_asked_for: bool,
    /// Closes the timeline.
    pub(super) close: Callback<()>,
}

/// Goes to a moment and stands there.
fn go(theatre: &Theatre, at: SimTime) {
    theatre.tell(Command::Pause);
    theatre.tell(Command::Seek(at));
}

/// All moments of what is recorded, until the next question that is still open.
fn index_of(theatre: &Theatre) -> Index {
    let session = theatre.session();
    let timeline = session.timeline();
    let index = Index::new(timeline.history(), timeline.story());
    match theatre.until() {
        Some(until) => index.until(until),
        None => index,
    }
}

#[component]
pub(super) fn Find(FindProps { query, is_asked_for, close }: &FindProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let revision = use_revision(&theatre);
    let chosen = use_state_eq(|| 0_usize);
    let field = use_node_ref();
    let is_asked = !query.trim().is_empty();
    let until = use_until(&theatre);
    let index =
        use_memo((revision, is_asked, until), |(_, is_asked, _)| is_asked.then(|| index_of(&theatre)));
    let found = (*index).as_ref().map(|index| index.find(query)).unwrap_or_default();
    let count = found.len();
    let last = count.min(LISTED).saturating_sub(1);
    let at = (*chosen).min(last);
    {
        let (field, is_asked_for) = (field.clone(), *is_asked_for);
        use_effect_with((), move |()| {
            // On a phone that would bring its keyboard over what was asked for.
            if let Some(field) = field.cast::<HtmlInputElement>().filter(|_| is_asked_for && !is_phone()) {
                _ = field.focus();
            }
        });
    }
    use_effect_with((at, (**query).clone()), |_| {
        let list = gloo::utils::document().query_selector(".found [aria-selected=true]");
        if let Some(item) = list.ok().flatten() {
            item.scroll_into_view_with_bool(false);
        }
    });
    let onkeydown = {
        let (theatre, query, chosen, close) = (theatre.clone(), query.clone(), chosen.clone(), close.clone());
        let index = index.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.is_composing() {
                return;
            }
            match event.key().as_str() {
                "ArrowDown" => chosen.set((at + 1).min(last)),
                "ArrowUp" => chosen.set(at.saturating_sub(1)),
                "Enter" => {
                    // A list that is not drawn yet does not count: what stands in the field does.
                    let field: HtmlInputElement = event.target_unchecked_into();
                    let asked = field.value();
                    let place = if asked == **query { at } else { 0 };
                    let moment = match &*index {
                        Some(index) => index.find(&asked).get(place).map(|moment| moment.at),
                        None => index_of(&theatre).find(&asked).get(place).map(|moment| moment.at),
                    };
                    if let Some(moment) = moment {
                        go(&theatre, moment);
                    }
                }
                "Escape" if query.is_empty() => close.emit(()),
                "Escape" => query.set(String::new()),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let oninput = {
        let (query, chosen) = (query.clone(), chosen.clone());
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            chosen.set(0);
            query.set(field.value());
        })
    };
    let items = found.iter().take(LISTED).enumerate().map(|(place, moment)| {
        let onclick = {
            let (theatre, chosen, when) = (theatre.clone(), chosen.clone(), moment.at);
            Callback::from(move |_| {
                chosen.set(place);
                go(&theatre, when);
            })
        };
        html! {
            <li id={format!("found-{place}")} key={place} role="option" aria-selected={(place == at).to_string()} {onclick}>
                <span class="found-time">{ moment.at.clock() }</span>
                <span>{ moment.say.text(words.0) }</span>
            </li>
        }
    });
    let name = words.say(msg!("lanes.find"));
    html! {
        <div class="find">
            <input class="find-field" ref={field} type="search" role="combobox" aria-autocomplete="list" aria-controls="found"
                aria-expanded={is_asked.to_string()} aria-label={name}
                aria-activedescendant={(count > 0).then(|| format!("found-{at}"))} autocomplete="off" spellcheck="false"
                placeholder={words.say(msg!("lanes.find-like"))} value={(**query).clone()} {oninput} {onkeydown} />
            if is_asked {
                <p class="found-count" role="status">{ words.with(msg!("lanes.found"), &[("count", count.into())]) }</p>
            }
            <ol class="found" id="found" role="listbox" aria-label={words.say(msg!("lanes.found-list"))} hidden={!is_asked}>
                { for items }
            </ol>
        </div>
    }
}
