//! The structure of every built-in kind of Kubernetes 1.37.
//!
//! Which fields an object has, of which types, which are required, which values they take, and how lists and
//! maps are merged. It never knows what a field is for: that is the business of the rules and the controllers.
//!
//! The structure comes from Kubernetes' OpenAPI definitions. `cargo xtask schema` writes them, without their
//! descriptions, into `kubernetes-1.37.txt`; [`Schema::get`] decodes that text once, when it is first needed,
//! in about a millisecond. What most manifests make stands in `kubernetes-1.37-common.txt` once more, so that a page that
//! has only begun needs no more. What OpenAPI does not say stands beside it in tables kept by hand: the values of
//! strings in `enums.rs`, the defaults in `defaults.rs`.
//!
//! ```
//! use podium::schema::{Schema, Type, nearest};
//!
//! let deployment = Schema::lookup("apps/v1", "Deployment").expect("it is built in");
//! let spec = deployment.field("spec").and_then(|field| field.ty.definition()).expect("it has fields");
//! assert_eq!(spec.field("strategy").map(|field| field.ty.to_string()).as_deref(), Some("DeploymentStrategy"));
//! assert_eq!(nearest("replcas", spec.field_names()).map(|near| near.name), Some("replicas"));
//! ```

mod decode;
mod defaults;
mod enums;
mod find;
mod nearest;

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

pub use defaults::{By, DefaultValue, FieldDefault, When};
pub use find::{FieldPath, Step, find_field_elsewhere};
pub use nearest::{Near, distance, nearest};

/// The version of Kubernetes whose structure this is.
pub const VERSION: &str = "1.37";

/// Every built-in kind with its definition, and every definition that these reach.
#[derive(Debug)]
pub struct Schema {
    /// By kind; within a kind the stable versions first.
    kinds: Vec<Kind>,
    /// By package, then by name.
    definitions: Vec<Definition>,
}

impl Schema {
    /// The schema of the built-in kinds, decoded when it is first asked for.
    pub fn get() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::decode(decode::DATA, 0))
    }

    /// The part of it that most manifests need.
    fn common() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::decode(decode::COMMON, Reference::COMMON))
    }

    fn decode(text: &'static str, mark: u16) -> Schema {
        match decode::decode(text, mark) {
            Ok(schema) => schema,
            // The texts are part of the program and a test decodes all of them.
            Err(why) => unreachable!("the data of the schema is broken: {why}"),
        }
    }

    /// Every kind of object and of list of objects, by kind; within a kind the stable versions first.
    ///
    /// Kinds that only subresources take (`Scale`, `Eviction`, `Binding`, `TokenRequest`) are among them,
    /// options of requests (`DeleteOptions`) are not, and neither is `v1` `List`, which no definition
    /// describes. Plurals, scopes and short names are not in the definitions: the table of kinds has them.
    pub fn kinds() -> &'static [Kind] {
        &Schema::get().kinds
    }

    /// The definition of a kind in an API version: `Schema::lookup("apps/v1", "Deployment")`.
    pub fn lookup(api_version: &str, kind: &str) -> Option<&'static Definition> {
        let is_it = |candidate: &&Kind| candidate.api_version == api_version;
        let common = || Schema::common().named(kind).iter().find(is_it);
        let found = common().or_else(|| Schema::kinds_named(kind).find(is_it))?;
        Some(found.definition.get())
    }

    /// The same kind in all of its groups and versions, the stable versions first. Nothing for a name that is
    /// no kind, also if only its case is wrong.
    pub fn kinds_named(kind: &str) -> impl Iterator<Item = &'static Kind> {
        Schema::get().named(kind).iter()
    }

    fn named(&self, kind: &str) -> &[Kind] {
        let start = self.kinds.partition_point(|candidate| candidate.kind < kind);
        let length = self.kinds[start..].partition_point(|candidate| candidate.kind == kind);
        &self.kinds[start..start + length]
    }

    /// Every definition, by package and name.
    pub fn definitions() -> &'static [Definition] {
        &Schema::get().definitions
    }

    /// A definition by its short name, as [`Definition`] displays it: `core.v1.Container`.
    pub fn definition(short_name: &str) -> Option<&'static Definition> {
        let (package, name) = short_name.rsplit_once('.')?;
        let is_it = |found: &&Definition| found.name == name && found.short_package() == package;
        let common = || Schema::common().definitions.iter().find(is_it);
        common().or_else(|| Schema::definitions().iter().find(is_it))
    }
}

/// A kind in one API version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// As manifests write it: `v1`, `apps/v1`.
    pub api_version: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// Its structure.
    pub definition: Reference,
}

impl Kind {
    /// The API group, empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The version without the group.
    pub fn version(&self) -> &'static str {
        self.api_version.split_once('/').map_or(self.api_version, |(_, version)| version)
    }
}

