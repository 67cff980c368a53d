//! `kubectl create`: from files, or of a kind by its flags (upstream: kubectl `cmd/create`).

mod access;
mod config_map;
mod cron_job;
mod data;
mod deployment;
mod ingress;
mod job;
mod namespace;
mod pod_disruption_budget;
mod priority_class;
mod quota;
mod secret;
mod service;
mod token;

pub(crate) use secret::{base64, from_base64};

use super::Verb;
use super::apply::{sourced, with_last_applied};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Status;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::name;
use crate::kubectl::kustomize;
use crate::kubectl::rounds::Log;
use crate::value::{Str, Value};
use std::rc::Rc;

/// The verbs of this folder.
pub(super) const VERBS: &[&Verb] = &[
    &VERB,
    &access::CLUSTER_ROLE,
    &access::CLUSTER_ROLE_BINDING,
    &access::ROLE,
    &access::ROLE_BINDING,
    &access::SERVICE_ACCOUNT,
    &config_map::VERB,
    &cron_job::VERB,
    &deployment::VERB,
    &job::VERB,
    &ingress::VERB,
    &namespace::VERB,
    &pod_disruption_budget::VERB,
    &priority_class::VERB,
    &quota::VERB,
    &secret::DOCKER_REGISTRY,
    &secret::GENERIC,
    &secret::TLS,
    &service::CLUSTER_IP,
    &service::EXTERNAL_NAME,
    &service::LOAD_BALANCER,
    &service::NODE_PORT,
    &token::VERB,
];

const VERB: Verb = Verb { name: "create", aliases: &[], run };

/// Who writes.
const MANAGER: &str = "kubectl-create";

fn run(kubectl: &mut Kubectl) -> Outcome {
    if let Some(words) = Some(&kubectl.arguments.words).filter(|words| !words.is_empty()) {
        let why = format!("Unexpected args: [{}]", words.join(" "));
        return Err(kubectl.misused(&why));
    }
    if kubectl.arguments.text("filename").is_none() {
        return Err(kubectl.fail("must specify one of -f and -k".to_owned()));
    }
    let begin = |kubectl: &mut Kubectl| {
        let found = kubectl.manifests_to_send()?;
        Ok((found.infos, (0, Log::from(found.problems))))
    };
    let (count, problems) = kubectl.each(begin, |kubectl, info, (count, problems)| {
        let value = saved(kubectl, info.value());
        let created = if kubectl.is_client_dry_run() {
            Ok(value)
        } else {
            kubectl.create(info.key(), value, MANAGER)?
        };
        match created {
            Ok(value) => {
                *count += 1;
                kubectl.report(&value, "created")?;
            }
            Err(status) => problems.push(sourced("creating", info, status)),
        }
        Ok(())
    })?;
    if count == 0 && problems.is_empty() {
        return Err(kubectl.fail("no objects passed to create".to_owned()));
    }
    kubectl.fail_all(problems.to_vec())
}

/// With the annotation that `apply` needs, where that is wished.
fn saved(kubectl: &Kubectl, value: Value) -> Value {
    if kubectl.arguments.is("save-config") { with_last_applied(&value) } else { value }
}

/// Says which of the flags that must be there are not (upstream: cobra's MarkFlagRequired).
fn required(kubectl: &mut Kubectl, flags: &[&str]) -> Outcome {
    let missing = flags.iter().filter(|flag| kubectl.arguments.text(flag).is_none());
    let missing: Vec<String> = missing.map(|flag| format!("\"{flag}\"")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(kubectl.fail(format!("required flag(s) {} not set", missing.join(", "))))
}

/// The one name that the words are.
fn one_name(kubectl: &mut Kubectl) -> Outcome<Str> {
    let arguments = &kubectl.arguments;
    let count = arguments.before_dashes.unwrap_or(arguments.words.len());
    match &arguments.words[..count] {
        [name] => Ok(name.clone()),
        _ => Err(kubectl.misused(&format!("exactly one NAME is required, got {count}"))),
    }
}

/// A new object of a kind with its metadata; the Namespace stands in it only where it was given.
fn new(kubectl: &Kubectl, kind: Kind, name: &Str) -> Value {
    let mut value = Value::object();
    value.set(&["apiVersion"], kind.api_version());
    value.set(&["kind"], kind.info().name);
    value.set(&["metadata", "name"], name.clone());
    if kind.info().namespaced
        && let Some(namespace) = kubectl.arguments.text("namespace")
    {
        value.set(&["metadata", "namespace"], namespace.clone());
    }
    value
}

/// Sends a new object and says so. `problem` makes what is said of a failure.
fn send(kubectl: &mut Kubectl, kind: Kind, value: Value, problem: impl Fn(Rc<Status>) -> Problem) -> Outcome {
    let mut value = value;
    if kubectl.arguments.is("append-hash") {
        let hash = kustomize::hash_under(&value, name(&value));
        let hashed = format!("{}-{hash}", name(&value));
        value.set(&["metadata", "name"], hashed);
    }
    let value = saved(kubectl, value);
    if kubectl.is_client_dry_run() {
        return kubectl.report(&value, "created");
    }
    let key = ObjectKey::new(kind, kubectl.namespace(), name(&value));
    match kubectl.create(key, value, MANAGER)? {
        Ok(value) => kubectl.report(&value, "created"),
        Err(status) => Err(kubectl.fail(problem(status))),
    }
}
