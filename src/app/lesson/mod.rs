//! Lessons beside the stage: the list with what was done, and the lesson that is open, a step at a time.

mod asks;
mod fetch;
mod keep;
mod list;
mod notes;
mod present;
mod printed;
mod shelf;
mod step;
mod text;
mod write;

use super::give;
use super::icons;
use super::keyboard::focus;
use super::shell::ShellAction;
use super::storage::NotKept;
use super::theatre::{Theatre, use_theatre};
use super::words::{Words, use_words};
use asks::Watch;
pub(super) use asks::ask;
use fetch::Entry;
pub(super) use fetch::{Asked, lesson as fetch_lesson};
pub(super) use keep::{set_open, set_shown, was_shown};
use list::List;
pub(super) use notes::{Notes, taught};
use podium::lesson::{Learner, Lesson, Mistake, Progress, read};
use podium::msg;
use podium::session::Session;
pub(super) use present::Clicker;
use std::rc::Rc;
use step::StepView;
use write::Write;
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, Html, Properties, UseStateHandle, component, hook, html, use_effect_with, use_state,
    use_state_eq,
};

#[derive(Properties, PartialEq)]
pub(super) struct LessonsProps {
    /// A lesson of the shelf that is to be opened.
    pub(super) asked: Option<AttrValue>,
    /// What presses of a clicker go to.
    pub(super) clicker: Clicker,
    pub(super) shell: Callback<ShellAction>,
}

/// A lesson that has come from elsewhere and lies on the shelf now.
pub(super) struct Received {
    pub(super) name: String,
    /// With mistakes it is a draft.
    pub(super) mistakes: usize,
}

/// Puts a lesson on the shelf that somebody was given.
pub(super) fn receive(text: &str) -> Received {
    let mistakes = read(text).mistakes.len();
    let name = if mistakes == 0 { shelf::given_name(text) } else { shelf::new_name() };
    // What the browser does not keep stays for this visit, and the lesson says so.
    _ = shelf::put(&name, text);
    Received { name, mistakes }
}

/// What has come of asking for something, which is asked for anew when what it is asked by is another.
#[hook]
fn use_fetched<A, T, F>(about: A, fetch: fn(A) -> F) -> Asked<T>
where
    A: Clone + PartialEq + 'static,
    T: Clone + 'static,
    F: Future<Output = Asked<T>> + 'static,
{
    let asked = use_state(|| Asked::Coming);
    let setter = asked.setter();
    use_effect_with(about, move |about| {
        let coming = fetch(about.clone());
        setter.set(Asked::Coming);
        spawn_local(async move { setter.set(coming.await) });
    });
    (*asked).clone()
}

