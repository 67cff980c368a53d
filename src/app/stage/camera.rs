//! Which part of a scene is seen: the part that a wheel, fingers and buttons have chosen.

/// Pixels of the scene: the upper left corner and the scale at which it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Camera {
    pub(super) x: f32,
    pub(super) y: f32,
    /// How much larger than fitted.
    pub(super) zoom: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { x: 0.0, y: 0.0, zoom: 1.0 }
    }
}

const LEAST: f32 = 0.5;
const MOST: f32 = 8.0;

impl Camera {
    /// What is seen, as the attribute `viewBox` has it, of a scene that is `scene` large.
    pub(super) fn seen(self, scene: [f32; 2]) -> [f32; 4] {
        [self.x, self.y, scene[0] / self.zoom, scene[1] / self.zoom]
    }
    /// Larger by a factor, with one point of the scene staying where it is.
    pub(super) fn zoomed(self, by: f32, at: [f32; 2]) -> Camera {
        let zoom = (self.zoom * by).clamp(LEAST, MOST);
        let by = zoom / self.zoom;
        Camera { x: at[0] - (at[0] - self.x) / by, y: at[1] - (at[1] - self.y) / by, zoom }
    }
    /// Moved by pixels of the scene, so far that some of it is still seen.
    pub(super) fn moved(self, by: [f32; 2], scene: [f32; 2]) -> Camera {
        let [_, _, width, height] = self.seen(scene);
        Camera {
            x: (self.x + by[0]).clamp(-width * 0.8, scene[0] - width * 0.2),
            y: (self.y + by[1]).clamp(-height * 0.8, scene[1] - height * 0.2),
            ..self
        }
    }
    /// Moved no further than needed for a box of the scene to be seen.
    pub(super) fn showing(self, [x, y, width, height]: [f32; 4], scene: [f32; 2]) -> Camera {
        let [left, top, seen_width, seen_height] = self.seen(scene);
        let onto = |from: f32, size: f32, seen: f32, room: f32| {
            if from < seen { from } else { (from + size - room).max(seen).min(from) }
        };
        Camera { x: onto(x, width, left, seen_width), y: onto(y, height, top, seen_height), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_point_below_the_pointer() {
        let scene = [1000.0, 500.0];
        let camera = Camera::default().zoomed(2.0, [800.0, 100.0]);
        let [x, y, width, height] = camera.seen(scene);
        assert_eq!([width, height], [500.0, 250.0]);
        assert_eq!([(800.0 - x) / width, (100.0 - y) / height], [0.8, 0.2]);
        assert_eq!(camera.zoomed(0.5, [800.0, 100.0]), Camera::default());
        assert_eq!(camera.zoomed(1e9, [0.0, 0.0]).zoom, MOST);
    }

    #[test]
    fn a_box_is_brought_into_sight_and_no_further() {
        let scene = [1000.0, 500.0];
        let camera = Camera::default().zoomed(2.0, [0.0, 0.0]);
        assert_eq!(camera.showing([10.0, 10.0, 20.0, 20.0], scene), camera);
        let right = camera.showing([700.0, 10.0, 100.0, 20.0], scene);
        assert_eq!([right.x, right.y], [300.0, 0.0]);
        assert_eq!(right.showing([0.0, 0.0, 10.0, 10.0], scene).x, 0.0);
    }
}
