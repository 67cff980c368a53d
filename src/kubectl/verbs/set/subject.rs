//! `kubectl set subject`: who a RoleBinding or a ClusterRoleBinding is for (upstream: `set_subject.go`).

use super::{Verb, change, find};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::fields::{list, object, text};
use crate::value::{Str, Value};
use std::collections::BTreeSet;

pub(super) const VERB: Verb = Verb { name: "set subject", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let (infos, problems) = find(kubectl, &words)?;
    if kubectl.arguments.is("all") && kubectl.arguments.text("selector").is_some_and(|text| !text.is_empty())
    {
        return Err(kubectl.fail("cannot set --all and --selector at the same time".to_owned()));
    }
    let given = |flag: &str| kubectl.arguments.list(flag).map(Str::from).collect::<BTreeSet<Str>>();
    let (users, groups, accounts) = (given("user"), given("group"), given("serviceaccount"));
    if users.is_empty() && groups.is_empty() && accounts.is_empty() {
        let why = "you must specify at least one value of user, group or serviceaccount";
        return Err(kubectl.fail(why.to_owned()));
    }
    let is_of_cluster = infos.iter().any(|info| info.kind == Kind::ClusterRoleBinding);
    let own_namespace = kubectl.namespace();
    let mut subjects: Vec<Value> = Vec::new();
    for (kind, names) in [("User", users), ("Group", groups)] {
        subjects.extend(names.into_iter().map(|name| {
            let group = Value::from("rbac.authorization.k8s.io");
            object([("apiGroup", group), ("kind", kind.into()), ("name", name.into())])
        }));
    }
    for account in accounts {
        let (namespace, name) = match account.split_once(':') {
            Some((namespace, name)) if !name.is_empty() && !name.contains(':') => (namespace, name),
            _ => return Err(kubectl.fail("serviceaccount must be <namespace>:<name>".to_owned())),
        };
        if namespace.is_empty() && is_of_cluster {
            let why = "serviceaccount must be <namespace>:<name>, namespace must be specified";
            return Err(kubectl.fail(why.to_owned()));
        }
        let namespace = if namespace.is_empty() { &own_namespace } else { namespace };
        subjects.push(object([
            ("kind", Value::from("ServiceAccount")),
            ("name", name.into()),
            ("namespace", namespace.into()),
        ]));
    }
    change(
        kubectl,
        &infos,
        problems,
        ("subjects updated", "failed to patch subjects to rolebinding:"),
        |_, before, _| {
            if !matches!(text(before, &["kind"]), "RoleBinding" | "ClusterRoleBinding") {
                return Ok(Err(
                    "setting subjects is only supported for RoleBinding/ClusterRoleBinding".to_owned()
                ));
            }
            let mut all = list(before, &["subjects"]).to_vec();
            for subject in &subjects {
                if !all.contains(subject) {
                    all.push(subject.clone());
                }
            }
            let mut after = before.clone();
            after.set(&["subjects"], all);
            Ok(Ok(after))
        },
    )
}
