//! The drawing of a deletion: lanes, messages, bars and marks, each at its time.

use super::super::Stage;
use super::facts::{Facts, Sent, What, Who};
use super::frame::Frame;
use super::labels::{Board, Label, Spot, area};
use super::names;
use super::requests::{Ending, ROWS, ROWS_NARROW, Requests};
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
/// The same of the number of a step, which is to be read.
pub(super) const FAINT_NUMBER: f32 = 0.5;
/// Half of the thickness of work that takes a while.
pub(super) const BAR: f32 = 7.0;
/// The same of what a process does.
pub(super) const LIFE: f32 = 11.0;
/// Half of what a fold takes.
const FOLD: f32 = 7.0;
/// Between the marks of two writes of etcd.
const APART: f32 = 13.0;
/// So much of its way a message is drawn that does not arrive.
const UNHEARD: f32 = 0.8;

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
        for ([from, to], _) in self.frame.folds() {
            let middle = (from + to) / 2.0;
            self.keep_off([middle - FOLD, middle + FOLD], self.frame.across);
        }
        // Once all is over the playhead stays at the end.
        let end = self.frame.across.map(|across| self.frame.point(self.frame.along[1], across));
        self.board.cross(end[0], end[1]);
        self.silence();
        self.command();
        self.etcd();
        self.slices();
        for sent in &self.facts.messages {
            self.message(sent);
        }
        self.rules();
        self.kubelet();
        for (place, container) in self.facts.containers.iter().enumerate() {
            self.container(place, container);
        }
        self.pause();
        self.traffic();
    }
    pub(super) fn along(&self, at: SimTime) -> f32 {
        self.frame.time(at)
    }
    pub(super) fn opacity(&self, along: f32) -> f32 {
        if along <= self.now { 1.0 } else { FAINT }
    }
    /// How words look that are of a moment: those of what is still to come are quiet, and read as well.
    pub(super) fn tone(&self, role: Role, at: f32) -> Role {
        match role {
            _ if at <= self.now => role,
            Role::TextOver(_) => Role::TextOver(Hue::Quiet),
            Role::TextHue(_) => Role::TextHue(Hue::Quiet),
            other => other,
        }
    }
    /// A bar along the time: what is past of it, and what is to come.
    pub(super) fn bar(
        &self,
        key: &str,
        role: Role,
        along: [f32; 2],
        across: [f32; 2],
        radius: f32,
    ) -> Vec<Shape> {
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
    pub(super) fn add_bar(&mut self, key: &str, role: Role, along: [f32; 2], across: [f32; 2], radius: f32) {
        let shapes = self.bar(key, role, along, across, radius);
        self.bars.extend(shapes);
        self.keep_off(along, across);
    }
    pub(super) fn keep_off(&mut self, along: [f32; 2], across: [f32; 2]) {
        let [x, y, wide, high] = self.frame.rect(along, across);
        self.board.take([x, y, x + wide, y + high]);
    }
    /// A label; its spots are told along and across the time, its lines always go to the right.
    pub(super) fn label(
        &mut self,
        key: &str,
        rank: u8,
        look: (Type, Role),
        text: String,
        at: f32,
        spots: Vec<Spot>,
    ) {
        let role = self.tone(look.1, at);
        let least = if self.frame.is_narrow { 56.0 } else { 90.0 };
        self.labels.push(Label {
            key: format!("{key}/label").into(),
            text: text.into(),
            short: None,
            font: look.0,
            role,
            rank,
            spots,
            least: Some(least),
        });
    }
    /// A line with the head of an arrow, as far as it has come.
    pub(super) fn arrow(&mut self, key: &str, hue: Hue, from: [f32; 2], to: [f32; 2]) -> Vec<Shape> {
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
    /// A message that does not arrive: dashed, and a cross where it is lost.
    fn unheard(&mut self, key: &str, from: [f32; 2], to: [f32; 2]) -> Vec<Shape> {
        let end = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * UNHEARD);
        let along = if self.frame.is_narrow { from[1] } else { from[0] };
        let opacity = self.opacity(along);
        let [x, y] = end;
        let arms = [[-4.0, -4.0], [4.0, 4.0], [-4.0, 4.0], [4.0, -4.0]].map(|[dx, dy]| [x + dx, y + dy]);
        let cross =
            arms.chunks(2).flat_map(|arm| [Segment::Move(arm[0]), Segment::Line(arm[1])]).collect::<Vec<_>>();
        self.board.cross(from, end);
        self.board.take([x - 5.0, y - 5.0, x + 5.0, y + 5.0]);
        let line = vec![Segment::Move(from), Segment::Line(end)];
        vec![
            Shape::path(format!("{key}/line"), Role::EdgeSelects(Hue::Failed), line).faded(opacity),
            Shape::path(format!("{key}/lost"), Role::RequestFailed(Hue::Failed), cross).faded(opacity),
        ]
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
        let at_once = facts.gone.is_some_and(|gone| self.along(gone) - to < APART);
        let mut spots = self.around(to, etcd, 6.0);
        if at_once {
            // What is deleted in the next write is told behind it.
            spots.rotate_left(5);
        }
        self.store("stored", hue, [from, to], [api, etcd], text, spots);
        self.held(etcd);
        let Some(gone) = facts.gone else { return };
        // Where finalizers held it, it goes with the request that takes them away.
        let held = facts.held();
        let by = if held.is_some() { What::Release } else { What::LastDelete };
        let is_it = |sent: &&Sent| {
            sent.what == by && sent.arrives <= gone && held.is_none_or(|[from, _]| sent.arrives >= from)
        };
        let last = facts.messages.iter().rfind(is_it);
        // Two writes are two, be it at one moment.
        let to = self.along(gone).max(if at_once { to + APART } else { 0.0 });
        let from = last.map_or(to, |sent| self.along(sent.arrives));
        let text = self.stage.say(msg!("scene.key-deleted"), &[]);
        let spots = self.around(to, etcd, 6.0);
        self.store("gone", Hue::Terminating, [from, to], [api, etcd], text, spots);
    }
    /// While only finalizers hold the object.
    fn held(&mut self, lane: f32) {
        let Some(held) = self.facts.held() else { return };
        let along = held.map(|at| self.along(at));
        let half = if self.frame.is_narrow { 4.0 } else { LIFE };
        self.add_bar("held", Role::Span(Hue::Terminating), along, [lane - half, lane + half], 4.0);
        let names = self.facts.finalizers.join(", ");
        let text = self.stage.say(msg!("deletion.held"), &[("names", names.as_str().into())]);
        let inside = self.inside(along, lane, &text, Type::Label);
        let mut spots = Vec::new();
        if self.frame.is_narrow {
            // Beside its bar, where nothing else is said any more.
            for part in [0.5, 0.35, 0.65] {
                let [x, y] = self.frame.point(along[0] + (along[1] - along[0]) * part, lane);
                spots.push(Spot { at: [x + half + 6.0, y + 4.2], anchor: Anchor::Start });
            }
        }
        spots.extend(self.around(along[0], lane, half + 2.0));
        let look = (Type::Label, Role::TextHue(Hue::Terminating));
        self.inside_label("held", 2, look, text, along, (inside, spots));
    }
    fn store(
        &mut self,
        key: &str,
        hue: Hue,
        along: [f32; 2],
        across: [f32; 2],
        text: String,
        spots: Vec<Spot>,
    ) {
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
        self.label(&format!("etcd/{key}"), 1, (Type::Label, Role::TextOver(hue)), text, along[1], spots);
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
        let is_unheard = self.facts.is_unheard(sent);
        let shapes =
            if is_unheard { self.unheard(&key, start, end) } else { self.arrow(&key, hue, start, end) };
        let text =
            if is_unheard { self.stage.say(msg!("deletion.not-received"), &[]) } else { self.what(sent) };
        let [who, whom] = [sent.from, sent.to].map(|who| Arg::from(names::who(self.stage, self.facts, who)));
        let spoken = [("from", who), ("to", whom), ("what", text.as_str().into())];
        let spoken = self.stage.say(msg!("scene.spoken-message"), &spoken);
        let group = Shape::group(key.clone(), 0.0, 0.0, shapes);
        self.lines.push(group.opening(Target::Message(sent.id), spoken));
        let rank = match sent.what {
            What::Delete | What::LastDelete | What::Slice | What::Release => 2,
            What::WatchPod(_) if is_unheard => 2,
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
        let mut spots = self.beside(start, end);
        match sent.what {
            // Above its arrow's head, where little else is said.
            What::Slice if !self.frame.is_narrow => spots.extend(self.above(end)),
            // Below: the request before it sets out a little higher.
            What::LastDelete if self.frame.is_narrow => {
                let middle = (start[1] + end[1]) / 2.0;
                spots.sort_by_key(|spot| spot.at[1] < middle);
            }
            _ => {}
        }
        self.label(&key, rank, (font, Role::TextOver(hue)), text, along, spots);
        // What it is matters more than the beginning of what it is of.
        if let (What::WatchSlice, Some(label)) = (&sent.what, self.labels.last_mut()) {
            label.short = Some("watch".into());
        }
        if is_unheard && let Some(label) = self.labels.last_mut() {
            label.short = Some(self.stage.say(msg!("deletion.not-received-short"), &[]).into());
        }
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
            What::Release => self.stage.say(msg!("deletion.released"), &[]),
        }
    }
    /// Within a bar, where the text has room there.
    pub(super) fn inside(&self, along: [f32; 2], across: f32, text: &str, font: Type) -> Option<Spot> {
        let [left, _, right, _] = area(text, font, Spot { at: [0.0, 0.0], anchor: Anchor::Start });
        if self.frame.is_narrow || along[1] - along[0] < right - left + 14.0 {
            return None;
        }
        // Not across a fold: before it, or after it.
        let wide = right - left;
        let is_whole = |x: &f32| {
            self.frame.folds().iter().all(|([from, to], _)| {
                let middle = (from + to) / 2.0;
                *x > middle + FOLD || x + wide < middle - FOLD
            })
        };
        let after = self.frame.folds().into_iter().map(|([from, to], _)| (from + to) / 2.0 + FOLD + 4.0);
        let starts = std::iter::once(along[0] + 9.0).chain(after);
        let fits = |x: &f32| *x >= along[0] + 5.0 && x + wide <= along[1] - 5.0 && is_whole(x);
        let at = starts.into_iter().find(fits);
        at.map(|x| Spot { at: [x, across + 4.2], anchor: Anchor::Start })
    }
    /// A label that stands within its own bar, where nothing else does, or at one of the spots beside it.
    pub(super) fn inside_label(
        &mut self,
        key: &str,
        rank: u8,
        look: (Type, Role),
        text: String,
        along: [f32; 2],
        (inside, beside): (Option<Spot>, Vec<Spot>),
    ) {
        let Some(Spot { at: [x, y], anchor }) = inside else {
            let role = match look.1 {
                Role::TextHue(hue) => Role::TextOver(hue),
                other => other,
            };
            self.label(key, rank, (look.0, role), text, along[0], beside);
            return;
        };
        let role = self.tone(look.1, along[0]);
        let shape = Shape::text(format!("{key}/label"), role, look.0, x, y, text);
        self.marks.push(shape.anchored(anchor));
    }
    /// The requests that were lost, as a part of the ground.
    fn traffic(&mut self) {
        let Some(lane) = self.frame.lane(Who::Requests) else { return };
        if self.frame.is_narrow {
            for row in ROWS_NARROW {
                let ends = self.frame.along.map(|along| self.frame.point(along, lane + row));
                self.board.cross(ends[0], ends[1]);
            }
            return;
        }
        for row in ROWS {
            self.keep_off(self.frame.along, [lane + row - 5.0, lane + row + 5.0]);
        }
        let lost: Vec<(SimTime, SimTime, Ending)> =
            self.requests.lost().map(|(sent, ended, ending)| (sent.at, ended, ending)).collect();
        let (Some((first, ..)), Some((_, last, _))) = (lost.first(), lost.last()) else { return };
        let (first, last) = (self.along(*first), self.along(*last));
        let (along, across) = ([first - 9.0, last + 9.0], [lane + ROWS[1] - 10.0, lane + ROWS[1] + 10.0]);
        let region =
            Shape::rect("requests/lost", Role::Region(Hue::Failed), self.frame.rect(along, across), 8.0);
        self.bars.push(region.faded(self.opacity(last)));
        let count = i64::try_from(lost.len()).unwrap_or(i64::MAX);
        let is_cut = lost.iter().all(|(.., ending)| *ending == Ending::CutOff);
        let id = if is_cut { msg!("deletion.requests-cut-off") } else { msg!("deletion.requests-failed") };
        let text = self.stage.say(id, &[("count", Arg::Number(count))]);
        let y = lane + ROWS[0] - 12.0;
        let spot = |x, anchor| Spot { at: [x, y], anchor };
        let spots = vec![
            spot(along[0], Anchor::Start),
            spot((along[0] + along[1]) / 2.0, Anchor::Middle),
            spot(along[1], Anchor::End),
        ];
        self.label("requests/lost", 2, (Type::Label, Role::TextOver(Hue::Failed)), text, last, spots);
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
