//! Does what the keys of `keys` say, wherever the focus is.

use super::asks;
use super::keys::{Deed, deed};
use super::lesson::Clicker;
use super::notes;
use super::presenter::Board;
use super::shell::{Shell, ShellAction, view_named};
use super::theatre::{Theatre, use_theatre};
use super::transport::SPEEDS;
use gloo::events::{EventListener, EventListenerOptions};
use podium::api::{Kind, ObjectKey};
use podium::scene::{Target, views};
use podium::session::Action;
use podium::timeline::{Command, Grain, Speed};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::{Callback, hook, use_effect_with, use_memo};

/// Listens to the keyboard of the whole page.
#[hook]
pub(super) fn use_keyboard(shell: &Shell, act: &Callback<ShellAction>, clicker: &Clicker) {
    let theatre = use_theatre();
    let pointed = use_memo((), |()| Rc::new(Cell::new(false)));
    {
        let pointed = Rc::clone(&pointed);
        use_effect_with((), move |()| {
            let document = gloo::utils::document();
            let capture = EventListenerOptions::run_in_capture_phase();
            // Whether the last press was one of the hand: a key that leaves the focus where it is does not take it over.
            let by_hand = Rc::new(Cell::new(false));
            let listeners = [
                EventListener::new_with_options(&document, "pointerdown", capture, {
                    let (by_hand, pointed) = (Rc::clone(&by_hand), Rc::clone(&pointed));
                    move |_| {
                        by_hand.set(true);
                        pointed.set(true);
                    }
                }),
                EventListener::new_with_options(&document, "keydown", capture, {
                    let by_hand = Rc::clone(&by_hand);
                    move |_| by_hand.set(false)
                }),
                EventListener::new_with_options(&document, "focusin", capture, move |_| {
                    pointed.set(by_hand.get());
                }),
            ];
            move || drop(listeners)
        });
    }
    // All that keys depend on; with it the listener is made anew.
    let depends = (
        (theatre, act.clone(), clicker.clone()),
        (shell.help, shell.lessons, shell.inspected.clone(), shell.prefs.presenter, shell.board),
    );
    use_effect_with(
        depends,
        move |((theatre, act, clicker), (help, lessons, inspected, presenter, board))| {
            let keyboard = Keyboard {
                theatre: theatre.clone(),
                shell: act.clone(),
                clicker: clicker.clone(),
                help: *help,
                lessons: *lessons,
                inspected: inspected.clone(),
                presenter: *presenter,
                board: *board,
                pointed: Rc::clone(&pointed),
            };
            let active = EventListenerOptions::enable_prevent_default();
            let document = gloo::utils::document();
            let listener = EventListener::new_with_options(&document, "keydown", active, move |event| {
                if let Some(event) =
                    event.dyn_ref::<KeyboardEvent>().filter(|event| !event.default_prevented())
                {
                    keyboard.pressed(event);
                }
            });
            move || drop(listener)
        },
    );
}

struct Keyboard {
    theatre: Theatre,
    shell: Callback<ShellAction>,
    clicker: Clicker,
    help: bool,
    /// Whether the lessons are open.
    lessons: bool,
    inspected: Option<Target>,
    presenter: bool,
    board: Option<Board>,
    /// Whether what has the focus got it by a press of the hand: Space then still goes a beat on, and does not press it again.
    pointed: Rc<Cell<bool>>,
}

