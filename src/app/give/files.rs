//! What is saved of the session: pictures of the stage, and files. The data of Secrets are in none of them.

use super::exports::{self, Format};
use super::paint;
use super::save::save;
use crate::app::stage::scene_of;
use crate::app::theatre::Theatre;
use crate::app::words::Words;
use podium::msg;
use podium::scene::Scene;
use podium::scene::shape::{Geometry, Shape};
use podium::scene::svg::svg;
use podium::scene::tokens::Theme;
use podium::session::script::script;
use podium::session::{Session, masked_command};
use podium::timeline::Act;
use podium::value::Str;
use web_sys::MouseEvent;
use yew::{Callback, Html, html};

/// How large the picture of the stage is, in pixels.
const PICTURE: [f32; 2] = [1600.0, 900.0];

fn button(words: Words, name: &'static str, message: &'static str, onclick: Callback<MouseEvent>) -> Html {
    button_or(words, name, message, None, onclick)
}

/// A button that does nothing where there is a reason why not: the element with this id says it.
fn button_or(
    words: Words,
    name: &'static str,
    message: &'static str,
    why_not: Option<&'static str>,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button class="button" type="button" data-act={name} disabled={why_not.is_some()} aria-describedby={why_not} {onclick}>
            { words.say(message) }
        </button>
    }
}

/// What says that there is nothing to make a picture of.
const BLANK: &str = "give-blank";

/// What says that there is nothing to hand out.
const UNTOLD: &str = "give-untold";

/// Whether a view shows nothing but how to begin.
pub(super) fn is_blank(scene: &Scene) -> bool {
    scene.shapes.iter().all(|shape| shape.key.starts_with("empty/"))
}

/// The buttons that save a picture of what the stage shows.
pub(super) fn pictures(words: Words, theatre: &Theatre) -> Html {
    let with = |save: fn(&Theatre, Words)| {
        let theatre = theatre.clone();
        Callback::from(move |_| save(&theatre, words))
    };
    let why_not = is_blank(&scene_of(theatre, PICTURE, words.0)).then_some(BLANK);
    html! {
        <>
            if why_not.is_some() { <p class="give-blank" id={BLANK}>{ words.say(msg!("give.blank")) }</p> }
            { button_or(words, "save-picture", msg!("give.save-picture"), why_not, with(|theatre, words| {
                save("podium.svg", "image/svg+xml", &svg(&picture(theatre, words), theme()));
            })) }
            { button_or(words, "save-image", msg!("give.save-image"), why_not, with(|theatre, words| {
                paint::save_png("podium.png", &picture(theatre, words), theme());
            })) }
        </>
    }
}

/// The buttons that save something.
pub(super) fn files(words: Words, theatre: &Theatre, log: String, is_deep: bool) -> Html {
    let with = |save: fn(&Theatre, &Session, Words, bool)| {
        let (theatre, log) = (theatre.clone(), log.clone());
        Callback::from(move |_| {
            // It is read as anybody else will: the data of Secrets are masked in it.
            if let Ok(shared) = Session::from_json(&log) {
                save(&theatre, &shared, words, is_deep);
            }
        })
    };
    // Before the first step there is nothing to hand out.
    let session = theatre.session();
    let first = session.timeline().story().beats.first();
    let untold = first.is_none_or(|beat| beat.from >= session.at()).then_some(UNTOLD);
    html! {
        <div class="give-files">
            if untold.is_some() { <p class="give-blank" id={UNTOLD}>{ words.say(msg!("give.untold")) }</p> }
            { button(words, "save-session", msg!("give.save-session"), {
                let log = log.clone();
                Callback::from(move |_| save("podium.json", "application/json", &log))
            }) }
            { pictures(words, theatre) }
            { button(words, "save-transcript", msg!("give.save-transcript"), with(|theatre, shared, words, is_deep| {
                let text = exports::transcript(&theatre.session(), shared, words, is_deep, Format::Markdown);
                save("podium.md", "text/markdown", &text);
            })) }
            { button(words, "save-text", msg!("give.save-text"), with(|theatre, shared, words, is_deep| {
                let text = exports::transcript(&theatre.session(), shared, words, is_deep, Format::Plain);
                save("podium.txt", "text/plain", &text);
            })) }
            { button_or(words, "save-handout", msg!("give.save-handout"), untold, with(|theatre, shared, words, is_deep| {
                save("podium.html", "text/html", &exports::handout(theatre, shared, words, is_deep));
            })) }
            { button(words, "save-script", msg!("give.save-script"), with(|theatre, shared, _, _| {
                let script = script(&theatre.session(), shared.timeline().acts());
                save("podium.sh", "text/x-shellscript", &script);
            })) }
            { button(words, "save-manifests", msg!("give.save-manifests"), with(|_, shared, _, _| {
                for file in shared.files() {
                    save(&file.name, "text/plain", &file.text);
                }
            })) }
        </div>
    }
}

/// What is on the stage, without the data of Secrets.
fn picture(theatre: &Theatre, words: Words) -> Scene {
    let mut scene = scene_of(theatre, PICTURE, words.0);
    mask(&mut scene.shapes, &about_secrets(&theatre.session()));
    scene
}

/// The commands that say something of the data of Secrets.
pub(super) fn about_secrets(session: &Session) -> Vec<Str> {
    let commands = session.timeline().acts().iter().filter_map(|acted| match &acted.act {
        Act::Command(line) => Some(line),
        _ => None,
    });
    commands.filter(|line| masked_command(line) != ***line).cloned().collect()
}

/// Takes out of a picture what its commands say of the data of Secrets; `secrets` are those that say something of them.
pub(super) fn mask(shapes: &mut [Shape], secrets: &[Str]) {
    // A command may be cut into lines: what stands in one says no more that it is about a Secret.
    let masked = |said: &str| {
        let masked = masked_command(&format!("secret {said}"))["secret ".len()..].to_owned();
        // Where its middle is left out, its end may be all that is left of what a flag was told.
        match masked.rsplit_once('…') {
            Some((head, end)) if !end.is_empty() && secrets.iter().any(|line| line.contains(end)) => {
                format!("{head}…***")
            }
            _ => masked,
        }
    };
    for shape in shapes {
        if let Some(name) = &mut shape.name {
            *name = masked(name).into();
        }
        match &mut shape.geometry {
            Geometry::Group { children, .. } => mask(children, secrets),
            Geometry::Text { text, .. } => *text = masked(text).into(),
            _ => {}
        }
    }
}

/// The theme that the page has now.
pub(super) fn theme() -> Theme {
    let root = gloo::utils::document().document_element();
    let chosen = root.and_then(|root| root.get_attribute("data-theme"));
    let dark = || {
        let query = gloo::utils::window().match_media("(prefers-color-scheme: dark)");
        query.ok().flatten().is_some_and(|query| query.matches())
    };
    match chosen.as_deref() {
        Some("dark") => Theme::Dark,
        Some("light") => Theme::Light,
        Some("contrast") => Theme::Contrast,
        _ if dark() => Theme::Dark,
        _ => Theme::Light,
    }
}
