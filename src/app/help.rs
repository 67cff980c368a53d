//! The help about the keyboard, as a dialog over the page.

use super::dialog::Dialog;
use super::fidelity::Fidelity;
use super::keys::HELP;
use super::shell::ShellAction;
use super::theatre::use_theatre;
use super::words::use_words;
use podium::msg;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct HelpProps {
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Help(props: &HelpProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let (records, digest) = {
        let session = theatre.session();
        let history = session.timeline().history();
        (history.records().len(), format!("{:016x}", history.digest()))
    };
    let close = props.shell.reform(|()| ShellAction::Help(false));
    html! {
        <Dialog title={words.say(msg!("page.keys"))} {close}>
            <dl class="help-keys">
                { for HELP.iter().map(|(keys, message)| html! {
                    <>
                        <dt>{ for keys.iter().map(|key| html! { <kbd class="keys">{ *key }</kbd> }) }</dt>
                        <dd>{ words.say(message) }</dd>
                    </>
                }) }
            </dl>
            <p class="help-run" data-digest={digest.clone()}>
                { words.with(msg!("page.run-digest"), &[("count", records.into()), ("digest", digest.as_str().into())]) }
            </p>
            <Fidelity />
            // The one file has no gallery in it.
            if gloo::utils::window().location().protocol().is_ok_and(|protocol| protocol != "file:") {
                <p class="help-gallery"><a href="#/gallery" target="_blank">{ words.say(msg!("gallery.open")) }</a></p>
            }
        </Dialog>
    }
}
