//! `kubectl drain` (upstream: kubectl `cmd/drain/drain.go`, `drain/drain.go` and `drain/filters.go`).

use super::Verb;
use super::cordon::{cordon_or_uncordon, nodes};
use crate::api::labels::Selector;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{
    ApiResult, Body, DeleteOptions, Filter, Reason, Request, Status, Subresource, Verb as Asked,
};
use crate::cluster::task::{Answer, Call};
use crate::cluster::time::{Micros, SECOND, SimTime, parse_rfc3339};
use crate::kubectl::command::{Kubectl, Outcome, Stop};
use crate::kubectl::fields::{list, object, text};
use crate::kubectl::resources::Info;
use crate::value::{Map, Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "drain", aliases: &[], run };

/// How long kubectl waits before it evicts a Pod again whose budget did not allow it.
const RETRY: Micros = 5 * SECOND;
/// How often it looks whether a Pod is gone.
const POLL: Micros = SECOND;

fn run(kubectl: &mut Kubectl) -> Outcome {
    let selector = kubectl.arguments.text("pod-selector").map_or("", |selector| selector);
    if Selector::parse(selector).is_err() {
        let why = "--pod-selector=<pod_selector> must be a valid label selector";
        return Err(kubectl.fail(why.to_owned()));
    }
    let nodes = nodes(kubectl)?;
    cordon_or_uncordon(kubectl, &nodes, true)?;
    let mut fatal: Vec<(Str, Why)> = Vec::new();
    for info in &nodes {
        match drain(kubectl, info)? {
            Ok(()) => kubectl.report(&info.value(), "drained")?,
            Err(why) => {
                let name = &*info.name;
                let all = why.text();
                kubectl.complain(&format!(
                    "error: unable to drain node {name:?} due to error: {all}, continuing command..."
                ));
                fatal.push((info.name.clone(), why));
            }
        }
    }
    if fatal.is_empty() {
        return Ok(());
    }
    kubectl.complain("There are pending nodes to be drained:");
    for (name, _) in &fatal {
        kubectl.complain(&format!(" {name}"));
    }
    match &fatal[..] {
        [(_, Why::One(why))] => kubectl.complain(&format!("error: {why}")),
        // The errors of a list stand alone, though it may be of one (upstream: checkErr, MultipleErrors).
        [(_, Why::List(whys))] => whys.iter().for_each(|why| kubectl.complain(why)),
        many => many.iter().for_each(|(_, why)| kubectl.complain(&why.text())),
    }
    Err(Stop::Exit(1))
}

/// Why a node is not empty: one error, or the list of what stands against it (upstream: utilerrors.Aggregate).
enum Why {
    One(String),
    List(Vec<String>),
}

impl Why {
    fn text(&self) -> String {
        match self {
            Self::One(why) => why.clone(),
            Self::List(whys) => aggregate(whys.clone()),
        }
    }
}

/// Several errors as one (upstream: utilerrors.Aggregate).
fn aggregate(mut errors: Vec<String>) -> String {
    if errors.len() == 1 { errors.remove(0) } else { format!("[{}]", errors.join(", ")) }
}

/// Empties a node, or says why not.
fn drain(kubectl: &mut Kubectl, info: &Info) -> Outcome<Result<(), Why>> {
    let found = match pods_for_deletion(kubectl, &info.name)? {
        Ok(found) => found,
        Err(errors) => return Ok(Err(Why::List(errors))),
    };
    if !found.warnings.is_empty() {
        kubectl.complain(&format!("Warning: {}", found.warnings));
    }
    if kubectl.is_client_dry_run() {
        for pod in &found.pods {
            kubectl.line(&format!("evicting pod {}/{} (dry run)", pod.key.namespace, pod.key.name));
        }
        return Ok(Ok(()));
    }
    let result = if kubectl.arguments.is("disable-eviction") {
        delete_pods(kubectl, &found.pods)?
    } else {
        evict_pods(kubectl, &found.pods)?
    };
    let Err(why) = result else { return Ok(Ok(())) };
    match pods_for_deletion(kubectl, &info.name)? {
        Ok(left) if !left.pods.is_empty() => {
            kubectl.complain(&format!(
                "There are pending pods in node {:?} when an error occurred: {why}",
                &*info.name
            ));
            for pod in &left.pods {
                kubectl.complain(&format!("pod/{}", pod.key.name));
            }
        }
        Ok(_) => {}
        Err(errors) => kubectl.complain(&format!(
            "Following errors occurred while getting the list of pods to delete:\n{}",
            aggregate(errors)
        )),
    }
    Ok(Err(Why::One(why)))
}

/// A Pod that has to go.
#[derive(Clone, Debug)]
struct Doomed {
    key: ObjectKey,
    value: Value,
}

