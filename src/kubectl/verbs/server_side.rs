//! `kubectl apply --server-side`: the server merges. What an apply on this side had set before is handed over
//! first (upstream: kubectl `cmd/apply`, client-go `util/csaupgrade`).

use super::LAST_APPLIED;
use super::apply::Applied;
use crate::api::managed;
use crate::cluster::request::{PatchKind, Reason, Request, Status, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, object, text};
use crate::kubectl::resources::Info;
use crate::value::{Str, Value};
use std::rc::Rc;

/// Who applies, where nothing else is said.
const MANAGER: &str = "kubectl";
/// Who keeps the annotation of an apply on this side.
const LAST_APPLIED_MANAGER: &str = "kubectl-last-applied";

const ADVICE: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// Applies one object.
pub(super) fn apply(kubectl: &mut Kubectl, info: &Info) -> Outcome<Applied> {
    let manager = kubectl.arguments.text("field-manager").cloned().unwrap_or_else(|| MANAGER.into());
    let force = kubectl.arguments.is("force-conflicts");
    let mut value = match send(kubectl, info, info.value(), &manager, force)? {
        Ok(value) => value,
        Err(status) if status.reason == Reason::Conflict => {
            return Ok(Err(Problem::Own(format!("{}\n{ADVICE}", status.message))));
        }
        Err(status) => return Ok(Err(status.into())),
    };
    if &*manager == MANAGER && !kubectl.is_server_dry_run() {
        value = keep_annotation(kubectl, info, value)?;
        if let Some(entries) = handed_over(&value, &manager)
            && let Ok(_) = hand_over(kubectl, info, &value, entries)?
            && let Ok(again) = send(kubectl, info, info.value(), &manager, force)?
        {
            value = again;
        }
    }
    Ok(Ok((value, "serverside-applied")))
}

type Answer = Result<Value, Rc<Status>>;

fn send(kubectl: &mut Kubectl, info: &Info, value: Value, manager: &str, force: bool) -> Outcome<Answer> {
    let request = Request {
        field_manager: Some(manager.into()),
        dry_run: kubectl.is_server_dry_run(),
        ..Request::new(Asked::Apply(value, force), info.key())
    };
    kubectl.ask_object(request)
}

/// Whether an entry of the owners has the annotation of an apply on this side.
fn has_annotation(entry: &Value) -> bool {
    let path: Vec<Str> = ["f:metadata", "f:annotations"]
        .map(Str::from)
        .into_iter()
        .chain([format!("f:{LAST_APPLIED}").into()])
        .collect();
    entry.get("fieldsV1").is_some_and(|fields| managed::decode(fields).contains(&path))
}

fn owners(value: &Value) -> &[Value] {
    list(value, &["metadata", "managedFields"])
}

/// Gives the annotation an owner, so that it does not go with the next apply.
fn keep_annotation(kubectl: &mut Kubectl, info: &Info, value: Value) -> Outcome<Value> {
    let Some(annotation) = value.at(&["metadata", "annotations", LAST_APPLIED]).cloned() else {
        return Ok(value);
    };
    let is_kept = |entry: &Value| text(entry, &["operation"]) == "Apply" && has_annotation(entry);
    if owners(&value).iter().any(is_kept) {
        return Ok(value);
    }
    let mut just = object([
        ("apiVersion", Value::from(text(&value, &["apiVersion"]))),
        ("kind", text(&value, &["kind"]).into()),
    ]);
    just.set(&["metadata", "annotations", LAST_APPLIED], annotation);
    just.set(&["metadata", "name"], info.name.clone());
    if !info.namespace.is_empty() {
        just.set(&["metadata", "namespace"], info.namespace.clone());
    }
    Ok(send(kubectl, info, just, LAST_APPLIED_MANAGER, false)?.unwrap_or(value))
}

/// The owners after what an apply on this side has set belongs to the applier; none where there is no such.
fn handed_over(value: &Value, manager: &str) -> Option<Vec<Value>> {
    let is_client = |entry: &&Value| text(entry, &["operation"]) == "Update" && has_annotation(entry);
    let client = owners(value).iter().find(is_client)?.clone();
    let mut entries: Vec<Value> = owners(value).iter().filter(|entry| **entry != client).cloned().collect();
    let applier = entries
        .iter_mut()
        .find(|entry| text(entry, &["operation"]) == "Apply" && text(entry, &["manager"]) == manager)?;
    let paths = |entry: &Value| entry.get("fieldsV1").map(managed::decode).unwrap_or_default();
    let mut all = paths(applier);
    all.extend(paths(&client));
    applier.set(&["fieldsV1"], managed::encode(&all));
    Some(entries)
}

fn hand_over(kubectl: &mut Kubectl, info: &Info, value: &Value, entries: Vec<Value>) -> Outcome<Answer> {
    let replace = |path: &str, value: Value| {
        object([("op", Value::from("replace")), ("path", path.into()), ("value", value)])
    };
    let version = text(value, &["metadata", "resourceVersion"]);
    let patch = Value::from(vec![
        replace("/metadata/managedFields", entries.into()),
        replace("/metadata/resourceVersion", version.into()),
    ]);
    kubectl.patch(info.key(), PatchKind::Json, patch, MANAGER)
}
