//! A place in an object: what stands there, in which field, of which type.

use crate::manifest::{Entry, Node, NodeKind};
use crate::schema::{Definition, Field, Schema, Type};
use std::fmt::Write as _;

/// What a value is to be, as far as the structure tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// An object of this structure.
    Definition(&'static Definition),
    /// A value of this type.
    Type(&'static Type),
    /// Nobody knows.
    Unknown,
}

impl Shape {
    /// The structure of an object.
    pub(super) fn definition(self) -> Option<&'static Definition> {
        match self {
            Shape::Definition(definition) => Some(definition),
            Shape::Type(Type::Object(reference)) => Some(reference.get()),
            Shape::Type(_) | Shape::Unknown => None,
        }
    }

    /// What a field of an object, or a value of a map, is to be.
    pub(super) fn under(self, key: &str) -> (Shape, Option<&'static Field>) {
        if let Some(definition) = self.definition() {
            let field = definition.field(key);
            return (field.map_or(Shape::Unknown, |field| Shape::Type(&field.ty)), field);
        }
        match self {
            Shape::Type(Type::Map(inner)) => (Shape::Type(inner), None),
            _ => (Shape::Unknown, None),
        }
    }

    /// What an item of a list is to be.
    pub(super) fn item(self) -> Shape {
        match self {
            Shape::Type(Type::Array(inner)) => Shape::Type(inner),
            _ => Shape::Unknown,
        }
    }
}

/// The structure of an object by its first two lines; of a version that there is not, that of the best version.
pub(super) fn definition_of(root: &Node) -> Option<&'static Definition> {
    let kind = root.get("kind").and_then(Node::as_str)?;
    let version = root.get("apiVersion").and_then(Node::as_str).unwrap_or("");
    Schema::lookup(version, kind)
        .or_else(|| Schema::kinds_named(kind).next().map(|found| found.definition.get()))
}

/// What an object is to be.
pub(super) fn shape_of(root: &Node) -> Shape {
    definition_of(root).map_or(Shape::Unknown, Shape::Definition)
}

/// A place in an object.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    /// The way to it, as people write it: `spec.containers[].image`.
    pub(super) path: String,
    /// The object, and what in it holds the place, from outside.
    pub(super) around: Vec<&'a Node>,
    /// The innermost entry.
    pub(super) entry: Option<&'a Entry>,
    /// Whether it is the key that stands there, and not the value.
    pub(super) on_key: bool,
    /// What the innermost mapping or list is to be.
    pub(super) outer: Shape,
    /// What the value is to be.
    pub(super) shape: Shape,
    /// The nearest field of a definition on the way, with the definition.
    pub(super) field: Option<(&'static Definition, &'static Field)>,
}

impl<'a> Place<'a> {
    /// The object.
    pub(super) fn object(&self) -> Option<&'a Node> {
        self.around.first().copied()
    }

    /// The innermost mapping or list.
    pub(super) fn holder(&self) -> Option<&'a Node> {
        self.around.last().copied()
    }
}

/// What stands at a byte of a document; none where nothing does.
pub(super) fn place(root: &Node, at: usize) -> Option<Place<'_>> {
    let mut found = Place {
        path: String::new(),
        around: Vec::new(),
        entry: None,
        on_key: false,
        outer: Shape::Unknown,
        shape: shape_of(root),
        field: None,
    };
    let mut node = root;
    loop {
        match &node.kind {
            NodeKind::Mapping(entries) => {
                let holds = |entry: &&Entry| {
                    let (key, value) = (entry.key_span, entry.value.span);
                    let on_key = key.start as usize <= at && at <= key.end as usize;
                    // What came through an alias stands elsewhere.
                    on_key || value.start >= key.end && value.start as usize <= at && at <= value.end as usize
                };
                let entry = entries.iter().find(holds)?;
                found.around.push(node);
                found.entry = Some(entry);
                found.outer = found.shape;
                let (shape, field) = found.shape.under(&entry.key);
                if let (Some(owner), Some(field)) = (found.shape.definition(), field) {
                    found.field = Some((owner, field));
                } else if found.shape.definition().is_some() || matches!(found.shape, Shape::Unknown) {
                    found.field = None;
                }
                found.shape = shape;
                let dot = if found.path.is_empty() { "" } else { "." };
                _ = write!(found.path, "{dot}{}", entry.key);
                found.on_key = at <= entry.key_span.end as usize;
                if found.on_key {
                    return Some(found);
                }
                node = &entry.value;
            }
            NodeKind::Sequence(items) => {
                let holds = |item: &&Node| {
                    item.span.start as usize <= at && at <= item.span.end as usize && !item.span.is_empty()
                };
                let item = items.iter().find(holds)?;
                let is_list = found.around.len() == 1
                    && &*found.path == "items"
                    && root.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
                if is_list {
                    // The items of a list are objects of their own.
                    return place(item, at);
                }
                found.around.push(node);
                found.outer = found.shape;
                found.shape = found.shape.item();
                found.path.push_str("[]");
                node = item;
            }
            _ => return Some(found),
        }
    }
}