#[component]
pub(super) fn Lessons(props: &LessonsProps) -> Html {
    let words = use_words();
    let open = use_state_eq(keep::open);
    let progress = use_state(keep::progress);
    let kept = use_state_eq(|| Ok::<(), NotKept>(()));
    let is_folded = use_state_eq(|| false);
    // What was being written when the page was loaded anew is open again.
    let writing = use_state_eq(keep::writing);
    // Counts the drafts that were opened as a learner sees them: each is read anew.
    let round = use_state_eq(|| 0);
    let list = use_fetched(words.0, fetch::list);
    use_effect_with((), |()| focus(".lesson h2"));
    let write = {
        let writing = writing.clone();
        Callback::from(move |name: Option<String>| {
            keep::set_writing(name.as_deref().unwrap_or_default());
            writing.set(name);
        })
    };
    {
        let (open, write, shell) = (open.clone(), write.clone(), props.shell.clone());
        use_effect_with(props.asked.clone(), move |asked| {
            let Some(name) = asked.as_ref().map(ToString::to_string) else { return };
            if shelf::is_draft(&name) {
                write.emit(Some(name));
            } else {
                write.emit(None);
                open.set(Some(name));
            }
            shell.emit(ShellAction::LessonAsked(None));
        });
    }
    let put = {
        let (progress, kept) = (progress.clone(), kept.clone());
        Callback::from(move |next: Progress| {
            kept.set(keep::save(&next));
            progress.set(next);
        })
    };
    let learn = {
        let (open, writing, round) = (open.clone(), writing.clone(), round.clone());
        let (progress, put) = (progress.clone(), put.clone());
        Callback::from(move |name: String| {
            // What is on the stage of an earlier text begins anew, and so does what was reached in it.
            if keep::open().as_ref() == Some(&name) {
                keep::set_open(AGAIN);
            }
            let mut progress = (*progress).clone();
            progress.put(&name, Learner::default());
            put.emit(progress);
            keep::set_writing("");
            writing.set(None);
            round.set(*round + 1);
            open.set(Some(name));
        })
    };
    let toggle = {
        let is_folded = is_folded.clone();
        Callback::from(move |_| is_folded.set(!*is_folded))
    };
    let fold = words.say(if *is_folded { msg!("lesson.unfold") } else { msg!("lesson.fold") });
    let close = props.shell.reform(|_| ShellAction::Lessons);
    let body = match &*open {
        None => {
            html! {
                <List list={list.clone()} progress={(*progress).clone()} put={put.clone()} open={open.clone()} write={write.clone()} shell={props.shell.clone()} />
            }
        }
        Some(name) => html! {
            <Opened key={format!("{name}-{}", *round)} name={name.clone()} list={list.clone()} progress={(*progress).clone()} {put}
                open={open.clone()} clicker={props.clicker.clone()} shell={props.shell.clone()} />
        },
    };
    html! {
        <aside class="panel lesson" data-folded={is_folded.then_some("")} aria-label={words.say(msg!("page.lessons"))}>
            <link rel="stylesheet" href="lesson.css" />
            <div class="lesson-head">
                <h2 tabindex="-1">{ words.say(msg!("page.lessons")) }</h2>
                <button class="tool lesson-fold" type="button" aria-expanded={(!*is_folded).to_string()} aria-label={fold.clone()} title={fold}
                    onclick={toggle}>{ if *is_folded { "▴" } else { "▾" } }</button>
                <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} onclick={close}>{ icons::cross() }</button>
            </div>
            if !*is_folded {
                if kept.is_err() { <p class="lesson-note" role="status">{ words.say(msg!("lesson.not-kept")) }</p> }
                { body }
            }
            if let Some(name) = &*writing {
                <Write key={name.clone()} name={name.clone()} {write} {learn} />
            }
        </aside>
    }
}

/// What is noted where the lesson on the stage is to begin anew: no lesson has this name.
const AGAIN: &str = "again";

#[derive(Properties, PartialEq)]
struct OpenedProps {
    name: String,
    list: Asked<Vec<Entry>>,
    progress: Progress,
    put: Callback<Progress>,
    open: UseStateHandle<Option<String>>,
    clicker: Clicker,
    shell: Callback<ShellAction>,
}

/// Begins a lesson in a cluster of its own. What was there is put aside, but where it is only that of a lesson.
/// False where there is no room for that, so that it does not begin.
fn begin(theatre: &Theatre, shell: &Callback<ShellAction>, lesson: &Lesson, name: &str) -> bool {
    let is_lessons = keep::open().is_some();
    let session = Session::of_lesson(lesson);
    let view = session.view();
    let is_begun = give::open(theatre, shell, session, !is_lessons);
    if is_begun {
        keep::set_open(name);
        // Its files and what its commands print are read beside it.
        shell.emit(ShellAction::EditorClosed(view, false));
    }
    if is_lessons {
        shell.emit(ShellAction::Notice(None));
    }
    is_begun
}

