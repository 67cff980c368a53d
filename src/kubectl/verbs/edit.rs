//! `kubectl edit` (upstream: kubectl `cmd/util/editor/editoptions.go`, in its normal mode).
//!
//! The editor is the command in `KUBE_EDITOR` or `EDITOR`, run by the shell with the file behind it. Where there is none, nobody
//! waits for a person: the object becomes a file of the page, with the command in it that saves it.

use super::Verb;
use crate::api::patch::two_way;
use crate::cluster::request::{PatchKind, Reason, Request, Status, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop, kind_of_patch};
use crate::kubectl::fields::{object, text};
use crate::kubectl::manifests;
use crate::kubectl::print::without_owners;
use crate::kubectl::resources::{Finder, Info};
use crate::value::{Str, Value, json, yaml};

pub(super) const VERB: Verb = Verb { name: "edit", aliases: &[], run };

/// What stands above the object.
const HEADER: &str = "\
# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
";

/// What begins the line of a file that names the command which saves it.
pub const SAVED_BY: &str = "# podium: save it with: ";

/// Editors that need a person at them.
const FOR_PEOPLE: [&str; 7] = ["code", "emacs", "nano", "nvim", "vi", "vim", "vscode"];

/// What a passage of the editor came to.
#[derive(Debug, Default)]
struct Results {
    /// Why the file is opened again: a sentence, and what is said of its fields.
    reasons: Vec<(String, Vec<String>)>,
    retryable: usize,
    not_found: usize,
}

impl Results {
    /// Notes that an object was refused, and gives what is said of it (upstream: `editResults.addError`).
    fn refused(&mut self, info: &Info, status: &Status) -> String {
        let resource = info.kind.resource();
        let name = &info.name;
        match status.reason {
            Reason::Invalid => {
                self.reasons.push((format!("{resource} {name:?} was not valid"), status.causes.clone()));
                format!("error: {resource} {name:?} is invalid")
            }
            Reason::NotFound => {
                self.not_found += 1;
                format!("error: {resource} {name:?} could not be found on the server")
            }
            _ => {
                self.retryable += 1;
                format!("error: {resource} {name:?} could not be patched: {}", status.message)
            }
        }
    }
}

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let found = kubectl.find(&words, Finder { kind_means_all: true, reads: true, one_kind: false })?;
    kubectl.fail_all(found.problems)?;
    let infos = found.infos;
    if infos.is_empty() {
        return Err(kubectl.fail("edit cancelled, no objects found".to_owned()));
    }
    let original = printed(&infos);
    let Some(editor) = editor(kubectl) else {
        hand_over(kubectl, &infos, &original);
        return Ok(());
    };
    let (mut results, mut edited, mut file) = (Results::default(), None::<Str>, None::<Str>);
    loop {
        let mut opened = header(&results.reasons);
        opened.push_str(&edited.as_ref().map_or_else(|| original.clone(), |edited| without_comments(edited)));
        let number = kubectl.shell.chance() >> 32;
        let path = Str::from(format!("/tmp/kubectl-edit-{number}.yaml"));
        kubectl.shell.files.insert(path.clone(), opened.into());
        if let Err(why) = launch(kubectl, &editor, &path)? {
            kubectl.shell.files.remove(&path);
            return Err(preserved(kubectl, file.as_ref(), why));
        }
        let now = kubectl.shell.files.get(&path).cloned().unwrap_or_default();
        if edited.as_ref().is_some_and(|before| is_same(before, &now)) {
            let why = "Edit cancelled, no valid changes were saved.";
            return Err(preserved(kubectl, Some(&path), why.to_owned()));
        }
        if let Some(old) = file.replace(path.clone()) {
            kubectl.shell.files.remove(&old);
        }
        kubectl.download_schema(&infos)?;
        results = Results::default();
        if is_same(&original, &now) || is_empty(&now) {
            kubectl.shell.files.remove(&path);
            let what = if is_empty(&now) { "saved file was empty" } else { "no changes made" };
            kubectl.complain(&format!("Edit cancelled, {what}."));
            return Ok(());
        }
        match manifests::edited(&now, kubectl.validates(), &kubectl.shell.kept.discovered.clone()) {
            Err(why) if why.is_invalid => {
                let status = Status::new(Reason::Invalid, "");
                let said = results.refused(&infos[0], &status);
                kubectl.complain(&said);
                let what = format!("<nil>: Invalid value: The edited file failed validation: {}", why.text);
                results.reasons[0].1.push(what);
            }
            Err(why) => {
                results
                    .reasons
                    .push((format!("The edited file had a syntax error: {}", why.text), Vec::new()));
            }
            Ok(updated) => {
                let namespace = kubectl.namespace();
                for info in updated {
                    let info = match manifests::in_namespace(info, &namespace, true) {
                        Ok(info) => info,
                        Err(Problem::Own(why)) => return Err(preserved(kubectl, Some(&path), why)),
                        Err(problem) => return Err(kubectl.fail(problem)),
                    };
                    if let Err(why) = save(kubectl, &infos, &info, &mut results)? {
                        return Err(preserved(kubectl, Some(&path), why));
                    }
                }
                if results.retryable > 0 {
                    let how = format!("You can run `kubectl replace -f {path}` to try this update again.");
                    kubectl.complain(&how);
                    return Err(Stop::Exit(1));
                }
                if results.not_found > 0 {
                    let where_ =
                        format!("The edits you made on deleted resources have been saved to {path:?}");
                    kubectl.complain(&where_);
                    return Err(Stop::Exit(1));
                }
                if results.reasons.is_empty() {
                    kubectl.shell.files.remove(&path);
                    return Ok(());
                }
            }
        }
        edited = Some(now);
    }
}

