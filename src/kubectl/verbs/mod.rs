//! The verbs of kubectl: each a file and a line in the list.

mod version;

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

/// Every verb.
const VERBS: &[&Verb] = &[&version::VERB];

/// The program `kubectl`.
pub(super) fn kubectl(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (start, end) = (shell.chance(), shell.chance());
    shell.ask.sleep(Hop::KubectlStart.at(start))?;
    let code = match run(shell, arguments) {
        Ok(()) => 0,
        Err(Stop::Exit(code)) => code,
        Err(Stop::Suspended) => return Err(Suspended),
    };
    shell.ask.sleep(4 * MILLI + scale(end, 8 * MILLI))?;
    Ok(code)
}

fn run(shell: &mut Shell, given: &[Str]) -> Outcome {
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
        Ok(arguments) => (verb.run)(&mut Kubectl { shell, verb, arguments }),
        Err(why) => {
            shell.print_error(&format!("error: {why}\nSee 'kubectl {} --help' for usage.\n", verb.name));
            Err(Stop::Exit(1))
        }
    }
}

/// The first words that are no flags, and their places. A verb may stand behind flags of every verb.
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
        if words.len() == 2 {
            break;
        }
    }
    (words, places)
}

/// The verb that the words begin with, and how many of them it takes.
fn find(words: &[&str]) -> Option<(&'static Verb, usize)> {
    let named =
        |name: &str| VERBS.iter().copied().find(|verb| verb.name == name || verb.aliases.contains(&name));
    let two = words.get(..2).and_then(|two| named(&two.join(" "))).map(|verb| (verb, 2));
    two.or_else(|| named(words.first()?).map(|verb| (verb, 1)))
}

/// What kubectl says of a verb that it does not know.
fn unknown(words: &[&str], first: &str) -> String {
    if VERBS.iter().any(|verb| verb.name.starts_with(&format!("{first} "))) {
        return format!(
            "error: unknown command \"{}\"\nSee 'kubectl {first} -h' for help and examples\n",
            words.join(" ")
        );
    }
    let names = VERBS.iter().filter_map(|verb| verb.name.split(' ').next());
    let near = crate::schema::nearest(first, names).map(|near| near.name);
    let near = near.map_or_else(String::new, |near| format!("\n\nDid you mean this?\n\t{near}"));
    format!("error: unknown command \"{first}\" for \"kubectl\"{near}\n")
}
