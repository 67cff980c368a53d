//! What kubectl says of itself: of each command its usage and its flags, as the real one has them, in words of our
//! own (upstream: kubectl `util/templates`).
//!
//! `help/verbs.txt` has a line a command: its words, what it is for, its usage, its flags. `@print` and the like
//! stand for flags that come together. `help/flags.txt` says what a flag is for.

use super::flags::Flag;
use std::fmt::Write;
use std::sync::OnceLock;

const VERBS: &str = include_str!("help/verbs.txt");
const FLAGS: &str = include_str!("help/flags.txt");

/// Flags that come together.
const TOGETHER: &[(&str, &str)] = &[
    ("@print", "allow-missing-template-keys=true o,output='' show-managed-fields template=''"),
    ("@files", "f,filename=[] k,kustomize='' R,recursive"),
    ("@create", "dry-run='none' field-manager='kubectl-create' save-config validate='strict'"),
];

/// The commands as the help of kubectl itself groups them.
const GROUPS: &[(&str, &str)] = &[
    ("Basic Commands (Beginner):", "create expose run set"),
    ("Basic Commands (Intermediate):", "explain get edit delete"),
    ("Deploy Commands:", "rollout scale autoscale"),
    ("Cluster Management Commands:", "certificate cluster-info top cordon uncordon drain taint"),
    (
        "Troubleshooting and Debugging Commands:",
        "describe logs attach exec port-forward proxy cp auth debug events",
    ),
    ("Advanced Commands:", "diff apply patch replace wait kustomize"),
    ("Settings Commands:", "label annotate completion"),
    ("Other Commands:", "api-resources api-versions config kuberc plugin version"),
];

/// A command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    /// Its words, as `rollout status`.
    pub(crate) name: &'static str,
    about: &'static str,
    /// What stands behind its words.
    pub(crate) usage: &'static str,
    flags: &'static str,
}

/// Every command of kubectl, each group before its commands.
pub(crate) fn commands() -> impl Iterator<Item = Command> {
    static COMMANDS: OnceLock<Vec<Command>> = OnceLock::new();
    let read = |line: &'static str| {
        let mut parts = line.split('\t');
        let mut part = || parts.next();
        Some(Command { name: part()?, about: part()?, usage: part()?, flags: part()? })
    };
    // Each command that is given looks here several times.
    COMMANDS.get_or_init(|| VERBS.lines().filter_map(read).collect()).iter().copied()
}

/// The command of these words.
pub(crate) fn command(name: &str) -> Option<Command> {
    commands().find(|command| command.name == name)
}

/// The flags of a command.
pub(crate) fn flags(name: &str) -> impl Iterator<Item = Flag> {
    let words = command(name).map_or("", |command| command.flags).split(' ');
    words
        .flat_map(|word| match TOGETHER.iter().find(|(name, _)| *name == word) {
            Some((_, flags)) => flags.split(' '),
            None => word.split(' '),
        })
        .filter(|word| !word.is_empty())
        .map(Flag::of)
}

/// The flags of every command.
pub(crate) fn global() -> impl Iterator<Item = Flag> {
    flags("options").chain([Flag::of("h,help")])
}

/// Whether a command has commands of its own.
pub(crate) fn is_group(name: &str) -> bool {
    below(name).next().is_some()
}

/// The commands of a group.
fn below(name: &str) -> impl Iterator<Item = Command> {
    commands().filter(move |command| {
        command
            .name
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(' '))
            .is_some_and(|rest| !rest.contains(' '))
    })
}

/// Help for a command.
pub(crate) fn of(command: &Command) -> String {
    let Command { name, about, usage, .. } = *command;
    let mut out = format!("{about}\n");
    if is_group(name) {
        _ = write!(out, "\nAvailable Commands:\n{}", list(below(name).collect(), name.len() + 1));
    }
    let shown = options(flags(name));
    if !shown.is_empty() {
        _ = write!(out, "\nOptions:\n{shown}");
    }
    let end = if usage.contains("[options]") { "" } else { " [options]" };
    let gap = if usage.is_empty() { "" } else { " " };
    _ = write!(out, "\nUsage:\n  kubectl {name}{gap}{usage}{end}\n\n");
    if is_group(name) {
        _ = writeln!(
            out,
            "Use \"kubectl {name} <command> --help\" for more information about a given command."
        );
    }
    out + "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n"
}

/// Help for kubectl itself.
pub(crate) fn root() -> String {
    let mut out = command("").map_or_else(String::new, |command| format!("{}\n", command.about));
    for (title, names) in GROUPS {
        let commands: Vec<Command> = names.split(' ').filter_map(command).collect();
        _ = write!(out, "\n{title}\n{}", list(commands, 0));
    }
    out + "\nUsage:\n  kubectl [flags] [options]\n\n\
        Use \"kubectl <command> --help\" for more information about a given command.\n\
        Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n"
}

/// What `kubectl options` prints.
pub(crate) fn global_options() -> String {
    format!("The following options can be passed to any command:\n\n{}", options(flags("options")))
}

fn list(commands: Vec<Command>, skip: usize) -> String {
    let width = commands.iter().map(|command| command.name.len() - skip).max().unwrap_or(0).max(11);
    commands
        .iter()
        .map(|command| {
            format!("  {:width$}   {}\n", &command.name[skip..], command.about.trim_end_matches('.'))
        })
        .collect()
}

fn options(flags: impl Iterator<Item = Flag>) -> String {
    let mut flags: Vec<Flag> = flags.filter(|flag| !flag.is_deprecated).collect();
    flags.sort_by_key(|flag| flag.long);
    let blocks: Vec<String> = flags
        .iter()
        .map(|Flag { long, short, default, .. }| {
            let short = short.map_or_else(String::new, |letter| format!("-{letter}, "));
            let about = FLAGS.lines().find_map(|line| line.strip_prefix(long)?.strip_prefix('\t'));
            format!("    {short}--{long}={default}:\n\t{}\n", about.unwrap_or_default())
        })
        .collect();
    blocks.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_says_what_it_is_for() {
        for command in commands() {
            for flag in flags(command.name) {
                let found = FLAGS.lines().filter(|line| line.split('\t').next() == Some(flag.long)).count();
                assert_eq!(found, 1, "{} --{}", command.name, flag.long);
            }
            assert!(command.name.is_empty() || command.about.ends_with('.'), "{}", command.name);
        }
        for name in GROUPS.iter().flat_map(|(_, names)| names.split(' ')) {
            assert!(command(name).is_some(), "{name}");
        }
    }

    #[test]
    fn help_shows_usage_and_flags() {
        let help = command("cordon").map(|command| of(&command)).unwrap_or_default();
        expect_test::expect![[r#"
            Keep new Pods away from a node.

            Options:
                --dry-run='none':
            	Keep nothing: client sends nothing, server lets the server check it.

                -l, --selector='':
            	Only objects with these labels, as app=web,tier!=db.

            Usage:
              kubectl cordon NODE [options]

            Use "kubectl options" for a list of global command-line options (applies to all commands).
        "#]]
        .assert_eq(&help);
    }
}
