//! The empty stage: the kinds that a person meets, what each does and what it makes, with their names of the table of kinds
//! (`kubectl api-resources`).

use super::super::Stage;
use crate::api::Kind;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width, wrap_evenly};
use crate::scene::parts::{EMBLEM_ROOM, emblem_before};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Scene, Shape};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;
use crate::value::Str;

/// A kind of the map: what it does, and what it makes.
struct Entry {
    kind: Kind,
    about: &'static str,
    makes: Option<Kind>,
}

const fn entry(kind: Kind, about: &'static str, makes: Option<Kind>) -> Entry {
    Entry { kind, about, makes }
}

/// Kinds that belong together.
struct Family {
    title: &'static str,
    entries: &'static [Entry],
}

const FAMILIES: &[Family] = &[
    Family {
        title: msg!("kinds.runs"),
        entries: &[
            entry(Kind::Deployment, msg!("kinds.deployment"), Some(Kind::ReplicaSet)),
            entry(Kind::ReplicaSet, msg!("kinds.replica-set"), Some(Kind::Pod)),
            entry(Kind::Pod, msg!("kinds.pod"), None),
            entry(Kind::StatefulSet, msg!("kinds.stateful-set"), Some(Kind::Pod)),
            entry(Kind::DaemonSet, msg!("kinds.daemon-set"), Some(Kind::Pod)),
            entry(Kind::HorizontalPodAutoscaler, msg!("kinds.autoscaler"), None),
            entry(Kind::CronJob, msg!("kinds.cron-job"), Some(Kind::Job)),
            entry(Kind::Job, msg!("kinds.job"), Some(Kind::Pod)),
            entry(Kind::PodDisruptionBudget, msg!("kinds.budget"), None),
        ],
    },
    Family {
        title: msg!("kinds.reaches"),
        entries: &[
            entry(Kind::Service, msg!("kinds.service"), Some(Kind::EndpointSlice)),
            entry(Kind::EndpointSlice, msg!("kinds.endpoint-slice"), None),
            entry(Kind::Ingress, msg!("kinds.ingress"), None),
            entry(Kind::NetworkPolicy, msg!("kinds.network-policy"), None),
        ],
    },
    Family {
        title: msg!("kinds.knows"),
        entries: &[
            entry(Kind::ConfigMap, msg!("kinds.config-map"), None),
            entry(Kind::Secret, msg!("kinds.secret"), None),
        ],
    },
    Family {
        title: msg!("kinds.keeps"),
        entries: &[
            entry(Kind::PersistentVolumeClaim, msg!("kinds.claim"), None),
            entry(Kind::PersistentVolume, msg!("kinds.volume"), None),
            entry(Kind::StorageClass, msg!("kinds.storage-class"), None),
        ],
    },
    Family {
        title: msg!("kinds.where"),
        entries: &[
            entry(Kind::Node, msg!("kinds.node"), None),
            entry(Kind::Namespace, msg!("kinds.namespace"), None),
        ],
    },
];

/// What every Namespace has, and the Namespace of the cluster itself.
const ROOT_CA: &str = "kube-root-ca.crt";
const SYSTEM: &str = "kube-system";

/// What is said where all that was there is gone.
pub(super) fn nothing_left(stage: &Stage) -> Scene {
    let [width, height] = stage.size;
    let mut y = height * 0.42;
    let text = |key: &str, role, font, y: f32, text: Str| {
        Shape::text(key, role, font, width / 2.0, y, text).anchored(Anchor::Middle)
    };
    // What nothing uses has no place on the stage, and is there all the same.
    let view = stage.view;
    let kinds = [Kind::PersistentVolumeClaim, Kind::ConfigMap, Kind::Secret];
    let mut others = kinds.into_iter().flat_map(|kind| view.objects(kind, None));
    let has_others =
        others.any(|object| &*object.meta().name != ROOT_CA && &*object.meta().namespace != SYSTEM);
    let is_all = view.applied().next().is_none() && !has_others;
    let (title, said) = match is_all {
        true => (msg!("scene.nothing-left"), msg!("scene.nothing-left-now")),
        false => (msg!("scene.nothing-runs"), msg!("scene.nothing-runs-now")),
    };
    let title = stage.say(title, &[]);
    let mut shapes = vec![text("nothing-left", Role::Text, Type::Heading, y, title.into())];
    let said = stage.say(said, &[]);
    for (nth, line) in
        wrap_evenly(&said, Type::Body.font(), (width - 40.0).min(640.0)).into_iter().enumerate()
    {
        y += if nth == 0 { 28.0 } else { 22.0 };
        shapes.push(text(&format!("nothing-left/{nth}"), Role::TextMuted, Type::Body, y, line));
    }
    Scene { width, height, shapes }
}

