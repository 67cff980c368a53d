//! The keys and texts of a ConfigMap or a Secret, from flags and files.

use crate::kubectl::command::{Kubectl, Outcome};
use crate::value::Str;

/// How a kind words its refusals.
pub(super) struct Words {
    /// Of a key with other signs than are allowed: before and after the reason.
    pub(super) invalid: fn(&str, &str) -> String,
    /// Of a key that is there already, in an object of this name.
    pub(super) twice: fn(&str, &str) -> String,
}

/// What a key consists of, in apimachinery's words (`validation.IsConfigMapKey`).
const KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  \
    or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// The keys with their texts, in the order in which they were given.
pub(super) fn read(kubectl: &mut Kubectl, name: &str, words: &Words) -> Outcome<Vec<(Str, Str)>> {
    let mut data: Vec<(Str, Str)> = Vec::new();
    let arguments = kubectl.arguments.clone();
    let has = |flag| arguments.text(flag).is_some();
    if has("from-env-file") && (has("from-file") || has("from-literal")) {
        let why = "from-env-file cannot be combined with from-file or from-literal";
        return Err(kubectl.fail(why.to_owned()));
    }
    for source in arguments.list("from-file") {
        for (key, text) in from_file(kubectl, source)? {
            add(kubectl, &mut data, name, &key, text, words)?;
        }
    }
    for source in arguments.texts("from-literal") {
        match source.split_once('=').filter(|(key, _)| !key.is_empty()) {
            Some((key, text)) => add(kubectl, &mut data, name, key, text.into(), words)?,
            None => {
                return Err(kubectl.fail(format!("invalid literal source {source}, expected key=value")));
            }
        }
    }
    for file in arguments.list("from-env-file") {
        let text = open(kubectl, file)?;
        for line in text.lines().map(str::trim_start) {
            if !line.is_empty() && !line.starts_with('#') {
                let (key, text) = line.split_once('=').unwrap_or((line, ""));
                add(kubectl, &mut data, name, key, text.into(), words)?;
            }
        }
    }
    Ok(data)
}

fn add(
    kubectl: &mut Kubectl,
    data: &mut Vec<(Str, Str)>,
    name: &str,
    key: &str,
    text: Str,
    words: &Words,
) -> Outcome {
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || !key.chars().all(is_key) {
        return Err(kubectl.fail((words.invalid)(key, KEY)));
    }
    if data.iter().any(|(other, _)| **other == *key) {
        return Err(kubectl.fail((words.twice)(key, name)));
    }
    data.push((key.into(), text));
    Ok(())
}

fn open(kubectl: &mut Kubectl, file: &str) -> Outcome<Str> {
    match kubectl.shell.read(file) {
        Ok(text) => Ok(text),
        Err(why) => Err(kubectl.fail(format!("error reading {file}: {}", why.to_ascii_lowercase()))),
    }
}

/// The keys and texts of one file, or of the files in a folder.
fn from_file(kubectl: &mut Kubectl, source: &str) -> Outcome<Vec<(Str, Str)>> {
    let (key, file) = match source.split_once('=') {
        None => (None, source),
        Some(("", file)) => return Err(kubectl.fail(format!("key name for file path {file} missing"))),
        Some((key, "")) => return Err(kubectl.fail(format!("file path for key name {key} missing"))),
        Some((_, file)) if file.contains('=') => {
            return Err(kubectl.fail("key names or file paths cannot contain '='".to_owned()));
        }
        Some((key, file)) => (Some(key), file),
    };
    let folder = format!("{}/", file.trim_end_matches('/'));
    let inside = |(name, text): (&Str, &Str)| {
        let rest = name.strip_prefix(&folder)?;
        (!rest.contains('/')).then(|| (Str::from(rest), text.clone()))
    };
    let below: Vec<(Str, Str)> = kubectl.shell.files.iter().filter_map(inside).collect();
    if below.is_empty() {
        let text = open(kubectl, file)?;
        let own = file.rsplit('/').next().unwrap_or(file);
        return Ok(vec![(key.unwrap_or(own).into(), text)]);
    }
    if key.is_some() {
        return Err(kubectl.fail("cannot give a key name for a directory path".to_owned()));
    }
    Ok(below)
}
