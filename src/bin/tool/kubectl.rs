//! Commands against a fresh simulated cluster: given by hand, or recorded with what the real kubectl printed.

use podium::cluster::record::{Actor, Change, Fact, MessageKind, Record};
use podium::cluster::request::Request;
use podium::cluster::setup::Setup;
use podium::cluster::time::{SECOND, SimTime};
use podium::kubectl::Files;
use podium::timeline::{Act, Run};
use podium::value::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// How long a command may take.
const PATIENCE: u64 = 600 * SECOND;
/// How long the cluster has stood when the first command is given.
const SETTLED: SimTime = SimTime::millis(60_000);

/// What a command came to.
#[derive(Debug, Default)]
struct Done {
    exit: Option<i32>,
    out: String,
    errors: String,
    /// Method, path and status of each request, in the order in which they set out.
    requests: Vec<(String, u16)>,
}

struct Terminal(Run);

impl Terminal {
    fn new(files: Files, namespace: &str) -> Self {
        let setup = Setup { namespaces: vec![namespace.into()], ..Setup::with_seed(1) };
        let mut run = Run::new(&setup, namespace, files);
        run.advance(SETTLED, usize::MAX);
        run.take_records();
        Self(run)
    }
    fn give(&mut self, line: &str) -> Done {
        let client = self.0.act(Act::Command(line.into()));
        let until = self.0.now() + PATIENCE;
        while client.is_some_and(|client| self.0.is_running(client)) && self.0.now() < until && self.0.step()
        {
        }
        let records = self.0.take_records();
        let mut done = Done::default();
        for record in &records {
            match &record.fact {
                Fact::CommandPrints(_, true, text) => done.errors.push_str(text),
                Fact::CommandPrints(_, false, text) => done.out.push_str(text),
                Fact::CommandEnds(_, code) => done.exit = Some(*code),
                Fact::Message(message) => {
                    if let (Actor::Kubectl(_), MessageKind::Request(request)) = (record.actor, &message.kind)
                    {
                        let (method, path) = request.http();
                        done.requests.push((format!("{method} {path}"), status(&records, record, request)));
                    }
                }
                _ => {}
            }
        }
        done
    }
}

/// The status of the answer to a request.
fn status(records: &[Record], sent: &Record, request: &Request) -> u16 {
    let answer = records.iter().find_map(|record| match &record.fact {
        Fact::Message(message) if record.cause == Some(sent.id) => match &message.kind {
            MessageKind::Answer(_, refused) => Some(refused.clone()),
            _ => None,
        },
        _ => None,
    });
    let is_new = records.iter().any(|record| {
        matches!(&record.fact, Fact::Object { change: Change::Added, .. } if record.cause == Some(sent.id))
    });
    let success = if is_new { 201 } else { request.success() };
    answer.flatten().map_or(success, |status| status.reason.code())
}

/// The files of a folder and of those in it, under their names from `root`.
fn read(root: &Path, folder: &Path, files: &mut Files) -> Result<(), String> {
    let failed = |path: &Path, why: std::io::Error| format!("{}: {why}", path.display());
    for entry in std::fs::read_dir(folder).map_err(|why| failed(folder, why))? {
        let path = entry.map_err(|why| failed(folder, why))?.path();
        if path.is_dir() {
            read(root, &path, files)?;
        } else if let (Ok(name), Ok(text)) = (path.strip_prefix(root), std::fs::read_to_string(&path)) {
            files.insert(name.to_string_lossy().as_ref().into(), text.into());
        }
    }
    Ok(())
}

