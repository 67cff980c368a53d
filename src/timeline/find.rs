//! Moments found by words: what is told, Events, changes of state, signals and commands.
//!
//! Words of any language find, whatever language the page speaks: `find.txt` of each has the words by which Kubernetes' own
//! are asked for.

use super::beats::{Sentence, Story};
use super::history::History;
use crate::api::objects::{Condition, ConditionStatus, ContainerState, ContainerStatus, Pod};
use crate::api::{Kind, Object};
use crate::cluster::record::{Change, Fact, Record};
use crate::cluster::time::SimTime;
use crate::msg;
use crate::value::Str;
use crate::words::{self, Language};
use std::collections::BTreeSet;

/// More moments than these are not looked through.
const MOST: usize = 40_000;

/// A moment that can be gone to.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When.
    pub at: SimTime,
    /// What it is called.
    pub say: Label,
    /// What it is found by, in lower case.
    hay: String,
}

/// What a moment is called.
#[derive(Clone, Debug, PartialEq)]
pub enum Label {
    /// A sentence, in the language of who reads it.
    Said(Sentence),
    /// Words of Kubernetes, which are never translated.
    Plain(Str),
}

impl Label {
    /// As it is read.
    pub fn text(&self, language: Language) -> String {
        match self {
            Label::Said(sentence) => words::text(language, sentence.id, &sentence.args),
            Label::Plain(text) => text.to_string(),
        }
    }
}

/// All moments of a run that words can find.
#[derive(Clone, Debug, Default)]
pub struct Index {
    moments: Vec<Moment>,
    /// The words by which something is asked for.
    groups: Vec<Group>,
}

impl Index {
    /// The moments of a run.
    pub fn new(history: &History, story: &Story) -> Index {
        let mut moments: Vec<Moment> = story
            .beats
            .iter()
            .map(|beat| moment(beat.to, Label::Said(beat.say.clone()), ""))
            .take(MOST)
            .collect();
        for record in history.records() {
            if moments.len() >= MOST {
                break;
            }
            add(history, record, &mut moments);
        }
        moments.sort_by_key(|moment| moment.at);
        Index { moments, groups: groups() }
    }
    /// The moments until one of them alone.
    pub fn until(mut self, at: SimTime) -> Index {
        self.moments.retain(|moment| moment.at <= at);
        self
    }
    /// What the words of a query find, in the order of time; `first` and `last`, in any language, find one alone.
    pub fn find(&self, query: &str) -> Vec<&Moment> {
        let query = query.to_lowercase();
        let mut end = None;
        let mut wanted: Vec<Vec<String>> = Vec::new();
        for word in query.split_whitespace() {
            let groups: Vec<&Group> =
                self.groups.iter().filter(|group| group.asked.iter().any(|known| known == word)).collect();
            match groups.iter().map(|group| group.id).find(|id| matches!(*id, "find.first" | "find.last")) {
                Some(id) => end = Some(id),
                None => {
                    let mut same = vec![word.to_owned()];
                    same.extend(groups.into_iter().flat_map(|group| group.found.clone()));
                    wanted.push(same);
                }
            }
        }
        if wanted.is_empty() && end.is_none() {
            return Vec::new();
        }
        let holds =
            |moment: &&Moment| wanted.iter().all(|same| same.iter().any(|word| begins(&moment.hay, word)));
        let mut found = self.moments.iter().filter(holds);
        match end {
            Some("find.first") => found.next().into_iter().collect(),
            Some(_) => found.next_back().into_iter().collect(),
            None => found.collect(),
        }
    }
}

/// Whether a word of a text begins so: `ready` is in `Ready True`, and not in `ContainersReady True`.
fn begins(hay: &str, word: &str) -> bool {
    hay.match_indices(word).any(|(at, _)| !hay[..at].ends_with(char::is_alphanumeric))
}

/// Words that ask for the same.
#[derive(Clone, Debug)]
struct Group {
    id: &'static str,
    /// Any of these asks for it, in any language.
    asked: BTreeSet<String>,
    /// These find it: the same, and after a `>` those that ask for less. Who asks for SIGKILL does not want SIGTERM.
    found: BTreeSet<String>,
}

/// Each group, in all languages together.
fn groups() -> Vec<Group> {
    let group = |id: &'static str| {
        let mut group = Group { id, asked: BTreeSet::new(), found: BTreeSet::new() };
        for language in Language::ALL {
            let text = words::text(*language, id, &[]).to_lowercase();
            let (asked, less) = text.split_once('>').unwrap_or((&text, ""));
            group.asked.extend(asked.split_whitespace().map(str::to_owned));
            group.found.extend([asked, less].into_iter().flat_map(str::split_whitespace).map(str::to_owned));
        }
        group
    };
    words::ids("find.").map(group).collect()
}

