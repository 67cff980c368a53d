//! Message id and typed arguments to text, in Korean and in English. It never decides what to say, and what
//! kubectl prints never passes through it.
//!
//! # Ids
//!
//! An id is written `msg!("say.pod-scheduled")` wherever code names one, and in no other way:
//! `tests/words.rs` looks for these calls, and fails for an id that no message has and for a message that no
//! code names. The ids of `OPEN_FAMILIES` are put together at run time, so they are free of the second half.
//!
//! # Message files
//!
//! A language is a folder of text files with the same ids, and a line in `languages!`; a subject is a file in
//! each and a word in `first_files!` or `other_files!`. A file has lines of four sorts:
//!
//! ```text
//! # A comment.
//! say.pod-scheduled = The scheduler chooses {node} for {pod}.
//! say.long = A text that goes on
//!     in a line that is indented: one space joins them.
//!
//! ```
//!
//! In a text, braces have a meaning (`{{` and `}}` print them):
//!
//! | written | prints |
//! | --- | --- |
//! | `{pod}` | the argument `pod` |
//! | `{pod:은/는}` | the argument, and the Korean particle that fits how it is read aloud; one of `PARTICLES` |
//! | `“{pod}”{:은/는}` | a particle alone, for whatever stands before it; quotes and brackets are passed over |
//! | <code>{count\|one Pod\|{count} Pods}</code> | by the number `count`: for one, for others |
//! | <code>{count\|no Pods\|one Pod\|{count} Pods}</code> | by the number `count`: for none, for one, for others |
//!
//! Messages are joined by `Arg::Message`, which prints another message with the arguments of the outer one.

pub mod fidelity;
pub mod fields;
pub mod hints;
mod korean;
mod message;
pub mod mistakes;
pub mod terms;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::LazyLock;

use crate::manifest::Arg;
use crate::msg;
use message::{Message, Table};

/// Families of messages that are found by an id put together at run time.
pub const OPEN_FAMILIES: &[&str] = &["term.", "fidelity.", "find."];

/// The languages, each with its code, which is also the name of its folder.
macro_rules! languages {
    ($( $(#[$about:meta])+ $name:ident $code:literal; )+) => {
        /// A language that there are messages in.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Language { $( $(#[$about])+ $name ),+ }

        impl Language {
            /// Every language.
            pub const ALL: &'static [Language] = &[$(Language::$name),+];

            /// The code that a page's `lang` attribute takes.
            pub fn code(self) -> &'static str {
                match self { $( Language::$name => $code ),+ }
            }

            /// The messages of a page that has only begun, read when the language is first used.
            fn first(self) -> &'static Table {
                match self { $( Language::$name => {
                    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(first_files!($code)).0);
                    &TABLE
                } ),+ }
            }

            /// The other messages, read when one of them is first used.
            fn others(self) -> &'static Table {
                match self { $( Language::$name => {
                    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(other_files!($code)).0);
                    &TABLE
                } ),+ }
            }

            #[cfg(test)]
            fn files(self) -> Vec<&'static str> {
                match self { $( Language::$name => [first_files!($code), other_files!($code)].concat() ),+ }
            }
        }
    };
}

/// The files of a language, by subject: what a page says that has only begun, so that the others can come later.
macro_rules! first_files {
    ($code:literal) => {
        files!($code: "units", "page", "scene", "story")
    };
}

/// The other files of a language.
macro_rules! other_files {
    ($code:literal) => {
        files!($code: "diagnostics", "together", "consequences", "fixes", "say", "cluster", "deletion", "terms", "editor", "why",
            "fidelity", "give", "lesson", "writing", "compare", "kinds", "find", "asked", "gallery", "recorded", "live", "notes", "predict", "sending",
            "hints")
    };
}

macro_rules! files {
    ($code:literal: $($subject:literal),+) => {
        &[$(include_str!(concat!($code, "/", $subject, ".txt"))),+][..]
    };
}

languages! {
    /// Korean.
    Ko "ko";
    /// English.
    #[default]
    En "en";
}

impl Language {
    /// The language of a BCP 47 tag such as `ko-KR`, if there are messages in it.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or("");
        Language::ALL.iter().copied().find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// The code, as a page's `lang` attribute takes it.
impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl Language {
    fn message(self, id: &str) -> Option<&'static Message> {
        self.first().get(id).or_else(|| self.others().get(id))
    }
}

/// How deep messages may stand in each other; past it the id is printed.
const DEPTH: usize = 4;

