//! What hands do on the stage: dragging, pinching, swiping, turning the wheel, and plain clicks.

use gloo::events::{EventListener, EventListenerOptions};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent, WheelEvent};
use yew::{Callback, NodeRef, hook, use_effect_with, use_mut_ref};

/// A pointer that moved less than this has only clicked, in pixels of the screen.
const STILL: f32 = 5.0;
/// A finger that goes this far sideways within this time has swiped, in pixels of the screen and milliseconds.
const SWIPE: f32 = 56.0;
const SWIPE_WITHIN: f64 = 800.0;
/// How much a notch of the wheel enlarges.
const PER_PIXEL: f32 = 0.0015;

/// What a hand did. Places are in pixels of the element, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gesture {
    /// Moved by this.
    Drag([f32; 2]),
    /// Larger by a factor around a place.
    Zoom(f32, [f32; 2]),
    /// The wheel was turned by so many pixels, or by a factor around a place: the first moves what goes on past its room, the second
    /// enlarges what does not.
    Wheel([f32; 2], f32, [f32; 2]),
    /// A finger swiped sideways; true where it went to the left, to what comes next.
    Swipe(bool),
}

/// The pointers that are down.
#[derive(Default)]
struct Hands {
    down: Vec<(i32, [f32; 2])>,
    /// How far the first one has moved in all.
    travelled: f32,
    /// When and where the only finger came down; none where there are several.
    began: Option<(f64, [f32; 2])>,
}

/// Listens on an element. Gives whether the pointer that was let go last had moved: then its click is none.
#[hook]
pub(super) fn use_gestures(node: &NodeRef, told: Callback<Gesture>) -> Rc<RefCell<bool>> {
    let moved = use_mut_ref(|| false);
    // What is told may change between two moves of one finger.
    let hands = use_mut_ref(Hands::default);
    {
        let (node, moved) = (node.clone(), moved.clone());
        use_effect_with(told, move |told| {
            let listeners = node.cast::<Element>().map(|element| listen(&element, told, &hands, &moved));
            move || drop(listeners)
        });
    }
    moved
}

fn listen(
    element: &Element,
    told: &Callback<Gesture>,
    hands: &Rc<RefCell<Hands>>,
    moved: &Rc<RefCell<bool>>,
) -> Vec<EventListener> {
    let place = |element: &Element, x: i32, y: i32| {
        let area = element.get_bounding_client_rect();
        [x as f32 - area.left() as f32, y as f32 - area.top() as f32]
    };
    let down = {
        let (element, hands, moved) = (element.clone(), hands.clone(), moved.clone());
        move |event: &web_sys::Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>().filter(|event| event.button() == 0) else {
                return;
            };
            let mut hands = hands.borrow_mut();
            if hands.down.is_empty() {
                hands.travelled = 0.0;
                *moved.borrow_mut() = false;
            }
            let at = place(&element, event.client_x(), event.client_y());
            hands.began =
                (hands.down.is_empty() && event.pointer_type() == "touch").then(|| (event.time_stamp(), at));
            hands.down.push((event.pointer_id(), at));
        }
    };
    let motion = {
        let (element, hands, moved, told) = (element.clone(), hands.clone(), moved.clone(), told.clone());
        move |event: &web_sys::Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let to = place(&element, event.client_x(), event.client_y());
            let gesture = hands.borrow_mut().moved(event.pointer_id(), to);
            let Some(gesture) = gesture else { return };
            if !*moved.borrow() {
                *moved.borrow_mut() = true;
                // From here on the pointer is ours, so that it may leave the stage; a click stays a click.
                _ = element.set_pointer_capture(event.pointer_id());
            }
            told.emit(gesture);
        }
    };
    let up = {
        let (element, hands, told) = (element.clone(), hands.clone(), told.clone());
        move |event: &web_sys::Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let mut hands = hands.borrow_mut();
            hands.down.retain(|(id, _)| *id != event.pointer_id());
            let at = place(&element, event.client_x(), event.client_y());
            let began = hands.began.take().filter(|_| event.type_() == "pointerup");
            let swiped = began.and_then(|(since, from)| swiped(from, at, event.time_stamp() - since));
            drop(hands);
            if let Some(to_next) = swiped {
                told.emit(Gesture::Swipe(to_next));
            }
        }
    };
    let wheel = {
        let (element, told) = (element.clone(), told.clone());
        move |event: &web_sys::Event| {
            let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
            event.prevent_default();
            let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 24.0 } else { 1.0 };
            // A pinch on a touch pad comes as small steps with Ctrl.
            let is_pinch = event.ctrl_key() || event.meta_key();
            let faster = if is_pinch { 6.0 } else { 1.0 };
            let turned = [event.delta_x(), event.delta_y()].map(|by| by as f32 * lines);
            let by = 1.0 + (-turned[1] * faster * PER_PIXEL).clamp(-0.5, 0.5);
            let at = place(&element, event.client_x(), event.client_y());
            told.emit(if is_pinch { Gesture::Zoom(by, at) } else { Gesture::Wheel(turned, by, at) });
        }
    };
    let active = EventListenerOptions::enable_prevent_default();
    vec![
        EventListener::new(element, "pointerdown", down),
        EventListener::new(element, "pointermove", motion),
        EventListener::new(element, "pointerup", up.clone()),
        EventListener::new(element, "pointercancel", up),
        EventListener::new_with_options(element, "wheel", active, wheel),
    ]
}

