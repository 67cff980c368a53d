//! `kubectl apply`: what the files say, the server has what it did not yet have, and loses what the last apply
//! had set and this one does not (upstream: kubectl `cmd/apply`).

use super::Verb;
use crate::api::names::path_segment_errors;
use crate::api::patch::{strategic_merge, three_way};
use crate::cluster::request::{PatchKind, Reason, Status};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{name, text};
use crate::kubectl::print::{Format, list, title};
use crate::kubectl::resources::Info;
use crate::kubectl::rounds::Log;
use crate::value::{Map, Value, json};
use std::rc::Rc;

/// Where an object keeps what was last applied.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// How often a patch is tried again that met another change.
const RETRIES: usize = 5;

pub(super) const VERB: Verb = Verb { name: "apply", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    if let Some(words) = Some(&kubectl.arguments.words).filter(|words| !words.is_empty()) {
        let why = format!("Unexpected args: [{}]", words.join(" "));
        return Err(kubectl.misused(&why));
    }
    if kubectl.arguments.text("filename").is_none() {
        return Err(kubectl.fail("must specify one of -f and -k".to_owned()));
    }
    if let Some(why) = contradiction(kubectl) {
        return Err(kubectl.fail(why.to_owned()));
    }
    let begin = |kubectl: &mut Kubectl| {
        let found = kubectl.manifests_to_send()?;
        if found.infos.is_empty() && found.problems.is_empty() {
            return Err(kubectl.fail("no objects passed to apply".to_owned()));
        }
        Ok((found.infos, (Log::default(), (Log::from(found.problems), Log::default()))))
    };
    let (applied, (unread, problems)) = kubectl.each(begin, |kubectl, info, (applied, (_, problems))| {
        match apply(kubectl, info)? {
            Ok((value, done)) => match kubectl.format()? {
                Format::Table { .. } => kubectl.report(&value, done)?,
                _ => applied.push(value),
            },
            Err(problem) => problems.push(problem),
        }
        Ok(())
    })?;
    let applied = applied.to_vec();
    // With -o the objects come at the end: one as it is, several as a list.
    match &applied[..] {
        [] => {}
        [one] => kubectl.report(one, "")?,
        many if kubectl.format()? == Format::Name => {
            for value in many {
                kubectl.line(&title(value));
            }
        }
        many => kubectl.report(&list(many.to_vec()), "")?,
    }
    // What the files are to blame for is one error where the server has others.
    let mut all = unread.to_vec();
    if !problems.is_empty() {
        all = Problem::gathered(&all).into_iter().chain(problems.to_vec()).collect();
    }
    kubectl.fail_all(all)
}

/// Flags that do not go together (upstream: ApplyOptions.Validate).
fn contradiction(kubectl: &Kubectl) -> Option<&'static str> {
    let is = |flag| kubectl.arguments.is(flag);
    let selects = kubectl.arguments.text("selector").is_some_and(|selector| !selector.is_empty());
    if is("force-conflicts") && !is("server-side") {
        return Some("--force-conflicts only works with --server-side");
    }
    if kubectl.is_client_dry_run() && is("server-side") {
        return Some(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        );
    }
    if is("server-side") && is("force") {
        return Some("--force cannot be used with --server-side");
    }
    if kubectl.is_server_dry_run() && is("force") {
        return Some("--dry-run=server cannot be used with --force");
    }
    if is("all") && selects {
        return Some("cannot set --all and --selector at the same time");
    }
    if is("prune") && is("force") {
        return Some("--force cannot be used with --prune");
    }
    if is("prune") && !is("all") && !selects {
        return Some(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the \
             --all flag. If you did not mean to prune all resources, specify a label selector",
        );
    }
    if is("prune") && is("server-side") {
        return Some(
            "--prune is in alpha and doesn't currently work on objects created by server-side apply",
        );
    }
    if kubectl.arguments.text("subresource").is_some() && !is("server-side") {
        return Some("--subresource can only be specified for --server-side");
    }
    None
}