/// The objects as a file.
fn printed(infos: &[Info]) -> String {
    match infos {
        [one] => yaml::print(&without_owners(&one.value())),
        many => {
            let items: Vec<Value> = many.iter().map(|info| without_owners(&info.value())).collect();
            let list: [(&str, Value); 4] = [
                ("apiVersion", "v1".into()),
                ("items", items.into()),
                ("kind", "List".into()),
                ("metadata", Value::object()),
            ];
            yaml::print(&object(list))
        }
    }
}

fn header(reasons: &[(String, Vec<String>)]) -> String {
    let hashed = |text: &str| text.replace('\n', "\n# ");
    let mut out = HEADER.to_owned();
    for (head, others) in reasons {
        let colon = if others.is_empty() { "" } else { ":" };
        out.push_str(&format!("# {}{colon}\n", hashed(head)));
        others.iter().for_each(|other| out.push_str(&format!("# * {}\n", hashed(other))));
        out.push_str("#\n");
    }
    out
}

/// The command that edits a file; none where that is a person's work.
fn editor(kubectl: &Kubectl) -> Option<Str> {
    let variables = &kubectl.shell.kept.variables;
    let named =
        ["KUBE_EDITOR", "EDITOR"].iter().find_map(|name| variables.get(*name).filter(|v| !v.is_empty()));
    let program = named?.split_whitespace().next()?;
    named.filter(|_| !FOR_PEOPLE.contains(&program)).cloned()
}

/// Runs the editor; the error says why it did not go well.
fn launch(kubectl: &mut Kubectl, editor: &Str, path: &Str) -> Outcome<Result<(), String>> {
    let is_for_shell = editor.contains(' ') && editor.contains(['"', '\'', '\\']);
    let program = editor.split(' ').next().unwrap_or_default();
    if !is_for_shell && !kubectl.shell.has_program(program) {
        return Ok(Err(format!("unable to launch the editor {:?}", &**editor)));
    }
    let kept = kubectl.shell.kept.clone();
    // Without quotes in it, its words are its words, whatever they would mean to a shell.
    let quoted = || editor.split(' ').map(|word| format!("'{word}' ")).collect();
    let line = if is_for_shell { format!("{editor} ") } else { quoted() };
    let code = kubectl.shell.run(&format!("{line}{path}"))?;
    kubectl.shell.kept = kept;
    let words = if is_for_shell { format!("/bin/bash -c {editor}") } else { editor.to_string() };
    Ok(if code == 0 { Ok(()) } else { Err(format!("there was a problem with the editor {words:?}")) })
}

