//! The objects of files (`-f`), read as kubectl reads them and refused in its words (upstream: cli-runtime
//! `resource/visitor.go`).

use super::command::{Kubectl, Outcome, Problem};
use super::custom;
use super::fields::text;
use super::kustomize;
use super::model;
use super::resources::{Info, Infos};
use crate::api::custom::definition::Definition;
use crate::api::labels::Selector;
use crate::api::objects::Labels;
use crate::api::{Kind, check};
use crate::manifest::{self, Node, NodeKind};
use crate::schema::Schema;
use crate::value::{Map, Str, Value, yaml};
use std::rc::Rc;

/// The endings of files in a folder that are read.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

impl Kubectl<'_, '_> {
    /// The objects of all files that were named. What is wrong with one document does not keep the others.
    pub(crate) fn manifests(&mut self, validates: bool) -> Outcome<Infos> {
        let mut files = Vec::new();
        let named: Vec<Str> = self.arguments.list("filename").map(Str::from).collect();
        for file in named {
            files.extend(self.expand(&file)?);
        }
        let files = Rc::new(files);
        let mut found = self.read_all(&files, validates);
        if found.has_unknown {
            self.discover()?;
            found = self.read_all(&files, validates);
        }
        let namespace = self.namespace();
        let is_required = self.arguments.text("namespace").is_some();
        let (mut infos, mut misplaced) = (Vec::new(), Vec::new());
        for info in std::mem::take(&mut found.infos) {
            match in_namespace(info, &namespace, is_required) {
                Ok(info) => infos.push(info),
                Err(problem) => misplaced.push(problem),
            }
        }
        // What could not be read was gathered by an inner visitor, and is one problem among others.
        if !misplaced.is_empty() {
            let unread = std::mem::take(&mut found.problems);
            found.problems = misplaced;
            found.problems.extend(Problem::gathered(&unread));
        }
        let selector = self.arguments.text("selector").cloned().filter(|selector| !selector.is_empty());
        if let Some(selector) = selector {
            match Selector::parse(&selector) {
                Ok(selector) => infos.retain(|info| selector.matches(&labels(&info.value()))),
                Err(why) => return Err(self.fail(why)),
            }
        }
        Ok(Infos { infos, ..found })
    }
    /// The objects of files, as far as kubectl knows their kinds.
    fn read_all(&mut self, files: &Rc<Vec<(Str, Str)>>, validates: bool) -> Infos {
        let (files, known) = (files.clone(), self.shell.kept.discovered.clone());
        self.shell.ask.kept(move || {
            let mut found = Infos::default();
            for (source, text) in files.iter() {
                read(source, text, (validates, &known), &mut found);
            }
            found
        })
    }
    /// The objects of all files as a verb sends them: looked at before, where that is wished.
    pub(crate) fn manifests_to_send(&mut self) -> Outcome<Infos> {
        let validates = self.validates();
        let found = self.manifests(validates)?;
        if validates {
            self.download_schema(&found.infos)?;
        }
        Ok(found)
    }
    /// The objects of the files as they stand there (`--local`): of kinds that nobody knows, too. What a verb takes
    /// for its own types is read as these.
    pub(crate) fn local(&mut self) -> Outcome<Infos> {
        let is_typed = self.verb.name.starts_with("set ");
        let named: Vec<Str> = self.arguments.list("filename").map(Str::from).collect();
        let mut found = Infos::default();
        for file in named {
            for (source, text) in self.expand(&file)? {
                for document in manifest::parse(&text).documents {
                    if let Some(refusal) = &document.refusal {
                        found.problems.push(Problem::Own(format!("error parsing {source}: {refusal}")));
                        break;
                    }
                    let value = value(&document.root);
                    if value.is_null() {
                        continue;
                    }
                    match decoded(value, is_typed) {
                        Ok(value) => found.infos.push(Info::local(source.clone(), value)),
                        Err(why) => {
                            let why = format!("unable to decode \"{source}\": {why}");
                            found.problems.push(Problem::Own(why));
                        }
                    }
                }
            }
        }
        self.fail_all(std::mem::take(&mut found.problems))?;
        found.is_single = found.infos.len() == 1;
        Ok(found)
    }
    /// The files that a name stands for, with their texts: the file, standard input, or those in a folder.
    fn expand(&mut self, file: &Str) -> Outcome<Vec<(Str, Str)>> {
        if self.arguments.text("kustomize") == Some(file) {
            return match kustomize::build(&self.shell.files, file) {
                Ok(objects) => {
                    let all: Vec<String> = objects.iter().map(yaml::print).collect();
                    Ok(vec![(file.clone(), all.join("---\n").into())])
                }
                Err(why) => Err(self.fail(why)),
            };
        }
        if &**file == "-" {
            return Ok(vec![("STDIN".into(), self.shell.stdin.clone())]);
        }
        if file.starts_with("http://") || file.starts_with("https://") {
            return Err(self.not_here(&format!("a file from the network ({file})")));
        }
        if let Ok(text) = self.shell.read(file) {
            return Ok(vec![(file.clone(), text)]);
        }
        let folder = file.trim_end_matches('/').trim_start_matches("./");
        let is_recursive = self.arguments.is("recursive");
        let inside = |name: &str| match folder {
            "" | "." => Some(name.to_owned()),
            folder => name.strip_prefix(folder)?.strip_prefix('/').map(str::to_owned),
        };
        let files = &self.shell.files;
        let below: Vec<(Str, Str)> = files
            .iter()
            .filter(|(name, _)| inside(name).is_some_and(|rest| is_recursive || !rest.contains('/')))
            .map(|(name, text)| (name.clone(), text.clone()))
            .collect();
        let read = below.iter().filter(|(name, _)| EXTENSIONS.iter().any(|end| name.ends_with(end)));
        let read: Vec<_> = read.cloned().collect();
        match (below.is_empty(), read.is_empty()) {
            (true, _) => Err(self.fail(format!("the path \"{file}\" does not exist"))),
            (false, true) => Err(self
                .fail(format!("error reading [{file}]: recognized file extensions are [.json .yaml .yml]"))),
            (false, false) => Ok(read),
        }
    }
}

