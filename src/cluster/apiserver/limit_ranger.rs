//! LimitRanger: gives containers the defaults of the Namespace's LimitRanges and holds Pods and claims to
//! their bounds (upstream: plugin/pkg/admission/limitranger).

use super::{ApiServer, defaults};
use crate::api::objects::{
    Container, Labels, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec, ResourceRequirements,
};
use crate::api::quantity::Quantity;
use crate::api::resources::{ResourceList, parse, pod_limits, pod_requests};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::request::Status;
use crate::value::Str;
use std::collections::btree_map::Entry;
use std::rc::Rc;

/// Says which defaults a Pod was given.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

fn ranges<'a>(server: &'a ApiServer, namespace: &'a str) -> impl Iterator<Item = &'a Rc<LimitRange>> {
    server.store.list(Kind::LimitRange, Some(namespace)).filter_map(|object| object.get::<LimitRange>())
}

/// Gives a new Pod's containers the defaults.
pub(super) fn mutate(server: &ApiServer, pod: &mut Pod) {
    let namespace = pod.metadata.namespace.clone();
    for range in ranges(server, &namespace) {
        let mut set = Vec::new();
        let spec = Rc::make_mut(&mut pod.spec);
        for container in &mut spec.containers {
            merge(container, &range.spec.limits, "container", &mut set);
        }
        for container in &mut spec.init_containers {
            merge(container, &range.spec.limits, "init container", &mut set);
        }
        if !set.is_empty() {
            let text = format!("LimitRanger plugin set: {}", set.join("; "));
            Rc::make_mut(&mut pod.metadata).annotations.insert(ANNOTATION.into(), text.into());
            let class = defaults::qos_class(&pod.spec);
            Rc::make_mut(&mut pod.status).qos_class = class.into();
        }
    }
}

fn merge(container: &mut Container, limits: &[LimitRangeItem], what: &str, set: &mut Vec<String>) {
    let resources = container.resources.get_or_insert_with(ResourceRequirements::default);
    let name = container.name.clone();
    let mut fill = |list: &mut Labels, of: fn(&LimitRangeItem) -> &Labels, word: &str| {
        let mut added: Vec<Str> = Vec::new();
        let mut defaults = Labels::new();
        for item in limits.iter().filter(|item| &*item.kind == "Container") {
            defaults.extend(of(item).clone());
        }
        for (resource, amount) in defaults {
            if let Entry::Vacant(free) = list.entry(resource) {
                added.push(free.key().clone());
                free.insert(amount);
            }
        }
        if !added.is_empty() {
            set.push(format!("{} {word} for {what} {name}", added.join(", ")));
        }
    };
    fill(&mut resources.requests, |item| &item.default_request, "request");
    fill(&mut resources.limits, |item| &item.default, "limit");
}

/// Holds a new Pod, or a new or changed claim, to the bounds.
pub(super) fn validate(server: &ApiServer, key: &ObjectKey, object: &Object) -> Result<(), Rc<Status>> {
    for range in ranges(server, &key.namespace) {
        let mut errors = Vec::new();
        for item in &range.spec.limits {
            match object {
                Object::Pod(pod) => check_pod(item, pod, &mut errors),
                Object::PersistentVolumeClaim(claim) => check_claim(item, claim, &mut errors),
                _ => {}
            }
        }
        // As upstream's aggregate: what is said twice is said once.
        let mut seen: Vec<String> = Vec::new();
        errors.into_iter().for_each(|error| {
            if !seen.contains(&error) {
                seen.push(error);
            }
        });
        match &seen[..] {
            [] => {}
            [one] => return Err(Status::forbidden(key, one)),
            many => return Err(Status::forbidden(key, &format!("[{}]", many.join(", ")))),
        }
    }
    Ok(())
}

fn check_pod(item: &LimitRangeItem, pod: &Pod, errors: &mut Vec<String>) {
    match &*item.kind {
        "Container" => {
            for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
                let list = |limits: bool| {
                    let resources = container.resources.as_ref();
                    parse(
                        resources
                            .map_or(&Labels::new(), |own| if limits { &own.limits } else { &own.requests }),
                    )
                };
                check(item, &list(false), &list(true), errors);
            }
        }
        "Pod" => {
            // What running the Pod costs beside its containers is not looked at here.
            let spec = PodSpec { overhead: Labels::new(), ..PodSpec::clone(&pod.spec) };
            check(item, &pod_requests(&spec), &pod_limits(&spec), errors);
        }
        _ => {}
    }
}

fn check(item: &LimitRangeItem, requests: &ResourceList, limits: &ResourceList, errors: &mut Vec<String>) {
    for (name, bound) in &parse(&item.min) {
        errors.extend(minimum(&item.kind, name, *bound, requests, limits));
    }
    for (name, bound) in &parse(&item.max) {
        errors.extend(maximum(&item.kind, name, *bound, requests, limits));
    }
    for (name, bound) in &parse(&item.max_limit_request_ratio) {
        errors.extend(ratio(&item.kind, name, *bound, requests, limits));
    }
}

