//! The life of a Pod: its phases as a machine of states, and below it, over time, all that it says of itself. Phase and
//! kubectl's STATUS stand side by side, because they are often taken for the same.
//!
//! `lived` says what the Pod has been through, `machine` draws the phases, `bands` what stands below them, `empty` both where
//! there is no Pod.

mod bands;
mod empty;
mod lived;
mod machine;

#[cfg(test)]
mod tests;

use super::Stage;
use crate::msg;
use crate::scene::measure::{ellipsize_middle, pod_name, width};
use crate::scene::role::Role;
use crate::scene::shape::{Scene, Shape, Target};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;
use lived::{Lived, pods};

/// Around everything.
const MARGIN: f32 = 24.0;
const MARGIN_NARROW: f32 = 14.0;

/// Room for how many more Pods there are.
const MORE: f32 = 34.0;

/// Draws it. Where there was no Pod yet, the phases of none.
pub(super) fn draw(stage: &Stage) -> Scene {
    let [wide, high] = stage.size;
    let margin = if stage.is_narrow() { MARGIN_NARROW } else { MARGIN };
    let room = wide - 2.0 * margin;
    let mut shapes = Vec::new();
    let Some(lived) = Lived::new(stage) else {
        let y = empty::draw(stage, margin, room, &mut shapes);
        return Scene { width: wide, height: high.max(y + bands::BELOW), shapes };
    };
    let mut y = header(stage, &lived, margin, room, &mut shapes);
    y += machine::draw(stage, Some(&lived), [margin, y], room, &mut shapes);
    let apart = if stage.is_narrow() { 9.0 } else { 14.0 };
    y += apart;
    shapes.push(Shape::line("divider", Role::Divider, [margin, y], [margin + room, y]));
    y += apart;
    y += bands::draw(stage, &lived, [margin, y], room, &mut shapes);
    if stage.is_narrow() {
        y += machine::below(stage, Some(&lived), [margin, y], room, &mut shapes);
    }
    Scene { width: wide, height: high.max(y + bands::BELOW), shapes }
}

/// Whose life it is, and the other Pods to go to.
fn header(stage: &Stage, lived: &Lived, left: f32, room: f32, shapes: &mut Vec<Shape>) -> f32 {
    let eyebrow = stage.say(msg!("scene.pod"), &[]);
    let after = width(&eyebrow, Type::Eyebrow.font()) + 9.0;
    let font = Type::NameLarge;
    let gone = lived.gone.filter(|_| lived.is_gone(stage));
    let gone = gone.map(|at| stage.say(msg!("scene.life-gone"), &[("time", at.clock().as_str().into())]));
    let gone_wide = gone.as_ref().map_or(0.0, |said| width(said, Type::Label.font()) + 12.0);
    let name = ellipsize_middle(&lived.key.name, font.font(), room - after - gone_wide);
    let name_end = after + width(&name, font.font());
    let end = name_end + gone_wide + 26.0;
    let mut children = vec![
        Shape::text("title/eyebrow", Role::TextHue(Hue::Pod), Type::Eyebrow, 0.0, 0.0, eyebrow),
        Shape::text("title/name", Role::Text, font, after, 1.0, name),
    ];
    let said = |said| Shape::text("title/gone", Role::TextMuted, Type::Label, name_end + 12.0, 0.0, said);
    children.extend(gone.map(said));
    let group = Shape::group("title", left, 36.0, children);
    shapes.push(group.opening(Target::Object(lived.key.clone()), format!("Pod {}", lived.key.name)));
    if stage.is_narrow() {
        return 50.0;
    }
    let mut x = left + end;
    let others: Vec<_> = pods(stage.view).into_iter().filter(|key| *key != lived.key).collect();
    let count = others.len();
    for (place, key) in others.into_iter().enumerate() {
        let name = pod_name(&key.name, Type::CodeSmall.font(), 150.0);
        let wide = width(&name, Type::CodeSmall.font()) + 22.0;
        let more = if place + 1 == count { 0.0 } else { MORE };
        if x + wide + more > left + room {
            let (text, y) = (format!("+{}", count - place), 35.2);
            shapes.push(Shape::text("other/more", Role::TextMuted, Type::Label, x + 4.0, y, text));
            break;
        }
        let part = |part: &str| format!("other/{}/{}/{part}", key.namespace, key.name);
        let children = vec![
            Shape::rect(part("frame"), Role::CardFrameQuiet, [0.0, 0.0, wide, 26.0], radius::CHIP),
            Shape::text(part("name"), Role::TextMuted, Type::CodeSmall, 11.0, 17.2, name),
        ];
        let group = Shape::group(part("group"), x, 18.0, children);
        let spoken = format!("Pod {}", key.name);
        shapes.push(group.opening(Target::Object(key), spoken));
        x += wide + 8.0;
    }
    64.0
}
