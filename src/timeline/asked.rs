//! What a command asked of the API server, in which order, and why it printed what it printed: for those who want a command
//! explained.

use super::beats::Sentence;
use super::view::{CommandView, View};
use crate::cluster::record::{Actor, Change, Fact, MessageKind, RecordId};
use crate::cluster::request::{Request, Subresource, Verb};
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;

/// A request of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// When it set out.
    pub at: SimTime,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Its path with the query.
    pub path: String,
    /// The HTTP status of its answer; none while that is under way.
    pub status: Option<u16>,
    /// What it is for.
    pub sentence: Sentence,
    /// How often it was asked one after the other: what waits for something asks again and again.
    pub times: usize,
}

/// What a command has asked until the moment of a view.
pub fn asked(view: View, command: &CommandView) -> Vec<Asked> {
    let actor = Actor::Kubectl(command.client);
    let mut out: Vec<Asked> = Vec::new();
    // The requests without an answer: which record, which of those above, and the status where nothing is refused.
    let mut open: Vec<(RecordId, usize, u16)> = Vec::new();
    let records = view.history().records();
    let begin = records.partition_point(|record| record.time < command.began);
    let end = command.ended.map_or(view.at(), |(ended, _)| ended.min(view.at()));
    for record in records[begin..].iter().take_while(|record| record.time <= end) {
        match &record.fact {
            Fact::Message(message) => match &message.kind {
                MessageKind::Request(request) if record.actor == actor => {
                    let (method, path) = request.http();
                    match out.last_mut().filter(|last| last.method == method && last.path == path) {
                        Some(last) => last.times += 1,
                        None => out.push(Asked {
                            at: record.time,
                            method,
                            path,
                            status: None,
                            sentence: purpose(request),
                            times: 1,
                        }),
                    }
                    open.push((record.id, out.len() - 1, request.success()));
                }
                MessageKind::Answer(_, refusal) if message.to == actor && message.arrives <= end => {
                    let place = open.iter().position(|(id, ..)| record.cause == Some(*id));
                    let Some((_, place, success)) = place.map(|place| open.swap_remove(place)) else {
                        continue;
                    };
                    out[place].status = Some(refusal.as_ref().map_or(success, |status| status.reason.code()));
                }
                _ => {}
            },
            Fact::Object { change: Change::Added, .. } => {
                // Server-side apply makes what is not there yet.
                let made = open.iter_mut().find(|(id, ..)| record.cause == Some(*id));
                made.into_iter().for_each(|(.., success)| *success = 201);
            }
            _ => {}
        }
    }
    out
}

/// What a request is for.
fn purpose(request: &Request) -> Sentence {
    let id = match (&request.verb, request.subresource) {
        (Verb::Create(_), Subresource::Eviction) => msg!("asked.evict"),
        (Verb::Connect(_), Subresource::Log) => msg!("asked.logs"),
        (Verb::Connect(_), _) => msg!("asked.exec"),
        (Verb::Patch(..), Subresource::EphemeralContainers) => msg!("asked.ephemeral"),
        (Verb::Patch(..) | Verb::Update(_), Subresource::Resize) => msg!("asked.resize"),
        (Verb::Get, Subresource::Scale) => msg!("asked.read-scale"),
        (Verb::Patch(..) | Verb::Update(_), Subresource::Scale) => msg!("asked.scale"),
        (Verb::Get, _) => msg!("asked.read"),
        (Verb::List(_), _) => msg!("asked.list"),
        (Verb::Watch(..), _) => msg!("asked.watch"),
        (Verb::Create(_), _) => msg!("asked.create"),
        (Verb::Update(_), _) => msg!("asked.replace"),
        (Verb::Patch(..), _) => msg!("asked.patch"),
        (Verb::Apply(..), _) => msg!("asked.apply"),
        (Verb::Delete(_), _) => msg!("asked.delete"),
        (Verb::DeleteCollection(..), _) => msg!("asked.delete-all"),
        (Verb::Raw(..), _) => msg!("asked.server"),
    };
    let kind: &'static str = request.key.kind.info().name;
    Sentence::new(id, [("kind", Arg::from(kind)), ("name", Arg::from(&*request.key.name))])
}

