//! Templates of `-o jsonpath`: text with places of an object in braces (upstream: client-go `util/jsonpath`).

mod evaluate;
mod parse;
#[cfg(test)]
mod tests;

use crate::value::Value;

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// As it was written.
    text: String,
    nodes: Vec<Node>,
    /// Whether it is an error that something is not there.
    strict: bool,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    /// Text outside of braces.
    Text(String),
    /// What stands in braces.
    Action(Vec<Step>),
    /// `{range ...}` with what is repeated up to `{end}`.
    Range(Vec<Step>, Vec<Node>),
}

/// A step from values to values.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `.name`
    Field(String),
    /// `.*`
    Wildcard,
    /// `..`
    Recursive,
    /// `[0]`, `[-1]`, `[1:3]`, `[*]`
    Slice(Slice),
    /// `['a','b']`, `[0,1]`
    Union(Vec<Vec<Step>>),
    /// `[?(@.a=="b")]`; without an operator what stands left must be there.
    Filter(Vec<Step>, Option<(String, Vec<Step>)>),
    /// `"text"`, a number, `true`
    Literal(Value),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Slice {
    from: Option<i64>,
    to: Option<i64>,
    step: Option<i64>,
    /// One index alone, which ends behind itself.
    is_one: bool,
}

impl Template {
    /// Reads a template. The error is upstream's.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned(), nodes: parse::template(text)?, strict: false })
    }
    /// The same, to which it is an error that something is not there (`--allow-missing-template-keys=false`).
    pub(crate) fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }
    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
    /// The values of each piece. What is not there gives none, or an error where the template is strict.
    pub(crate) fn find(&self, value: &Value) -> Result<Vec<Vec<Value>>, String> {
        evaluate::nodes(&self.nodes, value, self.strict)
    }
    /// The template filled in.
    pub(crate) fn print(&self, value: &Value) -> Result<String, String> {
        let pieces = self.find(value)?;
        Ok(pieces.iter().map(|values| evaluate::print(values)).collect())
    }
}

/// A path that may lack its braces and its first dot, as `--for=jsonpath` and `custom-columns` take it
/// (upstream: `get.RelaxedJSONPathExpression`).
pub(crate) fn relaxed(path: &str) -> Result<String, String> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = match (path.strip_prefix('{'), path.ends_with('}')) {
        (Some(rest), true) => &rest[..rest.len() - 1],
        (None, false) if !path.contains(['{', '}']) => path,
        _ => return Err(UNEXPECTED.to_owned()),
    };
    if inner.contains(['{', '}']) {
        return Err(UNEXPECTED.to_owned());
    }
    Ok(format!("{{.{}}}", inner.strip_prefix('.').unwrap_or(inner)))
}

const UNEXPECTED: &str = "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or \
    '{.name1.name2}'";
