//! A rollout over time: how many Pods of the old and of the new ReplicaSet are available at each moment of the chapter, within
//! what surge and unavailability allow, and the requests that were lost.
//!
//! The counts are of the Pods that are there and not being deleted, as what the bounds are about. Of very many they are those of the
//! ReplicaSets' own statuses, which their controllers write a moment later.

use super::super::Stage;
use super::super::areas::{Counts, Ground, areas};
use super::super::folds::{Span, folds};
use super::cast::{Cast, Group};
use super::sets::{ONE_BY_ONE, Set, counted, even, highest, set};
use super::slots::Branch;
use crate::api::labels::Selector;
use crate::api::objects::{Deployment, Service};
use crate::api::{Kind, ObjectKey};
use crate::cluster::controllers::rollout_bounds;
use crate::cluster::time::SimTime;
use crate::cluster::traffic::Outcome;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Segment, Shape, Target};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;

/// Around the panel.
const MARGIN: f32 = 14.0;
/// The title with the legend; on a phone the legend has a line of its own.
const TITLE: f32 = 34.0;
const LEGEND_NARROW: f32 = 20.0;
/// The counts.
const CHART: f32 = 88.0;
/// The requests that were lost.
const LOST: f32 = 26.0;
/// Below all.
const BOTTOM: f32 = 8.0;
/// Beside the chart: its numbers at the left, what the bounds are at the right.
const NUMBERS: f32 = 34.0;
const BOUNDS: f32 = 214.0;
const BOUNDS_NARROW: f32 = 40.0;
/// How much is seen of what is on its way out, so that words on it can be read.
const OLDER: f32 = 0.6;
/// Marks of lost requests are so far apart, and what the bounds are.
const APART: f32 = 7.0;
const BOUNDS_APART: f32 = 15.0;

/// The Deployment that replaces its Pods in the chapter: the chosen one where there are several. Pods of an earlier rollout that
/// still end are none that are replaced.
pub(super) fn rolling<'a, 'b>(stage: &Stage<'a>, cast: &'b Cast<'a>) -> Option<&'b Group<'a>> {
    let span = stage.chapter();
    let replaces = |group: &&Group| {
        let with_pods = |branch: &&Branch| branch.set.is_some() && branch.slots > 0;
        let counted = |branch: &&Branch| {
            let key = branch.set.as_ref().map(|set| set.first.key());
            key.is_some_and(|key| highest(&[set(stage, key, None)], span) > 0)
        };
        group.deployment.is_some()
            && group.branches.iter().filter(with_pods).count() > 1
            && group.branches.iter().filter(with_pods).filter(counted).count() > 1
    };
    let is_chosen = |group: &&Group| {
        let deployment = group.deployment.as_ref().map(|deployment| &deployment.first.metadata);
        matches!((stage.selection, deployment), (Some(Target::Object(key)), Some(meta))
            if key.kind == Kind::Deployment && key.name == meta.name && key.namespace == meta.namespace)
    };
    let groups = || cast.namespaces.iter().flat_map(|home| &home.groups);
    groups().find(|group| is_chosen(group) && replaces(group)).or_else(|| groups().find(replaces))
}

/// How high it is.
pub(super) fn height(stage: &Stage) -> f32 {
    let legend = if stage.is_narrow() { LEGEND_NARROW } else { 0.0 };
    TITLE + legend + CHART + LOST + BOTTOM + MARGIN
}

