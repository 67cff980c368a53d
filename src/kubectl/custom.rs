//! Kinds that no table has: what discovery says of the definitions that a server has. kubectl keeps it from one command to the
//! next and asks again where it does not know a word (upstream: client-go `restmapper` and `discovery/cached`).

use super::command::{Kubectl, Outcome};
use super::jsonpath::{Template, relaxed};
use super::print::{Look, age};
use crate::api::custom::definition::{Column, Definition};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::request::{Filter, GROUPS, Reason, Reply, Request, Verb as Asked};
use crate::cluster::time::parse_rfc3339;
use crate::value::{Str, Value, json};
use std::rc::Rc;

impl Kubectl<'_, '_> {
    /// Asks the server what it has. What it says stays known.
    pub(crate) fn discover(&mut self) -> Outcome {
        self.raw("GET", "/api?timeout=32s".to_owned())?;
        let mut result = self.ask(Request::raw("GET", format!("{GROUPS}timeout=32s")))?;
        if let Ok(Reply::Success) = result {
            // A real server's answer is not read here: its definitions say the same.
            let all = ObjectKey::new(Kind::CustomResourceDefinition, "", "");
            result = self.ask(Request::new(Asked::List(Filter::default()), all))?;
        }
        let objects = match result {
            Ok(Reply::List(objects, _)) => objects,
            Ok(_) => Vec::new(),
            // Who may not see the definitions, or asks a server without any, goes on without them.
            Err(status) if matches!(status.reason, Reason::Forbidden | Reason::NotFound) => Vec::new(),
            Err(status) => return Err(self.fail(status)),
        };
        let found: Vec<Definition> = objects
            .iter()
            .map(Object::encode)
            .filter_map(|object| Definition::established(&object))
            .collect();
        if *self.shell.kept.discovered != *found {
            self.shell.kept.discovered = Rc::new(found);
        }
        Ok(())
    }
    /// The definition of a custom kind, as it is known.
    pub(crate) fn definition(&self, kind: Kind) -> Option<Definition> {
        let known = self.shell.kept.discovered.iter();
        known.filter(|_| kind.is_custom()).find(|known| known.kind() == Some(kind)).cloned()
    }
    /// The kind that a word names, as far as kubectl knows.
    pub(crate) fn known(&self, word: &str) -> Option<Kind> {
        let known = || self.shell.kept.discovered.iter().find(|known| known.is_meant_by(word))?.kind();
        Kind::from_resource(word).or_else(known)
    }
    /// The kinds that a word stands for: of a category those that it has.
    pub(crate) fn category(&self, word: &str) -> Vec<Kind> {
        let known = self.shell.kept.discovered.iter();
        let of_it = known.filter(|known| known.categories.iter().any(|name| **name == *word));
        of_it.filter_map(Definition::kind).collect()
    }
    /// The columns that the server has for a kind that is no built-in one.
    pub(crate) fn columns(&self, kind: Kind) -> Rc<[Column]> {
        let definition = self.definition(kind);
        definition.and_then(|it| Some(it.preferred()?.columns.clone())).unwrap_or_default().into()
    }
    /// How a table shows objects of a kind.
    pub(crate) fn look(&self, kind: Kind, has_kind: bool) -> Look {
        let arguments = &self.arguments;
        Look {
            is_wide: arguments.text("output").is_some_and(|output| &**output == "wide"),
            has_titles: !arguments.is("no-headers"),
            has_namespace: arguments.is("all-namespaces") && kind.info().namespaced,
            has_kind: has_kind || arguments.is("show-kind"),
            has_labels: arguments.is("show-labels"),
            labels: arguments.list("label-columns").map(Str::from).collect(),
            columns: self.columns(kind),
        }
    }
}

/// The custom kind that an object with these two lines is of.
pub(super) fn kind_of(known: &[Definition], api_version: &str, kind: &str) -> Option<Kind> {
    let (group, version) = api_version.split_once('/')?;
    let is_it = |known: &&Definition| {
        *known.group == *group && *known.kind == *kind && known.version(version).is_some()
    };
    known.iter().find(is_it)?.kind()
}

/// What stands in a column of an object, nothing where it is of another type; `now` in microseconds since 1970 (upstream:
/// apiextensions-apiserver `registry/customresource/tableconvertor`).
pub(super) fn cell(column: &Column, object: &Value, now: u64) -> String {
    let template = relaxed(&column.path).and_then(|path| Template::parse(&path));
    let found = template.ok().and_then(|template| template.find(object).ok());
    let Some(value) = found.into_iter().flatten().flatten().next() else { return String::new() };
    match (&*column.ty, &value) {
        // No time is given.
        ("date", Value::String(time)) if matches!(&**time, "" | "null") => age::since(time, now),
        ("date", Value::String(time)) if parse_rfc3339(time).is_none() => "<invalid>".into(),
        ("date", Value::String(time)) => age::since(time, now),
        ("integer", Value::Float(number)) => (*number as i64).to_string(),
        ("integer" | "number", Value::Int(_)) | ("number", Value::Float(_)) | ("boolean", Value::Bool(_)) => {
            json::compact(&value)
        }
        ("integer" | "number" | "boolean" | "date", _) => String::new(),
        (_, Value::String(text)) => text.to_string(),
        (_, Value::Null) => String::new(),
        _ => json::compact(&value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_what_is_of_its_columns_type() {
        let object = json::parse(
            r#"{"text":"two","number":1.5,"count":3,"is":true,"none":null,"time":"1970-01-01T00:00:00Z"}"#,
        );
        let object = object.expect("JSON");
        for (ty, path, expected) in [
            ("integer", "count", "3"),
            ("integer", "number", "1"),
            ("integer", "text", ""),
            ("number", "number", "1.5"),
            ("number", "count", "3"),
            ("number", "is", ""),
            ("boolean", "is", "true"),
            ("boolean", "text", ""),
            ("string", "text", "two"),
            ("string", "count", "3"),
            ("string", "none", ""),
            ("date", "time", "5s"),
            ("date", "text", "<invalid>"),
            ("date", "count", ""),
            ("integer", "missing", ""),
        ] {
            let path = Str::from(format!(".{path}"));
            let column = Column { name: "C".into(), ty: ty.into(), path, is_wide: false };
            assert_eq!(cell(&column, &object, 5_000_000), expected, "{column:?}");
        }
    }
}
