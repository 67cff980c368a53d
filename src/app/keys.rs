//! The keyboard: one table of keys, which are listened to and listed in the help.

use super::presenter::Board;
use podium::msg;
use podium::timeline::Grain;
use web_sys::KeyboardEvent;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Play,
    Step(Grain, bool),
    BeatOn,
    ToStart,
    ToEnd,
    /// Faster where true.
    Speed(bool),
    ZoomIn,
    ZoomOut,
    Fit,
    /// The view at this place.
    View(usize),
    Apply,
    Kubectl,
    Editor,
    Give,
    Lessons,
    /// Begins or ends to present to a room.
    Present,
    /// Opens the second screen.
    Notes,
    /// Has the stage ask before steps that surprise, or no longer.
    Asks,
    /// Puts a board over the stage, or away.
    Board(Board),
    FullScreen,
    Delete,
    /// To what has the focus on the stage, or the first there.
    ToStage,
    /// The same by an arrow that goes forward or back; before a room a step.
    Along(bool),
    /// Opens the timeline with its search.
    Find,
    Help,
    Escape,
}

/// A key with what it does.
struct Key {
    /// As `KeyboardEvent.key` has it.
    key: &'static str,
    ctrl: bool,
    shift: Option<bool>,
    deed: Deed,
}

const fn key(key: &'static str, deed: Deed) -> Key {
    Key { key, ctrl: false, shift: None, deed }
}

const KEYS: &[Key] = &[
    Key { key: " ", ctrl: false, shift: Some(false), deed: Deed::BeatOn },
    Key { key: " ", ctrl: false, shift: Some(true), deed: Deed::Step(Grain::Beat, false) },
    key("p", Deed::Play),
    key("k", Deed::Play),
    key(".", Deed::Step(Grain::Event, true)),
    key(",", Deed::Step(Grain::Event, false)),
    key("]", Deed::Step(Grain::Second, true)),
    key("[", Deed::Step(Grain::Second, false)),
    key("g", Deed::Find),
    key("PageDown", Deed::Step(Grain::Chapter, true)),
    key("PageUp", Deed::Step(Grain::Chapter, false)),
    key("Home", Deed::ToStart),
    key("End", Deed::ToEnd),
    key(">", Deed::Speed(true)),
    key("<", Deed::Speed(false)),
    key("+", Deed::ZoomIn),
    key("=", Deed::ZoomIn),
    key("-", Deed::ZoomOut),
    key("0", Deed::Fit),
    key("1", Deed::View(0)),
    key("2", Deed::View(1)),
    key("3", Deed::View(2)),
    key("4", Deed::View(3)),
    key("5", Deed::View(4)),
    key("6", Deed::View(5)),
    Key { key: "Enter", ctrl: true, shift: None, deed: Deed::Apply },
    key("/", Deed::Kubectl),
    key(":", Deed::Kubectl),
    key("e", Deed::Editor),
    key("s", Deed::Give),
    key("l", Deed::Lessons),
    key("t", Deed::Present),
    key("q", Deed::Asks),
    key("b", Deed::Board(Board::Black)),
    key("o", Deed::Board(Board::Light)),
    key("d", Deed::Board(Board::Pen)),
    key("n", Deed::Notes),
    key("f", Deed::FullScreen),
    key("Delete", Deed::Delete),
    key("ArrowLeft", Deed::Along(false)),
    key("ArrowRight", Deed::Along(true)),
    key("ArrowUp", Deed::ToStage),
    key("ArrowDown", Deed::ToStage),
    key("?", Deed::Help),
    key("Escape", Deed::Escape),
];

/// A line of the help: the keys as they are written on a keyboard, and the message that says what they do.
pub(super) const HELP: &[(&[&str], &str)] = &[
    (&["Space"], msg!("page.key-beat")),
    (&["Shift", "Space"], msg!("page.key-beat-back")),
    (&["P", "K"], msg!("page.key-play")),
    (&[".", ","], msg!("page.key-event")),
    (&["[", "]"], msg!("page.key-second")),
    (&["Page ↓", "Page ↑"], msg!("page.key-chapter")),
    (&["G"], msg!("page.key-find")),
    (&["Home", "End"], msg!("page.key-ends")),
    (&["<", ">"], msg!("page.key-speed")),
    (&["←", "→", "↑", "↓"], msg!("page.key-select")),
    (&["Enter"], msg!("page.key-open")),
    (&["Delete"], msg!("page.key-delete")),
    (&["+", "-", "0"], msg!("page.key-zoom")),
    (&["1", "2", "3", "4", "5", "6"], msg!("page.key-views")),
    (&["Ctrl", "Enter"], msg!("page.key-apply")),
    (&["/"], msg!("page.key-kubectl")),
    (&["E"], msg!("page.key-editor")),
    (&["S"], msg!("page.give")),
    (&["L"], msg!("page.lessons")),
    (&["T"], msg!("page.key-present")),
    (&["B", "O", "D"], msg!("page.key-board")),
    (&["N"], msg!("notes.open")),
    (&["Q"], msg!("predict.key")),
    (&["F"], msg!("page.key-full-screen")),
    (&["Esc"], msg!("page.key-escape")),
    (&["?"], msg!("page.keys-show")),
];

/// What a key does, where it does something. `typing` is whether the focus is where text is typed: there only
/// Ctrl Enter and Escape do.
pub(super) fn deed(event: &KeyboardEvent, typing: bool) -> Option<Deed> {
    let ctrl = event.ctrl_key() || event.meta_key();
    find(&event.key(), ctrl, event.shift_key(), event.alt_key() || event.is_composing(), typing)
}

fn find(pressed: &str, ctrl: bool, shift: bool, other: bool, typing: bool) -> Option<Deed> {
    let found = KEYS.iter().find(|key| {
        key.key.eq_ignore_ascii_case(pressed)
            && key.ctrl == ctrl
            && key.shift.is_none_or(|wanted| wanted == shift)
    })?;
    let allowed = !typing || matches!(found.deed, Deed::Apply | Deed::Escape);
    (allowed && !other).then_some(found.deed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_what_they_say_and_nothing_while_somebody_types() {
        let (plain, typing) =
            (|key, shift| find(key, false, shift, false, false), |key| find(key, false, false, false, true));
        assert_eq!(plain(" ", false), Some(Deed::BeatOn));
        assert_eq!(plain(" ", true), Some(Deed::Step(Grain::Beat, false)));
        assert_eq!(plain("P", true), Some(Deed::Play));
        assert_eq!(plain("Enter", false), None);
        assert_eq!(find("Enter", true, false, false, true), Some(Deed::Apply));
        assert_eq!(typing("p"), None);
        assert_eq!(typing("Escape"), Some(Deed::Escape));
        assert_eq!(find("p", true, false, false, false), None, "the browser's own");
    }
}
