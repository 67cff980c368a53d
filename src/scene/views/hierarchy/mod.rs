//! Who made whom: Deployments, their ReplicaSets, their Pods, and the Services that find these.
//!
//! `cast` says who is on the stage, `choose` how large, `place` where, `cards` what their cards say, and `lines` draws what joins them. Services stand
//! with their EndpointSlices (`fronts`, `endpoints`), and `binds` joins what is used to those who use it. Where a Deployment
//! replaces its Pods in the chapter, `rollout` draws that over time below them; an empty stage is the map of `kinds`.

mod binds;
mod cards;
mod cast;
mod choose;
mod claims;
mod dots;
mod endpoints;
mod fronts;
mod homes;
mod kinds;
mod large;
mod level;
mod lines;
mod place;
mod pods;
mod rest;
mod rollout;
mod rows;
mod sets;
mod slots;
mod uses;
mod ways;

#[cfg(test)]
mod claim_tests;
#[cfg(test)]
mod line_tests;
#[cfg(test)]
mod relation_tests;
#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod tests;

use super::Stage;
use crate::api::conditions;
use crate::api::objects::{Deployment, ObjectMeta};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::parts::{self, Card, EMBLEM_ROOM, badge, emblem_before};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Scene, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::timeline::Version;
use cast::{Cast, Group, REVISION};
use claims::Folded;
use fronts::{Front, FrontPlan};
use homes::Home;
use level::Level;
use place::{FACTS, FACTS_BELOW, GroupPlan, HomePlan, Plan, Rect};
use slots::{Branch, Reach};

pub(super) use pods::mark;

/// So much of the name of a Namespace is said before its state is, in pixels.
const LEAST_NAME: f32 = 60.0;

/// Draws the hierarchy. Where there is little, the scene is narrower than the stage, which shows it as much larger.
pub(super) fn draw(stage: &Stage) -> Scene {
    let whole = Cast::new(stage, Reach::Chapter);
    if whole.namespaces.is_empty() {
        return if is_over(stage) { kinds::nothing_left(stage) } else { kinds::draw(stage) };
    }
    let rolling = rollout::rolling(stage, &whole);
    let strip = rolling.map_or(0.0, |_| rollout::height(stage));
    // On a phone there is no height to spare: there the scene becomes higher.
    let shared = if stage.is_narrow() { 0.0 } else { strip };
    let mut room = [stage.size[0], stage.size[1] - shared];
    let mut placing = choose::choose(&whole, room, rolling.is_some(), stage.is_narrow(), stage.language);
    // As all that the chapter brings decides, it stays as large while others come and go in it.
    let larger = if rolling.is_none() { large::enlarged(&whole, placing) } else { None };
    let mut stage = *stage;
    if let Some((by, found)) = larger {
        placing = found;
        room = room.map(|side| side / by);
        stage.size = room;
    }
    let stage = &stage;
    // It stands below all that the chapter brings, so that it stays while others come and go.
    let rolling = rolling.map(|group| (rollout::draw(stage, group), placing.cast(&whole).size[1]));
    let cast = if placing.level.is_card() { Cast::new(stage, Reach::Now) } else { whole };
    let plan = placing.now(&cast);
    let mut shapes = Vec::new();
    binds::volumes(stage, &cast, &plan, &mut shapes);
    let (silent, work) = (&cast.silent, ways::WORK);
    let mut drawing = Drawing { stage, plan: &plan, silent, shapes: &mut shapes, work };
    for (home, home_plan) in cast.namespaces.iter().zip(&plan.homes) {
        drawing.home(home, home_plan);
    }
    // The Namespace that every cluster has is there always.
    let has_none = shapes.iter().all(|shape| &*shape.key == "namespaces//default/group");
    if has_none && rolling.is_none() && is_over(stage) {
        return kinds::nothing_left(stage);
    }
    let mut height = plan.size[1];
    if let Some(((rolling, name), lowest)) = rolling {
        height = height.max(lowest);
        shapes.push(Shape::group("rollout", 0.0, height, rolling).named(name));
    }
    Scene { width: plan.size[0], height: height + strip, shapes }
}

