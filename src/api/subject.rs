//! What the rules look at, and where they say what they found.

use super::check::canonical;
use super::field_error::FieldError;
use super::kinds::Kind;
use super::objects::Labels;
use super::path::{Path, Step, overlap};
use crate::manifest::{Diagnostic, Entry, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::schema::{Definition, Field, Type};
use crate::value::{Map, Str, Value};
use std::borrow::Cow;
use std::cell::OnceCell;

/// A document of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Where {
    /// The file.
    pub(crate) file: usize,
    /// The object among those of the file.
    pub(crate) document: usize,
}

/// One object as the rules see it: mended where a mistake has a certain fix, so that one mistake is told once.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    /// Where it stands.
    pub(crate) place: Where,
    /// The whole text of its file.
    pub(crate) text: &'a str,
    /// The YAML document that it stands in.
    pub(crate) span: Span,
    /// The mended tree.
    pub(crate) root: Cow<'a, Node>,
    /// The content of the mended tree.
    pub(crate) value: Value,
    /// The same as the API server writes it again, once somebody has asked.
    pub(crate) canonical: OnceCell<Value>,
    /// As in `apiVersion:`, mended.
    pub(crate) api_version: Str,
    /// As in `kind:`, mended.
    pub(crate) kind_name: Str,
    /// The kind in the table.
    pub(crate) kind: Option<Kind>,
    /// Its structure.
    pub(crate) definition: &'static Definition,
    /// What was told already of these places, so that nothing follows from them.
    pub(crate) doubts: Vec<String>,
    /// Whether kubectl can read its document. One that it cannot read is told of by the reader alone, but others
    /// may count on what it says.
    pub(crate) readable: bool,
}

/// A field of an object and its value.
pub(crate) struct Place<'a> {
    /// The way to it.
    pub(crate) path: &'a Path,
    /// The definition that has the field.
    pub(crate) owner: &'static Definition,
    /// The field.
    pub(crate) field: &'static Field,
    /// Its value, or an item of it where it is a list of scalars.
    pub(crate) node: &'a Node,
}

/// A mapping whose fields a definition knows.
pub(crate) struct Block<'a> {
    /// The way to it.
    pub(crate) path: &'a Path,
    /// Its structure.
    pub(crate) definition: &'static Definition,
    /// The mapping; null where nothing is written after its key.
    pub(crate) node: &'a Node,
    /// Its key, where it has one.
    pub(crate) key: Option<Span>,
}

/// A value that is of another type than its place.
pub(crate) struct Misfit<'a> {
    /// Where it stands.
    pub(crate) place: Where,
    /// The whole text.
    pub(crate) text: &'a str,
    /// The way to it.
    pub(crate) path: &'a Path,
    /// The definition that has the field.
    pub(crate) owner: &'static Definition,
    /// The field that it stands in, or in a list or map of.
    pub(crate) field: &'static Field,
    /// What it should be.
    pub(crate) ty: &'static Type,
    /// What it is.
    pub(crate) node: &'a Node,
    /// Its entry, where it does not stand in a list.
    pub(crate) entry: Option<&'a Entry>,
    /// Whether the reader of YAML has told of it already.
    pub(crate) told: bool,
}

/// What a rule made of a value that does not fit.
pub(crate) enum Mended {
    /// It was meant to be this.
    As(Node),
    /// Nobody knows what it was meant to be.
    Doubtful,
}

/// The entries of a mapping that its definition does not know.
pub(crate) struct Strangers<'a> {
    /// Where it stands.
    pub(crate) place: Where,
    /// The whole text.
    pub(crate) text: &'a str,
    /// The way to the mapping.
    pub(crate) path: &'a Path,
    /// What the mapping is.
    pub(crate) definition: &'static Definition,
    /// The mapping as it was written.
    pub(crate) mapping: &'a Node,
    /// The whole object as it was written, and what it is.
    pub(crate) root: (&'a Node, &'static Definition),
    /// What the reader of YAML has told.
    pub(crate) told: &'a [Diagnostic],
    /// The entries as far as they are mended. A rule takes out what it has told of, and puts in what was meant.
    pub(crate) entries: Vec<Entry>,
    /// Places that were meant elsewhere.
    pub(crate) doubts: Vec<String>,
}

