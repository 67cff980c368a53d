//! Why something is so: the chain of causes of a record, told by the beats that it goes through.

use super::beats::{Beat, Story};
use super::history::History;
use super::reasons::further;
use super::target::Target;
use super::view::View;
use crate::api::ObjectKey;
use crate::cluster::record::{Actor, ClientId, Fact, MessageKind, Record, RecordId};
use crate::value::Str;

/// A chain of causes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why<'a> {
    /// The command that it began with, where somebody gave one.
    pub command: Option<ClientId>,
    /// What that command wrote from a file, where it is one that does so.
    pub applied: Option<Applied>,
    /// The steps from there to the record, in their order.
    pub beats: Vec<&'a Beat>,
}

/// An object that a command has written from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The object.
    pub key: ObjectKey,
    /// The files and folders that the command names, as it names them.
    pub files: Vec<Str>,
}

impl Story {
    /// Why a record is as it is: what a person did, and each step that followed from it and led there.
    pub fn why(&self, history: &History, id: RecordId) -> Why<'_> {
        let mut why = Why::default();
        self.add_chain(&mut why, history, id);
        why.in_order()
    }
    /// Why something is as it is at a moment, or why it went; nothing where no record knows of it by then.
    pub fn why_of(&self, view: View, target: &Target) -> Option<Why<'_>> {
        let asked = view.asked(target)?;
        let mut why = Why::default();
        self.add_chain(&mut why, view.history(), asked.id);
        for id in further(view, target) {
            self.add_chain(&mut why, view.history(), id);
        }
        Some(why.in_order())
    }
    fn add_chain<'a>(&'a self, why: &mut Why<'a>, history: &History, id: RecordId) {
        let mut written = None;
        for record in history.causes(id) {
            // The nearest: a command that applies several objects waits for each before the next.
            if written.is_none() {
                written = by_command(record);
            }
            if let Fact::CommandBegins(client, line) = &record.fact
                && why.command.is_none()
            {
                why.command = Some(*client);
                let files = files(line);
                why.applied = written
                    .take()
                    .filter(|_| !files.is_empty())
                    .map(|key| Applied { key: key.clone(), files });
            }
            let tells = |beat: &&Beat| beat.records.contains(&record.id);
            why.beats.extend(self.beats.iter().find(tells));
        }
    }
}

impl Why<'_> {
    /// One step may tell of several records of a chain.
    fn in_order(mut self) -> Self {
        self.beats.sort_by_key(|beat| beat.index);
        self.beats.dedup_by_key(|beat| beat.index);
        self
    }
}

/// What a command writes with a request.
fn by_command(record: &Record) -> Option<&ObjectKey> {
    match (&record.fact, record.actor) {
        (Fact::Message(message), Actor::Kubectl(_)) => match &message.kind {
            MessageKind::Request(request) if request.is_write() => Some(&request.key),
            _ => None,
        },
        _ => None,
    }
}

/// The files that a command line has objects written from.
fn files(line: &str) -> Vec<Str> {
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['\'', '"']));
    if !words.clone().any(|word| matches!(word, "apply" | "create" | "replace")) {
        return Vec::new();
    }
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let named = match word {
            "-f" | "--filename" => words.next(),
            _ => word.strip_prefix("--filename=").or_else(|| word.strip_prefix("-f=")).or_else(|| {
                // `-fweb.yaml`, and no other flag that begins so.
                word.strip_prefix("-f").filter(|name| name.contains('.'))
            }),
        };
        found.extend(named.into_iter().flat_map(|names| names.split(',')).map(Str::from));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::api::Kind;
    use crate::cluster::setup::Setup;
    use crate::cluster::time::SimTime;
    use crate::kubectl::Files;
    use crate::timeline::{Act, RowKey, Start, Timeline};

    #[test]
    fn a_pod_runs_because_of_the_command_and_all_that_followed() {
        let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector:\n    \
                   matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        app: web\n    \
                   spec:\n      containers:\n      - name: web\n        image: nginx:1.25\n";
        let files = Files::from([("web.yaml".into(), pod.into())]);
        let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
        let mut timeline = Timeline::new(start);
        timeline.act(SimTime::ZERO, Act::Command("kubectl apply -f web.yaml".into()));
        while timeline.record(SimTime::ZERO, 1_000) {}
        let (history, story) = (timeline.history(), timeline.story());
        let view = timeline.at(history.end());
        let pod = view.objects(Kind::Pod, None).next().expect("it runs");
        let why = story.why(history, view.row(&RowKey::Object(pod.key())).expect("it is there").id);
        assert!(why.command.is_some());
        let told: Vec<&str> = why.beats.iter().map(|beat| beat.say.id).collect();
        expect_test::expect![[r#"
            say.apply-sent
            say.object-created
            say.replica-set-created
            say.pods-created
            say.pod-scheduled
            say.kubelet-told
            say.pause-started
            say.image-pulling
            say.container-started
            say.pod-ready"#]]
        .assert_eq(&told.join("\n"));
    }
}