/// Draws it from its upper left corner, as wide as the stage; gives what a screen reader says at it.
pub(super) fn draw(stage: &Stage, group: &Group) -> (Vec<Shape>, String) {
    let Some(reserved) = &group.deployment else { return (Vec::new(), String::new()) };
    let deployment = reserved.now.unwrap_or(reserved.first);
    let narrow = stage.is_narrow();
    let wide = stage.size[0] - 2.0 * MARGIN;
    let high = height(stage) - MARGIN;
    let mut sets: Vec<Set> = group
        .branches
        .iter()
        .filter(|branch| branch.slots > 0)
        .filter_map(|branch| Some(set(stage, branch.set.as_ref()?.first.key(), branch.revision())))
        .collect();
    let drawn = || group.branches.iter().filter(|branch| branch.slots > 0);
    let is_few = drawn().map(|branch| branch.slots).sum::<usize>() <= ONE_BY_ONE;
    // A Pod that has to be ready for a while is available only then, which its ReplicaSet says.
    if is_few && deployment.spec.min_ready_seconds == 0 {
        let keys = drawn().filter_map(|branch| Some(branch.set.as_ref()?.first.key()));
        counted(stage.view.history(), &keys.collect::<Vec<_>>(), &mut sets);
    }
    // The newest revision lies on the older ones, whichever came first.
    sets.sort_by_key(|set| set.revision.and_then(|revision| revision.parse::<u32>().ok()));
    let [least, most] = rollout_bounds(deployment).map(|bound| bound.max(0).unsigned_abs());
    let span = stage.chapter();
    let top = TITLE + if narrow { LEGEND_NARROW } else { 0.0 };
    let base = top + CHART - 4.0;
    let [left, right] = [NUMBERS, wide - if narrow { BOUNDS_NARROW } else { BOUNDS }];
    let x = |at: SimTime| left + (right - left) * part(stage, span, at);
    let highest = highest(&sets, span).max(most).max(1);
    let ground = Ground { x: &x, span, base, each: (CHART - 18.0) / highest as f32 };
    let last = sets.len().saturating_sub(1);
    let available = sets.iter().enumerate().map(|(place, set)| (role(place == last), &set.available));
    let others = sets.iter().map(|set| (Role::Span(Hue::Pending), &set.others));
    let layers: Vec<(Role, &Counts)> = available.chain(others).collect();

    let mut shapes =
        vec![Shape::rect("rollout/panel", Role::Panel, [MARGIN, 0.0, wide, high], radius::PANEL)];
    let mut inner = vec![Shape::line("rollout/base", Role::Divider, [left, base], [right, base])];
    inner.extend(areas("rollout/areas", &layers, &ground).into_iter().map(shaded));
    for (key, number) in [("least", 0), ("most", highest)] {
        let y = base - number as f32 * ground.each + 4.0;
        let text = Shape::text(
            format!("rollout/number/{key}"),
            Role::TextMuted,
            Type::Label,
            left - 7.0,
            y,
            number.to_string(),
        );
        inner.push(text.anchored(Anchor::End));
    }
    let lost = lost(stage, deployment, span);
    inner.extend(crosses(&lost, &x, top + CHART + LOST / 2.0 - 2.0));
    let now = x(stage.view.at());
    let end = top + CHART + LOST - 9.0;
    if right - now > 0.5 {
        let veil = [now, top + 2.0, right + 1.0 - now, end - top - 2.0];
        inner.push(Shape::rect("rollout/to-come", Role::Veil, veil, 0.0));
    }
    let level = |count: u32| base - count as f32 * ground.each;
    // What they are stands beside the lines, and where these are close, a little above and below them.
    let aside = (BOUNDS_APART - (level(least) - level(most))).max(0.0) / 2.0;
    for (key, count, hue, above) in
        [("most", most, Hue::Deployment, true), ("least", least, Hue::Running, false)]
    {
        let y = level(count);
        inner.push(Shape::line(format!("rollout/bound/{key}"), Role::Moment(hue), [left, y], [right, y]));
        let text = match (narrow, above) {
            (true, true) => format!("≤ {count}"),
            (true, false) => format!("≥ {count}"),
            (false, true) => stage.say(msg!("cluster.at-most"), &[("count", Arg::Number(count.into()))]),
            (false, false) => stage.say(msg!("cluster.at-least"), &[("count", Arg::Number(count.into()))]),
        };
        let text = ellipsize(&text, Type::Label.font(), wide - right - 14.0);
        let y = y + 4.2 + if above { -aside } else { aside };
        let key = format!("rollout/bound/{key}/text");
        inner.push(Shape::text(key, Role::TextHue(hue), Type::Label, right + 8.0, y, text));
    }
    let staged = span.map(|at| stage.story.tempo.stage(at));
    let axis = Span { time: staged, ends: [left, right] };
    inner.extend(folds(stage, "rollout/fold", &axis, base + 1.0, Some(now), &[], false));
    inner.push(Shape::line("rollout/now", Role::Playhead, [now, top + 13.0], [now, end]));
    inner.push(time(stage, now, [left, right], top + 10.0));
    inner.extend(ends(span, [left, right], top + CHART + LOST + 2.0));
    names(stage, &sets, &ground, now, &mut inner);
    let ended = lost.iter().filter(|at| **at <= stage.view.at()).count();
    let name = title(stage, deployment, wide, &mut inner);
    legend(stage, &sets, !lost.is_empty(), ended, [name, wide], &mut inner);
    shapes.push(Shape::group("rollout/inner", MARGIN, 0.0, inner));
    let args = [
        ("name", Arg::Text(deployment.metadata.name.clone())),
        ("least", Arg::Number(least.into())),
        ("most", Arg::Number(most.into())),
        ("lost", Arg::Number(i64::try_from(ended).unwrap_or(i64::MAX))),
    ];
    (shapes, stage.say(msg!("cluster.spoken-rollout"), &args))
}

