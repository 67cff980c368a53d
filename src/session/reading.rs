//! What is read in the open file. A file is read together with the others: a Service in one may select the Pods of
//! another, and what the cluster holds is not missing.
//!
//! What an example has brought counts for that example alone where a text of a person's own would lean on it unawares: a
//! mistake in that text stays one, though the example that runs happens to make up for it.

use super::{File, examples};
use crate::api::memory::Memory;
use crate::api::objects::NodeStatus;
use crate::api::read::{Read, read_all_recalling};
use crate::api::{Kind, Object, ObjectKey};
use crate::kubectl::LAST_APPLIED;
use crate::manifest::{Diagnostic, Severity, at_once, note};
use crate::msg;
use crate::timeline::View;
use crate::value::Str;
use std::rc::Rc;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What was read in the open file.
    pub open: Read,
    /// What was read in the other files; at the place of the open one nothing.
    others: Vec<Read>,
    /// The objects of all files.
    pub written: Vec<ObjectKey>,
}

impl Reading {
    /// What was read in each file, where `open` is the place of the open one.
    pub fn all(&self, open: usize) -> impl Iterator<Item = &Read> {
        self.others.iter().enumerate().map(move |(at, read)| if at == open { &self.open } else { read })
    }
}

/// The kinds whose objects count for what is read.
const KNOWN: &[Kind] = &[
    Kind::ConfigMap,
    Kind::CustomResourceDefinition,
    Kind::Deployment,
    Kind::Namespace,
    Kind::Node,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
    Kind::PriorityClass,
    Kind::Secret,
    Kind::Service,
    Kind::ServiceAccount,
    Kind::StatefulSet,
    Kind::StorageClass,
];

/// What the cluster holds and a text may count on, without what changes all the time and says nothing of a text.
pub fn existing(view: &View) -> Vec<Object> {
    KNOWN.iter().flat_map(|kind| view.objects(*kind, None)).map(lasting).collect()
}

fn lasting(object: &Object) -> Object {
    let mut object = object.clone();
    match &mut object {
        Object::Deployment(deployment) => Rc::make_mut(deployment).status = Default::default(),
        Object::StatefulSet(set) => Rc::make_mut(set).status = Default::default(),
        Object::PersistentVolumeClaim(claim) => Rc::make_mut(claim).status = Default::default(),
        Object::PersistentVolume(volume) => Rc::make_mut(volume).status = Default::default(),
        Object::Node(node) => {
            let status = &mut Rc::make_mut(node).status;
            *status =
                NodeStatus { allocatable: std::mem::take(&mut status.allocatable), ..Default::default() };
        }
        _ => return object,
    }
    object.meta_mut().resource_version = Str::default();
    object
}

/// A longer text takes long to read, and is read but once.
const READ_TWICE: usize = 300_000;

/// Reads the files for the one at `open`. `existing` is what the cluster holds, and `memory` what was read before.
pub fn read(files: &[File], open: usize, existing: &[Object], memory: &mut Memory) -> Reading {
    at_once(read_in_steps(files, open, existing, memory, &mut async || {}))
}

/// The same with pauses.
pub async fn read_in_steps(
    files: &[File],
    open: usize,
    existing: &[Object],
    memory: &mut Memory,
    pause: &mut impl AsyncFnMut(),
) -> Reading {
    memory.turn();
    let texts: Vec<&str> = files.iter().map(manifest).collect();
    let mut reads = read_all_recalling(&texts, existing, memory, pause).await;
    let documents = reads.iter().flat_map(|read| &read.documents);
    let written = documents.filter_map(|document| document.key.clone()).collect();
    let mut read = reads.get_mut(open).map(std::mem::take).unwrap_or_default();
    if let Some(own) = read_alone(files, open, existing, memory, pause).await {
        let owner = files.get(open).and_then(|file| examples::of_text(&file.text));
        take_over(&mut read, own, existing.iter().any(|object| is_lent(object, owner)));
    }
    Reading { open: read, others: reads, written }
}

/// What is read of a file: a note in Markdown is no manifest, and its manifests are files of their own.
fn manifest(file: &File) -> &str {
    if note(&file.text).is_some() { "" } else { &file.text }
}

/// The open file, read without what examples have brought that it is not of. None where there is nothing of that sort.
async fn read_alone(
    files: &[File],
    open: usize,
    existing: &[Object],
    memory: &mut Memory,
    pause: &mut impl AsyncFnMut(),
) -> Option<Read> {
    let text = &files.get(open)?.text;
    if text.len() > READ_TWICE {
        return None;
    }
    let owner = examples::of_text(text);
    let is_own = |file: &&File| examples::of_text(&file.text) == owner;
    let texts: Vec<&str> = files.iter().filter(is_own).map(manifest).collect();
    let place = files[..open].iter().filter(is_own).count();
    let own: Vec<Object> = existing.iter().filter(|object| !is_lent(object, owner)).cloned().collect();
    if texts.len() == files.len() && own.len() == existing.len() {
        return None;
    }
    read_all_recalling(&texts, &own, memory, pause).await.into_iter().nth(place)
}

