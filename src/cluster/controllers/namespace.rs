//! Empties Namespaces that are being deleted (upstream: pkg/controller/namespace).

use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Condition, ConditionStatus, Namespace, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Filter, Propagation, Reply, Request, Subresource, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How long a Namespace is left alone after each of its changes (upstream: namespaceDeletionGracePeriod).
const GRACE: Micros = 5 * SECOND;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct NamespaceController;

impl Controller for NamespaceController {
    const NAME: ControllerName = ControllerName::Namespace;
    const WATCHES: &'static [Kind] = &[Kind::Namespace];
    const WORKERS: usize = 10;
    type Input = Rc<Namespace>;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        // One that lives comes to nothing: it is not even looked at.
        if heard.change != Change::Deleted && heard.object.meta().is_terminating() {
            queue.add_after(heard.object.key(), GRACE);
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Rc<Namespace>> {
        let namespace = cache.get(key)?.get::<Namespace>()?;
        (namespace.metadata.is_terminating() && !namespace.spec.finalizers.is_empty()).then(|| namespace.clone())
    }
    fn sync(&mut self, key: &ObjectKey, _: &Rc<Namespace>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let Ok(reply) = ask.api(Request::get(key.clone()))? else { return Ok(Outcome::Done) };
        let Some(namespace) = reply.object().and_then(|object| object.get::<Namespace>()).cloned() else { return Ok(Outcome::Done) };
        // Pods go first; the rest waits for them.
        let pods = empty(ask, Kind::Pod, key)?;
        let mut left = BTreeMap::new();
        // While Pods are left, upstream comes back before it counts what remains.
        if pods.is_empty() {
            for kind in Kind::all().filter(|kind| is_content(*kind)) {
                left.insert(kind, empty(ask, kind, key)?);
            }
        }
        left.retain(|_, objects| !objects.is_empty());
        let conditions = conditions(&namespace, &left, &ask.rfc3339());
        if conditions != namespace.status.conditions {
            let mut new = Namespace::clone(&namespace);
            new.status.conditions = conditions;
            if ask.api(Request::update_status(new))?.is_err() {
                return Ok(Outcome::Retry);
            }
        }
        if !pods.is_empty() || !left.is_empty() {
            let estimate = pods.iter().filter_map(|object| object.get::<Pod>()).map(grace).max().unwrap_or(0);
            return Ok(Outcome::After((estimate / 2 + 1) * SECOND));
        }
        let mut new = Namespace::clone(&namespace);
        Rc::make_mut(&mut new.metadata).resource_version = crate::value::Str::default();
        new.spec.finalizers.retain(|finalizer| &**finalizer != "kubernetes");
        let finalized = ask.api(Request::update(new).at(Subresource::Finalize))?;
        Ok(if finalized.is_ok() { Outcome::Done } else { Outcome::Retry })
    }
}

/// What a Namespace holds besides its Pods.
fn is_content(kind: Kind) -> bool {
    kind.info().namespaced && !matches!(kind, Kind::Pod | Kind::Binding)
}

/// How long a Pod may take, in seconds.
fn grace(pod: &Rc<Pod>) -> u64 {
    if is_pod_terminal(pod) { 0 } else { pod.spec.termination_grace_period_seconds.unwrap_or(30).max(0) as u64 }
}

/// Deletes all objects of a kind and gives those that are still there.
fn empty(ask: &mut Ask, kind: Kind, namespace: &ObjectKey) -> Result<Vec<Object>, Suspended> {
    let key = ObjectKey::new(kind, namespace.name.clone(), "");
    let list = Request::new(Verb::List(Filter::default()), key.clone());
    let background = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    _ = ask.api(Request::new(Verb::DeleteCollection(Filter::default(), background), key))?;
    Ok(match ask.api(list)? {
        Ok(Reply::List(objects, _)) => objects,
        _ => Vec::new(),
    })
}

fn conditions(namespace: &Namespace, left: &BTreeMap<Kind, Vec<Object>>, now: &crate::value::Str) -> Vec<Condition> {
    let remaining = left
        .iter()
        .map(|(kind, objects)| {
            let has = if objects.len() == 1 { "has 1 resource instance".into() } else { format!("has {} resource instances", objects.len()) };
            format!("{}. {has}", resource_name(*kind))
        })
        .collect::<Vec<_>>()
        .join(", ");
    let mut finalizers: BTreeMap<&str, usize> = BTreeMap::new();
    for object in left.values().flatten() {
        for finalizer in &object.meta().finalizers {
            *finalizers.entry(finalizer).or_default() += 1;
        }
    }
    let held = finalizers
        .iter()
        .map(|(finalizer, count)| format!("{finalizer} in {count} resource instance{}", if *count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>()
        .join(", ");
    let facts: [(&str, bool, &str, String); 5] = [
        ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered".into()),
        ("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed".into()),
        (
            "NamespaceDeletionContentFailure",
            false,
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization".into(),
        ),
        if remaining.is_empty() {
            ("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed".into())
        } else {
            ("NamespaceContentRemaining", true, "SomeResourcesRemain", format!("Some resources are remaining: {remaining}"))
        },
        if held.is_empty() {
            ("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished".into())
        } else {
            ("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", format!("Some content in the namespace has finalizers remaining: {held}"))
        },
    ];
    facts
        .into_iter()
        .map(|(kind, is_true, reason, message)| {
            let status = if is_true { ConditionStatus::True } else { ConditionStatus::False };
            let old = crate::api::conditions::find(&namespace.status.conditions, kind);
            match old {
                Some(old) if old.status == Some(status) && *old.message == *message => old.clone(),
                _ => Condition {
                    kind: kind.into(),
                    status: Some(status),
                    reason: reason.into(),
                    message: message.into(),
                    last_transition_time: Some(now.clone()),
                    ..Condition::default()
                },
            }
        })
        .collect()
}

/// `pods.` or `deployments.apps`, as the condition names the resource.
fn resource_name(kind: Kind) -> String {
    let info = kind.info();
    if info.group.is_empty() { format!("{}.", info.plural) } else { format!("{}.{}", info.plural, info.group) }
}
