//! Which objects a command is about: by name, by kind and selector, or by files (upstream: cli-runtime
//! `resource/builder.go`).

use super::command::{Kubectl, Outcome, Problem, Stop};
use super::rounds::Log;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{Filter, Reason, Status, Subresource};
use crate::value::{Str, Value};

/// An object that a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Info {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its Namespace; empty for kinds of the whole cluster.
    pub(crate) namespace: Str,
    /// Its name.
    pub(crate) name: Str,
    /// The file that it stands in; empty where it was named.
    pub(crate) source: Str,
    /// What the file or the server says of it.
    pub(crate) value: Option<Value>,
}

impl Info {
    /// One of a file that no server is asked about: what it is called in a cluster does not count.
    pub(crate) fn local(source: Str, value: Value) -> Self {
        let text = |path: &[&str]| Str::from(super::fields::text(&value, path));
        let kind = Kind::of(&text(&["apiVersion"]), &text(&["kind"])).unwrap_or(Kind::APIService);
        let name = text(&["metadata", "name"]);
        Self { kind, namespace: Str::default(), name, source, value: Some(value) }
    }
    /// What it is called in the cluster.
    pub(crate) fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind, self.namespace.clone(), self.name.clone())
    }
    /// `deployment.apps/web`
    pub(crate) fn title(&self) -> String {
        format!("{}/{}", self.kind.singular(), self.name)
    }
    /// What it was read as; `null` where it was only named.
    pub(crate) fn value(&self) -> Value {
        self.value.clone().unwrap_or_default()
    }
}

/// The objects that were found, and what went wrong with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Infos {
    /// Those that were found.
    pub(crate) infos: Vec<Info>,
    /// What went wrong.
    pub(crate) problems: Vec<Problem>,
    /// Whether one object was asked for, and not a list of them.
    pub(crate) is_single: bool,
    /// Whether one is of a kind that kubectl does not know.
    pub(crate) has_unknown: bool,
}

/// How a verb finds its objects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Finder {
    /// A kind alone stands for all its objects.
    pub(crate) kind_means_all: bool,
    /// They are read from the server.
    pub(crate) reads: bool,
    /// Only one kind may be named.
    pub(crate) one_kind: bool,
}

/// `kubectl get all`, as the server's category has it.
fn all() -> Vec<Kind> {
    Kind::all().filter(|kind| kind.info().in_all).collect()
}

const COMBINED: &str = "there is no need to specify a resource type as a separate argument when passing \
    arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get \
    resource resource/<resource_name>'";

const MISSING: &str = "You must provide one or more resources by argument or filename.\nExample resource \
    specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

