//! Walking an object along a template (upstream: client-go `util/jsonpath/jsonpath.go`). A map's values come in
//! the order of their keys, where upstream takes them as Go's map gives them.

use super::{Node, Slice, Step};
use crate::value::{Value, json};
use std::cmp::Ordering;

/// The values of each piece; what is not there is an error where that is `strict`.
pub(super) fn nodes(nodes: &[Node], value: &Value, strict: bool) -> Result<Vec<Vec<Value>>, String> {
    let mut out = Vec::new();
    for node in nodes {
        match node {
            Node::Text(text) => out.push(vec![Value::from(text.clone())]),
            Node::Action(steps) => out.push(walk(steps, vec![value.clone()], strict)?),
            Node::Range(steps, inside) => {
                for value in walk(steps, vec![value.clone()], strict)? {
                    out.extend(self::nodes(inside, &value, strict)?);
                }
            }
        }
    }
    Ok(out)
}

/// Values as they stand in the output: side by side, texts without quotes.
pub(super) fn print(values: &[Value]) -> String {
    let texts = values.iter().map(|value| match value {
        Value::String(text) => text.to_string(),
        other => json::compact(other),
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn walk(steps: &[Step], mut values: Vec<Value>, strict: bool) -> Result<Vec<Value>, String> {
    for step in steps {
        values = self::step(step, values, strict)?;
    }
    Ok(values)
}

fn step(step: &Step, values: Vec<Value>, strict: bool) -> Result<Vec<Value>, String> {
    let mut out = Vec::new();
    match step {
        Step::Literal(literal @ Value::String(_)) => out.push(literal.clone()),
        Step::Literal(literal) => out.extend(values.iter().map(|_| literal.clone())),
        Step::Field(name) => {
            out.extend(values.iter().filter_map(|value| value.get(name).cloned()));
            if strict && out.is_empty() && !values.is_empty() {
                return Err(format!("{name} is not found"));
            }
        }
        Step::Wildcard => values.iter().for_each(|value| out.extend(children(value))),
        Step::Recursive => values.iter().for_each(|value| recursive(value, &mut out)),
        Step::Union(parts) => {
            for part in parts {
                out.extend(walk(part, values.clone(), strict)?);
            }
        }
        Step::Slice(slice) => {
            for value in values.iter().filter(|value| !value.is_null()) {
                let items = value.as_array().ok_or_else(|| not_a_list(value))?;
                out.extend(cut(slice, items)?);
            }
        }
        Step::Filter(left, comparison) => {
            for value in &values {
                let items = value.as_array().ok_or_else(|| {
                    format!("{} is not array or slice and cannot be filtered", print(&values))
                })?;
                for item in items {
                    if passes(left, comparison.as_ref(), item, strict)? {
                        out.push(item.clone());
                    }
                }
            }
        }
    }
    Ok(out)
}

fn not_a_list(value: &Value) -> String {
    let kind = match value {
        Value::Object(_) => "map[string]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        _ => "float64",
    };
    format!("{kind} is not array or slice")
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(map) => map.sorted().into_iter().map(|(_, value)| value.clone()).collect(),
        Value::Array(items) => items.to_vec(),
        _ => Vec::new(),
    }
}

fn recursive(value: &Value, out: &mut Vec<Value>) {
    let children = children(value);
    if !children.is_empty() {
        out.push(value.clone());
        children.iter().for_each(|child| recursive(child, out));
    }
}

fn cut(slice: &Slice, items: &[Value]) -> Result<Vec<Value>, String> {
    let length = items.len() as i64;
    let behind = |place: i64| if place < 0 { place + length } else { place };
    let given = slice.from.unwrap_or(0);
    let from = behind(given);
    let to = match (slice.is_one, slice.to) {
        (true, _) if given == -1 => length,
        (true, _) => behind(given + 1),
        (false, to) => behind(to.unwrap_or(length)),
    };
    if from == to {
        return Ok(Vec::new());
    }
    let out_of_bounds =
        |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
    if from >= length || from < 0 {
        return out_of_bounds(from);
    }
    if to > length || to < 0 {
        return out_of_bounds(to - 1);
    }
    if from > to {
        return Err(format!("starting index {from} is greater than ending index {to}"));
    }
    let step = slice.step.unwrap_or(1);
    if step <= 0 {
        return Err("step must be > 0".into());
    }
    Ok(items[from as usize..to as usize].iter().step_by(step as usize).cloned().collect())
}

fn passes(
    left: &[Step],
    comparison: Option<&(String, Vec<Step>)>,
    item: &Value,
    strict: bool,
) -> Result<bool, String> {
    let lefts = walk(left, vec![item.clone()], strict);
    let Some((operator, right)) = comparison else {
        return Ok(lefts.is_ok_and(|lefts| !lefts.is_empty()));
    };
    let (lefts, rights) = (lefts?, walk(right, vec![item.clone()], strict)?);
    let (left, right) = match (&lefts[..], &rights[..]) {
        ([], _) | (_, []) => return Ok(false),
        ([left], [right]) => (left, right),
        _ => return Err("can only compare one element at a time".into()),
    };
    let order = compare(left, right).ok_or("incompatible types for comparison")?;
    Ok(match &**operator {
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        other => return Err(format!("unrecognized filter operator {other}")),
    })
}

/// Compares two values of one kind; none where they are of different kinds.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
