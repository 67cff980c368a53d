//! Where time and lanes are: time to the right and lanes below each other, or on a phone time downwards and
//! lanes side by side.

use super::super::Stage;
use super::chart::BAR;
use super::facts::{Facts, Who};
use super::header;
use super::names;
use super::requests::Requests;
use super::steps;
use crate::cluster::record::NodeId;
use crate::cluster::time::SimTime;
use crate::msg;
use crate::scene::measure::width;
use crate::scene::typeface::Type;
use crate::timeline::{StageTime, Tempo};
use crate::words;
use std::collections::BTreeSet;

/// Where somebody's line is, across the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub(super) who: Who,
    /// Its middle.
    pub(super) at: f32,
}

/// A band that carries a name: one lane, or on a phone the lanes of one part of the cluster.
#[derive(Clone, Debug)]
pub(super) struct Band {
    /// Whose name it carries.
    pub(super) who: Who,
    /// From where to where, across the time.
    pub(super) across: [f32; 2],
}

/// The places of everything.
#[derive(Clone, Debug)]
pub(super) struct Frame<'a> {
    pub(super) is_narrow: bool,
    pub(super) size: [f32; 2],
    tempo: &'a Tempo,
    /// The first moment and the last, on the stage.
    stage: [StageTime; 2],
    /// Where they are, along the time.
    pub(super) along: [f32; 2],
    /// Where the moments are at which something begins or ends; between them time runs evenly.
    steps: Vec<(StageTime, f32)>,
    pub(super) lanes: Vec<Lane>,
    pub(super) bands: Vec<Band>,
    /// From where to where lanes go, across the time.
    pub(super) across: [f32; 2],
    /// The room for the names of lanes.
    pub(super) names: f32,
    /// How many kube-proxies have no lane of their own; they share the last one.
    pub(super) folded_proxies: usize,
}

/// Room for the header, in pixels.
pub(super) const HEADER: f32 = 48.0;
/// On a phone it has a second line.
const HEADER_NARROW: f32 = 70.0;
/// Between the header and the first lane: the playhead's flag.
pub(super) const FLAG: f32 = 30.0;
/// Names of the columns on a phone.
pub(super) const COLUMN_NAMES: f32 = 34.0;
/// Below the last lane: times.
pub(super) const TIMES: f32 = 30.0;
/// Names of lanes at the left are at most so wide, and get at least so much.
const NAMES: [f32; 2] = [110.0, 196.0];
/// Before the names of lanes.
pub(super) const INDENT: f32 = 12.0;
/// Beside the times at the left on a phone.
const TIMES_AIR: f32 = 14.0;
/// Around everything.
pub(super) const MARGIN: f32 = 14.0;
/// A lane is at least so high.
const LEAST_LANE: f32 = 46.0;
const MOST_LANE: f32 = 66.0;
/// The lane of requests is higher by this: it has two rows.
const REQUESTS: f32 = 16.0;
/// How the room of a phone is shared: API server, EndpointSlice and kube-proxy, kubelet, containers.
const COLUMNS: [f32; 4] = [0.85, 1.22, 0.98, 0.95];
/// The signal that most processes get, the air around its name on a phone with half of what runs after it, and the air after
/// the last lane of a Pod.
const SIGNAL: &str = "SIGTERM";
const SIGNAL_AIR: f32 = 12.0;
const PROCESS_AIR: f32 = 3.0;
/// So many kube-proxies have lanes of their own.
const PROXIES: usize = 3;
/// Around what is said of the last moment, which stands behind it.
const LAST_AIR: f32 = 13.0;
/// Lanes end so far before the edge of the stage's air.
const LINE_AIR: f32 = 6.0;
/// Folds that are nearer to each other than this are one, and those that are nearer than this where nothing happens between them.
const BESIDE: f32 = 16.0;
const BESIDE_QUIETLY: f32 = 60.0;
/// Half of what is between the zigzags of a fold, and the part of its wait that passes before and after them.
pub(super) const ZIGZAG: f32 = 4.0;
const FOLD_EDGE: f32 = 0.1;
/// From one moment to the next it is at least so far, where there is room.
const LEAST_STEP: f32 = 13.0;
const LEAST_STEP_NARROW: f32 = 11.0;
/// What all of these steps together may take where they are few, and one of them at most.
const SHARE: f32 = 0.35;
const MOST_STEP: f32 = 30.0;
/// On a phone so much lies before the deletion is stored.
const REQUEST: f32 = 48.0;
/// How much of the time that is drawn comes after the end of the deletion.
const TAIL: u64 = 14;