/// Gives commands one after the other and tells what they print, behind the requests that they made where wished.
pub(crate) fn give(lines: &[String], folder: Option<&Path>, shows_requests: bool) -> Result<String, String> {
    let mut files = Files::new();
    if let Some(folder) = folder {
        read(folder, folder, &mut files)?;
    }
    let mut terminal = Terminal::new(files, "default");
    let mut told = String::new();
    for line in lines {
        let done = terminal.give(line);
        _ = writeln!(told, "$ {line}");
        for (request, status) in done.requests.iter().filter(|_| shows_requests) {
            _ = writeln!(told, "> {request} {status}");
        }
        told.push_str(&done.out);
        for line in done.errors.lines() {
            _ = writeln!(told, "! {line}");
        }
        match done.exit {
            Some(0) => {}
            Some(code) => _ = writeln!(told, "= {code}"),
            None => told.push_str("= it waits\n"),
        }
    }
    Ok(told)
}

/// A recorded command.
struct Case {
    name: String,
    line: String,
    exit: i32,
    out: String,
    errors: String,
}

impl Case {
    /// Whether only the structure of what it prints counts.
    fn is_structure(&self) -> bool {
        self.name.starts_with("explain-") || self.name.starts_with("help-")
    }
    /// What was recorded and what is printed here, where they differ.
    fn difference(&self, inputs: &Files) -> Option<String> {
        let done = Terminal::new(inputs.clone(), "default").give(&self.line);
        let seen = |text: &str| {
            if self.is_structure() { structure(text) } else { text.replace("v1.37.1", "v1.37.2") }
        };
        let recorded = (Some(self.exit), seen(&self.out), self.errors.clone());
        let simulated = (done.exit, seen(&done.out), done.errors);
        if recorded == simulated {
            return None;
        }
        let mut told = format!("{}: {}\n", self.name, self.line);
        for (mark, (exit, out, errors)) in [("-", recorded), ("+", simulated)] {
            _ = writeln!(told, "{mark} {exit:?}\n{out}{errors}");
        }
        Some(told)
    }
}

/// The cases of a file: a command, its exit code and what it printed, one or several.
fn cases(path: &Path, text: &str) -> Vec<Case> {
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut cases: Vec<Case> = Vec::new();
    let mut part = 0;
    for line in text.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            let line = command.trim_end().to_owned();
            cases.push(Case { name: name.clone(), line, exit: 0, out: String::new(), errors: String::new() });
            part = 0;
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        match line.trim_end() {
            "--- stdout" => part = 1,
            "--- stderr" => part = 2,
            _ if part == 1 => case.out.push_str(line),
            _ if part == 2 => case.errors.push_str(line),
            head => {
                if let Some(code) = head.strip_prefix("exit: ") {
                    case.exit = code.parse().unwrap_or(-1);
                }
            }
        }
    }
    cases
}

/// Whether a case was recorded without a server, or with one that ended the connection.
fn is_without_server(case: &Case) -> bool {
    case.errors.contains("connection refused") || case.errors.contains(": EOF")
}

/// Text of which sentences do not count: of help and of `explain` only names, types and order.
fn structure(text: &str) -> String {
    let mut kept = String::new();
    let mut is_flag = false;
    for line in text.lines() {
        let trimmed = line.trim();
        let is_field = trimmed.contains("\t<");
        let is_head = ["KIND:", "VERSION:", "GROUP:", "FIELD:", "FIELDS:", "ENUM:", "DESCRIPTION:"]
            .iter()
            .any(|head| trimmed.starts_with(head));
        let is_part = trimmed == "Options:" || trimmed == "Usage:";
        is_flag |= is_part;
        let is_option = is_flag && trimmed.starts_with('-') && trimmed.ends_with(':');
        if is_field || is_head || is_part || is_option || (is_flag && trimmed.starts_with("kubectl ")) {
            _ = writeln!(kept, "{}", trimmed.replace("v1.37.1", "v1.37.2"));
        }
    }
    kept
}

/// Compares the recorded cases of a folder: a table, and of each case that differs what differs.
pub(crate) fn compare(folder: &Path) -> Result<String, String> {
    let entries = std::fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    paths.sort();
    let mut inputs = Files::new();
    read(&folder.join("inputs"), &folder.join("inputs"), &mut inputs)?;
    let (mut told, mut equal, mut all) = (String::new(), 0, 0);
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        for case in cases(&path, &text).iter().filter(|case| !is_without_server(case)) {
            all += 1;
            match case.difference(&inputs) {
                Some(difference) => told.push_str(&difference),
                None => equal += 1,
            }
        }
    }
    _ = writeln!(told, "{equal} of {all} equal");
    Ok(told)
}

