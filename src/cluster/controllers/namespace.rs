//! Empties Namespaces that are being deleted (upstream: pkg/controller/namespace).

#[cfg(test)]
mod tests;

use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::is_pod_terminal;
use crate::api::custom::definition::Definition;
use crate::api::objects::{Condition, ConditionStatus, Namespace, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Filter, Propagation, Reply, Request, Subresource, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How long a Namespace is left alone after each of its changes (upstream: namespaceDeletionGracePeriod).
const GRACE: Micros = 5 * SECOND;
/// How long what has a finalizer may take, in seconds (upstream: finalizerEstimateSeconds).
const FINALIZER_ESTIMATE: u64 = 15;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct NamespaceController;

impl Controller for NamespaceController {
    const NAME: ControllerName = ControllerName::Namespace;
    const WATCHES: &'static [Kind] = &[Kind::Namespace];
    const WORKERS: usize = 10;
    const MOST_BACK_OFF: Micros = 60 * SECOND;
    type Input = (Rc<Namespace>, Vec<Kind>);

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        // One that lives comes to nothing: it is not even looked at.
        if heard.change != Change::Deleted && heard.object.meta().is_terminating() {
            queue.add_after(heard.object.key(), GRACE);
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Self::Input> {
        let namespace = cache.get(key)?.get::<Namespace>()?;
        let is_going = namespace.metadata.is_terminating() && !namespace.spec.finalizers.is_empty();
        let custom = cache.list(Kind::CustomResourceDefinition, None);
        let custom = custom.filter_map(|definition| Definition::established(&definition.encode())?.kind());
        is_going.then(|| (namespace.clone(), custom.collect()))
    }
    fn sync(&mut self, key: &ObjectKey, (_, custom): &Self::Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let Ok(reply) = ask.api(Request::get(key.clone()))? else { return Ok(Outcome::Done) };
        let Some(namespace) = reply.object().and_then(|object| object.get::<Namespace>()).cloned() else { return Ok(Outcome::Done) };
        // Pods go first; the rest waits for them.
        let pods = empty_pods(ask, &namespace, key)?;
        let mut remains: BTreeMap<Kind, Remaining> = BTreeMap::new();
        // While Pods are left, upstream comes back before it counts what remains.
        if pods.objects.is_empty() {
            for kind in Kind::all().chain(custom.iter().copied()).filter(|kind| is_content(*kind)) {
                remains.insert(kind, Remaining::new(kind, key, empty(ask, kind, key)?, 0));
            }
            remains.retain(|_, left| !left.objects.is_empty());
        }
        let all = || std::iter::once(&pods).chain(remains.values());
        let errors: Vec<&str> = all().filter_map(|left| left.error.as_deref()).collect();
        let conditions = conditions(&namespace, &remains, &errors, &ask.rfc3339());
        if conditions != namespace.status.conditions {
            let mut new = Namespace::clone(&namespace);
            new.status.conditions = conditions;
            // Where that fails, the next time tells it.
            _ = ask.api(Request::update_status(new))?;
        }
        if !errors.is_empty() {
            return Ok(Outcome::Retry);
        }
        let estimate = all().map(|left| left.estimate).max().unwrap_or(0);
        if estimate > 0 {
            return Ok(Outcome::After((estimate / 2 + 1) * SECOND));
        }
        let mut new = Namespace::clone(&namespace);
        Rc::make_mut(&mut new.metadata).resource_version = Str::default();
        new.spec.finalizers.retain(|finalizer| &**finalizer != "kubernetes");
        let finalized = ask.api(Request::update(new).at(Subresource::Finalize))?;
        Ok(if finalized.is_ok() { Outcome::Done } else { Outcome::Retry })
    }
}

/// What is left of a kind after all of it was deleted (upstream: gvrDeletionMetadata).
#[derive(Clone, Debug, Default)]
struct Remaining {
    objects: Vec<Object>,
    /// How long it may take yet, in seconds.
    estimate: u64,
    /// Why it should not be there any more.
    error: Option<String>,
}

impl Remaining {
    fn new(kind: Kind, namespace: &ObjectKey, objects: Vec<Object>, estimate: u64) -> Self {
        if objects.is_empty() {
            return Self::default();
        }
        if estimate > 0 {
            return Self { objects, estimate, error: None };
        }
        if objects.iter().any(|object| !object.meta().finalizers.is_empty()) {
            return Self { objects, estimate: FINALIZER_ESTIMATE, error: None };
        }
        let info = kind.info();
        let error = format!(
            "unexpected items still remain in namespace: {} for gvr: {}/{}, Resource={}",
            namespace.name, info.group, info.version, info.plural
        );
        Self { objects, estimate, error: Some(error) }
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

/// Deletes the Pods. They may take as long as the longest of their graces, counted from the Namespace's deletion.
fn empty_pods(ask: &mut Ask, namespace: &Namespace, key: &ObjectKey) -> Result<Remaining, Suspended> {
    let pods = list(ask, Kind::Pod, key)?;
    let longest = pods.iter().filter_map(|object| object.get::<Pod>()).map(grace).max().unwrap_or(0);
    let deleted = namespace.metadata.deletion_timestamp.as_deref().and_then(parse_rfc3339).unwrap_or(0);
    let is_over = ask.unix_micros().saturating_sub(deleted) >= longest * SECOND;
    let left = empty(ask, Kind::Pod, key)?;
    Ok(Remaining::new(Kind::Pod, key, left, if is_over { 0 } else { longest }))
}

/// Deletes all objects of a kind and gives those that are still there.
fn empty(ask: &mut Ask, kind: Kind, namespace: &ObjectKey) -> Result<Vec<Object>, Suspended> {
    let key = ObjectKey::new(kind, namespace.name.clone(), "");
    let background = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    _ = ask.api(Request::new(Verb::DeleteCollection(Filter::default(), background), key))?;
    list(ask, kind, namespace)
}

fn list(ask: &mut Ask, kind: Kind, namespace: &ObjectKey) -> Result<Vec<Object>, Suspended> {
    let all = Request::new(Verb::List(Filter::default()), ObjectKey::new(kind, namespace.name.clone(), ""));
    Ok(match ask.api(all)? {
        Ok(Reply::List(objects, _)) => objects,
        _ => Vec::new(),
    })
}

fn conditions(namespace: &Namespace, left: &BTreeMap<Kind, Remaining>, errors: &[&str], now: &Str) -> Vec<Condition> {
    let mut remaining: Vec<String> = left
        .iter()
        .map(|(kind, left)| format!("{} has {} resource instances", resource_name(*kind), left.objects.len()))
        .collect();
    remaining.sort_unstable();
    let remaining = remaining.join(", ");
    let mut errors = errors.to_vec();
    errors.sort_unstable();
    let mut finalizers: BTreeMap<&str, usize> = BTreeMap::new();
    for object in left.values().flat_map(|left| &left.objects) {
        for finalizer in &object.meta().finalizers {
            *finalizers.entry(finalizer).or_default() += 1;
        }
    }
    let held = finalizers
        .iter()
        .map(|(finalizer, count)| format!("{finalizer} in {count} resource instances"))
        .collect::<Vec<_>>()
        .join(", ");
    let facts: [(&str, bool, &str, String); 5] = [
        ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered".into()),
        ("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed".into()),
        if errors.is_empty() {
            (
                "NamespaceDeletionContentFailure",
                false,
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization".into(),
            )
        } else {
            (
                "NamespaceDeletionContentFailure",
                true,
                "ContentDeletionFailed",
                format!("Failed to delete all resource types, {} remaining: {}", errors.len(), errors.join(", ")),
            )
        },
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
