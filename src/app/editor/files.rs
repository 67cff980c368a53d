//! The files as tabs: opened by a click, renamed by a second one, closed and added.

use crate::app::icons;
use crate::app::shell::{Notice, Offer, ShellAction};
use crate::app::theatre::{use_session, use_theatre};
use crate::app::words::use_words;
use podium::msg;
use podium::session::Action;
use podium::value::Str;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, HtmlInputElement, KeyboardEvent};
use yew::{
    Callback, Html, Properties, TargetCast, component, html, use_effect_with, use_node_ref, use_state,
};

#[derive(Properties, PartialEq)]
pub(super) struct FilesProps {
    /// Whether the cluster is not as the open file says.
    pub(super) drifts: bool,
    /// Lays the open file out anew.
    pub(super) format: Callback<()>,
    /// Puts the keys of the open file into another order.
    pub(super) shuffle: Callback<()>,
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Files(props: &FilesProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let names = use_session(&theatre, |session| {
        session.files().iter().map(|file| file.name.clone()).collect::<Vec<Str>>()
    });
    let active = use_session(&theatre, |session| session.open_file().name.clone());
    let act = {
        let theatre = theatre.clone();
        Callback::from(move |action| theatre.act(action))
    };
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
    // Of many tabs the open one is always seen.
    use_effect_with(active.clone(), |_| {
        let tab = gloo::utils::document().query_selector(".files-tabs > [aria-selected=true]").ok().flatten();
        let tab = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok());
        let list = tab.as_ref().and_then(|tab| tab.parent_element()?.dyn_into::<HtmlElement>().ok());
        if let (Some(tab), Some(list)) = (tab, list) {
            let left = tab.offset_left() - list.offset_left();
            let least = left + tab.offset_width() - list.client_width();
            list.set_scroll_left(list.scroll_left().clamp(least.min(left), left));
        }
    });
    let add = {
        let (act, renaming) = (act.clone(), renaming.clone());
        Callback::from(move |_| {
            act.emit(Action::AddFile("new.yaml".into(), "".into()));
            renaming.set(false);
        })
    };
    let tabs = names.iter().map(|name| {
        let name = name.clone();
        let chosen = name == active;
        if chosen && *renaming {
            let done = {
                let (act, renaming, name) = (act.clone(), renaming.clone(), name.clone());
                move |field: HtmlInputElement| {
                    let to = field.value();
                    if !to.trim().is_empty() {
                        act.emit(Action::RenameFile(name.clone(), to.trim().into()));
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
            // A default leaves what is being typed as it is, also where the tabs are rendered anew meanwhile.
            return html! {
                <input class="file file-field" ref={field.clone()} key={format!("{name} name")}
                    aria-label={words.say(msg!("page.file-name"))} ~defaultValue={name.to_string()} {onblur} {onkeydown} />
            };
        }
        let onclick = {
            let (act, renaming, name) = (act.clone(), renaming.clone(), name.clone());
            Callback::from(move |_| {
                if chosen {
                    renaming.set(true);
                } else {
                    act.emit(Action::OpenFile(name.clone()));
                }
            })
        };
        // Where there is no room for all of a name, a pointer reads it all the same.
        let title = if chosen {
            words.with(msg!("page.file-rename"), &[("file", (&name).into())])
        } else {
            name.to_string().into()
        };
        html! {
            <button class="file" type="button" role="tab" key={name.to_string()}
                aria-selected={chosen.to_string()} data-drift={(chosen && props.drifts).then_some("")} {title} {onclick}>
                <span>{ name.to_string() }</span>
            </button>
        }
    });
    let close = words.with(msg!("page.file-close"), &[("file", (&active).into())]);
    let remove = {
        let (theatre, shell) = (theatre.clone(), props.shell.clone());
        Callback::from(move |_| {
            let (file, text) = {
                let session = theatre.session();
                (session.open_file().name.clone(), session.open_file().text.clone())
            };
            theatre.act(Action::RemoveFile(file.clone()));
            // Nothing that was typed is lost.
            if !text.trim().is_empty() {
                let args = vec![("file", (&file).into())];
                let offer = Some(Offer::Reopen(file, text));
                shell.emit(ShellAction::Notice(Some(Notice {
                    message: msg!("page.file-closed"),
                    args,
                    offer,
                })));
            }
        })
    };
    let new = words.say(msg!("page.file-new"));
    let format = words.say(msg!("page.format"));
    let shuffle = words.say(msg!("page.shuffle"));
    html! {
        <div class="files">
            <div class="files-tabs" role="tablist" aria-label={words.say(msg!("page.files"))}>{ for tabs }</div>
            <button class="tool" type="button" title={shuffle.clone()} aria-label={shuffle} data-act="shuffle"
                onclick={props.shuffle.reform(|_| ())}>
                { icons::crossing() }
            </button>
            <button class="tool" type="button" title={format.clone()} aria-label={format} data-act="format"
                onclick={props.format.reform(|_| ())}>
                { icons::lines_of_text() }
            </button>
            <button class="tool" type="button" title={close.clone()} aria-label={close} onclick={remove}>
                { icons::cross() }
            </button>
            <button class="tool" type="button" title={new.clone()} aria-label={new} onclick={add}>{ icons::plus() }</button>
        </div>
    }
}
