//! What a DaemonSet's Pods have beyond its template: tolerations, their node, labels
//! (upstream: pkg/controller/daemon/util/daemonset_util.go).

use crate::api::Object;
use crate::api::objects::{
    DaemonSet, LabelSelectorRequirement, NodeSelectorTerm, Pod, PodSpec, PodTemplateSpec, Toleration,
};
use crate::cluster::apiserver::template_generation::TEMPLATE_GENERATION;
use crate::cluster::controllers::pod_control::pod_from_template;
use crate::value::Str;
use std::rc::Rc;

/// The label with the hash of the template that a Pod or a ControllerRevision is of.
pub(super) const HASH_LABEL: &str = "controller-revision-hash";
const GENERATION_LABEL: &str = "pod-template-generation";
const NODE_NAME: &str = "metadata.name";

/// Taints that every Pod of a DaemonSet tolerates.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];
/// And one more where it uses its node's network.
const TOLERATED_IN_HOST_NETWORK: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

/// The spec of a DaemonSet's Pods before they have a node.
pub(super) fn daemon_spec(template: &PodTemplateSpec) -> PodSpec {
    let mut spec = PodSpec::clone(&template.spec);
    let in_host_network = spec.host_network.then_some(TOLERATED_IN_HOST_NETWORK);
    for (key, effect) in TOLERATED.into_iter().chain(in_host_network) {
        let new = Toleration {
            key: key.into(),
            operator: "Exists".into(),
            effect: effect.into(),
            ..Toleration::default()
        };
        let is_same = |old: &Toleration| {
            (&old.key, &old.operator, &old.effect, &old.value)
                == (&new.key, &new.operator, &new.effect, &new.value)
        };
        match spec.tolerations.iter_mut().find(|old| is_same(old)) {
            Some(old) => *old = new,
            None => spec.tolerations.push(new),
        }
    }
    spec
}

/// The count of the DaemonSet's templates, as it is annotated.
fn generation(set: &DaemonSet) -> Option<&Str> {
    set.metadata.annotations.get(TEMPLATE_GENERATION).filter(|count| count.parse::<i64>().is_ok())
}

/// Whether a Pod is of the template as it is.
pub(super) fn is_updated(set: &DaemonSet, pod: &Pod, hash: &str) -> bool {
    let labels = &pod.metadata.labels;
    labels.get(HASH_LABEL).is_some_and(|label| !hash.is_empty() && &**label == hash)
        || generation(set).is_some_and(|count| labels.get(GENERATION_LABEL) == Some(count))
}

/// A new Pod for a node.
pub(super) fn new_pod(set: &Rc<DaemonSet>, hash: &str, node: &Str) -> Pod {
    let mut pod = pod_from_template(&Object::DaemonSet(set.clone()), &set.spec.template);
    let labels = &mut Rc::make_mut(&mut pod.metadata).labels;
    if let Some(count) = generation(set) {
        labels.insert(GENERATION_LABEL.into(), count.clone());
    }
    labels.insert(HASH_LABEL.into(), hash.into());
    let mut spec = daemon_spec(&set.spec.template);
    bind_by_affinity(&mut spec, node);
    pod.spec = Rc::new(spec);
    pod
}

/// Makes the scheduler put a Pod on this node alone.
fn bind_by_affinity(spec: &mut PodSpec, node: &Str) {
    let affinity = Rc::make_mut(spec.affinity.get_or_insert_default());
    let required = affinity.node_affinity.get_or_insert_default().required.get_or_insert_default();
    let is_the_node = LabelSelectorRequirement {
        key: NODE_NAME.into(),
        operator: "In".into(),
        values: vec![node.clone()],
        ..LabelSelectorRequirement::default()
    };
    let term = NodeSelectorTerm { match_fields: vec![is_the_node], ..NodeSelectorTerm::default() };
    required.node_selector_terms = vec![term];
}

/// The node that a Pod is on or was made for.
pub(super) fn target_node(pod: &Pod) -> Option<&Str> {
    if !pod.spec.node_name.is_empty() {
        return Some(&pod.spec.node_name);
    }
    let required = crate::api::scheduling::required_node_selector(&pod.spec)?;
    let fields = required.node_selector_terms.iter().flat_map(|term| &term.match_fields);
    let named = fields.into_iter().find(|field| &*field.key == NODE_NAME && &*field.operator == "In")?;
    let [node] = &named.values[..] else { return None };
    Some(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn set(spec: &str) -> Rc<DaemonSet> {
        let text = format!(
            r#"{{"metadata":{{"name":"agent","annotations":{{"{TEMPLATE_GENERATION}":"3"}}}},"spec":{{"template":{{"spec":{spec}}}}}}}"#
        );
        Rc::new(DaemonSet::decode(&json::parse(&text).expect("JSON")).expect("a DaemonSet"))
    }

    #[test]
    fn a_pod_knows_its_node_before_it_is_bound() {
        let affinity = r#"{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms":[{"matchExpressions":[{"key":"disk","operator":"Exists"}]}]}}}}"#;
        for spec in ["{}", affinity] {
            let set = set(spec);
            let mut pod = new_pod(&set, "abc", &"node-2".into());
            assert_eq!(target_node(&pod).map(|node| &**node), Some("node-2"));
            assert!(is_updated(&set, &pod, "abc") && is_updated(&set, &pod, "other"), "of the generation");
            Rc::make_mut(&mut pod.metadata).labels.remove(GENERATION_LABEL);
            assert!(!is_updated(&set, &pod, "other"));
            Rc::make_mut(&mut pod.spec).node_name = "node-1".into();
            assert_eq!(target_node(&pod).map(|node| &**node), Some("node-1"));
        }
        assert_eq!(target_node(&Pod::default()), None);
    }

    #[test]
    fn what_is_tolerated_already_is_tolerated_for_ever() {
        let spec = r#"{"hostNetwork":true,"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists",
            "effect":"NoExecute","tolerationSeconds":5},{"key":"gpu","operator":"Exists"}]}"#;
        let spec = daemon_spec(&set(spec).spec.template);
        let keys: Vec<_> = spec.tolerations.iter().map(|toleration| &*toleration.key).collect();
        assert_eq!(keys.len(), 8);
        assert_eq!(
            (keys[0], keys[1], keys[7]),
            ("node.kubernetes.io/not-ready", "gpu", TOLERATED_IN_HOST_NETWORK.0)
        );
        assert_eq!(spec.tolerations[0].toleration_seconds, None);
    }
}
