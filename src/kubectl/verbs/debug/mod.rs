//! `kubectl debug` (upstream: kubectl `cmd/debug`): a container to look around with, in a Pod that runs, in a copy of one,
//! or on a node.

mod attach;
mod options;
mod profiles;

use super::Verb;
use crate::api::patch::{strategic_merge, two_way};
use crate::api::{Kind, ObjectKey};
use crate::cluster::chance::suffix;
use crate::cluster::request::{Body, DeleteOptions, PatchKind, Request, Subresource, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop};
use crate::kubectl::fields::{is, list, name, number, object, text};
use crate::value::{Str, Value};
use options::Options;
use profiles::{Style, remove};

pub(super) const VERB: Verb = Verb { name: "debug", aliases: &[], run };

const MAY_NOT_WORK: &str = "Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by \
    debug profile may not work. Please consider using \"--custom\" with a custom profile that specifies \
    \"securityContext.runAsUser: 0\".";

/// The lists of a Pod's containers, in the order in which upstream goes through them.
const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

fn run(kubectl: &mut Kubectl) -> Outcome {
    let options = Options::read(kubectl)?;
    if kubectl.arguments.text("filename").is_some() {
        if !options.targets.is_empty() {
            let why = "resource/name arguments cannot be provided when a path is specified";
            return Err(kubectl.fail(why.to_owned()));
        }
        // What stands in a file is taken as it stands there.
        let found = kubectl.manifests(false)?;
        for info in found.infos {
            let value = info.value();
            visit(kubectl, &options, info.kind, value)?;
        }
        return kubectl.fail_all(found.problems);
    }
    for target in &options.targets {
        let (kind, name) = match target.contains('/') {
            true => kubectl.resource_and_name(target)?,
            false => (Kind::Pod, target.clone()),
        };
        let key = kubectl.key(kind, name);
        match kubectl.get(key)? {
            Ok(value) => visit(kubectl, &options, kind, value)?,
            Err(status) => return Err(kubectl.fail(Problem::from(status))),
        }
    }
    Ok(())
}

/// Looks into one object.
fn visit(kubectl: &mut Kubectl, options: &Options, kind: Kind, value: Value) -> Outcome {
    let (pod, container) = match kind {
        Kind::Node => on_node(kubectl, options, &value)?,
        Kind::Pod if options.copy_to.is_empty() => in_pod(kubectl, options, &value)?,
        Kind::Pod => by_copy(kubectl, options, &value)?,
        kind => {
            let info = kind.info();
            let why =
                format!("\"{}/{}, Kind={}\" not supported by debug", info.group, info.version, info.name);
            return Err(kubectl.fail(why));
        }
    };
    if options.attaches && !container.is_empty() {
        attach::attach(kubectl, options, &pod, &container)?;
    }
    Ok(())
}

/// Adds an ephemeral container to a Pod.
fn in_pod(kubectl: &mut Kubectl, options: &Options, pod: &Value) -> Outcome<(Value, Str)> {
    let name = container_name(kubectl, options, pod);
    let mut container =
        object([("name", Value::from(name.clone())), ("image", options.image.clone().into())]);
    options.fill(&mut container);
    container.set(&["resources"], Value::object());
    container.set(&["terminationMessagePolicy"], "File");
    if !options.target.is_empty() {
        container.set(&["targetContainerName"], options.target.clone());
    }
    let mut changed = pod.clone();
    let path = ["spec", "ephemeralContainers"];
    let mut all = list(pod, &path).to_vec();
    all.push(container);
    changed.set(&path, all);
    options.profile.apply(&mut changed, &name, Style::Ephemeral, &kubectl.arguments);
    customize(kubectl, options, &mut changed, &name, path[1])?;
    let added = list(&changed, &path).last().cloned().unwrap_or_default();
    warn(kubectl, &added, pod)?;
    let patch = two_way("v1", "Pod", pod, &changed);
    let key = pod_key(kubectl, pod);
    let request =
        Request::new(Asked::Patch(PatchKind::Strategic, patch), key).at(Subresource::EphemeralContainers);
    Ok((send(kubectl, request)?, name))
}