/// An object as kubectl decodes it, where it needs no server for that; as its own types where it uses them.
fn decoded(value: Value, is_typed: bool) -> Result<Value, String> {
    for key in ["apiVersion", "kind"] {
        if value.get(key).and_then(Value::as_str).is_none_or(str::is_empty) {
            let name = if key == "kind" { "Kind" } else { key };
            return Err(format!("Object '{name}' is missing in '{}'", crate::value::json::compact(&value)));
        }
    }
    if let Some(why) = check::metadata_error(&value) {
        return Err(why);
    }
    if !is_typed {
        return Ok(value);
    }
    let (api_version, kind) = (text(&value, &["apiVersion"]), text(&value, &["kind"]));
    if Schema::lookup(api_version, kind).is_none() {
        return Err(format!(
            "no kind \"{kind}\" is registered for version \"{api_version}\" in scheme \"k8s.io/kubectl/pkg/scheme/scheme.go:28\""
        ));
    }
    match check::decode_error(kind, api_version, &value) {
        Some(why) => Err(why),
        None => Ok(super::print::typed::with_zeros(&check::canonical(kind, api_version, &value))),
    }
}

/// The labels of an object.
fn labels(value: &Value) -> Labels {
    let pairs = super::fields::pairs(value, &["metadata", "labels"]).into_iter();
    pairs.filter_map(|(key, value)| Some((key.clone(), Str::from(value.as_str()?)))).collect()
}

/// Reads one document. The error is that of kubectl's reader.
pub(crate) fn one(text: &str) -> Result<Value, String> {
    let parsed = manifest::parse(text);
    match parsed.documents.first() {
        None => Ok(Value::Null),
        Some(document) => match &document.refusal {
            Some(refusal) => Err(refusal.to_string()),
            None => Ok(value(&document.root)),
        },
    }
}

/// Reads the documents of a text up to the first that cannot be read at all.
fn read(source: &Str, text: &str, (validates, known): (bool, &[Definition]), found: &mut Infos) {
    if text.len() > manifest::MAX_BYTES {
        let most = manifest::MAX_BYTES / (1 << 20);
        found
            .problems
            .push(Problem::Own(format!("podium: {source} is larger than the {most} MiB that are read here")));
        return;
    }
    for document in manifest::parse(text).documents {
        if let Some(refusal) = &document.refusal {
            found.problems.push(Problem::Own(format!("error parsing {source}: {refusal}")));
            return;
        }
        let value = value(&document.root);
        if value.is_null() {
            continue;
        }
        if validates && let Err(why) = validate(&value) {
            found.problems.push(Problem::Own(format!(
                "error validating \"{source}\": error validating data: {why}; if you choose to ignore these \
                 errors, turn validation off with --validate=false"
            )));
            return;
        }
        object(source, value, known, found);
    }
}

/// Why an edited file cannot be sent.
pub(crate) struct NotEdited {
    /// Whether it can be read, and says of an object what kubectl itself refuses.
    pub(crate) is_invalid: bool,
    /// What is wrong, in kubectl's words.
    pub(crate) text: String,
}

/// The objects of a file that a person has edited.
pub(crate) fn edited(text: &str, validates: bool, known: &[Definition]) -> Result<Vec<Info>, NotEdited> {
    if validates
        && let Ok(value) = one(text)
        && let Err(text) = validate(&value)
    {
        return Err(NotEdited { is_invalid: true, text });
    }
    let mut found = Infos::default();
    read(&"edited-file".into(), text, (false, known), &mut found);
    match found.problems.first() {
        Some(problem) => Err(NotEdited { is_invalid: false, text: problem.message() }),
        None => Ok(found.infos),
    }
}

