//! A solved puzzle: given as a line for a chat with a link, and opened. The link shows what came of it, and the solution only to
//! whoever asks for it.

use super::link::{self, Made, RESULT};
use super::{Code, earlier, open, own_address, tell};
use crate::app::clipboard;
use crate::app::dialog::Dialog;
use crate::app::lesson::{Asked, ask, fetch_lesson};
use crate::app::recorded;
use crate::app::shell::ShellAction;
use crate::app::theatre::{Theatre, use_theatre};
use crate::app::words::{Words, use_words};
use gloo::net::http::Request;
use gloo::timers::future::TimeoutFuture;
use podium::cluster::time::SimTime;
use podium::lesson::Lesson;
use podium::lesson::solved::{Given, GivenError, Solved};
use podium::msg;
use podium::session::{LoadError, Session};
use std::rc::Rc;
use web_sys::{HtmlTextAreaElement, MouseEvent};
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, Html, Properties, UseStateSetter, component, html, use_effect_with, use_node_ref,
    use_state, use_state_eq,
};

/// How many events of the cluster run between two rests.
const BUDGET: usize = 400;

/// The result that a dialog is about.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum About {
    /// The puzzle of this name, as it is solved on the stage.
    Mine(String),
    /// What somebody has sent.
    Came(Rc<Given>),
}

/// Opens the result that a fragment holds: only a dialog about it, so nothing is lost.
pub(super) fn follow(shell: Callback<ShellAction>, fragment: String) {
    spawn_local(async move {
        let text = link::text(RESULT, &fragment).await;
        own_address();
        let is_ours = fragment.starts_with(RESULT);
        let text = text.ok_or(if is_ours { GivenError::Broken } else { GivenError::Newer });
        match text.and_then(|text| Given::from_json(&text)) {
            Ok(given) => shell.emit(ShellAction::Result(Some(About::Came(Rc::new(given))))),
            Err(GivenError::Newer) => tell(&shell, msg!("lesson.result-newer"), None),
            Err(GivenError::Broken) => tell(&shell, msg!("lesson.result-broken"), None),
        }
    });
}

/// What has come of looking.
#[derive(Clone, Debug, PartialEq)]
enum Looked {
    Coming,
    Came(Rc<Lesson>, Solved),
    /// This says why not.
    Failed(&'static str),
}

/// Looks at what a session has come to at its moment.
fn look(lesson: Rc<Lesson>, session: &Session, looked: UseStateSetter<Looked>) {
    ask(session.ask_solved(&lesson), move |seen| {
        let failed = || Looked::Failed(msg!("lesson.result-unmeasured"));
        looked.set(Solved::of(&lesson, &seen).map_or_else(failed, |of| Looked::Came(lesson, of)));
    });
}

/// Plays a session to its moment, with rests in between.
async fn played(log: &str) -> Result<Session, LoadError> {
    let mut session = Session::from_json(log)?;
    let at: SimTime = session.at();
    while session.run(at, BUDGET).0 {
        TimeoutFuture::new(0).await;
    }
    session.show(at);
    Ok(session)
}

/// The puzzle, once it has come.
async fn puzzle(words: Words, name: &str) -> Result<Rc<Lesson>, &'static str> {
    match fetch_lesson((words.0, name.to_owned())).await {
        Asked::Came(lesson) => Ok(lesson),
        // Another Podium may have other puzzles.
        Asked::Broken(_) => Err(msg!("lesson.result-unknown")),
        Asked::Failed | Asked::Coming if is_unknown(words, name).await => Err(msg!("lesson.result-unknown")),
        Asked::Failed | Asked::Coming => Err(msg!("lesson.failed")),
    }
}

/// Whether the list of the lessons can be had, and a puzzle is not in it.
async fn is_unknown(words: Words, name: &str) -> bool {
    let Ok(answer) = Request::get(&format!("lessons/{}/list.txt", words.0)).send().await else {
        return false;
    };
    let text = if answer.ok() { answer.text().await.ok() } else { None };
    text.is_some_and(|text| text.lines().all(|line| line.split(' ').next() != Some(name)))
}

