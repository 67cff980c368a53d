//! The cluster's names, as CoreDNS answers them (upstream: coredns `plugin/kubernetes`). It has no Pods here: a name means
//! what the store says at that moment.

use super::store::Store;
use crate::api::objects::{Endpoint, EndpointSlice, Object, Service};
use crate::api::{Kind, ObjectKey};
use crate::value::Str;
use std::rc::Rc;

/// What every cluster's names end with.
pub(crate) const CLUSTER_DOMAIN: &str = "cluster.local";
/// Where the cluster's names are asked for.
pub(crate) const CLUSTER_DNS: &str = "10.96.0.10";

/// What a name comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Addresses, in the order of the endpoints.
    Addresses(Vec<Str>),
    /// The cluster has no such name.
    Nothing,
    /// It belongs to others, whom nobody asks here.
    Outside,
}

/// The domains that a Pod's names are tried in, in order (`search` in `/etc/resolv.conf`).
pub fn search(namespace: &str) -> [String; 3] {
    [format!("{namespace}.svc.{CLUSTER_DOMAIN}"), format!("svc.{CLUSTER_DOMAIN}"), CLUSTER_DOMAIN.to_owned()]
}

/// What a name means in a Pod: tried in each domain, then as it stands (`ndots:5`).
pub fn resolve(store: &Store, namespace: &str, name: &str) -> Named {
    let whole = name.strip_suffix('.');
    let tried = search(namespace).map(|domain| format!("{name}.{domain}"));
    let mut all = tried.iter().map(String::as_str).filter(|_| whole.is_none()).chain([whole.unwrap_or(name)]);
    all.find_map(|full| match answer(store, full) {
        Named::Nothing => None,
        found => Some(found),
    })
    .unwrap_or(Named::Nothing)
}

/// What a whole name means.
pub fn answer(store: &Store, full: &str) -> Named {
    let Some(rest) = full.strip_suffix(CLUSTER_DOMAIN).and_then(|rest| rest.strip_suffix('.')) else {
        return if full.contains('.') { Named::Outside } else { Named::Nothing };
    };
    let Some(rest) = rest.strip_suffix(".svc") else { return Named::Nothing };
    let labels: Vec<&str> = rest.split('.').collect();
    match labels[..] {
        [service, namespace] => of_service(store, service, namespace, None),
        [host, service, namespace] => of_service(store, service, namespace, Some(host)),
        _ => Named::Nothing,
    }
}

fn of_service(store: &Store, name: &str, namespace: &str, host: Option<&str>) -> Named {
    let key = ObjectKey::new(Kind::Service, namespace, name);
    let Some(Object::Service(service)) = store.get(&key) else { return Named::Nothing };
    if &*service.spec.kind == "ExternalName" {
        return if host.is_none() { Named::Outside } else { Named::Nothing };
    }
    if &*service.spec.cluster_ip != "None" {
        return match host {
            None => Named::Addresses(vec![service.spec.cluster_ip.clone()]),
            Some(_) => Named::Nothing,
        };
    }
    let addresses: Vec<Str> = endpoints(store, service)
        .iter()
        .filter(|endpoint| host.is_none_or(|host| &*endpoint.hostname == host))
        .filter_map(|endpoint| endpoint.addresses.first().cloned())
        .collect();
    if addresses.is_empty() { Named::Nothing } else { Named::Addresses(addresses) }
}

/// The endpoints that names stand for: the ready ones.
fn endpoints(store: &Store, service: &Service) -> Vec<Rc<Endpoint>> {
    let name = &service.metadata.name;
    let is_of =
        |slice: &&EndpointSlice| slice.metadata.labels.get("kubernetes.io/service-name") == Some(name);
    let slices = store.list(Kind::EndpointSlice, Some(&service.metadata.namespace));
    let slices = slices.filter_map(|object| match object {
        Object::EndpointSlice(slice) => Some(&**slice),
        _ => None,
    });
    let all = slices.filter(is_of).flat_map(|slice| slice.endpoints.iter());
    all.filter(|endpoint| endpoint.conditions.ready.unwrap_or(true)).cloned().collect()
}
