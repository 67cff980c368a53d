//! A node on which a Pod would fit that waits: what a diagnosis offers.

use super::cache::Cache;
use super::plugins::{filter, pre_filter};
use super::pod_info::{AffinityTerm, PodInfo};
use super::resources::Resources;
use crate::api::Object;
use crate::api::objects::{Labels, Node, NodeSelectorTerm, NodeStatus, ObjectMeta, Pod};
use crate::api::quantity::Quantity;
use crate::api::scheduling::required_node_selector;
use crate::cluster::record::Change;
use crate::value::{Map, Str, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// As large as a node is where nothing more is asked for.
const LEAST_MILLI_CPU: i64 = 2_000;
const LEAST_GIB: i64 = 8;
const GIB: i64 = 1 << 30;
const PODS: i64 = 110;
const HOSTNAME: &str = "kubernetes.io/hostname";

/// The manifest of a node on which a Pod would fit, were it added to the cluster of these objects; none where no node
/// would help. The scheduler's own filters have the last word.
///
/// Upstream has nothing like it; what it asks is what the filters of pkg/scheduler ask.
pub fn fitting_node<'a>(pod: &Rc<Pod>, cluster: impl IntoIterator<Item = &'a Object>) -> Option<Value> {
    let mut cache = Cache::default();
    let mut names = BTreeSet::new();
    for object in cluster {
        match object {
            Object::Node(node) => {
                names.insert(node.metadata.name.clone());
                cache.set_node(node);
            }
            Object::Pod(other) if !crate::api::conditions::is_pod_terminal(other) => _ = cache.set_pod(other),
            Object::Pod(_) => {}
            other => _ = cache.heard.apply(Change::Added, other.clone(), None),
        }
    }
    let info = Rc::new(PodInfo::new(pod));
    let selector = required_node_selector(&pod.spec);
    let none = [NodeSelectorTerm::default()];
    let terms = selector.map_or(&none[..], |selector| &selector.node_selector_terms);
    terms.iter().find_map(|term| {
        let node = node_for(&info, term, &names, &cache)?;
        let mut with = cache.clone();
        with.set_node(&Rc::new(node.clone()));
        let found = pre_filter(&info, &mut with).ok()?;
        filter(&found.cycle, with.node(&node.metadata.name)?).ok()?;
        Some(manifest(&node))
    })
}

/// The node that a term of the Pod's affinity asks for.
fn node_for(info: &PodInfo, term: &NodeSelectorTerm, taken: &BTreeSet<Str>, cache: &Cache) -> Option<Node> {
    let spec = &info.pod.spec;
    let wanted = term.match_fields.iter().find(|field| &*field.operator == "In");
    let name = match wanted {
        Some(field) => field.values.iter().find(|name| !taken.contains(*name))?.clone(),
        None => (1..).map(|n| Str::from(format!("node-{n}"))).find(|name| !taken.contains(name))?,
    };
    let mut labels = Labels::from([
        ("kubernetes.io/arch".into(), "amd64".into()),
        (HOSTNAME.into(), name.clone()),
        ("kubernetes.io/os".into(), "linux".into()),
    ]);
    // A domain of its own is the emptiest.
    for constraint in &spec.topology_spread_constraints {
        labels.entry(constraint.topology_key.clone()).or_insert_with(|| name.clone());
    }
    // No two nodes have one host name.
    for wanted in info.affinity.iter().filter(|wanted| &*wanted.topology_key != HOSTNAME) {
        if let Some(value) = domain_of(wanted, cache) {
            labels.insert(wanted.topology_key.clone(), value);
        } else {
            labels.entry(wanted.topology_key.clone()).or_insert_with(|| name.clone());
        }
    }
    labels.extend(spec.node_selector.clone());
    for requirement in &term.match_expressions {
        let bound = || requirement.values.first()?.parse::<i64>().ok();
        let value: Option<Str> = match &*requirement.operator {
            "In" => requirement
                .values
                .iter()
                .find(|value| spec.node_selector.get(&requirement.key).is_none_or(|own| own == *value))
                .cloned(),
            "Exists" => Some(labels.get(&requirement.key).cloned().unwrap_or_else(|| "true".into())),
            "Gt" => bound().and_then(|n| Some(n.checked_add(1)?.to_string().into())),
            "Lt" => bound().and_then(|n| Some(n.checked_sub(1)?.to_string().into())),
            _ => None,
        };
        if let Some(value) = value {
            labels.insert(requirement.key.clone(), value);
        }
    }
    let status = NodeStatus { capacity: size(&info.requests.exact), ..NodeStatus::default() };
    let status = NodeStatus { allocatable: status.capacity.clone(), ..status };
    let metadata = Rc::new(ObjectMeta { name, labels, ..ObjectMeta::default() });
    Some(Node { metadata, status, ..Node::default() })
}

/// Where Pods lie that a term wants near.
fn domain_of(term: &AffinityTerm, cache: &Cache) -> Option<Str> {
    let is_there = |info: &Rc<PodInfo>| term.matches(info, cache.namespace_labels(&info.key.namespace));
    let node = cache.nodes().find(|node| node.pods.iter().any(is_there))?;
    node.label(&term.topology_key).cloned()
}

