//! Which part of a scene is seen: all of it as long as that can be read, else what a hand has chosen.

/// The smallest text is as small as it may be: a scene that is larger than its room keeps its size and is moved.
const SMALLEST_FIT: f32 = 1.0;
/// On a phone a scene is made smaller by no more than this, and only where all of it is seen then; else it keeps its size and is
/// moved.
const SMALLEST_FIT_NARROW: f32 = 0.9;
/// Rooms narrower than this are a phone's.
const NARROW: f32 = 640.0;
/// From the back row less can be read: nothing is made smaller than it is drawn, and what does not fit is moved.
const SMALLEST_FIT_PRESENTED: f32 = 1.0;
/// A scene that is narrower than its room is shown larger than it is drawn, by no more than this.
const LARGEST_FIT: f32 = 1.6;
/// How much of the scene is seen around what is told.
const MARGIN: f32 = 40.0;
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
    /// Whether a part of the scene is out of sight when nothing was moved.
    pub(super) fn is_larger(self) -> bool {
        let fit = self.fit();
        [0, 1].iter().any(|axis| self.scene[*axis] * fit > self.room[*axis] + 1.0)
    }
    /// Whether the scene goes on below the room when nothing was moved.
    pub(super) fn goes_on(self) -> bool {
        self.scene[1] * self.fit() > self.room[1] + 1.0
    }
    /// The scale at which the scene fits the room, as far as it can be read then.
    fn fit(self) -> f32 {
        let least = if self.room[0] < NARROW { SMALLEST_FIT_NARROW } else { SMALLEST_FIT };
        let [x, y] = [0, 1].map(|axis| self.room[axis] / self.scene[axis].max(1.0));
        if self.is_presented {
            return x.min(y).clamp(SMALLEST_FIT_PRESENTED, LARGEST_FIT);
        }
        // What would go on below all the same is not made smaller.
        let y = if y < least { 1.0 } else { y };
        x.min(y).clamp(0.05, LARGEST_FIT)
    }
    /// Where the room's upper left corner is in the scene when nothing was moved: what fits is in the middle,
    /// what does not begins at its beginning.
    fn rest(self, scale: f32) -> [f32; 2] {
        [0, 1].map(|axis| (-(self.room[axis] / scale - self.scene[axis]) / 2.0).min(0.0))
    }
    /// The place nearest to a corner at which a fifth of the room shows something.
    fn within(self, corner: [f32; 2], scale: f32) -> [f32; 2] {
        [0, 1].map(|axis| {
            let seen = self.room[axis] / scale;
            let (least, most) = (-seen * 0.8, self.scene[axis] - seen * 0.2);
            corner[axis].clamp(least.min(most), most.max(least))
        })
    }
}

