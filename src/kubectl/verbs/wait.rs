//! `kubectl wait` (upstream: kubectl `cmd/wait`).

use super::Verb;
use crate::cluster::request::{Reason, Status};
use crate::cluster::time::{MILLI, SECOND, SimTime};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, number, plain, text};
use crate::kubectl::jsonpath::{Template, relaxed};
use crate::kubectl::resources::{Finder, Info};
use crate::kubectl::waiting::{Awaited, Found};
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "wait", aliases: &[], run };

/// What is waited for.
enum Condition {
    Deleted,
    Created,
    /// A condition's type, and its status.
    Status(String, String),
    /// What a path leads to, and its text; any where there is none.
    Field(Template, Option<String>),
}

fn run(kubectl: &mut Kubectl) -> Outcome {
    let given: Vec<String> = kubectl.arguments.texts("for").map(|text| text.to_string()).collect();
    let mut conditions = Vec::new();
    for text in &given {
        match read(text) {
            Ok(condition) => conditions.push(condition),
            Err(why) => return Err(kubectl.fail(why)),
        }
    }
    if conditions.is_empty() {
        return Err(kubectl.fail("unrecognized condition: []".to_owned()));
    }
    let is_negative = kubectl.arguments.text("timeout").is_some_and(|time| time.starts_with('-'));
    let timeout = kubectl.arguments.time("timeout").unwrap_or(30 * SECOND);
    let until = if is_negative { SimTime::NEVER } else { kubectl.shell.ask.now() + timeout };
    let words = kubectl.arguments.words.clone();
    let creation = conditions.iter().any(|condition| matches!(condition, Condition::Created));
    if creation && !await_creation(kubectl, &words, until)? {
        return Err(kubectl.fail("timed out waiting for the condition".to_owned()));
    }
    let found = kubectl
        .find(&words, Finder { kind_means_all: kubectl.arguments.is("all"), reads: true, one_kind: false })?;
    let is_deletion = conditions.iter().any(|condition| matches!(condition, Condition::Deleted));
    let is_missing = |problem: &Problem| matches!(problem, Problem::Server(_, status) if status.reason == Reason::NotFound);
    let mut problems: Vec<Problem> =
        found.problems.into_iter().filter(|problem| !(is_deletion && is_missing(problem))).collect();
    if found.infos.is_empty() && problems.is_empty() && !is_deletion {
        return Err(kubectl.fail("no matching resources found".to_owned()));
    }
    for info in &found.infos {
        for condition in &conditions {
            if let Err(problem) = await_condition(kubectl, info, condition, until)? {
                problems.push(problem);
                break;
            }
        }
    }
    kubectl.fail_all(problems)
}

/// Looks twice a second whether the objects are there.
fn await_creation(kubectl: &mut Kubectl, words: &[crate::value::Str], until: SimTime) -> Outcome<bool> {
    let Some((kind, name)) = words.split_first() else { return Ok(true) };
    let (kind, name) = match name.first() {
        Some(name) => (kubectl.kind(kind)?, name.clone()),
        // What a selector finds is there.
        None if !kind.contains('/') => return Ok(true),
        None => kubectl.resource_and_name(kind)?,
    };
    loop {
        let key = kubectl.key(kind, name.clone());
        if kubectl.get(key)?.is_ok() {
            return Ok(true);
        }
        if kubectl.shell.ask.now() + 500 * MILLI > until {
            return Ok(false);
        }
        kubectl.shell.ask.sleep(500 * MILLI)?;
    }
}

