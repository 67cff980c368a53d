//! `kubectl set image` (upstream: kubectl `cmd/set/set_image.go`).

use super::{Verb, change, find, no_template};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::pairs;
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "set image", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let pairs = match pairs::read(&kubectl.arguments.words, "image", false) {
        Ok(pairs) => pairs,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let mut problems = Vec::new();
    if pairs.resources.is_empty() && kubectl.arguments.text("filename").is_none() {
        let why = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        problems.push(Problem::Own(why.into()));
        // What `set image` is about is looked up before it is asked whether anything changes.
        kubectl.find(&pairs.resources, crate::kubectl::resources::Finder::default())?;
    }
    if pairs.new.is_empty() {
        problems.push(Problem::Own("at least one image update is required".into()));
    } else if pairs.new.len() > 1 && pairs.new.iter().any(|(name, _)| &**name == "*") {
        let why = "all containers are already specified by *, but saw more than one container_name=container_image pairs";
        problems.push(Problem::Own(why.into()));
    }
    kubectl.fail_all(problems)?;
    let (infos, problems) = find(kubectl, &pairs.resources)?;
    change(
        kubectl,
        &infos,
        problems,
        ("image updated", "failed to patch image update to pod template:"),
        |_, before, problems| {
            let Some(path) = pod_spec(before) else { return Ok(Err(no_template(before))) };
            let mut after = before.clone();
            for (container, image) in &pairs.new {
                if !set(&mut after, path, container, image) {
                    let why = format!("error: unable to find container named \"{container}\"");
                    problems.push(Problem::Own(why));
                }
            }
            Ok(Ok(after))
        },
    )
}

/// Where an object has a Pod's spec.
pub(in crate::kubectl::verbs) fn pod_spec(value: &Value) -> Option<&'static [&'static str]> {
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
