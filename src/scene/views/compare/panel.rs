//! One of the two runs: the lives of its Pods, one a lane, the requests below them, and beside them what was lost.

mod requests;

use super::super::Stage;
use super::super::areas::{Ground, areas, count};
use super::facts::{Ending, Facts, PodLane, Sent, Stretch};
use super::{Columns, Heights, Run};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{self, ellipsize, pod_name, width};
use crate::scene::parts::chip;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::{Hue, State};
use crate::scene::typeface::Type;
use crate::words;
use requests::{APART, Fate, cross};

/// The line with the commands.
const COMMANDS: f32 = 20.0;
/// With more Pods than these they are counted.
const MOST_LANES: usize = 12;
/// How high their counts are then.
const CROWD: f32 = 110.0;
/// What came of it, on a phone above the lanes.
const SUMMARY: f32 = 92.0;
/// Between the ways of losing a request, where they stand beside each other.
const BETWEEN_WAYS: f32 = 18.0;
/// Ends of two runs that are nearer than this are the same for who looks on.
const SAME: Micros = 150_000;
/// The least between two times.
const BETWEEN_TIMES: f32 = 84.0;
/// How many seconds may be between two times.
const STEPS: [u64; 17] =
    [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 10_800, 43_200, 86_400];
const MINUTE: Micros = 60 * SECOND;

/// The ground of a panel with its title.
pub(super) fn ground(key: &str, wide: f32, high: f32, letter: &str, hue: Hue, title: &str) -> Vec<Shape> {
    let mut shapes = vec![super::ground(key, wide, high)];
    let (tag, right) = chip(&format!("{key}/letter"), hue, [16.0, 25.0], letter);
    shapes.extend(tag);
    let x = 16.0 + right + 10.0;
    let title = ellipsize(title, Type::Heading.font(), wide - x - 16.0);
    shapes.push(Shape::text(format!("{key}/title"), Role::Text, Type::Heading, x, 30.5, title));
    shapes
}

/// Whether a run, or the one that it is held against, has too many Pods for lanes.
fn is_crowd(facts: &Facts, other: Option<&Facts>) -> bool {
    most_pods(facts, other) > MOST_LANES
}

fn most_pods(facts: &Facts, other: Option<&Facts>) -> usize {
    facts.pods.len().max(other.map_or(0, |other| other.pods.len()))
}

/// How high the lanes of Pods are together: as many as the run has that has more.
fn lanes(columns: &Columns, facts: &Facts, other: Option<&Facts>) -> f32 {
    if is_crowd(facts, other) { CROWD } else { most_pods(facts, other) as f32 * columns.heights.lane }
}

/// How high the requests below the lanes are.
fn below(columns: &Columns, facts: &Facts) -> f32 {
    if facts.requests.is_empty() { 4.0 } else { columns.heights.requests }
}

/// How high the panel of a run is.
pub(super) fn high(columns: &Columns, facts: &Facts, other: Option<&Facts>) -> f32 {
    let head = columns.heights.title + COMMANDS;
    let rows = head + lanes(columns, facts, other) + below(columns, facts) + columns.heights.times;
    if columns.is_narrow { rows + SUMMARY } else { rows.max(176.0) }
}

/// A run as it is drawn.
pub(super) struct Panel<'a, 'b> {
    stage: &'a Stage<'b>,
    columns: &'a Columns,
    span: [SimTime; 2],
    run: &'a Run<'a>,
    key: String,
}

