//! Filling a template in (upstream: `text/template/exec.go`).

use super::functions::{self, text};
use super::{Datum, Node, Operand, Pipe, What};
use crate::value::Value;
use std::rc::Rc;

/// How a part of a template ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Break,
    Continue,
}

/// A template that is being filled in.
pub(super) struct Run<'t> {
    template: &'t str,
    /// What it has printed.
    pub(super) out: String,
    variables: Vec<(String, Datum)>,
    strict: bool,
}

impl<'t> Run<'t> {
    pub(super) fn new(template: &'t str, value: &Value, strict: bool) -> Self {
        let variables = vec![("$".to_owned(), Datum::Value(value.clone()))];
        Self { template, out: String::new(), variables, strict }
    }
    fn wrong(&self, operand: &Operand, why: &str) -> String {
        let before = &self.template[..operand.at];
        let line = 1 + before.matches('\n').count();
        let column = operand.at - before.rfind('\n').map_or(0, |end| end + 1);
        format!("template: output:{line}:{column}: executing \"output\" at <{}>: {why}", operand.text)
    }
    pub(super) fn all(&mut self, nodes: &[Node], dot: &Datum) -> Result<Flow, String> {
        for node in nodes {
            let known = self.variables.len();
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::On
                }
                Node::Action(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    if pipe.variables.is_empty() {
                        self.out.push_str(&text(&value));
                    }
                    // A variable lives on to the end of what it stands in.
                    continue;
                }
                Node::If(pipe, then, otherwise) => {
                    let value = self.pipe(pipe, dot)?;
                    let chosen = if functions::is_true(&value) { then } else { otherwise };
                    self.inside(chosen, dot, known)?
                }
                Node::With(pipe, then, otherwise) => {
                    let value = self.pipe(pipe, dot)?;
                    if functions::is_true(&value) {
                        self.inside(then, &value, known)?
                    } else {
                        self.inside(otherwise, dot, known)?
                    }
                }
                Node::Range(pipe, body, otherwise) => self.range(pipe, body, otherwise, dot)?,
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            self.variables.truncate(known);
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }
    /// A part whose variables end with it.
    fn inside(&mut self, nodes: &[Node], dot: &Datum, known: usize) -> Result<Flow, String> {
        let flow = self.all(nodes, dot)?;
        self.variables.truncate(known);
        Ok(flow)
    }
    fn range(&mut self, pipe: &Pipe, body: &[Node], otherwise: &[Node], dot: &Datum) -> Result<Flow, String> {
        let value = self.pipe(&Pipe { variables: Vec::new(), ..pipe.clone() }, dot)?;
        let items: Vec<(Datum, Datum)> = match &value {
            Datum::Value(Value::Array(items)) => {
                let indexed = items.iter().zip(0..);
                indexed.map(|(item, at)| (Datum::Int(at), Datum::Value(item.clone()))).collect()
            }
            Datum::Value(Value::Object(map)) => {
                let sorted = map.sorted().into_iter();
                sorted
                    .map(|(key, item)| (Datum::Value(key.clone().into()), Datum::Value(item.clone())))
                    .collect()
            }
            Datum::Int(count) => {
                (0..(*count).min(10_000)).map(|at| (Datum::Int(at), Datum::Int(at))).collect()
            }
            Datum::Missing | Datum::Value(Value::Null) => Vec::new(),
            other => {
                let operand = &pipe.commands[0][0];
                return Err(self.wrong(operand, &format!("range can't iterate over {}", text(other))));
            }
        };
        if items.is_empty() {
            let known = self.variables.len();
            return self.inside(otherwise, dot, known);
        }
        let known = self.variables.len();
        for (at, item) in items {
            match &pipe.variables[..] {
                [] => {}
                [name] => self.set(name, item.clone(), pipe.assigns),
                [key, name, ..] => {
                    self.set(key, at, pipe.assigns);
                    self.set(name, item.clone(), pipe.assigns);
                }
            }
            let flow = self.inside(body, &item, known)?;
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }
    fn set(&mut self, name: &str, value: Datum, assigns: bool) {
        match self.variables.iter_mut().rev().find(|(known, _)| assigns && known == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }
    fn pipe(&mut self, pipe: &Pipe, dot: &Datum) -> Result<Datum, String> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last)?);
        }
        let value = last.unwrap_or(Datum::Missing);
        for name in &pipe.variables {
            self.set(name, value.clone(), pipe.assigns);
        }
        Ok(value)
    }
    fn command(&mut self, words: &[Operand], dot: &Datum, last: Option<Datum>) -> Result<Datum, String> {
        let (first, rest) = (&words[0], &words[1..]);
        let What::Function(name) = &first.what else {
            if !rest.is_empty() || last.is_some() {
                return Err(self.wrong(first, &format!("can't give argument to non-function {}", first.text)));
            }
            return self.operand(first, dot);
        };
        let mut arguments = Vec::new();
        // `and` and `or` look no further than they must.
        let stops = |value: &Datum| match &**name {
            "and" => !functions::is_true(value),
            "or" => functions::is_true(value),
            _ => false,
        };
        for word in rest {
            let value = self.operand(word, dot)?;
            if stops(&value) {
                return Ok(value);
            }
            arguments.push(value);
        }
        arguments.extend(last);
        let value = functions::call(name, &arguments)
            .map_err(|why| self.wrong(first, &why.replace("{name}", name)))?;
        self.follow(first, value)
    }
    fn operand(&mut self, operand: &Operand, dot: &Datum) -> Result<Datum, String> {
        let value = match &operand.what {
            What::Dot => dot.clone(),
            What::Variable(name) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                found.map_or(Datum::Missing, |(_, value)| value.clone())
            }
            What::Constant(value) => value.clone(),
            What::Pipe(pipe) => self.pipe(pipe, dot)?,
            What::Function(_) => return self.command(std::slice::from_ref(operand), dot, None),
        };
        self.follow(operand, value)
    }
    /// The fields behind an operand.
    fn follow(&self, operand: &Operand, mut value: Datum) -> Result<Datum, String> {
        for field in &operand.fields {
            value = match &value {
                Datum::Value(Value::Object(map)) => match map.get(field) {
                    Some(inner) => Datum::Value(inner.clone()),
                    None if self.strict => {
                        return Err(self.wrong(operand, &format!("map has no entry for key {field:?}")));
                    }
                    None => Datum::Missing,
                },
                Datum::Missing | Datum::Value(Value::Null) => Datum::Missing,
                _ => {
                    return Err(
                        self.wrong(operand, &format!("can't evaluate field {field} in type interface {{}}"))
                    );
                }
            };
        }
        Ok(value)
    }
}

/// A list's item or an object's field, as `index` finds it.
pub(super) fn index(value: &Datum, at: &Datum) -> Result<Datum, String> {
    let of_list = |items: &Rc<[Value]>, at: i64| {
        let item = usize::try_from(at).ok().and_then(|at| items.get(at)).cloned();
        item.map(Datum::Value).ok_or_else(|| format!("error calling index: index out of range: {at}"))
    };
    match (value, at) {
        (Datum::Value(Value::Object(map)), Datum::Value(Value::String(key))) => {
            Ok(map.get(key).map_or(Datum::Missing, |inner| Datum::Value(inner.clone())))
        }
        (Datum::Value(Value::Array(items)), Datum::Int(at)) => of_list(&items.to_vec().into(), *at),
        (Datum::Missing | Datum::Value(Value::Null), _) => {
            Err("error calling index: index of untyped nil".into())
        }
        (Datum::Value(Value::Array(_)), _) => {
            Err("error calling index: cannot index slice/array with type string".into())
        }
        (Datum::Value(Value::Object(_)), _) => {
            Err("error calling index: value has type int; should be string".into())
        }
        (other, _) => {
            Err(format!("error calling index: can't index item of type {}", functions::type_name(other)))
        }
    }
}
