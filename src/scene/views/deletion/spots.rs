//! Where words may stand that belong to a point, to a message or to a bar, the best place first.

use super::chart::Chart;
use super::labels::Spot;
use crate::scene::shape::Anchor;

impl Chart<'_, '_> {
    /// Around a point: at the right, above, below, at the left.
    pub(super) fn around(&self, along: f32, across: f32, far: f32) -> Vec<Spot> {
        let [x, y] = self.frame.point(along, across);
        let spot = |dx: f32, dy: f32, anchor| Spot { at: [x + dx, y + dy], anchor };
        vec![
            spot(far + 4.0, 4.2, Anchor::Start),
            spot(0.0, -far - 5.0, Anchor::Middle),
            spot(4.0, -far - 5.0, Anchor::Start),
            spot(0.0, far + 14.0, Anchor::Middle),
            spot(4.0, far + 14.0, Anchor::Start),
            spot(-far - 4.0, 4.2, Anchor::End),
            spot(-4.0, -far - 5.0, Anchor::End),
            spot(-4.0, far + 14.0, Anchor::End),
        ]
    }
    /// Beside a line from one point to another.
    pub(super) fn beside(&self, from: [f32; 2], to: [f32; 2]) -> Vec<Spot> {
        let mut spots = Vec::new();
        let mut add = |x, y, anchor| spots.push(Spot { at: [x, y], anchor });
        for part in [0.5_f32, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82] {
            let [x, y] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
            if self.frame.is_narrow {
                // Most lines lie flat there.
                add(x, y - 6.0, Anchor::Middle);
                // Above the dot from which it sets out, too.
                add(x, y - 9.5, Anchor::Middle);
                add(x, y + 15.0, Anchor::Middle);
            } else {
                add(x + 10.0, y + 4.0, Anchor::Start);
                add(x - 10.0, y + 4.0, Anchor::End);
            }
        }
        if self.frame.is_narrow {
            // Before it begins, after its end, and above and below from there on.
            let (back, on) = if to[0] < from[0] { (1.0, -1.0) } else { (-1.0, 1.0) };
            for ([x, y], way) in [(from, back), (to, on)] {
                let anchor = if way > 0.0 { Anchor::Start } else { Anchor::End };
                add(x + 9.0 * way, y + 4.2, anchor);
                for y in [y - 9.5, y + 15.0] {
                    add(x, y, Anchor::Start);
                    add(x, y, Anchor::End);
                }
            }
        }
        spots
    }
    /// Above a point: in its middle, after it, before it.
    pub(super) fn above(&self, [x, y]: [f32; 2]) -> [Spot; 3] {
        [(0.0, Anchor::Middle), (-6.0, Anchor::Start), (6.0, Anchor::End)]
            .map(|(dx, anchor)| Spot { at: [x + dx, y - 9.0], anchor })
    }
    /// Beside a bar along the time where that runs downwards, at its left and at its right; else around where it begins.
    pub(super) fn beside_bar(&self, along: [f32; 2], across: f32, far: f32) -> Vec<Spot> {
        let mut spots = Vec::new();
        if self.frame.is_narrow {
            for part in [0.5, 0.3, 0.7, 0.15, 0.85, 0.05, 0.95] {
                let [x, y] = self.frame.point(along[0] + (along[1] - along[0]) * part, across);
                spots.push(Spot { at: [x + far + 4.0, y + 4.2], anchor: Anchor::Start });
                spots.push(Spot { at: [x - far - 4.0, y + 4.2], anchor: Anchor::End });
            }
        }
        spots.extend(self.around(along[0], across, far));
        spots
    }
}