/// Whether something that the stage shows was there, none of it is, and the chapter brings no more.
fn is_over(stage: &Stage) -> bool {
    const KINDS: [Kind; 7] = [
        Kind::Pod,
        Kind::Deployment,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::Job,
        Kind::CronJob,
        Kind::Service,
    ];
    let (history, now, [_, end]) = (stage.view.history(), stage.view.at(), stage.chapter());
    let all = || KINDS.into_iter().flat_map(|kind| history.objects(kind));
    let change = |version: &Version| match history.record(version.record)?.fact {
        Fact::Object { change, .. } => Some(change),
        _ => None,
    };
    let has_ended = |versions: &[Version]| {
        let begun = versions.partition_point(|version| version.time <= now);
        versions[..begun].last().and_then(change) == Some(Change::Deleted)
    };
    let comes = |versions: &[Version]| {
        let mut later = versions.iter().skip_while(|version| version.time <= now);
        later.next().is_some_and(|next| next.time <= end && change(next) == Some(Change::Added))
    };
    all().any(has_ended) && !all().any(comes)
}

/// What is being drawn.
struct Drawing<'a, 'b> {
    stage: &'a Stage<'b>,
    plan: &'a Plan,
    /// The nodes that are silent.
    silent: &'a [&'b str],
    shapes: &'a mut Vec<Shape>,
    /// What may still be compared for lines to what is used.
    work: usize,
}

