//! The first window's side of the second screen: it opens it, tells it how it stands, and does what it asks.

use super::super::keyboard::click;
use super::super::presenter::Board;
use super::super::shell::{Notice, ShellAction};
use super::super::storage::of_tab;
use super::super::theatre::use_theatre;
use super::super::words::use_words;
use super::told::Told;
use super::{ADDRESS, Asked, heard, is_from, say_to};
use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use gloo::utils::window;
use podium::msg;
use podium::timeline::{Command, Grain};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, Window};
use yew::{Callback, Html, Properties, component, use_effect_with, use_mut_ref};

/// Under this name the window is found again, so that there is one.
const NAME: &str = "podium-notes";

/// How it comes, as `window.open` has it.
const FEATURES: &str = "popup,width=1100,height=760";

/// How often is looked whether there is something new to tell, in milliseconds.
const LOOKS: u32 = 150;

thread_local! {
    /// The second window, once it is open.
    static SECOND: RefCell<Option<Window>> = const { RefCell::new(None) };
}

/// Where this tab keeps that it has opened the second screen.
const OPENED: &str = "podium.notes";

/// Whether this tab has opened the second screen, before it was loaded anew perhaps.
pub(in crate::app) fn was_opened() -> bool {
    of_tab().is_some_and(|tab| tab.get_item(OPENED).is_ok_and(|kept| kept.is_some()))
}

/// Opens the second screen, or brings it to the front.
pub(in crate::app) fn open(shell: &Callback<ShellAction>) {
    let address = window().location().href().unwrap_or_default();
    let address = address.split(['#', '?']).next().unwrap_or_default();
    let opened =
        window().open_with_url_and_target_and_features(&format!("{address}{ADDRESS}"), NAME, FEATURES);
    match opened.ok().flatten() {
        Some(second) => {
            _ = second.focus();
            SECOND.set(Some(second));
            if let Some(tab) = of_tab() {
                _ = tab.set_item(OPENED, "1");
            }
            shell.emit(ShellAction::Notes);
        }
        None => {
            let notice = Notice { message: msg!("notes.blocked"), args: Vec::new(), offer: None };
            shell.emit(ShellAction::Notice(Some(notice)));
        }
    }
}

/// Whether a message is of the second window. After a reload of this one it is known only by where it is from: a page of the
/// same address. From a disk none has one, so there it has to be opened once more.
fn is_second(event: &MessageEvent) -> bool {
    let is_known = SECOND.with_borrow(|second| second.as_ref().is_some_and(|second| is_from(event, second)));
    let origin = window().location().origin().unwrap_or_default();
    is_known || origin.starts_with("http") && event.origin() == origin
}

#[derive(Properties, PartialEq)]
pub(in crate::app) struct DeskProps {
    /// The theme that was chosen.
    pub(in crate::app) theme: &'static str,
    /// What lies over the stage.
    pub(in crate::app) board: Option<Board>,
    pub(in crate::app) shell: Callback<ShellAction>,
}

/// Listens to the second window, and tells it what is new. It draws nothing.
#[component]
pub(in crate::app) fn Desk(DeskProps { theme, board, shell }: &DeskProps) -> Html {
    let theatre = use_theatre();
    let words = use_words();
    let last = use_mut_ref(String::new);
    use_effect_with((theatre, words, *theme, *board, shell.clone()), move |depends| {
        let (theatre, words, theme, board, shell) = depends.clone();
        // Tells how it stands, where that is another than was told last, or where somebody asks.
        let tell = Rc::new({
            let theatre = theatre.clone();
            move |is_asked: bool| {
                SECOND.with_borrow_mut(|second| {
                    let Some(window) = second.as_ref() else { return };
                    if window.closed().unwrap_or(true) {
                        *second = None;
                        return;
                    }
                    let now = Told::of(&theatre, words, theme).to_json();
                    if is_asked || *last.borrow() != now {
                        say_to(window, &now);
                        last.replace(now);
                    }
                });
            }
        });
        let looks = {
            let tell = tell.clone();
            Interval::new(LOOKS, move || tell(false))
        };
        let hears = EventListener::new(&window(), "message", move |event| {
            let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
            let Some(asked) = heard(event).and_then(|text| Asked::of(&text)) else { return };
            if !is_second(event) {
                return;
            }
            if let Some(source) = event.source() {
                SECOND.set(Some(source.unchecked_into()));
            }
            match asked {
                Asked::Hello => {}
                // A question is not passed by: its answer is shown, and the next time it goes on.
                Asked::On if theatre.question().is_some() => click(".asks [data-act=ask-on]"),
                Asked::On => theatre.tell(Command::BeatOn),
                Asked::Back => theatre.tell(Command::Step(Grain::Beat, false)),
                Asked::Play => theatre.tell(Command::Toggle),
                Asked::Start => theatre.tell(Command::ToStart),
                Asked::End => theatre.tell(Command::ToEnd),
                Asked::Black => {
                    let over = (board != Some(Board::Black)).then_some(Board::Black);
                    shell.emit(ShellAction::Board(over));
                }
            }
            tell(true);
        });
        move || drop((looks, hears))
    });
    Html::default()
}
