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
    /// When its answer was back, and the HTTP status of that; none while it is under way.
    pub answer: Option<(SimTime, u16)>,
    /// What it is for.
    pub sentence: Sentence,
    /// How often it was asked one after the other: what waits for something asks again and again.
    pub times: usize,
}

/// What a command has asked until the moment of a view.
pub fn asked(view: View, command: &CommandView) -> Vec<Asked> {
    let actor = Actor::Kubectl(command.client);
    let mut out: Vec<Asked> = Vec::new();
    // The requests without an answer: which record, and which of those above.
    let mut open: Vec<(RecordId, usize)> = Vec::new();
    let mut made: Vec<RecordId> = Vec::new();
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
                            answer: None,
                            sentence: purpose(request),
                            times: 1,
                        }),
                    }
                    open.push((record.id, out.len() - 1));
                }
                MessageKind::Answer(_, refusal) if message.to == actor => {
                    let place = open.iter().position(|(id, _)| record.cause == Some(*id));
                    let Some((id, place)) = place.map(|place| open.swap_remove(place)) else { continue };
                    let code = match refusal {
                        Some(status) => status.reason.code(),
                        None if made.contains(&id) => 201,
                        None => 200,
                    };
                    out[place].answer = Some((message.arrives, code));
                }
                _ => {}
            },
            Fact::Object { change: Change::Added, .. } => {
                made.extend(record.cause.filter(|cause| open.iter().any(|(id, _)| id == cause)));
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
    ("error: ", "", msg!("asked.says-own")),
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
    ("", " scaled", msg!("asked.says-scaled")),
    ("", " image updated", msg!("asked.says-patched")),
    ("", " rolled back", msg!("asked.says-rolled-back")),
    ("", " restarted", msg!("asked.says-restarted")),
    ("", " deleted", msg!("asked.says-deleted")),
    ("", " deleted from ", msg!("asked.says-deleted")),
    ("", " condition met", msg!("asked.says-met")),
    ("Waiting for ", "", msg!("asked.says-waits")),
    ("apiVersion: ", "", msg!("asked.says-object")),
    ("NAME ", "", msg!("asked.says-table")),
    ("NAMESPACE ", "", msg!("asked.says-table")),
    ("Name: ", "", msg!("asked.says-described")),
];

/// Why a command printed what it has printed, and ended as it did: a sentence for each sort of line, in the order of the lines.
pub fn printed(command: &CommandView, asked: &[Asked]) -> Vec<Sentence> {
    let mut out: Vec<Sentence> = Vec::new();
    let is_kubectl = command.line.contains("kubectl") || command.line.starts_with("k ");
    if asked.is_empty() && command.ended.is_some() {
        let id = if is_kubectl { msg!("asked.says-nothing-asked") } else { msg!("asked.says-shell") };
        out.push(Sentence::new(id, []));
    }
    // What a container wrote is not kubectl's sentence, whatever it looks like.
    let is_containers =
        asked.iter().any(|one| [msg!("asked.logs"), msg!("asked.exec")].contains(&one.sentence.id));
    let mut say = |id: &'static str| {
        if !out.iter().any(|said| said.id == id) {
            out.push(Sentence::new(id, []));
        }
    };
    for (is_error, text) in command.printed() {
        if is_containers && !is_error {
            say(msg!("asked.says-container"));
            continue;
        }
        for line in text.lines().map(str::trim_end) {
            let holds = |end: &str| line.ends_with(end) || end.ends_with(' ') && line.contains(end);
            let row = LINES.iter().find(|(start, end, _)| line.starts_with(start) && holds(end));
            row.into_iter().for_each(|(.., id)| say(id));
        }
    }
    if let Some((_, exit)) = command.ended {
        let id = match exit {
            0 => return out,
            127 => msg!("asked.exit-unknown"),
            130 => msg!("asked.exit-interrupted"),
            _ => msg!("asked.exit-failed"),
        };
        out.push(Sentence::new(id, [("exit", Arg::from(i64::from(exit)))]));
    }
    out
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
                let status = one.answer.map_or(0, |(_, status)| status);
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
              POST /api/v1/namespaces/default/pods?fieldManager=kubectl-client-side-apply&fieldValidation=Strict 201: Has a Pod made from what it sends.
              "created": there was no such object yet (404), so all of it was sent (POST).
            $ kubectl apply -f web.yaml
              GET /openapi/v3?timeout=32s 200: Asks what the server itself knows.
              GET /openapi/v3/api/v1?hash=68B18F35BE87BAB6&timeout=32s 200: Asks what the server itself knows.
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              "unchanged": the object was there and is as it should be, so nothing was sent.
            $ kubectl get pods
              GET /api/v1/namespaces/default/pods?limit=500 200: Reads all Pod objects that match.
              A table is made for people: READY, STATUS and AGE are computed from several fields and stand in none.
            $ kubectl get pod nosuch
              GET /api/v1/namespaces/default/pods/nosuch 404: Reads Pod nosuch.
              "Error from server": the API server refused. What stands in brackets is its reason, and behind the colon are its words.
              Exit code 1: a script sees by it that the command failed.
            $ kubectl get nosuch
              Nothing was asked of the API server: kubectl knew or refused this by itself.
              "error:" without "from server": kubectl itself says so, in its own words.
              Exit code 1: a script sees by it that the command failed.
            $ kubectl wait --for=condition=Ready pod/web
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              "condition met": the object was read, and watched where it had to be, until the condition held.
            $ kubectl logs web
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              GET /api/v1/namespaces/default/pods/web/log?container=web 200: Has the log of Pod web handed over. The API server fetches it from the kubelet of the node.
              What is printed is what a process in the container wrote. kubectl hands it on as it is.
            $ kubectl delete pod web
              DELETE /api/v1/namespaces/default/pods/web 200: Has Pod web deleted.
              GET /api/v1/namespaces/default/pods/web 200: Reads Pod web.
              GET /api/v1/namespaces/default/pods?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dweb&watch=true 200: Wants to be told of every change to Pod objects that match.
              "deleted": the API server took the request. kubectl waits until the object is gone, unless it is told not to.
            $ kubectl get pods
              GET /api/v1/namespaces/default/pods?limit=500 200: Reads all Pod objects that match.
              "No resources found": the list that came back was empty. That is no failure.
            $ echo hello
              The shell did this by itself, without kubectl and without the API server.
            $ nosuch
              The shell did this by itself, without kubectl and without the API server.
              Exit code 127: there is no such command here.
        "#]].assert_eq(&told(&[
            "kubectl apply -f web.yaml",
            "kubectl apply -f web.yaml",
            "kubectl get pods",
            "kubectl get pod nosuch",
            "kubectl get nosuch",
            "kubectl wait --for=condition=Ready pod/web",
            "kubectl logs web",
            "kubectl delete pod web",
            "kubectl get pods",
            "echo hello",
            "nosuch",
        ]));
    }
}
