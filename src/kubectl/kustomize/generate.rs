//! ConfigMaps and Secrets that a kustomization makes, and the hash behind their names (upstream: kustomize `api/hasher`).

use super::{Item, joined};
use crate::cluster::sha256::digest;
use crate::kubectl::fields::{is, list, object, pairs, text};
use crate::kubectl::process::Files;
use crate::kubectl::verbs::base64;
use crate::value::{Map, Str, Value, json};

/// Makes what `configMapGenerator` and `secretGenerator` say.
pub(super) fn all(files: &Files, folder: &str, wanted: &Value, items: &mut Vec<Item>) -> Result<(), String> {
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for generator in list(wanted, &[field]) {
            let data = data(files, folder, generator)?;
            let encoded =
                |text: &str| if kind == "Secret" { base64(text.as_bytes()) } else { text.to_owned() };
            let data: Map = data.into_iter().map(|(key, text)| (key, Value::from(encoded(&text)))).collect();
            let name = text(generator, &["name"]);
            let known = items.iter_mut().find(|item| &*item.original == name && item.kind() == kind);
            match (text(generator, &["behavior"]), known) {
                ("merge", Some(item)) => {
                    for (key, value) in data.iter() {
                        item.value.set(&["data", key], value.clone());
                    }
                    continue;
                }
                ("replace", Some(item)) => {
                    item.value.set(&["data"], data);
                    continue;
                }
                ("merge" | "replace", None) => {
                    let behavior = text(generator, &["behavior"]);
                    return Err(format!(
                        "id resid.ResId{{Kind:{kind:?}, Name:{name:?}}} does not exist; cannot {behavior}"
                    ));
                }
                (_, Some(_)) => {
                    return Err(format!(
                        "may not add resource with an already registered id: {kind}.v1.[noGrp]/{name}.[noNs]"
                    ));
                }
                (_, None) => {}
            }
            let mut value = object([("apiVersion", "v1"), ("kind", kind)]);
            if !data.is_empty() {
                value.set(&["data"], data);
            }
            value.set(&["metadata", "name"], name);
            if let Some(namespace) = generator.get("namespace") {
                value.set(&["metadata", "namespace"], namespace.clone());
            }
            for options in [wanted.get("generatorOptions"), generator.get("options")].into_iter().flatten() {
                for part in ["labels", "annotations"] {
                    for (key, text) in pairs(options, &[part]) {
                        value.set(&["metadata", part, key], text.clone());
                    }
                }
                if is(options, &["immutable"]) {
                    value.set(&["immutable"], true);
                }
            }
            if kind == "Secret" {
                let given = text(generator, &["type"]);
                value.set(&["type"], if given.is_empty() { "Opaque" } else { given });
            }
            let is_plain = is(wanted, &["generatorOptions", "disableNameSuffixHash"])
                || is(generator, &["options", "disableNameSuffixHash"]);
            items.push(Item { is_hashed: !is_plain, ..Item::new(value) });
        }
    }
    Ok(())
}

/// The keys of a generator, from literals, files and files of variables.
fn data(files: &Files, folder: &str, generator: &Value) -> Result<Vec<(Str, Str)>, String> {
    let texts = |field: &str| -> Vec<Str> {
        list(generator, &[field]).iter().filter_map(Value::as_str).map(Str::from).collect()
    };
    let read = |path: &str| {
        let path = joined(folder, path);
        files
            .get(&*path)
            .cloned()
            .ok_or_else(|| format!("loading KV pairs: open /home/podium/{path}: no such file or directory"))
    };
    let mut out = Vec::new();
    for source in texts("files") {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (key, path),
            None => (source.rsplit('/').next().unwrap_or_default(), &*source),
        };
        out.push((Str::from(key), read(path)?));
    }
    for source in texts("envs").into_iter().chain(generator.get("env").and_then(Value::as_str).map(Str::from))
    {
        for line in read(&source)?.lines().map(str::trim_start) {
            if let Some((key, text)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
                out.push((key.into(), text.into()));
            }
        }
    }
    for literal in texts("literals") {
        let Some((key, text)) = literal.split_once('=') else {
            return Err(format!(
                "loading KV pairs: literal sources: invalid literal source {literal}, expected key=value"
            ));
        };
        out.push((key.into(), text.trim_matches(['"', '\'']).into()));
    }
    Ok(out)
}

/// The hash of what a ConfigMap or a Secret holds: ten letters that make no words.
pub(super) fn hash(value: &Value) -> String {
    hash_under(value, "")
}

/// The same with a name in it, as `--append-hash` has it (upstream: kubectl `util/hash`).
pub(in crate::kubectl) fn hash_under(value: &Value, name: &str) -> String {
    let mut hashed = object([("kind", text(value, &["kind"])), ("name", name)]);
    let nothing = if name.is_empty() { Value::from("") } else { Value::Null };
    hashed.set(&["data"], value.get("data").cloned().unwrap_or(nothing));
    for field in ["binaryData", "stringData"] {
        if let Some(data) = value.get(field) {
            hashed.set(&[field], data.clone());
        }
    }
    if text(value, &["kind"]) == "Secret" {
        hashed.set(&["type"], text(value, &["type"]));
    }
    let hex = digest(json::compact(&hashed).as_bytes()).map(|byte| format!("{byte:02x}")).concat();
    let letter = |c| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        c => c,
    };
    hex.chars().take(10).map(letter).collect()
}