impl Misfit<'_> {
    /// Go's name of what the value should be.
    pub(crate) fn expected(&self) -> String {
        match *self.ty == self.field.ty {
            true => super::go::type_name(self.owner, self.field),
            false => super::go::inner_type_name(self.owner, self.field, self.ty),
        }
    }

    /// Tells of it, and of what refuses it: kubectl reads the metadata itself, the rest is the API server's.
    pub(crate) fn refused(
        &self,
        diagnostic: Diagnostic,
        found: &str,
        expected: &str,
        findings: &mut Findings,
    ) {
        let mut answer = self.path.unmarshal_error(found, expected);
        let in_metadata = matches!(self.path.first(), Some(Step::Field(_, name)) if &**name == "metadata");
        if !in_metadata {
            return findings.refused(self.place, diagnostic, answer);
        }
        if expected == "v1.ObjectMeta" {
            answer = super::check::unmarshal_error(found, "metadataOnlyObject", "metadata", expected);
        }
        let diagnostic = diagnostic.arg("answer", format!("unable to decode: {answer}"));
        findings.report(self.place, diagnostic.consequence(msg!("kubectl-refuses-object")));
    }
}

impl Strangers<'_> {
    /// Whether the definition does not know the entry.
    pub(crate) fn is_strange(&self, entry: &Entry) -> bool {
        self.definition.field(&entry.key).is_none()
    }

    /// The server's words for the unknown fields of these names.
    pub(crate) fn answer<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> String {
        let unknown: Vec<String> = keys
            .into_iter()
            .map(|key| format!("unknown field {}", super::check::quoted(&self.path.field(key))))
            .collect();
        format!("strict decoding error: {}", unknown.join(", "))
    }
}

/// What rules found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The diagnostics, each with its document.
    pub(crate) diagnostics: Vec<(Where, Diagnostic)>,
    /// What the API server's validation would say, each with its document.
    pub(crate) errors: Vec<(Where, FieldError)>,
}

impl Findings {
    /// Tells of something.
    pub(crate) fn report(&mut self, place: Where, diagnostic: Diagnostic) {
        self.diagnostics.push((place, diagnostic));
    }

    /// Tells of a mistake that the API server answers with `answer`.
    pub(crate) fn refused(&mut self, place: Where, diagnostic: Diagnostic, answer: impl Into<String>) {
        let answer: String = answer.into();
        self.report(place, diagnostic.arg("answer", answer).consequence(msg!("server-refuses-object")));
    }

    /// Tells of a mistake that the API server's validation finds too.
    pub(crate) fn invalid(&mut self, place: Where, diagnostic: Diagnostic, error: FieldError) {
        self.refused(place, diagnostic, error.to_string());
        self.errors.push((place, error));
    }

    /// Takes what was found in one object.
    pub(crate) fn append(&mut self, own: Findings) {
        self.diagnostics.extend(own.diagnostics);
        self.errors.extend(own.errors);
    }

    /// Whether an error was told of this document.
    pub(crate) fn has_error(&self, place: Where) -> bool {
        self.diagnostics.iter().any(|(at, found)| *at == place && found.severity == Severity::Error)
    }
}

