//! `cargo xtask internal`: makes the table of the API server's internal types from Kubernetes' Go source.
//!
//! Some errors print a value as Go marshals the internal struct of it: every field by its Go name, those that
//! are not set too. The table says which fields these structs have, in which order, and what stands for one
//! that is not set.

use crate::{Command, Failure, Outcome, project, take_flag};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

/// The chore.
pub(crate) const COMMAND: Command = Command {
    name: "internal",
    arguments: "[--check]",
    about: "makes the table of the API server's internal types again from Go's module cache",
    run,
};

/// Where the types stand (`go mod download k8s.io/kubernetes@v1.37.2`).
const MODULE: &str = "k8s.io/kubernetes@v1.37.2";
const FILES: [&str; 5] = [
    "pkg/apis/core/types.go",
    "pkg/apis/apps/types.go",
    "pkg/apis/batch/types.go",
    "pkg/apis/policy/types.go",
    "pkg/apis/rbac/types.go",
];

/// What is made.
const DATA: &str = "src/api/internal/kubernetes-1.37.txt";

/// The structs that are printed.
const ROOTS: [&str; 13] = [
    "DaemonSetUpdateStrategy",
    "DeploymentStrategy",
    "PodDisruptionBudgetSpec",
    "RollingUpdateStatefulSetStrategy",
    "ScopeSelector",
    "ServicePort",
    "StatefulSetUpdateStrategy",
    "PodTemplateSpec",
    "PersistentVolumeClaim",
    "PersistentVolumeSource",
    "PodFailurePolicy",
    "SuccessPolicy",
    "RoleRef",
];

/// Structs of apimachinery, which have JSON tags: a field behind `-` is left out where it is not set.
const VERSIONED: &str = "\
TypeMeta -kind\" -apiVersion\"
LabelSelector -matchLabels{ -matchExpressions[LabelSelectorRequirement
LabelSelectorRequirement key\" operator\" -values[
ObjectMeta -name\" -generateName\" -namespace\" -selfLink\" -uid\" -resourceVersion\" -generation# \
-creationTimestamp* -deletionTimestamp* -deletionGracePeriodSeconds* -labels{ -annotations{ \
-ownerReferences[OwnerReference -finalizers[
OwnerReference apiVersion\" kind\" name\" uid\" -controller* -blockOwnerDeletion*
";

fn run(arguments: &[String]) -> Outcome {
    let mut arguments = arguments.to_vec();
    let check = take_flag(&mut arguments, "--check");
    if let Some(more) = arguments.first() {
        return Err(format!("`{more}` is one argument too many").into());
    }
    let mut types = BTreeMap::new();
    for file in FILES {
        let path = module()?.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error} (go mod download {MODULE})", path.display()))?;
        read(&text, &mut types);
    }
    let made = table(&types);
    let path = project::root().join(DATA);
    if !check {
        project::write(&path, &made)?;
        println!("{DATA}: {} bytes, {} structs", made.len(), made.lines().count());
        return Ok(());
    }
    match std::fs::read_to_string(&path) {
        Ok(text) if text == made => Ok(()),
        _ => Err(format!("{DATA} is not what {MODULE} makes: run `cargo xtask internal`").into()),
    }
}

/// The module's folder in Go's cache.
fn module() -> Result<PathBuf, Failure> {
    let told = std::process::Command::new("go")
        .args(["env", "GOMODCACHE"])
        .output()
        .map_err(|error| format!("go env GOMODCACHE: {error}"))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&told.stdout).trim()).join(MODULE))
}

/// What a name stands for.
enum Type {
    /// The names and types of its fields; an embedded one has no name.
    Struct(Vec<(String, String)>),
    /// Another type.
    Alias(String),
}

/// Reads the declarations of a file of Go.
fn read(text: &str, types: &mut BTreeMap<String, Type>) {
    let mut fields: Option<(String, Vec<(String, String)>)> = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let line = line.split('`').next().unwrap_or_default().trim_end();
        let words: Vec<&str> = line.split_whitespace().collect();
        match (&mut fields, &words[..]) {
            (None, ["type", name, "struct", "{"]) => fields = Some(((*name).to_owned(), Vec::new())),
            (None, ["type", name, kind]) => {
                types.insert((*name).to_owned(), Type::Alias((*kind).to_owned()));
            }
            (Some(_), ["}"]) if line == "}" => {
                if let Some((name, fields)) = fields.take() {
                    types.insert(name, Type::Struct(fields));
                }
            }
            (Some((_, fields)), [embedded]) => fields.push((String::new(), (*embedded).to_owned())),
            (Some((_, fields)), [name, kind, ..]) => fields.push(((*name).to_owned(), (*kind).to_owned())),
            _ => {}
        }
    }
}

/// The structs that the roots lead to, one a line.
fn table(types: &BTreeMap<String, Type>) -> String {
    let mut out = VERSIONED.to_owned();
    let (mut known, mut queue) = (BTreeSet::new(), ROOTS.map(str::to_owned).to_vec());
    while let Some(name) = queue.pop() {
        let Some(Type::Struct(fields)) = types.get(&name).filter(|_| known.insert(name.clone())) else {
            continue;
        };
        out.push_str(&name);
        for (field, kind) in fields {
            let (sign, of) = if field.is_empty() { ('+', bare(kind)) } else { code(kind, types) };
            let is_struct = matches!(types.get(of), Some(Type::Struct(_))) || kind.contains("metav1.");
            let of = if is_struct && !kind.ends_with("Time") { of } else { "" };
            _ = write!(out, " {field}{sign}{of}");
            queue.push(of.to_owned());
        }
        out.push('\n');
    }
    out
}

/// A type without its package.
fn bare(kind: &str) -> &str {
    kind.rsplit('.').next().unwrap_or(kind)
}

/// The sign of a type, and what it is a pointer to or a list of.
fn code<'t>(kind: &'t str, types: &'t BTreeMap<String, Type>) -> (char, &'t str) {
    if let Some(inner) = kind.strip_prefix('*') {
        return ('*', bare(inner));
    }
    if let Some(inner) = kind.strip_prefix("[]") {
        return ('[', bare(inner));
    }
    if kind.starts_with("map[") {
        return ('{', "");
    }
    match (kind, types.get(bare(kind))) {
        ("resource.Quantity", _) => ('~', ""),
        ("metav1.Time" | "metav1.MicroTime", _) => ('*', ""),
        ("string" | "types.UID", _) => ('"', ""),
        ("bool", _) => ('?', ""),
        (_, Some(Type::Struct(_))) => ('=', bare(kind)),
        (_, Some(Type::Alias(other))) => code(other, types),
        (other, None) if other.starts_with("metav1.") => ('=', bare(other)),
        _ => ('#', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_become_lines() {
        let go = "type PodTemplateSpec struct {\n\tmetav1.ObjectMeta\n\t// A comment.\n\tSpec PodSpec\n}\n\n\
                  type PodSpec struct {\n\tContainers []Container\n\tPolicy Policy `json:\"x\"`\n\tSeconds *int64\n\
                  \tWeight int32\n\tIsOn bool\n}\ntype Policy string\ntype Container struct {\n\tName string\n}\n";
        let mut types = BTreeMap::new();
        read(go, &mut types);
        let lines = table(&types);
        assert_eq!(
            lines.strip_prefix(VERSIONED),
            Some(
                "PodTemplateSpec +ObjectMeta Spec=PodSpec\nPodSpec Containers[Container Policy\" Seconds* Weight# \
                 IsOn?\nContainer Name\"\n"
            )
        );
    }
}
