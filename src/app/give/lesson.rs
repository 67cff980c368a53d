//! A lesson that somebody was given, by a link or as a file. It is text: nothing of it runs but in the simulation.

use super::{link, own_address};
use crate::app::lesson::receive;
use crate::app::shell::{Notice, ShellAction};
use podium::manifest::Arg;
use podium::msg;
use yew::Callback;

pub(in crate::app) use podium::lesson::is_lesson;

/// Opens the lesson that a fragment holds.
pub(super) fn follow(shell: Callback<ShellAction>, fragment: String) {
    yew::platform::spawn_local(async move {
        let text = link::text(link::LESSON, &fragment).await;
        own_address();
        match text {
            Some(text) => open(&shell, &text),
            None if fragment.starts_with(link::LESSON) => {
                tell(&shell, msg!("writing.link-broken"), Vec::new())
            }
            None => tell(&shell, msg!("writing.link-newer"), Vec::new()),
        }
    });
}

/// Opens a lesson for a learner, or, where it has mistakes, for writing.
pub(in crate::app) fn open(shell: &Callback<ShellAction>, text: &str) {
    let received = receive(text);
    shell.emit(ShellAction::WelcomeDone);
    shell.emit(ShellAction::LessonAsked(Some(received.name.into())));
    if received.mistakes > 0 {
        tell(shell, msg!("writing.came-with-mistakes"), vec![("count", received.mistakes.into())]);
    }
}

fn tell(shell: &Callback<ShellAction>, message: &'static str, args: Vec<(&'static str, Arg)>) {
    shell.emit(ShellAction::Notice(Some(Notice { message, args, offer: None })));
}