/// Families below each other, by their places in [`FAMILIES`], and in how many columns their cards stand.
struct Stack {
    columns: usize,
    families: &'static [usize],
}

const fn stack(columns: usize, families: &'static [usize]) -> Stack {
    Stack { columns, families }
}

/// Stacks beside each other, and what is below them.
type Blocks = &'static [&'static [Stack]];

const WIDE: Blocks = &[&[stack(3, &[0, 3]), stack(2, &[1, 2, 4])]];
const TABLET: Blocks =
    &[&[stack(3, &[0])], &[stack(2, &[1]), stack(1, &[2])], &[stack(2, &[3]), stack(1, &[4])]];
const NARROW: Blocks = &[&[stack(2, &[0, 1, 2, 3, 4])]];

const MARGIN: f32 = 14.0;
/// Above the sentences, and from one line of them to the next.
const HEAD: f32 = 26.0;
const HEAD_LINE: f32 = 20.0;
/// A card; it is as high as its lines need.
const CARD: f32 = 204.0;
const CARD_GAP: f32 = 8.0;
const PADDING: f32 = 12.0;
const PADDING_NARROW: f32 = 8.0;
/// The first lines of a card, and what is below its last one.
const NAME: f32 = 23.0;
const FIRST: f32 = 42.0;
const BELOW: f32 = 12.0;
/// Around the cards of a family, and its title.
const FRAME: f32 = 12.0;
const FRAME_NARROW: f32 = 6.0;
const TITLE: f32 = 34.0;
const GAP: f32 = 16.0;
/// From one line of a card's sentence to the next.
const LINE: f32 = 16.0;

/// Draws the map.
pub(super) fn draw(stage: &Stage) -> Scene {
    let room = stage.size[0] - 2.0 * MARGIN;
    let least = |columns: usize| columns as f32 * (CARD + CARD_GAP) - CARD_GAP + 2.0 * FRAME;
    let beside = least(2) + GAP;
    let (blocks, whole) = match () {
        () if stage.is_narrow() || room < least(1) + beside => (NARROW, room),
        () if room < least(3) + beside => (TABLET, least(1) + beside),
        () => (WIDE, least(3) + beside),
    };
    let left = MARGIN + (room - whole) / 2.0;
    let mut shapes = Vec::new();
    let mut y = head(stage, [left, room], &mut shapes);
    for block in blocks {
        // A stack that stands alone has all the width.
        let wide = |stack: &Stack| if block.len() == 1 { whole } else { least(stack.columns) };
        let mut stacks: Vec<Vec<Group>> =
            block.iter().map(|stack| Group::all(stage, stack, wide(stack))).collect();
        let tall = |groups: &[Group]| groups.iter().map(|group| group.tall() + GAP).sum::<f32>();
        let tallest = stacks.iter().map(|groups| tall(groups)).fold(0.0, f32::max);
        let mut x = left;
        for (stack, groups) in block.iter().zip(&mut stacks) {
            // Stacks beside each other end together.
            let rows = groups.iter().map(|group| group.rows.len()).sum::<usize>().max(1);
            let more = (tallest - tall(groups)) / rows as f32;
            let mut top = y;
            for group in groups {
                group.rows.iter_mut().for_each(|row| *row += more);
                shapes.push(group.drawn(stage, [x, top]));
                top += group.tall() + GAP;
            }
            x += wide(stack) + GAP;
        }
        y += tallest;
    }
    Scene { width: stage.size[0], height: (y - GAP + MARGIN).max(stage.size[1]), shapes }
}

