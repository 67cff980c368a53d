//! When what a slice shows was caused (upstream: endpointslice/trigger_time_tracker.go).

use crate::api::conditions::find;
use crate::api::objects::{Pod, Service};
use crate::value::Str;
use std::rc::Rc;

/// The times that were seen before, of one Service.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct TriggerTimes {
    service: Option<Str>,
    /// Of each Pod, in the order of their names.
    pods: Vec<(Str, Str)>,
}

impl TriggerTimes {
    /// The oldest cause that is new; none where nothing new caused the change. The Pods are in the order of their names.
    pub(in super::super) fn next(&mut self, service: &Service, pods: &[Rc<Pod>]) -> Option<Str> {
        let mut oldest: Option<Str> = None;
        let mut consider = |time: &Str| {
            if oldest.as_ref().is_none_or(|oldest| time < oldest) {
                oldest = Some(time.clone());
            }
        };
        let mut before = self.pods.iter().peekable();
        let mut seen = Vec::with_capacity(pods.len());
        for pod in pods {
            let name = &pod.metadata.name;
            let Some(time) = find(&pod.status.conditions, "Ready").and_then(|ready| ready.last_transition_time.clone()) else { continue };
            while before.next_if(|(other, _)| other < name).is_some() {}
            if before.next_if(|(other, _)| other == name).is_none_or(|(_, before)| time > *before) {
                consider(&time);
            }
            seen.push((name.clone(), time));
        }
        if self.service.is_none() {
            consider(&service.metadata.creation_timestamp);
        }
        self.service = Some(service.metadata.creation_timestamp.clone());
        self.pods = seen;
        oldest
    }
}
