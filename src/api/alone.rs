//! The rules that look at one object: at all of it, and at every mapping and field with its place in the structure.

use super::path::{Path, Step};
use super::rules;
use super::subject::{Block, Findings, Place, Subject};
use crate::manifest::{Node, NodeKind, Span};
use crate::schema::{Definition, Type};

/// The rules that look at one object.
pub(super) fn alone(subject: &Subject, findings: &mut Findings) {
    Walk { subject, findings, path: Path::default() }.block(subject.definition, &subject.root, None);
    for check in &rules::sorted().objects {
        check(subject, findings);
    }
}

/// The walk through an object along its structure, for rules that look at every field.
struct Walk<'a, 'b> {
    subject: &'a Subject<'a>,
    findings: &'b mut Findings,
    path: Path,
}

impl Walk<'_, '_> {
    fn block(&mut self, definition: &'static Definition, node: &Node, key: Option<Span>) {
        let block = Block { path: &self.path, definition, node, key };
        for check in &rules::sorted().blocks {
            check(self.subject, &block, self.findings);
        }
        for entry in node.entries() {
            // The server takes no status from outside, and looks at none.
            if self.path.is_root() && &*entry.key == "status" {
                continue;
            }
            let Some(field) = definition.field(&entry.key) else { continue };
            self.path.push(Step::Field(definition, entry.key.clone()));
            let place = Place { path: &self.path, owner: definition, field, node: &entry.value };
            for check in &rules::sorted().fields {
                check(self.subject, &place, self.findings);
            }
            self.inside(&field.ty, &entry.value, entry.key_span);
            self.path.pop();
        }
    }

    fn inside(&mut self, ty: &'static Type, node: &Node, key: Span) {
        match (ty, &node.kind) {
            (Type::Object(definition), NodeKind::Mapping(_)) => self.block(definition.get(), node, Some(key)),
            (Type::Array(inner), NodeKind::Sequence(items)) if inner.definition().is_some() => {
                for (i, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(i));
                    let first = item.entries().first().map_or(key, |entry| entry.key_span);
                    self.inside(inner, item, first);
                    self.path.pop();
                }
            }
            (Type::Map(inner), NodeKind::Mapping(entries)) if inner.definition().is_some() => {
                for entry in entries {
                    self.path.push(Step::Key(entry.key.clone()));
                    self.inside(inner, &entry.value, entry.key_span);
                    self.path.pop();
                }
            }
            _ => {}
        }
    }
}