impl Drawing<'_, '_> {
    fn home(&mut self, home: &Home, plan: &HomePlan) {
        if let Some(frame) = plan.frame {
            self.frame(home, frame);
        }
        // Lines lie below all cards.
        for (group, group_plan) in home.groups.iter().zip(&plan.groups) {
            lines::owners(self.plan.level, group, group_plan, self.shapes);
            lines::endpoints(self.stage, self.plan.level, group, group_plan, self.shapes);
        }
        for (front, front_plan) in home.services.iter().zip(&plan.rest.fronts) {
            lines::slices(front, front_plan, self.shapes);
        }
        let is_silent = !self.silent.is_empty();
        self.work = binds::uses(self.stage, self.plan, is_silent, (home, plan), self.work, self.shapes);
        if let Some(counts) = plan.counts {
            dots::draw(self.stage, home, plan, counts, self.shapes);
        } else {
            for (group, group_plan) in home.groups.iter().zip(&plan.groups) {
                self.group(group, group_plan, home.now.is_some_and(|object| object.meta().is_terminating()));
            }
        }
        if let Some((rect, count)) = plan.more {
            self.more(&format!("namespaces//{}/more", home.name), rect, count);
        }
        if let Some((rect, count)) = plan.rest.more {
            self.more(&format!("namespaces//{}/more-cards", home.name), rect, count);
        }
        if let Some((folded, rect)) = home.folded.zip(plan.rest.folded).filter(|(folded, _)| folded.now > 0) {
            self.more_claims(home, folded, rect);
        }
        for (front, front_plan) in home.services.iter().zip(&plan.rest.fronts) {
            self.front(front, front_plan);
        }
        for (plain, rect) in home.plains.iter().zip(&plan.rest.plains) {
            if let Some(object) = plain.now {
                let card = cards::plain(plain, self.stage.language);
                let spoken = format!("{} {}", object.kind(), object.meta().name);
                self.card(&card, *rect, object.key(), spoken);
            }
        }
    }
    /// The card for those that have none of their own.
    fn more(&mut self, key: &str, [x, y, wide, _]: Rect, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let card = Card {
            key: key.into(),
            kind: None,
            stage: parts::Stage::Retired,
            eyebrow: "…".into(),
            name: format!("+{count}").into(),
            caption: self.stage.say(msg!("scene.more-workloads"), &[("count", Arg::Number(count))]).into(),
            state: None,
        };
        self.shapes.push(Shape::group(format!("{}/group", card.key), x, y, card.draw(wide)));
    }
    /// The card for the claims of Pods, or their volumes, that have none of their own.
    fn more_claims(&mut self, home: &Home, folded: Folded, [x, y, wide, _]: Rect) {
        let count = i64::try_from(folded.now).unwrap_or(i64::MAX);
        let card = Card {
            key: format!("namespaces//{}/more-{}", home.name, folded.kind.info().plural).into(),
            kind: Some(folded.kind),
            stage: parts::Stage::Retired,
            eyebrow: cards::kind_in_capitals(folded.kind).into(),
            name: format!("+{count}").into(),
            caption: self.stage.say(msg!("scene.more-claims"), &[("count", Arg::Number(count))]).into(),
            state: None,
        };
        self.shapes.push(Shape::group(format!("{}/group", card.key), x, y, card.draw(wide)));
    }
    fn frame(&mut self, home: &Home, [x, y, wide, high]: Rect) {
        let is_cluster = home.name.is_empty();
        if !is_cluster && home.now.is_none() {
            return;
        }
        let is_ending = home.now.is_some_and(|object| object.meta().is_terminating());
        let hue = if is_ending { Hue::Terminating } else { Hue::Quiet };
        let key = |part: &str| format!("namespaces//{}/{part}", home.name);
        let (title, [left, after]) = title(self.stage, home);
        let mut shapes = vec![
            Shape::rect(key("frame"), Role::Region(hue), [0.0, 0.0, wide, high], radius::PANEL),
            Shape::text(key("eyebrow"), Role::TextMuted, Type::Eyebrow, left, 26.0, title),
        ];
        if !is_cluster {
            shapes.push(emblem_before(key("kind"), Kind::Namespace, [18.0, 26.0]));
        }
        let mut room = wide - after - 18.0;
        if is_ending {
            let word = "Terminating";
            let tag = width(word, Type::Label.font()) + 20.0;
            shapes.extend(badge(&key("mark"), State::Terminating, [wide - 24.0, 21.8], 7.0, None));
            // In a narrow frame the mark alone stands beside the name.
            let has_room = room - tag - 10.0 >= LEAST_NAME.min(width(&home.name, Type::NameSmall.font()));
            room -= if has_room { tag + 10.0 } else { 24.0 };
            if has_room {
                let at = wide - 18.0 - tag;
                shapes.push(Shape::text(key("state"), Role::TextHue(hue), Type::Label, at, 26.0, word));
            }
        }
        let name = ellipsize(&home.name, Type::NameSmall.font(), room);
        let end = after + width(&name, Type::NameSmall.font()) + 24.0;
        shapes.push(Shape::text(key("name"), Role::Text, Type::NameSmall, after, 26.5, name));
        if !is_cluster && !is_ending {
            shapes.extend(self.silent(&key("silent"), [end, wide - 18.0]));
        }
        let mut group = Shape::group(key("group"), x, y, shapes);
        if let Some(object) = home.now {
            let spoken =
                self.stage.say(msg!("scene.spoken-namespace"), &[("name", Arg::Text(home.name.clone()))]);
            group = group.opening(Target::Object(object.key()), spoken);
        }
        self.shapes.push(group);
    }
    /// Why some Pods are faint, at the right of the head of a frame, or below its name where there is no room beside it.
    fn silent(&self, key: &str, [from, to]: [f32; 2]) -> Option<Shape> {
        let nodes = self.silent;
        if nodes.is_empty() {
            return None;
        }
        let font = Type::Caption;
        let said = self.stage.say(msg!("cluster.silent-pods"), &[("node", nodes.join(", ").as_str().into())]);
        let text = |x: f32, y: f32, room: f32| {
            let said = ellipsize(&said, font.font(), room);
            Shape::text(key, Role::TextHue(Hue::Failed), font, x, y, said)
        };
        let wide = width(&said, font.font());
        let is_beside = from + wide <= to;
        Some(if is_beside { text(to, 26.0, wide).anchored(Anchor::End) } else { text(18.0, 46.0, to - 18.0) })
    }
    fn card(&mut self, card: &Card, [x, y, wide, _]: Rect, object: ObjectKey, spoken: String) {
        let group = Shape::group(format!("{}/group", card.key), x, y, card.draw(wide));
        self.shapes.push(group.opening(Target::Object(object), spoken));
    }
    /// A group; `ends` says that its Namespace is terminating.
    fn group(&mut self, group: &Group, plan: &GroupPlan, ends: bool) {
        if self.plan.level == Level::Tile {
            pods::tile(self.stage, group, plan, self.shapes);
            return;
        }
        let language = self.stage.language;
        let current = current(group);
        if let (Some(deployment), Some(rect)) =
            (group.deployment.as_ref().and_then(|place| place.now), plan.deployment)
        {
            let mut card = cards::deployment(deployment, language);
            if card.width(0.0, f32::INFINITY) > rect[2] {
                cards::brief(&mut card);
            }
            let spoken = self.spoken_counts(
                msg!("scene.spoken-deployment"),
                &deployment.metadata.name,
                deployment.status.ready_replicas,
                deployment.spec.replicas.unwrap_or(1),
            );
            self.card(&card, rect, key(Kind::Deployment, &deployment.metadata), spoken);
            self.facts(deployment, &card.key, plan);
        }
        if let (Some((job, object)), Some(rect)) =
            (group.cron_job.as_ref().and_then(|job| Some((job, job.now?))), plan.deployment)
        {
            let spoken = format!("{} {}", object.kind(), object.meta().name);
            self.card(&cards::plain(job, language), rect, object.key(), spoken);
        }
        if let Some(rect) = plan.folded {
            self.folded(group, plan, rect);
        }
        for (place, branch) in group.branches.iter().enumerate() {
            let Some(branch_plan) = plan.branches.get(place).and_then(Option::as_ref) else { continue };
            if let (Some(set), Some(rect)) = (branch.set.as_ref().and_then(|set| set.now), branch_plan.card) {
                let is_current = current.is_none_or(|current| current == place);
                let card = cards::maker(set, branch, is_current, ends, rect[2], language);
                let spoken = match set {
                    Object::ReplicaSet(set) => self.spoken_counts(
                        msg!("scene.spoken-replica-set"),
                        &set.metadata.name,
                        set.status.ready_replicas,
                        set.spec.replicas.unwrap_or(1),
                    ),
                    _ => format!("{} {}: {}", set.kind(), set.meta().name, card.caption),
                };
                self.card(&card, rect, set.key(), spoken);
            }
            pods::draw(self.stage, self.plan.level, self.silent, branch, branch_plan, self.shapes);
        }
        let shown = plan.fronts.len() - usize::from(plan.more_fronts > 0);
        for (front, front_plan) in group.services.iter().zip(&plan.fronts[..shown]) {
            self.front(front, front_plan);
        }
        if let (Some(last), [.., hidden]) = (plan.fronts.last(), &*group.services)
            && plan.more_fronts > 0
        {
            let key = cards::key(Kind::Service, &hidden.service.first.metadata);
            self.more(&format!("{key}/more"), last.service, plan.more_fronts);
        }
    }
    /// A Service and its slices.
    fn front(&mut self, front: &Front, plan: &FrontPlan) {
        for (slices, rect) in endpoints::shown(front, plan) {
            let Some((shapes, spoken)) = endpoints::card(&slices, rect[2], self.stage.language) else {
                continue;
            };
            let meta = &slices[0].metadata;
            let group = Shape::group(format!("{}/group", endpoints::key(meta)), rect[0], rect[1], shapes);
            self.shapes.push(group.opening(Target::Object(key(Kind::EndpointSlice, meta)), spoken));
        }
        let Some(service) = front.service.now else { return };
        let (ready, rect) = (endpoints::ready(front), plan.service);
        let card = cards::service(service, ready, self.stage.language);
        let count = ("count", Arg::Number(i64::try_from(ready).unwrap_or(i64::MAX)));
        let name = ("name", Arg::Text(service.metadata.name.clone()));
        let spoken = self.stage.say(msg!("scene.spoken-service"), &[name, count]);
        self.card(&card, rect, key(Kind::Service, &service.metadata), spoken);
    }
    fn spoken_counts(&self, id: &str, name: &str, ready: i32, wanted: i32) -> String {
        let number = |number: i32| Arg::Number(number.into());
        self.stage.say(id, &[("name", name.into()), ("ready", number(ready)), ("wanted", number(wanted))])
    }
    /// What is said beside a Deployment.
    fn facts(&mut self, deployment: &Deployment, key: &str, plan: &GroupPlan) {
        let number = |number: i32| Arg::Number(number.into());
        let (ready, wanted) = (deployment.status.ready_replicas, deployment.spec.replicas.unwrap_or(1));
        let counts =
            self.stage.say(msg!("scene.ready-of"), &[("ready", number(ready)), ("wanted", number(wanted))]);
        let hue = match () {
            () if conditions::is_deployment_stuck(deployment) => Hue::Failed,
            () if ready >= wanted => Hue::Running,
            () => Hue::Pending,
        };
        let updated = number(deployment.status.updated_replicas);
        let revision = deployment.metadata.annotations.get(REVISION);
        let updated = revision.map(|revision| {
            self.stage.say(msg!("scene.updated"), &[("count", updated), ("revision", (&**revision).into())])
        });
        let [x, y] = plan.facts;
        let mut strong = width(&counts, Type::Strong.font());
        let mut facts =
            vec![Shape::text(format!("{key}/ready"), Role::TextHue(hue), Type::Strong, 0.0, 0.0, counts)];
        let whole = self.plan.size[0] - x - 8.0;
        // Those that are being deleted are counted in none of the others.
        if let Some(count) = deployment.status.terminating_replicas.filter(|count| *count > 0) {
            let text = self.stage.say(msg!("scene.also-terminating"), &[("count", number(count))]);
            let wide = 5.0 + width(&text, Type::Caption.font());
            let after = if plan.is_narrow { updated.as_ref() } else { None };
            let after = after.map_or(0.0, |updated| 12.0 + width(updated, Type::Caption.font()));
            let room = match (plan.facts_beside, plan.is_narrow) {
                (_, true) => whole,
                (true, _) => FACTS - 16.0,
                (false, _) => FACTS_BELOW - 12.0,
            };
            if strong + wide + after <= room {
                let (key, role) = (format!("{key}/terminating"), Role::TextHue(Hue::Terminating));
                facts.push(Shape::text(key, role, Type::Caption, strong + 5.0, 0.0, text));
                strong += wide;
            }
        }
        if let Some(updated) = updated {
            let (right, down) = match (plan.facts_beside, plan.is_narrow) {
                (true, _) => (0.0, 20.0),
                // Above where the lines to several ReplicaSets part.
                (false, false) => (0.0, 17.0),
                (false, true) => (strong + 12.0, 0.0),
            };
            let room = whole - right;
            let updated = ellipsize(&updated, Type::Caption.font(), room);
            let key = format!("{key}/updated");
            facts.push(Shape::text(key, Role::TextMuted, Type::Caption, right, down, updated));
        }
        // A group, so that they glide with the card that they are about.
        self.shapes.push(Shape::group(format!("{key}/facts"), x, y, facts));
    }
    /// The card that stands for the older ReplicaSets.
    fn folded(&mut self, group: &Group, plan: &GroupPlan, [x, y, wide, _]: Rect) {
        let folded = group.branches.iter().zip(&plan.branches);
        let there = folded.filter(|(branch, place)| {
            place.is_none() && branch.set.as_ref().is_some_and(|set| set.now.is_some())
        });
        let (count, Some(deployment)) = (there.count(), &group.deployment) else { return };
        if count == 0 {
            return;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let card = Card {
            key: format!("{}/older", cards::key(Kind::Deployment, &deployment.first.metadata)).into(),
            kind: Some(Kind::ReplicaSet),
            stage: parts::Stage::Retired,
            eyebrow: self.stage.say(msg!("scene.replica-set"), &[]).into(),
            name: format!("+{count}").into(),
            caption: self.stage.say(msg!("scene.older-revisions"), &[("count", Arg::Number(count))]).into(),
            state: None,
        };
        self.shapes.push(Shape::group(format!("{}/group", card.key), x, y, card.draw(wide)));
    }
}

/// What stands in the head of a frame before the name of the Namespace, and from where to where.
fn title(stage: &Stage, home: &Home) -> (String, [f32; 2]) {
    let is_cluster = home.name.is_empty();
    let title = stage.say(if is_cluster { msg!("scene.cluster") } else { msg!("scene.namespace") }, &[]);
    let left = if is_cluster { 18.0 } else { 18.0 + EMBLEM_ROOM };
    let after = left + width(&title, Type::Eyebrow.font()) + 10.0;
    (title, [left, after])
}

/// How far the words in the head of a frame go, with the name.
fn title_end(stage: &Stage, home: &Home) -> f32 {
    let (_, [_, after]) = title(stage, home);
    after + width(&home.name, Type::NameSmall.font())
}

fn key(kind: Kind, meta: &ObjectMeta) -> ObjectKey {
    ObjectKey { kind, namespace: meta.namespace.clone(), name: meta.name.clone() }
}

/// The branch of the newest rollout; none where there is no Deployment to say so.
fn current(group: &Group) -> Option<usize> {
    let deployment = group.deployment.as_ref()?;
    let revision = deployment.now.unwrap_or(deployment.first).metadata.annotations.get(REVISION);
    let is_current = |branch: &Branch| revision.is_some() && branch.revision() == revision.map(|r| &**r);
    let newest = group.branches.iter().position(is_current);
    newest.or_else(|| {
        group.branches.iter().rposition(|branch| branch.set.as_ref().is_some_and(|set| set.now.is_some()))
    })
}