/// What a node needs to have for a Pod.
fn size(wants: &Resources) -> Labels {
    let cpu = wants.milli_cpu.div_euclid(1000) + i64::from(wants.milli_cpu.rem_euclid(1000) > 0);
    let memory = wants.memory.div_euclid(GIB) + i64::from(wants.memory.rem_euclid(GIB) > 0);
    let mut size = Labels::from([
        ("cpu".into(), cpu.max(LEAST_MILLI_CPU / 1000).to_string().into()),
        ("memory".into(), format!("{}Gi", memory.max(LEAST_GIB)).into()),
        ("pods".into(), PODS.to_string().into()),
    ]);
    if wants.ephemeral_storage > 0 {
        let storage = wants.ephemeral_storage.div_euclid(GIB) + 1;
        size.insert("ephemeral-storage".into(), format!("{storage}Gi").into());
    }
    for (name, amount) in &wants.scalar {
        size.insert(name.clone(), Quantity::units(*amount).to_string().into());
    }
    size
}

fn manifest(node: &Node) -> Value {
    let text = |labels: &Labels| {
        Value::from(
            labels.iter().map(|(key, value)| (key.clone(), Value::from(value.clone()))).collect::<Map>(),
        )
    };
    let mut value = Value::object();
    value.set(&["apiVersion"], "v1");
    value.set(&["kind"], "Node");
    value.set(&["metadata", "name"], node.metadata.name.clone());
    value.set(&["metadata", "labels"], text(&node.metadata.labels));
    value.set(&["status", "capacity"], text(&node.status.capacity));
    value
}

#[cfg(test)]
mod tests {
    use super::super::testing::{node, pod_with};
    use super::*;
    use crate::value::json;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(metadata: &str, spec: &str, expect: Expect) {
        let there = pod_with("db", "labels: {app: db}", "nodeName: node-1\ncontainers: [{}]");
        let cluster = [
            Object::Node(node(
                "node-1",
                "labels: {zone: a, kubernetes.io/hostname: node-1}\nspec: {unschedulable: true}",
            )),
            Object::from(there),
        ];
        let pod = Rc::new(pod_with("web", metadata, spec));
        let found = fitting_node(&pod, &cluster);
        expect.assert_eq(&found.map_or("none".into(), |value| json::compact(&value)));
    }

    #[test]
    fn a_pod_gets_a_node_of_its_size() {
        check(
            "{}",
            "containers: [{}]",
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux"},"name":"node-2"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
        check(
            "{}",
            "containers: [{resources: {requests: {cpu: 9500m, memory: 20Gi, example.com/gpu: 2}}}]",
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux"},"name":"node-2"},"status":{"capacity":{"cpu":"10","example.com/gpu":"2","memory":"20Gi","pods":"110"}}}"#
            ]],
        );
    }

    #[test]
    fn a_pod_gets_the_labels_that_it_asks_for() {
        check(
            "{}",
            "nodeSelector: {disk: ssd}\ncontainers: [{}]",
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"disk":"ssd","kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux"},"name":"node-2"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
        let terms = "{matchExpressions: [{key: cores, operator: Gt, values: ['4']}, {key: gpu, operator: Exists}, {key: arm, operator: DoesNotExist}]}";
        check(
            "{}",
            &format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}\ncontainers: [{{}}]"
            ),
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"cores":"5","gpu":"true","kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux"},"name":"node-2"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
        let named = "{matchFields: [{key: metadata.name, operator: In, values: [special]}]}";
        check(
            "{}",
            &format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{named}]}}}}}}\ncontainers: [{{}}]"
            ),
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"special","kubernetes.io/os":"linux"},"name":"special"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
    }

    #[test]
    fn a_pod_gets_a_node_near_those_that_it_wants_and_far_from_others() {
        let term = |kind: &str, key: &str| {
            format!(
                "affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: [{{labelSelector: {{matchLabels: {{app: db}}}}, topologyKey: {key}}}]}}}}\ncontainers: [{{}}]"
            )
        };
        check(
            "{}",
            &term("podAffinity", "zone"),
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux","zone":"a"},"name":"node-2"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
        // Only that very node would do.
        check("{}", &term("podAffinity", HOSTNAME), expect!["none"]);
        check(
            "{}",
            &term("podAntiAffinity", HOSTNAME),
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux"},"name":"node-2"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
        check(
            "labels: {app: db}",
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: db}}}]\ncontainers: [{}]",
            expect![[
                r#"{"apiVersion":"v1","kind":"Node","metadata":{"labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"node-2","kubernetes.io/os":"linux","zone":"node-2"},"name":"node-2"},"status":{"capacity":{"cpu":"2","memory":"8Gi","pods":"110"}}}"#
            ]],
        );
    }

    #[test]
    fn what_no_node_mends_gets_none() {
        check(
            "{}",
            "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\ncontainers: [{}]",
            expect!["none"],
        );
    }
}
