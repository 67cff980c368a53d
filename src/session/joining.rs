//! Which Linux namespaces a Pod's containers have together, or with their node: fields that are put into its manifest or taken
//! away there. Of a Pod that is there they cannot be changed, so what comes of it is another Pod.

use super::{File, Session};
use crate::api::objects::Pod;
use crate::api::read::{ReadDocument, read};
use crate::api::toggled::{is_true, toggled};
use crate::api::{Kind, ObjectKey};
use crate::manifest::Node;
use crate::timeline::View;
use crate::value::Str;

/// The fields, in the order in which the view of a Pod has their namespaces.
pub const FIELDS: [&str; 4] = ["shareProcessNamespace", "hostPID", "hostNetwork", "hostIPC"];

/// The two that the API server does not take together: all of the node's processes are seen, or those of the Pod.
const APART: [&str; 2] = ["shareProcessNamespace", "hostPID"];

/// In files longer than this nobody looks for the Pod.
const LONGEST: usize = 100_000;

/// A field of a Pod's manifest, as it could be instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// The field of the Pod's spec.
    pub field: &'static str,
    /// Whether it is true in the manifest now.
    pub is_set: bool,
    /// The file that has the manifest.
    pub file: Str,
    /// The whole text of the file with the field the other way.
    pub text: String,
    /// The command that has the Pod replaced by one of that text.
    pub command: Str,
}

/// What could be the other way in the manifest that a Pod came from; nothing where no file has it.
pub fn joinings(session: &Session, view: View, pod: &Pod) -> Vec<Joining> {
    let top = top(view, pod);
    let found = session.files().iter().find_map(|file| {
        if file.text.len() > LONGEST {
            return None;
        }
        let read = read(&file.text);
        let is_it = |document: &&ReadDocument| {
            document.object.as_ref().map(|object| object.key()).is_some_and(|key| {
                let namespace = if key.namespace.is_empty() {
                    &session.timeline().start().namespace
                } else {
                    &key.namespace
                };
                (key.kind, namespace, &key.name) == (top.kind, &top.namespace, &top.name)
            })
        };
        let document = read.documents.iter().find(is_it)?;
        Some((file, document.node.clone()))
    });
    let Some((file, document)) = found else { return Vec::new() };
    FIELDS.iter().filter_map(|field| joining(file, &document, &top, field)).collect()
}

fn joining(file: &File, document: &Node, top: &ObjectKey, field: &'static str) -> Option<Joining> {
    let spec = spec(document, top.kind)?;
    let text = toggled(&file.text, spec, field)?;
    let is_set = is_true(spec, field);
    let other = APART.iter().find(|other| APART.contains(&field) && **other != field);
    let text = match other.filter(|other| !is_set && is_true(spec, other)) {
        // The other one gives way, from the end of the text on so that what is before it stays where it is.
        Some(other) => {
            let without = toggled(&file.text, spec, other)?;
            let read = read(&without);
            let again = read.documents.iter().find(|document| {
                let key = document.object.as_ref().map(|object| object.key());
                key.is_some_and(|key| key.kind == top.kind && key.name == top.name)
            })?;
            toggled(&without, self::spec(&again.node, top.kind)?, field)?
        }
        None => text,
    };
    let apply = file.apply_line();
    let command = match top.kind {
        Kind::Pod => {
            let namespace = match &*top.namespace {
                "default" => String::new(),
                other => format!(" -n {other}"),
            };
            format!("kubectl delete pod {}{namespace} && {apply}", top.name).into()
        }
        _ => apply,
    };
    Some(Joining { field, is_set, file: file.name.clone(), text, command })
}

/// Who made a Pod, and who made that: what somebody has written.
fn top(view: View, pod: &Pod) -> ObjectKey {
    let meta = &pod.metadata;
    let mut top = ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
    while let Some((object, _)) = view.last_known(&top)
        && let Some(owner) =
            object.meta().owner_references.iter().find(|owner| owner.controller == Some(true))
        && let Some(kind) = Kind::named(&owner.kind)
    {
        top = ObjectKey::new(kind, top.namespace.clone(), owner.name.clone());
    }
    top
}

/// The Pod's spec in a document of those kinds that replace their Pods when it changes.
fn spec(document: &Node, kind: Kind) -> Option<&Node> {
    let spec = document.get("spec")?;
    match kind {
        Kind::Pod => Some(spec),
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet => spec.get("template")?.get("spec"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::cluster::time::SECOND;
    use crate::session::Action;
    use std::rc::Rc;

    fn played(text: &str) -> Session {
        let file = File { name: "app.yaml".into(), text: text.into() };
        let mut session = Session::new(Setup::with_seed(1), "default", vec![file]);
        session.apply(Action::Apply);
        run(&mut session);
        session
    }

    fn run(session: &mut Session) {
        while session.run(session.at() + 60 * SECOND, 10_000).0 {}
        session.show(session.at() + 60 * SECOND);
        while session.run(session.at(), 10_000).0 {}
    }

    fn pods(session: &Session) -> Vec<Rc<Pod>> {
        let view = session.timeline().at(session.at());
        view.objects(Kind::Pod, None).filter_map(|object| object.get::<Pod>().cloned()).collect()
    }

    #[test]
    fn a_pod_is_replaced_by_one_that_joins() {
        let mut session = played(
            "kind: Pod # mine\napiVersion: v1\nmetadata: {name: two}\nspec:\n  terminationGracePeriodSeconds: 1\n  containers:\n  \
             - {name: a, image: 'busybox:1.36', command: [sleep, '3600']}\n  - {name: b, image: 'busybox:1.36', command: [sleep, '3600']}\n",
        );
        let before = pods(&session).remove(0);
        let view = session.timeline().at(session.at());
        let found = joinings(&session, view, &before);
        assert_eq!(found.iter().map(|joining| joining.field).collect::<Vec<_>>(), FIELDS);
        assert!(found.iter().all(|joining| !joining.is_set));
        let share = found[0].clone();
        assert_eq!(&*share.command, "kubectl delete pod two && kubectl apply -f app.yaml");
        session.apply(Action::EditFile(share.file, share.text.into()));
        session.apply(Action::Command(share.command));
        run(&mut session);
        let after = pods(&session).remove(0);
        assert_eq!(after.spec.share_process_namespace, Some(true));
        assert_ne!(after.metadata.uid, before.metadata.uid);
        let view = session.timeline().at(session.at());
        let again = joinings(&session, view, &after);
        assert!(again[0].is_set);
        assert!(
            again[0].text.starts_with("kind: Pod # mine\n"),
            "what somebody wrote stays: {}",
            again[0].text
        );
        // The API server takes one of the two.
        assert!(!again[1].text.contains("shareProcessNamespace"), "{}", again[1].text);
        assert!(again[1].text.contains("hostPID: true"), "{}", again[1].text);
    }

    #[test]
    fn the_template_of_a_deployment_is_changed_and_applied() {
        let session = played(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    \
             metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: 'nginx:1.25'}]}\n",
        );
        let pod = pods(&session).remove(0);
        let found = joinings(&session, session.timeline().at(session.at()), &pod);
        assert_eq!(&*found[2].command, "kubectl apply -f app.yaml");
        assert!(found[2].text.contains("spec: {hostNetwork: true, containers:"), "{}", found[2].text);
        let other = session.files()[0].clone();
        let mut without =
            Session::new(Setup::with_seed(1), "default", vec![File { text: "".into(), ..other }]);
        without.apply(Action::Apply);
        assert_eq!(joinings(&without, session.timeline().at(session.at()), &pod), [], "no file has it");
    }
}