/// Makes a copy of a Pod, with one more container or with one that is changed. The container is empty where only images
/// are.
fn by_copy(kubectl: &mut Kubectl, options: &Options, pod: &Value) -> Outcome<(Value, Str)> {
    let (mut copy, name) = copy(kubectl, options, pod)?;
    // Whatever the profile has left open is what it was.
    let debugs =
        list(&copy, &["spec", "containers"]).iter().find(|one| text(one, &["name"]) == &*name).cloned();
    if let Some(debugs) = debugs.filter(|_| !name.is_empty()) {
        warn(kubectl, &debugs, &copy)?;
    }
    copy.set(&["status"], Value::object());
    let key = pod_key(kubectl, &copy);
    let made = send(kubectl, Request::new(Asked::Create(Body::Value(copy)), key))?;
    if kubectl.arguments.is("replace") {
        let at_once = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        let key = pod_key(kubectl, pod);
        if let Err(status) = kubectl.delete(key, at_once)? {
            return Err(kubectl.fail(Problem::from(status)));
        }
    }
    Ok((made, name))
}

/// The copy, and its container to look around with.
fn copy(kubectl: &mut Kubectl, options: &Options, pod: &Value) -> Outcome<(Value, Str)> {
    let mut copy = object([("apiVersion", "v1"), ("kind", "Pod")]);
    copy.set(&["metadata", "name"], options.copy_to.clone());
    for field in ["namespace", "annotations", "labels"] {
        if let Some(value) = pod.at(&["metadata", field]) {
            copy.set(&["metadata", field], value.clone());
        }
    }
    copy.set(&["spec"], pod.get("spec").cloned().unwrap_or_default());
    remove(&mut copy, &["spec"], "ephemeralContainers");
    if kubectl.arguments.text("share-processes").is_some() {
        copy.set(&["spec", "shareProcessNamespace"], kubectl.arguments.is("share-processes"));
    }
    if !kubectl.arguments.is("same-node") {
        remove(&mut copy, &["spec"], "nodeName");
    }
    let path = ["spec", "containers"];
    let mut containers = list(&copy, &path).to_vec();
    for container in &mut containers {
        let own = text(container, &["name"]).to_owned();
        let images = &options.images;
        let image = images.get(&*own).or(images.get("*")).filter(|image| !image.is_empty());
        if let Some(image) = image {
            container.set(&["image"], image.clone());
        }
    }
    copy.set(&path, containers.clone());
    let is_there = LISTS.iter().any(|field| has(&copy, field, &options.container));
    let mut name = options.container.clone();
    if !is_there {
        if options.image.is_empty() {
            // Only images are changed.
            if !options.images.is_empty() {
                return Ok((copy, Str::default()));
            }
            return Err(kubectl.fail("you must specify image when creating new container".to_owned()));
        }
        if name.is_empty() {
            name = container_name(kubectl, options, &copy);
        }
        let added = [("name", Value::from(name.clone())), ("terminationMessagePolicy", "File".into())];
        let mut added = object(added);
        added.set(&["resources"], Value::object());
        containers.push(added);
        copy.set(&path, containers);
    }
    container_named(&mut copy, &name, |container| {
        if !options.image.is_empty() {
            container.set(&["image"], options.image.clone());
        }
        if !options.words.is_empty() && !options.args_only {
            container.make_object().remove("args");
        }
        for field in ["stdin", "tty"] {
            container.make_object().remove(field);
        }
        options.fill(container);
    });
    options.profile.apply(&mut copy, &name, Style::Copy, &kubectl.arguments);
    customize(kubectl, options, &mut copy, &name, "containers")?;
    Ok((copy, name))
}

/// Makes a Pod on a node, in the node's own Linux namespaces where the profile allows that.
fn on_node(kubectl: &mut Kubectl, options: &Options, node: &Value) -> Outcome<(Value, Str)> {
    let container: Str =
        if options.container.is_empty() { "debugger".into() } else { options.container.clone() };
    let node = name(node);
    let pod_name = format!("node-debugger-{node}-{}", suffix(kubectl.shell.chance(), 5));
    if !options.is_quiet {
        kubectl
            .line(&format!("Creating debugging pod {pod_name} with container {container} on node {node}."));
    }
    let mut pod = object([("apiVersion", "v1"), ("kind", "Pod")]);
    pod.set(&["metadata", "name"], pod_name);
    pod.set(&["metadata", "labels"], object([("app.kubernetes.io/managed-by", "kubectl-debug")]));
    let mut own = object([("name", Value::from(container.clone())), ("image", options.image.clone().into())]);
    options.fill(&mut own);
    own.set(&["resources"], Value::object());
    own.set(&["terminationMessagePolicy"], "File");
    pod.set(&["spec", "containers"], vec![own]);
    pod.set(&["spec", "nodeName"], node);
    pod.set(&["spec", "restartPolicy"], "Never");
    pod.set(&["spec", "tolerations"], vec![object([("operator", "Exists")])]);
    pod.set(&["status"], Value::object());
    options.profile.apply(&mut pod, &container, Style::Node, &kubectl.arguments);
    customize(kubectl, options, &mut pod, &container, "containers")?;
    let key = pod_key(kubectl, &pod);
    Ok((send(kubectl, Request::new(Asked::Create(Body::Value(pod)), key))?, container))
}