/// The older one is grey: a faint violet would be the newest one in the future.
fn role(is_newest: bool) -> Role {
    if is_newest { Role::Bar(Hue::ReplicaSet) } else { Role::Bar(Hue::Quiet) }
}

fn shaded(shape: Shape) -> Shape {
    if shape.role == role(false) { shape.faded(OLDER) } else { shape }
}

/// When what is drawn begins and ends, below the chart.
fn ends(span: [SimTime; 2], [left, right]: [f32; 2], y: f32) -> [Shape; 2] {
    let text = |key, x, at: SimTime| Shape::text(key, Role::TextMuted, Type::Label, x, y, at.clock());
    let [from, to] = [text("rollout/from", left, span[0]), text("rollout/to", right, span[1])];
    [from, to.anchored(Anchor::End)]
}

/// The time above the playhead.
fn time(stage: &Stage, now: f32, [left, right]: [f32; 2], y: f32) -> Shape {
    let text = stage.view.at().clock();
    let half = width(&text, Type::Label.font()) / 2.0;
    let x = now.min(right - half).max(left + half);
    Shape::text("rollout/at", Role::Text, Type::Label, x, y, text).anchored(Anchor::Middle)
}

/// The number of each revision in its area: where that is widest before the playhead, or after it where there is no room yet.
fn names(stage: &Stage, sets: &[Set], ground: &Ground, now: f32, shapes: &mut Vec<Shape>) {
    let last = sets.len().saturating_sub(1);
    for (place, set) in sets.iter().enumerate() {
        let Some(revision) = set.revision else { continue };
        let text = stage.say(msg!("cluster.revision"), &[("revision", revision.into())]);
        let needed = width(&text, Type::Label.font()) + 14.0;
        let mut best: Option<((bool, f32), [f32; 2])> = None;
        for ([from, to], counts) in even(&sets[..=place], ground.span) {
            let [high, below] = counts.map(|count| count as f32 * ground.each);
            let (from, to) = ((ground.x)(from), (ground.x)(to));
            for (from, to, is_past) in [(from, to.min(now), true), (from.max(now), to, false)] {
                let wide = to - from;
                if high >= 14.0 && wide >= needed && best.is_none_or(|(most, ..)| (is_past, wide) > most) {
                    let y = ground.base - below - high / 2.0 + 4.2;
                    best = Some(((is_past, wide), [(from + to) / 2.0, y]));
                }
            }
        }
        let Some(((is_past, _), [x, y])) = best else { continue };
        let role = match (place == last, is_past) {
            (true, true) => Role::TextOnHue,
            (true, false) => Role::TextHue(Hue::ReplicaSet),
            (false, true) => Role::Text,
            (false, false) => Role::TextMuted,
        };
        let text = Shape::text(format!("rollout/name/{place}"), role, Type::Label, x, y, text);
        shapes.push(text.anchored(Anchor::Middle));
    }
}

/// How far a moment is in the chapter, by the time of the stage, where that is known.
fn part(stage: &Stage, [from, to]: [SimTime; 2], at: SimTime) -> f32 {
    let at = at.clamp(from, to);
    let tempo = &stage.story.tempo;
    let staged = [from, at, to].map(|at| tempo.stage(at));
    let (done, whole) = match staged[2].since(staged[0]) {
        0 => (at.since(from), to.since(from)),
        whole => (staged[1].since(staged[0]), whole),
    };
    (done as f64 / whole.max(1) as f64) as f32
}

