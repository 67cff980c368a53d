//! `kubectl get` (upstream: kubectl `cmd/get`).

use super::Verb;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::Change;
use crate::cluster::request::{Reason, Reply, Request, Verb as Asked};
use crate::cluster::time::SimTime;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{plain, text};
use crate::kubectl::jsonpath::{Template, relaxed};
use crate::kubectl::print::{Format, Look, lines, list, table, tabs, title};
use crate::kubectl::resources::{Finder, Info};
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "get", aliases: &[], run };

const NOTHING: &str = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete \
    list of supported resources.\n\n";
const REQUIRED: &str = "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed \
    description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples";

fn run(kubectl: &mut Kubectl) -> Outcome {
    if let Some(path) = kubectl.arguments.text("raw").cloned().filter(|path| !path.is_empty()) {
        return super::raw::get(kubectl, &path);
    }
    let words = kubectl.arguments.words.clone();
    if words.is_empty() && kubectl.arguments.text("filename").is_none() {
        kubectl.complain(NOTHING);
        return Err(kubectl.fail(REQUIRED.to_owned()));
    }
    let format = kubectl.format()?;
    let is_plain = matches!(format, Format::Table { .. });
    if kubectl.arguments.is("show-labels") && !is_plain {
        let output = kubectl.arguments.text("output").cloned().unwrap_or_default();
        let why = format!("--show-labels option cannot be used with {output} printer");
        return Err(kubectl.fail(why));
    }
    let watches = kubectl.arguments.is("watch") || kubectl.arguments.is("watch-only");
    let mut found = kubectl.find(&words, Finder { kind_means_all: true, reads: true, one_kind: watches })?;
    if watches {
        kubectl.fail_all(found.problems)?;
        return watch(kubectl, &words, &found.infos, found.is_single);
    }
    if kubectl.arguments.is("ignore-not-found") {
        found.problems.retain(
            |problem| !matches!(problem, Problem::Server(_, status) if status.reason == Reason::NotFound),
        );
    }
    if let Some(path) = kubectl.arguments.text("sort-by").cloned() {
        match sort(&mut found.infos, &path) {
            Ok(()) => {}
            // Upstream leaves out a table that cannot be sorted, and says that there is nothing.
            Err(_) if is_plain => found.infos.clear(),
            Err(why) => return Err(kubectl.fail(why)),
        }
    }
    match format {
        Format::Table { .. } => tables(kubectl, &words, &found.infos, found.problems.is_empty()),
        Format::Name => {
            for info in &found.infos {
                kubectl.line(&title(&info.value()));
            }
        }
        _ => {
            let values: Vec<Value> = found.infos.iter().map(Info::value).collect();
            let is_missing = values.is_empty() && (found.is_single || !found.problems.is_empty());
            match &values[..] {
                [one] if found.is_single => kubectl.report(one, "")?,
                _ if is_missing => {}
                _ => kubectl.report(&list(values), "")?,
            }
        }
    }
    kubectl.fail_all(found.problems)
}

