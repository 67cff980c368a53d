//! Where the cluster differs from the files: the text still says what it said, whatever commands have changed.

use crate::api::ObjectKey;
use crate::api::read::Read;
use crate::manifest::{Node, NodeKind, Span};
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
    /// What the cluster has.
    pub live: String,
    /// Where the file says it.
    pub span: Span,
}

/// The drift of a file's objects at a time. Only what the file says is compared: what the cluster has filled in
/// is no drift. Objects that are not there are none either.
pub fn drift(read: &Read, namespace: &str, view: &View) -> Vec<Drift> {
    let mut out = Vec::new();
    for document in &read.documents {
        let Some(object) = &document.object else { continue };
        let mut key = object.key();
        if key.namespace.is_empty() {
            key = ObjectKey::new(key.kind, namespace, key.name);
        }
        let Some(live) = view.object(&key) else { continue };
        let live = live.encode();
        for part in ["spec", "data", "metadata"] {
            let said = document.node.get(part);
            if let (Some(said), Some(live)) = (said, live.get(part)) {
                compare(said, live, part, &key, &mut out);
            }
        }
    }
    out
}

fn compare(said: &Node, live: &Value, path: &str, key: &ObjectKey, out: &mut Vec<Drift>) {
    match (&said.kind, live) {
        (NodeKind::Mapping(entries), Value::Object(map)) => {
            for entry in entries {
                if let Some(live) = map.get(&entry.key) {
                    compare(&entry.value, live, &format!("{path}.{}", entry.key), key, out);
                }
            }
        }
        (NodeKind::Sequence(items), Value::Array(live)) => {
            for (place, item) in items.iter().enumerate() {
                // Items with a name are found by it, wherever they stand.
                let name = item.get("name").and_then(Node::as_str);
                let named =
                    |value: &&Value| name.is_some() && value.get("name").and_then(Value::as_str) == name;
                if let Some(live) = live.iter().find(named).or_else(|| live.get(place)) {
                    compare(
                        item,
                        live,
                        &format!("{path}[{}]", name.map_or_else(|| place.to_string(), Into::into)),
                        key,
                        out,
                    );
                }
            }
        }
        (NodeKind::Null | NodeKind::Mapping(_) | NodeKind::Sequence(_), _) => {}
        (_, live) => {
            let said_value = crate::api::node_to_value(said);
            let (file, live) = (plain(&said_value), plain(live));
            // An amount may be written in several ways; the server keeps one of them.
            let same_amount = || {
                use crate::api::quantity::Quantity;
                matches!((Quantity::parse(&file), Quantity::parse(&live)), (Ok(a), Ok(b)) if a == b)
            };
            if file != live && !same_amount() {
                out.push(Drift { key: key.clone(), path: path.to_owned(), file, live, span: said.span });
            }
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => json::compact(other),
    }
}
