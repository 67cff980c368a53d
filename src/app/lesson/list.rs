//! The list of lessons: the page's own with what was done, those that somebody was given, and the drafts.

use super::fetch::{self, Asked, Entry};
use super::shelf;
use crate::app::drop::{self, Dropped};
use crate::app::give;
use crate::app::icons;
use crate::app::shell::{Notice, ShellAction};
use crate::app::words::{Words, use_words};
use podium::lesson::draft::copied;
use podium::lesson::{Progress, read};
use podium::msg;
use web_sys::{Event, HtmlInputElement, MouseEvent};
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, Html, Properties, TargetCast, UseStateHandle, component, html, use_force_update,
    use_state_eq,
};

/// The file of the lesson to begin with.
const START: &str = "start.md";

#[derive(Properties, PartialEq)]
pub(super) struct ListProps {
    pub(super) list: Asked<Vec<Entry>>,
    pub(super) progress: Progress,
    pub(super) put: Callback<Progress>,
    pub(super) open: UseStateHandle<Option<String>>,
    /// Writes on at a draft.
    pub(super) write: Callback<Option<String>>,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn List(props: &ListProps) -> Html {
    let words = use_words();
    let is_failed = use_state_eq(|| false);
    let ListProps { list, progress, write, shell, .. } = props;
    let entries = match list {
        Asked::Came(entries) => &entries[..],
        _ => &[],
    };
    let trouble = match list {
        Asked::Came(_) => None,
        Asked::Coming => Some(html! { <p class="lesson-note">{ words.say(msg!("lesson.coming")) }</p> }),
        Asked::Failed | Asked::Broken(_) => {
            Some(html! { <p class="lesson-note" role="alert">{ words.say(msg!("lesson.failed")) }</p> })
        }
    };
    // Begins a draft with what a file of the lessons has.
    let begin = |file: String, change: fn(&str) -> String| {
        let (write, is_failed) = (write.clone(), is_failed.clone());
        Callback::from(move |_: MouseEvent| {
            let (write, is_failed, file) = (write.clone(), is_failed.clone(), file.clone());
            spawn_local(async move {
                let text = fetch::text(words.0, &file).await;
                is_failed.set(text.is_none());
                if let Some(text) = text {
                    write.emit(Some(begin_draft(&change(&text))));
                }
            });
        })
    };
    let part = |is_puzzle: bool, title: &'static str| {
        let mut entries = entries.iter().filter(|entry| entry.is_puzzle() == is_puzzle).peekable();
        let item = |entry: &Entry| {
            let copy = begin(format!("{}.md", entry.name), copied);
            item(words, props, &entry.name, &entry.id, &entry.title, Some(entry.minutes), copy)
        };
        entries.peek().is_some().then(|| {
            html! { <><h3>{ words.say(title) }</h3><ol class="lesson-list">{ for entries.map(item) }</ol></> }
        })
    };
    let from_file = {
        let shell = shell.clone();
        Callback::from(move |event: Event| {
            let field: HtmlInputElement = event.target_unchecked_into();
            if let Some(file) = field.files().and_then(|files| files.get(0)) {
                let shell = shell.clone();
                yew::platform::spawn_local(async move {
                    match drop::read(file).await {
                        Dropped::Text(_, text) => give::open_lesson(&shell, &text),
                        Dropped::LeftOut(message, args) => {
                            shell.emit(ShellAction::Notice(Some(Notice { message, args, offer: None })));
                        }
                        // Several files together; here it is one.
                        Dropped::Recorded(_) => {}
                    }
                });
            }
            // The same file may be opened once more.
            field.set_value("");
        })
    };
    html! {
        <div class="panel-body">
            { for trouble }
            { for part(false, msg!("lesson.course")) }
            { for part(true, msg!("lesson.puzzles")) }
            <Shelf drafts=false progress={progress.clone()} open={props.open.clone()} write={write.clone()} />
            <h3>{ words.say(msg!("writing.title")) }</h3>
            <p class="quiet">{ words.say(msg!("writing.about")) }</p>
            <div class="lesson-help">
                <button class="button button-bold" type="button" data-act="write-lesson" onclick={begin(START.to_owned(), str::to_owned)}>
                    { words.say(msg!("writing.write")) }
                </button>
                <label class="button lesson-file">
                    { words.say(msg!("writing.open-file")) }
                    <input class="visually-hidden" type="file" accept=".md,.markdown,.txt,text/markdown,text/plain" data-act="open-lesson" onchange={from_file} />
                </label>
            </div>
            if *is_failed { <p role="alert">{ words.say(msg!("lesson.failed")) }</p> }
            <Shelf drafts=true progress={progress.clone()} open={props.open.clone()} write={write.clone()} />
            if !progress.is_empty() { <Kept progress={progress.clone()} put={props.put.clone()} /> }
        </div>
    }
}

/// Puts a text on the shelf as a draft. Where the browser does not keep it, the draft itself says so.
fn begin_draft(text: &str) -> String {
    let name = shelf::new_name();
    _ = shelf::put(&name, text);
    name
}

/// A lesson that can be opened, or changed as a copy.
fn item(
    words: Words,
    ListProps { progress, open, .. }: &ListProps,
    name: &str,
    id: &str,
    title: &str,
    minutes: Option<usize>,
    copy: Callback<MouseEvent>,
) -> Html {
    let change = words.with(msg!("writing.copy"), &[("title", title.into())]);
    html! {
        <li key={name.to_owned()} class="lesson-item">
            { entry(words, progress, open, name, id, title, minutes) }
            <button class="tool" type="button" data-act="copy-lesson" aria-label={change.clone()} title={change} onclick={copy}>
                { icons::pencil() }
            </button>
        </li>
    }
}

