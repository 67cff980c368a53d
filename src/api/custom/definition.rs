//! What a CustomResourceDefinition defines: a kind, its names, and what each version of it looks like.

use super::kind::CustomKind;
use super::schema;
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::names::subdomain_errors;
use crate::value::{Map, Str, Value};
use std::cmp::Reverse;

/// Where a schema says something in CEL, which is not evaluated here.
pub(crate) const RULES: &str = "x-kubernetes-validations";

/// A kind as its definition has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    /// The API group.
    pub(crate) group: Str,
    /// As in `kind:`.
    pub(crate) kind: Str,
    /// The resource's name in URLs and in kubectl.
    pub(crate) plural: Str,
    /// One of them.
    pub(crate) singular: Str,
    /// Short names.
    pub(crate) short: Vec<Str>,
    /// The words that stand for several kinds, as `all`.
    pub(crate) categories: Vec<Str>,
    /// Whether its objects live in a Namespace.
    pub(crate) namespaced: bool,
    /// Its versions, in the order of the definition.
    pub(crate) versions: Vec<Version>,
}

/// A version of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    /// `v1`
    pub(crate) name: Str,
    /// Whether the server takes and gives it.
    pub(crate) is_served: bool,
    /// What the server warns of when it is used.
    pub(crate) deprecation: Option<String>,
    /// What an object looks like.
    pub(crate) schema: Value,
    /// Whether the status is written by itself.
    pub(crate) has_status: bool,
    /// Where the numbers of replicas stand, where there is a scale: wanted, counted, the selector.
    pub(crate) scale: Option<[Str; 3]>,
    /// The columns of `kubectl get`, besides the name.
    pub(crate) columns: Vec<Column>,
}

/// A column of `kubectl get`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its title.
    pub(crate) name: Str,
    /// What it holds: `string`, `integer`, `date`.
    pub(crate) ty: Str,
    /// Where it stands in the object.
    pub(crate) path: Str,
    /// Whether only `-o wide` shows it.
    pub(crate) is_wide: bool,
}

impl Definition {
    /// Reads the spec of a definition; none where it says too little.
    pub(crate) fn read(spec: &Value) -> Option<Self> {
        let text = |way: &[&str]| spec.at(way).and_then(Value::as_str).map(Str::from);
        let (group, kind) = (text(&["group"])?, text(&["names", "kind"])?);
        let texts = |way: &[&str]| -> Vec<Str> {
            let list = spec.at(way).and_then(Value::as_array).unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(Str::from).collect()
        };
        let versions = spec.get("versions")?.as_array()?.iter();
        let mut versions: Vec<Version> =
            versions.filter_map(|version| Version::read(version, &group, &kind)).collect();
        // What is deprecated without a word of its own is told with what is there for it.
        let lives = versions.iter().filter(|version| version.is_served && version.deprecation.is_none());
        let newest = lives.map(|version| version.name.clone()).max_by(|a, b| rank(a).cmp(&rank(b)));
        for version in &mut versions {
            let newest = newest.as_deref().filter(|newest| rank(newest) > rank(&version.name));
            if let (Some(warning), Some(newest)) = (&mut version.deprecation, newest)
                && *warning == deprecated(&group, &version.name, &kind)
            {
                warning.push_str(&format!("; use {group}/{newest} {kind}"));
            }
        }
        Some(Self {
            versions,
            plural: text(&["names", "plural"]).unwrap_or_default(),
            singular: text(&["names", "singular"]).unwrap_or_else(|| kind.to_ascii_lowercase().into()),
            short: texts(&["names", "shortNames"]),
            categories: texts(&["names", "categories"]),
            namespaced: spec.get("scope").and_then(Value::as_str) == Some("Namespaced"),
            group,
            kind,
        })
    }
    /// What a stored definition has the server serve; none until its names are accepted.
    pub(crate) fn established(object: &Value) -> Option<Self> {
        let conditions = object.at(&["status", "conditions"]).and_then(Value::as_array).unwrap_or_default();
        let is = |condition: &Value, key: &str, word: &str| {
            condition.get(key).and_then(Value::as_str) == Some(word)
        };
        let is_established =
            |condition: &Value| is(condition, "type", "Established") && is(condition, "status", "True");
        if !conditions.iter().any(is_established) {
            return None;
        }
        let mut spec = object.get("spec")?.clone();
        // What is served goes by the names that were accepted.
        spec.set(&["names"], object.at(&["status", "acceptedNames"])?.clone());
        Self::read(&spec)
    }
    /// The version that is preferred (upstream: version.CompareKubeAwareVersionStrings).
    pub(crate) fn preferred(&self) -> Option<&Version> {
        self.versions
            .iter()
            .filter(|version| version.is_served)
            .max_by(|a, b| rank(&a.name).cmp(&rank(&b.name)))
    }
    /// A version that is served.
    pub(crate) fn version(&self, name: &str) -> Option<&Version> {
        self.versions.iter().find(|version| &*version.name == name && version.is_served)
    }
    /// The kind, in the version that is preferred.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kind_in(&self.preferred()?.name)
    }
    /// The kind of what is stored, whether a version of it is served or not.
    pub(crate) fn stored_kind(&self) -> Option<Kind> {
        self.kind_in(&self.preferred().or(self.versions.first())?.name)
    }
    /// The kind, in a version.
    pub(crate) fn kind_in(&self, version: &str) -> Option<Kind> {
        CustomKind::of(&self.group, version, &self.plural, &self.kind, self.namespaced)
    }
    /// Whether kubectl means it by a word: plural, singular, kind or short name, with its group or without, in any case
    /// of letters.
    pub(crate) fn is_meant_by(&self, word: &str) -> bool {
        let word = word.to_ascii_lowercase();
        let (name, group) = word.split_once('.').map_or((&*word, None), |(name, group)| (name, Some(group)));
        let is_named = *name == *self.plural
            || *name == *self.singular
            || *name == self.kind.to_ascii_lowercase()
            || self.short.iter().any(|short| **short == *name);
        let is_of_version = |group: &str| {
            let mut served = self.versions.iter().filter(|version| version.is_served);
            served.any(|version| {
                group.strip_prefix(&*version.name).and_then(|rest| rest.strip_prefix('.'))
                    == Some(&*self.group)
            })
        };
        is_named && group.is_none_or(|group| *group == *self.group || is_of_version(group))
    }
}

