//! When the control plane does not hear from a node: its kubelet stands still, it has no power, or nothing reaches it.

use crate::api::conditions::find;
use crate::api::objects::{ConditionStatus, Node, Pod};
use crate::cluster::fault::{Silences, Unheard};
use crate::cluster::record::NodeId;
use crate::cluster::time::SimTime;
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Shape};
use crate::timeline::View;

/// A while in which a node is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    pub(super) from: SimTime,
    /// [`SimTime::NEVER`] where it lasts.
    pub(super) until: SimTime,
    /// The gravest reason at the moment that is looked at, or at its beginning or end where that is not in it.
    pub(super) why: Unheard,
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
    let silences = view.node(name).map(|node| of(view, node)).unwrap_or_default();
    !silences.iter().any(|silence| silence.why != Unheard::Cut && silence.holds(view.at()))
}

/// The nodes that are silent now, in order: what is known of their Pods is what they said last.
pub(super) fn silent<'a>(view: View<'a>) -> Vec<&'a str> {
    if view.history().faults().next().is_none() {
        return Vec::new();
    }
    let nodes = view.history().nodes().iter().enumerate();
    let is_silent = |place: usize| {
        let node = NodeId(u16::try_from(place).unwrap_or(u16::MAX));
        of(view, node).iter().any(|silence| silence.holds(view.at()))
    };
    nodes.filter(|(place, _)| is_silent(*place)).map(|(_, name)| &**name).collect()
}

/// When a node's kubelet does nothing, in order, each from when to when: it stands still, or has no power. Behind a cut it goes on.
pub(super) fn idle(view: View, node: NodeId) -> Vec<[SimTime; 2]> {
    let (mut all, mut now): (Vec<[SimTime; 2]>, Silences) = (Vec::new(), Silences::default());
    for (time, fault) in view.history().faults() {
        let silence = fault.silence().filter(|(at, why, _)| *at == node && *why != Unheard::Cut);
        let Some((_, why, begins)) = silence else { continue };
        now.change(why, begins);
        let last = all.last_mut().filter(|[_, until]| *until == SimTime::NEVER);
        match (last, now.why()) {
            (Some([_, until]), None) => *until = time,
            (None, Some(_)) => all.push([time, SimTime::NEVER]),
            _ => {}
        }
    }
    all
}

/// When a node is silent, in order.
pub(super) fn of(view: View, node: NodeId) -> Vec<Silence> {
    let (mut all, mut now): (Vec<Silence>, Silences) = (Vec::new(), Silences::default());
    for (time, fault) in view.history().faults() {
        let Some((_, why, begins)) = fault.silence().filter(|(at, ..)| *at == node) else { continue };
        now.change(why, begins);
        let last = all.last_mut().filter(|last| last.until == SimTime::NEVER);
        match (last, now.why()) {
            (Some(last), None) => last.until = time,
            (Some(last), Some(why)) if time <= view.at() => last.why = why,
            (None, Some(why)) => all.push(Silence { from: time, until: SimTime::NEVER, why }),
            _ => {}
        }
    }
    all
}