/// The text of a message. An id that no message has is printed in brackets, an argument that is missing in
/// braces.
///
/// ```
/// use podium::words::{Language, text};
///
/// let args = [("seconds", "1.2".into())];
/// assert_eq!(text(Language::En, "unit.seconds", &args), "1.2 s");
/// assert_eq!(text(Language::Ko, "unit.seconds", &args), "1.2초");
/// ```
pub fn text(language: Language, id: &str, args: &[(&str, Arg)]) -> String {
    let mut out = String::new();
    Writer { language, args, depth: DEPTH }.message(id, &mut out);
    out
}

/// The names of the arguments that a message takes, sorted; nothing for an id that no message has.
pub fn arguments(language: Language, id: &str) -> Vec<&'static str> {
    language.message(id).map(Message::arguments).unwrap_or_default()
}

/// The ids that begin with `prefix`, sorted.
pub fn ids(prefix: &str) -> impl Iterator<Item = &'static str> {
    let (first, others) = (Language::En.first(), Language::En.others());
    let mut ids: Vec<_> = first.ids().chain(others.ids()).filter(|id| id.starts_with(prefix)).collect();
    ids.sort_unstable();
    ids.into_iter()
}

/// A length of time for people, in its two largest units: `340 ms`, `1.2 s`, `30 s`, `1 min 30 s`, `2 h 5 min`, `30 d`.
pub fn millis(language: Language, millis: u64) -> String {
    let tenths = millis.saturating_add(50) / 100;
    if millis < 1_000 {
        return text(language, msg!("unit.millis"), &[("millis", number(millis))]);
    }
    if tenths < 600 {
        return text(language, msg!("unit.seconds"), &[("seconds", decimal(tenths))]);
    }
    let seconds = millis.saturating_add(500) / 1_000;
    let (minutes, hours) = (seconds.saturating_add(30) / 60, seconds.saturating_add(1_800) / 3_600);
    let (id, whole, large, small) = if seconds < 3_600 {
        (
            msg!("unit.minutes-seconds"),
            msg!("unit.minutes"),
            ("minutes", seconds / 60),
            ("seconds", seconds % 60),
        )
    } else if minutes < 1_440 {
        (msg!("unit.hours-minutes"), msg!("unit.hours"), ("hours", minutes / 60), ("minutes", minutes % 60))
    } else {
        (msg!("unit.days-hours"), msg!("unit.days"), ("days", hours / 24), ("hours", hours % 24))
    };
    let args = [large, small].map(|(name, value)| (name, number(value)));
    text(language, if small.1 == 0 { whole } else { id }, &args)
}

/// A size for people: `12 bytes`, `1.2 KiB`, `3 MiB`.
pub fn bytes(language: Language, size: u64) -> String {
    let (id, unit) = match size {
        0..1_024 => return text(language, msg!("unit.bytes"), &[("size", number(size))]),
        1_024..1_048_576 => (msg!("unit.kibibytes"), 1_024),
        _ => (msg!("unit.mebibytes"), 1_048_576),
    };
    // In two steps, so that the largest size does not overflow.
    let tenths = size / unit * 10 + (size % unit * 10 + unit / 2) / unit;
    text(language, id, &[("size", decimal(tenths))])
}

/// Tenths as a decimal number, without a `.0`.
fn decimal(tenths: u64) -> Arg {
    match (tenths / 10, tenths % 10) {
        (whole, 0) => number(whole),
        (whole, tenth) => format!("{whole}.{tenth}").into(),
    }
}

fn number(number: u64) -> Arg {
    Arg::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Writes messages with one set of arguments.
struct Writer<'a> {
    language: Language,
    args: &'a [(&'a str, Arg)],
    /// How many messages may still stand in each other.
    depth: usize,
}

impl Writer<'_> {
    fn message(&self, id: &str, out: &mut String) {
        let message = if self.depth == 0 { None } else { self.language.message(id) };
        match message {
            Some(message) => message.write(self, out),
            None => {
                out.push('[');
                out.push_str(id);
                out.push(']');
            }
        }
    }

    fn arg(&self, name: &str) -> Option<&Arg> {
        self.args.iter().find(|(other, _)| *other == name).map(|(_, arg)| arg)
    }

    fn value(&self, name: &str, out: &mut String) {
        match self.arg(name) {
            Some(Arg::Text(text)) => out.push_str(text),
            Some(Arg::Number(number)) => out.push_str(&number.to_string()),
            Some(Arg::Millis(duration)) => out.push_str(&millis(self.language, *duration)),
            Some(Arg::Bytes(size)) => out.push_str(&bytes(self.language, *size)),
            Some(Arg::Message(id)) => {
                Writer { language: self.language, args: self.args, depth: self.depth - 1 }.message(id, out);
            }
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
    }
}
