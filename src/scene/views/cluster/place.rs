//! Where everything is. Places depend on the chapter and the size of the stage, not on the moment.

use super::super::Stage;
use super::Rect;
use super::cast::Cast;
use crate::cluster::record::{Actor, ControllerName, NodeId};
use crate::scene::parts::PodCard;

/// Who stands at an end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Client,
    ApiServer,
    Etcd,
    Scheduler,
    Controller(ControllerName),
    /// The controllers that have no card of their own.
    Others,
    Kubelet(NodeId),
    Proxy(NodeId),
}

/// A card of the control plane, or a part of a node, with its line to the API server.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) who: Who,
    pub(super) rect: Rect,
    /// From the API server to here.
    pub(super) way: Vec<[f32; 2]>,
    /// Where two lines about a message have room: left, the first baseline, width. None where there is no room.
    pub(super) label: Option<[f32; 3]>,
}

/// How Pods are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Card,
    Chip,
    /// A mark for so many Pods.
    Mark(usize),
    /// Nodes are tiles that count their Pods.
    Tile,
}

/// A node's panel.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) rect: Rect,
    /// The upper left corner of its Pods.
    pub(super) pods: [f32; 2],
    pub(super) columns: usize,
    pub(super) cell: [f32; 2],
    /// The baseline of what is said about requests.
    pub(super) requests: Option<f32>,
}

impl Panel {
    /// The place of a Pod.
    pub(super) fn cell(&self, number: usize, gap: f32) -> Rect {
        let (column, row) = (number % self.columns.max(1), number / self.columns.max(1));
        let [wide, high] = self.cell;
        let [x, y] = self.pods;
        [x + column as f32 * (wide + gap), y + row as f32 * (high + gap), wide, high]
    }
}

/// Every place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) is_narrow: bool,
    /// Whether what is told of a Pod or a Service stands beside the nodes.
    pub(super) is_beside: bool,
    pub(super) margin: f32,
    /// The control plane.
    pub(super) plane: Rect,
    pub(super) seats: Vec<Seat>,
    /// The Pods without a node.
    pub(super) shelf: Rect,
    pub(super) level: Level,
    /// By the place of the node; none for those that there is no room for.
    pub(super) panels: Vec<Panel>,
    /// Left, top and width of what stands beside.
    pub(super) side: [f32; 3],
    pub(super) bottom: f32,
}

/// Stages as wide as this have the reasons beside the cluster.
const BESIDE: f32 = 1000.0;
const SIDE: f32 = 330.0;
/// From a bus of lines down to what they lead to: two lines of text.
pub(super) const LABELS: f32 = 38.0;
/// The height of a card that says what its part is: a controller is called as the kind that it works on.
const CARD: f32 = 64.0;
/// Between two cards.
const GAP: f32 = 12.0;
/// Between the two halves of a row of cards, where the lines to the nodes pass.
const CHANNEL: f32 = 28.0;
/// Within a panel.
pub(super) const PADDING: f32 = 16.0;
/// From a node's top to its Pods.
const NODE_HEAD: f32 = 84.0;
const NODE_HEAD_NARROW: f32 = 104.0;
/// A node narrower than this has its capacity in a line of its own.
const PARTED: f32 = 370.0;
/// A line of notes below what a node can give.
const NOTE: f32 = 18.0;
/// A line of notes below the Pods.
const NOTES: f32 = 14.0;
/// A Pod in one line, and with its STATUS in a second one.
const CHIP: [f32; 2] = [132.0, 28.0];
pub(super) const TALL_CHIP: [f32; 2] = [150.0, 46.0];
/// The sides of marks, the largest first.
const MARKS: [f32; 4] = [24.0, 20.0, 16.0, 12.0];
/// More marks than these are not drawn.
const MOST_MARKS: usize = 1_200;
/// For the Pods of a node there is so much height at least.
const LEAST_ROOM: f32 = 100.0;
/// What is said about requests from a node.
const REQUESTS: f32 = 64.0;
/// More nodes than these are tiles.
pub(super) const MOST_PANELS: usize = 8;
/// More tiles than these are not drawn.
const MOST_TILES: usize = 96;
pub(super) const TILE: [f32; 2] = [150.0, 66.0];
pub(super) const WELL: f32 = 30.0;