#[derive(Properties, PartialEq)]
pub(in crate::app) struct ResultProps {
    pub(in crate::app) about: About,
    pub(in crate::app) shell: Callback<ShellAction>,
}

/// A dialog about a result. About another one it is another dialog, and nothing of the one before stays.
#[component]
pub(in crate::app) fn ResultOver(ResultProps { about, shell }: &ResultProps) -> Html {
    let key = match about {
        About::Mine(name) => name.clone(),
        About::Came(given) => given.to_json(),
    };
    html! { <Over {key} about={about.clone()} shell={shell.clone()} /> }
}

#[component]
fn Over(ResultProps { about, shell }: &ResultProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let looked = use_state(|| Looked::Coming);
    {
        let (theatre, looked) = (theatre.clone(), looked.setter());
        use_effect_with(about.clone(), move |about| {
            let about = about.clone();
            spawn_local(async move {
                let name = match &about {
                    About::Mine(name) => name,
                    About::Came(given) => &given.lesson,
                };
                let lesson = match puzzle(words, name).await {
                    Ok(lesson) => lesson,
                    Err(why) => return looked.set(Looked::Failed(why)),
                };
                match &about {
                    About::Mine(_) => look(lesson, &theatre.session(), looked),
                    About::Came(given) => match played(&given.log).await {
                        Ok(session) => look(lesson, &session, looked),
                        Err(LoadError::Newer) => looked.set(Looked::Failed(msg!("lesson.result-newer"))),
                        Err(LoadError::Broken) => looked.set(Looked::Failed(msg!("lesson.result-broken"))),
                    },
                }
            });
        });
    }
    let close = shell.reform(|()| ShellAction::Result(None));
    let title = match about {
        About::Mine(_) => words.say(msg!("lesson.result")),
        About::Came(_) => words.say(msg!("lesson.result-came")),
    };
    let body = match (&*looked, about) {
        (Looked::Coming, About::Mine(_)) => {
            html! { <p role="status">{ words.say(msg!("lesson.result-looking")) }</p> }
        }
        (Looked::Coming, About::Came(_)) => {
            html! { <p role="status">{ words.say(msg!("lesson.result-came-playing")) }</p> }
        }
        (Looked::Failed(why), _) => html! { <p role="alert">{ words.say(why) }</p> },
        (Looked::Came(_, of), About::Mine(_)) if !of.holds => {
            html! { <p role="status">{ words.say(msg!("lesson.result-not-now")) }</p> }
        }
        (Looked::Came(lesson, of), About::Mine(name)) => {
            html! { <Mine name={name.clone()} lesson={lesson.clone()} said={chat(words, lesson, of)} /> }
        }
        (Looked::Came(lesson, of), About::Came(given)) => came(words, &theatre, shell, lesson, of, given),
    };
    html! {
        <Dialog class="give" {title} {close}>
            <link rel="stylesheet" href="give.css" />
            { body }
        </Dialog>
    }
}

fn said(words: Words, of: &Solved) -> AttrValue {
    let (id, args) = of.said();
    words.with(id, &args)
}

/// The line that goes into a chat.
fn chat(words: Words, lesson: &Lesson, of: &Solved) -> AttrValue {
    let args = [("title", lesson.title.as_str().into()), ("result", said(words, of).as_str().into())];
    words.with(msg!("lesson.result-chat"), &args)
}

/// The session's own run is put aside, and a recording that stands before it is left. False where there is no room for that: then
/// the recording stays.
fn put_aside(theatre: &Theatre) -> bool {
    if earlier::put(&theatre.session(), None).is_err() {
        return false;
    }
    if theatre.is_recorded() {
        recorded::forget();
        theatre.leave_recording();
    }
    true
}

