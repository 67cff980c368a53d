//! What of a session can be saved as text: the transcript, and a hand-out with a picture of each step.

use super::files::{about_secrets, is_blank, mask};
use crate::app::stage::scene_at;
use crate::app::theatre::Theatre;
use crate::app::words::Words;
use podium::msg;
use podium::scene::svg::{escaped, svg};
use podium::scene::tokens::Theme;
use podium::session::script::Typed;
use podium::session::{Session, masked_command};
use podium::timeline::{Acted, Deep, deep};
use std::fmt::Write;

/// What stands below a sentence where somebody wants upstream's own names too: who does it, by which function, with which
/// fields.
fn in_depth(say: &str, is_deep: bool) -> Option<Deep> {
    is_deep.then(|| deep(say)).flatten()
}

/// How a transcript is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Format {
    Markdown,
    /// Text without marks.
    Plain,
}

/// What happened up to the playhead: what was done, as `shared` has it, and each step with its sentence, as deep as it is told
/// on the page.
pub(super) fn transcript(
    session: &Session,
    shared: &Session,
    words: Words,
    is_deep: bool,
    format: Format,
) -> String {
    let story = session.timeline().story();
    let title = words.say(msg!("give.transcript"));
    let done = |acted: &Acted| {
        let Some(typed) = Typed::of(session, acted) else { return String::new() };
        match format {
            Format::Markdown => format!("\n```\n{}\n```\n\n", typed.prompt()),
            Format::Plain => format!("\n{}\n\n", typed.prompt()),
        }
    };
    let mut out = match format {
        Format::Markdown => format!("# {title}\n"),
        Format::Plain => format!("{title}\n"),
    };
    let mut acts = shared.timeline().acts().iter().filter(|acted| acted.at <= session.at()).peekable();
    for beat in story.beats.iter().take_while(|beat| beat.from < session.at()) {
        while let Some(acted) = acts.next_if(|acted| acted.at <= beat.from) {
            out.push_str(&done(acted));
        }
        let said = words.with(beat.say.id, &beat.say.args);
        let (clock, said) = (beat.to.clock(), masked_command(&said));
        _ = match format {
            Format::Markdown => writeln!(out, "- `{clock}` {said}"),
            Format::Plain => writeln!(out, "{clock}  {said}"),
        };
        if let Some(Deep { component, function, field }) = in_depth(beat.say.id, is_deep) {
            _ = match format {
                Format::Markdown => writeln!(out, "  **{component}** `{function}` `{field}`"),
                Format::Plain => writeln!(out, "  {component} {function} {field}"),
            };
        }
    }
    acts.for_each(|acted| out.push_str(&done(acted)));
    // What begins and ends with a command has no blank line at its end.
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// How large the pictures of a hand-out are: two of them and their sentences fill a page.
const PICTURE: [f32; 2] = [1120.0, 630.0];

/// How many pictures a hand-out has at most. Where there are more steps, each so-and-so-many-th has one.
const MOST_PICTURES: usize = 60;

/// How a hand-out looks, on paper above all.
const STYLE: &str = "body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #111; background: #fff }
figure { margin: 0 0 1.5rem; break-inside: avoid }
svg { display: block; width: 100%; height: auto; border: 1px solid #ccc }
figcaption, p { margin: .4rem 0 }
time, pre { font-family: ui-monospace, monospace; font-size: .85em }
time { color: #555; margin-right: .6em }
pre { white-space: pre-wrap; margin: 1rem 0; break-after: avoid }
@page { margin: 14mm }
";

/// What happened up to the playhead, to be printed: each step as a picture of the view that is open and its sentence, with
/// what was done before it, as `shared` has it.
pub(super) fn handout(theatre: &Theatre, shared: &Session, words: Words, is_deep: bool) -> String {
    let session = theatre.session();
    let title = escaped(&words.say(msg!("give.transcript")));
    let language = words.0.code();
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n"
    );
    let mut acts = shared.timeline().acts().iter().filter(|acted| acted.at <= session.at()).peekable();
    let done = |acted: &Acted| {
        Typed::of(&session, acted)
            .map_or_else(String::new, |typed| format!("<pre>{}</pre>\n", escaped(&typed.prompt())))
    };
    let beats: Vec<_> =
        session.timeline().story().beats.iter().take_while(|beat| beat.from < session.at()).collect();
    let secrets = about_secrets(&session);
    let each = beats.len().div_ceil(MOST_PICTURES).max(1);
    for (place, beat) in beats.into_iter().enumerate() {
        while let Some(acted) = acts.next_if(|acted| acted.at <= beat.from) {
            out.push_str(&done(acted));
        }
        let said = escaped(&masked_command(&words.with(beat.say.id, &beat.say.args)));
        let mut told = format!("<time>{}</time>{said}", beat.to.clock());
        if let Some(Deep { component, function, field }) = in_depth(beat.say.id, is_deep) {
            let [function, field] = [function, field].map(escaped);
            _ = write!(
                told,
                "<br><small><b>{component}</b> <code>{function}</code> <code>{field}</code></small>"
            );
        }
        let scene = (place % each == 0).then(|| scene_at(theatre, beat.to, PICTURE, words.0));
        // A view that shows nothing at this step is no picture.
        if let Some(mut scene) = scene.filter(|scene| !is_blank(scene)) {
            mask(&mut scene.shapes, &secrets);
            let picture = svg(&scene, Theme::Light);
            _ = writeln!(out, "<figure>\n{picture}<figcaption>{told}</figcaption>\n</figure>");
        } else {
            _ = writeln!(out, "<p>{told}</p>");
        }
    }
    for acted in acts {
        out.push_str(&done(acted));
    }
    out.push_str("</html>\n");
    out
}
