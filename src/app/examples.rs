//! The picker of examples.

use super::icons;
use super::lesson::set_open;
use super::menu::Menu;
use super::shell::{Notice, Offer, ShellAction};
use super::theatre::use_theatre;
use super::words::use_words;
use podium::msg;
use podium::session::examples::ALL;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(super) struct ExamplesProps {
    pub(super) shell: Callback<ShellAction>,
}

#[component]
pub(super) fn Examples(props: &ExamplesProps) -> Html {
    let words = use_words();
    let theatre = use_theatre();
    let items = ALL.iter().map(|example| {
        let (theatre, shell, id) = (theatre.clone(), props.shell.clone(), example.id);
        let waits = example.waits();
        let onclick = Callback::from(move |_| {
            theatre.begin_example(id);
            set_open("");
            let offer = Some(Offer::UndoStartOver);
            let notice = Notice { message: msg!("page.started-over"), args: Vec::new(), offer };
            shell.emit(ShellAction::Notice(Some(notice)));
            shell.emit(ShellAction::Inspect(None));
            shell.emit(ShellAction::WelcomeDone);
            // On a phone: what plays is seen, and what is only to be read is opened.
            shell.emit(ShellAction::EditorOpen(waits));
        });
        html! {
            <button class="menu-item" type="button" key={id} data-example={id} {onclick}>
                { words.say(example.title) }
                <small>{ words.say(example.about) }</small>
            </button>
        }
    });
    html! {
        <Menu label={words.say(msg!("page.examples"))}
            face={html! { <>{ icons::book() }<span class="tool-name">{ words.say(msg!("page.examples")) }</span></> }}>
            { for items }
        </Menu>
    }
}
