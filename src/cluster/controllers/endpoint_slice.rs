//! Writes the EndpointSlices of Services (upstream: pkg/controller/endpointslice and
//! staging/src/k8s.io/endpointslice).

pub(super) mod behind;
pub(super) mod reconcile;
mod trigger_time;
mod wanted;

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{EndpointSlice, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::latency::Hop;
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND};
use crate::value::Str;
use behind::{Behind, concerned};
use std::collections::BTreeMap;
use std::rc::Rc;
use wanted::Wanted;

/// Names the Service of a slice.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Says who writes a slice.
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct EndpointSliceController {
    /// The generations that it wrote and must hear of before it writes again, by Service and slice.
    written: BTreeMap<ObjectKey, BTreeMap<Str, i64>>,
    /// Shared with the copies that states are looked up in, until it changes.
    seen: BTreeMap<ObjectKey, Rc<Seen>>,
}

/// What it has seen of a Service.
#[derive(Clone, Debug, Default)]
struct Seen {
    behind: Behind,
    wanted: Wanted,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// Whether its own last write was not heard of yet.
    is_stale: bool,
    /// What is to be written: found once, though a sync runs from its beginning after each answer.
    requests: Vec<Request>,
}

impl Controller for EndpointSliceController {
    const NAME: ControllerName = ControllerName::EndpointSlice;
    const WATCHES: &'static [Kind] = &[Kind::Service, Kind::Pod, Kind::EndpointSlice];
    const BACK_OFF: Micros = SECOND;
    const SYNC: Hop = Hop::EndpointSliceSync;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            // One that selects nothing, as that of the API server, is no work of it (upstream: syncService).
            Object::Service(service)
                if heard.change == Change::Added && service.spec.selector.is_empty() => {}
            Object::Service(_) => {
                let key = heard.object.key();
                if heard.change == Change::Deleted {
                    self.written.remove(&key);
                    self.seen.remove(&key);
                } else {
                    queue.add(key);
                }
            }
            Object::Pod(pod) => {
                for (service, differs) in concerned(heard, pod, cache) {
                    let key = Object::Service(service.clone()).key();
                    if let Some(seen) = self.seen.get_mut(&key) {
                        Rc::make_mut(seen).behind.hear(pod);
                    }
                    if differs {
                        queue.add(key);
                    }
                }
            }
            Object::EndpointSlice(slice) if heard.change == Change::Deleted => {
                if let Some(name) = slice.metadata.labels.get(SERVICE_NAME) {
                    let key = ObjectKey::new(Kind::Service, slice.metadata.namespace.clone(), name.clone());
                    if let Some(written) = self.written.get_mut(&key) {
                        written.remove(&slice.metadata.name);
                    }
                    queue.add(key);
                }
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let service = cache.get(key)?.get::<Service>()?.clone();
        if service.spec.selector.is_empty() || &*service.spec.kind == "ExternalName" {
            return None;
        }
        let slices: Vec<Rc<EndpointSlice>> = cache
            .controlled_by(&service.metadata.uid)
            .filter_map(|object| object.get::<EndpointSlice>())
            .filter(|slice| !slice.metadata.is_terminating())
            .cloned()
            .collect();
        let is_stale = self.written.get(key).into_iter().flatten().any(|(name, generation)| {
            slices.iter().find(|slice| slice.metadata.name == *name).is_none_or(|slice| slice.metadata.generation < *generation)
        });
        if is_stale {
            return Some(Input { is_stale, requests: Vec::new() });
        }
        let seen = Rc::make_mut(self.seen.entry(key.clone()).or_default());
        let news = seen.behind.look(&service, cache);
        seen.wanted.take_in(&service, &news);
        let requests = reconcile::reconcile(&service, news.trigger_time, &mut seen.wanted, &slices);
        Some(Input { is_stale, requests })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        if input.is_stale {
            return Ok(Outcome::Retry);
        }
        for request in &input.requests {
            let is_delete = matches!(request.verb, crate::cluster::request::Verb::Delete(_));
            let Ok(reply) = ask.api(request.clone())? else { return Ok(Outcome::Retry) };
            if let Some(meta) = reply.object().map(Object::meta)
                && !is_delete
                && ask.once()
            {
                self.written.entry(key.clone()).or_default().insert(meta.name.clone(), meta.generation);
            }
        }
        Ok(Outcome::Done)
    }
}
