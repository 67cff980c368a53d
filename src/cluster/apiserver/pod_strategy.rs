//! What the API server does with a new Pod beside defaults (upstream: pkg/registry/core/pod/strategy.go).

use super::ApiServer;
use super::defaults::set_pod_condition;
use crate::api::objects::{
    Affinity, Condition, ConditionStatus, Container, LabelSelector, LabelSelectorRequirement, Labels, Node,
    Pod, PodAffinityTerm,
};
use crate::api::quantity::Quantity;
use crate::api::resources::{ResourceList, parse, pod_requests};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::request::Status;
use crate::value::{Map, Str};
use std::rc::Rc;

/// Marks a Pod with gates, and merges the labels that its terms name into their selectors.
pub(super) fn prepare_for_create(pod: &mut Pod, now: &Str) {
    if !pod.spec.scheduling_gates.is_empty() {
        let gated = Condition {
            kind: "PodScheduled".into(),
            status: Some(ConditionStatus::False),
            reason: "SchedulingGated".into(),
            message: "Scheduling is blocked due to non-empty scheduling gates".into(),
            ..Condition::default()
        };
        set_pod_condition(&mut Rc::make_mut(&mut pod.status).conditions, gated, now);
    }
    if pod.spec.affinity.is_some() || !pod.spec.topology_spread_constraints.is_empty() {
        let labels = pod.metadata.labels.clone();
        let spec = Rc::make_mut(&mut pod.spec);
        if let Some(affinity) = &mut spec.affinity {
            merge_affinity(Rc::make_mut(affinity), &labels);
        }
        for constraint in &mut spec.topology_spread_constraints {
            merge(&mut constraint.label_selector, &constraint.match_label_keys, &[], &labels);
        }
    }
}

/// What the subresource writes: nothing but the containers (upstream: dropNonEphemeralContainerUpdates).
pub(super) fn only_ephemeral_containers(old: &Object, new: &Object) -> Object {
    match (old.clone(), new) {
        (Object::Pod(mut pod), Object::Pod(new)) => {
            Rc::make_mut(&mut Rc::make_mut(&mut pod).spec).ephemeral_containers =
                new.spec.ephemeral_containers.clone();
            Object::Pod(pod)
        }
        (old, _) => old,
    }
}

/// What the subresource `resize` writes: what containers may use, and what follows a change of that (upstream:
/// dropNonResizeUpdates).
pub(super) fn only_resources(old: &Object, new: &Object) -> Object {
    let (Object::Pod(old), Object::Pod(new)) = (old, new) else { return old.clone() };
    let mut pod = old.clone();
    let spec = Rc::make_mut(&mut Rc::make_mut(&mut pod).spec);
    for (list, wanted) in
        [(&mut spec.containers, &new.spec.containers), (&mut spec.init_containers, &new.spec.init_containers)]
    {
        let names =
            |list: &[Container]| list.iter().map(|container| container.name.clone()).collect::<Vec<_>>();
        if names(list) != names(wanted) {
            list.clone_from(wanted);
            continue;
        }
        for (container, wanted) in list.iter_mut().zip(wanted) {
            container.resources = wanted.resources.clone();
            set_resize_policy(container, wanted);
        }
    }
    Object::Pod(pod)
}

/// A container's policy of resizing, which is not modelled, as `wanted` has it.
fn set_resize_policy(container: &mut Container, wanted: &Container) {
    const POLICY: &str = "resizePolicy";
    let policy = wanted.extra.as_ref().and_then(|extra| extra.get(POLICY)).cloned();
    let kept = container.extra.iter().flat_map(|extra| extra.iter()).filter(|(name, _)| ***name != *POLICY);
    let mut extra: Map = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(policy) = policy {
        extra.push(POLICY, policy);
    }
    container.extra = (!extra.is_empty()).then(|| Rc::new(extra));
}