#[component]
fn Opened(props: &OpenedProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let OpenedProps { name, list, progress, put, open, clicker, shell } = props;
    // Counts how often it was begun: then nothing of a step was shown yet.
    let times = use_state_eq(|| 0);
    let asked = use_fetched((words.0, name.clone()), fetch::lesson);
    {
        // It begins once it has come, unless its cluster is on the stage already.
        let (theatre, shell, name) = (theatre.clone(), shell.clone(), name.clone());
        let (progress, put, open) = (progress.clone(), put.clone(), open.clone());
        use_effect_with(came_of(&asked), move |came| {
            let Some(lesson) = came else { return };
            let id = key_of(&name, lesson);
            // Its commands are not for the session of somebody who has no room for both.
            if keep::open().as_deref() != Some(&*name) && !begin(&theatre, &shell, lesson, &name) {
                return open.set(None);
            }
            if !progress.has(id) {
                let mut progress = progress.clone();
                progress.put(id, Learner::default());
                put.emit(progress);
            }
        });
    }
    {
        // What the second screen shows.
        let taught = came_of(&asked).map(|lesson| {
            (name.clone(), progress.of(key_of(name, &lesson)).step.min(lesson.steps.len() - 1))
        });
        use_effect_with(taught, |taught| {
            if let Some((name, step)) = taught {
                notes::teach(name, *step);
            }
        });
    }
    // Another step is read from its heading.
    let at = came_of(&asked).map(|lesson| progress.of(key_of(name, &lesson)).step);
    use_effect_with(at, |_| focus(".lesson-title"));
    let to_list = {
        let open = open.clone();
        Callback::from(move |_| open.set(None))
    };
    let lesson = match &asked {
        Asked::Came(lesson) => lesson.clone(),
        other => return html! { <>{ trouble(words, other) }{ list_button(words, to_list) }</> },
    };
    let mut learner = progress.of(key_of(name, &lesson));
    let last = lesson.steps.len().saturating_sub(1);
    learner.step = learner.step.min(last);
    let save = {
        let (progress, put, id) = (progress.clone(), put.clone(), key_of(name, &lesson).to_owned());
        Callback::from(move |learner: Learner| {
            let mut progress = progress.clone();
            progress.put(&id, learner);
            put.emit(progress);
        })
    };
    let on_reached = {
        let (learner, save, lesson) = (learner.clone(), save.clone(), lesson.clone());
        Callback::from(move |goal: usize| {
            let mut learner = learner.clone();
            learner.reach(&lesson, goal);
            save.emit(learner);
        })
    };
    let to_step = |step: usize| {
        let (learner, save) = (learner.clone(), save.clone());
        Callback::from(move |_| save.emit(Learner { step, ..learner.clone() }))
    };
    let again = {
        let (theatre, shell, lesson, name) = (theatre.clone(), shell.clone(), lesson.clone(), name.clone());
        let (to_start, times) = (to_step(0), times.clone());
        Callback::from(move |event| {
            if begin(&theatre, &shell, &lesson, &name) {
                times.set(*times + 1);
                to_start.emit(event);
            }
        })
    };
    // A puzzle is given with what came of it, a lesson as the session that it is.
    let give_away = if fetch::is_puzzle(name) {
        ShellAction::Result(Some(give::About::Mine(name.clone())))
    } else {
        ShellAction::Give(true)
    };
    let step = &lesson.steps[learner.step];
    let are_reached = |goals: &mut dyn Iterator<Item = usize>| {
        let goals: Vec<usize> = goals.collect();
        !goals.is_empty() && goals.iter().all(|goal| learner.goals.contains(goal))
    };
    let done = if learner.is_done && learner.step == last {
        Some(msg!("lesson.lesson-done"))
    } else if are_reached(&mut step.goals().map(|(place, _)| place)) {
        Some(msg!("lesson.step-done"))
    } else {
        None
    };
    let next_lesson = next_of(list, name).map(|next| {
        let open = open.clone();
        let onclick = Callback::from(move |_| open.set(Some(next.clone())));
        html! { <button class="button button-bold" type="button" data-act="next-lesson" {onclick}>{ words.say(msg!("lesson.next-lesson")) }</button> }
    });
    let args = [("step", (learner.step + 1).into()), ("count", lesson.steps.len().into())];
    html! {
        <>
            <div class="panel-body" key={format!("{}-{}", name, learner.step)}>
                { for about(words, name) }
                <p class="eyebrow">{ lesson.title.clone() }{ " · " }{ words.with(msg!("lesson.step"), &args) }</p>
                <h3 class="lesson-title" tabindex="-1">{ step.title.clone() }</h3>
                <StepView key={format!("{}-{}", *times, learner.step)} lesson={lesson.clone()} learner={learner.clone()} put={save.clone()} clicker={clicker.clone()} shell={shell.clone()} />
                if done.is_some() && learner.is_done {
                    <button class="button" type="button" data-act="give-result" onclick={shell.reform(move |_| give_away.clone())}>
                        { words.say(msg!("lesson.give-result")) }
                    </button>
                }
                <Watch lesson={lesson.clone()} step={learner.step} reached={learner.goals.clone()} {on_reached} />
            </div>
            <div class="lesson-foot">
                // Here it is seen, however far somebody has read.
                <p class="lesson-met" role="status">{ done.map(|done| words.say(done)) }</p>
                { list_button(words, to_list) }
                { short_button(words, "lesson-again", icons::again(), msg!("lesson.again"), again) }
                <button class="button" type="button" data-act="lesson-back" disabled={learner.step == 0}
                    onclick={to_step(learner.step.saturating_sub(1))}>{ words.say(msg!("lesson.back")) }</button>
                if learner.step < last {
                    <button class="button button-bold" type="button" data-act="lesson-next" onclick={to_step(learner.step + 1)}>
                        { words.say(msg!("lesson.next")) }
                    </button>
                } else {
                    { for next_lesson }
                }
            </div>
        </>
    }
}