/// What begins a line, what ends it (or stands in it, where that ends with a space), and what is said of a command that printed
/// such a line.
const LINES: &[(&str, &str, &str)] = &[
    ("Error from server", "", msg!("asked.says-refused")),
    ("error: the server doesn't have a resource type ", "", msg!("asked.says-no-type")),
    ("error: ", "", msg!("asked.says-own")),
    ("podium: ", "", msg!("asked.says-podium")),
    ("DESCRIPTION:", "", msg!("asked.says-no-descriptions")),
    ("Warning: ", "", msg!("asked.says-warning")),
    ("No resources found", "", msg!("asked.says-none")),
    ("", " created", msg!("asked.says-created")),
    ("", " configured", msg!("asked.says-configured")),
    ("", " unchanged", msg!("asked.says-unchanged")),
    ("", " serverside-applied", msg!("asked.says-serverside")),
    ("", " (dry run)", msg!("asked.says-dry-run")),
    ("", " (server dry run)", msg!("asked.says-server-dry-run")),
    ("", " (no change)", msg!("asked.says-no-change")),
    ("", " patched", msg!("asked.says-patched")),
    ("", " image updated", msg!("asked.says-patched")),
    ("", " scaled", msg!("asked.says-scaled")),
    ("", " rolled back", msg!("asked.says-rolled-back")),
    ("", " restarted", msg!("asked.says-restarted")),
    ("", " deleted", msg!("asked.says-deleted")),
    ("", " deleted from ", msg!("asked.says-deleted")),
    ("", " condition met", msg!("asked.says-met")),
    ("Waiting for ", "", msg!("asked.says-waits")),
    ("Targeting container ", "", msg!("asked.says-debug-target")),
    ("Defaulting debug container name to ", "", msg!("asked.says-debug-name")),
    ("Creating debugging pod ", "", msg!("asked.says-debug-node")),
    ("apiVersion: ", "", msg!("asked.says-object")),
    ("NAME ", " READY ", msg!("asked.says-table")),
    ("NAMESPACE ", " READY ", msg!("asked.says-table")),
    ("Name: ", "", msg!("asked.says-described")),
];

/// Forms of output that a flag asks for, and what is said of each.
const FORMS: &[(&str, &str)] = &[
    ("jsonpath", msg!("asked.says-jsonpath")),
    ("go-template", msg!("asked.says-go-template")),
    ("custom-columns", msg!("asked.says-custom-columns")),
    ("name", msg!("asked.says-names")),
    ("wide", msg!("asked.says-wide")),
];

/// What is said of the form of output that a command line asks for, where that is one of kubectl's own making.
fn form(line: &str) -> Option<&'static str> {
    let mut words = line.split_whitespace();
    let asked = words.find_map(|word| match word {
        "-o" | "--output" => Some(None),
        _ => {
            word.strip_prefix("--output=").or(word.strip_prefix("-o=")).or(word.strip_prefix("-o")).map(Some)
        }
    })?;
    let asked = asked.or_else(|| words.next())?.trim_matches(['\'', '"']);
    // `jsonpath={.spec}`, `jsonpath-as-json=…`, `custom-columns-file=…`
    let is_it = |form: &str| {
        asked == form || asked.strip_prefix(form).is_some_and(|more| more.starts_with(['=', '-', 'f']))
    };
    FORMS.iter().find(|(name, _)| is_it(name)).map(|(_, id)| *id)
}