pub(super) type Applied = Result<(Value, &'static str), Problem>;

fn apply(kubectl: &mut Kubectl, info: &Info) -> Outcome<Applied> {
    let value = info.value();
    if info.name.is_empty() {
        let generated = text(&value, &["metadata", "generateName"]);
        return Ok(Err(Problem::Own(if generated.is_empty() {
            let about =
                format!("retrieving current configuration of:\n{}\nfrom server for:", described(info));
            format!("error when {about} \"{}\": resource name may not be empty", info.source)
        } else {
            format!("from {generated}: cannot use generate name with apply")
        })));
    }
    if kubectl.arguments.is("server-side") {
        return super::server_side::apply(kubectl, info);
    }
    let modified = with_last_applied(&value);
    let retrieving = format!("retrieving current configuration of:\n{}\nfrom server for:", described(info));
    if let Some(why) = no_path_segment(&info.name) {
        return Ok(Err(Problem::Own(format!("error when {retrieving} \"{}\": {why}", info.source))));
    }
    match kubectl.get(info.key())? {
        Ok(current) => patch(kubectl, info, &modified, current),
        Err(status) if status.reason != Reason::NotFound => Ok(Err(sourced(&retrieving, info, status))),
        Err(_) => {
            let new = without_nulls(&modified);
            if kubectl.is_client_dry_run() {
                return Ok(Ok((new, "created")));
            }
            let created = kubectl.create(info.key(), new, "kubectl-client-side-apply")?;
            Ok(created.map(|value| (value, "created")).map_err(|status| sourced("creating", info, status)))
        }
    }
}

fn patch(kubectl: &mut Kubectl, info: &Info, modified: &Value, mut current: Value) -> Outcome<Applied> {
    if last_applied(&current).is_none() {
        kubectl.complain(&format!(
            "Warning: resource {} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. \
             kubectl apply should only be used on resources created declaratively by either kubectl create \
             --save-config or kubectl apply. The missing annotation will be patched automatically.",
            resource_name(info)
        ));
    }
    let (api_version, kind) = (text(modified, &["apiVersion"]), text(modified, &["kind"]));
    let mut tries = 0;
    loop {
        let original = last_applied(&current).and_then(|text| json::parse(text).ok()).unwrap_or_default();
        let patch = match three_way(api_version, kind, &original, modified, &current) {
            Ok(patch) => patch,
            Err(why) => return Ok(Err(Problem::Own(why))),
        };
        let is_unchanged = patch.as_object().is_none_or(Map::is_empty);
        let result = if is_unchanged {
            Ok(current.clone())
        } else if kubectl.is_client_dry_run() {
            strategic_merge(api_version, kind, &current, &patch)
                .map_err(|why| Status::new(Reason::BadRequest, why))
        } else {
            kubectl.patch(info.key(), PatchKind::Strategic, patch.clone(), "kubectl-client-side-apply")?
        };
        match result {
            Ok(value) => {
                if value.at(&["metadata", "deletionTimestamp"]).is_some() {
                    kubectl.complain(&format!(
                        "Warning: Detected changes to resource {} which is currently being deleted.",
                        name(&value)
                    ));
                }
                return Ok(Ok((value, if is_unchanged { "unchanged" } else { "configured" })));
            }
            Err(status) if status.reason == Reason::Conflict && tries < RETRIES => {
                tries += 1;
                match kubectl.get(info.key())? {
                    Ok(value) => current = value,
                    Err(status) => return Ok(Err(status.into())),
                }
            }
            Err(status) => {
                let patch = json::compact(&patch);
                let about = format!("applying patch:\n{patch}\nto:\n{}\nfor:", described(info));
                return Ok(Err(sourced(&about, info, status)));
            }
        }
    }
}

/// Why a name cannot stand in an address, as kubectl says it before it asks (upstream: client-go's `rest.Request.Name`).
fn no_path_segment(name: &str) -> Option<String> {
    let whys = path_segment_errors(name);
    (!whys.is_empty()).then(|| format!("invalid resource name {name:?}: [{}]", whys.join(" ")))
}

/// What the server says, with what kubectl was about (upstream: `cmdutil.AddSourceToErr`).
pub(crate) fn sourced(about: &str, info: &Info, status: Rc<Status>) -> Problem {
    if info.source.is_empty() {
        return status.into();
    }
    Problem::Server(format!("error when {about} \"{}\": ", info.source), status)
}

/// An object as kubectl writes about it to itself (upstream: `resource.Info.String`).
fn described(info: &Info) -> String {
    let row = info.kind.info();
    // In the version of the file.
    let api_version = match text(&info.value(), &["apiVersion"]) {
        "" => info.kind.api_version(),
        written => written.to_owned(),
    };
    let api_version = if row.group.is_empty() { format!("/{api_version}") } else { api_version };
    format!(
        "Resource: \"{api_version}, Resource={}\", GroupVersionKind: \"{api_version}, Kind={}\"\nName: \"{}\", Namespace: \"{}\"",
        row.plural, row.name, info.name, info.namespace
    )
}

/// `deployments/web`
pub(crate) fn resource_name(info: &Info) -> String {
    format!("{}/{}", info.kind.info().plural, info.name)
}

/// What was last applied, as the object keeps it.
pub(crate) fn last_applied(value: &Value) -> Option<&str> {
    value.at(&["metadata", "annotations", LAST_APPLIED]).and_then(Value::as_str)
}

/// The object with itself in its annotation: as JSON with sorted keys and a line end.
pub(crate) fn with_last_applied(value: &Value) -> Value {
    let mut value = value.clone();
    let mut annotations = value.at(&["metadata", "annotations"]).cloned().unwrap_or_default();
    annotations.make_object().remove(LAST_APPLIED);
    value.set(&["metadata", "annotations"], annotations);
    let itself = json::compact(&value) + "\n";
    value.set(&["metadata", "annotations", LAST_APPLIED], itself);
    value
}

/// A new object has no `null`: what a patch would take away is not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::from(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect::<Map>())
        }
        Value::Array(items) => Value::from(items.iter().map(without_nulls).collect::<Vec<_>>()),
        other => other.clone(),
    }
}
