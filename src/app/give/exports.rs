//! What of a session can be saved as text: the transcript, the commands, and a hand-out with a picture of each step.

use super::{about_secrets, mask};
use crate::app::stage::scene_at;
use crate::app::theatre::Theatre;
use crate::app::words::Words;
use podium::msg;
use podium::scene::svg::{escaped, svg};
use podium::scene::tokens::Theme;
use podium::session::{Session, masked_command};
use podium::timeline::{Act, Deep, deep};
use std::fmt::Write;

/// What stands below a sentence where somebody wants upstream's own names too: who does it, by which function, with which
/// fields.
fn in_depth(say: &str, is_deep: bool) -> Option<Deep> {
    is_deep.then(|| deep(say)).flatten()
}

/// What happened up to the playhead, as Markdown: what was done, as `shared` has it, and each step with its sentence, as deep
/// as it is told on the page.
pub(super) fn transcript(session: &Session, shared: &Session, words: Words, is_deep: bool) -> String {
    let story = session.timeline().story();
    let mut out = format!("# {}\n", words.say(msg!("give.transcript")));
    let mut acts = shared.timeline().acts().iter().filter(|acted| acted.at <= session.at()).peekable();
    for beat in story.beats.iter().take_while(|beat| beat.from < session.at()) {
        while let Some(acted) = acts.next_if(|acted| acted.at <= beat.from) {
            if let Act::Command(line) = &acted.act {
                _ = write!(out, "\n```\n$ {line}\n```\n\n");
            }
        }
        let said = words.with(beat.say.id, &beat.say.args);
        _ = writeln!(out, "- `{}` {}", beat.to.clock(), masked_command(&said));
        if let Some(Deep { component, function, field }) = in_depth(beat.say.id, is_deep) {
            _ = writeln!(out, "  **{component}** `{function}` `{field}`");
        }
    }
    for acted in acts {
        if let Act::Command(line) = &acted.act {
            _ = write!(out, "\n```\n$ {line}\n```\n");
        }
    }
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
    let beats: Vec<_> =
        session.timeline().story().beats.iter().take_while(|beat| beat.from < session.at()).collect();
    let secrets = about_secrets(&session);
    let each = beats.len().div_ceil(MOST_PICTURES).max(1);
    for (place, beat) in beats.into_iter().enumerate() {
        while let Some(acted) = acts.next_if(|acted| acted.at <= beat.from) {
            if let Act::Command(line) = &acted.act {
                _ = writeln!(out, "<pre>$ {}</pre>", escaped(line));
            }
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
        if place % each == 0 {
            let mut scene = scene_at(theatre, beat.to, PICTURE, words.0);
            mask(&mut scene.shapes, &secrets);
            let picture = svg(&scene, Theme::Light);
            _ = writeln!(out, "<figure>\n{picture}<figcaption>{told}</figcaption>\n</figure>");
        } else {
            _ = writeln!(out, "<p>{told}</p>");
        }
    }
    for acted in acts {
        if let Act::Command(line) = &acted.act {
            _ = writeln!(out, "<pre>$ {}</pre>", escaped(line));
        }
    }
    out.push_str("</html>\n");
    out
}

/// The commands that were given up to the playhead, as a script for a shell.
pub(super) fn script(session: &Session) -> String {
    let mut out = String::from("#!/bin/sh\n");
    let mut last = None;
    for acted in session.timeline().acts().iter().filter(|acted| acted.at <= session.at()) {
        if let Act::Command(line) = &acted.act {
            if let Some(last) = last.replace(acted.at) {
                let waited = acted.at.since(last) / podium::cluster::time::SECOND;
                if waited > 0 {
                    _ = writeln!(out, "sleep {waited}");
                }
            }
            _ = writeln!(out, "{line}");
        }
    }
    out
}
