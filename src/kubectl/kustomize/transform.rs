//! What a kustomization does to its objects, in kustomize's order: patches, Namespace, prefix, suffix, labels, annotations,
//! replicas, images.

use super::{Item, documents, is_namespaced, joined};
use crate::api::labels::Selector;
use crate::api::objects::Labels;
use crate::api::patch::{json_patch, strategic_merge};
use crate::kubectl::fields::{is, list, name, number, pairs, text};
use crate::kubectl::process::Files;
use crate::value::{Str, Value};

/// Kinds whose names stay as they are.
const UNNAMED: &[&str] = &["Namespace", "CustomResourceDefinition", "APIService"];
/// Where a kind has a Pod's template, and beside it its selector.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("Deployment", &["spec", "template"]),
    ("ReplicaSet", &["spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
    ("ReplicationController", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
];

/// Does all that a kustomization says.
pub(super) fn all(files: &Files, folder: &str, wanted: &Value, items: &mut Vec<Item>) -> Result<(), String> {
    patches(files, folder, wanted, items)?;
    let namespace = text(wanted, &["namespace"]);
    let (prefix, suffix) = (text(wanted, &["namePrefix"]), text(wanted, &["nameSuffix"]));
    for item in items.iter_mut() {
        if !namespace.is_empty() {
            in_namespace(&mut item.value, namespace);
        }
        let is_renamed = !prefix.is_empty() || !suffix.is_empty();
        if is_renamed && !UNNAMED.contains(&item.kind()) {
            let named = format!("{prefix}{}{suffix}", name(&item.value));
            item.value.set(&["metadata", "name"], named);
        }
        for labels in list(wanted, &["labels"]) {
            let selectors = is(labels, &["includeSelectors"]);
            let templates = selectors || is(labels, &["includeTemplates"]);
            label(&mut item.value, &pairs(labels, &["pairs"]), selectors, templates);
        }
        label(&mut item.value, &pairs(wanted, &["commonLabels"]), true, true);
        annotate(&mut item.value, &pairs(wanted, &["commonAnnotations"]));
        for replicas in list(wanted, &["replicas"]) {
            let is_scaled =
                matches!(item.kind(), "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController");
            if is_scaled && &*item.original == text(replicas, &["name"]) {
                item.value.set(&["spec", "replicas"], number(replicas, &["count"]));
            }
        }
        for image in list(wanted, &["images"]) {
            set_image(&mut item.value, image);
        }
    }
    Ok(())
}

fn in_namespace(value: &mut Value, namespace: &str) {
    if text(value, &["kind"]) == "Namespace" {
        value.set(&["metadata", "name"], namespace);
    } else if is_namespaced(value) {
        value.set(&["metadata", "namespace"], namespace);
    }
    if matches!(text(value, &["kind"]), "RoleBinding" | "ClusterRoleBinding") {
        let mut subjects = list(value, &["subjects"]).to_vec();
        for subject in subjects.iter_mut().filter(|subject| text(subject, &["name"]) == "default") {
            if text(subject, &["kind"]) == "ServiceAccount" {
                subject.set(&["namespace"], namespace);
            }
        }
        value.set(&["subjects"], subjects);
    }
}

/// The path of a kind's template.
fn template(value: &Value) -> Option<&'static [&'static str]> {
    let kind = text(value, &["kind"]);
    TEMPLATES.iter().find(|(of, path)| *of == kind && value.at(path).is_some()).map(|(_, path)| *path)
}

fn add(value: &mut Value, path: &[&str], all: &[(&Str, &Value)]) {
    for (key, text) in all {
        let path: Vec<&str> = path.iter().copied().chain([&***key]).collect();
        value.set(&path, (*text).clone());
    }
}

fn label(value: &mut Value, all: &[(&Str, &Value)], selectors: bool, templates: bool) {
    add(value, &["metadata", "labels"], all);
    let found = template(value).filter(|_| templates);
    if let Some(path) = found {
        let path: Vec<&str> = path.iter().copied().chain(["metadata", "labels"]).collect();
        add(value, &path, all);
        if text(value, &["kind"]) == "CronJob" {
            add(value, &["spec", "jobTemplate", "metadata", "labels"], all);
        }
    }
    if !selectors {
        return;
    }
    match text(value, &["kind"]) {
        "Service" | "ReplicationController" if value.at(&["spec", "selector"]).is_some() => {
            add(value, &["spec", "selector"], all);
        }
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" => {
            add(value, &["spec", "selector", "matchLabels"], all);
        }
        "PodDisruptionBudget" if value.at(&["spec", "selector", "matchLabels"]).is_some() => {
            add(value, &["spec", "selector", "matchLabels"], all);
        }
        "NetworkPolicy" if value.at(&["spec", "podSelector", "matchLabels"]).is_some() => {
            add(value, &["spec", "podSelector", "matchLabels"], all);
        }
        _ => {}
    }
}

fn annotate(value: &mut Value, all: &[(&Str, &Value)]) {
    add(value, &["metadata", "annotations"], all);
    if let Some(path) = template(value) {
        let path: Vec<&str> = path.iter().copied().chain(["metadata", "annotations"]).collect();
        add(value, &path, all);
    }
}

