//! A note in Markdown: its manifests become tabs, its commands are played, and it stays beside the stage.

use crate::app::shell::{Notice, ShellAction};
use crate::app::theatre::{Theatre, use_session, use_theatre};
use crate::app::words::{Words, use_words};
use podium::manifest::Note;
use podium::msg;
use podium::session::{Action, examples};
use podium::timeline::Act;
use podium::value::Str;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct NoteBarProps {
    pub(super) note: Rc<Note>,
    /// Whether it is the text that is open, and not one of its manifests.
    pub(super) is_open: bool,
    pub(super) shell: Callback<ShellAction>,
}

/// The first file that a command names and that is neither among the files nor in the note, where an example has it.
fn lacking(command: &str, note: &Note, files: &[Str]) -> Option<(&'static str, &'static str)> {
    let is_there = |name: &str| {
        files.iter().any(|file| **file == *name)
            || note.manifests.iter().any(|manifest| &*manifest.name == name)
    };
    command.split_whitespace().filter(|word| !is_there(word)).find_map(examples::file)
}

/// A button that takes a file of an example.
fn take(words: Words, theatre: &Theatre, name: &'static str, text: &'static str) -> Html {
    let theatre = theatre.clone();
    let onclick = Callback::from(move |_| theatre.act(Action::AddFile(name.into(), text.into())));
    html! {
        <button class="button button-quiet" type="button" data-act="note-file" {onclick}>
            { words.with(msg!("editor.note-file"), &[("file", name.into())]) }
        </button>
    }
}

#[component]
pub(super) fn NoteBar(NoteBarProps { note, is_open, shell }: &NoteBarProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let given = use_session(&theatre, |session| {
        let line = |act: &Act| match act {
            Act::Command(line) => Some(line.clone()),
            _ => None,
        };
        session.timeline().acts().iter().filter_map(|acted| line(&acted.act)).collect::<Vec<Str>>()
    });
    let files = use_session(&theatre, |session| {
        session.files().iter().map(|file| file.name.clone()).collect::<Vec<Str>>()
    });
    let count = note.manifests.len();
    let to_tabs = {
        let (theatre, shell, note) = (theatre.clone(), shell.clone(), note.clone());
        Callback::from(move |_| {
            for manifest in &note.manifests {
                let is_there = theatre.session().files().iter().any(|other| *other.name == *manifest.name);
                let (name, text) = (Str::from(&*manifest.name), Str::from(&*manifest.text));
                theatre.act(if is_there {
                    Action::EditFile(name, text)
                } else {
                    Action::AddFile(name, text)
                });
            }
            if let Some(first) = note.manifests.first() {
                theatre.act(Action::OpenFile(Str::from(&*first.name)));
            }
            let args = vec![("count", count.into())];
            shell.emit(ShellAction::Notice(Some(Notice {
                message: msg!("editor.note-is-tabs"),
                args,
                offer: None,
            })));
        })
    };
    let commands = note.commands.iter().map(|command| {
        let onclick = {
            let (theatre, line) = (theatre.clone(), Str::from(&**command));
            Callback::from(move |_| theatre.perform(Action::Command(line.clone())))
        };
        // What the note names and does not hold, an example may have.
        let lacking = lacking(command, note, &files);
        let played = given.iter().any(|line| **line == **command);
        html! {
            <li>
                <button class="note-command" type="button" data-played={played.then_some("")} {onclick}>
                    <code>{ format!("$ {command}") }</code>
                </button>
                if let Some((name, text)) = lacking {
                    { take(words, &theatre, name, text) }
                }
            </li>
        }
    });
    html! {
        <div class="note-bar" role="region" aria-label={words.say(msg!("editor.note"))}>
            if count > 0 && *is_open {
                <button class="button" type="button" data-act="note-tabs" onclick={to_tabs}>
                    { words.with(msg!("editor.note-tabs"), &[("count", count.into())]) }
                </button>
            }
            <ol class="note-commands">{ for commands }</ol>
        </div>
    }
}
