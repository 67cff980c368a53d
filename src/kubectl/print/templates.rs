//! `-o go-template`, `jsonpath`, `jsonpath-as-json` and `custom-columns` (upstream: cli-runtime `printers/jsonpath.go`, kubectl
//! `cmd/get/customcolumn.go`).

use super::{Format, tabs};
use crate::kubectl::gotemplate::GoTemplate;
use crate::kubectl::jsonpath::{Template, relaxed};
use crate::value::{Value, json};
use std::fmt::Write;

/// The format that an output of this family names; none where it is of another. To a `strict` one it is an error that
/// something is not there; columns never are.
pub(super) fn format(name: &str, template: &str, strict: bool) -> Option<Result<Format, String>> {
    let go = || {
        if template.is_empty() {
            return Err("template format specified but no template given".to_owned());
        }
        let parsed = GoTemplate::parse(template).map(|template| template.strict(strict));
        parsed.map_err(|why| format!("error parsing template {template}, {why}"))
    };
    let parsed = || {
        if template.is_empty() {
            return Err("template format specified but no template given".to_owned());
        }
        let parsed = Template::parse(template).map(|template| template.strict(strict));
        parsed.map_err(|why| format!("error parsing jsonpath {template}, {why}"))
    };
    Some(match name {
        "jsonpath" => parsed().map(Format::Template),
        "jsonpath-as-json" => parsed().map(Format::TemplateAsJson),
        "go-template" | "template" => go().map(Format::GoTemplate),
        "custom-columns" => columns(template).map(Format::Columns),
        _ => return None,
    })
}

/// The columns that a file tells: a line of titles, and a line of templates below it.
pub(super) fn columns_of_file(text: &str) -> String {
    let mut lines = text.lines().map(str::split_whitespace);
    let (titles, templates) = (lines.next().into_iter().flatten(), lines.next().into_iter().flatten());
    let columns: Vec<String> = titles.zip(templates).map(|(title, of)| format!("{title}:{of}")).collect();
    columns.join(",")
}

/// The template filled in.
pub(super) fn filled(template: &Template, value: &Value) -> Result<String, String> {
    template.print(value).map_err(|why| failed(template, value, &why))
}

/// The values of a template as one JSON list.
pub(super) fn as_json(template: &Template, value: &Value) -> Result<String, String> {
    let found = template.find(value).map_err(|why| failed(template, value, &why))?;
    let lists: Vec<String> = found.into_iter().map(|values| json::pretty(&Value::from(values))).collect();
    Ok(lists.join("\n"))
}

/// What is printed of a template of Go's that could not be filled in.
pub(super) fn not_executed(template: &GoTemplate, value: &Value, why: &str) -> String {
    format!(
        "Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\traw \
         data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
        template.text(),
        json::compact(value),
        go_text(value)
    )
}

fn failed(template: &Template, value: &Value, why: &str) -> String {
    let text = template.text();
    format!(
        "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging \
         the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
        crate::api::check::quoted(text),
        go_syntax(value)
    )
}

/// A value as Go's `%#v` prints it.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let pairs = map.sorted().into_iter();
            let pairs =
                pairs.map(|(key, value)| format!("{}:{}", crate::api::check::quoted(key), go_syntax(value)));
            format!("map[string]interface {{}}{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::String(text) => crate::api::check::quoted(text),
        Value::Null => "interface {}(nil)".into(),
        other => json::compact(other),
    }
}

/// A value as Go's `%v` prints it.
fn go_text(value: &Value) -> String {
    let join = |texts: Vec<String>| texts.join(" ");
    match value {
        Value::Object(map) => {
            let pairs = map.sorted().into_iter().map(|(key, value)| format!("{key}:{}", go_text(value)));
            format!("map[{}]", join(pairs.collect()))
        }
        Value::Array(items) => format!("[{}]", join(items.iter().map(go_text).collect())),
        Value::String(text) => text.to_string(),
        Value::Null => "<nil>".into(),
        other => json::compact(other),
    }
}

/// `NAME:.metadata.name,IMAGE:.spec.containers[*].image`
fn columns(text: &str) -> Result<Vec<(String, Template)>, String> {
    if text.is_empty() {
        return Err("custom-columns format specified but no custom columns given".into());
    }
    let column = |part: &str| {
        let (title, path) = part.split_once(':').ok_or_else(|| {
            format!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        })?;
        Ok((title.to_owned(), Template::parse(&relaxed(path)?)?))
    };
    text.split(',').map(column).collect()
}

/// A line for an object, or for each of a list.
pub(super) fn table(
    columns: &[(String, Template)],
    value: &Value,
    has_titles: bool,
) -> Result<String, String> {
    let mut text = String::new();
    if has_titles {
        let titles: Vec<&str> = columns.iter().map(|(title, _)| &**title).collect();
        _ = writeln!(text, "{}", titles.join("\t"));
    }
    let is_list = value.get("kind").and_then(Value::as_str) == Some("List");
    let items = value.get("items").and_then(Value::as_array).filter(|_| is_list);
    for item in items.unwrap_or(std::slice::from_ref(value)) {
        let mut cells = Vec::new();
        for (_, template) in columns {
            let found: Vec<String> = template.find(item)?.iter().flatten().map(go_text).collect();
            cells.push(if found.is_empty() { "<none>".to_owned() } else { found.join(",") });
        }
        _ = writeln!(text, "{}", cells.join("\t"));
    }
    Ok(tabs::align(&text, 6, 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_and_filled() {
        let pod = json::parse(
            r#"{"kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"image":"a"},{"image":"b"}]}}"#,
        )
        .expect("JSON");
        let columns = columns("NAME:.metadata.name,IMAGES:{.spec.containers[*].image},NODE:spec.nodeName")
            .expect("reads");
        assert_eq!(
            table(&columns, &pod, true).as_deref(),
            Ok("NAME   IMAGES   NODE\nweb    a,b      <none>\n")
        );
        let template = Template::parse("{.spec.containers[5]}").expect("reads");
        let why = filled(&template, &json::parse(r#"{"spec":{"containers":[]}}"#).expect("JSON"));
        assert_eq!(
            why.expect_err("out of bounds"),
            "error executing jsonpath \"{.spec.containers[5]}\": Error executing template: array index out of \
             bounds: index 5, length 0. Printing more information for debugging the template:\n\ttemplate was:\n\
             \t\t{.spec.containers[5]}\n\tobject given to jsonpath engine was:\n\t\tmap[string]interface \
             {}{\"spec\":map[string]interface {}{\"containers\":[]interface {}{}}}\n\n\n"
        );
    }
}
