//! ControllerRevisions: the templates that a workload had
//! (upstream: pkg/controller/history/controller_history.go).

use super::ownership::{can_adopt, controller_reference, owners_patch};
use super::stop::Stop;
use crate::api::Object;
use crate::api::objects::{ControllerRevision, Labels, ObjectMeta, PodTemplateSpec};
use crate::cluster::chance::safe_encode;
use crate::cluster::request::{DeleteOptions, Reason, Request};
use crate::cluster::task::Ask;
use crate::cluster::time::MILLI;
use crate::value::typed::Typed;
use crate::value::{Value, json};
use std::rc::Rc;

/// The label with the hash of a ControllerRevision's data.
const HASH_LABEL: &str = "controller.kubernetes.io/hash";
/// How often a change of a revision that met another change is tried, and the first wait between two
/// (upstream: retry.DefaultBackoff).
const TRIES: u32 = 4;
const FIRST_WAIT: u64 = 10 * MILLI;

/// The patch that brings a template back: what a revision keeps.
pub(super) fn patch_of(template: &PodTemplateSpec) -> Value {
    let mut template = template.encode();
    template.set(&["$patch"], "replace");
    let mut patch = Value::object();
    patch.set(&["spec", "template"], template);
    patch
}

/// The template that a revision brings back.
pub(super) fn template_of(revision: &ControllerRevision) -> Option<PodTemplateSpec> {
    let mut template = revision.data.at(&["spec", "template"])?.clone();
    template.make_object().remove("$patch");
    PodTemplateSpec::decode(&template).ok()
}

/// A revision of an owner that is not written yet.
pub(super) fn new_revision(
    owner: &Object,
    template_labels: &Labels,
    data: Value,
    revision: i64,
    collision_count: i32,
) -> ControllerRevision {
    let hash = hash(&data, collision_count);
    let mut labels = template_labels.clone();
    labels.insert(HASH_LABEL.into(), hash.as_str().into());
    let meta = owner.meta();
    let metadata = ObjectMeta {
        name: name(&meta.name, &hash).into(),
        namespace: meta.namespace.clone(),
        labels,
        annotations: meta.annotations.clone(),
        owner_references: vec![controller_reference(owner)],
        ..ObjectMeta::default()
    };
    ControllerRevision { metadata: Rc::new(metadata), data, revision, ..ControllerRevision::default() }
}

/// An owner's name may be so long in a revision's name.
const LONGEST_PREFIX: usize = 223;

fn name(owner: &str, hash: &str) -> String {
    format!("{}-{hash}", &owner[..owner.len().min(LONGEST_PREFIX)])
}

/// The hash of a revision's data in letters: FNV-1 over its JSON, as a real cluster has it.
fn hash(data: &Value, collision_count: i32) -> String {
    let text = json::compact(data) + &collision_count.to_string();
    let sum = text.bytes().fold(0x811c_9dc5_u32, |sum, byte| sum.wrapping_mul(0x0100_0193) ^ u32::from(byte));
    safe_encode(&sum.to_string())
}

/// The older first.
pub(super) fn sort(revisions: &mut [Rc<ControllerRevision>]) {
    let key = |revision: &Rc<ControllerRevision>| {
        let meta = &revision.metadata;
        (revision.revision, meta.creation_timestamp.clone(), meta.name.clone())
    };
    revisions.sort_by_key(key);
}

/// Writes a new revision. Where its name is taken by one with other data, the hash is counted further.
pub(super) fn create(
    ask: &mut Ask,
    owner: &Object,
    revision: &ControllerRevision,
    collision_count: &mut i32,
) -> Result<Rc<ControllerRevision>, Stop> {
    loop {
        let mut new = revision.clone();
        let meta = Rc::make_mut(&mut new.metadata);
        meta.name = name(&owner.meta().name, &hash(&revision.data, *collision_count)).into();
        let reply = match ask.api(Request::create(new.clone()))? {
            Err(error) if error.reason == Reason::AlreadyExists => {
                ask.api(Request::get(Object::from(new).key()))??
            }
            answer => answer?,
        };
        match reply.object().and_then(|object| object.get::<ControllerRevision>()) {
            Some(there) if there.data == revision.data => return Ok(there.clone()),
            Some(_) => *collision_count += 1,
            None => return Err(Stop::because("the server gave no ControllerRevision")),
        }
    }
}