impl Subject<'_> {
    /// The object as the API server writes it again after decoding it.
    pub(crate) fn canonical(&self) -> &Value {
        self.canonical.get_or_init(|| canonical(&self.kind_name, &self.api_version, &self.value))
    }

    /// What was written, where nothing of it was mended.
    pub(crate) fn written(&self) -> Option<&Value> {
        matches!(self.root, Cow::Borrowed(_)).then_some(&self.value)
    }

    /// The value at the end of a way of fields.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(&*self.root, |node, key| node.get(key))
    }

    /// Whether something was told already of this place, of what it is in, or of what is in it.
    pub(crate) fn is_doubtful(&self, path: &str) -> bool {
        self.doubts.iter().any(|doubt| overlap(doubt, path))
    }

    /// `metadata.name`; empty where there is none.
    pub(crate) fn name(&self) -> &str {
        self.get(&["metadata", "name"]).and_then(Node::as_str).unwrap_or("")
    }

    /// The Namespace that the object would be in; empty for kinds of the whole cluster.
    pub(crate) fn namespace(&self) -> &str {
        if self.kind.is_some_and(|kind| !kind.info().namespaced) {
            return "";
        }
        let written = self.get(&["metadata", "namespace"]).and_then(Node::as_str);
        written.filter(|namespace| !namespace.is_empty()).unwrap_or("default")
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind == Some(kind)
    }

    /// The template of the Pods that it makes; of a Pod, the Pod itself.
    pub(crate) fn template(&self) -> Option<Template<'_>> {
        let (path, way): (_, &[&str]) = match self.kind? {
            Kind::Pod => ("", &[]),
            Kind::PodTemplate => ("template", &["template"]),
            Kind::CronJob => ("spec.jobTemplate.spec.template", &["spec", "jobTemplate", "spec", "template"]),
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicationController
            | Kind::Job => ("spec.template", &["spec", "template"]),
            _ => return None,
        };
        let node = self.get(way)?;
        Some(Template { path, node })
    }
}

/// A Pod, or a template of one.
pub(crate) struct Template<'a> {
    /// The way to it; empty for a Pod.
    pub(crate) path: &'static str,
    /// What holds `metadata` and `spec`.
    pub(crate) node: &'a Node,
}

/// A container.
pub(crate) struct ContainerAt<'a> {
    /// The way to its template, the list that it stands in, and its place there.
    at: (&'static str, &'static str, usize),
    /// The container.
    pub(crate) node: &'a Node,
    /// Whether it is an init container.
    pub(crate) init: bool,
}

impl ContainerAt<'_> {
    /// The way to it. It is written where something is told of it, which is seldom.
    pub(crate) fn path(&self) -> String {
        let (template, list, i) = self.at;
        let dot = if template.is_empty() { "" } else { "." };
        [template, dot, "spec.", list, "[", &*Str::from(i as u64), "]"].concat()
    }
}

impl<'a> Template<'a> {
    /// The way to something in it.
    pub(crate) fn at(&self, rest: &str) -> String {
        if self.path.is_empty() { rest.to_owned() } else { [self.path, ".", rest].concat() }
    }

    /// `spec`, where it is a mapping.
    pub(crate) fn spec(&self) -> Option<&'a Node> {
        self.node.get("spec").filter(|spec| !spec.entries().is_empty())
    }

    /// Its labels.
    pub(crate) fn labels(&self) -> Labels {
        labels(self.node.get("metadata").and_then(|metadata| metadata.get("labels")))
    }

    /// Its containers, the init containers first.
    pub(crate) fn containers(&self) -> Vec<ContainerAt<'a>> {
        let Some(spec) = self.spec() else { return Vec::new() };
        let mut containers = Vec::new();
        for (list, init) in [("initContainers", true), ("containers", false)] {
            let items = spec.get(list).map(Node::items).unwrap_or_default();
            let places = items.iter().enumerate();
            containers.extend(places.map(|(i, node)| ContainerAt { at: (self.path, list, i), node, init }));
        }
        containers
    }
}

/// The labels of a mapping: what in it is text.
pub(crate) fn labels(node: Option<&Node>) -> Labels {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.key.clone(), Str::from(entry.value.as_str()?)))).collect()
}

/// The content of a node, without places.
pub fn node_to_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::Int(*value),
        NodeKind::Float(value) => Value::Float(*value),
        NodeKind::String(text) => Value::String(text.clone()),
        NodeKind::Sequence(items) => Value::from(items.iter().map(node_to_value).collect::<Vec<_>>()),
        NodeKind::Mapping(entries) => {
            let mut map = Map::new();
            for entry in entries {
                map.push(entry.key.clone(), node_to_value(&entry.value));
            }
            Value::from(map)
        }
    }
}
