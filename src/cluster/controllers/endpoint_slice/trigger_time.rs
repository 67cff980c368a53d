//! When what a slice shows was caused (upstream: endpointslice/trigger_time_tracker.go).

use super::behind::News;
use crate::api::conditions::find;
use crate::api::objects::{Pod, Service};
use crate::value::Str;
use std::collections::BTreeMap;

/// When a Pod became Ready, or ceased to be.
pub(super) fn ready_time(pod: &Pod) -> Option<&Str> {
    find(&pod.status.conditions, "Ready")?.last_transition_time.as_ref()
}

/// The times that were seen before, of one Service.
#[derive(Clone, Debug, Default)]
pub(super) struct TriggerTimes {
    service: Option<Str>,
    /// Of each Pod by its name.
    pods: BTreeMap<Str, Str>,
}

impl TriggerTimes {
    /// The oldest cause that is new; none where nothing new caused the change.
    pub(super) fn next(&mut self, service: &Service, news: &News) -> Option<Str> {
        let mut oldest: Option<Str> = None;
        let mut consider = |time: &Str| {
            if oldest.as_ref().is_none_or(|oldest| time < oldest) {
                oldest = Some(time.clone());
            }
        };
        let mut all = if news.is_all { std::mem::take(&mut self.pods) } else { BTreeMap::new() };
        for (name, pod) in &news.pods {
            let before = if news.is_all { all.remove(name) } else { self.pods.remove(name) };
            let Some(time) = pod.as_ref().and_then(|pod| ready_time(pod)) else { continue };
            if before.is_none_or(|before| *time > before) {
                consider(time);
            }
            self.pods.insert(name.clone(), time.clone());
        }
        if self.service.is_none() {
            consider(&service.metadata.creation_timestamp);
        }
        self.service = Some(service.metadata.creation_timestamp.clone());
        oldest
    }
}
