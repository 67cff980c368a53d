//! Where the cluster differs from the files: the text still says what it said, whatever commands have changed.

use crate::api::quantity::Quantity;
use crate::api::read::{Read, ReadDocument};
use crate::api::{ObjectKey, node_to_value};
use crate::manifest::{Node, NodeKind, Span};
use crate::schema::{Field, Schema, Type};
use crate::timeline::View;
use crate::value::{Value, json};

/// A field that has another value in the cluster than in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The object.
    pub key: ObjectKey,
    /// Where in it, as `spec.replicas`.
    pub path: String,
    /// What the file says.
    pub file: String,
    /// What the cluster has; empty where it lacks the field.
    pub live: String,
    /// Where the file says it.
    pub span: Span,
}

/// The drift of a file's objects at a time. Only what the file says is compared: what the cluster has filled in
/// is no drift. Objects that are not there are none either.
pub fn drift(read: &Read, namespace: &str, view: &View) -> Vec<Drift> {
    let mut out = Vec::new();
    for (document, key) in compared(read, namespace) {
        let Some(live) = view.object(&key) else { continue };
        let live = live.encode();
        let word = |key: &str| live.get(key).and_then(Value::as_str).unwrap_or_default();
        let definition = Schema::lookup(word("apiVersion"), word("kind"));
        for part in COMPARED {
            if let (Some(said), Some(live)) = (document.node.get(part), live.get(part)) {
                let field = definition.and_then(|definition| definition.field(part));
                let at = At { path: (*part).to_owned(), ty: field.map(|field| &field.ty), field };
                compare(said, live, at, &key, &mut out);
            }
        }
    }
    out
}

/// The objects of a file that are compared, each with what it is called in the cluster.
pub fn compared<'a>(
    read: &'a Read,
    namespace: &'a str,
) -> impl Iterator<Item = (&'a ReadDocument, ObjectKey)> {
    read.documents.iter().filter_map(move |document| {
        let mut key = document.object.as_ref()?.key();
        if key.namespace.is_empty() {
            key = ObjectKey::new(key.kind, namespace, key.name);
        }
        Some((document, key))
    })
}

/// What a file says that stays as it says it: not what names the object, nor what others write.
const COMPARED: &[&str] = &["spec", "data", "metadata"];

/// A place in an object, and what is known of it.
struct At {
    path: String,
    ty: Option<&'static Type>,
    field: Option<&'static Field>,
}

fn compare(said: &Node, live: &Value, at: At, key: &ObjectKey, out: &mut Vec<Drift>) {
    match (&said.kind, live) {
        (NodeKind::Mapping(entries), Value::Object(map)) => {
            for entry in entries {
                let (ty, field) = match at.ty {
                    Some(Type::Object(reference)) => {
                        let field = reference.get().field(&entry.key);
                        (field.map(|field| &field.ty), field)
                    }
                    Some(Type::Map(values)) => (Some(&**values), None),
                    _ => (None, None),
                };
                let path = format!("{}.{}", at.path, entry.key);
                match map.get(&entry.key) {
                    Some(live) => compare(&entry.value, live, At { path, ty, field }, key, out),
                    None => lacks(&entry.value, path, key, out),
                }
            }
        }
        (NodeKind::Sequence(items), Value::Array(live)) => {
            let ty = match at.ty {
                Some(Type::Array(items)) => Some(&**items),
                _ => None,
            };
            let merge_key = at
                .field
                .and_then(|field| field.patch_merge_key.or_else(|| field.list_map_keys.first().copied()));
            for (place, item) in items.iter().enumerate() {
                // Where items are told apart by a field, they are found by it, wherever they stand.
                let name =
                    merge_key.and_then(|merge_key| Some((merge_key, node_to_value(item.get(merge_key)?))));
                let same = match &name {
                    Some((merge_key, name)) => live.iter().find(|live| live.get(merge_key) == Some(name)),
                    None => live.get(place),
                };
                let name = name.map_or_else(|| place.to_string(), |(_, name)| plain(&name));
                let path = format!("{}[{name}]", at.path);
                match same {
                    Some(live) => compare(item, live, At { path, ty, field: None }, key, out),
                    None => lacks(item, path, key, out),
                }
            }
        }
        (NodeKind::Null, _) => {}
        (_, live) => {
            let said_value = node_to_value(said);
            let (file, live) = (plain(&said_value), plain(live));
            // An amount may be written in several ways; the server keeps one of them.
            let same_amount = || {
                matches!(at.ty, Some(Type::Quantity))
                    && matches!((Quantity::parse(&file), Quantity::parse(&live)), (Ok(a), Ok(b)) if a == b)
            };
            if file != live && !same_amount() {
                out.push(Drift { key: key.clone(), path: at.path, file, live, span: said.span });
            }
        }
    }
}

/// The cluster lacks what the file says, unless it says nothing.
fn lacks(said: &Node, path: String, key: &ObjectKey, out: &mut Vec<Drift>) {
    let is_nothing = match &said.kind {
        NodeKind::Null => true,
        NodeKind::Mapping(entries) => entries.is_empty(),
        NodeKind::Sequence(items) => items.is_empty(),
        _ => false,
    };
    if !is_nothing {
        let file = plain(&node_to_value(said));
        out.push(Drift { key: key.clone(), path, file, live: String::new(), span: said.span });
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => json::compact(other),
    }
}
