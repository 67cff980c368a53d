//! Which shape the arrow keys reach from another: what lies that way, and near.

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

/// The stop that an arrow leads to. What lies straight that way comes before what is nearer but aside.
pub(super) fn next<'a>(stops: &'a [Stop], from: &Stop, way: Way) -> Option<&'a Stop> {
    let [x, y] = from.centre();
    let cost = |stop: &Stop| {
        let [to_x, to_y] = stop.centre();
        let (dx, dy) = (to_x - x, to_y - y);
        let (along, aside) = match way {
            Way::Left => (-dx, dy),
            Way::Right => (dx, dy),
            Way::Up => (-dy, dx),
            Way::Down => (dy, dx),
        };
        (along > 1.0).then_some(along + 2.5 * aside.abs())
    };
    let reached = stops.iter().filter_map(|stop| Some((cost(stop)?, stop)));
    reached.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, stop)| stop)
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
        assert_eq!(reach(1, Way::Left), None);
    }
}