/// What somebody has sent, and what can be done with it.
fn came(
    words: Words,
    theatre: &Theatre,
    shell: &Callback<ShellAction>,
    lesson: &Lesson,
    of: &Solved,
    given: &Rc<Given>,
) -> Html {
    let args = [("title", lesson.title.as_str().into()), ("result", said(words, of).as_str().into())];
    let about = if of.holds { msg!("lesson.result-came-about") } else { msg!("lesson.result-came-not") };
    let attempt = {
        let (theatre, shell) = (theatre.clone(), shell.clone());
        let name = AttrValue::from(given.lesson.clone());
        Callback::from(move |_: MouseEvent| {
            shell.emit(ShellAction::Result(None));
            // Also of another lesson: what it has on the stage would go with a new one.
            if !put_aside(&theatre) {
                return tell(&shell, msg!("give.no-room"), None);
            }
            shell.emit(ShellAction::WelcomeDone);
            shell.emit(ShellAction::LessonAsked(Some(name.clone())));
        })
    };
    let show = {
        let (theatre, shell, given) = (theatre.clone(), shell.clone(), given.clone());
        Callback::from(move |_: MouseEvent| {
            shell.emit(ShellAction::Result(None));
            if let Ok(session) = Session::from_json(&given.log) {
                let was_recorded = theatre.is_recorded();
                if open(&theatre, &shell, session, true) && was_recorded {
                    // The recording went with the session that it was played in.
                    recorded::forget();
                    theatre.set_watching(None);
                }
            }
        })
    };
    html! {
        <>
            <p>{ words.with(about, &args) }</p>
            if given.is_of_another(lesson) { <p>{ words.say(msg!("lesson.result-other")) }</p> }
            if of.holds { <p class="result-said">{ said(words, of) }</p> }
            <div class="give-files">
                <button class="button button-bold" type="button" data-act="result-try" onclick={attempt}>{ words.say(msg!("lesson.result-try")) }</button>
                <button class="button" type="button" data-act="result-show" onclick={show}>{ words.say(msg!("lesson.result-show")) }</button>
            </div>
            <p>{ words.say(msg!("lesson.result-kept")) }</p>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct MineProps {
    name: String,
    lesson: Rc<Lesson>,
    said: AttrValue,
}

/// What is given: the line, the link, the code.
#[component]
fn Mine(MineProps { name, lesson, said }: &MineProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let made = use_state_eq(|| Made::Soon);
    let copied = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let (made, name, lesson) = (made.setter(), name.clone(), lesson.clone());
        use_effect_with((), move |()| {
            let given = Given::new(name, &lesson, theatre.session().to_shared().log);
            spawn_local(async move {
                made.set(Made::of(RESULT, &given.to_json()).await);
            });
        });
    }
    let line = match &*made {
        Made::Link(link) => format!("{said}\n{link}"),
        _ => said.to_string(),
    };
    let copy = {
        let (field, copied) = (field.clone(), copied.setter());
        Callback::from(move |_: MouseEvent| {
            let Some(field) = field.cast::<HtmlTextAreaElement>() else { return };
            field.select();
            let (copied, text) = (copied.clone(), field.value());
            spawn_local(async move {
                copied.set(clipboard::copied(&text).await);
            });
        })
    };
    let link = match &*made {
        Made::Soon => html! { <p>{ words.say(msg!("give.making")) }</p> },
        Made::Impossible => html! { <p>{ words.say(msg!("give.impossible")) }</p> },
        Made::TooLong(_) => html! { <p>{ words.say(msg!("lesson.result-too-long")) }</p> },
        Made::Link(link) => html! { <Code link={link.clone()} /> },
    };
    html! {
        <>
            <p class="result-said">{ said.clone() }</p>
            <p>{ words.say(msg!("lesson.result-about")) }</p>
            <textarea class="result-line" ref={field} readonly=true rows="3" value={line} aria-label={words.say(msg!("lesson.result-line"))} />
            <div class="give-files">
                <button class="button button-bold" type="button" data-act="copy-result" disabled={*made == Made::Soon} onclick={copy}>
                    { words.say(if *copied { msg!("give.copied") } else { msg!("lesson.result-copy") }) }
                </button>
            </div>
            <p class="visually-hidden" role="status">{ copied.then(|| words.say(msg!("give.copied"))) }</p>
            { link }
        </>
    }
}
