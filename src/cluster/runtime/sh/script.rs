//! A shell script as it is run: a flat list of steps with jumps, so that a shell can stop anywhere, be copied,
//! and go on.

use crate::value::Str;
use std::rc::Rc;

/// A script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
}

/// A step of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A simple command.
    Command(Rc<Command>),
    /// Goes on elsewhere.
    Jump(usize),
    /// Goes on elsewhere where the last status is (true) or is not (false) 0.
    JumpIf(bool, usize),
    /// Turns the last status round.
    Not,
    /// A loop begins: where its next round begins, and where it ends.
    Loop { next: usize, end: usize },
    /// A round of a loop begins.
    Round,
    /// A `for` begins its loop: its variable and its items.
    For { variable: Str, items: Rc<Words>, next: usize, end: usize },
    /// The next item of a `for`.
    Next,
    /// A loop is left.
    EndLoop,
    /// Goes on at the first pattern that fits.
    Case { word: Rc<Words>, arms: Vec<(Rc<Words>, usize)>, end: usize },
    /// Runs a script as a process of its own beside this one.
    Background(Rc<Script>, Str),
    /// Runs a script with variables of its own.
    Subshell(Rc<Script>),
    /// Runs scripts, each with the output of the one before as its input.
    Pipeline(Vec<Rc<Script>>),
    /// Redirects what follows.
    Redirect(Rc<Vec<Redirect>>, Rc<Vec<Rc<Script>>>),
    /// Ends the last redirection.
    EndRedirect,
    /// Defines a function.
    Function(Str, Rc<Script>),
    /// The status becomes 0.
    Succeed,
}

/// Words with the command substitutions in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) words: Vec<Word>,
    pub(crate) substitutions: Vec<Rc<Script>>,
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) assignments: Vec<(Str, Word)>,
    pub(crate) words: Vec<Word>,
    pub(crate) redirects: Vec<Redirect>,
    pub(crate) substitutions: Vec<Rc<Script>>,
    /// Whether its status is looked at, so that `set -e` does not end the shell.
    pub(crate) is_tested: bool,
    /// Whether nothing follows it: the shell becomes the command.
    pub(crate) is_last: bool,
}

/// A word: its parts are joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) Vec<Part>);

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text; true where it was quoted.
    Text(Str, bool),
    /// A variable's value; true where it was quoted.
    Variable(Str, Option<(Operator, Word)>, bool),
    /// The length of a variable's value.
    Length(Str),
    /// The output of a command, by its place among the substitutions; true where it was quoted.
    Substitution(usize, bool),
    /// The value of an expression.
    Arithmetic(Word),
    /// The home folder.
    Home,
}

/// What is done with a variable's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `-`: another value where it is not set; true with `:`, where it is empty too.
    Default(bool),
    /// `=`: the same, and it is set.
    Assign(bool),
    /// `+`: another value where it is set.
    Alternative(bool),
    /// `?`: an error where it is not set.
    Error(bool),
    /// `%` and `%%`: without a pattern at the end.
    Suffix(bool),
    /// `#` and `##`: without a pattern at the beginning.
    Prefix(bool),
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// 0, 1 or 2.
    pub(crate) fd: u8,
    pub(crate) to: Target,
}

/// Where a redirection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Into a file; true at its end.
    File(Word, bool),
    /// From a file.
    From(Word),
    /// From this text.
    Here(Word),
    /// To where another leads.
    Same(u8),
    /// Nowhere any more.
    Closed,
}
