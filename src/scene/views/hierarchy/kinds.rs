//! The empty stage: the kinds that a person meets, what each does and what it makes, with their names of the table of kinds
//! (`kubectl api-resources`).

use super::super::Stage;
use crate::api::Kind;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width, wrap};
use crate::scene::role::Role;
use crate::scene::shape::{Scene, Shape};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;

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
    /// The side that it stands on where there are two.
    is_left: bool,
    entries: &'static [Entry],
}

const FAMILIES: &[Family] = &[
    Family {
        title: msg!("kinds.runs"),
        is_left: true,
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
        is_left: false,
        entries: &[
            entry(Kind::Service, msg!("kinds.service"), Some(Kind::EndpointSlice)),
            entry(Kind::EndpointSlice, msg!("kinds.endpoint-slice"), None),
            entry(Kind::Ingress, msg!("kinds.ingress"), None),
            entry(Kind::NetworkPolicy, msg!("kinds.network-policy"), None),
        ],
    },
    Family {
        title: msg!("kinds.knows"),
        is_left: false,
        entries: &[
            entry(Kind::ConfigMap, msg!("kinds.config-map"), None),
            entry(Kind::Secret, msg!("kinds.secret"), None),
        ],
    },
    Family {
        title: msg!("kinds.keeps"),
        is_left: true,
        entries: &[
            entry(Kind::PersistentVolumeClaim, msg!("kinds.claim"), None),
            entry(Kind::PersistentVolume, msg!("kinds.volume"), None),
            entry(Kind::StorageClass, msg!("kinds.storage-class"), Some(Kind::PersistentVolume)),
        ],
    },
    Family {
        title: msg!("kinds.where"),
        is_left: false,
        entries: &[
            entry(Kind::Node, msg!("kinds.node"), None),
            entry(Kind::Namespace, msg!("kinds.namespace"), None),
        ],
    },
];

const MARGIN: f32 = 14.0;
/// Above the sentences, and from one line of them to the next.
const HEAD: f32 = 26.0;
const HEAD_LINE: f32 = 20.0;
/// A card.
const CARD: f32 = 204.0;
const CARD_HEIGHT: f32 = 84.0;
const CARD_HEIGHT_NARROW: f32 = 116.0;
const CARD_GAP: f32 = 8.0;
const PADDING: f32 = 12.0;
const PADDING_NARROW: f32 = 8.0;
/// Around the cards of a family, and its title.
const FRAME: f32 = 12.0;
const FRAME_NARROW: f32 = 6.0;
const TITLE: f32 = 34.0;
const GAP: f32 = 16.0;
/// From one line of a card's sentence to the next.
const LINE: f32 = 16.0;