impl Keyboard {
    fn pressed(&self, event: &KeyboardEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is =
            |selector: &str| target.as_ref().is_some_and(|target| target.matches(selector).unwrap_or(false));
        let typing = is("textarea, input:not([type=range]), select, podium-editor");
        let is_held = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
        let is_plain = !is_held && !typing && !self.help;
        if is_plain && self.theatre.question().is_some() && !is("dialog, dialog *") {
            // A button has its own Enter and Space.
            let own =
                matches!(&*event.key(), "Enter" | " ") && is("button, summary, a") && !self.pointed.get();
            if let Some(pressed) = asks::pressed(&event.key()).filter(|_| !own) {
                event.prevent_default();
                return click(&pressed);
            }
        }
        let Some(deed) = deed(event, typing) else { return };
        // A dialog has its own keys, a button its Space, a range its Home and End.
        let own = match deed {
            // Escape closes it too, and what then happens is the dialog's own.
            _ if self.help || is("dialog, dialog *") => true,
            Deed::BeatOn if self.pointed.get() => {
                // The browser presses what has the focus when the key comes up.
                if let Some(pressed) = target.as_ref().and_then(|target| target.dyn_ref::<HtmlElement>()) {
                    _ = pressed.blur();
                }
                false
            }
            Deed::BeatOn => is("button, summary, a"),
            // Where something has the focus, arrows are its own.
            Deed::ToStage | Deed::Along(_) => !is("body"),
            Deed::ToStart | Deed::ToEnd | Deed::Step(Grain::Chapter, _) => is(".track-input"),
            _ => false,
        };
        if !own {
            event.prevent_default();
            self.act(deed);
        }
    }
    fn act(&self, deed: Deed) {
        let theatre = &self.theatre;
        match deed {
            Deed::Play => theatre.tell(Command::Toggle),
            // A clicker has the keys of a chapter, and its owner goes step by step.
            Deed::Step(Grain::Chapter, forward) if self.presenter => self.click_on(forward),
            Deed::Step(grain, forward) => theatre.tell(Command::Step(grain, forward)),
            Deed::BeatOn => theatre.tell(Command::BeatOn),
            Deed::ToStart => theatre.tell(Command::ToStart),
            Deed::ToEnd => theatre.tell(Command::ToEnd),
            Deed::Speed(faster) => {
                theatre.tell(Command::Speed(other_speed(theatre.playhead().speed(), faster)))
            }
            Deed::ZoomIn => click("[data-act=zoom-in]"),
            Deed::ZoomOut => click("[data-act=zoom-out]"),
            Deed::Fit => click("[data-act=fit]"),
            Deed::FullScreen => click("[data-act=full-screen]"),
            Deed::Apply => click("[data-act=apply]"),
            Deed::View(place) => {
                if let Some(view) = views::all().get(place).and_then(|view| view_named(view.id)) {
                    theatre.act(Action::View(view));
                }
            }
            Deed::Kubectl => self.to_editor(".terminal-line textarea"),
            Deed::Editor => self.to_editor(".code-text, podium-editor"),
            Deed::Delete => self.delete(),
            // Some clickers have arrows.
            Deed::Along(forward) if self.presenter => self.click_on(forward),
            Deed::ToStage | Deed::Along(_) => focus(".scene [tabindex=\"0\"]"),
            Deed::Present => self.shell.emit(ShellAction::Present),
            Deed::Notes => notes::open(&self.shell),
            Deed::Board(board) => {
                let board = (self.board != Some(board)).then_some(board);
                self.shell.emit(ShellAction::Board(board));
            }
            Deed::Find => {
                self.shell.emit(ShellAction::Timeline(true));
                focus(".find-field");
            }
            Deed::Asks => self.shell.emit(ShellAction::Asks),
            Deed::Give => self.shell.emit(ShellAction::Give(true)),
            Deed::Lessons => self.shell.emit(ShellAction::Lessons),
            Deed::Help => self.shell.emit(ShellAction::Help(true)),
            Deed::Escape => self.escape(),
        }
    }
    /// What a press of the clicker does: a step on or back; where nothing more is to be seen, the next thing of the lesson that is open.
    fn click_on(&self, forward: bool) {
        if !(forward && self.clicker.click()) {
            self.theatre.tell(Command::Step(Grain::Beat, forward));
        }
    }
    /// Goes into the editor, which is opened first where it is not.
    fn to_editor(&self, field: &str) {
        // What is hidden takes no focus, and the next letter may come before the page is drawn again: so it is opened here
        // already, as it is drawn in a moment.
        if let Some(work) = find(".work") {
            _ = work.remove_attribute("data-editor");
        }
        if let Some(editor) = find(".editor") {
            _ = editor.set_attribute("data-open", "");
        }
        focus(field);
        self.shell.emit(ShellAction::EditorOpen(true));
        let view = self.theatre.session().view();
        self.shell.emit(ShellAction::EditorClosed(view, false));
    }
    /// Deletes the object that has the focus on the stage, else what the inspector shows.
    fn delete(&self) {
        let focused = gloo::utils::document().active_element();
        let focused = focused.and_then(|element| element.closest(".scene [data-key]").ok()?);
        let custom = self.theatre.session().timeline().history().custom_kinds();
        let focused = focused.and_then(|shape| object_of(&shape.get_attribute("data-key")?, &custom));
        let shown = match &self.inspected {
            Some(Target::Object(key)) => Some(key.clone()),
            _ => None,
        };
        let Some(key) = focused.or(shown) else { return };
        let kind =
            if key.kind == Kind::Pod { "pod".to_owned() } else { key.kind.info().name.to_ascii_lowercase() };
        let namespace = match &*key.namespace {
            "" | "default" => String::new(),
            other => format!(" -n {other}"),
        };
        let line = format!("kubectl delete {kind} {}{namespace}", key.name);
        self.theatre.perform(Action::Command(line.into()));
    }
    /// Closes the lessons. The focus goes back to what opens them; before a room that would take a clicker's keys.
    fn close_lessons(&self) {
        if !self.presenter {
            focus("[data-act=lessons]");
        }
        self.shell.emit(ShellAction::Lessons);
    }
    /// Closes what lies on top; at last the focus leaves where text is typed.
    fn escape(&self) {
        if self.help {
            self.shell.emit(ShellAction::Help(false));
        } else if self.board.is_some() {
            self.shell.emit(ShellAction::Board(None));
        } else if self.lessons && find(".lesson:focus-within").is_some() {
            self.close_lessons();
        } else if self.inspected.is_some() {
            self.shell.emit(ShellAction::Inspect(None));
        } else if self.lessons && self.presenter {
            self.close_lessons();
        } else {
            self.shell.emit(ShellAction::EditorOpen(false));
            let active = gloo::utils::document().active_element();
            if let Some(active) = active.and_then(|active| active.dyn_into::<HtmlElement>().ok()) {
                _ = active.blur();
            }
        }
    }
}

