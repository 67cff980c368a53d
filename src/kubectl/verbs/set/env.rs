//! `kubectl set env`: environment variables of the containers of Pods and templates (upstream: `set_env.go`).

use super::{Verb, change, each_container, find, no_template, pod_spec};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, object, pairs, text};
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "set env", aliases: &[], run };

/// What is set and what is taken away.
struct Changes {
    new: Vec<Value>,
    removed: Vec<Str>,
}

fn run(kubectl: &mut Kubectl) -> Outcome {
    let (resources, mut changes) = match words(kubectl) {
        Ok(read) => read,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let lists = kubectl.arguments.is("list");
    if resources.is_empty() && kubectl.arguments.text("filename").is_none() {
        let why = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        return Err(kubectl.misused(why));
    }
    if kubectl.arguments.is("all") && kubectl.arguments.text("selector").is_some() {
        return Err(kubectl.fail("cannot set --all and --selector at the same time".to_owned()));
    }
    if lists && kubectl.arguments.text("output").is_some_and(|output| !output.is_empty()) {
        return Err(kubectl.misused("--list and --output may not be specified together"));
    }
    if kubectl.arguments.text("keys").is_some() && kubectl.arguments.text("from").is_none() {
        return Err(
            kubectl.misused("when specifying --keys, a configmap or secret must be provided with --from")
        );
    }
    from(kubectl, &mut changes)?;
    if let Some(prefix) = kubectl.arguments.text("prefix").cloned() {
        for variable in &mut changes.new {
            let name = format!("{prefix}{}", text(variable, &["name"]));
            variable.set(&["name"], name);
        }
    }
    let (infos, problems) = find(kubectl, &resources)?;
    let overwrites = kubectl.arguments.is_not_off("overwrite");
    change(
        kubectl,
        &infos,
        problems,
        ("env updated", "failed to patch env update to pod template:"),
        |kubectl, before, _| {
            let Some(path) = pod_spec(before) else { return Ok(Err(no_template(before))) };
            let mut after = before.clone();
            let (mut why, mut printed) = (None, String::new());
            let title = format!("{} {}", text(before, &["kind"]), crate::kubectl::fields::name(before));
            let is_found = each_container(kubectl, &mut after, path, |container| {
                if !overwrites {
                    why = why.take().or_else(|| clash(container, &changes));
                }
                update(container, &changes);
                if lists {
                    printed.push_str(&listed(&title, container));
                }
            });
            if !is_found {
                let pattern = kubectl.arguments.text("containers").cloned().unwrap_or_default();
                let (kind, name) = title.split_once(' ').unwrap_or_default();
                let why = format!("Warning: {kind}/{name} does not have any containers matching {pattern:?}");
                kubectl.complain(&why);
            }
            if lists {
                kubectl.print(&printed);
                return Ok(Ok(before.clone()));
            }
            Ok(why.map_or(Ok(after), Err))
        },
    )
}

/// The resources, and the variables behind them and behind `-e`.
fn words(kubectl: &Kubectl) -> Result<(Vec<Str>, Changes), String> {
    let (mut resources, mut variables) = (Vec::new(), Vec::new());
    for word in &kubectl.arguments.words {
        let is_variable = (word.contains('=') && !word.starts_with('=')) || word.ends_with('-');
        match (is_variable, variables.is_empty()) {
            (true, _) => variables.push(word.clone()),
            (false, true) => resources.push(word.clone()),
            (false, false) => {
                return Err(format!("all resources must be specified before environment changes: {word}"));
            }
        }
    }
    variables.splice(0..0, kubectl.arguments.texts("env").cloned());
    let mut changes = Changes { new: Vec::new(), removed: Vec::new() };
    for word in &variables {
        match (word.split_once('='), word.strip_suffix('-')) {
            (Some((name, _)), _) if !is_name(name) => {
                return Err(format!("{name:?} is not a valid key name: {NAME}"));
            }
            (Some((name, "")), _) => changes.new.push(object([("name", name)])),
            (Some((name, value)), _) => changes.new.push(object([("name", name), ("value", value)])),
            (None, Some(name)) => changes.removed.push(name.into()),
            (None, None) => return Err(format!("unknown environment variable: {word}")),
        }
    }
    let both = changes.new.iter().find_map(|variable| {
        let name = text(variable, &["name"]);
        changes.removed.iter().any(|removed| **removed == *name).then(|| name.to_owned())
    });
    match both {
        Some(name) => Err(format!("can not both modify and remove the variable {name}")),
        None => Ok((resources, changes)),
    }
}

/// Narrower than what the server takes (upstream: apimachinery's `IsEnvVarName`).
fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '.' | '_');
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

