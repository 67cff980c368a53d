//! The Pods behind a Service: what has changed of them since a controller looked last. A Service with ten thousand Pods
//! is looked at thousands of times, and mostly one Pod is another.

use super::reconcile::concerns_endpoints;
use super::trigger_time::{TriggerTimes, ready_time};
use crate::api::labels::Selector;
use crate::api::objects::{Labels, Pod, Service};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::Change;
use crate::value::Str;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Whether a Service selects a Pod with these labels.
fn selects(service: &Service, labels: &Labels) -> bool {
    let selector = &service.spec.selector;
    !selector.is_empty() && Selector::from_labels(selector).matches(labels)
}

/// The Services that a change of a Pod concerns, each with whether its endpoints may differ: where they do not, there is
/// only another time to be known.
pub(in super::super) fn concerned<'a>(
    heard: &'a Heard,
    pod: &'a Pod,
    cache: &'a Cache,
) -> impl Iterator<Item = (&'a Rc<Service>, bool)> {
    let old = heard.old.as_ref().and_then(|old| old.get::<Pod>());
    let was = old.filter(|_| heard.change == Change::Modified);
    let differs = was.is_none_or(|old| concerns_endpoints(old, pod));
    let is_known = !differs && was.is_some_and(|old| ready_time(old) == ready_time(pod));
    let services = (!is_known).then(|| cache.list_typed::<Service>(&pod.metadata.namespace));
    let is_of = move |service: &&Rc<Service>| {
        selects(service, &pod.metadata.labels) || old.is_some_and(|old| selects(service, &old.metadata.labels))
    };
    services.into_iter().flatten().filter(is_of).map(move |service| (service, differs))
}

/// What a controller has seen of one Service and its Pods.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Behind {
    /// The Service as it was when it was looked at last.
    service: Option<Rc<Service>>,
    /// The names of the Pods that have changed since.
    changed: BTreeSet<Str>,
    times: TriggerTimes,
}

/// What is new behind a Service.
pub(in super::super) struct News {
    /// Everything is new: what was known before says nothing any more.
    pub(in super::super) is_all: bool,
    /// The Pods that have changed by their names, in their order; none where it is gone or no longer selected.
    pub(in super::super) pods: Vec<(Str, Option<Rc<Pod>>)>,
    /// What caused the change, as the slices are annotated with it.
    pub(in super::super) trigger_time: Option<Str>,
}

impl Behind {
    /// A Pod has changed.
    pub(in super::super) fn hear(&mut self, pod: &Pod) {
        // Before the first look there is nothing to compare with.
        if self.service.is_some() {
            self.changed.insert(pod.metadata.name.clone());
        }
    }
    /// Looks at what has changed.
    pub(in super::super) fn look(&mut self, service: &Rc<Service>, cache: &Cache) -> News {
        let is_all = !self.service.as_ref().is_some_and(|seen| Rc::ptr_eq(seen, service));
        let changed = std::mem::take(&mut self.changed);
        let namespace = &service.metadata.namespace;
        let pods = if is_all {
            let selector = Selector::from_labels(&service.spec.selector);
            let all = cache.selected(namespace, |labels| selector.matches(labels));
            all.into_iter().map(|pod| (pod.metadata.name.clone(), Some(pod))).collect()
        } else {
            let look = |name: Str| {
                let pod = cache.typed::<Pod>(namespace, &name).filter(|pod| selects(service, &pod.metadata.labels));
                (name, pod.cloned())
            };
            changed.into_iter().map(look).collect()
        };
        let mut news = News { is_all, pods, trigger_time: None };
        news.trigger_time = self.times.next(service, &news);
        self.service = Some(service.clone());
        news
    }
}