fn moment(at: SimTime, say: Label, more: &str) -> Moment {
    let hay = match &say {
        Label::Plain(text) => text.to_lowercase(),
        Label::Said(_) => {
            let said: Vec<String> =
                Language::ALL.iter().map(|language| say.text(*language).to_lowercase()).collect();
            said.join(" ")
        }
    };
    Moment { at, say, hay: format!("{hay} {}", more.to_lowercase()) }
}

fn add(history: &History, record: &Record, moments: &mut Vec<Moment>) {
    let at = record.time;
    match &record.fact {
        Fact::Object { object: Object::Event(event), change: Change::Added | Change::Modified } => {
            let about = &event.involved_object;
            let text = format!("{} · {} {}: {}", event.reason, about.kind, about.name, event.message);
            moments.push(moment(at, Label::Plain(text.into()), &event.kind));
        }
        // What the cluster begins with is no news.
        Fact::Object { object, change } if at > SimTime::ZERO && is_told(object.kind()) => {
            let before = before(history, record, object);
            changes(object, *change, before, |say, more| moments.push(moment(at, say, more)));
        }
        Fact::Signal(id, signal) => {
            let view = history.at(at);
            if let Some(container) = view.container(*id) {
                let args = [
                    ("signal", (*signal).into()),
                    ("container", (&container.name).into()),
                    ("pod", (&container.pod.name).into()),
                ];
                let say = Sentence::new(msg!("moment.signal"), args);
                moments.push(moment(at, Label::Said(say), ""));
            }
        }
        Fact::CommandBegins(_, line) => {
            moments.push(moment(at, Label::Plain(format!("$ {line}").into()), "command"));
        }
        _ => {}
    }
}

fn is_told(kind: Kind) -> bool {
    !matches!(kind, Kind::Lease | Kind::Endpoints | Kind::ControllerRevision)
}

/// The state of an object before a record.
fn before<'a>(history: &'a History, record: &Record, object: &Object) -> Option<&'a Object> {
    let versions = history.versions(&object.key().into());
    let place = versions.partition_point(|version| version.record < record.id).checked_sub(1)?;
    match &history.record(versions[place].record)?.fact {
        Fact::Object { change: Change::Added | Change::Modified, object } => Some(object),
        _ => None,
    }
}

/// What a new state of an object tells that the one before did not.
fn changes(object: &Object, change: Change, before: Option<&Object>, mut tell: impl FnMut(Label, &str)) {
    let meta = object.meta();
    let name = format!("{} {}", object.kind().info().name, meta.name);
    let said = |id: &'static str| {
        let args = [("kind", object.kind().info().name.into()), ("name", (&meta.name).into())];
        Label::Said(Sentence::new(id, args))
    };
    match (change, before) {
        (Change::Deleted, _) => return tell(said(msg!("moment.gone")), "deleted"),
        (_, None) => tell(said(msg!("moment.there")), "created"),
        _ => {}
    }
    if meta.is_terminating() && before.is_some_and(|before| !before.meta().is_terminating()) {
        tell(said(msg!("moment.terminating")), "terminating deletiontimestamp deleted");
    }
    let old = before.map_or(&[][..], conditions);
    for condition in conditions(object) {
        let was = old.iter().find(|old| old.kind == condition.kind).and_then(|old| old.status);
        let is_told = match (was, condition.status) {
            (was, now) if was == now => false,
            // That something does not hold yet is no news.
            (None, Some(ConditionStatus::False)) => false,
            _ => true,
        };
        if is_told {
            let status = condition.status.map_or("Unknown", |status| status.as_str());
            let reason =
                if condition.reason.is_empty() { String::new() } else { format!(" · {}", condition.reason) };
            tell(Label::Plain(format!("{name}: {} {status}{reason}", condition.kind).into()), "condition");
        }
    }
    if let Object::Pod(pod) = object {
        let old = match before {
            Some(Object::Pod(old)) => Some(&**old),
            _ => None,
        };
        pod_changes(pod, old, &name, tell);
    }
}