/// The next speed that can be chosen.
fn other_speed(speed: Speed, faster: bool) -> Speed {
    let now = speed.as_hundredths();
    let next = if faster {
        SPEEDS.into_iter().find(|speed| *speed > now)
    } else {
        SPEEDS.into_iter().rfind(|speed| *speed < now)
    };
    Speed::hundredths(next.unwrap_or(now))
}

/// Presses the first element that a selector finds.
pub(super) fn click(selector: &str) {
    if let Some(element) = find(selector) {
        element.click();
    }
}

/// The object that a shape of the hierarchy stands for or is a part of: `pods/default/web/group`.
fn object_of(shape: &str, custom: &[Kind]) -> Option<ObjectKey> {
    let mut parts = shape.split('/');
    let (kind, namespace, name) = (parts.next()?, parts.next()?, parts.next()?);
    let custom = || custom.iter().find(|known| known.info().plural == kind).copied();
    Some(ObjectKey::new(Kind::from_resource(kind).or_else(custom)?, namespace, name))
}

/// Gives the focus to the first element that a selector finds.
pub(super) fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        _ = element.focus();
    }
}

fn find(selector: &str) -> Option<HtmlElement> {
    // An SVG element takes the focus by the same method, which the cast does not check.
    Some(gloo::utils::document().query_selector(selector).ok()??.unchecked_into())
}