/// Whether a document says what it is, and what kubectl itself finds wrong with it.
fn validate(value: &Value) -> Result<(), String> {
    let mut errors = model::kind_errors(value);
    if errors.is_empty() {
        errors = model::errors(value);
    }
    match &errors[..] {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("[{}]", many.join(", "))),
    }
}

/// Whether it is a list of objects.
fn is_list(value: &Value) -> bool {
    text(value, &["kind"]).ends_with("List") && value.get("items").and_then(Value::as_array).is_some()
}

/// An item of a list; where it says nothing of its kind, the list's says it (upstream: `unstructuredJSONScheme`).
pub fn item_of(list: &Value, item: &Value) -> Value {
    let mut item = item.clone();
    let kind = text(list, &["kind"]).strip_suffix("List").unwrap_or_default();
    let is_object = item.as_object().is_some();
    if is_object
        && text(&item, &["apiVersion"]).is_empty()
        && text(&item, &["kind"]).is_empty()
        && !kind.is_empty()
    {
        item.set(&["apiVersion"], text(list, &["apiVersion"]));
        item.set(&["kind"], kind);
    }
    item
}

/// Finds the kind of an object, or of each object of a list.
fn object(source: &Str, value: Value, known: &[Definition], found: &mut Infos) {
    if is_list(&value) {
        let items = value.get("items").and_then(Value::as_array).unwrap_or_default();
        if items.iter().any(|item| item.get("items").and_then(Value::as_array).is_some()) {
            let why = "*unstructured.Unstructured is not a list: no Items field in this object";
            return found.problems.push(Problem::Own(why.into()));
        }
        for item in items {
            object(source, item_of(&value, item), known, found);
        }
        return;
    }
    for key in ["apiVersion", "kind"] {
        if value.get(key).and_then(Value::as_str).is_none_or(str::is_empty) {
            let name = if key == "kind" { "Kind" } else { key };
            let given = crate::value::json::compact(&value);
            let why = format!("unable to decode \"{source}\": Object '{name}' is missing in '{given}'");
            found.problems.push(Problem::Own(why));
            return;
        }
    }
    if let Some(why) = check::metadata_error(&value) {
        found.problems.push(Problem::Own(format!("unable to decode \"{source}\": {why}")));
        return;
    }
    let (api_version, kind) = (text(&value, &["apiVersion"]), text(&value, &["kind"]));
    let (name, namespace) = (text(&value, &["metadata", "name"]), text(&value, &["metadata", "namespace"]));
    let built_in = Kind::discovered(api_version, kind)
        .filter(|kind| Schema::lookup(api_version, kind.info().name).is_some());
    let Some(kind) = built_in.or_else(|| custom::kind_of(known, api_version, kind)) else {
        found.has_unknown = true;
        let why = check::no_matches(kind, api_version);
        found.problems.push(Problem::Own(format!(
            "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"{source}\": {why}\n\
             ensure CRDs are installed first"
        )));
        return;
    };
    found.infos.push(Info {
        kind,
        namespace: namespace.into(),
        name: name.into(),
        source: source.clone(),
        value: Some(value),
    });
}

/// The object in its own Namespace or in the given one.
pub(crate) fn in_namespace(mut info: Info, namespace: &Str, is_required: bool) -> Result<Info, Problem> {
    if !info.kind.info().namespaced {
        info.namespace = Str::default();
        if let Some(value) = &mut info.value {
            let mut metadata = value.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
            if metadata.remove("namespace").is_some() {
                value.set(&["metadata"], metadata);
            }
        }
        return Ok(info);
    }
    if info.namespace.is_empty() {
        info.namespace = namespace.clone();
        if let Some(value) = &mut info.value {
            value.set(&["metadata", "namespace"], namespace.clone());
        }
    } else if is_required && info.namespace != *namespace {
        let own = &info.namespace;
        return Err(Problem::Own(format!(
            "the namespace from the provided object \"{own}\" does not match the namespace \"{namespace}\". \
             You must pass '--namespace={own}' to perform this operation."
        )));
    }
    Ok(info)
}

/// A tree without its places.
pub(super) fn value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(b) => Value::Bool(*b),
        NodeKind::Int(n) => Value::Int(*n),
        NodeKind::Float(f) => Value::Float(*f),
        NodeKind::String(text) => Value::String(text.clone()),
        NodeKind::Sequence(items) => Value::from(items.iter().map(value).collect::<Vec<_>>()),
        NodeKind::Mapping(entries) => {
            let pairs = entries.iter().map(|entry| (entry.key.clone(), value(&entry.value)));
            Value::from(pairs.collect::<Map>())
        }
    }
}