fn send(kubectl: &mut Kubectl, request: Request) -> Outcome<Value> {
    match kubectl.ask_object(request)? {
        Ok(value) => Ok(value),
        Err(status) => Err(kubectl.fail(Problem::from(status))),
    }
}

/// What a Pod is called: in its own Namespace, or in that of the command.
fn pod_key(kubectl: &Kubectl, pod: &Value) -> ObjectKey {
    let own = text(pod, &["metadata", "namespace"]);
    let namespace = if own.is_empty() { kubectl.namespace() } else { own.into() };
    ObjectKey::new(Kind::Pod, namespace, name(pod))
}

fn has(pod: &Value, field: &str, name: &str) -> bool {
    list(pod, &["spec", field]).iter().any(|container| text(container, &["name"]) == name)
}

/// The name of a new container: the one given, or one that no other has.
fn container_name(kubectl: &mut Kubectl, options: &Options, pod: &Value) -> Str {
    if !options.container.is_empty() {
        return options.container.clone();
    }
    loop {
        let name = format!("debugger-{}", suffix(kubectl.shell.chance(), 5));
        if !LISTS.iter().any(|field| has(pod, field, &name)) {
            if !options.is_quiet {
                kubectl.line(&format!("Defaulting debug container name to {name}."));
            }
            return name.into();
        }
    }
}

/// Changes the first container of a name.
fn container_named(pod: &mut Value, name: &str, change: impl FnOnce(&mut Value)) {
    let Some(field) = LISTS.iter().find(|field| has(pod, field, name)) else { return };
    let mut containers = list(pod, &["spec", field]).to_vec();
    if let Some(container) = containers.iter_mut().find(|one| text(one, &["name"]) == name) {
        change(container);
    }
    pod.set(&["spec", field], containers);
}

/// Merges the profile of a file into the container (`--custom`).
fn customize(kubectl: &mut Kubectl, options: &Options, pod: &mut Value, name: &str, field: &str) -> Outcome {
    let Some(custom) = &options.custom else { return Ok(()) };
    let mut custom = custom.clone();
    custom.set(&["name"], name);
    let mut containers = list(pod, &["spec", field]).to_vec();
    let Some(container) = containers.iter_mut().find(|one| text(one, &["name"]) == name) else {
        let what = if field == "containers" { "container" } else { "ephemeral container" };
        let why = format!("unable to find the {name} {what} in the pod {}", self::name(pod));
        return Err(kubectl.fail(why));
    };
    // It is merged as a container of a Pod is.
    let of = |container: &Value| {
        let mut pod = Value::object();
        pod.set(&["spec", "containers"], vec![container.clone()]);
        pod
    };
    match strategic_merge("v1", "Pod", &of(container), &of(&custom)) {
        Ok(merged) => {
            *container = list(&merged, &["spec", "containers"]).first().cloned().unwrap_or_default();
            pod.set(&["spec", field], containers);
            Ok(())
        }
        Err(why) => {
            Err(kubectl.fail(format!("error creating three way patch to add debug container: {why}")))
        }
    }
}

/// Says that what a profile grants may be worth nothing to a user who is not root (upstream: displayWarning).
fn warn(kubectl: &mut Kubectl, container: &Value, pod: &Value) -> Outcome {
    let path = ["spec", "securityContext"];
    if pod.at(&path).is_none() {
        // A Pod of a file may have none, and upstream does not look whether it has.
        kubectl.complain("panic: runtime error: invalid memory address or nil pointer dereference");
        return Err(Stop::Exit(2));
    }
    let user = |value: &Value| number(value, &["securityContext", "runAsUser"]);
    let is_root = container.at(&["securityContext", "runAsUser"]).is_some() && user(container) == 0;
    let may_more = is(container, &["securityContext", "privileged"])
        || !list(container, &["securityContext", "capabilities", "add"]).is_empty();
    if number(pod, &["spec", "securityContext", "runAsUser"]) != 0 && !is_root && may_more {
        kubectl.complain(MAY_NOT_WORK);
    }
    Ok(())
}