const NAME: &str = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', \
    and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation \
    is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

/// Adds a variable for each key of the ConfigMap or Secret that `--from` names.
fn from(kubectl: &mut Kubectl, changes: &mut Changes) -> Outcome {
    let Some(from) = kubectl.arguments.text("from").cloned().filter(|from| !from.is_empty()) else {
        return Ok(());
    };
    let (kind, name) = kubectl.resource_and_name(&from)?;
    let field = match kind {
        Kind::ConfigMap => "configMapKeyRef",
        Kind::Secret => "secretKeyRef",
        _ => return Err(kubectl.fail("unsupported resource specified in --from".to_owned())),
    };
    let key = kubectl.key(kind, name.clone());
    let source = match kubectl.get(key)? {
        Ok(source) => source,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    let wanted: Vec<Str> = kubectl.arguments.list("keys").map(Str::from).collect();
    for (key, _) in pairs(&source, &["data"]) {
        if !wanted.is_empty() && !wanted.contains(key) {
            continue;
        }
        let written: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_uppercase() } else { '_' })
            .collect();
        if written != **key {
            kubectl.complain(&format!("Warning: key {key} transferred to {written}"));
        }
        let mut variable = object([("name", written)]);
        variable.set(&["valueFrom", field, "key"], key.clone());
        variable.set(&["valueFrom", field, "name"], name.clone());
        changes.new.push(variable);
    }
    Ok(())
}

/// What `--overwrite=false` says of a variable that is there already.
fn clash(container: &Value, changes: &Changes) -> Option<String> {
    changes.new.iter().find_map(|new| {
        let name = text(new, &["name"]);
        let old = list(container, &["env"]).iter().find(|old| text(old, &["name"]) == name)?;
        let value = text(old, &["value"]);
        Some(format!("'{name}' already has a value ({value}), and --overwrite is false"))
    })
}

fn update(container: &mut Value, changes: &Changes) {
    let mut env = list(container, &["env"]).to_vec();
    for new in &changes.new {
        match env.iter_mut().find(|old| text(old, &["name"]) == text(new, &["name"])) {
            Some(old) => *old = new.clone(),
            None => env.push(new.clone()),
        }
    }
    env.retain(|variable| !changes.removed.iter().any(|name| **name == *text(variable, &["name"])));
    if env.is_empty() {
        container.make_object().remove("env");
    } else {
        container.set(&["env"], env);
    }
}

/// A container's variables, as `--list` prints them.
fn listed(title: &str, container: &Value) -> String {
    let mut out = format!("# {title}, container {}\n", text(container, &["name"]));
    for variable in list(container, &["env"]) {
        let name = text(variable, &["name"]);
        out.push_str(&match variable.get("valueFrom") {
            None => format!("{name}={}\n", text(variable, &["value"])),
            Some(from) => format!("# {name} from {}\n", reference(from)),
        });
    }
    out
}

fn reference(from: &Value) -> String {
    let part = |path: &[&str]| text(from, path).to_owned();
    if from.get("configMapKeyRef").is_some() {
        let (name, key) = (part(&["configMapKeyRef", "name"]), part(&["configMapKeyRef", "key"]));
        return format!("configmap {name}, key {key}");
    }
    if from.get("secretKeyRef").is_some() {
        let (name, key) = (part(&["secretKeyRef", "name"]), part(&["secretKeyRef", "key"]));
        return format!("secret {name}, key {key}");
    }
    if from.get("fieldRef").is_some() {
        return format!("field path {}", part(&["fieldRef", "fieldPath"]));
    }
    let container = part(&["resourceFieldRef", "containerName"]);
    let before = if container.is_empty() { String::new() } else { format!("{container}/") };
    format!("resource field {before}{}", part(&["resourceFieldRef", "resource"]))
}
