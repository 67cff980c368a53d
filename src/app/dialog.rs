//! A dialog over the page: what it is about, a cross, and what stands below them. Escape, the cross and a click beside it close it.

use super::icons;
use super::words::use_words;
use podium::msg;
use web_sys::{Element, HtmlDialogElement, MouseEvent};
use yew::{
    AttrValue, Callback, Children, Html, Properties, TargetCast, classes, component, html, use_effect_with,
    use_node_ref,
};

#[derive(Properties, PartialEq)]
pub(super) struct DialogProps {
    /// What tells its look apart from others; none for the look that all share.
    #[prop_or_default]
    pub(super) class: Option<&'static str>,
    pub(super) title: AttrValue,
    /// It is to be there no more.
    pub(super) close: Callback<()>,
    pub(super) children: Children,
}

/// It is open as long as it is there.
#[component]
pub(super) fn Dialog(props: &DialogProps) -> Html {
    let words = use_words();
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                _ = dialog.show_modal();
            }
            // Only a dialog that closes gives the focus back to where it was before.
            move || {
                if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                    dialog.close();
                }
            }
        });
    }
    let onclick = {
        let (close, dialog) = (props.close.clone(), dialog.clone());
        Callback::from(move |event: MouseEvent| {
            // A click beside what is in the dialog is one on the dialog itself.
            let target: Element = event.target_unchecked_into();
            if dialog.get().is_some_and(|dialog| dialog.is_same_node(Some(&target))) {
                close.emit(());
            }
        })
    };
    html! {
        <dialog class={classes!("help", props.class)} ref={dialog} onclose={props.close.reform(|_| ())} {onclick}
            aria-label={props.title.clone()}>
            <div class="help-body">
                <div class="help-head">
                    <h2>{ props.title.clone() }</h2>
                    <button class="tool" type="button" aria-label={words.say(msg!("page.close"))} onclick={props.close.reform(|_| ())}>
                        { icons::cross() }
                    </button>
                </div>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
