//! What an object counts for in a ResourceQuota (upstream: pkg/quota/v1/evaluator/core,
//! apiserver/pkg/quota/v1/generic/evaluator.go).

use super::conditions::is_pod_terminal;
use super::kinds::Kind;
use super::objects::{
    Container, Object, PersistentVolumeClaim, Pod, PodAffinityTerm, ResourceQuota,
    ScopedResourceSelectorRequirement, Service,
};
use super::quantity::Quantity;
use super::resources::{self, ResourceList, add, mask};
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// What a Pod is counted in, besides extended resources.
const POD: [&str; 11] = [
    "count/pods",
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
];
/// What each container must say where a quota counts it.
const MUST_SPECIFY: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
const SERVICE: [&str; 4] = ["count/services", "services", "services.nodeports", "services.loadbalancers"];
const CLAIM: [&str; 2] = ["persistentvolumeclaims", "requests.storage"];
const OF_CLASS: &str = ".storageclass.storage.k8s.io/";

/// Whether objects of a kind are counted in this resource.
pub fn counts(kind: Kind, resource: &str) -> bool {
    match kind {
        Kind::Pod => {
            POD.contains(&resource)
                || resource.starts_with("hugepages-")
                || resource.strip_prefix("requests.").is_some_and(is_extended)
        }
        Kind::Service => SERVICE.contains(&resource),
        Kind::PersistentVolumeClaim => {
            resource == "count/persistentvolumeclaims"
                || CLAIM.contains(&resource)
                || resource.split_once(OF_CLASS).is_some_and(|(_, rest)| CLAIM.contains(&rest))
        }
        _ => {
            resource.strip_prefix("count/").is_some_and(|counted| counted == kind.resource())
                || has_alias(kind) && resource == kind.info().plural
        }
    }
}

/// Kinds that had a resource of their own before `count/` (upstream: legacyObjectCountAliases).
fn has_alias(kind: Kind) -> bool {
    matches!(kind, Kind::ConfigMap | Kind::ResourceQuota | Kind::ReplicationController | Kind::Secret)
}

/// Whether what follows `requests.` is no resource of Kubernetes' own.
fn is_extended(name: &str) -> bool {
    name.starts_with("hugepages-")
        || name.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"))
}

/// What an object uses. `now_is_past` tells whether a time in its metadata, so many seconds on, is over.
pub fn usage(object: &Object, now_is_past: &dyn Fn(&str, i64) -> bool) -> ResourceList {
    let one = Quantity::units(1);
    let kind = object.kind();
    let mut used = ResourceList::from([(format!("count/{}", kind.resource()).into(), one)]);
    match object {
        Object::Pod(pod) if is_charged(pod, now_is_past) => {
            let (requests, limits) = (resources::pod_requests(&pod.spec), resources::pod_limits(&pod.spec));
            used = add(&used, &compute(&requests, &limits));
        }
        Object::Service(service) => {
            for (name, count) in of_service(service) {
                used.insert(name.into(), Quantity::units(count));
            }
        }
        Object::PersistentVolumeClaim(claim) => used = add(&used, &of_claim(claim)),
        _ if has_alias(kind) => _ = used.insert(kind.info().plural.into(), one),
        _ => {}
    }
    used
}

/// Whether a Pod counts with more than its existence: it has not ended, nor been deleted for twice its grace
/// (upstream: QuotaV1Pod).
pub fn is_charged(pod: &Pod, now_is_past: &dyn Fn(&str, i64) -> bool) -> bool {
    let meta = &pod.metadata;
    let is_stuck = match (&meta.deletion_timestamp, meta.deletion_grace_period_seconds) {
        (Some(until), Some(grace)) => now_is_past(until, grace),
        _ => false,
    };
    !is_pod_terminal(pod) && !is_stuck
}

/// A quota's resources for requests and limits (upstream: podComputeUsageHelper).
fn compute(requests: &ResourceList, limits: &ResourceList) -> ResourceList {
    let mut used = ResourceList::from([("pods".into(), Quantity::units(1))]);
    for name in ["cpu", "memory", "ephemeral-storage"] {
        if let Some(request) = requests.get(name) {
            used.insert(name.into(), *request);
            used.insert(format!("requests.{name}").into(), *request);
        }
        if let Some(limit) = limits.get(name) {
            used.insert(format!("limits.{name}").into(), *limit);
        }
    }
    for (name, request) in requests.iter().filter(|(name, _)| is_extended(name)) {
        if name.starts_with("hugepages-") {
            used.insert(name.clone(), *request);
        }
        used.insert(format!("requests.{name}").into(), *request);
    }
    used
}

