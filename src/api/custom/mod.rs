//! Custom resources, where the text has the definition of their kind: read as the server of such a definition reads them.

pub(crate) mod definition;
mod formats;
pub(crate) mod kind;
mod pattern;
pub(crate) mod schema;

use self::definition::{Definition, Version};
use super::check::{quoted, read_as};
use super::field_error::{FieldError, Problem};
use super::kinds::Kind;
use super::mend::Mender;
use super::objects::Object;
use super::rules::{parent_name, place_of};
use super::subject::{Findings, Where, node_to_value};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::schema::{Schema, nearest};
use crate::value::Value;

/// What every object has, whatever its schema says.
const EVERY: &[&str] = &["apiVersion", "kind", "metadata"];

/// Among as many fields the one is looked for that was meant.
const MOST_NEAR: usize = 1_000;

/// The definitions of a text, and those that the cluster has.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    written: Vec<Definition>,
    established: Vec<Definition>,
}

impl Definitions {
    /// Those among the objects of a text, and those that are established among what the cluster has.
    pub(crate) fn new<'a>(roots: impl Iterator<Item = &'a Node>, existing: &[Object]) -> Self {
        let is_definition = |root: &&Node| {
            root.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition")
                && root.get("apiVersion").and_then(Node::as_str) == Some("apiextensions.k8s.io/v1")
        };
        let existing = existing.iter().filter(|object| object.kind() == Kind::CustomResourceDefinition);
        Self {
            written: roots.filter(is_definition).filter_map(read).collect(),
            established: existing.filter_map(|object| Definition::established(&object.encode())).collect(),
        }
    }

    /// What is known of a kind that is no built-in one; none where nothing is.
    fn find(&self, api_version: &str, kind: &str) -> Option<(&Definition, Option<&Version>)> {
        let (group, name) = api_version.split_once('/')?;
        let is_it = |found: &&Definition| (&*found.group, &*found.kind) == (group, kind);
        let found = self.written.iter().find(is_it).or_else(|| self.established.iter().find(is_it))?;
        Some((found, found.version(name)))
    }

    /// Looks at an object where its kind is defined here, and says whether it is.
    pub(crate) fn judge(&self, place: Where, text: &str, root: &Node, findings: &mut Findings) -> bool {
        let line = |name: &str| root.get(name).and_then(Node::as_str);
        let (Some(api_version), Some(kind)) = (line("apiVersion"), line("kind")) else { return false };
        let Some((definition, version)) = self.find(api_version, kind) else { return false };
        match version {
            Some(version) => {
                let is_established = self
                    .established
                    .iter()
                    .any(|known| known.group == definition.group && *known.kind == *kind);
                Judge { place, text, root, api_version, kind, findings }.run(version, is_established);
            }
            None => not_served(place, (root, api_version, kind), definition, findings),
        }
        true
    }
}

fn read(root: &Node) -> Option<Definition> {
    Definition::read(&node_to_value(root.get("spec")?))
}

/// The definition does not serve the version.
fn not_served(
    place: Where,
    (root, api_version, kind): (&Node, &str, &str),
    definition: &Definition,
    findings: &mut Findings,
) {
    let Some(entry) = root.entry("apiVersion") else { return };
    let served = || definition.versions.iter().filter(|version| version.is_served);
    let right = |version: &Version| format!("{}/{}", definition.group, version.name);
    let all: Vec<String> = served().map(right).collect();
    let mut diagnostic = Diagnostic::new(msg!("version-not-served"), Severity::Error, entry.value.span)
        .arg("kind", kind)
        .arg("version", api_version)
        .arg("served", all.join(", "))
        .arg("answer", super::check::no_matches(kind, api_version))
        .consequence(msg!("kubectl-knows-no-kind"));
    for right in all {
        let edits = vec![Edit::replace(entry.value.span, &*right)];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", right));
    }
    findings.report(place, diagnostic);
}

struct Judge<'a> {
    place: Where,
    text: &'a str,
    root: &'a Node,
    api_version: &'a str,
    kind: &'a str,
    findings: &'a mut Findings,
}

