//! What the page itself remembers: what is open on it, and what a person has chosen about it. Nothing of it is
//! part of the session.

use super::give::About;
use super::notes;
use super::phone::is_phone;
use super::prefs::{Prefs, ThemeChoice};
use super::presenter::Board;
use super::splitter::{EDITOR, Edge};
use podium::manifest::{Arg, Span};
use podium::msg;
use podium::scene::Target;
use podium::session::ViewName;
use podium::value::Str;
use podium::words::Language;
use std::rc::Rc;
use yew::{AttrValue, Reducible};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shell {
    pub(super) prefs: Prefs,
    /// What the inspector shows.
    pub(super) inspected: Option<Target>,
    /// What the editor's cursor is in.
    pub(super) pointed: Option<Target>,
    /// Where in which file the editor is to go.
    pub(super) revealed: Option<(Str, Span)>,
    /// On a phone: whether the editor lies over the stage.
    pub(super) editor_open: bool,
    /// A command that a button has written into the command line.
    pub(super) composed: Option<AttrValue>,
    /// Whether the help about the keyboard is open.
    pub(super) help: bool,
    /// Whether the dialog is open that gives the session away.
    pub(super) give: bool,
    /// Whether a second screen was opened.
    pub(super) notes: bool,
    /// The solved puzzle that a dialog is about.
    pub(super) result: Option<About>,
    /// What lies over the stage while it is presented.
    pub(super) board: Option<Board>,
    /// Whether the lessons are open.
    pub(super) lessons: bool,
    /// The lesson of the shelf that they are to open.
    pub(super) lesson_asked: Option<AttrValue>,
    /// The files that a lesson has given and asks about, so that nothing is marked in them.
    pub(super) asking: Rc<[Str]>,
    /// Whether the first visit's hint is there.
    pub(super) welcome: bool,
    /// What has just happened.
    pub(super) notice: Option<Notice>,
}

/// What has just happened, told over the stage for a while.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Notice {
    pub(super) message: &'static str,
    pub(super) args: Vec<(&'static str, Arg)>,
    pub(super) offer: Option<Offer>,
}