impl<'a, 'b> Panel<'a, 'b> {
    pub(super) fn new(
        stage: &'a Stage<'b>,
        columns: &'a Columns,
        span: [SimTime; 2],
        run: &'a Run<'a>,
    ) -> Self {
        Self { stage, columns, span, run, key: format!("compare/{}", run.letter) }
    }
    fn key(&self, part: &str) -> String {
        format!("{}/{part}", self.key)
    }
    fn x(&self, at: SimTime) -> f32 {
        let [from, to] = self.span;
        let [left, right] = self.columns.chart;
        let part = at.clamp(from, to).since(from) as f64 / to.since(from).max(1) as f64;
        left + (right - left) * part as f32
    }
    fn now(&self) -> SimTime {
        self.stage.view.at()
    }
    /// The requests that have ended by now, and how many of them in each way were not answered.
    fn lost(&self) -> (usize, [usize; 3]) {
        let mut lost = [0; 3];
        let mut all = 0;
        for (ended, ending) in self.run.facts.requests.iter().filter_map(|sent| sent.ended) {
            if ended > self.now() {
                continue;
            }
            all += 1;
            match ending {
                Ending::Served => {}
                Ending::Refused => lost[0] += 1,
                Ending::TimedOut => lost[1] += 1,
                Ending::CutOff => lost[2] += 1,
            }
        }
        (all, lost)
    }
    /// Whether every request has ended by now, and no more of them are to come.
    fn is_over(&self) -> bool {
        let (facts, history) = (self.run.facts, self.run.history);
        let is_known = facts.is_whole || history.end() >= self.span[1];
        let has_ended = |sent: &Sent| sent.ended.is_some_and(|(ended, _)| ended <= self.now());
        is_known && history.until().is_none() && facts.requests.iter().all(has_ended)
    }
    fn title(&self) -> String {
        self.stage.say(self.run.side.title, &self.run.side.args)
    }
    /// What a screen reader says at it.
    pub(super) fn spoken(&self) -> String {
        let (all, lost) = self.lost();
        let title = self.title();
        let letter = self.run.letter;
        let found_nothing = if self.has_found_nothing() {
            format!(", {}", self.stage.say(msg!("compare.nothing-there"), &[]))
        } else {
            String::new()
        };
        if self.run.facts.requests.is_empty() {
            return format!("{letter}: {title}{found_nothing}");
        }
        let number = |count: usize| Arg::Number(i64::try_from(count).unwrap_or(i64::MAX));
        let args = [("lost", number(lost.iter().sum())), ("count", number(all))];
        let id = if self.is_over() { msg!("compare.spoken-lost-of") } else { msg!("compare.spoken-lost") };
        format!("{letter}: {title}{found_nothing}. {}", self.stage.say(id, &args))
    }
    /// Whether what was done in the other run was done in vain in this one.
    fn has_found_nothing(&self) -> bool {
        !self.run.found_nothing.is_empty()
    }
    /// Draws it from its upper left corner, and gives how high it is.
    pub(super) fn draw(&self) -> (Vec<Shape>, f32) {
        let facts = self.run.facts;
        let heights = self.columns.heights;
        let has_requests = !facts.requests.is_empty();
        let top = heights.title + if self.columns.is_narrow { SUMMARY } else { 0.0 };
        let first = top + COMMANDS;
        let requests = first + lanes(self.columns, facts, self.run.other);
        let end = requests + below(self.columns, facts);
        let high = high(self.columns, facts, self.run.other);
        let mut shapes =
            ground(&self.key, self.columns.wide, high, self.run.letter, self.run.hue, &self.title());
        self.written(&mut shapes);
        self.times(first, end, &mut shapes);
        self.commands(top, end, &mut shapes);
        if is_crowd(facts, self.run.other) {
            self.crowd(first, &mut shapes);
        } else {
            for (place, pod) in facts.pods.iter().enumerate() {
                self.lane(place, pod, first + place as f32 * heights.lane, &mut shapes);
            }
        }
        if has_requests {
            self.draw_requests(requests, &mut shapes);
        }
        self.to_come(first, end, &mut shapes);
        self.summary(&mut shapes);
        (shapes, high)
    }
    /// How the difference is written, and what dashes mean.
    fn written(&self, shapes: &mut Vec<Shape>) {
        let left = 16.0 + width(self.run.letter, Type::Label.font()) + 30.0;
        let after = left + width(&self.title(), Type::Heading.font()) + 16.0;
        let right = if self.columns.is_narrow { self.columns.wide - 14.0 } else { self.columns.chart[1] };
        let mut end = right;
        if self.has_ghosts() && !self.columns.is_narrow {
            let text = self.stage.say(msg!("compare.dashed"), &[("run", self.run.other_letter.into())]);
            end -= width(&text, Type::Caption.font()) + 16.0;
            if end > after {
                let key = self.key("dashed");
                let text = Shape::text(key, Role::TextMuted, Type::Caption, right, 30.0, text);
                shapes.push(text.anchored(Anchor::End));
            }
        }
        if let Some(written) = self.run.side.written.as_ref().filter(|_| end - after > 90.0)
            && let Some(text) = fitting(written, end - after)
        {
            let key = self.key("written");
            shapes.push(Shape::text(key, Role::TextMuted, Type::CodeSmall, after, 30.0, text));
        }
    }
    /// The times below the lanes: whole minutes where the run is long.
    fn times(&self, top: f32, end: f32, shapes: &mut Vec<Shape>) {
        let [from, to] = self.span;
        let [left, right] = self.columns.chart;
        let seconds = to.since(from) as f32 / SECOND as f32;
        let most = ((right - left) / BETWEEN_TIMES).max(1.0);
        let step = STEPS.iter().find(|step| seconds / **step as f32 <= most);
        let step = step.or(STEPS.last()).copied().unwrap_or(1) * SECOND;
        let (unit, name, each) = match step {
            0..MINUTE => (msg!("unit.seconds"), "seconds", SECOND),
            _ => (msg!("unit.minutes"), "minutes", MINUTE),
        };
        let mut at = SimTime(from.0.div_ceil(step) * step);
        while at <= to {
            let x = self.x(at);
            let key = self.key(&format!("time/{}", at.0 / SECOND));
            shapes.push(Shape::line(format!("{key}/line"), Role::Divider, [x, top], [x, end]).faded(0.5));
            let count = Arg::Number(i64::try_from(at.0 / each).unwrap_or(i64::MAX));
            let text = self.stage.say(unit, &[(name, count)]);
            let half = width(&text, Type::Label.font()) / 2.0;
            let middle = x.clamp(left + half, right - half);
            let text = Shape::text(key, Role::TextMuted, Type::Label, middle, end + 15.0, text);
            shapes.push(text.anchored(Anchor::Middle));
            at = at + step;
        }
    }
    /// The commands, each at its moment.
    fn commands(&self, top: f32, end: f32, shapes: &mut Vec<Shape>) {
        let [from, to] = self.span;
        let view = self.run.history.at(to);
        let commands: Vec<_> = view.commands().filter(|command| command.began >= from).collect();
        for (place, command) in commands.iter().enumerate() {
            let x = self.x(command.began);
            let until = commands.get(place + 1).map_or(self.columns.chart[1], |next| self.x(next.began));
            let key = self.key(&format!("command/{}", command.client.0));
            let line = Role::Moment(Hue::Plain);
            shapes.push(Shape::line(format!("{key}/line"), line, [x, top + 2.0], [x, end]));
            let room = until - x - 12.0;
            if room > 40.0 {
                let is_vain = self.run.found_nothing.contains(&command.client);
                let args = [("command", command.line.as_str().into())];
                let (role, line) = if is_vain {
                    (Role::TextHue(Hue::Failed), self.stage.say(msg!("compare.found-nothing"), &args))
                } else {
                    (Role::Text, command.line.to_string())
                };
                let text = ellipsize(&line, Type::CodeSmall.font(), room);
                shapes.push(Shape::text(key, role, Type::CodeSmall, x + 6.0, top + 12.0, text));
            }
        }
    }
    /// The lane of the same place in the other run, where that begins or ends at another time.
    fn ghost(&self, place: usize) -> Option<[SimTime; 2]> {
        let mine = self.run.facts.pods.get(place).map(PodLane::life);
        let other = self.run.other?.pods.get(place)?.life();
        let [from, to] = self.span;
        let differs = |a: SimTime, b: SimTime| {
            let [a, b] = [a.clamp(from, to), b.clamp(from, to)];
            a.max(b).since(a.min(b)) > SAME
        };
        let is_other = mine.is_none_or(|[begun, ended]| differs(begun, other[0]) || differs(ended, other[1]));
        is_other.then_some(other)
    }
    fn has_ghosts(&self) -> bool {
        let lanes = self.run.facts.pods.len();
        lanes <= MOST_LANES && (0..lanes).any(|place| self.ghost(place).is_some())
    }
    fn lane(&self, place: usize, pod: &PodLane, y: f32, shapes: &mut Vec<Shape>) {
        let [from, to] = self.span;
        let key = self.key(&format!("pod/{}/{}", pod.key.namespace, pod.key.name));
        let part = |name: &str| format!("{key}/{name}");
        let Heights { lane: high, bar, .. } = self.columns.heights;
        let top = (high - bar) / 2.0;
        let [left, right] = self.columns.chart;
        let mut drawn = Vec::new();
        let room = left - if self.columns.is_narrow { 14.0 } else { 26.0 };
        let name = pod_name(&pod.key.name, Type::NameSmall.font(), room);
        let hit = [0.0, 0.0, right, high];
        drawn.push(Shape::rect(part("hit"), Role::Hit, hit, 0.0));
        let x = if self.columns.is_narrow { 8.0 } else { 16.0 };
        drawn.push(Shape::text(part("name"), Role::Text, Type::NameSmall, x, high / 2.0 + 4.5, name));
        if let Some([begun, ended]) = self.ghost(place) {
            let (x, until) = (self.x(begun), self.x(ended));
            if until > x {
                let area = [x, 1.0, until - x, high - 2.0];
                drawn.push(Shape::rect(part("ghost"), Role::Ghost(Hue::Quiet), area, 5.0));
            }
        }
        for (nth, stretch) in pod.stretches.iter().enumerate() {
            if stretch.to < from || stretch.from > to {
                continue;
            }
            let (x, until) = (self.x(stretch.from), self.x(stretch.to));
            let (role, opacity) = look(stretch);
            let area = [x, top, (until - x).max(1.5), bar];
            drawn.push(Shape::rect(part(&format!("stretch/{nth}")), role, area, 3.0).faded(opacity));
        }
        for (nth, [begun, ended]) in pod.hooks.iter().enumerate() {
            let (x, until) = (self.x(*begun), self.x(*ended));
            let area = [x, top + 3.5, (until - x).max(1.5), bar - 7.0];
            drawn.push(Shape::rect(part(&format!("hook/{nth}")), Role::Bar(Hue::BranchA), area, 2.0));
        }
        for (nth, at) in pod.signals.iter().enumerate() {
            if *at >= from && *at <= to {
                let area = [self.x(*at) - 1.2, top - 2.0, 2.4, bar + 4.0];
                drawn.push(Shape::rect(part(&format!("signal/{nth}")), Role::Bar(Hue::Plain), area, 1.0));
            }
        }
        let lost = self
            .run
            .facts
            .requests
            .iter()
            .filter(|sent| self.fate(sent) == Fate::Lost && sent.pod.as_ref() == Some(&pod.key));
        let mut path = Vec::new();
        let mut last = f32::NEG_INFINITY;
        for sent in lost {
            let x = self.x(sent.at);
            if x - last >= APART {
                path.extend(cross([x, high / 2.0], 3.2));
                last = x;
            }
        }
        if !path.is_empty() {
            drawn.push(Shape::path(part("lost"), Role::RequestFailed(Hue::Failed), path));
        }
        let mut group = Shape::group(key, 0.0, y, drawn);
        if self.run.is_own {
            let spoken = format!("{} {}", self.run.letter, pod.key.name);
            group = group.opening(Target::Object(pod.key.clone()), spoken);
        }
        shapes.push(group);
    }
    /// Too many Pods for lanes of their own: how many are ready, not ready, and ending.
    fn crowd(&self, y: f32, shapes: &mut Vec<Shape>) {
        let pods = &self.run.facts.pods;
        let layers = [Looks::Ready, Looks::Ending, Looks::Coming].map(|looks| {
            let stretches = pods.iter().flat_map(|pod| &pod.stretches);
            (looks, count(stretches.filter(|s| Looks::of(s) == looks).map(|s| [s.from, s.to])))
        });
        let both = [Some(self.run.facts), self.run.other];
        let most = both.into_iter().flatten().map(|facts| {
            let there = count(facts.pods.iter().map(PodLane::life));
            there.into_iter().map(|(_, count)| count).max().unwrap_or(1)
        });
        let most = most.max().unwrap_or(1).max(1);
        let x = |at| self.x(at);
        let ground =
            Ground { x: &x, span: self.span, base: y + CROWD - 6.0, each: (CROWD - 12.0) / most as f32 };
        let layers: Vec<(Role, _)> = layers.iter().map(|(looks, counts)| (looks.role(), counts)).collect();
        shapes.extend(areas(&self.key("pods"), &layers, &ground));
        let left = self.columns.chart[0] - 8.0;
        for (number, y) in [(most, y + 11.0), (0, y + CROWD - 4.0)] {
            let key = self.key(&format!("pods/number/{number}"));
            let text = Shape::text(key, Role::TextMuted, Type::Label, left, y, number.to_string());
            shapes.push(text.anchored(Anchor::End));
        }
        let x = if self.columns.is_narrow { 8.0 } else { 16.0 };
        shapes.push(Shape::text(self.key("pods/name"), Role::Text, Type::Strong, x, y + CROWD / 2.0, "Pods"));
    }
    /// A veil over what is still to come, and the playhead before it.
    fn to_come(&self, top: f32, end: f32, shapes: &mut Vec<Shape>) {
        let [left, right] = self.columns.chart;
        let [from, to] = self.span;
        let x = self.x(self.now());
        let area = [x, top, right + 10.0 - x, end - top];
        if self.now() < to {
            shapes.push(Shape::rect(self.key("to-come"), Role::Veil, area, 0.0));
        }
        if self.now() >= from && self.now() <= to {
            let x = x.clamp(left, right);
            shapes.push(Shape::line(self.key("now"), Role::Playhead, [x, top - 2.0], [x, end + 2.0]));
        }
    }
    /// What came of it until now.
    fn summary(&self, shapes: &mut Vec<Shape>) {
        let [left, wide] = self.columns.summary;
        let mut top = 0.0;
        if self.columns.is_narrow {
            top = self.columns.heights.title - 22.0;
        } else {
            let x = left - 14.0;
            let line = [[x, 16.0], [x, 160.0]];
            shapes.push(Shape::line(self.key("divider"), Role::Divider, line[0], line[1]));
        }
        let number = |count: usize| Arg::Number(i64::try_from(count).unwrap_or(i64::MAX));
        let say = |id| self.stage.say(id, &[]);
        let nothing = || "–".to_owned();
        let mut is_of_whole = false;
        let (figure, hue, caption) = if self.run.has_requests && !self.run.sends {
            (nothing(), Hue::Plain, say(msg!("compare.no-requests")))
        } else if !self.run.has_requests && self.has_found_nothing() {
            (nothing(), Hue::Plain, say(msg!("compare.nothing-there")))
        } else if self.run.facts.requests.is_empty() {
            let is_known = self.stage.view.history().until().is_none() && !self.run.facts.is_to_come;
            let settled = self.run.facts.settled.filter(|_| is_known);
            let figure =
                settled.map_or("–".to_owned(), |time| words::millis(self.stage.language, time / 1_000));
            is_of_whole = settled.is_some();
            let is_unsettled = is_known && settled.is_none();
            let about = if is_unsettled { msg!("compare.unsettled") } else { msg!("compare.until-rest") };
            (figure, Hue::Plain, say(about))
        } else if self.now() < self.span[0] {
            let time = words::millis(self.stage.language, self.now().0 / MILLI);
            (nothing(), Hue::Plain, self.stage.say(msg!("compare.before"), &[("time", time.into())]))
        } else if self.lost().0 == 0 {
            (nothing(), Hue::Plain, say(msg!("compare.none-ended")))
        } else {
            let (all, lost) = self.lost();
            let lost: usize = lost.iter().sum();
            let hue = if lost > 0 { Hue::Failed } else { Hue::Running };
            (lost.to_string(), hue, {
                let id = if self.is_over() { msg!("compare.lost-of") } else { msg!("compare.lost-so-far") };
                self.stage.say(id, &[("count", number(all))])
            })
        };
        let after = width(&figure, Type::Figure.font()) + 12.0;
        let figure =
            Shape::text(self.key("figure"), Role::TextHue(hue), Type::Figure, left, top + 56.0, figure);
        shapes.push(figure);
        // Beside the figure, or below it where there is more to say than room.
        let font = Type::Caption.font();
        // It does not stop at the playhead, and does not begin with the run.
        let since = is_of_whole.then(|| say(msg!("compare.whole-run")));
        let longest = since.iter().chain([&caption]).map(|said| width(said, font)).fold(0.0, f32::max);
        let is_beside = longest <= wide - after || !self.run.facts.requests.is_empty();
        let (x, y) = if is_beside { (left + after, top + 55.0) } else { (left, top + 80.0) };
        let caption = ellipsize(&caption, font, left + wide - x);
        let key = self.key("caption");
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x, y, caption));
        if self.run.facts.requests.is_empty() {
            if let Some(since) = since {
                let said = ellipsize(&since, font, left + wide - x);
                let key = self.key("caption/since");
                shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x, y + 17.0, said));
            }
            return;
        }
        let (_, lost) = self.lost();
        let most = self.most_lost();
        let names = [msg!("compare.refused"), msg!("compare.timed-out"), msg!("compare.cut-off")];
        for (place, (name, count)) in names.into_iter().zip(lost).enumerate() {
            let key = self.key(&format!("lost/{place}"));
            let [left, base, right] = self.way(place, top);
            let text = count.to_string();
            let name_wide = if self.columns.is_narrow {
                right - left - width(&text, Type::CodeStrong.font()) - 4.0
            } else {
                112.0
            };
            let name = ellipsize(&self.stage.say(name, &[]), Type::Caption.font(), name_wide);
            shapes.push(Shape::text(format!("{key}/name"), Role::Text, Type::Caption, left, base, name));
            // On a phone the ways stand beside each other, each with its bar below it.
            let well = if self.columns.is_narrow {
                [left, base + 6.0, right - left, 6.0]
            } else {
                [left + 118.0, base - 9.0, right - left - 118.0 - 36.0, 9.0]
            };
            shapes.push(Shape::rect(format!("{key}/well"), Role::Well, well, 3.0));
            if count > 0 {
                let part = well[2] * count as f32 / most.max(1) as f32;
                let bar = [well[0], well[1], part.max(2.0), well[3]];
                shapes.push(Shape::rect(format!("{key}/bar"), Role::Bar(Hue::Failed), bar, 3.0));
            }
            let count = Shape::text(format!("{key}/count"), Role::Text, Type::CodeStrong, right, base, text);
            shapes.push(count.anchored(Anchor::End));
        }
    }
    /// Where it is told how many requests were lost in one of the three ways: its left, its base line and its right.
    fn way(&self, place: usize, top: f32) -> [f32; 3] {
        let [left, wide] = self.columns.summary;
        if !self.columns.is_narrow {
            return [left, top + 84.0 + place as f32 * 25.0, left + wide];
        }
        let each = (wide - 2.0 * BETWEEN_WAYS) / 3.0;
        let left = left + place as f32 * (each + BETWEEN_WAYS);
        [left, top + 84.0, left + each]
    }
    /// How many requests are lost in one way at most, in either run: a bar of that is whole.
    fn most_lost(&self) -> usize {
        let both = [Some(self.run.facts), self.run.other];
        let most = both.into_iter().flatten().flat_map(|facts| {
            [Ending::Refused, Ending::TimedOut, Ending::CutOff].map(|way| {
                facts
                    .requests
                    .iter()
                    .filter(|sent| sent.ended.is_some_and(|(_, ending)| ending == way))
                    .count()
            })
        });
        most.max().unwrap_or(0)
    }
}

