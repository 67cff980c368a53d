//! An example of a mistake: the manifest with it and without it, and what is seen in the cluster. It is fetched when it is asked
//! for, and stands in a dialog over the page.

use crate::app::dialog::Dialog;
use crate::app::words::use_words;
use gloo::net::http::Request;
use podium::api::read_all;
use podium::manifest::{Diagnostic, Edit, apply_edits};
use podium::msg;
use podium::words::mistakes::{Shown, shown};
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_state_eq};

#[derive(Properties, PartialEq)]
pub(super) struct ExampleProps {
    /// The code of the mistake, one of `podium::words::mistakes::CODES`.
    pub(super) code: &'static str,
    pub(super) close: Callback<()>,
}

/// What has come of asking.
#[derive(Clone, PartialEq)]
enum Asked {
    Coming,
    Came(Rc<Shown>),
    Failed,
}

/// The dialog that shows the example. It stands beside the text, not in what is found there: that moves when the text loses the focus.
#[component]
pub(super) fn Example(ExampleProps { code, close }: &ExampleProps) -> Html {
    let words = use_words();
    let code = *code;
    let asked = use_state_eq(|| Asked::Coming);
    {
        let asked = asked.clone();
        use_effect_with(code, move |code| {
            let code = *code;
            spawn_local(async move {
                asked.set(fetch(code).await.map_or(Asked::Failed, |shown| Asked::Came(Rc::new(shown))));
            });
        });
    }
    let body = match &*asked {
        Asked::Coming => html! {},
        Asked::Failed => html! { <p>{ words.say(msg!("editor.example-failed")) }</p> },
        Asked::Came(shown) => {
            let mended = mended(shown, code);
            let seen = shown.notes.iter().filter(|(word, _)| word == "see");
            html! {
                <>
                    <h3>{ words.say(msg!("editor.example-wrong")) }</h3>
                    { manifest(&shown.wrong, &mended) }
                    if seen.clone().next().is_some() {
                        <h3>{ words.say(msg!("editor.example-seen")) }</h3>
                        { for seen.map(|(_, text)| html! { <pre class="example-seen">{ text.clone() }</pre> }) }
                    }
                    <h3>{ words.say(msg!("editor.example-mended")) }</h3>
                    { manifest(&mended, &shown.wrong) }
                </>
            }
        }
    };
    html! { <Dialog class="example" title={words.say(msg!("editor.example"))} {close}>{ body }</Dialog> }
}

async fn fetch(code: &str) -> Option<Shown> {
    match Request::get(&format!("mistakes/{code}.yaml")).send().await {
        Ok(answer) if answer.ok() => answer.text().await.ok().map(|text| shown(&text)),
        _ => None,
    }
}

/// The manifest without the mistake: the file's, or what the first fix of each finding makes of the other.
fn mended(shown: &Shown, code: &str) -> String {
    if let Some(mended) = &shown.mended {
        return mended.clone();
    }
    let read = read_all(&[&shown.wrong], &[]).into_iter().next().unwrap_or_default();
    let first = |found: &Diagnostic| found.fixes.first().map_or_else(Vec::new, |fix| fix.edits.clone());
    let edits: Vec<Edit> =
        read.diagnostics.iter().filter(|found| found.code == code).flat_map(first).collect();
    apply_edits(&shown.wrong, &edits)
}

/// A manifest; what the other has not is marked, with a sign as well as a colour.
fn manifest(text: &str, other: &str) -> Html {
    let lines = text.lines().map(|line| {
        let is_new = !line.trim().is_empty() && !other.lines().any(|other| other == line);
        html! { <span class={is_new.then_some("yaml-changed")}>{ if is_new { "▸ " } else { "  " } }{ line.to_owned() }{ "\n" }</span> }
    });
    html! { <pre class="yaml" tabindex="0">{ for lines }</pre> }
}
