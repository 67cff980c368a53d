//! Objects as kubectl prints them.

pub(crate) mod age;
pub(crate) mod columns;
mod table;
pub(crate) mod tabs;

pub(crate) use table::{Look, table};

use super::command::{Kubectl, Outcome};
use super::fields::{name, text};
use crate::api::Kind;
use crate::value::{Map, Value, json, yaml};

/// What `-o` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Nothing, or `wide`.
    Table {
        /// With more columns.
        is_wide: bool,
    },
    /// `name`
    Name,
    /// `yaml`
    Yaml,
    /// `json`
    Json,
}

/// `deployment.apps/web`
pub(crate) fn title(value: &Value) -> String {
    let kind = text(value, &["kind"]);
    let known = Kind::of(text(value, &["apiVersion"]), kind).or_else(|| Kind::named(kind));
    let singular = known.map_or_else(|| kind.to_ascii_lowercase(), Kind::singular);
    format!("{singular}/{}", name(value))
}

/// Several objects as one, as `-o yaml` prints them.
pub(crate) fn list(values: Vec<Value>) -> Value {
    let mut out = Map::new();
    out.push("apiVersion", "v1");
    out.push("items", values);
    out.push("kind", "List");
    out.push("metadata", super::fields::object([("resourceVersion", "")]));
    Value::from(out)
}

impl Kubectl<'_, '_> {
    /// The format that `-o` names. Only `get` prints tables.
    pub(crate) fn format(&mut self) -> Outcome<Format> {
        let Some(output) = self.arguments.text("output").cloned() else {
            return Ok(Format::Table { is_wide: false });
        };
        match &*output {
            "" => Ok(Format::Table { is_wide: false }),
            "wide" if self.verb.name == "get" => Ok(Format::Table { is_wide: true }),
            "name" => Ok(Format::Name),
            "yaml" => Ok(Format::Yaml),
            "json" => Ok(Format::Json),
            other => Err(self.fail(format!(
                "unable to match a printer suitable for the output format \"{other}\", allowed formats are: \
                 json,name,wide,yaml"
            ))),
        }
    }
    /// Says what was done with an object, or prints it where `-o` says so.
    pub(crate) fn report(&mut self, value: &Value, done: &str) -> Outcome {
        let title = title(value);
        match self.format()? {
            Format::Table { .. } => {
                let dry_run = if self.is_client_dry_run() {
                    " (dry run)"
                } else if self.is_server_dry_run() {
                    " (server dry run)"
                } else {
                    ""
                };
                self.line(&format!("{title} {done}{dry_run}"));
            }
            Format::Name => self.line(&title),
            Format::Yaml => self.document(value),
            Format::Json => self.line(&json::pretty(value)),
        }
        Ok(())
    }
    /// Prints YAML; documents are kept apart.
    pub(crate) fn document(&mut self, value: &Value) {
        if self.documents > 0 {
            self.print("---\n");
        }
        self.documents += 1;
        self.print(&yaml::print(value));
    }
}