/// Gives a revision another number.
pub(super) fn renumber(
    ask: &mut Ask,
    revision: &Rc<ControllerRevision>,
    number: i64,
) -> Result<Rc<ControllerRevision>, Stop> {
    let mut current = revision.clone();
    for attempt in 0.. {
        if current.revision == number {
            break;
        }
        let new = ControllerRevision { revision: number, ..ControllerRevision::clone(&current) };
        let reply = match ask.api(Request::update(new))? {
            Err(error) if error.reason == Reason::Conflict && attempt < TRIES => {
                ask.sleep(FIRST_WAIT * 5_u64.pow(attempt))?;
                ask.api(Request::get(Object::from(current.clone()).key()))??
            }
            answer => answer?,
        };
        match reply.object().and_then(|object| object.get::<ControllerRevision>()) {
            Some(there) => current = there.clone(),
            None => return Err(Stop::because("the server gave no ControllerRevision")),
        }
    }
    Ok(current)
}

/// Takes up the revisions among these that nobody manages.
pub(super) fn adopt_orphans(
    ask: &mut Ask,
    owner: &Object,
    revisions: &[Rc<ControllerRevision>],
) -> Result<(), Stop> {
    let orphans: Vec<_> =
        revisions.iter().filter(|revision| revision.metadata.controller().is_none()).collect();
    if orphans.is_empty() {
        return Ok(());
    }
    if let Err(why) = can_adopt(ask, owner)? {
        return Err(Stop::because(format!("can't adopt ControllerRevisions: {why}")));
    }
    for orphan in orphans {
        let mut owners = orphan.metadata.owner_references.clone();
        owners.push(controller_reference(owner));
        ask.api(owners_patch(Object::from(Rc::clone(orphan)).key(), &owners))??;
    }
    Ok(())
}

/// Deletes a revision.
pub(super) fn delete(ask: &mut Ask, revision: &Rc<ControllerRevision>) -> Result<(), Stop> {
    let key = Object::from(revision.clone()).key();
    ask.api(Request::delete(key, DeleteOptions::default()))??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_real_cluster() {
        let data = r#"{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"image":"nginx:1.25","imagePullPolicy":"IfNotPresent","name":"db","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}}"#;
        let data = json::parse(data).expect("JSON");
        assert_eq!(name("db", &hash(&data, 0)), "db-9895f7945");
        assert_ne!(hash(&data, 1), hash(&data, 0));
        assert_eq!(name(&"x".repeat(250), "h").len(), LONGEST_PREFIX + 2);
    }

    #[test]
    fn a_template_comes_back_as_it_was() {
        let metadata =
            ObjectMeta { labels: Labels::from([("app".into(), "db".into())]), ..Default::default() };
        let template = PodTemplateSpec { metadata: Rc::new(metadata), ..PodTemplateSpec::default() };
        let revision = ControllerRevision { data: patch_of(&template), ..ControllerRevision::default() };
        assert_eq!(template_of(&revision), Some(template));
    }

    #[test]
    fn the_older_come_first() {
        let revision = |name: &str, revision: i64, created: &str| {
            let metadata =
                ObjectMeta { name: name.into(), creation_timestamp: created.into(), ..ObjectMeta::default() };
            Rc::new(ControllerRevision { metadata: Rc::new(metadata), revision, ..Default::default() })
        };
        let mut all =
            [revision("c", 2, "1"), revision("b", 1, "2"), revision("a", 1, "2"), revision("d", 1, "1")];
        sort(&mut all);
        let names: Vec<_> = all.iter().map(|revision| &*revision.metadata.name).collect();
        assert_eq!(names, ["d", "a", "b", "c"]);
    }
}