/// A family whose cards have their places.
struct Group {
    place: usize,
    columns: usize,
    wide: f32,
    inset: f32,
    /// How wide a card is, and how high those of each row are.
    card: f32,
    rows: Vec<f32>,
}

impl Group {
    /// Those of a stack in a width.
    fn all(stage: &Stage, stack: &Stack, wide: f32) -> Vec<Self> {
        let inset = if stage.is_narrow() { FRAME_NARROW } else { FRAME };
        let columns = stack.columns;
        let card = (wide - 2.0 * inset + CARD_GAP) / columns as f32 - CARD_GAP;
        let group = |place: &usize| {
            let rows = FAMILIES[*place].entries.chunks(columns);
            let high = |entry: &Entry| Told::new(stage, entry, card).high();
            let rows = rows.map(|row| row.iter().map(high).fold(0.0, f32::max)).collect();
            Self { place: *place, columns, wide, inset, card, rows }
        };
        stack.families.iter().map(group).collect()
    }
    fn tall(&self) -> f32 {
        TITLE + self.rows.iter().map(|row| row + CARD_GAP).sum::<f32>() - CARD_GAP + self.inset
    }
    fn drawn(&self, stage: &Stage, [x, y]: [f32; 2]) -> Shape {
        let family = &FAMILIES[self.place];
        let key = format!("kinds/{}", self.place);
        let title = ellipsize(&stage.say(family.title, &[]), Type::Eyebrow.font(), self.wide - 2.0 * FRAME);
        let frame = [0.0, 0.0, self.wide, self.tall()];
        let mut inner = vec![
            Shape::rect(format!("{key}/frame"), Role::Region(Hue::Quiet), frame, radius::PANEL),
            Shape::text(format!("{key}/title"), Role::TextMuted, Type::Eyebrow, FRAME + 2.0, 22.0, title),
        ];
        let mut top = TITLE;
        for (row, high) in family.entries.chunks(self.columns).zip(&self.rows) {
            for (column, entry) in row.iter().enumerate() {
                let left = self.inset + column as f32 * (self.card + CARD_GAP);
                inner.push(drawn(stage, entry, [left, top], [self.card, *high]));
            }
            top += high + CARD_GAP;
        }
        Shape::group(key, x, y, inner)
    }
}

/// What stands above the map; gives where that ends.
fn head(stage: &Stage, [left, room]: [f32; 2], shapes: &mut Vec<Shape>) -> f32 {
    let drawn = FAMILIES.iter().map(|family| family.entries.len()).sum::<usize>();
    let others = Arg::Number(i64::try_from(Kind::all().count() - drawn).unwrap_or(0));
    let mut y = HEAD;
    for (part, text, role, font) in [
        ("empty", stage.say(msg!("page.stage-empty"), &[]), Role::Text, Type::Heading),
        ("about", stage.say(msg!("kinds.about"), &[("count", others)]), Role::TextMuted, Type::Caption),
    ] {
        for (line, text) in wrap_evenly(&text, font.font(), room).into_iter().enumerate() {
            shapes.push(Shape::text(format!("kinds/{part}/{line}"), role, font, left, y, text));
            y += HEAD_LINE;
        }
    }
    y - 8.0
}

