//! Which part of a scene is seen: all of it as long as that can be read, else what a hand has chosen.

/// A scene smaller than this part of its size is not read any more, so it is not fitted further.
const SMALLEST_FIT: f32 = 0.55;
/// On a phone a scene keeps its size and is moved.
const SMALLEST_FIT_NARROW: f32 = 0.9;
/// Rooms narrower than this are a phone's.
const NARROW: f32 = 640.0;
/// On a tablet letters do not get smaller than 11 px.
const SMALLEST_FIT_TABLET: f32 = 0.92;
/// Rooms narrower than this are a tablet's.
const TABLET: f32 = 1000.0;
/// From the back row less can be read: what does not fit then is moved.
const SMALLEST_FIT_PRESENTED: f32 = 0.7;
/// A scene that is narrower than its room is shown larger than it is drawn, by no more than this.
const LARGEST_FIT: f32 = 1.6;
const LEAST: f32 = 0.4;
const MOST: f32 = 8.0;

/// The size of a scene, and of the room that it is drawn in, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sizes {
    pub(super) scene: [f32; 2],
    pub(super) room: [f32; 2],
    /// Whether it is for a room of people, and not for one reader.
    pub(super) is_presented: bool,
}

impl Sizes {
    /// The scale at which the scene fits the room, as far as it can be read then.
    fn fit(self) -> f32 {
        let least = if self.is_presented {
            SMALLEST_FIT_PRESENTED
        } else if self.room[0] < NARROW {
            SMALLEST_FIT_NARROW
        } else if self.room[0] < TABLET {
            SMALLEST_FIT_TABLET
        } else {
            SMALLEST_FIT
        };
        let [x, y] = [0, 1].map(|axis| self.room[axis] / self.scene[axis].max(1.0));
        x.min(y.max(least)).clamp(0.05, LARGEST_FIT)
    }
    /// Where the room's upper left corner is in the scene when nothing was moved: what fits is in the middle,
    /// what does not begins at its beginning.
    fn rest(self, scale: f32) -> [f32; 2] {
        [0, 1].map(|axis| (-(self.room[axis] / scale - self.scene[axis]) / 2.0).min(0.0))
    }
}

/// What a hand has chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Camera {
    /// How much larger than fitted.
    zoom: f32,
    /// How far the room's upper left corner is from where it rests, in pixels of the scene.
    moved: [f32; 2],
}

impl Default for Camera {
    fn default() -> Self {
        Self { zoom: 1.0, moved: [0.0, 0.0] }
    }
}