fn of_service(service: &Service) -> [(&'static str, i64); 3] {
    let spec = &service.spec;
    let ports = spec.ports.len() as i64;
    let allocates = spec
        .extra
        .as_ref()
        .and_then(|extra| extra.get("allocateLoadBalancerNodePorts"))
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let asked = spec.ports.iter().filter(|port| port.node_port != 0).count() as i64;
    let (node_ports, balancers) = match &*spec.kind {
        "NodePort" => (ports, 0),
        "LoadBalancer" => (if allocates { ports } else { asked }, 1),
        _ => (0, 0),
    };
    [("services", 1), ("services.loadbalancers", balancers), ("services.nodeports", node_ports)]
}

fn of_claim(claim: &PersistentVolumeClaim) -> ResourceList {
    let one = Quantity::units(1);
    let mut used = ResourceList::from([("persistentvolumeclaims".into(), one)]);
    let class = claim.class();
    if !class.is_empty() {
        used.insert(format!("{class}{OF_CLASS}persistentvolumeclaims").into(), one);
    }
    if let Some(storage) = resources::parse(&claim.spec.resources.requests).get("storage").copied() {
        used.insert("requests.storage".into(), storage);
        if !class.is_empty() {
            used.insert(format!("{class}{OF_CLASS}requests.storage").into(), storage);
        }
    }
    used
}

/// A quota's scopes, those without an operator too.
fn scopes(quota: &ResourceQuota) -> Vec<ScopedResourceSelectorRequirement> {
    let plain = quota.spec.scopes.iter().map(|scope| ScopedResourceSelectorRequirement {
        scope_name: scope.clone(),
        operator: "Exists".into(),
        ..ScopedResourceSelectorRequirement::default()
    });
    let written = quota.spec.scope_selector.as_ref();
    plain.chain(written.into_iter().flat_map(|selector| selector.match_expressions.iter().cloned())).collect()
}

/// Whether a quota is for such an object, resources aside.
pub fn is_in_scope(quota: &ResourceQuota, object: &Object) -> bool {
    scopes(quota).iter().all(|scope| match object {
        Object::Pod(pod) => pod_is_in(scope, pod),
        Object::PersistentVolumeClaim(claim) if &*scope.scope_name == "VolumeAttributesClass" => {
            let name = claim.spec.extra.as_ref().and_then(|extra| extra.get("volumeAttributesClassName"));
            selects(scope, name.and_then(Value::as_str).unwrap_or_default())
        }
        _ => false,
    })
}

fn pod_is_in(scope: &ScopedResourceSelectorRequirement, pod: &Pod) -> bool {
    let has_deadline = pod.spec.active_deadline_seconds.is_some_and(|seconds| seconds >= 0);
    let is_best_effort = || {
        let all = pod.spec.init_containers.iter().chain(&pod.spec.containers);
        all.filter_map(|container| container.resources.as_ref()).all(|resources| {
            let named =
                |name: &str| resources.requests.contains_key(name) || resources.limits.contains_key(name);
            !named("cpu") && !named("memory")
        }) && !resources::has_pod_level(&pod.spec)
    };
    match &*scope.scope_name {
        "Terminating" => has_deadline,
        "NotTerminating" => !has_deadline,
        "BestEffort" => is_best_effort(),
        "NotBestEffort" => !is_best_effort(),
        "PriorityClass" => selects(scope, &pod.spec.priority_class_name),
        "CrossNamespacePodAffinity" => crosses_namespaces(pod),
        _ => false,
    }
}

fn selects(scope: &ScopedResourceSelectorRequirement, value: &str) -> bool {
    let is_listed = scope.values.iter().any(|listed| **listed == *value);
    match &*scope.operator {
        "In" => !value.is_empty() && is_listed,
        "NotIn" => value.is_empty() || !is_listed,
        "DoesNotExist" => value.is_empty(),
        _ => !value.is_empty(),
    }
}

/// Whether a term of its (anti-)affinity looks into other Namespaces.
fn crosses_namespaces(pod: &Pod) -> bool {
    let Some(affinity) = &pod.spec.affinity else { return false };
    let crosses = |term: &PodAffinityTerm| !term.namespaces.is_empty() || term.namespace_selector.is_some();
    [&affinity.pod_affinity, &affinity.pod_anti_affinity].into_iter().flatten().any(|affinity| {
        affinity.required.iter().any(crosses)
            || affinity.preferred.iter().any(|weighted| crosses(&weighted.pod_affinity_term))
    })
}

/// The resources of a quota's limits that objects of a kind are counted in.
pub fn restricted(quota_hard: &crate::api::objects::Labels, kind: Kind) -> Vec<Str> {
    quota_hard.keys().filter(|name| counts(kind, name)).cloned().collect()
}

/// What the containers of a Pod must say because a quota counts it, and do not (upstream: Constraints).
pub fn missing(pod: &Pod, restricted: &[Str]) -> Option<String> {
    if resources::has_pod_level(&pod.spec) {
        return None;
    }
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let must = restricted.iter().filter(|name| MUST_SPECIFY.contains(&&***name));
    for name in must {
        let lacks = |container: &&Container| {
            let list = |limits: bool| {
                let resources = container.resources.as_ref();
                resources.map(|resources| if limits { &resources.limits } else { &resources.requests })
            };
            let (is_limit, resource) = match name.split_once('.') {
                Some((kind, resource)) => (kind == "limits", resource),
                None => (false, &**name),
            };
            list(is_limit).is_none_or(|list| !list.contains_key(resource))
        };
        let all = pod.spec.containers.iter().chain(&pod.spec.init_containers);
        let mut lacking: Vec<&str> = all.filter(lacks).map(|container| &*container.name).collect();
        lacking.sort_unstable();
        lacking.dedup();
        if !lacking.is_empty() {
            missing.insert(name, lacking);
        }
    }
    let parts: Vec<String> =
        missing.iter().map(|(name, containers)| format!("{name} for: {}", containers.join(","))).collect();
    (!parts.is_empty()).then(|| format!("must specify {}", parts.join("; ")))
}

/// Why a quota does not let an object in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its containers lack something.
    Failed(String),
    /// The controller has not counted yet.
    Unknown(String),
    /// It would use too much.
    Exceeded(String),
}

