//! An object against the structure of its kind. What does not fit is told by the rules, and mended in the tree
//! where a rule is certain what was meant, so that the rules that follow see that.

use super::check;
use super::path::{Path, Step};
use super::rules;
use super::subject::node_to_value;
use super::subject::{Findings, Mended, Misfit, Strangers, Where};
use crate::manifest::{Diagnostic, Entry, Node, NodeKind, Span};
use crate::schema::{Definition, Field, IntegerFormat, Type};

/// What is read where.
pub(crate) struct Mender<'a> {
    /// Where the object stands.
    pub(crate) place: Where,
    /// The whole text of its file.
    pub(crate) text: &'a str,
    /// The object and its structure.
    pub(crate) root: (&'a Node, &'static Definition),
    /// What the reader of YAML has told.
    pub(crate) told: &'a [Diagnostic],
    /// Where the rules say what they find.
    pub(crate) findings: &'a mut Findings,
    /// Places of which nothing should follow.
    pub(crate) doubts: Vec<String>,
    /// What of that was about a value that is of the wrong type.
    pub(crate) heard: Vec<usize>,
    path: Path,
}

/// The field that a value stands in.
#[derive(Clone, Copy)]
struct Site<'a> {
    owner: &'static Definition,
    field: &'static Field,
    entry: Option<&'a Entry>,
}

impl<'a> Mender<'a> {
    /// A mender of one object.
    pub(crate) fn new(
        place: Where,
        text: &'a str,
        root: (&'a Node, &'static Definition),
        told: &'a [Diagnostic],
        findings: &'a mut Findings,
    ) -> Mender<'a> {
        Mender {
            place,
            text,
            root,
            told,
            findings,
            doubts: Vec::new(),
            heard: Vec::new(),
            path: Path::default(),
        }
    }

    /// A mender of what stands under a key of an object.
    pub(crate) fn within(
        key: &str,
        place: Where,
        text: &'a str,
        root: (&'a Node, &'static Definition),
        findings: &'a mut Findings,
    ) -> Mender<'a> {
        let mut mender = Mender::new(place, text, root, &[], findings);
        mender.path.push(Step::Key(key.into()));
        mender
    }

    /// The mended object; none where nothing had to be mended.
    pub(crate) fn run(&mut self) -> Option<Node> {
        let (root, definition) = self.root;
        self.fields(definition, root)
    }

    /// A mapping.
    fn fields(&mut self, definition: &'static Definition, node: &Node) -> Option<Node> {
        let written = node.entries();
        let mut entries: Option<Vec<Entry>> = None;
        if written.iter().any(|entry| definition.field(&entry.key).is_none()) {
            entries = Some(self.strangers(definition, node));
        }
        let mut changed: Vec<(usize, Node)> = Vec::new();
        for (i, entry) in entries.as_deref().unwrap_or(written).iter().enumerate() {
            let Some(field) = definition.field(&entry.key) else { continue };
            self.path.push(Step::Field(definition, entry.key.clone()));
            let site = Site { owner: definition, field, entry: Some(entry) };
            changed.extend(self.value(site, &field.ty, &entry.value).map(|value| (i, value)));
            self.path.pop();
        }
        if entries.is_none() && changed.is_empty() {
            return None;
        }
        let mut entries = entries.unwrap_or_else(|| written.to_vec());
        for (i, value) in changed {
            if let Some(entry) = entries.get_mut(i) {
                entry.value = value;
            }
        }
        Some(Node { span: node.span, kind: NodeKind::Mapping(entries) })
    }

    fn strangers(&mut self, definition: &'static Definition, node: &Node) -> Vec<Entry> {
        let mut strangers = Strangers {
            place: self.place,
            text: self.text,
            path: &self.path,
            definition,
            mapping: node,
            root: self.root,
            told: self.told,
            entries: node.entries().to_vec(),
            doubts: Vec::new(),
        };
        for check in &rules::sorted().strangers {
            check(&mut strangers, self.findings);
        }
        let Strangers { entries, doubts, .. } = strangers;
        self.doubts.extend(doubts);
        entries
    }

    /// A value of a field, of a list or of a map.
    fn value(&mut self, site: Site, ty: &'static Type, node: &Node) -> Option<Node> {
        match (ty, &node.kind) {
            (Type::Any | Type::RawExtension, _) | (_, NodeKind::Null) => None,
            (Type::Object(definition), NodeKind::Mapping(_)) => self.fields(definition.get(), node),
            (Type::Array(inner), NodeKind::Sequence(items)) => {
                let mut changed: Option<Vec<Node>> = None;
                for (i, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(i));
                    let mended = self.value(Site { entry: None, ..site }, inner, item);
                    self.path.pop();
                    if let Some(slot) = mended.and_then(|mended| {
                        let slot = changed.get_or_insert_with(|| items.clone()).get_mut(i)?;
                        Some((slot, mended))
                    }) {
                        *slot.0 = slot.1;
                    }
                }
                changed.map(|items| Node { span: node.span, kind: NodeKind::Sequence(items) })
            }
            (Type::Map(inner), NodeKind::Mapping(entries)) => {
                let mut changed: Option<Vec<Entry>> = None;
                for (i, entry) in entries.iter().enumerate() {
                    self.path.push(Step::Key(entry.key.clone()));
                    let mended = self.value(Site { entry: Some(entry), ..site }, inner, &entry.value);
                    self.path.pop();
                    if let Some(slot) = mended.and_then(|mended| {
                        let slot = changed.get_or_insert_with(|| entries.clone()).get_mut(i)?;
                        Some((slot, mended))
                    }) {
                        slot.0.value = slot.1;
                    }
                }
                changed.map(|entries| Node { span: node.span, kind: NodeKind::Mapping(entries) })
            }
            _ if fits(ty, node) => None,
            _ => self.misfit(site, ty, node),
        }
    }

    fn misfit(&mut self, site: Site, ty: &'static Type, node: &Node) -> Option<Node> {
        let told = self.told.iter().position(|told| {
            told.code == crate::msg!("missing-space-after-colon") && touches(told.span, node.span)
        });
        self.heard.extend(told);
        let misfit = Misfit {
            place: self.place,
            text: self.text,
            path: &self.path,
            owner: site.owner,
            field: site.field,
            ty,
            node,
            entry: site.entry,
            told: told.is_some(),
        };
        let mended = rules::sorted().misfits.iter().find_map(|check| check(&misfit, self.findings));
        match mended {
            // What is mended may be wrong inside.
            Some(Mended::As(node)) if fits_outside(ty, &node) => {
                let inner = self.value(site, ty, &node);
                Some(inner.unwrap_or(node))
            }
            _ => {
                self.doubts.push(self.path.to_string());
                None
            }
        }
    }
}