/// Whether an object of the cluster is one that another example has made.
fn is_lent(object: &Object, owner: Option<&'static str>) -> bool {
    object.kind() == Kind::Namespace
        && object.meta().annotations.contains_key(LAST_APPLIED)
        && examples::makers(&object.key()).any(|maker| Some(maker) != owner)
}

/// Takes over what is only told by the file alone, and leaves out what is only told because of an example. A Namespace
/// that only stands in an example's file is missing; one that the cluster has from an example is lent.
fn take_over(read: &mut Read, own: Read, is_lent: bool) {
    let is_in = |list: &[Diagnostic], found: &Diagnostic| {
        list.iter().any(|other| (other.code, other.span) == (found.code, found.span))
    };
    read.diagnostics.retain(|found| found.code != "same-object-twice" || is_in(&own.diagnostics, found));
    for mut found in own.diagnostics {
        if found.code == "namespace-missing" && !is_in(&read.diagnostics, &found) {
            if is_lent {
                found.code = msg!("namespace-lent");
                found.severity = Severity::Warning;
                found.consequence = Some(msg!("namespace-not-found-elsewhere"));
            }
            read.diagnostics.push(found);
        }
    }
    read.diagnostics.sort_by_key(|found| found.span.start);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Action, Session};

    fn codes(session: &Session, text: &str) -> Vec<&'static str> {
        let mut files = session.files().to_vec();
        files.push(File { name: "own.yaml".into(), text: text.into() });
        let view = session.timeline().at(session.timeline().history().end());
        let existing = existing(&view);
        let reading = read(&files, files.len() - 1, &existing, &mut Memory::default());
        reading.open.diagnostics.iter().map(|found| found.code).collect()
    }

    fn example(id: &'static str) -> Session {
        let mut session = Session::default();
        session.apply(Action::LoadExample(id));
        while session.run(session.at(), 10_000).0 {}
        session
    }

    const NOTE: &str = include_str!("examples/myapp.yaml");

    #[test]
    fn an_example_that_runs_makes_up_for_no_mistake_of_a_persons_own() {
        let session = example("deployment");
        // Another text than the example's own, down to one blank.
        let found = codes(&session, &format!("{NOTE}\n"));
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.contains(&"namespace-lent"), "{found:?}");
        // Nor for one of another example.
        assert_eq!(codes(&session, NOTE).len(), 4);
        // Another example's file is open too, and nothing of it runs.
        let mut both = Session::default();
        both.apply(Action::LoadExample("deployment"));
        both.apply(Action::LoadExample("myapp"));
        assert!(both.files().len() > 1);
        let found = read(both.files(), both.open_place(), &[], &mut Memory::default()).open.diagnostics;
        assert!(found.iter().any(|found| found.code == "namespace-missing"), "{found:?}");
        // Where nothing makes it, it is missing.
        assert!(codes(&Session::default(), NOTE).contains(&"namespace-missing"));
        // The Deployment of the example is another text's, whatever it is called.
        let mended = include_str!("examples/web.yaml").replace("replicas: 3", "replicas: 2");
        assert_eq!(codes(&session, &mended), [""; 0]);
    }

    #[test]
    fn what_a_person_has_made_is_there() {
        let mut session = Session::default();
        session.apply(Action::Command("kubectl create namespace myapp-ns".into()));
        while session.run(session.at(), 10_000).0 {}
        let found = codes(&session, NOTE);
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_definition_that_the_cluster_has_is_known_in_a_file_without_it() {
        const DEFINITION: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boxes.demo.example.com}
spec:
  group: demo.example.com
  scope: Cluster
  names: {plural: boxes, kind: Box}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
"#;
        const BOX: &str =
            "apiVersion: demo.example.com/v1\nkind: Box\nmetadata: {name: small}\nspec: {size: 1}\n";
        let mut session = Session::default();
        assert!(codes(&session, BOX).contains(&"unknown-resource"));
        session.apply(Action::AddFile("boxes.yaml".into(), DEFINITION.into()));
        session.apply(Action::Apply);
        while session.run(session.at(), 10_000).0 {}
        session.apply(Action::RemoveFile("boxes.yaml".into()));
        let found = codes(&session, BOX);
        let is_strange = |code: &&str| matches!(*code, "unknown-resource" | "definition-beside-resource");
        assert!(!found.iter().any(is_strange), "{found:?}");
        assert!(codes(&session, &BOX.replace("size", "sise")).contains(&"misspelt-field"));
    }
}