fn pod_changes(pod: &Pod, old: Option<&Pod>, name: &str, mut tell: impl FnMut(Label, &str)) {
    if let Some(phase) = pod.status.phase.filter(|phase| old.and_then(|old| old.status.phase) != Some(*phase))
    {
        tell(Label::Plain(format!("{name}: phase {}", phase.as_str()).into()), "");
    }
    let node = &pod.spec.node_name;
    if !node.is_empty() && old.is_some_and(|old| old.spec.node_name.is_empty()) {
        tell(Label::Plain(format!("{name}: spec.nodeName {node}").into()), "scheduled");
    }
    let all = |pod: &Pod| -> Vec<ContainerStatus> {
        pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses).cloned().collect()
    };
    let before = old.map(all).unwrap_or_default();
    for status in all(pod) {
        let was = before.iter().find(|was| was.name == status.name).map(|was| state(&was.state));
        let now = state(&status.state);
        if !now.is_empty() && was.as_ref() != Some(&now) {
            tell(Label::Plain(format!("{name}: {} {now}", status.name).into()), "container");
        }
    }
}

/// The state of a container in kubectl's words; nothing where it only waits to begin.
fn state(state: &ContainerState) -> String {
    if let Some(ended) = &state.terminated {
        return format!("terminated · {} · exit {}", ended.reason, ended.exit_code);
    }
    if state.running.is_some() {
        return "running".to_owned();
    }
    let reason = state.waiting.as_ref().map_or("", |waiting| &*waiting.reason);
    if reason.is_empty() { String::new() } else { format!("waiting · {reason}") }
}

fn conditions(object: &Object) -> &[Condition] {
    match object {
        Object::Pod(it) => &it.status.conditions,
        Object::Deployment(it) => &it.status.conditions,
        Object::ReplicaSet(it) => &it.status.conditions,
        Object::Job(it) => &it.status.conditions,
        Object::Node(it) => &it.status.conditions,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::timeline::{Act, Start, Timeline};

    const APP: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: nginx:1.25, readinessProbe: {httpGet: {port: 80}}}]}
";

    fn timeline() -> Timeline {
        let files = [("app.yaml".into(), APP.into())].into();
        let mut timeline =
            Timeline::new(Start { setup: Setup::with_seed(1), namespace: "default".into(), files });
        for (at, line) in [(0, "kubectl apply -f app.yaml"), (60_000, "kubectl delete pod web")] {
            timeline.act(SimTime::millis(at), Act::Command(line.into()));
            while timeline.record(SimTime::millis(at), 10_000) {}
        }
        timeline
    }

    fn found(query: &str) -> Vec<(SimTime, String)> {
        let timeline = timeline();
        let index = Index::new(timeline.history(), timeline.story());
        let found = index.find(query).into_iter();
        found.map(|moment| (moment.at, moment.say.text(Language::En))).collect()
    }

    #[test]
    fn the_first_ready_is_where_the_condition_becomes_true() {
        let first = found("first Ready");
        assert_eq!(first.len(), 1);
        let timeline = timeline();
        let view = timeline.at(first[0].0);
        let pod = view.get::<Pod>("default", "web").expect("it is there");
        assert!(crate::api::conditions::are_containers_ready(pod), "{first:?}");
        let early = timeline.at(SimTime(first[0].0.0 - 1));
        let pod = early.get::<Pod>("default", "web").expect("it is there");
        assert!(!crate::api::conditions::are_containers_ready(pod), "{first:?}");
        assert_eq!(found("처음 준비"), first, "in another language");
        assert_eq!(found("첫 ready"), first, "and in both at once");
    }

    #[test]
    fn signals_reasons_and_commands_are_found() {
        let quit = found("sigquit");
        assert!(
            quit.iter().any(|(at, text)| text.contains("SIGQUIT") && *at >= SimTime::millis(60_000)),
            "{quit:?}"
        );
        assert_eq!(found("신호").len(), found("signal").len());
        assert!(found("signal").iter().any(|moment| quit.contains(moment)), "any signal is one");
        assert_eq!(found("sigkill"), [], "and no other signal");
        assert!(!found("pulled web").is_empty());
        let commands: Vec<String> = found("$ kubectl").into_iter().map(|(_, text)| text).collect();
        assert_eq!(commands, ["$ kubectl apply -f app.yaml", "$ kubectl delete pod web"]);
        assert!(found("last pod web")[0].1.contains("gone"));
        assert_eq!(found("nothing-of-this"), []);
        assert_eq!(found("  "), []);
    }

    #[test]
    fn what_is_found_is_in_the_order_of_time() {
        let all = found("web");
        assert!(all.len() > 8 && all.is_sorted_by_key(|(at, _)| *at), "{all:#?}");
    }
}
