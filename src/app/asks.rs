//! The card of a question before a step that surprises.

use super::theatre::asking::use_question;
use super::theatre::{Theatre, use_theatre};
use super::words::{Words, use_words};
use podium::msg;
use podium::timeline::Sentence;
use podium::timeline::predictions::Prediction;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_node_ref, use_state_eq};

/// What a key presses on the card, where it presses something: by number what is chosen, by Enter, Space and the keys of
/// clickers the way on, by Escape past it.
pub(super) fn pressed(key: &str) -> Option<String> {
    Some(match key {
        "1" | "2" | "3" | "4" => format!(".asks [data-choice='{key}']"),
        "Enter" | " " | "PageDown" | "ArrowRight" => ".asks [data-act=ask-on]".to_owned(),
        "Escape" => ".asks [data-act=ask-skip]".to_owned(),
        _ => return None,
    })
}

/// What has the focus.
fn active() -> Option<HtmlElement> {
    gloo::utils::document().active_element()?.dyn_into().ok()
}

/// The question that the stage waits at.
#[component]
pub(super) fn Asks() -> Html {
    let theatre = use_theatre();
    match use_question(&theatre) {
        Some(question) => {
            let key = format!("{}-{}", question.kind, question.at.0);
            html! { <Card {key} {question} /> }
        }
        None => Html::default(),
    }
}

#[derive(Properties, PartialEq)]
struct CardProps {
    question: Rc<Prediction>,
}

/// What somebody has said.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Nothing,
    /// The answer is shown without any.
    Shown,
    Chosen(usize),
}

#[component]
fn Card(CardProps { question }: &CardProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let said = use_state_eq(|| Said::Nothing);
    let card = use_node_ref();
    {
        let card = card.clone();
        use_effect_with((), move |()| {
            let before = active();
            // Whoever types goes on typing.
            let types = before.as_ref().is_some_and(|active| {
                active.matches("textarea, input:not([type=range]), select, podium-editor").unwrap_or(false)
            });
            if let Some(card) = card.cast::<HtmlElement>().filter(|_| !types) {
                _ = card.focus();
            }
            // Who has gone elsewhere meanwhile stays there.
            move || {
                let is_lost =
                    active().is_none_or(|active| active.matches("body, .asks, .asks *").unwrap_or(false));
                if let Some(before) = before.filter(|before| is_lost && before.is_connected()) {
                    _ = before.focus();
                }
            }
        });
    }
    let is_over = *said != Said::Nothing;
    let say = |sentence: &Sentence| words.with(sentence.id, &sentence.args);
    let choices = question.choices.iter().enumerate().map(|(place, choice)| {
        let onclick = {
            let (theatre, said) = (theatre.clone(), said.clone());
            Callback::from(move |_| {
                said.set(Said::Chosen(place));
                theatre.answer_question();
            })
        };
        let is_right = is_over && place == question.right;
        let mark = match *said {
            _ if is_right => Some(("✓", msg!("lesson.answer"))),
            Said::Chosen(chosen) if chosen == place => Some(("✕", msg!("lesson.you-said"))),
            _ => None,
        };
        html! {
            <li>
                <button class="asks-choice" type="button" disabled={is_over} data-choice={(place + 1).to_string()}
                    data-right={is_right.then_some("")} {onclick}>
                    <kbd aria-hidden="true">{ place + 1 }</kbd>
                    <span>{ say(&choice.say) }</span>
                    if let Some((glyph, word)) = mark {
                        <strong class="asks-mark"><span aria-hidden="true">{ glyph }</span>{ " " }{ words.say(word) }</strong>
                    }
                </button>
            </li>
        }
    });
    let on = {
        let (theatre, said, card) = (theatre.clone(), said.clone(), card.clone());
        Callback::from(move |_| {
            if is_over {
                theatre.go_on();
            } else {
                said.set(Said::Shown);
                theatre.answer_question();
                if let Some(card) = card.cast::<HtmlElement>() {
                    _ = card.focus();
                }
            }
        })
    };
    let name = if is_over { msg!("predict.go-on") } else { msg!("predict.show") };
    html! {
        <section class="asks" ref={card} tabindex="-1" role="dialog" aria-labelledby="asks-title" aria-describedby="asks-question">
            <link rel="stylesheet" href="asks.css" />
            <h2 id="asks-title">{ words.say(msg!("predict.title")) }</h2>
            <p id="asks-question">{ say(&question.ask) }</p>
            <ol>{ for choices }</ol>
            <div class="asks-why" role="status">{ outcome(words, question, *said) }</div>
            <div class="asks-deeds">
                <button class="button button-bold" type="button" data-act="ask-on" onclick={on}>{ words.say(name) }</button>
                <button class="button" type="button" data-act="ask-skip" hidden={is_over} onclick={skip(&theatre)}>
                    { words.say(msg!("predict.skip")) }
                </button>
            </div>
        </section>
    }
}

fn skip(theatre: &Theatre) -> Callback<web_sys::MouseEvent> {
    let theatre = theatre.clone();
    Callback::from(move |_| theatre.go_on())
}

/// Right and wrong, both explained.
fn outcome(words: Words, question: &Prediction, said: Said) -> Html {
    let why = |place: usize| {
        let why = question.choices.get(place).map(|choice| words.with(choice.why.id, &choice.why.args));
        why.unwrap_or_default()
    };
    let right = why(question.right);
    let right = if right.is_empty() {
        Html::default()
    } else {
        html! { <p>{ right }</p> }
    };
    match said {
        Said::Nothing => Html::default(),
        Said::Shown => right,
        Said::Chosen(chosen) if chosen == question.right => html! {
            <p><strong>{ words.say(msg!("lesson.right")) }{ ". " }</strong>{ why(chosen) }</p>
        },
        Said::Chosen(chosen) => html! {
            <><p><strong>{ words.say(msg!("lesson.wrong")) }{ ". " }</strong>{ why(chosen) }</p>{ right }</>
        },
    }
}
