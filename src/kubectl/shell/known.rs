//! Whether this terminal knows what a line is to run, found out without running it.

use super::programs;
use crate::cluster::runtime::sh::parser::parse;
use crate::cluster::runtime::sh::script::{Command, Part, Script, Step, Word, Words};
use crate::kubectl::verbs;
use std::collections::BTreeSet;

/// What is not known in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The line cannot be read; the shell's sentence.
    Line(String),
    /// There is no such program.
    Program(String),
    /// kubectl has no such command.
    Command(String),
    /// kubectl has such a command, but not here.
    NotHere(String),
}

/// What of a line the terminal does not know; none where it knows all that can be seen before it runs.
///
/// ```
/// use podium::kubectl::{Unknown, unknown};
///
/// assert_eq!(unknown("kubectl get pods | wc -l"), None);
/// assert_eq!(unknown("kubectl got pods"), Some(Unknown::Command("got".to_owned())));
/// ```
pub fn unknown(line: &str) -> Option<Unknown> {
    let script = match parse(line) {
        Ok(script) => script,
        Err(why) => return Some(Unknown::Line(why)),
    };
    let mut own = BTreeSet::new();
    script.each(&mut |step| {
        if let Step::Function(name, _) = step {
            own.insert(name.to_string());
        }
    });
    let mut found = None;
    script.each(&mut |step| {
        if let (None, Step::Command(command)) = (&found, step) {
            found = unknown_in(command, &own);
        }
    });
    found
}

/// What is not known of a simple command, where its words stand there as they are.
fn unknown_in(command: &Command, own: &BTreeSet<String>) -> Option<Unknown> {
    let mut words = command.words.iter().map_while(plain);
    let program = words.next()?;
    if matches!(&*program, "kubectl" | "k") {
        return verbs::unknown_words(&words.collect::<Vec<_>>());
    }
    let is_known = own.contains(&program) || programs::is_here(&program) || programs::is_built_in(&program);
    (!is_known).then_some(Unknown::Program(program))
}

/// A word without anything that only shows when it runs.
fn plain(word: &Word) -> Option<String> {
    let part = |part: &Part| match part {
        Part::Text(text, _) => Some(text.to_string()),
        _ => None,
    };
    word.0.iter().map(part).collect()
}

impl Script {
    /// Comes to every step, also of the scripts within it.
    fn each(&self, see: &mut impl FnMut(&Step)) {
        for step in &self.steps {
            see(step);
            let within = |words: &Words, see: &mut _| {
                words.substitutions.iter().for_each(|script| script.each_of(see));
            };
            match step {
                Step::Command(command) => {
                    command.substitutions.iter().for_each(|script| script.each_of(see));
                }
                Step::For { items, .. } => within(items, see),
                Step::Case { word, .. } => within(word, see),
                Step::Subshell(script) | Step::Function(_, script) | Step::Background(script, _) => {
                    script.each_of(see);
                }
                Step::Pipeline(stages) => stages.iter().for_each(|stage| stage.each_of(see)),
                Step::Redirect(_, scripts) => scripts.iter().for_each(|script| script.each_of(see)),
                _ => {}
            }
        }
    }
    /// The same behind one type, so that scripts within scripts make no types within types.
    fn each_of(&self, see: &mut impl FnMut(&Step)) {
        let mut see: &mut dyn FnMut(&Step) = see;
        self.each(&mut see);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_found_before_it_runs() {
        let program = |name: &str| Some(Unknown::Program(name.to_owned()));
        let command = |name: &str| Some(Unknown::Command(name.to_owned()));
        for (line, expected) in [
            ("kubectl get pods -o name | grep web | wc -l", None),
            ("k apply -f web.yaml && kubectl rollout status deploy web", None),
            ("kubectl -n default create secret generic a", None),
            ("kubectl --help", None),
            ("kubectl get --help", None),
            ("for i in 1 2; do echo $i; done", None),
            ("if [ -f a ]; then true; fi", None),
            ("f() { echo a; }; f", None),
            ("$PROGRAM pods", None),
            ("A=1", None),
            ("node node-1 -- crictl ps", None),
            ("kubectl rollout", None),
            ("kubectl get pods | lolcat", program("lolcat")),
            ("echo $(helm list)", program("helm")),
            ("(docker ps)", program("docker")),
            ("kubect get pods", program("kubect")),
            ("kubectl deploy web", command("deploy")),
            ("kubectl -n shop kill web", command("kill")),
            ("kubectl rollout forward web", command("rollout forward")),
            ("kubectl proxy", Some(Unknown::NotHere("proxy".to_owned()))),
            ("echo 'a", Some(Unknown::Line("syntax error: unterminated quoted string".to_owned()))),
        ] {
            assert_eq!(unknown(line), expected, "{line}");
        }
    }
}
