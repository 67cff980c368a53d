//! The Pod and the container that `logs` and `exec` are about (upstream: kubectl `polymorphichelpers` and
//! `cmd/util/podcmd`).

use super::command::{Kubectl, Outcome, Problem};
use super::fields::{list, name, text};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{Filter, Status};
use crate::value::{Str, Value};
use std::rc::Rc;

/// Where a Pod says which of its containers is meant.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// The containers of a list of the spec, by name.
fn names<'v>(pod: &'v Value, field: &str) -> Vec<&'v str> {
    list(pod, &["spec", field]).iter().map(|container| text(container, &["name"])).collect()
}

/// Every container of a Pod, as kubectl lists them.
pub(crate) fn all_containers(pod: &Value) -> String {
    let runtime = names(pod, "containers").into_iter().map(str::to_owned);
    let inits = names(pod, "initContainers").into_iter().map(|name| format!("{name} (init)"));
    let added = names(pod, "ephemeralContainers").into_iter().map(|name| format!("{name} (ephem)"));
    runtime.chain(added).chain(inits).collect::<Vec<_>>().join(", ")
}

impl Kubectl<'_, '_> {
    /// The Pod that a word names: its own name, or `deploy/web` for one of a workload's. The inner error is
    /// the server's, of a Pod that is named.
    pub(crate) fn pod(&mut self, word: &str) -> Outcome<Result<Value, Rc<Status>>> {
        let (kind, object) = match word.split_once('/') {
            Some(_) => self.resource_and_name(word)?,
            None => (Kind::Pod, word.into()),
        };
        let key = self.key(kind, object);
        let value = match self.get(key)? {
            Ok(value) => value,
            Err(status) => return Ok(Err(status)),
        };
        if kind == Kind::Pod {
            return Ok(Ok(value));
        }
        let labels: Str = match kind {
            Kind::Service => super::fields::pairs(&value, &["spec", "selector"])
                .iter()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
                .collect::<Vec<_>>()
                .join(",")
                .into(),
            _ => super::verbs::selector(&value).into(),
        };
        if labels.is_empty() {
            let why = format!("cannot attach to {}: no selector", super::print::title(&value));
            return Err(self.fail(why));
        }
        let filter = Filter { labels, ..Filter::default() };
        let mut pods = match self.list(Kind::Pod, self.namespace(), filter)? {
            Ok(pods) => pods,
            Err(status) => return Err(self.fail(Problem::from(status))),
        };
        pods.sort_by_key(rank);
        let count = pods.len();
        let Some(pod) = pods.into_iter().next() else {
            return Err(self.fail("timed out waiting for the condition".to_owned()));
        };
        if count > 1 && self.verb.name == "logs" {
            self.complain(&format!("Found {count} pods, using pod/{}", name(&pod)));
        }
        Ok(Ok(pod))
    }
    /// The container that is meant: the one given, or the first, which is said where there are others.
    pub(crate) fn container(&mut self, pod: &Value) -> Outcome<Str> {
        self.container_or(pod).map_err(|why| self.fail(why))
    }
    /// The same, or why there is none.
    pub(crate) fn container_or(&mut self, pod: &Value) -> Result<Str, String> {
        let given = self.arguments.text("container").cloned().filter(|name| !name.is_empty());
        if let Some(given) = given {
            let lists = ["containers", "initContainers", "ephemeralContainers"];
            let is_there = lists.iter().any(|field| names(pod, field).contains(&&*given));
            if !is_there {
                let all = all_containers(pod);
                return Err(format!("container {given} is not valid for pod {} out of: {all}", name(pod)));
            }
            return Ok(given);
        }
        let default = text(pod, &["metadata", "annotations", DEFAULT_CONTAINER]);
        if names(pod, "containers").contains(&default) {
            return Ok(default.into());
        }
        let first: Str = names(pod, "containers").first().copied().unwrap_or_default().into();
        let all = all_containers(pod);
        if all.contains(", ") && !self.arguments.is("quiet") {
            self.complain(&format!("Defaulted container \"{first}\" out of: {all}"));
        }
        Ok(first)
    }
    /// What a Pod is called.
    pub(crate) fn pod_key(&self, pod: &Value) -> ObjectKey {
        self.key(Kind::Pod, name(pod))
    }
}

/// Pods that say more come first: those that run, that are ready, then the older ones (upstream:
/// `podutils.ByLogging`).
fn rank(pod: &Value) -> (bool, bool, String, String) {
    let is_ready = list(pod, &["status", "conditions"])
        .iter()
        .any(|condition| text(condition, &["type"]) == "Ready" && text(condition, &["status"]) == "True");
    let has_started = !matches!(text(pod, &["status", "phase"]), "" | "Pending");
    let created = text(pod, &["metadata", "creationTimestamp"]).to_owned();
    (!has_started, !is_ready, created, name(pod).to_owned())
}
