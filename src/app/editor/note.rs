//! A note in Markdown: its manifests become tabs, its commands are played, and it stays beside the stage.

use crate::app::shell::{Notice, ShellAction};
use crate::app::theatre::{use_session, use_theatre};
use crate::app::words::use_words;
use podium::manifest::Note;
use podium::msg;
use podium::session::Action;
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
        let played = given.iter().any(|line| **line == **command);
        html! {
            <li>
                <button class="note-command" type="button" data-played={played.then_some("")} {onclick}>
                    <code>{ format!("$ {command}") }</code>
                </button>
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
