//! `kubectl kustomize` and `-k`: the objects of a folder with a `kustomization.yaml`, on the open files (upstream:
//! sigs.k8s.io/kustomize `internal/target/kusttarget.go`).

mod generate;
mod names;
mod transform;

pub(super) use generate::hash_under;

use super::fields::{list, name, text};
use super::manifests::value;
use super::process::Files;
use crate::api::Kind;
use crate::manifest;
use crate::value::{Str, Value};

/// What a kustomization is called.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// How deep folders may name one another.
const MAX_DEPTH: usize = 20;
/// The folder that all files lie in.
const HOME: &str = "/home/podium";

/// What a kustomization may say, and what of it is not built here.
const FIELDS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "labels",
    "commonLabels",
    "commonAnnotations",
    "images",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "sortOptions",
];
const NOT_HERE: &[&str] = &[
    "buildMetadata",
    "components",
    "configurations",
    "crds",
    "generators",
    "helmCharts",
    "helmGlobals",
    "openapi",
    "replacements",
    "transformers",
    "validators",
    "vars",
];

/// The order in which kinds are printed; kinds that are not in it stand between these and the last ones.
const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// An object under way.
#[derive(Clone, Debug)]
struct Item {
    value: Value,
    /// Its name before anything was put around it: other objects call it so.
    original: Str,
    /// Whether a hash of what it holds is put behind its name.
    is_hashed: bool,
}

impl Item {
    fn new(value: Value) -> Self {
        Self { original: name(&value).into(), value, is_hashed: false }
    }
    fn kind(&self) -> &str {
        text(&self.value, &["kind"])
    }
}

/// The objects of a folder, in the order in which they are printed. The error is what kubectl says.
pub(crate) fn build(files: &Files, folder: &str) -> Result<Vec<Value>, String> {
    let mut items = accumulated(files, &normal(folder), 0)?;
    for item in items.iter_mut().filter(|item| item.is_hashed) {
        let hashed = format!("{}-{}", name(&item.value), generate::hash(&item.value));
        item.value.set(&["metadata", "name"], hashed);
    }
    names::follow(&mut items);
    items.sort_by_key(|item| {
        let place = |kinds: &[&str]| kinds.iter().position(|kind| *kind == item.kind());
        let rank = place(FIRST).or_else(|| place(LAST).map(|place| 2_000 + place)).unwrap_or(1_000);
        let [version, kind] = ["apiVersion", "kind"].map(|field| text(&item.value, &[field]).to_owned());
        let namespace = text(&item.value, &["metadata", "namespace"]).to_owned();
        (
            rank,
            if rank == 1_000 { (version, kind) } else { Default::default() },
            namespace,
            name(&item.value).to_owned(),
        )
    });
    Ok(items.into_iter().map(|item| item.value).collect())
}

/// A path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn joined(folder: &str, path: &str) -> String {
    normal(&format!("{folder}/{path}"))
}

/// The documents of a file.
fn documents(source: &str, given: &str) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for document in manifest::parse(given).documents {
        if let Some(refusal) = &document.refusal {
            return Err(format!("MalformedYAMLError: {refusal} in File: {source}"));
        }
        let value = value(&document.root);
        match value.get("items").and_then(Value::as_array) {
            Some(items) if text(&value, &["kind"]) == "List" => all.extend(items.iter().cloned()),
            _ if value.is_null() => {}
            _ => all.push(value),
        }
    }
    Ok(all)
}