/// A type with fields, as OpenAPI names it: `io.k8s.api.core.v1.Container`.
#[derive(Debug)]
pub struct Definition {
    /// `io.k8s.api.core.v1`.
    pub package: &'static str,
    /// `Container`, the name of the struct in Go.
    pub name: &'static str,
    /// By name.
    pub fields: Vec<Field>,
    /// Whether an applier owns it only as a whole (`x-kubernetes-map-type: atomic`).
    pub atomic: bool,
    /// Whether its description calls it deprecated.
    pub deprecated: bool,
    /// The beginnings of its fields' names, once somebody has asked.
    begins: OnceLock<Vec<u64>>,
    /// Its fields that have defaults, once somebody has asked.
    defaulted: OnceLock<Vec<Defaulted>>,
}

/// The first eight bytes of a name, as a number that is in the order of names.
fn begin(name: &str) -> u64 {
    match name.as_bytes().first_chunk() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let mut bytes = [0; 8];
            for (to, from) in bytes.iter_mut().zip(name.bytes()) {
                *to = from;
            }
            u64::from_be_bytes(bytes)
        }
    }
}

/// A field's place among the fields, and its defaults.
type Defaulted = (usize, &'static [FieldDefault]);

impl Definition {
    /// The field with exactly this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        Some(&self.fields[self.place(name)?])
    }

    /// The place of the field with this name. Names are told apart by their first eight bytes, as one number, and only where
    /// several begin alike by the rest.
    fn place(&self, name: &str) -> Option<usize> {
        let begins = self.begins.get_or_init(|| self.fields.iter().map(|field| begin(field.name)).collect());
        let wanted = begin(name);
        let first = begins.partition_point(|begin| *begin < wanted);
        let alike = begins[first..].iter().take_while(|begin| **begin == wanted).count();
        (first..first + alike).find(|place| self.fields[*place].name == name)
    }

    /// The names of its fields, in their order.
    pub fn field_names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().map(|field| field.name)
    }

    /// The fields that OpenAPI requires. The API server decides otherwise for some: a zero value is a value to
    /// it, and its validation requires more, depending on other fields.
    pub fn required(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.required)
    }

    /// The last two segments of the package, which no other package shares: `core.v1`.
    pub fn short_package(&self) -> &'static str {
        decode::short_package(self.package)
    }

    /// The Go package's name for the group: `core`, `rbac`, `meta`.
    pub fn go_group(&self) -> &'static str {
        self.short_package().split_once('.').map_or("", |(group, _)| group)
    }

    /// The version, which is also the Go package: `v1`.
    pub fn version(&self) -> &'static str {
        self.short_package().split_once('.').map_or("", |(_, version)| version)
    }

    /// What the field is when it is absent, by the table that is kept by hand. Several when it depends.
    pub fn defaults(&self, field: &str) -> &'static [FieldDefault] {
        self.defaulted().find(|(known, _)| known.name == field).map_or(&[], |(_, defaults)| defaults)
    }

    /// Its fields that have defaults, with these: few of many, so that filling them in goes through no others.
    pub fn defaulted(&self) -> impl Iterator<Item = (&Field, &'static [FieldDefault])> {
        let defaulted = self.defaulted.get_or_init(|| {
            let defaults = defaults::of(self.go_group(), self.name);
            defaults.iter().filter_map(|(name, defaults)| Some((self.place(name)?, *defaults))).collect()
        });
        defaulted.iter().map(|(place, defaults)| (&self.fields[*place], *defaults))
    }
}

/// `core.v1.Container`
impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.short_package(), self.name)
    }
}

/// Definitions are the same when they are the same one: there is one of each name.
impl PartialEq for Definition {
    fn eq(&self, other: &Definition) -> bool {
        (self.package, self.name) == (other.package, other.name)
    }
}

impl Eq for Definition {}

/// A field of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As manifests write it.
    pub name: &'static str,
    /// What it holds.
    pub ty: Type,
    /// Whether OpenAPI requires it.
    pub required: bool,
    /// Whether its description calls it deprecated.
    pub deprecated: bool,
    /// Whether an applier owns the map or object only as a whole (`x-kubernetes-map-type: atomic`).
    pub atomic: bool,
    /// How server-side apply merges the list; a list without a type is atomic.
    pub list_type: Option<ListType>,
    /// The fields that identify an item of a [`ListType::Map`].
    pub list_map_keys: Vec<&'static str>,
    /// How a strategic merge patch treats it; without a strategy a patch replaces lists and scalars and merges
    /// objects and maps.
    pub patch_strategy: Option<PatchStrategy>,
    /// The field that identifies an item in a strategic merge patch.
    pub patch_merge_key: Option<&'static str>,
    /// The values that the string, or each string of the list, may have: in the order in which the API server
    /// lists them where that is known, else by name. Empty where any string goes, and where it is not known.
    pub enum_values: &'static [&'static str],
}

impl Field {
    /// OpenAPI's format of a scalar: `int32`, `int64`, `double`, `byte` or `date-time`.
    pub fn format(&self) -> Option<&'static str> {
        self.ty.format()
    }
}

