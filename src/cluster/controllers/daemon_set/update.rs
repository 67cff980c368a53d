//! Replacing a DaemonSet's Pods by those of a new template (upstream: pkg/controller/daemon/update.go).

use super::placement::{NodePods, View, should_run};
use super::template::is_updated;
use crate::api::objects::{DaemonSet, Node, Pod};
use crate::cluster::controllers::int_or_percent::scaled;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many nodes may have two Pods, and how many may have none.
fn bounds(set: &DaemonSet, nodes: i32) -> (usize, usize) {
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    let Some(rolling) = rolling.filter(|_| is_rolling(set)) else { return (0, 0) };
    let surge = scaled(rolling.max_surge.as_ref(), nodes, true).max(0) as usize;
    let unavailable = scaled(rolling.max_unavailable.as_ref(), nodes, true).max(0) as usize;
    (surge, unavailable)
}

/// Whether new Pods replace old ones by themselves.
pub(super) fn is_rolling(set: &DaemonSet) -> bool {
    &*set.spec.update_strategy.kind == "RollingUpdate"
}

/// Whether a node may have two Pods for a while.
pub(super) fn allows_surge(set: &DaemonSet) -> bool {
    bounds(set, 1).0 > 0
}

/// What an update does next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Update {
    /// Pods are deleted; the next sync makes new ones.
    pub(super) pods: Vec<Rc<Pod>>,
    /// A further Pod is made for each of these nodes.
    pub(super) nodes: Vec<Str>,
}

/// The new and the old Pod of a node; none where there are several of one sort, which the next sync sorts out.
fn new_and_old<'a>(view: &View, pods: &'a [Rc<Pod>]) -> Option<(Option<&'a Rc<Pod>>, Option<&'a Rc<Pod>>)> {
    let live = pods.iter().filter(|pod| !pod.metadata.is_terminating());
    let (new, old): (Vec<_>, Vec<_>) = live.partition(|pod| is_updated(view.set, pod, view.hash));
    (new.len() <= 1 && old.len() <= 1).then(|| (new.first().copied(), old.first().copied()))
}

/// What is done next, so that no bound is broken.
pub(super) fn rolling_update(view: &View, nodes: &[Rc<Node>], pods: &NodePods) -> Update {
    let mut pods = pods.clone();
    let wanted: Vec<&Str> = nodes
        .iter()
        .filter(|node| should_run(node, view.spec).runs)
        .map(|node| &node.metadata.name)
        .collect();
    for node in &wanted {
        pods.entry(Str::clone(node)).or_default();
    }
    let (surge, mut unavailable) = bounds(view.set, wanted.len() as i32);
    if surge > 0 {
        let nodes = nodes.iter().map(|node| (&node.metadata.name, node)).collect();
        return with_surge(view, &nodes, &pods, surge, wanted.len());
    }
    if !wanted.is_empty() && unavailable == 0 {
        unavailable = 1;
    }
    without_surge(view, &pods, unavailable)
}

/// Old Pods go as long as few enough nodes are without.
fn without_surge(view: &View, pods: &NodePods, most: usize) -> Update {
    let (mut missing, mut broken, mut well) = (0, Vec::new(), Vec::new());
    for pods in pods.values() {
        match new_and_old(view, pods) {
            Some((Some(new), None)) => missing += usize::from(!view.is_available(new)),
            Some((None, Some(old))) if !view.is_available(old) => {
                broken.push(old.clone());
                missing += 1;
            }
            Some((None, Some(old))) if missing < most => well.push(old.clone()),
            Some((None, Some(_))) => {}
            Some((None, None) | (Some(_), Some(_))) | None => missing += 1,
        }
    }
    well.truncate(most.saturating_sub(missing));
    broken.append(&mut well);
    Update { pods: broken, nodes: Vec::new() }
}