/// When requests to the Services of the Deployment's Pods ended without an answer.
fn lost(stage: &Stage, deployment: &Deployment, [from, to]: [SimTime; 2]) -> Vec<SimTime> {
    let view = stage.view.history().at(to);
    let labels = &deployment.spec.template.metadata.labels;
    let namespace = &deployment.metadata.namespace;
    let finds = |service: &Service| {
        !service.spec.selector.is_empty() && Selector::from_labels(&service.spec.selector).matches(labels)
    };
    let of_service = |key: &ObjectKey| {
        key.namespace == *namespace
            && view.get::<Service>(&key.namespace, &key.name).is_some_and(|service| finds(service))
    };
    let mut lost: Vec<SimTime> = view
        .requests_within(to.since(from))
        .filter_map(|(_, row)| match &row.ended {
            Some((at, outcome)) if !matches!(outcome, Outcome::Served(_)) => {
                of_service(&row.service).then_some(*at)
            }
            _ => None,
        })
        .collect();
    lost.sort_unstable();
    lost
}

/// A cross for each lost request, or for several that lie close to each other.
fn crosses(lost: &[SimTime], x: &impl Fn(SimTime) -> f32, y: f32) -> Option<Shape> {
    let mut path = Vec::new();
    let mut last = f32::NEG_INFINITY;
    for at in lost {
        let x = x(*at);
        if x - last < APART {
            continue;
        }
        last = x;
        let r = 3.4;
        path.extend([
            Segment::Move([x - r, y - r]),
            Segment::Line([x + r, y + r]),
            Segment::Move([x - r, y + r]),
            Segment::Line([x + r, y - r]),
        ]);
    }
    (!path.is_empty()).then(|| Shape::path("rollout/lost", Role::RequestFailed(Hue::Failed), path))
}

/// The title; gives where it ends.
fn title(stage: &Stage, deployment: &Deployment, wide: f32, shapes: &mut Vec<Shape>) -> f32 {
    let eyebrow = stage.say(msg!("cluster.rollout"), &[]);
    let after = 16.0 + width(&eyebrow, Type::Eyebrow.font()) + 10.0;
    let room = if stage.is_narrow() { wide - after - 14.0 } else { (wide * 0.3).max(80.0) };
    let name = ellipsize(&deployment.metadata.name, Type::NameSmall.font(), room);
    let end = after + width(&name, Type::NameSmall.font());
    shapes.push(Shape::text(
        "rollout/eyebrow",
        Role::TextHue(Hue::Deployment),
        Type::Eyebrow,
        16.0,
        22.0,
        eyebrow,
    ));
    shapes.push(Shape::text("rollout/name", Role::Text, Type::NameSmall, after, 22.5, name));
    end
}