/// Draws the map.
pub(super) fn draw(stage: &Stage) -> Scene {
    let narrow = stage.is_narrow();
    let room = stage.size[0] - 2.0 * MARGIN;
    let high = if narrow { CARD_HEIGHT_NARROW } else { CARD_HEIGHT };
    let inset = if narrow { FRAME_NARROW } else { FRAME };
    let card = if narrow { (room - 2.0 * inset - CARD_GAP) / 2.0 } else { CARD };
    let frame = |columns: usize| columns as f32 * (card + CARD_GAP) - CARD_GAP + 2.0 * inset;
    // Two sides where there is room for them: one three cards wide, one two.
    let has_sides = !narrow && room >= frame(3) + GAP + frame(2);
    let fitting = ((room - 2.0 * inset + CARD_GAP) / (card + CARD_GAP)).floor().max(1.0) as usize;
    let mut shapes = Vec::new();
    let whole = if has_sides { frame(3) + GAP + frame(2) } else { frame(fitting) };
    let left = MARGIN + (room - whole) / 2.0;
    let top = head(stage, [left, room], &mut shapes);
    let mut sides = [top, top];
    for (place, family) in FAMILIES.iter().enumerate() {
        let (side, columns) = match (has_sides, family.is_left) {
            (true, true) => (0, 3),
            (true, false) => (1, 2),
            (false, _) => (0, fitting),
        };
        let x = left + if side == 1 { frame(3) + GAP } else { 0.0 };
        let rows = family.entries.len().div_ceil(columns) as f32;
        let tall = TITLE + rows * (high + CARD_GAP) - CARD_GAP + inset;
        let key = format!("kinds/{place}");
        let wide = frame(columns);
        let title = ellipsize(&stage.say(family.title, &[]), Type::Eyebrow.font(), wide - 2.0 * FRAME);
        let mut inner = vec![
            Shape::rect(
                format!("{key}/frame"),
                Role::Region(Hue::Quiet),
                [0.0, 0.0, wide, tall],
                radius::PANEL,
            ),
            Shape::text(format!("{key}/title"), Role::TextMuted, Type::Eyebrow, FRAME + 2.0, 22.0, title),
        ];
        for (place, entry) in family.entries.iter().enumerate() {
            let corner = [
                inset + (place % columns) as f32 * (card + CARD_GAP),
                TITLE + (place / columns) as f32 * (high + CARD_GAP),
            ];
            inner.push(drawn(stage, entry, corner, [card, high]));
        }
        shapes.push(Shape::group(key, x, sides[side], inner));
        sides[side] += tall + GAP;
    }
    let bottom = sides[0].max(sides[1]) - GAP + MARGIN;
    Scene { width: stage.size[0], height: bottom.max(stage.size[1]), shapes }
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
        for (line, text) in wrap(&text, font.font(), room).into_iter().enumerate() {
            shapes.push(Shape::text(format!("kinds/{part}/{line}"), role, font, left, y, text));
            y += HEAD_LINE;
        }
    }
    y - 8.0
}

fn drawn(stage: &Stage, entry: &Entry, [x, y]: [f32; 2], [wide, high]: [f32; 2]) -> Shape {
    let info = entry.kind.info();
    let hue = Hue::of_kind(entry.kind);
    let key = format!("kinds/kind/{}", info.plural);
    let padding = if stage.is_narrow() { PADDING_NARROW } else { PADDING };
    let room = wide - 2.0 * padding;
    let about = stage.say(entry.about, &[]);
    let spoken = format!("{}: {about}", info.name);
    let mut shapes = vec![
        Shape::rect(format!("{key}/card"), Role::Panel, [0.0, 0.0, wide, high], radius::CARD),
        Shape::rect(format!("{key}/accent"), Role::CardAccent(hue), [0.0, 10.0, 4.0, high - 20.0], 2.0),
    ];
    let mut name_room = room;
    for short in info.short.iter().take(1) {
        let wide_of = width(short, Type::CodeSmall.font());
        // A long name needs the whole line.
        if width(info.name, Type::Strong.font()) + wide_of + 8.0 > room {
            continue;
        }
        name_room -= wide_of + 8.0;
        let text = Shape::text(
            format!("{key}/short"),
            Role::TextMuted,
            Type::CodeSmall,
            wide - padding - wide_of,
            23.0,
            *short,
        );
        shapes.push(text);
    }
    // The longest names are set smaller on a phone.
    let fits = width(info.name, Type::Strong.font()) <= name_room;
    let font = if fits { Type::Strong } else { Type::Label };
    let name = ellipsize(info.name, font.font(), name_room);
    shapes.push(Shape::text(format!("{key}/name"), Role::TextHue(hue), font, padding, 23.0, name));
    let lines = wrap(&about, Type::Caption.font(), room);
    for (place, line) in lines.iter().enumerate() {
        let y = 42.0 + place as f32 * LINE;
        let key = format!("{key}/about/{place}");
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, padding, y, line.clone()));
    }
    if let Some(makes) = entry.makes {
        let text = format!("→ {}", makes.info().name);
        let y = 42.0 + lines.len() as f32 * LINE;
        let text = ellipsize(&text, Type::Label.font(), room);
        let role = Role::TextHue(Hue::of_kind(makes));
        shapes.push(Shape::text(format!("{key}/makes"), role, Type::Label, padding, y, text));
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
    fn a_kind_is_on_the_map_once() {
        let kinds: Vec<Kind> =
            FAMILIES.iter().flat_map(|family| family.entries).map(|entry| entry.kind).collect();
        let mut once = kinds.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), kinds.len());
    }
}
