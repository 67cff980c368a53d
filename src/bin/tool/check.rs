//! Judges files as `kubectl apply --dry-run=server` and the API server would, and says what is wrong in them: a line of
//! JSON for each document.
//!
//! The words are made by the same kubectl and the same API server as on the page, in a cluster that has just come up.

mod verdict;

#[cfg(test)]
mod tests;

use podium::api::read_all;
use podium::cluster::record::Fact;
use podium::cluster::setup::Setup;
use podium::cluster::time::SimTime;
use podium::manifest::{self, Diagnostic, LineIndex, Severity};
use podium::timeline::{Act, Run};
use podium::value::{Str, Value, json};
use podium::words::{Language, text};
use std::fs;
use std::path::Path;
use verdict::Judged;

/// The Namespace that everything is applied to.
pub(crate) const NAMESPACE: &str = "dry";
/// Until then the new cluster has its Namespaces and their ServiceAccounts.
const SETTLED: SimTime = SimTime::millis(30_000);
/// What is the file's stands on each of its lines, but not where all of that together would be longer than this.
const MOST_REPEATED: usize = 16 * 1024 * 1024;
/// The endings that kubectl reads in a folder.
const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];

/// What a command said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A cluster to ask.
pub(crate) struct Judge {
    fresh: Run,
}

impl Judge {
    /// A cluster that has come up and has nothing in its Namespace but the default ServiceAccount.
    pub(crate) fn new() -> Judge {
        let setup = Setup { namespaces: vec![NAMESPACE.into()], ..Setup::with_seed(1) };
        let mut fresh = Run::new(&setup, NAMESPACE, Default::default());
        fresh.advance(SETTLED, usize::MAX);
        fresh.take_records();
        Judge { fresh }
    }

    /// A run of its own on the cluster.
    pub(crate) fn fresh(&self) -> Run {
        self.fresh.clone()
    }

    /// The lines for a file.
    pub(crate) fn judge(&self, given: &str) -> Vec<String> {
        let path = Path::new(given);
        let base =
            path.file_name().map_or_else(|| given.to_owned(), |name| name.to_string_lossy().into_owned());
        let files = if path.is_dir() { folder(path, &base) } else { file(path, &base) };
        self.lines(given, &base, &files)
    }

    /// The lines for the texts that lie under a name, or in a folder of that name.
    pub(crate) fn lines(&self, given: &str, base: &str, files: &[(Str, Str)]) -> Vec<String> {
        let mut run = self.fresh();
        for (name, text) in files {
            run.act(Act::File(name.clone(), Some(text.clone())));
        }
        let said =
            ask(&mut run, &format!("kubectl apply --dry-run=server -n {NAMESPACE} -f {}", quoted(base)));
        let mut judged = Vec::new();
        for (file, (_, text)) in files.iter().enumerate() {
            judged.extend(verdict::of(&mut run, text).into_iter().map(|one| (file, one)));
        }
        let texts: Vec<&str> = files.iter().map(|(_, text)| &**text).collect();
        let mut lines = Vec::new();
        for (file, (text, read)) in texts.iter().zip(read_all(&texts, &[])).enumerate() {
            let index = LineIndex::new(text);
            let told = |found: &Diagnostic| ((file, found.span.start), diagnostic(found, text, &index));
            lines.extend(read.diagnostics.iter().map(told));
        }
        if judged.is_empty() {
            let verdict = if files.is_empty() { "no-parse" } else { "empty-list" };
            judged.push((0, Judged { doc: None, verdict, start: 0 }));
        }
        let starts = judged.iter().skip(1).map(|(file, one)| (*file, one.start));
        let starts: Vec<(usize, u32)> = starts.chain([(usize::MAX, 0)]).collect();
        // What is the file's is written once: a file of many documents has it on each of their lines.
        let told = words(given, &said);
        let is_long = told.len().saturating_mul(judged.len()) > MOST_REPEATED;
        let short = Said { exit: said.exit, ..Said::default() };
        let others = if is_long { words(given, &short) } else { told.clone() };
        lines.sort_by_key(|(at, _)| *at);
        let mut lines = lines.into_iter().peekable();
        let mut out = Vec::new();
        for (number, ((_, one), until)) in judged.iter().zip(starts).enumerate() {
            let own = std::iter::from_fn(|| lines.next_if(|(at, _)| *at < until)).map(|(_, found)| found);
            out.push(line(one, if number == 0 { &told } else { &others }, own.collect()));
        }
        out
    }
}

