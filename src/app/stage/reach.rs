//! Which shape the arrow keys reach from another. Each of them reaches every shape.

use podium::scene::measure::width;
use podium::scene::shape::Geometry;
use podium::scene::{Role, Scene, Segment, Shape, Target};
use podium::value::Str;

/// A shape that takes the focus.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stop {
    pub(super) key: Str,
    pub(super) target: Target,
    /// Left, top, width and height in pixels of the scene.
    pub(super) bounds: [f32; 4],
}

impl Stop {
    fn centre(&self) -> [f32; 2] {
        let [x, y, width, height] = self.bounds;
        [x + width / 2.0, y + height / 2.0]
    }
}

/// Where an arrow points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Left,
    Right,
    Up,
    Down,
}

/// The shapes of a scene that take the focus, in the order of the picture.
pub(super) fn stops(scene: &Scene) -> Vec<Stop> {
    let mut found = Vec::new();
    for shape in &scene.shapes {
        collect(shape, [0.0, 0.0], &mut found);
    }
    found
}

fn collect(shape: &Shape, at: [f32; 2], found: &mut Vec<Stop>) {
    if let Some(target) = &shape.target {
        let mut bounds = Bounds::default();
        bounds.add(shape, at);
        found.push(Stop { key: shape.key.clone(), target: target.clone(), bounds: bounds.rect() });
    }
    if let Geometry::Group { x, y, children } = &shape.geometry {
        for child in children {
            collect(child, [at[0] + x, at[1] + y], found);
        }
    }
}

/// The bounds of the first shape of a role.
pub(super) fn bounds_of(scene: &Scene, role: Role) -> Option<[f32; 4]> {
    let mut found = None;
    scene.for_each(&mut |shape| {
        if shape.role == role && found.is_none() {
            let mut bounds = Bounds::default();
            bounds.add(shape, [0.0, 0.0]);
            found = Some(bounds.rect());
        }
    });
    found
}

/// The bounds of all shapes whose keys are wanted.
pub(super) fn bounds_around(scene: &Scene, is_wanted: impl Fn(&str) -> bool) -> Option<[f32; 4]> {
    let mut bounds = Bounds::default();
    scene.for_each(&mut |shape| {
        if is_wanted(&shape.key) {
            bounds.add(shape, [0.0, 0.0]);
        }
    });
    (bounds.least[0] <= bounds.most[0]).then(|| bounds.rect())
}

/// Shapes whose tops are within so many pixels stand in one row.
const ROW: f32 = 14.0;

/// The stops by rows, as a text is read.
fn rows(stops: &[Stop]) -> Vec<Vec<&Stop>> {
    let mut all: Vec<&Stop> = stops.iter().collect();
    all.sort_by(|a, b| a.bounds[1].total_cmp(&b.bounds[1]));
    let mut rows: Vec<Vec<&Stop>> = Vec::new();
    for stop in all {
        match rows.last_mut() {
            Some(row) if stop.bounds[1] - row[0].bounds[1] <= ROW => row.push(stop),
            _ => rows.push(vec![stop]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.bounds[0].total_cmp(&b.bounds[0]));
    }
    rows
}

/// The stop that an arrow leads to: left and right go through all of them as a text is read, up and down to the nearest in
/// the row above or below.
pub(super) fn next<'a>(stops: &'a [Stop], from: &Stop, way: Way) -> Option<&'a Stop> {
    let rows = rows(stops);
    let row = rows.iter().position(|row| row.iter().any(|stop| stop.key == from.key))?;
    let near = |row: &Vec<&'a Stop>| {
        let aside = |stop: &Stop| (stop.centre()[0] - from.centre()[0]).abs();
        row.iter().copied().min_by(|a, b| aside(a).total_cmp(&aside(b)))
    };
    match way {
        Way::Up => near(rows.get(row.checked_sub(1)?)?),
        Way::Down => near(rows.get(row + 1)?),
        Way::Left | Way::Right => {
            let order: Vec<&Stop> = rows.into_iter().flatten().collect();
            let at = order.iter().position(|stop| stop.key == from.key)?;
            order.get(if way == Way::Left { at.checked_sub(1)? } else { at + 1 }).copied()
        }
    }
}

