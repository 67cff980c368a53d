//! A path for the eye where a scene comes to be shown larger or smaller than before: what is seen of it glides there.

use crate::app::now::now;
use gloo::render::{AnimationFrame, request_animation_frame};
use std::cell::RefCell;
use std::rc::Rc;
use yew::{hook, use_effect, use_force_update, use_mut_ref};

/// How long that takes, in milliseconds: as the shapes of the scene do.
const LASTS: f64 = 360.0;

/// What is seen of a scene: left, top, width and height.
type Seen = [f32; 4];

#[derive(Default)]
struct Glide {
    /// What was seen last, and of which scene in which room.
    last: Option<(Seen, Of)>,
    /// From what it glides, and since when.
    under_way: Option<(Seen, f64)>,
    frame: Option<AnimationFrame>,
}

/// What is seen of what: only in one room and one view there is a way from one to the other.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Of {
    /// The width of the scene.
    pub(super) scene: f32,
    /// The size of the room, in pixels.
    pub(super) room: [f32; 2],
    pub(super) view: &'static str,
    /// How often the camera went after what is told.
    pub(super) followed: u32,
}

/// What is to be seen now on the way to `seen`. Where a hand moves the playhead or the camera, or somebody wants no motion, it is
/// there at once.
#[hook]
pub(super) fn use_glide(seen: Seen, of: Of, is_still: bool) -> Seen {
    let glide: Rc<RefCell<Glide>> = use_mut_ref(Glide::default);
    let update = use_force_update();
    let shown = {
        let mut glide = glide.borrow_mut();
        if let Some((last, last_of)) = glide.last
            && (last_of.scene, last_of.followed) != (of.scene, of.followed)
        {
            let is_way = last_of.room == of.room && last_of.view == of.view && !is_still && !wants_rest();
            glide.under_way = is_way.then(|| (last, now()));
        }
        let part = glide.under_way.map(|(from, since)| (from, ((now() - since) / LASTS) as f32));
        let shown = match part.filter(|(_, part)| *part < 1.0 && !is_still) {
            Some((from, part)) => between(from, seen, part),
            None => {
                glide.under_way = None;
                seen
            }
        };
        glide.last = Some((shown, of));
        shown
    };
    use_effect(move || {
        let mut glide = glide.borrow_mut();
        glide.frame = glide.under_way.map(|_| request_animation_frame(move |_| update.force_update()));
    });
    shown
}

/// A part of the way, quick at first.
fn between(from: Seen, to: Seen, part: f32) -> Seen {
    let left = 1.0 - part.clamp(0.0, 1.0);
    let rest = left * left * left;
    [0, 1, 2, 3].map(|side| to[side] + (from[side] - to[side]) * rest)
}

/// Whether somebody has asked for less motion.
fn wants_rest() -> bool {
    let query = gloo::utils::window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_where_it_was_and_ends_where_it_is_to_be() {
        let (from, to) = ([0.0, 0.0, 800.0, 400.0], [10.0, 20.0, 1000.0, 500.0]);
        assert_eq!(between(from, to, 0.0), from);
        assert_eq!(between(from, to, 1.0), to);
        let half = between(from, to, 0.5)[2];
        assert!(half > 900.0 && half < 1000.0, "{half}");
    }
}
