//! The verbs of kubectl: each a file and a line in the list.

mod apply;
mod autoscale;
mod cordon;
mod create;
mod delete;
mod describe;
mod diff;
mod discovery;
mod drain;
mod edit;
mod events;
mod exec;
mod expose;
mod get;
mod label;
mod logs;
mod patch;
mod replace;
mod rollout;
mod run;
mod scale;
mod server_side;
mod set;
mod taint;
mod top;
mod version;
mod wait;

pub(crate) use apply::LAST_APPLIED;
pub(crate) use rollout::{selector, selector_at, without_hash};

use super::command::{Kubectl, Outcome, Stop};
use super::flags::{Arguments, Flag, GLOBAL};
use super::shell::Shell;
use crate::cluster::chance::scale;
use crate::cluster::latency::Hop;
use crate::cluster::task::Suspended;
use crate::cluster::time::MILLI;
use crate::value::Str;

/// A verb.
#[derive(Debug)]
pub(crate) struct Verb {
    /// Its words, as `rollout status`.
    pub(crate) name: &'static str,
    /// Other words for it.
    pub(crate) aliases: &'static [&'static str],
    /// The flags that it knows besides those of every verb.
    pub(crate) flags: &'static [Flag],
    /// What it does.
    pub(crate) run: fn(&mut Kubectl) -> Outcome,
}

/// Every verb, in folders and alone.
const VERBS: &[&[&Verb]] = &[
    create::VERBS,
    rollout::VERBS,
    set::VERBS,
    &[
        &apply::VERB,
        &autoscale::VERB,
        &cordon::CORDON,
        &cordon::UNCORDON,
        &delete::VERB,
        &describe::VERB,
        &diff::VERB,
        &discovery::API_RESOURCES,
        &discovery::API_VERSIONS,
        &discovery::CAN_I,
        &discovery::CLUSTER_INFO,
        &drain::VERB,
        &edit::VERB,
        &events::VERB,
        &exec::VERB,
        &expose::VERB,
        &get::VERB,
        &label::ANNOTATE,
        &label::LABEL,
        &logs::VERB,
        &patch::VERB,
        &replace::VERB,
        &run::VERB,
        &scale::VERB,
        &taint::VERB,
        &top::NODE,
        &top::POD,
        &version::VERB,
        &wait::VERB,
    ],
];

fn verbs() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter().copied().flatten().copied()
}

/// The program `kubectl`.
pub(super) fn kubectl(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (start, end) = (shell.chance(), shell.chance());
    shell.ask.sleep(Hop::KubectlStart.at(start))?;
    let code = match dispatch(shell, arguments) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Suspended) => return Err(Suspended),
    };
    shell.ask.sleep(4 * MILLI + scale(end, 8 * MILLI))?;
    Ok(code)
}

fn dispatch(shell: &mut Shell, given: &[Str]) -> Outcome {
    let (words, places) = leading_words(given);
    let Some(first) = words.first() else {
        shell.print("kubectl controls the Kubernetes cluster manager.\n");
        return Ok(());
    };
    let Some((verb, length)) = find(&words) else {
        let why = unknown(&words, first);
        shell.print_error(&why);
        return Err(Stop::Exit(1));
    };
    let rest: Vec<Str> = given
        .iter()
        .enumerate()
        .filter(|(i, _)| !places[..length].contains(i))
        .map(|(_, word)| word.clone())
        .collect();
    match Arguments::read(&rest, verb.flags) {
        Ok(arguments) => (verb.run)(&mut Kubectl { shell, verb, arguments, documents: 0 }),
        Err(why) => {
            shell.print_error(&format!("error: {why}\nSee 'kubectl {} --help' for usage.\n", verb.name));
            Err(Stop::Exit(1))
        }
    }
}

/// The first words that are no flags, at most three, and their places. A verb may stand behind flags of every
/// verb.
fn leading_words(given: &[Str]) -> (Vec<&str>, Vec<usize>) {
    let (mut words, mut places, mut skips) = (Vec::new(), Vec::new(), false);
    for (i, word) in given.iter().enumerate() {
        if std::mem::take(&mut skips) {
            continue;
        }
        if word.starts_with('-') {
            if words.is_empty() {
                skips = !word.contains('=') && GLOBAL.iter().any(|flag| flag.takes_next(word));
                continue;
            }
            break;
        }
        words.push(&**word);
        places.push(i);
        if words.len() == 3 {
            break;
        }
    }
    (words, places)
}

/// The verb that the words begin with, and how many of them it takes: as many as possible.
fn find(words: &[&str]) -> Option<(&'static Verb, usize)> {
    (1..=words.len()).rev().find_map(|length| {
        let name = words[..length].join(" ");
        let is_it = |verb: &&Verb| verb.name == name || verb.aliases.contains(&&*name);
        verbs().find(is_it).map(|verb| (verb, length))
    })
}

/// What kubectl says of a verb that it does not know.
fn unknown(words: &[&str], first: &str) -> String {
    if verbs().any(|verb| verb.name.starts_with(&format!("{first} "))) {
        let why = match words.get(1) {
            Some(_) => format!("unknown command \"{}\"", words.join(" ")),
            None => "must specify one of its subcommands".to_owned(),
        };
        return format!("error: {why}\nSee 'kubectl {first} -h' for help and examples\n");
    }
    let names = verbs().filter_map(|verb| verb.name.split(' ').next());
    let near = crate::schema::nearest(first, names).map(|near| near.name);
    let near = near.map_or_else(String::new, |near| format!("\n\nDid you mean this?\n\t{near}"));
    format!("error: unknown command \"{first}\" for \"kubectl\"{near}\n")
}