impl Camera {
    /// Pixels of the screen for one of the scene.
    pub(super) fn scale(self, sizes: Sizes) -> f32 {
        sizes.fit() * self.zoom
    }
    /// What is seen: left, top, width and height in pixels of the scene.
    pub(super) fn seen(self, sizes: Sizes) -> [f32; 4] {
        let scale = self.scale(sizes);
        let rest = sizes.rest(scale);
        let [x, y] = [0, 1].map(|axis| rest[axis] + self.moved[axis]);
        [x, y, sizes.room[0] / scale, sizes.room[1] / scale]
    }
    fn at(zoom: f32, corner: [f32; 2], sizes: Sizes) -> Camera {
        let scale = sizes.fit() * zoom;
        let rest = sizes.rest(scale);
        let moved = [0, 1].map(|axis| {
            let seen = sizes.room[axis] / scale;
            // A fifth of the room shows something, however far a hand moves.
            let (least, most) = (-seen * 0.8, sizes.scene[axis] - seen * 0.2);
            corner[axis].clamp(least.min(most), most.max(least)) - rest[axis]
        });
        Camera { zoom, moved }
    }
    /// Larger by a factor, with a point of the scene staying where it is.
    pub(super) fn zoomed(self, by: f32, point: [f32; 2], sizes: Sizes) -> Camera {
        let zoom = (self.zoom * by).clamp(LEAST, MOST);
        let by = zoom / self.zoom;
        let [x, y, ..] = self.seen(sizes);
        Camera::at(zoom, [point[0] - (point[0] - x) / by, point[1] - (point[1] - y) / by], sizes)
    }
    /// Larger by a factor, with the middle staying where it is.
    pub(super) fn zoomed_in_the_middle(self, by: f32, sizes: Sizes) -> Camera {
        let [x, y, width, height] = self.seen(sizes);
        self.zoomed(by, [x + width / 2.0, y + height / 2.0], sizes)
    }
    /// Moved by pixels of the screen.
    pub(super) fn dragged(self, by: [f32; 2], sizes: Sizes) -> Camera {
        let ([x, y, ..], scale) = (self.seen(sizes), self.scale(sizes));
        Camera::at(self.zoom, [x - by[0] / scale, y - by[1] / scale], sizes)
    }
    /// Moved no further than needed for a box of the scene to be seen.
    pub(super) fn showing(self, [x, y, width, height]: [f32; 4], sizes: Sizes) -> Camera {
        let [left, top, seen_width, seen_height] = self.seen(sizes);
        let onto = |from: f32, size: f32, seen: f32, room: f32| {
            if from < seen { from } else { (from + size - room).max(seen).min(from) }
        };
        let corner = [onto(x, width, left, seen_width), onto(y, height, top, seen_height)];
        if corner == [left, top] { self } else { Camera::at(self.zoom, corner, sizes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: Sizes = Sizes { scene: [1000.0, 500.0], room: [1000.0, 500.0], is_presented: false };

    #[test]
    fn what_fits_is_in_the_middle_and_what_does_not_begins_at_its_beginning() {
        let wide =
            |scene| Camera::default().seen(Sizes { scene, room: [1000.0, 500.0], is_presented: false });
        assert_eq!(wide([800.0, 400.0]), [0.0, 0.0, 800.0, 400.0], "what is small is enlarged");
        assert_eq!(wide([400.0, 100.0]), [-112.5, -106.25, 625.0, 312.5], "and never by very much");
        assert_eq!(wide([1000.0, 625.0]), [-125.0, 0.0, 1250.0, 625.0], "all of it is seen");
        let high = wide([1000.0, 5000.0]);
        assert_eq!(high[1], 0.0);
        assert!(high[3] < 1000.0, "{high:?}");
        let phone = Sizes { scene: [390.0, 2000.0], room: [390.0, 450.0], is_presented: false };
        assert!((Camera::default().scale(phone) - 0.9).abs() < 0.01);
    }

    #[test]
    fn zooming_keeps_the_point_below_the_pointer() {
        let camera = Camera::default().zoomed(2.0, [800.0, 100.0], SAME);
        let [x, y, width, height] = camera.seen(SAME);
        assert_eq!([width, height], [500.0, 250.0]);
        assert_eq!([(800.0 - x) / width, (100.0 - y) / height], [0.8, 0.2]);
        assert_eq!(camera.zoomed(0.5, [800.0, 100.0], SAME).seen(SAME), Camera::default().seen(SAME));
        assert_eq!(camera.zoomed(1e9, [0.0, 0.0], SAME).scale(SAME), MOST);
    }

    #[test]
    fn a_hand_moves_it_and_never_out_of_sight() {
        let camera = Camera::default().zoomed(2.0, [0.0, 0.0], SAME);
        assert_eq!(camera.dragged([-100.0, 0.0], SAME).seen(SAME)[0], 50.0);
        assert_eq!(camera.dragged([-1e9, 0.0], SAME).seen(SAME)[0], 900.0);
    }

    #[test]
    fn a_box_is_brought_into_sight_and_no_further() {
        let camera = Camera::default().zoomed(2.0, [0.0, 0.0], SAME);
        assert_eq!(camera.showing([10.0, 10.0, 20.0, 20.0], SAME), camera);
        let right = camera.showing([700.0, 10.0, 100.0, 20.0], SAME);
        assert_eq!(right.seen(SAME)[..2], [300.0, 0.0]);
        assert_eq!(right.showing([0.0, 0.0, 10.0, 10.0], SAME).seen(SAME)[0], 0.0);
    }
}
