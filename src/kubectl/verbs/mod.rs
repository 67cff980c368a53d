//! The verbs of kubectl: each a file and a line in the list.

mod apply;
mod attach;
mod autoscale;
mod config;
mod cordon;
mod cp;
mod create;
mod debug;
mod delete;
mod describe;
mod diff;
mod discovery;
mod drain;
mod edit;
mod events;
mod exec;
mod explain;
mod expose;
mod get;
mod kustomize;
mod label;
mod last_applied;
mod logs;
mod patch;
mod port_forward;
mod raw;
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
pub(crate) use create::{base64, from_base64};
pub use edit::SAVED_BY;
pub(crate) use rollout::{selector, selector_at, without_hash};

use super::command::{Kubectl, Outcome, Stop};
use super::flags::Arguments;
use super::help;
use super::shell::{Shell, Unknown};
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
    /// What it does.
    pub(crate) run: fn(&mut Kubectl) -> Outcome,
}

/// Every verb, in folders and alone.
const VERBS: &[&[&Verb]] = &[
    config::VERBS,
    create::VERBS,
    rollout::VERBS,
    set::VERBS,
    &[
        &apply::VERB,
        &attach::VERB,
        &autoscale::VERB,
        &cordon::CORDON,
        &cordon::UNCORDON,
        &cp::VERB,
        &debug::VERB,
        &delete::VERB,
        &describe::VERB,
        &diff::VERB,
        &discovery::API_RESOURCES,
        &discovery::API_VERSIONS,
        &discovery::CAN_I,
        &discovery::CLUSTER_INFO,
        &discovery::WHO_AM_I,
        &drain::VERB,
        &edit::VERB,
        &events::VERB,
        &exec::VERB,
        &explain::VERB,
        &expose::VERB,
        &get::VERB,
        &kustomize::VERB,
        &label::ANNOTATE,
        &label::LABEL,
        &last_applied::VIEW,
        &logs::VERB,
        &patch::VERB,
        &port_forward::VERB,
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

/// Whether a command is here.
#[cfg(test)]
pub(crate) fn is_here(name: &str) -> bool {
    name == "options" || verbs().any(|verb| verb.name == name)
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

/// Flags by which somebody else would ask: there is one user here, who may do everything.
const SOMEBODY_ELSE: &[&str] = &["as", "as-group", "as-uid"];

fn dispatch(shell: &mut Shell, given: &[Str]) -> Outcome {
    let (words, places) = leading_words(given);
    let asks = |word: &&Str| matches!(&***word, "-h" | "--help");
    let Some(first) = words.first() else {
        if let Err(why) = Arguments::read(given, "") {
            shell.print_error(&format!("error: {why}\nSee 'kubectl --help' for usage.\n"));
            return Err(Stop::Exit(1));
        }
        shell.print(&help::root());
        return Ok(());
    };
    if *first == "alpha" {
        shell.print_error("No alpha commands are available in this version of kubectl\n");
        return Ok(());
    }
    if *first == "options" {
        shell.print(&help::global_options());
        return Ok(());
    }
    if *first == "help" {
        return explain_command(shell, &words[1..]);
    }
    let before_dashes = given.split(|word| &**word == "--").next().unwrap_or_default();
    if before_dashes.iter().find(asks).is_some() {
        return explain_command(shell, &words);
    }
    // A command that has commands of its own, as `create secret`, is none itself.
    let longer = |length| known(&words).is_some_and(|(_, whole)| whole > length);
    let Some((verb, length)) = find(&words).filter(|(_, length)| !longer(*length)) else {
        return unknown(shell, &words);
    };
    let rest: Vec<Str> = given
        .iter()
        .enumerate()
        .filter(|(i, _)| !places[..length].contains(i))
        .map(|(_, word)| word.clone())
        .collect();
    match Arguments::read(&rest, verb.name) {
        Ok(mut arguments) => {
            let folder = arguments.text("kustomize").filter(|folder| !folder.is_empty()).cloned();
            if let Some(folder) = folder {
                if arguments.text("filename").is_some() {
                    shell.print_error("error: only one of -f or -k can be specified\n");
                    return Err(Stop::Exit(1));
                }
                // The folder stands for its objects wherever a file may stand.
                arguments.give("filename", folder);
            }
            for said in &arguments.deprecations {
                shell.print_error(&format!("{said}\n"));
            }
            let mut kubectl = Kubectl { shell, verb, arguments, documents: 0, warned: Vec::new() };
            kubectl.log_start();
            let given = |flag: &&&str| kubectl.arguments.text(flag).is_some_and(|value| !value.is_empty());
            if let Some(flag) = SOMEBODY_ELSE.iter().find(given) {
                return Err(kubectl.not_here(&format!("--{flag}")));
            }
            // What an object is printed as is settled before anything is asked; `get` looks at its words first.
            if verb.name != "get" && help::flags(verb.name).any(|flag| flag.long == "template") {
                kubectl.format()?;
            }
            kubectl.check_dry_run()?;
            (verb.run)(&mut kubectl)
        }
        Err(why) => {
            shell.print_error(&format!("error: {why}\nSee 'kubectl {} --help' for usage.\n", verb.name));
            Err(Stop::Exit(1))
        }
    }
}

/// The first words that are no flags, at most four, and their places. A verb may stand behind flags of every
/// verb.
fn leading_words(given: &[Str]) -> (Vec<&str>, Vec<usize>) {
    let (mut words, mut places, mut skips) = (Vec::new(), Vec::new(), false);
    for (i, word) in given.iter().enumerate() {
        if std::mem::take(&mut skips) {
            continue;
        }
        if &**word == "--" || words.len() == 4 {
            break;
        }
        if word.starts_with('-') {
            skips = !word.contains('=') && help::global().any(|flag| flag.takes_next(word));
            continue;
        }
        words.push(&**word);
        places.push(i);
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

/// Prints help for the command that the words begin with.
fn explain_command(shell: &mut Shell, words: &[&str]) -> Outcome {
    let named = find(words).and_then(|(verb, length)| Some((help::command(verb.name)?, length)));
    let command = named.into_iter().chain(known(words)).max_by_key(|(_, length)| *length);
    match command {
        Some((command, _)) => shell.print(&help::of(&command)),
        None if words.is_empty() => shell.print(&help::root()),
        None => {
            shell.print_error(&format!("Unknown help topic {:?}\n{}", words.join(" "), help::root()));
        }
    }
    Ok(())
}

/// The command of the real kubectl that the words begin with, and how many of them it takes.
fn known(words: &[&str]) -> Option<(help::Command, usize)> {
    (1..=words.len())
        .rev()
        .find_map(|length| help::command(&words[..length].join(" ")).map(|command| (command, length)))
}

/// What kubectl does not know of the words behind it, found out without running it.
pub(super) fn unknown_words(given: &[String]) -> Option<Unknown> {
    let given: Vec<Str> = given.iter().map(|word| word.as_str().into()).collect();
    let (words, _) = leading_words(&given);
    let first = *words.first()?;
    let (known, verb) = (known(&words), find(&words));
    match (known, verb) {
        _ if matches!(first, "alpha" | "help" | "options") => None,
        (Some((command, length)), verb) if help::is_group(command.name) && verb.is_none() => {
            (words.len() > length).then(|| Unknown::Command(words[..=length].join(" ")))
        }
        (_, Some(_)) => None,
        (Some((command, _)), None) => Some(Unknown::NotHere(command.name.to_owned())),
        (None, None) => Some(Unknown::Command(first.to_owned())),
    }
}

/// What is said of words that are no verb here.
fn unknown(shell: &mut Shell, words: &[&str]) -> Outcome {
    let first = words.first().copied().unwrap_or_default();
    let Some((command, length)) = known(words) else {
        let names =
            help::commands().filter(|command| !command.name.contains(' ')).map(|command| command.name);
        // As cobra suggests (`SuggestionsFor`).
        let near: String = names
            .filter(|name| name.starts_with(first) || crate::schema::distance(first, name) <= 2)
            .map(|name| format!("\n\t{name}"))
            .collect();
        let near = if near.is_empty() { near } else { format!("\n\nDid you mean this?{near}") };
        shell.print_error(&format!("error: unknown command \"{first}\" for \"kubectl\"{near}\n"));
        return Err(Stop::Exit(1));
    };
    let name = command.name;
    if !help::is_group(name) {
        shell.print_error(&format!("podium: kubectl {name} is not simulated\n"));
    } else if words.len() > length {
        let rest = words[length..].join(" ");
        shell.print_error(&format!(
            "error: unknown command {rest:?}\nSee 'kubectl {name} -h' for help and examples\n"
        ));
    } else {
        let text = help::of(&command);
        match name {
            "certificate" => {
                shell.print(&text);
                return Ok(());
            }
            "rollout" => shell.print(&text),
            _ => shell.print_error(&text),
        }
    }
    Err(Stop::Exit(1))
}