/// Why a command printed what it has printed, and ended as it did: a sentence for each sort of line, in the order of the lines.
pub fn printed(command: &CommandView, asked: &[Asked]) -> Vec<Sentence> {
    let mut said: Vec<&'static str> = Vec::new();
    let is_of = |one: &Asked, ids: &[&str]| ids.contains(&one.sentence.id);
    let has_asked = |ids: &[&str]| asked.iter().any(|one| is_of(one, ids));
    let containers = [msg!("asked.logs"), msg!("asked.exec")];
    let reads = [msg!("asked.read"), msg!("asked.list"), msg!("asked.watch"), msg!("asked.server")];
    let is_containers = has_asked(&containers);
    // Without a request what is printed is the shell's or kubectl's own, whatever it looks like.
    if asked.is_empty() && command.ended.is_some() && !runs_kubectl(command.line) {
        said.push(msg!("asked.says-shell"));
    }
    let has_printed = command.printed().any(|(is_error, text)| !is_error && !text.trim().is_empty());
    if has_printed && !is_containers && has_asked(&reads) {
        said.extend(form(command.line));
    }
    for (is_error, text) in command.printed() {
        if is_containers && !is_error {
            // Beside a container's output other commands may have printed, of which nothing is said.
            if asked.iter().all(|one| is_of(one, &containers) || is_of(one, &reads)) {
                said.push(msg!("asked.says-container"));
            }
            continue;
        }
        for line in text.lines().map(str::trim_end) {
            let holds = |end: &str| line.ends_with(end) || end.ends_with(' ') && line.contains(end);
            let row = LINES.iter().find(|(start, end, _)| line.starts_with(start) && holds(end));
            let Some(id) = row.map(|(.., id)| *id) else { continue };
            let own = [
                msg!("asked.says-own"),
                msg!("asked.says-no-type"),
                msg!("asked.says-podium"),
                msg!("asked.says-dry-run"),
            ];
            let is_own = own.contains(&id);
            said.push(match id {
                _ if asked.is_empty() && !is_own => continue,
                // `create`, `run` and `expose` do not look first.
                "asked.says-created" if !asked.iter().any(|one| one.status == Some(404)) => {
                    msg!("asked.says-made")
                }
                "asked.says-object" if command.line.contains("--dry-run") => continue,
                id => id,
            });
        }
    }
    let mut sentences: Vec<Sentence> = Vec::new();
    for id in said {
        if !sentences.iter().any(|sentence| sentence.id == id) {
            sentences.push(Sentence::new(id, []));
        }
    }
    let exit = match command.ended {
        Some((_, 127)) => msg!("asked.exit-unknown"),
        Some((_, 130)) => msg!("asked.exit-interrupted"),
        Some((_, 1..)) => msg!("asked.exit-other"),
        _ => return sentences,
    };
    let code = command.ended.map_or(0, |(_, code)| i64::from(code));
    sentences.push(Sentence::new(exit, [("exit", Arg::from(code))]));
    sentences
}