/// New Pods come beside old ones, which go when the new one is available.
fn with_surge(
    view: &View,
    nodes: &BTreeMap<&Str, &Rc<Node>>,
    pods: &NodePods,
    most: usize,
    wanted: usize,
) -> Update {
    let (mut surging, mut available) = (0, 0);
    let (mut update, mut candidates, mut misplaced) = (Update::default(), Vec::new(), Vec::new());
    for (name, pods) in pods {
        let Some((new, old)) = new_and_old(view, pods) else {
            surging += 1;
            continue;
        };
        available += usize::from(old.or(new).is_some_and(|pod| view.is_available(pod)));
        let Some(old) = old else { continue };
        let Some(node) = nodes.get(name) else { continue };
        match new {
            Some(new) if view.is_available(new) => update.pods.push(old.clone()),
            Some(_) => surging += 1,
            None => match (should_run(node, view.spec).runs, view.is_available(old)) {
                (false, false) => update.pods.push(old.clone()),
                (false, true) => misplaced.push(old.clone()),
                (true, false) => update.nodes.push(name.clone()),
                (true, true) if surging < most => candidates.push(name.clone()),
                (true, true) => {}
            },
        }
    }
    // Where the wanted nodes have changed, an old Pod goes only when enough are available elsewhere.
    misplaced.truncate(available.saturating_sub(wanted));
    update.pods.append(&mut misplaced);
    candidates.truncate(most.saturating_sub(surging));
    update.nodes.append(&mut candidates);
    update
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{
        Condition, ConditionStatus, DaemonSetSpec, DaemonSetUpdateStrategy, Labels, ObjectMeta, PodSpec,
        PodStatus, RollingUpdateDaemonSet,
    };
    use crate::cluster::time::SimTime;
    use crate::value::Value;

    /// Of a node: `n` a new Pod, `o` an old one, in capitals one that is not ready.
    fn pods_of(node: usize, states: &str) -> Vec<Rc<Pod>> {
        let pod = |state: char| {
            let hash = if state.eq_ignore_ascii_case(&'n') { "new" } else { "old" };
            let metadata = ObjectMeta {
                name: format!("{state}{node}").into(),
                labels: Labels::from([(super::super::template::HASH_LABEL.into(), hash.into())]),
                ..ObjectMeta::default()
            };
            let ready = Condition {
                kind: "Ready".into(),
                status: Some(if state.is_lowercase() {
                    ConditionStatus::True
                } else {
                    ConditionStatus::False
                }),
                ..Condition::default()
            };
            let status = PodStatus { conditions: vec![ready], ..PodStatus::default() };
            Rc::new(Pod { metadata: Rc::new(metadata), status: Rc::new(status), ..Pod::default() })
        };
        states.chars().map(pod).collect()
    }

    #[test]
    fn what_an_update_does_next() {
        for (surge, unavailable, nodes, expected) in [
            (Value::Int(0), Value::Int(1), "o o o", "delete o0"),
            (Value::Int(0), Value::Int(1), "n o o", "delete o1"),
            (Value::Int(0), Value::Int(1), "N o o", ""),
            (Value::Int(0), Value::Int(1), "- o o", ""),
            (Value::Int(0), Value::Int(1), "O o o", "delete O0"),
            (Value::Int(0), Value::Int(2), "O o o", "delete O0 o1"),
            (Value::Int(0), Value::from("50%"), "o o o", "delete o0 o1"),
            (Value::Int(0), Value::Int(0), "o o o", "delete o0"),
            (Value::Int(0), Value::Int(1), "n n n", ""),
            (Value::Int(1), Value::Int(0), "o o o", "make 0"),
            (Value::Int(1), Value::Int(0), "oN o o", ""),
            (Value::Int(1), Value::Int(0), "on o o", "delete o0 make 1"),
            (Value::Int(1), Value::Int(0), "O O o", "make 0 1 2"),
            (Value::from("100%"), Value::Int(0), "o o o", "make 0 1 2"),
        ] {
            let rolling = RollingUpdateDaemonSet {
                max_surge: Some(surge.clone()),
                max_unavailable: Some(unavailable.clone()),
                ..RollingUpdateDaemonSet::default()
            };
            let strategy = DaemonSetUpdateStrategy {
                kind: "RollingUpdate".into(),
                rolling_update: Some(rolling),
                ..DaemonSetUpdateStrategy::default()
            };
            let spec = DaemonSetSpec { update_strategy: strategy, ..DaemonSetSpec::default() };
            let set = DaemonSet { spec: Rc::new(spec), ..DaemonSet::default() };
            let (spec, failing) = (PodSpec::default(), BTreeMap::new());
            let view = View {
                set: &set,
                hash: "new",
                spec: &spec,
                failing: &failing,
                now: SimTime::ZERO,
                unix_now: 0,
            };
            let node = |name: &str| {
                let metadata = ObjectMeta { name: name.into(), ..ObjectMeta::default() };
                Rc::new(Node { metadata: Rc::new(metadata), ..Node::default() })
            };
            let words: Vec<&str> = nodes.split(' ').collect();
            let all: Vec<Rc<Node>> = (0..words.len()).map(|place| node(&place.to_string())).collect();
            let pods = words
                .iter()
                .enumerate()
                .filter(|(_, states)| **states != "-")
                .map(|(place, states)| (place.to_string().into(), pods_of(place, states)))
                .collect();
            let update = rolling_update(&view, &all, &pods);
            let mut told = Vec::new();
            if !update.pods.is_empty() {
                told.push("delete".to_owned());
                told.extend(update.pods.iter().map(|pod| pod.metadata.name.to_string()));
            }
            if !update.nodes.is_empty() {
                told.push("make".to_owned());
                told.extend(update.nodes.iter().map(ToString::to_string));
            }
            assert_eq!(told.join(" "), expected, "surge {surge:?}, unavailable {unavailable:?}, {nodes}");
        }
    }
}
