//! A draft as a learner sees it, and beside each thing to do, to answer and to reach what came of it in the rehearsal.

use super::super::text::{name_of, prose};
use super::rehearse::Tries;
use crate::app::words::{Words, use_words};
use podium::lesson::{Block, Deed, Goal, Lesson, Question, Step};
use podium::msg;
use podium::session::rehearsal::{Answered, Outcome, Rehearsed, Tried};
use std::rc::Rc;
use yew::{AttrValue, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct PreviewProps {
    pub(super) lesson: Rc<Lesson>,
    pub(super) tries: Tries,
}

#[component]
pub(super) fn Preview(PreviewProps { lesson, tries }: &PreviewProps) -> Html {
    let words = use_words();
    let none = Rehearsed::default();
    let steps = lesson.steps.iter().enumerate().map(|(place, step)| {
        let tried = tries.steps.get(place).unwrap_or(&none);
        let args = [("step", (place + 1).into()), ("count", lesson.steps.len().into())];
        html! {
            <section class="write-step" key={place} data-step={place.to_string()}>
                <p class="eyebrow">{ lesson.title.clone() }{ " · " }{ words.with(msg!("lesson.step"), &args) }</p>
                <h3 class="lesson-title">{ step.title.clone() }</h3>
                { for blocks(words, step, tried) }
                { for helps(words, step, tried) }
            </section>
        }
    });
    html! { <>{ for steps }</> }
}

fn blocks(words: Words, step: &Step, tried: &Rehearsed) -> Vec<Html> {
    let (mut deeds, mut questions, mut goals) = (0, 0, 0);
    let block = |block: &Block| match block {
        Block::Text(text) => html! { <p>{ prose(text) }</p> },
        Block::Aside(text) => html! {
            <p class="lesson-aside"><strong>{ words.say(msg!("lesson.aside")) }</strong>{ " " }{ prose(text) }</p>
        },
        Block::List(items) => {
            html! { <ul>{ for items.iter().map(|item| html! { <li>{ prose(item) }</li> }) }</ul> }
        }
        Block::File(name, text) => file(words, &Deed::File(name.clone(), text.clone())),
        Block::Deed(deed) => {
            deeds += 1;
            did(words, deed, tried.deeds.get(deeds - 1).and_then(Option::as_ref))
        }
        Block::Question(_, question) => {
            questions += 1;
            asked(words, question, tried.questions.get(questions - 1).and_then(Option::as_ref))
        }
        Block::Goal(_, goal) => {
            goals += 1;
            reached(words, goal, tried.goals.get(goals - 1))
        }
    };
    step.blocks.iter().map(block).collect()
}

fn helps(words: Words, step: &Step, tried: &Rehearsed) -> Vec<Html> {
    let mut helps = Vec::new();
    if !step.hints.is_empty() {
        helps.push(html! {
            <details class="write-help">
                <summary>{ words.with(msg!("writing.hints"), &[("count", step.hints.len().into())]) }</summary>
                <ol class="lesson-hints">{ for step.hints.iter().map(|hint| html! { <li>{ prose(hint) }</li> }) }</ol>
            </details>
        });
    }
    if !step.solution.is_empty() {
        let first = step.way().len() - step.solution.len();
        let deed = |(place, deed): (usize, &Deed)| match deed {
            Deed::File(..) => file(words, deed),
            deed => did(words, deed, tried.deeds.get(first + place).and_then(Option::as_ref)),
        };
        helps.push(html! {
            <details class="write-help" open=true>
                <summary>{ words.say(msg!("writing.solution")) }</summary>
                { for step.solution.iter().enumerate().map(deed) }
            </details>
        });
    }
    helps
}

fn file(words: Words, deed: &Deed) -> Html {
    let Deed::File(_, text) = deed else { return Html::default() };
    html! {
        <details class="lesson-deed">
            <summary>{ name_of(words, deed) }</summary>
            <pre class="yaml" tabindex="0">{ text.to_string() }</pre>
        </details>
    }
}

/// How a mark looks: it is good, it is wrong, it is only to be known, or nobody knows yet.
#[derive(Clone, Copy)]
enum Look {
    Good,
    Wrong,
    Note,
    Open,
}

fn mark(look: Look, said: AttrValue) -> Html {
    let (name, glyph) = match look {
        Look::Good => ("good", "✓"),
        Look::Wrong => ("wrong", "!"),
        Look::Note => ("note", "i"),
        Look::Open => ("open", "…"),
    };
    html! {
        <p class="write-mark" data-look={name}><span class="write-glyph" aria-hidden="true">{ glyph }</span>{ " " }{ said }</p>
    }
}

/// Something that was done.
fn did(words: Words, deed: &Deed, outcome: Option<&Outcome>) -> Html {
    let came = match outcome {
        None => mark(Look::Open, words.say(msg!("writing.not-yet"))),
        Some(Outcome::Went) => mark(Look::Good, words.say(msg!("writing.went"))),
        Some(Outcome::RunsOn) => mark(Look::Note, words.say(msg!("writing.runs-on"))),
        Some(Outcome::NoNode) => mark(Look::Wrong, words.say(msg!("writing.no-node"))),
        Some(Outcome::Failed(exit, said)) => {
            let args = [("code", i64::from(*exit).into()), ("said", said.as_str().into())];
            mark(Look::Note, words.with(msg!("writing.failed"), &args))
        }
    };
    html! { <div class="write-deed"><div class="lesson-play">{ name_of(words, deed) }</div>{ came }</div> }
}

fn asked(words: Words, question: &Question, answered: Option<&Answered>) -> Html {
    let right = answered.and_then(|answered| answered.right);
    let choice = |(place, (_, said)): (usize, &(String, _))| {
        let is_right = right == Some(place);
        html! {
            <li class="lesson-choice" data-right={is_right.then_some("")}>
                <span>{ prose(said) }</span>
                if is_right {
                    <span class="lesson-word"><span aria-hidden="true">{ "✓" }</span>{ " " }{ words.say(msg!("lesson.answer")) }</span>
                }
            </li>
        }
    };
    let came = match answered {
        None => mark(Look::Open, words.say(msg!("writing.not-yet"))),
        Some(Answered { right: Some(_), .. }) => Html::default(),
        Some(Answered { seen, right: None }) => {
            mark(Look::Wrong, words.with(msg!("writing.no-choice"), &[("seen", shown(seen).into())]))
        }
    };
    html! {
        <div class="lesson-question">
            <p><strong>{ words.say(msg!("lesson.question")) }</strong>{ " " }{ prose(&question.ask) }</p>
            <ul>{ for question.choices.iter().enumerate().map(choice) }</ul>
            { came }
            <details class="write-help">
                <summary>{ words.say(msg!("writing.answers")) }</summary>
                <p><strong>{ words.say(msg!("lesson.right")) }</strong>{ " " }{ prose(&question.right) }</p>
                <p><strong>{ words.say(msg!("lesson.wrong")) }</strong>{ " " }{ prose(&question.wrong) }</p>
            </details>
        </div>
    }
}

/// A goal, with whether it is reached at the start and at the end.
fn reached(words: Words, goal: &Goal, tried: Option<&Tried>) -> Html {
    let none = Tried::default();
    let tried = tried.unwrap_or(&none);
    let start = match tried.at_start {
        None => mark(Look::Open, words.say(msg!("writing.start-open"))),
        Some(false) => mark(Look::Good, words.say(msg!("writing.start-good"))),
        Some(true) => mark(Look::Wrong, words.say(msg!("writing.start-wrong"))),
    };
    let end = match tried.at_end {
        None => mark(Look::Open, words.say(msg!("writing.end-open"))),
        Some(true) => mark(Look::Good, words.say(msg!("writing.end-good"))),
        Some(false) => mark(
            Look::Wrong,
            words.with(msg!("writing.end-wrong"), &[("seen", shown(&tried.seen.join(" · ")).into())]),
        ),
    };
    let is_good = tried.at_start == Some(false) && tried.at_end == Some(true);
    html! {
        <div class="lesson-goal" data-reached={is_good.then_some("")}>
            <p><strong>{ words.say(msg!("lesson.goal")) }</strong>{ " " }{ prose(&goal.text) }</p>
            { start }
            { end }
        </div>
    }
}

/// What was seen, as it is told: nothing has a sign of its own.
fn shown(seen: &str) -> &str {
    if seen.trim().is_empty() { "-" } else { seen.trim() }
}