fn accumulated(files: &Files, folder: &str, depth: usize) -> Result<Vec<Item>, String> {
    let shown = if folder.is_empty() { HOME.to_owned() } else { format!("{HOME}/{folder}") };
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    if !files.keys().any(|file| file.starts_with(&prefix)) {
        let lacking = format!("evalsymlink failure on '{folder}' : lstat {shown}: no such file or directory");
        return Err(format!("must build at directory: not a valid directory: {lacking}"));
    }
    if depth > MAX_DEPTH {
        return Err(format!("cycle detected: candidate root '{shown}'"));
    }
    let found = FILES.into_iter().find_map(|file| files.get(&*format!("{prefix}{file}")));
    let Some(found) = found else {
        let names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'";
        return Err(format!("unable to find one of {names} in directory '{shown}'"));
    };
    let wanted = documents("kustomization.yaml", found)?.into_iter().next().unwrap_or(Value::object());
    for (field, _) in wanted.as_object().map(|map| map.sorted()).unwrap_or_default() {
        if NOT_HERE.contains(&&**field) {
            return Err(format!("podium: {field} of a kustomization is not built here"));
        }
        if !FIELDS.contains(&&**field) {
            return Err(format!("invalid Kustomization: json: unknown field \"{field}\""));
        }
    }
    let mut items = Vec::new();
    for resource in list(&wanted, &["resources"]).iter().chain(list(&wanted, &["bases"])) {
        let path = joined(folder, resource.as_str().unwrap_or_default());
        if let Some(given) = files.get(&*path) {
            let source = resource.as_str().unwrap_or_default();
            for value in documents(source, given)? {
                if name(&value).is_empty() {
                    let kind = text(&value, &["kind"]);
                    return Err(format!(
                        "accumulating resources: accumulation err='accumulating resources from '{source}': missing \
                         metadata.name in object {{kind: {kind}}}'"
                    ));
                }
                items.push(Item::new(value));
            }
            continue;
        }
        let within = format!("{path}/");
        if !files.keys().any(|file| file.starts_with(&within)) {
            let source = resource.as_str().unwrap_or_default();
            let lacking = format!("lstat {HOME}/{path}: no such file or directory");
            return Err(format!(
                "accumulating resources: accumulation err='accumulating resources from '{source}': open {HOME}/{path}: no \
                 such file or directory': must build at directory: not a valid directory: evalsymlink failure on \
                 '{HOME}/{path}' : {lacking}"
            ));
        }
        items.extend(accumulated(files, &path, depth + 1)?);
    }
    generate::all(files, folder, &wanted, &mut items)?;
    transform::all(files, folder, &wanted, &mut items)?;
    Ok(items)
}

/// Whether objects of a kind live in Namespaces; of a kind that is not known it is assumed.
fn is_namespaced(value: &Value) -> bool {
    let kind = Kind::of(text(value, &["apiVersion"]), text(value, &["kind"]));
    kind.is_none_or(|kind| kind.info().namespaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::yaml;

    fn built(files: &[(&str, &str)], folder: &str) -> String {
        let files = files.iter().map(|(name, text)| (Str::from(*name), Str::from(*text))).collect();
        match build(&files, folder) {
            Ok(objects) => objects.iter().map(yaml::print).collect::<Vec<_>>().join("---\n"),
            Err(why) => why,
        }
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: nginx\n    \
        envFrom: [{configMapRef: {name: cfg}}]\n";

    #[test]
    fn what_is_named_is_followed_and_patched() {
        let kustomization = "resources: [pod.yaml]\nnameSuffix: -v2\nconfigMapGenerator:\n- {name: cfg, literals: [A=1]}\n\
            patches:\n- target: {kind: Pod}\n  patch: |-\n    - {op: add, path: /metadata/labels, value: {a: b}}\n\
            images: [{name: nginx, newName: httpd, newTag: '2'}]\n";
        expect_test::expect![[r#"
            apiVersion: v1
            data:
              A: "1"
            kind: ConfigMap
            metadata:
              name: cfg-v2-89g4tffbfk
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              labels:
                a: b
              name: web-v2
            spec:
              containers:
              - envFrom:
                - configMapRef:
                    name: cfg-v2-89g4tffbfk
                image: httpd:2
                name: web
        "#]]
        .assert_eq(&built(&[("k/pod.yaml", POD), ("k/kustomization.yaml", kustomization)], "./k/"));
    }

    #[test]
    fn what_cannot_be_built_is_said() {
        let wrong = [("k/kustomization.yaml", "nameprefix: x\n")];
        assert_eq!(built(&wrong, "k"), "invalid Kustomization: json: unknown field \"nameprefix\"");
        assert!(built(&wrong, "other").starts_with("must build at directory: not a valid directory"));
        assert!(built(&[("a.yaml", POD)], ".").starts_with("unable to find one of 'kustomization.yaml'"));
        let lacking = [("k/kustomization.yaml", "resources: [no.yaml]\n")];
        assert!(built(&lacking, "k").contains("accumulating resources from 'no.yaml'"));
        let helm = [("k/kustomization.yaml", "helmCharts: []\n")];
        assert_eq!(built(&helm, "k"), "podium: helmCharts of a kustomization is not built here");
    }
}