/// The Pods that have to go, and what is said about some.
#[derive(Clone, Debug, Default)]
struct Found {
    pods: Vec<Doomed>,
    warnings: String,
}

/// What becomes of a Pod.
enum Judged {
    Deleted,
    Skipped,
    Warned(bool, String),
    Refused(String),
}

fn pods_for_deletion(kubectl: &mut Kubectl, node: &str) -> Outcome<Result<Found, Vec<String>>> {
    let filter = Filter {
        labels: kubectl.arguments.text("pod-selector").cloned().unwrap_or_default(),
        fields: format!("spec.nodeName={node}").into(),
    };
    let all = match kubectl.list(Kind::Pod, Str::default(), filter)? {
        Ok(all) => all,
        Err(status) => return Ok(Err(vec![status.message.clone()])),
    };
    let mut found = Found::default();
    let (mut warnings, mut errors) = (Messages::default(), Messages::default());
    for value in all {
        let (namespace, name) = (
            text(&value, &["metadata", "namespace"]).to_owned(),
            text(&value, &["metadata", "name"]).to_owned(),
        );
        let title = format!("{namespace}/{name}");
        let doomed = Doomed { key: ObjectKey::new(Kind::Pod, namespace, name), value };
        match judge(kubectl, &doomed)? {
            Judged::Deleted => found.pods.push(doomed),
            Judged::Skipped => {}
            Judged::Warned(is_deleted, message) => {
                warnings.add(message, title);
                if is_deleted {
                    found.pods.push(doomed);
                }
            }
            Judged::Refused(message) => errors.add(format!("cannot delete {message}"), title),
        }
    }
    found.warnings = warnings.lines().join("; ");
    let errors = errors.lines();
    Ok(if errors.is_empty() { Ok(found) } else { Err(errors) })
}

/// Messages, each with the Pods that it is about.
#[derive(Default)]
struct Messages(Vec<(String, Vec<String>)>);

impl Messages {
    fn add(&mut self, message: String, pod: String) {
        match self.0.iter_mut().find(|(other, _)| *other == message) {
            Some((_, pods)) => pods.push(pod),
            None => self.0.push((message, vec![pod])),
        }
    }
    fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(message, pods)| format!("{message}: {}", pods.join(", "))).collect()
    }
}

/// Runs the filters; the last that has a word about a Pod that goes has it.
fn judge(kubectl: &mut Kubectl, pod: &Doomed) -> Outcome<Judged> {
    let value = &pod.value;
    if is_skipped(kubectl, value)
        || value.at(&["metadata", "annotations", "kubernetes.io/config.mirror"]).is_some()
    {
        return Ok(Judged::Skipped);
    }
    let has_ended = matches!(text(value, &["status", "phase"]), "Succeeded" | "Failed");
    let force = kubectl.arguments.is("force");
    let owner = list(value, &["metadata", "ownerReferences"])
        .iter()
        .find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true));
    let mut judged = Judged::Deleted;
    if let Some(owner) = owner
        && text(owner, &["kind"]) == "DaemonSet"
        && !has_ended
    {
        let key = ObjectKey::new(Kind::DaemonSet, pod.key.namespace.clone(), text(owner, &["name"]));
        match kubectl.ask(Request::get(key))? {
            Err(status) if status.reason == Reason::NotFound && force => {
                judged = Judged::Warned(true, status.message.clone());
            }
            Err(status) => return Ok(Judged::Refused(status.message.clone())),
            Ok(_) if !kubectl.arguments.is("ignore-daemonsets") => {
                return Ok(Judged::Refused(
                    "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)".into(),
                ));
            }
            Ok(_) => return Ok(Judged::Warned(false, "ignoring DaemonSet-managed Pods".into())),
        }
    }
    if has_ended {
        return Ok(judged);
    }
    if list(value, &["spec", "volumes"]).iter().any(|volume| volume.get("emptyDir").is_some()) {
        if !kubectl.arguments.is("delete-emptydir-data") {
            return Ok(Judged::Refused(
                "Pods with local storage (use --delete-emptydir-data to override)".into(),
            ));
        }
        judged = Judged::Warned(true, "deleting Pods with local storage".into());
    }
    if owner.is_some() {
        // The filter of Pods without a controller has the last word, and lets it go without one.
        return Ok(Judged::Deleted);
    }
    Ok(match (force, judged) {
        (true, _) => Judged::Warned(true, "deleting Pods that declare no controller".into()),
        (false, _) => Judged::Refused("Pods that declare no controller (use --force to override)".into()),
    })
}

