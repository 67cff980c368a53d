//! One step of a lesson: what is read, done, answered and reached.

use super::asks::ask;
use super::present::{Clicker, Going, use_clicker};
use super::printed::Printed;
use super::text::{name_of, prose};
use crate::app::icons;
use crate::app::phone::is_phone;
use crate::app::shell::ShellAction;
use crate::app::theatre::{Theatre, use_revision, use_session, use_theatre};
use crate::app::words::{Words, use_words};
use podium::lesson::{Answer, Block, Deed, Goal, Learner, Lesson, Question};
use podium::msg;
use podium::session::{Action, Session};
use podium::value::Str;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_state_eq};

#[derive(Properties, PartialEq)]
pub(super) struct StepProps {
    pub(super) lesson: Rc<Lesson>,
    pub(super) learner: Learner,
    /// Takes over how far somebody has come.
    pub(super) put: Callback<Learner>,
    pub(super) clicker: Clicker,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn StepView(props: &StepProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    use_revision(&theatre);
    // Whether a file is as the lesson has it is seen at its button.
    use_session(&theatre, |session| session.files_revision());
    let is_solved = use_state_eq(|| false);
    let StepProps { lesson, learner, put, clicker, shell } = props;
    let going =
        Going { lesson: lesson.clone(), learner: learner.clone(), put: put.clone(), shell: shell.clone() };
    use_clicker(clicker, going);
    // What a question asks of a file is not told by its marks.
    let asking: Rc<[Str]> = lesson.steps.get(learner.step).map_or_else(Rc::default, |step| {
        let is_open = |block: &Block| matches!(block, Block::Question(place, _) if !learner.answers.contains_key(place));
        let file = |block: &Block| match block {
            Block::File(name, _) => Some(name.clone()),
            _ => None,
        };
        let is_asking = step.blocks.iter().any(is_open);
        step.blocks.iter().filter(|_| is_asking).filter_map(file).collect()
    });
    {
        let shell = shell.clone();
        use_effect_with(asking, move |asking| {
            shell.emit(ShellAction::Asking(asking.clone()));
            move || shell.emit(ShellAction::Asking(Rc::default()))
        });
    }
    let Some(step) = lesson.steps.get(learner.step) else { return Html::default() };
    let deed = |place: Option<usize>, deed: &Deed| deed_button(words, &theatre, shell, place, deed);
    let blocks = step.blocks.iter().enumerate().map(|(part, block)| match block {
        Block::Text(text) => html! { <p>{ prose(text) }</p> },
        Block::Aside(text) => html! {
            <p class="lesson-aside"><strong>{ words.say(msg!("lesson.aside")) }</strong>{ " " }{ prose(text) }</p>
        },
        Block::List(items) => html! { <ul>{ for items.iter().map(|item| html! { <li>{ prose(item) }</li> }) }</ul> },
        Block::File(name, text) => deed(Some(part), &Deed::File(name.clone(), text.clone())),
        Block::Deed(told) => deed(Some(part), told),
        Block::Question(place, _) => html! {
            <QuestionView key={*place} {part} lesson={lesson.clone()} place={*place} answer={learner.answers.get(place).copied()}
                answered={answered(learner, put, *place)} />
        },
        Block::Goal(place, goal) => goal_mark(words, goal, learner.goals.contains(place)),
    });
    let shown = learner.hints.get(&learner.step).copied().unwrap_or(0);
    let more = (shown < step.hints.len()).then(|| {
        let (learner, put) = (learner.clone(), put.clone());
        let onclick = Callback::from(move |_| {
            let mut next = learner.clone();
            next.hints.insert(next.step, shown + 1);
            put.emit(next);
        });
        let name = if shown == 0 { msg!("lesson.hint") } else { msg!("lesson.hint-more") };
        html! { <button class="button" type="button" data-act="hint" {onclick}>{ words.say(name) }</button> }
    });
    let solution = (!step.solution.is_empty()).then(|| {
        let name = if *is_solved { msg!("lesson.solution-hide") } else { msg!("lesson.solution") };
        let onclick = {
            let is_solved = is_solved.clone();
            Callback::from(move |_| is_solved.set(!*is_solved))
        };
        html! {
            <button class="button" type="button" data-act="solution" aria-expanded={is_solved.to_string()} {onclick}>
                { words.say(name) }
            </button>
        }
    });
    html! {
        <>
            { for blocks }
            if shown > 0 {
                <ol class="lesson-hints">{ for step.hints.iter().take(shown).map(|hint| html! { <li>{ prose(hint) }</li> }) }</ol>
            }
            if more.is_some() || solution.is_some() {
                <div class="lesson-help">{ for more }{ for solution }</div>
            }
            if *is_solved {
                <div class="lesson-solution">{ for step.solution.iter().map(|told| deed(None, told)) }</div>
            }
        </>
    }
}

fn answered(learner: &Learner, put: &Callback<Learner>, place: usize) -> Callback<Answer> {
    let (learner, put) = (learner.clone(), put.clone());
    Callback::from(move |answer| {
        let mut next = learner.clone();
        next.answers.insert(place, answer);
        put.emit(next);
    })
}

/// Whether something was done.
pub(super) fn is_done(session: &Session, deed: &Deed) -> bool {
    match deed {
        Deed::File(name, text) => session.files().iter().any(|file| file.name == *name && file.text == *text),
        deed => {
            let act = deed.act(session.timeline().at(session.at()));
            act.is_some_and(|act| session.timeline().acts().iter().any(|acted| acted.act == act))
        }
    }
}

/// Does it.
pub(super) fn play(theatre: &Theatre, shell: &Callback<ShellAction>, deed: &Deed) {
    let actions = theatre.session().actions_of(deed);
    for action in actions {
        match action {
            Action::Command(_) | Action::Requests(_) | Action::Fault(_) => theatre.perform(action),
            _ => theatre.act(action),
        }
    }
    if let Deed::File(name, _) = deed {
        theatre.act(Action::OpenFile(name.clone()));
        let view = theatre.session().view();
        shell.emit(if is_phone() {
            ShellAction::EditorOpen(true)
        } else {
            ShellAction::EditorClosed(view, false)
        });
    }
}

/// Something to do, with a button that does it, and whether it was done. `part` is its place in the step.
fn deed_button(
    words: Words,
    theatre: &Theatre,
    shell: &Callback<ShellAction>,
    part: Option<usize>,
    deed: &Deed,
) -> Html {
    let is_done = is_done(&theatre.session(), deed);
    let word = match (deed, is_done) {
        (Deed::Wait(_), _) => None,
        (Deed::File(..), false) => Some(msg!("lesson.to-editor")),
        (Deed::File(..), true) => Some(msg!("lesson.in-editor")),
        (_, false) => Some(msg!("lesson.play")),
        (_, true) => Some(msg!("lesson.played")),
    };
    let onclick = {
        let (theatre, shell, deed) = (theatre.clone(), shell.clone(), deed.clone());
        Callback::from(move |_| play(&theatre, &shell, &deed))
    };
    let Some(word) = word else { return html! { <p class="lesson-wait">{ name_of(words, deed) }</p> } };
    html! {
        <div class="lesson-deed" data-part={part.map(|part| part.to_string())}>
            if let Deed::File(_, text) = deed {
                <details><summary>{ name_of(words, deed) }</summary><pre class="yaml" tabindex="0">{ text.to_string() }</pre></details>
            }
            <button class="lesson-play" type="button" data-played={is_done.then_some("")} {onclick}>
                if !matches!(deed, Deed::File(..)) { { name_of(words, deed) } }
                <span class="lesson-word">
                    { if is_done { html! { "✓ " } } else { icons::play() } }
                    { words.say(word) }
                </span>
            </button>
            if let Deed::Command(line) = deed { <Printed line={line.clone()} /> }
        </div>
    }
}

fn goal_mark(words: Words, goal: &Goal, is_reached: bool) -> Html {
    let (glyph, word) =
        if is_reached { ("✓", msg!("lesson.reached")) } else { ("○", msg!("lesson.open-goal")) };
    html! {
        <div class="lesson-goal" data-reached={is_reached.then_some("")}>
            <p><strong>{ words.say(msg!("lesson.goal")) }</strong>{ " " }{ prose(&goal.text) }</p>
            <p class="lesson-mark" role="status"><span aria-hidden="true">{ glyph }</span>{ " " }{ words.say(word) }</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct QuestionProps {
    /// Its place in the step.
    part: usize,
    lesson: Rc<Lesson>,
    place: usize,
    answer: Option<Answer>,
    answered: Callback<Answer>,
}

/// What has come of an answer that is not kept.
#[derive(Clone, Debug, PartialEq)]
enum Looking {
    No,
    For(usize),
    Otherwise(String),
}

#[component]
fn QuestionView(props: &QuestionProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let looking = use_state_eq(|| Looking::No);
    let QuestionProps { part, lesson, place, answer, answered } = props;
    let all = lesson.steps.iter().flat_map(|step| step.questions());
    let Some(question) = all.into_iter().find(|(other, _)| other == place).map(|(_, question)| question)
    else {
        return Html::default();
    };
    let is_over = answer.is_some() || matches!(*looking, Looking::For(_));
    let choices = question.choices.iter().enumerate().map(|(choice, (_, said))| {
        let onclick = {
            let (theatre, lesson, question) = (theatre.clone(), lesson.clone(), question.clone());
            let (looking, answered) = (looking.clone(), answered.clone());
            Callback::from(move |_| {
                looking.set(Looking::For(choice));
                let asking = theatre.session().ask_question(&lesson, &question);
                let (question, looking, answered) = (question.clone(), looking.clone(), answered.clone());
                ask(asking, move |seen| {
                    let seen = seen.concat();
                    match question.right_choice(&seen) {
                        Some(right) => {
                            looking.set(Looking::No);
                            answered.emit(Answer { chosen: choice, right });
                        }
                        None => looking.set(Looking::Otherwise(seen)),
                    }
                });
            })
        };
        let mark = answer.map(|answer| match (answer.right == choice, answer.chosen == choice) {
            (true, _) => ("✓", msg!("lesson.answer")),
            (false, true) => ("✕", msg!("lesson.you-said")),
            (false, false) => ("", ""),
        });
        let mark = mark.filter(|(glyph, _)| !glyph.is_empty());
        html! {
            <li>
                <button class="lesson-choice" type="button" disabled={is_over} {onclick}
                    data-right={answer.is_some_and(|answer| answer.right == choice).then_some("")}>
                    <span>{ prose(said) }</span>
                    if let Some((glyph, word)) = mark {
                        <span class="lesson-word"><span aria-hidden="true">{ glyph }</span>{ " " }{ words.say(word) }</span>
                    }
                </button>
            </li>
        }
    });
    html! {
        <div class="lesson-question" data-part={part.to_string()} tabindex="-1">
            <p><strong>{ words.say(msg!("lesson.question")) }</strong>{ " " }{ prose(&question.ask) }</p>
            <ul>{ for choices }</ul>
            <div role="status">{ outcome(words, question, *answer, &looking) }</div>
        </div>
    }
}

fn outcome(words: Words, question: &Question, answer: Option<Answer>, looking: &Looking) -> Html {
    match (looking, answer) {
        (_, Some(answer)) if answer.chosen == answer.right => html! {
            <p><strong>{ words.say(msg!("lesson.right")) }</strong>{ " " }{ prose(&question.right) }</p>
        },
        (_, Some(_)) => html! {
            <p><strong>{ words.say(msg!("lesson.wrong")) }</strong>{ " " }{ prose(&question.wrong) }</p>
        },
        (Looking::For(_), None) => html! { <p>{ words.say(msg!("lesson.looking")) }</p> },
        (Looking::Otherwise(seen), None) => {
            let seen = if seen.trim().is_empty() { "-" } else { seen.trim() };
            html! { <p>{ words.with(msg!("lesson.shows-otherwise"), &[("seen", seen.into())]) }</p> }
        }
        (Looking::No, None) => Html::default(),
    }
}