/// Compares what recorded commands asked of the server.
pub(crate) fn requests(file: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file).map_err(|why| format!("{}: {why}", file.display()))?;
    let (differences, all) = requested(&text)?;
    Ok(format!("{}{} of {all} equal\n", differences.concat(), all - differences.len()))
}

/// Where recorded commands, one a line, asked something else of the server than they do here, and how many there are:
/// method, path without the query, and status, in order.
fn requested(text: &str) -> Result<(Vec<String>, usize), String> {
    let files = [("web.yaml", WEB), ("myweb1-pod.yaml", POD)];
    let files = files.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
    let mut terminal = Terminal::new(files, "v");
    let (mut differences, mut all) = (Vec::new(), 0);
    for line in text.lines() {
        let line = json::parse(line)?;
        let command = line.get("cmd").and_then(Value::as_str).unwrap_or_default();
        let recorded = line.get("requests").and_then(Value::as_array).unwrap_or_default();
        let recorded: Vec<String> = recorded.iter().map(recorded_request).collect();
        let done = terminal.give(command);
        let simulated = done.requests.iter().map(|(request, status)| format!("{} {status}", bare(request)));
        let simulated: Vec<String> = simulated.collect();
        all += 1;
        if recorded != simulated {
            let (recorded, simulated) = (recorded.join("\n- "), simulated.join("\n+ "));
            let Done { out, errors, .. } = done;
            differences.push(format!("{command}\n- {recorded}\n+ {simulated}\n{out}{errors}\n"));
        }
    }
    Ok((differences, all))
}

/// `["GET", "/api/v1/nodes?limit=500", 200]`
fn recorded_request(request: &Value) -> String {
    let part = |at: usize| request.as_array().and_then(|parts| parts.get(at));
    let text = |at| part(at).and_then(Value::as_str).unwrap_or_default();
    let status = part(2).and_then(Value::as_int).unwrap_or_default();
    format!("{} {} {status}", text(0), bare(text(1)))
}

/// A path without its query, which holds hashes of documents and times that are drawn.
fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  \
    selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      \
    containers: [{name: web, image: 'nginx:1.25'}]\n";
const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: myweb1}\nspec: {containers: [{name: a, image: nginx}]}\n";

#[cfg(test)]
mod tests {
    use super::*;

    /// What was recorded: commands with what they printed (of help and `explain` the structure), their input files, and
    /// what commands asked of the server.
    fn recorded() -> Vec<(PathBuf, String)> {
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubectl/recorded.tar.gz");
        crate::recording::unpack(&archive).expect("it can be read").into_iter().collect()
    }

    #[test]
    fn recorded_commands_print_what_the_real_ones_print() {
        let recorded = recorded();
        let inputs: Files = recorded
            .iter()
            .filter_map(|(path, text)| {
                let name = path.strip_prefix("inputs").ok()?;
                Some((name.to_string_lossy().as_ref().into(), text.as_str().into()))
            })
            .collect();
        let texts = recorded.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "txt"));
        let cases: Vec<Case> = texts.flat_map(|(path, text)| cases(path, text)).collect();
        assert_eq!(cases.len(), 108);
        for case in cases {
            let difference = case.difference(&inputs);
            assert_eq!(difference, None, "{}", difference.as_deref().unwrap_or_default());
        }
    }

    #[test]
    fn recorded_commands_ask_what_the_real_ones_ask() {
        let recorded = recorded();
        let lines = recorded.iter().find(|(path, _)| path.ends_with("requests.jsonl"));
        let (differences, all) = requested(&lines.expect("it is there").1).expect("it can be read");
        assert_eq!((differences.concat().as_str(), all), ("", 42));
    }
}