/// Whether a Pod has been ending for so long that it is not waited for.
fn is_skipped(kubectl: &Kubectl, pod: &Value) -> bool {
    let limit = kubectl.arguments.number("skip-wait-for-delete-timeout").unwrap_or(0);
    let until = parse_rfc3339(text(pod, &["metadata", "deletionTimestamp"]));
    let now = kubectl.shell.ask.unix_micros();
    limit > 0 && until.is_some_and(|until| now.saturating_sub(until) / SECOND > limit as u64)
}

/// Where a Pod stands on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is evicted.
    Evict,
    /// It is read again before it is evicted again.
    Refresh,
    /// It is waited for until it is gone.
    Wait,
}

/// A Pod on its way, and when something is done about it next.
#[derive(Clone, Debug)]
struct Going {
    pod: Doomed,
    stage: Stage,
    at: SimTime,
}

fn deadline(kubectl: &Kubectl) -> SimTime {
    let timeout = kubectl.arguments.time("timeout").filter(|timeout| *timeout > 0);
    timeout.map_or(SimTime::NEVER, |timeout| kubectl.shell.ask.now() + timeout)
}

/// Evicts all Pods side by side, again where a budget does not allow it, and waits until they are gone.
fn evict_pods(kubectl: &mut Kubectl, pods: &[Doomed]) -> Outcome<Result<(), String>> {
    let until = deadline(kubectl);
    let now = kubectl.shell.ask.now();
    let mut going: Vec<Going> =
        pods.iter().map(|pod| Going { pod: pod.clone(), stage: Stage::Evict, at: now }).collect();
    // Go runs the goroutine that was started last first.
    if let Some(last) = going.pop() {
        going.insert(0, last);
    }
    let (round, (mut going, mut errors)) = kubectl.shell.program_rounds((going, Vec::new()));
    while let Some(at) = going.iter().map(|going| going.at).min() {
        let now = kubectl.shell.ask.now();
        if at > now {
            kubectl.shell.ask.sleep(at.min(until).since(now))?;
        }
        let now = kubectl.shell.ask.now();
        let (due, mut later): (Vec<Going>, Vec<Going>) =
            going.into_iter().partition(|going| going.at <= now || now >= until);
        let mut calls = Vec::new();
        let mut asked = Vec::new();
        for one in due {
            match request(kubectl, &one, now >= until) {
                Ok(request) => {
                    calls.push(Call::Api(request));
                    asked.push(one);
                }
                Err(why) => errors.push(why),
            }
        }
        let answers = kubectl.shell.ask.all(calls)?;
        let now = kubectl.shell.ask.now();
        for (one, answer) in asked.into_iter().zip(answers) {
            let Answer::Api(response) = answer else { continue };
            match take(kubectl, one, response.result, now)? {
                Ok(Some(next)) => later.push(next),
                Ok(None) => {}
                Err(why) => errors.push(why),
            }
        }
        going = later;
        kubectl.shell.program_round(round, &(going.clone(), errors.clone()));
    }
    Ok(if errors.is_empty() { Ok(()) } else { Err(aggregate(errors)) })
}

/// What is asked about a Pod next, or the error where the time is over.
fn request(kubectl: &mut Kubectl, one: &Going, is_over: bool) -> Result<Request, String> {
    let key = &one.pod.key;
    let (name, namespace) = (&*key.name, &*key.namespace);
    match one.stage {
        Stage::Wait if is_over => Err(format!(
            "error when waiting for pod {name:?} in namespace {namespace:?} to terminate: context deadline exceeded"
        )),
        Stage::Wait | Stage::Refresh => Ok(Request::get(key.clone())),
        Stage::Evict => {
            let dry_run = if kubectl.is_server_dry_run() { " (server dry run)" } else { "" };
            kubectl.line(&format!("evicting pod {namespace}/{name}{dry_run}"));
            if is_over {
                let timeout = kubectl.arguments.text("timeout").cloned().unwrap_or_default();
                return Err(format!(
                    "error when evicting pods/{name:?} -n {namespace:?}: global timeout reached: {timeout}"
                ));
            }
            Ok(Request { dry_run: kubectl.is_server_dry_run(), ..eviction(kubectl, key) })
        }
    }
}

fn eviction(kubectl: &Kubectl, key: &ObjectKey) -> Request {
    let mut options = Map::new();
    if let Some(grace) = kubectl.arguments.number("grace-period").filter(|grace| *grace >= 0) {
        options.push("gracePeriodSeconds", grace);
    }
    let eviction = object([
        ("apiVersion", Value::from("policy/v1")),
        ("kind", "Eviction".into()),
        ("metadata", object([("name", key.name.clone()), ("namespace", key.namespace.clone())])),
        ("deleteOptions", options.into()),
    ]);
    Request::new(Asked::Create(Body::Value(eviction)), key.clone()).at(Subresource::Eviction)
}

