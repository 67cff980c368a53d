//! RFC 7396 (merge) and RFC 6902 (a list of operations).

use crate::value::{Map, Str, Value};

/// The value after a merge patch: keys replace, `null` removes, lists are replaced.
pub fn json_merge(value: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut out = value.as_object().cloned().unwrap_or_else(Map::new);
    for (key, change) in patch.iter() {
        if change.is_null() {
            out.remove(key);
        } else {
            let merged = json_merge(out.get(key).unwrap_or(&Value::Null), change);
            out.insert(key.clone(), merged);
        }
    }
    Value::from(out)
}

/// The value after a list of operations. The error says which one does not go, as upstream's library says it
/// (evanphx/json-patch).
pub fn json_patch(value: &Value, patch: &Value) -> Result<Value, String> {
    let operations =
        patch.as_array().ok_or("json: cannot unmarshal object into Go value of type jsonpatch.Patch")?;
    operations.iter().try_fold(value.clone(), one)
}

fn one(mut value: Value, operation: &Value) -> Result<Value, String> {
    let text = |key: &str| operation.get(key).and_then(Value::as_str);
    let op = text("op").unwrap_or_default();
    let path = text("path").ok_or_else(|| format!("{op} operation does not apply: missing path"))?;
    let new = operation.get("value").cloned().unwrap_or_default();
    let failed = |why: String| format!("{op} operation does not apply: {why}");
    let steps = pointer(path);
    match op {
        "add" => add(&mut value, &steps, new).map_err(failed)?,
        "remove" => _ = remove(&mut value, &steps).map_err(failed)?,
        "replace" => {
            let place = find(&value, &steps);
            place.ok_or_else(|| failed(format!("doc is missing key: {path}: missing value")))?;
            put(&mut value, &steps, new);
        }
        "move" => {
            let moved = remove(&mut value, &pointer(text("from").unwrap_or_default())).map_err(failed)?;
            add(&mut value, &steps, moved).map_err(failed)?;
        }
        "copy" => {
            let from = text("from").unwrap_or_default();
            let copied = find(&value, &pointer(from)).cloned();
            let copied =
                copied.ok_or_else(|| failed(format!("doc is missing key: {from}: missing value")))?;
            add(&mut value, &steps, copied).map_err(failed)?;
        }
        "test" if *find(&value, &steps).unwrap_or(&Value::Null) == new => {}
        "test" => return Err(format!("testing value {path} failed: test failed")),
        other => return Err(format!("Unexpected kind: {other}")),
    }
    Ok(value)
}

/// The steps of a pointer, as `/spec/ports/0`.
fn pointer(path: &str) -> Vec<Str> {
    path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~").into()).collect()
}

fn find<'a>(value: &'a Value, steps: &[Str]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// The value at a place, to be changed.
fn find_mut<'a>(value: &'a mut Value, steps: &[Str]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Array(items) => std::rc::Rc::make_mut(items).get_mut(step.parse::<usize>().ok()?),
        Value::Object(map) => std::rc::Rc::make_mut(map).get_mut(step),
        _ => None,
    })
}

fn put(value: &mut Value, steps: &[Str], new: Value) {
    if let Some(place) = find_mut(value, steps) {
        *place = new;
    }
}

fn add(value: &mut Value, steps: &[Str], new: Value) -> Result<(), String> {
    let Some((last, parents)) = steps.split_last() else {
        *value = new;
        return Ok(());
    };
    let path = parents.iter().map(|step| format!("/{step}")).collect::<String>();
    match find_mut(value, parents) {
        Some(Value::Object(map)) => std::rc::Rc::make_mut(map).insert(last.clone(), new),
        Some(Value::Array(items)) => {
            let items = std::rc::Rc::make_mut(items);
            let at = if &**last == "-" { Some(items.len()) } else { last.parse().ok() };
            let at = at.filter(|at| *at <= items.len());
            items.insert(
                at.ok_or_else(|| {
                    format!("Unable to access invalid index: {last}: invalid index referenced")
                })?,
                new,
            );
        }
        _ => return Err(format!("doc is missing path: \"{path}/{last}\": missing value")),
    }
    Ok(())
}

fn remove(value: &mut Value, steps: &[Str]) -> Result<Value, String> {
    let Some((last, parents)) = steps.split_last() else { return Ok(std::mem::take(value)) };
    let missing = || format!("Unable to remove nonexistent key: {last}: missing value");
    match find_mut(value, parents) {
        Some(Value::Object(map)) => std::rc::Rc::make_mut(map).remove(last).ok_or_else(missing),
        Some(Value::Array(items)) => {
            let items = std::rc::Rc::make_mut(items);
            let at = last.parse::<usize>().ok().filter(|at| *at < items.len());
            Ok(items.remove(at.ok_or_else(|| {
                format!("Unable to access invalid index: {last}: invalid index referenced")
            })?))
        }
        _ => Err(missing()),
    }
}