/// What is said of a lesson that is none of the page's own.
fn about(words: Words, name: &str) -> Vec<Html> {
    let mut said = Vec::new();
    if shelf::is_given(name) {
        said.push(msg!("writing.given"));
    } else if shelf::is_draft(name) {
        said.push(msg!("writing.tried"));
    }
    if !said.is_empty() && shelf::kept(name).is_none() {
        said.push(msg!("writing.given-not-kept"));
    }
    said.into_iter().map(|id| html! { <p class="lesson-given" role="note">{ words.say(id) }</p> }).collect()
}

/// What the progress in a lesson is kept by: the page's own have their id, and no other lesson takes it from them.
fn key_of<'a>(name: &'a str, lesson: &'a Lesson) -> &'a str {
    if shelf::is_given(name) || shelf::is_draft(name) { name } else { &lesson.id }
}

/// The lesson that has come.
fn came_of(asked: &Asked<Lesson>) -> Option<Rc<Lesson>> {
    match asked {
        Asked::Came(lesson) => Some(lesson.clone()),
        Asked::Coming | Asked::Broken(_) | Asked::Failed => None,
    }
}

/// The lesson that comes after one.
fn next_of(list: &Asked<Vec<Entry>>, name: &str) -> Option<String> {
    let Asked::Came(entries) = list else { return None };
    let place = entries.iter().position(|entry| entry.name == name)?;
    Some(entries.get(place + 1)?.name.clone())
}

fn list_button(words: Words, onclick: Callback<web_sys::MouseEvent>) -> Html {
    short_button(words, "lesson-list", icons::cap(), msg!("lesson.to-list"), onclick)
}

/// A button with a word; where there is no room for it, with a glyph.
fn short_button(
    words: Words,
    act: &'static str,
    glyph: Html,
    id: &str,
    onclick: Callback<web_sys::MouseEvent>,
) -> Html {
    let word = words.say(id);
    html! {
        <button class="button lesson-short" type="button" data-act={act} title={word.clone()} {onclick}>{ glyph }<span>{ word }</span></button>
    }
}

fn trouble(words: Words, asked: &Asked<Lesson>) -> Html {
    let message = match asked {
        Asked::Broken(_) => msg!("lesson.broken"),
        Asked::Failed => msg!("lesson.failed"),
        Asked::Coming | Asked::Came(_) => msg!("lesson.coming"),
    };
    let mistake = |mistake: &Mistake| {
        let line = words
            .with(msg!("lesson.line"), &[("line", mistake.line.into()), ("column", mistake.column.into())]);
        html! { <li><strong>{ line }</strong>{ " " }{ words.with(mistake.message, &mistake.args) }</li> }
    };
    let mistakes = match asked {
        Asked::Broken(mistakes) => html! { <ul>{ for mistakes.iter().map(mistake) }</ul> },
        _ => Html::default(),
    };
    html! { <div class="lesson-note" role="status"><p>{ words.say(message) }</p>{ mistakes }</div> }
}
