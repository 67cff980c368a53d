//! The endpoints of one port, kept up slice by slice: behind a Service with a thousand Pods a writing mostly has to do
//! with one of ten slices, and of that with one Pod.

use super::{RuleEndpoint, RuleEndpoints};
use crate::api::objects::{Endpoint, EndpointSlice};
use crate::api::{Kind, ObjectKey};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the slices of a Service said of a port when they were last looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct PortEndpoints {
    slices: BTreeMap<Str, Rc<EndpointSlice>>,
    ready: RuleEndpoints,
    /// Those that are not ready, but serve while they terminate.
    serving: RuleEndpoints,
}

impl PortEndpoints {
    /// Ready endpoints, all or those of one node; where there is none, those that serve while they terminate
    /// (upstream: CategorizeEndpoints).
    pub(super) fn look(
        &mut self,
        slices: &BTreeMap<Str, Rc<EndpointSlice>>,
        port_name: &str,
        node: Option<&str>,
    ) -> RuleEndpoints {
        let gone: Vec<Str> = self.slices.keys().filter(|name| !slices.contains_key(*name)).cloned().collect();
        for name in gone {
            let old = self.slices.remove(&name);
            self.exchange(old.as_deref(), None, port_name, node);
        }
        for (name, slice) in slices {
            if !self.slices.get(name).is_some_and(|old| Rc::ptr_eq(old, slice)) {
                let old = self.slices.insert(name.clone(), slice.clone());
                self.exchange(old.as_deref(), Some(slice), port_name, node);
            }
        }
        if self.ready.is_empty() { self.serving.clone() } else { self.ready.clone() }
    }
    /// Takes out what a slice said and takes in what it says now. What stands in both at the same place stays.
    fn exchange(
        &mut self,
        old: Option<&EndpointSlice>,
        new: Option<&EndpointSlice>,
        port_name: &str,
        node: Option<&str>,
    ) {
        let of = |slice: Option<&EndpointSlice>| {
            let slice = slice?;
            let port = slice.ports.iter().find(|port| &*port.name == port_name)?.port?;
            Some((slice.endpoints.clone(), port as u16))
        };
        let ((was, old_port), (is, port)) = (of(old).unwrap_or_default(), of(new).unwrap_or_default());
        for place in 0..was.len().max(is.len()) {
            let (was, is) = (was.get(place), is.get(place));
            if was == is && old_port == port {
                continue;
            }
            let is_here = |endpoint: &&Rc<Endpoint>| node.is_none_or(|node| *endpoint.node_name == *node);
            if let Some((endpoint, is_ready)) = was.filter(is_here).and_then(|was| rule(was, old_port)) {
                self.of(is_ready).remove(&endpoint);
            }
            if let Some((endpoint, is_ready)) = is.filter(is_here).and_then(|is| rule(is, port)) {
                self.of(is_ready).add(endpoint);
            }
        }
    }
    fn of(&mut self, is_ready: bool) -> &mut RuleEndpoints {
        if is_ready { &mut self.ready } else { &mut self.serving }
    }
}

/// Where an endpoint leads and whether it is ready; none where it neither is nor serves while it terminates.
fn rule(endpoint: &Endpoint, port: u16) -> Option<(RuleEndpoint, bool)> {
    let conditions = &endpoint.conditions;
    let is_ready = conditions.ready.unwrap_or(true);
    let is_serving = conditions.serving == Some(true) && conditions.terminating == Some(true);
    if !is_ready && !is_serving {
        return None;
    }
    // An endpoint that somebody has written by hand may belong to no Pod.
    let (namespace, name) = match &endpoint.target_ref {
        Some(target) => (target.namespace.clone(), target.name.clone()),
        None => (Str::default(), endpoint.addresses.first()?.clone()),
    };
    let pod = ObjectKey::new(Kind::Pod, namespace, name);
    Some((RuleEndpoint { pod, ip: endpoint.addresses.first()?.clone(), port }, is_ready))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{EndpointConditions, EndpointPort};
    use crate::cluster::chance::Chance;

    /// Endpoints of a few Pods, some of them twice, some on another node, in every condition.
    fn slice(chance: &mut Chance) -> Rc<EndpointSlice> {
        let mut draw = |bound: u64| chance.below(bound, "slice");
        let mut endpoint = || {
            Rc::new(Endpoint {
                addresses: vec![format!("10.0.0.{}", draw(9)).into()],
                conditions: EndpointConditions {
                    ready: [Some(true), Some(false), None][draw(3) as usize],
                    serving: Some(draw(2) == 0),
                    terminating: Some(draw(2) == 0),
                    ..EndpointConditions::default()
                },
                node_name: format!("node-{}", draw(2)).into(),
                ..Endpoint::default()
            })
        };
        let endpoints: Vec<Rc<Endpoint>> = (0..6).map(|_| endpoint()).collect();
        let port = EndpointPort { port: Some([80, 8080][draw(2) as usize]), ..EndpointPort::default() };
        let ports = if draw(5) == 0 { Vec::new() } else { vec![port] };
        Rc::new(EndpointSlice { endpoints: Rc::new(endpoints), ports, ..EndpointSlice::default() })
    }

    #[test]
    fn what_is_kept_up_is_the_same_as_what_is_made_anew() {
        let (mut chance, mut slices) = (Chance::new(1), BTreeMap::new());
        let (mut all, mut local, mut seen) = (PortEndpoints::default(), PortEndpoints::default(), 0);
        for _ in 0..300 {
            let name = Str::from(format!("web-{}", chance.below(3, "name")));
            if chance.below(4, "gone") == 0 {
                slices.remove(&name);
            } else {
                slices.insert(name, slice(&mut chance));
            }
            let list = all.look(&slices, "", None);
            let in_order: Vec<&RuleEndpoint> = list.iter().collect();
            assert!(in_order.is_sorted_by(|one, next| one < next));
            assert_eq!(list, PortEndpoints::default().look(&slices, "", None));
            assert!(list.is_same(&all.look(&slices, "", None)));
            let here = local.look(&slices, "", Some("node-1"));
            assert_eq!(here, PortEndpoints::default().look(&slices, "", Some("node-1")));
            seen += usize::from(here.len() < list.len());
        }
        assert!(seen > 50, "{seen}");
    }
}