/// Prints objects and then their changes, until it is interrupted (upstream: `GetOptions.watch`).
fn watch(kubectl: &mut Kubectl, words: &[Str], infos: &[Info], is_single: bool) -> Outcome {
    let kind = match infos.first() {
        Some(info) => info.kind,
        None => kubectl.kind(words.first().map_or("", |word| word))?,
    };
    let is_everywhere = kubectl.arguments.is("all-namespaces");
    let mut filter = kubectl.filter();
    if let Some(info) = infos.first().filter(|_| is_single) {
        filter.fields = format!("metadata.name={}", info.name).into();
    }
    let namespace = if is_everywhere { Str::default() } else { kubectl.namespace() };
    let mut screen = Screen { kind, has_titles: !kubectl.arguments.is("no-headers"), widths: Vec::new() };
    if !kubectl.arguments.is("watch-only") {
        let seen: Vec<Value> = infos.iter().map(Info::value).collect();
        screen.show(kubectl, &seen, Change::Added)?;
    }
    let request = Request::new(Asked::Watch(filter, 0), ObjectKey::new(kind, namespace, ""));
    let (id, initial) = match kubectl.ask(request)? {
        Ok(Reply::Watching(id, initial)) => (id, initial),
        Ok(_) => return Ok(()),
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    // What has changed between the list and the watch.
    let version = |value: &Value| text(value, &["metadata", "resourceVersion"]).to_owned();
    let known: Vec<String> = infos.iter().map(|info| version(&info.value())).collect();
    for value in initial.iter().map(Object::encode).filter(|value| !known.contains(&version(value))) {
        screen.show(kubectl, &[value], Change::Modified)?;
    }
    let documents = kubectl.documents;
    let (round, (mut screen, documents)) = kubectl.shell.program_rounds((screen, documents));
    kubectl.documents = documents;
    loop {
        let Some((change, value)) = kubectl.next(id, SimTime::NEVER)? else { return Ok(()) };
        screen.show(kubectl, &[value], change)?;
        let documents = kubectl.documents;
        kubectl.shell.program_round(round, &(screen.clone(), documents));
    }
}

/// What a watch has printed: the titles once, and how wide its columns are.
#[derive(Clone)]
struct Screen {
    kind: Kind,
    has_titles: bool,
    widths: Vec<usize>,
}

impl Screen {
    fn show(&mut self, kubectl: &mut Kubectl, values: &[Value], change: Change) -> Outcome {
        if values.is_empty() {
            return Ok(());
        }
        let Format::Table { .. } = kubectl.format()? else {
            return values.iter().try_for_each(|value| kubectl.report(value, ""));
        };
        let has_titles = std::mem::take(&mut self.has_titles);
        let look = Look { has_titles, ..kubectl.look(self.kind, false) };
        let mut lines = lines(self.kind, values, &look, kubectl.shell.ask.unix_micros());
        if kubectl.arguments.is("output-watch-events") {
            for (at, line) in lines.iter_mut().enumerate() {
                let cell = if has_titles && at == 0 { "EVENT" } else { change.as_str() };
                line.insert(0, cell.to_owned());
            }
        }
        let text = tabs::remembering(&mut self.widths, &lines);
        kubectl.print(&text);
        Ok(())
    }
}

fn tables(kubectl: &mut Kubectl, words: &[Str], infos: &[Info], complains: bool) {
    let now = kubectl.shell.ask.unix_micros();
    let is_everywhere = kubectl.arguments.is("all-namespaces");
    let mut kinds: Vec<Kind> = Vec::new();
    for info in infos {
        if kinds.last() != Some(&info.kind) {
            kinds.push(info.kind);
        }
    }
    let has_several =
        words.first().is_some_and(|word| word.contains(',') || &**word == "all") || kinds.len() > 1;
    let mut rest = infos;
    let mut is_first = true;
    for kind in kinds {
        let count = rest.iter().take_while(|info| info.kind == kind).count();
        let values: Vec<Value> = rest[..count].iter().map(Info::value).collect();
        rest = &rest[count..];
        let look = kubectl.look(kind, has_several);
        let gap = if is_first || !look.has_titles { "" } else { "\n" };
        is_first = false;
        let text = table(kind, &values, &look, now);
        kubectl.print(&format!("{gap}{text}"));
    }
    if infos.is_empty() && complains && !kubectl.arguments.is("ignore-not-found") {
        let kinds = words.first().map_or("", |word| word).split(',');
        let kinds = kinds.filter_map(|word| kubectl.known(word));
        let is_namespaced = kinds.into_iter().all(|kind| kind.info().namespaced);
        if is_everywhere || !is_namespaced {
            kubectl.complain("No resources found");
        } else {
            let namespace = kubectl.namespace();
            kubectl.complain(&format!("No resources found in {namespace} namespace."));
        }
    }
}

/// Sorts by a field, as `.metadata.creationTimestamp`: numbers by size, everything else as text.
fn sort(infos: &mut [Info], path: &Str) -> Result<(), String> {
    let template = relaxed(path).and_then(|path| Template::parse(&path))?;
    let field = |info: &Info| {
        let found = template.find(info.value.as_ref()?).ok()?;
        found.into_iter().flatten().next()
    };
    if !infos.is_empty() && infos.iter().all(|info| field(info).is_none()) {
        let text = template.text();
        return Err(format!("couldn't find any field with path \"{text}\" in the list of objects"));
    }
    // What lacks the field comes first.
    let are_numbers = infos.iter().filter_map(field).all(|value| value.as_int().is_some());
    infos.sort_by_cached_key(|info| {
        let found = field(info);
        let number = found.as_ref().and_then(|value| value.as_int()).filter(|_| are_numbers);
        (found.is_some(), number, found.as_ref().map(plain).filter(|_| !are_numbers))
    });
    Ok(())
}