/// Whether a finger has swiped on its way, and then whether to the left.
fn swiped(from: [f32; 2], to: [f32; 2], within: f64) -> Option<bool> {
    let [x, y] = [to[0] - from[0], to[1] - from[1]];
    (within <= SWIPE_WITHIN && x.abs() >= SWIPE && x.abs() > 2.0 * y.abs()).then_some(x < 0.0)
}

impl Hands {
    /// A pointer is at another place.
    fn moved(&mut self, id: i32, to: [f32; 2]) -> Option<Gesture> {
        let place = self.down.iter().position(|(other, _)| *other == id)?;
        let from = std::mem::replace(&mut self.down[place].1, to);
        let by = [to[0] - from[0], to[1] - from[1]];
        self.travelled += by[0].hypot(by[1]);
        match self.down.as_slice() {
            [_] if self.travelled < STILL => None,
            [_] => Some(Gesture::Drag(by)),
            [_, _] => {
                let other = self.down[1 - place].1;
                let apart = |at: [f32; 2]| (at[0] - other[0]).hypot(at[1] - other[1]).max(1.0);
                let middle = [(to[0] + other[0]) / 2.0, (to[1] + other[1]) / 2.0];
                Some(Gesture::Zoom(apart(to) / apart(from), middle))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_that_hardly_moves_has_clicked() {
        let mut hands = Hands { down: vec![(1, [10.0, 10.0])], travelled: 0.0, began: None };
        assert_eq!(hands.moved(1, [12.0, 10.0]), None);
        assert_eq!(hands.moved(2, [50.0, 10.0]), None, "it is not down");
        assert_eq!(hands.moved(1, [20.0, 10.0]), Some(Gesture::Drag([8.0, 0.0])));
    }

    #[test]
    fn a_swipe_is_quick_and_goes_sideways() {
        for (to, within, expected) in [
            ([100.0, 210.0], 200.0, Some(true)),
            ([300.0, 190.0], 200.0, Some(false)),
            ([100.0, 210.0], 900.0, None),
            ([100.0, 280.0], 200.0, None),
            ([180.0, 200.0], 200.0, None),
        ] {
            assert_eq!(swiped([200.0, 200.0], to, within), expected, "{to:?} in {within}");
        }
    }

    #[test]
    fn two_fingers_that_part_enlarge() {
        let mut hands =
            Hands { down: vec![(1, [100.0, 0.0]), (2, [200.0, 0.0])], travelled: 0.0, began: None };
        assert_eq!(hands.moved(2, [300.0, 0.0]), Some(Gesture::Zoom(2.0, [200.0, 0.0])));
        assert_eq!(hands.moved(1, [200.0, 0.0]), Some(Gesture::Zoom(0.5, [250.0, 0.0])));
    }
}