fn touches(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// Whether a mended collection is of the kind that it should be, so that looking inside ends.
fn fits_outside(ty: &Type, node: &Node) -> bool {
    match ty {
        Type::Object(_) | Type::Map(_) => matches!(node.kind, NodeKind::Mapping(_)),
        Type::Array(_) => matches!(node.kind, NodeKind::Sequence(_)),
        _ => fits(ty, node),
    }
}

/// Whether a scalar decodes into its type.
pub(crate) fn fits(ty: &Type, node: &Node) -> bool {
    match (ty, &node.kind) {
        (Type::String, NodeKind::String(_))
        | (Type::Boolean, NodeKind::Bool(_))
        | (Type::Number, NodeKind::Int(_) | NodeKind::Float(_))
        | (Type::IntOrString, NodeKind::String(_))
        | (Type::Any | Type::RawExtension, _)
        | (_, NodeKind::Null) => true,
        (Type::Integer(format), NodeKind::Int(number)) => check::fits(*format, *number),
        (Type::IntOrString, NodeKind::Int(number)) => check::fits(IntegerFormat::Int32, *number),
        (Type::Quantity, NodeKind::Int(_) | NodeKind::Float(_)) => true,
        (Type::Quantity | Type::Time | Type::MicroTime | Type::Bytes, NodeKind::String(_)) => {
            check::scalar_error(ty, &node_to_value(node)).is_none()
        }
        _ => false,
    }
}
