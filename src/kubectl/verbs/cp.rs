//! `kubectl cp`: one file to or from a container (upstream: kubectl `cmd/cp`, which packs it with `tar`; here `cat` and `printf`
//! carry it).

use super::Verb;
use crate::cluster::request::{Connect, Reply, Request, Subresource, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop};
use crate::value::Str;
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "cp", aliases: &[], run };

/// A place of the command line: of a Pod, perhaps in another Namespace, or of the terminal.
struct Place<'w> {
    pod: Option<(&'w str, &'w str)>,
    file: &'w str,
}

fn place(word: &str) -> Result<Place<'_>, String> {
    let wrong = "filespec must match the canonical format: [[namespace/]pod:]file/path";
    match word.split_once(':') {
        None => Ok(Place { pod: None, file: word }),
        Some(("", _)) => Err(wrong.into()),
        Some((pod, file)) => match pod.split_once('/') {
            None => Ok(Place { pod: Some(("", pod)), file }),
            Some((namespace, pod)) if !pod.contains('/') => Ok(Place { pod: Some((namespace, pod)), file }),
            Some(_) => Err(wrong.into()),
        },
    }
}

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let [from, to] = &words[..] else {
        return Err(kubectl.fail("source and destination are required".to_owned()));
    };
    let (from, to) = match (place(from), place(to)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(why), _) | (_, Err(why)) => return Err(kubectl.fail(why)),
    };
    if from.pod.is_some() && to.pod.is_some() {
        return Err(kubectl.fail("one of src or dest must be a local file specification".to_owned()));
    }
    if from.file.is_empty() || to.file.is_empty() {
        return Err(kubectl.fail("filepath can not be empty".to_owned()));
    }
    let base = |file: &str| file.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    match (from.pod, to.pod) {
        (Some(pod), _) => {
            let (out, errors, code) = exec(kubectl, pod, &["cat", from.file])?;
            if code != 0 {
                kubectl.shell.print_error(&errors.replace("cat: ", "tar: "));
                kubectl.complain(&format!("command terminated with exit code {code}"));
                return Err(Stop::Exit(1));
            }
            let name = match to.file {
                "." | "./" => base(from.file),
                folder if folder.ends_with('/') => format!("{folder}{}", base(from.file)),
                file => file.trim_start_matches("./").to_owned(),
            };
            kubectl.shell.files.insert(name.into(), out);
            Ok(())
        }
        (_, Some(pod)) => {
            let Some(text) = kubectl.shell.files.get(from.file.trim_start_matches("./")).cloned() else {
                let folder = format!("{}/", from.file.trim_end_matches('/'));
                if kubectl.shell.files.keys().any(|name| name.starts_with(&folder)) {
                    return Err(kubectl.not_here("cp of a folder"));
                }
                return Err(kubectl.fail(format!("{} doesn't exist in local filesystem", from.file)));
            };
            let (_, _, is_folder) = exec(kubectl, pod, &["test", "-d", to.file])?;
            let file = match is_folder {
                0 => format!("{}/{}", to.file.trim_end_matches('/'), base(from.file)),
                _ => to.file.to_owned(),
            };
            let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
            let line = format!("printf %s {} > {}", quoted(&text), quoted(&file));
            let (_, errors, code) = exec(kubectl, pod, &["sh", "-c", &line])?;
            kubectl.shell.print_error(&errors);
            if code == 0 {
                return Ok(());
            }
            kubectl.complain(&format!("command terminated with exit code {code}"));
            Err(Stop::Exit(1))
        }
        (None, None) => {
            Err(kubectl.fail("one of src or dest must be a remote file specification".to_owned()))
        }
    }
}

/// Runs a command in the container: what it printed, and its exit code.
fn exec(kubectl: &mut Kubectl, (namespace, pod): (&str, &str), command: &[&str]) -> Outcome<(Str, Str, i32)> {
    if !namespace.is_empty() {
        kubectl.arguments.give("namespace", namespace.into());
    }
    let pod = match kubectl.pod(pod)? {
        Ok(pod) => pod,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    kubectl.arguments.give("quiet", "true".into());
    let container = kubectl.container(&pod)?;
    let command: Vec<Str> = command.iter().map(|word| Str::from(*word)).collect();
    let connect = Connect { container, command, ..Connect::default() };
    let request = Request::new(Asked::Connect(Rc::new(connect)), kubectl.pod_key(&pod)).at(Subresource::Exec);
    match kubectl.ask(request)? {
        Ok(Reply::Text(out, errors, code)) => Ok((out, errors, code)),
        Ok(_) => Ok((Str::default(), Str::default(), 0)),
        Err(status) => Err(kubectl.fail(Problem::from(status))),
    }
}
