//! What may stand at a place of a text that is being written.
//!
//! A text that is being written can rarely be read. So a word of our own is put where the cursor is, which makes the
//! line whole, and the place is where that word is found again.

use super::index::{Index, namespace_of};
use super::names::{named_kind, names_key, names_own_port, names_volume, selects_pods};
use super::place::{Place, Shape, place};
use crate::api::kinds::{Kind, ObjectKey};
use crate::api::layout::{line_start, scalar};
use crate::api::subject::labels;
use crate::manifest::{self, Node, NodeKind, Span};
use crate::schema::{DefaultValue, Definition, Field, Schema, Type};
use crate::value::Str;

/// A word that nobody writes: it is of the letters that Unicode leaves to private use.
const WORD: &str = "\u{E000}\u{E001}";

/// What only the API server writes into an object's metadata.
const SERVERS: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// What may stand at a place.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The word that it replaces.
    pub span: Span,
    /// In the order in which they are best offered.
    pub items: Vec<Item>,
}

/// One thing that may stand there.
#[derive(Clone, Debug)]
pub struct Item {
    /// What is offered.
    pub label: String,
    /// What is put in.
    pub insert: String,
    /// What it holds: the type of a field, the version of a kind.
    pub detail: String,
    /// What it is.
    pub kind: ItemKind,
    /// The field that is offered, with a definition that has it.
    pub field: Option<(&'static Definition, &'static Field)>,
}

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A field that the object needs.
    Required,
    /// Any other field.
    Field,
    /// A value that the field may have.
    Value,
    /// The value that the field has when it is absent.
    Default,
    /// The name of something in the texts or in the cluster.
    Name,
}

/// What may stand at a byte of a text; none where nothing is known. `index` has the names of all files.
pub fn complete(text: &str, at: usize, index: &Index) -> Option<Completion> {
    let word = word_at(text, at)?;
    let (start, end) = (word.start as usize, word.end as usize);
    let line = text.get(line_start(text, start)..start)?;
    let after = text.get(end..)?.lines().next().unwrap_or("");
    let stand = stand(line)?;
    let has_colon = after.trim_start().starts_with(':');
    let document = manifest::document_at(text, start);
    let mut whole = text.get(document.start as usize..start)?.to_owned();
    let found_at = whole.len();
    whole.push_str(WORD);
    if stand == Stand::Key && !has_colon {
        whole.push_str(": ");
    }
    whole.push_str(text.get(end..document.end as usize)?);
    let parsed = manifest::parse(&whole);
    let root = parsed
        .documents
        .iter()
        .find(|document| document.span.contains(found_at))
        .map(|document| &document.root)?;
    let place = place(root, found_at + 1)?;
    let is_found = if place.on_key {
        place.entry.is_some_and(|entry| entry.key.contains(WORD))
    } else {
        value_at(&place)? == WORD
    };
    if !is_found {
        return None;
    }
    let scene = Scene {
        text,
        place: &place,
        index,
        has_colon,
        indent: indent(text, start),
        in_brackets: stand == Stand::Bracket,
    };
    let items = if place.on_key { scene.keys() } else { scene.values() };
    (!items.is_empty()).then_some(Completion { span: word, items })
}

/// How a word stands in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// First, perhaps behind dashes.
    Key,
    /// Behind a key.
    Value,
    /// Somewhere in brackets.
    Bracket,
}

/// How a word stands behind what is on its line before it; none where it is in the middle of a text.
fn stand(before: &str) -> Option<Stand> {
    let mut rest = before.trim_start_matches(' ');
    while let Some(after) = rest.strip_prefix("- ") {
        rest = after.trim_start_matches(' ');
    }
    if rest.is_empty() {
        return Some(Stand::Key);
    }
    if rest.starts_with('#') || rest.contains(" #") || !before.ends_with([' ', '[', '{', ',']) {
        return None;
    }
    match rest.trim_end().chars().next_back()? {
        ':' => Some(Stand::Value),
        '[' | '{' | ',' => Some(Stand::Bracket),
        _ => None,
    }
}