/// What a hand has chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Camera {
    /// How much larger than fitted.
    zoom: f32,
    /// How far the room's upper left corner is from where it rests, in pixels of the scene.
    moved: [f32; 2],
    /// How often it went after what is told.
    followed: u32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { zoom: 1.0, moved: [0.0, 0.0], followed: 0 }
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
        // The scene may have become smaller since.
        let [x, y] = sizes.within([0, 1].map(|axis| rest[axis] + self.moved[axis]), scale);
        [x, y, sizes.room[0] / scale, sizes.room[1] / scale]
    }
    fn at(zoom: f32, corner: [f32; 2], sizes: Sizes) -> Camera {
        let scale = sizes.fit() * zoom;
        let (corner, rest) = (sizes.within(corner, scale), sizes.rest(scale));
        Camera { zoom, moved: [0, 1].map(|axis| corner[axis] - rest[axis]), followed: 0 }
    }
    /// The same, brought to what is told: no further than needed, and so that there is some room around it.
    pub(super) fn following(self, [x, y, width, height]: [f32; 4], sizes: Sizes) -> Camera {
        let [_, _, wide, high] = self.seen(sizes);
        let around = |from: f32, size: f32, room: f32, scene: f32| {
            let margin = MARGIN.min((room - size) / 2.0).max(0.0);
            let (from, to) = ((from - margin).max(0.0), (from + size + margin).min(scene));
            (from, to - from)
        };
        let (x, width) = around(x, width, wide, sizes.scene[0]);
        let (y, height) = around(y, height, high, sizes.scene[1]);
        let next = self.showing([x, y, width, height], sizes);
        if next == self { self } else { Camera { followed: self.followed + 1, ..next } }
    }
    /// How often it went after what is told.
    pub(super) fn followed(self) -> u32 {
        self.followed
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
    /// Moved by pixels of the screen, and not past an end of the scene.
    pub(super) fn scrolled(self, by: [f32; 2], sizes: Sizes) -> Camera {
        let ([x, y, wide, high], scale) = (self.seen(sizes), self.scale(sizes));
        let to = |at: f32, by: f32, seen: f32, scene: f32| {
            (at + by / scale).clamp(at.min(0.0), at.max(scene - seen))
        };
        let corner = [to(x, by[0], wide, sizes.scene[0]), to(y, by[1], high, sizes.scene[1])];
        if corner == [x, y] { self } else { Camera::at(self.zoom, corner, sizes) }
    }
    /// Moved no further than needed for a box of the scene to be seen.
    pub(super) fn showing(self, [x, y, width, height]: [f32; 4], sizes: Sizes) -> Camera {
        let [left, top, seen_width, seen_height] = self.seen(sizes);
        let onto = |from: f32, size: f32, seen: f32, room: f32| {
            if from < seen { from } else { (from + size - room).max(seen).min(from) }
        };
        let corner = [onto(x, width, left, seen_width), onto(y, height, top, seen_height)];
        if corner == [left, top] {
            self
        } else {
            Camera { followed: self.followed, ..Camera::at(self.zoom, corner, sizes) }
        }
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
        assert_eq!(wide([1000.0, 625.0]), [0.0, 0.0, 1000.0, 500.0], "what is higher keeps its size");
        let high = wide([1000.0, 5000.0]);
        assert_eq!(high[1], 0.0);
        assert_eq!(high[3], 500.0);
        let phone = Sizes { scene: [390.0, 2000.0], room: [390.0, 450.0], is_presented: false };
        assert_eq!(Camera::default().scale(phone), 1.0);
        let nearly = Sizes { scene: [390.0, 480.0], ..phone };
        assert_eq!(Camera::default().scale(nearly), 450.0 / 480.0, "all of it is seen then");
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
    fn a_scene_that_becomes_smaller_stays_in_sight() {
        let long = Sizes { scene: [390.0, 3000.0], room: [390.0, 500.0], is_presented: false };
        let camera = Camera::default().dragged([0.0, -2000.0], long);
        assert_eq!(camera.seen(long)[1], 2000.0);
        let [_, top, _, _] = camera.seen(Sizes { scene: [390.0, 600.0], ..long });
        assert_eq!(top, 500.0, "a fifth of the room shows the last of it");
    }

    #[test]
    fn a_hand_moves_it_and_never_out_of_sight() {
        let camera = Camera::default().zoomed(2.0, [0.0, 0.0], SAME);
        assert_eq!(camera.dragged([-100.0, 0.0], SAME).seen(SAME)[0], 50.0);
        assert_eq!(camera.dragged([-1e9, 0.0], SAME).seen(SAME)[0], 900.0);
    }

    #[test]
    fn before_a_room_nothing_is_made_smaller_and_what_is_told_is_brought_into_sight() {
        let sizes = Sizes { scene: [1500.0, 700.0], room: [900.0, 400.0], is_presented: true };
        let camera = Camera::default();
        assert!(sizes.is_larger());
        assert_eq!(camera.seen(sizes), [0.0, 0.0, 900.0, 400.0]);
        let told = camera.following([1300.0, 500.0, 100.0, 80.0], sizes);
        assert_eq!(told.seen(sizes), [540.0, 220.0, 900.0, 400.0], "with some room around it");
        assert_eq!(told.following([1300.0, 500.0, 100.0, 80.0], sizes), told);
        // What is larger than the room begins at its beginning.
        assert_eq!(told.following([0.0, 0.0, 1500.0, 700.0], sizes).seen(sizes)[..2], [0.0, 0.0]);
    }

    #[test]
    fn a_wheel_moves_what_goes_on_to_its_ends_and_no_further() {
        let sizes = Sizes { scene: [1000.0, 1300.0], ..SAME };
        assert!(sizes.goes_on() && !SAME.goes_on());
        let camera = Camera::default();
        assert_eq!(camera.scrolled([0.0, -40.0], sizes), camera);
        let down = camera.scrolled([0.0, 500.0], sizes);
        assert_eq!(down.seen(sizes), [0.0, 500.0, 1000.0, 500.0]);
        assert_eq!(down.scrolled([30.0, 500.0], sizes).seen(sizes), [0.0, 800.0, 1000.0, 500.0]);
        assert_eq!(down.scrolled([0.0, -900.0], sizes).seen(sizes)[1], 0.0);
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