impl Kubectl<'_, '_> {
    /// Finds the objects that the words, the files and the selectors of the command name.
    pub(crate) fn find(&mut self, words: &[Str], finder: Finder) -> Outcome<Infos> {
        if self.arguments.text("filename").is_some() {
            if !words.is_empty() {
                let why = if words.iter().any(|word| word.contains('/')) {
                    "resource/name arguments cannot be provided when a path is specified"
                } else if words.len() > 1 {
                    "name cannot be provided when a path is specified"
                } else {
                    "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
                };
                return Err(self.fail(why.to_owned()));
            }
            return if self.arguments.is("local") { self.local() } else { self.find_in_files(finder) };
        }
        let filter = self.filter();
        let selects_all = self.arguments.is("all") || filter != Filter::default();
        let named = self.named(words, finder)?;
        match named {
            Named::Nothing if selects_all => {
                Err(self.fail("at least one resource must be specified to use a selector".to_owned()))
            }
            Named::Nothing => Err(self.fail(MISSING.to_owned())),
            Named::Objects(_, true) if selects_all => {
                Err(self.fail("name cannot be provided when a selector is specified".to_owned()))
            }
            Named::Objects(..) if selects_all => Err(self.fail(
                "selectors and the all flag cannot be used when passing resource/name arguments".to_owned(),
            )),
            Named::Objects(objects, _) => self.find_by_name(objects, finder),
            Named::Kinds(kinds) if selects_all || finder.kind_means_all => {
                if self.arguments.text("subresource").is_some_and(|part| !part.is_empty()) {
                    let why = "subresource cannot be used when bulk resources are specified";
                    return Err(self.fail(why.to_owned()));
                }
                self.find_by_kind(&kinds, &filter)
            }
            Named::Kinds(_) => {
                Err(self.fail("resource(s) were provided, but no name was specified".to_owned()))
            }
        }
    }
    /// The part of the object that `--subresource` names.
    pub(crate) fn subresource(&mut self) -> Outcome<Subresource> {
        match self.arguments.text("subresource").cloned().as_deref() {
            None | Some("") => Ok(Subresource::None),
            Some("status") => Ok(Subresource::Status),
            Some("scale") => Ok(Subresource::Scale),
            Some("ephemeralcontainers") => Ok(Subresource::EphemeralContainers),
            Some("resize") => Ok(Subresource::Resize),
            Some(_) => {
                let why = "the server could not find the requested resource";
                Err(self.fail(Problem::Server(String::new(), Status::new(Reason::NotFound, why))))
            }
        }
    }
    /// The selectors of the command.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            labels: self.arguments.text("selector").cloned().unwrap_or_default(),
            fields: self.arguments.text("field-selector").cloned().unwrap_or_default(),
        }
    }
    fn find_in_files(&mut self, finder: Finder) -> Outcome<Infos> {
        let mut found = if finder.reads { self.read_again()? } else { self.manifests(false)? };
        found.is_single = found.infos.len() == 1 && self.arguments.texts("filename").count() == 1;
        Ok(found)
    }
    /// The objects of the files as the server has them.
    fn read_again(&mut self) -> Outcome<Infos> {
        let begin = |kubectl: &mut Self| {
            let found = kubectl.manifests(false)?;
            Ok((found.infos, (Log::default(), Log::from(found.problems))))
        };
        let (infos, problems) = self.each(begin, |kubectl, info, (infos, problems)| {
            match kubectl.get(info.key())? {
                Ok(value) => infos.push(Info { value: Some(value), ..info.clone() }),
                Err(status) => problems.push(status.into()),
            }
            Ok(())
        })?;
        Ok(Infos { infos: infos.to_vec(), problems: problems.to_vec(), ..Infos::default() })
    }
    fn find_by_name(&mut self, objects: Vec<(Kind, Str)>, finder: Finder) -> Outcome<Infos> {
        let mut found = Infos { is_single: objects.len() == 1, ..Infos::default() };
        for (kind, name) in objects {
            if self.arguments.is("all-namespaces") && kind.info().namespaced {
                let why = "a resource cannot be retrieved by name across all namespaces";
                return Err(self.fail(why.to_owned()));
            }
            let key = self.key(kind, name.clone());
            let mut info =
                Info { kind, namespace: key.namespace.clone(), name, source: Str::default(), value: None };
            if finder.reads {
                match self.get(key)? {
                    Ok(value) => info.value = Some(value),
                    Err(status) => {
                        found.problems.push(status.into());
                        continue;
                    }
                }
            }
            found.infos.push(info);
        }
        Ok(found)
    }
    fn find_by_kind(&mut self, kinds: &[Kind], filter: &Filter) -> Outcome<Infos> {
        let mut found = Infos::default();
        for kind in kinds.iter().copied() {
            let namespace =
                if self.arguments.is("all-namespaces") { Str::default() } else { self.namespace() };
            match self.list(kind, namespace, filter.clone())? {
                Ok(values) => found.infos.extend(values.into_iter().map(|value| {
                    let text = |key| super::fields::text(&value, &["metadata", key]).into();
                    let (namespace, name) = (text("namespace"), text("name"));
                    Info { kind, namespace, name, source: Str::default(), value: Some(value) }
                })),
                Err(status) if status.reason == Reason::BadRequest => {
                    let row = kind.info();
                    let version = if row.group.is_empty() { "/v1".into() } else { kind.api_version() };
                    let about = format!(
                        "Unable to find \"{version}, Resource={}\" that match label selector {:?}, field \
                         selector {:?}: ",
                        row.plural, &*filter.labels, &*filter.fields
                    );
                    return Err(self.fail(Problem::Server(about, status)));
                }
                // What kubectl still knows the server may have no more.
                Err(status) if kind.is_custom() && status.reason == Reason::NotFound => {
                    let about = format!(
                        "Unable to list \"{}, Resource={}\": ",
                        kind.api_version(),
                        kind.info().plural
                    );
                    found.problems.push(Problem::Server(about, status));
                }
                Err(status) => found.problems.push(status.into()),
            }
        }
        Ok(found)
    }
    fn named(&mut self, words: &[Str], finder: Finder) -> Outcome<Named> {
        let Some((first, names)) = words.split_first() else { return Ok(Named::Nothing) };
        let slashes = words.iter().filter(|word| word.contains('/')).count();
        if slashes > 0 {
            if slashes < words.len() {
                return Err(self.fail(COMBINED.to_owned()));
            }
            let mut objects = Vec::new();
            for word in words {
                objects.push(self.resource_and_name(word)?);
            }
            return self
                .one_kind(objects.iter().map(|(kind, _)| *kind), finder)
                .map(|()| Named::Objects(objects, false));
        }
        let kinds = self.kinds(first)?;
        self.one_kind(kinds.iter().copied(), finder)?;
        if names.is_empty() {
            return Ok(Named::Kinds(kinds));
        }
        if kinds.len() > 1 && !first.contains(',') {
            return Err(self.fail("you must specify only one resource".to_owned()));
        }
        let objects = kinds.iter().flat_map(|kind| names.iter().map(|name| (*kind, name.clone()))).collect();
        Ok(Named::Objects(objects, kinds.len() == 1))
    }
    fn one_kind(&mut self, kinds: impl Iterator<Item = Kind>, finder: Finder) -> Outcome {
        let mut kinds: Vec<Kind> = kinds.collect();
        kinds.dedup();
        if finder.one_kind && kinds.len() > 1 {
            return Err(self.fail("you may only specify a single resource type".to_owned()));
        }
        Ok(())
    }
    /// `deploy/web`
    pub(crate) fn resource_and_name(&mut self, word: &str) -> Outcome<(Kind, Str)> {
        let parts: Vec<&str> = word.split('/').collect();
        match &parts[..] {
            [kind, name] if !kind.is_empty() && !name.is_empty() && !kind.contains(',') => {
                Ok((self.kind(kind)?, (*name).into()))
            }
            [_, _] => {
                Err(self
                    .fail("arguments in resource/name form must have a single resource and name".to_owned()))
            }
            _ => {
                Err(self.fail("arguments in resource/name form may not have more than one slash".to_owned()))
            }
        }
    }
    /// The kinds that `po,svc` or `all` names.
    fn kinds(&mut self, words: &str) -> Outcome<Vec<Kind>> {
        let mut kinds = Vec::new();
        for word in words.split(',') {
            let mut named = self.category(word);
            if word == "all" {
                named.splice(0..0, all());
            }
            if named.is_empty() && self.known(word).is_none() {
                self.discover()?;
                named = self.category(word);
            }
            if named.is_empty() {
                named.push(self.known(word).ok_or_else(|| self.no_such_kind(word))?);
            }
            for kind in named {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        Ok(kinds)
    }
    /// The kind that a word names.
    pub(crate) fn kind(&mut self, word: &str) -> Outcome<Kind> {
        if self.known(word).is_none() {
            self.discover()?;
        }
        self.known(word).ok_or_else(|| self.no_such_kind(word))
    }
    fn no_such_kind(&mut self, word: &str) -> Stop {
        let (word, group) = word.split_once('.').unwrap_or((word, ""));
        let group = if group.is_empty() { String::new() } else { format!(" in group \"{group}\"") };
        self.fail(format!("the server doesn't have a resource type \"{word}\"{group}"))
    }
}

/// What the words of a command name.
enum Named {
    Nothing,
    Kinds(Vec<Kind>),
    /// Objects, and whether as a kind and names.
    Objects(Vec<(Kind, Str)>, bool),
}
