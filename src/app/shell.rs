//! What the page itself remembers: the view, what is chosen, what is open. Nothing of it is part of the session.

use super::prefs::{Prefs, ThemeChoice};
use podium::scene::Target;
use podium::words::Language;
use std::rc::Rc;
use yew::Reducible;

/// A view of the stage, by its name in `scene::views`.
pub(super) type ViewId = &'static str;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shell {
    pub(super) prefs: Prefs,
    pub(super) view: ViewId,
    /// What the inspector shows.
    pub(super) chosen: Option<Target>,
    /// On a phone: whether the editor lies over the stage.
    pub(super) editor_open: bool,
    /// Whether the help about the keyboard is open.
    pub(super) help: bool,
    /// Whether the first visit's hint is there.
    pub(super) welcome: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ShellAction {
    Language(Language),
    Theme(ThemeChoice),
    View(ViewId),
    /// Shows this in the inspector; nothing closes it.
    Choose(Option<Target>),
    EditorOpen(bool),
    EditorClosed(bool),
    EditorWidth(i32),
    Help(bool),
    WelcomeDone,
}

impl Reducible for Shell {
    type Action = ShellAction;

    fn reduce(self: Rc<Self>, action: ShellAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ShellAction::Language(language) => next.prefs.language = language,
            ShellAction::Theme(theme) => next.prefs.theme = theme,
            ShellAction::View(view) => next.view = view,
            ShellAction::Choose(chosen) => next.chosen = chosen,
            ShellAction::EditorOpen(open) => next.editor_open = open,
            ShellAction::EditorClosed(closed) => next.prefs.editor_closed = closed,
            ShellAction::EditorWidth(width) => next.prefs.editor_width = Some(width.clamp(240, 900)),
            ShellAction::Help(help) => next.help = help,
            ShellAction::WelcomeDone => {
                next.welcome = false;
                next.prefs.visited = true;
            }
        }
        if next == *self { self } else { Rc::new(next) }
    }
}
