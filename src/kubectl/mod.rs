//! A command line to requests, and replies to text: the verbs, flags and columns of the real tool. It never
//! reaches around the API server.
//!
//! A command is a [`Process`]: a task that asks and waits. `shell` runs its line, `verbs` has a file for each
//! verb, `resources` says which objects are meant, `print` writes them.

mod command;
mod complete;
mod custom;
mod describe;
mod fields;
mod flags;
mod gotemplate;
mod help;
mod jsonpath;
mod kustomize;
mod manifests;
mod model;
mod pairs;
mod pods;
mod print;
mod process;
mod resources;
mod rounds;
mod shell;
mod verbosity;
mod verbs;
mod waiting;

#[cfg(test)]
mod tests;

pub use complete::{Completion, Known, complete};
pub use manifests::item_of;
pub use process::{Environment, FOREVER, Files, Kept, Printed, Process, Progress};
pub use shell::{Unknown, is_unfinished, unknown};
pub(crate) use verbs::LAST_APPLIED;
pub use verbs::SAVED_BY;

/// Whether kubectl has a command that begins with this word, so that a line with it is meant for kubectl.
pub fn is_command(word: &str) -> bool {
    matches!(word, "help" | "options")
        || help::commands().any(|command| command.name.split(' ').next() == Some(word))
}
