//! `kubectl diff`: what `apply` would change, as `diff -u -N` shows it (upstream: kubectl `cmd/diff`).

use super::Verb;
use super::apply::last_applied;
use crate::api::patch::three_way;
use crate::cluster::request::{Body, PatchKind, Reason, Request, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop, kind_of_patch};
use crate::kubectl::fields::text;
use crate::kubectl::resources::Info;
use crate::kubectl::rounds::Log;
use crate::value::{Map, Value, json, yaml};

pub(super) const VERB: Verb = Verb { name: "diff", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    if !kubectl.arguments.words.is_empty() {
        let words = kubectl.arguments.words.join(" ");
        return Err(worse(kubectl.misused(&format!("Unexpected args: [{words}]"))));
    }
    if kubectl.arguments.text("filename").is_none() {
        return Err(worse(kubectl.fail("must specify one of -f and -k".to_owned())));
    }
    let begin = |kubectl: &mut Kubectl| {
        let found = kubectl.manifests(false).map_err(worse)?;
        kubectl.fail_all(found.problems).map_err(worse)?;
        Ok((found.infos, (true, Log::default())))
    };
    let (_, out) = kubectl.each(begin, |kubectl, info, (is_first, out)| {
        let (live, merged) = match both(kubectl, info, std::mem::take(is_first))? {
            Ok(both) => both,
            Err(problem) => return Err(worse(kubectl.fail(problem))),
        };
        let lines = |value: &Option<Value>| match value {
            Some(value) => yaml::print(value).lines().map(str::to_owned).collect(),
            None => Vec::new(),
        };
        let (live, merged): (Vec<String>, Vec<String>) = (lines(&live), lines(&merged));
        let diff = crate::api::unified_diff(&live, &merged);
        if diff.is_empty() {
            return Ok(());
        }
        let row = info.kind.info();
        let group = if row.group.is_empty() { String::new() } else { format!("{}.", row.group) };
        let name = format!("{group}{}.{}.{}.{}", row.version, row.name, info.namespace, info.name);
        let numbers = [kubectl.shell.chance(), kubectl.shell.chance()].map(|bits| bits >> 32);
        let time = kubectl.shell.ask.rfc3339().replace('T', " ").replace('Z', ".000000000 +0000");
        let files =
            [("LIVE", numbers[0]), ("MERGED", numbers[1])].map(|(side, n)| format!("/tmp/{side}-{n}/{name}"));
        out.push(format!("diff -u -N {0} {1}\n--- {0}\t{time}\n+++ {1}\t{time}\n{diff}", files[0], files[1]));
        Ok(())
    })?;
    if out.is_empty() {
        return Ok(());
    }
    kubectl.print(&out.to_vec().concat());
    Err(Stop::Exit(1))
}

/// An exit code of 1 means that something differs; an error is more.
fn worse(stop: Stop) -> Stop {
    match stop {
        Stop::Exit(1) => Stop::Exit(2),
        other => other,
    }
}

type Both = Result<(Option<Value>, Option<Value>), Problem>;

/// The object as it is and as it would be.
fn both(kubectl: &mut Kubectl, info: &Info, is_first: bool) -> Outcome<Both> {
    let modified = without_last_applied(info.value());
    let request = match kubectl.ask_object(Request::get(info.key()))? {
        Ok(current) => {
            // The patch of the first object needs the documents, which are kept then.
            if is_first {
                kubectl.download_schema(std::slice::from_ref(info))?;
            }
            let original = last_applied(&current).and_then(|text| json::parse(text).ok()).unwrap_or_default();
            let (version, kind) = (text(&modified, &["apiVersion"]), text(&modified, &["kind"]));
            let patch = match three_way(version, kind, &original, &modified, &current) {
                Ok(patch) => patch,
                Err(why) => return Ok(Err(Problem::Own(why))),
            };
            if patch.as_object().is_none_or(Map::is_empty) {
                return Ok(Ok((None, None)));
            }
            (Some(current), Asked::Patch(kind_of_patch(info.kind, PatchKind::Strategic), patch))
        }
        Err(status) if status.reason == Reason::NotFound => (None, Asked::Create(Body::Value(modified))),
        Err(status) => return Ok(Err(status.into())),
    };
    let (live, asked) = request;
    let request = Request {
        dry_run: true,
        field_manager: Some("kubectl-client-side-apply".into()),
        ..Request::new(asked, info.key())
    };
    Ok(match kubectl.ask_object(request)? {
        Ok(merged) => Ok((live.map(shown), Some(shown(merged)))),
        Err(status) => Err(status.into()),
    })
}

/// As the file has it, with annotations even where there are none: what `apply` notes of it is not compared.
fn without_last_applied(mut value: Value) -> Value {
    let mut annotations = value.at(&["metadata", "annotations"]).cloned().unwrap_or_else(Value::object);
    annotations.make_object().remove(super::LAST_APPLIED);
    value.set(&["metadata", "annotations"], annotations);
    value
}

/// Without what is not shown.
fn shown(mut value: Value) -> Value {
    let mut metadata = value.at(&["metadata"]).cloned().unwrap_or_default();
    let fields = metadata.make_object();
    fields.remove("managedFields");
    // The server writes no map without entries.
    for name in ["annotations", "labels"] {
        if fields.get(name).and_then(Value::as_object).is_some_and(Map::is_empty) {
            fields.remove(name);
        }
    }
    value.set(&["metadata"], metadata);
    value
}
