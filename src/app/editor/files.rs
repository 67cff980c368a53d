//! The files as tabs: opened by a click, renamed by a second one, closed and added.

use crate::app::desk::{Desk, DeskAction};
use crate::app::icons;
use crate::app::words::use_words;
use podium::msg;
use std::rc::Rc;
use web_sys::{FocusEvent, HtmlInputElement, KeyboardEvent};
use yew::{
    Callback, Html, Properties, TargetCast, component, html, use_effect_with, use_node_ref, use_state,
};

#[derive(Properties, PartialEq)]
pub(super) struct FilesProps {
    pub(super) desk: Rc<Desk>,
    pub(super) act: Callback<DeskAction>,
}

#[component]
pub(super) fn Files(props: &FilesProps) -> Html {
    let words = use_words();
    let renaming = use_state(|| false);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with(*renaming, move |renaming| {
            if let Some(field) = field.cast::<HtmlInputElement>().filter(|_| *renaming) {
                _ = field.focus();
                field.select();
            }
        });
    }
    let active = props.desk.active_file().name.clone();
    let add = {
        let (act, renaming) = (props.act.clone(), renaming.clone());
        Callback::from(move |_| {
            act.emit(DeskAction::Add("new.yaml".into(), "".into()));
            renaming.set(false);
        })
    };
    let tabs = props.desk.files().iter().map(|file| {
        let name = file.name.clone();
        let chosen = name == active;
        if chosen && *renaming {
            let done = {
                let (act, renaming, name) = (props.act.clone(), renaming.clone(), name.clone());
                move |field: HtmlInputElement| {
                    let to = field.value();
                    if !to.trim().is_empty() {
                        act.emit(DeskAction::Rename(name.clone(), to.trim().into()));
                    }
                    renaming.set(false);
                }
            };
            let onblur = {
                let done = done.clone();
                Callback::from(move |event: FocusEvent| done(event.target_unchecked_into()))
            };
            let onkeydown = {
                let renaming = renaming.clone();
                Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
                    "Enter" => done(event.target_unchecked_into()),
                    "Escape" => {
                        event.stop_propagation();
                        renaming.set(false);
                    }
                    _ => {}
                })
            };
            return html! {
                <input class="file file-field" ref={field.clone()} key={format!("{name} name")}
                    aria-label={words.say(msg!("page.file-name"))} value={name.to_string()} {onblur} {onkeydown} />
            };
        }
        let onclick = {
            let (act, renaming, name) = (props.act.clone(), renaming.clone(), name.clone());
            Callback::from(move |_| {
                if chosen {
                    renaming.set(true);
                } else {
                    act.emit(DeskAction::Open(name.clone()));
                }
            })
        };
        let title = chosen.then(|| words.with(msg!("page.file-rename"), &[("file", (&name).into())]));
        html! {
            <button class="file" type="button" role="tab" key={name.to_string()}
                aria-selected={chosen.to_string()} {title} {onclick}>
                { name.to_string() }
            </button>
        }
    });
    let close = words.with(msg!("page.file-close"), &[("file", (&active).into())]);
    let new = words.say(msg!("page.file-new"));
    html! {
        <div class="files">
            <div class="files-tabs" role="tablist" aria-label={words.say(msg!("page.files"))}>{ for tabs }</div>
            <button class="tool" type="button" title={close.clone()} aria-label={close}
                onclick={props.act.reform(move |_| DeskAction::Close(active.clone()))}>
                { icons::cross() }
            </button>
            <button class="tool" type="button" title={new.clone()} aria-label={new} onclick={add}>{ icons::plus() }</button>
        </div>
    }
}