/// What a notice offers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Offer {
    /// Brings back the run before.
    UndoStartOver,
    /// Goes back to the session that was put aside last.
    Earlier,
    /// Gives a file the text that it had.
    UndoFixes(podium::value::Str, podium::value::Str),
    /// Opens a file again that was closed, with its text.
    Reopen(podium::value::Str, podium::value::Str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ShellAction {
    Language(Language),
    Theme(ThemeChoice),
    /// Shows this in the inspector; nothing closes it.
    Inspect(Option<Target>),
    /// Shows on the stage what the editor's cursor is in.
    Point(Option<Target>),
    /// Has the editor go to a place in a file; none once it does.
    Reveal(Option<(Str, Span)>),
    EditorOpen(bool),
    /// Closes the editor in a view, or opens it there.
    EditorClosed(ViewName, bool),
    /// Makes a panel as large.
    Size(Edge, i32),
    /// Makes the editor wide enough for kubectl's tables, and as it was again.
    EditorWider,
    Compose(Option<AttrValue>),
    Help(bool),
    Timeline(bool),
    /// Shows upstream's own names below what is told, or only the sentence.
    Deep(bool),
    /// Has the stage ask before steps that surprise, or no longer.
    Asks,
    Give(bool),
    /// Opens the lessons, or closes them.
    Lessons,
    /// Opens a lesson of the shelf; none once that is done.
    LessonAsked(Option<AttrValue>),
    /// A lesson asks about a file that it gives, or no longer: nothing is marked until it is answered.
    Asking(Rc<[Str]>),
    /// Begins to present to a room, or ends it.
    Present,
    Board(Option<Board>),
    /// Opens the dialog about a solved puzzle, or closes it.
    Result(Option<About>),
    /// There is a second screen from now on.
    Notes,
    WelcomeDone,
    Notice(Option<Notice>),
}

/// So wide that `kubectl get pods -o wide` shows its first columns whole, in pixels.
const WIDE: i32 = 780;

impl Shell {
    pub(super) fn new(first_visit: bool) -> Shell {
        Shell {
            prefs: Prefs::load(),
            notes: notes::was_opened(),
            inspected: None,
            pointed: None,
            revealed: None,
            editor_open: false,
            composed: None,
            help: false,
            give: false,
            lessons: false,
            lesson_asked: None,
            asking: Rc::default(),
            result: None,
            board: None,
            welcome: first_visit,
            notice: None,
        }
    }
    /// On a phone inspector and editor are sheets, which lie over the lessons and over each other: closes them. False where none was
    /// open.
    fn put_sheets_away(&mut self) -> bool {
        let were_open = self.inspected.is_some() || self.editor_open;
        self.inspected = None;
        self.prefs.inspector = false;
        self.editor_open = false;
        were_open
    }
}

impl Reducible for Shell {
    type Action = ShellAction;

    fn reduce(self: Rc<Self>, action: ShellAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ShellAction::Language(language) => next.prefs.language = language,
            ShellAction::Theme(theme) => next.prefs.theme = theme,
            ShellAction::Inspect(inspected) => {
                if inspected.is_some() && is_phone() {
                    next.editor_open = false;
                }
                next.prefs.inspector = inspected.is_some();
                next.inspected = inspected;
            }
            ShellAction::Point(pointed) => next.pointed = pointed,
            ShellAction::Reveal(revealed) => next.revealed = revealed,
            ShellAction::EditorOpen(open) => {
                if open && is_phone() {
                    next.put_sheets_away();
                }
                next.editor_open = open;
            }
            ShellAction::EditorClosed(view, closed) => {
                next.prefs.closed_in.retain(|other| *other != view);
                if closed {
                    next.prefs.closed_in.push(view);
                }
            }
            ShellAction::Size(edge, size) => next.prefs.sizes.put(edge, size),
            ShellAction::EditorWider => {
                let is_wide = next.prefs.sizes.of(Edge::Editor).is_some_and(|width| width >= WIDE);
                next.prefs.sizes.put(Edge::Editor, if is_wide { EDITOR } else { WIDE });
            }
            ShellAction::Compose(composed) => next.composed = composed,
            ShellAction::Help(help) => next.help = help,
            ShellAction::Timeline(open) => next.prefs.timeline = open,
            ShellAction::Deep(deep) => next.prefs.deep = deep,
            ShellAction::Asks => {
                let asks = !next.prefs.does_ask();
                // For one reader nothing but what was placed is asked anyway.
                next.prefs.asks = (asks || next.prefs.presenter).then_some(asks);
                let message = if asks { msg!("predict.on") } else { msg!("predict.off") };
                next.notice = Some(Notice { message, args: Vec::new(), offer: None });
            }
            ShellAction::Give(give) => next.give = give,
            ShellAction::Present => {
                next.prefs.presenter = !next.prefs.presenter;
                next.board = None;
                // What is open for one reader would lie over the stage.
                if next.prefs.presenter {
                    next.welcome = false;
                    next.inspected = None;
                    next.prefs.inspector = false;
                }
            }
            ShellAction::Board(board) => next.board = board,
            ShellAction::Result(about) => next.result = about,
            ShellAction::Notes => next.notes = true,
            // What is covered is asked for to be seen.
            ShellAction::Lessons => {
                let were_covered = is_phone() && next.put_sheets_away();
                next.lessons = were_covered || !next.lessons;
            }
            ShellAction::Asking(asking) => next.asking = asking,
            ShellAction::LessonAsked(asked) => {
                if asked.is_some() && is_phone() {
                    next.put_sheets_away();
                }
                next.lessons |= asked.is_some();
                next.lesson_asked = asked;
            }
            ShellAction::WelcomeDone => next.welcome = false,
            ShellAction::Notice(notice) => next.notice = notice,
        }
        if next == *self { self } else { Rc::new(next) }
    }
}

/// The view of a name in `scene::views`.
pub(super) fn view_named(id: &str) -> Option<ViewName> {
    ViewName::ALL.iter().copied().find(|view| view.as_str() == id)
}
