//! The drawing of a deletion: lanes, messages, bars and marks, each at its time.

use super::super::Stage;
use super::facts::{AT_ONCE, ContainerEnd, Facts, Sent, What, Who};
use super::frame::Frame;
use super::labels::{Board, Label, Spot, area};
use super::names;
use super::requests::{ROWS, Requests};
use crate::api::ObjectKey;
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::parts;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Segment, Shape, Target};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;

/// How much is seen of what is still to come.
pub(super) const FAINT: f32 = 0.26;
/// Words that are still to come can be read.
const FAINT_TEXT: f32 = 0.5;
/// Half of the thickness of work that takes a while.
const BAR: f32 = 7.0;
/// The same of what a process does.
const LIFE: f32 = 11.0;

/// What is drawn, layer by layer.
pub(super) struct Chart<'a, 'b> {
    pub(super) stage: &'a Stage<'b>,
    pub(super) facts: &'a Facts<'b>,
    pub(super) frame: &'a Frame<'b>,
    pub(super) requests: &'a Requests,
    /// Where the playhead is, along the time; past either end where it is not within what is drawn.
    pub(super) now: f32,
    pub(super) bars: Vec<Shape>,
    pub(super) lines: Vec<Shape>,
    pub(super) marks: Vec<Shape>,
    pub(super) labels: Vec<Label>,
    pub(super) board: Board,
}

