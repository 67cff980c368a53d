//! The legend: a small fold on the stage that says what is on it.

use super::draw::{Drawn, Shared};
use crate::app::term::Term;
use crate::app::words::use_words;
use podium::msg;
use podium::scene::legend::{Entry, SAMPLE};
use podium::scene::shape::number;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct LegendProps {
    /// What is on the stage; none while it is folded.
    pub(super) entries: Option<Vec<Entry>>,
    /// The words on the stage that can be asked.
    pub(super) terms: Vec<(&'static str, String)>,
    /// Opens it, or folds it.
    pub(super) toggle: Callback<()>,
}

#[component]
pub(super) fn Legend(LegendProps { entries, terms, toggle }: &LegendProps) -> Html {
    let words = use_words();
    let is_open = entries.is_some();
    let size = SAMPLE.map(number);
    let item = |entry: &Entry| {
        let shapes = entry.sample.iter().map(|shape| {
            let shape = Shared(Rc::new(shape.clone()));
            html! { <Drawn {shape} entry={None} chosen={None} pointed={None} /> }
        });
        html! {
            <li key={entry.key}>
                <svg aria-hidden="true" width={size[0].clone()} height={size[1].clone()}>{ for shapes }</svg>
                <span>{ entry.word.clone() }</span>
            </li>
        }
    };
    html! {
        <div class="legend">
            if let Some(entries) = entries {
                if entries.is_empty() { <p>{ words.say(msg!("legend.none")) }</p> }
                <div class="legend-open" id="legend">
                    <ul>{ for entries.iter().map(item) }</ul>
                    if !terms.is_empty() {
                        <p class="legend-terms">
                            { words.say(msg!("legend.terms")) }
                            { for terms.iter().map(|(id, word)| html! { <Term key={*id} {id} word={word.clone()} /> }) }
                        </p>
                    }
                </div>
            }
            <button class="legend-fold" type="button" data-act="legend" aria-expanded={is_open.to_string()}
                aria-controls={is_open.then_some("legend")} onclick={toggle.reform(|_| ())}>
                { words.say(msg!("page.legend")) }<span aria-hidden="true">{ if is_open { " ▾" } else { " ▴" } }</span>
            </button>
        </div>
    }
}
