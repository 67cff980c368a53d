//! One object twice: the later one changes what the earlier one made.

use super::{Check, Rule};
use crate::api::subject::Findings;
use crate::api::world::World;
use crate::manifest::{Diagnostic, LineIndex, Node, Severity};
use crate::msg;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

fn check(world: &World, findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    let mut lines = BTreeMap::new();
    for subject in world.subjects.iter().filter(|subject| subject.readable) {
        let (Some(kind), Some(name)) = (subject.kind, subject.get(&["metadata", "name"])) else { continue };
        if subject.name().is_empty() {
            continue;
        }
        let key = (kind, subject.namespace(), subject.name());
        let Some(first) = seen.insert(key, subject) else { continue };
        let line = match first.place.file == subject.place.file {
            true => first.get(&["metadata", "name"]).map_or(0, |node: &Node| {
                let index = lines.entry(first.place.file).or_insert_with(|| LineIndex::new(first.text));
                index.position(first.text, node.span.start as usize).0
            }),
            false => 0,
        };
        let mut diagnostic = Diagnostic::new(msg!("same-object-twice"), Severity::Warning, name.span)
            .arg("kind", &subject.kind_name)
            .arg("name", subject.name())
            .consequence(msg!("later-replaces-earlier"));
        if line > 0 {
            diagnostic.code = msg!("same-object-twice-in-file");
            diagnostic = diagnostic.arg("line", line);
        }
        findings.report(subject.place, diagnostic);
    }
}