/// What stands on a card.
struct Told {
    /// In which type the name is set.
    font: Type,
    /// The room of the kind's glyph before it.
    emblem: f32,
    about: Vec<Str>,
    makes: Option<(Str, Hue)>,
    /// The short name, and the line that it ends: the first one is that of the name.
    short: Option<(&'static str, usize)>,
    lines: usize,
    padding: f32,
}

impl Told {
    fn new(stage: &Stage, entry: &Entry, wide: f32) -> Self {
        let info = entry.kind.info();
        let padding = if stage.is_narrow() { PADDING_NARROW } else { PADDING };
        let room = wide - 2.0 * padding;
        let about = wrap_evenly(&stage.say(entry.about, &[]), Type::Caption.font(), room);
        let makes = entry.makes.map(|makes| {
            let text = ellipsize(&format!("→ {}", makes.info().name), Type::Label.font(), room);
            (text, Hue::of_kind(makes))
        });
        let mut lines = 1 + about.len() + usize::from(makes.is_some());
        let short = info.short.first().copied();
        let short_room = short.map_or(0.0, |short| width(short, Type::CodeSmall.font()) + 8.0);
        // The longest name has no room for a glyph on a phone.
        let emblem =
            if width(info.name, Type::Label.font()) + EMBLEM_ROOM <= room { EMBLEM_ROOM } else { 0.0 };
        // The longest names are set smaller. Beside those that leave no room even so, nothing stands.
        let fits = |room: f32| {
            let room = room - emblem;
            let mut fonts = [Type::Strong, Type::Label].into_iter();
            fonts.find(|font| width(info.name, font.font()) <= room)
        };
        let (font, line) = match fits(room - short_room) {
            Some(font) => (font, 0),
            None => {
                let last = match (&makes, about.last()) {
                    (Some((makes, _)), _) => width(makes, Type::Label.font()),
                    (None, Some(last)) => width(last, Type::Caption.font()),
                    (None, None) => 0.0,
                };
                lines += usize::from(last + short_room > room);
                (fits(room).unwrap_or(Type::Label), lines - 1)
            }
        };
        Self { font, emblem, about, makes, short: short.map(|short| (short, line)), lines, padding }
    }
    /// Where the letters of a line stand.
    fn base(line: usize) -> f32 {
        if line == 0 { NAME } else { FIRST + (line - 1) as f32 * LINE }
    }
    fn high(&self) -> f32 {
        Self::base(self.lines - 1) + BELOW
    }
}

fn drawn(stage: &Stage, entry: &Entry, [x, y]: [f32; 2], [wide, high]: [f32; 2]) -> Shape {
    let info = entry.kind.info();
    let hue = Hue::of_kind(entry.kind);
    let key = format!("kinds/kind/{}", info.plural);
    let told = Told::new(stage, entry, wide);
    let (font, padding) = (told.font, told.padding);
    let spoken = format!("{}: {}", info.name, stage.say(entry.about, &[]));
    let name = ellipsize(info.name, font.font(), wide - 2.0 * padding - told.emblem);
    let mut shapes = vec![
        Shape::rect(format!("{key}/card"), Role::Panel, [0.0, 0.0, wide, high], radius::CARD),
        Shape::rect(format!("{key}/accent"), Role::CardAccent(hue), [0.0, 10.0, 4.0, high - 20.0], 2.0),
        Shape::text(
            format!("{key}/name"),
            Role::TextHue(hue),
            font,
            padding + told.emblem,
            Told::base(0),
            name,
        ),
    ];
    if told.emblem > 0.0 {
        shapes.push(emblem_before(format!("{key}/emblem"), entry.kind, [padding, Told::base(0)]));
    }
    if let Some((short, line)) = told.short {
        let (key, y) = (format!("{key}/short"), Told::base(line));
        let text = Shape::text(key, Role::TextMuted, Type::CodeSmall, wide - padding, y, short);
        shapes.push(text.anchored(Anchor::End));
    }
    let after = told.about.len() + 1;
    for (place, line) in told.about.into_iter().enumerate() {
        let (key, y) = (format!("{key}/about/{place}"), Told::base(place + 1));
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, padding, y, line));
    }
    if let Some((makes, hue)) = told.makes {
        let (key, y) = (format!("{key}/makes"), Told::base(after));
        shapes.push(Shape::text(key, Role::TextHue(hue), Type::Label, padding, y, makes));
    }
    Shape::group(key, x, y, shapes).named(spoken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::SimTime;
    use crate::scene::shape::Geometry;
    use crate::scene::views::testing::{check_fit, scene};
    use crate::timeline::{History, Story};
    use crate::words::{self, Language};

    #[test]
    fn an_empty_stage_is_the_map_of_kinds_and_nothing_of_it_is_cut() {
        let (history, story) = (History::default(), Story::default());
        for size in [[1600.0, 690.0], [1170.0, 690.0], [758.0, 690.0], [390.0, 560.0]] {
            for language in Language::ALL {
                let scene = scene("hierarchy", &history, &story, SimTime::ZERO, size, *language, None);
                check_fit(&scene, &format!("{size:?} {language:?}"));
                let mut cut: Vec<String> = Vec::new();
                scene.for_each(&mut |shape| {
                    if let Geometry::Text { text, .. } = &shape.geometry
                        && text.contains('…')
                    {
                        cut.push(text.to_string());
                    }
                });
                assert!(cut.is_empty(), "{cut:?} {size:?} {language:?}");
                for entry in FAMILIES.iter().flat_map(|family| family.entries) {
                    let prefix = format!("kinds/kind/{}/about/", entry.kind.info().plural);
                    let mut lines: Vec<String> = Vec::new();
                    scene.for_each(&mut |shape| {
                        if let Geometry::Text { text, .. } = &shape.geometry
                            && shape.key.starts_with(&prefix)
                        {
                            lines.push(text.to_string());
                        }
                    });
                    // A word that goes on in the next line would have a space in it.
                    let about = words::text(*language, entry.about, &[]);
                    assert_eq!(lines.join(" "), about, "{size:?} {language:?}");
                }
                scene.for_each(&mut |shape| {
                    let Geometry::Group { children, .. } = &shape.geometry else { return };
                    let card = children.iter().find(|child| child.role == Role::Panel);
                    let Some(Geometry::Rect { height, .. }) = card.map(|card| &card.geometry) else { return };
                    for child in children {
                        if let Geometry::Text { y, text, .. } = &child.geometry {
                            assert!(y + 4.0 <= *height, "`{text}` leaves its card: {size:?} {language:?}");
                        }
                    }
                });
            }
        }
    }

    #[test]
    fn every_short_name_is_on_the_map_and_cards_are_no_higher_than_their_lines() {
        let (history, story) = (History::default(), Story::default());
        for size in [[1170.0, 690.0], [758.0, 690.0], [390.0, 560.0]] {
            for language in Language::ALL {
                let scene = scene("hierarchy", &history, &story, SimTime::ZERO, size, *language, None);
                for entry in FAMILIES.iter().flat_map(|family| family.entries) {
                    let key = format!("kinds/kind/{}/short", entry.kind.info().plural);
                    let mut is_there = false;
                    scene.for_each(&mut |shape| is_there |= *shape.key == *key);
                    assert_eq!(is_there, !entry.kind.info().short.is_empty(), "{key} {size:?} {language:?}");
                }
                scene.for_each(&mut |shape| {
                    let Geometry::Group { children, .. } = &shape.geometry else { return };
                    let rects = children.iter().filter(|child| child.role == Role::Panel);
                    for rect in rects {
                        let Geometry::Rect { height, .. } = rect.geometry else { continue };
                        assert!(height <= Told::base(4) + BELOW, "{} {size:?} {language:?}", rect.key);
                    }
                });
            }
        }
    }

    #[test]
    fn stacks_beside_each_other_end_together() {
        let (history, story) = (History::default(), Story::default());
        for (size, ends) in [([1170.0, 690.0], 2), ([758.0, 690.0], 2), ([390.0, 560.0], 1)] {
            for language in Language::ALL {
                let scene = scene("hierarchy", &history, &story, SimTime::ZERO, size, *language, None);
                let mut bottoms: Vec<f32> = Vec::new();
                for shape in &scene.shapes {
                    let Geometry::Group { y, children, .. } = &shape.geometry else { continue };
                    let Some(Geometry::Rect { height, .. }) = children.first().map(|child| &child.geometry)
                    else {
                        continue;
                    };
                    bottoms.push(y + height);
                }
                let last = bottoms.iter().copied().fold(0.0, f32::max);
                let together = bottoms.iter().filter(|bottom| last - **bottom < 0.5).count();
                assert_eq!(together, ends, "{bottoms:?} {size:?} {language:?}");
            }
        }
    }

    #[test]
    fn every_family_is_in_every_arrangement_once() {
        for blocks in [WIDE, TABLET, NARROW] {
            let stacks = blocks.iter().flat_map(|block| block.iter());
            let mut places: Vec<usize> = stacks.flat_map(|stack| stack.families).copied().collect();
            places.sort_unstable();
            assert_eq!(places, (0..FAMILIES.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_kind_is_on_the_map_once() {
        let kinds: Vec<Kind> =
            FAMILIES.iter().flat_map(|family| family.entries).map(|entry| entry.kind).collect();
        let mut once = kinds.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), kinds.len());
    }
}