/// Sends what was changed of an object. The error ends the command.
fn save(
    kubectl: &mut Kubectl,
    originals: &[Info],
    info: &Info,
    results: &mut Results,
) -> Outcome<Result<(), String>> {
    const UID: [&str; 2] = ["metadata", "uid"];
    let edited = info.value();
    let is_it = |original: &&Info| text(&original.value(), &UID) == text(&edited, &UID);
    let Some(original) = originals.iter().find(is_it) else {
        return Ok(Err(format!("no original object found for {}", info.title())));
    };
    let before = without_owners(&original.value());
    if before == edited {
        kubectl.report(&edited, "skipped")?;
        return Ok(Ok(()));
    }
    let is_same = |path: &[&str]| before.at(path) == edited.at(path);
    if ![&["apiVersion"][..], &["kind"], &["metadata", "name"]].iter().all(|path| is_same(path)) {
        return Ok(Err("At least one of apiVersion, kind and name was changed".to_owned()));
    }
    let (version, kind) = (text(&before, &["apiVersion"]), text(&before, &["kind"]));
    let patch = two_way(version, kind, &before, &edited);
    if kubectl.arguments.is("output-patch") {
        kubectl.line(&format!("Patch: {}", json::compact(&patch)));
    }
    let request = Request {
        field_manager: Some(
            kubectl.arguments.text("field-manager").cloned().unwrap_or("kubectl-edit".into()),
        ),
        ..Request::new(Asked::Patch(kind_of_patch(info.kind, PatchKind::Strategic), patch), info.key())
            .at(kubectl.subresource()?)
    };
    match kubectl.ask_object(request)? {
        Ok(value) => kubectl.report(&value, "edited")?,
        Err(status) => {
            let said = results.refused(info, &status);
            kubectl.complain(&said);
        }
    }
    Ok(Ok(()))
}

/// Ends the command, and says where the changes lie.
fn preserved(kubectl: &mut Kubectl, path: Option<&Str>, why: String) -> Stop {
    if let Some(path) = path.filter(|path| kubectl.shell.files.contains_key(*path)) {
        kubectl.complain(&format!("A copy of your changes has been stored to {:?}", &**path));
    }
    kubectl.fail(why)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn without_comments(file: &str) -> String {
    file.split_inclusive('\n').filter(|line| !is_comment(line)).collect()
}

fn is_empty(file: &str) -> bool {
    file.lines().all(|line| is_comment(line) || line.trim().is_empty())
}

/// Whether two files say the same, comments apart.
fn is_same(one: &str, other: &str) -> bool {
    match (manifests::one(one), manifests::one(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => without_comments(one) == without_comments(other),
    }
}

/// Puts the objects into a file of the page, for a person to edit.
fn hand_over(kubectl: &mut Kubectl, infos: &[Info], original: &str) {
    let named = match infos {
        [one] => format!("{}-{}", one.kind.singular().split('.').next().unwrap_or_default(), one.name),
        _ => "list".to_owned(),
    };
    // What somebody is about to change stays as it is.
    let mut names = (1..).map(|n| if n == 1 { named.clone() } else { format!("{named}-{n}") });
    let is_free = |name: &String| !kubectl.shell.files.contains_key(&**name);
    let file = Str::from(
        names.by_ref().map(|name| format!("kubectl-edit-{name}.yaml")).find(is_free).unwrap_or_default(),
    );
    let titles: Vec<String> = infos.iter().map(Info::title).collect();
    let namespace = match infos.iter().find(|info| !info.namespace.is_empty()) {
        Some(info) if info.namespace != kubectl.shell.kept.namespace => format!(" -n {}", info.namespace),
        _ => String::new(),
    };
    let command = format!("KUBE_EDITOR='cp {file}' kubectl edit {}{namespace}", titles.join(" "));
    let text = format!("{HEADER}{SAVED_BY}{command}\n#\n{original}");
    kubectl.shell.files.insert(file.clone(), text.into());
    kubectl.complain(&format!(
        "podium: {} lies open in the editor of the page as {file}. Change it there, then save it with:\n{command}",
        titles.join(", ")
    ));
}