fn await_condition(
    kubectl: &mut Kubectl,
    info: &Info,
    condition: &Condition,
    until: SimTime,
) -> Outcome<Result<(), Problem>> {
    let uid =
        info.value.as_ref().map(|value| text(value, &["metadata", "uid"]).to_owned()).unwrap_or_default();
    let gone = || Status::not_found(&info.key());
    let met = |found: Found| match (condition, found) {
        (Condition::Deleted, Found::Gone) => Some(Ok(())),
        (Condition::Deleted, Found::There(value)) => {
            (text(value, &["metadata", "uid"]) != uid).then_some(Ok(()))
        }
        (_, Found::Gone) => Some(Err(gone().into())),
        (Condition::Created, Found::There(_)) => Some(Ok(())),
        (Condition::Status(kind, wanted), Found::There(value)) => {
            has_status(value, kind, wanted).then_some(Ok(()))
        }
        (Condition::Field(path, wanted), Found::There(value)) => {
            match has_field(value, path, wanted.as_deref()) {
                Ok(is_met) => is_met.then_some(Ok(())),
                Err(why) => Some(Err(Problem::Own(why))),
            }
        }
    };
    let known = info.value.as_ref().filter(|_| !matches!(condition, Condition::Deleted));
    Ok(match kubectl.wait_for(info, known, until, met)? {
        Awaited::Met(Ok(())) => {
            let done = "condition met";
            let value = match &info.value {
                Some(value) => value.clone(),
                None => return Ok(Ok(())),
            };
            kubectl.report(&value, done)?;
            Ok(())
        }
        Awaited::Met(Err(problem)) => Err(problem),
        Awaited::Failed(status) => Err(status.into()),
        Awaited::TimedOut => {
            let title = super::apply::resource_name(info);
            Err(Problem::Own(format!("timed out waiting for the condition on {title}")))
        }
    })
}

fn read(text: &str) -> Result<Condition, String> {
    let lower = text.to_ascii_lowercase();
    if let Some(condition) = text.strip_prefix("condition=") {
        let (kind, status) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Condition::Status(kind.into(), status.into()));
    }
    if let Some(input) = text.strip_prefix("jsonpath=") {
        return field(input);
    }
    match &*lower {
        "delete" => Ok(Condition::Deleted),
        "create" => Ok(Condition::Created),
        _ => Err(format!("unrecognized condition: \"{text}\"")),
    }
}

fn has_status(value: &Value, kind: &str, wanted: &str) -> bool {
    let condition = list(value, &["status", "conditions"])
        .iter()
        .find(|condition| text(condition, &["type"]).eq_ignore_ascii_case(kind));
    let Some(condition) = condition else { return false };
    let observed =
        condition.get("observedGeneration").or_else(|| value.at(&["status", "observedGeneration"]));
    let is_old = observed
        .and_then(Value::as_int)
        .is_some_and(|observed| observed < number(value, &["metadata", "generation"]));
    !is_old && text(condition, &["status"]).eq_ignore_ascii_case(wanted)
}

/// `{.status.phase}=Running`. A double `==` belongs to a filter of the path.
fn field(input: &str) -> Result<Condition, String> {
    let mut parts = vec![String::new()];
    let mut characters = input.chars().peekable();
    while let Some(c) = characters.next() {
        let part = parts.len() - 1;
        match c {
            '=' if characters.next_if_eq(&'=').is_some() => parts[part].push_str("=="),
            '=' => parts.push(String::new()),
            c => parts[part].push(c),
        }
    }
    let (path, wanted) = match &parts[..] {
        [path] => (path, None),
        [path, wanted] => (path, Some(wanted.trim_matches(['\'', '"']))),
        _ => {
            let format =
                "--for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";
            return Err(format!("jsonpath wait format must be {format}"));
        }
    };
    let path = relaxed(path)?;
    if wanted == Some("") {
        let example = "--for=jsonpath='{.status.readyReplicas}'=3";
        return Err(format!("jsonpath wait has to have a value after equal sign, like {example}"));
    }
    if path.is_empty() {
        return Err("jsonpath expression cannot be empty".into());
    }
    Ok(Condition::Field(Template::parse(&path)?, wanted.map(str::to_owned)))
}

/// Whether a path leads to one value with this text.
fn has_field(value: &Value, path: &Template, wanted: Option<&str>) -> Result<bool, String> {
    let found = path.find(value)?;
    let Some(first) = found.first().and_then(|values| values.first()) else { return Ok(false) };
    if found.len() > 1 {
        return Err("given jsonpath expression matches more than one list".into());
    }
    if found[0].len() > 1 {
        return Err("given jsonpath expression matches more than one value".into());
    }
    match (wanted, first) {
        (None, _) => Ok(true),
        (Some(_), Value::Object(_) | Value::Array(_)) => {
            Err("jsonpath leads to a nested object or list which is not supported".into())
        }
        (Some(wanted), value) => Ok(plain(value).trim() == wanted.trim()),
    }
}