/// Refuses what the Pod's node could never give (upstream: plugin/pkg/admission/podresize).
pub(super) fn admit_resize(server: &ApiServer, key: &ObjectKey, new: &Object) -> Result<(), Rc<Status>> {
    let Object::Pod(pod) = new else { return Ok(()) };
    let name = &pod.spec.node_name;
    if name.is_empty() {
        return Ok(());
    }
    let node = server.store.get(&ObjectKey::new(Kind::Node, "", name.clone()));
    let Some(node) = node.and_then(|node| node.get::<Node>()) else {
        return Err(Status::forbidden(key, &format!("node \"{name}\" not found")));
    };
    let (asked, given) = (pod_requests(&pod.spec), parse(&node.status.allocatable));
    let lacks = |resource: &str, count: fn(Quantity) -> i64| {
        let of = |list: &ResourceList| list.get(resource).map_or(0, |amount| count(*amount));
        let (asked, given) = (of(&asked), of(&given));
        (asked > given).then(|| format!("{resource}, requested: {asked}, allocatable: {given}"))
    };
    let lacking: Vec<String> = [lacks("cpu", Quantity::milli_value), lacks("memory", Quantity::value)]
        .into_iter()
        .flatten()
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let why = format!("node didn't have enough allocatable resources: {}", lacking.join("; "));
    Err(Status::forbidden(key, &why))
}

fn merge_affinity(affinity: &mut Affinity, labels: &Labels) {
    let sides = [&mut affinity.pod_affinity, &mut affinity.pod_anti_affinity];
    for side in sides.into_iter().flatten() {
        let preferred = side.preferred.iter_mut().map(|weighted| &mut weighted.pod_affinity_term);
        for term in side.required.iter_mut().chain(preferred) {
            let PodAffinityTerm { label_selector, match_label_keys, mismatch_label_keys, .. } = term;
            merge(label_selector, match_label_keys, mismatch_label_keys, labels);
        }
    }
}

/// Requires of others the labels that the Pod itself has, or others.
fn merge(selector: &mut Option<LabelSelector>, same: &[Str], other: &[Str], labels: &Labels) {
    let Some(selector) = selector else { return };
    for (keys, operator) in [(same, "In"), (other, "NotIn")] {
        for key in keys {
            if let Some(value) = labels.get(key) {
                selector.match_expressions.push(LabelSelectorRequirement {
                    key: key.clone(),
                    operator: operator.into(),
                    values: vec![value.clone()],
                    ..LabelSelectorRequirement::default()
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{ObjectMeta, PodAffinity, PodSpec};

    #[test]
    fn named_labels_are_merged_into_selectors() {
        let term = PodAffinityTerm {
            label_selector: Some(LabelSelector::default()),
            match_label_keys: vec!["rev".into(), "absent".into()],
            mismatch_label_keys: vec!["app".into()],
            ..PodAffinityTerm::default()
        };
        let mut pod = Pod {
            metadata: Rc::new(ObjectMeta {
                labels: [("rev", "1"), ("app", "web")].map(|(k, v)| (Str::from(k), Str::from(v))).into(),
                ..ObjectMeta::default()
            }),
            spec: Rc::new(PodSpec {
                affinity: Some(Rc::new(Affinity {
                    pod_anti_affinity: Some(PodAffinity { required: vec![term], ..PodAffinity::default() }),
                    ..Affinity::default()
                })),
                ..PodSpec::default()
            }),
            ..Pod::default()
        };
        prepare_for_create(&mut pod, &"now".into());
        let affinity = pod.spec.affinity.as_ref().expect("there");
        let selector =
            affinity.pod_anti_affinity.as_ref().expect("there").required[0].label_selector.as_ref();
        let said: Vec<String> = selector
            .expect("there")
            .match_expressions
            .iter()
            .map(|r| format!("{} {} {}", r.key, r.operator, r.values.join(",")))
            .collect();
        assert_eq!(said, ["rev In 1", "app NotIn web"]);
        assert!(pod.status.conditions.is_empty());
    }
}
