//! The help about the keyboard, as a dialog over the page.

use super::fidelity::Fidelity;
use super::icons;
use super::keys::HELP;
use super::shell::ShellAction;
use super::theatre::use_theatre;
use super::words::use_words;
use podium::msg;
use web_sys::{HtmlDialogElement, MouseEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_effect_with, use_node_ref};

#[derive(Properties, PartialEq)]
pub(super) struct HelpProps {
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Help(props: &HelpProps) -> Html {
    let words = use_words();
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                _ = dialog.show_modal();
            }
        });
    }
    let theatre = use_theatre();
    let (records, digest) = {
        let session = theatre.session();
        let history = session.timeline().history();
        (history.records().len(), format!("{:016x}", history.digest()))
    };
    let close = props.shell.reform(|()| ShellAction::Help(false));
    let onclose = close.reform(|_| ());
    let onclick = {
        let (close, dialog) = (close.clone(), dialog.clone());
        Callback::from(move |event: MouseEvent| {
            // A click beside what is in the dialog is one on the dialog itself.
            let target: web_sys::Element = event.target_unchecked_into();
            if dialog.get().is_some_and(|dialog| dialog.is_same_node(Some(&target))) {
                close.emit(());
            }
        })
    };
    html! {
        <dialog class="help" ref={dialog} {onclose} {onclick} aria-labelledby="help-title">
            <div class="help-body">
                <div class="help-head">
                    <h2 id="help-title">{ words.say(msg!("page.keys")) }</h2>
                    <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} onclick={close.reform(|_| ())}>
                        { icons::cross() }
                    </button>
                </div>
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
            </div>
        </dialog>
    }
}
