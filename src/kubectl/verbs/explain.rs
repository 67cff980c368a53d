//! `kubectl explain`: the structure of a kind (upstream: kubectl `explain/v2/templates/plaintext.tmpl`). The schema
//! here holds no descriptions, and kubectl says so where there are none.

use super::Verb;
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Stop};
use crate::schema::{Definition, Field, Schema};
use std::fmt::Write;

pub(super) const VERB: Verb = Verb { name: "explain", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let arguments = kubectl.arguments.clone();
    let word = match &arguments.words[..] {
        [word] => word.clone(),
        [] => {
            return Err(kubectl.fail(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete \
                 list of supported resources."
                    .to_owned(),
            ));
        }
        _ => return Err(kubectl.fail("We accept only this format: explain RESOURCE".to_owned())),
    };
    if let Some(output) = arguments.text("output")
        && !matches!(&**output, "plaintext" | "plaintext-openapiv2")
    {
        return Err(kubectl.fail(format!("unrecognized format: {output}")));
    }
    let depth = arguments.number("max-depth").unwrap_or(0);
    let is_recursive = arguments.is("recursive");
    if depth > 0 && !is_recursive {
        return Err(kubectl.fail("--max-depth requires --recursive".to_owned()));
    }
    let Ok(depth) = usize::try_from(depth) else {
        return Err(kubectl.fail("--max-depth must be non-negative".to_owned()));
    };
    let Some((kind, path)) = split(&word) else {
        let resource = word.split('.').next().unwrap_or_default();
        if kubectl.known(resource).is_none() {
            kubectl.discover()?;
        }
        if kubectl.known(resource).is_some() {
            return Err(kubectl.not_here("explain of a kind that a CustomResourceDefinition has made"));
        }
        kubectl.complain(&format!("the server doesn't have a resource type \"{resource}\""));
        return Err(Stop::Exit(1));
    };
    let api_version = match arguments.text("api-version").filter(|version| !version.is_empty()) {
        Some(version) => version.to_string(),
        None => kind.api_version(),
    };
    let folder = if api_version.contains('/') { "apis" } else { "api" };
    kubectl.raw("GET", "/openapi/v3?timeout=32s".to_owned())?;
    let Some(definition) = Schema::lookup(&api_version, kind.info().name) else {
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let why =
            format!("couldn't find resource for \"{group}/{version}, Resource={}\"", kind.info().plural);
        return Err(kubectl.fail(why));
    };
    kubectl.raw("GET", format!("/openapi/v3/{folder}/{api_version}?timeout=32s"))?;
    let look = Look { is_recursive, depth };
    match told(kind, &api_version, definition, &path, look) {
        Ok(text) => {
            kubectl.print(&text);
            Ok(())
        }
        Err((head, field)) => {
            kubectl.print(&head);
            Err(kubectl.fail(format!("field \"{field}\" does not exist")))
        }
    }
}

/// How much of what is inside is told.
#[derive(Clone, Copy)]
struct Look {
    is_recursive: bool,
    /// 0 for all.
    depth: usize,
}

/// The kind that `deployments.apps.spec.replicas` begins with, and the fields behind it.
fn split(word: &str) -> Option<(Kind, Vec<&str>)> {
    let parts: Vec<&str> = word.trim_end_matches('.').split('.').collect();
    (1..=parts.len())
        .rev()
        .find_map(|length| Some((Kind::from_resource(&parts[..length].join("."))?, parts[length..].to_vec())))
}

fn told(
    kind: Kind,
    api_version: &str,
    root: &'static Definition,
    path: &[&str],
    look: Look,
) -> Result<String, (String, String)> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let mut out = String::new();
    if !group.is_empty() {
        _ = writeln!(out, "GROUP:      {group}");
    }
    _ = writeln!(out, "KIND:       {}\nVERSION:    {version}\n", kind.info().name);
    let mut inside = Some(root);
    let mut last: Option<&Field> = None;
    for name in path {
        let missing = || (out.clone(), path.last().copied().unwrap_or_default().to_owned());
        let field = inside.and_then(|definition| definition.field(name)).ok_or_else(missing)?;
        inside = field.ty.definition();
        last = Some(field);
    }
    if let Some(field) = last {
        _ = writeln!(out, "FIELD: {} <{}>\n\n", field.name, field.ty);
    }
    out.push_str("DESCRIPTION:\n    <empty>\n");
    if let Some(definition) = inside.filter(|definition| !definition.fields.is_empty()) {
        out.push_str("FIELDS:\n");
        fields(&mut out, definition, look, 1, &mut vec![definition.name]);
    }
    out.push('\n');
    Ok(out)
}

/// The fields of a definition; with `--recursive` those inside them, up to where one is inside itself.
fn fields(out: &mut String, of: &Definition, look: Look, level: usize, above: &mut Vec<&'static str>) {
    let indent = "  ".repeat(level);
    for field in &of.fields {
        let required = if field.required { " -required-" } else { "" };
        _ = writeln!(out, "{indent}{}\t<{}>{required}", field.name, field.ty);
        if !look.is_recursive {
            _ = writeln!(out, "{indent}  <no description>\n");
            continue;
        }
        let inner = field.ty.definition().filter(|inner| !above.contains(&inner.name));
        if let Some(inner) = inner.filter(|_| look.depth == 0 || level < look.depth) {
            above.push(inner.name);
            fields(out, inner, look, level + 1, above);
            above.pop();
        }
    }
}