/// Whether a command line begins kubectl somewhere.
fn runs_kubectl(line: &str) -> bool {
    let commands = line.split([';', '|', '&', '(', ')', '{', '}', '`', '\n']);
    let firsts = commands.filter_map(|command| {
        command.split_whitespace().find(|word| !["do", "then", "else", "!", "time", "watch"].contains(word))
    });
    firsts.into_iter().any(|first| matches!(first, "kubectl" | "k"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::kubectl::Files;
    use crate::timeline::{Act, Start, Timeline};
    use crate::words::{Language, text};
    use expect_test::expect;
    use std::fmt::Write;

    fn told(commands: &[&str]) -> String {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx:1.25\n";
        let files = Files::from([("web.yaml".into(), pod.into())]);
        let mut timeline =
            Timeline::new(Start { setup: Setup::with_seed(1), namespace: "default".into(), files });
        let mut out = String::new();
        let mut at = SimTime::ZERO;
        for line in commands {
            let done = timeline.act(at, Act::Command((*line).into()));
            while timeline.record(at, 1_000) {}
            at = timeline.history().end();
            let view = timeline.at(at);
            let command = view.command(done.client.expect("a command")).expect("it was given");
            let asked = asked(view, &command);
            _ = writeln!(out, "$ {line}");
            for one in &asked {
                let status = one.status.unwrap_or(0);
                let sentence = text(Language::En, one.sentence.id, &one.sentence.args);
                let times = if one.times > 1 { "several times " } else { "" };
                _ = writeln!(out, "  {times}{} {} {status}: {sentence}", one.method, one.path);
            }
            for said in printed(&command, &asked) {
                _ = writeln!(out, "  {}", text(Language::En, said.id, &said.args));
            }
        }
        out
    }

    #[test]
    fn a_command_is_explained_by_its_requests_and_its_lines() {
        expect![[r#"
            $ kubectl apply -f web.yaml
              GET /openapi/v3?timeout=32s 200: Asks what the server itself knows.
              GET /openapi/v3/api/v1?hash=68B18F35BE87BAB6&timeout=32s 200: Asks what the server itself knows.
              GET /api/v1/namespaces/default/pods/web 404: Reads Pod web.
              POST /api/v1/namespaces/default/pods?fieldManager=kubectl-client-side-apply&fieldValidation=Strict 201: Has a new object of kind Pod made from what it sends.
              "created": there was no such object yet (404), so all of it was sent (POST).
            $ kubectl apply -f web.yaml
              GET /openapi/v3?timeout=32s 200: Asks what the server itself knows.
              GET /openapi/v3/api/v1?hash=68B18F35BE87BAB6&timeout=32s 200: Asks what the server itself knows.
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              "unchanged": the object was there and is as it should be, so nothing was sent.
            $ kubectl get pods
              GET /api/v1/namespaces/default/pods?limit=500 200: Reads all Pod objects that match.
              Columns are made for people: READY is computed from several fields, STATUS of a Pod too, and AGE from creationTimestamp.
            $ kubectl get pod nosuch
              GET /api/v1/namespaces/default/pods/nosuch 404: Reads Pod nosuch.
              "Error from server": the API server refused. What stands in brackets is its reason, and behind the colon are its words.
              Exit code 1: not 0, which a script can ask for.
            $ kubectl get nosuch
              GET /api?timeout=32s 200: Asks what the server itself knows.
              GET /apis?timeout=32s 200: Asks what the server itself knows.
              "the server doesn't have a resource type": kubectl compares the name with the kinds that the server told it of before. kubectl api-resources lists them.
              Exit code 1: not 0, which a script can ask for.
            $ kubectl wait --for=condition=Ready pod/web
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              "condition met": the object was read, and watched where it had to be, until the condition held.
            $ kubectl logs web
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              GET /api/v1/namespaces/default/pods/web/log?container=web 200: Has the log of Pod web handed over. The API server fetches it from the kubelet of the node.
              What is printed is what a process in the container wrote. kubectl hands it on as it is.
            $ kubectl debug web --image=busybox:1.36 --target=web -- sleep 5
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              PATCH /api/v1/namespaces/default/pods/web/ephemeralcontainers 200: Adds a container to Pod web, through the subresource ephemeralcontainers. The other containers of a Pod cannot be changed any more.
              "Targeting container": the new container shares the PID Linux namespace of that container, so it sees its processes.
              "Defaulting debug container name": a Pod's containers need names that differ, so kubectl made one up.
            $ kubectl debug node/node-1 --image=busybox:1.36 -- sleep 5
              GET /api/v1/nodes/node-1 200: Reads Node node-1.
              POST /api/v1/namespaces/default/pods 201: Has a new object of kind Pod made from what it sends.
              "Creating debugging pod": a Node is no Pod to be entered. kubectl made a Pod on it. As far as the profile allows, that Pod uses the Node's own Linux namespaces, and it has the Node's file system under /host. It stays until somebody deletes it.
            $ kubectl delete pod web
              DELETE /api/v1/namespaces/default/pods/web 200: Has Pod web deleted.
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              GET /api/v1/namespaces/default/pods?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dweb&watch=true 200: Wants to be told of every change to Pod objects that match.
              "deleted": the API server took the request. kubectl waits until the object is gone, unless it is told not to.
            $ kubectl get pods -n kube-public
              GET /api/v1/namespaces/kube-public/pods?limit=500 200: Reads all Pod objects that match.
              "No resources found": the list that came back was empty. That is no failure.
            $ kubectl create deployment x --image=nginx --dry-run=client -o yaml
            $ kubectl create cm made --from-literal=a=b
              POST /api/v1/namespaces/default/configmaps?fieldManager=kubectl-create&fieldValidation=Strict 201: Has a new object of kind ConfigMap made from what it sends.
              "created": all of it was sent (POST), and the API server stored it.
            $ kubectl get cm made -o yaml
              GET /api/v1/namespaces/default/configmaps/made 200: Reads ConfigMap made.
              That is the object as the API server has it, with every field that it filled in.
            $ kubectl get cm made -o jsonpath='{.data.a}'
              GET /api/v1/namespaces/default/configmaps/made 200: Reads ConfigMap made.
              "-o jsonpath": the answer held whole objects. kubectl itself picked from them what the path names, and printed no line break that the path does not ask for.
            $ kubectl get cm -o custom-columns=NAME:.metadata.name
              GET /api/v1/namespaces/default/configmaps?limit=500 200: Reads all ConfigMap objects that match.
              "-o custom-columns": the answer held whole objects. kubectl itself made one column of each path. <none> means that the path leads to nothing.
            $ kubectl get cm made -o name
              GET /api/v1/namespaces/default/configmaps/made 200: Reads ConfigMap made.
              "-o name": of each object only its kind and its name are printed, as other commands take them.
            $ kubectl explain pod.spec.hostPID
              GET /openapi/v3?timeout=32s 200: Asks what the server itself knows.
              GET /openapi/v3/api/v1?timeout=32s 200: Asks what the server itself knows.
              "DESCRIPTION:": a real cluster has a text about each field here. Those texts are Kubernetes' own, and Podium does not hold them. What a field means is told in the editor, where the pointer rests on it.
            $ kubectl exec made -- true
              GET /api/v1/namespaces/default/pods/made 404: Reads Pod made.
              "Error from server": the API server refused. What stands in brackets is its reason, and behind the colon are its words.
              Exit code 1: not 0, which a script can ask for.
            $ echo x created; echo kubectl
              The shell did this by itself, without kubectl and without the API server.
            $ nosuch
              The shell did this by itself, without kubectl and without the API server.
              "podium:" is a limit of this simulation. The real one would not say so.
              Exit code 127: there is no such command here.
        "#]].assert_eq(&told(&[
            "kubectl apply -f web.yaml",
            "kubectl apply -f web.yaml",
            "kubectl get pods",
            "kubectl get pod nosuch",
            "kubectl get nosuch",
            "kubectl wait --for=condition=Ready pod/web",
            "kubectl logs web",
            "kubectl debug web --image=busybox:1.36 --target=web -- sleep 5",
            "kubectl debug node/node-1 --image=busybox:1.36 -- sleep 5",
            "kubectl delete pod web",
            "kubectl get pods -n kube-public",
            "kubectl create deployment x --image=nginx --dry-run=client -o yaml",
            "kubectl create cm made --from-literal=a=b",
            "kubectl get cm made -o yaml",
            "kubectl get cm made -o jsonpath='{.data.a}'",
            "kubectl get cm -o custom-columns=NAME:.metadata.name",
            "kubectl get cm made -o name",
            "kubectl explain pod.spec.hostPID",
            "kubectl exec made -- true",
            "echo x created; echo kubectl",
            "nosuch",
        ]));
    }
}
