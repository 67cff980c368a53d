//! Texts become a recording, a slice at a time.

use super::keep;
use crate::app::now::now;
use crate::app::shell::{Notice, ShellAction};
use crate::app::theatre::Theatre;
use gloo::timers::future::TimeoutFuture;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::recording::{ReadError, Reader, Recording};
use podium::value::Str;
use std::cell::Cell;
use std::rc::Rc;
use yew::Callback;

/// How long reading may take in one go, in milliseconds.
const SLICE: f64 = 8.0;
/// What takes longer than this says how far it is, in milliseconds.
const SAYS_AFTER: f64 = 300.0;

/// Plays what was recorded from its beginning.
pub(in crate::app) fn play(theatre: Theatre, shell: Callback<ShellAction>, texts: Vec<(Str, Str)>) {
    play_at(theatre, shell, texts, None);
}

/// The same, at a moment where it was played until then.
pub(super) fn play_at(
    theatre: Theatre,
    shell: Callback<ShellAction>,
    texts: Vec<(Str, Str)>,
    at: Option<SimTime>,
) {
    yew::platform::spawn_local(async move {
        // What was told of something else stays.
        let said = Cell::new(false);
        let tell = |message, args| {
            said.set(true);
            shell.emit(ShellAction::Notice(Some(Notice { message, args, offer: None })));
        };
        match read(&texts, &tell).await {
            Ok(recording) => {
                if at.is_none() {
                    keep::keep(&texts);
                }
                let is_second = theatre.is_recorded();
                theatre.play_recording(Rc::new(recording), at);
                shell.emit(ShellAction::WelcomeDone);
                shell.emit(ShellAction::Inspect(None));
                shell.emit(ShellAction::EditorOpen(false));
                if said.get() {
                    shell.emit(ShellAction::Notice(None));
                }
                if is_second {
                    tell(msg!("recorded.plays-already"), Vec::new());
                }
            }
            Err(error) => {
                let (message, args) = error.told();
                tell(message, args);
            }
        }
    });
}

async fn read(
    texts: &[(Str, Str)],
    tell: &impl Fn(&'static str, Vec<(&'static str, podium::manifest::Arg)>),
) -> Result<Recording, ReadError> {
    let mut reader = Reader::new(texts.to_vec())?;
    let (begun, mut slice) = (now(), now());
    let mut said = begun;
    while reader.step()? {
        if now() - slice < SLICE {
            continue;
        }
        if now() - begun > SAYS_AFTER && now() - said > SAYS_AFTER {
            said = now();
            let name = texts.first().map_or_else(Str::default, |(name, _)| name.clone());
            let percent = (reader.share() * 100.0).round() as usize;
            tell(msg!("recorded.reading"), vec![("file", (&name).into()), ("percent", percent.into())]);
        }
        TimeoutFuture::new(0).await;
        slice = now();
    }
    reader.finish().ok_or(ReadError::NoObjects)
}
