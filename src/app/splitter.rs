//! The line between editor and stage, which a hand or the arrow keys move.

use super::shell::ShellAction;
use super::words::use_words;
use podium::msg;
use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_mut_ref};

#[derive(Properties, PartialEq)]
pub(super) struct SplitterProps {
    pub(super) width: i32,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Splitter(props: &SplitterProps) -> Html {
    let words = use_words();
    // Where the pointer took hold: its place less the width at that time.
    let held = use_mut_ref(|| None::<i32>);
    let onpointerdown = {
        let (held, width) = (held.clone(), props.width);
        Callback::from(move |event: PointerEvent| {
            let line: Element = event.target_unchecked_into();
            _ = line.set_pointer_capture(event.pointer_id());
            *held.borrow_mut() = Some(event.client_x() - width);
        })
    };
    let onpointermove = {
        let (held, shell) = (held.clone(), props.shell.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(offset) = *held.borrow() {
                shell.emit(ShellAction::EditorWidth(event.client_x() - offset));
            }
        })
    };
    let onpointerup = Callback::from(move |_| *held.borrow_mut() = None);
    let onkeydown = {
        let (shell, width) = (props.shell.clone(), props.width);
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowLeft" => -20,
                "ArrowRight" => 20,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            shell.emit(ShellAction::EditorWidth(width + by));
        })
    };
    html! {
        <div class="splitter" role="separator" tabindex="0" aria-orientation="vertical"
            aria-label={words.say(msg!("page.editor-width"))} aria-valuenow={props.width.to_string()}
            aria-valuemin="240" aria-valuemax="900" {onpointerdown} {onpointermove} {onpointerup} {onkeydown} />
    }
}
