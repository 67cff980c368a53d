//! What the containers of a Pod do together: what was executed in them, or a request that one can send to another.

use super::super::Stage;
use super::exchange;
use super::inside::{Inside, Sort, Whose};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width, wrap};
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use crate::value::Str;

/// From a line to the next.
const SAID: f32 = 21.0;
/// Between a command and what comes of it.
const GAP: f32 = 16.0;

/// A command that two containers make possible, and what comes of it.
pub(super) struct Said {
    command: String,
    comes: String,
    role: Role,
    /// Whether somebody has had it executed.
    pub(super) is_executed: bool,
}

impl Said {
    /// What comes of it in lines below the command, where it is a sentence that has no room beside it.
    fn below(&self, room: f32) -> Vec<Str> {
        let command = width(&self.command, Type::CodeStrong.font());
        if self.is_executed || command + GAP + width(&self.comes, Type::Body.font()) <= room {
            return Vec::new();
        }
        wrap(&self.comes, Type::Body.font(), room)
    }
}

/// What was executed in the Pod's containers, or else what could be.
pub(super) fn together(stage: &Stage, inside: &Inside) -> Vec<Said> {
    let executed = exchange::executed(stage, inside).into_iter().map(|executed| Said {
        command: executed.line,
        comes: executed.printed,
        role: Role::TextHue(if executed.has_failed { Hue::Failed } else { Hue::Running }),
        is_executed: true,
    });
    let executed: Vec<Said> = executed.collect();
    if !executed.is_empty() {
        return executed;
    }
    let said = |(command, comes)| Said { command, comes, role: Role::Text, is_executed: false };
    localhost(stage, inside).map(said).into_iter().collect()
}

/// The height of all of that where it has so much room.
pub(super) fn height(said: &[Said], room: f32) -> f32 {
    said.iter().map(|said| (1 + said.below(room).len()) as f32 * SAID).sum()
}

/// Draws it below something.
pub(super) fn draw(said: &[Said], [left, right]: [f32; 2], top: f32, shapes: &mut Vec<Shape>) {
    let mut base = top + 23.0;
    for (number, said) in said.iter().enumerate() {
        let key = |part: &str| format!("together/{number}/{part}");
        let font = if said.is_executed { Type::CodeSmall } else { Type::CodeStrong };
        let body = if said.is_executed { Type::Strong } else { Type::Body };
        let below = said.below(right - left);
        // What comes of it matters more than all of the command.
        let needed = width(&said.comes, Type::Strong.font()).min((right - left) * 0.5);
        let beside = if below.is_empty() { needed + GAP } else { 0.0 };
        let command = ellipsize_middle(&said.command, font.font(), right - left - beside);
        let after = left + width(&command, font.font()) + GAP;
        shapes.push(Shape::text(key("command"), Role::TextMuted, font, left, base, command));
        if below.is_empty() && !said.comes.is_empty() {
            let comes = ellipsize(&said.comes, body.font(), right - after);
            shapes.push(Shape::text(key("comes"), said.role, body, after, base, comes));
        }
        for (nth, line) in below.into_iter().enumerate() {
            base += SAID;
            shapes.push(Shape::text(key(&format!("comes/{nth}")), said.role, body, left, base, line));
        }
        base += SAID;
    }
}

/// One container listens, and another runs beside it.
fn localhost(stage: &Stage, inside: &Inside) -> Option<(String, String)> {
    let running = inside.containers.iter().filter(|part| part.namespaces().is_some());
    let net = inside.held().map(|row| row.namespaces.net)?;
    let port = inside.containers.iter().find_map(|part| {
        let (_, row) = part.row.filter(|_| part.namespaces().is_some())?;
        row.listens.first().copied()
    })?;
    if running.count() < 2 || inside.whose(Sort::Net) == Whose::Host {
        return None;
    }
    let number = Arg::Text(net.0.to_string().into());
    Some((format!("$ curl localhost:{port}"), stage.say(msg!("scene.same-network"), &[("number", number)])))
}