impl Place {
    /// `asked` is how high that is which stands above all else.
    pub(super) fn new(stage: &Stage, cast: &Cast, asked: Option<f32>) -> Self {
        let is_narrow = stage.is_narrow();
        let margin = if is_narrow { 10.0 } else { 20.0 };
        let is_beside = stage.size[0] >= BESIDE;
        let wide = stage.size[0] - 2.0 * margin - if is_beside { SIDE + 18.0 } else { 0.0 };
        let mut place = Self {
            is_narrow,
            is_beside,
            margin,
            plane: [margin, margin.min(16.0), wide, 0.0],
            seats: Vec::new(),
            shelf: [0.0; 4],
            level: Level::Card,
            panels: Vec::new(),
            side: [margin + wide + 18.0, margin.min(16.0), SIDE],
            bottom: 0.0,
        };
        // On a phone what somebody has asked about comes first.
        if let Some(asked) = asked {
            place.side = [margin, place.plane[1], wide];
            place.plane[1] += asked + 12.0;
        }
        place.control_plane(cast);
        place.hosts(stage, cast);
        if !is_beside && asked.is_none() {
            place.side = [margin, place.bottom, wide];
        }
        place
    }
    /// The control plane: who asks, who answers and who stores above; below those who watch.
    fn control_plane(&mut self, cast: &Cast) {
        let [x, top, wide, _] = self.plane;
        let padding = if self.is_narrow { 10.0 } else { PADDING };
        let (left, inner) = (x + padding, wide - 2.0 * padding);
        let high = if self.is_narrow { 50.0 } else { CARD };
        let middle = left + inner / 2.0;
        let mut y = top + 38.0;
        let api;
        if self.is_narrow {
            let half = (inner - GAP) / 2.0;
            let (client, etcd) = ([left, y, half, high], [left + half + GAP, y, half, high]);
            y += high + 24.0;
            api = [left, y, inner, high];
            for (who, rect) in [(Who::Client, client), (Who::Etcd, etcd)] {
                let at = rect[0] + half / 2.0;
                let way = vec![[at, y], [at, rect[1] + high]];
                self.seats.push(Seat { who, rect, way, label: None });
            }
        } else {
            let card = (inner * 0.27).clamp(170.0, 250.0);
            api = [middle - card / 2.0, y, card, high];
            let (client, etcd) = ([left, y, card, high], [left + inner - card, y, card, high]);
            let line = y + high / 2.0;
            let room = api[0] - left - card;
            for (who, rect, way, label) in [
                (Who::Client, client, [[api[0], line], [left + card, line]], left + card + 12.0),
                (Who::Etcd, etcd, [[api[0] + card, line], [etcd[0], line]], api[0] + card + 12.0),
            ] {
                let label = (room > 90.0).then_some([label, line - 22.0, room - 24.0]);
                self.seats.push(Seat { who, rect, way: way.to_vec(), label });
            }
        }
        self.seats.push(Seat { who: Who::ApiServer, rect: api, way: Vec::new(), label: None });
        y += high;
        let per_row = if self.is_narrow {
            2
        } else {
            (((inner - CHANNEL + 2.0 * GAP) / (130.0 + GAP)) as usize).clamp(4, 6) / 2 * 2
        };
        // Two of a row are the scheduler and those without a card of their own.
        let own = if self.is_narrow { 2 } else { per_row - 2 };
        let mut row: Vec<Who> =
            cast.controllers.iter().take(own).map(|name| Who::Controller(*name)).collect();
        // Both halves of a row are alike; who has no card speaks through that of the others.
        row.truncate(row.len() / 2 * 2);
        row.insert(if self.is_narrow { row.len() } else { row.len() / 2 }, Who::Scheduler);
        row.push(Who::Others);
        let from = [middle, api[1] + high];
        for chunk in row.chunks(per_row) {
            let bus = y + 14.0;
            let card_top = bus + LABELS;
            let halves = chunk.len().div_ceil(2);
            let gaps = chunk.len().saturating_sub(2) as f32 * GAP;
            let card = (inner - CHANNEL - gaps) / chunk.len().max(2) as f32;
            for (number, who) in chunk.iter().enumerate() {
                let (side, in_side, of_side) = if number < halves {
                    (left, number, halves)
                } else {
                    (middle + CHANNEL / 2.0, number - halves, chunk.len() - halves)
                };
                // Each half has its own width, so that the channel is below the API server.
                let half = (inner - CHANNEL) / 2.0;
                let card =
                    if chunk.len() < 2 { card } else { (half - (of_side - 1) as f32 * GAP) / of_side as f32 };
                let rect = [side + in_side as f32 * (card + GAP), card_top, card, CARD];
                self.seat(*who, rect, vec![from, [middle, bus]], bus, card_top);
            }
            y = card_top + CARD;
        }
        self.shelf = [left, y + 12.0, inner, 28.0];
        self.plane[3] = y + 12.0 + 28.0 + padding.min(12.0) - top;
        self.bottom = top + self.plane[3];
    }
    /// A seat below a bus: its line comes in near its left edge, and what is said stands beside.
    fn seat(&mut self, who: Who, rect: Rect, mut way: Vec<[f32; 2]>, bus: f32, top: f32) {
        let at = rect[0] + 14.0;
        way.extend([[at, bus], [at, rect[1]]]);
        let label = Some([at + 8.0, bus + 16.0, rect[2] - 24.0]);
        self.seats.push(Seat { who, rect, way, label: label.filter(|_| top - bus >= LABELS) });
    }
    /// Whether the capacity of a node so wide stands in a line of its own.
    pub(super) fn is_parted(&self, panel: f32) -> bool {
        self.is_narrow || panel < PARTED
    }
    fn hosts(&mut self, stage: &Stage, cast: &Cast) {
        let [x, _, wide, _] = self.plane;
        let api = self.seat_of(Who::ApiServer).map_or([0.0; 4], |seat| seat.rect);
        let middle = [api[0] + api[2] / 2.0, api[1] + api[3]];
        let shown = cast.hosts.len();
        if shown > MOST_PANELS {
            return self.tiles(shown.min(MOST_TILES), middle);
        }
        let columns = if self.is_narrow {
            1
        } else {
            let fitting = ((wide + GAP) / (280.0 + GAP)).floor().max(1.0) as usize;
            shown.div_ceil(shown.div_ceil(fitting).max(1)).max(1)
        };
        let panel = (wide + GAP) / columns as f32 - GAP;
        let inner = panel - 2.0 * PADDING;
        let rows = shown.div_ceil(columns);
        let head = if self.is_parted(panel) { NODE_HEAD_NARROW } else { NODE_HEAD }
            + if cast.has_notes { NOTE } else { 0.0 };
        let tail = if cast.has_requests { REQUESTS } else { 0.0 };
        let row_gap = 12.0 + LABELS;
        let above = self.bottom + row_gap * rows as f32 + self.margin;
        let room = if self.is_narrow {
            320.0
        } else {
            ((stage.size[1] - above) / rows.max(1) as f32 - head - tail - PADDING).max(LEAST_ROOM)
        };
        let card = PodCard::height(cast.containers.min(3));
        // Where something stands below, the stage goes on there: a row of cards has room.
        let room = if self.is_beside { room } else { room.max(card) };
        let most = cast.hosts.iter().map(|host| host.most).max().unwrap_or(0).max(1);
        let total: usize = cast.hosts.iter().map(|host| host.most).sum();
        let fits = |cell: [f32; 2], gap: f32, budget: usize| {
            let columns = ((inner + gap) / (cell[0] + gap)).floor().max(1.0) as usize;
            let high = most.div_ceil(columns) as f32 * (cell[1] + gap) - gap;
            (high <= room && total <= budget).then_some((columns, high))
        };
        let cards = fits([138.0, card], 10.0, 48);
        let chips = [TALL_CHIP, CHIP]
            .into_iter()
            .find_map(|chip| fits(chip, 8.0, 160).map(|(columns, high)| (chip[1], columns, high)));
        let (level, cell, columns_of_pods, high) = if let Some((columns, high)) = cards {
            let wide = ((inner + 10.0) / columns as f32 - 10.0).min(168.0);
            (Level::Card, [wide, card], columns, high)
        } else if let Some((chip, columns, high)) = chips {
            (Level::Chip, [(inner + 8.0) / columns as f32 - 8.0, chip], columns, high)
        } else {
            let marks = |side: f32| {
                let columns = ((inner + 4.0) / (side + 4.0)).floor().max(1.0) as usize;
                let rows = ((room + 4.0) / (side + 4.0)).floor().max(4.0) as usize;
                let each = most.div_ceil(columns * rows).max(total.div_ceil(MOST_MARKS)).max(1);
                let used = (most.div_ceil(each) + 5).div_ceil(columns);
                (Level::Mark(each), [side, side], columns, used as f32 * (side + 4.0) + 22.0)
            };
            // As large as one for each Pod has room; the smallest may stand for several.
            let fitting = MARKS.into_iter().map(marks);
            let mut fitting = fitting.filter(|(level, .., high)| *level == Level::Mark(1) && *high <= room);
            fitting.next().unwrap_or_else(|| marks(MARKS[MARKS.len() - 1]))
        };
        self.level = level;
        let least = if level == Level::Card { card } else { 64.0 };
        let high = high.max(least);
        // What is left of the stage's height is theirs, where nothing stands below.
        let spare = if self.is_beside { (room - high).max(0.0) } else { 0.0 };
        // Where nothing is left, notes have lines of their own.
        let notes = if cast.has_notes { NOTES } else { 0.0 };
        let panel_high = head + high + tail + PADDING + spare.max(notes);
        let mut y = self.bottom;
        for row in 0..rows {
            let bus = y + 12.0;
            let top = bus + LABELS;
            for number in row * columns..((row + 1) * columns).min(shown) {
                let left = x + (number % columns) as f32 * (panel + GAP);
                let rect = [left, top, panel, panel_high];
                self.panels.push(Panel {
                    rect,
                    pods: [left + PADDING, top + head],
                    columns: columns_of_pods,
                    cell,
                    requests: cast.has_requests.then_some(top + panel_high - REQUESTS + 12.0),
                });
                // What a kube-proxy says is longer: the name of a Service and how many stand behind it.
                let kubelet = (inner - 10.0) * if self.is_narrow { 0.5 } else { 0.45 };
                let id = cast.hosts[number].id;
                for (who, from, wide) in [
                    (Who::Kubelet(id), 0.0, kubelet),
                    (Who::Proxy(id), kubelet + 10.0, inner - 10.0 - kubelet),
                ] {
                    let well = [left + PADDING + from, top + 12.0, wide, WELL];
                    self.seat(who, well, self.way_down(middle, row, bus), bus, top);
                }
            }
            y = top + panel_high;
        }
        self.bottom = y + self.margin;
    }
    /// From the API server through the channel to the nodes; past the first row along the left edge.
    fn way_down(&self, from: [f32; 2], row: usize, bus: f32) -> Vec<[f32; 2]> {
        let mut way = vec![from];
        if row == 0 {
            way.push([from[0], bus]);
        } else {
            let first = self.plane[1] + self.plane[3] + 12.0;
            let aside = self.plane[0] - self.margin / 2.0;
            way.extend([[from[0], first], [aside, first], [aside, bus]]);
        }
        way
    }
    fn tiles(&mut self, shown: usize, middle: [f32; 2]) {
        self.level = Level::Tile;
        let [x, _, wide, _] = self.plane;
        let columns = ((wide + GAP) / (TILE[0] + GAP)).floor().max(1.0) as usize;
        let tile = (wide + GAP) / columns as f32 - GAP;
        let top = self.bottom + 26.0;
        for number in 0..shown {
            let (column, row) = (number % columns, number / columns);
            let rect =
                [x + column as f32 * (tile + GAP), top + row as f32 * (TILE[1] + GAP + 4.0), tile, TILE[1]];
            let panel = Panel { rect, pods: [rect[0], rect[1]], columns: 1, cell: TILE, requests: None };
            self.panels.push(panel);
            let bus = rect[1] - 8.0;
            let id = NodeId(u16::try_from(number).unwrap_or(u16::MAX));
            for who in [Who::Kubelet(id), Who::Proxy(id)] {
                let way = self.way_down(middle, row, bus);
                self.seat(who, rect, way, bus, rect[1]);
            }
        }
        self.bottom = top + shown.div_ceil(columns) as f32 * (TILE[1] + GAP + 4.0) + 28.0;
    }
    pub(super) fn seat_of(&self, who: Who) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.who == who)
    }
    /// The seat of an actor; none where it has no place.
    pub(super) fn seat_of_actor(&self, actor: Actor) -> Option<&Seat> {
        let who = match actor {
            Actor::Person | Actor::Kubectl(_) => Who::Client,
            Actor::ApiServer => Who::ApiServer,
            Actor::Etcd => Who::Etcd,
            Actor::Controller(name) => Who::Controller(name),
            Actor::Scheduler => Who::Scheduler,
            Actor::Kubelet(node) => Who::Kubelet(node),
            Actor::KubeProxy(node) => Who::Proxy(node),
            Actor::Runtime(_) | Actor::Container(_) | Actor::Traffic(_) => return None,
        };
        let others = || self.seat_of(Who::Others).filter(|_| matches!(who, Who::Controller(_)));
        self.seat_of(who).or_else(others)
    }
    pub(super) fn panel(&self, node: NodeId) -> Option<&Panel> {
        self.panels.get(usize::from(node.0))
    }
}

/// Between two Pods.
pub(super) fn gap(level: Level) -> f32 {
    match level {
        Level::Card => 10.0,
        Level::Chip => 8.0,
        Level::Mark(_) | Level::Tile => 4.0,
    }
}