/// A button that opens a lesson, and how far somebody has come in it.
fn entry(
    words: Words,
    progress: &Progress,
    open: &UseStateHandle<Option<String>>,
    name: &str,
    id: &str,
    title: &str,
    minutes: Option<usize>,
) -> Html {
    let (glyph, word) = match progress.of(id) {
        learner if learner.is_done => ("✓", msg!("lesson.done")),
        _ if progress.has(id) => ("…", msg!("lesson.begun")),
        _ => ("○", msg!("lesson.new")),
    };
    let onclick = {
        let (open, name) = (open.clone(), name.to_owned());
        Callback::from(move |_| open.set(Some(name.clone())))
    };
    html! {
        <button class="lesson-entry" type="button" data-lesson={id.to_owned()} {onclick}>
            <span>{ title.to_owned() }</span>
            <span class="lesson-word">
                if let Some(minutes) = minutes { { words.with(msg!("lesson.minutes"), &[("minutes", minutes.into())]) } { " · " } }
                <span aria-hidden="true">{ glyph }</span>{ " " }{ words.say(word) }
            </span>
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct ShelfProps {
    /// The drafts, or the lessons that were given.
    drafts: bool,
    progress: Progress,
    open: UseStateHandle<Option<String>>,
    write: Callback<Option<String>>,
}

/// What is on the shelf: each can be opened, copied and thrown away.
#[component]
fn Shelf(ShelfProps { drafts, progress, open, write }: &ShelfProps) -> Html {
    let words = use_words();
    let update = use_force_update();
    // What is gone cannot be had again, so it is asked once more.
    let sure_of = use_state_eq(|| None::<String>);
    let all = shelf::all(*drafts);
    if all.is_empty() {
        return Html::default();
    }
    let item = |(name, text): (String, String)| {
        let read = read(&text);
        let title: AttrValue = match read.lesson.title.trim() {
            "" => words.say(msg!("writing.no-title")),
            title => title.to_owned().into(),
        };
        let opener = if *drafts {
            let onclick = {
                let (write, name) = (write.clone(), name.clone());
                Callback::from(move |_| write.emit(Some(name.clone())))
            };
            let count = words.with(msg!("writing.mistakes"), &[("count", read.mistakes.len().into())]);
            html! {
                <button class="lesson-entry" type="button" data-act="open-draft" data-draft={name.clone()} {onclick}>
                    <span>{ title.clone() }</span><span class="lesson-word">{ count }</span>
                </button>
            }
        } else {
            entry(words, progress, open, &name, &name, &title, usize::try_from(read.lesson.minutes).ok())
        };
        let copy = words.with(msg!("writing.copy"), &[("title", (&*title).into())]);
        let on_copy = {
            let (write, text) = (write.clone(), text.clone());
            Callback::from(move |_| write.emit(Some(begin_draft(&copied(&text)))))
        };
        let is_sure = sure_of.as_ref() == Some(&name);
        let remove = if is_sure { msg!("writing.remove-sure") } else { msg!("writing.remove") };
        let remove = words.with(remove, &[("title", (&*title).into())]);
        let on_remove = {
            let (sure_of, update, name) = (sure_of.clone(), update.clone(), name.clone());
            Callback::from(move |_| {
                if is_sure {
                    shelf::remove(&name);
                    sure_of.set(None);
                    update.force_update();
                } else {
                    sure_of.set(Some(name.clone()));
                }
            })
        };
        html! {
            <li key={name} class="lesson-item" data-sure={is_sure.then_some("")}>
                { opener }
                if !*drafts {
                    <button class="tool" type="button" data-act="copy-lesson" aria-label={copy.clone()} title={copy} onclick={on_copy}>{ icons::pencil() }</button>
                }
                <button class="tool" type="button" data-act="remove-lesson" aria-label={remove.clone()} title={remove.clone()} onclick={on_remove}>
                    { icons::cross() }
                </button>
                if is_sure { <span class="lesson-word" role="status">{ remove }</span> }
            </li>
        }
    };
    let title = if *drafts { msg!("writing.drafts") } else { msg!("writing.given-ones") };
    html! { <><h3>{ words.say(title) }</h3><ol class="lesson-list">{ for all.into_iter().map(item) }</ol></> }
}

#[derive(Properties, PartialEq)]
struct KeptProps {
    progress: Progress,
    put: Callback<Progress>,
}

/// The progress saved as a file, or forgotten.
#[component]
fn Kept(KeptProps { progress, put }: &KeptProps) -> Html {
    let words = use_words();
    let is_sure = use_state_eq(|| false);
    let forget = {
        let (put, is_sure) = (put.clone(), is_sure.clone());
        Callback::from(move |_| {
            // What is gone then cannot be had again, so it is asked once more.
            if *is_sure {
                put.emit(Progress::default());
            }
            is_sure.set(!*is_sure);
        })
    };
    let export = {
        let text = progress.to_json();
        Callback::from(move |_| give::save("podium-lessons.json", "application/json", &text))
    };
    html! {
        <div class="lesson-help">
            <button class="button" type="button" data-act="export-progress" onclick={export}>
                { words.say(msg!("lesson.export")) }
            </button>
            <button class="button" type="button" data-act="forget-progress" onclick={forget}>
                { words.say(if *is_sure { msg!("lesson.forget-sure") } else { msg!("lesson.forget") }) }
            </button>
        </div>
    }
}
