//! Why something is as it is: the reason itself, then the chain of causes, from what a person did to what is seen. A click on
//! a cause goes to its moment; where the chain begins with a file that was applied, a button goes to the line of it.

use super::Context;
use crate::app::phone::is_phone;
use crate::app::shell::ShellAction;
use crate::app::theatre::Theatre;
use crate::app::transport::hue;
use podium::cluster::time::SimTime;
use podium::msg;
use podium::scene::{Hue, Target};
use podium::session::written::Written;
use podium::timeline::{Applied, Command, reasons};
use yew::{AttrValue, Callback, Html, classes, html};

/// The answer; nothing where no record knows of it.
pub(super) fn why(context: &Context, target: &Target) -> Option<Html> {
    let Context { words, theatre, view, story, .. } = *context;
    let why = story.why_of(view, target)?;
    let reasons = reasons(view, target);
    let command = why.command.and_then(|client| view.command(client)).map(|command| {
        let text = words.with(msg!("why.command"), &[("command", command.line.into())]);
        let written = why.applied.as_ref().and_then(|applied| written(context, target, applied));
        cause(theatre, Hue::Plain, text, command.began, written.map(|written| manifest(context, written)))
    });
    let beats = why
        .beats
        .iter()
        .map(|beat| cause(theatre, hue(beat), words.with(beat.say.id, &beat.say.args), beat.to, None));
    Some(html! {
        <>
            { for reasons.iter().map(|said| html! { <p class="why-reason">{ words.with(said.id, &said.args) }</p> }) }
            <ol class="why">{ for command }{ for beats }</ol>
        </>
    })
}

fn cause(theatre: &Theatre, hue: Hue, text: AttrValue, at: SimTime, beside: Option<Html>) -> Html {
    let onclick = seek(theatre, at);
    html! {
        <li class={classes!(hue.class())}>
            <button class="why-cause" type="button" {onclick}>{ text }{ " " }<small>{ at.clock() }</small></button>
            { for beside }
        </li>
    }
}

/// Goes to a moment, and stays there.
pub(super) fn seek(theatre: &Theatre, at: SimTime) -> Callback<web_sys::MouseEvent> {
    let theatre = theatre.clone();
    Callback::from(move |_| {
        theatre.tell(Command::Pause);
        theatre.tell(Command::Seek(at));
    })
}

/// Where the files still say what was applied: of a container its own line.
fn written(context: &Context, target: &Target, applied: &Applied) -> Option<Written> {
    let container = match target {
        Target::Container { name, .. } => Some(&**name),
        _ => None,
    };
    let session = context.theatre.session();
    // A recording is of another cluster than the one that the text is for.
    if session.recording().is_some() {
        return None;
    }
    context.reading.written_at(session.files(), &applied.key, container, &applied.files)
}

/// Goes to a line of the manifest.
fn manifest(context: &Context, written: Written) -> Html {
    let Context { words, theatre, .. } = *context;
    let Written { file, line, span } = written;
    let args = [("file", (&file).into()), ("line", line.into())];
    let name = words.with(msg!("why.manifest-go"), &args);
    let (theatre, shell) = (theatre.clone(), context.shell.clone());
    let onclick = Callback::from(move |_| {
        let view = theatre.session().view();
        shell.emit(ShellAction::EditorClosed(view, false));
        if is_phone() {
            shell.emit(ShellAction::Inspect(None));
            shell.emit(ShellAction::EditorOpen(true));
        }
        shell.emit(ShellAction::Reveal(Some((file.clone(), span))));
    });
    html! {
        <button class="link why-manifest" type="button" data-act="manifest" title={name} {onclick}>
            { words.with(msg!("why.manifest"), &args) }
        </button>
    }
}
