//! `kubectl patch` (upstream: kubectl `cmd/patch`).

use super::Verb;
use crate::api::patch::{json_merge, json_patch, strategic_merge};
use crate::cluster::request::{PatchKind, Request, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::manifests;
use crate::kubectl::resources::Finder;
use crate::value::Value;

pub(super) const VERB: Verb = Verb { name: "patch", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let given = kubectl.arguments.text("patch").filter(|text| !text.is_empty()).cloned();
    let file = kubectl.arguments.text("patch-file").cloned();
    let patch = match (given, file) {
        (Some(_), Some(_)) => {
            return Err(kubectl.fail("cannot specify --patch and --patch-file together".to_owned()));
        }
        (None, None) => {
            let why = "must specify --patch or --patch-file containing the contents of the patch";
            return Err(kubectl.fail(why.to_owned()));
        }
        (Some(text), None) => text,
        (None, Some(file)) => match kubectl.shell.read(&file) {
            Ok(text) => text,
            Err(why) => {
                let why = why.to_ascii_lowercase();
                return Err(kubectl.fail(format!("unable to read patch file: open {file}: {why}")));
            }
        },
    };
    let kind = kubectl.arguments.text("type").map_or("strategic".into(), |kind| kind.to_ascii_lowercase());
    let kind = match &*kind {
        "json" => PatchKind::Json,
        "merge" => PatchKind::Merge,
        "strategic" => PatchKind::Strategic,
        other => {
            let why = format!("--type must be one of [json merge strategic], not \"{other}\"");
            return Err(kubectl.fail(why));
        }
    };
    let patch = match manifests::one(&patch) {
        Ok(value) => value,
        Err(why) => {
            return Err(kubectl.fail(format!("unable to parse \"{}\": {why}", patch.escape_debug())));
        }
    };
    let words = kubectl.arguments.words.clone();
    let found = kubectl.find(&words, Finder { reads: true, ..Finder::default() })?;
    let mut problems = found.problems;
    if found.infos.is_empty() && problems.is_empty() {
        return Err(kubectl.fail("no objects passed to patch".to_owned()));
    }
    for info in &found.infos {
        let before = info.value();
        let patched = if kubectl.is_client_dry_run() || kubectl.arguments.is("local") {
            apply(kind, &before, &patch).map_err(Problem::Own)
        } else {
            let subresource = kubectl.subresource()?;
            let request = Request {
                field_manager: Some("kubectl-patch".into()),
                dry_run: kubectl.is_server_dry_run(),
                ..Request::new(Asked::Patch(kind, patch.clone()), info.key()).at(subresource)
            };
            kubectl.ask_object(request)?.map_err(|status| {
                if !info.kind.is_custom() || kind != PatchKind::Strategic {
                    return Problem::from(status);
                }
                Problem::Own(format!(
                    "application/strategic-merge-patch+json is not supported by {}, Kind={}: {}",
                    text(&before, &["apiVersion"]),
                    info.kind,
                    status.message
                ))
            })
        };
        match patched {
            Ok(value) => {
                let done = if value == before { "patched (no change)" } else { "patched" };
                kubectl.report_plainly(&value, done)?;
            }
            Err(problem) => problems.push(problem),
        }
    }
    kubectl.fail_all(problems)
}

fn apply(kind: PatchKind, value: &Value, patch: &Value) -> Result<Value, String> {
    match kind {
        PatchKind::Json => json_patch(value, patch),
        PatchKind::Merge => Ok(json_merge(value, patch)),
        PatchKind::Strategic => {
            strategic_merge(text(value, &["apiVersion"]), text(value, &["kind"]), value, patch)
        }
    }
}
