//! A draft given away: as a link, as a code for a camera, as a file.

use super::super::shelf;
use crate::app::clipboard;
use crate::app::give::link::{LESSON, LONGEST, Made};
use crate::app::give::{Code, save};
use crate::app::words::use_words;
use podium::lesson::draft::file_name;
use podium::msg;
use web_sys::{HtmlInputElement, MouseEvent};
use yew::platform::spawn_local;
use yew::{
    AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_node_ref, use_state_eq,
};

#[derive(Properties, PartialEq)]
pub(super) struct GivingProps {
    pub(super) text: AttrValue,
    /// With mistakes it opens for writing.
    pub(super) mistakes: usize,
}

/// Saves a text as a file.
pub(super) fn save_file(text: &str) {
    save(&file_name(text), "text/markdown", text);
}

#[component]
pub(super) fn Giving(GivingProps { text, mistakes }: &GivingProps) -> Html {
    let words = use_words();
    let field = use_node_ref();
    let made = use_state_eq(|| Made::Soon);
    let copied = use_state_eq(|| None::<AttrValue>);
    {
        let made = made.clone();
        use_effect_with(text.clone(), move |text| {
            let text = text.clone();
            spawn_local(async move {
                made.set(Made::of(LESSON, &text).await);
            });
        });
    }
    let copy = {
        let (field, copied) = (field.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(field) = field.cast::<HtmlInputElement>() else { return };
            field.select();
            let (copied, link) = (copied.clone(), field.value());
            spawn_local(async move {
                let is_copied = clipboard::copied(&link).await;
                copied.set(is_copied.then(|| link.into()));
            });
        })
    };
    let link = match &*made {
        Made::Soon => html! { <p>{ words.say(msg!("give.making")) }</p> },
        Made::Impossible => html! { <p>{ words.say(msg!("writing.no-link")) }</p> },
        Made::TooLong(length) => {
            let args = [("length", (*length).into()), ("limit", LONGEST.into())];
            html! { <p>{ words.with(msg!("writing.too-long"), &args) }</p> }
        }
        Made::Link(link) => {
            let is_copied = copied.as_ref() == Some(link);
            html! {
                <>
                    <div class="give-link">
                        <input ref={field} type="text" readonly=true value={link.clone()} data-length={link.len().to_string()}
                            aria-label={words.say(msg!("writing.link"))} />
                        <button class="button button-bold" type="button" data-act="copy-lesson-link" onclick={copy}>
                            { words.say(if is_copied { msg!("give.copied") } else { msg!("give.copy") }) }
                        </button>
                    </div>
                    <p class="visually-hidden" role="status">{ is_copied.then(|| words.say(msg!("give.copied"))) }</p>
                    <details class="write-help"><summary>{ words.say(msg!("writing.code")) }</summary><Code link={link.clone()} /></details>
                </>
            }
        }
    };
    let file = {
        let text = text.clone();
        Callback::from(move |_| save_file(&text))
    };
    html! {
        <section class="write-give" aria-label={words.say(msg!("writing.give"))}>
            <p>{ words.say(msg!("writing.give-about")) }</p>
            if *mistakes > 0 { <p role="note">{ words.say(msg!("writing.give-mistakes")) }</p> }
            { link }
            <button class="button" type="button" data-act="save-lesson" onclick={file}>
                { words.with(msg!("writing.save"), &[("file", file_name(text).into())]) }
            </button>
        </section>
    }
}

/// Whether a draft is on the shelf for another visit, as far as that can be seen now.
pub(super) fn is_kept(name: &str, text: &str) -> bool {
    shelf::kept(name).as_deref() == Some(text)
}
