//! Objects as kubectl prints them.

pub(crate) mod age;
pub(crate) mod columns;
mod kyaml;
mod table;
pub(crate) mod tabs;
mod templates;
pub(crate) mod typed;

pub(crate) use table::{Look, lines, table};

use super::command::{Kubectl, Outcome};
use super::fields::{name, text};
use super::gotemplate::GoTemplate;
use super::jsonpath::Template;
use crate::api::Kind;
use crate::value::{Map, Value, json, yaml};

/// What `-o` names.
#[derive(Clone, Debug, PartialEq)]
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
    /// `kyaml`
    Kyaml,
    /// `json`
    Json,
    /// `go-template=...`
    GoTemplate(GoTemplate),
    /// `jsonpath=...`
    Template(Template),
    /// `jsonpath-as-json=...`
    TemplateAsJson(Template),
    /// `custom-columns=...`
    Columns(Vec<(String, Template)>),
}

/// Every format, as kubectl lists them.
const FORMATS: [&str; 14] = [
    "custom-columns",
    "custom-columns-file",
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "wide",
    "yaml",
];

/// `deployment.apps/web`
pub(crate) fn title(value: &Value) -> String {
    let kind = text(value, &["kind"]);
    let known = Kind::of(text(value, &["apiVersion"]), kind).or_else(|| Kind::named(kind));
    let singular = known.map_or_else(|| unknown(value), Kind::singular);
    format!("{singular}/{}", name(value))
}

/// A kind that the cluster has no objects of, as the Scale of a workload, by its group: `scale.autoscaling`.
fn unknown(value: &Value) -> String {
    let kind = text(value, &["kind"]).to_ascii_lowercase();
    match text(value, &["apiVersion"]).split_once('/') {
        Some((group, _)) => format!("{kind}.{group}"),
        None => kind,
    }
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

/// An object without `managedFields`.
pub(crate) fn without_owners(value: &Value) -> Value {
    let mut value = value.clone();
    if value.at(&["metadata", "managedFields"]).is_some() {
        let mut metadata = value.get("metadata").cloned().unwrap_or_default();
        metadata.make_object().remove("managedFields");
        value.set(&["metadata"], metadata);
    }
    value
}

impl Kubectl<'_, '_> {
    /// The format that `-o` names. Only `get` prints tables.
    pub(crate) fn format(&mut self) -> Outcome<Format> {
        let template = self.arguments.text("template").cloned().unwrap_or_default();
        let output = match self.arguments.text("output").cloned() {
            Some(output) => output,
            // A template alone is Go's.
            None if !template.is_empty() => "go-template".into(),
            None => return Ok(Format::Table { is_wide: false }),
        };
        match &*output {
            "" => Ok(Format::Table { is_wide: false }),
            "wide" if self.verb.name == "get" => Ok(Format::Table { is_wide: true }),
            "name" => Ok(Format::Name),
            "yaml" => Ok(Format::Yaml),
            "json" => Ok(Format::Json),
            "kyaml" => Ok(Format::Kyaml),
            other => self.template_format(other, &template),
        }
    }
    /// A format that is told by a template, in the word itself or in a file.
    fn template_format(&mut self, output: &str, template: &str) -> Outcome<Format> {
        let (name, given) = output.split_once('=').unwrap_or((output, template));
        let formats: Vec<&str> = FORMATS.into_iter().filter(|format| self.prints_as(format)).collect();
        if !formats.contains(&name) {
            let formats = formats.join(",");
            return Err(self.fail(format!(
                "unable to match a printer suitable for the output format \"{output}\", allowed formats are: {formats}"
            )));
        }
        let plain = if name == "templatefile" { "go-template" } else { name.trim_end_matches("-file") };
        let template = if name.ends_with("file") && !given.is_empty() {
            let Some(text) = self.shell.files.get(given).cloned() else {
                let why =
                    format!("error reading --template {given}, open {given}: no such file or directory");
                return Err(self.fail(why));
            };
            if plain == "custom-columns" { templates::columns_of_file(&text) } else { text.to_string() }
        } else {
            given.to_owned()
        };
        let is_strict = !self.arguments.is_not_off("allow-missing-template-keys");
        match templates::format(plain, &template, is_strict) {
            Some(Ok(format)) => Ok(format),
            Some(Err(why)) => Err(self.fail(why)),
            None => Err(self.not_here(&format!("the output format {name}"))),
        }
    }
    /// Whether the verb prints in a format: tables and columns are those of `get`.
    fn prints_as(&self, format: &str) -> bool {
        self.verb.name == "get" || !(format == "wide" || format.starts_with("custom-columns"))
    }
    /// The same by a verb that never says that nothing is kept where the server is not asked.
    pub(crate) fn report_plainly(&mut self, value: &Value, done: &str) -> Outcome {
        match self.format()? {
            Format::Table { .. } if self.is_client_dry_run() => {
                self.line(&format!("{} {done}", title(value)));
                Ok(())
            }
            _ => self.report(value, done),
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
            Format::Yaml => self.document(&self.shown(value)),
            Format::Kyaml => {
                let shown = self.shown(value);
                let text = if self.is_typed() {
                    kyaml::print(&typed::ordered(&shown), false)
                } else {
                    kyaml::print(&shown, true)
                };
                self.print(&text);
            }
            Format::Json if self.is_typed() => {
                self.line(&json::pretty_in_order(&typed::ordered(&self.shown(value))));
            }
            Format::Json => self.line(&json::pretty(&self.shown(value))),
            Format::Template(template) => match templates::filled(&template, value) {
                Ok(text) => self.print(&text),
                Err(why) => return Err(self.fail(why)),
            },
            Format::GoTemplate(template) => {
                let (text, result) = template.fill(value);
                self.print(&text);
                if let Err(why) = result {
                    let told = templates::not_executed(&template, value, &why);
                    self.print(&told);
                    let text = crate::api::check::quoted(template.text());
                    return Err(self.fail(format!("error executing template {text}: {why}")));
                }
            }
            Format::TemplateAsJson(template) => match templates::as_json(&template, value) {
                Ok(text) => self.line(&text),
                Err(why) => return Err(self.fail(why)),
            },
            Format::Columns(columns) => {
                let has_titles = !self.arguments.is("no-headers");
                match templates::table(&columns, value, has_titles) {
                    Ok(text) => self.print(&text),
                    Err(why) => return Err(self.fail(why)),
                }
            }
        }
        Ok(())
    }
    /// Whether what the verb prints are kubectl's own types, and not what a server or a file says.
    fn is_typed(&self) -> bool {
        let name = self.verb.name;
        matches!(name, "run" | "expose" | "autoscale")
            || name.starts_with("create ")
            || name.starts_with("set ")
    }
    /// An object, or a list of them, without their owners where `--show-managed-fields` does not ask for them.
    fn shown(&self, value: &Value) -> Value {
        if self.arguments.is("show-managed-fields") {
            return value.clone();
        }
        let mut value = value.clone();
        if let Some(items) = value.get("items").and_then(Value::as_array).map(<[Value]>::to_vec) {
            value.set(&["items"], items.iter().map(without_owners).collect::<Vec<_>>());
        }
        without_owners(&value)
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