impl<'a> Frame<'a> {
    pub(super) fn new(stage: &Stage<'a>, facts: &Facts, requests: &Requests) -> Self {
        let has_requests = !requests.all.is_empty();
        let tempo = &stage.story.tempo;
        let (from, end) = (tempo.stage(facts.begun.from()), tempo.stage(facts.end));
        // Before a question that is still open nothing is drawn of what comes after it, and no bar goes on.
        let is_known = stage.view.history().until().is_none();
        let tail = if is_known { end.since(from) / TAIL } else { 0 };
        let until = StageTime((end.0 + tail).min(tempo.duration().0).max(from.0 + 1));
        let mut frame = Self {
            is_narrow: stage.is_narrow(),
            size: stage.size,
            tempo,
            stage: [from, until],
            along: [0.0; 2],
            steps: Vec::new(),
            lanes: Vec::new(),
            bands: Vec::new(),
            across: [0.0; 2],
            names: 0.0,
            folded_proxies: facts.proxies.len().saturating_sub(PROXIES),
        };
        if frame.is_narrow {
            frame.columns(stage, facts, has_requests);
        } else {
            frame.rows(stage, facts, has_requests);
        }
        let least = if frame.is_narrow { LEAST_STEP_NARROW } else { LEAST_STEP };
        let moments: Vec<StageTime> =
            facts.moments().chain(requests.finished(facts)).map(|at| tempo.stage(at)).collect();
        // Where little happens, it has the more room.
        let [first, last] = frame.along;
        let share = (last - first) * SHARE / moments.iter().collect::<BTreeSet<_>>().len().max(1) as f32;
        let least = share.clamp(least, least.max(MOST_STEP));
        let moments = moments.into_iter();
        frame.steps = steps::spread(frame.stage, frame.along, moments, least);
        if frame.is_narrow {
            frame.make_room_for_the_request(facts);
        }
        if !frame.is_narrow && until > end {
            // A playhead at the end stands behind what is said of the last moment.
            frame.along[1] = frame.size[0] - MARGIN - LINE_AIR;
            if let Some((_, place)) = frame.steps.last_mut() {
                *place = frame.along[1];
            }
        }
        frame
    }
    /// Until the deletion is stored there is room for what is asked and by whom; the rest moves together.
    fn make_room_for_the_request(&mut self, facts: &Facts) {
        let [first, end] = self.along;
        let stored = self.time(facts.begun.record.time);
        if stored - first >= REQUEST || end - stored < REQUEST {
            return;
        }
        let before = REQUEST / (stored - first).max(1.0);
        let after = (end - first - REQUEST) / (end - stored);
        for (_, place) in &mut self.steps {
            *place = match *place {
                early if early <= stored => (first + (early - first) * before).min(first + REQUEST),
                late => first + REQUEST + (late - stored) * after,
            };
        }
    }
    /// The kube-proxies with lanes of their own; the last one stands for the others, too.
    fn own_proxies(facts: &Facts) -> impl Iterator<Item = NodeId> {
        facts.proxies.iter().copied().take(PROXIES)
    }
    fn rows(&mut self, stage: &Stage, facts: &Facts, has_requests: bool) {
        let mut who = vec![Who::Requester, Who::ApiServer, Who::Etcd, Who::Slices];
        who.extend(Self::own_proxies(facts).map(Who::Proxy));
        if facts.node.is_some() {
            who.push(Who::Kubelet);
            who.extend((0..facts.containers.len()).map(Who::Container));
            who.extend(facts.pause.map(|_| Who::Pause));
        }
        who.extend(has_requests.then_some(Who::Requests));
        let top = HEADER + FLAG;
        let more = if has_requests { REQUESTS } else { 0.0 };
        let room = self.size[1] - top - TIMES - MARGIN - more;
        let lane = (room / who.len() as f32).clamp(LEAST_LANE, MOST_LANE).floor();
        let mut y = top;
        let names = who.iter().map(|who| width(&names::who(stage, facts, *who), Type::Strong.font()));
        let [least, most] = NAMES;
        self.names = names.fold(least, f32::max).ceil().min(most);
        for who in who {
            let high = if who == Who::Requests { lane + more } else { lane };
            self.bands.push(Band { who, across: [y, y + high] });
            self.lanes.push(Lane { who, at: y + high / 2.0 });
            y += high;
        }
        self.across = [top, y];
        let last = width(&stage.say(msg!("scene.key-deleted"), &[]), Type::Label.font()) + LAST_AIR;
        self.along = [MARGIN + INDENT + self.names + 20.0, self.size[0] - MARGIN - last];
        self.size[1] = self.size[1].max(y + TIMES + MARGIN);
    }
    fn columns(&mut self, stage: &Stage, facts: &Facts, has_requests: bool) {
        let top = HEADER_NARROW + header::more_lines(facts, self.size[0]) + COLUMN_NAMES;
        // Whoever has no column of its own is beside the one that it belongs to.
        let mut columns = vec![
            vec![Who::ApiServer, Who::Requester, Who::Etcd],
            std::iter::once(Who::Slices).chain(Self::own_proxies(facts).map(Who::Proxy)).collect(),
        ];
        if facts.node.is_some() {
            columns.push(vec![Who::Kubelet]);
            let containers = (0..facts.containers.len()).map(Who::Container);
            columns.push(containers.chain(facts.pause.map(|_| Who::Pause)).collect());
        }
        let named = |name: &str| width(name, Type::Label.font()).ceil();
        let requests = names::who(stage, facts, Who::Requests);
        let strip = if has_requests { named(&requests) + 4.0 } else { 0.0 };
        // The longest times that are told.
        let longest = [
            words::text(stage.language, msg!("deletion.at-millis"), &[("millis", "888".into())]),
            words::text(stage.language, msg!("unit.seconds"), &[("seconds", "8.888".into())]),
        ];
        let left = longest.map(|time| named(&format!("+{time}"))).into_iter().fold(0.0, f32::max) + TIMES_AIR;
        let room = self.size[0] - left - 4.0 - strip;
        let all: f32 = COLUMNS.iter().take(columns.len()).sum();
        let mut wides = COLUMNS.map(|part| room * part / all);
        // The names of the first two columns are not cut: the others give the room.
        let leasts = [names::who(stage, facts, Who::ApiServer), names::SLICES_SHORT.to_owned()];
        let leasts = leasts.map(|name| named(&name) + 7.0);
        let lack: f32 = leasts.iter().zip(wides).map(|(least, wide)| (least - wide).max(0.0)).sum();
        let others: f32 = wides.iter().take(columns.len()).skip(2).sum();
        for (place, wide) in wides.iter_mut().enumerate() {
            match leasts.get(place) {
                Some(least) => *wide = wide.max(*least),
                None => *wide *= 1.0 - lack / others.max(lack + 1.0),
            }
        }
        // The name of a signal stands over its arrow: between the kubelet's bar and the first process it has room.
        let signal = BAR + named(SIGNAL) + SIGNAL_AIR;
        let (mut x, mut kubelet) = (left, left);
        for (column, wide) in columns.iter().zip(wides) {
            let Some(first) = column.first() else { continue };
            self.bands.push(Band { who: *first, across: [x, x + wide] });
            let apart = (wide * 0.62 / (column.len().max(2) - 1) as f32).min(15.0);
            let mut start = x + wide * 0.28;
            if matches!(first, Who::Container(_)) {
                let last = x + wide - PROCESS_AIR - apart * (column.len() - 1) as f32;
                start = start.max((kubelet + signal).min(last));
            }
            for (nth, who) in column.iter().enumerate() {
                let at = match who {
                    Who::ApiServer | Who::Requester | Who::Etcd => x + wide * 0.64,
                    Who::Kubelet => x + wide * 0.3,
                    _ => start + apart * nth as f32,
                };
                if *who == Who::Kubelet {
                    kubelet = at;
                }
                self.lanes.push(Lane { who: *who, at });
            }
            x += wide;
        }
        let right = x;
        if has_requests {
            self.lanes.push(Lane { who: Who::Requests, at: right + strip / 2.0 });
            self.bands.push(Band { who: Who::Requests, across: [right, right + strip] });
        }
        self.across = [left, right + strip];
        let bottom = (self.size[1] - MARGIN).max(top + 400.0);
        self.along = [top + 14.0, bottom];
        self.size[1] = bottom + MARGIN;
    }
    /// Where a moment of the stage is, along the time.
    pub(super) fn stage_at(&self, at: StageTime) -> f32 {
        steps::place(&self.steps, at)
    }
    /// Where a moment is, along the time.
    pub(super) fn time(&self, at: SimTime) -> f32 {
        self.stage_at(self.tempo.stage(at))
    }
    /// Whether a moment of the stage is within what is drawn.
    pub(super) fn holds(&self, at: StageTime) -> bool {
        let [from, until] = self.stage;
        from <= at && at <= until
    }
    /// Somebody's lane.
    pub(super) fn lane(&self, who: Who) -> Option<f32> {
        let own = self.lanes.iter().find(|lane| lane.who == who);
        // kube-proxies without a lane share the last one.
        let shared =
            || self.lanes.iter().rfind(|lane| matches!((lane.who, who), (Who::Proxy(_), Who::Proxy(_))));
        own.or_else(shared).map(|lane| lane.at)
    }
    /// Whether it is the kube-proxy whose lane others share.
    pub(super) fn is_last_proxy(&self, who: Who) -> bool {
        self.lanes.iter().rfind(|lane| matches!(lane.who, Who::Proxy(_))).is_some_and(|lane| lane.who == who)
    }
    /// A point, from its places along and across the time.
    pub(super) fn point(&self, along: f32, across: f32) -> [f32; 2] {
        if self.is_narrow { [across, along] } else { [along, across] }
    }
    /// Where the names of columns begin, from above.
    pub(super) fn names_top(&self) -> f32 {
        self.along[0] - 14.0 - COLUMN_NAMES
    }
    /// A rectangle, from its sides along and across the time.
    pub(super) fn rect(&self, along: [f32; 2], across: [f32; 2]) -> [f32; 4] {
        let [x, y] = self.point(along[0], across[0]);
        let [right, bottom] = self.point(along[1], across[1]);
        [x, y, right - x, bottom - y]
    }
    /// Where labels may stand: left, top, right, bottom.
    pub(super) fn bounds(&self) -> [f32; 4] {
        if self.is_narrow {
            [self.across[0], self.along[0] - 10.0, self.size[0] - 4.0, self.along[1] + 8.0]
        } else {
            [
                MARGIN + INDENT + self.names + 12.0,
                self.across[0] + 1.0,
                self.size[0] - MARGIN,
                self.across[1] - 1.0,
            ]
        }
    }
    /// Where the playhead is while time stands there: most of a wait that is left out passes between the two zigzags, so that
    /// none of it seems to be over or to come.
    pub(super) fn within_folds(&self, along: f32) -> f32 {
        let fold =
            self.folds().into_iter().map(|(place, _)| place).find(|[from, to]| *from < along && along < *to);
        let Some([from, to]) = fold else { return along };
        let (middle, wide) = ((from + to) / 2.0, to - from);
        let inner = ZIGZAG.min(wide / 2.0);
        let edge = wide * FOLD_EDGE;
        match along {
            early if early < from + edge => from + (early - from) / edge * (middle - inner - from),
            late if late > to - edge => to - (to - late) / edge * (to - middle - inner),
            _ => middle + (along - middle) / (wide / 2.0 - edge) * inner,
        }
    }
    /// The waits that are not drawn at their length, with their places along the time. Those beside each other are one.
    pub(super) fn folds(&self) -> Vec<([f32; 2], u64)> {
        let [from, until] = self.stage;
        let mut all: Vec<([f32; 2], u64)> = Vec::new();
        let is_quiet = |[from, to]: [f32; 2]| self.steps.iter().all(|(_, at)| *at <= from || *at >= to);
        for fold in self.tempo.folds().iter().filter(|fold| fold.at >= from && fold.until <= until) {
            let place = [self.stage_at(fold.at), self.stage_at(fold.until)];
            let long = fold.to.since(fold.from) / 1_000;
            let is_beside = |end: f32| {
                let apart = place[0] - end;
                apart < BESIDE || apart < BESIDE_QUIETLY && is_quiet([end, place[0]])
            };
            match all.last_mut().filter(|([_, end], _)| is_beside(*end)) {
                Some((last, sum)) => (last[1], *sum) = (place[1], *sum + long),
                None => all.push((place, long)),
            }
        }
        all
    }
}
