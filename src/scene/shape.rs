//! What a scene is made of: shapes with a key, a role and a place.
//!
//! Plain data. Coordinates are pixels of the scene, x to the right and y downwards, and a text stands on its
//! baseline. A shape is at the same place in two scenes of equal data, so scenes compare with `==`.

use std::fmt::Write;

use super::role::Role;
use super::typeface::Type;
pub use crate::timeline::Target;
use crate::value::Str;

/// Shapes that a scene holds at most. Past that, a view folds groups into counts.
pub const MOST_SHAPES: usize = 3_000;

/// The key of a group that stays in sight at the upper edge where what is seen moves down past it. It is drawn over all that comes
/// after it.
pub const PINNED: &str = "pinned";

/// A finished picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Its width in pixels.
    pub width: f32,
    /// Its height in pixels.
    pub height: f32,
    /// What is drawn, the first at the bottom.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// How many shapes it holds, groups and what is in them counted alike.
    pub fn count(&self) -> usize {
        self.shapes.iter().map(Shape::count).sum()
    }
    /// Every shape, each group before what is in it.
    pub fn for_each<'a>(&'a self, visit: &mut impl FnMut(&'a Shape)) {
        for shape in &self.shapes {
            shape.for_each(visit);
        }
    }
}

/// One thing that is drawn, or several that move as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The same thing at another time has the same key, and no two shapes of a scene share one:
    /// `pod/myapp-ns/web-x/frame`.
    pub key: Str,
    /// What it is, which decides how it looks.
    pub role: Role,
    /// Where it is.
    pub geometry: Geometry,
    /// How much of it is seen, from 0 to 1.
    pub opacity: f32,
    /// What a click on it opens. Such a shape also takes the focus of the keyboard.
    pub target: Option<Target>,
    /// What a screen reader says at it. A shape with a target has one.
    pub name: Option<Str>,
}

impl Shape {
    /// A shape that is wholly seen and opens nothing.
    pub fn new(key: impl Into<Str>, role: Role, geometry: Geometry) -> Self {
        Self { key: key.into(), role, geometry, opacity: 1.0, target: None, name: None }
    }
    /// A rectangle.
    pub fn rect(key: impl Into<Str>, role: Role, [x, y, width, height]: [f32; 4], radius: f32) -> Self {
        Self::new(key, role, Geometry::Rect { x, y, width, height, radius })
    }
    /// A circle.
    pub fn circle(key: impl Into<Str>, role: Role, x: f32, y: f32, radius: f32) -> Self {
        Self::new(key, role, Geometry::Circle { x, y, radius })
    }
    /// A path.
    pub fn path(key: impl Into<Str>, role: Role, path: Vec<Segment>) -> Self {
        Self::new(key, role, Geometry::Path(path))
    }
    /// A straight line.
    pub fn line(key: impl Into<Str>, role: Role, from: [f32; 2], to: [f32; 2]) -> Self {
        Self::path(key, role, vec![Segment::Move(from), Segment::Line(to)])
    }
    /// A text that starts at `x`.
    pub fn text(key: impl Into<Str>, role: Role, font: Type, x: f32, y: f32, text: impl Into<Str>) -> Self {
        Self::new(key, role, Geometry::Text { x, y, anchor: Anchor::Start, font, text: text.into() })
    }
    /// Shapes that move as one, drawn from `(x, y)`.
    pub fn group(key: impl Into<Str>, x: f32, y: f32, children: Vec<Shape>) -> Self {
        Self::new(key, Role::Group, Geometry::Group { x, y, children })
    }
    /// The same text, set by another point of it. Other shapes stay as they are.
    pub fn anchored(mut self, at: Anchor) -> Self {
        if let Geometry::Text { anchor, .. } = &mut self.geometry {
            *anchor = at;
        }
        self
    }
    /// The same shape, seen as much as this.
    pub fn faded(mut self, opacity: f32) -> Self {
        self.opacity = opacity;
        self
    }
    /// The same shape, opening `target` under this name.
    pub fn opening(mut self, target: Target, name: impl Into<Str>) -> Self {
        self.target = Some(target);
        self.name = Some(name.into());
        self
    }
    /// The same shape with a name for those who do not see it.
    pub fn named(mut self, name: impl Into<Str>) -> Self {
        self.name = Some(name.into());
        self
    }
    /// Where a group begins, from above; 0 for anything else.
    pub fn top(&self) -> f32 {
        match self.geometry {
            Geometry::Group { y, .. } => y,
            _ => 0.0,
        }
    }
    /// How many shapes it is, with what is in it.
    pub fn count(&self) -> usize {
        match &self.geometry {
            Geometry::Group { children, .. } => 1 + children.iter().map(Shape::count).sum::<usize>(),
            _ => 1,
        }
    }
    fn for_each<'a>(&'a self, visit: &mut impl FnMut(&'a Shape)) {
        visit(self);
        if let Geometry::Group { children, .. } = &self.geometry {
            for child in children {
                child.for_each(visit);
            }
        }
    }
}