/// What the areas are, and how many requests were lost until now.
fn legend(
    stage: &Stage,
    sets: &[Set],
    has_lost: bool,
    lost: usize,
    [after, wide]: [f32; 2],
    shapes: &mut Vec<Shape>,
) {
    let last = sets.len().saturating_sub(1);
    let mut entries: Vec<(Role, String)> = Vec::new();
    let span = stage.chapter();
    for (place, set) in sets.iter().enumerate().skip(last.saturating_sub(1)) {
        let Some(revision) = set.revision else { continue };
        // What has no Pods in all the time that is drawn has no area.
        if highest(std::slice::from_ref(set), span) == 0 {
            continue;
        }
        let text = stage.say(msg!("cluster.revision"), &[("revision", revision.into())]);
        entries.push((role(place == last), text));
    }
    entries.push((Role::Span(Hue::Pending), stage.say(msg!("cluster.not-available"), &[])));
    let count = Arg::Number(i64::try_from(lost).unwrap_or(i64::MAX));
    let lost = has_lost.then(|| stage.say(msg!("cluster.lost"), &[("count", count)]));
    let narrow = stage.is_narrow();
    let (mut x, y) = if narrow { (16.0, 22.0 + LEGEND_NARROW) } else { (after + 24.0, 22.0) };
    let room = wide - 14.0;
    for (place, (role, text)) in entries.into_iter().enumerate() {
        let end = x + 17.0 + width(&text, Type::Caption.font());
        if end > room {
            break;
        }
        let key = format!("rollout/legend/{place}");
        shapes.push(shaded(Shape::rect(format!("{key}/mark"), role, [x, y - 9.0, 11.0, 10.0], 2.0)));
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x + 17.0, y, text));
        x = end + 18.0;
    }
    let uncounted = stage.say(msg!("cluster.rollout-uncounted"), &[]);
    let kept = lost.as_ref().map_or(0.0, |text| width(text, Type::Strong.font()) + 16.0);
    if !narrow && x + width(&uncounted, Type::Caption.font()) <= room - kept {
        let key = "rollout/legend/uncounted";
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x, y, uncounted.clone()));
        x += width(&uncounted, Type::Caption.font()) + 12.0;
    }
    if let Some(text) = lost {
        let y = if narrow { 22.0 } else { y };
        let wide = width(&text, Type::Strong.font());
        if narrow && room - wide < after + 8.0 || !narrow && room - wide < x {
            return;
        }
        let text = Shape::text("rollout/lost/count", Role::TextHue(Hue::Failed), Type::Strong, room, y, text);
        shapes.push(text.anchored(Anchor::End));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::requests_to_web;
    use crate::cluster::time::SECOND;
    use crate::scene::shape::Geometry;
    use crate::scene::views::areas::count_at;
    use crate::scene::views::testing::{check_fit, outline, places, play, scene};
    use crate::timeline::{Act, Timeline};
    use crate::words::Language;

    const SIZES: [[f32; 2]; 3] = [[1600.0, 690.0], [1170.0, 690.0], [390.0, 560.0]];

    const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: 'podium/web:1.0', ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";

    fn rollout() -> Timeline {
        let mut timeline = play(&[("web.yaml", WEB)], &[(0, "kubectl apply -f web.yaml")]);
        let client = requests_to_web(50, 10 * SECOND, 2 * SECOND);
        for (at, act) in [
            (6_000, Act::Requests(client)),
            (7_000, Act::Command("kubectl set image deployment/web web=podium/web:2.0".into())),
        ] {
            let at = SimTime::millis(at);
            timeline.act(at, act);
            while timeline.record(at, 10_000) {}
        }
        timeline
    }

    #[test]
    fn a_rollout_is_drawn_below_its_objects_within_its_bounds() {
        let timeline = rollout();
        let (history, story) = (timeline.history(), timeline.story());
        for size in SIZES {
            for language in Language::ALL {
                let mut place = None;
                for millis in [7_100, 8_000, 10_000, 14_000, 40_000] {
                    let at = SimTime::millis(millis);
                    let scene = scene("hierarchy", history, story, at, size, *language, None);
                    check_fit(&scene, &format!("{millis} {size:?} {language:?}"));
                    let group =
                        scene.shapes.iter().find(|shape| &*shape.key == "rollout").expect("a rollout");
                    assert!(group.name.as_ref().is_some_and(|name| name.contains("web")));
                    let corner = places(&scene).get("rollout").copied();
                    if size[0] >= 640.0 {
                        assert_eq!(*place.get_or_insert(corner), corner);
                    }
                }
            }
        }
        let scene = scene("hierarchy", history, story, SimTime::millis(30_000), SIZES[0], Language::En, None);
        let text = outline(&scene);
        for said in ["≤ 5 Pods (maxSurge)", "≥ 3 available", "revision 1", "revision 2", "requests lost"]
        {
            assert!(text.contains(said), "{said}: {text}");
        }
        let mut crosses = 0;
        scene.for_each(&mut |shape| {
            crosses += usize::from(shape.role == Role::RequestFailed(Hue::Failed));
        });
        assert_eq!(crosses, 1);
    }

    #[test]
    fn what_is_drawn_never_leaves_the_bounds() {
        let timeline = rollout();
        let (history, end) = (timeline.history(), timeline.history().end());
        let view = history.at(end);
        let [deployment] = view.all::<Deployment>().collect::<Vec<_>>()[..] else { panic!("there is one") };
        let [least, most] = rollout_bounds(deployment).map(i32::unsigned_abs);
        let owned = view.owned_by(&deployment.metadata.uid).collect::<Vec<_>>();
        let keys: Vec<_> = owned.iter().map(|set| set.key()).collect();
        assert_eq!(keys.len(), 2);
        let none = || Set { revision: None, available: Vec::new(), others: Vec::new() };
        let mut sets = vec![none(), none()];
        counted(history, &keys, &mut sets);
        let begins = SimTime::millis(7_000);
        let moments = sets.iter().flat_map(|set| set.available.iter().chain(&set.others));
        let moments: Vec<SimTime> = moments.map(|(at, _)| *at).filter(|at| *at > begins).collect();
        assert!(moments.len() > 8);
        for at in moments {
            let sum = |others: bool| {
                let counts = sets.iter().map(|set| if others { &set.others } else { &set.available });
                counts.map(|counts| count_at(counts, at)).sum::<u32>()
            };
            let (available, others) = (sum(false), sum(true));
            assert!(available >= least && available + others <= most, "{at:?}: {available} + {others}");
        }
    }

    #[test]
    fn a_rollout_is_not_far_below_its_pods() {
        let timeline = rollout();
        let (history, story, at) = (timeline.history(), timeline.story(), SimTime::millis(9_000));
        let scene = scene("hierarchy", history, story, at, [1178.0, 690.0], Language::En, None);
        let text = outline(&scene);
        assert!(text.contains("ROLLOUT") && !text.contains(" pause\n"), "chips, not cards: {text}");
        assert!(scene.height < 690.0 * 1.3, "{}", scene.height);
    }

    #[test]
    fn a_rollout_says_when_it_begins_and_ends_and_its_older_pods_are_seen() {
        let timeline = rollout();
        let (history, story, at) = (timeline.history(), timeline.story(), SimTime::millis(9_000));
        for size in SIZES {
            let scene = scene("hierarchy", history, story, at, size, Language::Ko, None);
            let (mut times, mut older) = (Vec::new(), 0);
            scene.for_each(&mut |shape| {
                if let Geometry::Text { text, .. } = &shape.geometry
                    && ["rollout/from", "rollout/to"].contains(&&*shape.key)
                {
                    times.push(text.to_string());
                }
                if shape.key.starts_with("rollout/") && shape.role == Role::Bar(Hue::Quiet) {
                    older += 1;
                    assert!(shape.opacity > 0.5, "{}", shape.key);
                }
            });
            assert!(times.len() == 2 && times.is_sorted() && times[0] != times[1], "{times:?}");
            assert_eq!(older, 2, "an area and its mark in the legend");
        }
    }

    /// Where a wait is left out that is marked, the playhead says its time, and the words of the bounds are whole and at their lines.
    #[test]
    fn the_axis_says_where_it_is_and_the_bounds_what_they_are() {
        let timeline = play(
            &[("web.yaml", WEB)],
            &[
                (0, "kubectl apply -f web.yaml"),
                (7_000, "kubectl set image deployment/web web=nginx:9.99"),
                (60_000, "kubectl annotate deployment web a=b"),
            ],
        );
        let (history, story) = (timeline.history(), timeline.story());
        for size in SIZES.into_iter().chain([[790.0, 1000.0]]) {
            for language in Language::ALL {
                for millis in [7_100, 9_000, 20_000, 59_000] {
                    let at = SimTime::millis(millis);
                    let scene = scene("hierarchy", history, story, at, size, *language, None);
                    check_fit(&scene, &format!("{millis} {size:?} {language:?}"));
                    let (mut folds, mut now, mut words, mut lines) = (0, None, Vec::new(), Vec::new());
                    scene.for_each(&mut |shape| match &shape.geometry {
                        Geometry::Path(_) if shape.key.starts_with("rollout/fold/") => folds += 1,
                        Geometry::Path(path) if shape.key.starts_with("rollout/bound/") => {
                            if let Some(Segment::Move([_, y])) = path.first() {
                                lines.push(*y);
                            }
                        }
                        Geometry::Text { text, .. } if &*shape.key == "rollout/at" => {
                            now = Some(text.clone())
                        }
                        Geometry::Text { text, y, .. } if shape.key.starts_with("rollout/bound/") => {
                            words.push((*y, text.clone()));
                        }
                        _ => {}
                    });
                    assert!(folds >= 2, "{folds} on {size:?}");
                    assert_eq!(now.as_deref(), Some(&*at.clock()));
                    assert!(lines.len() == 2 && words.len() == 2, "{lines:?} {words:?}");
                    for (line, (y, text)) in lines.iter().zip(&words) {
                        assert!((y - line - 4.2).abs() < 0.1 && !text.contains('…'), "{text}: {y} at {line}");
                    }
                    if size[0] > 640.0 {
                        assert!(
                            words[0].1.ends_with("(maxSurge)") && words[1].1.ends_with("(maxUnavailable)")
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn what_comes_to_life_is_no_rollout() {
        let timeline = rollout();
        let (history, story) = (timeline.history(), timeline.story());
        let at = SimTime::millis(3_000);
        let scene = scene("hierarchy", history, story, at, SIZES[0], Language::En, None);
        assert!(scene.shapes.iter().all(|shape| &*shape.key != "rollout"));
    }
}