/// A line in some room: of a field with its value the path is cut before its name, and it is left out where the value has no room;
/// of a command its names are cut before what it does.
fn fitting(line: &str, room: f32) -> Option<String> {
    let fits = |text: &String| width(text, Type::CodeSmall.font()) <= room;
    let Some((path, _)) = line.split_once(": ").filter(|(path, _)| !path.contains(' ')) else {
        return Some(measure::command(line, Type::CodeSmall.font(), room).to_string());
    };
    let shorter = path.match_indices('.').map(|(at, _)| format!("…{}", &line[at + 1..]));
    std::iter::once(line.to_owned()).chain(shorter).find(fits)
}

/// How a stretch of a Pod's life looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Coming,
    Ready,
    Ending,
}

impl Looks {
    fn of(stretch: &Stretch) -> Self {
        match stretch.state {
            State::Terminating => Looks::Ending,
            State::Running if stretch.is_ready => Looks::Ready,
            _ => Looks::Coming,
        }
    }
    fn role(self) -> Role {
        match self {
            Looks::Coming => Role::Span(Hue::Pending),
            Looks::Ready => Role::Bar(Hue::Running),
            Looks::Ending => Role::Span(Hue::Terminating),
        }
    }
}

fn look(stretch: &Stretch) -> (Role, f32) {
    match stretch.state {
        State::Running if stretch.is_ready => (Role::Bar(Hue::Running), 0.55),
        State::Running => (Role::Span(Hue::Running), 1.0),
        other => (Role::Span(other.hue()), 1.0),
    }
}