/// Where a shape is, and of what form.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Geometry {
    /// Shapes whose places are told from `(x, y)`, so that they move as one.
    Group { x: f32, y: f32, children: Vec<Shape> },
    /// A rectangle from its upper left corner, its corners round.
    Rect { x: f32, y: f32, width: f32, height: f32, radius: f32 },
    /// A circle from its centre.
    Circle { x: f32, y: f32, radius: f32 },
    /// Lines and curves.
    Path(Vec<Segment>),
    /// One line of text, already cut to its room.
    Text { x: f32, y: f32, anchor: Anchor, font: Type, text: Str },
}

/// Which point of a text is at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// Where it starts.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Where it ends.
    End,
}

impl Anchor {
    /// As the SVG attribute `text-anchor` says it.
    pub fn attribute(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// One step of a path, from where the step before ended. Points are `[x, y]`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Segment {
    /// Begins anew at this point.
    Move([f32; 2]),
    /// A straight line.
    Line([f32; 2]),
    /// A curve with one control point.
    Quad([f32; 2], [f32; 2]),
    /// A curve with two control points.
    Cubic([f32; 2], [f32; 2], [f32; 2]),
    /// Part of a circle: the longer way round if `large`, clockwise if `clockwise`.
    Arc { radius: f32, large: bool, clockwise: bool, to: [f32; 2] },
    /// Back to where the path began.
    Close,
}

/// A path as the SVG attribute `d` says it.
pub fn path_data(path: &[Segment]) -> String {
    let mut data = String::new();
    for segment in path {
        let written = match *segment {
            Segment::Move(to) => write!(data, "M{}", point(to)),
            Segment::Line(to) => write!(data, "L{}", point(to)),
            Segment::Quad(control, to) => write!(data, "Q{} {}", point(control), point(to)),
            Segment::Cubic(first, second, to) => {
                write!(data, "C{} {} {}", point(first), point(second), point(to))
            }
            Segment::Arc { radius, large, clockwise, to } => {
                let (radius, large, clockwise) = (number(radius), u8::from(large), u8::from(clockwise));
                write!(data, "A{radius} {radius} 0 {large} {clockwise} {}", point(to))
            }
            Segment::Close => write!(data, "Z"),
        };
        // Writing to a String has no way to fail.
        debug_assert!(written.is_ok());
    }
    data
}

fn point([x, y]: [f32; 2]) -> String {
    format!("{} {}", number(x), number(y))
}

/// A coordinate as SVG attributes have it: to the hundredth of a pixel, without the zeros nobody needs.
pub fn number(value: f32) -> String {
    let hundredths = (f64::from(value) * 100.0).round() as i64;
    let (sign, hundredths) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        _ if rest.is_multiple_of(10) => format!("{sign}{whole}.{}", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_rounded() {
        for (value, text) in [
            (0.0, "0"),
            (-0.001, "0"),
            (12.0, "12"),
            (12.5, "12.5"),
            (12.05, "12.05"),
            (-0.5, "-0.5"),
            (1.006, "1.01"),
            (-3.999, "-4"),
            (f32::NAN, "0"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }

    #[test]
    fn a_path_is_written_as_svg_has_it() {
        let path = [
            Segment::Move([1.0, 2.0]),
            Segment::Line([3.5, 4.0]),
            Segment::Quad([5.0, 6.0], [7.0, 8.0]),
            Segment::Cubic([1.0, 1.0], [2.0, 2.0], [3.0, 3.0]),
            Segment::Arc { radius: 9.0, large: true, clockwise: false, to: [0.0, -1.25] },
            Segment::Close,
        ];
        assert_eq!(path_data(&path), "M1 2L3.5 4Q5 6 7 8C1 1 2 2 3 3A9 9 0 1 0 0 -1.25Z");
    }

    #[test]
    fn groups_count_and_are_visited_with_what_is_in_them() {
        let inner = Shape::group("b", 0.0, 0.0, vec![Shape::circle("c", Role::Group, 0.0, 0.0, 1.0)]);
        let scene = Scene {
            width: 10.0,
            height: 10.0,
            shapes: vec![
                Shape::group("a", 0.0, 0.0, vec![inner]),
                Shape::circle("d", Role::Group, 0., 0., 1.),
            ],
        };
        let mut keys = Vec::new();
        scene.for_each(&mut |shape| keys.push(&*shape.key));
        assert_eq!(keys, ["a", "b", "c", "d"]);
        assert_eq!(scene.count(), keys.len());
    }
}