impl Judge<'_> {
    fn run(&mut self, version: &Version, is_established: bool) {
        let kind = self.root.entry("kind").map_or(self.root.span, |entry| entry.value.span);
        let told = |code| Diagnostic::new(code, Severity::Warning, kind).arg("kind", self.kind);
        let same_file = told(msg!("definition-beside-resource")).arg("answer", self.unmatched());
        if !is_established {
            self.findings.report(self.place, same_file.consequence(msg!("second-apply-knows-kind")));
        }
        if let Some(warning) = &version.deprecation {
            let warned = told(msg!("server-warns")).arg("problem", warning.clone());
            self.findings.report(self.place, warned.consequence(msg!("taken-with-warning")));
        }
        self.metadata();
        let value = node_to_value(self.root);
        let schema = &version.schema;
        self.unknown(schema, &value);
        let metadata = value.get("metadata").cloned();
        let filled = schema::defaulted(schema, &value);
        for error in schema::errors(schema, &filled) {
            // What the metadata are is the server's own business.
            let is_metadata =
                metadata.is_some() && (error.path == "metadata" || error.path.starts_with("metadata."));
            if !is_metadata {
                self.refused(error);
            }
        }
    }

    fn unmatched(&self) -> String {
        super::check::no_matches(self.kind, self.api_version)
    }

    /// The metadata, which are those of every object.
    fn metadata(&mut self) {
        let Some(structure) = Schema::definition("meta.v1.ObjectMeta") else { return };
        let metadata = self.root.entry("metadata");
        if let Some(entry) = metadata {
            Mender::within("metadata", self.place, self.text, (&entry.value, structure), self.findings).run();
        }
        let metadata = metadata.map(|entry| &entry.value);
        let text = |name: &str| metadata.and_then(|node| node.get(name)).and_then(Node::as_str).unwrap_or("");
        let (name, generated) = (text("name"), text("generateName"));
        if name.is_empty() && generated.is_empty() {
            let error = FieldError::required("metadata.name", "name or generateName is required");
            self.refused(error);
        } else if !name.is_empty() {
            for why in super::names::subdomain_errors(name) {
                self.refused(FieldError::invalid("metadata.name", name, why));
            }
        }
    }

    /// The fields that the schema does not have: the server would leave them out, and kubectl has it refuse them.
    fn unknown(&mut self, schema: &Value, value: &Value) {
        let unknown: Vec<String> = schema::unknown(schema, value)
            .into_iter()
            .filter(|path| path.split(['.', '[']).next().is_none_or(|first| !EVERY.contains(&first)))
            .collect();
        for path in unknown {
            let (span, _) = place_of(self.root, &path);
            let (parent, field) = path.rsplit_once('.').unwrap_or(("", &path));
            let error = format!("strict decoding error: unknown field {}", quoted(&path));
            let answer = read_as(self.kind, self.api_version, self.kind, &error);
            let known = fields_at(schema, parent);
            let near = nearest(field, known.iter().copied().take(MOST_NEAR));
            let code = if near.is_some() { msg!("misspelt-field") } else { msg!("unknown-field") };
            let key = key_of(self.root, &path).unwrap_or(span);
            let mut diagnostic = Diagnostic::new(code, Severity::Error, key)
                .arg("field", field)
                .arg("parent", parent_name(parent));
            if let Some(near) = near {
                diagnostic = diagnostic.arg("right", near.name);
                if near.unique {
                    let edits = vec![Edit::replace(key, near.name)];
                    diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
                }
            }
            self.findings.refused(self.place, diagnostic, answer);
        }
    }

    fn refused(&mut self, error: FieldError) {
        // What is told of no place follows from what is told of one.
        let (span, _) = place_of(self.root, if error.path == "<nil>" { "" } else { &error.path });
        let told = error.to_string();
        let problem = told.strip_prefix(&format!("{}: ", error.path)).unwrap_or(&told).to_owned();
        let mut diagnostic = Diagnostic::new(msg!("refused-field"), Severity::Error, span)
            .arg("kind", self.kind)
            .arg("field", &*error.path)
            .arg("problem", problem);
        for (to, certain) in self.fixes(&error, span) {
            let fix = Fix::new(msg!("fix-change-to"), vec![Edit::replace(span, &*to)]).arg("to", to);
            diagnostic = diagnostic.fix(if certain { fix } else { fix.uncertain() });
        }
        self.findings.invalid(self.place, diagnostic, error);
    }

    /// A number where a text is wanted is meant as one, and the other way round.
    fn fixes(&self, error: &FieldError, span: Span) -> Vec<(String, bool)> {
        let written = span.slice(self.text);
        let Problem::Invalid(found, why) = &error.problem else { return Vec::new() };
        let is_scalar = matches!(found.as_str(), "\"integer\"" | "\"number\"" | "\"boolean\"");
        if is_scalar && why.contains("must be of type string:") {
            return vec![(format!("\"{written}\""), true)];
        }
        let bare = written.trim_matches(['"', '\'']);
        if found == "\"string\"" && why.contains("must be of type integer:") && bare.parse::<i64>().is_ok() {
            return vec![(bare.to_owned(), true)];
        }
        Vec::new()
    }
}

/// The names of the fields that a schema has at a place.
fn fields_at<'a>(schema: &'a Value, path: &str) -> Vec<&'a str> {
    let steps = path.split(['.', '[']).filter(|step| !step.is_empty());
    let at = steps.into_iter().try_fold(schema, |at, step| match step.strip_suffix(']') {
        Some(_) => at.get("items"),
        None => schema::of_key(at, step),
    });
    let properties = at.and_then(|at| at.get("properties")).and_then(Value::as_object);
    properties.into_iter().flat_map(|map| map.iter()).map(|(name, _)| &**name).collect()
}

/// Where the last key of a way stands.
fn key_of(root: &Node, path: &str) -> Option<Span> {
    let (mut node, mut key) = (root, None);
    for step in path.split(['.', '[']) {
        node = match (step.strip_suffix(']').map(str::parse::<usize>), &node.kind) {
            (Some(Ok(index)), NodeKind::Sequence(items)) => items.get(index)?,
            _ => {
                let entry = node.entry(step)?;
                key = Some(entry.key_span);
                &entry.value
            }
        };
    }
    key
}
