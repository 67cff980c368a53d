//! What stands above the lanes: the command that deletes, what is given for it, and what the two colours mean.

use super::super::Stage;
use super::facts::Facts;
use super::frame::{Frame, MARGIN};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width, wrap};
use crate::scene::parts;
use crate::scene::role::Role;
use crate::scene::shape::{Shape, Target};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use crate::value::Str;

/// The baseline of the title.
const TITLE: f32 = 30.0;
/// From one line of it to the next, and how many there are at most.
const LINE: f32 = 20.0;
const MOST_LINES: usize = 2;
/// From one small line of it to the next.
const LINE_SMALL: f32 = 17.0;

/// The command, the Pod and its grace period, what the two colours mean, and what a ring means where a number has one. It has its
/// room either way, so that nothing moves.
pub(super) fn draw(stage: &Stage, facts: &Facts, frame: &Frame, is_ringed: bool) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let [wide, _] = frame.size;
    let y = TITLE;
    let tags = [
        ("branch/a", Hue::BranchA, msg!("scene.branch-kubelet")),
        ("branch/b", Hue::BranchB, msg!("scene.branch-endpoints")),
    ];
    let tags = tags.map(|(key, hue, id)| (key, hue, stage.say(id, &[])));
    let ring = stage.say(msg!("scene.step-now"), &[]);
    let ring_wide = width(&ring, Type::Label.font());
    // The ring around a number.
    let ringed = |x: f32, y: f32| {
        [
            Shape::circle("ring/mark", Role::Ring(Hue::Plain), x + 8.0, y, 7.0),
            Shape::text("ring/text", Role::TextMuted, Type::Label, x + 21.0, y + 4.3, ring.as_str()),
        ]
    };
    let mut x = wide - MARGIN;
    if frame.is_narrow {
        let y = y + 24.0 + more_lines(facts, wide);
        x = MARGIN;
        for (key, hue, text) in &tags {
            let (tag, tag_wide) = parts::tag(key, *hue, [x, y], text);
            shapes.extend(tag);
            x += tag_wide + 8.0;
        }
        shapes.extend(is_ringed.then(|| ringed(x + 2.0, y)).into_iter().flatten());
    } else {
        for (key, hue, text) in tags.iter().rev() {
            x -= width(text, Type::Label.font()) + 20.0;
            shapes.extend(parts::tag(key, *hue, [x, y - 5.0], text).0);
            x -= 10.0;
        }
        x -= 21.0 + ring_wide + 6.0;
        shapes.extend(is_ringed.then(|| ringed(x, y - 5.0)).into_iter().flatten());
        x -= 12.0;
    }
    let name = &facts.pod.name;
    let mut children = Vec::new();
    if frame.is_narrow {
        let (lines, font) = lines_narrow(facts, wide);
        for (nth, line) in lines.into_iter().enumerate() {
            let y = y + LINE * nth as f32;
            children.push(Shape::text(command_key(nth), Role::Text, font, MARGIN, y, line));
        }
    } else {
        let (lines, font) = lines(facts, x - MARGIN - 12.0);
        let longest = lines.iter().map(|line| width(line, font.font())).fold(0.0, f32::max);
        let after = MARGIN + longest + 22.0;
        let top = y - LINE_SMALL / 2.0 * (lines.len() - 1) as f32;
        for (nth, line) in lines.iter().enumerate() {
            let y = top + LINE_SMALL * nth as f32;
            children.push(Shape::text(command_key(nth), Role::Text, font, MARGIN, y, line.clone()));
        }
        let mut said = Vec::new();
        if !lines.iter().any(|line| line.contains(&**name)) {
            said.push(format!("Pod {name}"));
        }
        let seconds = facts.begun.pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
        let is_own = facts.begun.pod.spec.termination_grace_period_seconds == Some(seconds);
        let id = if is_own { msg!("scene.grace") } else { msg!("scene.grace-given") };
        said.push(stage.say(id, &[("seconds", Arg::Number(seconds))]));
        if !frame.folds().is_empty() {
            said.push(stage.say(msg!("scene.folded"), &[]));
        }
        let room = x - after - 12.0;
        // Where there is no room for the field's name, what it says matters more.
        if width(&said.join(" · "), Type::Caption.font()) > room {
            said = vec![stage.say(msg!("deletion.grace-short"), &[("seconds", Arg::Number(seconds))])];
        }
        let said = ellipsize(&said.join(" · "), Type::Caption.font(), room);
        if room > 60.0 {
            children.push(Shape::text("title/grace", Role::TextMuted, Type::Caption, after, y, said));
        }
    }
    let group = Shape::group("title", 0.0, 0.0, children);
    shapes.push(group.opening(Target::Object(facts.pod.clone()), format!("Pod {name}")));
    shapes
}

/// The command, smaller where it is long, or as much of it as has room: words are left out from its end, and the name of the Pod is the last to be cut.
fn title(facts: &Facts, room: f32) -> (Str, Type) {
    let name = &facts.pod.name;
    let fits = |text: &str, font: Type| width(text, font.font()) <= room;
    let Some((line, _)) = facts.begun.command else {
        return (ellipsize_middle(name, Type::NameLarge.font(), room), Type::NameLarge);
    };
    let whole = format!("$ {line}");
    if let Some(font) =
        [Type::NameLarge, Type::Name, Type::NameSmall].into_iter().find(|font| fits(&whole, *font))
    {
        return (whole.into(), font);
    }
    let font = Type::Name;
    // A Pod may be called as a word of the command is: its own name comes last.
    let Some(at) = whole.rfind(&format!(" {name}")).map(|before| before + 1) else {
        return (ellipsize_middle(&whole, font.font(), room), font);
    };
    let ends = whole.rmatch_indices(' ').map(|(end, _)| end).take_while(|end| *end >= at + name.len());
    let part = ends.map(|end| format!("{} …", &whole[..end])).find(|part| fits(part, font));
    (part.map_or_else(|| ellipsize_middle(name, font.font(), room), Str::from), font)
}

/// The command in one line; or in two small ones rather than without its end, since what follows the name is often the point of it.
fn lines(facts: &Facts, room: f32) -> (Vec<Str>, Type) {
    let (title, font) = title(facts, room);
    let whole = facts.begun.command.map(|(line, _)| format!("$ {line}"));
    if let Some(whole) = whole.filter(|whole| *title != **whole) {
        let lines = wrap(&whole, Type::NameSmall.font(), room);
        if lines.len() <= MOST_LINES {
            return (lines, Type::NameSmall);
        }
    }
    (vec![title], font)
}

/// The same on a phone, where a second line is preferred to letters that are small.
fn lines_narrow(facts: &Facts, wide: f32) -> (Vec<Str>, Type) {
    let room = wide - 2.0 * MARGIN;
    if let Some((line, _)) = facts.begun.command {
        for font in [Type::Name, Type::NameSmall] {
            let lines = wrap(&format!("$ {line}"), font.font(), room);
            if lines.len() <= MOST_LINES {
                return (lines, font);
            }
        }
    }
    let (title, font) = title(facts, room);
    (vec![title], if font == Type::NameLarge { Type::Name } else { font })
}

fn command_key(line: usize) -> String {
    if line == 0 { "title/command".to_owned() } else { format!("title/command/{line}") }
}

/// How much higher all of it is on a phone because of the second line.
pub(super) fn more_lines(facts: &Facts, wide: f32) -> f32 {
    LINE * (lines_narrow(facts, wide).0.len() - 1) as f32
}
