//! The revisions of a workload: ReplicaSets of a Deployment, ControllerRevisions of a StatefulSet or a DaemonSet
//! (upstream: kubectl `polymorphichelpers/history.go`).

use super::{CHANGE_CAUSE, REVISION, selector, without_hash};
use crate::api::Kind;
use crate::cluster::request::{Filter, Request};
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::fields::{is, list, number, text};
use crate::kubectl::resources::Info;
use crate::value::Value;

/// A template that a workload has or had.
pub(super) struct Revision {
    /// Its number: the highest is the newest.
    pub(super) number: i64,
    /// The ReplicaSet or the ControllerRevision that keeps it.
    pub(super) kept: Value,
    /// The template.
    pub(super) template: Value,
}

impl Revision {
    fn of(kind: Kind, kept: Value) -> Option<Self> {
        let (number, template) = if kind == Kind::Deployment {
            (text(&kept, &["metadata", "annotations", REVISION]).parse().ok()?, without_hash(&kept))
        } else {
            let mut template = kept.at(&["data", "spec", "template"])?.clone();
            template.make_object().remove("$patch");
            (number(&kept, &["revision"]), template)
        };
        Some(Self { number, kept, template })
    }
    /// Why it came about; empty where nobody said.
    pub(super) fn cause(&self) -> &str {
        text(&self.kept, &["metadata", "annotations", CHANGE_CAUSE])
    }
}

/// Whether a kind keeps its templates.
pub(super) fn are_kept(kind: Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet)
}

/// `Deployment.apps`, as the sentences about missing helpers name a kind.
pub(super) fn group_kind(kind: Kind) -> String {
    let name = format!("{kind}.{}", kind.info().group);
    name.trim_end_matches('.').to_owned()
}

/// A workload as it is now, with its revisions, the oldest first.
pub(super) fn read(kubectl: &mut Kubectl, info: &Info) -> Outcome<Result<(Value, Vec<Revision>), String>> {
    let (kind, name) = (info.kind, &info.name);
    let is_deployment = kind == Kind::Deployment;
    let said = if is_deployment { "deployment".to_owned() } else { kind.to_string() };
    let workload = match kubectl.ask_object(Request::get(info.key()))? {
        Ok(workload) => workload,
        Err(status) => return Ok(Err(format!("failed to retrieve {said} {name}: {}", status.message))),
    };
    let filter = Filter { labels: selector(&workload).into(), ..Filter::default() };
    let namespace = text(&workload, &["metadata", "namespace"]).into();
    let keeps = if is_deployment { Kind::ReplicaSet } else { Kind::ControllerRevision };
    let all = match kubectl.list(keeps, namespace, filter)? {
        Ok(all) => all,
        Err(status) => {
            let what = match is_deployment {
                true => format!("failed to retrieve replica sets from deployment {name}"),
                false => format!("unable to find history controlled by {said} {name}"),
            };
            return Ok(Err(format!("{what}: {}", status.message)));
        }
    };
    let uid = text(&workload, &["metadata", "uid"]);
    let is_own = |kept: &Value| {
        let mut owners = list(kept, &["metadata", "ownerReferences"]).iter();
        owners.any(|owner| text(owner, &["uid"]) == uid && is(owner, &["controller"]))
    };
    let mut revisions: Vec<Revision> =
        all.into_iter().filter(is_own).filter_map(|kept| Revision::of(kind, kept)).collect();
    revisions.sort_by_key(|revision| revision.number);
    Ok(Ok((workload, revisions)))
}
