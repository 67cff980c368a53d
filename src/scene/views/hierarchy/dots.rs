//! Workloads as single marks, where there are more of them than there is room for cards: each in the state that is to be
//! looked at first, and above them how many are in which.

use super::super::Stage;
use super::super::objects::seen;
use super::cards;
use super::cast::Group;
use super::homes::Home;
use super::place::HomePlan;
use super::pods::{head, mark, state_word};
use crate::api::Object;
use crate::msg;
use crate::scene::measure::width;
use crate::scene::role::Role;
use crate::scene::shape::{Shape, Target};
use crate::scene::tokens::State;
use crate::scene::typeface::Type;

/// What is to be looked at first.
const WORST_FIRST: [State; 6] =
    [State::Failed, State::Unknown, State::Terminating, State::Pending, State::Running, State::Succeeded];

/// How many Pods a workload wants.
fn wanted(object: &Object) -> i32 {
    match object {
        Object::Deployment(deployment) => deployment.spec.replicas.unwrap_or(1),
        other => super::cards::counts(other)[1],
    }
}

/// The state of a workload: the worst of its Pods, and Pending as long as it has fewer than it wants. With it how many of them
/// are ready.
fn state(object: &Object, group: &Group) -> (State, i32) {
    let pods = group.branches.iter().flat_map(|branch| &branch.pods).map(|(_, pod)| seen(pod));
    let mut states = Vec::new();
    let mut ready = 0;
    for pod in pods {
        ready += i32::from(pod.is_ready);
        states.push(if pod.state == State::Running && !pod.is_ready { State::Pending } else { pod.state });
    }
    if ready < wanted(object) && !states.contains(&State::Failed) {
        return (State::Pending, ready);
    }
    (WORST_FIRST.into_iter().find(|state| states.contains(state)).unwrap_or(State::Running), ready)
}

/// Draws the workloads of a Namespace.
pub(super) fn draw(
    stage: &Stage,
    home: &Home,
    plan: &HomePlan,
    [left, base]: [f32; 2],
    shapes: &mut Vec<Shape>,
) {
    let mut counts = [0_usize; WORST_FIRST.len()];
    for (group, group_plan) in home.groups.iter().zip(&plan.groups) {
        let (Some(object), Some([x, y, side, _])) = (head(group), group_plan.deployment) else { continue };
        // A Service that stands alone has no Pods that could be in a state.
        if !matches!(object, Object::Deployment(_) | Object::ReplicaSet(_)) {
            continue;
        }
        let (state, ready) = state(&object, group);
        let key = cards::key(object.kind(), object.meta());
        let shape = mark(&key, state, true, [x + side / 2.0, y + side / 2.0], side);
        let word = state_word(state);
        let spoken = format!("{} {}, {word}, {ready}/{}", object.kind(), object.meta().name, wanted(&object));
        shapes.push(shape.opening(Target::Object(object.key()), spoken));
        for (count, each) in counts.iter_mut().zip(WORST_FIRST) {
            *count += usize::from(each == state);
        }
    }
    let key = format!("namespaces//{}/counts", home.name);
    let mut x = left;
    for (state, count) in WORST_FIRST.into_iter().zip(counts).filter(|(_, count)| *count > 0) {
        let hue = state.hue();
        let text = format!("{count} {}", state_word(state));
        let wide = width(&text, Type::Label.font());
        shapes.push(mark(&format!("{key}/{}", hue.class()), state, true, [x + 5.0, base - 4.2], 10.0));
        let label = format!("{key}/{}/count", hue.class());
        shapes.push(Shape::text(label, Role::TextHue(hue), Type::Label, x + 16.0, base, text));
        x += wide + 34.0;
    }
    let text = stage.say(msg!("scene.mark-is-workload"), &[]);
    if x > left && x + width(&text, Type::Caption.font()) <= left + cards::COUNTS_LEAST {
        shapes.push(Shape::text(format!("{key}/each"), Role::TextMuted, Type::Caption, x, base, text));
    }
}