/// Prints the lines for all files.
pub(crate) fn print(files: &[String]) {
    let judge = Judge::new();
    for file in files {
        for line in judge.judge(file) {
            println!("{line}");
        }
    }
}

/// The text of a file that can be read.
fn file(path: &Path, name: &str) -> Vec<(Str, Str)> {
    fs::read(path).map(|bytes| (name.into(), manifest::decode(&bytes).into())).into_iter().collect()
}

/// The manifests that lie in a folder.
fn folder(path: &Path, base: &str) -> Vec<(Str, Str)> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    let is_read = |path: &&std::path::PathBuf| {
        path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
    };
    // The folder is there though nothing in it is read.
    let readable: Vec<_> = paths.iter().filter(is_read).collect();
    let kept = if readable.is_empty() { paths.iter().take(1).collect() } else { readable };
    let named = |path: &std::path::PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        file(path, &format!("{base}/{name}"))
    };
    kept.into_iter().flat_map(named).collect()
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Gives a command and waits for its end.
pub(crate) fn ask(run: &mut Run, line: &str) -> Said {
    let mut said = Said::default();
    let Some(client) = run.act(Act::Command(line.into())) else { return said };
    while run.is_running(client) && run.step() {}
    for record in run.take_records() {
        match record.fact {
            Fact::CommandPrints(of, is_error, text) if of == client => {
                (if is_error { &mut said.stderr } else { &mut said.stdout }).push_str(&text);
            }
            Fact::CommandEnds(of, code) if of == client => said.exit = code,
            _ => {}
        }
    }
    said
}

/// A finding in English.
fn diagnostic(found: &Diagnostic, source: &str, index: &LineIndex) -> Value {
    let (line, column) = index.position(source, found.span.start as usize);
    let mut message = text(Language::En, found.code, &found.args);
    if let Some(consequence) = found.consequence {
        message = format!("{message} {}", text(Language::En, consequence, &found.args));
    }
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    };
    let fixes = found.fixes.iter().map(|fix| Value::from(text(Language::En, fix.label, &fix.args)));
    let mut value = Value::object();
    value.set(&["line"], number(line));
    value.set(&["column"], number(column));
    value.set(&["code"], found.code);
    value.set(&["severity"], severity);
    value.set(&["message"], message);
    value.set(&["fixes"], fixes.collect::<Vec<_>>());
    value
}

fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is the same on each line of a file, between the document and the verdict.
fn words(file: &str, said: &Said) -> String {
    let mut value = Value::object();
    value.set(&["exit"], i64::from(said.exit));
    value.set(&["file"], file);
    value.set(&["stderr"], &*said.stderr);
    value.set(&["stdout"], &*said.stdout);
    ascii(json::compact(&value).trim_matches(['{', '}']))
}

/// A line of the answer.
fn line(judged: &Judged, words: &str, diagnostics: Vec<Value>) -> String {
    let text = |value: Value| ascii(&json::compact(&value));
    let diagnostics = text(diagnostics.into());
    let doc = text(judged.doc.clone().map_or(Value::Null, Value::from));
    format!("{{\"diagnostics\":{diagnostics},\"doc\":{doc},{words},\"verdict\":\"{}\"}}", judged.verdict)
}

/// JSON with everything but ASCII escaped.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\x7f' {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}
