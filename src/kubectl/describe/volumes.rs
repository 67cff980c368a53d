//! Volumes of a Pod or a template, and tolerations.

use super::Text;
use crate::kubectl::fields::{is, list, number, plain, text};
use crate::value::Value;

/// Volumes; those of a template stand one blank further in.
pub(super) fn volumes(out: &mut Text, spec: &Value, space: &str) {
    let all = list(spec, &["volumes"]);
    if all.is_empty() {
        return out.line(0, format!("{space}Volumes:\t<none>"));
    }
    out.line(0, format!("{space}Volumes:"));
    let indent = if space.is_empty() { "" } else { " " };
    for volume in all {
        out.line(1, format!("{indent}{}:", text(volume, &["name"])));
        source(out, volume);
    }
}

fn source(out: &mut Text, volume: &Value) {
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let mut lines = |kind: &str, rest: &[(&str, String)]| {
        out.line(2, format!("Type:\t{kind}"));
        rest.iter().for_each(|(title, value)| out.line(2, format!("{title}:\t{value}")));
    };
    if let Some(path) = volume.get("hostPath") {
        lines(
            "HostPath (bare host directory volume)",
            &[("Path", text(path, &["path"]).into()), ("HostPathType", or(text(path, &["type"]), ""))],
        );
    } else if let Some(dir) = volume.get("emptyDir") {
        let limit = dir.get("sizeLimit").map(plain).unwrap_or("<unset>".into());
        lines(
            "EmptyDir (a temporary directory that shares a pod's lifetime)",
            &[("Medium", text(dir, &["medium"]).into()), ("SizeLimit", limit)],
        );
    } else if let Some(secret) = volume.get("secret") {
        lines(
            "Secret (a volume populated by a Secret)",
            &[
                ("SecretName", text(secret, &["secretName"]).into()),
                ("Optional", is(secret, &["optional"]).to_string()),
            ],
        );
    } else if let Some(map) = volume.get("configMap") {
        lines(
            "ConfigMap (a volume populated by a ConfigMap)",
            &[("Name", text(map, &["name"]).into()), ("Optional", is(map, &["optional"]).to_string())],
        );
    } else if let Some(claim) = volume.get("persistentVolumeClaim") {
        lines(
            "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
            &[
                ("ClaimName", text(claim, &["claimName"]).into()),
                ("ReadOnly", is(claim, &["readOnly"]).to_string()),
            ],
        );
    } else if let Some(fields) = volume.get("downwardAPI") {
        lines("DownwardAPI (a volume populated by information about the pod)\n    Items:", &[]);
        for item in list(fields, &["items"]) {
            let from = match text(item, &["fieldRef", "fieldPath"]) {
                "" => text(item, &["resourceFieldRef", "resource"]),
                path => path,
            };
            out.line(3, format!("{from} -> {}", text(item, &["path"])));
        }
    } else if let Some(projected) = volume.get("projected") {
        lines("Projected (a volume that contains injected data from multiple sources)", &[]);
        for source in list(projected, &["sources"]) {
            projection(out, source);
        }
    } else {
        lines("<unknown>", &[]);
    }
}

fn projection(out: &mut Text, source: &Value) {
    if let Some(secret) = source.get("secret") {
        out.line(2, format!("SecretName:\t{}", text(secret, &["name"])));
        out.line(2, format!("Optional:\t{}", is(secret, &["optional"])));
    } else if source.get("downwardAPI").is_some() {
        out.line(2, "DownwardAPI:\ttrue");
    } else if let Some(map) = source.get("configMap") {
        out.line(2, format!("ConfigMapName:\t{}", text(map, &["name"])));
        out.line(2, format!("Optional:\t{}", is(map, &["optional"])));
    } else if let Some(token) = source.get("serviceAccountToken") {
        out.line(2, format!("TokenExpirationSeconds:\t{}", number(token, &["expirationSeconds"])));
    }
}

/// Tolerations, by key.
pub(super) fn tolerations(out: &mut Text, title: &str, spec: &Value) {
    let mut all: Vec<&Value> = list(spec, &["tolerations"]).iter().collect();
    all.sort_by(|a, b| text(a, &["key"]).cmp(text(b, &["key"])));
    let entry = |toleration: &&Value| {
        let [key, value, effect, operator] =
            ["key", "value", "effect", "operator"].map(|field| text(toleration, &[field]));
        let mut entry = key.to_owned();
        if !value.is_empty() {
            entry += &format!("={value}");
        }
        if !effect.is_empty() {
            entry += &format!(":{effect}");
        }
        if operator == "Exists" && value.is_empty() {
            entry += if entry.is_empty() { "op=Exists" } else { " op=Exists" };
        }
        match toleration.get("tolerationSeconds").and_then(Value::as_int) {
            Some(seconds) => format!("{entry} for {seconds}s"),
            None => entry,
        }
    };
    out.entries(title, &all.iter().map(entry).collect::<Vec<_>>());
}