/// What a field, an item or a map's value holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Any text, or one of the field's `enum_values`.
    String,
    /// A whole number.
    Integer(IntegerFormat),
    /// A number, `double`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Fields of another definition.
    Object(Reference),
    /// A list.
    Array(Box<Type>),
    /// A map from strings.
    Map(Box<Type>),
    /// A whole number or a text: a port by number or name, a count or a percentage.
    IntOrString,
    /// An amount such as `500m` or `1Gi`, as a text or a number.
    Quantity,
    /// An RFC 3339 time with whole seconds.
    Time,
    /// An RFC 3339 time with microseconds.
    MicroTime,
    /// An object of any structure.
    RawExtension,
    /// Any value at all.
    Any,
    /// Bytes, written in base64.
    Bytes,
}

impl Type {
    /// OpenAPI's format, of scalars that have one.
    pub fn format(&self) -> Option<&'static str> {
        match self {
            Type::Integer(IntegerFormat::Int32) => Some("int32"),
            Type::Integer(IntegerFormat::Int64) => Some("int64"),
            Type::Number => Some("double"),
            Type::Time | Type::MicroTime => Some("date-time"),
            Type::Bytes => Some("byte"),
            _ => None,
        }
    }

    /// What the items of a list or the values of a map hold.
    pub fn inner(&self) -> Option<&Type> {
        match self {
            Type::Array(inner) | Type::Map(inner) => Some(inner),
            _ => None,
        }
    }

    /// The definition at the bottom: of the object, of the list's items, of the map's values.
    pub fn definition(&self) -> Option<&'static Definition> {
        match self {
            Type::Object(reference) => Some(reference.get()),
            Type::Array(inner) | Type::Map(inner) => inner.definition(),
            _ => None,
        }
    }

    /// Go's name of the type, as the API server's decoder prints it: `int32`, `[]v1.Container`. Go has more
    /// names than OpenAPI tells: a `v1.Protocol` is a `string` here and a `v1.ResourceList` a map.
    pub fn go_name(&self) -> String {
        match self {
            Type::String => "string".to_owned(),
            Type::Integer(IntegerFormat::Int32) => "int32".to_owned(),
            Type::Integer(IntegerFormat::Int64) => "int64".to_owned(),
            Type::Number => "float64".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Object(definition) => format!("{}.{}", definition.version(), definition.name),
            Type::Array(inner) => format!("[]{}", inner.go_name()),
            Type::Map(inner) => format!("map[string]{}", inner.go_name()),
            Type::IntOrString => "intstr.IntOrString".to_owned(),
            Type::Quantity => "resource.Quantity".to_owned(),
            Type::Time => "v1.Time".to_owned(),
            Type::MicroTime => "v1.MicroTime".to_owned(),
            Type::RawExtension => "runtime.RawExtension".to_owned(),
            Type::Any => "v1.JSON".to_owned(),
            Type::Bytes => "[]uint8".to_owned(),
        }
    }
}

/// As `kubectl explain` prints it between angle brackets: `integer`, `[]Container`, `map[string]Quantity`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::String | Type::Bytes | Type::Time | Type::MicroTime => f.write_str("string"),
            Type::Integer(_) => f.write_str("integer"),
            Type::Number => f.write_str("number"),
            Type::Boolean => f.write_str("boolean"),
            Type::Object(definition) => f.write_str(definition.name),
            Type::Array(inner) => write!(f, "[]{inner}"),
            Type::Map(inner) => write!(f, "map[string]{inner}"),
            Type::IntOrString => f.write_str("IntOrString"),
            Type::Quantity => f.write_str("Quantity"),
            Type::RawExtension => f.write_str("Object"),
            Type::Any => f.write_str("JSON"),
        }
    }
}

/// How wide a whole number may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegerFormat {
    /// −2³¹ to 2³¹ − 1.
    Int32,
    /// −2⁶³ to 2⁶³ − 1.
    Int64,
}

/// How server-side apply merges a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType {
    /// As a whole.
    Atomic,
    /// Scalars, each at most once.
    Set,
    /// Objects told apart by `list_map_keys`.
    Map,
}

/// How a strategic merge patch treats a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchStrategy {
    /// Items are merged by the merge key, scalars are added.
    Merge,
    /// The patch replaces the value.
    Replace,
    /// Fields of the object that the patch does not have are removed.
    RetainKeys,
    /// Items are merged by the merge key, and within an item fields that the patch does not have are removed.
    MergeRetainKeys,
}

/// A definition of the schema, or of its common part; it stands for the definition wherever one is read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference(u16);

impl Reference {
    /// What marks a definition of the common part.
    const COMMON: u16 = 1 << 15;

    /// The definition.
    pub fn get(self) -> &'static Definition {
        let schema = if self.0 & Self::COMMON == 0 { Schema::get() } else { Schema::common() };
        // Decoding makes references only to definitions that it has read.
        &schema.definitions[usize::from(self.0 & !Self::COMMON)]
    }
}

impl Deref for Reference {
    type Target = Definition;

    fn deref(&self) -> &Definition {
        self.get()
    }
}

/// The number: to look the definition up would loop while the schema is being decoded.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

#[cfg(test)]
mod tests;