fn check_claim(item: &LimitRangeItem, claim: &PersistentVolumeClaim, errors: &mut Vec<String>) {
    if &*item.kind != "PersistentVolumeClaim" {
        return;
    }
    let requests = parse(&claim.spec.resources.requests);
    for (name, bound) in &parse(&item.min) {
        errors.extend(minimum(&item.kind, name, *bound, &requests, &ResourceList::new()));
    }
    for (name, bound) in &parse(&item.max) {
        let start = format!("maximum {name} usage per {} is {bound}", item.kind);
        match requests.get(name) {
            None => errors.push(format!("{start}.  No request is specified")),
            Some(request) if request > bound => errors.push(format!("{start}, but request is {request}")),
            Some(_) => {}
        }
    }
}

fn minimum(
    kind: &str,
    name: &str,
    bound: Quantity,
    requests: &ResourceList,
    limits: &ResourceList,
) -> Option<String> {
    let start = format!("minimum {name} usage per {kind} is {bound}");
    let Some(request) = requests.get(name) else { return Some(format!("{start}.  No request is specified")) };
    if *request < bound {
        return Some(format!("{start}, but request is {request}"));
    }
    let limit = limits.get(name).filter(|limit| **limit < bound)?;
    Some(format!("{start}, but limit is {limit}"))
}

fn maximum(
    kind: &str,
    name: &str,
    bound: Quantity,
    requests: &ResourceList,
    limits: &ResourceList,
) -> Option<String> {
    let start = format!("maximum {name} usage per {kind} is {bound}");
    let Some(limit) = limits.get(name) else { return Some(format!("{start}.  No limit is specified")) };
    if *limit > bound {
        return Some(format!("{start}, but limit is {limit}"));
    }
    let request = requests.get(name).filter(|request| **request > bound)?;
    Some(format!("{start}, but request is {request}"))
}

fn ratio(
    kind: &str,
    name: &str,
    bound: Quantity,
    requests: &ResourceList,
    limits: &ResourceList,
) -> Option<String> {
    let start = format!("{name} max limit to request ratio per {kind} is {bound}");
    let given =
        |list: &ResourceList| list.get(name).map(|amount| amount.milli_value()).filter(|amount| *amount != 0);
    let Some(request) = given(requests) else {
        return Some(format!("{start}, but no request is specified or request is 0"));
    };
    let Some(limit) = given(limits) else {
        return Some(format!("{start}, but no limit is specified or limit is 0"));
    };
    if i128::from(limit) * 1_000 <= i128::from(bound.milli_value()) * i128::from(request) {
        return None;
    }
    // In whole numbers, rounded as Go prints six places.
    let millionths = (i128::from(limit) * 2_000_000 / i128::from(request) + 1) / 2;
    Some(format!("{start}, but provided ratio is {}.{:06}", millionths / 1_000_000, millionths % 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn said(item: &str, pod: &str) -> String {
        let item = LimitRangeItem::decode(&json::parse(item).expect("JSON")).expect("an item");
        let pod = Pod::decode(
            &json::parse(&format!(r#"{{"spec":{{"containers":[{{"name":"web","resources":{pod}}}]}}}}"#))
                .expect("JSON"),
        );
        let mut errors = Vec::new();
        check_pod(&item, &pod.expect("a Pod"), &mut errors);
        errors.join(" / ")
    }

    #[test]
    fn bounds_are_told_in_upstreams_words() {
        let bounds = r#"{"type":"Container","min":{"cpu":"100m"},"max":{"cpu":"1"},"maxLimitRequestRatio":{"cpu":"3"}}"#;
        for (pod, expected) in [
            (r#"{"requests":{"cpu":"500m"},"limits":{"cpu":"1"}}"#, ""),
            (
                r#"{"requests":{"cpu":"50m"},"limits":{"cpu":"2"}}"#,
                "minimum cpu usage per Container is 100m, but request is 50m / maximum cpu usage per Container is 1, but limit is 2 / cpu max limit to request ratio per Container is 3, but provided ratio is 40.000000",
            ),
            (
                "{}",
                "minimum cpu usage per Container is 100m.  No request is specified / maximum cpu usage per Container is 1.  No limit is specified / cpu max limit to request ratio per Container is 3, but no request is specified or request is 0",
            ),
        ] {
            assert_eq!(said(bounds, pod), expected);
        }
        let pods = r#"{"type":"Pod","max":{"memory":"1Gi"}}"#;
        assert_eq!(
            said(pods, r#"{"limits":{"memory":"2Gi"}}"#),
            "maximum memory usage per Pod is 1Gi, but limit is 2Gi"
        );
        let of_all = r#"{"spec":{"overhead":{"memory":"1Gi"},"resources":{"limits":{"memory":"1Gi"}},"containers":[{"name":"web"}]}}"#;
        let (item, of_all) = (json::parse(pods).expect("JSON"), json::parse(of_all).expect("JSON"));
        let mut errors = Vec::new();
        let item = LimitRangeItem::decode(&item).expect("an item");
        check_pod(&item, &Pod::decode(&of_all).expect("a Pod"), &mut errors);
        assert_eq!(errors, [""; 0]);
    }

    #[test]
    fn defaults_are_filled_in() {
        let item = r#"{"type":"Container","default":{"cpu":"200m","memory":"64Mi"},"defaultRequest":{"cpu":"100m"}}"#;
        let item = LimitRangeItem::decode(&json::parse(item).expect("JSON")).expect("an item");
        let mut container = Container { name: "web".into(), ..Container::default() };
        let mut set = Vec::new();
        merge(&mut container, &[item], "container", &mut set);
        assert_eq!(set, ["cpu request for container web", "cpu, memory limit for container web"]);
    }
}