impl Version {
    fn read(version: &Value, group: &str, kind: &str) -> Option<Self> {
        let name = version.get("name")?.as_str()?;
        let is = |name: &str| version.get(name).and_then(Value::as_bool) == Some(true);
        let warning = version.get("deprecationWarning").and_then(Value::as_str).map(str::to_owned);
        let made = || deprecated(group, name, kind);
        let list = version.get("additionalPrinterColumns").and_then(Value::as_array).unwrap_or_default();
        let mut columns: Vec<Column> = list.iter().map(Column::read).collect();
        if columns.is_empty() {
            let (name, ty, path) = ("Age".into(), "date".into(), ".metadata.creationTimestamp".into());
            columns.push(Column { name, ty, path, is_wide: false });
        }
        let scale = version.at(&["subresources", "scale"]);
        let path = |key: &str| {
            let path = scale.and_then(|scale| scale.get(key)).and_then(Value::as_str).unwrap_or_default();
            Str::from(path)
        };
        Some(Self {
            name: name.into(),
            is_served: is("served"),
            deprecation: is("deprecated").then(|| warning.unwrap_or_else(made)),
            schema: version.at(&["schema", "openAPIV3Schema"]).cloned().unwrap_or_default(),
            has_status: version.at(&["subresources", "status"]).is_some(),
            scale: scale.map(|_| ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"].map(path)),
            columns,
        })
    }
    /// What is wrong with an object of this name by the schema, in the words of the API server.
    pub(crate) fn errors(&self, name: &str, object: &Value) -> Vec<String> {
        let invalid = |why: String| FieldError::invalid("metadata.name", name, why);
        let of_name = subdomain_errors(name).into_iter().map(invalid);
        // What the metadata are is the server's own business.
        let is_own = |error: &FieldError| error.path != "metadata" && !error.path.starts_with("metadata.");
        let of_schema = schema::errors(&self.schema, object).into_iter().filter(is_own);
        of_name.chain(of_schema).map(|error| error.to_string()).collect()
    }
    /// An object as the server keeps it: without what the schema does not have, with what it fills in.
    pub(crate) fn stored(&self, object: &Value) -> Value {
        schema::defaulted(&self.schema, &schema::pruned(&self.schema, object))
    }
}

impl Column {
    fn read(column: &Value) -> Self {
        let text = |key: &str| Str::from(column.get(key).and_then(Value::as_str).unwrap_or_default());
        let is_wide = column.get("priority").and_then(Value::as_int).unwrap_or(0) > 0;
        Self { name: text("name"), ty: text("type"), path: text("jsonPath"), is_wide }
    }
}

fn deprecated(group: &str, version: &str, kind: &str) -> String {
    format!("{group}/{version} {kind} is deprecated")
}

/// How versions follow one another: `v2` before `v1` before `v1beta1` before `v1alpha1` before all others, these by letter.
fn rank(name: &str) -> (u8, u64, u64, Reverse<&str>) {
    let numbered = |text: &str| text.parse::<u64>().ok().filter(|number| *number > 0);
    let ranked = || {
        let rest = name.strip_prefix('v')?;
        for (word, rank) in [("alpha", 1), ("beta", 2)] {
            if let Some((major, minor)) = rest.split_once(word) {
                return Some((rank, numbered(major)?, numbered(minor)?));
            }
        }
        Some((3, numbered(rest)?, 0))
    };
    match ranked() {
        Some((rank, major, minor)) => (rank, major, minor, Reverse("")),
        None => (0, 0, 0, Reverse(name)),
    }
}

/// The spec of a definition with the names that the server makes of its kind where they are missing.
pub(crate) fn with_names(spec: &Value) -> Value {
    let mut spec = spec.clone();
    let kind = spec.at(&["names", "kind"]).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut fill = |path: &[&str], value: Value| {
        if spec.at(path).and_then(Value::as_str).unwrap_or_default().is_empty() {
            spec.set(path, value);
        }
    };
    fill(&["names", "singular"], kind.to_ascii_lowercase().into());
    fill(&["names", "listKind"], format!("{kind}List").into());
    fill(&["conversion", "strategy"], "None".into());
    spec
}

/// The names of a definition that nobody has accepted yet.
pub(crate) fn no_names() -> Value {
    let mut names = Map::new();
    names.push("kind", "");
    names.push("plural", "");
    Value::from(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_preferred_as_kubernetes_has_it() {
        let mut names = ["foo", "v1alpha1", "v2", "v1beta2", "v10", "v1", "bar", "v1beta10"];
        names.sort_by_key(|name| Reverse(rank(name)));
        assert_eq!(names, ["v10", "v2", "v1", "v1beta10", "v1beta2", "v1alpha1", "bar", "foo"]);
    }

    #[test]
    fn what_is_stored_has_a_kind_where_no_version_is_served() {
        let version = Version { name: "v1".into(), ..Version::default() };
        let (group, kind) = (Str::from("stored.test"), Str::from("Thing"));
        let definition = Definition { group, kind, versions: vec![version], ..Definition::default() };
        assert!(definition.kind().is_none() && definition.stored_kind().is_some());
    }
}