/// The word around a byte: it may be empty.
fn word_at(text: &str, at: usize) -> Option<Span> {
    let ends = |char: char| char.is_whitespace() || matches!(char, ',' | '[' | ']' | '{' | '}' | '"' | '\'');
    let before = text.get(..at)?;
    let start = before
        .rfind(ends)
        .map_or(0, |place| place + before[place..].chars().next().map_or(1, char::len_utf8));
    let rest = text.get(at..)?;
    let end = rest.find(|char| ends(char) || char == ':').map_or(text.len(), |length| at + length);
    Some(Span::new(start, end))
}

/// The column of the key that begins at a byte, behind its dashes.
fn indent(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

fn value_at<'a>(place: &Place<'a>) -> Option<&'a str> {
    let holder = place.holder()?;
    match &holder.kind {
        NodeKind::Sequence(items) => items.iter().find_map(|item| item.as_str().filter(|text| *text == WORD)),
        _ => place.entry?.value.as_str(),
    }
}

struct Scene<'a> {
    text: &'a str,
    place: &'a Place<'a>,
    index: &'a Index,
    /// Whether a colon follows already.
    has_colon: bool,
    /// The column of the word.
    indent: usize,
    in_brackets: bool,
}

impl Scene<'_> {
    /// The fields that may stand where the word is a key.
    fn keys(&self) -> Vec<Item> {
        let holder = self.place.holder();
        let is_root = self.place.around.len() == 1;
        if let Some(definition) = self.place.outer.definition() {
            return self.fields(definition, holder, "", is_root);
        }
        match self.place.outer {
            // A list whose dash is not written yet.
            Shape::Type(Type::Array(inner)) => match inner.definition().filter(|_| !self.in_brackets) {
                Some(definition) => self.fields(definition, None, "- ", false),
                None => Vec::new(),
            },
            Shape::Type(Type::Map(_)) => self.label_keys(holder),
            // An item of a list that holds no objects.
            Shape::Type(ty) if ty.definition().is_none() => self.of_type(ty),
            _ if is_root => self.heads(holder),
            _ => Vec::new(),
        }
    }

    /// What every object begins with.
    fn heads(&self, holder: Option<&Node>) -> Vec<Item> {
        let lines = [("apiVersion", "string"), ("kind", "string"), ("metadata", "ObjectMeta")];
        let missing =
            lines.into_iter().filter(|(name, _)| holder.is_none_or(|holder| holder.get(name).is_none()));
        missing
            .map(|(name, detail)| {
                // Every kind has these alike.
                let any = Schema::lookup("v1", "Pod");
                let rest = if name == "metadata" { ":\n  name: " } else { ": " };
                let rest = if self.has_colon { "" } else { rest };
                Item {
                    label: name.to_owned(),
                    insert: format!("{name}{rest}"),
                    detail: detail.to_owned(),
                    kind: ItemKind::Required,
                    field: any.and_then(|any| Some((any, any.field(name)?))),
                }
            })
            .collect()
    }

    fn fields(
        &self,
        definition: &'static Definition,
        holder: Option<&Node>,
        dash: &str,
        is_root: bool,
    ) -> Vec<Item> {
        let is_there = |field: &&Field| holder.is_some_and(|holder| holder.get(field.name).is_some());
        let offered = definition.fields.iter().filter(|field| {
            let servers = definition.name == "ObjectMeta" && SERVERS.contains(&field.name);
            let is_status = is_root && field.name == "status";
            !(is_there(field) || servers || is_status)
        });
        let mut items: Vec<Item> = offered
            .map(|field| Item {
                label: field.name.to_owned(),
                insert: format!("{dash}{}{}", field.name, self.after_key(field, dash.len())),
                detail: field.ty.to_string(),
                kind: if is_needed(definition, field, is_root) {
                    ItemKind::Required
                } else {
                    ItemKind::Field
                },
                field: Some((definition, field)),
            })
            .collect();
        items.sort_by_key(|item| item.kind != ItemKind::Required);
        items
    }

    /// What follows the name of a field, so that its value can be written at once.
    fn after_key(&self, field: &Field, further: usize) -> String {
        if self.has_colon {
            return String::new();
        }
        let blanks = |count: usize| " ".repeat(self.indent + further + count);
        match &field.ty {
            _ if self.in_brackets => ": ".to_owned(),
            Type::Object(_) | Type::Map(_) => format!(":\n{}", blanks(2)),
            Type::Array(_) => format!(":\n{}- ", blanks(list_step(self.text))),
            _ => ": ".to_owned(),
        }
    }

    fn label_keys(&self, holder: Option<&Node>) -> Vec<Item> {
        let Some((owner, field)) = self.place.field.filter(|(owner, field)| selects_pods(owner, field.name))
        else {
            return Vec::new();
        };
        let colon = if self.has_colon { "" } else { ": " };
        let keys = self.index.label_keys(&self.namespace());
        keys.into_iter()
            .filter(|key| holder.is_none_or(|holder| holder.get(key).is_none()))
            .map(|key| Item {
                insert: format!("{}{colon}", scalar(&key)),
                label: key.to_string(),
                detail: format!("{}.{}", owner.name, field.name),
                kind: ItemKind::Name,
                field: None,
            })
            .collect()
    }

    /// What may stand where the word is a value.
    fn values(&self) -> Vec<Item> {
        let Some(entry) = self.place.entry else { return Vec::new() };
        let is_root = self.place.around.len() == 1;
        match &*entry.key {
            "kind" if is_root => return self.kinds(),
            "apiVersion" if is_root => return self.versions(),
            _ => {}
        }
        match self.place.shape {
            Shape::Type(ty) => self.of_type(ty),
            _ => Vec::new(),
        }
    }

    fn kinds(&self) -> Vec<Item> {
        let version = self.place.object().and_then(|root| root.get("apiVersion")).and_then(Node::as_str);
        let kinds = || Schema::kinds().iter().filter(|kind| Kind::of(kind.api_version, kind.kind).is_some());
        let fits = |kind: &&crate::schema::Kind| version.is_none_or(|version| version == kind.api_version);
        let some_fit = kinds().any(|kind| fits(&kind));
        let mut items: Vec<Item> = kinds()
            .filter(|kind| fits(kind) || !some_fit)
            .map(|kind| named(kind.kind, kind.api_version, ItemKind::Value))
            .collect();
        items.dedup_by(|a, b| a.label == b.label);
        items
    }

    fn versions(&self) -> Vec<Item> {
        let kind = self.place.object().and_then(|root| root.get("kind")).and_then(Node::as_str).unwrap_or("");
        let of_kind: Vec<Item> =
            Schema::kinds_named(kind).map(|found| named(found.api_version, kind, ItemKind::Value)).collect();
        if !of_kind.is_empty() {
            return of_kind;
        }
        let mut versions: Vec<&str> = Schema::kinds().iter().map(|kind| kind.api_version).collect();
        versions.sort_unstable();
        versions.dedup();
        versions.into_iter().map(|version| named(version, "", ItemKind::Value)).collect()
    }

    fn of_type(&self, ty: &'static Type) -> Vec<Item> {
        let Some((owner, field)) = self.place.field else { return Vec::new() };
        let names = self.names(owner, field);
        if !names.is_empty() {
            return names.iter().map(|name| named(name, "", ItemKind::Name)).collect();
        }
        let is_default = |value: &str| {
            owner.defaults(field.name).iter().any(|default| match default.value {
                DefaultValue::Json(json) => json.trim_matches('"') == value,
                DefaultValue::SameAs(_) => false,
            })
        };
        let values: Vec<&str> = match ty {
            Type::Boolean => vec!["true", "false"],
            Type::String => field.enum_values.to_vec(),
            _ => Vec::new(),
        };
        if values.is_empty() && !matches!(ty, Type::Object(_) | Type::Array(_) | Type::Map(_)) {
            let defaults = owner.defaults(field.name).iter().filter_map(|default| match default.value {
                DefaultValue::Json(json) if !json.starts_with(['{', '[']) => Some(json.trim_matches('"')),
                _ => None,
            });
            return defaults.map(|value| named(value, "", ItemKind::Default)).collect();
        }
        let kind = |value: &str| if is_default(value) { ItemKind::Default } else { ItemKind::Value };
        values
            .into_iter()
            .map(|value| {
                let insert = if *ty == Type::Boolean { value.to_owned() } else { scalar(value) };
                Item {
                    label: value.to_owned(),
                    insert,
                    detail: String::new(),
                    kind: kind(value),
                    field: None,
                }
            })
            .collect()
    }

    fn namespace(&self) -> Str {
        self.place.object().map_or_else(|| "default".into(), namespace_of)
    }

    /// The names that a field may hold.
    fn names(&self, owner: &'static Definition, field: &'static Field) -> Vec<Str> {
        let (Some(holder), Some(entry)) = (self.place.holder(), self.place.entry) else { return Vec::new() };
        let beside = |key: &str| holder.get(key).and_then(Node::as_str).unwrap_or("");
        let namespace = match beside("namespace") {
            written if written.is_empty() || written == WORD || owner.name == "ObjectMeta" => {
                self.namespace()
            }
            written => written.into(),
        };
        if selects_pods(owner, field.name) {
            return self.index.label_values(&namespace, &entry.key);
        }
        if let Some(kind) = named_kind(owner, field.name, holder) {
            return self.index.names(kind, &namespace);
        }
        if names_key(owner, field.name) {
            let kind = named_kind(owner, "name", holder);
            return kind.map_or_else(Vec::new, |kind| {
                self.index.keys(&ObjectKey::new(kind, namespace, beside("name")))
            });
        }
        match (owner.name, field.name) {
            ("ServicePort", "targetPort") => {
                let spec = self.place.object().and_then(|root| root.get("spec"));
                let wanted = labels(spec.and_then(|spec| spec.get("selector")));
                self.index.target_ports(&namespace, &wanted)
            }
            ("ServiceBackendPort", "name") => {
                let backend = self
                    .place
                    .around
                    .iter()
                    .rev()
                    .find_map(|node| node.get("name").filter(|_| node.get("port").is_some()));
                let service = backend.and_then(Node::as_str).unwrap_or("");
                self.index.service_ports(&ObjectKey::new(Kind::Service, namespace, service))
            }
            _ if names_own_port(owner, field.name) => self.beside("ports", "name"),
            _ if names_volume(owner, field.name) => self.beside("volumes", "name"),
            _ => Vec::new(),
        }
    }

    /// What the items of the nearest list of this name around the place have in a field.
    fn beside(&self, list: &str, field: &str) -> Vec<Str> {
        let holds = self.place.around.iter().rev().find_map(|node| node.get(list));
        let items = holds.map(Node::items).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.get(field)?.as_str())
            .filter(|name| *name != WORD)
            .map(Str::from)
            .collect()
    }
}

fn named(name: &str, detail: &str, kind: ItemKind) -> Item {
    Item { label: name.to_owned(), insert: insertable(name), detail: detail.to_owned(), kind, field: None }
}

/// The value as it is written: numbers and booleans as they are.
fn insertable(value: &str) -> String {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || matches!(value, "true" | "false") { value.to_owned() } else { scalar(value) }
}

/// Whether an object is nothing without the field: OpenAPI does not say it of what every object begins with.
fn is_needed(definition: &Definition, field: &Field, is_root: bool) -> bool {
    let head = is_root && matches!(field.name, "apiVersion" | "kind" | "metadata" | "spec");
    let name = definition.name == "ObjectMeta" && field.name == "name";
    field.required || head || name
}

/// How much further in than its key a list stands in this text: as the first one does that is found, else as kubectl
/// prints it.
fn list_step(text: &str) -> usize {
    let mut lines = text.lines().map(|line| (line.len() - line.trim_start().len(), line.trim()));
    let mut key = None;
    lines
        .find_map(|(indent, line)| {
            let found = key.filter(|_| line.starts_with("- ")).map(|key| usize::from(indent > key) * 2);
            key = line.ends_with(':').then_some(indent + line.len() - line.trim_start_matches("- ").len());
            found
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
