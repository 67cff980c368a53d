//! Whether a scene is fit to be seen.

use super::measure::width;
use super::shape::{Anchor, Geometry, MOST_SHAPES, Scene, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// How the keys begin of what shows a command as somebody typed it.
const TYPED: [&str; 2] = ["part/kubectl/caption", "title/command"];

/// The stages that views are looked at in: beside the editor of a page of 1600 x 900, and a phone's.
pub const SIZES: [[f32; 2]; 2] = [[1170.0, 690.0], [390.0, 560.0]];

/// The stage before a room of people: what is drawn on it is shown nearly twice as large on a page of 1600 x 900.
pub const PRESENTED: [f32; 2] = [830.0, 310.0];

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// There are too many shapes.
    Shapes,
    /// Two have one key.
    Keys,
    /// A number that says nothing.
    Numbers,
    /// What opens has no name.
    Names,
    /// A text outside the scene.
    Outside,
    /// A text over another one.
    Over,
    /// A message that is missing, or an argument of one.
    Unread,
    /// What stands elsewhere though nothing has come or gone.
    Moved,
}

/// Something that is wrong with a scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub wrong: Wrong,
    /// What it is, and where.
    pub text: String,
}

impl Fault {
    fn new(wrong: Wrong, text: String) -> Self {
        Self { wrong, text }
    }
}

/// A text on the scene.
struct Found {
    key: String,
    text: String,
    /// Whether the page says it, and not somebody who typed it.
    is_said: bool,
    /// Left, top, right, bottom.
    area: [f32; 4],
}

/// Walks through all shapes at their places on the scene.
pub(super) fn walk<'a>(shapes: &'a [Shape], [x, y]: [f32; 2], visit: &mut impl FnMut(&'a Shape, [f32; 2])) {
    for shape in shapes {
        visit(shape, [x, y]);
        if let Geometry::Group { x: dx, y: dy, children } = &shape.geometry {
            walk(children, [x + dx, y + dy], visit);
        }
    }
}

fn texts(scene: &Scene) -> Vec<Found> {
    let mut found = Vec::new();
    walk(&scene.shapes, [0.0, 0.0], &mut |shape, [dx, dy]| {
        let Geometry::Text { x, y, anchor, font, text } = &shape.geometry else { return };
        let (wide, size) = (width(text, font.font()), font.font().size);
        let left = dx
            + match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - wide / 2.0,
                Anchor::End => x - wide,
            };
        // Letters reach so far above and below their line.
        let (top, bottom) = (dy + y - size * 0.74, dy + y + size * 0.2);
        found.push(Found {
            key: shape.key.to_string(),
            text: text.to_string(),
            is_said: !TYPED.iter().any(|typed| shape.key.starts_with(typed)),
            area: [left, top, left + wide, bottom],
        });
    });
    found
}

/// What is wrong with a scene: a key that stands twice, a number that is none, a text outside the scene or over another one,
/// something that opens and has no name, too many shapes.
pub fn faults(scene: &Scene) -> Vec<Fault> {
    let mut faults = Vec::new();
    if scene.count() > MOST_SHAPES {
        faults.push(Fault::new(Wrong::Shapes, format!("{} shapes", scene.count())));
    }
    let mut keys = BTreeSet::new();
    walk(&scene.shapes, [0.0, 0.0], &mut |shape, _| {
        let key = &shape.key;
        if !keys.insert(key) {
            faults.push(Fault::new(Wrong::Keys, format!("two shapes are called {key}")));
        }
        if !(0.0..=1.0).contains(&shape.opacity) {
            faults.push(Fault::new(Wrong::Numbers, format!("{key} is {} opaque", shape.opacity)));
        }
        if shape.target.is_some() && shape.name.as_ref().is_none_or(|name| name.is_empty()) {
            faults.push(Fault::new(Wrong::Names, format!("{key} opens something and has no name")));
        }
        let numbers: Vec<f32> = match &shape.geometry {
            Geometry::Group { x, y, .. } | Geometry::Text { x, y, .. } => vec![*x, *y],
            Geometry::Rect { x, y, width, height, radius } => {
                if *width < 0.0 || *height < 0.0 {
                    faults.push(Fault::new(Wrong::Numbers, format!("{key} is {width} x {height}")));
                }
                vec![*x, *y, *width, *height, *radius]
            }
            Geometry::Circle { x, y, radius } => vec![*x, *y, *radius],
            Geometry::Path(_) => Vec::new(),
        };
        if !numbers.iter().all(|number| number.is_finite()) {
            faults.push(Fault::new(Wrong::Numbers, format!("{key} is nowhere")));
        }
    });
    let texts = texts(scene);
    for (place, Found { key, text, area, is_said }) in texts.iter().enumerate() {
        let [left, top, right, bottom] = *area;
        let (width, height) = (scene.width, scene.height);
        if left < 0.0 || top < 0.0 || right > width || bottom > height {
            faults.push(Fault::new(
                Wrong::Outside,
                format!("`{text}` ({key}) leaves the scene: {area:?} of {width} x {height}"),
            ));
        }
        // A message that is missing, or an argument of one. What a kubelet says of a command has brackets within.
        if *is_said && (text.starts_with('[') || text.contains('{')) {
            faults.push(Fault::new(Wrong::Unread, format!("`{text}` ({key}) is not what a person reads")));
        }
        for other in &texts[place + 1..] {
            let [l, t, r, b] = other.area;
            if right > l && r > left && bottom > t && b > top {
                faults.push(Fault::new(
                    Wrong::Over,
                    format!("`{text}` lies over `{}` ({key}, {})", other.text, other.key),
                ));
            }
        }
    }
    faults
}

/// Where each thing of a scene is that moves as one.
pub fn places(scene: &Scene) -> BTreeMap<&str, [f32; 2]> {
    let groups = scene.shapes.iter().filter_map(|shape| match shape.geometry {
        Geometry::Group { x, y, .. } => Some((&*shape.key, [x, y])),
        _ => None,
    });
    groups.collect()
}

/// What is beside a text that says another number now may move by so much, in pixels.
const STIR: f32 = 3.0;

/// What has moved from one scene of a view to a later one though both have the same things. Where something comes or goes the
/// others may make room.
pub fn moved(before: &Scene, after: &Scene) -> Vec<Fault> {
    let (was, is) = (places(before), places(after));
    if !was.keys().eq(is.keys()) {
        return Vec::new();
    }
    let pairs = was.into_iter().zip(is.into_values());
    let moved =
        pairs.filter(|((_, was), is)| [0, 1].iter().any(|axis| (was[*axis] - is[*axis]).abs() > STIR));
    moved.map(|((key, was), is)| Fault::new(Wrong::Moved, format!("{key} from {was:?} to {is:?}"))).collect()
}
