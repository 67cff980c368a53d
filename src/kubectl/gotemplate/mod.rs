//! Templates of `-o go-template` (upstream: Go's `text/template`, cli-runtime `printers/template.go`).

mod evaluate;
mod functions;
mod parse;
#[cfg(test)]
mod tests;

use crate::value::Value;

/// A template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GoTemplate {
    /// As it was written.
    text: String,
    nodes: Vec<Node>,
    /// Whether it is an error that something is not there (`missingkey=error`).
    strict: bool,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Text outside of braces.
    Text(String),
    /// `{{ pipe }}`
    Action(Pipe),
    /// `{{if}}`
    If(Pipe, Vec<Node>, Vec<Node>),
    /// `{{with}}`
    With(Pipe, Vec<Node>, Vec<Node>),
    /// `{{range}}`
    Range(Pipe, Vec<Node>, Vec<Node>),
    /// `{{break}}`
    Break,
    /// `{{continue}}`
    Continue,
}

/// Commands, each with what the one before gives as its last word, and the variables that the last one's value gets.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pipe {
    /// With their dollar signs.
    variables: Vec<String>,
    /// Whether they are there already (`=`, and not `:=`).
    assigns: bool,
    commands: Vec<Vec<Operand>>,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq)]
struct Operand {
    what: What,
    /// The fields that are followed from there.
    fields: Vec<String>,
    /// As it was written, and where: what an error says.
    text: String,
    at: usize,
}

/// What an operand begins with.
#[derive(Clone, Debug, PartialEq)]
enum What {
    /// `.`
    Dot,
    /// `$x`
    Variable(String),
    /// A constant.
    Constant(Datum),
    /// A function's name.
    Function(String),
    /// `(pipe)`
    Pipe(Pipe),
}

/// A value as Go has it.
#[derive(Clone, Debug, PartialEq)]
enum Datum {
    /// What a map does not have.
    Missing,
    /// A whole number of the template. Those of objects are fractions, as JSON is read.
    Int(i64),
    /// Anything else.
    Value(Value),
}

impl GoTemplate {
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
    /// The template filled in: what was printed, and the error where it ended early.
    pub(crate) fn fill(&self, value: &Value) -> (String, Result<(), String>) {
        let mut run = evaluate::Run::new(&self.text, value, self.strict);
        let result = run.all(&self.nodes, &Datum::Value(value.clone()));
        (run.out, result.map(|_| ()))
    }
}
