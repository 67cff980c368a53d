//! `kubectl set image` (upstream: kubectl `cmd/set/set_image.go`).

use super::Verb;
use crate::api::patch::two_way;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::flags::{Takes, flag, short};
use crate::kubectl::pairs;
use crate::kubectl::resources::Finder;
use crate::value::{Map, Str, Value};

pub(super) const VERB: Verb = Verb {
    name: "set image",
    aliases: &[],
    flags: &[
        flag("all", Takes::Switch),
        short("selector", 'l', Takes::Text),
        short("filename", 'f', Takes::Text),
        short("recursive", 'R', Takes::Switch),
        short("output", 'o', Takes::Text),
        flag("dry-run", Takes::TextOr("unchanged")),
        flag("record", Takes::Switch),
    ],
    run,
};

fn run(kubectl: &mut Kubectl) -> Outcome {
    let pairs = match pairs::read(&kubectl.arguments.words, "image", false) {
        Ok(pairs) => pairs,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let mut problems = Vec::new();
    if pairs.resources.is_empty() && kubectl.arguments.text("filename").is_none() {
        let why = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        problems.push(Problem::Own(why.into()));
    }
    if pairs.new.is_empty() {
        problems.push(Problem::Own("at least one image update is required".into()));
    } else if pairs.new.len() > 1 && pairs.new.iter().any(|(name, _)| &**name == "*") {
        let why = "all containers are already specified by *, but saw more than one container_name=container_image pairs";
        problems.push(Problem::Own(why.into()));
    }
    kubectl.fail_all(problems)?;
    let kind_means_all = kubectl.arguments.is("all");
    let found = kubectl.find(&pairs.resources, Finder { kind_means_all, reads: true, one_kind: false })?;
    let mut problems = found.problems;
    for info in &found.infos {
        let before = info.value();
        let Some(path) = pod_spec(&before) else {
            let title = info.title();
            let kind = info.kind;
            problems.push(Problem::Own(format!(
                "error: {title} the object is not a pod or does not have a pod template: {kind}\n"
            )));
            continue;
        };
        let mut after = before.clone();
        for (container, image) in &pairs.new {
            if !set(&mut after, path, container, image) {
                problems.push(Problem::Own(format!("error: unable to find container named \"{container}\"")));
            }
        }
        let patch = two_way(text(&before, &["apiVersion"]), text(&before, &["kind"]), &before, &after);
        if patch.as_object().is_none_or(Map::is_empty) {
            continue;
        }
        let patched = if kubectl.is_client_dry_run() {
            Ok(after)
        } else {
            kubectl.patch(info.key(), PatchKind::Strategic, patch, "kubectl-set")?
        };
        match patched {
            Ok(value) => kubectl.report(&value, "image updated")?,
            Err(status) => problems.push(Problem::Own(format!(
                "failed to patch image update to pod template: {}",
                status.message
            ))),
        }
    }
    kubectl.fail_all(problems)
}

/// Where an object has a Pod's spec.
pub(crate) fn pod_spec(value: &Value) -> Option<&'static [&'static str]> {
    const PLACES: [&[&str]; 3] =
        [&["spec", "jobTemplate", "spec", "template", "spec"], &["spec", "template", "spec"], &["spec"]];
    PLACES.into_iter().find(|path| value.at(path).is_some_and(|spec| spec.get("containers").is_some()))
}

/// Gives a container (`*`: all) an image; false where there is none of the name.
fn set(value: &mut Value, path: &[&str], name: &str, image: &Str) -> bool {
    let mut is_found = false;
    for list in ["initContainers", "containers"] {
        let path: Vec<&str> = path.iter().copied().chain([list]).collect();
        let Some(items) = value.at(&path).and_then(Value::as_array) else { continue };
        let mut items = items.to_vec();
        for item in &mut items {
            if name == "*" || text(item, &["name"]) == name {
                item.set(&["image"], image.clone());
                is_found = true;
            }
        }
        value.set(&path, items);
    }
    is_found
}