/// Goes on with a Pod after an answer: when something is done about it next, or that it is done.
fn take(
    kubectl: &mut Kubectl,
    one: Going,
    answer: ApiResult,
    now: SimTime,
) -> Outcome<Result<Option<Going>, String>> {
    let Going { pod, stage, .. } = one;
    let (name, namespace) = (pod.key.name.clone(), pod.key.namespace.clone());
    Ok(match (stage, answer) {
        (Stage::Evict, Ok(_)) if kubectl.is_server_dry_run() => Ok(None),
        (Stage::Evict, Ok(_)) => Ok(Some(Going { pod, stage: Stage::Wait, at: now })),
        (Stage::Evict, Err(status)) if status.reason == Reason::NotFound => Ok(None),
        (Stage::Evict, Err(status)) if status.reason == Reason::TooManyRequests => {
            kubectl.complain(&format!(
                "error when evicting pods/{:?} -n {:?} (will retry after 5s): {}",
                &*name, &*namespace, status.message
            ));
            Ok(Some(Going { pod, stage: Stage::Refresh, at: now + RETRY }))
        }
        (Stage::Evict, Err(status)) if status.is_namespace_terminating() => {
            kubectl.complain(&format!(
                "error when evicting pod {:?} from terminating namespace {:?} (will retry after 5s): {}",
                &*name, &*namespace, status.message
            ));
            Ok(Some(Going { pod, stage: Stage::Refresh, at: now + RETRY }))
        }
        (Stage::Evict, Err(status)) => {
            Err(format!("error when evicting pods/{:?} -n {:?}: {}", &*name, &*namespace, status.message))
        }
        (Stage::Refresh, answer) => {
            let value = answer.ok().and_then(|reply| reply.object().map(crate::api::Object::encode));
            let pod = Doomed { value: value.unwrap_or_else(|| pod.value.clone()), ..pod };
            Ok(Some(Going { pod, stage: Stage::Evict, at: now }))
        }
        (Stage::Wait, answer) => match is_gone(kubectl, &pod, &answer) {
            Ok(true) => {
                kubectl.report(&pod.value, "evicted")?;
                Ok(None)
            }
            Ok(false) => Ok(Some(Going { pod, stage, at: now + POLL })),
            Err(status) => {
                kubectl.report(&pod.value, "eviction failed")?;
                Err(format!(
                    "error when waiting for pod {:?} in namespace {:?} to terminate: {}",
                    &*name, &*namespace, status.message
                ))
            }
        },
    })
}

/// Whether a Pod is gone, or need not be waited for.
fn is_gone(kubectl: &mut Kubectl, pod: &Doomed, answer: &ApiResult) -> Result<bool, Rc<Status>> {
    match answer {
        Err(status) if status.reason == Reason::NotFound => Ok(true),
        Err(status) => Err(status.clone()),
        Ok(reply) => {
            let now = reply.object().map(crate::api::Object::encode).unwrap_or_default();
            let uid = ["metadata", "uid"];
            Ok(text(&now, &uid) != text(&pod.value, &uid) || is_skipped(kubectl, &now))
        }
    }
}

/// Deletes the Pods without asking their budgets (`--disable-eviction`), and waits until they are gone.
fn delete_pods(kubectl: &mut Kubectl, pods: &[Doomed]) -> Outcome<Result<(), String>> {
    let until = deadline(kubectl);
    let grace = kubectl.arguments.number("grace-period").filter(|grace| *grace >= 0);
    let options = DeleteOptions { grace_period_seconds: grace, ..DeleteOptions::default() };
    for pod in pods {
        match kubectl.delete(pod.key.clone(), options.clone())? {
            Err(status) if status.reason != Reason::NotFound => return Ok(Err(status.message.clone())),
            _ => {}
        }
    }
    if kubectl.is_server_dry_run() {
        return Ok(Ok(()));
    }
    let left: BTreeMap<ObjectKey, Doomed> = pods.iter().map(|pod| (pod.key.clone(), pod.clone())).collect();
    let (round, mut left) = kubectl.shell.program_rounds(left);
    loop {
        for (key, pod) in left.clone() {
            let answer = kubectl.ask(Request::get(key.clone()))?;
            match is_gone(kubectl, &pod, &answer) {
                Ok(true) => {
                    kubectl.report(&pod.value, "deleted")?;
                    left.remove(&key);
                }
                Ok(false) => {}
                Err(status) => return Ok(Err(status.message.clone())),
            }
        }
        if left.is_empty() {
            return Ok(Ok(()));
        }
        let now = kubectl.shell.ask.now();
        if now >= until {
            return Ok(Err("context deadline exceeded".into()));
        }
        kubectl.shell.ask.sleep(POLL.min(until.since(now)))?;
        kubectl.shell.program_round(round, &left);
    }
}