impl Chart<'_, '_> {
    pub(super) fn draw(&mut self) {
        self.command();
        self.etcd();
        for sent in &self.facts.messages {
            self.message(sent);
        }
        self.slices();
        self.rules();
        self.kubelet();
        for (place, container) in self.facts.containers.iter().enumerate() {
            self.container(place, container);
        }
        self.pause();
        self.traffic();
    }
    fn along(&self, at: SimTime) -> f32 {
        self.frame.time(at)
    }
    fn opacity(&self, along: f32) -> f32 {
        if along <= self.now { 1.0 } else { FAINT }
    }
    /// A bar along the time: what is past of it, and what is to come.
    fn bar(&self, key: &str, role: Role, along: [f32; 2], across: [f32; 2], radius: f32) -> Vec<Shape> {
        let [from, to] = along;
        let now = self.now.clamp(from, to);
        let part = |key: String, along| Shape::rect(key, role, self.frame.rect(along, across), radius);
        let mut shapes = Vec::new();
        if now > from {
            shapes.push(part(key.to_owned(), [from, now]));
        }
        if to > now {
            shapes.push(part(format!("{key}/to-come"), [now, to]).faded(FAINT));
        }
        shapes
    }
    /// Adds a bar to what is drawn, and keeps labels off it.
    fn add_bar(&mut self, key: &str, role: Role, along: [f32; 2], across: [f32; 2], radius: f32) {
        let shapes = self.bar(key, role, along, across, radius);
        self.bars.extend(shapes);
        self.keep_off(along, across);
    }
    fn keep_off(&mut self, along: [f32; 2], across: [f32; 2]) {
        let [x, y, wide, high] = self.frame.rect(along, across);
        self.board.take([x, y, x + wide, y + high]);
    }
    /// A label; its spots are told along and across the time, its lines always go to the right.
    fn label(&mut self, key: &str, rank: u8, look: (Type, Role), text: String, at: f32, spots: Vec<Spot>) {
        let opacity = if at <= self.now { 1.0 } else { FAINT_TEXT };
        let least = if self.frame.is_narrow { 56.0 } else { 90.0 };
        self.labels.push(Label {
            key: format!("{key}/label").into(),
            text: text.into(),
            font: look.0,
            role: look.1,
            opacity,
            rank,
            spots,
            least: Some(least),
        });
    }
    /// Around a point: at the right, above, below, at the left.
    fn around(&self, along: f32, across: f32, far: f32) -> Vec<Spot> {
        let [x, y] = self.frame.point(along, across);
        let spot = |dx: f32, dy: f32, anchor| Spot { at: [x + dx, y + dy], anchor };
        vec![
            spot(far + 4.0, 4.2, Anchor::Start),
            spot(0.0, -far - 5.0, Anchor::Middle),
            spot(4.0, -far - 5.0, Anchor::Start),
            spot(0.0, far + 14.0, Anchor::Middle),
            spot(4.0, far + 14.0, Anchor::Start),
            spot(-far - 4.0, 4.2, Anchor::End),
            spot(-4.0, -far - 5.0, Anchor::End),
            spot(-4.0, far + 14.0, Anchor::End),
        ]
    }
    /// Beside a line from one point to another.
    fn beside(&self, from: [f32; 2], to: [f32; 2]) -> Vec<Spot> {
        let mut spots = Vec::new();
        let mut add = |x, y, anchor| spots.push(Spot { at: [x, y], anchor });
        for part in [0.5_f32, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82] {
            let [x, y] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
            if self.frame.is_narrow {
                // Most lines lie flat there.
                add(x, y - 6.0, Anchor::Middle);
                add(x, y + 15.0, Anchor::Middle);
            } else {
                add(x + 10.0, y + 4.0, Anchor::Start);
                add(x - 10.0, y + 4.0, Anchor::End);
            }
        }
        spots
    }
    /// A line with the head of an arrow, as far as it has come.
    fn arrow(&mut self, key: &str, hue: Hue, from: [f32; 2], to: [f32; 2]) -> Vec<Shape> {
        let along = |point: [f32; 2]| if self.frame.is_narrow { point[1] } else { point[0] };
        let path = || vec![Segment::Move(from), Segment::Line(to)];
        let (start, end) = (along(from), along(to));
        let mut shapes = Vec::new();
        if start > self.now || end <= self.now {
            let opacity = self.opacity(start);
            let arrow = parts::arrow(key, Role::Message(hue), hue, path());
            shapes.extend(arrow.into_iter().map(|shape| shape.faded(opacity)));
        } else {
            let part = (self.now - start) / (end - start).max(0.01);
            let [x, y] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
            let arrow = parts::arrow(key, Role::Message(hue), hue, path());
            shapes.extend(arrow.into_iter().map(|shape| shape.faded(FAINT)));
            shapes.push(Shape::line(format!("{key}/come"), Role::Message(hue), from, [x, y]));
            shapes.push(Shape::circle(format!("{key}/now"), Role::MessageDot(hue), x, y, 5.0));
        }
        let [x, y] = from;
        let dot = Shape::circle(format!("{key}/from"), Role::MessageDot(hue), x, y, 3.6);
        shapes.push(dot.faded(self.opacity(start)));
        self.board.cross(from, to);
        self.board.take([x - 4.0, y - 4.0, x + 4.0, y + 4.0]);
        shapes
    }
    /// From the beginning of the command to its end.
    fn command(&mut self) {
        let (Some(lane), Some((_, began))) = (self.frame.lane(Who::Requester), self.facts.begun.command)
        else {
            return;
        };
        if self.frame.is_narrow || self.facts.begun.from() != began {
            return;
        }
        let ended = self.facts.command_ended(self.stage.view.history());
        let to = self.along(ended.unwrap_or(self.facts.end));
        let along = [self.along(began), to];
        self.add_bar("command", Role::Bar(Hue::Quiet), along, [lane - 2.0, lane + 2.0], 2.0);
        if ended.is_some() {
            let text = self.stage.say(msg!("scene.command-ends"), &[]);
            let spots = self.around(to, lane, 2.0);
            self.label("command", 7, (Type::Caption, Role::TextOver(Hue::Quiet)), text, to, spots);
        }
    }
    /// What etcd stores: the deletionTimestamp, and at the end nothing any more.
    fn etcd(&mut self) {
        let Some((api, etcd)) = self.frame.lane(Who::ApiServer).zip(self.frame.lane(Who::Etcd)) else {
            return;
        };
        let hue = Hue::Server;
        let facts = self.facts;
        let asked = facts.messages.iter().find(|sent| sent.what == What::Delete);
        let stored = facts.begun.record.time;
        let from = self.along(asked.map_or(stored, |sent| sent.arrives));
        let to = self.along(stored);
        let seconds = facts.begun.pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
        let text = self.stage.say(msg!("scene.stamped"), &[("seconds", Arg::Number(seconds))]);
        self.store("stored", hue, [from, to], [api, etcd], text, 1);
        let Some(gone) = facts.gone else { return };
        let last = facts.messages.iter().rfind(|sent| sent.what == What::LastDelete && sent.arrives <= gone);
        let to = self.along(gone);
        let from = last.map_or(to, |sent| self.along(sent.arrives));
        let text = self.stage.say(msg!("scene.key-deleted"), &[]);
        self.store("gone", Hue::Terminating, [from, to], [api, etcd], text, 2);
    }
    fn store(&mut self, key: &str, hue: Hue, along: [f32; 2], across: [f32; 2], text: String, rank: u8) {
        let (start, end) = (self.frame.point(along[0], across[0]), self.frame.point(along[1], across[1]));
        let mut shapes = Vec::new();
        if across[0] != across[1] {
            shapes = self.arrow(&format!("etcd/{key}"), hue, start, end);
        }
        let [x, y] = end;
        let mark =
            Shape::rect(format!("etcd/{key}/mark"), Role::Bar(hue), [x - 5.5, y - 5.5, 11.0, 11.0], 3.0);
        shapes.push(mark.faded(self.opacity(along[1])));
        self.board.take([x - 6.0, y - 6.0, x + 6.0, y + 6.0]);
        let spoken = format!("etcd: {text}");
        let group = Shape::group(format!("etcd/{key}"), 0.0, 0.0, shapes);
        self.lines.push(group.opening(Target::Object(self.facts.pod.clone()), spoken));
        let spots = self.around(along[1], across[1], 6.0);
        self.label(&format!("etcd/{key}"), rank, (Type::Label, Role::TextOver(hue)), text, along[1], spots);
    }
    fn message(&mut self, sent: &Sent) {
        let Some((from, to)) = self.frame.lane(sent.from).zip(self.frame.lane(sent.to)) else { return };
        let (along, arrives) = (self.along(sent.at), self.along(sent.arrives));
        let (start, end) = (self.frame.point(along, from), self.frame.point(arrives, to));
        let hue = match (sent.from, sent.to) {
            (Who::Kubelet, _) | (_, Who::Kubelet) => Hue::BranchA,
            (Who::Slices | Who::Proxy(_), _) | (_, Who::Slices | Who::Proxy(_)) => Hue::BranchB,
            _ => Hue::Plain,
        };
        let key = format!("message/{}", sent.id.0);
        let shapes = self.arrow(&key, hue, start, end);
        let text = self.what(sent);
        let [who, whom] = [sent.from, sent.to].map(|who| Arg::from(names::who(self.stage, self.facts, who)));
        let spoken = [("from", who), ("to", whom), ("what", text.as_str().into())];
        let spoken = self.stage.say(msg!("scene.spoken-message"), &spoken);
        let group = Shape::group(key.clone(), 0.0, 0.0, shapes);
        self.lines.push(group.opening(Target::Object(sent.about.clone()), spoken));
        let rank = match sent.what {
            What::Delete | What::LastDelete | What::Slice => 2,
            What::WatchPod(_) => 4,
            What::WatchSlice | What::Status(Some(_)) => 5,
            What::Status(None) => 8,
        };
        let font = if sent.what == What::Delete { Type::CodeStrong } else { Type::Label };
        // What is told to several at once is said once, and on a phone there is no room for what is told.
        let is_repeated = sent.what == What::WatchSlice
            && self.facts.messages.iter().any(|other| {
                other.what == sent.what
                    && other.at == sent.at
                    && other.about == sent.about
                    && other.id < sent.id
            });
        if is_repeated || (self.frame.is_narrow && rank > 3) {
            return;
        }
        self.label(&key, rank, (font, Role::TextOver(hue)), text, along, self.beside(start, end));
    }
    fn what(&self, sent: &Sent) -> String {
        match &sent.what {
            What::Delete => format!("DELETE pods/{}", self.facts.pod.name),
            What::WatchPod(change) => format!("watch: {}", change.as_str()),
            What::WatchSlice => "watch: EndpointSlice".to_owned(),
            What::Slice => {
                let change = self.facts.slices.iter().find(|change| change.request == Some(sent.id));
                match change.map(|change| (change.was, change.conditions)) {
                    Some((was, Some(now))) => {
                        let named =
                            ["ready", "serving", "terminating"].into_iter().zip(was.into_iter().zip(now));
                        let changed = named.filter(|(_, (was, now))| was != now);
                        let said: Vec<String> =
                            changed.map(|(name, (_, now))| format!("{name}={now}")).collect();
                        said.join(" · ")
                    }
                    Some((_, None)) => self.stage.say(msg!("scene.endpoint-out"), &[]),
                    // It says nothing new of the Pod, and rules are without it because of it.
                    None => self.stage.say(msg!("scene.other-ready"), &[]),
                }
            }
            What::Status(Some(phase)) => format!("status: {}", phase.as_str()),
            What::Status(None) => "status".to_owned(),
            What::LastDelete => self.stage.say(msg!("scene.final-delete"), &[]),
        }
    }
    /// Where no Service has the Pod as an endpoint, that is said.
    fn slices(&mut self) {
        let Some(lane) = self.frame.lane(Who::Slices) else { return };
        if !self.facts.slices.is_empty() {
            return;
        }
        let told = self.facts.messages.iter().find(|sent| sent.to == Who::Slices);
        let along = self.along(told.map_or(self.facts.begun.record.time, |sent| sent.arrives));
        let text = self.stage.say(msg!("scene.no-endpoint"), &[]);
        let spots = self.around(along, lane, 4.0);
        self.label("slices", 3, (Type::Caption, Role::TextOver(Hue::Quiet)), text, along, spots);
    }
    fn rules(&mut self) {
        for change in &self.facts.rules {
            let Some(lane) = self.frame.lane(Who::Proxy(change.node)) else { continue };
            let along = [self.along(change.heard), self.along(change.done)];
            let along = [along[0], along[1].max(along[0] + 6.0)];
            let key = format!("rules/{}", change.record.0);
            let across = [lane - BAR, lane + BAR];
            let shapes = self.bar(&key, Role::Bar(Hue::BranchB), along, across, 4.0);
            self.keep_off(along, across);
            let said = self.stage.say(msg!("scene.rules-without"), &[("ip", (&change.ip).into())]);
            let node = self.stage.view.node_name(change.node);
            let group = Shape::group(format!("{key}/group"), 0.0, 0.0, shapes);
            let spoken = format!("kube-proxy · {node}: {said}");
            self.bars.push(group.opening(Target::Object(change.service.clone()), spoken));
            let is_last = self.facts.rules.iter().all(|other| other.done <= change.done);
            if self.frame.is_narrow && !is_last {
                continue;
            }
            let text = if self.frame.is_narrow { format!("−{}", change.ip) } else { said };
            let spots = self.around(along[1], lane, 6.0);
            self.label(&key, 2, (Type::Label, Role::TextOver(Hue::BranchB)), text, along[1], spots);
        }
        // Where no other endpoint is ready, the rules keep this one.
        let kept =
            self.facts.slices.iter().find(|change| change.conditions.is_some() && !change.others_ready);
        let first = self.facts.proxies.first();
        let Some((change, node)) = kept.zip(first) else { return };
        let Some(lane) = self.frame.lane(Who::Proxy(*node)) else { return };
        let told = self.facts.messages.iter().find(|sent| {
            sent.to == Who::Proxy(*node) && sent.about == change.slice && sent.at >= change.time
        });
        let along = self.along(told.map_or(change.time, |sent| sent.arrives));
        let id = if self.frame.is_narrow { msg!("scene.rules-keep-short") } else { msg!("scene.rules-keep") };
        let text = self.stage.say(id, &[]);
        let spots = self.around(along, lane, 4.0);
        self.label("rules/keep", 3, (Type::Caption, Role::TextOver(Hue::BranchB)), text, along, spots);
    }
    /// What the kubelet does until the first process hears of it, and the grace period.
    fn kubelet(&mut self) {
        let Some(lane) = self.frame.lane(Who::Kubelet) else { return };
        let facts = self.facts;
        let heard = facts.messages.iter().find(|sent| sent.to == Who::Kubelet);
        let acts = facts.containers.iter().flat_map(|container| {
            let hook = container.hook.map(|(from, _)| from);
            container.signals.first().map(|(_, time, _)| *time).into_iter().chain(hook)
        });
        if let Some((heard, acts)) = heard.zip(acts.min()) {
            let along = [self.along(heard.arrives), self.along(acts).max(self.along(heard.arrives) + 5.0)];
            self.add_bar("kubelet/work", Role::Bar(Hue::BranchA), along, [lane - BAR, lane + BAR], 4.0);
            if !self.frame.is_narrow {
                let spots = self.around(along[0], lane, 8.0);
                let look = (Type::CodeSmall, Role::TextOver(Hue::BranchA));
                self.label("kubelet/work", 6, look, "syncTerminatingPod".to_owned(), along[0], spots);
            }
        }
        if facts.grace == 0 {
            return;
        }
        let ended = facts.all_ended().unwrap_or(facts.end);
        let [from, to] = [facts.begun.record.time, facts.deadline().min(ended)].map(|at| self.along(at));
        // On a phone labels of signals stand at the right.
        let across =
            if self.frame.is_narrow { [lane - 15.0, lane - 11.0] } else { [lane + 12.0, lane + 16.0] };
        self.add_bar("grace", Role::Bar(Hue::Terminating), [from, to], across, 2.0);
        let middle = (across[0] + across[1]) / 2.0;
        if ended > facts.deadline() + AT_ONCE {
            let over = [to, self.along(ended)];
            self.add_bar(
                "grace/more",
                Role::Span(Hue::Terminating),
                over,
                [across[0] - 2.0, across[1] + 2.0],
                2.0,
            );
            let text = self.stage.say(msg!("scene.grace-more"), &[]);
            let spots = self.around(over[1], middle, 4.0);
            self.label(
                "grace/more",
                3,
                (Type::Label, Role::TextOver(Hue::Terminating)),
                text,
                over[1],
                spots,
            );
        } else if ended < facts.deadline() {
            let left = facts.deadline().since(ended) / 100_000 * 100;
            let text = self.stage.say(msg!("scene.grace-left"), &[("time", Arg::Millis(left))]);
            let spots = self.around(to, middle, 7.0);
            self.label("grace", 4, (Type::Label, Role::TextOver(Hue::Terminating)), text, to, spots);
        }
    }
    fn container(&mut self, place: usize, container: &ContainerEnd) {
        let Some(lane) = self.frame.lane(Who::Container(place)) else { return };
        let half = if self.frame.is_narrow { 5.0 } else { LIFE };
        let key = format!("container/{}", container.name);
        let start = self.along(container.since.max(self.facts.begun.from()));
        let end = self.along(container.ended.map_or(self.facts.end, |(end, _)| end));
        let asked = container.asked().map(|(at, _)| at).or(container.killed()).map(|at| self.along(at));
        let hook = container.hook.map(|(from, _)| {
            [self.along(from), container.hook_until().map_or(end, |until| self.along(until)).min(end)]
        });
        let calm = hook.map(|[from, _]| from).or(asked).unwrap_or(end).min(end);
        let mut shapes = self.bar(
            &format!("{key}/runs"),
            Role::Rest(Hue::BranchA),
            [start, calm],
            [lane - 3.0, lane + 3.0],
            3.0,
        );
        self.keep_off([start, calm], [lane - 3.0, lane + 3.0]);
        let across = [lane - half, lane + half];
        if let Some(hook) = hook {
            shapes.extend(self.bar(&format!("{key}/hook"), Role::Span(Hue::Terminating), hook, across, 4.0));
            self.keep_off(hook, across);
            let text = self.stage.say(msg!("scene.pre-stop"), &[]);
            let mut spots = self.inside(hook, lane, &text, Type::Label);
            spots.extend(self.around(hook[0], lane, half + 2.0));
            let look = (Type::Label, Role::TextHue(Hue::Terminating));
            self.inside_label(&format!("{key}/hook"), 3, look, text, hook, spots);
        }
        if let Some(asked) = asked.filter(|asked| end - asked >= 6.0) {
            shapes.extend(self.bar(
                &format!("{key}/ends"),
                Role::Span(Hue::BranchA),
                [asked, end],
                across,
                4.0,
            ));
            self.keep_off([asked, end], across);
            if let Some(text) = self.does(container) {
                let mut spots = self.inside([asked, end], lane, &text, Type::Label);
                spots.extend(self.around(asked, lane, half + 2.0));
                let look = (Type::Label, Role::TextHue(Hue::BranchA));
                self.inside_label(&format!("{key}/ends"), 3, look, text, [asked, end], spots);
            }
        }
        if let Some((_, code)) = container.ended {
            let hue = if code == 0 { Hue::BranchA } else { Hue::Failed };
            let (along, across) = ([end - 2.5, end + 2.5], [lane - half - 1.0, lane + half + 1.0]);
            let tick = Shape::rect(format!("{key}/end"), Role::Bar(hue), self.frame.rect(along, across), 1.5);
            shapes.push(tick.faded(self.opacity(end)));
            self.keep_off(along, across);
            let spots = self.around(end, lane, half + 1.0);
            let look = (Type::Label, Role::TextOver(hue));
            self.label(&format!("{key}/end"), 2, look, format!("exit {code}"), end, spots);
        }
        let group = Shape::group(format!("{key}/group"), 0.0, 0.0, shapes);
        let target = Target::Container { pod: self.facts.pod.clone(), name: container.name.clone() };
        let spoken = names::container(self.stage, container);
        self.bars.push(group.opening(target, spoken));
        self.signals(&key, place, container, lane, half);
    }
    fn signals(&mut self, key: &str, place: usize, container: &ContainerEnd, lane: f32, half: f32) {
        let Some(kubelet) = self.frame.lane(Who::Kubelet) else { return };
        for &(record, time, signal) in &container.signals {
            let hue = if signal == "SIGKILL" { Hue::Failed } else { Hue::BranchA };
            let along = self.along(time);
            let (from, to) = (self.frame.point(along, kubelet + BAR), self.frame.point(along, lane - half));
            let key = format!("{key}/signal/{}", record.0);
            let shapes = self.arrow(&key, hue, from, to);
            let group = Shape::group(format!("{key}/group"), 0.0, 0.0, shapes);
            let names =
                [Who::Kubelet, Who::Container(place)].map(|who| names::who(self.stage, self.facts, who));
            let [from_name, to_name] = names.map(Arg::from);
            let spoken = [("from", from_name), ("to", to_name), ("what", signal.into())];
            let spoken = self.stage.say(msg!("scene.spoken-message"), &spoken);
            self.lines.push(group.named(spoken));
            let spots = self.beside(from, to);
            self.label(&key, 1, (Type::Label, Role::TextOver(hue)), signal.to_owned(), along, spots);
        }
    }
    /// What a program does after it was asked to end.
    fn does(&self, container: &ContainerEnd) -> Option<String> {
        let (asked, signal) = container.asked()?;
        let end = container.ended.map_or(SimTime::NEVER, |(end, _)| end);
        if end.since(asked) <= AT_ONCE {
            return None;
        }
        Some(match container.killed() {
            Some(_) => self.stage.say(msg!("scene.ignores"), &[("signal", signal.into())]),
            None => self.stage.say(msg!("scene.finishes"), &[]),
        })
    }
    /// Within a bar, where the text has room there.
    fn inside(&self, along: [f32; 2], across: f32, text: &str, font: Type) -> Vec<Spot> {
        let [left, _, right, _] = area(text, font, Spot { at: [0.0, 0.0], anchor: Anchor::Start });
        if self.frame.is_narrow || along[1] - along[0] < right - left + 14.0 {
            return Vec::new();
        }
        vec![Spot { at: [along[0] + 9.0, across + 4.2], anchor: Anchor::Start }]
    }
    /// A label that may stand within its own bar: there nothing else does.
    fn inside_label(
        &mut self,
        key: &str,
        rank: u8,
        look: (Type, Role),
        text: String,
        along: [f32; 2],
        spots: Vec<Spot>,
    ) {
        let is_inside = spots.len() > 8;
        if !is_inside {
            self.label(key, rank, look, text, along[0], spots);
            return;
        }
        let Some(Spot { at: [x, y], anchor }) = spots.first().copied() else { return };
        let opacity = if along[0] <= self.now { 1.0 } else { FAINT_TEXT };
        let shape = Shape::text(format!("{key}/label"), look.1, look.0, x, y, text);
        self.marks.push(shape.anchored(anchor).faded(opacity));
    }
    fn pause(&mut self) {
        let (Some(lane), Some((made, until))) = (self.frame.lane(Who::Pause), self.facts.pause) else {
            return;
        };
        let half = if self.frame.is_narrow { 3.0 } else { 6.0 };
        let start = self.along(made.max(self.facts.begun.from()));
        let end = self.along(until.unwrap_or(self.facts.end));
        let across = [lane - half, lane + half];
        let mut shapes = self.bar("pause", Role::PauseBar, [start, end], across, 2.0);
        self.keep_off([start, end], across);
        if until.is_some() {
            let across = [lane - half - 4.0, lane + half + 4.0];
            let tick = Shape::rect(
                "pause/end",
                Role::Bar(Hue::Terminating),
                self.frame.rect([end - 2.5, end + 2.5], across),
                1.5,
            );
            shapes.push(tick.faded(self.opacity(end)));
            self.keep_off([end - 2.5, end + 2.5], across);
        }
        let group = Shape::group("pause/group", 0.0, 0.0, shapes);
        self.bars.push(group.opening(Target::Object(self.facts.pod.clone()), "pause"));
        if !self.frame.is_narrow {
            let text = self.stage.say(msg!("scene.holds-on"), &[]);
            let spots = [start + 8.0, start + 120.0]
                .map(|x| Spot { at: [x, lane + half + 14.0], anchor: Anchor::Start });
            self.label("pause", 6, (Type::Caption, Role::TextOver(Hue::Quiet)), text, start, spots.to_vec());
        }
    }
    /// The requests that were lost, as a part of the ground.
    fn traffic(&mut self) {
        let Some(lane) = self.frame.lane(Who::Requests) else { return };
        if self.frame.is_narrow {
            return;
        }
        for row in ROWS {
            self.keep_off(self.frame.along, [lane + row - 5.0, lane + row + 5.0]);
        }
        let lost: Vec<f32> = self.requests.lost().map(|sent| self.along(sent.at)).collect();
        let (Some(first), Some(last)) = (lost.first(), lost.last()) else { return };
        let (along, across) = ([first - 9.0, last + 9.0], [lane + ROWS[1] - 10.0, lane + ROWS[1] + 10.0]);
        let region =
            Shape::rect("requests/lost", Role::Region(Hue::Failed), self.frame.rect(along, across), 8.0);
        self.bars.push(region.faded(self.opacity(*first)));
        let count = i64::try_from(lost.len()).unwrap_or(i64::MAX);
        let text = self.stage.say(msg!("scene.requests-lost"), &[("count", Arg::Number(count))]);
        let y = lane + ROWS[0] - 12.0;
        let spot = |x, anchor| Spot { at: [x, y], anchor };
        let spots = vec![
            spot(along[0], Anchor::Start),
            spot((along[0] + along[1]) / 2.0, Anchor::Middle),
            spot(along[1], Anchor::End),
        ];
        self.label("requests/lost", 2, (Type::Label, Role::TextOver(Hue::Failed)), text, *first, spots);
    }
    /// The object that a lane stands for, where it is one.
    pub(super) fn target(&self, who: Who) -> Option<Target> {
        let facts = self.facts;
        let object = |key: ObjectKey| Some(Target::Object(key));
        match who {
            Who::Etcd | Who::Pause => object(facts.pod.clone()),
            Who::Slices => object(facts.slices.first()?.slice.clone()),
            Who::Proxy(_) | Who::Requests => object(facts.slices.first()?.service.clone()),
            Who::Kubelet => {
                let node = self.stage.view.node_name(facts.node?);
                object(ObjectKey::new(crate::api::Kind::Node, "", node))
            }
            Who::Container(place) => {
                let name = facts.containers.get(place)?.name.clone();
                Some(Target::Container { pod: facts.pod.clone(), name })
            }
            Who::Requester | Who::ApiServer => None,
        }
    }
}
