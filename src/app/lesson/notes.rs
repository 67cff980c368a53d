//! A step of a lesson as the teacher reads it: with what is right, the hints and the solution.

use super::text::{name_of, prose};
use super::{Asked, fetch, keep, use_fetched};
use crate::app::storage::of_tab;
use crate::app::words::use_words;
use podium::lesson::{Block, Deed, Lesson};
use podium::msg;
use std::cell::RefCell;
use yew::{Html, Properties, component, html};

thread_local! {
    /// The lesson that is open, or was last: its name and its step.
    static TAUGHT: RefCell<Option<(String, usize)>> = const { RefCell::new(None) };
}

/// Where this tab keeps it: after a reload the lesson is on the stage still.
const KEY: &str = "podium.taught";

/// The lesson that is taught in this window: its name and its step. Its cluster is on the stage, as far as the browser keeps that.
pub(in crate::app) fn taught() -> Option<(String, usize)> {
    let kept = || {
        let kept = of_tab()?.get_item(KEY).ok()??;
        let (step, name) = kept.split_once(' ')?;
        Some((name.to_owned(), step.parse().ok()?))
    };
    let taught = TAUGHT.with_borrow(Clone::clone).or_else(kept)?;
    (of_tab().is_none() || keep::open().as_ref() == Some(&taught.0)).then_some(taught)
}

/// Notes which lesson is taught.
pub(super) fn teach(name: &str, step: usize) {
    TAUGHT.set(Some((name.to_owned(), step)));
    // Where there is no room for it, it is there until the window is loaded anew.
    if let Some(tab) = of_tab() {
        _ = tab.set_item(KEY, &format!("{step} {name}"));
    }
}

#[derive(Properties, PartialEq)]
pub(in crate::app) struct NotesProps {
    pub(in crate::app) name: String,
    pub(in crate::app) step: usize,
}

#[component]
pub(in crate::app) fn Notes(NotesProps { name, step }: &NotesProps) -> Html {
    let words = use_words();
    let asked: Asked<Lesson> = use_fetched((words.0, name.clone()), fetch::lesson);
    let lesson = match asked {
        Asked::Came(lesson) => lesson,
        Asked::Coming => return html! { <p class="quiet">{ words.say(msg!("lesson.coming")) }</p> },
        Asked::Broken(_) | Asked::Failed => {
            return html! { <p role="alert">{ words.say(msg!("lesson.failed")) }</p> };
        }
    };
    let Some(shown) = lesson.steps.get(*step) else { return Html::default() };
    let deed = |deed: &Deed| html! { <p class="notes-deed">{ name_of(words, deed) }</p> };
    let blocks = shown.blocks.iter().map(|block| match block {
        Block::Text(text) => html! { <p>{ prose(text) }</p> },
        Block::Aside(text) => html! {
            <p class="notes-aside"><strong>{ words.say(msg!("lesson.aside")) }</strong>{ " " }{ prose(text) }</p>
        },
        Block::List(items) => html! { <ul>{ for items.iter().map(|item| html! { <li>{ prose(item) }</li> }) }</ul> },
        Block::File(name, text) => deed(&Deed::File(name.clone(), text.clone())),
        Block::Deed(told) => deed(told),
        Block::Question(_, question) => html! {
            <div class="notes-question">
                <p><strong>{ words.say(msg!("lesson.question")) }</strong>{ " " }{ prose(&question.ask) }</p>
                <ul>{ for question.choices.iter().map(|(_, said)| html! { <li>{ prose(said) }</li> }) }</ul>
                <p><strong>{ words.say(msg!("notes.if-right")) }</strong>{ " " }{ prose(&question.right) }</p>
                <p><strong>{ words.say(msg!("notes.if-wrong")) }</strong>{ " " }{ prose(&question.wrong) }</p>
            </div>
        },
        Block::Goal(_, goal) => html! {
            <p class="notes-goal"><strong>{ words.say(msg!("lesson.goal")) }</strong>{ " " }{ prose(&goal.text) }</p>
        },
    });
    let args = [
        ("title", lesson.title.as_str().into()),
        ("step", (*step + 1).into()),
        ("count", lesson.steps.len().into()),
    ];
    html! {
        <>
            <p class="quiet">{ words.with(msg!("notes.step"), &args) }</p>
            <h2>{ shown.title.clone() }</h2>
            { for blocks }
            if !shown.hints.is_empty() {
                <h3>{ words.say(msg!("notes.hints")) }</h3>
                <ol>{ for shown.hints.iter().map(|hint| html! { <li>{ prose(hint) }</li> }) }</ol>
            }
            if !shown.solution.is_empty() {
                <h3>{ words.say(msg!("notes.solution")) }</h3>
                { for shown.solution.iter().map(deed) }
            }
        </>
    }
}
