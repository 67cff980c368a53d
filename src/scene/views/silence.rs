//! When the control plane does not hear from a node: its kubelet stands still, it has no power, or nothing reaches it.

use crate::api::conditions::find;
use crate::api::objects::{ConditionStatus, Node, Pod};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::SimTime;
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Shape};
use crate::timeline::{History, View};

/// A while in which a node is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) from: SimTime,
    /// [`SimTime::NEVER`] where it lasts.
    pub(super) until: SimTime,
    pub(super) why: Why,
}

/// Why nobody hears from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Only its kubelet stands still.
    Kubelet,
    /// Nothing reaches it, and it runs on.
    Cut,
    /// It has no power.
    Power,
}

impl Silence {
    pub(super) fn holds(&self, at: SimTime) -> bool {
        self.from <= at && at < self.until
    }
}

/// How much is seen of what a node said last, while it is silent.
const LAST_KNOWN: f32 = 0.55;

/// A Pod as it was told last: what is drawn is faint, what is written can be read as well as elsewhere.
pub(super) fn as_last_known(mut shape: Shape) -> Shape {
    match &mut shape.geometry {
        Geometry::Group { children, .. } => {
            *children = std::mem::take(children).into_iter().map(as_last_known).collect();
            shape
        }
        Geometry::Text { .. } => shape,
        // It is the ground of a text.
        _ if shape.role == Role::PauseBar => shape,
        _ => {
            let opacity = shape.opacity * LAST_KNOWN;
            shape.faded(opacity)
        }
    }
}

/// Whether the kubelet of a Pod's node works; behind a cut it goes on alone. Of a recorded cluster only what its Node says is known.
pub(super) fn is_ended_by_anybody(view: View, pod: &Pod) -> bool {
    let (history, name) = (view.history(), &pod.spec.node_name);
    if history.faults().next().is_none() {
        let ready = view.get::<Node>("", name).and_then(|node| find(&node.status.conditions, "Ready"));
        return ready.is_none_or(|ready| ready.status != Some(ConditionStatus::Unknown));
    }
    let silences = view.node(name).map(|node| of(history, node)).unwrap_or_default();
    !silences.iter().any(|silence| silence.why != Why::Cut && silence.holds(view.at()))
}

/// The nodes that are silent now, in order: what is known of their Pods is what they said last.
pub(super) fn silent<'a>(view: View<'a>) -> Vec<&'a str> {
    if view.history().faults().next().is_none() {
        return Vec::new();
    }
    let nodes = view.history().nodes().iter().enumerate();
    let is_silent = |place: usize| {
        let node = NodeId(u16::try_from(place).unwrap_or(u16::MAX));
        of(view.history(), node).iter().any(|silence| silence.holds(view.at()))
    };
    nodes.filter(|(place, _)| is_silent(*place)).map(|(_, name)| &**name).collect()
}

/// When a node is silent, in order.
pub(super) fn of(history: &History, node: NodeId) -> Vec<Silence> {
    let mut all: Vec<Silence> = Vec::new();
    for (time, fault) in history.faults() {
        let (at, begins, why) = match fault {
            Fault::KubeletStops(at) => (at, true, Why::Kubelet),
            Fault::Partition(at) => (at, true, Why::Cut),
            Fault::NodeDies(at) => (at, true, Why::Power),
            Fault::KubeletResumes(at) => (at, false, Why::Kubelet),
            Fault::PartitionEnds(at) => (at, false, Why::Cut),
            Fault::NodeReturns(at) => (at, false, Why::Power),
            _ => continue,
        };
        if *at != node {
            continue;
        }
        match all.last_mut().filter(|last| last.until == SimTime::NEVER) {
            Some(last) if !begins => last.until = time,
            // It is silent already, and now for more than that.
            Some(last) => last.why = why,
            None if begins => all.push(Silence { from: time, until: SimTime::NEVER, why }),
            None => {}
        }
    }
    all
}