struct Bounds {
    least: [f32; 2],
    most: [f32; 2],
}

impl Default for Bounds {
    fn default() -> Self {
        Self { least: [f32::INFINITY; 2], most: [f32::NEG_INFINITY; 2] }
    }
}

impl Bounds {
    fn point(&mut self, [x, y]: [f32; 2], at: [f32; 2]) {
        let [x, y] = [x + at[0], y + at[1]];
        self.least = [self.least[0].min(x), self.least[1].min(y)];
        self.most = [self.most[0].max(x), self.most[1].max(y)];
    }
    fn add(&mut self, shape: &Shape, at: [f32; 2]) {
        match &shape.geometry {
            Geometry::Group { x, y, children } => {
                for child in children {
                    self.add(child, [at[0] + x, at[1] + y]);
                }
            }
            Geometry::Rect { x, y, width, height, .. } => {
                self.point([*x, *y], at);
                self.point([x + width, y + height], at);
            }
            Geometry::Circle { x, y, radius } => {
                self.point([x - radius, y - radius], at);
                self.point([x + radius, y + radius], at);
            }
            Geometry::Path(path) => {
                for segment in path {
                    match *segment {
                        Segment::Move(to)
                        | Segment::Line(to)
                        | Segment::Quad(_, to)
                        | Segment::Cubic(_, _, to)
                        | Segment::Arc { to, .. } => self.point(to, at),
                        Segment::Close => {}
                    }
                }
            }
            Geometry::Text { x, y, font, text, .. } => {
                let font = font.font();
                self.point([*x, y - font.size], at);
                self.point([x + width(text, font), *y], at);
            }
        }
    }
    fn rect(&self) -> [f32; 4] {
        let [x, y] = self.least;
        if x > self.most[0] { [0.0; 4] } else { [x, y, self.most[0] - x, self.most[1] - y] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podium::api::{Kind, ObjectKey};

    fn scene() -> Scene {
        let card = |name: &str, x: f32, y: f32| {
            let frame = Shape::rect(format!("{name}/frame"), Role::Well, [0.0, 0.0, 100.0, 50.0], 4.0);
            let target = Target::Object(ObjectKey::new(Kind::Pod, "default", name));
            Shape::group(name, x, y, vec![frame]).opening(target, name)
        };
        let shapes = vec![card("top", 150.0, 0.0), card("left", 0.0, 100.0), card("right", 300.0, 110.0)];
        Scene { width: 400.0, height: 200.0, shapes }
    }

    #[test]
    fn arrows_reach_what_lies_that_way() {
        let stops = stops(&scene());
        assert_eq!(stops[2].bounds, [300.0, 110.0, 100.0, 50.0]);
        let reach = |from: usize, way| next(&stops, &stops[from], way).map(|stop| &*stop.key);
        assert_eq!(reach(1, Way::Right), Some("right"));
        assert_eq!(reach(2, Way::Left), Some("left"));
        assert_eq!(reach(1, Way::Up), Some("top"));
        assert_eq!(reach(0, Way::Down), Some("left"));
        assert_eq!(reach(1, Way::Left), Some("top"));
        assert_eq!(reach(0, Way::Left), None);
    }

    #[test]
    fn what_has_several_shapes_is_as_large_as_all_of_them() {
        let around = |keys: &[&str]| bounds_around(&scene(), |key| keys.contains(&key));
        assert_eq!(around(&["top", "right"]), Some([150.0, 0.0, 250.0, 160.0]));
        assert_eq!(around(&["gone"]), None);
    }

    #[test]
    fn one_arrow_reaches_all_in_the_order_in_which_they_are_read() {
        let stops = stops(&scene());
        let mut at = stops.iter().find(|stop| &*stop.key == "top").expect("it is there");
        let mut read = vec![&*at.key];
        while let Some(to) = next(&stops, at, Way::Right) {
            read.push(&to.key);
            at = to;
        }
        assert_eq!(read, ["top", "left", "right"]);
    }
}