/// Gives the containers with an image of this name another one.
fn set_image(value: &mut Value, image: &Value) {
    let pod: &[&str] = if text(value, &["kind"]) == "Pod" { &[] } else { template(value).unwrap_or(&[]) };
    for field in ["containers", "initContainers"] {
        let path: Vec<&str> = pod.iter().copied().chain(["spec", field]).collect();
        let Some(containers) = value.at(&path).and_then(Value::as_array) else { continue };
        let mut containers = containers.to_vec();
        for container in &mut containers {
            let own = text(container, &["image"]);
            let (bare, digest) = own.split_once('@').map_or((own, ""), |(bare, digest)| (bare, digest));
            let colon = bare.rfind(':').filter(|at| !bare[*at..].contains('/'));
            let (repository, tag) = colon.map_or((bare, ""), |at| (&bare[..at], &bare[at + 1..]));
            if repository != text(image, &["name"]) {
                continue;
            }
            let new = |field: &str| Some(text(image, &[field])).filter(|text| !text.is_empty());
            let repository = new("newName").unwrap_or(repository);
            let named = match (new("digest"), new("newTag")) {
                (Some(digest), _) => format!("{repository}@{digest}"),
                (None, Some(tag)) => format!("{repository}:{tag}"),
                (None, None) if !digest.is_empty() => format!("{repository}@{digest}"),
                (None, None) if tag.is_empty() => repository.to_owned(),
                (None, None) => format!("{repository}:{tag}"),
            };
            container.set(&["image"], named);
        }
        value.set(&path, containers);
    }
}

/// Whether a patch is for an object.
fn is_target(item: &Item, target: &Value) -> bool {
    let value = &item.value;
    let (group, version) =
        text(value, &["apiVersion"]).split_once('/').unwrap_or(("", text(value, &["apiVersion"])));
    let own = [
        ("group", group),
        ("version", version),
        ("kind", item.kind()),
        ("name", &item.original),
        ("namespace", text(value, &["metadata", "namespace"])),
    ];
    let fits = |(field, own): &(&str, &str)| match text(target, &[field]) {
        "" => true,
        wanted => wanted == *own || wanted == ".*",
    };
    let selector = Selector::parse(text(target, &["labelSelector"]));
    let labels: Labels = pairs(value, &["metadata", "labels"])
        .into_iter()
        .filter_map(|(key, text)| Some((key.clone(), Str::from(text.as_str()?))))
        .collect();
    own.iter().all(fits) && selector.is_ok_and(|selector| selector.matches(&labels))
}

fn patches(files: &Files, folder: &str, wanted: &Value, items: &mut Vec<Item>) -> Result<(), String> {
    let read = |path: &str| {
        let path = joined(folder, path);
        let lacking = || {
            format!(
                "failed to get the patch file from path({path}): open /home/podium/{path}: no such file or directory"
            )
        };
        files.get(&*path).cloned().ok_or_else(lacking)
    };
    for strategic in list(wanted, &["patchesStrategicMerge"]).iter().filter_map(Value::as_str) {
        let given = if strategic.contains('\n') { strategic.into() } else { read(strategic)? };
        apply(items, None, &given)?;
    }
    for patch in list(wanted, &["patches"]).iter().chain(list(wanted, &["patchesJson6902"])) {
        let given = match text(patch, &["path"]) {
            "" => text(patch, &["patch"]).into(),
            path => read(path)?,
        };
        apply(items, patch.get("target"), &given)?;
    }
    Ok(())
}

/// Applies the patches of a text: operations on what is targeted, or parts of objects.
fn apply(items: &mut Vec<Item>, target: Option<&Value>, given: &str) -> Result<(), String> {
    for patch in documents("patch", given)? {
        let own = target.cloned().unwrap_or_else(|| {
            let mut own = Value::object();
            own.set(&["kind"], text(&patch, &["kind"]));
            own.set(&["name"], name(&patch));
            own
        });
        let mut is_found = false;
        for item in items.iter_mut().filter(|item| is_target(item, &own)) {
            is_found = true;
            if patch.as_array().is_some() {
                item.value = json_patch(&item.value, &patch)?;
                continue;
            }
            let [version, kind] = ["apiVersion", "kind"].map(|field| text(&item.value, &[field]).to_owned());
            let mut patch = patch.clone();
            // The patch names what it is for and does not rename it.
            patch.set(&["metadata", "name"], name(&item.value));
            item.value = strategic_merge(&version, &kind, &item.value, &patch)?;
        }
        if !is_found && target.is_none() {
            let (kind, name) = (text(&patch, &["kind"]), name(&patch));
            return Err(format!(
                "no resource matches strategic merge patch \"{kind}.v1.[noGrp]/{name}.[noNs]\": no matches for Id; failed to find unique target for patch"
            ));
        }
    }
    let is_deleted =
        |item: &Item| text(&item.value, &["$patch"]) == "delete" || item.value.as_object().is_none();
    items.retain(|item| !is_deleted(item));
    Ok(())
}