impl Refusal {
    /// The sentence, for the quota of this name.
    pub fn message(&self, name: &str) -> String {
        match self {
            Self::Failed(why) => format!("failed quota: {name}: {why}"),
            Self::Unknown(resources) => format!("status unknown for quota: {name}, resources: {resources}"),
            Self::Exceeded(amounts) => format!("exceeded quota: {name}, {amounts}"),
        }
    }
}

/// What is used after `object` has come in place of `old`, where it is counted (upstream: CheckRequest).
///
/// # Errors
/// Where the quota does not let it in.
pub fn charge(
    quota: &ResourceQuota,
    object: &Object,
    old: Option<&Object>,
    now_is_past: &dyn Fn(&str, i64) -> bool,
) -> Result<Option<ResourceList>, Refusal> {
    let restricted = restricted(&quota.status.hard, object.kind());
    if restricted.is_empty() || !is_in_scope(quota, object) {
        return Ok(None);
    }
    if let Object::Pod(pod) = object
        && let Some(why) = missing(pod, &restricted)
    {
        return Err(Refusal::Failed(why));
    }
    let (hard, used) = (resources::parse(&quota.status.hard), resources::parse(&quota.status.used));
    if restricted.iter().any(|name| !used.contains_key(name)) {
        return Err(Refusal::Unknown(restricted.join(",")));
    }
    let mut delta = usage(object, now_is_past);
    if let Some(old) = old.filter(|old| is_in_scope(quota, old)) {
        let before = usage(old, now_is_past);
        for (name, amount) in &mut delta {
            let less = before.get(name).copied().map_or(*amount, |before| *amount - before);
            *amount = if less.is_negative() { Quantity::units(0) } else { less };
        }
    }
    let requested = mask(&delta, hard.keys());
    let requested: ResourceList = requested.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
    if requested.is_empty() {
        return Ok(None);
    }
    let new = add(&used, &requested);
    let exceeded: Vec<&Str> = requested.keys().filter(|name| new.get(*name) > hard.get(*name)).collect();
    if !exceeded.is_empty() {
        let part = |list: &ResourceList| resources::pretty(&mask(list, exceeded.iter().copied()));
        return Err(Refusal::Exceeded(format!(
            "requested: {}, used: {}, limited: {}",
            part(&requested),
            part(&used),
            part(&hard)
        )));
    }
    Ok(Some(new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    fn object(kind: Kind, text: &str) -> Object {
        Object::decode(kind, &json::parse(text).expect("JSON")).expect("of its kind")
    }

    fn quota(text: &str) -> ResourceQuota {
        let object = object(Kind::ResourceQuota, text);
        ResourceQuota::clone(object.get::<ResourceQuota>().expect("a quota"))
    }

    #[test]
    fn what_a_quota_says_of_an_object() {
        let pod = |resources: &str| {
            object(
                Kind::Pod,
                &format!(r#"{{"spec":{{"containers":[{{"name":"web","resources":{resources}}}]}}}}"#),
            )
        };
        let service =
            object(Kind::Service, r#"{"spec":{"type":"NodePort","ports":[{"port":80},{"port":81}]}}"#);
        let claim = object(
            Kind::PersistentVolumeClaim,
            r#"{"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"2Gi"}}}}"#,
        );
        let config = object(Kind::ConfigMap, "{}");
        let small = || pod(r#"{"requests":{"cpu":"100m"}}"#);
        let checked = |hard: &str, used: &str, scopes: &str, object: &Object| {
            let quota = quota(&format!(
                r#"{{"spec":{{"scopes":[{scopes}]}},"status":{{"hard":{hard},"used":{used}}}}}"#
            ));
            match charge(&quota, object, None, &|_, _| false) {
                Ok(None) => "not counted".to_string(),
                Ok(Some(used)) => resources::pretty(&used),
                Err(refusal) => refusal.message("few"),
            }
        };
        let none = r#"{"pods":"0","requests.cpu":"0"}"#;
        let hard = r#"{"pods":"3","requests.cpu":"1"}"#;
        for (hard, used, scopes, object, expected) in [
            ("{}", "{}", "", small(), "not counted"),
            (hard, "{}", "", small(), "status unknown for quota: few, resources: pods,requests.cpu"),
            (hard, none, "", small(), "pods=1,requests.cpu=100m"),
            (hard, none, "", pod("{}"), "failed quota: few: must specify requests.cpu for: web"),
            (
                hard,
                r#"{"pods":"3","requests.cpu":"300m"}"#,
                "",
                small(),
                "exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3",
            ),
            (
                hard,
                r#"{"pods":"3","requests.cpu":"1"}"#,
                "",
                small(),
                "exceeded quota: few, requested: pods=1,requests.cpu=100m, used: pods=3,requests.cpu=1, limited: pods=3,requests.cpu=1",
            ),
            (hard, none, r#""BestEffort""#, small(), "not counted"),
            (hard, none, r#""NotTerminating","NotBestEffort""#, small(), "pods=1,requests.cpu=100m"),
            (
                r#"{"services.nodeports":"2"}"#,
                r#"{"services.nodeports":"0"}"#,
                "",
                service,
                "services.nodeports=2",
            ),
            (
                r#"{"requests.storage":"3Gi","fast.storageclass.storage.k8s.io/persistentvolumeclaims":"1"}"#,
                r#"{"requests.storage":"2Gi","fast.storageclass.storage.k8s.io/persistentvolumeclaims":"0"}"#,
                "",
                claim,
                "exceeded quota: few, requested: requests.storage=2Gi, used: requests.storage=2Gi, limited: requests.storage=3Gi",
            ),
            (
                r#"{"count/configmaps":"9","configmaps":"9"}"#,
                r#"{"count/configmaps":"1","configmaps":"1"}"#,
                "",
                config,
                "configmaps=2,count/configmaps=2",
            ),
        ] {
            assert_eq!(checked(hard, used, scopes, &object), expected, "{hard} {used} {scopes}");
        }
    }
}
