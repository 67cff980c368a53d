//! What is to be said of a Pod: why it stands still and what helps, how long it still has, what it has of its node, else
//! why there are Pods at all.

use super::super::Stage;
use super::super::silence::is_ended_by_anybody;
use super::inside::{Inside, Part, Sort, Whose};
use crate::api::conditions;
use crate::api::objects::{Condition, ContainerStateWaiting};
use crate::cluster::runtime::ContainerPhase;
use crate::cluster::time::{Micros, SECOND};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{width, wrap};
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::typeface::Type;

/// From a line to the next, and what is more before the next paragraph.
const LINE: f32 = 22.0;
const APART: f32 = 8.0;

/// A title, and what is said below it.
struct Answer {
    title: String,
    /// What Kubernetes itself says.
    message: Option<String>,
    /// What that means.
    text: Option<String>,
}

/// A message of a kubelet without the Pod that it is about, which the whole stage is about: `pod=web_default(0f2c…)`.
pub(super) fn without_pod(message: &str) -> String {
    let words = message.split_whitespace().filter(|word| !word.starts_with("pod="));
    words.collect::<Vec<_>>().join(" ")
}

/// Why no node takes the Pod.
pub(super) fn refused<'a>(inside: &Inside<'a>) -> Option<&'a Condition> {
    let scheduled = conditions::find(&inside.pod.status.conditions, "PodScheduled");
    scheduled.filter(|condition| inside.pod.spec.node_name.is_empty() && !condition.message.is_empty())
}

fn answer(stage: &Stage, inside: &Inside) -> Option<Answer> {
    let ours = |title, text| Some(Answer { title, message: None, text: Some(text) });
    let both = |[title, text]: [&str; 2]| ours(stage.say(title, &[]), stage.say(text, &[]));
    if let Some(refused) = refused(inside) {
        return Some(Answer {
            title: refused.reason.to_string(),
            message: Some(refused.message.to_string()),
            text: Some(stage.say(what_helps(refused), &[])),
        });
    }
    if let Some(said) = ending(stage, inside) {
        return ours(stage.say(msg!("scene.why-ending"), &[]), said);
    }
    if let Some(port) = inside.containers.iter().find_map(|part| inside.taken_port(part)) {
        let said = |id| stage.say(id, &[("port", Arg::Number(port.into()))]);
        return ours(said(msg!("scene.why-port")), said(msg!("scene.why-port-answer")));
    }
    let waiting = inside.containers.iter().find_map(|part| {
        let waiting = part.status?.state.waiting.as_ref()?;
        (!waiting.message.is_empty()).then_some((part, waiting))
    });
    if let Some((part, waiting)) = waiting {
        return Some(Answer {
            title: waiting.reason.to_string(),
            message: Some(without_pod(&waiting.message)),
            text: waits(stage, part, waiting),
        });
    }
    let is_host = |sort| inside.whose(sort) == Whose::Host;
    match () {
        () if is_host(Sort::Net) => {
            both([msg!("cluster.why-host-network"), msg!("cluster.why-host-network-answer")])
        }
        () if is_host(Sort::Pid) => both([msg!("scene.why-host-pid"), msg!("scene.why-host-pid-answer")]),
        () if is_host(Sort::Ipc) => both([msg!("scene.why-host-ipc"), msg!("scene.why-host-ipc-answer")]),
        () if inside.whose(Sort::Pid) == Whose::Shared => {
            both([msg!("scene.why-shared-pid"), msg!("scene.why-shared-pid-answer")])
        }
        () => both([msg!("scene.why-pod"), msg!("scene.why-pod-answer")]),
    }
}

/// What would help, by what the scheduler's filters say.
fn what_helps(refused: &Condition) -> &'static str {
    let says = |part: &str| refused.message.contains(part);
    match () {
        () if &*refused.reason == "SchedulingGated" => msg!("scene.helps-gates"),
        () if says("Insufficient ") => msg!("scene.helps-room"),
        () if says("node affinity/selector") => msg!("scene.helps-labels"),
        () if says("untolerated taint") => msg!("scene.helps-taint"),
        () => msg!("scene.helps-change"),
    }
}

/// How much of the grace period is left, and what comes before it is over.
fn ending(stage: &Stage, inside: &Inside) -> Option<String> {
    let [left, grace] = inside.grace(stage.view)?;
    if !is_ended_by_anybody(stage.view, inside.pod) {
        return Some(stage.say(msg!("cluster.life-unheard"), &[]));
    }
    let seconds = |span: Micros| Arg::Number(i64::try_from(span.div_ceil(SECOND)).unwrap_or(i64::MAX));
    let left = stage.say(msg!("cluster.life-grace"), &[("left", seconds(left)), ("grace", seconds(grace))]);
    let runs_hook = inside.containers.iter().any(|part| part.runs_pre_stop);
    let then = if runs_hook { msg!("scene.why-pre-stop") } else { msg!("scene.why-killed") };
    Some(format!("{left} {}", stage.say(then, &[])))
}

