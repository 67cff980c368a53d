//! `kubectl config`: the one cluster that there is, and the Namespace of its context (upstream: kubectl
//! `cmd/config`).

use super::Verb;
use crate::cluster::outage::API_SERVER;
use crate::kubectl::command::{Kubectl, Outcome, Stop};
use crate::kubectl::fields::object;
use crate::kubectl::print::tabs;
use crate::value::{Value, json, yaml};

/// As `kubeadm` names them.
const CLUSTER: &str = "kubernetes";
const USER: &str = "kubernetes-admin";
const CONTEXT: &str = "kubernetes-admin@kubernetes";

/// The verbs of this file.
pub(super) const VERBS: &[&Verb] = &[
    &Verb { name: "config current-context", aliases: &[], run: |kubectl| names(kubectl, "", CONTEXT) },
    &Verb { name: "config get-clusters", aliases: &[], run: |kubectl| names(kubectl, "NAME\n", CLUSTER) },
    &Verb { name: "config get-users", aliases: &[], run: |kubectl| names(kubectl, "NAME\n", USER) },
    &Verb { name: "config get-contexts", aliases: &[], run: get_contexts },
    &Verb { name: "config set-context", aliases: &[], run: set_context },
    &Verb { name: "config use-context", aliases: &["config use"], run: use_context },
    &Verb { name: "config view", aliases: &[], run: view },
];

fn names(kubectl: &mut Kubectl, title: &str, name: &str) -> Outcome {
    kubectl.print(&format!("{title}{name}\n"));
    Ok(())
}

/// The Namespace that the context names; empty where it names none.
fn namespace(kubectl: &Kubectl) -> String {
    let namespace = &kubectl.shell.kept.namespace;
    if &**namespace == "default" { String::new() } else { namespace.to_string() }
}

fn get_contexts(kubectl: &mut Kubectl) -> Outcome {
    let asked = kubectl.arguments.words.first().cloned();
    if let Some(name) = asked.as_ref().filter(|name| &***name != CONTEXT) {
        return Err(kubectl.fail(format!("context {name} not found")));
    }
    if kubectl.arguments.text("output").is_some_and(|output| &**output == "name") {
        kubectl.line(CONTEXT);
        return Ok(());
    }
    let mut text = String::new();
    if !kubectl.arguments.is("no-headers") {
        text.push_str("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    text.push_str(&format!("*\t{CONTEXT}\t{CLUSTER}\t{USER}\t{}\n", namespace(kubectl)));
    kubectl.print(&tabs::align(&text, 6, 3));
    Ok(())
}

fn set_context(kubectl: &mut Kubectl) -> Outcome {
    let is_current = kubectl.arguments.is("current");
    match (&kubectl.arguments.words[..], is_current) {
        ([], true) => {}
        ([name], false) if &**name == CONTEXT => {}
        ([_], false) => return Err(kubectl.not_here("a second context")),
        ([], false) => {
            let why = "you must specify a non-empty context name or --current";
            return Err(kubectl.fail(why.to_owned()));
        }
        _ => {
            let why = "you cannot specify both a context name and --current";
            return Err(kubectl.fail(why.to_owned()));
        }
    }
    if let Some(namespace) = kubectl.arguments.text("namespace").cloned() {
        kubectl.shell.kept.namespace = if namespace.is_empty() { "default".into() } else { namespace };
    }
    kubectl.line(&format!("Context \"{CONTEXT}\" modified."));
    Ok(())
}

fn use_context(kubectl: &mut Kubectl) -> Outcome {
    match kubectl.arguments.words.first().cloned() {
        Some(name) if &*name == CONTEXT => {
            kubectl.line(&format!("Switched to context \"{name}\"."));
            Ok(())
        }
        Some(name) => Err(kubectl.fail(format!("no context exists with the name: \"{name}\""))),
        None => {
            let command = crate::kubectl::help::command("config use-context");
            let help = command.map(|command| crate::kubectl::help::of(&command)).unwrap_or_default();
            kubectl.print(&help);
            Err(Stop::Exit(1))
        }
    }
}

fn view(kubectl: &mut Kubectl) -> Outcome {
    const HIDDEN: &str = "DATA+OMITTED";
    let server = format!("https://{API_SERVER}");
    let cluster = object([("certificate-authority-data", HIDDEN), ("server", &server)]);
    let mut context = object([("cluster", CLUSTER), ("user", USER)]);
    let namespace = namespace(kubectl);
    if !namespace.is_empty() {
        context.set(&["namespace"], namespace);
    }
    let user = object([("client-certificate-data", HIDDEN), ("client-key-data", HIDDEN)]);
    let named = |name: &str, key: &str, value: Value| {
        let mut entry = object([("name", name)]);
        entry.set(&[key], value);
        vec![entry]
    };
    let mut config = object([("apiVersion", "v1"), ("kind", "Config"), ("current-context", CONTEXT)]);
    config.set(&["clusters"], named(CLUSTER, "cluster", cluster));
    config.set(&["contexts"], named(CONTEXT, "context", context));
    config.set(&["users"], named(USER, "user", user));
    match kubectl.arguments.text("output").map_or("yaml", |output| output) {
        "json" => kubectl.line(&json::pretty(&config)),
        "yaml" => kubectl.print(&yaml::print(&config)),
        output if output.starts_with("jsonpath") => kubectl.report(&config, "")?,
        other => return Err(kubectl.fail(format!("unable to match a printer suitable for the output format \"{other}\", allowed formats are: json,yaml,jsonpath"))),
    }
    Ok(())
}