/// When a container that waits is tried again.
fn waits(stage: &Stage, part: &Part, waiting: &ContainerStateWaiting) -> Option<String> {
    let says = |text: &str| waiting.message.contains(text);
    match &*waiting.reason {
        "CrashLoopBackOff" => {
            let doubles = stage.say(msg!("scene.waits-longer"), &[]);
            let Some(left) = next_start(stage, part, &waiting.message) else { return Some(doubles) };
            let left = Arg::Millis(left.div_ceil(SECOND).saturating_mul(1_000));
            Some(format!("{doubles} {}", stage.say(msg!("scene.waits-for"), &[("time", left)])))
        }
        "ErrImagePull" | "ImagePullBackOff" => Some(stage.say(msg!("scene.waits-for-image"), &[])),
        "CreateContainerConfigError" if says("not found") || says("couldn't find key") => {
            Some(stage.say(msg!("scene.waits-for-what-is-missing"), &[]))
        }
        _ => None,
    }
}

/// How long the wait still lasts that the kubelet names, counted from the end of the last run; none once it is over.
fn next_start(stage: &Stage, part: &Part, message: &str) -> Option<Micros> {
    let (_, row) = part.row?;
    let ContainerPhase::Exited { until, .. } = &row.state else { return None };
    let left = (*until + back_off(message)?).since(stage.view.at());
    (left > 0).then_some(left)
}

/// `back-off 2m40s restarting failed container=…`
fn back_off(message: &str) -> Option<Micros> {
    let span = message.strip_prefix("back-off ")?.split(' ').next()?;
    let (mut seconds, mut number) = (0_u64, 0_u64);
    for char in span.chars() {
        let unit = match char {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => {
                number = number.saturating_mul(10).saturating_add(u64::from(char.to_digit(10)?));
                continue;
            }
        };
        seconds = seconds.saturating_add(std::mem::take(&mut number).saturating_mul(unit));
    }
    // Longer than any wait of a kubelet is none of its waits.
    (seconds <= 3_600).then(|| seconds * SECOND)
}

/// Its lines, each with its look and how far it is below the first.
fn lines(answer: &Answer, room: f32) -> Vec<(Role, f32, crate::value::Str)> {
    let mut all = Vec::new();
    let mut y = 0.0;
    // What stands alone is read as what it is; beside Kubernetes' own words, what they mean comes first to the eye.
    let ours = if answer.message.is_some() { Role::Text } else { Role::TextMuted };
    for (text, role) in [(&answer.message, Role::TextMuted), (&answer.text, ours)] {
        let Some(text) = text else { continue };
        y += if all.is_empty() { 0.0 } else { APART };
        for line in wrap(text, Type::Body.font(), room) {
            all.push((role, y, line));
            y += LINE;
        }
    }
    all
}

fn needed(answer: &Answer, wide: f32) -> f32 {
    let room = wide - 36.0;
    if width(&answer.title, Type::Heading.font()) > room {
        return 0.0;
    }
    lines(answer, room).last().map_or(0.0, |(_, y, _)| 72.0 + y + LINE)
}

/// How high it is where it is so wide; 0 where there is nothing to say.
pub(super) fn height(stage: &Stage, inside: &Inside, wide: f32) -> f32 {
    answer(stage, inside).map_or(0.0, |answer| needed(&answer, wide))
}

/// Says it, where there is room for it; gives how high it is.
pub(super) fn draw(
    stage: &Stage,
    inside: &Inside,
    [x, y, wide, high]: [f32; 4],
    is_below: bool,
    shapes: &mut Vec<Shape>,
) -> f32 {
    let (left, right) = (x + 18.0, x + wide - 18.0);
    let Some(mut answer) = answer(stage, inside) else { return 0.0 };
    // Where there is no room for both, Kubernetes' own words stay.
    if needed(&answer, wide) > high && answer.message.is_some() {
        answer.text = None;
    }
    let needed = needed(&answer, wide);
    if needed > high || needed <= 0.0 {
        return 0.0;
    }
    if is_below {
        shapes.push(Shape::line("why/line", Role::Divider, [left, y + 8.0], [right, y + 8.0]));
    }
    let lines = lines(&answer, right - left);
    shapes.push(Shape::text("why/title", Role::Text, Type::Heading, left, y + 42.0, answer.title));
    for (place, (role, below, line)) in lines.into_iter().enumerate() {
        let base = y + 68.0 + below;
        shapes.push(Shape::text(format!("why/{place}"), role, Type::Body, left, base, line));
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_as_go_writes_it() {
        for (message, seconds) in [
            ("back-off 10s restarting failed container=a pod=a_b(c)", Some(10)),
            ("back-off 2m40s restarting failed container=a pod=a_b(c)", Some(160)),
            ("back-off 5m0s restarting failed container=a pod=a_b(c)", Some(300)),
            ("back-off soon", None),
            ("back-off 99999999999999999999999h restarting", None),
            ("Back-off pulling image", None),
        ] {
            assert_eq!(back_off(message), seconds.map(|seconds: u64| seconds * SECOND), "{message}");
        }
        let told = without_pod("back-off 10s restarting failed container=a pod=a_b(c)");
        assert_eq!(told, "back-off 10s restarting failed container=a");
    }
}
